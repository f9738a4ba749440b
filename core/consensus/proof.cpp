#include "core/consensus/proof.h"

#include "core/base/codec.h"
#include "core/consensus/certificate.h"

namespace nlbd::consensus {

namespace {

/// By the first byte: core/trust/evidence has 1 to 3, vote_evidence 4 and 5, close_evidence 6, 7.
constexpr std::uint8_t kConflict = 8;

using trust::DoubleAckProof;
using trust::ForkProof;
using trust::InvalidProof;

struct Records {
    std::vector<Bytes> operator()(const ForkProof &p) const
    {
        return {history::encodeSignedHeader(p.first), history::encodeSignedHeader(p.second)};
    }
    std::vector<Bytes> operator()(const DoubleAckProof &p) const
    {
        return {p.first.encode(), p.second.encode()};
    }
    std::vector<Bytes> operator()(const InvalidProof &p) const
    {
        std::vector<Bytes> records{history::encodeFull(p.change)};
        for (const history::SignedHeader &parent : p.parents)
            records.push_back(history::encodeSignedHeader(parent));
        return records;
    }
    std::vector<Bytes> operator()(const trust::Evidence &e) const
    {
        return std::visit(*this, e.proof);
    }
    std::vector<Bytes> operator()(const VoteEvidence &e) const
    {
        return {e.first.encode(), e.second.encode()};
    }
    std::vector<Bytes> operator()(const CloseEvidence &e) const
    {
        const auto *second = std::get_if<Close>(&e.other);
        return {e.close.encode(),
                second != nullptr ? second->encode() : std::get<ShownAck>(e.other).ack.encode()};
    }
    std::vector<Bytes> operator()(const DecisionConflict &e) const
    {
        return {e.first.encode(), e.firstCertificate, e.second.encode(), e.secondCertificate};
    }
};

/// The names of the seats that signed both certificates: never empty, two quorums share some.
std::string namesOfBoth(const DecisionConflict &conflict,
                        const identity::Configuration &configuration)
{
    const auto first = Certificate::decode(conflict.firstCertificate);
    const auto second = Certificate::decode(conflict.secondCertificate);
    std::string names;
    for (const CommitLine &line : first ? first->lines : std::vector<CommitLine>()) {
        const bool isInBoth = second
            && std::ranges::find(second->lines, line.seat, &CommitLine::seat)
                != second->lines.end();
        const identity::Member *member = line.seat.value < configuration.seats.size()
            ? configuration.memberOf(configuration.seats[line.seat.value])
            : nullptr;
        if (isInBoth && member != nullptr)
            names += (names.empty() ? "" : ", ") + member->name;
    }
    return names;
}

trust::CheckedEvidence checkConflict(const DecisionConflict &conflict,
                                     const identity::Configuration &configuration,
                                     const identity::SignatureScheme &scheme)
{
    using Result = trust::CheckedEvidence::Result;
    if (!holds(conflict, configuration, quorumCertificates(scheme)))
        return {Result::DoesNotHold, std::nullopt,
                "These are not two decisions that a quorum signed in this epoch."};
    return {Result::Holds, std::nullopt,
            "Two different decisions end epoch " + std::to_string(conflict.first.epoch.value)
                + ", each with the signatures of a quorum: more members are hostile than the group "
                  "can bear. These signed for both: "
                + namesOfBoth(conflict, configuration) + "."};
}

} // namespace

Code Proof::code() const noexcept
{
    struct CodeOf {
        Code operator()(const trust::Evidence &e) const { return e.code(); }
        Code operator()(const VoteEvidence &e) const { return e.code; }
        Code operator()(const CloseEvidence &) const { return Code::EV_DOUBLE_CLOSE; }
        Code operator()(const DecisionConflict &) const { return Code::EV_CONFLICT_DECISION; }
    };
    return std::visit(CodeOf{}, bundle);
}

Bytes Proof::encode() const
{
    Bytes bytes = std::visit([](const auto &e) { return e.encode(); }, bundle);
    if (std::holds_alternative<DecisionConflict>(bundle))
        bytes.insert(bytes.begin(), std::byte{kConflict});
    return bytes;
}

std::expected<Proof, Code> Proof::decode(ByteView bytes)
{
    if (bytes.size() > kProofBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    if (bytes.empty())
        return std::unexpected(Code::E_CANON);
    const auto wrap = [](auto decoded) -> std::expected<Proof, Code> {
        if (!decoded)
            return std::unexpected(decoded.error());
        return Proof{std::move(*decoded)};
    };
    const auto kind = static_cast<std::uint8_t>(bytes.front());
    if (kind == kConflict)
        return wrap(DecisionConflict::decode(bytes.subspan(1)));
    if (kind >= 6)
        return wrap(CloseEvidence::decode(bytes));
    return kind >= 4 ? wrap(VoteEvidence::decode(bytes)) : wrap(trust::Evidence::decode(bytes));
}

Hash Proof::id() const
{
    return digest(domains::kEvidence, encode());
}

std::optional<Epoch> Proof::seatEpoch() const noexcept
{
    struct EpochOf {
        std::optional<Epoch> operator()(const trust::Evidence &e) const
        {
            const auto *acks = std::get_if<DoubleAckProof>(&e.proof);
            return acks == nullptr ? std::nullopt : std::optional(acks->first.epoch);
        }
        std::optional<Epoch> operator()(const VoteEvidence &e) const { return e.first.epoch; }
        std::optional<Epoch> operator()(const CloseEvidence &e) const { return e.close.epoch; }
        std::optional<Epoch> operator()(const DecisionConflict &e) const { return e.first.epoch; }
    };
    return std::visit(EpochOf{}, bundle);
}

std::optional<DeviceIndex> Proof::device() const noexcept
{
    const auto *evidence = std::get_if<trust::Evidence>(&bundle);
    if (evidence == nullptr)
        return std::nullopt;
    if (const auto *fork = std::get_if<ForkProof>(&evidence->proof))
        return fork->first.header.device;
    const auto *invalid = std::get_if<InvalidProof>(&evidence->proof);
    return invalid == nullptr ? std::nullopt : std::optional(invalid->change.header.device);
}

std::optional<SeatIndex> Proof::seat() const noexcept
{
    struct SeatOf {
        std::optional<SeatIndex> operator()(const trust::Evidence &e) const
        {
            const auto *acks = std::get_if<DoubleAckProof>(&e.proof);
            return acks == nullptr ? std::nullopt : std::optional(acks->first.seat);
        }
        std::optional<SeatIndex> operator()(const VoteEvidence &e) const { return e.first.seat; }
        std::optional<SeatIndex> operator()(const CloseEvidence &e) const { return e.close.seat; }
        std::optional<SeatIndex> operator()(const DecisionConflict &) const { return std::nullopt; }
    };
    return std::visit(SeatOf{}, bundle);
}

std::pair<Code, Code> Proof::kind() const noexcept
{
    const auto *evidence = std::get_if<trust::Evidence>(&bundle);
    const auto *invalid =
        evidence == nullptr ? nullptr : std::get_if<InvalidProof>(&evidence->proof);
    return {code(), invalid == nullptr ? code() : invalid->rule};
}

std::vector<Bytes> Proof::records() const
{
    return std::visit(Records{}, bundle);
}

trust::CheckedEvidence check(const Proof &proof, const identity::Configuration &configuration,
                             const identity::SignatureScheme &scheme)
{
    return std::visit(
        [&](const auto &e) {
            if constexpr (std::is_same_v<std::decay_t<decltype(e)>, DecisionConflict>)
                return checkConflict(e, configuration, scheme);
            else
                return check(e, configuration, scheme);
        },
        proof.bundle);
}

CertificateCheck quorumCertificates(const identity::SignatureScheme &scheme)
{
    return
        [&scheme](const identity::Configuration &configuration, const Hash &value, ByteView bytes) {
            const auto certificate = Certificate::decode(bytes);
            return certificate && certificate->value == value
                && certificate->verify(scheme, configuration).has_value();
        };
}

} // namespace nlbd::consensus
