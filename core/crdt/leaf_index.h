#pragma once

#include "core/crdt/numbers.h"

namespace nlbd::crdt {

/// Which leaf of the span tree holds a local id. Ids are kept by the 256, each such page as a list
/// of (first id, leaf) in one word: neighbours in one leaf share an entry, and what moves inside a
/// leaf changes nothing here.
class LeafIndex {
public:
    /// The leaf of an id that was appended or assigned. @complexity O(log 256).
    [[nodiscard]] std::uint32_t leafOf(LocalId id) const noexcept;

    /// New ids, higher than all before. In the leaf of the id before them there is nothing to do
    /// until a page starts.
    void append(LocalId first, std::uint32_t count, std::uint32_t leaf);

    [[nodiscard]] static bool isPageStart(LocalId id) noexcept { return id % kPageIds == 0; }

    /// Ids that move. @complexity O(count / 256 + entries replaced).
    void assign(LocalId first, std::uint32_t count, std::uint32_t leaf);

private:
    static constexpr std::uint32_t kPageBits = 8;
    static constexpr std::uint32_t kPageIds = 1U << kPageBits;
    static constexpr std::uint32_t kLeafBits = 32 - kPageBits;
    static constexpr std::uint32_t kLeafMask = (1U << kLeafBits) - 1;
    using Page = std::vector<std::uint32_t>; ///< first id in the high bits, leaf in the low ones

    [[nodiscard]] static std::uint32_t entryOf(std::uint32_t first, std::uint32_t leaf) noexcept
    {
        return first << kLeafBits | leaf;
    }
    static void assignIn(Page &page, std::uint32_t from, std::uint32_t to, std::uint32_t leaf);

    std::vector<Page> m_pages;
};

} // namespace nlbd::crdt
