#pragma once

#include "core/engine/engine_state.h"
#include "core/engine/undo_log.h"
#include "core/engine/views.h"

namespace nlbd::engine {

class PastOrder;

/// My own edits: applied at once, gathered into an open change, signed by the flush rules of
/// PROTOCOL C3, and taken back by undo.
///
/// The first key after a pause is signed at once: whoever types slowly makes one change per key
/// either way, and nobody waits for it.
class Author {
public:
    explicit Author(Engine::State &state)
        : m_state(state)
    {
    }

    /// Over letters that somebody else wrote first: the name.
    static constexpr std::string_view kQuotedMark = "quoted";
    static constexpr std::size_t kDocumentScalarsMax =
        16'000'000; ///< what a view can still lay out

    void edit(const api::EditText &command);
    void create(const api::CreateDocument &command);
    void rename(const api::RenameDocument &command);
    void undo(DocIndex doc) { takeBack(doc, UndoLog::Turn::Undo); }
    void redo(DocIndex doc) { takeBack(doc, UndoLog::Turn::Redo); }
    void takeBackOf(const api::TakeBack &command);
    void putBack(const api::PutBack &command);
    void review(const api::ReviewDevice &command) const;
    void decide(const api::DecideSuggestions &command);
    /// At the end of every step: decisions of mine that others' overruled are taken back.
    void settleContests();
    /// Precondition: nothing is open, and the order holds all.
    [[nodiscard]] api::PastRestored restore(const api::RestorePast &command,
                                            const PastOrder &order);
    void endGroup();
    /// Names a blob that is on the disk in a document. False: nothing may be written now.
    [[nodiscard]] bool attach(DocIndex doc, const blobs::BlobRef &ref);
    void detach(const api::DetachFile &command);

    /// What is said beside a text: writing(document, draft), with so many bytes, signed at once as
    /// a change of its own. It sets the field `key`. False: nothing may be written now.
    /// author_comments.cpp
    using Writing = std::function<void(crdt::Document &document, crdt::Draft &draft)>;
    [[nodiscard]] bool remark(DocIndex doc, std::string_view key, std::size_t bytes,
                              const Writing &writing, bool canBeUndone);

    /// Signs the open change, if there is one. Everything remote is taken only after it.
    void flush();
    void flushIfDue();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

    /// What letters are to look like, and which.
    using Proposed = std::vector<
        std::pair<std::pair<std::string, std::optional<std::string>>, std::vector<Stretch>>>;

    /// A draft, signed now. `with`: rows that are stored together with its change.
    void apply(DocIndex doc, const TextPatches &patches, api::EditText::Mode mode,
               store::Rows with);
    /// What is open must not be signed any more: it becomes a draft.
    void abandon();

    /// Signs, journals, stores and sends a change of mine.
    void commit(const history::Change &change, bool isApplied);

    [[nodiscard]] ChangeHandle lastOwn() const;

    /// The journal holds a later change of mine than the graph: what it stands on is missing. A
    /// second record would come to its place, so nothing is signed until it is back.
    [[nodiscard]] bool isBehindJournal() const;
    [[nodiscard]] bool isOpen() const noexcept { return m_open.has_value(); }
    [[nodiscard]] bool hasOpen(DocIndex doc) const { return m_open && m_open->doc == doc; }
    void sendUndoState(DocIndex doc);

    /// isBehindJournal(), and the person is told so.
    [[nodiscard]] bool mustWait() const;

    /// Handles of changes mean others than before. Precondition: nothing is open.
    void handlesChanged()
    {
        m_undo.clear();
        m_sitting.reset();
    }

private:
    /// Parents that an op may add to the heads seen anyway.
    static constexpr std::size_t kDisputedTargetsMax = 4;
    struct OpenChange {
        DocIndex doc;
        history::ChangeKind kind = history::ChangeKind::Edit;
        crdt::Draft draft;
        std::size_t bytes = 0; ///< about what the ops take
        MonoTime firstAt{};
        MonoTime lastAt{};
        std::set<ChangeHandle> targets; ///< changes that the ops name
    };

