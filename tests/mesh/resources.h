#pragma once

#include <QString>

namespace nlbd::mesh {

/// What a process takes of its computer, as the kernel says it.
struct Resources {
    qint64 memoryKiB = 0;     ///< resident now
    qint64 memoryPeakKiB = 0; ///< resident at most since it began
    qsizetype handles = 0;    ///< files and sockets that are open
};
/// A sanitizer keeps what was freed: then memory tells nothing.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsMemoryMeant = false;
#else
inline constexpr bool kIsMemoryMeant = true;
#endif
/// All zero if there is no such process.
[[nodiscard]] Resources resourcesOf(qint64 process);

/// Of all files in it and below.
[[nodiscard]] qint64 bytesIn(const QString &folder);

} // namespace nlbd::mesh
