#pragma once

#include "core/crdt/numbers.h"

#include <functional>
#include <span>

namespace nlbd::crdt {

/// Lists the letters of a document in text order, given where each run hangs: the walk left
/// children, self, right children of the whole tree at once, run by run. That is how a document
/// opens whose order is stored nowhere. Nothing recurses; a chain of runs may be as long as the
/// document.
class FugueWalk {
public:
    struct Run {
        LocalId first = 0;
        std::uint32_t count = 0;
        LocalId parent = 0; ///< a letter of an earlier run
        Side side = Side::Right;

        [[nodiscard]] LocalId last() const noexcept { return first + count - 1; }
    };
    using IsBefore = std::function<bool(LocalId, LocalId)>; ///< among siblings

    /// `runs` begins with the root, {0, 1}, ascends, and outlives the walk; all local ids are below
    /// `end`.
    FugueWalk(const std::vector<Run> &runs, LocalId end, IsBefore isBefore);

    /// Runs that hang at one side of one letter, in sibling order.
    struct Siblings {
        LocalId parent = 0;
        Side side = Side::Right;
        bool isFork = false;                 ///< the parent's run goes on beside them
        std::span<const std::uint32_t> runs; ///< by place
    };

    /// Calls emit(first, end) for all letters in order, the root among them, and meet(Siblings) for
    /// what hangs anywhere. Where emit begins and ends, a run does, or something hangs.
    template <typename Emit, typename Meet>
    void run(Emit emit, Meet meet)
    {
        begin(0);
        while (!m_tasks.empty()) {
            const Task task = m_tasks.back();
            m_tasks.pop_back();
            const Run &run = (*m_runs)[task.run];
            if (task.child == m_begin[task.run + 1]) {
                if (task.letter <= run.last())
                    emit(task.letter, run.last() + 1);
                continue;
            }
            const Siblings siblings = siblingsAt(task.run, task.child);
            meet(siblings);
            const LocalId to = siblings.parent + (siblings.side == Side::Left ? 0 : 1);
            if (task.letter < to)
                emit(task.letter, to);
            part({task.run, task.child, to}, siblings);
        }
    }

private:
    /// A run from a letter on, with what hangs there from a child on.
    struct Task {
        std::uint32_t run = 0;
        std::uint32_t child = 0;
        LocalId letter = 0;
    };
    [[nodiscard]] Siblings siblingsAt(std::uint32_t run, std::uint32_t at) const;
    void findParents(LocalId end);
    void sortChildren();
    void part(Task rest, const Siblings &siblings);
    void begin(std::uint32_t run) { m_tasks.push_back({run, m_begin[run], (*m_runs)[run].first}); }

    const std::vector<Run> *m_runs;
    IsBefore m_isBefore;
    std::vector<std::uint32_t> m_owner;    ///< by run: the run that it hangs at
    std::vector<std::uint32_t> m_begin;    ///< by run: its first child in the list; one more
    std::vector<std::uint32_t> m_children; ///< runs by owner, parent, side, sibling order
    std::vector<Task> m_tasks;
};

} // namespace nlbd::crdt
