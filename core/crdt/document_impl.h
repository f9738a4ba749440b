#pragma once

#include "core/base/utf8.h"
#include "core/crdt/differ.h"
#include "core/crdt/document.h"
#include "core/crdt/field_map.h"
#include "core/crdt/op_check.h"
#include "core/crdt/text.h"

namespace nlbd::crdt {

/// What a document consists of. Only document*.cpp includes this.
struct Document::Impl {
    explicit Impl(const ChangeOrder &theOrder)
        : order(theOrder)
        , text(theOrder)
        , fields(theOrder)
    {
    }

    void apply(ChangeHandle change, const Ops &ops, PatchLog *log)
    {
        CHECK(change != kRoot.change);
        std::uint32_t next = 0;
        for (const Op &op : ops) {
            if (const auto *insertion = std::get_if<InsertText>(&op)) {
                next += text.insert(*insertion, {change, next}, log);
                continue;
            }
            if (const auto *deletion = std::get_if<DeleteText>(&op))
                text.erase(*deletion, {change, next}, log);
            else
                fields.set(std::get<SetField>(op), change, text.isVoid(change));
            ++next;
        }
    }

    // Apart from the way of the common key, which keeps its registers so.
    [[gnu::noinline]] void insert(TextOffset at, std::string_view utf8, Draft &draft)
    {
        CHECK(draft.change != kRoot.change);
        const Text::Placed placed = text.insertLocally(at, utf8, {draft.change, draft.next});
        auto *last = draft.ops.empty() ? nullptr : std::get_if<InsertText>(&draft.ops.back());
        if (!placed.continues || last == nullptr) {
            draft.append(InsertText{placed.parent, placed.side, std::string(utf8)});
            return;
        }
        last->text += utf8;
        draft.next += utf8::length(utf8);
    }

    [[gnu::noinline]] void erase(TextOffset at, TextOffset count, Draft &draft)
    {
        CHECK(draft.change != kRoot.change);
        text.eraseLocally(at, count, {draft.change, draft.next}, [&](const DeleteText &op) {
            draft.append(op);
            return draft.next;
        });
    }

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
    FieldMap fields;
    std::set<std::string, std::less<>> touchedKeys; ///< by the last apply or setVoid
    OpCheck::Scratch scratch;                       ///< of check, which changes nothing else
};

} // namespace nlbd::crdt
