#include "core/consensus/vote_evidence.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/mutant.h"

#include <map>

namespace nlbd::consensus {

namespace {

/// Continues the numbers of core/trust/evidence, so that one byte tells all bundles apart.
enum class Kind : std::uint8_t { DoubleVote = 4, Amnesia = 5 };

using Result = trust::CheckedEvidence::Result;

bool isAmnesia(const Vote &precommit, const Vote &prevote)
{
    if (precommit.phase != Phase::Precommit || prevote.phase != Phase::Prevote)
        return false;
    const bool isOther = precommit.value && prevote.value
        && (precommit.value != prevote.value || NLBD_MUTANT("accuse-same-value"));
    const bool isReasoned = prevote.polka && *prevote.polka > precommit.round;
    return isOther && (prevote.round > precommit.round || NLBD_MUTANT("accuse-any-order"))
        && (!isReasoned || NLBD_MUTANT("accuse-whoever-changes"));
}

Vote readVote(Reader &in)
{
    auto vote = Vote::decode(in.blob(kVoteBytesMax));
    if (!vote)
        in.fail();
    return vote.value_or(Vote{});
}

trust::CheckedEvidence doesNotHold(std::string_view why)
{
    return {Result::DoesNotHold, std::nullopt, std::string(why)};
}

std::string sentenceOf(const VoteEvidence &evidence, const std::string &whose)
{
    const std::string round = std::to_string(evidence.first.round.value);
    if (evidence.code == Code::EV_DOUBLE_VOTE)
        return whose + " signed two contradictory votes in round " + round + ".";
    return whose + " committed itself in round " + round + " and voted against it in round "
        + std::to_string(evidence.second.round.value) + " without a reason.";
}

} // namespace

Bytes VoteEvidence::encode() const
{
    Writer out;
    out.u8(
        static_cast<std::uint8_t>(code == Code::EV_DOUBLE_VOTE ? Kind::DoubleVote : Kind::Amnesia));
    out.blob(first.encode());
    out.blob(second.encode());
    return std::move(out).take();
}

std::expected<VoteEvidence, Code> VoteEvidence::decode(ByteView bytes)
{
    if (bytes.size() > 1 + 2 * (2 + kVoteBytesMax))
        return std::unexpected(Code::E_BOUNDS);
    Reader in(bytes);
    const auto kind = static_cast<Kind>(in.u8());
    const Vote first = readVote(in);
    const Vote second = readVote(in);
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    const auto evidence = contradiction(first, second);
    const Code code = kind == Kind::DoubleVote ? Code::EV_DOUBLE_VOTE : Code::EV_AMNESIA;
    const bool isKnown = kind == Kind::DoubleVote || kind == Kind::Amnesia;
    if (!isKnown || !evidence || evidence->code != code || evidence->first != first)
        return std::unexpected(Code::E_CANON);
    return *evidence;
}

Hash VoteEvidence::id() const
{
    return digest(domains::kEvidence, encode());
}

std::optional<VoteEvidence> contradiction(const Vote &a, const Vote &b)
{
    if (a.epoch != b.epoch || a.seat != b.seat)
        return std::nullopt;
    if (a.phase == b.phase && a.round == b.round) {
        if (saySame(a, b))
            return std::nullopt;
        const bool isInOrder = a.hash() < b.hash();
        return VoteEvidence{Code::EV_DOUBLE_VOTE, isInOrder ? a : b, isInOrder ? b : a};
    }
    if (isAmnesia(a, b))
        return VoteEvidence{Code::EV_AMNESIA, a, b};
    if (isAmnesia(b, a))
        return VoteEvidence{Code::EV_AMNESIA, b, a};
    return std::nullopt;
}

trust::CheckedEvidence check(const VoteEvidence &evidence,
                             const identity::Configuration &configuration,
                             const identity::SignatureScheme &scheme)
{
    const auto found = contradiction(evidence.first, evidence.second);
    if (!found || found->code != evidence.code)
        return doesNotHold("The two votes do not contradict each other.");
    if (evidence.first.epoch != configuration.epoch)
        return doesNotHold("The votes belong to another epoch.");
    const bool isForged = !isSigned(scheme, configuration, evidence.first)
        || !isSigned(scheme, configuration, evidence.second);
    if (isForged && !NLBD_MUTANT("evidence-unchecked"))
        return doesNotHold("A vote in it is not signed by the accused.");
    const DeviceIndex device = configuration.seats[evidence.first.seat.value];
    const identity::Member *member = configuration.memberOf(device);
    return {Result::Holds, device,
            sentenceOf(evidence, member == nullptr ? "A device" : member->name + "'s device")};
}

std::vector<VoteEvidence> contradictionsAmong(std::span<const Vote> votes)
{
    std::map<SeatIndex, std::vector<const Vote *>> bySeat;
    for (const Vote &vote : votes)
        bySeat[vote.seat].push_back(&vote);
    const auto firstOf = [](const std::vector<const Vote *> &own) -> std::optional<VoteEvidence> {
        for (std::size_t i = 0; i < own.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (auto found = contradiction(*own[i], *own[j]))
                    return found;
        return std::nullopt;
    };
    std::vector<VoteEvidence> result;
    for (const auto &[seat, own] : bySeat)
        if (auto found = firstOf(own))
            result.push_back(std::move(*found));
    return result;
}

} // namespace nlbd::consensus
