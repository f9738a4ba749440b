#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/crdt/document_parts.h"
#include "core/crdt/entry_columns.h"
#include "core/crdt/id_cuts.h"
#include "core/crdt/id_words.h"
#include "core/crdt/op_codec.h"
#include "core/crdt/snapshot.h"
#include "core/crdt/snapshot_format.h"

#include <bit>
#include <cstring>

namespace nlbd::crdt {

namespace {

/// The letters of a log in one piece, and where each begins.
class Letters {
public:
    explicit Letters(const OpLog &log, LocalId end)
        : m_isLetter(end / 64 + 1)
        , m_before(end / 64 + 1)
    {
        log.appendAll(m_text);
    }
    void add(LocalId first, std::uint32_t count)
    {
        m_count += count;
        forEachWord(first, first + count,
                    [this](std::size_t word, std::uint64_t bits) { m_isLetter[word] |= bits; });
    }
    /// After the last was added.
    void count()
    {
        std::uint32_t letters = 0;
        std::size_t at = 0;
        const bool isAscii = m_count == m_text.size();
        for (std::size_t word = 0; word < m_isLetter.size(); ++word) {
            m_before[word] = static_cast<std::uint32_t>(isAscii ? letters : at);
            const auto here = onesIn(m_isLetter[word]);
            letters += here;
            if (!isAscii)
                at = passed(at, here);
        }
    }
    [[nodiscard]] std::string_view text(LocalId first, std::uint32_t count) const
    {
        const std::uint64_t below =
            m_isLetter[first / 64] & ((std::uint64_t(1) << (first % 64)) - 1);
        const auto skipped = onesIn(below);
        if (m_count == m_text.size())
            return std::string_view(m_text).substr(m_before[first / 64] + skipped, count);
        const std::size_t from = passed(m_before[first / 64], skipped);
        return std::string_view(m_text).substr(from, passed(from, count) - from);
    }

    [[nodiscard]] std::size_t size() const noexcept { return m_text.size(); }
    /// True if so many bytes can be read from where a part of the text begins.
    [[nodiscard]] bool hasBehind(std::string_view part, std::size_t bytes) const noexcept
    {
        return part.data() + bytes <= m_text.data() + m_text.size();
    }

private:
    [[nodiscard]] std::size_t passed(std::size_t at, std::uint32_t letters) const
    {
        return at + utf8::bytePosition(std::string_view(m_text).substr(at), letters);
    }

    std::string m_text;
    std::size_t m_count = 0;
    std::vector<std::uint64_t> m_isLetter; ///< by local id
    std::vector<std::uint32_t> m_before;   ///< by word of that: bytes before its first letter
};

class SnapshotWriter {
public:
    SnapshotWriter(const Document &document,
                   const std::function<SnapshotName(ChangeHandle)> &nameOf)
        : m_document(&document)
        , m_text(&DocumentParts::text(document))
        , m_nameOf(&nameOf)
        , m_letters(m_text->log(), m_text->numbers().next())
    {
    }

    Bytes run(ByteView note)
    {
        writePieces();
        writeEntries();
        writeVoids();
        writeOthers();
        ColumnPacker packer(ColumnPacker::Effort::Quick);
        m_out.raw(bytesOf(kSnapshotMagic));
        m_out.u8(kSnapshotLevel);
        m_out.u64(0); // the checksum comes in the end
        const std::size_t start = m_out.size();
        m_out.blob(note);
        packText(packer);
        for (const std::uint64_t count : {m_names, m_pieces, m_count, m_voids, m_others})
            m_out.varint(count);
        for (const Column &column : m_columns)
            packer.pack(column.view(), m_out);
        for (const ByteView entries : m_entries.views())
            packer.pack(entries, m_out);
        Bytes bytes = std::move(m_out).take();
        const std::uint64_t sum = checksumOf(ByteView(bytes).subspan(start));
        std::memcpy(bytes.data() + start - sizeof sum, &sum, sizeof sum);
        return bytes;
    }

private:
    [[nodiscard]] Column &column(Part part) { return m_columns[static_cast<std::size_t>(part)]; }

    /// The place of a change among the names; a new one gets the next.
    std::uint32_t placeOf(ChangeHandle change)
    {
        if (const std::uint32_t *known = m_places.find(change.value))
            return *known;
        const auto place = static_cast<std::uint32_t>(m_names++);
        m_places.insert(change.value, place);
        const SnapshotName name = (*m_nameOf)(change);
        column(Part::Devices).putSigned(std::int64_t(name.device.value) - m_lastDevice);
        m_lastDevice = name.device.value;
        if (m_lastSeqs.size() <= name.device.value)
            m_lastSeqs.resize(name.device.value + 1UL);
        std::uint64_t &last = m_lastSeqs[name.device.value];
        column(Part::Seqs).putSigned(static_cast<std::int64_t>(name.seq.value - last - 1));
        last = name.seq.value;
        if (name.hash) {
            column(Part::Hashes).put(place);
            column(Part::Hashes).putRaw(name.hash->view());
        }
        return place;
    }

    void writePieces()
    {
        const Numbers &numbers = m_text->numbers();
        m_pieces = numbers.pieces();
        m_places.reserve(m_pieces);
        std::vector<std::uint32_t> ends; ///< by place: index after the change's piece before
        ends.reserve(m_pieces);
        numbers.forEachGiven([&](OpId first, std::uint32_t count) {
            const auto known = static_cast<std::int64_t>(m_names);
            const std::uint32_t place = placeOf(first.change);
            if (place == known)
                ends.push_back(0);
            column(Part::PieceChanges).putSigned(place - known);
            column(Part::PieceStarts).put(first.index - ends[place]);
            column(Part::PieceLengths).put(count);
            ends[place] = first.index + count;
        });
    }

