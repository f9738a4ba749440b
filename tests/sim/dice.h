#pragma once

#include <cstdint>
#include <vector>

namespace nlbd::sim {

/// splitmix64 (Steele, Lea and Flood, 2014): chance for scenarios, fast and the same everywhere.
class Dice {
public:
    explicit Dice(std::uint64_t seed)
        : m_state(seed * 0x9E3779B97F4A7C15ULL + 0x632BE59BD9B4E019ULL)
    {
    }
    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    /// In [0, bound); the bias of small bounds does not matter here.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
    bool percent(unsigned chance) { return below(100) < chance; }
    template <typename T>
    const T &pick(const std::vector<T> &from)
    {
        return from[below(from.size())];
    }

private:
    std::uint64_t m_state;
};

} // namespace nlbd::sim
