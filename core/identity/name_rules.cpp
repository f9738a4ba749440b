#include "core/identity/name_rules.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"

#include <array>
#include <utility>

namespace nlbd::identity {

namespace {

/// Controls, separators, zero-width and directional formatting characters, and those that a name
/// never needs: soft hyphen, fillers, byte order mark, interlinear marks, tags, private use.
constexpr std::array<std::pair<char32_t, char32_t>, 17> kForbidden{{
    {0x0000, 0x001F},
    {0x007F, 0x009F},
    {0x00AD, 0x00AD},
    {0x034F, 0x034F},
    {0x061C, 0x061C},
    {0x115F, 0x1160},
    {0x17B4, 0x17B5},
    {0x180B, 0x180F},
    {0x200B, 0x200F},
    {0x2028, 0x202E},
    {0x2060, 0x206F},
    {0x3164, 0x3164},
    {0xE000, 0xF8FF},
    {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFF},
}};

bool isForbidden(char32_t scalar) noexcept
{
    for (const auto &[first, last] : kForbidden)
        if (scalar >= first && scalar <= last)
            return true;
    return scalar >= 0xE0000;
}

bool isSpace(char32_t scalar) noexcept
{
    return scalar == 0x20 || scalar == 0xA0 || (scalar >= 0x2000 && scalar <= 0x200A)
        || scalar == 0x202F || scalar == 0x205F || scalar == 0x3000 || scalar == 0x1680;
}

/// The scalar at the front of valid UTF-8, removed from it.
char32_t takeScalar(std::string_view &text) noexcept
{
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t scalar = count == 1 ? first : first & (0x7FU >> count);
    for (std::size_t i = 1; i < count; ++i)
        scalar = scalar << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    text.remove_prefix(count);
    return scalar;
}

} // namespace

bool isValidName(std::string_view name) noexcept
{
    if (name.empty() || name.size() > limits::kNameBytesMax || !utf8::isValid(name)
        || utf8::length(name) > limits::kNameScalarsMax)
        return false;
    bool isFirst = true;
    bool wasSpace = false;
    while (!name.empty()) {
        const char32_t scalar = takeScalar(name);
        wasSpace = isSpace(scalar);
        if (isForbidden(scalar) || (wasSpace && isFirst))
            return false;
        isFirst = false;
    }
    return !wasSpace;
}

} // namespace nlbd::identity
