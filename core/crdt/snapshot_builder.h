#pragma once

#include "core/crdt/document_parts.h"
#include "core/crdt/entry_columns.h"
#include "core/crdt/op_log_builder.h"
#include "core/crdt/snapshot.h"
#include "core/crdt/snapshot_format.h"
#include "core/crdt/text_layout.h"

namespace nlbd::crdt {

/// Makes a document of the columns of a snapshot, in the order in which things can be checked:
/// names, local ids, ops, then what follows from them.
class SnapshotBuilder {
public:
    /// First those that are seen; valid UTF-8 in both parts.
    struct Letters {
        std::string_view text;
        std::size_t seenBytes = 0;
        TextOffset seen = 0;
    };
    SnapshotBuilder(const Letters &letters, const ChangeOrder &order,
                    const Snapshot::Resolve &resolve);

    /// Call once. What the columns hold is hostile.
    [[nodiscard]] std::expected<Document, Code> run(ByteView columns);

private:
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
    [[nodiscard]] std::array<ByteView, EntryColumns::kCount> entryColumns() const;
    void unpackColumns(ByteView bytes);
    void readNames();
    void readVoids();
    void readPieces();
    void readEntries();
    void reserveEntries();
    [[nodiscard]] std::uint64_t addEntry(const OpLog::Written &entry, std::uint32_t reach,
                                         std::size_t run, std::size_t deletion);
    void hideVoids();
    void layOut();
    void cutText();
    [[nodiscard]] std::string joinedText() const;
    [[nodiscard]] bool areOthersDistinct() const;
    void readOthers();

    std::string_view m_letters;
    std::size_t m_seen; ///< bytes of them that are
    TextOffset m_length;
    const Snapshot::Resolve *m_resolve;
    Document m_document;
    Text *m_text;
    std::optional<Code> m_error;
    Counts m_counts;
    std::array<Bytes, kParts + EntryColumns::kCount> m_columns;
    std::vector<ChangeHandle> m_changes; ///< by place
    std::vector<char> m_isVoid;          ///< by place
    std::vector<std::uint32_t> m_pieces; ///< by piece: place of its change
    std::vector<LocalId> m_pieceEnds;
    std::optional<OpLog::Builder> m_log;
    std::vector<std::uint64_t> m_isLetter; ///< by local id
    TextOutline m_outline{1};
    SpanTree::Laid m_laid;
    std::vector<std::uint32_t> m_at; ///< by span: where its text is in m_letters
};

} // namespace nlbd::crdt
