#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nlbd {

/// Owned bytes. Everything that crosses a border of the core travels as Bytes or ByteView.
using Bytes = std::vector<std::byte>;

/// Borrowed bytes: valid only during the call, unless the callee says otherwise.
using ByteView = std::span<const std::byte>;

template <std::size_t N>
using ByteArray = std::array<std::byte, N>;

/// The bytes of a string, borrowed.
[[nodiscard]] inline ByteView bytesOf(std::string_view text) noexcept
{
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// The bytes seen as characters, borrowed. Not checked for UTF-8.
[[nodiscard]] inline std::string_view viewOf(ByteView bytes) noexcept
{
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

[[nodiscard]] inline Bytes copyOf(ByteView bytes)
{
    return {bytes.begin(), bytes.end()};
}

/// libsodium and friends speak unsigned char.
[[nodiscard]] inline const unsigned char *uchars(ByteView bytes) noexcept
{
    return reinterpret_cast<const unsigned char *>(bytes.data());
}
[[nodiscard]] inline unsigned char *ucharsOut(std::span<std::byte> bytes) noexcept
{
    return reinterpret_cast<unsigned char *>(bytes.data());
}

/// Lower-case hexadecimal.
[[nodiscard]] std::string toHex(ByteView bytes);

/// The inverse of toHex; accepts both cases, refuses odd lengths and anything else.
[[nodiscard]] std::optional<Bytes> fromHex(std::string_view text);

/// URL-safe base64 without padding, for invitations and cards.
[[nodiscard]] std::string toBase64Url(ByteView bytes);
[[nodiscard]] std::optional<Bytes> fromBase64Url(std::string_view text);

} // namespace nlbd
