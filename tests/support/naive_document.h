#pragma once

#include "core/base/utf8.h"
#include "core/crdt/draft.h"
#include "core/crdt/mark_rules.h"
#include "core/crdt/own_letters.h"

#include <map>
#include <set>

namespace nlbd::test {

/// A document as the papers define it: what a set of ops and their order say, worked out anew
/// from nothing. It remembers no state between two changes, so that no order of arrival can matter
/// to it; what is void or after a frontier is an op without effect. Slow and short, so that it can
/// be seen to be right: what core/crdt says must agree with it.
class NaiveDocument {
public:
    struct Letter {
        crdt::OpId id;
        std::string scalar;
        bool isSeen = false;
        bool hasRightChild = false;
    };

    /// `open` is a change that has no place in the order yet: it is the last, and saw all others.
    explicit NaiveDocument(const crdt::ChangeOrder &order, ChangeHandle open = {})
        : m_order(&order)
        , m_open(open)
    {
    }

    /// `ops` must outlive this. An op without effect still gives its letters a place.
    void add(ChangeHandle change, const crdt::Ops &ops, bool hasEffect)
    {
        crdt::OpCounter counter;
        for (const crdt::Op &op : ops)
            m_ops.push_back({{change, counter.take(op)}, &op, hasEffect});
    }

    /// To be called when all is added: puts the letters in order (Fugue).
    void lay()
    {
        std::ranges::sort(m_ops,
                          [this](const Known &a, const Known &b) { return isBefore(a.id, b.id); });
        std::set<crdt::OpId> gone;
        for (const Known &it : m_ops)
            if (const auto *erase = std::get_if<crdt::DeleteText>(it.op); erase && it.hasEffect)
                for (std::uint32_t i = 0; i < erase->length; ++i)
                    gone.insert({erase->first.change, erase->first.index + i});
        Children children; // siblings by the tie order, as the ops
        for (const Known &it : m_ops) {
            const auto *insert = std::get_if<crdt::InsertText>(it.op);
            if (insert == nullptr)
                continue;
            std::pair place(insert->parent, insert->side);
            crdt::OpId id = it.id;
            for (TextOffset i = 0; i < idsTakenBy(*it.op); ++i, ++id.index) {
                const bool isSeen = it.hasEffect && !gone.contains(id);
                children[place].push_back(
                    {id, std::string(utf8::slice(insert->text, i, 1)), isSeen});
                place = {id, crdt::Side::Right};
            }
        }
        walk(children);
    }

    /// In order, deleted ones too; the root first.
    [[nodiscard]] const std::vector<Letter> &letters() const { return m_letters; }

    [[nodiscard]] std::string text() const
    {
        std::string text;
        for (const Letter &it : m_letters)
            text += it.isSeen ? it.scalar : "";
        return text;
    }

    /// Where the visible letter stands in letters().
    [[nodiscard]] std::size_t placeOf(TextOffset at) const
    {
        std::size_t place = 1;
        for (;; ++place)
            if (m_letters.at(place).isSeen && at-- == 0)
                return place;
    }

    /// What a letter typed at a visible offset hangs at: Algorithm 1 of the Fugue paper, behind
    /// those deleted letters that a mark ends behind (Peritext, section 4.3).
    [[nodiscard]] std::pair<crdt::OpId, crdt::Side> hangsAt(TextOffset at) const
    {
        std::size_t left = at == 0 ? 0 : placeOf(at - 1);
        for (std::size_t i = left + 1; i < m_letters.size() && !m_letters[i].isSeen; ++i)
            for (const Known &it : m_ops) {
                const auto *mark = std::get_if<crdt::SetMark>(it.op);
                const bool isEnd = mark != nullptr
                    && mark->to == crdt::Anchor{m_letters[i].id, crdt::Side::Right}
                    && placeOf(mark->from) < placeOf(mark->to);
                if (isEnd)
                    left = i;
            }
        if (!m_letters[left].hasRightChild)
            return {m_letters[left].id, crdt::Side::Right};
        return {m_letters[left + 1].id, crdt::Side::Left};
    }

    /// Of all marks over a letter the last of each key shows.
    [[nodiscard]] crdt::Attributes marks(crdt::OpId letter) const
    {
        crdt::Attributes marks;
        for (const Known &it : m_ops) {
            const auto *mark = std::get_if<crdt::SetMark>(it.op);
            const bool isOver = mark != nullptr && it.hasEffect
                && placeOf(mark->from) <= placeOf({letter, crdt::Side::Left})
                && placeOf(mark->to) >= placeOf({letter, crdt::Side::Right});
            if (isOver && mark->value)
                marks[mark->key] = *mark->value;
            else if (isOver)
                marks.erase(mark->key);
        }
        return marks;
    }

