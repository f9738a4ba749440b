#include "core/crdt/item_lists.h"

namespace nlbd::crdt {

namespace {

const std::string kItemLetter = "i"; // Nobody reads it.

} // namespace

std::uint32_t ItemLists::add()
{
    const OpId before = m_count == 0 ? kRoot : OpId{kMarks, m_count - 1};
    const Side side = m_count == 0 ? Side::Right : Side::Left;
    Located nothing;
    m_text.insert({before, side, kItemLetter}, {kMarks, m_count}, nothing, nullptr);
    return m_count++;
}

void ItemLists::insertLocally(std::uint32_t list, std::size_t at, OpId id, InsertItem &op)
{
    CHECK(at <= length(list));
    const auto offset = startOf(list) + static_cast<TextOffset>(at);
    const Text::Placed placed = m_text.insertLocally(offset, kItemLetter, id);
    op.parent = placed.parent.change == kMarks ? kRoot : placed.parent;
    op.side = placed.side;
}

void ItemLists::insertLocallyBefore(OpId next, OpId id, InsertItem &op)
{
    const Text::Placed placed = m_text.insertLocallyBefore(next, kItemLetter, id);
    op.parent = placed.parent.change == kMarks ? kRoot : placed.parent;
    op.side = placed.side;
}

void ItemLists::insert(std::uint32_t list, const InsertItem &op, OpId id)
{
    const OpId parent = op.parent == kRoot ? OpId{kMarks, list} : op.parent;
    Located nothing;
    m_text.insert({parent, op.side, kItemLetter}, id, nothing, nullptr);
}

void ItemLists::setVoid(ChangeHandle change, bool isVoid)
{
    PatchLog unread;
    m_text.setVoid(change, isVoid, unread);
}

OpId ItemLists::item(std::uint32_t list, std::size_t at) const
{
    CHECK(at < length(list));
    return m_text.characterBefore(startOf(list) + static_cast<TextOffset>(at) + 1);
}

} // namespace nlbd::crdt
