#include "core/engine/suggestion_parts.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

constexpr std::string_view kBetweenParts = " \u2026 ";

/// As much of valid UTF-8 as fits, whole scalars.
std::string_view firstOf(std::string_view text, std::size_t bytes)
{
    std::size_t end = std::min(text.size(), bytes);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

} // namespace

void appendWords(std::string &words, std::string_view more)
{
    if (words.size() >= api::Suggestion::kWordsBytesMax)
        return;
    if (!words.empty())
        words += kBetweenParts;
    words += firstOf(more, api::Suggestion::kWordsBytesMax);
}

void joinParts(std::vector<api::Suggestion::Part> &parts)
{
    const auto kindOf = [](const auto &it) { return std::pair(it.what, it.format); };
    std::ranges::sort(parts, {}, [&](const auto &it) { return std::pair(kindOf(it), it.from); });
    std::vector<api::Suggestion::Part> joined;
    for (const auto &it : parts) {
        const bool isMore =
            !joined.empty() && kindOf(joined.back()) == kindOf(it) && joined.back().to >= it.from;
        if (isMore)
            joined.back().to = std::max(joined.back().to, it.to);
        else
            joined.push_back(it);
    }
    std::ranges::sort(joined, {}, [&](const auto &it) { return std::pair(it.from, kindOf(it)); });
    if (joined.size() > api::Suggestion::kPartsMax)
        joined.resize(api::Suggestion::kPartsMax);
    parts = std::move(joined);
}

std::optional<std::uint16_t> formatPlace(api::Suggestion::Format format,
                                         std::vector<api::Suggestion::Format> &formats)
{
    const auto found = std::ranges::find(formats, format);
    const auto place = static_cast<std::uint16_t>(found - formats.begin());
    if (found != formats.end())
        return place;
    if (formats.size() == api::Suggestion::kFormatsMax)
        return std::nullopt;
    formats.push_back(std::move(format));
    return place;
}

void cutFormats(std::vector<api::Suggestion::Format> &formats)
{
    for (api::Suggestion::Format &it : formats)
        if (it.value)
            it.value = std::string(firstOf(*it.value, api::Suggestion::kWordsBytesMax));
}

} // namespace nlbd::engine
