#include "core/crdt/snapshot_format.h"

#include <bit>
#include <cstring>

namespace nlbd::crdt {

namespace {

std::uint64_t mixed(std::uint64_t sum, std::uint64_t word) noexcept
{
    return std::rotl((sum ^ word) * 0x9E37'79B9'7F4A'7C15U, 29);
}

/// Little-endian, as the format has it, and as every machine that the program is built for is.
std::uint64_t wordAt(ByteView bytes, std::size_t at) noexcept
{
    static_assert(std::endian::native == std::endian::little);
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    return word;
}

} // namespace

std::uint64_t checksumOf(ByteView bytes) noexcept
{
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    std::array<std::uint64_t, 4> sums{1, 2, 3, 4};
    std::size_t at = 0;
    for (; bytes.size() - at >= sums.size() * kWord; at += sums.size() * kWord)
        for (std::size_t lane = 0; lane < sums.size(); ++lane)
            sums[lane] = mixed(sums[lane], wordAt(bytes, at + lane * kWord));
    for (std::size_t lane = 0; at < bytes.size(); ++lane, at += kWord)
        sums[lane] = mixed(sums[lane], wordAt(bytes, at));
    std::uint64_t sum = 0;
    for (const std::uint64_t lane : sums)
        sum = mixed(sum, lane);
    return mixed(sum, bytes.size());
}

} // namespace nlbd::crdt
