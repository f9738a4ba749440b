#pragma once

#include <csignal>
#include <cstdint>
#include <sys/wait.h>
#include <unistd.h>

namespace nlbd {

/// Reads reports until `count` came, kills the child, reads the rest. The last number reported.
inline std::uint64_t killAfter(pid_t child, int report, std::uint64_t count)
{
    std::uint64_t last = 0;
    for (std::uint64_t seen = 0; read(report, &last, sizeof last) == sizeof last;)
        if (++seen == count)
            kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? last : 0;
}

} // namespace nlbd
