#include "core/consensus/vote.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/limits.h"

namespace nlbd::consensus {

namespace {

/// A zero hash is nobody's value: nil has a spelling of its own.
std::optional<Hash> readValue(Reader &in)
{
    switch (in.u8()) {
    case 0:
        return std::nullopt;
    case 1:
        break;
    default:
        in.fail();
    }
    const Hash value = in.fixedBytes<Hash>();
    if (value.isZero())
        in.fail();
    return value;
}

bool isSound(const Vote &vote)
{
    if (vote.polka && (!vote.value || *vote.polka >= vote.round))
        return false;
    switch (vote.phase) {
    case Phase::Propose:
        return vote.value.has_value();
    case Phase::Prevote:
        return true;
    case Phase::Precommit:
        return !vote.polka;
    }
    return false;
}

} // namespace

trust::SignJournal::Plane planeOf(Phase phase) noexcept
{
    using Plane = trust::SignJournal::Plane;
    switch (phase) {
    case Phase::Propose:
        return Plane::Propose;
    case Phase::Prevote:
        return Plane::Prevote;
    case Phase::Precommit:
        break;
    }
    return Plane::Precommit;
}

const Domain &domainOf(Phase phase) noexcept
{
    switch (phase) {
    case Phase::Propose:
        return domains::kPropose;
    case Phase::Prevote:
        return domains::kPrevote;
    case Phase::Precommit:
        break;
    }
    return domains::kPrecommit;
}

Bytes Vote::signedPart() const
{
    CHECK(isSound(*this));
    Writer out;
    out.u8(static_cast<std::uint8_t>(phase));
    out.u32(epoch.value);
    out.u32(round.value);
    out.u16(seat.value);
    out.u8(value ? 1 : 0);
    if (value)
        out.fixedBytes(*value);
    if (phase != Phase::Precommit)
        out.u32(polka ? polka->value + 1 : 0);
    return std::move(out).take();
}

Hash Vote::hash() const
{
    return digest(domainOf(phase), signedPart());
}

Bytes Vote::encode() const
{
    Writer out;
    out.raw(signedPart());
    out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<Vote, Code> Vote::decode(ByteView bytes)
{
    Reader in(bytes);
    Vote vote;
    vote.phase = static_cast<Phase>(in.u8());
    vote.epoch = Epoch(in.u32());
    vote.round = Round(in.u32());
    vote.seat = SeatIndex(in.u16());
    vote.value = readValue(in);
    if (vote.phase != Phase::Precommit)
        if (const std::uint32_t next = in.u32(); next > 0)
            vote.polka = Round(next - 1);
    vote.signature = in.fixedBytes<Signature>();
    if (!in.done() || !isSound(vote))
        return std::unexpected(Code::E_CANON);
    if (vote.round.value > limits::kRoundMax || vote.seat.value >= limits::kMembersMax)
        return std::unexpected(Code::E_BOUNDS);
    return vote;
}

bool saySame(const Vote &a, const Vote &b) noexcept
{
    return a.phase == b.phase && a.epoch == b.epoch && a.round == b.round && a.seat == b.seat
        && a.value == b.value && a.polka == b.polka;
}

Vote signVote(const identity::SignatureScheme &scheme, const identity::SecretKey &key,
              const identity::Configuration &configuration, Vote vote)
{
    CHECK(vote.epoch == configuration.epoch && vote.seat.value < configuration.seats.size());
    vote.signature = scheme.sign(key, domainOf(vote.phase), configuration.workspace, vote.hash());
    return vote;
}

bool isSigned(const identity::SignatureScheme &scheme, const identity::Configuration &configuration,
              const Vote &vote)
{
    if (vote.epoch != configuration.epoch || vote.seat.value >= configuration.seats.size())
        return false;
    const identity::Device *device = configuration.device(configuration.seats[vote.seat.value]);
    return device != nullptr
        && scheme.verify(device->key, domainOf(vote.phase), configuration.workspace, vote.hash(),
                         vote.signature);
}

} // namespace nlbd::consensus
