#pragma once

#include <string>
#include <string_view>

namespace nlbd::identity {

// What names look like, by Unicode's tables. These grow with each version of Unicode, so that two
// computers may answer differently: they guard the doors where a person gives or accepts a name,
// and never judge a record that others have accepted (that is name_rules' part).

/// The name in Unicode's composed form (NFC, UAX 15): one spelling for what looks the same because
/// it is the same. Text that is no valid UTF-8 comes back as it is.
[[nodiscard]] std::string composedName(std::string_view name);

/// Whether a reader may take one name for the other: equal skeletons (UTS 39, section 4), as they
/// are written or without regard to case, and however many spaces stand between words.
[[nodiscard]] bool areConfusable(std::string_view one, std::string_view other);

} // namespace nlbd::identity
