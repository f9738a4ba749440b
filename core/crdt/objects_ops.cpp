#include "core/crdt/objects.h"

namespace nlbd::crdt {

namespace {

/// Tells the settings up to some number, each once; items are told by who knows their places.
class Settings {
public:
    Settings(const Registers &registers, const Objects::OnOp &visit)
        : m_registers(&registers)
        , m_visit(&visit)
        , m_items(registers.places())
    {
    }

    void tellItem(OpId id, InsertItem op)
    {
        const auto number = m_registers->settingOf(id);
        CHECK(number.has_value());
        tellUpTo(*number);
        const Registers::Setting &it = (*m_registers)[*number];
        CHECK(m_registers->isItem(it) && m_next == *number);
        op.list = m_registers->listOf(it);
        op.value = valueOf(it);
        m_items[it.place] = id;
        (*m_visit)(id, std::move(op));
        ++m_next;
    }

    void tellUpTo(Registers::Number end)
    {
        for (; m_next < end; ++m_next) {
            const Registers::Setting &it = (*m_registers)[m_next];
            if (m_registers->isOfItem(it.place)) {
                CHECK(!m_registers->isItem(it)); // Items come in the order of their letters.
                (*m_visit)(it.id, SetField{{}, valueOf(it), m_items[it.place]});
                continue;
            }
            const Registers::Named name = m_registers->nameOf(it.place);
            if (name.space == Registers::Space::Fields)
                (*m_visit)(it.id, SetField{std::string(name.key), valueOf(it), name.target});
            else
                (*m_visit)(it.id, attributeOf(it, name));
        }
    }

private:
    [[nodiscard]] Value valueOf(const Registers::Setting &it) const
    {
        return it.kind == Value::Kind::Text ? Value(std::string(m_registers->textOf(it)))
                                            : Value(it.kind);
    }
    [[nodiscard]] SetAttribute attributeOf(const Registers::Setting &it,
                                           const Registers::Named &name) const
    {
        SetAttribute op{name.target, std::string(name.key), std::nullopt};
        if (it.kind == Value::Kind::Text)
            op.value = m_registers->textOf(it);
        return op;
    }

    const Registers *m_registers;
    const Objects::OnOp *m_visit;
    Registers::Number m_next = 0;
    std::vector<OpId> m_items; ///< by register
};

} // namespace

/// Two logs know of items, that of settings and that of their letters: both are told as they are,
/// and meet where an item is put.
void Objects::forEachOp(const OnOp &visit) const
{
    Settings settings(m_registers, visit);
    if (m_lists)
        m_lists->forEachOp(
            [&](OpId id, OpId parent, Side side) {
                settings.tellItem(id, {{}, parent, side, {}});
            },
            [&](OpId id, OpId item) { visit(id, DeleteItem{item}); });
    settings.tellUpTo(m_registers.size());
    for (const Increased &it : m_increased)
        visit({it.change, it.index},
              Increment{m_registers[it.made].id, static_cast<std::int64_t>(it.by)});
}

} // namespace nlbd::crdt
