#include "core/crdt/text_numbers.h"

#include "core/base/check.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace nlbd::crdt {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kPrime = (1ULL << 61U) - 1;
constexpr std::size_t kSlotsMin = 16;
constexpr std::size_t kFastUpTo = 1024;
constexpr std::size_t kWordBytes = 7; // less than the prime, whatever they are

/// (a * b) mod 2^61 - 1, or that and the prime. Both below 2^62.
std::uint64_t multiply(std::uint64_t a, std::uint64_t b) noexcept
{
    const Wide product = Wide(a) * b;
    const std::uint64_t sum =
        (static_cast<std::uint64_t>(product) & kPrime) + static_cast<std::uint64_t>(product >> 61U);
    return (sum & kPrime) + (sum >> 61U);
}

/// Up to seven bytes as a number.
std::uint64_t wordOf(const char *at, std::size_t count) noexcept
{
    if (count >= 4) { // two halves that may overlap
        std::uint32_t low = 0;
        std::uint32_t high = 0;
        std::memcpy(&low, at, sizeof low);
        std::memcpy(&high, at + count - sizeof high, sizeof high);
        return low | std::uint64_t(high) << 8U * (count - 4);
    }
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i)
        word = word << 8U | static_cast<unsigned char>(at[i]);
    return word;
}

/// Different for different texts, but for one chance in 2^61 for every seven bytes.
std::uint64_t foldedOf(std::string_view text, std::uint64_t point) noexcept
{
    const char *at = text.data();
    std::size_t left = text.size();
    if (left <= kWordBytes) // as most keys are: a number of its own
        return wordOf(at, left) | std::uint64_t(left) << 56U;
    std::uint64_t hash = text.size();
    for (; left > kWordBytes; left -= kWordBytes, at += kWordBytes)
        hash = multiply(hash + wordOf(at, kWordBytes), point);
    hash = multiply(hash + wordOf(at, left), point);
    return hash >= kPrime ? hash - kPrime : hash;
}

} // namespace

TextNumbers::Place TextNumbers::placeOf(std::string_view text) const noexcept
{
    const std::uint64_t mixed = foldedOf(text, m_point) * m_multiplier;
    return {static_cast<std::size_t>(mixed >> m_shift), static_cast<std::uint32_t>(mixed >> 8U)};
}

/// Where a text is, or would be put.
TextNumbers::Place TextNumbers::find(std::string_view text, Place place) const
{
    for (;; place.slot = (place.slot + 1) & (m_slots.size() - 1)) {
        const Slot &slot = m_slots[place.slot];
        const bool isHere =
            slot.mark == place.mark && slot.next != 0 && m_texts[slot.next - 1] == text;
        if (slot.next == 0 || isHere)
            return place;
    }
}

std::optional<std::uint32_t> TextNumbers::find(std::string_view text) const
{
    if (m_slots.empty())
        return std::nullopt;
    const std::uint32_t next = m_slots[find(text, placeOf(text)).slot].next;
    return next == 0 ? std::nullopt : std::optional(next - 1);
}

std::uint32_t TextNumbers::lookUp(std::string_view text)
{
    if ((m_texts.size() + 1) * 4 > m_slots.size() * 3)
        grow();
    const Place place = find(text, placeOf(text));
    Slot &slot = m_slots[place.slot];
    if (slot.next == 0) {
        CHECK(m_texts.size() < UINT32_MAX - 1);
        m_texts.emplace_back(text);
        slot = {place.mark, static_cast<std::uint32_t>(m_texts.size())};
    }
    return slot.next - 1;
}

void TextNumbers::grow()
{
    std::vector<Slot> slots(
        std::max(kSlotsMin, m_slots.size() * (m_slots.size() < kFastUpTo ? 4 : 2)));
    slots.swap(m_slots);
    constexpr std::uint64_t kGolden = 0x9E37'79B9'7F4A'7C15U;
    const std::uint64_t secret = (std::bit_cast<std::uintptr_t>(m_slots.data()) >> 4U) * kGolden;
    m_point = (secret ^ secret >> 29U) % (kPrime - 1) + 1;
    m_multiplier = (secret * kGolden ^ secret >> 32U) | 1U;
    m_shift = std::countl_zero(m_slots.size() - 1);
    for (std::size_t i = 0; i < m_texts.size(); ++i) {
        const Place place = find(m_texts[i], placeOf(m_texts[i]));
        m_slots[place.slot] = {place.mark, static_cast<std::uint32_t>(i + 1)};
    }
}

} // namespace nlbd::crdt
