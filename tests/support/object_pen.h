#pragma once

#include "tests/support/rich_world.h"

namespace nlbd::test {

/// Maps, lists, items and counters for a RichWorld, as an editor makes them and as none would.
class ObjectPen {
public:
    explicit ObjectPen(RichWorld &world)
        : m_world(&world)
    {
    }

    /// The objects that changes made, the document's own map first.
    struct Made {
        std::vector<crdt::OpId> maps{crdt::kRoot};
        std::vector<crdt::OpId> lists;
        std::vector<crdt::OpId> counters;
        std::map<crdt::OpId, std::vector<crdt::OpId>> items; ///< by list, gone or not

        void add(ChangeHandle change, const crdt::Ops &ops)
        {
            crdt::OpCounter counter;
            for (const crdt::Op &op : ops) {
                const crdt::OpId id{change, counter.take(op)};
                if (const auto *field = std::get_if<crdt::SetField>(&op))
                    addValue(id, field->value.kind);
                if (const auto *item = std::get_if<crdt::InsertItem>(&op)) {
                    items[item->list].push_back(id);
                    addValue(id, item->value.kind);
                }
            }
        }

    private:
        void addValue(crdt::OpId id, crdt::Value::Kind kind)
        {
            if (kind == crdt::Value::Kind::Map)
                maps.push_back(id);
            if (kind == crdt::Value::Kind::List)
                lists.push_back(id);
            if (kind == crdt::Value::Kind::Counter)
                counters.push_back(id);
        }
    };
    [[nodiscard]] Made madeFor(const RichWorld::Replica &replica) const
    {
        Made made;
        for (const ChangeHandle change : replica.known)
            made.add(change, m_world->ops.at(change));
        return made;
    }

    /// One change of somebody's own, by what an editor calls, rich text among it.
    ChangeHandle write(RichWorld::Replica &replica)
    {
        crdt::Draft draft{m_world->history.open(replica.device), {}, 0};
        for (std::uint64_t i = m_world->below(6) + 1; i > 0; --i) {
            Made made = madeFor(replica);
            made.add(draft.change, draft.ops);
            if (m_world->below(4) == 0)
                m_world->writeOne(replica.document, draft);
            else
                writeOne(replica.document, made, draft);
        }
        return m_world->finish(replica, std::move(draft));
    }

    /// Valid ops that no editor makes: items on any side of any other, settings of what went.
    /// Not applied.
    ChangeHandle craft(RichWorld::Replica &replica)
    {
        const Made made = madeFor(replica);
        crdt::Ops ops;
        std::set<crdt::OpId> deleted;
        for (std::uint64_t i = m_world->below(5) + 1; i > 0; --i) {
            const auto some = made.items.begin();
            if (made.items.empty() || m_world->below(4) == 0) {
                ops.emplace_back(crdt::SetField{key(), value(0), shallow(made.maps)});
                continue;
            }
            const auto &[list, items] =
                *std::next(some, std::ptrdiff_t(m_world->below(made.items.size())));
            const crdt::OpId item = items[m_world->below(items.size())];
            const std::uint64_t what = m_world->below(4);
            const crdt::Side side = m_world->below(2) == 0 ? crdt::Side::Left : crdt::Side::Right;
            if (what == 0 && deleted.insert(item).second)
                ops.emplace_back(crdt::DeleteItem{item});
            else if (what == 1)
                ops.emplace_back(crdt::SetField{"", crdt::Value("put"), item});
            else
                ops.emplace_back(crdt::InsertItem{list, item, side, crdt::Value("made")});
        }
        const ChangeHandle change =
            m_world->history.add(replica.device, replica.known, m_world->below(4));
        m_world->ops[change] = std::move(ops);
        replica.known.push_back(change);
        return change;
    }

private:
    [[nodiscard]] std::string key() { return std::string(1, char('a' + m_world->below(3))); }
    [[nodiscard]] crdt::Value value(std::uint64_t least)
    {
        const auto kind = static_cast<crdt::Value::Kind>(least + m_world->below(5 - least));
        return kind == crdt::Value::Kind::Text ? crdt::Value(m_world->word()) : crdt::Value(kind);
    }
    /// One of the first few: what is made in it is never too deep.
    [[nodiscard]] crdt::OpId shallow(const std::vector<crdt::OpId> &all)
    {
        return all[m_world->below(std::min<std::size_t>(all.size(), 5))];
    }

    void writeOne(crdt::Document &document, const Made &made, crdt::Draft &draft)
    {
        const std::uint64_t what = m_world->below(8);
        if (what < 2 || (what < 6 && made.lists.empty()))
            document.set(shallow(made.maps), key(), value(0), draft);
        else if (what < 6)
            writeItem(document, shallow(made.lists), draft);
        else if (!made.counters.empty())
            document.increment(made.counters[m_world->below(made.counters.size())],
                               static_cast<std::int64_t>(m_world->below(9)) - 4, draft);
    }

    void writeItem(crdt::Document &document, crdt::OpId list, crdt::Draft &draft)
    {
        const std::vector<crdt::Document::Item> items = document.items(list);
        const std::size_t at = m_world->below(items.size() + 1);
        const std::uint64_t what = m_world->below(5);
        if (what == 0 && at < items.size())
            document.eraseItem(list, at, draft);
        else if (what == 1 && at < items.size())
            document.set(items[at].id, "", value(1), draft);
        else
            document.insertItem(list, at, value(1), draft);
    }

    RichWorld *m_world;
};

} // namespace nlbd::test
