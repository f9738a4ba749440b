#pragma once

#include "core/crdt/document_parts.h"
#include "core/crdt/fugue_walk.h"
#include "core/crdt/snapshot.h"
#include "core/crdt/snapshot_format.h"

namespace nlbd::crdt {

/// Makes a document of the columns of a snapshot, in the order in which things can be checked:
/// names, local ids, ops, then what follows from them.
class SnapshotBuilder {
public:
    /// `text` is that of all letters, the first `seen` bytes of it are those that are seen; valid
    /// UTF-8 in both parts.
    SnapshotBuilder(std::string_view text, std::size_t seen, const ChangeOrder &order,
                    const Snapshot::Resolve &resolve);

    /// Call once. What the columns hold is hostile.
    [[nodiscard]] std::expected<Document, Code> run(ByteView columns);

private:
    struct Entry {
        LocalId first = 0;
        std::uint32_t length = 0;
        LocalId target = 0; ///< of an insertion, the parent
        bool isInsertion = false;
        Side side = Side::Right;
    };
    struct Counts {
        std::size_t names = 0;
        std::size_t pieces = 0;
        std::size_t entries = 0;
        std::size_t voids = 0;
        std::size_t others = 0;
    };

    void fail(Code code)
    {
        if (!m_error)
            m_error = code;
    }
    [[nodiscard]] ColumnReader column(Part part) const
    {
        return ColumnReader(m_columns[static_cast<std::size_t>(part)]);
    }
    void unpackColumns(ByteView bytes);
    void readNames();
    void readHashes(std::vector<SnapshotName> &names);
    void readVoids();
    void readPieces();
    void readEntries();
    void addEntry(const Entry &entry);
    void hideLetters();
    void layOut();
    void orderById();
    void writeLog();
    void hangRuns(const FugueWalk &walk);
    void readOthers();

    std::string_view m_letters;
    std::size_t m_seen;
    const Snapshot::Resolve *m_resolve;
    Document m_document;
    Text *m_text;
    std::optional<Code> m_error;
    Counts m_counts;
    std::array<Bytes, kParts> m_columns;
    std::vector<ChangeHandle> m_changes; ///< by place
    std::vector<char> m_isVoid;          ///< by place
    std::vector<std::uint32_t> m_pieces; ///< by piece: place of its change
    std::vector<LocalId> m_pieceEnds;
    std::vector<Entry> m_entries;
    std::vector<FugueWalk::Run> m_runs;
    std::vector<std::uint64_t> m_isLetter;  ///< by local id
    std::vector<std::uint32_t> m_hidden;    ///< by local id
    SpanTree::Laid m_laid;
    std::vector<std::string_view> m_texts; ///< by span
};

} // namespace nlbd::crdt
