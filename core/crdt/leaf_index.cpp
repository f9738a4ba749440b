#include "core/crdt/leaf_index.h"

#include <algorithm>

namespace nlbd::crdt {

namespace {

constexpr std::size_t kEntriesAtFirst = 14; // of a page; as people write there are about ten

/// How many entries of a sorted list are below a value. Ids come in no order that a processor could
/// foresee, so nothing here is jumped over.
std::size_t countBelow(const std::vector<std::uint32_t> &list, std::uint32_t value) noexcept
{
    const std::uint32_t *from = list.data();
    for (std::size_t rest = list.size(); rest > 0;) {
        const std::size_t half = (rest + 1) / 2;
        // Written as a mask: a compiler makes a jump of a choice.
        from += half & (0 - static_cast<std::size_t>(from[half - 1] < value));
        rest -= half;
    }
    return static_cast<std::size_t>(from - list.data());
}

} // namespace

std::uint32_t LeafIndex::leafOf(LocalId id) const noexcept
{
    const Page &page = m_pages[id / kPageIds];
    return page[countBelow(page, entryOf(id % kPageIds, kLeafMask)) - 1] & kLeafMask;
}

void LeafIndex::append(LocalId first, std::uint32_t count, std::uint32_t leaf)
{
    CHECK(leaf < kLeafMask);
    const LocalId end = first + count;
    while (first < end) {
        const std::size_t page = first / kPageIds;
        if (page >= m_pages.size())
            m_pages.resize(page + 1);
        Page &list = m_pages[page];
        if (list.empty())
            list.reserve(kEntriesAtFirst);
        if (list.empty() || (list.back() & kLeafMask) != leaf)
            list.push_back(entryOf(list.empty() ? 0 : first % kPageIds, leaf));
        first = (first / kPageIds + 1) * kPageIds;
    }
}

/// With some room for what will come.
void LeafIndex::fill(std::size_t page, std::span<const std::uint32_t> entries)
{
    if (page >= m_pages.size())
        m_pages.resize(page + 1);
    Page &list = m_pages[page];
    list.reserve(entries.size() + entries.size() / 8 + 2);
    list.assign(entries.begin(), entries.end());
}

void LeafIndex::assign(LocalId first, std::uint32_t count, std::uint32_t leaf)
{
    CHECK(leaf < kLeafMask);
    const LocalId end = first + count;
    while (first < end) {
        const LocalId pageStart = first / kPageIds * kPageIds;
        const std::uint32_t to = std::min<std::uint32_t>(end - pageStart, kPageIds);
        assignIn(m_pages[first / kPageIds], first - pageStart, to, leaf);
        first = pageStart + kPageIds;
    }
}

/// Ids [from, to) of a page move; what stands behind them stays where it is.
void LeafIndex::assignIn(Page &page, std::uint32_t from, std::uint32_t to, std::uint32_t leaf)
{
    auto begin = page.begin() + static_cast<std::ptrdiff_t>(countBelow(page, entryOf(from, 0)));
    auto end = begin;
    while (end != page.end() && *end >> kLeafBits < to)
        ++end;
    std::uint32_t fresh[2];
    std::size_t count = 0;
    const bool isJoined = begin != page.begin() && (*(begin - 1) & kLeafMask) == leaf;
    if (!isJoined)
        fresh[count++] = entryOf(from, leaf);
    const bool isLast = to == kPageIds;
    const bool hasNext = end != page.end() && *end >> kLeafBits == to;
    const std::uint32_t before = *(end - 1) & kLeafMask; // the page begins with an entry at 0
    if (hasNext && (*end & kLeafMask) == leaf)
        ++end;
    else if (!isLast && !hasNext && before != leaf)
        fresh[count++] = entryOf(to, before);
    const auto old = static_cast<std::size_t>(end - begin);
    const std::size_t shared = std::min(old, count);
    begin = std::copy_n(fresh, shared, begin);
    if (old > shared)
        page.erase(begin, begin + static_cast<std::ptrdiff_t>(old - shared));
    else
        page.insert(begin, fresh + shared, fresh + count);
}

} // namespace nlbd::crdt