    /// Of a letter, or with the root of the last block: what no other setting has seen, the last of
    /// it.
    [[nodiscard]] crdt::Attributes attributes(crdt::OpId letter) const
    {
        crdt::Attributes attributes;
        const auto isOf = [](const Known &it, crdt::OpId id, std::string_view key) {
            const auto *set = std::get_if<crdt::SetAttribute>(it.op);
            return set != nullptr && it.hasEffect && set->letter == id
                && (key.empty() || set->key == key);
        };
        for (const Known &it : m_ops) {
            if (!isOf(it, letter, ""))
                continue;
            const auto &set = std::get<crdt::SetAttribute>(*it.op);
            const bool isSuperseded = std::ranges::any_of(m_ops, [&](const Known &other) {
                return isOf(other, letter, set.key) && hasSeen(other.id, it.id);
            });
            if (set.value && !isSuperseded)
                attributes[set.key] = *set.value;
        }
        return attributes;
    }

    /// All of it as insertions, as few as there can be; a retention of the end, if it has
    /// attributes.
    [[nodiscard]] crdt::Delta content() const
    {
        using Kind = crdt::DeltaStep::Kind;
        crdt::Delta delta;
        for (const Letter &letter : m_letters) {
            if (!letter.isSeen)
                continue;
            crdt::AttributeChanges shown;
            for (const auto &[key, value] : marks(letter.id))
                if (!crdt::isLetterKey(key))
                    shown[key] = value;
            if (crdt::isOwnLetter(letter.scalar))
                addLetterKeys(letter.id, shown);
            if (delta.empty() || delta.back().attributes != shown)
                delta.push_back({Kind::Insert, 0, {}, shown});
            delta.back().text += letter.scalar;
        }
        crdt::AttributeChanges end;
        addLetterKeys(crdt::kRoot, end);
        if (!end.empty())
            delta.push_back({Kind::Retain, 1, {}, end});
        return delta;
    }

private:
    struct Known {
        crdt::OpId id;
        const crdt::Op *op;
        bool hasEffect;
    };
    using Children = std::map<std::pair<crdt::OpId, crdt::Side>, std::vector<Letter>>;

    [[nodiscard]] bool isBefore(crdt::OpId a, crdt::OpId b) const
    {
        if (a.change == b.change)
            return a.index < b.index;
        if (a.change == m_open || b.change == m_open)
            return b.change == m_open;
        return m_order->isBefore(a.change, b.change);
    }

    /// True if a setting was made with the other in view.
    [[nodiscard]] bool hasSeen(crdt::OpId later, crdt::OpId earlier) const
    {
        if (later.change == earlier.change)
            return later.index > earlier.index;
        if (later.change == m_open || earlier.change == m_open)
            return later.change == m_open;
        return m_order->isInPast(earlier.change, later.change);
    }

    /// Left children, self, right children, from the root on.
    void walk(const Children &children)
    {
        std::vector<std::pair<Letter, bool>> pending{{Letter(), false}};
        while (!pending.empty()) {
            auto [letter, isOpened] = pending.back();
            pending.pop_back();
            const auto right = children.find({letter.id, crdt::Side::Right});
            const auto left = children.find({letter.id, crdt::Side::Left});
            letter.hasRightChild = right != children.end();
            if (isOpened) {
                m_places[letter.id] = m_letters.size();
                m_letters.push_back(letter);
            } else {
                pending.emplace_back(letter, true);
            }
            const auto below = isOpened ? right : left;
            for (std::size_t i = below == children.end() ? 0 : below->second.size(); i > 0; --i)
                pending.emplace_back(below->second[i - 1], false);
        }
    }

    /// Left sides of letters have even places, right sides odd ones.
    [[nodiscard]] std::size_t placeOf(const crdt::Anchor &anchor) const
    {
        if (anchor == crdt::Anchor{crdt::kRoot, crdt::Side::Left})
            return 2 * m_letters.size();
        return 2 * m_places.at(anchor.id) + (anchor.side == crdt::Side::Right ? 1 : 0);
    }

    void addLetterKeys(crdt::OpId letter, crdt::AttributeChanges &to) const
    {
        for (const auto &[key, value] : attributes(letter))
            if (crdt::isLetterKey(key))
                to[key] = value;
    }

    const crdt::ChangeOrder *m_order;
    ChangeHandle m_open;
    std::vector<Known> m_ops; ///< in the tie order
    std::vector<Letter> m_letters;
    std::map<crdt::OpId, std::size_t> m_places;
};

} // namespace nlbd::test
