#pragma once

#include "core/crdt/patch_log.h"
#include "core/crdt/span_store.h"

#include <unordered_set>

namespace nlbd::crdt {

/// A text as a tree of characters in Fugue order (README.md): where an insertion goes, what is
/// visible, what stands where.
///
/// Visible is a character whose own change is not void and that no change deleted which is not
/// void.
class Text {
public:
    explicit Text(const ChangeOrder &order)
        : m_order(&order)
    {
    }

    // ---- Local edits: see Document -------------------------------------------------------------

    [[nodiscard]] InsertText insertLocally(TextOffset at, std::string_view utf8, OpId first);
    [[nodiscard]] InsertText insertLocallyBefore(OpId next, std::string_view utf8, OpId first);
    [[nodiscard]] Ops eraseLocally(TextOffset at, TextOffset count, OpId firstOp);

    // ---- Checked ops ---------------------------------------------------------------------------

    void insert(const InsertText &op, OpId first, PatchLog &log);
    void erase(const DeleteText &op, ChangeHandle deleter, PatchLog &log);

    [[nodiscard]] bool areCharacters(OpId first, std::uint32_t length) const noexcept
    {
        return first.change != kRoot.change && m_store.areCharacters(first, length);
    }

    void setVoid(ChangeHandle change, bool isVoid, PatchLog &log);
    [[nodiscard]] bool isVoid(ChangeHandle change) const noexcept
    {
        return !m_void.empty() && m_void.contains(change);
    }

    // ---- Reading -------------------------------------------------------------------------------

    [[nodiscard]] TextOffset length() const noexcept { return m_tree.length(); }
    [[nodiscard]] std::string text(TextOffset from, TextOffset count) const;

    /// Calls visit(first id, offset, length) for the visible parts of [from, to) in order.
    template <typename Visit>
    void forEachVisible(TextOffset from, TextOffset to, Visit visit) const
    {
        m_tree.forEachVisible(from, to, [&](SpanIndex index, TextOffset start) {
            const Span &it = m_store.span(index);
            const TextOffset skipped = from > start ? from - start : 0;
            const TextOffset end = std::min(to, start + it.length);
            visit(OpId{it.first.change, it.first.index + skipped}, start + skipped,
                  end - start - skipped);
        });
    }

    /// Calls visit(first id, offset, length) for the visible spans of a change, by their numbers.
    template <typename Visit>
    void forEachVisibleOf(ChangeHandle change, Visit visit) const
    {
        for (const SpanIndex index : m_store.spansOf(change)) {
            const Span &it = m_store.span(index);
            if (it.isVisible)
                visit(it.first, m_tree.offsetOf(index), it.length);
        }
    }

    /// The character that ends at `at`; the root if at == 0. Precondition: at <= length().
    [[nodiscard]] OpId characterBefore(TextOffset at) const;

    /// Where the given side of a character is; nothing if it was never inserted.
    [[nodiscard]] std::optional<TextOffset> offsetOf(OpId id, Side side) const;

    /// Walks the tree by the paper's definition and compares. Contradictions abort.
    void checkInvariants() const;

private:
    enum class Origin : std::uint8_t { Local, Applied };

    struct Inserted {
        TextOffset at = 0;
        TextOffset length = 0; ///< visible scalars that came: 0 if the change is void
    };
    [[nodiscard]] Inserted integrate(const InsertText &op, OpId first, Origin origin);
    [[nodiscard]] std::optional<Inserted> extendRun(const InsertText &op, OpId first,
                                                    SpanStore::Place parent);
    void place(SpanIndex added, SpanIndex parent, TextOffset weight, Origin origin);
    void placeBetween(SpanIndex added, SpanIndex before, SpanIndex after, TextOffset weight);
    void placeAfterSubtree(SpanIndex added, SpanIndex sibling, TextOffset weight);
    void placeBeforeSubtree(SpanIndex added, SpanIndex sibling, TextOffset weight);

    [[nodiscard]] bool isSiblingBefore(OpId a, OpId b) const;
    [[nodiscard]] SpanStore::Place placeOf(OpId id) const;
    SpanIndex split(SpanIndex index, std::uint32_t offset);
    [[nodiscard]] std::vector<SpanIndex> isolate(const DeleteText &range);
    void refresh(SpanIndex index, PatchLog &log);
    [[nodiscard]] bool shouldBeVisible(const Span &span) const;
    void remember(ChangeHandle deleter, const DeleteText &range);
    [[nodiscard]] std::vector<SpanIndex> treeOrder() const;
    [[nodiscard]] std::size_t checkedChildren(SpanIndex index) const;

    const ChangeOrder *m_order;
    SpanStore m_store;
    SpanTree m_tree;
    DeleterSets m_deleters;
    std::unordered_map<ChangeHandle, std::vector<DeleteText>> m_deletions; ///< by who deleted
    std::unordered_set<ChangeHandle> m_void;
};

} // namespace nlbd::crdt
