#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// What void changes would have written, and how much stands on each: for people, who may want some
/// of it back. Kept up as the history grows.
class Rejections {
public:
    explicit Rejections(Engine::State &state)
        : m_state(state)
    {
    }

    /// @complexity O(changes that came since the last call); nothing at all without void changes.
    [[nodiscard]] std::vector<api::RejectedInfo> list();

private:
    void findVoid();

    Engine::State &m_state;
    std::map<ChangeHandle, api::RejectedInfo> m_rejected;
    std::uint64_t m_revision = 0; ///< of Epochs, when it was found
    std::uint32_t m_scanned = 0;  ///< handles that were looked at for what they stand on
};

} // namespace nlbd::engine