    OpenChange &open(DocIndex doc, history::ChangeKind kind);
    /// An edit of a document for the open change: edit(document, draft), with so many bytes of
    /// text. Returns the first id that was to be had. Ops that grew name nothing new.
    template <typename Edit>
    crdt::OpId write(DocIndex doc, history::ChangeKind kind, std::size_t bytes, Edit edit)
    {
        OpenChange &change = open(doc, kind);
        const crdt::OpId first{change.draft.change, change.draft.next};
        const std::size_t before = change.draft.ops.size();
        edit(m_state.document(doc).document, change.draft);
        account(before, bytes);
        return first;
    }
    void account(std::size_t firstOp, std::size_t bytes);
    void mergeHeads(DocIndex doc);
    [[nodiscard]] bool isFull() const;
    void flushIfFull();
    [[nodiscard]] std::size_t disputedTargets() const;
    [[nodiscard]] std::size_t
    runsWithFewDisputed(const std::vector<crdt::Document::Run> &runs) const;
    void insert(DocIndex doc, history::ChangeKind kind, TextOffset at, std::string_view text,
                UndoLog *log);
    void erase(DocIndex doc, history::ChangeKind kind, TextOffset at, TextOffset count,
               UndoLog *log);
    void setTitle(DocIndex doc, std::string_view title) { setField(doc, "title", title); }
    void setField(DocIndex doc, std::string_view key, std::string_view value);
    void setValue(DocIndex doc, std::string_view key, const crdt::Value &value);
    void quote(DocIndex doc, const api::Quote &quote);

    void write(const api::EditText &command, const Views::Incoming &edit, UndoLog &log);
    [[nodiscard]] bool isGood(const Views::Incoming &edit, TextOffset length) const;

    // author_styling.cpp
    void style(DocIndex doc, const api::Styling &styling, UndoLog &log, crdt::Ops *made = nullptr);
    void ownWhatIsTyped(DocIndex doc, const TextPatches &patches, UndoLog &log);
    void tellOfEdit(const api::EditText &command, const Views::Incoming &edit);

    // author_rewrite.cpp
    void rewrite(DocIndex doc, const std::vector<crdt::AuthoredStep> &steps);
    void lookAs(DocIndex doc, const Stretch &where, const crdt::AuthoredStep &step, UndoLog &log);

    /// What taking back did.
    struct Done {
        TextPatches patches;
        crdt::Ops formats;
    };

    void writePatches(DocIndex doc, const TextPatches &patches, UndoLog &log);

    // author_suggesting.cpp
    [[nodiscard]] std::string groupAt(DocIndex doc, TextOffset at);
    struct Suggested {
        TextPatches done;            ///< what the text became
        TextPatches back;            ///< what of it the text of the edit's view lacks
        std::vector<Stretch> looked; ///< of which it may know another look
    };
    using AttributeChange = AttributeChanges::value_type;
    /// What breaks that are typed make of the blocks that they part: drafts do not say.
    enum class Breaks : std::uint8_t { AsAsked, GoOn };
    Suggested suggest(DocIndex doc, Views::Incoming edit, UndoLog &log,
                      Breaks breaks = Breaks::AsAsked);
    void tellSuggested(const api::EditText &command, Suggested suggested);
    void suggestedDraft(DocIndex doc);
    [[nodiscard]] bool isMarked(DocIndex doc, TextOffset from, TextOffset to, std::string_view key,
                                std::string_view value) const;
    void markAs(DocIndex doc, TextOffset from, TextOffset to, const std::string &key,
                const std::optional<std::string> &value, UndoLog &log);
    [[nodiscard]] TextPatches strike(DocIndex doc, TextOffset from, TextOffset to,
                                     const std::string &group, UndoLog &log, crdt::Ops &formats);
    void markTyped(DocIndex doc, const Stretch &typed, const std::string &group, UndoLog &log);
    [[nodiscard]] bool isMine(DocIndex doc, TextOffset from, TextOffset to) const;
    void suggestStyling(DocIndex doc, const api::Styling &styling,
                        const std::vector<Stretch> &typed, UndoLog &log, Proposed &proposed);
    void suggestBlock(DocIndex doc, TextOffset letter, const AttributeChange &change, bool isTyped,
                      UndoLog &log, Proposed &proposed);
    void suggestMark(DocIndex doc, TextOffset from, TextOffset to, const AttributeChange &change,
                     UndoLog &log, Proposed &proposed);
    void withdraw(DocIndex doc, TextOffset from, TextOffset to, std::string_view attribute,
                  UndoLog &log);
    void propose(DocIndex doc, Proposed proposed, std::string &group, UndoLog &log);

