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
    if (hasOverlaps())
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
    if (!areSeenCharacters(op.first, op.length))
        return std::unexpected(Code::E_OP_TARGET);
    m_deletions.push_back(op);
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

bool OpCheck::areSeenCharacters(OpId first, std::uint32_t length)
{
    if (first.change == kRoot.change)
        return false;
    if (first.change == m_change)
        return areOwnCharacters(first.index, length);
    return isSeen(first.change) && m_text->areCharacters(first, length);
}

bool OpCheck::isSeen(ChangeHandle change)
{
    if (change != m_lastSeen && !(*m_isInPast)(change))
        return false;
    m_lastSeen = change;
    return true;
}

/// An author who deletes a character has not got it any more. Without this rule a change of 64 KiB
/// could delete a long text thousands of times.
bool OpCheck::hasOverlaps()
{
    std::ranges::sort(m_deletions, {}, &DeleteText::first);
    const auto overlap =
        std::ranges::adjacent_find(m_deletions, [](const DeleteText &a, const DeleteText &b) {
            return a.first.change == b.first.change && b.first.index - a.first.index < a.length;
        });
    return overlap != m_deletions.end();
}

} // namespace nlbd::crdt
