#include "core/crdt/snapshot_builder.h"

#include "core/base/utf8.h"
#include "core/crdt/id_words.h"

#include <cstring>

namespace nlbd::crdt {

SnapshotBuilder::SnapshotBuilder(const Letters &letters, const ChangeOrder &order,
                                 const Snapshot::Resolve &resolve)
    : m_letters(letters.text)
    , m_seen(letters.seenBytes)
    , m_length(letters.seen)
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
             &SnapshotBuilder::readEntries, &SnapshotBuilder::hideVoids, &SnapshotBuilder::layOut,
             &SnapshotBuilder::readOthers}) {
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
    for (std::size_t *count :
         {&m_counts.names, &m_counts.pieces, &m_counts.entries, &m_counts.voids, &m_counts.others})
        *count = in.varint(kLocalIdsMax);
    ColumnUnpacker unpacker;
    for (Bytes &column : m_columns) {
        const PackedColumn packed = readPacked(in);
        auto unpacked = in.ok() ? unpacker.unpack(packed) : std::nullopt;
        if (!unpacked)
            return fail(Code::E_CANON);
        column = std::move(*unpacked);
    }
    const auto fits = [this](std::size_t count, Part part) {
        return count <= m_columns[static_cast<std::size_t>(part)].size();
    };
    // Whatever is counted takes a byte at least: counts reserve no more than was unpacked.
    const bool isSound = fits(m_counts.names, Part::Devices)
        && fits(m_counts.pieces, Part::PieceLengths) && m_counts.entries == entryColumns()[0].size()
        && fits(m_counts.voids, Part::Voids) && fits(m_counts.others, Part::OtherOps);
    if (!in.done() || !isSound)
        fail(Code::E_CANON);
}

/// One by one: equal numbers pack as tightly as one likes, so that only names which are known may
/// take memory.
void SnapshotBuilder::readNames()
{
    ColumnReader devices = column(Part::Devices);
    ColumnReader seqs = column(Part::Seqs);
    ColumnReader hashes = column(Part::Hashes);
    std::uint64_t hashAt = hashes.done() ? UINT64_MAX : hashes.get();
    std::vector<std::uint64_t> lastSeqs;
    std::int64_t device = 0;
    for (std::size_t place = 0; place < m_counts.names; ++place) {
        const std::int64_t step = devices.getSigned();
        device = std::abs(step) > UINT16_MAX ? -1 : device + step;
        if (device < 0 || device > UINT16_MAX)
            return fail(Code::E_CANON);
        SnapshotName name{DeviceIndex(static_cast<std::uint16_t>(device)), {}, {}};
        if (lastSeqs.size() <= name.device.value)
            lastSeqs.resize(name.device.value + 1UL);
        std::uint64_t &last = lastSeqs[name.device.value];
        last += 1 + static_cast<std::uint64_t>(seqs.getSigned());
        name.seq = Seq(last);
        if (place == hashAt) {
            name.hash = Hash::from(hashes.raw(Hash::kSize));
            hashAt = hashes.done() ? UINT64_MAX : hashes.get();
        }
        const auto change =
            devices.ok() && seqs.ok() && hashes.ok() ? (*m_resolve)(name) : std::nullopt;
        if (!change || *change == kRoot.change)
            return fail(devices.ok() && seqs.ok() && hashes.ok() ? Code::E_OP_TARGET
                                                                 : Code::E_CANON);
        m_changes.push_back(*change);
    }
    if (!devices.done() || !seqs.done() || !hashes.done() || hashAt != UINT64_MAX)
        return fail(Code::E_CANON);
    std::vector<ChangeHandle> sorted = m_changes;
    if (!std::ranges::is_sorted(sorted))
        std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end())
        fail(Code::E_OP_TARGET);
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
    const std::uint64_t idsMax = m_letters.size() + m_counts.entries; // each is of one of them
    std::uint64_t next = 1;
    Numbers &numbers = TextParts::numbers(*m_text);
    const std::size_t pieces = std::min<std::size_t>(m_counts.pieces, idsMax);
    numbers.reserve(pieces);
    m_pieces.reserve(pieces);
    m_pieceEnds.reserve(pieces);
    for (std::size_t i = 0; i < m_counts.pieces; ++i) {
        const std::int64_t step = changes.getSigned();
        const std::int64_t place = step > 0 || step < -known ? -1 : known + step;
        if (place < 0 || place >= std::int64_t(m_changes.size()))
            return fail(Code::E_CANON);
        known += place == known ? 1 : 0;
        std::uint64_t &end = ends[static_cast<std::size_t>(place)];
        const std::uint64_t start = end + starts.get(UINT32_MAX);
        const std::uint64_t length = lengths.get(kLocalIdsMax);
        if (place == before && start == end)
            return fail(Code::E_CANON); // one piece, told as two
        before = place;
        end = start + length;
        next += length;
        if (!starts.ok() || !lengths.ok() || length == 0 || end > UINT32_MAX || next > idsMax + 1
            || next >= kLocalIdsMax)
            return fail(Code::E_CANON);
        static_cast<void>(numbers.add(
            {m_changes[static_cast<std::size_t>(place)], static_cast<std::uint32_t>(start)},
            static_cast<std::uint32_t>(length)));
        m_pieces.push_back(static_cast<std::uint32_t>(place));
        m_pieceEnds.push_back(static_cast<LocalId>(next));
    }
    if (!changes.done() || !starts.done() || !lengths.done())
        fail(Code::E_CANON);
}

