#pragma once

#include "core/crdt/flat_map.h"
#include "core/crdt/op.h"

#include <array>
#include <map>
#include <optional>

namespace nlbd::crdt {

/// An element inside one document: dense, in the order in which ops took effect here, 0 for the
/// root. What one person types in a row is thus one range of local ids, however many changes it is
/// signed in. Not a Strong: they are counted with everywhere.
using LocalId = std::uint32_t;
inline constexpr LocalId kRootId = 0;
inline constexpr LocalId kLocalIdsMax = 1U << 30U; ///< two bits are left for those who store them

/// Translates between ids as ops have them and local ids. One entry per change that took effect in
/// one piece.
class Numbers {
public:
    Numbers() { m_byChange.insert(kRoot.change.value, 0); }

    /// The next local id to be given.
    [[nodiscard]] LocalId next() const noexcept { return m_next; }

    /// True if {change, index} would get the next local id without a word.
    [[nodiscard]] bool isNext(OpId id) const noexcept
    {
        const Piece &last = m_pieces.back();
        return last.change == id.change && last.index + (m_next - last.first) == id.index;
    }

    /// True if the latest local id is of this change.
    [[nodiscard]] bool isOfLatest(ChangeHandle change) const noexcept
    {
        return m_pieces.back().change == change;
    }

    /// True if the id has the latest local id.
    [[nodiscard]] bool isLatest(OpId id) const noexcept
    {
        const Piece &last = m_pieces.back();
        return last.change == id.change && last.index + (m_next - last.first) == id.index + 1;
    }

    /// True if the id, or a later one of the same change, has one of the latest local ids.
    [[nodiscard]] bool isGiven(OpId id) const noexcept
    {
        const Piece &last = m_pieces.back();
        return last.change == id.change && id.index < last.index + (m_next - last.first);
    }

    /// Makes room for changes to come, each in one piece.
    void reserve(std::size_t changes)
    {
        m_pieces.reserve(m_pieces.size() + changes);
        m_byChange.reserve(m_pieces.size() + changes);
    }

    /// Gives local ids to `count` ids from `first` on. Numbers of the same change that are left
    /// out, since they are no concern of a text, get none.
    LocalId add(OpId first, std::uint32_t count)
    {
        if (!isNext(first))
            addPiece(first);
        const LocalId id = m_next;
        CHECK(count < kLocalIdsMax && id < kLocalIdsMax - count);
        m_next = id + count;
        if (m_pages.size() * kPageIds <= m_next)
            markPages();
        return id;
    }

    /// The same for one id that isNext.
    void addNext()
    {
        CHECK(m_next < kLocalIdsMax);
        if (++m_next % kPageIds == 0)
            markPages();
    }

    /// If `id` comes again after numbers were given from it on, to deletions that were since
    /// joined: takes them back. Returns the next local id.
    LocalId rewindTo(OpId id);

    /// Local ids from one on whose ids follow each other in one change.
    struct LocalRun {
        LocalId first = 0;
        std::uint32_t length = 0; ///< at least 1
    };
    /// Those from an id on; nothing if it was never given. @complexity O(1) unless the change came
    /// in pieces. In line, because what a call returns goes through memory in parts.
    [[nodiscard, gnu::always_inline]] std::optional<LocalRun> find(OpId id) const noexcept
    {
        std::uint32_t piece = m_found[id.change.value % m_found.size()];
        if (m_pieces[piece].change != id.change || !m_later.empty())
            piece = lookUp(id);
        if (id.index - m_pieces[piece].index >= endOf(piece) - m_pieces[piece].first)
            piece = lastOfSame(piece, id);
        const Piece &it = m_pieces[piece];
        const std::uint32_t length = endOf(piece) - it.first;
        const std::uint32_t offset = id.index - it.index;
        if (it.change != id.change || offset >= length)
            return std::nullopt;
        return LocalRun{it.first + offset, length - offset};
    }

