#pragma once

#include "core/api/agreement.h"
#include "core/api/authors.h"
#include "core/base/ids.h"
#include "core/base/time.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// What people say beside a text: threads that hang at words, and the messages in them. All of it
/// is signed and merges like the text, also among people who have not met for long.
namespace nlbd::api {

/// Names a thread in its document, or a message in its thread: whose it is, which nobody else can
/// claim, and a number that its maker drew by chance.
struct CommentId {
    MemberIndex member;
    std::uint64_t number = 0; ///< 48 bits
    friend auto operator<=>(const CommentId &, const CommentId &) = default;
};

/// Letters of a message that name a member: who is meant stays, whatever he is called later.
struct Mention {
    TextOffset from = 0;
    TextOffset length = 0;
    MemberIndex member;
    friend bool operator==(const Mention &, const Mention &) = default;
};

/// What a message says.
struct CommentWords {
    std::string text;              ///< valid UTF-8, not empty
    std::vector<Mention> mentions; ///< in order and apart, inside the text
    friend bool operator==(const CommentWords &, const CommentWords &) = default;
    static constexpr std::size_t kTextBytesMax = 3'000; ///< so that it fits into one field
    static constexpr std::size_t kMentionsMax = 32;
};

// ---- What a person does: each is answered by CommentWritten -------------------------------------

/// Begins a thread about a passage that is not empty. One undo takes it back.
struct StartThread {
    std::uint64_t request = 0;
    Passage passage;
    CommentWords words;
};
struct AnswerThread {
    std::uint64_t request = 0;
    DocIndex doc;
    CommentId thread;
    CommentWords words;
};
/// Only messages of one's own can be edited or deleted. A thread without messages is gone.
struct EditComment {
    std::uint64_t request = 0;
    DocIndex doc;
    CommentId thread;
    CommentId message;
    CommentWords words;
};
struct DeleteComment {
    std::uint64_t request = 0;
    DocIndex doc;
    CommentId thread;
    CommentId message;
};
/// By anybody; of several the last holds.
struct ResolveThread {
    std::uint64_t request = 0;
    DocIndex doc;
    CommentId thread;
    bool isResolved = true; ///< false opens it again
};

struct CommentWritten {
    std::uint64_t request = 0;
    enum class Result : std::uint8_t {
        Done,
        MayNotWrite, ///< nothing may be signed here, or not now
        NoWords,     ///< there is nothing at that place to speak about
        Lost,        ///< view and engine had lost each other: ask again
        NotValid,    ///< what was to be said is empty, too long or no text
        TooMany,     ///< the thread or the document holds no more of them
        Unknown,     ///< no such thread or message is here
        NotMine
    } result = Result::Done;
    CommentId thread{};
    CommentId message{};
};

// ---- What there is to show ----------------------------------------------------------------------

/// A message. Who wrote it and when is what its signed change says, not its text.
struct Comment {
    CommentId id;
    DeviceIndex device;
    CommentWords words;
    WallTime when; ///< never ahead of this clock, like the next
    std::optional<WallTime> edited{};
    Agreement state = Agreement::Pencil;
    std::uint16_t signedBy = 0; ///< seats that had signed for it as it is when it was told
    friend bool operator==(const Comment &, const Comment &) = default;
};

struct CommentThread {
    CommentId id;
    std::string quote;             ///< the words as they were when it began; its beginning, if long
    std::vector<Comment> messages; ///< causes before effects, else in an order that is the same
                                   ///< everywhere; at least one
    bool isResolved = false;
    std::optional<MemberIndex> resolvedBy{}; ///< or opened again; nothing: nobody has yet
    std::optional<WallTime> resolvedAt{};
    friend bool operator==(const CommentThread &, const CommentThread &) = default;
    static constexpr std::size_t kQuoteScalarsMax = 120;
    static constexpr std::size_t kMessagesMax = 200; ///< more are not told, the same everywhere
};

/// Where a thread hangs. The words are gone if from == to.
struct PlacedThread {
    TextOffset from = 0;
    TextOffset to = 0;
    std::shared_ptr<const CommentThread> thread; ///< the same object as long as nothing differs
};

/// All threads of a document, as its page has them, in the text after `patch` and `includesSerial`.
/// Sent after DocumentOpened if there are some, and whenever what they say differs. Places move
/// with the text: the view carries them over what it shows.
struct CommentsChanged {
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t patch = 0;
    std::uint64_t includesSerial = 0;
    std::vector<PlacedThread> threads;
    std::uint16_t seats = 0;
    bool isCut = false; ///< there are more than are told
    static constexpr std::size_t kThreadsMax = 500;
    static constexpr std::size_t kTextBytesMax = 4 * 1024 * 1024; ///< of all messages
};

/// A message of another member that names this computer's person.
struct MentionInfo {
    DocIndex doc;
    CommentId thread;
    CommentId message;
    WallTime when;
    friend bool operator==(const MentionInfo &, const MentionInfo &) = default;
};
/// All in open threads of all documents, the newest first. Sent on subscribe if there are some, and
/// whenever it differs.
struct MentionsChanged {
    std::vector<MentionInfo> mentions;
    static constexpr std::size_t kMentionsMax = 200;
};

} // namespace nlbd::api
