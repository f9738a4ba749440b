#include "wire_disk.h"

#include "core/base/digest.h"
#include "core/store/sqlite_store.h"
#include "wire_child.h"

namespace nlbd::bench {

std::expected<std::vector<double>, std::string> storeSyncs(const std::filesystem::path &folder,
                                                           std::size_t keys)
{
    constexpr std::size_t kRecordBytes = 330;      // of a change with one letter in it
    constexpr std::int64_t kPauseNs = 200'000'000; // a disk that rests is slower than a busy one
    auto storage = store::SqliteStore::open(folder);
    if (!storage)
        return std::unexpected(storage.error().detail);
    std::vector<double> result;
    for (std::size_t key = 0; key < keys; ++key) {
        sleepUntil(nowNs() + kPauseNs);
        store::ChangeRow change;
        change.record = Bytes(kRecordBytes, static_cast<std::byte>(key));
        change.record[0] = static_cast<std::byte>(key >> 8U);
        change.hash = digest(Domain{"rt1.bench"}, change.record);
        change.seq = Seq(key + 1);
        const store::JournalRow line{0, Epoch(), 0, key + 1, change.record};
        const std::int64_t begin = nowNs();
        if (const auto done = (*storage)->commit({line}, store::Sync::Lazy); !done)
            return std::unexpected(done.error().detail);
        result.push_back(static_cast<double>(nowNs() - begin) / 1e6);
        if (const auto done = (*storage)->commit({change}, store::Sync::Lazy); !done)
            return std::unexpected(done.error().detail);
    }
    return result;
}

} // namespace nlbd::bench
