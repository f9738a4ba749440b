#include "core/engine/past_editor.h"

#include "core/base/utf8.h"
#include "core/engine/author.h"

namespace nlbd::engine {

void PastEditor::bringForward(Replica &replica, DocIndex doc, const history::Clock &past)
{
    for (; replica.scanned < m_state.graph.size(); ++replica.scanned) {
        const ChangeHandle change(replica.scanned + 1);
        if (m_state.graph.entry(change).doc == doc)
            replica.ahead.push_back(change);
    }
    std::vector<ChangeHandle> later;
    for (const ChangeHandle change : replica.ahead) {
        if (!m_state.graph.contains(past, change)) {
            later.push_back(change);
            continue;
        }
        const auto ops = m_state.opsOf(change);
        if (ops)
            replica.document.integrate(change, *ops);
    }
    replica.ahead = std::move(later);
}

void PastEditor::edit(const EditAsOf &edit)
{
    m_state.author->flush();
    if (m_state.author->mustWait())
        return;
    std::vector<ChangeHandle> seen;
    for (const auto &[device, seq] : edit.seen) {
        const auto held = m_state.graph.at(device, seq);
        if (held.size() != 1)
            return; // the past must be held before it can be named
        seen.push_back(held.front());
    }
    const ChangeHandle prev = m_state.author->lastOwn();
    if (m_state.graph.reduce(prev, seen).size() > limits::kDepsMax)
        return;
    Replica &replica = m_replicas.try_emplace(edit.doc, m_state.graph).first->second;
    bringForward(replica, edit.doc, m_state.graph.merged(prev, seen));
    if (!fits(edit.patches, replica.document.length()))
        return;
    const ChangeHandle self = m_state.graph.nextHandle();
    crdt::Draft draft{self, {}, 0};
    for (const TextPatch &patch : edit.patches) {
        if (patch.removed > 0)
            replica.document.erase(patch.at, patch.removed, draft);
        if (!patch.inserted.empty())
            replica.document.insert(patch.at, patch.inserted, draft);
    }
    m_state.author->commit(m_state.validator.author(m_state.config.device, m_state.me,
                                                    history::ChangeKind::Edit, edit.doc, draft.ops,
                                                    prev, seen, m_state.now.wall),
                           false);
    replica.scanned = self.value; // its own change took effect in the replica as it was made
}

} // namespace nlbd::engine
