#pragma once

#include "core/base/codes.h"
#include "core/base/ids.h"

#include <variant>

namespace nlbd::crdt {

/// An element of a document inside this process: the change that made it and its number there.
/// Each inserted scalar takes one number, every other op takes one; numbers count through the whole
/// change from 0. {ChangeHandle(0), 0} is the root that stands before every text.
struct OpId {
    ChangeHandle change;
    std::uint32_t index = 0;
    friend constexpr auto operator<=>(const OpId &, const OpId &) = default;
};
inline constexpr OpId kRoot{};

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

/// Sets a field of the document's map, its title for one. Concurrent settings: causal first, then
/// lamport, then change hash (DESIGN 3.3).
struct SetField {
    std::string key;   ///< valid UTF-8
    std::string value; ///< valid UTF-8
    friend bool operator==(const SetField &, const SetField &) = default;
};

using Op = std::variant<InsertText, DeleteText, SetField>;
using Ops = std::vector<Op>;

/// How many numbers an op takes.
[[nodiscard]] std::uint32_t idsTakenBy(const Op &op) noexcept;
[[nodiscard]] std::uint32_t idsTakenBy(const Ops &ops) noexcept;

/// Makes a deletion part of another that it touches, if it does.
[[nodiscard]] inline bool joinDeletion(DeleteText &last, const DeleteText &op) noexcept
{
    if (last.first.change != op.first.change)
        return false;
    if (op.first.index + op.length == last.first.index)
        last.first = op.first;
    else if (last.first.index + last.length != op.first.index)
        return false;
    last.length += op.length;
    return true;
}

/// Adds an op to those of an open change, as part of the last one if it continues that: a typed
/// word becomes one insertion, a held backspace one deletion. `next` is the first number of `op`;
/// returns the first number of the op to come, which must be made with it (a deletion that was
/// joined gives its own number back).
[[nodiscard]] std::uint32_t appendOp(Ops &ops, Op op, ChangeHandle change, std::uint32_t next);

/// A change that is being written: its handle and the ops so far, joined as appendOp does.
struct Draft {
    ChangeHandle change;
    Ops ops;
    std::uint32_t next = 0; ///< first number of the op to come

    /// Begins with another change; what was allocated is kept.
    void restart(ChangeHandle handle)
    {
        change = handle;
        ops.clear();
        next = 0;
    }
    void append(Op op) { next = appendOp(ops, std::move(op), change, next); }
};

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
