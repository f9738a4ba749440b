#include "core/history/archive.h"
#include "core/history/archive_columns.h"
#include "core/history/archive_ops.h"
#include "core/history/checkpoint.h"

namespace nlbd::history {

namespace {

/// What the most parents that a change may name take in a column, with seq and hash.
constexpr std::size_t kColumnBytesPerChange = (limits::kDepsMax + 1) * (10 + Hash::kSize);

/// The bytes of an archive, taken apart.
struct Parts {
    std::uint8_t signatures = 0; ///< an ArchiveSignatures or kArchiveDecided
    std::size_t count = 0;
    std::array<Bytes, kArchiveParts> columns;
    ByteView batch;
    ByteView signed_;
};

std::expected<Parts, Code> takeApart(ByteView bytes, const WorkspaceId &workspace)
{
    Reader in(bytes);
    Parts parts;
    const bool isArchive =
        viewOf(in.raw(kArchiveMagic.size())) == kArchiveMagic && in.u8() == kArchiveLevel;
    const auto of = in.fixedBytes<WorkspaceId>();
    parts.signatures = in.u8();
    parts.count = in.varint();
    if (!isArchive || !in.ok() || parts.signatures > kArchiveDecided)
        return std::unexpected(Code::E_CANON);
    if (of != workspace)
        return std::unexpected(Code::E_NOT_MEMBER);
    if (parts.count > kArchiveChangesMax)
        return std::unexpected(Code::E_BOUNDS);
    crdt::ColumnUnpacker unpacker;
    for (std::size_t part = 0; part < kArchiveParts; ++part) {
        const crdt::PackedColumn packed = crdt::readPacked(in);
        const bool isSized = static_cast<ArchivePart>(part) == ArchivePart::Verbatim
            || packed.size <= parts.count * kColumnBytesPerChange;
        auto unpacked = in.ok() && isSized ? unpacker.unpack(packed) : std::nullopt;
        if (!unpacked)
            return std::unexpected(Code::E_CANON);
        parts.columns[part] = std::move(*unpacked);
    }
    parts.batch = in.blob(in.left());
    parts.signed_ = in.raw(in.left());
    const bool isDecided = parts.signatures == kArchiveDecided;
    if (isDecided && parts.signed_.size() != parts.count * Hash::kSize)
        return std::unexpected(Code::E_CANON);
    const Bytes &times = parts.columns[static_cast<std::size_t>(ArchivePart::TimesLow)];
    if (!in.ok() || parts.count != times.size())
        return std::unexpected(Code::E_CANON);
    return parts;
}

class ArchiveReader {
public:
    using Place = ArchiveIndex::Place;

    ArchiveReader(const Parts &parts, const identity::Configuration &configuration,
                  const KeyLookup &key)
        : m_parts(&parts)
        , m_configuration(&configuration)
        , m_key(&key)
        , m_devices(column(ArchivePart::Devices))
        , m_prevs(column(ArchivePart::Prevs))
        , m_deps(column(ArchivePart::Deps))
        , m_depDevices(column(ArchivePart::DepDevices))
        , m_depBacks(column(ArchivePart::DepBacks))
        , m_outside(column(ArchivePart::Outside))
        , m_lamports(column(ArchivePart::Lamports))
        , m_epochs(column(ArchivePart::Epochs))
        , m_keyEpochs(column(ArchivePart::KeyEpochs))
        , m_kinds(column(ArchivePart::Kinds))
        , m_docs(column(ArchivePart::Docs))
        , m_forms(column(ArchivePart::Forms))
        , m_timesLow(column(ArchivePart::TimesLow))
        , m_timesHigh(column(ArchivePart::TimesHigh))
        , m_verbatim(column(ArchivePart::Verbatim))
    {
    }

    std::expected<std::vector<ArchivedChange>, Code>
    run(const std::vector<crdt::BatchChange> &contents);

    std::expected<void, Code> checkSignatures(std::vector<ArchivedChange> &changes,
                                              const identity::SignatureScheme &scheme) const;

private:
    [[nodiscard]] ByteView column(ArchivePart part) const
    {
        return m_parts->columns[static_cast<std::size_t>(part)];
    }

