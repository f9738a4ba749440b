#pragma once

#include "core/api/attachments.h"
#include "core/api/authors.h"
#include "core/api/comments.h"
#include "core/api/decisions.h"
#include "core/api/devices.h"
#include "core/api/looks.h"
#include "core/api/past.h"
#include "core/api/rejected.h"
#include "core/api/suggestions.h"
#include "core/base/alternative.h"
#include "core/base/codes.h"
#include "core/base/text_patch.h"
#include "core/base/time.h"

#include <optional>
#include <variant>

namespace nlbd::api {

/// A document as the list shows it.
struct DocumentInfo {
    DocIndex doc;
    std::string title; ///< never empty: "Untitled" is the view's word for an empty title
    WallTime changed;  ///< clamped, see PROTOCOL B 25
    friend bool operator==(const DocumentInfo &, const DocumentInfo &) = default;
};
/// The whole list, newest change first. Sent on subscribe and whenever it differs.
struct DocumentsChanged {
    std::vector<DocumentInfo> documents;
};
struct DocumentCreated {
    std::uint64_t request = 0;
    DocIndex doc;
};

/// The text of a document at the start of a view; patch numbers count from here.
struct DocumentOpened {
    DocIndex doc;
    std::uint64_t view = 0;
    std::string text;
    std::uint64_t opening = 0; ///< 0 after OpenDocument, one more each time that it is opened anew
    Looks looks = {};          ///< of all that is not plain
};

/// Who caused a patch: the view shows others' edits, and moves its own caret to its own undo.
enum class PatchCause : std::uint8_t { Others, MyOtherView, Undo, Redo };

/// What changed the document, in the text that holds all patches before and the view's own edits up
/// to `includesSerial`. The view rebases it over its later edits (ui/editor/pending_edits).
struct TextPatched {
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t patch = 0;          ///< 1, 2, 3, ...
    std::uint64_t includesSerial = 0; ///< the last EditText of this view that is inside
    TextPatches patches;
    PatchCause cause = PatchCause::Others;
    Looks looks = {}; ///< after the patches. They may come alone, also about this view's own edits
};

/// What the margin shows for a range; everything that no span covers is agreed (or alone).
struct AgreementSpan {
    TextOffset from = 0;
    TextOffset to = 0;
    Agreement state = Agreement::Pencil;
    std::uint16_t seenBy = 0; ///< seats that have signed for it
    friend bool operator==(const AgreementSpan &, const AgreementSpan &) = default;
};
/// All spans that are not agreed, in order, in the text after `patch` and `includesSerial`.
struct AgreementChanged {
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t patch = 0;
    std::uint64_t includesSerial = 0;
    std::vector<AgreementSpan> spans;
    std::uint16_t seats = 0;
    std::uint16_t quorum = 0;
};

/// What can be undone now, for the menu: empty texts mean nothing.
struct UndoChanged {
    DocIndex doc;
    bool canUndo = false;
    bool canRedo = false;
    std::string undoText; ///< up to 24 scalars of what would be taken back
    std::string redoText;
    enum class What : std::uint8_t { Typing, Deleting, Formatting, Commenting, Suggesting };
    What undoes = What::Typing; ///< what the person had done
    What redoes = What::Typing;
};

/// Another person's caret, and what he is typing; absent position means it left the document.
struct CaretMoved {
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t patch = 0;
    std::uint64_t includesSerial = 0;
    DeviceIndex device;
    struct Place {
        TextOffset caret = 0;
        TextOffset anchor = 0;
    };
    std::optional<Place> place;
    /// Typed there and not held here yet: to be drawn, never part of the text. One line. It goes in
    /// the same delivery as the TextPatched that brings it.
    struct Preview {
        TextOffset at = 0;
        std::string text;
        friend bool operator==(const Preview &, const Preview &) = default;
    };
    std::optional<Preview> preview = std::nullopt;
};

/// One member as the people panel shows it.
struct Person {
    MemberIndex member;
    DeviceIndex device;
    std::string name;
    std::string words;       ///< four words of the key
    std::uint8_t colour = 0; ///< slot 0..7 by membership order
    bool isMe = false;
    bool isOnline = false;
    bool isDisputed = false;
    bool hasSeat = true; ///< this device acknowledges and votes
    enum class Standing : std::uint8_t {
        Writes,
        Reads,
        Dormant, ///< away for long: counted again when it comes back
        Gone     ///< no member any more, or this device was revoked
    } standing = Standing::Writes;
    std::uint64_t changesBehind =
        0; ///< changes that this computer holds and that person has not signed for
    std::optional<WallTime> lastHeard;
    std::optional<DocIndex> writingIn;
    friend bool operator==(const Person &, const Person &) = default;
};
struct PeopleChanged {
    std::vector<Person> people; ///< by member index
    std::uint16_t quorum = 0;
    std::uint16_t tolerated = 0; ///< f
};

/// The status line: always true of the state at the time it was sent.
struct StatusChanged {
    std::uint16_t othersOnline = 0;
    std::uint64_t changesInPencil = 0; ///< mine and others', not ratified
    std::uint64_t myChangesInPencil = 0;
    std::optional<WallTime> agreedUpTo; ///< wall time of the newest ratified change
    std::vector<MemberIndex> missing;   ///< who has not signed for everything yet
    bool isEverythingStored = true;
    friend bool operator==(const StatusChanged &, const StatusChanged &) = default;
};

/// A record that was not let in. Nothing in any document changed.
struct Refusal {
    std::uint64_t number = 0; ///< 1, 2, 3, ... in this workspace on this computer
    Code code = Code::E_SIG;
    std::optional<DeviceIndex> from;    ///< whose computer brought it
    std::optional<DeviceIndex> claimed; ///< in whose name it was written
    std::uint64_t seq = 0;
    WallTime when;
    std::string rule;        ///< the check that failed, in a sentence
    Bytes record;            ///< the bytes as they came, cut at 4 KiB
    std::uint64_t count = 1; ///< the same thing again and again is one entry
};
/// New or counted-up refusals. `unread` drives the banner.
struct Refused {
    std::vector<Refusal> refusals;
    std::uint64_t unread = 0;
};

/// What the two records of a fork say of themselves. Their author wrote it, so it is a hint to
/// people and proves nothing.
struct ForkFacts {
    Millis apart{};             ///< between the clock times in them
    bool isSameContent = false; ///< the same words were signed twice
    bool isSamePast = false;    ///< both go on from one change
    friend bool operator==(const ForkFacts &, const ForkFacts &) = default;
};

/// A proof of wrongdoing that anyone can check alone: one of each kind against one device.
struct EvidenceInfo {
    Hash id;
    Code code = Code::EV_FORK;
    std::optional<DeviceIndex> accused; ///< nothing: EV_CONFLICT_DECISION, `rule` names several
    WallTime when;
    std::string rule;
    std::vector<Bytes> records;     ///< the two records, or the one with its parents
    std::optional<Hash> replaces{}; ///< another proof of the same deed that is kept no more
    Bytes file; ///< what "Save evidence" writes and `nlbd-peer verify-evidence` reads
    std::optional<ForkFacts> fork{};
};
struct EvidenceFound {
    std::vector<EvidenceInfo> evidence;
};
struct EvidenceChecked {
    Hash evidence;
    bool holds = false;
    std::string result; ///< in a sentence
};

/// Something the user should know, once: what happened, whether the text is safe, what to do.
struct Trouble {
    enum class Kind : std::uint8_t {
        DiskFull,
        DiskReadOnly,
        DiskFailed,
        StoreRecovered,
        DocumentTooLong,
        TextNotValid,
        MyDeviceDisputed,
        MayNotWrite,       ///< an edit was refused: a decision ended this device's right to write
        OwnChangesMissing, ///< an edit was refused: what was signed here before is not back yet
        DecisionsConflict, ///< proven: two decisions of one epoch. Nothing is decided any more
        FolderIsACopy,     ///< nothing is signed with this device's key; what is typed waits here
        KeySecretMissing   ///< keys come sealed to a key of this device's that is not in its folder
    } kind = Kind::DiskFull;
    std::string detail;
    bool isOver = false; ///< the trouble named by `kind` has gone
};

/// One of what there is to show.
class Event
    : public std::variant<
          DocumentsChanged, DocumentCreated, DocumentOpened, TextPatched, AgreementChanged,
          RejectedChanged, RejectedRead, WordsPutBack, DeviceReviewed, UndoChanged, TookBack,
          CaretMoved, PeopleChanged, StatusChanged, Refused, EvidenceFound, EvidenceChecked,
          Trouble, DecisionsChanged, ProposalAnswered, DevicesChanged, Considered, DecisionRead,
          AttachmentsChanged, FileAttached, AttachmentSaved, AttachmentFailed, AttachmentRead,
          FileProgress, AuthorsTold, WhoHasTold, CommentWritten, CommentsChanged, MentionsChanged,
          SuggestionsChanged, SuggestionContested, PastTold, PastTextTold, PastRestored,
          ApartChanged, ApartTold> {
public:
    template <AlternativeOf<variant> T>
    Event(T &&value)
        : variant(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(value))
    {
    }
    Event(const Event &other);
    Event(Event &&other) noexcept;
    Event &operator=(const Event &other);
    Event &operator=(Event &&other) noexcept;
    ~Event();
};

} // namespace nlbd::api
