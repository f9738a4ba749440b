#pragma once

#include "core/crdt/children.h"
#include "core/crdt/fugue_walk.h"
#include "core/crdt/id_cuts.h"
#include "core/crdt/span_tree.h"

/// How a whole text is laid out at once, for those who have all of it before anybody looks.
namespace nlbd::crdt {

/// What a text consists of, by local ids.
struct TextOutline {
    /// All ids are below `end`.
    explicit TextOutline(LocalId end);

    /// Makes room for entries of both kinds, and one more of each: see put.
    void reserve(std::size_t insertions, std::size_t deletions);

    /// Writes an entry down as both kinds, at the next place of each: that of the other kind comes
    /// later. What kind comes next cannot be guessed, so that nothing here asks.
    void put(const OpLog::Written &entry, std::size_t run, std::size_t deletion)
    {
        const std::uint32_t added = 0U - static_cast<std::uint32_t>(entry.isInsertion);
        const LocalId from = (entry.first & added) | (entry.target & ~added);
        cuts.mark(from);
        cuts.mark(from + entry.length);
        cuts.mark(entry.target + (static_cast<std::uint32_t>(entry.side) & added));
        runs[run] = {entry.first, entry.target, entry.side};
        deletions[deletion] = {entry.first, entry.target, entry.length};
    }
    /// After the last: forgets what was never written.
    void finish(std::size_t runCount, std::size_t deletionCount);

    /// The ids [from, to) are of a void change. In ascending order.
    void addVoid(LocalId from, LocalId to);

    struct IdsOfVoid {
        LocalId from = 0;
        LocalId to = 0;
    };
    LocalId end;
    std::vector<FugueWalk::Run> runs; ///< the root and all others, ascending
    std::vector<OpLog::Deletion> deletions;
    std::vector<IdsOfVoid> voids;
    IdCuts cuts; ///< where runs, deletions and what hides begin and end
};

/// The spans of an outline in text order, and into `children` who hangs where; `log` knows which
/// letters a run goes on from. How many bytes the spans take is left to those who have the text.
/// @complexity O(n), and O(k log k) for k siblings.
[[nodiscard]] SpanTree::Laid layOut(TextOutline &outline, const OpLog &log,
                                    FugueWalk::IsBefore isBefore, Children &children);

} // namespace nlbd::crdt
