#pragma once

#include "core/base/ids.h"

#include <memory>

namespace nlbd::crdt {

/// The visible text of one leaf of the span tree: UTF-8 in a buffer with a gap where it was last
/// edited, so that the next key there moves nothing.
class LeafText {
public:
    static constexpr std::uint32_t kBytesMax =
        2048; ///< moving the gap stays within few cache lines

    static constexpr std::uint32_t kPieceBytes = kBytesMax / 2;
    /// As much of valid UTF-8 as a leaf takes at once, whole scalars.
    [[nodiscard]] static std::string_view firstPiece(std::string_view utf8) noexcept;

    [[nodiscard]] std::uint32_t bytes() const noexcept { return m_capacity - m_gapSize; }

    /// Preconditions: at <= bytes(), bytes() + utf8.size() <= kBytesMax.
    void insert(std::uint32_t at, std::string_view utf8);

    /// True if the gap takes so many bytes.
    [[nodiscard]] bool hasRoom(std::size_t bytes) const noexcept { return bytes <= m_gapSize; }
    void pushAtGap(char byte) noexcept
    {
        m_data[m_gapAt++] = byte;
        --m_gapSize;
    }

    void erase(std::uint32_t at, std::uint32_t count)
    {
        const bool isBeforeGap = at + count == m_gapAt;
        if (!isBeforeGap || m_gapSize > m_capacity / 2)
            return eraseAnywhere(at, count);
        m_gapAt = at;
        m_gapSize += count;
    }

    /// The bytes from `at` on become the text of another, empty one.
    void splitInto(LeafText &right, std::uint32_t at);

    /// Where the scalar `offset` begins. `length` is the number of all scalars. @complexity O(1) if
    /// the text is ASCII.
    [[nodiscard]] std::uint32_t byteAt(TextOffset offset, TextOffset length) const noexcept;

    /// Has memory send what will be read.
    void fetch() const noexcept
    {
        constexpr std::uint32_t kLine = 64;
        for (std::uint32_t byte = 0; byte < m_capacity; byte += kLine)
            __builtin_prefetch(m_data.get() + byte);
    }

    /// Appends bytes [from, to).
    void appendTo(std::string &text, std::uint32_t from, std::uint32_t to) const;

private:
    [[nodiscard]] char at(std::uint32_t byte) const noexcept
    {
        return m_data[byte < m_gapAt ? byte : byte + m_gapSize];
    }
    void eraseAnywhere(std::uint32_t at, std::uint32_t count);
    void moveGap(std::uint32_t at) noexcept;
    void resize(std::uint32_t capacity);

    std::unique_ptr<char[]> m_data;
    std::uint32_t m_capacity = 0;
    std::uint32_t m_gapAt = 0;
    std::uint32_t m_gapSize = 0;
};

} // namespace nlbd::crdt
