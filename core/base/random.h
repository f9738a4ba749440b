#pragma once

#include "core/base/bytes.h"

namespace nlbd {

/// Where chance comes from. The simulator passes a seeded source, so that a run can be repeated.
class Random {
public:
    virtual ~Random() = default;

    virtual void fill(std::span<std::byte> out) = 0;

    [[nodiscard]] std::uint64_t next64();

    /// Uniform in [0, bound). bound > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
};

/// The operating system's source, for keys and nonces.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::byte> out) override;
};

/// ChaCha20 from a seed: the same seed gives the same stream on every machine.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed);
    void fill(std::span<std::byte> out) override;

private:
    void refill();

    ByteArray<32> m_key{};
    std::uint64_t m_block = 0;
    ByteArray<512> m_buffer{};
    std::size_t m_used = 512;
};

} // namespace nlbd
