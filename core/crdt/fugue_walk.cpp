#include "core/crdt/fugue_walk.h"

#include <algorithm>

namespace nlbd::crdt {

FugueWalk::FugueWalk(const std::vector<Run> &runs, const IdCuts &cuts, const OpLog &log,
                     IsBefore isBefore)
    : m_runs(&runs)
    , m_cuts(&cuts)
    , m_log(&log)
    , m_isBefore(std::move(isBefore))
    , m_pieces(runs.size())
    , m_nexts(runs.size())
    , m_heads(cuts.firsts().size())
{
    for (std::uint32_t run = 1; run < runs.size(); ++run) {
        m_pieces[run] = cuts.pieceOf(runs[run].first);
        std::uint32_t &head =
            m_heads[cuts.pieceOf(runs[run].parent)][static_cast<std::size_t>(runs[run].side)];
        m_nexts[run] = head;
        head = run;
    }
}

std::span<const std::uint32_t> FugueWalk::sortedAt(std::uint32_t head)
{
    m_found.clear();
    for (std::uint32_t run = head; run != 0; run = m_nexts[run])
        m_found.push_back(run);
    std::ranges::sort(m_found, [this](std::uint32_t a, std::uint32_t b) {
        return m_isBefore((*m_runs)[a].first, (*m_runs)[b].first);
    });
    return m_found;
}

/// Leaves as tasks, the last on top, what hangs at the right of a piece and the rest of its run in
/// their order.
void FugueWalk::part(std::uint32_t piece, const Siblings &siblings)
{
    std::size_t before = siblings.runs.size(); // stand before the rest
    if (siblings.isFork) {
        const LocalId rest = siblings.parent + 1;
        while (before > 0 && m_isBefore(rest, (*m_runs)[siblings.runs[before - 1]].first))
            m_tasks.push_back(m_pieces[siblings.runs[--before]]);
        m_tasks.push_back(piece + 1);
    }
    pushBefore(siblings.runs.first(before));
}

void FugueWalk::pushBefore(std::span<const std::uint32_t> runs)
{
    for (std::size_t i = runs.size(); i-- > 0;)
        m_tasks.push_back(m_pieces[runs[i]]);
}

} // namespace nlbd::crdt
