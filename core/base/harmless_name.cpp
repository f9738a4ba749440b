#include "core/base/harmless_name.h"

#include "core/base/utf8.h"

#include <algorithm>
#include <array>

namespace nlbd {

namespace {

constexpr std::size_t kBytesMax = 200;
constexpr std::size_t kEndingBytesMax = 16;
constexpr std::string_view kNameless = "file";

struct Scalar {
    char32_t value = 0;
    std::size_t bytes = 1;
};

/// The first one of valid UTF-8.
Scalar firstOf(std::string_view text)
{
    const auto byte = [text](std::size_t i) {
        return static_cast<char32_t>(static_cast<unsigned char>(text[i]));
    };
    const char32_t first = byte(0);
    if (first < 0x80)
        return {first, 1};
    const std::size_t bytes = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t value = first & (0x7FU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i)
        value = value << 6U | (byte(i) & 0x3FU);
    return {value, bytes};
}

struct Stretch {
    char32_t first;
    char32_t last;
};
/// Controls, what nobody sees, what turns the direction of others around, noncharacters.
constexpr std::array kUnseen{
    Stretch{0x00, 0x1F},     Stretch{0x7F, 0x9F},       Stretch{0xAD, 0xAD},
    Stretch{0x61C, 0x61C},   Stretch{0x115F, 0x1160},   Stretch{0x17B4, 0x17B5},
    Stretch{0x180B, 0x180F}, Stretch{0x200B, 0x200F},   Stretch{0x2028, 0x202E},
    Stretch{0x2060, 0x206F}, Stretch{0x3164, 0x3164},   Stretch{0xFE00, 0xFE0F},
    Stretch{0xFEFF, 0xFEFF}, Stretch{0xFFA0, 0xFFA0},   Stretch{0xFFF0, 0xFFFB},
    Stretch{0xFFFE, 0xFFFF}, Stretch{0xE0000, 0xE0FFF}, Stretch{0xF0000, 0x10FFFF}};

bool isUnseen(char32_t value)
{
    return std::ranges::any_of(kUnseen, [value](const Stretch &stretch) {
        return value >= stretch.first && value <= stretch.last;
    });
}

bool isRefusedSomewhere(char32_t value)
{
    return value < 0x80
        && std::string_view("<>:\"|?*").find(static_cast<char>(value)) != std::string_view::npos;
}

std::string lowered(std::string_view text)
{
    std::string result(text);
    for (char &c : result)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return result;
}

/// Names of devices, on Windows with any ending too.
bool isDevice(std::string_view name)
{
    std::string stem = lowered(name.substr(0, name.find('.')));
    while (stem.ends_with(' '))
        stem.pop_back();
    constexpr std::array<std::string_view, 6> kDevices{"con", "prn",    "aux",
                                                       "nul", "conin$", "conout$"};
    if (std::ranges::find(kDevices, stem) != kDevices.end())
        return true;
    const bool isPort = stem.starts_with("com") || stem.starts_with("lpt");
    const std::string_view number = std::string_view(stem).substr(isPort ? 3 : stem.size());
    return (number.size() == 1 && number[0] >= '0' && number[0] <= '9') || number == "\u00B9"
        || number == "\u00B2" || number == "\u00B3";
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '.'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '.'))
        text.remove_suffix(1);
    return text;
}

/// At most so many bytes of valid UTF-8.
std::string_view cut(std::string_view text, std::size_t max)
{
    if (text.size() <= max)
        return text;
    while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0U) == 0x80U)
        --max;
    return text.substr(0, max);
}

std::string_view endingOf(std::string_view name)
{
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos || dot == 0 ? std::string_view{} : name.substr(dot);
}

} // namespace

std::string harmlessName(std::string_view name)
{
    if (!utf8::isValid(name))
        return std::string(kNameless);
    if (const std::size_t slash = name.find_last_of("/\\"); slash != std::string_view::npos)
        name.remove_prefix(slash + 1);
    std::string plain;
    while (!name.empty()) {
        const Scalar scalar = firstOf(name);
        if (isRefusedSomewhere(scalar.value))
            plain += '_';
        else if (!isUnseen(scalar.value))
            plain += name.substr(0, scalar.bytes);
        name.remove_prefix(scalar.bytes);
    }
    std::string result(trimmed(plain));
    if (result.size() > kBytesMax) {
        const std::string ending(cut(endingOf(result), kEndingBytesMax));
        result = std::string(trimmed(cut(result, kBytesMax - ending.size()))) + ending;
        result = std::string(trimmed(result));
    }
    if (result.empty())
        return std::string(kNameless);
    if (isDevice(result))
        result = trimmed(cut("_" + result, kBytesMax));
    return result;
}

bool mayRun(std::string_view name)
{
    constexpr std::array<std::string_view, 42> kEndings{
        ".appimage", ".application", ".bash",    ".bat", ".bin", ".chm",     ".class",
        ".cmd",      ".com",         ".command", ".cpl", ".deb", ".desktop", ".dll",
        ".dmg",      ".exe",         ".gadget",  ".hta", ".jar", ".js",      ".jse",
        ".lnk",      ".msc",         ".msi",     ".pif", ".pl",  ".pkg",     ".ps1",
        ".py",       ".pyw",         ".reg",     ".rpm", ".run", ".scf",     ".scr",
        ".sh",       ".svg",         ".url",     ".vbe", ".vbs", ".wsf",     ".xhtml"};
    const std::string ending = lowered(endingOf(name));
    return ending == ".html" || ending == ".htm" || ending == ".so"
        || std::ranges::find(kEndings, ending) != kEndings.end();
}

} // namespace nlbd
