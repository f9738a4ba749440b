#include "core/base/check.h"
#include "core/history/archive.h"
#include "core/history/archive_columns.h"
#include "core/history/archive_ops.h"
#include "core/history/checkpoint.h"

namespace nlbd::history {

namespace {

class ArchiveWriter {
public:
    using Place = ArchiveIndex::Place;

    ArchiveWriter(const identity::Configuration &configuration, const KeyLookup &key)
        : m_configuration(&configuration)
        , m_key(&key)
        , m_ops(m_index)
    {
    }

    std::expected<void, Code> add(const UnverifiedChange &change);
    std::expected<void, Code> add(const DecidedChange &change);

    Bytes finish(std::span<const UnverifiedChange> changes, ArchiveSignatures signatures);
    Bytes finish(std::span<const DecidedChange> changes);

private:
    /// Everything but the content.
    std::expected<void, Code> putHeader(const ChangeHeader &header, const Hash &hash);
    [[nodiscard]] Writer finishColumns(std::uint8_t signatures, std::size_t count);
    [[nodiscard]] static std::size_t at(ArchivePart part) { return static_cast<std::size_t>(part); }
    [[nodiscard]] crdt::Column &column(ArchivePart part) { return m_columns[at(part)]; }
    [[nodiscard]] RunColumn &runs(ArchivePart part) { return m_runs[at(part)]; }

    [[nodiscard]] std::optional<Place> placeOfPrev(const ChangeHeader &header) const;
    void putPrev(const ChangeHeader &header, std::optional<Place> prev);
    void putDeps(const ChangeHeader &header, std::optional<Place> prev,
                 std::vector<Place> &parents);
    void putListed(DeviceIndex author, const DepRef &dep, std::optional<Place> place);
    void putOutside(Seq seq, const Hash &hash);
    void putContent(const UnverifiedChange &change);
    void putContent(const ChangeHeader &header, const std::optional<Bytes> &plaintext,
                    ByteView sealed);
    /// What was sealed, if sealing it again gives the same bytes.
    [[nodiscard]] std::optional<Bytes> plaintextOf(const UnverifiedChange &change) const;

