#pragma once

#include "core/crdt/numbers.h"

#include <span>

namespace nlbd::crdt {

/// Which leaf of the span tree holds a local id. Ids are kept by the 256, each such page as a list
/// of (first id, leaf) in one word: neighbours in one leaf share an entry, and what moves inside a
/// leaf changes nothing here.
class LeafIndex {
    static constexpr std::uint32_t kPageBits = 8;
    static constexpr std::uint32_t kLeafBits = 32 - kPageBits;

public:
    static constexpr std::size_t kLeavesMax = (1UL << kLeafBits) - 1;

    /// The leaf of an id that was appended or assigned. @complexity O(log 256).
    [[nodiscard]] std::uint32_t leafOf(LocalId id) const noexcept;

    /// New ids, higher than all before. In the leaf of the id before them there is nothing to do
    /// until a page starts.
    void append(LocalId first, std::uint32_t count, std::uint32_t leaf);

    struct Range {
        LocalId first = 0;
        std::uint32_t count = 0;
        std::uint32_t leaf = 0;
    };
    /// The same for many at once, to an index that knows the root alone; next(i) gives the i-th.
    template <typename Next>
    void appendAll(std::size_t count, Next next)
    {
        std::array<std::uint32_t, kPageIds> room{m_pages.front().front()};
        std::size_t entries = 1;
        std::size_t page = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const Range it = next(i);
            LocalId first = it.first;
            for (const LocalId end = first + it.count; first < end;) {
                if (first / kPageIds != page) {
                    fill(page, std::span(room).first(entries));
                    page = first / kPageIds;
                    entries = 0;
                }
                if (entries == 0 || (room[entries - 1] & kLeafMask) != it.leaf) {
                    room[entries] = entryOf(entries == 0 ? 0 : first % kPageIds, it.leaf);
                    ++entries;
                }
                first = (first / kPageIds + 1) * kPageIds;
            }
        }
        fill(page, std::span(room).first(entries));
    }

    [[nodiscard]] static bool isPageStart(LocalId id) noexcept { return id % kPageIds == 0; }

    /// Ids that move. @complexity O(count / 256 + entries replaced).
    void assign(LocalId first, std::uint32_t count, std::uint32_t leaf);

private:
    static constexpr std::uint32_t kPageIds = 1U << kPageBits;
    static constexpr std::uint32_t kLeafMask = (1U << kLeafBits) - 1;
    using Page = std::vector<std::uint32_t>; ///< first id in the high bits, leaf in the low ones

    [[nodiscard]] static std::uint32_t entryOf(std::uint32_t first, std::uint32_t leaf) noexcept
    {
        return first << kLeafBits | leaf;
    }
    void fill(std::size_t page, std::span<const std::uint32_t> entries);
    static void assignIn(Page &page, std::uint32_t from, std::uint32_t to, std::uint32_t leaf);

    std::vector<Page> m_pages;
};

} // namespace nlbd::crdt
