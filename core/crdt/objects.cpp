#include "core/crdt/objects.h"

#include "core/crdt/growth.h"

#include <algorithm>

namespace nlbd::crdt {

using Number = Registers::Number;
using Setting = Registers::Setting;

// ---- Ops

void Objects::apply(const SetField &op, OpId id, How how)
{
    std::uint32_t place = 0;
    std::uint8_t depth = 0;
    if (op.key.empty()) {
        const auto item = m_registers.settingOf(op.object);
        CHECK(item && m_registers.isItem(m_registers[*item]));
        place = m_registers[*item].place;
        depth = m_registers[*item].depth;
    } else {
        depth = depthIn(op.object);
        place = m_registers.place(Registers::Space::Fields, op.object, op.key);
    }
    open(m_registers.set(place, id, op.value, depth, how));
}

void Objects::apply(const SetAttribute &op, OpId id, How how, std::vector<OpId> *restyled)
{
    const std::uint32_t place = m_registers.place(Registers::Space::Letters, op.letter, op.key);
    const Number before = m_registers.winner(place);
    m_registers.set(place, id, op.value ? Value(*op.value) : Value(), 0, how);
    const bool isSeen = op.letter.change != id.change && m_registers.winner(place) != before;
    if (isSeen && restyled != nullptr)
        restyled->push_back(op.letter);
}

void Objects::apply(const InsertItem &op, OpId id, How how)
{
    const std::uint32_t list = openList(op.list);
    m_lists->insert(list, op, id);
    const std::uint8_t depth = depthIn(op.list);
    open(m_registers.set(m_registers.placeOfItem(op.list), id, op.value, depth, how));
}

void Objects::insertLocally(InsertItem &op, std::size_t at, OpId id)
{
    const std::uint32_t list = openList(op.list);
    m_lists->insertLocally(list, at, id, op);
    const std::uint8_t depth = depthIn(op.list);
    open(m_registers.set(m_registers.placeOfItem(op.list), id, op.value, depth, How::Locally));
}

void Objects::insertLocallyBefore(InsertItem &op, OpId next, OpId id)
{
    m_lists->insertLocallyBefore(next, id, op);
    const std::uint8_t depth = depthIn(op.list);
    open(m_registers.set(m_registers.placeOfItem(op.list), id, op.value, depth, How::Locally));
}

void Objects::apply(const DeleteItem &op, OpId id, How)
{
    m_lists->erase(op.item, id); // Knows itself which changes are void.
}

void Objects::apply(const Increment &op, OpId id, How how)
{
    const auto made = m_registers.settingOf(op.counter);
    CHECK(made && m_registers[*made].kind == Value::Kind::Counter);
    const std::uint32_t counter = m_registers[*made].at;
    const auto by = static_cast<std::uint64_t>(op.by);
    if (m_increased.empty() || m_increased.back().change != id.change)
        m_increasedBy.insert(id.change.value, static_cast<std::uint32_t>(m_increased.size()));
    pushSlowly(m_increased, Increased{id.change, id.index, *made, counter, by});
    if (how != How::Void)
        m_sums[counter] += by;
}

OpId Objects::itemAt(OpId list, std::size_t at) const
{
    const auto made = m_registers.settingOf(list);
    CHECK(made && m_registers[*made].kind == Value::Kind::List);
    CHECK(m_registers[*made].at != Registers::kNone);
    return m_lists->item(m_registers[*made].at, at);
}

/// Which depth a value has that is put into an object.
std::uint8_t Objects::depthIn(OpId object) const
{
    if (object == kRoot)
        return 1;
    const auto made = m_registers.settingOf(object);
    CHECK(made && m_registers[*made].kind >= Value::Kind::Map);
    return static_cast<std::uint8_t>(m_registers[*made].depth + 1);
}

/// What a new object needs at once: a counter its sum. A list waits for its first item.
void Objects::open(Number made)
{
    if (m_registers[made].kind != Value::Kind::Counter)
        return;
    m_registers[made].at = static_cast<std::uint32_t>(m_sums.size());
    pushSlowly(m_sums, std::uint64_t(0));
}

std::uint32_t Objects::openList(OpId list)
{
    const auto made = m_registers.settingOf(list);
    CHECK(made && m_registers[*made].kind == Value::Kind::List);
    if (!m_lists)
        m_lists = std::make_unique<ItemLists>(*m_order, *m_text);
    if (m_registers[*made].at == Registers::kNone)
        m_registers[*made].at = m_lists->add();
    return m_registers[*made].at;
}

void Objects::setVoid(ChangeHandle change, bool isVoid, std::vector<OpId> &restyled)
{
    m_registers.setVoid(change, isVoid, [&](Registers::Space space, OpId target) {
        // A letter of the change itself comes or goes with it.
        if (space == Registers::Space::Letters && target.change != change)
            restyled.push_back(target);
    });
    if (m_lists)
        m_lists->setVoid(change, isVoid);
    const std::uint32_t *first = m_increasedBy.find(change.value);
    for (std::size_t i = first == nullptr ? m_increased.size() : *first;
         i < m_increased.size() && m_increased[i].change == change; ++i)
        m_sums[m_increased[i].counter] += isVoid ? 0 - m_increased[i].by : m_increased[i].by;
}

// ---- Reading

std::optional<Objects::Known> Objects::find(OpId id) const
{
    const auto made = m_registers.settingOf(id);
    if (!made)
        return std::nullopt;
    const Setting &it = m_registers[*made];
    const bool isItem = m_registers.isItem(it);
    return Known{it.kind, it.depth, isItem, isItem ? m_registers.listOf(it) : kRoot};
}

/// Null if it is not there, of another kind, or void.
const Setting *Objects::objectOf(OpId id, Value::Kind kind) const
{
    const auto made = m_registers.settingOf(id);
    if (!made || m_registers[*made].kind != kind || m_registers[*made].isVoid)
        return nullptr;
    return &m_registers[*made];
}

std::optional<std::uint32_t> Objects::registerOf(OpId object, std::string_view key) const
{
    if (!key.empty()) {
        const bool isMap = object == kRoot || objectOf(object, Value::Kind::Map) != nullptr;
        return isMap ? m_registers.find(Registers::Space::Fields, object, key) : std::nullopt;
    }
    const auto item = m_registers.settingOf(object);
    if (!item || !m_registers.isItem(m_registers[*item]) || m_registers[*item].isVoid)
        return std::nullopt;
    return m_registers[*item].place;
}

Document::Entry Objects::entryOf(const Setting &it) const
{
    if (it.kind == Value::Kind::Text)
        return {Value(std::string(m_registers.textOf(it))), it.id};
    return {Value(it.kind), it.id};
}

std::vector<Document::Entry> Objects::entries(OpId object, std::string_view key) const
{
    std::vector<Document::Entry> entries;
    if (const auto place = registerOf(object, key))
        m_registers.forEachShown(*place,
                                 [&](const Setting &it) { entries.push_back(entryOf(it)); });
    return entries;
}

std::vector<std::string> Objects::keys(OpId object) const
{
    std::vector<std::string> keys;
    if (object == kRoot || objectOf(object, Value::Kind::Map) != nullptr)
        m_registers.forEachSet(
            Registers::Space::Fields, object,
            [&](std::string_view key, const Setting &) { keys.emplace_back(key); });
    std::ranges::sort(keys);
    return keys;
}

std::vector<Document::Item> Objects::items(OpId list) const
{
    std::vector<Document::Item> items;
    const Setting *made = objectOf(list, Value::Kind::List);
    if (made == nullptr || made->at == Registers::kNone)
        return items;
    m_lists->forEach(made->at, [&](OpId id) {
        const Setting &item = m_registers[*m_registers.settingOf(id)];
        items.push_back({id, entryOf(m_registers[m_registers.winner(item.place)])});
    });
    return items;
}

std::int64_t Objects::counter(OpId counter) const
{
    const Setting *made = objectOf(counter, Value::Kind::Counter);
    return made == nullptr ? 0 : static_cast<std::int64_t>(m_sums[made->at]);
}

Attributes Objects::attributes(OpId letter) const
{
    Attributes attributes;
    m_registers.forEachSet(Registers::Space::Letters, letter,
                           [&](std::string_view key, const Setting &it) {
                               attributes.emplace(key, m_registers.textOf(it));
                           });
    return attributes;
}

void Objects::checkInvariants() const
{
    m_registers.checkInvariants();
    if (m_lists)
        m_lists->checkInvariants();
    std::vector<std::uint64_t> sums(m_sums.size());
    for (const Increased &it : m_increased)
        sums[it.counter] += m_text->isVoid(it.change) ? 0 : it.by;
    CHECK(sums == m_sums);
}

} // namespace nlbd::crdt
