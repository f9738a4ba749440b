#pragma once

#include "core/crdt/id_cuts.h"
#include "core/crdt/op_log.h"

#include <functional>
#include <span>

namespace nlbd::crdt {

/// Lists the letters of a document in text order, given where each run hangs: the walk left
/// children, self, right children of the whole tree at once, piece by piece. That is how a document
/// opens whose order is stored nowhere. Nothing recurses; a chain of runs may be as long as the
/// document.
class FugueWalk {
public:
    struct Run {
        LocalId first = 0;
        LocalId parent = 0; ///< a letter of an earlier run
        Side side = Side::Right;
    };
    using IsBefore = std::function<bool(LocalId, LocalId)>; ///< among siblings

    /// `runs` begins with the root and ascends; `cuts` is sealed and has one where a run begins,
    /// before a letter at whose left one hangs, and behind one at whose right; `log` knows which
    /// letters a run goes on from. All outlive the walk.
    FugueWalk(const std::vector<Run> &runs, const IdCuts &cuts, const OpLog &log,
              IsBefore isBefore);

    /// Runs that hang at one side of one letter, in sibling order.
    struct Siblings {
        LocalId parent = 0;
        Side side = Side::Right;
        bool isFork = false;                 ///< the parent's run goes on beside them
        std::span<const std::uint32_t> runs; ///< by place; until the next are met
    };

    /// Calls emit(piece) for all pieces of letters in order, the root among them, and
    /// meet(Siblings) for what hangs anywhere.
    template <typename Emit, typename Meet>
    void run(Emit emit, Meet meet)
    {
        const std::vector<LocalId> &firsts = m_cuts->firsts();
        m_tasks.assign(1, 0);
        while (!m_tasks.empty()) {
            std::uint32_t piece = m_tasks.back() & ~kLeftDone;
            bool isLeftDone = (m_tasks.back() & kLeftDone) != 0;
            m_tasks.pop_back();
            for (bool isOn = true; isOn; ++piece, isLeftDone = false) {
                if (!isLeftDone && m_heads[piece][0] != 0) {
                    const Siblings siblings = siblingsAt(piece, Side::Left, false);
                    meet(siblings);
                    m_tasks.push_back(piece | kLeftDone);
                    pushBefore(siblings.runs);
                    break;
                }
                emit(piece);
                isOn = m_log->isContinued(firsts[piece + 1] - 1);
                if (m_heads[piece][1] != 0) {
                    const Siblings siblings = siblingsAt(piece, Side::Right, isOn);
                    meet(siblings);
                    part(piece, siblings);
                    break;
                }
            }
        }
    }

private:
    static constexpr std::uint32_t kLeftDone = 1U << 31U;

    [[nodiscard]] Siblings siblingsAt(std::uint32_t piece, Side side, bool isFork)
    {
        const std::uint32_t &head = m_heads[piece][static_cast<std::size_t>(side)];
        return {(*m_runs)[head].parent, side, isFork,
                m_nexts[head] == 0 ? std::span(&head, 1) : sortedAt(head)};
    }
    [[nodiscard]] std::span<const std::uint32_t> sortedAt(std::uint32_t head);
    void part(std::uint32_t piece, const Siblings &siblings);
    void pushBefore(std::span<const std::uint32_t> runs);

    const std::vector<Run> *m_runs;
    const IdCuts *m_cuts;
    const OpLog *m_log;
    IsBefore m_isBefore;
    std::vector<std::uint32_t> m_pieces; ///< by run: that with its first letter
    std::vector<std::uint32_t> m_nexts;  ///< by run: another that hangs at the same place, or 0
    /// By piece: a run that hangs at its first letter's left and one at its last one's right, or 0.
    std::vector<std::array<std::uint32_t, 2>> m_heads;
    std::vector<std::uint32_t> m_found; ///< of sortedAt
    std::vector<std::uint32_t> m_tasks; ///< pieces to go on from, the next on top
};

} // namespace nlbd::crdt
