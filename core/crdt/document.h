#pragma once

#include "core/base/text_patch.h"
#include "core/crdt/draft.h"
#include "core/crdt/reversal.h"
#include "core/crdt/rich.h"

#include <expected>
#include <functional>
#include <map>
#include <memory>

namespace nlbd::crdt {

/// One document: a text in Fugue order and a map of fields.
///
/// Any order in which changes are applied that respects causality gives the same document, and
/// applying a change twice is the caller's error, not a state (history delivers each once).
/// A local edit takes effect before its change is signed. That is safe because a local op never
/// ties with anything at the moment it is made (Fugue gives it a place without siblings), and the
/// engine signs the open change before it applies a remote one.
class Document {
public:
    explicit Document(const ChangeOrder &order);
    ~Document();
    Document(Document &&) noexcept;
    Document &operator=(Document &&) noexcept;

    // ---- Local edits ---------------------------------------------------------------------------

    /// Inserts valid UTF-8 at `at` <= length() and adds the op that says so to others to a change
    /// that is being written. The next letter of a word becomes part of the op before it, in
    /// constant time and as a rule without allocation.
    void insert(TextOffset at, std::string_view utf8, Draft &draft);

    /// The same right before a character that was once inserted here, deleted or not: where undo
    /// puts back what was deleted.
    void insertBefore(OpId next, std::string_view utf8, Draft &draft);

    /// Removes `count` visible scalars from `at` on; one op per run of consecutive ids, of which
    /// the first may go on with the op before it.
    void erase(TextOffset at, TextOffset count, Draft &draft);

    // ---- Rich text, for a change that is being written -----------------------------------------

    /// Formats [from, to) anew: a value sets, nothing takes away. Nothing is done if from == to.
    void mark(TextOffset from, TextOffset to, std::string_view key,
              const std::optional<std::string> &value, Draft &draft);

    /// Sets or clears an attribute of the letter at `at`; at length() of the last block.
    void setAttribute(TextOffset at, std::string_view key, const std::optional<std::string> &value,
                      Draft &draft);

    /// Does what a delta says, which fits (rich.h). Inserted text has the marks
    /// that the delta says and no others.
    void edit(const Delta &delta, Draft &draft);

    // ---- Maps, lists and counters inside the document's map ------------------------------------

    /// Sets a field of a map or, with an empty key, what an item holds. Returns the id of the op,
    /// which is that of a new object. A key has at most kFieldKeyBytesMax bytes, a text at most
    /// kFieldValueBytesMax, both valid UTF-8; at most kObjectDepthMax are in each other.
    OpId set(OpId object, std::string_view key, Value value, Draft &draft);
    OpId insertItem(OpId list, std::size_t at, Value value, Draft &draft);
    void eraseItem(OpId list, std::size_t at, Draft &draft);
    void increment(OpId counter, std::int64_t by, Draft &draft);

    // ---- Taking back (reversal.h), for a change that is being written ---------------------------

    /// Takes back what numbers of a change did, as far as it still shows: what it inserted goes;
    /// what it alone deleted comes back as something new at its old place; where a format, an
    /// attribute or a field of it still wins, what would win without it is set. Others' later work
    /// stays. Taking that back does it again.
    void revert(ChangeHandle change, std::uint32_t first, std::uint32_t count, Draft &draft);

    /// A step of that, a few ops; false if nothing is left to do. `patches` get what it did.
    bool revertStep(Reversal &reversal, Draft &draft, TextPatches &patches);

    /// What a change that takes something back brought back.
    void findCopies(ChangeHandle change, Copies &copies) const;

    /// What was inserted and deleted by numbers of a change, up to so many bytes of text.
    [[nodiscard]] std::vector<Deed> deedsOf(const IdRange &range, std::size_t bytesMax) const;

    // ---- Changes from anywhere -----------------------------------------------------------------

    /// Checks ops of one change before anything is applied: every target exists, is of the right
    /// kind and in the change's causal past (or earlier in the change itself), sizes are within the
    /// limits, and no character is deleted twice by the one change. `isInPast` answers for the
    /// change under test. `change` only tells own references from others: it may be any handle that
    /// no other change has. Errors: E_OP_TARGET, E_BOUNDS (also for empty or malformed text, which
    /// no decoder lets pass).
    /// @complexity O(k log n + spans deleted) for k ops.
    [[nodiscard]] std::expected<void, Code>
    check(ChangeHandle change, const Ops &ops,
          const std::function<bool(ChangeHandle)> &isInPast) const;

    /// Applies all ops of a change, checked; says what it did to the visible text, patch after
    /// patch. A change that is void already (setVoid) comes as a ghost: to be named, not to be
    /// seen.
    TextPatches apply(ChangeHandle change, const Ops &ops);

    /// The same when nobody looks: a history is read faster without saying what it did. A document
    /// that is new only writes down what comes; who then reads or edits it for the first time
    /// waits until all of it is laid out, @complexity linear.
    void integrate(ChangeHandle change, const Ops &ops);

    /// Where the last apply or setVoid changed formats or attributes, in offsets after it; text
    /// that was inserted is not named. Empties the list.
    [[nodiscard]] std::vector<Stretch> takeRestyled();

    // ---- Reading -------------------------------------------------------------------------------

    [[nodiscard]] TextOffset length() const noexcept;
    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::string text(TextOffset from, TextOffset count) const;

    /// The winning value of a field, or empty.
    [[nodiscard]] std::string_view field(std::string_view key) const;

