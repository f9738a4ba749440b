#pragma once

#include "core/crdt/children.h"
#include "core/crdt/op_log.h"
#include "core/crdt/patch_log.h"
#include "core/crdt/span_tree.h"

#include <unordered_set>

namespace nlbd::crdt {

/// A text as a tree of characters in Fugue order (README.md): where an insertion goes, what is
/// visible, what stands where.
///
/// Visible is a character whose own change is not void and that no change deleted which is not
/// void. A span's `hidden` says it in one number: bit 0 if its change is void, above it the count
/// of those who deleted it and are not.
class Text {
public:
    explicit Text(const ChangeOrder &order)
        : m_order(&order)
    {
    }

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

    /// Deletes, one op per run of consecutive ids, each numbered `id`: done(DeleteText) takes it
    /// and gives the number of the next.
    template <typename Done>
    void eraseLocally(TextOffset at, TextOffset count, OpId id, Done done)
    {
        CHECK(at <= length() && count <= length() - at && !isVoid(id.change));
        DeleteText op{{}, 0};
        while (count > 0) {
            const SpanTree::Spot spot = m_tree.find(at);
            const Numbers::Run run = m_numbers.runFrom(spot.id());
            const DeleteText piece{
                run.first,
                std::min({count, spot.span().length - spot.offset, run.length}),
            };
            if (op.length > 0 && !isFollowedBy(op, piece.first)) {
                id.index = done(op);
                op.length = 0;
            }
            logDeletion(spot.id(), piece.length, op.length > 0 ? std::nullopt : std::optional(id));
            op = {op.length > 0 ? op.first : piece.first, op.length + piece.length};
            m_tree.setHidden(spot, piece.length, kOneDeleter, {});
            count -= piece.length;
        }
        if (op.length > 0)
            id.index = done(op);
    }

    /// If what goes stands beside what the latest op of a change deleted, in the text and by its
    /// ids: makes it part of that op, which has the number `id`.
    [[nodiscard]] bool eraseOn(TextOffset at, TextOffset count, DeleteText &latest, OpId id)
    {
        if (count == 0 || !m_numbers.isLatest(id) || isVoid(id.change))
            return false;
        const SpanTree::Spot spot = m_tree.find(at);
        const LocalId first = spot.id();
        const Numbers::Run run = m_numbers.runFrom(first);
        if (count > spot.span().length - spot.offset || count > run.length)
            return false;
        DeleteText joined = latest;
        if (!joinDeletion(joined, {run.first, count}) || !m_log.joinDeletion(first, count))
            return false;
        latest = joined;
        if (!m_tree.hideAtBorder(spot, count, kOneDeleter))
            m_tree.setHidden(spot, count, kOneDeleter, {});
        return true;
    }

    // ---- Checked ops ---------------------------------------------------------------------------

    /// `log`, if there is one, hears what is seen of it. Returns how many numbers it took.
    std::uint32_t insert(const InsertText &op, OpId first, PatchLog *log);
    void erase(const DeleteText &op, OpId id, PatchLog *log);

    [[nodiscard]] bool areCharacters(OpId first, std::uint32_t length) const noexcept;

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
        m_tree.forEachVisible(from, to, [&](LocalId first, TextOffset at, TextOffset length) {
            forEachPiece(first, length, [&](OpId id, std::uint32_t count) {
                visit(id, at, count);
                at += count;
            });
        });
    }

    /// Calls visit(first id, offset, length) for what is visible of a change, by its numbers.
    template <typename Visit>
    void forEachVisibleOf(ChangeHandle change, Visit visit) const
    {
        forEachSpanOf(change, [&](const SpanTree::Spot &spot, std::uint32_t count) {
            if (spot.span().hidden == 0)
                visit(m_numbers.idOf(spot.id()), m_tree.offsetOf(spot), count);
        });
    }

    /// The character that ends at `at`; the root if at == 0. Precondition: at <= length().
    [[nodiscard]] OpId characterBefore(TextOffset at) const;

    /// Where the given side of a character is; nothing if it was never inserted.
    [[nodiscard]] std::optional<TextOffset> offsetOf(OpId id, Side side) const;

    /// Walks the tree by the paper's definition and compares. Contradictions abort.
    void checkInvariants() const;

private:
    friend struct TextParts; ///< document_parts.h
    static constexpr std::uint32_t kVoidBit = 1;
    static constexpr std::uint32_t kOneDeleter = 2;
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
    LocalId number(OpId first, std::uint32_t count);
    [[nodiscard]] static bool isFollowedBy(const DeleteText &op, OpId id) noexcept
    {
        return op.first.change == id.change && op.first.index + op.length == id.index;
    }
    /// Writes down a deletion, by a new number or, without one, by the latest.
    void logDeletion(LocalId first, std::uint32_t count, std::optional<OpId> id)
    {
        if (id)
            m_log.addDeletion(number(*id, 1), first, count);
        else if (!m_log.joinDeletion(first, count))
            m_log.addDeletion(m_numbers.next() - 1, first, count);
    }
    void addLocally(const SpanTree::Spot &beside, Side where, LocalId parent, Side side,
                    std::string_view utf8, OpId first);
    void addHidden(LocalId first, std::uint32_t count, std::uint32_t delta, PatchLog *log);

    /// Calls visit(id, count) for local ids as runs of ids.
    template <typename Visit>
    void forEachPiece(LocalId first, std::uint32_t count, Visit visit) const
    {
        while (count > 0) {
            const Numbers::Run run = m_numbers.runFrom(first);
            const std::uint32_t here = std::min(count, run.length);
            visit(run.first, here);
            first += here;
            count -= here;
        }
    }

    /// Calls visit(first, count) for ids as runs of local ids.
    template <typename Visit>
    void forEachLocal(OpId first, std::uint32_t count, Visit visit) const
    {
        while (count > 0) {
            const auto run = m_numbers.find(first);
            CHECK(run.has_value());
            const std::uint32_t here = std::min(count, run->length);
            visit(run->first, here);
            first.index += here;
            count -= here;
        }
    }

    /// Calls visit(spot, count) for the letters of a change, span by span.
    template <typename Visit>
    void forEachSpanOf(ChangeHandle change, Visit visit) const
    {
        m_numbers.forEachRange(change, [&](LocalId begin, LocalId end) {
            m_log.forEach(
                begin, end,
                [&](const OpLog::Insertion &run) {
                    for (LocalId next = run.first; next < run.first + run.count;) {
                        const SpanTree::Spot spot = m_tree.spotOf(next);
                        const std::uint32_t here = std::min(run.first + run.count - next,
                                                            spot.span().length - spot.offset);
                        visit(spot, here);
                        next += here;
                    }
                },
                [](const OpLog::Deletion &) {});
        });
    }

    [[nodiscard]] std::vector<LocalId> treeOrder() const;
    void checkHidden(const std::vector<std::uint32_t> &hidden) const;

    const ChangeOrder *m_order;
    Numbers m_numbers;
    OpLog m_log;
    Children m_children;
    SpanTree m_tree;
    std::unordered_set<ChangeHandle> m_void;
};

} // namespace nlbd::crdt
