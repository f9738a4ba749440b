#include "core/gossip/message.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/gossip/message_parts.h"

namespace nlbd::gossip {

namespace {

// Entries of a message: what a frame can hold of the kind, and what a full workspace needs.
constexpr std::size_t kChangesMax = limits::kRangeChangesMax;
constexpr std::size_t kRecordBytesMax =
    limits::kPayloadBytesMax + 4096 + limits::kCoverBytesMax; // a payload, its header, its cover
constexpr std::size_t kPlacesMax = 4096; // 128 members, 6 devices each, and their branches
constexpr std::size_t kRangesMax = 256;
constexpr std::size_t kHashesMax = 256;
constexpr std::size_t kEvidenceBytesMax = 128 * 1024;
constexpr std::size_t kEvidenceIdsMax = limits::kEvidenceMax;

void write(Writer &out, const HeadPlace &place)
{
    out.varint(place.device.value);
    out.varint(place.seq.value);
    out.u64(place.head);
}

HeadPlace readHeadPlace(Reader &in)
{
    HeadPlace place;
    place.device = DeviceIndex(static_cast<std::uint16_t>(in.varint(UINT16_MAX)));
    place.seq = Seq(in.varint());
    place.head = in.u64();
    if (place.seq == Seq(0))
        in.fail(); // nothing stands before the first
    return place;
}

void writeBlobs(Writer &out, const std::vector<Bytes> &blobs)
{
    out.varint(blobs.size());
    for (const Bytes &blob : blobs)
        out.blob(blob);
}

std::vector<Bytes> readBlobs(Reader &in)
{
    return readList<Bytes>(in, kChangesMax, 1,
                           [](Reader &r) { return copyOf(r.blob(kRecordBytesMax)); });
}

void writePlaces(Writer &out, const std::vector<HeadPlace> &places)
{
    out.varint(places.size());
    for (const HeadPlace &place : places)
        write(out, place);
}

std::vector<HeadPlace> readPlaces(Reader &in)
{
    return readList<HeadPlace>(in, kPlacesMax, 10, readHeadPlace);
}

void writeHashes(Writer &out, const std::vector<Hash> &hashes)
{
    out.varint(hashes.size());
    for (const Hash &hash : hashes)
        out.fixedBytes(hash);
}

std::vector<Hash> readHashes(Reader &in, std::size_t max)
{
    return readList<Hash>(in, max, Hash::kSize, [](Reader &r) { return r.fixedBytes<Hash>(); });
}

// ---- one pair per kind ------------------------------------------------------------------------

void write(Writer &out, const Push &m)
{
    writeBlobs(out, m.changes);
}
Message readPush(Reader &in)
{
    return Push{readBlobs(in)};
}

void write(Writer &out, const Have &m)
{
    writePlaces(out, m.places);
}
Message readHave(Reader &in)
{
    return Have{readPlaces(in)};
}

void write(Writer &out, const PullRanges &m)
{
    out.u32(m.request);
    out.varint(m.ranges.size());
    for (const Range &range : m.ranges) {
        out.varint(range.device.value);
        out.varint(range.first.value);
        out.varint(range.last.value);
        out.u64(range.head);
    }
}
Message readPullRanges(Reader &in)
{
    PullRanges m;
    m.request = in.u32();
    m.ranges = readList<Range>(in, kRangesMax, 11, [](Reader &r) {
        Range range;
        range.device = DeviceIndex(static_cast<std::uint16_t>(r.varint(UINT16_MAX)));
        range.first = Seq(r.varint());
        range.last = Seq(r.varint());
        range.head = r.u64();
        if (range.first.value == 0 || range.last < range.first)
            r.fail();
        return range;
    });
    return m;
}

void write(Writer &out, const PullHashes &m)
{
    out.u32(m.request);
    writeHashes(out, m.hashes);
}
Message readPullHashes(Reader &in)
{
    return PullHashes{in.u32(), readHashes(in, kHashesMax)}; // in this order
}

void write(Writer &out, const Changes &m)
{
    out.u32(m.request);
    writeBool(out, m.isLast);
    out.varint(m.next.size());
    for (const Seq next : m.next)
        out.varint(next.value);
    writeBlobs(out, m.changes);
}
Message readChanges(Reader &in)
{
    Changes m{in.u32(), readBool(in), {}, {}};
    m.next = readList<Seq>(in, kRangesMax, 1, [](Reader &r) { return Seq(r.varint()); });
    m.changes = readBlobs(in);
    if (!m.isLast && m.changes.empty())
        in.fail(); // or an answer could go on for ever with nothing in it
    return m;
}

void write(Writer &out, const Digest &m)
{
    out.u32(m.epoch.value);
    out.fixedBytes(m.decision);
    out.fixedBytes(m.frontierRoot);
    out.fixedBytes(m.ackRoot);
    out.fixedBytes(m.controlRoot);
    writeBool(out, m.isReply);
}
Message readDigest(Reader &in)
{
    Digest m;
    m.epoch = Epoch(in.u32());
    m.decision = in.fixedBytes<Hash>();
    m.frontierRoot = in.fixedBytes<Hash>();
    m.ackRoot = in.fixedBytes<Hash>();
    m.controlRoot = in.fixedBytes<Hash>();
    m.isReply = readBool(in);
    return m;
}

void write(Writer &out, const Summary &m)
{
    writePlaces(out, m.heads);
    writeBool(out, m.isReply);
}
Message readSummary(Reader &in)
{
    Summary m{readPlaces(in), readBool(in)};
    if (!std::ranges::is_sorted(m.heads, std::less_equal{}))
        in.fail();
    return m;
}

void write(Writer &out, const EvidenceMessage &m)
{
    out.blob(m.evidence);
}
Message readEvidence(Reader &in)
{
    return EvidenceMessage{copyOf(in.blob(kEvidenceBytesMax))};
}

void write(Writer &out, const EvidenceIds &m)
{
    writeHashes(out, m.ids);
    writeBool(out, m.isReply);
}
Message readEvidenceIds(Reader &in)
{
    EvidenceIds m{readHashes(in, kEvidenceIdsMax), readBool(in)};
    if (!std::ranges::is_sorted(m.ids, std::less_equal{}))
        in.fail();
    return m;
}

void write(Writer &out, const Presence::Anchor &anchor)
{
    writeBool(out, anchor.isRoot);
    if (anchor.isRoot)
        return;
    out.varint(anchor.device.value);
    out.varint(anchor.seq.value);
    out.varint(anchor.index);
    writeBool(out, anchor.isRight);
}
Presence::Anchor readAnchor(Reader &in)
{
    Presence::Anchor anchor;
    anchor.isRoot = readBool(in);
    if (anchor.isRoot)
        return anchor;
    anchor.device = DeviceIndex(static_cast<std::uint16_t>(in.varint(UINT16_MAX)));
    anchor.seq = Seq(in.varint());
    anchor.index = static_cast<std::uint32_t>(in.varint(UINT32_MAX));
    anchor.isRight = readBool(in);
    return anchor;
}

void write(Writer &out, const Presence::Preview &preview)
{
    out.varint(preview.seq.value);
    write(out, preview.before);
    out.text(preview.text);
}
Presence::Preview readPreview(Reader &in)
{
    Presence::Preview preview;
    preview.seq = Seq(in.varint());
    preview.before = readAnchor(in);
    preview.text = in.text(limits::kPresenceBytesMax);
    if (preview.seq == Seq(0) || preview.text.empty()
        || utf8::plainStart(preview.text).size() != preview.text.size())
        in.fail();
    return preview;
}

void writeUnsigned(Writer &out, const Presence &m)
{
    out.varint(m.device.value);
    out.u64(m.session);
    out.varint(m.counter);
    writeBool(out, m.isPresent);
    out.u32(m.doc.value);
    write(out, m.caret);
    write(out, m.other);
    out.varint(m.preview.size());
    for (const Presence::Preview &preview : m.preview)
        write(out, preview);
}
void write(Writer &out, const Presence &m)
{
    writeUnsigned(out, m);
    out.fixedBytes(m.signature);
}
Message readPresence(Reader &in)
{
    Presence m;
    m.device = DeviceIndex(static_cast<std::uint16_t>(in.varint(UINT16_MAX)));
    m.session = in.u64();
    m.counter = in.varint();
    m.isPresent = readBool(in);
    m.doc = DocIndex(in.u32());
    m.caret = readAnchor(in);
    m.other = readAnchor(in);
    m.preview = readList<Presence::Preview>(in, limits::kPreviewPartsMax, 4, readPreview);
    if (!m.isPresent && !m.preview.empty())
        in.fail(); // nobody types where he is not
    m.signature = in.fixedBytes<Signature>();
    return m;
}

std::size_t previewBytes(const Presence &m)
{
    std::size_t bytes = 0;
    for (const Presence::Preview &preview : m.preview)
        bytes += preview.text.size();
    return bytes;
}

using ReadMessage = Message (*)(Reader &);

ReadMessage readerOf(std::uint8_t kind)
{
    switch (static_cast<Kind>(kind)) {
    case Kind::Push:
        return readPush;
    case Kind::Have:
        return readHave;
    case Kind::PullRanges:
        return readPullRanges;
    case Kind::PullHashes:
        return readPullHashes;
    case Kind::Changes:
        return readChanges;
    case Kind::Digest:
        return readDigest;
    case Kind::Summary:
        return readSummary;
    case Kind::Ack:
        return [](Reader &in) -> Message { return readAck(in); };
    case Kind::Acks:
        return [](Reader &in) -> Message { return readAcks(in); };
    case Kind::PullAcks:
        return [](Reader &in) -> Message { return readPullAcks(in); };
    case Kind::AckNumbers:
        return [](Reader &in) -> Message { return readAckNumbers(in); };
    case Kind::Evidence:
        return readEvidence;
    case Kind::EvidenceIds:
        return readEvidenceIds;
    case Kind::Presence:
        return readPresence;
    case Kind::ControlSummary:
        return [](Reader &in) -> Message { return readControlSummary(in); };
    case Kind::ControlRecords:
        return [](Reader &in) -> Message { return readControlRecords(in); };
    case Kind::PullControl:
        return [](Reader &in) -> Message { return readPullControl(in); };
    case Kind::PullDecisions:
        return [](Reader &in) -> Message { return readPullDecisions(in); };
    case Kind::Decisions:
        return [](Reader &in) -> Message { return readDecisions(in); };
    case Kind::PullKey:
        return [](Reader &in) -> Message { return readPullKey(in); };
    case Kind::SealedKey:
        return [](Reader &in) -> Message { return readSealedKey(in); };
    case Kind::AskOwn:
        return [](Reader &in) -> Message { return readAskOwn(in); };
    case Kind::Own:
        return [](Reader &in) -> Message { return readOwn(in); };
    case Kind::PullSnapshot:
        return [](Reader &in) -> Message { return readPullSnapshot(in); };
    case Kind::SnapshotPiece:
        return [](Reader &in) -> Message { return readSnapshotPiece(in); };
    case Kind::AskBlobs:
        return [](Reader &in) -> Message { return readAskBlobs(in); };
    case Kind::BlobsHeld:
        return [](Reader &in) -> Message { return readBlobsHeld(in); };
    case Kind::PullPieces:
        return [](Reader &in) -> Message { return readPullPieces(in); };
    case Kind::BlobPiece:
        return [](Reader &in) -> Message { return readBlobPiece(in); };
    }
    return nullptr;
}

struct KindOf {
    Kind operator()(const Push &) const { return Kind::Push; }
    Kind operator()(const Have &) const { return Kind::Have; }
    Kind operator()(const PullRanges &) const { return Kind::PullRanges; }
    Kind operator()(const PullHashes &) const { return Kind::PullHashes; }
    Kind operator()(const Changes &) const { return Kind::Changes; }
    Kind operator()(const Digest &) const { return Kind::Digest; }
    Kind operator()(const Summary &) const { return Kind::Summary; }
    Kind operator()(const AckMessage &) const { return Kind::Ack; }
    Kind operator()(const Acks &) const { return Kind::Acks; }
    Kind operator()(const PullAcks &) const { return Kind::PullAcks; }
    Kind operator()(const AckNumbers &) const { return Kind::AckNumbers; }
    Kind operator()(const EvidenceMessage &) const { return Kind::Evidence; }
    Kind operator()(const EvidenceIds &) const { return Kind::EvidenceIds; }
    Kind operator()(const Presence &) const { return Kind::Presence; }
    Kind operator()(const ControlSummary &) const { return Kind::ControlSummary; }
    Kind operator()(const ControlRecords &) const { return Kind::ControlRecords; }
    Kind operator()(const PullControl &) const { return Kind::PullControl; }
    Kind operator()(const PullDecisions &) const { return Kind::PullDecisions; }
    Kind operator()(const Decisions &) const { return Kind::Decisions; }
    Kind operator()(const PullKey &) const { return Kind::PullKey; }
    Kind operator()(const SealedKey &) const { return Kind::SealedKey; }
    Kind operator()(const AskOwn &) const { return Kind::AskOwn; }
    Kind operator()(const Own &) const { return Kind::Own; }
    Kind operator()(const PullSnapshot &) const { return Kind::PullSnapshot; }
    Kind operator()(const SnapshotPiece &) const { return Kind::SnapshotPiece; }
    Kind operator()(const AskBlobs &) const { return Kind::AskBlobs; }
    Kind operator()(const BlobsHeld &) const { return Kind::BlobsHeld; }
    Kind operator()(const PullPieces &) const { return Kind::PullPieces; }
    Kind operator()(const BlobPiece &) const { return Kind::BlobPiece; }
};

} // namespace

std::uint64_t headPrefix(const Hash &hash) noexcept
{
    std::uint64_t prefix = 0;
    for (std::size_t i = 8; i-- > 0;)
        prefix = prefix << 8U | static_cast<std::uint64_t>(hash.value[i]);
    return prefix;
}

Hash Presence::hash() const
{
    Writer out;
    writeUnsigned(out, *this);
    return digest(domains::kPresence, out.bytes());
}

Kind kindOf(const Message &message) noexcept
{
    return std::visit(KindOf{}, message);
}

Bytes encode(const Message &message)
{
    Writer out;
    std::visit([&out](const auto &m) { write(out, m); }, message);
    return std::move(out).take();
}

std::expected<Message, Code> decode(std::uint8_t kind, ByteView body)
{
    const bool isPresence = kind == static_cast<std::uint8_t>(Kind::Presence);
    if (body.size() > (isPresence ? limits::kPresenceBytesMax : limits::kFrameBytesMax))
        return std::unexpected(Code::E_BOUNDS);
    const ReadMessage read = readerOf(kind);
    if (read == nullptr)
        return std::unexpected(Code::E_CANON);
    Reader in(body);
    Message message = read(in);
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    if (isPresence && previewBytes(std::get<Presence>(message)) > limits::kPreviewBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    return message;
}

} // namespace nlbd::gossip
