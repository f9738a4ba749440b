#pragma once

#include "core/store/store.h"

#include <filesystem>
#include <functional>

namespace nlbd::store {

/// What a store can do besides, whose rows stand in files: a copy of them as of one moment.
class Copying {
public:
    /// Given all named values of the copy, answers those to write into it instead.
    using Mend = std::function<std::vector<MetaRow>(const std::vector<MetaRow> &)>;

    virtual ~Copying() = default;

    /// Makes `folder` one that SqliteStore::open would take, with everything that was committed so
    /// far and nothing else: SQLite copies page by page, as the file of a database that is in use
    /// may be read by nobody. Two files, text.db and journal.db, and no others. The folder must be
    /// there and hold neither.
    [[nodiscard]] virtual std::expected<void, StoreError>
    copyTo(const std::filesystem::path &folder, const Mend &mend) = 0;
};

} // namespace nlbd::store
