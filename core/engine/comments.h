#pragma once

#include "core/engine/comment_record.h"
#include "core/engine/views.h"

namespace nlbd::engine {

/// What people say beside the texts (core/api/comments.h): written as fields and marks
/// (comment_record.h), and read from them again when they changed. Whatever a change says of a
/// thread or message counts by who signed it: an owner's settings make a message, the mark that its
/// owner set places a thread; what others set under these names is passed over, everywhere alike.
///
/// Nothing is reckoned while somebody types. A document that no view shows is read only for who is
/// mentioned in it.
class Comments {
public:
    explicit Comments(Engine::State &state)
        : m_state(state)
    {
    }

    void start(const api::StartThread &command);
    void answer(const api::AnswerThread &command);
    void edit(const api::EditComment &command);
    void remove(const api::DeleteComment &command);
    void resolve(const api::ResolveThread &command);

    /// It came, or turned void. @complexity O(ops).
    void changeTaken(DocIndex doc, ChangeHandle change, const crdt::Ops &ops);
    void viewOpened(DocIndex doc, std::uint64_t view) { m_untold.insert({doc, view}); }
    /// More or fewer seats have signed.
    void standingsChanged() { m_areStandingsDirty = true; }
    /// Nothing that was read counts any more.
    void historyChanged();

    void sendAll(); ///< to a listener that knows nothing
    void sendIfDue();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

private:
    using Result = api::CommentWritten::Result;
    using Threads = std::map<api::CommentId, std::shared_ptr<const api::CommentThread>>;

    /// What one document says.
    struct Page {
        Threads threads;
        std::vector<api::PlacedThread> placed; ///< in offsets of the document, as its page has them
        bool isCut = false;
        bool isSettled = false;    ///< all that is said is agreed
        std::size_t textBytes = 0; ///< of messages
        std::size_t settings = 0;  ///< that were looked at
    };
    /// A message, or whether a thread is resolved: the settings of it that count.
    struct Field {
        crdt::OpId first; ///< the earliest in the tie order
        crdt::OpId last;
        crdt::Value::Kind kind = crdt::Value::Kind::Nothing;
        std::string_view text;
    };
    struct Gathered {
        std::map<api::CommentId, Field> messages;
        std::optional<Field> resolved;
        std::optional<crdt::OpId> begun; ///< the first mark of its owner
        std::string_view quote;
        std::optional<Stretch> place;       ///< where marks of its owner are
        std::optional<Stretch> broughtBack; ///< where the last mark of another is
        crdt::OpId broughtBackBy;
        TextOffset remains = 0; ///< where the words were that are gone
    };
    using Gathering = std::map<api::CommentId, Gathered>;

    void answerWith(std::uint64_t request, Result result, api::CommentId thread,
                    api::CommentId message = {});
    [[nodiscard]] std::optional<MemberIndex> me() const;
    [[nodiscard]] std::optional<MemberIndex> memberOf(ChangeHandle change) const;
    [[nodiscard]] bool isBefore(crdt::OpId a, crdt::OpId b) const;
    [[nodiscard]] api::CommentId freshId();
    [[nodiscard]] WallTime timeOf(ChangeHandle change) const;

    /// Why nothing can be written to a thread now; Done if it can.
    [[nodiscard]] Result mayWrite(DocIndex doc, api::CommentId thread);
    [[nodiscard]] Result mayChange(DocIndex doc, api::CommentId thread, api::CommentId message);
    [[nodiscard]] Result put(DocIndex doc, const CommentKey &key, const crdt::Value &value);
    /// Read again if it changed. Precondition: the document is here.
    [[nodiscard]] const Page &pageOf(DocIndex doc);
    void touch(DocIndex doc);

    [[nodiscard]] std::size_t gatherFields(const crdt::Document &document, Gathering &all) const;
    void gatherMarks(const crdt::Document &document, Gathering &all) const;
    [[nodiscard]] std::shared_ptr<const api::CommentThread>
    threadOf(api::CommentId id, const Gathered &gathered, Page &page) const;
    [[nodiscard]] api::Comment commentOf(api::CommentId id, const Field &field,
                                         api::CommentWords words) const;
    [[nodiscard]] Page read(const crdt::Document &document, const Threads &known) const;
    void readMentions(DocIndex doc);
    [[nodiscard]] bool mentionsMe(const crdt::Document &document) const;
    void tell(DocIndex doc, const Views::Basis &basis, const Page &page);
    [[nodiscard]] std::size_t sendPages();
    void sendMentions();

    Engine::State &m_state;
    std::map<DocIndex, Page> m_pages;                      ///< of documents with views, as read
    std::set<DocIndex> m_stale;                            ///< to be read again
    std::set<DocIndex> m_news;                             ///< to be told
    std::set<DocIndex> m_dirtyMentions;                    ///< the same, for who is mentioned
    std::set<std::pair<DocIndex, std::uint64_t>> m_untold; ///< views
    std::set<DocIndex> m_told;                             ///< that there are some
    std::map<DocIndex, std::vector<api::MentionInfo>> m_mentions;
    bool m_areMentionsTold = false;
    bool m_areStandingsDirty = false;
    MonoTime m_next{};
};

} // namespace nlbd::engine