std::array<ByteView, EntryColumns::kCount> SnapshotBuilder::entryColumns() const
{
    std::array<ByteView, EntryColumns::kCount> views;
    std::copy(m_columns.begin() + kParts, m_columns.end(), views.begin());
    return views;
}

void SnapshotBuilder::reserveEntries()
{
    const LocalId end = m_text->numbers().next();
    // Letters are all, the root too, but what deletions take away again.
    m_isLetter.assign(end / 64 + 1, ~std::uint64_t(0));
    m_isLetter.back() = (std::uint64_t(1) << (end % 64)) - 1;
    m_outline = TextOutline(end);
    m_log.emplace(TextParts::log(*m_text), end);
    std::size_t deletions = 0;
    for (const std::byte head : m_columns[kParts])
        deletions += static_cast<unsigned>(head) & kHeadDeletion;
    m_outline.reserve(m_counts.entries - deletions, deletions);
}

void SnapshotBuilder::readEntries()
{
    reserveEntries();
    const std::int64_t end = m_text->numbers().next();
    EntryReader in(entryColumns());
    ColumnReader gaps = column(Part::Gaps);
    std::int64_t next = 1;
    std::int64_t cursor = 0;
    bool canShare = false; // what a draft gave back the next entry has again: never of letters
    std::uint64_t missing = 0;
    std::size_t runs = 1;
    for (std::size_t i = 0; i < m_counts.entries; ++i) {
        const EntryStep step = in.get();
        if (step.isMarked) {
            const std::int64_t gap = gaps.getSigned();
            if (gap != -1 || !canShare)
                return fail(Code::E_CANON);
            --next;
            m_isLetter[static_cast<std::size_t>(next) / 64] |= std::uint64_t(1) << (next % 64);
        }
        // What kind comes next cannot be guessed: it is counted with, not asked.
        const auto taken = static_cast<std::int64_t>(step.isDeletion);
        const std::int64_t reach = 1 + taken * (std::int64_t(step.length) - 1);
        const std::int64_t target = cursor - step.distance - (reach - 1);
        const std::int64_t first = next;
        next += step.length - taken * (std::int64_t(step.length) - 1);
        // An insertion at the root is at its right.
        const std::int64_t least = 1 - static_cast<std::int64_t>(step.side);
        if (target < least || target + reach > first || next > end)
            return fail(Code::E_CANON);
        missing |= addEntry({static_cast<LocalId>(first), step.length, static_cast<LocalId>(target),
                             !step.isDeletion, step.side},
                            static_cast<std::uint32_t>(reach), runs, i + 1 - runs);
        runs += static_cast<std::size_t>(1 - taken);
        canShare = step.isDeletion;
        cursor = next - 1 + taken * (target - (next - 1));
    }
    if (!in.done() || !gaps.done() || next != end || missing != 0)
        return fail(Code::E_CANON);
    m_outline.finish(runs, m_counts.entries + 1 - runs);
}

