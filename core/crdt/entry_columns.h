#pragma once

#include "core/base/check.h"
#include "core/crdt/columns.h"
#include "core/crdt/op.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

/// Insertions and deletions as columns, for snapshots and batches (SNAPSHOT.md). A head says how
/// many bytes each number of its entry has, so that nothing is guessed number by number.
namespace nlbd::crdt {

/// A column of numbers of up to four bytes, little-endian, whose sizes are told elsewhere.
class SizedColumn {
public:
    /// Room for so many bytes more, and for one number that does not count.
    void reserve(std::size_t bytes)
    {
        if (m_room - m_size < bytes + kNumberBytes)
            grow(m_size + std::max(bytes, m_size) + kNumberBytes);
    }
    [[nodiscard]] std::byte *end() noexcept { return m_bytes.get() + m_size; }
    void setEnd(const std::byte *end) noexcept
    {
        m_size = static_cast<std::size_t>(end - m_bytes.get());
    }
    [[nodiscard]] ByteView view() const noexcept { return {m_bytes.get(), m_size}; }
    static constexpr std::size_t kNumberBytes = sizeof(std::uint32_t);

private:
    void grow(std::size_t room)
    {
        auto bytes = std::make_unique_for_overwrite<std::byte[]>(room);
        std::copy_n(m_bytes.get(), m_size, bytes.get());
        m_bytes = std::move(bytes);
        m_room = room;
    }

    std::unique_ptr<std::byte[]> m_bytes;
    std::size_t m_size = 0;
    std::size_t m_room = 0;
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
class EntryColumns {
public:
    static constexpr std::size_t kCount = 5;

    /// Makes room for so many entries more.
    void reserve(std::size_t entries)
    {
        m_heads.reserve(entries);
        for (SizedColumn *column : {&m_lengths[0], &m_lengths[1], &m_distances[0], &m_distances[1]})
            column->reserve(entries * SizedColumn::kNumberBytes);
    }
    [[nodiscard]] std::size_t count() const noexcept { return m_heads.view().size(); }
    void put(const EntryStep &step)
    {
        reserve(1);
        Row row(*this);
        row.put(step);
        row.finish();
    }

    /// Many entries in a row, for which there is room: where they go stays in registers.
    class Row {
    public:
        explicit Row(EntryColumns &columns) noexcept
            : m_columns(&columns)
            , m_head(columns.m_heads.end())
            , m_lengths{columns.m_lengths[0].end(), columns.m_lengths[1].end()}
            , m_distances{columns.m_distances[0].end(), columns.m_distances[1].end()}
        {
        }
        [[gnu::always_inline]] void put(const EntryStep &step) noexcept
        {
            const auto zigzag = static_cast<std::uint32_t>(step.distance) << 1U
                ^ static_cast<std::uint32_t>(step.distance >> 31);
            const std::uint32_t distanceBytes = bytesFor(zigzag);
            const std::uint32_t lengthClass =
                isMore(step.length, 1) + isMore(step.length, 0xFF) + isMore(step.length, 0xFFFF);
            // A place in a list: which of both kinds comes next cannot be guessed.
            const auto kind = static_cast<std::size_t>(step.isDeletion);
            *m_head++ = static_cast<std::byte>(
                kind * kHeadDeletion | static_cast<unsigned>(step.side) * kHeadRight
                | distanceBytes << kHeadDistanceShift | lengthClass << kHeadLengthShift
                | static_cast<unsigned>(step.isMarked) * kHeadMarked);
            putAt(m_distances[kind], zigzag, distanceBytes);
            putAt(m_lengths[kind], step.length, lengthClass + isMore(lengthClass, 2));
        }
        /// After the last.
        void finish() noexcept
        {
            m_columns->m_heads.setEnd(m_head);
            for (std::size_t kind = 0; kind < m_lengths.size(); ++kind) {
                m_columns->m_lengths[kind].setEnd(m_lengths[kind]);
                m_columns->m_distances[kind].setEnd(m_distances[kind]);
            }
        }

    private:
        [[gnu::always_inline]] static void putAt(std::byte *&end, std::uint32_t value,
                                                 std::uint32_t bytes) noexcept
        {
            std::byte *const to = end;
            end = to + bytes;
            std::memcpy(to, &value, sizeof value);
        }

        EntryColumns *m_columns;
        std::byte *m_head;
        std::array<std::byte *, 2> m_lengths;
        std::array<std::byte *, 2> m_distances;
    };

    [[nodiscard]] std::array<ByteView, kCount> views() const
    {
        return {m_heads.view(), m_lengths[0].view(), m_lengths[1].view(), m_distances[0].view(),
                m_distances[1].view()};
    }

    /// Whether a column gains enough by compression to be worth a save's time (SNAPSHOT.md).
    [[nodiscard]] static constexpr bool isWorthPacking(std::size_t column) noexcept
    {
        return column == 0 || column == 2; // heads, and lengths of deletions
    }

    static constexpr std::array<std::uint32_t, 4> kLengthBytes{0, 1, 2, 4};
    [[nodiscard]] static std::uint32_t bytesFor(std::uint32_t value) noexcept
    {
        // One more, so that nobody asks whether there is a bit at all.
        return (static_cast<std::uint32_t>(std::bit_width(std::uint64_t(value) << 1U | 1U)) + 6U)
            / 8U;
    }
    /// Sums of these need no jumps.
    [[nodiscard]] static std::uint32_t isMore(std::uint32_t value, std::uint32_t limit) noexcept
    {
        return static_cast<std::uint32_t>(value > limit);
    }

private:
    SizedColumn m_heads;
    std::array<SizedColumn, 2> m_lengths;   ///< of insertions and of deletions
    std::array<SizedColumn, 2> m_distances; ///< likewise; small of either sign: 0, -1, 1, -2, ...
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
