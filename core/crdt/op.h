#pragma once

#include "core/base/codes.h"
#include "core/base/ids.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nlbd::crdt {

/// An element of a document inside this process: the change that made it and its number there.
/// Each inserted scalar takes one number, every other op takes one; numbers count through the whole
/// change from 0. Only ops that format count by themselves, from kFirstFormat on: who makes a word
/// bold and types on writes one run. {ChangeHandle(0), 0} is the root that stands before every
/// text.
struct OpId {
    ChangeHandle change;
    std::uint32_t index = 0;
    friend constexpr auto operator<=>(const OpId &, const OpId &) = default;
};
inline constexpr OpId kRoot{};
inline constexpr std::uint32_t kFirstFormat = 1U << 31U;

/// On which side of its parent a character hangs (Weidner and Kleppmann, "The Art of the Fugue",
/// 2023, section 4): left children stand before their parent, right children after it.
enum class Side : std::uint8_t { Left = 0, Right = 1 };

/// A run of characters: the first hangs at `parent`, each further one is the right child of the one
/// before it.
struct InsertText {
    OpId parent;
    Side side = Side::Right;
    std::string text; ///< valid UTF-8, not empty
    friend bool operator==(const InsertText &, const InsertText &) = default;
};

/// Characters `first.index` ... `first.index + length - 1` of one change go. Deleting twice is
/// deleting.
struct DeleteText {
    OpId first;
    std::uint32_t length = 1;
    friend bool operator==(const DeleteText &, const DeleteText &) = default;
};

/// A place that stays: at one side of a letter, also after the letter went. {kRoot, Right} is the
/// start of the text, {kRoot, Left} its end.
struct Anchor {
    OpId id;
    Side side = Side::Right;
    friend bool operator==(const Anchor &, const Anchor &) = default;
};

/// Formats all between two anchors, deleted letters and those that will come there too, or takes a
/// format away (Litt, Lim, Kleppmann, van Hardenberg: "Peritext", 2022, section 4). Of several
/// marks of one key over a letter the last in the tie order shows. Whether a mark grows when
/// somebody types at its end is said by the side of its anchors (mark_rules.h).
struct SetMark {
    Anchor from;
    Anchor to;
    std::string key;                  ///< valid UTF-8: "bold", "link", "comment:7"
    std::optional<std::string> value; ///< valid UTF-8; nothing takes the format away
    friend bool operator==(const SetMark &, const SetMark &) = default;
};

/// Sets or clears something about one letter: what kind of block the line break ends (of the last
/// block, which has none, about the root), or which object a U+FFFC stands for. Resolved as fields.
struct SetAttribute {
    OpId letter;
    std::string key;                  ///< valid UTF-8
    std::optional<std::string> value; ///< valid UTF-8
    friend bool operator==(const SetAttribute &, const SetAttribute &) = default;
};

/// What a field or an item of a list holds: a text, or a new empty object, whose id is that of the
/// op.
struct Value {
    enum class Kind : std::uint8_t { Nothing = 0, Text = 1, Map = 2, List = 3, Counter = 4 };

    Value() = default;
    Value(std::string utf8) // a text is a value: implicit
        : kind(Kind::Text)
        , text(std::move(utf8))
    {
    }
    Value(const char *utf8) // as above
        : Value(std::string(utf8))
    {
    }
    explicit Value(Kind empty)
        : kind(empty)
    {
    }
    [[nodiscard]] bool isObject() const noexcept { return kind >= Kind::Map; }

    Kind kind = Kind::Nothing;
    std::string text; ///< valid UTF-8; empty unless it is a text
    friend bool operator==(const Value &, const Value &) = default;
};

/// Sets a field of a map, the title of the document for one, or, with an empty key, what an item of
/// a list holds; Nothing removes what its author saw of a field, and loses to concurrent values.
/// Concurrent settings: causal first, then lamport, then change hash (DESIGN 3.3).
struct SetField {
    std::string key; ///< valid UTF-8
    Value value;
    OpId object = kRoot; ///< a map or an item; the root is the document's own map
    friend bool operator==(const SetField &, const SetField &) = default;
};

/// Puts one item into a list, in Fugue order as letters in a text. Its id is that of the op.
struct InsertItem {
    OpId list;
    OpId parent; ///< an item of that list; kRoot is its start
    Side side = Side::Right;
    Value value; ///< not Nothing
    friend bool operator==(const InsertItem &, const InsertItem &) = default;
};

struct DeleteItem {
    OpId item;
    friend bool operator==(const DeleteItem &, const DeleteItem &) = default;
};

/// Adds to a counter. Sums wrap at 64 bits.
struct Increment {
    OpId counter;
    std::int64_t by = 1;
    friend bool operator==(const Increment &, const Increment &) = default;
};

using Op = std::variant<InsertText, DeleteText, SetField, SetMark, SetAttribute, InsertItem,
                        DeleteItem, Increment>;
using Ops = std::vector<Op>;

/// True for an op that says how letters look. Nothing else is named by its number.
[[nodiscard]] constexpr bool isFormat(const Op &op) noexcept
{
    return std::holds_alternative<SetMark>(op) || std::holds_alternative<SetAttribute>(op);
}

/// How many numbers an op takes, if it is not a format.
[[nodiscard]] std::uint32_t idsTakenBy(const Op &op) noexcept;
[[nodiscard]] std::uint32_t idsTakenBy(const Ops &ops) noexcept;

/// Bytes of text, keys and values that an op carries.
[[nodiscard]] std::size_t textBytesOf(const Op &op) noexcept;

/// Calls visit(OpId) for all that an op names; the root is no op's.
template <typename Visit>
void forEachTarget(const Op &op, Visit visit)
{
    struct Visitor {
        Visit &visit;
        void operator()(const InsertText &it) { visit(it.parent); }
        void operator()(const DeleteText &it) { visit(it.first); }
        void operator()(const SetField &it) { visit(it.object); }
        void operator()(const SetMark &it)
        {
            visit(it.from.id);
            visit(it.to.id);
        }
        void operator()(const SetAttribute &it) { visit(it.letter); }
        void operator()(const InsertItem &it)
        {
            visit(it.list);
            visit(it.parent);
        }
        void operator()(const DeleteItem &it) { visit(it.item); }
        void operator()(const Increment &it) { visit(it.counter); }
    };
    std::visit(Visitor{visit}, op);
}

/// What the document must know of changes and does not hold itself: implemented by history.
class ChangeOrder {
public:
    virtual ~ChangeOrder() = default;

    /// The tie order of PROTOCOL C3: by lamport, then by change hash. Total, the same at every
    /// peer. Never asked about a change that is not yet signed: see Document.
    [[nodiscard]] virtual bool isBefore(ChangeHandle a, ChangeHandle b) const = 0;

    /// True if `past` is `change` itself or in its causal past.
    [[nodiscard]] virtual bool isInPast(ChangeHandle past, ChangeHandle change) const = 0;
};

} // namespace nlbd::crdt
