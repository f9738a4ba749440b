#include "app/small_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nlbd::app {

namespace {

/// A file descriptor that closes itself.
struct Descriptor {
    int value = -1;
    explicit Descriptor(int descriptor)
        : value(descriptor)
    {
    }
    ~Descriptor()
    {
        if (value >= 0)
            ::close(value);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
};

} // namespace

bool writeAll(int file, ByteView bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(file, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

ProfileError systemError(int error, const std::filesystem::path &file)
{
    using Kind = ProfileError::Kind;
    ProfileError result;
    result.detail = file.string() + ": " + std::strerror(error);
    if (error == ENOSPC || error == EDQUOT) {
        result.kind = Kind::Full;
    } else if (error == EROFS || error == EACCES || error == EPERM) {
        result.kind = Kind::ReadOnly;
    } else if (error == EWOULDBLOCK) {
        result.kind = Kind::InUse;
        result.detail = file.string(); // the system's word for it says nothing to people
    }
    return result;
}

std::expected<void, ProfileError> writeSmallFile(const std::filesystem::path &file, ByteView bytes)
{
    const std::filesystem::path fresh = file.string() + ".new";
    {
        const Descriptor out(
            ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (out.value < 0 || ::fchmod(out.value, 0600) != 0 || !writeAll(out.value, bytes)
            || ::fsync(out.value) != 0) {
            const int error = errno;
            ::unlink(fresh.c_str());
            return std::unexpected(systemError(error, file));
        }
    }
    if (::rename(fresh.c_str(), file.c_str()) != 0)
        return std::unexpected(systemError(errno, file));
    const Descriptor folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.value < 0 || ::fsync(folder.value) != 0)
        return std::unexpected(systemError(errno, file));
    return {};
}

std::expected<std::optional<Bytes>, ProfileError> readSmallFile(const std::filesystem::path &file,
                                                                std::size_t max)
{
    const Descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (in.value < 0) {
        if (errno == ENOENT)
            return std::nullopt;
        return std::unexpected(systemError(errno, file));
    }
    struct stat about {};
    if (::fstat(in.value, &about) != 0)
        return std::unexpected(systemError(errno, file));
    if (!S_ISREG(about.st_mode) || static_cast<std::uint64_t>(about.st_size) > max)
        return std::unexpected(ProfileError{ProfileError::Kind::Damaged, file.string()});
    Bytes result(static_cast<std::size_t>(about.st_size));
    std::size_t have = 0;
    while (have < result.size()) {
        const ssize_t count = ::read(in.value, result.data() + have, result.size() - have);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return std::unexpected(systemError(errno, file));
        if (count == 0)
            break;
        have += static_cast<std::size_t>(count);
    }
    result.resize(have);
    return result;
}

} // namespace nlbd::app
