#include "core/base/bytes.h"

#include <sodium.h>

namespace nlbd {

std::string toHex(ByteView bytes)
{
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), uchars(bytes), bytes.size());
    text.pop_back();
    return text;
}

std::optional<Bytes> fromHex(std::string_view text)
{
    Bytes bytes(text.size() / 2);
    if (text.empty())
        return bytes; // sodium must not be given a null pointer.
    std::size_t written = 0;
    const char *end = nullptr;
    if (text.size() % 2 != 0
        || sodium_hex2bin(ucharsOut(std::span(bytes)), bytes.size(), text.data(), text.size(),
                          nullptr, &written, &end)
            != 0
        || end != text.data() + text.size())
        return std::nullopt;
    return bytes;
}

std::string toBase64Url(ByteView bytes)
{
    constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
    sodium_bin2base64(text.data(), text.size(), uchars(bytes), bytes.size(), kVariant);
    text.pop_back();
    return text;
}

std::optional<Bytes> fromBase64Url(std::string_view text)
{
    Bytes bytes(text.size() / 4 * 3 + 3);
    std::size_t written = 0;
    const char *end = nullptr;
    if (sodium_base642bin(ucharsOut(std::span(bytes)), bytes.size(), text.data(), text.size(),
                          nullptr, &written, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING)
            != 0
        || end != text.data() + text.size())
        return std::nullopt;
    bytes.resize(written);
    return bytes;
}

} // namespace nlbd
