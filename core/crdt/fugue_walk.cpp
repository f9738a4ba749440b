#include "core/crdt/fugue_walk.h"

#include "core/crdt/id_cuts.h"

#include <algorithm>

namespace nlbd::crdt {

FugueWalk::FugueWalk(const std::vector<Run> &runs, LocalId end, IsBefore isBefore)
    : m_runs(&runs)
    , m_isBefore(std::move(isBefore))
{
    findParents(end);
    sortChildren();
}

/// The run of a letter is the number of runs that begin up to it.
void FugueWalk::findParents(LocalId end)
{
    const std::vector<Run> &runs = *m_runs;
    std::vector<std::uint64_t> starts(end / 64 + 1);
    for (const Run &run : runs)
        starts[run.first / 64] |= std::uint64_t(1) << (run.first % 64);
    std::vector<std::uint32_t> before(starts.size());
    std::uint32_t count = 0;
    for (std::size_t word = 0; word < starts.size(); ++word) {
        before[word] = count;
        count += onesIn(starts[word]);
    }
    m_owner.resize(runs.size());
    m_begin.resize(runs.size() + 1);
    for (std::size_t run = 1; run < runs.size(); ++run) {
        const LocalId parent = runs[run].parent;
        const std::uint64_t upTo = starts[parent / 64] << (63 - parent % 64);
        m_owner[run] = before[parent / 64] + onesIn(upTo) - 1;
        ++m_begin[m_owner[run] + 1];
    }
    for (std::size_t run = 0; run < runs.size(); ++run)
        m_begin[run + 1] += m_begin[run];
}

void FugueWalk::sortChildren()
{
    const std::vector<Run> &runs = *m_runs;
    m_children.resize(runs.size() - 1);
    std::vector<std::uint32_t> next(m_begin.begin(), m_begin.end() - 1);
    for (std::uint32_t run = 1; run < runs.size(); ++run)
        m_children[next[m_owner[run]]++] = run;
    const auto isBefore = [&](std::uint32_t a, std::uint32_t b) {
        const Run &left = runs[a];
        const Run &right = runs[b];
        if (left.parent != right.parent)
            return left.parent < right.parent;
        if (left.side != right.side)
            return left.side < right.side;
        return m_isBefore(left.first, right.first);
    };
    for (std::size_t run = 0; run < runs.size(); ++run)
        if (m_begin[run + 1] - m_begin[run] > 1)
            std::sort(m_children.begin() + m_begin[run], m_children.begin() + m_begin[run + 1],
                      isBefore);
}

FugueWalk::Siblings FugueWalk::siblingsAt(std::uint32_t run, std::uint32_t at) const
{
    const Run &first = (*m_runs)[m_children[at]];
    std::uint32_t end = at + 1;
    for (; end < m_begin[run + 1]; ++end) {
        const Run &next = (*m_runs)[m_children[end]];
        if (next.parent != first.parent || next.side != first.side)
            break;
    }
    const bool isFork = first.side == Side::Right && first.parent != (*m_runs)[run].last();
    return {first.parent, first.side, isFork, std::span(m_children).subspan(at, end - at)};
}

/// Leaves as tasks, the last on top, what hangs there and the rest of the run in their order.
void FugueWalk::part(Task rest, const Siblings &siblings)
{
    auto before = static_cast<std::uint32_t>(siblings.runs.size()); // stand before the rest
    rest.child += before;
    while (siblings.isFork && before > 0
           && m_isBefore(rest.letter, (*m_runs)[siblings.runs[before - 1]].first))
        begin(siblings.runs[--before]);
    m_tasks.push_back(rest);
    while (before > 0)
        begin(siblings.runs[--before]);
}

} // namespace nlbd::crdt
