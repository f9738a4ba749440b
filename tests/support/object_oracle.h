#pragma once

#include "core/crdt/document.h"
#include "core/crdt/op.h"

#include <map>
#include <set>

namespace nlbd::test {

/// Maps, lists, counters and attributes as op.h defines them: a list of all ops that is read
/// through at every question. Slow and short, so that it can be seen to be right.
class ObjectOracle {
public:
    explicit ObjectOracle(const crdt::ChangeOrder &order)
        : m_order(&order)
    {
    }

    void apply(ChangeHandle change, const crdt::Ops &ops)
    {
        crdt::OpCounter counter;
        for (const crdt::Op &op : ops)
            m_ops.emplace_back(crdt::OpId{change, counter.take(op)}, op);
    }

    void setVoid(ChangeHandle change, bool isVoid)
    {
        if (isVoid)
            m_void.insert(change);
        else
            m_void.erase(change);
    }

    [[nodiscard]] std::vector<crdt::Document::Entry> entries(crdt::OpId object,
                                                             std::string_view key) const
    {
        std::vector<crdt::Document::Entry> found;
        if (!key.empty() && object != crdt::kRoot && !isValid(object, crdt::Value::Kind::Map))
            return found;
        if (key.empty() && (!isItem(object) || m_void.contains(object.change)))
            return found;
        std::vector<crdt::Document::Entry> settings;
        for (const auto &[id, op] : m_ops) {
            const auto *field = std::get_if<crdt::SetField>(&op);
            const auto *item = std::get_if<crdt::InsertItem>(&op);
            if (field != nullptr && field->object == object && field->key == key)
                settings.push_back({field->value, id});
            if (item != nullptr && key.empty() && id == object)
                settings.push_back({item->value, id});
        }
        return heads(std::move(settings));
    }

    [[nodiscard]] std::vector<std::string> keys(crdt::OpId object) const
    {
        std::set<std::string> keys;
        for (const auto &[id, op] : m_ops) {
            const auto *field = std::get_if<crdt::SetField>(&op);
            const bool isHere = field != nullptr && field->object == object && !field->key.empty();
            if (isHere && !entries(object, field->key).empty())
                keys.insert(field->key);
        }
        return {keys.begin(), keys.end()};
    }

    [[nodiscard]] crdt::Attributes attributes(crdt::OpId letter) const
    {
        std::map<std::string, std::vector<crdt::Document::Entry>> settings;
        for (const auto &[id, op] : m_ops) {
            const auto *it = std::get_if<crdt::SetAttribute>(&op);
            if (it != nullptr && it->letter == letter)
                settings[it->key].push_back(
                    {it->value ? crdt::Value(*it->value) : crdt::Value(), id});
        }
        crdt::Attributes attributes;
        for (auto &[key, all] : settings) {
            const auto shown = heads(std::move(all));
            if (!shown.empty())
                attributes[key] = shown.front().value.text;
        }
        return attributes;
    }

    [[nodiscard]] std::int64_t counter(crdt::OpId counter) const
    {
        std::uint64_t sum = 0;
        for (const auto &[id, op] : m_ops) {
            const auto *it = std::get_if<crdt::Increment>(&op);
            if (it != nullptr && it->counter == counter && !m_void.contains(id.change))
                sum += static_cast<std::uint64_t>(it->by);
        }
        return isValid(counter, crdt::Value::Kind::Counter) ? static_cast<std::int64_t>(sum) : 0;
    }

    [[nodiscard]] std::vector<crdt::Document::Item> items(crdt::OpId list) const
    {
        std::vector<crdt::Document::Item> items;
        if (!isValid(list, crdt::Value::Kind::List))
            return items;
        for (const crdt::OpId id : traverse(list)) {
            if (!isDeleted(id))
                items.push_back({id, entries(id, "").front()});
        }
        return items;
    }

    /// All items that a list ever had, in order.
    [[nodiscard]] std::vector<crdt::OpId> allItems(crdt::OpId list) const { return traverse(list); }

    /// The ops that made an object of that kind, void or not.
    [[nodiscard]] std::vector<crdt::OpId> objects(crdt::Value::Kind kind) const
    {
        std::vector<crdt::OpId> ids;
        for (const auto &[id, op] : m_ops) {
            if (kindOf(op) == kind)
                ids.push_back(id);
        }
        return ids;
    }

