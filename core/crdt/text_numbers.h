#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nlbd::crdt {

/// Texts that come again and again, by number, in the order in which they came.
///
/// A hash table: the text is a polynomial over the prime 2^61 - 1, taken at a point that nobody
/// outside knows (Carter and Wegman, 1979), then multiply-shift as in FlatMap. Point and multiplier
/// come from the table's address, anew whenever it grows: who chooses texts cannot choose what
/// collides.
class TextNumbers {
public:
    /// The number of a text, which gets one if it has none.
    std::uint32_t numberOf(std::string_view text)
    {
        std::uint32_t &recent = m_recent[recentOf(text)]; // Mostly it is one of a few.
        if (recent >= m_texts.size() || m_texts[recent] != text)
            recent = lookUp(text);
        return recent;
    }
    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const;
    /// Stays where it is as long as this does.
    [[nodiscard]] const std::string &text(std::uint32_t number) const { return m_texts[number]; }

private:
    struct Slot {
        std::uint32_t mark = 0; ///< some bits of the hash
        std::uint32_t next = 0; ///< the number that follows that of the text; 0: nothing is here
    };
    struct Place {
        std::size_t slot = 0;
        std::uint32_t mark = 0;
    };
    [[nodiscard]] static std::size_t recentOf(std::string_view text) noexcept
    {
        const auto first = text.empty() ? 0U : static_cast<unsigned char>(text.front());
        return (text.size() * 5 + first) % kRecent;
    }
    [[nodiscard]] std::uint32_t lookUp(std::string_view text);
    [[nodiscard]] Place placeOf(std::string_view text) const noexcept;
    [[nodiscard]] Place find(std::string_view text, Place place) const;
    void grow();

    static constexpr std::size_t kRecent = 16;
    std::deque<std::string> m_texts;
    std::array<std::uint32_t, kRecent> m_recent{}; ///< of those that came last
    std::vector<Slot> m_slots;                     ///< a power of two of them
    std::uint64_t m_point = 0;
    std::uint64_t m_multiplier = 1;
    int m_shift = 0;
};

} // namespace nlbd::crdt
