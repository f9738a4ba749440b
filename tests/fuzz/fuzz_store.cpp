// The text database as a failing disk gives it back: it is read or repaired, and takes new rows.
#include "core/store/sqlite_store.h"
#include "tests/fuzz/memory_file.h"

#include <algorithm>
#include <fstream>

using namespace nlbd;

namespace {

void write(const std::filesystem::path &path, std::string_view bytes)
{
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// A sound journal, without which no text database is opened.
std::string makeJournal()
{
    const fuzz::Folder folder;
    CHECK(store::SqliteStore::open(folder.path()).has_value());
    std::ifstream stream(folder.path() / "journal.db", std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const std::string kJournal = makeJournal();
    const fuzz::Folder folder;
    write(folder.path() / "journal.db", kJournal);
    write(folder.path() / "text.db", viewOf(std::as_bytes(std::span(data, size))));

    const store::ChangeRow change{Hash{}, DeviceIndex(1), Seq(1), DocIndex(1), true, Bytes(8)};
    {
        const auto opened = store::SqliteStore::open(folder.path());
        if (!opened)
            return 0;
        if (!(*opened)->load() || !(*opened)->commit({change}, store::Sync::Full))
            return 0;
    }
    const auto again = store::SqliteStore::open(folder.path());
    if (!again)
        return 0;
    if (const auto stored = (*again)->load())
        CHECK(std::ranges::count(stored->changes, change.hash, &store::ChangeRow::hash) <= 1);
    return 0;
}
