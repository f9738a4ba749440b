#pragma once

#include <vector>

namespace nlbd::crdt {

/// Appends to a vector that lives as long as its document: a long one grows by a quarter, not by
/// the double, because what is reserved and never used counts as much as what is used.
template <typename T>
void pushSlowly(std::vector<T> &list, const T &value)
{
    constexpr std::size_t kDoubledUpTo = 512;
    if (list.size() == list.capacity() && list.size() > kDoubledUpTo)
        list.reserve(list.size() + list.size() / 4);
    list.push_back(value);
}

} // namespace nlbd::crdt
