#pragma once

#include "core/base/check.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

namespace nlbd::fuzz {

/// A file that no disk knows, for decoders that take a path.
class MemoryFile {
public:
    explicit MemoryFile(std::span<const std::uint8_t> content)
        : m_file(memfd_create("fuzz", MFD_CLOEXEC))
    {
        CHECK(m_file >= 0);
        CHECK(write(m_file, content.data(), content.size())
              == static_cast<ssize_t>(content.size()));
    }
    ~MemoryFile() { close(m_file); }
    MemoryFile(const MemoryFile &) = delete;
    MemoryFile &operator=(const MemoryFile &) = delete;

    [[nodiscard]] std::filesystem::path path() const
    {
        return "/proc/self/fd/" + std::to_string(m_file);
    }

private:
    int m_file;
};

/// A fresh folder, in memory where the system has such a place, removed at the end.
class Folder {
public:
    Folder()
    {
        std::error_code error;
        const std::filesystem::path shared = "/dev/shm";
        std::string name =
            (std::filesystem::is_directory(shared, error) ? shared
                                                          : std::filesystem::temp_directory_path())
            / "nlbd-fuzz-XXXXXX";
        CHECK(mkdtemp(name.data()) != nullptr);
        m_path = name;
    }
    ~Folder()
    {
        std::error_code error;
        std::filesystem::remove_all(m_path, error);
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;

    [[nodiscard]] const std::filesystem::path &path() const noexcept { return m_path; }

private:
    std::filesystem::path m_path;
};

} // namespace nlbd::fuzz
