#pragma once

#include "core/crdt/children.h"
#include "core/crdt/draft.h"
#include "core/crdt/located.h"
#include "core/crdt/op_log.h"
#include "core/crdt/patch_log.h"
#include "core/crdt/span_intervals.h"

#include <unordered_set>

namespace nlbd::crdt {

/// A text as a tree of characters in Fugue order (README.md): where an insertion goes, what is
/// visible, what stands where.
///
/// Visible is a character whose own change is not void and that none deleted which is not void. A
/// span's `hidden` says it in one number: bit 0 if its change is void, above it the count of those.
class Text {
public:
    explicit Text(const ChangeOrder &order)
        : m_order(&order)
    {
    }

    // ---- Only written down ----------------------------------------------------------------------

    /// True if no letter and no deletion ever came.
    [[nodiscard]] bool isNew() const noexcept { return m_numbers.next() == 1; }
    /// From now on checked ops are written into the log and go nowhere, until layOut gives all of
    /// them their places at once: a history that nobody looks at in between is read so. Meanwhile
    /// numbers, the log, voids and areCharacters are right, and nothing else may be asked.
    /// Precondition: isNew().
    void postpone()
    {
        CHECK(isNew());
        m_isPostponed = true;
    }
    [[nodiscard]] bool isPostponed() const noexcept { return m_isPostponed; }
    /// Precondition: isPostponed(). @complexity linear, O(k log k) for k siblings.
    void layOut();

    // ---- Local edits: see Document -------------------------------------------------------------

    /// Where a local insertion hangs; `continues` if it is the next letter of the word that was
    /// typed last.
    struct Placed {
        OpId parent;
        Side side = Side::Right;
        bool continues = false;
    };
    [[nodiscard]] Placed insertLocally(TextOffset at, std::string_view utf8, OpId first);
    /// If an ASCII letter goes on with what was typed last, puts it there in the fewest steps.
    [[nodiscard]] bool typeLocally(TextOffset at, char letter, OpId id)
    {
        const LocalId next = m_numbers.next();
        const bool isKey = m_tree.isTyping(at, next) && m_numbers.isNext(id) && m_void.empty()
            && (letter & 0x80) == 0;
        // The letter before is the latest number of all: nothing hangs there, and its run is open.
        if (!isKey || !m_log.hasRoom() || !m_tree.hasRoomForLetter())
            return false;
        m_numbers.addNext();
        m_log.pushLetter(letter);
        m_tree.pushLetter(letter);
        return true;
    }
    [[nodiscard]] Placed insertLocallyBefore(OpId next, std::string_view utf8, OpId first);

    /// Deletes, one op per run of consecutive ids.
    void eraseLocally(TextOffset at, TextOffset count, Draft &draft);

    /// If what goes stands beside what the latest op of a change deleted, in the text and by its
    /// ids: makes it part of that op, which has the number `id`.
    [[nodiscard]] bool eraseOn(TextOffset at, TextOffset count, DeleteText &latest, OpId id);

    // ---- Checked ops ---------------------------------------------------------------------------

    /// `located` knows what it hangs at, or nothing; `log`, if there is one, hears what is seen of
    /// it. Returns how many numbers it took.
    std::uint32_t insert(const InsertText &op, OpId first, Located &located, PatchLog *log);
    /// Of a deletion nothing is to be noticed before finishErasing, which must come before anything
    /// else is done: what a change deletes in a row goes at once.
    void erase(const DeleteText &op, OpId id, Located &located);
    void finishErasing(PatchLog *log)
    {
        if (!m_going.empty())
            hideGoing(log);
    }

    [[nodiscard]] bool areCharacters(OpId first, std::uint32_t length) const noexcept
    {
        return areCharacters(first, length, [](LocalId, std::uint32_t) {});
    }
    /// The same; visit(first, count) hears their local ids, as far as they are characters.
    template <typename Visit>
    [[nodiscard]] bool areCharacters(OpId first, std::uint32_t length, Visit visit) const
    {
        if (first.change == kRoot.change)
            return false;
        while (length > 0) {
            const auto run = m_numbers.find(first);
            if (!run)
                return false;
            const std::uint32_t here = std::min(length, run->length);
            if (!m_log.areLetters(run->first, here))
                return false;
            visit(run->first, here);
            first.index += here;
            length -= here;
        }
        return true;
    }

    void setVoid(ChangeHandle change, bool isVoid, PatchLog &log);
    [[nodiscard]] bool isVoid(ChangeHandle change) const noexcept
    {
        return !m_void.empty() && m_void.contains(change);
    }
    [[nodiscard]] const std::unordered_set<ChangeHandle> &voids() const noexcept { return m_void; }

    // ---- Reading -------------------------------------------------------------------------------

    [[nodiscard]] TextOffset length() const noexcept { return m_tree.length(); }
    [[nodiscard]] std::string text(TextOffset from, TextOffset count) const;

    /// Calls visit(first id, offset, length) for the visible parts of [from, to) in order.
    template <typename Visit>
    void forEachVisible(TextOffset from, TextOffset to, Visit visit) const
    {
        m_tree.forEachVisible(from, to, [&](LocalId first, TextOffset at, TextOffset length) {
            m_numbers.forEachPiece(first, length, [&](OpId id, std::uint32_t count) {
                visit(id, at, count);
                at += count;
            });
        });
    }

