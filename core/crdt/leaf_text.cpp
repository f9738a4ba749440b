#include "core/crdt/leaf_text.h"

#include "core/base/check.h"

#include <cstring>

namespace nlbd::crdt {

namespace {

constexpr std::uint32_t kGrain = 32;        ///< capacities are multiples of it
constexpr std::uint32_t kCapacityMin = 128; ///< about what a leaf holds in the end

std::uint32_t roundedUp(std::uint32_t bytes) noexcept
{
    return std::min((bytes + kGrain - 1) / kGrain * kGrain, LeafText::kBytesMax);
}

} // namespace

std::string_view LeafText::firstPiece(std::string_view utf8) noexcept
{
    if (utf8.size() <= kPieceBytes)
        return utf8;
    std::size_t end = kPieceBytes;
    while ((static_cast<unsigned char>(utf8[end]) & 0xC0U) == 0x80U)
        --end;
    return utf8.substr(0, end);
}

void LeafText::moveGap(std::uint32_t at) noexcept
{
    char *data = m_data.get();
    if (at < m_gapAt)
        std::memmove(data + at + m_gapSize, data + at, m_gapAt - at);
    else if (at > m_gapAt)
        std::memmove(data + m_gapAt, data + m_gapAt + m_gapSize, at - m_gapAt);
    m_gapAt = at;
}

/// Into another buffer, the gap where it is.
void LeafText::resize(std::uint32_t capacity)
{
    auto fresh = std::make_unique_for_overwrite<char[]>(capacity);
    const std::uint32_t behind = bytes() - m_gapAt;
    if (m_data) {
        std::memcpy(fresh.get(), m_data.get(), m_gapAt);
        std::memcpy(fresh.get() + capacity - behind, m_data.get() + m_capacity - behind, behind);
    }
    m_data = std::move(fresh);
    m_gapSize += capacity - m_capacity;
    m_capacity = capacity;
}

void LeafText::insert(std::uint32_t at, std::string_view utf8)
{
    const auto count = static_cast<std::uint32_t>(utf8.size());
    CHECK(at <= bytes() && bytes() + count <= kBytesMax);
    if (count > m_gapSize)
        resize(roundedUp(std::max(kCapacityMin, 2 * bytes() + count)));
    if (at != m_gapAt)
        moveGap(at);
    std::memcpy(m_data.get() + at, utf8.data(), count);
    m_gapAt += count;
    m_gapSize -= count;
}

void LeafText::eraseAnywhere(std::uint32_t at, std::uint32_t count)
{
    CHECK(at <= bytes() && count <= bytes() - at);
    if (at + count < m_gapAt)
        moveGap(at + count);
    else if (at > m_gapAt)
        moveGap(at);
    // The gap now touches or lies inside what goes.
    m_gapAt = at;
    m_gapSize += count;
    if (m_gapSize > m_capacity / 2 && m_capacity > 4 * kGrain)
        resize(roundedUp(bytes() + bytes() / 4));
}

void LeafText::splitInto(LeafText &right, std::uint32_t at)
{
    CHECK(right.bytes() == 0);
    const std::uint32_t count = bytes() - at;
    moveGap(at);
    if (count > 0) {
        right.resize(roundedUp(count + count / 4));
        std::memcpy(right.m_data.get(), m_data.get() + m_gapAt + m_gapSize, count);
        right.m_gapAt = count;
        right.m_gapSize -= count;
        m_gapSize += count;
    }
    if (bytes() < m_capacity / 3)
        resize(roundedUp(bytes() + bytes() / 4));
}

std::uint32_t LeafText::byteAt(TextOffset offset, TextOffset length) const noexcept
{
    if (length == bytes())
        return offset;
    std::uint32_t byte = 0;
    for (; byte < bytes(); ++byte) {
        if ((static_cast<unsigned char>(at(byte)) & 0xC0U) == 0x80U)
            continue;
        if (offset == 0)
            break;
        --offset;
    }
    return byte;
}

void LeafText::appendTo(std::string &text, std::uint32_t from, std::uint32_t to) const
{
    if (from < m_gapAt)
        text.append(m_data.get() + from, std::min(to, m_gapAt) - from);
    const std::uint32_t behind = std::max(from, m_gapAt);
    if (behind < to)
        text.append(m_data.get() + behind + m_gapSize, to - behind);
}

} // namespace nlbd::crdt
