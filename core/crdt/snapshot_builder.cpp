#include "core/crdt/snapshot_builder.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/crdt/id_words.h"
#include "core/crdt/op_codec.h"

#include <cstring>
#include <unordered_set>

namespace nlbd::crdt {

namespace {

/// Names of a snapshot's changes by their places.
class PlaceResolver final : public ChangeResolver {
public:
    explicit PlaceResolver(const std::vector<ChangeHandle> &changes)
        : m_changes(&changes)
    {
    }
    [[nodiscard]] std::optional<ChangeHandle> resolve(const ChangeName &name) const override
    {
        const std::uint64_t place = name.seq.value - 1;
        if (name.device.value != 0 || name.branch != 0 || place >= m_changes->size())
            return std::nullopt;
        return (*m_changes)[place];
    }

private:
    const std::vector<ChangeHandle> *m_changes;
};

} // namespace

SnapshotBuilder::SnapshotBuilder(std::string_view text, std::size_t seen, const ChangeOrder &order,
                                 const Snapshot::Resolve &resolve)
    : m_letters(text)
    , m_seen(seen)
    , m_resolve(&resolve)
    , m_document(order)
    , m_text(&DocumentParts::text(m_document))
{
}

std::expected<Document, Code> SnapshotBuilder::run(ByteView columns)
{
    using Step = void (SnapshotBuilder::*)();
    unpackColumns(columns);
    for (const Step step : std::initializer_list<Step>{
             &SnapshotBuilder::readNames, &SnapshotBuilder::readVoids, &SnapshotBuilder::readPieces,
             &SnapshotBuilder::readEntries, &SnapshotBuilder::hideLetters,
             &SnapshotBuilder::layOut, &SnapshotBuilder::readOthers}) {
        if (m_error)
            return std::unexpected(*m_error);
        (this->*step)();
    }
    if (m_error)
        return std::unexpected(*m_error);
    return std::move(m_document);
}

void SnapshotBuilder::unpackColumns(ByteView bytes)
{
    Reader in(bytes);
    for (std::size_t *count : {&m_counts.names, &m_counts.pieces, &m_counts.entries,
                               &m_counts.voids, &m_counts.others})
        *count = in.varint(kLocalIdsMax);
    for (Bytes &column : m_columns) {
        const PackedColumn packed = readPacked(in);
        auto unpacked = in.ok() ? unpack(packed) : std::nullopt;
        if (!unpacked)
            return fail(Code::E_CANON);
        column = std::move(*unpacked);
    }
    const auto fits = [this](std::size_t count, Part part) {
        return count <= m_columns[static_cast<std::size_t>(part)].size();
    };
    // Whatever is counted takes a byte at least: counts reserve no more than was unpacked.
    const bool isSound = fits(m_counts.names, Part::Devices)
        && fits(m_counts.pieces, Part::PieceLengths) && fits(m_counts.entries, Part::Heads)
        && fits(m_counts.voids, Part::Voids) && fits(m_counts.others, Part::OtherOps);
    if (!in.done() || !isSound)
        fail(Code::E_CANON);
}

void SnapshotBuilder::readNames()
{
    std::vector<SnapshotName> names(m_counts.names);
    ColumnReader devices = column(Part::Devices);
    ColumnReader seqs = column(Part::Seqs);
    std::vector<std::uint64_t> lastSeqs;
    std::int64_t device = 0;
    for (SnapshotName &name : names) {
        const std::int64_t step = devices.getSigned();
        device = std::abs(step) > UINT16_MAX ? -1 : device + step;
        if (device < 0 || device > UINT16_MAX)
            return fail(Code::E_CANON);
        name.device = DeviceIndex(static_cast<std::uint16_t>(device));
        if (lastSeqs.size() <= name.device.value)
            lastSeqs.resize(name.device.value + 1UL);
        std::uint64_t &last = lastSeqs[name.device.value];
        last += 1 + static_cast<std::uint64_t>(seqs.getSigned());
        name.seq = Seq(last);
    }
    if (!devices.done() || !seqs.done())
        return fail(Code::E_CANON);
    readHashes(names);
    std::unordered_set<ChangeHandle> known;
    m_changes.reserve(names.size());
    for (const SnapshotName &name : names) {
        const auto change = m_error ? std::nullopt : (*m_resolve)(name);
        if (!change || *change == kRoot.change || !known.insert(*change).second)
            return fail(Code::E_OP_TARGET);
        m_changes.push_back(*change);
    }
}

void SnapshotBuilder::readHashes(std::vector<SnapshotName> &names)
{
    ColumnReader hashes = column(Part::Hashes);
    std::uint64_t next = 0;
    while (hashes.ok() && !hashes.done()) {
        const std::uint64_t place = hashes.get();
        const auto hash = Hash::from(hashes.raw(Hash::kSize));
        if (!hash || place < next || place >= names.size())
            return fail(Code::E_CANON);
        names[place].hash = hash;
        next = place + 1;
    }
    if (!hashes.ok())
        fail(Code::E_CANON);
}

void SnapshotBuilder::readVoids()
{
    ColumnReader voids = column(Part::Voids);
    m_isVoid.resize(m_changes.size());
    std::uint64_t next = 0;
    for (std::size_t i = 0; i < m_counts.voids; ++i) {
        const std::uint64_t place = next + voids.get(kLocalIdsMax);
        if (!voids.ok() || place >= m_changes.size())
            return fail(Code::E_CANON);
        m_isVoid[place] = 1;
        TextParts::voids(*m_text).insert(m_changes[place]);
        next = place + 1;
    }
    if (!voids.done())
        fail(Code::E_CANON);
}

void SnapshotBuilder::readPieces()
{
    ColumnReader changes = column(Part::PieceChanges);
    ColumnReader starts = column(Part::PieceStarts);
    ColumnReader lengths = column(Part::PieceLengths);
    std::vector<std::uint64_t> ends(m_changes.size()); ///< by place, as the writer has it
    std::int64_t known = 0;
    std::int64_t before = -1;
    // No local id without a letter, an entry or another op.
    const std::uint64_t idsMax = m_letters.size() + m_counts.entries + m_counts.others;
    std::uint64_t next = 1;
    Numbers &numbers = TextParts::numbers(*m_text);
    for (std::size_t i = 0; i < m_counts.pieces; ++i) {
        const std::int64_t step = changes.getSigned();
        const std::int64_t place = step > 0 || step < -known ? -1 : known + step;
        if (place < 0 || place == before || place >= std::int64_t(m_changes.size()))
            return fail(Code::E_CANON);
        known += place == known ? 1 : 0;
        before = place;
        std::uint64_t &end = ends[static_cast<std::size_t>(place)];
        const std::uint64_t start = end + starts.get(UINT32_MAX);
        const std::uint64_t length = lengths.get(kLocalIdsMax);
        end = start + length;
        next += length;
        if (!starts.ok() || !lengths.ok() || length == 0 || end > UINT32_MAX || next > idsMax + 1
            || next >= kLocalIdsMax)
            return fail(Code::E_CANON);
        static_cast<void>(numbers.add({m_changes[static_cast<std::size_t>(place)],
                                       static_cast<std::uint32_t>(start)},
                                      static_cast<std::uint32_t>(length)));
        m_pieces.push_back(static_cast<std::uint32_t>(place));
        m_pieceEnds.push_back(static_cast<LocalId>(next));
    }
    if (!changes.done() || !starts.done() || !lengths.done())
        fail(Code::E_CANON);
}

void SnapshotBuilder::readEntries()
{
    ColumnReader heads = column(Part::Heads);
    ColumnReader gaps = column(Part::Gaps);
    ColumnReader counts = column(Part::Counts);
    ColumnReader lengths = column(Part::Lengths);
    ColumnReader parents = column(Part::Parents);
    ColumnReader targets = column(Part::Targets);
    const LocalId end = TextParts::numbers(*m_text).next();
    m_isLetter.resize(end / 64 + 1);
    m_isLetter[0] = 1; // the root, to hang at
    m_runs.reserve(m_counts.entries + 1);
    m_runs.push_back({0, 1, 0, Side::Right});
    m_entries.reserve(m_counts.entries);
    std::int64_t next = 1;
    std::int64_t cursor = 0;
    for (std::size_t i = 0; i < m_counts.entries; ++i) {
        const auto head = static_cast<unsigned>(heads.get(kHeadMask));
        Entry entry;
        entry.isInsertion = (head & kHeadDeletion) == 0;
        const bool isMarked = (head & kHeadRight) != 0;
        const std::int64_t gap = (head & kHeadGap) != 0 ? gaps.getSigned() : 0;
        // What a draft gave back is told again by the next entry: never of letters.
        const bool canShare = !m_entries.empty() && !m_entries.back().isInsertion;
        const std::int64_t first = next + gap;
        const bool isNear = (head & kHeadNear) != 0;
        const bool isNext = (head & kHeadNext) != 0;
        std::int64_t distance = isNext ? 1 : 0;
        if (!isNear && !isNext)
            distance = entry.isInsertion ? parents.getSigned() : targets.getSigned();
        entry.length = 1;
        if (entry.isInsertion)
            entry.length = static_cast<std::uint32_t>(counts.get(kLocalIdsMax));
        else if (isMarked)
            entry.length = static_cast<std::uint32_t>(lengths.get(kLocalIdsMax));
        const bool isSane = heads.ok() && gap >= (canShare ? -1 : 0) && gap < end
            && std::abs(distance) < std::int64_t(kLocalIdsMax) && entry.length > 0
            && !(isNear && isNext);
        std::int64_t target = cursor - distance;
        if (!entry.isInsertion)
            target -= entry.length - 1;
        const std::int64_t after = first + (entry.isInsertion ? entry.length : 1);
        if (!isSane || target < 0 || target >= first || after > end)
            return fail(Code::E_CANON);
        entry.first = static_cast<LocalId>(first);
        entry.target = static_cast<LocalId>(target);
        entry.side = isMarked ? Side::Right : Side::Left;
        addEntry(entry);
        cursor = entry.isInsertion ? after - 1 : target;
        next = after;
    }
    const bool isDone = heads.done() && gaps.done() && counts.done() && lengths.done()
        && parents.done() && targets.done();
    if (!isDone || next != end)
        fail(Code::E_CANON);
}

/// Looks at what an entry points at.
void SnapshotBuilder::addEntry(const Entry &entry)
{
    const std::uint32_t reach = entry.isInsertion ? 1 : entry.length;
    bool areLetters = entry.target + reach <= entry.first;
    if (areLetters)
        forEachWord(entry.target, entry.target + reach, [&](std::size_t word, std::uint64_t bits) {
            areLetters = areLetters && (~m_isLetter[word] & bits) == 0;
        });
    const bool isAtRoot = entry.target == kRootId;
    if (!areLetters || (isAtRoot && (!entry.isInsertion || entry.side == Side::Left)))
        return fail(Code::E_CANON);
    if (entry.isInsertion) {
        forEachWord(entry.first, entry.first + entry.length,
                    [&](std::size_t word, std::uint64_t bits) { m_isLetter[word] |= bits; });
        m_runs.push_back({entry.first, entry.length, entry.target, entry.side});
    }
    m_entries.push_back(entry);
}

/// What hides each letter: sums of what begins and ends there.
void SnapshotBuilder::hideLetters()
{
    const LocalId end = TextParts::numbers(*m_text).next();
    m_hidden.assign(end + 1UL, 0);
    LocalId from = 1;
    for (std::size_t piece = 0; piece < m_pieces.size(); ++piece) {
        if (m_isVoid[m_pieces[piece]] != 0) {
            m_hidden[from] += TextParts::kVoidBit;
            m_hidden[m_pieceEnds[piece]] -= TextParts::kVoidBit;
        }
        from = m_pieceEnds[piece];
    }
    std::size_t piece = 0;
    for (const Entry &entry : m_entries) {
        if (entry.isInsertion)
            continue;
        while (m_pieceEnds[piece] <= entry.first)
            ++piece;
        if (m_isVoid[m_pieces[piece]] != 0)
            continue;
        m_hidden[entry.target] += TextParts::kOneDeleter;
        m_hidden[entry.target + entry.length] -= TextParts::kOneDeleter;
    }
    std::uint32_t sum = 0;
    for (std::uint32_t &hidden : m_hidden)
        hidden = sum += hidden;
}

void SnapshotBuilder::layOut()
{
    FugueWalk walk(m_runs, m_hidden, [this](LocalId a, LocalId b) {
        return TextParts::isSiblingBefore(*m_text, a, b);
    });
    m_laid.spans = walk.spans();
    const bool isAscii = m_runs.size() > 0 && utf8::length(m_letters) == m_letters.size();
    std::size_t seen = 0;
    std::size_t unseen = m_seen;
    m_laid.bytes.reserve(m_laid.spans.size());
    m_texts.reserve(m_laid.spans.size());
    for (const Span &span : m_laid.spans) {
        std::size_t &at = span.hidden == 0 ? seen : unseen;
        const std::size_t end = span.hidden == 0 ? m_seen : m_letters.size();
        std::size_t bytes = span.length;
        if (!isAscii)
            bytes = utf8::bytePosition(m_letters.substr(at, end - at), span.length);
        if (at > end || bytes > end - at || bytes < span.length)
            return fail(Code::E_CANON);
        m_texts.push_back(m_letters.substr(at, bytes));
        m_laid.bytes.push_back(span.hidden == 0 ? static_cast<std::uint32_t>(bytes) : 0);
        at += bytes;
    }
    if (seen != m_seen || unseen != m_letters.size())
        return fail(Code::E_CANON);
    orderById();
    writeLog();
    hangRuns(walk);
    TextParts::tree(*m_text).build(m_laid, m_letters.substr(0, m_seen));
}

/// The spans by their ids: counted into pages, which are short.
void SnapshotBuilder::orderById()
{
    constexpr std::uint32_t kPageBits = 6;
    const std::vector<Span> &spans = m_laid.spans;
    std::vector<std::uint32_t> begin((m_hidden.size() >> kPageBits) + 2);
    for (const Span &span : spans)
        ++begin[(span.first >> kPageBits) + 1];
    for (std::size_t page = 1; page < begin.size(); ++page)
        begin[page] += begin[page - 1];
    m_laid.byId.resize(spans.size());
    for (std::uint32_t i = 0; i < spans.size(); ++i)
        m_laid.byId[begin[spans[i].first >> kPageBits]++] = i;
    // A page begins now where the next one did.
    std::size_t from = 0;
    for (const std::uint32_t end : begin) {
        if (end > from + 1)
            std::sort(m_laid.byId.begin() + static_cast<std::ptrdiff_t>(from),
                      m_laid.byId.begin() + end,
                      [&](std::uint32_t a, std::uint32_t b) { return spans[a].first < spans[b].first; });
        from = std::max<std::size_t>(from, end);
    }
}

void SnapshotBuilder::writeLog()
{
    std::string text(m_letters.size(), '\0');
    std::size_t size = 0;
    for (const std::uint32_t span : m_laid.byId) {
        std::memcpy(text.data() + size, m_texts[span].data(), m_texts[span].size());
        size += m_texts[span].size();
    }
    OpLog &log = TextParts::log(*m_text);
    std::string_view rest = text;
    const bool isAscii = utf8::length(rest) == rest.size();
    LocalId next = 1;
    for (const Entry &entry : m_entries) {
        if (!entry.isInsertion) {
            log.addDeletion(entry.first, entry.target, entry.length);
            next = entry.first + 1;
            continue;
        }
        if (entry.first < next)
            log.rewindTo(entry.first);
        const std::size_t bytes = isAscii ? entry.length : utf8::bytePosition(rest, entry.length);
        log.addInsertion(entry.first, entry.length, entry.target, entry.side, rest.substr(0, bytes),
                         false);
        rest.remove_prefix(bytes);
        next = entry.first + entry.length;
    }
}

void SnapshotBuilder::hangRuns(const FugueWalk &walk)
{
    Children &children = TextParts::children(*m_text);
    walk.forEachSiblings([&](const FugueWalk::Siblings &siblings) {
        if (siblings.isFork)
            children.addFork(siblings.parent);
        std::size_t position = 0;
        for (const std::uint32_t run : siblings.runs)
            children.insert(siblings.parent, siblings.side, position++, m_runs[run].first);
    });
}

void SnapshotBuilder::readOthers()
{
    ColumnReader in = column(Part::OtherOps);
    const PlaceResolver resolver(m_changes);
    const OwnChange own{ChangeHandle(UINT32_MAX), DeviceIndex(0), Seq(m_changes.size() + 1)};
    for (std::size_t i = 0; i < m_counts.others; ++i) {
        const std::uint64_t place = in.get(kLocalIdsMax);
        const auto index = static_cast<std::uint32_t>(in.get(UINT32_MAX));
        const ByteView bytes = in.raw(in.get(limits::kDecodedBytesMax));
        if (!in.ok() || place >= m_changes.size())
            return fail(Code::E_CANON);
        const auto ops = decodeOps(bytes, own, resolver);
        if (!ops)
            return fail(ops.error());
        const bool isOther = ops->size() == 1 && !std::holds_alternative<InsertText>(ops->front())
            && !std::holds_alternative<DeleteText>(ops->front());
        if (!isOther)
            return fail(Code::E_CANON);
        const auto verdict =
            m_document.check(own.handle, *ops, [](ChangeHandle) { return true; });
        if (!verdict)
            return fail(verdict.error());
        DocumentParts::apply(m_document, {{m_changes[place], index}, ops->front()});
    }
    if (!in.done())
        fail(Code::E_CANON);
}

} // namespace nlbd::crdt