    const identity::Configuration *m_configuration;
    const KeyLookup *m_key;
    ArchiveIndex m_index;
    ArchiveOpsWriter m_ops;
    std::array<crdt::Column, kArchiveParts> m_columns;
    std::array<RunColumn, kArchiveParts> m_runs; ///< for parts that are told as runs
    std::uint64_t m_lastWall = 0;
};

std::expected<void, Code> ArchiveWriter::add(const UnverifiedChange &change)
{
    const ChangeHeader &header = change.header;
    if (m_configuration->device(header.device) == nullptr)
        return std::unexpected(Code::E_NOT_MEMBER);
    if (header.deps.size() > limits::kDepsMax || header.opCount > limits::kOpsMax
        || header.seq == Seq(0) || change.payload.size() > limits::kPayloadBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    if (header.payloadBytes != change.payload.size()
        || header.payloadHash != digest(domains::kPayload, change.payload)
        || header.hash() != change.hash)
        return std::unexpected(Code::E_PAYLOAD_HASH);
    putContent(change);
    return putHeader(header, change.hash);
}

std::expected<void, Code> ArchiveWriter::add(const DecidedChange &change)
{
    const ChangeHeader &header = change.header;
    if (m_configuration->device(header.device) == nullptr)
        return std::unexpected(Code::E_NOT_MEMBER);
    if (header.deps.size() > limits::kDepsMax || header.opCount > limits::kOpsMax
        || header.seq == Seq(0) || change.content.size() > keys::kPlaintextBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    if (header.payloadBytes != change.content.size() + keys::kPayloadOverhead
        || header.hash() != change.hash)
        return std::unexpected(Code::E_PAYLOAD_HASH);
    putContent(header, change.content, {});
    return putHeader(header, change.hash);
}

std::expected<void, Code> ArchiveWriter::putHeader(const ChangeHeader &header, const Hash &hash)
{
    runs(ArchivePart::Devices).put(header.device.value);
    const std::optional<Place> prev = placeOfPrev(header);
    std::vector<Place> parents;
    if (prev)
        parents.push_back(*prev);
    putPrev(header, prev);
    putDeps(header, prev, parents);
    runs(ArchivePart::Lamports)
        .put(zigzagOf(header.lamport.value - m_index.lamportAfter(parents).value));
    runs(ArchivePart::Epochs).put(header.epoch.value);
    runs(ArchivePart::KeyEpochs).put(header.keyEpoch.value);
    runs(ArchivePart::Kinds).put(static_cast<std::uint64_t>(header.kind));
    runs(ArchivePart::Docs).put(header.doc.value);
    const auto wall = static_cast<std::uint64_t>(header.wallMs);
    const std::uint64_t step = zigzagOf(wall - m_lastWall);
    const auto low = static_cast<std::byte>(step);
    column(ArchivePart::TimesLow).putRaw({&low, 1});
    column(ArchivePart::TimesHigh).put(step >> 8U);
    m_lastWall = wall;
    if (!m_index.add(header, hash, prev, parents))
        return std::unexpected(Code::DUPLICATE);
    return {};
}

std::optional<ArchiveIndex::Place> ArchiveWriter::placeOfPrev(const ChangeHeader &header) const
{
    const auto place = m_index.find(header.prev);
    if (!place)
        return std::nullopt;
    const DepRef there = m_index.refTo(*place);
    const bool isPrev = there.device == header.device && there.seq.next() == header.seq;
    return isPrev ? place : std::nullopt;
}

void ArchiveWriter::putPrev(const ChangeHeader &header, std::optional<Place> prev)
{
    RunColumn &out = runs(ArchivePart::Prevs);
    const auto latest = m_index.latestOf(header.device);
    const bool isStart =
        header.seq == Seq(1) && header.prev == m_configuration->device(header.device)->admittedBy;
    if (prev == latest && (prev || isStart)) {
        out.put(kPrevLatest);
    } else if (prev) {
        out.put(kPrevBack + m_index.at(*latest).inDevice - m_index.at(*prev).inDevice - 1);
    } else if (isStart) {
        out.put(kPrevStart);
    } else {
        out.put(kPrevOutside);
        putOutside(header.seq, header.prev);
    }
}

void ArchiveWriter::putDeps(const ChangeHeader &header, std::optional<Place> prev,
                            std::vector<Place> &parents)
{
    RunColumn &out = runs(ArchivePart::Deps);
    if (header.deps.empty())
        return out.put(kDepsNone);
    std::vector<std::optional<Place>> places;
    std::vector<Place> inside;
    for (const DepRef &dep : header.deps) {
        const auto place = m_index.find(dep.hash);
        places.push_back(place && m_index.refTo(*place) == dep ? place : std::nullopt);
        if (places.back())
            inside.push_back(*place);
    }
    parents.insert(parents.end(), inside.begin(), inside.end());
    if (inside.size() == places.size() && m_index.headsBut(prev) == inside)
        return out.put(kDepsHeads);
    out.put(kDepsListed + places.size());
    for (std::size_t i = 0; i < places.size(); ++i)
        putListed(header.device, header.deps[i], places[i]);
}

void ArchiveWriter::putListed(DeviceIndex author, const DepRef &dep, std::optional<Place> place)
{
    const std::uint64_t differing = std::uint64_t(dep.device.value) ^ author.value;
    column(ArchivePart::DepDevices).put(differing + (place ? 0 : kDepOutside));
    if (place)
        column(ArchivePart::DepBacks)
            .put(m_index.of(dep.device).size() - 1 - m_index.at(*place).inDevice);
    else
        putOutside(dep.seq, dep.hash);
}

void ArchiveWriter::putOutside(Seq seq, const Hash &hash)
{
    column(ArchivePart::Outside).put(seq.value);
    column(ArchivePart::Outside).putRaw(hash.view());
}

std::optional<Bytes> ArchiveWriter::plaintextOf(const UnverifiedChange &change) const
{
    const keys::WorkspaceKey *key = (*m_key)(change.header.keyEpoch);
    if (key == nullptr)
        return std::nullopt;
    const keys::PayloadContext context = payloadContextOf(change.header);
    auto plaintext = keys::openPayload(*key, context, change.payload);
    if (!plaintext || keys::sealPayload(*key, context, *plaintext) != change.payload)
        return std::nullopt;
    return std::move(*plaintext);
}

void ArchiveWriter::putContent(const UnverifiedChange &change)
{
    putContent(change.header, plaintextOf(change), change.payload);
}

void ArchiveWriter::putContent(const ChangeHeader &header, const std::optional<Bytes> &plaintext,
                               ByteView sealed)
{
    auto form = ArchiveForm::Payload;
    if (!plaintext)
        m_ops.addWithoutOps();
    else
        form = m_ops.add(header, *plaintext) ? ArchiveForm::Columns : ArchiveForm::Plaintext;
    runs(ArchivePart::Forms).put(static_cast<std::uint64_t>(form));
    if (form == ArchiveForm::Columns)
        return;
    const ByteView bytes = plaintext ? ByteView(*plaintext) : sealed;
    crdt::Column &out = column(ArchivePart::Verbatim);
    out.put(header.opCount);
    out.put(bytes.size());
    out.putRaw(bytes);
}

Writer ArchiveWriter::finishColumns(std::uint8_t signatures, std::size_t count)
{
    Writer out;
    out.raw(bytesOf(kArchiveMagic));
    out.u8(kArchiveLevel);
    out.fixedBytes(m_configuration->workspace);
    out.u8(signatures);
    out.varint(count);
    crdt::ColumnPacker packer(crdt::ColumnPacker::Effort::Smallest);
    for (std::size_t part = 0; part < kArchiveParts; ++part) {
        const ByteView asRuns = m_runs[part].finish();
        packer.pack(asRuns.empty() ? m_columns[part].view() : asRuns, out);
    }
    out.blob(m_ops.finish());
    return out;
}

Bytes ArchiveWriter::finish(std::span<const UnverifiedChange> changes, ArchiveSignatures signatures)
{
    Writer out = finishColumns(static_cast<std::uint8_t>(signatures), changes.size());
    for (Place place = 0; place < changes.size(); ++place)
        if (signatures == ArchiveSignatures::All || m_index.needsSignature(place))
            out.fixedBytes(changes[place].signature);
    return std::move(out).take();
}

Bytes ArchiveWriter::finish(std::span<const DecidedChange> changes)
{
    Writer out = finishColumns(kArchiveDecided, changes.size());
    for (const DecidedChange &change : changes)
        out.fixedBytes(change.header.payloadHash);
    return std::move(out).take();
}

} // namespace

std::expected<Bytes, Code> encodeCheckpoint(std::span<const DecidedChange> changes,
                                            const identity::Configuration &configuration)
{
    if (changes.size() > kArchiveChangesMax)
        return std::unexpected(Code::E_BOUNDS);
    const KeyLookup noKey = [](KeyEpoch) { return nullptr; };
    ArchiveWriter writer(configuration, noKey);
    for (const DecidedChange &change : changes)
        if (const auto added = writer.add(change); !added)
            return std::unexpected(added.error());
    return writer.finish(changes);
}

std::expected<Bytes, Code> encodeArchive(std::span<const UnverifiedChange> changes,
                                         const identity::Configuration &configuration,
                                         const KeyLookup &key, ArchiveSignatures signatures)
{
    if (changes.size() > kArchiveChangesMax)
        return std::unexpected(Code::E_BOUNDS);
    ArchiveWriter writer(configuration, key);
    for (const UnverifiedChange &change : changes)
        if (const auto added = writer.add(change); !added)
            return std::unexpected(added.error());
    return writer.finish(changes, signatures);
}

} // namespace nlbd::history
