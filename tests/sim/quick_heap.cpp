// A heap for a program of one thread that takes and gives back millions of small pieces: lists of
// free pieces by size, nothing else. A tenth of the simulator's time was spent in the general one.
// A sanitizer brings a heap of its own, which sees faults that this one would hide.

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <sys/mman.h>

namespace {

constexpr std::size_t kGrain = 16;
constexpr std::size_t kSmallMax = 1024;
constexpr std::size_t kClasses = kSmallMax / kGrain + 1;
constexpr std::size_t kChunkBytes = std::size_t{64} * 1024; // of pieces of one size
constexpr std::size_t kChunks = 65'536;
constexpr std::size_t kRegionBytes = kChunks * kChunkBytes; // addresses only, until they are used

struct Free {
    Free *next;
};
struct Class {
    Free *free = nullptr;
    std::byte *next = nullptr; ///< what was never used of the newest chunk
    std::size_t left = 0;      ///< pieces there
};

constexpr std::size_t classOf(std::size_t size) noexcept
{
    return (size + kGrain - 1) / kGrain;
}

// Ready before any constructor runs: the first pieces are asked for before main().
constinit std::array<Class, kClasses> classes{};
constinit std::array<std::uint8_t, kChunks> classOfChunk{};
constinit std::byte *region = nullptr;
constinit std::size_t chunksUsed = 0;
constinit bool isRegionTried = false;

void *general(std::size_t size)
{
    void *piece = std::malloc(size == 0 ? 1 : size);
    if (piece == nullptr)
        throw std::bad_alloc();
    return piece;
}

bool hasChunk()
{
    if (!isRegionTried) {
        isRegionTried = true;
        void *mapped = mmap(nullptr, kRegionBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        region = mapped == MAP_FAILED ? nullptr : static_cast<std::byte *>(mapped);
    }
    return region != nullptr && chunksUsed < kChunks;
}

void *fromChunk(std::size_t index)
{
    Class &of = classes[index];
    if (of.left == 0) {
        if (!hasChunk())
            return general(index * kGrain);
        classOfChunk[chunksUsed] = static_cast<std::uint8_t>(index);
        of.next = region + chunksUsed++ * kChunkBytes;
        of.left = kChunkBytes / (index * kGrain);
    }
    --of.left;
    void *piece = of.next;
    of.next += index * kGrain;
    return piece;
}

/// Apart, so that what nearly always happens keeps no registers for it.
[[gnu::noinline, gnu::cold]] void *notFreed(std::size_t size)
{
    return size > kSmallMax ? general(size) : fromChunk(std::max<std::size_t>(classOf(size), 1));
}

} // namespace

void *operator new(std::size_t size)
{
    // Nothing is ever freed of class 0.
    const std::size_t index = size > kSmallMax ? 0 : classOf(size);
    Free *piece = classes[index].free;
    if (piece == nullptr)
        return notFreed(size);
    classes[index].free = piece->next;
    return piece;
}

void operator delete(void *piece) noexcept
{
    const auto place = reinterpret_cast<std::uintptr_t>(piece)
        - reinterpret_cast<std::uintptr_t>(region); // beyond the region if it is not of it
    if (region == nullptr || place >= kRegionBytes) {
        std::free(piece);
        return;
    }
    Class &of = classes[classOfChunk[place / kChunkBytes]];
    auto *freed = static_cast<Free *>(piece);
    freed->next = of.free;
    of.free = freed;
}

void operator delete(void *piece, std::size_t) noexcept
{
    operator delete(piece);
}

#endif
