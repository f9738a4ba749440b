#pragma once

#include "core/api/agreement.h"
#include "core/api/authors.h"
#include "core/api/looks.h"
#include "core/base/ids.h"
#include "core/base/time.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The past of a page: who changed it when, how it was, and what happened while people were apart.
///
/// All changes of a document stand in one order: by the time that they say, but never before what
/// they were made after; of the same time as ties are decided. A time that is shown is therefore
/// never earlier than that of anything before it, and never ahead of this clock. A change is named
/// by its hash, which stays true when others come between.
namespace nlbd::api {

/// Changes side by side, without a pause of kPause between them, by one person; by several if they
/// took turns within a minute.
struct PastGroup {
    Hash first; ///< its first change
    Hash last;
    std::vector<MemberIndex> members; ///< who wrote, ascending; at most kMembersMax
    WallTime from;
    WallTime to;
    std::uint64_t changes = 0;
    std::uint64_t added = 0;             ///< letters
    std::uint64_t removed = 0;           ///< letters
    Agreement state = Agreement::Pencil; ///< the least of them
    std::uint16_t signedBy = 0;          ///< seats that have signed for all of it
    /// When this computer learned that all of it is agreed, to the minute; nothing: it is not, or
    /// was before that was written down.
    std::optional<WallTime> agreedSince = std::nullopt;
    static constexpr Millis kPause{5 * 60'000};
    static constexpr Millis kTurn{60'000};
    static constexpr Millis kSpanMax{60 * 60'000}; ///< whoever writes on begins another group
    static constexpr std::size_t kMembersMax = 8;
    friend bool operator==(const PastGroup &, const PastGroup &) = default;
};

/// The groups of a document, the newest ones that are before a change. Answered by PastTold, later
/// if the past is long: it is read bit by bit. A newer question of another document takes its
/// place.
struct AskPast {
    std::uint64_t request = 0;
    DocIndex doc;
    std::optional<Hash> before =
        std::nullopt; ///< the first change of the group after; nothing: all
};
struct PastTold {
    std::uint64_t request = 0;
    DocIndex doc;
    std::vector<PastGroup> groups = {}; ///< the oldest first
    bool hasMore = false;               ///< earlier ones: ask before the first
    std::uint64_t changes = 0;          ///< of the whole past
    std::uint16_t seats = 0;
    static constexpr std::size_t kGroupsMax = 1'000;
};

/// How a document was, and what differs. Answered by PastTextTold; never if one of the changes is
/// not of this document.
struct AskPastText {
    std::uint64_t request = 0;
    DocIndex doc;
    Hash upTo; ///< the text with this change and all before it
    enum class Against : std::uint8_t {
        Before, ///< what came and went from the change `since` on, which is in it
        Now,    ///< what came and went after it
    } against = Against::Before;
    Hash since;
    std::optional<TextOffset> from = std::nullopt; ///< of a text that is longer than one answer
};
/// Letters that came or went, with the one behind it.
struct PastRun {
    TextOffset from = 0;
    TextOffset to = 0;
    enum class What : std::uint8_t { Added, Removed, Formatted } what = What::Added;
    MemberIndex member;
    WallTime when;
    friend bool operator==(const PastRun &, const PastRun &) = default;
};
/// The texts before and after in one: what went stands where it was.
struct PastText {
    std::string title;
    TextOffset from = 0;       ///< of the whole, where `text` begins
    std::uint64_t length = 0;  ///< of the whole
    TextOffset pastFrom = 0;   ///< letters of the text as it was that are before `text`
    TextOffset pastLength = 0; ///< of the whole text as it was
    std::string text;
    Looks looks;               ///< of `text`, what went as it was
    std::vector<PastRun> runs; ///< in `text`, in order and apart; all else stayed
    bool isCut = false;        ///< more differences than runs: those at the end are not marked
    static constexpr std::size_t kLettersMax = 500'000;
    static constexpr std::size_t kRunsMax = 20'000;
};
struct PastTextTold {
    std::uint64_t request = 0;
    DocIndex doc;
    Hash upTo;
    AskPastText::Against against = AskPastText::Against::Before;
    std::shared_ptr<const PastText> past = nullptr; ///< never null in an answer
};

/// Makes [from, to) of the text as it was with a change, or all of it, what the document says now:
/// an edit of mine, as small as can be, which one undo takes back. What others wrote inside since
/// goes, what stands beside it stays. Answered by PastRestored.
struct RestorePast {
    std::uint64_t request = 0;
    DocIndex doc;
    Hash upTo;
    struct Part {
        TextOffset from = 0;
        TextOffset to = 0;
    };
    std::optional<Part> part = std::nullopt;
};
struct PastRestored {
    std::uint64_t request = 0;
    DocIndex doc;
    enum class Result : std::uint8_t {
        Done,
        Same,     ///< it is so already: nothing was written
        MayNot,   ///< nothing may be written here now
        NotKnown, ///< the change or the part is not there
    } result = Result::Done;
    std::uint64_t added = 0;   ///< letters
    std::uint64_t removed = 0; ///< letters
};

/// What came from others who were away for more than a few minutes, while both they and I had
/// changed the same document; until it is read.
struct ApartInfo {
    DocIndex doc;
    std::vector<MemberIndex> members; ///< ascending
    std::uint64_t changes = 0;
    std::uint64_t places = 0; ///< where something of it shows
    WallTime since;           ///< the time of the earliest of them
    friend bool operator==(const ApartInfo &, const ApartInfo &) = default;
};
/// All documents of which there is something. Sent on subscribe if there is, and whenever it
/// differs.
struct ApartChanged {
    std::vector<ApartInfo> apart = {};
};

/// Where it is, in what a view shows. Answered by ApartTold, unless the view begins anew meanwhile.
/// Only the start of the passage is looked at.
struct AskApart {
    std::uint64_t request = 0;
    Passage passage;
};
struct ApartPlace {
    TextOffset from = 0; ///< what is there now
    TextOffset to = 0;
    std::string before; ///< what was, up to kWordsMax scalars, as the next
    std::string now;
    bool isFormat = false; ///< only how it looks has changed
    std::vector<MemberIndex> members;
    WallTime when; ///< of the newest
    static constexpr std::size_t kWordsMax = 400;
    friend bool operator==(const ApartPlace &, const ApartPlace &) = default;
};
struct ApartTold {
    std::uint64_t request = 0;
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t patch = 0;
    std::uint64_t includesSerial = 0;
    std::vector<ApartPlace> places = {}; ///< in order and apart
    bool isCut = false;                  ///< there are more
    static constexpr std::size_t kPlacesMax = 1'000;
};

/// It was read: nothing of it is told any more.
struct EndApart {
    DocIndex doc;
};

} // namespace nlbd::api
