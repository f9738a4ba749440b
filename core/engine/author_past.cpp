// What a change of this device says it was made after.

#include "core/engine/author.h"
#include "core/engine/epochs.h"

namespace nlbd::engine {

std::vector<ChangeHandle> Author::seen(const std::set<ChangeHandle> &targets) const
{
    // A disputed device's news are left out unless an op needs them: honest work then stays free of
    // a fork, whatever branch others saw first.
    std::vector<ChangeHandle> wanted;
    std::set<ChangeHandle> needed;
    for (const ChangeHandle target : targets)
        if (target != ChangeHandle() && target != m_state.graph.nextHandle())
            needed.insert(m_state.epochs->isVoid(target) ? holderOf(target) : target);
    std::vector<ChangeHandle> open(m_state.graph.heads().begin(), m_state.graph.heads().end());
    open.insert(open.end(), needed.begin(), needed.end());
    std::set<ChangeHandle> visited;
    while (!open.empty()) {
        const ChangeHandle change = open.back();
        open.pop_back();
        if (!visited.insert(change).second)
            continue;
        const auto &entry = m_state.graph.entry(change);
        const bool isPlain = !m_state.isDisputed(entry.device) || entry.device == m_state.me;
        if ((isPlain && !m_state.epochs->isVoid(change)) || needed.contains(change)) {
            wanted.push_back(change);
            continue;
        }
        if (entry.prev != ChangeHandle())
            open.push_back(entry.prev);
        open.insert(open.end(), entry.deps.begin(), entry.deps.end());
    }
    return wanted;
}

/// Whoever knows of a decision and builds on what it closed out proves himself wrong, but for what
/// comes with work that stands on it: of the honest, if there is any. A void change that nothing
/// stands on is forgotten before anybody writes.
ChangeHandle Author::holderOf(ChangeHandle ghost) const
{
    ChangeHandle holder = ghost;
    for (std::uint32_t i = ghost.value + 1; i <= m_state.graph.size(); ++i) {
        const ChangeHandle change(i);
        if (m_state.epochs->isVoid(change) || !m_state.graph.isInPast(ghost, change))
            continue;
        if (!m_state.isDisputed(m_state.graph.entry(change).device))
            return change;
        if (holder == ghost)
            holder = change;
    }
    return holder;
}

ChangeHandle Author::lastOwn() const
{
    ChangeHandle last;
    for (const history::ChainId chain : m_state.graph.chainsOf(m_state.me)) {
        const ChangeHandle head = m_state.graph.headOf(chain);
        const bool isHigher = last == ChangeHandle()
            || (head != ChangeHandle()
                && m_state.graph.entry(head).seq > m_state.graph.entry(last).seq);
        if (isHigher)
            last = head;
    }
    return last;
}

} // namespace nlbd::engine
