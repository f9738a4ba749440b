#include "core/crdt/numbers.h"

#include <algorithm>

namespace nlbd::crdt {

/// Of the pieces of one change that stand side by side only the first is looked up.
void Numbers::addPiece(OpId first)
{
    const Piece &last = m_pieces.back();
    const auto piece = static_cast<std::uint32_t>(m_pieces.size());
    if (last.change == first.change)
        CHECK(first.index > last.index + (m_next - last.first));
    else if (m_byChange.find(first.change.value) == nullptr)
        m_byChange.insert(first.change.value, piece);
    else
        m_later.emplace(first, piece);
    m_pieces.push_back({m_next, first.change, first.index});
}

LocalId Numbers::rewindTo(OpId id)
{
    const Piece &last = m_pieces.back();
    if (last.change == id.change) {
        CHECK(id.index >= last.index);
        m_next = std::min(m_next, last.first + (id.index - last.index));
        while ((m_pages.size() - 1) * kPageIds > m_next)
            m_pages.pop_back();
    }
    return m_next;
}

/// The piece that holds an id, if one does.
std::uint32_t Numbers::lookUp(OpId id) const noexcept
{
    const std::uint32_t *found = m_byChange.find(id.change.value);
    if (found == nullptr)
        return 0;
    m_found[id.change.value % m_found.size()] = *found;
    if (m_later.empty())
        return *found;
    const auto after = m_later.upper_bound(id);
    const bool isLater = after != m_later.begin() && std::prev(after)->first.change == id.change;
    return isLater ? std::prev(after)->second : *found;
}

/// From a piece on, the last of those that follow it in the same change and begin up to an id.
std::uint32_t Numbers::lastOfSame(std::uint32_t piece, OpId id) const noexcept
{
    const auto reaches = [&](std::size_t other) {
        return other < m_pieces.size() && m_pieces[other].change == id.change
            && m_pieces[other].index <= id.index;
    };
    const std::size_t latest = m_pieces.size() - 1; // who wrote last, mostly, names it
    if (piece < latest && reaches(latest))
        return static_cast<std::uint32_t>(latest);
    for (int near = 0; near < 4; ++near, ++piece) { // mostly there are few
        if (!reaches(piece + 1U))
            return piece;
    }
    std::uint32_t step = 1;
    for (; reaches(piece + step); step *= 2)
        piece += step;
    for (; step > 0; step /= 2) {
        if (reaches(piece + step))
            piece += step;
    }
    return piece;
}

/// For each page of local ids that came to be used, where to look for its pieces.
void Numbers::markPages()
{
    while (m_pages.size() * kPageIds <= m_next)
        m_pages.push_back(static_cast<std::uint32_t>(m_pieces.size() - 1));
}

std::uint32_t Numbers::findPiece(LocalId id) const noexcept
{
    const auto latest = static_cast<std::uint32_t>(m_pieces.size() - 1);
    if (id >= m_pieces[latest].first)
        return m_lastAsked = latest;
    const std::size_t page = id / kPageIds;
    std::uint32_t piece = m_pages[page];
    const std::uint32_t end = page + 1 < m_pages.size() ? m_pages[page + 1] + 1 : latest + 1;
    for (std::uint32_t rest = end - piece; rest > 1;) { // No jumps: nobody could foresee them.
        const std::uint32_t half = rest / 2;
        piece += m_pieces[piece + half].first <= id ? half : 0;
        rest -= half;
    }
    return m_lastAsked = piece;
}

} // namespace nlbd::crdt
