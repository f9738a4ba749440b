#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// Edits made against an older state of a document: a replica of its own stands where the edit's
/// author stood, and the change names exactly that past. What one author has seen only grows, so
/// the replica is kept and brought forward.
class PastEditor {
public:
    explicit PastEditor(Engine::State &state)
        : m_state(state)
    {
    }

    void edit(const EditAsOf &edit);

private:
    struct Replica {
        explicit Replica(const crdt::ChangeOrder &order)
            : document(order)
        {
        }
        crdt::Document document;
        std::vector<ChangeHandle> ahead; ///< held in the workspace, not yet seen by the replica
        std::uint32_t scanned = 0;
    };
    void bringForward(Replica &replica, DocIndex doc, const history::Clock &past);

    Engine::State &m_state;
    std::map<DocIndex, Replica> m_replicas;
};

} // namespace nlbd::engine