    // author_deciding.cpp
    [[nodiscard]] std::optional<Attributes> blockLeftOf(DocIndex doc, TextOffset from,
                                                        TextOffset to) const;
    void becomeBlock(DocIndex doc, TextOffset at, const Attributes &attributes, UndoLog &log,
                     crdt::Ops &formats);
    TextOffset giveFormat(DocIndex doc, const api::Suggestion::Part &part,
                          const AttributeChange &change, UndoLog &log, crdt::Ops &formats);
    void decideFormats(DocIndex doc, const api::Suggestion &suggestion, bool isAccepted,
                       UndoLog &log, Done &done);
    void decideOne(DocIndex doc, const api::Suggestion &suggestion, api::Verdict verdict,
                   UndoLog &log, Done &done);
    void giveWay(DocIndex doc, const std::string &field, ChangeHandle mine,
                 const std::string &stands);

    // author_undo.cpp
    [[nodiscard]] api::UndoChanged::What markedBy(ChangeHandle change) const;
    void tell(DocIndex doc, const Done &done, api::PatchCause cause);
    void takeBack(DocIndex doc, UndoLog::Turn turn);
    [[nodiscard]] UndoLog &logOf(DocIndex doc);
    void replay(ChangeHandle change, UndoLog &log);
    std::size_t takeBackIn(DocIndex doc, const std::set<ChangeHandle> &changes);
    [[nodiscard]] std::vector<ChangeHandle> carryOut(DocIndex doc, crdt::Reversal reversal,
                                                     const crdt::Copies &copies,
                                                     std::optional<UndoLog::Turn> turn, Done &done);
    struct Quotation {
        Stretch where;
        std::optional<std::string> from; ///< nothing: it is none
    };
    [[nodiscard]] std::vector<Quotation> quotesOf(DocIndex doc, const Stretch &back,
                                                  const crdt::Copies &copies) const;
    [[nodiscard]] std::optional<std::string> firstWriter(DocIndex doc, crdt::OpId letter) const;
    [[nodiscard]] std::optional<std::string> otherBehind(ChangeHandle change) const;
    [[nodiscard]] std::vector<ChangeHandle> revert(DocIndex doc, UndoLog::Group group,
                                                   UndoLog::Turn turn, Done &done);

    [[nodiscard]] std::vector<ChangeHandle> seen(const std::set<ChangeHandle> &targets) const;
    [[nodiscard]] ChangeHandle holderOf(ChangeHandle ghost) const;
    void flushAfterKey();

    Engine::State &m_state;
    std::optional<OpenChange> m_open;
    struct Undoing {
        UndoLog log;
        std::uint32_t scanned = 0; ///< handles of the graph that the log knows of
    };
    std::map<DocIndex, Undoing> m_undo;
    /// What I suggest just now.
    struct Sitting {
        DocIndex doc;
        std::string group;
        MonoTime last{};
        crdt::Anchor place;
    };
    std::optional<Sitting> m_sitting;
    /// A field, and its value, that every change sets which is opened meanwhile.
    std::optional<std::pair<std::string, std::string>> m_decision;
    std::optional<MonoTime> m_lastKey;
    store::Rows m_with; ///< go with the next change
};

} // namespace nlbd::engine