    /// Ids that follow each other in one change and have local ids that do.
    struct Run {
        OpId first;
        std::uint32_t length = 0; ///< at least 1
    };
    /// Those from a local id on. @complexity O(log changes), O(1) near the last one asked for.
    [[nodiscard]] Run runFrom(LocalId id) const noexcept
    {
        const std::uint32_t piece = pieceOf(id);
        const Piece &it = m_pieces[piece];
        return {{it.change, it.index + (id - it.first)}, endOf(piece) - id};
    }
    [[nodiscard]] OpId idOf(LocalId id) const noexcept { return runFrom(id).first; }

    [[nodiscard]] std::size_t pieces() const noexcept { return m_pieces.size() - 1; }

    /// Calls visit(id, count) for local ids as runs of ids.
    template <typename Visit>
    void forEachPiece(LocalId first, std::uint32_t count, Visit visit) const
    {
        while (count > 0) {
            const Run run = runFrom(first);
            const std::uint32_t here = std::min(count, run.length);
            visit(run.first, here);
            first += here;
            count -= here;
        }
    }

    /// Calls visit(first, end) for the ranges of a change.
    template <typename Visit>
    void forEachRange(ChangeHandle change, Visit visit) const
    {
        const std::uint32_t *piece = m_byChange.find(change.value);
        if (piece == nullptr)
            return;
        const auto visitFrom = [&](std::uint32_t it) {
            for (; it < m_pieces.size() && m_pieces[it].change == change; ++it)
                visit(m_pieces[it].first, endOf(it));
        };
        visitFrom(*piece);
        for (auto it = m_later.lower_bound({change, 0});
             it != m_later.end() && it->first.change == change; ++it)
            visitFrom(it->second);
    }

    /// A range of local ids that took effect in one piece.
    struct PieceView {
        ChangeHandle change;
        std::uint32_t index = 0; ///< of the first in its change
        LocalId first = 0;
        LocalId end = 0;
        std::optional<std::size_t> earlier; ///< which of the pieces was the change's first
    };
    /// Which of the pieces is the first of a change; nothing if it has no ids.
    [[nodiscard]] std::optional<std::size_t> firstPieceOf(ChangeHandle change) const noexcept
    {
        const std::uint32_t *piece = m_byChange.find(change.value);
        return piece == nullptr ? std::nullopt : std::optional<std::size_t>(*piece - 1U);
    }
    /// Calls visit(PieceView) for all but the root, in order.
    template <typename Visit>
    void forEachPiece(Visit visit) const
    {
        for (std::uint32_t i = 1; i < m_pieces.size(); ++i) {
            const auto first = m_later.empty() ? std::nullopt : firstPieceOf(m_pieces[i].change);
            visit(PieceView{m_pieces[i].change, m_pieces[i].index, m_pieces[i].first, endOf(i),
                            first == i - 1U ? std::nullopt : first});
        }
    }

private:
    struct Piece {
        LocalId first = 0;
        ChangeHandle change;
        std::uint32_t index = 0;
    };
    [[nodiscard]] LocalId endOf(std::uint32_t piece) const noexcept
    {
        return piece + 1 < m_pieces.size() ? m_pieces[piece + 1].first : m_next;
    }
    static constexpr LocalId kPageIds = 256;
    void addPiece(OpId first);
    void markPages();
    [[nodiscard]] std::uint32_t lookUp(OpId id) const noexcept;
    [[nodiscard]] std::uint32_t pieceOf(LocalId id) const noexcept
    {
        const bool isNear = m_pieces[m_lastAsked].first <= id && id < endOf(m_lastAsked);
        return isNear ? m_lastAsked : findPiece(id);
    }
    [[nodiscard]] std::uint32_t lastOfSame(std::uint32_t piece, OpId id) const noexcept;
    [[nodiscard]] std::uint32_t findPiece(LocalId id) const noexcept;

    std::vector<Piece> m_pieces{Piece{}};
    std::vector<std::uint32_t> m_pages{0}; ///< by local id / 256: no later piece holds the first
    FlatMap m_byChange;                    ///< change to its first piece
    std::map<OpId, std::uint32_t> m_later; ///< further pieces: of a change that others came into
    LocalId m_next = 1;
    mutable std::uint32_t m_lastAsked = 0;           ///< a piece
    mutable std::array<std::uint32_t, 64> m_found{}; ///< by change: its first piece, for some
};

} // namespace nlbd::crdt
