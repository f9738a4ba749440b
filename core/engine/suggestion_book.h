#pragma once

#include "core/api/suggestions.h"
#include "core/crdt/document.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace nlbd::engine {

/// What a document's history says of suggestions, as it came: where marks of groups were set. What
/// of it shows is read from the document.
struct SuggestionBook {
    struct Place {
        crdt::Anchor from;
        crdt::Anchor to;
        friend bool operator==(const Place &, const Place &) = default;
    };
    /// Where a mark was set, and all values that the suggesting member set it to.
    struct Marked {
        std::vector<Place> places;
        std::set<std::string, std::less<>> values;
    };
    /// The group of a suggestion: the device that made it and the seq of the change that began it.
    struct Group {
        std::map<std::string, Marked, std::less<>> marks; ///< by key
        bool isIdle = false; ///< nothing of it showed, and nothing came since
    };
    std::map<std::string, Group, std::less<>> groups;
    std::map<std::uint16_t, std::uint32_t> perDevice; ///< how many each has begun

    /// Letters kept amid deleted ones, as they were found last.
    struct Kept {
        Place place;
        ChangeHandle by;
        ChangeHandle against;
        std::uint32_t gap = 0;
    };
    std::vector<Kept> kept;
    bool isStale = false;        ///< they may be others now
    bool hasConcurrency = false; ///< of any change that came
    bool hasDeletions = false;

    static constexpr std::uint32_t kGroupsPerDevice = 2'000;
    static constexpr std::size_t kPlacesPerMark = 1'000; ///< of one group
};

/// "added:3.17" and "styled:3.17:bold" are of the group "3.17": nothing for keys of other kinds, or
/// what no engine writes.
struct GroupKey {
    using Kind = api::Suggestion::Part::What;
    Kind kind = Kind::Added;
    std::string_view group;
    DeviceIndex device;
    std::string_view attribute = {}; ///< of Styled

    [[nodiscard]] std::string name() const;
};
[[nodiscard]] std::optional<GroupKey> groupKeyOf(std::string_view key);

/// "styled:3.17:bold".
[[nodiscard]] inline std::string styledName(std::string_view group, std::string_view attribute)
{
    return GroupKey{GroupKey::Kind::Styled, group, {}, attribute}.name();
}

/// True for what letters and blocks may be suggested to look like.
[[nodiscard]] bool canBeSuggested(std::string_view attribute);

/// What a mark of Kind::Styled holds: a value, or that there is to be none.
[[nodiscard]] std::string styledValue(const std::optional<std::string> &value);
/// The inner one is nothing if there is to be none; the outer one for what no engine writes.
[[nodiscard]] std::optional<std::optional<std::string>> valueStyled(std::string_view held);

} // namespace nlbd::engine
