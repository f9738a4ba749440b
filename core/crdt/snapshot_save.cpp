#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/crdt/document_parts.h"
#include "core/crdt/entry_columns.h"
#include "core/crdt/id_cuts.h"
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
    explicit Letters(const OpLog &log)
        : m_isLetter(log.letterBits())
        , m_before(m_isLetter.size())
    {
        log.appendAll(m_text, kStride);
        m_bytes = m_text.size();
        m_isLetter[0] ^= 1; // the root has no text
        for (std::size_t word = 0; word < m_isLetter.size(); ++word) {
            m_before[word] = m_count;
            m_count += onesIn(m_isLetter[word]);
        }
        m_isAscii = m_count == m_bytes;
        if (!m_isAscii)
            countBytes();
        m_text.append(kStride, '\0'); // to be read over, never kept
    }
    static constexpr std::size_t kStride = 32; ///< most spans are shorter

    /// Copies the text of letters and says how many bytes it has. There is room for a stride more.
    [[gnu::always_inline]] std::size_t copyTo(char *to, LocalId first, std::uint32_t count) const
    {
        const std::uint64_t below =
            m_isLetter[first / 64] & ((std::uint64_t(1) << (first % 64)) - 1);
        const std::uint32_t skipped = onesIn(below);
        std::size_t from = m_before[first / 64];
        std::size_t bytes = count;
        if (m_isAscii) {
            from += skipped;
        } else {
            from = passed(from, skipped);
            bytes = passed(from, count) - from;
        }
        // One copy of a fixed size, and of the rest, which most do not have.
        std::memcpy(to, m_text.data() + from, kStride);
        if (bytes > kStride) [[unlikely]]
            std::memcpy(to + kStride, m_text.data() + from + kStride, bytes - kStride);
        return bytes;
    }
    [[nodiscard]] std::size_t size() const noexcept { return m_bytes; }

private:
    void countBytes()
    {
        std::size_t at = 0;
        for (std::size_t word = 0; word < m_isLetter.size(); ++word) {
            m_before[word] = static_cast<std::uint32_t>(at);
            at = passed(at, onesIn(m_isLetter[word]));
        }
    }
    [[nodiscard]] std::size_t passed(std::size_t at, std::uint32_t letters) const
    {
        return at + utf8::bytePosition(std::string_view(m_text).substr(at), letters);
    }

    std::string m_text; ///< and a stride
    std::size_t m_bytes = 0;
    std::uint32_t m_count = 0;
    bool m_isAscii = false;
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
        , m_letters(m_text->log())
    {
    }

    std::expected<Bytes, Code> run(ByteView note, std::size_t bytesMax)
    {
        writePieces();
        writeEntries();
        writeVoids();
        writeOthers();
        if (m_letters.size() > bytesMax || columnBytes() > bytesMax)
            return std::unexpected(Code::E_BOUNDS);
        ColumnPacker packer(ColumnPacker::Effort::Quick);
        m_out.raw(bytesOf(kSnapshotMagic));
        m_out.u8(kSnapshotLevel);
        m_out.u64(0); // the checksum comes in the end
        const std::size_t start = m_out.size();
        m_out.blob(note);
        packText(packer);
        for (const std::uint64_t count :
             {m_names.size(), m_text->numbers().pieces(), m_entries.count(), m_voids, m_others})
            m_out.varint(count);
        for (const Column &column : m_columns)
            packer.pack(column.view(), m_out);
        const auto entries = m_entries.views();
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (EntryColumns::isWorthPacking(i))
                packer.pack(entries[i], m_out);
            else
                ColumnPacker::store(entries[i], m_out);
        }
        Bytes bytes = std::move(m_out).take();
        const std::uint64_t sum = checksumOf(ByteView(bytes).subspan(start));
        std::memcpy(bytes.data() + start - sizeof sum, &sum, sizeof sum);
        return bytes;
    }

