#pragma once

#include "core/base/codec.h"

#include <expected>
#include <memory>

/// Columns: one kind of number of many records side by side, where like stands beside like and
/// packs well. SNAPSHOT.md draws them.
namespace nlbd::crdt {

/// No column unfolds beyond: ten million operations are a tenth of it.
inline constexpr std::size_t kColumnBytesMax = 256UL * 1024 * 1024;

/// A column that grows: minimal LEB128 one after the other.
class Column {
public:
    void put(std::uint64_t value)
    {
        if (m_bytes.size() - m_size < kVarintBytesMax)
            m_bytes.resize(m_bytes.size() * 2 + kBytesAtFirst);
        std::byte *at = m_bytes.data() + m_size; // bytes may be anything: a member is read again
        const std::byte *const before = at;
        while (value >= 0x80) {
            *at++ = static_cast<std::byte>(value | 0x80U);
            value >>= 7U;
        }
        *at++ = static_cast<std::byte>(value);
        m_size += static_cast<std::size_t>(at - before);
    }
    /// Small numbers of either sign are small: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
    void putSigned(std::int64_t value)
    {
        put(static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63));
    }
    void putRaw(ByteView bytes);

    [[nodiscard]] ByteView view() const noexcept { return ByteView(m_bytes).first(m_size); }

private:
    static constexpr std::size_t kVarintBytesMax = 10;
    static constexpr std::size_t kBytesAtFirst = 256;

    Bytes m_bytes; ///< longer than what was put
    std::size_t m_size = 0;
};

/// What Column wrote; as Reader, zero after the first failure.
class ColumnReader {
public:
    explicit ColumnReader(ByteView bytes) noexcept
        : m_in(bytes)
    {
    }
    [[nodiscard]] std::uint64_t get(std::uint64_t max = UINT64_MAX) noexcept
    {
        return m_in.varint(max);
    }
    [[nodiscard]] std::int64_t getSigned() noexcept
    {
        const std::uint64_t value = m_in.varint();
        return static_cast<std::int64_t>(value >> 1U ^ (0 - (value & 1U)));
    }
    [[nodiscard]] ByteView raw(std::size_t count) noexcept { return m_in.raw(count); }
    [[nodiscard]] bool ok() const noexcept { return m_in.ok(); }
    [[nodiscard]] bool done() const noexcept { return m_in.done(); }

private:
    Reader m_in;
};

/// Writes columns, each as it is or compressed, whichever is shorter:
///     varint bytes of the column; varint bytes that follow; these bytes
/// Equal numbers say that it is stored as it is; otherwise it is one frame of zstd (RFC 8878).
class ColumnPacker {
public:
    enum class Effort : std::uint8_t { Quick, Small, Smallest };
    explicit ColumnPacker(Effort effort);
    ~ColumnPacker();
    void pack(ByteView column, Writer &out);
    /// As it is.
    static void store(ByteView column, Writer &out);

private:
    struct Context;
    std::unique_ptr<Context> m_context;
};

/// A packed column as it lies in the bytes, borrowed.
struct PackedColumn {
    std::size_t size = 0; ///< unpacked
    ByteView stored;

    [[nodiscard]] bool isPlain() const noexcept { return stored.size() == size; }
};

/// Looks at lengths only. Fails beyond kColumnBytesMax and where no zstd could have packed so
/// tightly.
[[nodiscard]] PackedColumn readPacked(Reader &in) noexcept;

/// Unpacks the columns of one thing: all of them together unfold to no more than a budget.
class ColumnUnpacker {
public:
    explicit ColumnUnpacker(std::size_t budget = kColumnBytesMax);
    ~ColumnUnpacker();

    /// Nothing if the bytes are damaged or more than is left of the budget. Takes no memory before
    /// the frame itself says that it has so many bytes.
    [[nodiscard]] std::optional<Bytes> unpack(const PackedColumn &column);

private:
    struct Context;
    std::unique_ptr<Context> m_context;
    std::size_t m_budget;
};

} // namespace nlbd::crdt
