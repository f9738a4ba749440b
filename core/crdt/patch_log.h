#pragma once

#include "core/base/text_patch.h"

namespace nlbd::crdt {

/// Collects what happens to a visible text, step by step, and joins steps that touch: a hundred
/// spans deleted in a row are one patch.
class PatchLog {
public:
    void inserted(TextOffset at, std::string_view utf8, TextOffset length);
    void removed(TextOffset at, TextOffset length);

    [[nodiscard]] TextPatches take() &&noexcept { return std::move(m_patches); }

private:
    TextPatches m_patches;
    TextOffset m_lastInserted = 0; ///< scalars that the latest patch inserts
};

} // namespace nlbd::crdt
