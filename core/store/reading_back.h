#pragma once

#include "core/store/store.h"

#include <span>

namespace nlbd::store {

/// What a store can do besides: shows what it holds while it is in use, for who doubts the disk.
class ReadingBack {
public:
    virtual ~ReadingBack() = default;

    /// The rows of these changes, as the disk gives them now. Missing ones and those that fail
    /// their check are left out. @complexity O(log n) for each.
    [[nodiscard]] virtual std::expected<std::vector<ChangeRow>, StoreError>
    readBack(std::span<const Hash> changes) = 0;
};

} // namespace nlbd::store