    void writeEntries()
    {
        const LocalId end = m_text->numbers().next();
        m_text->log().forEach(
            1, end, [this](const OpLog::Insertion &run) { write(run); },
            [this](const OpLog::Deletion &deletion) { write(deletion); });
        CHECK(m_next == end);
        m_letters.count();
    }

    void put(EntryStep step, LocalId first, LocalId target)
    {
        ++m_count;
        step.distance = static_cast<std::int32_t>(m_cursor - target);
        step.isMarked = first != m_next;
        if (step.isMarked)
            column(Part::Gaps).putSigned(std::int64_t(first) - m_next);
        m_entries.put(step);
    }

    void write(const OpLog::Insertion &run)
    {
        put({false, run.side, false, 0, run.count}, run.first, run.parent);
        m_letters.add(run.first, run.count);
        m_next = run.first + run.count;
        m_cursor = m_next - 1;
    }

    void write(const OpLog::Deletion &deletion)
    {
        put({true, Side::Left, false, 0, deletion.length}, deletion.id,
            deletion.target + deletion.length - 1);
        m_next = deletion.id + 1;
        m_cursor = deletion.target;
    }

    /// What is seen, then what is not, both as they stand in the document.
    void packText(ColumnPacker &packer)
    {
        constexpr std::size_t kStride = 32; // most spans are shorter: one copy of a fixed size
        const SpanTree &tree = m_text->tree();
        std::string text;
        text.reserve(m_letters.size() + kStride);
        tree.appendText(0, tree.length(), text);
        m_out.varint(tree.length());
        m_out.varint(text.size());
        std::size_t size = text.size();
        text.resize(m_letters.size() + kStride);
        tree.forEach([&](const Span &span) {
            if (span.hidden == 0 || span.first == kRootId)
                return;
            const std::string_view letters = m_letters.text(span.first, span.length);
            const bool isShort = letters.size() <= kStride && m_letters.hasBehind(letters, kStride);
            if (isShort)
                std::memcpy(text.data() + size, letters.data(), kStride);
            else
                std::memcpy(text.data() + size, letters.data(), letters.size());
            size += letters.size();
        });
        CHECK(size == m_letters.size());
        text.resize(size);
        packer.pack(bytesOf(text), m_out);
    }

    void writeOthers();

    void writeVoids()
    {
        std::vector<std::uint32_t> places;
        std::vector<ChangeHandle> changes(m_text->voids().begin(), m_text->voids().end());
        std::ranges::sort(changes);
        for (const ChangeHandle change : changes)
            places.push_back(placeOf(change));
        std::ranges::sort(places);
        m_voids = places.size();
        std::uint32_t next = 0;
        for (const std::uint32_t place : places) {
            column(Part::Voids).put(place - next);
            next = place + 1;
        }
    }

    const Document *m_document;
    const Text *m_text;
    const std::function<SnapshotName(ChangeHandle)> *m_nameOf;
    Letters m_letters;
    std::array<Column, kParts> m_columns;
    EntryColumns m_entries;
    Writer m_out;
    FlatMap m_places; ///< of changes among the names
    std::int64_t m_lastDevice = 0;
    std::vector<std::uint64_t> m_lastSeqs; ///< by device
    std::size_t m_names = 0;
    std::size_t m_pieces = 0;
    std::size_t m_count = 0; ///< of entries
    std::size_t m_voids = 0;
    std::size_t m_others = 0;
    LocalId m_next = 1;
    LocalId m_cursor = kRootId;
};

/// Names changes by their places in the snapshot.
class PlaceNames final : public ChangeNames {
public:
    explicit PlaceNames(const FlatMap &places)
        : m_places(&places)
    {
    }
    [[nodiscard]] ChangeName nameOf(ChangeHandle change) const override
    {
        const std::uint32_t *place = m_places->find(change.value);
        CHECK(place != nullptr); // an op cannot point at what has no letter or op here
        return {DeviceIndex(0), Seq(*place + 1UL), 0};
    }

private:
    const FlatMap *m_places;
};

void SnapshotWriter::writeOthers()
{
    const std::vector<DocumentParts::OtherOp> ops = DocumentParts::otherOps(*m_document);
    for (const DocumentParts::OtherOp &it : ops)
        static_cast<void>(placeOf(it.id.change));
    const PlaceNames names(m_places);
    // Nobody's change: all that ops refer to is named by its place, how far it is from the end.
    const OwnChange own{ChangeHandle(UINT32_MAX), DeviceIndex(0), Seq(m_names + 1)};
    Column &out = column(Part::OtherOps);
    for (const DocumentParts::OtherOp &it : ops) {
        const Bytes bytes = encodeOps({it.op}, own, names);
        out.put(placeOf(it.id.change));
        out.put(it.id.index);
        out.put(bytes.size());
        out.putRaw(bytes);
    }
    m_others = ops.size();
}

} // namespace

Bytes saveSnapshot(const Document &document,
                   const std::function<SnapshotName(ChangeHandle)> &nameOf, ByteView note)
{
    return SnapshotWriter(document, nameOf).run(note);
}

} // namespace nlbd::crdt
