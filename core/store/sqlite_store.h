#pragma once

#include "core/store/store.h"

#include <filesystem>

namespace nlbd::store {

/// One folder: `text.db` (WAL, synchronous=NORMAL: whatever a power cut takes can be fetched again)
/// and `journal.db` (WAL, synchronous=FULL: what was signed). Own changes stand in both, so that a
/// text database that lost its last second is made whole from the journal at load.
///
/// A damaged database is set aside under a name with the time in it, what can be read is carried
/// over, and StoredWorkspace::repairs says so. A damaged journal is never silently replaced: open
/// answers Damaged, because an emptied journal could sign twice.
class SqliteStore final : public Store {
public:
    /// Creates the folder if need be and locks it for this process.
    [[nodiscard]] static std::expected<std::unique_ptr<SqliteStore>, StoreError>
    open(const std::filesystem::path &folder);
    ~SqliteStore() override;

    [[nodiscard]] std::expected<void, StoreError> commit(const Rows &rows, Sync sync) override;
    [[nodiscard]] std::expected<StoredWorkspace, StoreError> load() override;

private:
    struct Impl;
    explicit SqliteStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace nlbd::store
