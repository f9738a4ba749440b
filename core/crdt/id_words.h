#pragma once

#include "core/crdt/numbers.h"

namespace nlbd::crdt {

/// Calls visit(word, bits) for the local ids [first, end) in a table of one bit an id, 64 a word.
template <typename Visit>
void forEachWord(LocalId first, LocalId end, Visit visit)
{
    while (first < end) {
        const LocalId next = std::min(end, (first / 64 + 1) * 64);
        visit(first / 64, ~std::uint64_t(0) >> (64 - (next - first)) << (first % 64));
        first = next;
    }
}

} // namespace nlbd::crdt
