#include "core/crdt/op_check.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"

namespace nlbd::crdt {

std::expected<void, Code> OpCheck::run(const Ops &ops)
{
    if (ops.size() > limits::kOpsMax)
        return std::unexpected(Code::E_BOUNDS);
    for (const Op &op : ops) {
        const Verdict verdict = std::visit([this](const auto &it) { return check(it); }, op);
        if (!verdict)
            return verdict;
    }
    std::ranges::sort(m_goneItems);
    if (std::ranges::adjacent_find(m_goneItems) != m_goneItems.end())
        return std::unexpected(Code::E_OP_TARGET);
    return {};
}

OpCheck::Verdict OpCheck::check(const InsertText &op)
{
    m_bytes += op.text.size();
    if (op.text.empty() || m_bytes > limits::kDecodedBytesMax || !utf8::isValid(op.text))
        return std::unexpected(Code::E_BOUNDS);
    const bool isAtRoot = op.parent == kRoot && op.side == Side::Right;
    if (!isAtRoot && !areSeenCharacters(op.parent, 1))
        return std::unexpected(Code::E_OP_TARGET);
    const std::uint32_t end = m_next + utf8::length(op.text);
    if (!m_own.empty() && m_own.back().end == m_next)
        m_own.back().end = end;
    else
        m_own.push_back({m_next, end});
    m_next = end;
    return {};
}

OpCheck::Verdict OpCheck::check(const DeleteText &op)
{
    if (op.length == 0 || op.length > UINT32_MAX - op.first.index)
        return std::unexpected(Code::E_BOUNDS);
    if (!canGo(op))
        return std::unexpected(Code::E_OP_TARGET);
    ++m_next;
    return {};
}

bool OpCheck::areOwnCharacters(std::uint32_t first, std::uint32_t length) const
{
    const auto after = std::ranges::upper_bound(m_own, first, {}, &Range::first);
    if (after == m_own.begin())
        return false;
    const Range &range = *(after - 1);
    return first < range.end && length <= range.end - first;
}

bool OpCheck::isSeen(ChangeHandle change)
{
    if (change == kRoot.change)
        return false;
    ChangeHandle &known = m_seen[change.value % m_seen.size()];
    if (known != change) {
        if (!(*m_isInPast)(change))
            return false;
        known = change;
    }
    return true;
}

bool OpCheck::areSeenCharacters(OpId first, std::uint32_t length)
{
    if (first.change == m_change)
        return areOwnCharacters(first.index, length);
    return isSeen(first.change) && m_text->areCharacters(first, length);
}

/// An author who deletes a character has not got it any more. Without this rule a change of 64 KiB
/// could delete a long text thousands of times.
bool OpCheck::canGo(const DeleteText &op)
{
    if (op.first.change == m_change)
        return areOwnCharacters(op.first.index, op.length)
            && m_ownDeleted.add(op.first.index, op.length);
    bool isNew = true;
    const bool areThere = isSeen(op.first.change)
        && m_text->areCharacters(op.first, op.length, [&](LocalId first, std::uint32_t count) {
               isNew = isNew && m_deleted.add(first, count);
           });
    return areThere && isNew;
}

} // namespace nlbd::crdt