    /// All concurrent values of a field, the winner first.
    [[nodiscard]] std::vector<std::string> fieldValues(std::string_view key) const;

    /// The fields that are set, in byte order.
    [[nodiscard]] std::vector<std::string> fieldKeys() const;

    /// [from, to) as runs that look the same. @complexity O(log n + marks that cover a part of it).
    [[nodiscard]] std::vector<StyledRun> styledRuns(TextOffset from, TextOffset to) const;

    /// The letters in [from, to) that have a format, with those who gave it to them, a run for each
    /// change. @complexity as styledRuns.
    [[nodiscard]] std::vector<MarkedRun> markedRuns(TextOffset from, TextOffset to,
                                                    std::string_view key) const;

    /// The marks that a letter typed at `at` would have.
    [[nodiscard]] Attributes marksForTyping(TextOffset at) const;

    /// The blocks that [from, to] touches, whole. @complexity O(log n + letters in them).
    [[nodiscard]] std::vector<Block> blocks(TextOffset from, TextOffset to) const;

    /// The attributes of the letter at `at`, of the last block at length().
    [[nodiscard]] Attributes attributes(TextOffset at) const;

    /// [from, to) as insertions; with the end, a retention says what is set of the last block.
    [[nodiscard]] Delta content(TextOffset from, TextOffset to) const;

    /// What the last apply or setVoid did, with what it and takeRestyled said of it, as one delta
    /// for those who show the text. @complexity linear in what changed, times patches.
    [[nodiscard]] Delta deltaOf(const TextPatches &patches,
                                const std::vector<Stretch> &restyled) const;

    struct Entry {
        Value value;
        OpId id; ///< of the op that set it: of the object, if it is one
        friend bool operator==(const Entry &, const Entry &) = default;
    };
    /// All concurrent values of a field of a map, or with an empty key of an item, the winner
    /// first. Empty if it is not set or the object is unknown or void.
    [[nodiscard]] std::vector<Entry> entries(OpId object, std::string_view key) const;
    [[nodiscard]] std::vector<std::string> keys(OpId object) const;

    /// The items of a list in order: the id of the item and what it holds.
    struct Item {
        OpId id;
        Entry entry;
        friend bool operator==(const Item &, const Item &) = default;
    };
    [[nodiscard]] std::vector<Item> items(OpId list) const;
    [[nodiscard]] std::int64_t counter(OpId counter) const;

    // ---- Who wrote what ------------------------------------------------------------------------

    struct Run {
        TextOffset from = 0;
        TextOffset length = 0;
        OpId first;
        friend bool operator==(const Run &, const Run &) = default;
    };
    /// The visible text in [from, to) as runs of consecutive ids. @complexity O(log n + runs).
    [[nodiscard]] std::vector<Run> runs(TextOffset from, TextOffset to) const;

    /// Where the still visible characters inserted by a change stand, in text order.
    [[nodiscard]] std::vector<Run> visibleRunsOf(ChangeHandle change) const;

    // ---- Time travel: no change may be open ----------------------------------------------------

    /// The text as it was at a frontier. @complexity linear in letters and ops, as all here.
    [[nodiscard]] std::string textAt(const InPast &isThen) const;

    /// The same with its formats, as insertions.
    [[nodiscard]] Delta contentAt(const InPast &isThen) const;

    /// What showed of a field.
    [[nodiscard]] std::string fieldAt(std::string_view key, const InPast &isThen) const;

    /// What leads from one frontier to another, forwards or back: contentAt(after) is it applied to
    /// contentAt(before). Of several who deleted a letter the first in the tie order is named.
    [[nodiscard]] std::vector<AuthoredStep> difference(const InPast &before,
                                                       const InPast &after) const;

    // ---- Anchors -------------------------------------------------------------------------------

    using Anchor = crdt::Anchor;

    /// The anchor of the gap at `at`: right of the character before it (the root at the start).
    [[nodiscard]] Anchor anchorAt(TextOffset at) const;

    /// Where the anchor is now; nothing if its id was never inserted here.
    [[nodiscard]] std::optional<TextOffset> resolve(const Anchor &anchor) const;

    // ---- Void changes (PROTOCOL C15) -----------------------------------------------------------

    /// Takes the effect of a change away or gives it back: its insertions are as if deleted, its
    /// deletions and field settings as if not made. Also before the change is applied, for a change
    /// that is void when it comes. Not for the open change, and not while one is open: fields then
    /// need its order. @complexity O(ops of the change).
    TextPatches setVoid(ChangeHandle change, bool isVoid);

    /// Contradictions inside the structure abort. For tests: linear.
    void checkInvariants() const;

private:
    friend struct DocumentParts; ///< document_parts.h
    friend class Reverter;
    struct Impl;
    /// Leads to what a document consists of. A history that is read for the first time is only
    /// written down; who looks at it by -> or * finds it laid out.
    class Insides {
    public:
        explicit Insides(std::unique_ptr<Impl> impl) noexcept;
        Insides(Insides &&) noexcept;
        Insides &operator=(Insides &&) noexcept;
        ~Insides();
        [[nodiscard]] Impl *operator->() const;
        [[nodiscard]] Impl &operator*() const;
        /// For those who need no place of any letter.
        [[nodiscard]] Impl &asWritten() const { return *m_impl; }

    private:
        std::unique_ptr<Impl> m_impl;
    };
    Insides m_impl;
};

} // namespace nlbd::crdt
