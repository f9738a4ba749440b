#pragma once

#include "core/crdt/differ.h"
#include "core/crdt/marks.h"
#include "core/crdt/objects.h"
#include "core/crdt/op_check.h"

namespace nlbd::crdt {

/// What a document consists of. Only document*.cpp includes this.
struct Document::Impl {
    explicit Impl(const ChangeOrder &theOrder)
        : order(theOrder)
        , text(order)
        , objects(order, text)
        , marks(order, text)
    {
    }

    /// Nobody looks if there is no log, and nothing is laid out that was not.
    void apply(ChangeHandle change, const Ops &ops, PatchLog *log);

    /// True if a change did something that has, or waits for, a place in the text.
    [[nodiscard]] bool isInText(ChangeHandle change) const;

    // Apart from the way of the common key, which keeps its registers so.
    [[gnu::noinline]] void insert(TextOffset at, std::string_view utf8, Draft &draft);
    [[gnu::noinline]] void erase(TextOffset at, TextOffset count, Draft &draft);

    // ---- Objects and letters: document_objects.cpp ---------------------------------------------

    /// All but text and marks.
    void applyToObjects(const Op &op, OpId id, bool isWatched);
    [[nodiscard]] OpId letterAt(TextOffset at) const
    {
        return at == text.length() ? kRoot : text.characterBefore(at + 1);
    }
    [[nodiscard]] TextOffset blockStart(TextOffset at) const;
    [[nodiscard]] TextOffset blockEnd(TextOffset at) const;
    /// Where letters are whose attributes changed, with the blocks that they end.
    void appendRestyledLetters(std::vector<Stretch> &stretches);

    // ---- Deltas: document_delta.cpp ------------------------------------------------------------

    static void restyle(Document &document, const Stretch &where,
                        const AttributeChanges &attributes, Draft &draft);
    static void setLetterKeys(Document &document, const Stretch &where,
                              const AttributeChanges &attributes, Draft &draft);
    static void styleInserted(Document &document, const Stretch &where,
                              const AttributeChanges &attributes, Draft &draft);

    /// What was then: document_time.cpp.
    [[nodiscard]] Past pastOf(const InPast &isThen) const;

    const ChangeOrder &order;
    Text text;
    Objects objects;
    Marks marks;
    std::vector<OpId> restyledLetters;               ///< since the last apply or setVoid began
    std::set<std::string, std::less<>> restyledKeys; ///< of what was taken as restyled
    OpCheck::Scratch scratch;                        ///< of check, which changes nothing else
};

inline Document::Impl &Document::Insides::operator*() const
{
    if (m_impl->text.isPostponed()) [[unlikely]]
        m_impl->text.layOut();
    return *m_impl;
}

inline Document::Impl *Document::Insides::operator->() const
{
    return &**this;
}

} // namespace nlbd::crdt
