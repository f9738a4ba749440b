// Loaded before a program's libraries (LD_PRELOAD): its wall clock is wrong by as many seconds as
// the file NLBD_CLOCK_FILE says, from the moment on at which the file says it. Its other clocks go
// right.

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// Eight bytes that a test writes while the program runs; nothing if it wants no wrong clock.
const std::atomic<std::int64_t> *mappedShift()
{
    // It runs once, before the program has a second thread, and no code of the program writes the
    // environment: what the check warns of, a race of getenv with setenv, cannot happen.
    const char *name = std::getenv("NLBD_CLOCK_FILE"); // NOLINT(concurrency-mt-unsafe)
    const int file = name == nullptr ? -1 : ::open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return nullptr;
    void *page = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    return page == MAP_FAILED ? nullptr : static_cast<const std::atomic<std::int64_t> *>(page);
}

} // namespace

extern "C" int clock_gettime(clockid_t clock, timespec *now)
{
    static const std::atomic<std::int64_t> *const shift = mappedShift();
    const long result = ::syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && shift != nullptr && clock == CLOCK_REALTIME)
        now->tv_sec += shift->load(std::memory_order_relaxed);
    return static_cast<int>(result);
}
