#pragma once

#include "core/api/agreement.h"
#include "core/base/ids.h"
#include "core/base/time.h"

#include <optional>
#include <string>
#include <vector>

/// What is proposed on a page instead of being done, and what was kept of edits that met.
namespace nlbd::api {

/// The format by which an EditText that suggests says which letters should go (Styling::changes,
/// with any value). They stay until that is accepted; letters that the same person has suggested
/// go at once.
inline constexpr const char *kStruckLook = "removed";

/// A group: what one member suggested in one sitting near one place, or what he wrote inside words
/// that another member removed at the same time.
struct Suggestion {
    std::string group; ///< names it; the same everywhere
    enum class Kind : std::uint8_t {
        Proposed, ///< in suggest mode
        Kept      ///< written inside what `removedBy` removed, neither knowing of the other
    } kind = Kind::Proposed;
    MemberIndex member; ///< whose it is: who signed the changes, whatever the group's name claims
    DeviceIndex device; ///< of the newest of them
    std::optional<MemberIndex> removedBy = std::nullopt; ///< of Kept
    std::optional<WallTime> when; ///< of the newest, never ahead of this clock; nothing: unsigned
    Agreement state = Agreement::Pencil; ///< the least of its changes'
    /// What letters, or the blocks that they are of, are to look like: as in api::Styling.
    struct Format {
        std::string key;
        std::optional<std::string> value; ///< cut like words; nothing: not any more
        friend bool operator==(const Format &, const Format &) = default;
    };
    struct Part {
        enum class What : std::uint8_t { Added, Removed, Styled } what = What::Added;
        TextOffset from = 0;
        TextOffset to = 0;
        std::uint16_t format = 0; ///< of Styled: its place in `formats`
        friend bool operator==(const Part &, const Part &) = default;
    };
    std::vector<Part> parts;     ///< in order; those of one kind and format apart
    std::vector<Format> formats; ///< at most kFormatsMax, others wait until these are decided
    std::string removed;         ///< the words, cut after kWordsBytesMax
    std::string added;
    std::string styled;
    friend bool operator==(const Suggestion &, const Suggestion &) = default;
    static constexpr std::size_t kPartsMax = 1'000;
    static constexpr std::size_t kFormatsMax = 32;
    static constexpr std::size_t kWordsBytesMax = 400;
};

/// All that is open in a document, in the order of the text after `patch` and `includesSerial`.
/// Sent after DocumentOpened if there is any, and whenever it differs.
struct SuggestionsChanged {
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t patch = 0;
    std::uint64_t includesSerial = 0;
    std::vector<Suggestion> suggestions;
    bool isCut = false; ///< there are more than are told
    static constexpr std::size_t kPerMemberMax = 100;
    static constexpr std::size_t kMax = 1'000;
};

enum class Verdict : std::uint8_t { Accepted, Rejected };

/// Anybody who may write decides: what is accepted becomes text, or goes, or looks so; what is
/// rejected goes, or stays as it is. An edit like any other, one undo for all of them. Groups that
/// are not open are passed over.
struct DecideSuggestions {
    DocIndex doc;
    std::vector<std::string> groups; ///< at most SuggestionsChanged::kMax
    Verdict verdict = Verdict::Accepted;
};

/// Two decided a group at the same time, one this way and one that way. One decision stands, the
/// same one everywhere; the computer of the other takes back what it did.
struct SuggestionContested {
    DocIndex doc;
    std::string group;
    Verdict stands = Verdict::Accepted;
    MemberIndex by;      ///< whose decision stands
    MemberIndex against; ///< whose does not
};

} // namespace nlbd::api
