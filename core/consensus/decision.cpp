#include "core/consensus/decision.h"

#include "core/base/codec.h"
#include "core/consensus/configuration_codec.h"
#include "core/consensus/epoch_change.h"
#include "core/consensus/parts_codec.h"

namespace nlbd::consensus {

namespace {

constexpr Epoch kLastEpoch(UINT32_MAX); ///< none can follow it

std::optional<Value> readValue(Reader &in)
{
    auto value = Value::decode(in.blob(kValueBytesMax));
    if (!value)
        in.fail();
    return value ? std::optional(std::move(*value)) : std::nullopt;
}

bool readProposals(Reader &in, Decision &decision)
{
    for (const Hash &hash : decision.value.proposals) {
        auto proposal = Proposal::decode(in.blob(kProposalBytesMax));
        if (!in.ok() || !proposal || proposal->hash() != hash)
            return false;
        decision.proposals.push_back(std::move(*proposal));
    }
    return true;
}

bool readOffer(Reader &in, Decision &decision)
{
    if (!decision.value.keyOffer)
        return true;
    auto offer = OfferedKey::decode(in.blob(kOfferBytesMax));
    if (!in.ok() || !offer || offer->hash() != *decision.value.keyOffer)
        return false;
    decision.offer = std::move(*offer);
    return true;
}

bool hasBodiesOfValue(const Decision &decision)
{
    const auto isNamed = [](const Proposal &proposal, const Hash &hash) {
        return proposal.hash() == hash;
    };
    const bool hasOffer = decision.offer.has_value() == decision.value.keyOffer.has_value()
        && (!decision.offer || decision.offer->hash() == *decision.value.keyOffer);
    return hasOffer && hashOfHeads(decision.closing) == decision.value.closing
        && std::ranges::equal(decision.proposals, decision.value.proposals, isNamed);
}

} // namespace

Bytes Decision::encode() const
{
    Writer out;
    out.blob(value.encode());
    for (const Proposal &proposal : proposals)
        out.blob(proposal.encode());
    writeHeads(out, closing);
    if (offer)
        out.blob(offer->encode());
    out.blob(certificate);
    return std::move(out).take();
}

std::expected<Decision, Code> Decision::decode(ByteView bytes)
{
    Reader in(bytes);
    Decision decision;
    auto value = readValue(in);
    if (!value)
        return std::unexpected(Code::E_CANON);
    decision.value = std::move(*value);
    if (!readProposals(in, decision))
        return std::unexpected(Code::E_CANON);
    decision.closing = readHeads(in);
    if (!readOffer(in, decision))
        return std::unexpected(Code::E_CANON);
    decision.certificate = copyOf(in.blob(kCertificateBytesMax));
    if (!in.done() || hashOfHeads(decision.closing) != decision.value.closing)
        return std::unexpected(Code::E_CANON);
    return decision;
}

std::expected<identity::Configuration, Code> follow(const identity::Configuration &now,
                                                    const Decision &decision,
                                                    const identity::SignatureScheme &scheme,
                                                    const CertificateCheck &isCertified)
{
    const Value &value = decision.value;
    const Hash hash = value.hash();
    if (value.epoch != now.epoch || value.previousDecision != now.decision
        || now.epoch == kLastEpoch || !hasBodiesOfValue(decision))
        return std::unexpected(Code::E_STRUCT);
    if (!isCertified(now, hash, decision.certificate))
        return std::unexpected(Code::E_SIG);
    std::vector<const Proposal *> proposals;
    for (const Proposal &proposal : decision.proposals) {
        if (const auto verified = verify(proposal, now, scheme); !verified)
            return std::unexpected(verified.error());
        proposals.push_back(&proposal);
    }
    if (decision.offer)
        if (const auto verified = verify(*decision.offer, now, scheme); !verified)
            return std::unexpected(verified.error());
    const auto isKnown = [&](const identity::ChainHead &head) {
        const identity::Device *device = now.device(head.device);
        return device != nullptr && device->mayWrite;
    };
    if (!std::ranges::all_of(decision.closing, isKnown))
        return std::unexpected(Code::E_STRUCT);
    EpochChange change = planChange(now, proposals, decision.closing);
    if (change.needsKey != decision.offer.has_value()
        || change.needsStateRoot != value.stateRoot.has_value())
        return std::unexpected(Code::E_STRUCT);
    const auto commitment =
        decision.offer ? std::optional(decision.offer->commitment) : std::nullopt;
    auto next = finished(std::move(change), commitment, value.stateRoot);
    if (hashOf(next) != value.nextConfiguration)
        return std::unexpected(Code::E_STRUCT);
    return completed(std::move(next), hash);
}

Bytes DecisionConflict::encode() const
{
    Writer out;
    out.blob(first.encode());
    out.blob(firstCertificate);
    out.blob(second.encode());
    out.blob(secondCertificate);
    return std::move(out).take();
}

std::expected<DecisionConflict, Code> DecisionConflict::decode(ByteView bytes)
{
    Reader in(bytes);
    DecisionConflict conflict;
    auto first = readValue(in);
    conflict.firstCertificate = copyOf(in.blob(kCertificateBytesMax));
    auto second = readValue(in);
    conflict.secondCertificate = copyOf(in.blob(kCertificateBytesMax));
    if (!in.done() || !first || !second || first->hash() >= second->hash())
        return std::unexpected(Code::E_CANON);
    conflict.first = std::move(*first);
    conflict.second = std::move(*second);
    return conflict;
}

DecisionConflict conflictOf(const Decision &a, const Decision &b)
{
    const bool isInOrder = a.value.hash() < b.value.hash();
    const Decision &first = isInOrder ? a : b;
    const Decision &second = isInOrder ? b : a;
    return {first.value, first.certificate, second.value, second.certificate};
}

bool holds(const DecisionConflict &conflict, const identity::Configuration &configuration,
           const CertificateCheck &isCertified)
{
    return conflict.first != conflict.second && conflict.first.epoch == configuration.epoch
        && conflict.second.epoch == configuration.epoch
        && isCertified(configuration, conflict.first.hash(), conflict.firstCertificate)
        && isCertified(configuration, conflict.second.hash(), conflict.secondCertificate);
}

} // namespace nlbd::consensus