    /// How deep the value of an op is: 1 in the document's own map.
    [[nodiscard]] std::size_t depth(crdt::OpId id) const
    {
        std::size_t depth = 0;
        while (id != crdt::kRoot) {
            const crdt::Op &op = *find(id);
            const auto *field = std::get_if<crdt::SetField>(&op);
            if (field != nullptr && field->key.empty()) {
                id = field->object; // Stands where the item does.
                continue;
            }
            id = field != nullptr ? field->object : std::get<crdt::InsertItem>(op).list;
            ++depth;
        }
        return depth;
    }

private:
    [[nodiscard]] static crdt::Value::Kind kindOf(const crdt::Op &op)
    {
        if (const auto *field = std::get_if<crdt::SetField>(&op))
            return field->value.kind;
        if (const auto *item = std::get_if<crdt::InsertItem>(&op))
            return item->value.kind;
        return crdt::Value::Kind::Nothing;
    }

    [[nodiscard]] const crdt::Op *find(crdt::OpId id) const
    {
        for (const auto &[known, op] : m_ops) {
            if (known == id)
                return &op;
        }
        return nullptr;
    }

    [[nodiscard]] bool isItem(crdt::OpId id) const
    {
        const crdt::Op *op = find(id);
        return op != nullptr && std::holds_alternative<crdt::InsertItem>(*op);
    }

    [[nodiscard]] bool isValid(crdt::OpId id, crdt::Value::Kind kind) const
    {
        const crdt::Op *op = find(id);
        return op != nullptr && kindOf(*op) == kind && !m_void.contains(id.change);
    }

    [[nodiscard]] bool isDeleted(crdt::OpId item) const
    {
        if (m_void.contains(item.change))
            return true;
        return std::ranges::any_of(m_ops, [&](const auto &known) {
            const auto *it = std::get_if<crdt::DeleteItem>(&known.second);
            return it != nullptr && it->item == item && !m_void.contains(known.first.change);
        });
    }

    /// What no other valid setting supersedes, the last in the tie order first, removals left out.
    [[nodiscard]] std::vector<crdt::Document::Entry>
    heads(std::vector<crdt::Document::Entry> settings) const
    {
        std::erase_if(settings, [this](const auto &it) { return m_void.contains(it.id.change); });
        std::vector<crdt::Document::Entry> heads;
        for (const auto &it : settings) {
            const bool isSuperseded = std::ranges::any_of(
                settings, [&](const auto &other) { return isAfter(other.id, it.id); });
            if (!isSuperseded && it.value.kind != crdt::Value::Kind::Nothing)
                heads.push_back(it);
        }
        std::ranges::sort(heads, [this](const auto &a, const auto &b) {
            return m_order->isBefore(b.id.change, a.id.change);
        });
        return heads;
    }

    [[nodiscard]] bool isAfter(crdt::OpId later, crdt::OpId earlier) const
    {
        if (later.change == earlier.change)
            return later.index > earlier.index;
        return m_order->isInPast(earlier.change, later.change);
    }

    [[nodiscard]] std::vector<crdt::OpId> children(crdt::OpId list, crdt::OpId parent,
                                                   crdt::Side side) const
    {
        std::vector<crdt::OpId> ids;
        for (const auto &[id, op] : m_ops) {
            const auto *it = std::get_if<crdt::InsertItem>(&op);
            if (it != nullptr && it->list == list && it->parent == parent && it->side == side)
                ids.push_back(id);
        }
        std::ranges::sort(ids, [this](crdt::OpId a, crdt::OpId b) {
            return a.change == b.change ? a.index < b.index : m_order->isBefore(a.change, b.change);
        });
        return ids;
    }

    /// Left children, self, right children, with a stack of its own.
    [[nodiscard]] std::vector<crdt::OpId> traverse(crdt::OpId list) const
    {
        std::vector<crdt::OpId> order;
        std::vector<std::pair<crdt::OpId, bool>> pending{{crdt::kRoot, false}};
        while (!pending.empty()) {
            const auto [id, isOpened] = pending.back();
            pending.pop_back();
            if (isOpened && id != crdt::kRoot)
                order.push_back(id);
            else if (!isOpened)
                pending.emplace_back(id, true);
            const auto side = isOpened ? crdt::Side::Right : crdt::Side::Left;
            const std::vector<crdt::OpId> below = children(list, id, side);
            for (auto it = below.rbegin(); it != below.rend(); ++it)
                pending.emplace_back(*it, false);
        }
        return order;
    }

    const crdt::ChangeOrder *m_order;
    std::vector<std::pair<crdt::OpId, crdt::Op>> m_ops;
    std::set<ChangeHandle> m_void;
};

} // namespace nlbd::test