private:
    [[nodiscard]] std::size_t columnBytes() const
    {
        std::size_t bytes = 0;
        for (const Column &column : m_columns)
            bytes += column.view().size();
        for (const ByteView column : m_entries.views())
            bytes += column.size();
        return bytes;
    }
    [[nodiscard]] Column &column(Part part) { return m_columns[static_cast<std::size_t>(part)]; }

    /// The place of a change among the names; a new one gets the next.
    std::uint32_t placeOf(ChangeHandle change)
    {
        rememberNames();
        const std::uint32_t *known = m_places.find(change.value);
        if (known != nullptr)
            return *known;
        addName(change);
        return static_cast<std::uint32_t>(m_names.size() - 1);
    }

    void rememberNames()
    {
        for (; m_known < m_names.size(); ++m_known)
            m_places.insert(m_names[m_known].value, static_cast<std::uint32_t>(m_known));
    }

    /// Of a change that has none yet.
    void addName(ChangeHandle change)
    {
        const SnapshotName name = (*m_nameOf)(change);
        column(Part::Devices).putSigned(std::int64_t(name.device.value) - m_lastDevice);
        m_lastDevice = name.device.value;
        if (m_lastSeqs.size() <= name.device.value)
            m_lastSeqs.resize(name.device.value + 1UL);
        std::uint64_t &last = m_lastSeqs[name.device.value];
        column(Part::Seqs).putSigned(static_cast<std::int64_t>(name.seq.value - last - 1));
        last = name.seq.value;
        if (name.hash) {
            column(Part::Hashes).put(m_names.size());
            column(Part::Hashes).putRaw(name.hash->view());
        }
        m_names.push_back(change);
    }

    void writePieces()
    {
        const Numbers &numbers = m_text->numbers();
        m_names.reserve(numbers.pieces());
        std::vector<std::uint32_t> places; ///< by piece
        places.reserve(numbers.pieces());
        std::vector<std::uint32_t> ends; ///< by place: index after the change's piece before
        ends.reserve(numbers.pieces());
        numbers.forEachPiece([&](const Numbers::PieceView &piece) {
            const auto known = static_cast<std::uint32_t>(m_names.size());
            const bool goesOn = !places.empty() && m_names[places.back()] == piece.change;
            const std::uint32_t place = goesOn ? places.back()
                : piece.earlier                ? places[*piece.earlier]
                                               : known;
            if (place == known) {
                addName(piece.change);
                ends.push_back(0);
            }
            places.push_back(place);
            column(Part::PieceChanges).putSigned(std::int64_t(place) - known);
            column(Part::PieceStarts).put(piece.index - ends[place]);
            column(Part::PieceLengths).put(piece.end - piece.first);
            ends[place] = piece.index + (piece.end - piece.first);
        });
    }

    // Apart, so that its many numbers have the registers for themselves.
    [[gnu::noinline]] void writeEntries()
    {
        const OpLog &log = m_text->log();
        m_entries.reserve(log.writtenMost());
        EntryColumns::Row row(m_entries);
        LocalId next = 1;
        LocalId cursor = kRootId;
        log.forEachWritten([&](const OpLog::Written &it) {
            EntryStep step;
            step.isDeletion = !it.isInsertion;
            step.side = it.side;
            step.length = it.length;
            const std::uint32_t taken = 0U - static_cast<std::uint32_t>(step.isDeletion);
            const LocalId reached = it.target + ((it.length - 1) & taken); // by masks, not asked
            step.distance = static_cast<std::int32_t>(cursor - reached);
            step.isMarked = it.first != next;
            if (step.isMarked) [[unlikely]]
                putGap(std::int64_t(it.first) - next);
            row.put(step);
            next = it.first + ((it.length - 1) & ~taken) + 1;
            cursor = ((next - 1) & ~taken) | (it.target & taken);
        });
        row.finish();
        CHECK(next == m_text->numbers().next());
    }

    [[gnu::noinline]] void putGap(std::int64_t gap) { column(Part::Gaps).putSigned(gap); }

    /// What is seen, then what is not, both as they stand in the document.
    void packText(ColumnPacker &packer)
    {
        const SpanTree &tree = m_text->tree();
        std::string text;
        text.reserve(m_letters.size() + Letters::kStride);
        tree.appendText(0, tree.length(), text);
        m_out.varint(tree.length());
        m_out.varint(text.size());
        std::size_t size = text.size();
        text.resize_and_overwrite(text.capacity(), [&](char *at, std::size_t) {
            copyHidden(at, size);
            return size;
        });
        CHECK(size == m_letters.size());
        packer.pack(bytesOf(text), m_out);
    }

    /// Apart for the same reason.
    [[gnu::noinline]] void copyHidden(char *to, std::size_t &size) const
    {
        std::size_t at = size;
        std::array<std::uint8_t, SpanLeaf::kSpansMax> hidden;
        for (const SpanLeaf *leaf = &m_text->tree().firstLeaf(); leaf != nullptr;
             leaf = leaf->next) {
            leaf->fetchNext();
            // Which spans are hidden is as good as random: they are counted together, not asked.
            std::size_t count = 0;
            for (std::uint32_t slot = 0; slot < leaf->count; ++slot) {
                hidden[count] = static_cast<std::uint8_t>(slot);
                count += leaf->spans[slot].hidden == 0 ? 0 : 1;
            }
            for (std::size_t i = 0; i < count; ++i) {
                const Span &span = leaf->spans[hidden[i]];
                const std::uint32_t letters = span.first == kRootId ? 0 : span.length;
                at += m_letters.copyTo(to + at, span.first, letters);
            }
        }
        size = at;
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
    std::vector<ChangeHandle> m_names; ///< by place
    FlatMap m_places;                  ///< of the first of them: few are ever asked for
    std::size_t m_known = 0;           ///< how many
    std::int64_t m_lastDevice = 0;
    std::vector<std::uint64_t> m_lastSeqs; ///< by device
    std::size_t m_voids = 0;
    std::size_t m_others = 0;
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
    if (ops.empty())
        return;
    rememberNames();
    const PlaceNames names(m_places);
    // Nobody's change: all that ops refer to is named by its place, how far it is from the end.
    const OwnChange own{ChangeHandle(UINT32_MAX), DeviceIndex(0), Seq(m_names.size() + 1)};
    Column &out = column(Part::OtherOps);
    for (const DocumentParts::OtherOp &it : ops) {
        const Bytes bytes = encodeOps({it.op}, own, names);
        out.put(placeOf(it.id.change));
        out.put(std::rotl(it.id.index, 1)); // bit 0: a format
        out.put(bytes.size());
        out.putRaw(bytes);
    }
    m_others = ops.size();
}

} // namespace

std::expected<Bytes, Code> saveSnapshot(const Document &document,
                                        const std::function<SnapshotName(ChangeHandle)> &nameOf,
                                        ByteView note, std::size_t bytesMax)
{
    return SnapshotWriter(document, nameOf).run(note, bytesMax);
}

} // namespace nlbd::crdt
