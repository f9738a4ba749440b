#pragma once

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
    /// The group of a suggestion: the device that made it and the seq of the change that began it.
    struct Group {
        std::vector<Place> added;
        std::vector<Place> removed;
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
    static constexpr std::size_t kPlacesPerGroup = 1'000;
};

/// "added:3.17" is of the group "3.17": nothing for keys of other kinds, or what no engine writes.
struct GroupKey {
    enum class Kind : std::uint8_t { Added, Removed } kind = Kind::Added;
    std::string_view group;
    DeviceIndex device;
};
[[nodiscard]] std::optional<GroupKey> groupKeyOf(std::string_view key);

} // namespace nlbd::engine
