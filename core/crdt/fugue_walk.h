#pragma once

#include "core/crdt/span_nodes.h"

#include <functional>

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

    /// `runs` begins with the root, {0, 1}, ascends, and outlives the walk. `hidden` says by local
    /// id what hides a letter.
    FugueWalk(const std::vector<Run> &runs, const std::vector<std::uint32_t> &hidden,
              IsBefore isBefore);

    /// Runs that hang at one side of one letter, in sibling order.
    struct Siblings {
        LocalId parent = 0;
        Side side = Side::Right;
        bool isFork = false; ///< the parent's run goes on beside them
        std::span<const std::uint32_t> runs; ///< by place
    };
    /// Calls visit(Siblings) for all, by parents.
    template <typename Visit>
    void forEachSiblings(Visit visit) const
    {
        for (std::uint32_t run = 0; run < m_runs->size(); ++run)
            for (std::uint32_t at = m_begin[run]; at < m_begin[run + 1];) {
                const Siblings siblings = siblingsAt(run, at);
                visit(siblings);
                at += static_cast<std::uint32_t>(siblings.runs.size());
            }
    }

    /// A span is cut so that a leaf of the span tree takes it whole.
    static constexpr std::uint32_t kSpanLettersMax = 256;

    /// All but the root.
    [[nodiscard]] std::vector<Span> spans();

private:
    /// A run from a letter on, with what hangs there from a child on.
    struct Task {
        std::uint32_t run = 0;
        std::uint32_t child = 0;
        LocalId letter = 0;
    };
    [[nodiscard]] Siblings siblingsAt(std::uint32_t run, std::uint32_t at) const;
    void findParents();
    void sortChildren();
    void begin(std::uint32_t run);
    void goOn(Task task);
    void emit(LocalId from, LocalId to);
    void push(const Span &span);

    const std::vector<Run> *m_runs;
    const std::vector<std::uint32_t> *m_hidden;
    IsBefore m_isBefore;
    std::vector<std::uint32_t> m_owner;    ///< by run: the run that it hangs at
    std::vector<std::uint32_t> m_begin;    ///< by run: its first child in the list; one more
    std::vector<std::uint32_t> m_children; ///< runs by owner, parent, side, sibling order
    std::vector<Task> m_tasks;
    std::vector<Span> m_spans;
};

} // namespace nlbd::crdt
