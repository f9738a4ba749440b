#pragma once

#include "core/base/ids.h"

#include <optional>

namespace nlbd::engine {

/// What a start of a workspace leaves in its database and in a second place outside of its folder,
/// so that a copied or restored folder is recognised (PROTOCOL C13). The number alone would not do:
/// two copies that start equally often would agree. So each start draws a mark.
struct BootMark {
    PublicKey device; ///< that signs in this folder
    std::uint64_t counter = 0;
    ByteArray<16> mark{};
    friend bool operator==(const BootMark &, const BootMark &) = default;

    /// 32 device | u64 counter | 16 mark
    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static std::optional<BootMark> decode(ByteView bytes);
};

/// The row of the database: the mark, the one that it follows, and whether the second place has it.
struct BootRow {
    BootMark now;
    ByteArray<16> previous{}; ///< zeros: there was none
    bool isKept = false;
    friend bool operator==(const BootRow &, const BootRow &) = default;

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static std::optional<BootRow> decode(ByteView bytes);
};

/// Whether the two places tell of one history of starts. A power cut between the two writes leaves
/// the second place one start behind: no reason to call the folder a copy.
[[nodiscard]] bool doAgree(const std::optional<BootRow> &row,
                           const std::optional<BootMark> &second);

} // namespace nlbd::engine