    /// Calls visit(first id, offset, length) for what is visible of a change, by its numbers.
    template <typename Visit>
    void forEachVisibleOf(ChangeHandle change, Visit visit) const
    {
        const auto onLetters = [&](const SpanTree::Spot &spot, std::uint32_t count) {
            if (spot.span().hidden == 0)
                visit(m_numbers.idOf(spot.id()), m_tree.offsetOf(spot), count);
        };
        forEachSpanOf(change, onLetters, nullptr);
    }

    /// Calls visit(offset, length) for what is visible of a change, or although it deletes it.
    template <typename Visit>
    void forEachVisibleTouched(ChangeHandle change, Visit visit) const
    {
        const auto onSpan = [&](const SpanTree::Spot &spot, std::uint32_t count) {
            if (spot.span().hidden == 0)
                visit(m_tree.offsetOf(spot), count);
        };
        forEachSpanOf(change, onSpan, onSpan);
    }

    /// The character that ends at `at`; the root if at == 0. Precondition: at <= length().
    [[nodiscard]] OpId characterBefore(TextOffset at) const;

    /// Where the given side of a character is; nothing if it was never inserted.
    [[nodiscard]] std::optional<TextOffset> offsetOf(OpId id, Side side) const;

    /// Behind which letter one typed at `at` stands: behind deleted ones that something ends at.
    [[nodiscard]] SpanTree::Spot letterBefore(TextOffset at) const
    {
        return m_intervals.behindEnds(at == 0 ? m_tree.spotOf(kRootId) : m_tree.find(at - 1));
    }
    [[nodiscard]] LocalId letterAt(TextOffset at) const { return m_tree.find(at).id(); }
    [[nodiscard]] SpanIntervals &intervals() noexcept { return m_intervals; }
    [[nodiscard]] const SpanIntervals &intervals() const noexcept { return m_intervals; }
    [[nodiscard]] const Numbers &numbers() const noexcept { return m_numbers; }
    [[nodiscard]] const OpLog &log() const noexcept { return m_log; }
    [[nodiscard]] const SpanTree &tree() const noexcept { return m_tree; }

    /// Walks the tree by the paper's definition and compares. Contradictions abort.
    void checkInvariants() const;
    static constexpr std::uint32_t kVoidBit = 1;
    static constexpr std::uint32_t kOneDeleter = 2;

private:
    friend struct TextParts; ///< document_parts.h
    /// Directly before or after a letter.
    struct Gap {
        LocalId letter = kRootId;
        Side side = Side::Right;
    };
    struct Neighbours {
        std::optional<LocalId> before;
        std::optional<LocalId> after;
        std::size_t position = 0; ///< among the children that hang there as runs
    };
    [[nodiscard]] Neighbours neighboursOf(LocalId added, LocalId parent, Side side) const;
    [[nodiscard]] Gap gapFor(const Neighbours &siblings, LocalId parent, Side side) const;
    [[nodiscard]] Gap gapBetween(LocalId before, LocalId after) const;
    [[nodiscard]] std::optional<LocalId> lastRightChild(LocalId &letter) const;
    [[nodiscard]] LocalId lastBelow(LocalId letter) const;
    [[nodiscard]] LocalId firstBelow(LocalId letter) const;
    [[nodiscard]] bool hasRightChild(LocalId letter) const noexcept
    {
        return m_log.isContinued(letter) || !m_children.of(letter, Side::Right).empty();
    }
    [[nodiscard]] bool isSiblingBefore(LocalId a, LocalId b) const;

    [[nodiscard]] LocalId localOf(OpId id) const;
    [[nodiscard]] LocalId parentOf(const InsertText &op, ChangeHandle change,
                                   Located &located) const;
    LocalId number(OpId first, std::uint32_t count);
    void logDeletion(LocalId first, std::uint32_t count, std::optional<OpId> id);
    void addLocally(const SpanTree::Spot &beside, Side where, LocalId parent, Side side,
                    std::string_view utf8, OpId first);
    void eraseBatch(TextOffset at, TextOffset count, Draft &draft);
    [[nodiscard]] std::string cutText(SpanTree::Laid &laid) const;
    void hideGoing(PatchLog *log);
    void addHidden(LocalId first, std::uint32_t count, std::uint32_t delta, PatchLog *log);

    /// Calls onLetters(spot, count) for the letters of a change, span by span, and onDeleted(spot,
    /// count), unless that is null, for those that it deletes.
    template <typename OnLetters, typename OnDeleted>
    void forEachSpanOf(ChangeHandle change, OnLetters onLetters, OnDeleted onDeleted) const;

    [[nodiscard]] std::vector<LocalId> treeOrder() const;
    void checkHidden(const std::vector<std::uint32_t> &hidden) const;

    const ChangeOrder *m_order;
    Numbers m_numbers;
    OpLog m_log;
    Children m_children;
    SpanTree m_tree;
    SpanIntervals m_intervals{m_tree, m_numbers};
    std::vector<SpanTree::Letters> m_going; ///< logged as deleted by one more, and not hidden yet
    std::unordered_set<ChangeHandle> m_void;
    bool m_isPostponed = false;
};

} // namespace nlbd::crdt

#include "core/crdt/text_walk.h"
