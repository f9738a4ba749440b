#include "core/crdt/fugue_walk.h"

#include <bit>

namespace nlbd::crdt {

FugueWalk::FugueWalk(const std::vector<Run> &runs, const std::vector<std::uint32_t> &hidden,
                     IsBefore isBefore)
    : m_runs(&runs)
    , m_hidden(&hidden)
    , m_isBefore(std::move(isBefore))
{
    findParents();
    sortChildren();
}

/// The run of a letter is the number of runs that begin up to it.
void FugueWalk::findParents()
{
    const std::vector<Run> &runs = *m_runs;
    std::vector<std::uint64_t> starts(m_hidden->size() / 64 + 1);
    for (const Run &run : runs)
        starts[run.first / 64] |= std::uint64_t(1) << (run.first % 64);
    std::vector<std::uint32_t> before(starts.size());
    std::uint32_t count = 0;
    for (std::size_t word = 0; word < starts.size(); ++word) {
        before[word] = count;
        count += static_cast<std::uint32_t>(std::popcount(starts[word]));
    }
    m_owner.resize(runs.size());
    m_begin.resize(runs.size() + 1);
    for (std::size_t run = 1; run < runs.size(); ++run) {
        const LocalId parent = runs[run].parent;
        const std::uint64_t upTo = starts[parent / 64] << (63 - parent % 64);
        m_owner[run] = before[parent / 64] + static_cast<std::uint32_t>(std::popcount(upTo)) - 1;
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

std::vector<Span> FugueWalk::spans()
{
    m_spans.reserve(m_runs->size() * 2);
    begin(0);
    while (!m_tasks.empty()) {
        const Task task = m_tasks.back();
        m_tasks.pop_back();
        goOn(task);
    }
    return std::move(m_spans);
}

void FugueWalk::begin(std::uint32_t run)
{
    m_tasks.push_back({run, m_begin[run], (*m_runs)[run].first});
}

/// Lists letters up to where something hangs, and leaves the rest as tasks, the last on top.
void FugueWalk::goOn(Task task)
{
    const Run &run = (*m_runs)[task.run];
    if (task.child == m_begin[task.run + 1])
        return emit(task.letter, run.last() + 1);
    const Siblings siblings = siblingsAt(task.run, task.child);
    const auto count = static_cast<std::uint32_t>(siblings.runs.size());
    const bool isLeft = siblings.side == Side::Left;
    const LocalId to = isLeft ? siblings.parent : siblings.parent + 1;
    emit(task.letter, to);
    std::uint32_t before = count; // of them stand before the rest of the run
    while (siblings.isFork && before > 0
           && m_isBefore(to, (*m_runs)[siblings.runs[before - 1]].first))
        begin(siblings.runs[--before]);
    m_tasks.push_back({task.run, task.child + count, to});
    while (before > 0)
        begin(siblings.runs[--before]);
}

void FugueWalk::emit(LocalId from, LocalId to)
{
    const std::uint32_t *hidden = m_hidden->data();
    while (from < to) {
        const LocalId max = std::min(to, from + kSpanLettersMax);
        LocalId end = from + 1;
        while (end < max && hidden[end] == hidden[from])
            ++end;
        if (from != kRootId)
            push({from, end - from, hidden[from]});
        from = end;
    }
}

void FugueWalk::push(const Span &span)
{
    if (!m_spans.empty()) {
        Span &last = m_spans.back();
        if (last.isContinuedBy(span) && last.length + span.length <= kSpanLettersMax) {
            last.length += span.length;
            return;
        }
    }
    m_spans.push_back(span);
}

} // namespace nlbd::crdt
