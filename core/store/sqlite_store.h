#pragma once

#include "core/store/copying.h"
#include "core/store/reading_back.h"

namespace nlbd::store {

/// One folder: `text.db` (WAL, synchronous=NORMAL: whatever a power cut takes can be fetched again)
/// and `journal.db` (WAL, synchronous=FULL: what was signed). Own changes stand in both, so that a
/// text database that lost its last second is made whole from the journal at load.
///
/// A damaged database is set aside under a name with the time in it, what can be read is carried
/// over, and StoredWorkspace::repairs says so. That holds at any time; found by a commit, the
/// sentence comes with the next load. Named values (MetaRow) stand in the journal database: without
/// them nothing can be read. A damaged journal is never silently replaced: open answers Damaged,
/// because an emptied journal could sign twice.
class SqliteStore final : public Store, public Copying, public ReadingBack {
public:
    /// Creates the folder if need be, readable by its owner only, and locks it for this process.
    /// Errors: InUse, ReadOnly, Full, Damaged (the journal), Failed (a newer format among others).
    [[nodiscard]] static std::expected<std::unique_ptr<SqliteStore>, StoreError>
    open(const std::filesystem::path &folder);
    ~SqliteStore() override;

    [[nodiscard]] std::expected<void, StoreError> commit(const Rows &rows, Sync sync) override;
    [[nodiscard]] std::expected<StoredWorkspace, StoreError> load() override;
    [[nodiscard]] std::expected<void, StoreError> copyTo(const std::filesystem::path &folder,
                                                         const Mend &mend) override;
    [[nodiscard]] std::expected<std::vector<ChangeRow>, StoreError>
    readBack(std::span<const Hash> changes) override;

private:
    struct Impl;
    explicit SqliteStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace nlbd::store
