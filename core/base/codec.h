#pragma once

#include "core/base/ids.h"

#include <bit>
#include <utility>

namespace nlbd {

/// Appends records in the one canonical encoding of PROTOCOL C2: little-endian fixed integers or
/// minimal LEB128, fields in declared order.
class Writer {
public:
    void u8(std::uint8_t v) { *room(1) = static_cast<std::byte>(v); }
    void u16(std::uint16_t v) { fixed(v); }
    void u32(std::uint32_t v) { fixed(v); }
    void u64(std::uint64_t v) { fixed(v); }
    void i64(std::int64_t v) { fixed(static_cast<std::uint64_t>(v)); }

    /// Minimal LEB128, 1 to 10 bytes.
    void varint(std::uint64_t v)
    {
        for (; v >= 0x80; v >>= 7U)
            *room(1) = static_cast<std::byte>(v | 0x80);
        *room(1) = static_cast<std::byte>(v);
    }

    void raw(ByteView bytes)
    {
        if (!bytes.empty())
            std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    }

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

    /// Borrowed, until more is written.
    [[nodiscard]] ByteView bytes() const &noexcept { return ByteView(m_bytes).first(m_size); }
    [[nodiscard]] Bytes take() &&noexcept
    {
        m_bytes.resize(std::exchange(m_size, 0));
        return std::move(m_bytes);
    }
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }

private:
    /// Where the next `count` bytes are to be written.
    [[nodiscard]] std::byte *room(std::size_t count)
    {
        if (m_bytes.size() - m_size < count)
            grow(count);
        return m_bytes.data() + std::exchange(m_size, m_size + count);
    }
    void grow(std::size_t count);

    template <typename Number>
    void fixed(Number v)
    {
        if constexpr (std::endian::native == std::endian::little)
            std::memcpy(room(sizeof v), &v, sizeof v);
        else
            for (std::byte *at = room(sizeof v); v != 0; v = static_cast<Number>(v >> 8U))
                *at++ = static_cast<std::byte>(v); // what is not written is zero
    }

    Bytes m_bytes;          ///< with room at its end
    std::size_t m_size = 0; ///< written
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
    [[nodiscard]] std::uint16_t u16() noexcept { return fixed<std::uint16_t>(); }
    [[nodiscard]] std::uint32_t u32() noexcept { return fixed<std::uint32_t>(); }
    [[nodiscard]] std::uint64_t u64() noexcept { return fixed<std::uint64_t>(); }
    [[nodiscard]] std::int64_t i64() noexcept { return static_cast<std::int64_t>(u64()); }

    /// Minimal LEB128 not above `max`; anything else fails.
    [[nodiscard]] std::uint64_t varint(std::uint64_t max = UINT64_MAX) noexcept
    {
        const bool isShort = !m_rest.empty() && static_cast<std::uint8_t>(m_rest.front()) < 0x80;
        if (!isShort || static_cast<std::uint8_t>(m_rest.front()) > max)
            return longVarint(max);
        return u8();
    }

    /// Borrows from the input.
    [[nodiscard]] ByteView raw(std::size_t count) noexcept
    {
        if (count > m_rest.size()) {
            fail();
            return {};
        }
        const ByteView view = m_rest.first(count);
        m_rest = m_rest.subspan(count);
        return view;
    }

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
    template <typename Number>
    [[nodiscard]] Number fixed() noexcept
    {
        const ByteView view = raw(sizeof(Number));
        std::uint64_t value = 0;
        if constexpr (std::endian::native == std::endian::little) {
            if (!view.empty())
                std::memcpy(&value, view.data(), sizeof(Number));
        } else {
            for (std::size_t i = view.size(); i-- > 0;)
                value = value << 8U | static_cast<std::uint64_t>(view[i]);
        }
        return static_cast<Number>(value);
    }
    [[nodiscard]] std::uint64_t longVarint(std::uint64_t max) noexcept;

    ByteView m_rest;
    bool m_ok = true;
};

} // namespace nlbd
