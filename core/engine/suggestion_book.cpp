#include "core/engine/suggestion_book.h"

#include "core/crdt/mark_rules.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace nlbd::engine {

namespace {

/// A number as this engine writes it; nothing for any other way to write it.
template <typename Number>
std::optional<Number> numberIn(std::string_view text)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isPlain = error == std::errc() && end == text.data() + text.size()
        && (text.front() != '0' || text.size() == 1);
    return isPlain ? std::optional(number) : std::nullopt;
}

constexpr std::array<std::string_view, 11> kSuggestible{
    "block",  "bold",     "code", "done",   "highlight", "indent",
    "italic", "language", "link", "strike", "underline"};

std::string_view prefixOf(GroupKey::Kind kind)
{
    switch (kind) {
    case GroupKey::Kind::Removed:
        return crdt::kRemovedMark;
    case GroupKey::Kind::Styled:
        return crdt::kStyledMark;
    case GroupKey::Kind::Added:
        break;
    }
    return crdt::kAddedMark;
}

} // namespace

bool canBeSuggested(std::string_view attribute)
{
    return std::ranges::find(kSuggestible, attribute) != kSuggestible.end();
}

std::string styledValue(const std::optional<std::string> &value)
{
    return value ? "=" + *value : "-";
}

std::optional<std::optional<std::string>> valueStyled(std::string_view held)
{
    if (held == "-")
        return std::optional<std::string>();
    if (held.starts_with('='))
        return std::optional(std::string(held.substr(1)));
    return std::nullopt;
}

std::string GroupKey::name() const
{
    std::string name = std::string(prefixOf(kind)).append(group);
    if (kind == Kind::Styled)
        name.append(":").append(attribute);
    return name;
}

std::optional<GroupKey> groupKeyOf(std::string_view key)
{
    GroupKey found;
    using Kind = GroupKey::Kind;
    const auto kinds = {Kind::Added, Kind::Removed, Kind::Styled};
    const auto kind =
        std::ranges::find_if(kinds, [&](Kind it) { return key.starts_with(prefixOf(it)); });
    if (kind == kinds.end())
        return std::nullopt;
    found.kind = *kind;
    key.remove_prefix(prefixOf(found.kind).size());
    if (found.kind == Kind::Styled) {
        const std::size_t colon = key.find(':');
        if (colon == std::string_view::npos || !canBeSuggested(key.substr(colon + 1)))
            return std::nullopt;
        found.attribute = key.substr(colon + 1);
        key = key.substr(0, colon);
    }
    found.group = key;
    const std::size_t dot = key.find('.');
    if (dot == 0 || dot == std::string_view::npos || dot + 1 == key.size())
        return std::nullopt;
    const auto device = numberIn<std::uint16_t>(key.substr(0, dot));
    if (!device || !numberIn<std::uint64_t>(key.substr(dot + 1)))
        return std::nullopt;
    found.device = DeviceIndex(*device);
    return found;
}

} // namespace nlbd::engine
