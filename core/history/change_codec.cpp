#include "core/history/change_codec.h"

#include "core/base/codec.h"
#include "core/history/header_rules.h"

#include <limits>

namespace nlbd::history {

namespace {

/// More than a valid change may name, so that too many deps are judged with their signature; few
/// enough to be read without thought.
constexpr std::uint8_t kDepsReadMax = 64;

constexpr std::byte kDecidedBit{0x80}; // of the kind

/// A reader that remembers whether a limit of the format was what failed.
struct HeaderReader {
    Reader in;
    bool isTooLarge = false;

    [[nodiscard]] Code failure() const { return isTooLarge ? Code::E_BOUNDS : Code::E_CANON; }

    void refuseAbove(std::uint64_t value, std::uint64_t max)
    {
        if (in.ok() && value > max) {
            isTooLarge = true;
            in.fail();
        }
    }
    template <typename Number>
    [[nodiscard]] Number strongVarint()
    {
        using Rep = decltype(Number::value);
        return Number(static_cast<Rep>(in.varint(std::numeric_limits<Rep>::max())));
    }
    [[nodiscard]] ChangeKind kind()
    {
        const std::uint8_t number = in.u8();
        if (number != static_cast<std::uint8_t>(ChangeKind::Edit)
            && number != static_cast<std::uint8_t>(ChangeKind::Undo))
            in.fail();
        return static_cast<ChangeKind>(number);
    }
    [[nodiscard]] Seq seq()
    {
        const Seq number = strongVarint<Seq>();
        if (number == Seq(0))
            in.fail();
        return number;
    }
    [[nodiscard]] std::uint8_t depCount()
    {
        const std::uint8_t count = in.u8();
        refuseAbove(count, kDepsReadMax);
        return count;
    }
    [[nodiscard]] Bytes payload()
    {
        const std::uint64_t length = in.varint(UINT32_MAX);
        refuseAbove(length, limits::kPayloadBytesMax);
        return copyOf(in.raw(static_cast<std::size_t>(length)));
    }
    [[nodiscard]] std::uint16_t opCount(std::uint64_t count)
    {
        refuseAbove(count, limits::kOpsMax);
        return static_cast<std::uint16_t>(count);
    }
};

ChangeHeader readHeader(HeaderReader &reader)
{
    Reader &in = reader.in;
    ChangeHeader header;
    header.kind = reader.kind();
    header.device = DeviceIndex(in.u16());
    header.seq = reader.seq();
    header.prev = in.fixedBytes<Hash>();
    header.epoch = Epoch(in.u32());
    const std::uint8_t count = reader.depCount();
    for (std::uint8_t i = 0; i < count && in.ok(); ++i) {
        DepRef dep;
        dep.device = DeviceIndex(in.u16());
        dep.seq = reader.seq();
        dep.hash = in.fixedBytes<Hash>();
        header.deps.push_back(dep);
    }
    header.lamport = Lamport(in.varint());
    header.wallMs = in.i64();
    header.doc = DocIndex(in.u32());
    header.keyEpoch = KeyEpoch(in.u16());
    header.opCount = reader.opCount(in.u16());
    header.payloadBytes = in.u32();
    reader.refuseAbove(header.payloadBytes, limits::kPayloadBytesMax);
    header.payloadHash = in.fixedBytes<Hash>();
    return header;
}

bool readCover(HeaderReader &reader, std::vector<SignedHeader> &cover)
{
    const std::uint64_t links = reader.in.varint(limits::kRangeChangesMax);
    if (links == 0)
        reader.in.fail();
    for (std::uint64_t left = links; left > 0 && reader.in.ok(); --left) {
        SignedHeader link;
        link.header = readHeader(reader);
        link.signature = reader.in.fixedBytes<Signature>();
        cover.push_back(std::move(link));
    }
    return reader.in.ok();
}

/// The receiver's part of the short form: everything that follows from the parents and the payload.
/// False if a parent is not held.
bool reconstruct(UnverifiedChange &change, const ParentLookup &parent,
                 const std::function<std::optional<Hash>(DeviceIndex)> &admittedBy)
{
    ChangeHeader &header = change.header;
    Lamport highest;
    if (header.seq == Seq(1)) {
        const std::optional<Hash> decision = admittedBy(header.device);
        if (!decision)
            return false;
        header.prev = *decision;
    } else {
        const auto prev = parent(header.device, Seq(header.seq.value - 1));
        if (!prev)
            return false;
        header.prev = prev->hash;
        highest = prev->lamport;
    }
    for (DepRef &dep : header.deps) {
        const auto known = parent(dep.device, dep.seq);
        if (!known)
            return false;
        dep.hash = known->hash;
        highest = std::max(highest, known->lamport);
    }
    header.lamport = lamportAfter(highest).value_or(Lamport(0));
    header.payloadBytes = static_cast<std::uint32_t>(change.payload.size());
    header.payloadHash = digest(domains::kPayload, change.payload);
    change.hash = header.hash();
    return true;
}

} // namespace

Bytes encodeFull(const UnverifiedChange &change)
{
    Writer out;
    out.raw(change.header.encode());
    out.fixedBytes(change.signature);
    out.blob(change.payload);
    if (!change.cover.empty()) {
        out.varint(change.cover.size());
        for (const SignedHeader &link : change.cover) {
            out.raw(link.header.encode());
            out.fixedBytes(link.signature);
        }
    }
    return std::move(out).take();
}

std::expected<UnverifiedChange, Code> decodeFull(ByteView bytes)
{
    HeaderReader reader{Reader(bytes)};
    UnverifiedChange change;
    change.header = readHeader(reader);
    const ByteView header = bytes.first(bytes.size() - reader.in.left());
    change.signature = reader.in.fixedBytes<Signature>();
    change.payload = reader.payload();
    if (reader.in.ok() && reader.in.left() > 0 && !readCover(reader, change.cover))
        return std::unexpected(reader.failure());
    if (!reader.in.done())
        return std::unexpected(reader.failure());
    change.hash = digest(domains::kChange, header); // it has one form only: what it was read from
    return change;
}

Bytes encodeDecided(const DecidedChange &change)
{
    Writer out;
    out.raw(change.header.encode());
    out.blob(change.content);
    Bytes bytes = std::move(out).take();
    bytes.front() |= kDecidedBit;
    return bytes;
}

bool isDecidedForm(ByteView record) noexcept
{
    return !record.empty() && (record.front() & kDecidedBit) != std::byte{0};
}

std::expected<DecidedChange, Code> decodeDecided(ByteView bytes)
{
    if (!isDecidedForm(bytes))
        return std::unexpected(Code::E_CANON);
    Bytes plain = copyOf(bytes);
    plain.front() &= ~kDecidedBit;
    HeaderReader reader{Reader(plain)};
    DecidedChange change;
    change.header = readHeader(reader);
    change.content = reader.payload();
    if (!reader.in.done())
        return std::unexpected(reader.failure());
    change.hash = change.header.hash();
    return change;
}

Bytes encodeSignedHeader(const SignedHeader &header)
{
    Writer out;
    out.raw(header.header.encode());
    out.fixedBytes(header.signature);
    return std::move(out).take();
}

std::expected<SignedHeader, Code> decodeSignedHeader(ByteView bytes)
{
    HeaderReader reader{Reader(bytes)};
    SignedHeader result;
    result.header = readHeader(reader);
    result.signature = reader.in.fixedBytes<Signature>();
    if (!reader.in.done())
        return std::unexpected(reader.failure());
    return result;
}

Bytes encodeShort(const UnverifiedChange &change)
{
    const ChangeHeader &header = change.header;
    Writer out;
    out.u8(static_cast<std::uint8_t>(header.kind));
    out.varint(header.device.value);
    out.varint(header.seq.value);
    out.varint(header.epoch.value);
    out.u8(static_cast<std::uint8_t>(header.deps.size()));
    for (const DepRef &dep : header.deps) {
        out.varint(dep.device.value);
        out.varint(dep.seq.value);
    }
    out.varint(static_cast<std::uint64_t>(header.wallMs));
    out.varint(creatorOf(header.doc).value);
    out.varint(header.doc.value & 0xFFFFU);
    out.varint(header.keyEpoch.value);
    out.varint(header.opCount);
    out.fixedBytes(change.signature);
    out.blob(change.payload);
    return std::move(out).take();
}

std::expected<UnverifiedChange, Code>
decodeShort(ByteView bytes, const ParentLookup &parent,
            const std::function<std::optional<Hash>(DeviceIndex)> &admittedBy)
{
    HeaderReader reader{Reader(bytes)};
    Reader &in = reader.in;
    UnverifiedChange change;
    ChangeHeader &header = change.header;
    header.kind = reader.kind();
    header.device = reader.strongVarint<DeviceIndex>();
    header.seq = reader.seq();
    header.epoch = reader.strongVarint<Epoch>();
    const std::uint8_t count = reader.depCount();
    for (std::uint8_t i = 0; i < count && in.ok(); ++i) {
        DepRef dep;
        dep.device = reader.strongVarint<DeviceIndex>();
        dep.seq = reader.seq();
        header.deps.push_back(dep);
    }
    header.wallMs = static_cast<std::int64_t>(in.varint());
    const auto creator = reader.strongVarint<DeviceIndex>();
    header.doc = docIndexOf(creator, static_cast<std::uint16_t>(in.varint(UINT16_MAX)));
    header.keyEpoch = reader.strongVarint<KeyEpoch>();
    header.opCount = reader.opCount(in.varint(UINT16_MAX));
    change.signature = in.fixedBytes<Signature>();
    change.payload = reader.payload();
    if (!in.done())
        return std::unexpected(reader.failure());
    if (!reconstruct(change, parent, admittedBy))
        return std::unexpected(Code::BUFFERED);
    return change;
}

std::optional<std::pair<DeviceIndex, Seq>> placeOfShort(ByteView bytes) noexcept
{
    HeaderReader reader{Reader(bytes)};
    static_cast<void>(reader.kind());
    const auto device = reader.strongVarint<DeviceIndex>();
    const Seq seq = reader.seq();
    return reader.in.ok() ? std::optional(std::pair(device, seq)) : std::nullopt;
}

} // namespace nlbd::history
