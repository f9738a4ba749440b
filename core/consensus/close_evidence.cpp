#include "core/consensus/close_evidence.h"

#include "core/base/codec.h"
#include "core/consensus/record_domains.h"

namespace nlbd::consensus {

namespace {

/// Continues the numbers of vote_evidence, so that one byte tells all bundles apart.
enum class Kind : std::uint8_t { TwoCloses = 6, CloseAndAck = 7 };

constexpr std::size_t kFrontierBytesMax = 4 + limits::kDevicesMax * (2 + 10 + 32);
constexpr std::size_t kCloseBytesMax = 4 + 2 + 8 + 4 + kFrontierBytesMax + 64;
constexpr std::size_t kAckBytes = 4 + 2 + 8 + 32 + 64;

using Result = trust::CheckedEvidence::Result;

trust::CheckedEvidence doesNotHold(std::string_view why)
{
    return {Result::DoesNotHold, std::nullopt, std::string(why)};
}

Close readClose(Reader &in)
{
    auto close = Close::decode(in.blob(kCloseBytesMax));
    if (!close)
        in.fail();
    return close.value_or(Close{});
}

ShownAck readShown(Reader &in)
{
    auto ack = trust::Ack::decode(in.raw(kAckBytes));
    auto frontier = trust::decodeFrontier(in.blob(kFrontierBytesMax));
    if (!ack || !frontier)
        in.fail();
    return {ack.value_or(trust::Ack{}), frontier.value_or(trust::Frontier{})};
}

bool isSigned(const identity::SignatureScheme &scheme, const identity::Configuration &configuration,
              const Close &close)
{
    // Only the signature: what verify() asks beyond would let a guilty seat choose to be
    // unprovable.
    return close.epoch == configuration.epoch && close.seat.value < configuration.seats.size()
        && scheme.verify(configuration.devices[configuration.seats[close.seat.value].value].key,
                         domains::kClose, configuration.workspace, close.hash(), close.signature);
}

} // namespace

Bytes CloseEvidence::encode() const
{
    Writer out;
    if (const auto *second = std::get_if<Close>(&other)) {
        out.u8(static_cast<std::uint8_t>(Kind::TwoCloses));
        out.blob(close.encode());
        out.blob(second->encode());
    } else {
        const auto &shown = std::get<ShownAck>(other);
        out.u8(static_cast<std::uint8_t>(Kind::CloseAndAck));
        out.blob(close.encode());
        out.raw(shown.ack.encode());
        out.blob(trust::encodeFrontier(shown.frontier));
    }
    return std::move(out).take();
}

std::expected<CloseEvidence, Code> CloseEvidence::decode(ByteView bytes)
{
    if (bytes.size() > 1 + 2 * (4 + kCloseBytesMax))
        return std::unexpected(Code::E_BOUNDS);
    Reader in(bytes);
    const auto kind = static_cast<Kind>(in.u8());
    if (kind != Kind::TwoCloses && kind != Kind::CloseAndAck)
        return std::unexpected(Code::E_CANON);
    CloseEvidence read;
    read.close = readClose(in);
    std::optional<CloseEvidence> evidence;
    if (kind == Kind::TwoCloses) {
        const Close second = readClose(in);
        read.other = second;
        evidence = contradiction(read.close, second);
    } else {
        const ShownAck shown = readShown(in);
        read.other = shown;
        evidence = contradiction(read.close, shown);
    }
    if (!in.done() || !evidence || *evidence != read)
        return std::unexpected(Code::E_CANON);
    return read;
}

std::optional<CloseEvidence> contradiction(const Close &a, const Close &b)
{
    if (a.epoch != b.epoch || a.seat != b.seat || a.hash() == b.hash())
        return std::nullopt;
    const bool isInOrder = a.hash() < b.hash();
    return CloseEvidence{isInOrder ? a : b, isInOrder ? b : a};
}

std::optional<CloseEvidence> contradiction(const Close &close, const ShownAck &shown)
{
    const trust::Ack &ack = shown.ack;
    if (close.epoch != ack.epoch || close.seat != ack.seat
        || trust::rootOf(shown.frontier) != ack.root)
        return std::nullopt;
    // The report repeats the last ack under its number.
    const trust::Ack last{close.epoch, close.seat, close.lastAckNo, close.root(), {}};
    const bool isLate = ack.no > close.lastAckNo;
    if (!isLate && !trust::areContradictory(ack, shown.frontier, last, close.frontier))
        return std::nullopt;
    return CloseEvidence{close, shown};
}

trust::CheckedEvidence check(const CloseEvidence &evidence,
                             const identity::Configuration &configuration,
                             const identity::SignatureScheme &scheme)
{
    const auto *second = std::get_if<Close>(&evidence.other);
    const auto *shown = std::get_if<ShownAck>(&evidence.other);
    const auto found = second != nullptr ? contradiction(evidence.close, *second)
                                         : contradiction(evidence.close, *shown);
    if (!found)
        return doesNotHold("The two records do not contradict each other.");
    if (evidence.close.epoch != configuration.epoch)
        return doesNotHold("The records belong to another epoch.");
    const bool isGood = isSigned(scheme, configuration, evidence.close)
        && (second != nullptr ? isSigned(scheme, configuration, *second)
                              : trust::isSigned(scheme, configuration, shown->ack));
    if (!isGood)
        return doesNotHold("A record in it is not signed by the accused.");
    const DeviceIndex device = configuration.seats[evidence.close.seat.value];
    const identity::Member *member = configuration.memberOf(device);
    const std::string whose = member == nullptr ? "A device" : member->name + "'s device";
    return {Result::Holds, device,
            whose
                + (second != nullptr
                       ? " signed two different reports at the end of one epoch."
                       : " signed a report at the end of an epoch and an acknowledgement that the "
                         "report excludes.")};
}

} // namespace nlbd::consensus
