#pragma once

#include "core/base/check.h"
#include "core/crdt/columns.h"
#include "core/crdt/op.h"

#include <array>
#include <bit>
#include <cstring>

/// Insertions and deletions as columns, for snapshots and batches (SNAPSHOT.md). A head says how
/// many bytes each number of its entry has, so that nothing is guessed number by number.
namespace nlbd::crdt {

/// A column of numbers of up to four bytes, little-endian, whose sizes are told elsewhere.
class SizedColumn {
public:
    void put(std::uint32_t value, std::uint32_t bytes)
    {
        if (m_bytes.size() - m_size < sizeof value)
            m_bytes.resize(m_bytes.size() * 2 + kBytesAtFirst);
        std::memcpy(m_bytes.data() + m_size, &value, sizeof value);
        m_size += bytes;
    }
    [[nodiscard]] ByteView view() const noexcept { return ByteView(m_bytes).first(m_size); }

private:
    static constexpr std::size_t kBytesAtFirst = 4096;
    Bytes m_bytes; ///< longer than what was put
    std::size_t m_size = 0;
};

/// Reads them. Behind the end there are zeros.
class SizedReader {
public:
    explicit SizedReader(ByteView bytes) noexcept
        : m_bytes(bytes)
    {
    }
    [[nodiscard]] std::uint32_t get(std::uint32_t bytes) noexcept
    {
        std::uint32_t value = 0;
        if (m_at + sizeof value <= m_bytes.size()) [[likely]]
            std::memcpy(&value, m_bytes.data() + m_at, sizeof value);
        else if (m_at < m_bytes.size())
            std::memcpy(&value, m_bytes.data() + m_at, m_bytes.size() - m_at);
        m_at += bytes;
        return static_cast<std::uint32_t>(value & ((std::uint64_t(1) << (8 * bytes)) - 1));
    }
    /// True if all was read and nothing beyond.
    [[nodiscard]] bool done() const noexcept { return m_at == m_bytes.size(); }

private:
    ByteView m_bytes;
    std::size_t m_at = 0;
};

/// One insertion or deletion. Its target is told as a distance back from where the entry before
/// left off: an insertion at its last letter, a deletion at the first letter that went. Of a
/// deletion the distance is to the last letter that goes.
struct EntryStep {
    bool isDeletion = false;
    Side side = Side::Left; ///< of an insertion
    bool isMarked = false;  ///< what that means is up to the user of the columns
    std::int32_t distance = 0;
    std::uint32_t length = 1; ///< not 0
};

inline constexpr unsigned kHeadDeletion = 0x01;
inline constexpr unsigned kHeadRight = 0x02;
inline constexpr unsigned kHeadDistanceShift = 2; ///< three bits: bytes of the distance, 0 to 4
inline constexpr unsigned kHeadLengthShift = 5;   ///< two bits: 0 is length 1; 1, 2, 4 bytes
inline constexpr unsigned kHeadMarked = 0x80;

/// The columns of entries, in the order of the bytes.
struct EntryColumns {
    static constexpr std::size_t kCount = 5;
    SizedColumn heads;
    std::array<SizedColumn, 2> lengths;   ///< of insertions and of deletions
    std::array<SizedColumn, 2> distances; ///< likewise; small of either sign: 0, -1, 1, -2, ...

    [[gnu::always_inline]] void put(const EntryStep &step)
    {
        const auto zigzag = static_cast<std::uint32_t>(step.distance) << 1U
            ^ static_cast<std::uint32_t>(step.distance >> 31);
        const std::uint32_t distanceBytes = bytesFor(zigzag);
        const std::uint32_t lengthClass =
            isMore(step.length, 1) + isMore(step.length, 0xFF) + isMore(step.length, 0xFFFF);
        const unsigned head = static_cast<unsigned>(step.isDeletion) * kHeadDeletion
            | static_cast<unsigned>(step.side) * kHeadRight | distanceBytes << kHeadDistanceShift
            | lengthClass << kHeadLengthShift | static_cast<unsigned>(step.isMarked) * kHeadMarked;
        heads.put(head, 1);
        // A place in a list, as in EntryReader: which of both comes next cannot be guessed.
        const std::size_t kind = head & kHeadDeletion;
        distances[kind].put(zigzag, distanceBytes);
        lengths[kind].put(step.length, kLengthBytes[lengthClass]);
    }
    [[nodiscard]] std::array<ByteView, kCount> views() const
    {
        return {heads.view(), lengths[0].view(), lengths[1].view(), distances[0].view(),
                distances[1].view()};
    }

