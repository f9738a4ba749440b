#include "core/crdt/op_check.h"

#include "core/base/limits.h"
#include "core/base/utf8.h"

namespace nlbd::crdt {

std::expected<void, Code> OpCheck::run(const Ops &ops)
{
    if (ops.size() > limits::kOpsMax)
        return std::unexpected(Code::E_BOUNDS);
    for (const Op &op : ops) {
        // The two kinds that are many, then all.
        Verdict verdict;
        if (const auto *deletion = std::get_if<DeleteText>(&op))
            verdict = check(*deletion);
        else if (const auto *insertion = std::get_if<InsertText>(&op))
            verdict = check(*insertion);
        else
            verdict = std::visit([this](const auto &it) { return check(it); }, op);
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
    TextOffset length = 0;
    if (op.text.empty() || m_bytes > limits::kDecodedBytesMax || !utf8::isValid(op.text, length))
        return std::unexpected(Code::E_BOUNDS);
    if (!canHang(op))
        return std::unexpected(Code::E_OP_TARGET);
    const std::uint32_t end = m_next + length;
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
    if (!m_own.empty() && first >= m_own.back().first) // mostly what was just typed
        return first < m_own.back().end && length <= m_own.back().end - first;
    const auto after = std::ranges::upper_bound(m_own, first, {}, &Range::first);
    if (after == m_own.begin())
        return false;
    const Range &range = *(after - 1);
    return first < range.end && length <= range.end - first;
}

bool OpCheck::areSeenCharacters(OpId first, std::uint32_t length)
{
    if (first.change == m_change)
        return areOwnCharacters(first.index, length);
    return isSeen(first.change) && m_text->areCharacters(first, length);
}

/// Notes where one of another change is, for those who then apply the op.
bool OpCheck::isLetter(OpId id)
{
    if (id.change == m_change)
        return areOwnCharacters(id.index, 1);
    return isSeen(id.change)
        && m_text->areCharacters(
            id, 1, [&](LocalId first, std::uint32_t count) { m_located.add(id, first, count); });
}

bool OpCheck::canHang(const InsertText &op)
{
    return op.parent == kRoot ? op.side == Side::Right : isLetter(op.parent);
}

/// An author who deletes a character has not got it any more. Without this rule a change of 64 KiB
/// could delete a long text thousands of times.
bool OpCheck::canGo(const DeleteText &op)
{
    if (op.first.change == m_change)
        return areOwnCharacters(op.first.index, op.length)
            && m_ownDeleted.add(op.first.index, op.length);
    bool isNew = true;
    OpId next = op.first;
    const bool areThere = isSeen(op.first.change)
        && m_text->areCharacters(op.first, op.length, [&](LocalId first, std::uint32_t count) {
               isNew = isNew && m_deleted.add(first, count);
               m_located.add(next, first, count);
               next.index += count;
           });
    return areThere && isNew;
}

} // namespace nlbd::crdt
