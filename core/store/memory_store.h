#pragma once

#include "core/base/random.h"
#include "core/store/store.h"

namespace nlbd::store {

/// The same contract in memory, for the simulator: what is not synced is lost at a crash, in whole
/// batches from the end, as a seeded source decides.
class MemoryStore final : public Store {
public:
    [[nodiscard]] std::expected<void, StoreError> commit(const Rows &rows, Sync sync) override;
    [[nodiscard]] std::expected<StoredWorkspace, StoreError> load() override;

    /// Power loss: any number of the newest lazy batches of the text database vanish.
    void crash(Random &random);

    /// The next commits fail with this error until cleared.
    void failWith(std::optional<StoreError> error);

private:
    void put(StoredWorkspace &into, const Row &row) const;

    StoredWorkspace m_durable;
    std::vector<Rows> m_lazy; ///< committed, not yet synced
    std::optional<StoreError> m_error;
};

} // namespace nlbd::store
