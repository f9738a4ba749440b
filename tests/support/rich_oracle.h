#pragma once

#include "core/crdt/mark_rules.h"
#include "core/crdt/rich.h"
#include "tests/support/crdt_oracle.h"

namespace nlbd::test {

/// Rich text as the Peritext paper defines it: a list of letters, a list of marks, and for each
/// letter the question which of all marks are over it.
class RichOracle : public CrdtOracle {
public:
    using CrdtOracle::CrdtOracle;

    void apply(ChangeHandle change, const crdt::Ops &ops)
    {
        crdt::OpCounter counter;
        for (const crdt::Op &op : ops)
            applyOne(op, {change, counter.take(op)});
        m_open = crdt::kRoot.change;
    }

    /// One op of a change that is still open.
    void applyOne(const crdt::Op &op, crdt::OpId id)
    {
        CrdtOracle::applyOne(op, id);
        m_open = id.change;
        if (const auto *mark = std::get_if<crdt::SetMark>(&op))
            m_marks.push_back({id, *mark});
    }

    /// What formats visible letters: from the first one on, up to the next one behind the last if
    /// the mark grows, else up to the last.
    [[nodiscard]] crdt::SetMark mark(TextOffset from, TextOffset to, const std::string &key,
                                     const std::optional<std::string> &value) const
    {
        const std::vector<crdt::OpId> ids = visible();
        crdt::Anchor end{crdt::kRoot, crdt::Side::Left};
        if (!crdt::growsAtEnd(key))
            end = {ids.at(to - 1), crdt::Side::Right};
        else if (to < ids.size())
            end = {ids[to], crdt::Side::Left};
        return {{ids.at(from), crdt::Side::Left}, end, key, value};
    }

    /// The letter behind which one typed at a visible offset goes: of the deleted ones up to the
    /// next visible the last that a mark ends behind.
    [[nodiscard]] crdt::OpId letterBefore(TextOffset at) const
    {
        const std::vector<crdt::OpId> order = all();
        const crdt::OpId left = at == 0 ? crdt::kRoot : visible()[at - 1];
        const auto begin = std::ranges::find(order, left);
        crdt::OpId result = left;
        for (auto it = begin + 1; it != order.end() && !isVisible(*it); ++it) {
            const bool isEnd = std::ranges::any_of(m_marks, [&](const Mark &mark) {
                return mark.op.to == crdt::Anchor{*it, crdt::Side::Right}
                && place(order, mark.op.from) < place(order, mark.op.to);
            });
            if (isEnd)
                result = *it;
        }
        return result;
    }

    /// The marks of visible letters in order.
    [[nodiscard]] std::vector<std::pair<crdt::OpId, crdt::Attributes>> styled() const
    {
        const std::vector<crdt::OpId> order = all();
        const std::vector<Placed> marks = placed(order);
        std::vector<std::pair<crdt::OpId, crdt::Attributes>> letters;
        for (std::size_t i = 1; i < order.size(); ++i) {
            if (isVisible(order[i]))
                letters.emplace_back(order[i], over(marks, 2 * i, 2 * i + 1));
        }
        return letters;
    }

    /// The marks of a letter that would stand behind another.
    [[nodiscard]] crdt::Attributes marksBehind(crdt::OpId letter) const
    {
        const std::vector<crdt::OpId> order = all();
        const std::size_t right = place(order, {letter, crdt::Side::Right});
        return over(placed(order), right, right + 1);
    }

private:
    struct Mark {
        crdt::OpId id;
        crdt::SetMark op;
    };
    struct Placed {
        std::size_t from = 0;
        std::size_t to = 0;
        const crdt::SetMark *op = nullptr;
    };

    /// Left sides of letters have even places, right sides odd ones.
    [[nodiscard]] static std::size_t place(const std::vector<crdt::OpId> &order,
                                           const crdt::Anchor &anchor)
    {
        if (anchor == crdt::Anchor{crdt::kRoot, crdt::Side::Left})
            return 2 * order.size();
        const auto letter = std::ranges::find(order, anchor.id) - order.begin();
        return 2 * static_cast<std::size_t>(letter) + (anchor.side == crdt::Side::Right ? 1 : 0);
    }

    /// The marks that are not void, in tie order; those of the open change are the last.
    [[nodiscard]] std::vector<Placed> placed(const std::vector<crdt::OpId> &order) const
    {
        std::vector<const Mark *> valid;
        for (const Mark &mark : m_marks) {
            if (!m_void.contains(mark.id.change))
                valid.push_back(&mark);
        }
        std::ranges::sort(valid, [this](const Mark *a, const Mark *b) {
            const ChangeHandle left = a->id.change;
            const ChangeHandle right = b->id.change;
            if (left == right)
                return a->id.index < b->id.index;
            if (left == m_open || right == m_open)
                return right == m_open;
            return m_order->isBefore(left, right);
        });
        std::vector<Placed> result;
        for (const Mark *mark : valid)
            result.push_back({place(order, mark->op.from), place(order, mark->op.to), &mark->op});
        return result;
    }

    /// What the marks say about all that stands between two places.
    [[nodiscard]] static crdt::Attributes over(const std::vector<Placed> &marks, std::size_t from,
                                               std::size_t to)
    {
        crdt::Attributes attributes;
        for (const Placed &mark : marks) {
            if (mark.from > from || mark.to < to)
                continue;
            if (mark.op->value)
                attributes[mark.op->key] = *mark.op->value;
            else
                attributes.erase(mark.op->key);
        }
        return attributes;
    }

    std::vector<Mark> m_marks;
    ChangeHandle m_open; ///< not signed yet
};

} // namespace nlbd::test
