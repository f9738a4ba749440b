#pragma once

#include "core/base/text_patch.h"

#include <vector>

namespace nlbd::crdt {

/// Patches, which each speak of the text that the one before left, as steps along one text.
class PatchSteps {
public:
    struct Step {
        enum class Kind : std::uint8_t { Kept, Inserted, Removed };
        Kind kind = Kind::Kept;
        TextOffset length = 0;
    };

    /// What is kept after the last step is not said.
    explicit PatchSteps(const TextPatches &patches)
    {
        for (const TextPatch &patch : patches)
            add(patch);
    }
    [[nodiscard]] const std::vector<Step> &steps() const &noexcept { return m_steps; }

private:
    void add(const TextPatch &patch);
    [[nodiscard]] std::size_t splitAt(TextOffset at);

    std::vector<Step> m_steps;
};

} // namespace nlbd::crdt
