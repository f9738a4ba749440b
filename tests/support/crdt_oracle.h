#pragma once

#include "core/base/utf8.h"
#include "core/crdt/draft.h"

#include <map>
#include <set>

namespace nlbd::test {

/// The document as the papers define it, one record per character and no index: slow and short, so
/// that it can be seen to be right. What core/crdt says must agree with it.
class CrdtOracle {
public:
    explicit CrdtOracle(const crdt::ChangeOrder &order)
        : m_order(&order)
    {
    }

    void apply(ChangeHandle change, const crdt::Ops &ops)
    {
        crdt::OpCounter counter;
        for (const crdt::Op &op : ops)
            applyOne(op, {change, counter.take(op)});
    }

    /// One op of a change that is still open.
    void applyOne(const crdt::Op &op, crdt::OpId id)
    {
        if (const auto *insert = std::get_if<crdt::InsertText>(&op))
            insertAll(*insert, id);
        else if (const auto *erase = std::get_if<crdt::DeleteText>(&op))
            eraseAll(*erase, id.change);
        else if (const auto *field = std::get_if<crdt::SetField>(&op))
            m_settings.push_back({id, *field});
    }

    void setVoid(ChangeHandle change, bool isVoid)
    {
        if (isVoid)
            m_void.insert(change);
        else
            m_void.erase(change);
    }

    [[nodiscard]] std::string text() const
    {
        std::string result;
        for (const crdt::OpId id : visible())
            result += m_nodes.at(id).scalar;
        return result;
    }

    /// The visible characters in order.
    [[nodiscard]] std::vector<crdt::OpId> visible() const
    {
        std::vector<crdt::OpId> ids;
        for (const crdt::OpId id : traverse()) {
            if (id != crdt::kRoot && isVisible(id))
                ids.push_back(id);
        }
        return ids;
    }

    /// All characters in order, deleted ones too; the root first.
    [[nodiscard]] std::vector<crdt::OpId> all() const { return traverse(); }

    /// Algorithm 1 of the Fugue paper: what an insertion at a visible offset hangs at.
    [[nodiscard]] crdt::InsertText insertion(TextOffset at, std::string_view text) const
    {
        return insertionBehind(at == 0 ? crdt::kRoot : visible()[at - 1], text);
    }
    [[nodiscard]] crdt::InsertText insertionBehind(crdt::OpId left, std::string_view text) const
    {
        const std::vector<crdt::OpId> all = traverse();
        if (children(left, crdt::Side::Right).empty())
            return {left, crdt::Side::Right, std::string(text)};
        const auto self = std::ranges::find(all, left);
        return {*(self + 1), crdt::Side::Left, std::string(text)};
    }

    [[nodiscard]] std::vector<std::string> fieldValues(std::string_view key) const
    {
        std::vector<const Setting *> heads;
        for (const Setting &setting : m_settings) {
            if (setting.op.key != key || m_void.contains(setting.id.change))
                continue;
            const bool isSuperseded = std::ranges::any_of(m_settings, [&](const Setting &other) {
                return other.op.key == key && !m_void.contains(other.id.change)
                    && isAfter(other.id, setting.id);
            });
            if (!isSuperseded)
                heads.push_back(&setting);
        }
        std::ranges::sort(heads, [this](const Setting *a, const Setting *b) {
            return m_order->isBefore(b->id.change, a->id.change);
        });
        std::vector<std::string> values;
        for (const Setting *head : heads)
            values.push_back(head->op.value.text);
        return values;
    }

protected:
    struct Node {
        crdt::OpId parent;
        crdt::Side side = crdt::Side::Right;
        std::string scalar;
        std::set<ChangeHandle> deleters;
    };
    struct Setting {
        crdt::OpId id;
        crdt::SetField op;
    };

    void insertAll(const crdt::InsertText &op, crdt::OpId id)
    {
        crdt::OpId parent = op.parent;
        crdt::Side side = op.side;
        for (TextOffset i = 0; i < utf8::length(op.text); ++i) {
            m_nodes[id] = {parent, side, std::string(utf8::slice(op.text, i, 1)), {}};
            m_children[{parent, side}].push_back(id);
            parent = id;
            side = crdt::Side::Right;
            ++id.index;
        }
    }

    void eraseAll(const crdt::DeleteText &op, ChangeHandle deleter)
    {
        for (std::uint32_t i = 0; i < op.length; ++i)
            m_nodes.at({op.first.change, op.first.index + i}).deleters.insert(deleter);
    }

    [[nodiscard]] bool isVisible(crdt::OpId id) const
    {
        return !m_void.contains(id.change)
            && std::ranges::all_of(m_nodes.at(id).deleters,
                                   [this](ChangeHandle by) { return m_void.contains(by); });
    }

    /// True if a setting was made with the other in view.
    [[nodiscard]] bool isAfter(crdt::OpId later, crdt::OpId earlier) const
    {
        if (later.change == earlier.change)
            return later.index > earlier.index;
        return m_order->isInPast(earlier.change, later.change);
    }

    [[nodiscard]] std::vector<crdt::OpId> children(crdt::OpId parent, crdt::Side side) const
    {
        const auto found = m_children.find({parent, side});
        if (found == m_children.end())
            return {};
        std::vector<crdt::OpId> ids = found->second;
        std::ranges::sort(ids, [this](crdt::OpId a, crdt::OpId b) {
            if (a.change == b.change)
                return a.index < b.index;
            return m_order->isBefore(a.change, b.change);
        });
        return ids;
    }

    /// Left children, self, right children, from the root on, with a stack of its own.
    [[nodiscard]] std::vector<crdt::OpId> traverse() const
    {
        std::vector<crdt::OpId> order;
        std::vector<std::pair<crdt::OpId, bool>> pending{{crdt::kRoot, false}};
        while (!pending.empty()) {
            const auto [id, isOpened] = pending.back();
            pending.pop_back();
            if (isOpened)
                order.push_back(id);
            else
                pending.emplace_back(id, true);
            const auto side = isOpened ? crdt::Side::Right : crdt::Side::Left;
            const std::vector<crdt::OpId> below = children(id, side);
            for (auto it = below.rbegin(); it != below.rend(); ++it)
                pending.emplace_back(*it, false);
        }
        return order;
    }

    const crdt::ChangeOrder *m_order;
    std::map<crdt::OpId, Node> m_nodes;
    std::map<std::pair<crdt::OpId, crdt::Side>, std::vector<crdt::OpId>> m_children;
    std::vector<Setting> m_settings;
    std::set<ChangeHandle> m_void;
};

} // namespace nlbd::test
