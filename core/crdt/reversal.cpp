#include "core/crdt/reversal.h"

namespace nlbd::crdt {

void Copies::add(const Copy &copy)
{
    m_byCopy.emplace(copy.first, copy);
    m_byOrigin.emplace(copy.of, copy);
}

std::optional<OpId> Copies::originOf(OpId id) const
{
    auto after = m_byCopy.upper_bound(id);
    if (after == m_byCopy.begin())
        return std::nullopt;
    const Copy &it = std::prev(after)->second;
    const std::uint32_t offset = id.index - it.first.index;
    if (it.first.change != id.change || offset >= it.length)
        return std::nullopt;
    return OpId{it.of.change, it.of.index + offset};
}

} // namespace nlbd::crdt
