#pragma once

#include "core/base/ids.h"

namespace nlbd {

/// Appends records in the one canonical encoding of PROTOCOL C2: little-endian fixed integers or
/// minimal LEB128, fields in declared order.
class Writer {
public:
    void u8(std::uint8_t v) { m_bytes.push_back(static_cast<std::byte>(v)); }
    void u16(std::uint16_t v) { fixed(v, 2); }
    void u32(std::uint32_t v) { fixed(v, 4); }
    void u64(std::uint64_t v) { fixed(v, 8); }
    void i64(std::int64_t v) { fixed(static_cast<std::uint64_t>(v), 8); }

    /// Minimal LEB128, 1 to 10 bytes.
    void varint(std::uint64_t v);

    void raw(ByteView bytes) { m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end()); }

    template <typename Tag, std::size_t N>
    void fixedBytes(const StrongBytes<Tag, N> &id)
    {
        raw(id.view());
    }

    /// varint length, then the bytes.
    void blob(ByteView bytes)
    {
        varint(bytes.size());
        raw(bytes);
    }
    void text(std::string_view utf8) { blob(bytesOf(utf8)); }

    [[nodiscard]] const Bytes &bytes() const &noexcept { return m_bytes; }
    [[nodiscard]] Bytes take() &&noexcept { return std::move(m_bytes); }
    [[nodiscard]] std::size_t size() const noexcept { return m_bytes.size(); }

private:
    void fixed(std::uint64_t v, int count);

    Bytes m_bytes;
};

/// Reads what Writer wrote, from hostile bytes. After the first failure every read gives zero and
/// ok() stays false, so that a decoder checks once at its end. Lengths are compared with the bytes
/// that are left before any memory is taken.
class Reader {
public:
    explicit Reader(ByteView bytes) noexcept
        : m_rest(bytes)
    {
    }

    [[nodiscard]] std::uint8_t u8() noexcept
    {
        if (m_rest.empty()) {
            fail();
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(m_rest.front());
        m_rest = m_rest.subspan(1);
        return value;
    }
    [[nodiscard]] std::uint16_t u16() noexcept { return static_cast<std::uint16_t>(fixed(2)); }
    [[nodiscard]] std::uint32_t u32() noexcept { return static_cast<std::uint32_t>(fixed(4)); }
    [[nodiscard]] std::uint64_t u64() noexcept { return fixed(8); }
    [[nodiscard]] std::int64_t i64() noexcept { return static_cast<std::int64_t>(fixed(8)); }

    /// Minimal LEB128 not above `max`; anything else fails.
    [[nodiscard]] std::uint64_t varint(std::uint64_t max = UINT64_MAX) noexcept
    {
        const bool isShort = !m_rest.empty() && static_cast<std::uint8_t>(m_rest.front()) < 0x80;
        if (!isShort || static_cast<std::uint8_t>(m_rest.front()) > max)
            return longVarint(max);
        return u8();
    }

    /// Borrows from the input.
    [[nodiscard]] ByteView raw(std::size_t count) noexcept;

    /// varint length of at most `max`, then that many bytes, borrowed.
    [[nodiscard]] ByteView blob(std::size_t max) noexcept;

    /// blob that must be UTF-8 (no surrogates, no overlong forms).
    [[nodiscard]] std::string_view text(std::size_t maxBytes) noexcept;

    template <typename Id>
    [[nodiscard]] Id fixedBytes() noexcept
    {
        const ByteView view = raw(Id::kSize);
        return Id::from(view).value_or(Id{});
    }

    void fail() noexcept
    {
        m_ok = false;
        m_rest = {};
    }

    [[nodiscard]] bool ok() const noexcept { return m_ok; }
    [[nodiscard]] std::size_t left() const noexcept { return m_rest.size(); }
    [[nodiscard]] ByteView rest() const noexcept { return m_rest; }

    /// True if nothing failed and nothing is left: trailing bytes are forbidden.
    [[nodiscard]] bool done() const noexcept { return m_ok && m_rest.empty(); }

private:
    [[nodiscard]] std::uint64_t fixed(std::size_t count) noexcept;
    [[nodiscard]] std::uint64_t longVarint(std::uint64_t max) noexcept;

    ByteView m_rest;
    bool m_ok = true;
};

} // namespace nlbd
