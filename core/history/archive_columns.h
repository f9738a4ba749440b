#pragma once

#include "core/crdt/columns.h"

#include <array>

/// What writer and reader of an archive agree on (ARCHIVE.md).
namespace nlbd::history {

inline constexpr std::string_view kArchiveMagic = "nlbd-arc";
inline constexpr std::uint8_t kArchiveLevel = 1;

/// What stands where the kind of signatures does in the snapshot of a checkpoint: none of them, and
/// at the end the hash of each payload.
inline constexpr std::uint8_t kArchiveDecided = 2;

/// The columns, in the order of the bytes.
enum class ArchivePart : std::uint8_t {
    Devices,
    Prevs,
    Deps,
    DepDevices,
    DepBacks,
    Outside,
    Lamports,
    Epochs,
    KeyEpochs,
    Kinds,
    Docs,
    Forms,
    TimesLow,
    TimesHigh,
    Verbatim,
};
inline constexpr std::size_t kArchiveParts = 15;

/// How prev is told; from kPrevBack on: so many changes of the device back in the archive, less 1.
inline constexpr std::uint64_t kPrevLatest = 0; ///< the device's latest in the archive, or none yet
inline constexpr std::uint64_t kPrevStart = 1;  ///< a chain that starts again
inline constexpr std::uint64_t kPrevOutside = 2; ///< by seq and hash
inline constexpr std::uint64_t kPrevBack = 3;

/// How deps are told; from kDepsListed on: one by one, so many.
inline constexpr std::uint64_t kDepsNone = 0;
inline constexpr std::uint64_t kDepsHeads = 1; ///< all heads of the archive so far but prev
inline constexpr std::uint64_t kDepsListed = 1;

/// Added to the device of a dep (told as its bits that differ from the author's: between two it is
/// always the same) that is told by seq and hash.
inline constexpr std::uint64_t kDepOutside = 0x10000;

/// What is told of a change's content.
enum class ArchiveForm : std::uint8_t {
    Columns = 0,   ///< its ops are in the batch
    Plaintext = 1, ///< its bytes before they were sealed
    Payload = 2,   ///< its bytes as they were sealed
};

/// A column of numbers that mostly stay: value and length of each run.
class RunColumn {
public:
    void put(std::uint64_t value)
    {
        if (m_length > 0 && value == m_value) {
            ++m_length;
            return;
        }
        flush();
        m_value = value;
        m_length = 1;
    }
    /// After the last.
    [[nodiscard]] ByteView finish()
    {
        flush();
        m_length = 0;
        return m_column.view();
    }

private:
    void flush()
    {
        if (m_length == 0)
            return;
        m_column.put(m_value);
        m_column.put(m_length);
    }

    crdt::Column m_column;
    std::uint64_t m_value = 0;
    std::uint64_t m_length = 0;
};

/// What RunColumn wrote and nothing else: no empty run, no two of one value in a row.
class RunReader {
public:
    explicit RunReader(ByteView bytes) noexcept
        : m_in(bytes)
    {
    }
    [[nodiscard]] std::uint64_t get(std::uint64_t max = UINT64_MAX) noexcept
    {
        if (m_left == 0) {
            const std::uint64_t value = m_in.get(max);
            m_left = m_in.get();
            m_isSound = m_isSound && m_in.ok() && m_left > 0 && (m_isFirst || value != m_value);
            m_value = value;
            m_isFirst = false;
        }
        if (!m_isSound)
            return 0;
        --m_left;
        return m_value;
    }
    [[nodiscard]] bool ok() const noexcept { return m_isSound; }
    [[nodiscard]] bool done() const noexcept { return m_isSound && m_left == 0 && m_in.done(); }

private:
    crdt::ColumnReader m_in;
    std::uint64_t m_value = 0;
    std::uint64_t m_left = 0;
    bool m_isFirst = true;
    bool m_isSound = true;
};

/// Small numbers of either sign are small, and wrap at 64 bits.
[[nodiscard]] constexpr std::uint64_t zigzagOf(std::uint64_t value) noexcept
{
    return value << 1U ^ (0 - (value >> 63U));
}
[[nodiscard]] constexpr std::uint64_t unzigzag(std::uint64_t value) noexcept
{
    return value >> 1U ^ (0 - (value & 1U));
}

} // namespace nlbd::history
