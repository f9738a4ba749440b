// What a profile keeps of things that are under way: foundings, arrivals, workspaces begun again.

#include "app/profile.h"
#include "app/small_file.h"

namespace nlbd::app {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kFileBytesMax = 256 * 1024;

/// Small files that are named by 32 bytes.
template <typename Name>
std::map<Name, Bytes> filesIn(const fs::path &folder)
{
    std::map<Name, Bytes> result;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(folder, error)) {
        const auto hex = fromHex(entry.path().filename().string());
        const auto name = hex ? Name::from(*hex) : std::nullopt;
        if (!name)
            continue;
        if (auto bytes = readSmallFile(entry.path(), kFileBytesMax); bytes && *bytes)
            result[*name] = std::move(**bytes);
    }
    return result;
}

} // namespace

std::map<Hash, Bytes> Profile::foundings() const
{
    return filesIn<Hash>(m_folder / "foundings");
}

std::map<WorkspaceId, Bytes> Profile::arrivals() const
{
    return filesIn<WorkspaceId>(m_folder / "arrivals");
}

std::expected<void, ProfileError> Profile::keepArrival(const WorkspaceId &workspace, ByteView bytes)
{
    return writeSmallFile(m_folder / "arrivals" / workspace.hex(), bytes);
}

void Profile::dropArrival(const WorkspaceId &workspace)
{
    std::error_code error;
    fs::remove(m_folder / "arrivals" / workspace.hex(), error);
}

std::map<WorkspaceId, WorkspaceId> Profile::pasts() const
{
    std::map<WorkspaceId, WorkspaceId> result;
    for (const auto &[anew, bytes] : filesIn<WorkspaceId>(m_folder / "pasts"))
        if (const auto past = WorkspaceId::from(bytes))
            result[anew] = *past;
    return result;
}

std::expected<void, ProfileError> Profile::keepPast(const WorkspaceId &anew,
                                                    const WorkspaceId &past)
{
    return writeSmallFile(m_folder / "pasts" / anew.hex(), ByteView(past.value));
}

void Profile::dropPast(const WorkspaceId &anew)
{
    std::error_code error;
    fs::remove(m_folder / "pasts" / anew.hex(), error);
}

std::expected<fs::path, ProfileError> Profile::keepArchive(const WorkspaceId &past, ByteView bytes)
{
    const fs::path file = m_folder / "pasts" / (past.hex() + ".nlbd-archive");
    if (const auto written = writeSmallFile(file, bytes); !written)
        return std::unexpected(written.error());
    std::error_code error;
    fs::permissions(file, fs::perms::owner_read, error);
    return file;
}

std::expected<void, ProfileError> Profile::keepFounding(const Hash &draft, ByteView bytes)
{
    return writeSmallFile(m_folder / "foundings" / draft.hex(), bytes);
}

void Profile::dropFounding(const Hash &draft)
{
    std::error_code error;
    fs::remove(m_folder / "foundings" / draft.hex(), error);
}

} // namespace nlbd::app
