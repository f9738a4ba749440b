#pragma once

#include "core/crdt/op.h"

#include <utility>

namespace nlbd::crdt {

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

/// Numbers the ops of a change that are told one after the other.
class OpCounter {
public:
    explicit OpCounter(std::uint32_t next = 0) noexcept
        : m_next(next)
    {
    }
    /// The first number of the next op, which is this one.
    [[nodiscard]] std::uint32_t take(const Op &op) noexcept
    {
        return isFormat(op) ? takeFormat() : take(idsTakenBy(op));
    }
    [[nodiscard]] std::uint32_t take(std::uint32_t count) noexcept
    {
        return std::exchange(m_next, m_next + count);
    }
    [[nodiscard]] std::uint32_t takeFormat() noexcept { return kFirstFormat + m_formats++; }
    /// That of the next op that is no format.
    [[nodiscard]] std::uint32_t next() const noexcept { return m_next; }

private:
    std::uint32_t m_next = 0;
    std::uint32_t m_formats = 0;
};

/// A change that is being written: its handle and the ops so far. An op that continues the last one
/// that is no format becomes part of it: a typed word is one insertion, a held backspace one
/// deletion, which takes one number.
struct Draft {
    ChangeHandle change;
    Ops ops;
    std::uint32_t next = 0;     ///< first number of the op to come, if that is no format
    std::uint32_t formats = 0;  ///< among the ops
    std::size_t behindLast = 0; ///< all ops from there on are formats

    /// Begins with another change; what was allocated is kept.
    void restart(ChangeHandle handle)
    {
        change = handle;
        ops.clear();
        next = 0;
        formats = 0;
        behindLast = 0;
    }
    /// The last op that is no format, if it is of one kind; else null.
    template <typename Kind>
    [[nodiscard]] Kind *last() noexcept
    {
        return behindLast == 0 ? nullptr : std::get_if<Kind>(&ops[behindLast - 1]);
    }
    void append(Op op);
    // Those that are many, without a detour.
    void append(InsertText op);
    void append(const DeleteText &op)
    {
        auto *before = last<DeleteText>();
        if (before != nullptr && joinDeletion(*before, op))
            return;
        ops.emplace_back(op);
        behindLast = ops.size();
        ++next;
    }
    /// The id of the format to come.
    [[nodiscard]] OpId nextFormat() const noexcept { return {change, kFirstFormat + formats}; }
    /// A format to be filled where it stands: to move one costs as much as to make it.
    template <typename Kind>
    [[nodiscard]] Kind &addFormat()
    {
        ++formats;
        return std::get<Kind>(ops.emplace_back(std::in_place_type<Kind>));
    }
};

} // namespace nlbd::crdt
