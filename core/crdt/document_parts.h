#pragma once

#include "core/crdt/document.h"
#include "core/crdt/text.h"

/// The insides of a document for those who write it down and build it up again (snapshot.h).
namespace nlbd::crdt {

struct TextParts {
    [[nodiscard]] static Numbers &numbers(Text &text) { return text.m_numbers; }
    [[nodiscard]] static OpLog &log(Text &text) { return text.m_log; }
    [[nodiscard]] static Children &children(Text &text) { return text.m_children; }
    [[nodiscard]] static SpanTree &tree(Text &text) { return text.m_tree; }
    [[nodiscard]] static std::unordered_set<ChangeHandle> &voids(Text &text) { return text.m_void; }
    [[nodiscard]] static bool isSiblingBefore(const Text &text, LocalId a, LocalId b)
    {
        return text.isSiblingBefore(a, b);
    }
};

struct DocumentParts {
    [[nodiscard]] static Text &text(Document &document);
    [[nodiscard]] static const Text &text(const Document &document);

    /// False while what came is only written down (Text::postpone).
    [[nodiscard]] static bool isLaidOut(const Document &document);

    /// An op that puts no letters and takes none: the log of the text does not know it.
    struct OtherOp {
        OpId id;
        Op op;
    };
    /// All of them, in an order in which they can be applied again: what sets and what lists hold,
    /// what counters got, marks, each as they came. Those that are applied in that order are told
    /// in it again.
    [[nodiscard]] static std::vector<OtherOp> otherOps(const Document &document);

    /// Applies one, checked. What is void must be known before.
    static void apply(Document &document, const OtherOp &op);

    /// A setting of a field of the document's own map, also one that others have superseded.
    struct EverSet {
        std::string_view key;
        OpId id; ///< of the op that set it
        Value::Kind kind = Value::Kind::Nothing;
        std::string_view text; ///< of a text
    };
    /// Calls visit for all that are not void, of keys that begin so: for those to whom it matters
    /// who set something. Waits for no letter's place. @complexity linear in fields and settings.
    static void forEachEverSet(const Document &document, std::string_view prefix,
                               const std::function<void(const EverSet &)> &visit);

    /// A mark that is not void and where it is, whoever formats the same letters. The value is null
    /// if it takes away; the place is empty if its letters are gone.
    struct PlacedMark {
        std::string_view key;
        OpId id;
        const std::string *value = nullptr;
        TextOffset from = 0;
        TextOffset to = 0;
    };
    /// Calls visit for those of keys that begin so, as they came. @complexity linear in all marks.
    static void forEachMark(const Document &document, std::string_view prefix,
                            const std::function<void(const PlacedMark &)> &visit);
};

} // namespace nlbd::crdt