    /// All but payload and hash.
    bool readHeader(ChangeHeader &header, std::optional<Place> &prev, std::vector<Place> &parents);
    bool readPrev(ChangeHeader &header, const identity::Device &device, std::optional<Place> &prev);
    bool readDeps(ChangeHeader &header, std::optional<Place> prev, std::vector<Place> &parents);
    bool readListed(ChangeHeader &header, std::vector<Place> &parents);
    [[nodiscard]] Seq readOutside(Hash &hash);
    std::optional<Code> readContent(UnverifiedChange &change, const crdt::Ops &ops);
    [[nodiscard]] Hash payloadHashOf(const UnverifiedChange &change, std::size_t place) const;
    [[nodiscard]] bool isDecided() const { return m_parts->signatures == kArchiveDecided; }
    [[nodiscard]] bool areAllRead() const;

    const Parts *m_parts;
    const identity::Configuration *m_configuration;
    const KeyLookup *m_key;
    ArchiveIndex m_index;
    RunReader m_devices;
    RunReader m_prevs;
    RunReader m_deps;
    crdt::ColumnReader m_depDevices;
    crdt::ColumnReader m_depBacks;
    crdt::ColumnReader m_outside;
    RunReader m_lamports;
    RunReader m_epochs;
    RunReader m_keyEpochs;
    RunReader m_kinds;
    RunReader m_docs;
    RunReader m_forms;
    crdt::ColumnReader m_timesLow;
    crdt::ColumnReader m_timesHigh;
    crdt::ColumnReader m_verbatim;
    std::uint64_t m_lastWall = 0;
};

std::expected<std::vector<ArchivedChange>, Code>
ArchiveReader::run(const std::vector<crdt::BatchChange> &contents)
{
    std::vector<ArchivedChange> changes;
    changes.reserve(contents.size());
    for (const crdt::BatchChange &content : contents) {
        UnverifiedChange change;
        std::optional<Place> prev;
        std::vector<Place> parents;
        change.header.device = DeviceIndex(static_cast<std::uint16_t>(m_devices.get(UINT16_MAX)));
        if (m_devices.ok() && m_configuration->device(change.header.device) == nullptr)
            return std::unexpected(Code::E_NOT_MEMBER);
        if (!readHeader(change.header, prev, parents))
            return std::unexpected(Code::E_CANON);
        if (const auto fault = readContent(change, content.ops))
            return std::unexpected(*fault);
        change.header.payloadHash = payloadHashOf(change, changes.size());
        change.hash = change.header.hash();
        if (!m_index.add(change.header, change.hash, prev, parents))
            return std::unexpected(Code::E_CANON);
        changes.push_back({std::move(change), true});
    }
    if (!areAllRead())
        return std::unexpected(Code::E_CANON);
    return changes;
}

bool ArchiveReader::readHeader(ChangeHeader &header, std::optional<Place> &prev,
                               std::vector<Place> &parents)
{
    if (!m_devices.ok() || !readPrev(header, *m_configuration->device(header.device), prev))
        return false;
    if (prev)
        parents.push_back(*prev);
    if (!readDeps(header, prev, parents))
        return false;
    header.lamport = Lamport(m_index.lamportAfter(parents).value + unzigzag(m_lamports.get()));
    header.epoch = Epoch(static_cast<std::uint32_t>(m_epochs.get(UINT32_MAX)));
    header.keyEpoch = KeyEpoch(static_cast<std::uint16_t>(m_keyEpochs.get(UINT16_MAX)));
    header.kind =
        static_cast<ChangeKind>(m_kinds.get(static_cast<std::uint64_t>(ChangeKind::Undo)));
    header.doc = DocIndex(static_cast<std::uint32_t>(m_docs.get(UINT32_MAX)));
    const ByteView low = m_timesLow.raw(1);
    const std::uint64_t high = m_timesHigh.get(UINT64_MAX >> 8U);
    if (low.empty())
        return false;
    m_lastWall += unzigzag(high << 8U | static_cast<std::uint64_t>(low.front()));
    header.wallMs = static_cast<std::int64_t>(m_lastWall);
    return m_lamports.ok() && m_epochs.ok() && m_keyEpochs.ok() && m_kinds.ok()
        && header.kind >= ChangeKind::Edit && m_docs.ok() && m_timesHigh.ok();
}

Seq ArchiveReader::readOutside(Hash &hash)
{
    const Seq seq(m_outside.get());
    hash = Hash::from(m_outside.raw(Hash::kSize)).value_or(Hash{});
    return seq;
}

bool ArchiveReader::readPrev(ChangeHeader &header, const identity::Device &device,
                             std::optional<Place> &prev)
{
    const std::uint64_t told = m_prevs.get();
    if (!m_prevs.ok())
        return false;
    const std::vector<Place> &places = m_index.of(header.device);
    if (told == kPrevOutside) {
        header.seq = readOutside(header.prev);
        return m_outside.ok() && header.seq != Seq(0);
    }
    if (told >= kPrevBack || (told == kPrevLatest && !places.empty())) {
        const std::uint64_t back = told == kPrevLatest ? 0 : told - kPrevBack + 1;
        if (back >= places.size())
            return false;
        prev = places[places.size() - 1 - back];
        header.prev = m_index.at(*prev).hash;
        header.seq = m_index.at(*prev).name.seq.next();
        return header.seq != Seq(0);
    }
    header.prev = device.admittedBy;
    header.seq = Seq(1);
    return told == kPrevLatest || !places.empty();
}

bool ArchiveReader::readDeps(ChangeHeader &header, std::optional<Place> prev,
                             std::vector<Place> &parents)
{
    const std::uint64_t told = m_deps.get(kDepsListed + limits::kDepsMax);
    if (!m_deps.ok())
        return false;
    if (told == kDepsHeads) {
        const auto heads = m_index.headsBut(prev);
        if (!heads || heads->empty())
            return false;
        for (const Place head : *heads)
            header.deps.push_back(m_index.refTo(head));
        parents.insert(parents.end(), heads->begin(), heads->end());
        return true;
    }
    for (std::uint64_t i = kDepsListed; i < told; ++i)
        if (!readListed(header, parents))
            return false;
    return true;
}

bool ArchiveReader::readListed(ChangeHeader &header, std::vector<Place> &parents)
{
    const std::uint64_t told = m_depDevices.get(kDepOutside + UINT16_MAX);
    const DeviceIndex device(static_cast<std::uint16_t>(told ^ header.device.value));
    if (!m_depDevices.ok())
        return false;
    if (told >= kDepOutside) {
        DepRef dep{device, {}, {}};
        dep.seq = readOutside(dep.hash);
        header.deps.push_back(dep);
        return m_outside.ok();
    }
    const std::vector<Place> &places = m_index.of(device);
    const std::uint64_t back = m_depBacks.get();
    if (!m_depBacks.ok() || back >= places.size())
        return false;
    parents.push_back(places[places.size() - 1 - back]);
    header.deps.push_back(m_index.refTo(parents.back()));
    return true;
}

/// Makes the payload again; nothing if it went well.
std::optional<Code> ArchiveReader::readContent(UnverifiedChange &change, const crdt::Ops &ops)
{
    ChangeHeader &header = change.header;
    const auto form =
        static_cast<ArchiveForm>(m_forms.get(static_cast<std::uint64_t>(ArchiveForm::Payload)));
    if (!m_forms.ok() || (form != ArchiveForm::Columns && !ops.empty()))
        return Code::E_CANON;
    Bytes content;
    if (form == ArchiveForm::Columns) {
        header.opCount = static_cast<std::uint16_t>(ops.size());
        const crdt::OwnChange own{ChangeHandle(m_index.size() + 1), header.device, header.seq};
        content = crdt::encodeOps(ops, own, ArchiveNames(m_index));
    } else {
        header.opCount = static_cast<std::uint16_t>(m_verbatim.get(limits::kOpsMax));
        content = copyOf(m_verbatim.raw(m_verbatim.get(limits::kPayloadBytesMax)));
        if (!m_verbatim.ok())
            return Code::E_CANON;
    }
    if (form == ArchiveForm::Payload && isDecided())
        return Code::E_CANON; // nobody could hold it against what was decided
    if (form == ArchiveForm::Payload) {
        header.payloadBytes = static_cast<std::uint32_t>(content.size());
        change.payload = std::move(content);
        return std::nullopt;
    }
    if (content.size() > keys::kPlaintextBytesMax)
        return Code::E_BOUNDS;
    if (isDecided()) {
        header.payloadBytes = static_cast<std::uint32_t>(content.size() + keys::kPayloadOverhead);
        change.payload = std::move(content);
        return std::nullopt;
    }
    const keys::WorkspaceKey *key = (*m_key)(header.keyEpoch);
    if (key == nullptr)
        return Code::E_KEY_COMMIT;
    header.payloadBytes = static_cast<std::uint32_t>(content.size() + keys::kPayloadOverhead);
    change.payload = keys::sealPayload(*key, payloadContextOf(header), content);
    return std::nullopt;
}

Hash ArchiveReader::payloadHashOf(const UnverifiedChange &change, std::size_t place) const
{
    if (!isDecided())
        return digest(domains::kPayload, change.payload);
    return *Hash::from(m_parts->signed_.subspan(place * Hash::kSize, Hash::kSize));
}

bool ArchiveReader::areAllRead() const
{
    return m_devices.done() && m_prevs.done() && m_deps.done() && m_depDevices.done()
        && m_depBacks.done() && m_outside.done() && m_lamports.done() && m_epochs.done()
        && m_keyEpochs.done() && m_kinds.done() && m_docs.done() && m_forms.done()
        && m_timesLow.done() && m_timesHigh.done() && m_verbatim.done();
}

std::expected<void, Code>
ArchiveReader::checkSignatures(std::vector<ArchivedChange> &changes,
                               const identity::SignatureScheme &scheme) const
{
    Reader in(m_parts->signed_);
    for (Place place = 0; place < changes.size(); ++place) {
        UnverifiedChange &change = changes[place].change;
        changes[place].isSigned =
            m_parts->signatures == static_cast<std::uint8_t>(ArchiveSignatures::All)
            || m_index.needsSignature(place);
        if (!changes[place].isSigned)
            continue;
        change.signature = in.fixedBytes<Signature>();
        if (!in.ok())
            return std::unexpected(Code::E_CANON);
        if (!scheme.verify(m_configuration->device(change.header.device)->key, domains::kChange,
                           m_configuration->workspace, change.hash, change.signature))
            return std::unexpected(Code::E_SIG);
    }
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    return {};
}

} // namespace

std::expected<std::vector<ArchivedChange>, Code>
decodeArchive(ByteView bytes, const identity::Configuration &configuration,
              const identity::SignatureScheme &scheme, const KeyLookup &key)
{
    const auto parts = takeApart(bytes, configuration.workspace);
    if (!parts || parts->signatures == kArchiveDecided)
        return std::unexpected(parts ? Code::E_CANON : parts.error());
    const auto contents = readArchiveOps(parts->batch, parts->count);
    if (!contents)
        return std::unexpected(contents.error());
    ArchiveReader reader(*parts, configuration, key);
    auto changes = reader.run(*contents);
    if (!changes)
        return changes;
    if (const auto checked = reader.checkSignatures(*changes, scheme); !checked)
        return std::unexpected(checked.error());
    return changes;
}

std::expected<std::vector<DecidedChange>, Code>
decodeCheckpoint(ByteView bytes, const identity::Configuration &configuration)
{
    const auto parts = takeApart(bytes, configuration.workspace);
    if (!parts || parts->signatures != kArchiveDecided)
        return std::unexpected(parts ? Code::E_CANON : parts.error());
    const auto contents = readArchiveOps(parts->batch, parts->count);
    if (!contents)
        return std::unexpected(contents.error());
    const KeyLookup noKey = [](KeyEpoch) { return nullptr; };
    auto changes = ArchiveReader(*parts, configuration, noKey).run(*contents);
    if (!changes)
        return std::unexpected(changes.error());
    std::vector<DecidedChange> result;
    result.reserve(changes->size());
    for (ArchivedChange &it : *changes)
        result.push_back(
            {std::move(it.change.header), std::move(it.change.payload), it.change.hash});
    return result;
}

} // namespace nlbd::history
