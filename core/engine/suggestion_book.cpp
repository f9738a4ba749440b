#include "core/engine/suggestion_book.h"

#include "core/crdt/mark_rules.h"

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

} // namespace

std::optional<GroupKey> groupKeyOf(std::string_view key)
{
    GroupKey found;
    if (key.starts_with(crdt::kAddedMark))
        key.remove_prefix(crdt::kAddedMark.size());
    else if (key.starts_with(crdt::kRemovedMark)) {
        found.kind = GroupKey::Kind::Removed;
        key.remove_prefix(crdt::kRemovedMark.size());
    } else
        return std::nullopt;
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
