#include "core/base/random.h"

#include "core/base/check.h"

#include <algorithm>
#include <cstring>
#include <sodium.h>

namespace nlbd {

std::uint64_t Random::next64()
{
    ByteArray<8> raw{};
    fill(raw);
    std::uint64_t value = 0;
    for (const std::byte b : raw)
        value = value << 8U | static_cast<std::uint64_t>(b);
    return value;
}

std::uint64_t Random::below(std::uint64_t bound)
{
    CHECK(bound > 0);
    // Values under the threshold would favour small results: draw again.
    const std::uint64_t threshold = (0 - bound) % bound;
    std::uint64_t value = next64();
    while (value < threshold)
        value = next64();
    return value % bound;
}

void SystemRandom::fill(std::span<std::byte> out)
{
    if (!out.empty()) // of nothing there is no address
        randombytes_buf(out.data(), out.size());
}

SeededRandom::SeededRandom(std::uint64_t seed)
{
    for (std::size_t i = 0; i < 8; ++i)
        m_key[i] = static_cast<std::byte>(seed >> (8 * i));
}

void SeededRandom::refill()
{
    ByteArray<8> nonce{};
    for (std::size_t i = 0; i < 8; ++i)
        nonce[i] = static_cast<std::byte>(m_block >> (8 * i));
    crypto_stream_chacha20(ucharsOut(std::span(m_buffer)), m_buffer.size(), uchars(nonce),
                           uchars(m_key));
    ++m_block;
    m_used = 0;
}

void SeededRandom::fill(std::span<std::byte> out)
{
    while (!out.empty()) {
        if (m_used == m_buffer.size())
            refill();
        const std::size_t count = std::min(out.size(), m_buffer.size() - m_used);
        std::memcpy(out.data(), m_buffer.data() + m_used, count);
        m_used += count;
        out = out.subspan(count);
    }
}

} // namespace nlbd