    static constexpr std::size_t kDistancesFrom = 3; ///< these hardly gain by compression

    static constexpr std::array<std::uint32_t, 4> kLengthBytes{0, 1, 2, 4};
    [[nodiscard]] static std::uint32_t bytesFor(std::uint32_t value) noexcept
    {
        return isMore(value, 0) + isMore(value, 0xFF) + isMore(value, 0xFFFF)
            + isMore(value, 0xFF'FFFF);
    }
    /// Sums of these need no jumps.
    [[nodiscard]] static std::uint32_t isMore(std::uint32_t value, std::uint32_t limit) noexcept
    {
        return static_cast<std::uint32_t>(value > limit);
    }
};

/// Reads what EntryColumns wrote and nothing else: every number in its fewest bytes.
class EntryReader {
public:
    explicit EntryReader(const std::array<ByteView, EntryColumns::kCount> &columns) noexcept
        : m_heads(columns[0])
        , m_lengths{SizedReader(columns[1]), SizedReader(columns[2])}
        , m_distances{SizedReader(columns[3]), SizedReader(columns[4])}
    {
    }
    /// Precondition: there are so many heads.
    [[nodiscard, gnu::always_inline]] EntryStep get() noexcept
    {
        const auto head = static_cast<unsigned>(m_heads[m_at++]);
        EntryStep step;
        step.isDeletion = (head & kHeadDeletion) != 0;
        step.side = static_cast<Side>(head >> 1U & 1U);
        step.isMarked = (head & kHeadMarked) != 0;
        // Tables instead of questions: what comes next cannot be guessed.
        const unsigned distanceClass = head >> kHeadDistanceShift & 7U;
        const unsigned lengthClass = head >> kHeadLengthShift & 3U;
        const std::size_t kind = head & kHeadDeletion;
        const std::uint32_t zigzag = m_distances[kind].get(kDistanceBytes[distanceClass]);
        const std::uint32_t length = m_lengths[kind].get(EntryColumns::kLengthBytes[lengthClass]);
        step.distance = static_cast<std::int32_t>(zigzag >> 1U ^ (0U - (zigzag & 1U)));
        step.length = length + (lengthClass == 0 ? 1 : 0);
        m_isSound &= static_cast<unsigned>(zigzag >= kDistanceLeast[distanceClass])
            & static_cast<unsigned>(length >= kLengthLeast[lengthClass])
            & static_cast<unsigned>((head & (kHeadDeletion | kHeadRight)) != 3U);
        return step;
    }
    [[nodiscard]] bool isSound() const noexcept { return m_isSound != 0; }
    [[nodiscard]] bool done() const noexcept
    {
        return isSound() && m_at == m_heads.size() && m_lengths[0].done() && m_lengths[1].done()
            && m_distances[0].done() && m_distances[1].done();
    }

private:
    static constexpr std::array<std::uint32_t, 8> kDistanceBytes{0, 1, 2, 3, 4, 0, 0, 0};
    /// The smallest number that needs so many bytes; there are none of more than four.
    static constexpr std::array<std::uint32_t, 8> kDistanceLeast{
        0, 1, 1U << 8U, 1U << 16U, 1U << 24U, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    static constexpr std::array<std::uint32_t, 4> kLengthLeast{0, 2, 1U << 8U, 1U << 16U};

    ByteView m_heads;
    std::size_t m_at = 0;
    std::array<SizedReader, 2> m_lengths;
    std::array<SizedReader, 2> m_distances;
    unsigned m_isSound = 1;
};

} // namespace nlbd::crdt
