#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace nlbd::sim {

/// Answers to questions that seats of one process ask one after the other. What an answer is
/// depends on the question's bytes alone, and these are compared whole, so that nobody checks less.
/// A newer question takes the place of an older one: what is asked again is asked again soon.
template <std::size_t kQuestionMax, std::size_t kAnswerMax, std::size_t kPlaces>
class Remembered {
public:
    struct Entry {
        std::uint32_t size = 0; ///< of the question; 0: nothing is remembered here
        std::uint32_t answerSize = 0;
        std::array<unsigned char, kAnswerMax> answer{};
        std::array<unsigned char, kQuestionMax> question{};
    };
    static constexpr std::size_t kBytesMax = kQuestionMax;

    /// Where the question belongs. @pre 0 < size <= kBytesMax
    [[nodiscard]] Entry &placeOf(const unsigned char *question, std::size_t size)
    {
        static_assert((kPlaces & (kPlaces - 1)) == 0);
        return m_entries[fold(question, size) & (kPlaces - 1)];
    }
    [[nodiscard]] static bool isAnswered(const Entry &entry, const unsigned char *question,
                                         std::size_t size)
    {
        return entry.size == size && std::memcmp(entry.question.data(), question, size) == 0;
    }
    /// The caller then writes the answer.
    static void take(Entry &entry, const unsigned char *question, std::size_t size)
    {
        entry.size = static_cast<std::uint32_t>(size);
        std::memcpy(entry.question.data(), question, size);
    }

private:
    /// No digest: a clash costs an answer, nothing else.
    [[nodiscard]] static std::uint64_t fold(const unsigned char *bytes, std::size_t size) noexcept
    {
        constexpr std::uint64_t kOdd = 0x9E37'79B9'7F4A'7C15U;
        std::uint64_t result = size * kOdd;
        std::uint64_t word = 0;
        for (; size >= sizeof word; size -= sizeof word, bytes += sizeof word) {
            std::memcpy(&word, bytes, sizeof word);
            result = (result ^ word) * kOdd;
            result ^= result >> 29U;
        }
        word = 0;
        std::memcpy(&word, bytes, size);
        result = (result ^ word) * kOdd;
        return result ^ (result >> 32U);
    }

    std::array<Entry, kPlaces> m_entries{};
};

} // namespace nlbd::sim
