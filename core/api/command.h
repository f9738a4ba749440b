#pragma once

#include "core/api/attachments.h"
#include "core/api/authors.h"
#include "core/api/comments.h"
#include "core/api/decisions.h"
#include "core/api/looks.h"
#include "core/api/past.h"
#include "core/api/rejected.h"
#include "core/api/suggestions.h"
#include "core/base/alternative.h"
#include "core/base/text_patch.h"

#include <variant>

namespace nlbd::api {

/// What a person does in the view of a text. `basePatch` is the number of the last TextPatched (or
/// 0 after DocumentOpened) that the view had applied; `serial` grows by one with each edit of this
/// view, from 1 after DocumentOpened. Both let engine and view agree on what crossed on the way.
struct EditText {
    DocIndex doc;
    std::uint64_t view = 0; ///< the view's number, from OpenDocument
    std::uint64_t basePatch = 0;
    std::uint64_t serial = 0;
    TextPatches patches;
    enum class Cause : std::uint8_t {
        Typing,
        Paste,
        Cut,
        Newline,
        Drop,
        Import,
        Format
    } cause = Cause::Typing;
    std::uint64_t opening = 0; ///< of the last DocumentOpened: what was made before it is void
    /// After the patches, one after the other. Inserted letters look as Peritext has it: like the
    /// letter before them in what grows, like both neighbours in what does not. The engine says how
    /// they look where that is not plain, also to this view.
    std::vector<Styling> stylings = {};
    static constexpr std::size_t kStylingsMax = 10'000;
    /// Suggesting: inserted letters are suggested, removed ones stay and are suggested to go; the
    /// engine brings them back to the view by a TextPatched. Formats are suggested, too, but for
    /// letters and blocks that are all the same person's suggestion: those look so at once. The
    /// engine says in any case how what was styled looks.
    enum class Mode : std::uint8_t { Writing, Suggesting } mode = Mode::Writing;
    bool goesOn = false; ///< a further part of the edit before: one undo takes back both
};

/// Starts a view of a document: answered by DocumentOpened, then TextPatched and AgreementChanged
/// until CloseDocument. Views are numbered by the caller and independent of each other.
struct OpenDocument {
    DocIndex doc;
    std::uint64_t view = 0;
};
struct CloseDocument {
    DocIndex doc;
    std::uint64_t view = 0;
};

/// Letters that somebody else wrote first, in another place than this workspace.
struct Quote {
    TextOffset from = 0;
    TextOffset length = 0;
    std::string author; ///< a name; not empty
    friend bool operator==(const Quote &, const Quote &) = default;
};

/// Answered by DocumentCreated with the same `request`.
struct CreateDocument {
    std::uint64_t request = 0;
    std::string title;
    std::string text;               ///< imported text; empty for a blank page
    std::vector<Quote> quotes = {}; ///< of the text: whose words they say they are
    std::string origin = {};        ///< where it was taken from; kept in its field "origin"
};
struct RenameDocument {
    DocIndex doc;
    std::string title;
};

/// Takes back, or does again, my own last group of edits in the document: new signed ops that leave
/// what others wrote alone.
struct Undo {
    DocIndex doc;
};
struct Redo {
    DocIndex doc;
};

/// Ends the current undo group (caret jump, focus lost) and sends what is typed.
struct Flush {};

/// My caret and the other end of my selection, in the text after `basePatch` and `serial`.
struct MoveCaret {
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t basePatch = 0;
    std::uint64_t serial = 0;
    TextOffset caret = 0;
    TextOffset anchor = 0;
    std::uint64_t opening = 0; ///< as of EditText
};

/// Checks a proof anew, from its bytes alone; answered by EvidenceChecked.
struct CheckEvidence {
    Hash evidence;
};

/// Forget the banner: the refusals stay listed.
struct AcknowledgeRefusals {};

/// A test of the disk asked for by the user after "the disk is full" and the like: store again now.
struct RetryStore {};

/// One of what a person does.
class Command
    : public std::variant<
          EditText, OpenDocument, CloseDocument, CreateDocument, RenameDocument, Undo, Redo,
          TakeBack, PutBack, ReadRejected, ReviewDevice, Flush, MoveCaret, CheckEvidence,
          AcknowledgeRefusals, RetryStore, Propose, Vote, Consider, ReadDecision, AttachFile,
          DetachFile, FetchAttachment, SaveAttachment, ReadAttachment, AskAuthors, AskWhoHas,
          StartThread, AnswerThread, EditComment, DeleteComment, ResolveThread, DecideSuggestions,
          AskPast, AskPastText, RestorePast, AskApart, EndApart> {
public:
    template <AlternativeOf<variant> T>
    Command(T &&value)
        : variant(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(value))
    {
    }
    Command(const Command &other);
    Command(Command &&other) noexcept;
    Command &operator=(const Command &other);
    Command &operator=(Command &&other) noexcept;
    ~Command();
};

} // namespace nlbd::api