/// What is not 0 in the result hangs at or takes what is no letter.
inline std::uint64_t SnapshotBuilder::addEntry(const OpLog::Written &entry, std::uint32_t reach,
                                               std::size_t run, std::size_t deletion)
{
    std::uint64_t missing = 0;
    forEachWord(entry.target, entry.target + reach,
                [&](std::size_t word, std::uint64_t bits) { missing |= ~m_isLetter[word] & bits; });
    m_log->add(entry);
    const auto isDeletion = static_cast<std::uint64_t>(!entry.isInsertion);
    m_isLetter[entry.first / 64] &= ~(isDeletion << (entry.first % 64));
    m_outline.put(entry, run, deletion);
    return missing;
}

void SnapshotBuilder::hideVoids()
{
    LocalId from = 1;
    for (std::size_t piece = 0; piece < m_pieces.size(); ++piece) {
        if (m_isVoid[m_pieces[piece]] != 0)
            m_outline.addVoid(from, m_pieceEnds[piece]);
        from = m_pieceEnds[piece];
    }
}

void SnapshotBuilder::layOut()
{
    m_log->seal();
    m_laid = crdt::layOut(
        m_outline, m_text->log(),
        [this](LocalId a, LocalId b) { return TextParts::isSiblingBefore(*m_text, a, b); },
        TextParts::children(*m_text));
    cutText();
    if (m_error)
        return;
    m_log->finish(m_isLetter, joinedText());
    TextParts::tree(*m_text).build(m_laid, m_letters.substr(0, m_seen));
}

/// Which letters are whose: those that are seen follow each other in the text, and so do the
/// others behind them.
void SnapshotBuilder::cutText()
{
    std::array<std::size_t, 2> letters{};
    for (const Span &span : m_laid.spans) {
        letters[0] += span.visible();
        letters[1] += span.length - span.visible();
    }
    const std::size_t hidden = m_letters.size() - m_seen;
    if (m_length != letters[0] || utf8::length(m_letters.substr(m_seen)) != letters[1])
        return fail(Code::E_CANON);
    m_laid.bytes.resize(m_laid.spans.size());
    m_at.resize(m_laid.spans.size());
    const bool isAscii = m_seen == letters[0] && hidden == letters[1];
    std::size_t seenAt = 0;
    std::size_t hiddenAt = m_seen;
    for (std::size_t i = 0; i < m_laid.spans.size(); ++i) {
        const Span &span = m_laid.spans[i];
        const bool isSeen = span.hidden == 0;
        const std::size_t from = isSeen ? seenAt : hiddenAt;
        const std::size_t bytes =
            isAscii ? span.length : utf8::bytePosition(m_letters.substr(from), span.length);
        m_at[i] = static_cast<std::uint32_t>(from);
        m_laid.bytes[i] = static_cast<std::uint32_t>(bytes);
        const std::size_t forSeen = bytes & (0U - static_cast<std::size_t>(isSeen));
        seenAt += forSeen;
        hiddenAt += bytes - forSeen;
    }
}

/// The letters by their ids.
std::string SnapshotBuilder::joinedText() const
{
    constexpr std::size_t kStride = 32; // most spans are shorter: one copy of a fixed size
    std::string text;
    text.resize_and_overwrite(m_letters.size() + kStride, [this](char *to, std::size_t) {
        std::size_t size = 0;
        for (const std::uint32_t span : m_laid.byId) {
            const std::size_t at = m_at[span];
            const std::size_t bytes = m_laid.bytes[span];
            if (bytes <= kStride && at + kStride <= m_letters.size())
                std::memcpy(to + size, m_letters.data() + at, kStride);
            else
                std::memcpy(to + size, m_letters.data() + at, bytes);
            size += bytes;
        }
        return size;
    });
    CHECK(text.size() == m_letters.size());
    return text;
}

} // namespace nlbd::crdt
