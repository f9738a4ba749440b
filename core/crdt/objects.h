#pragma once

#include "core/crdt/document.h"
#include "core/crdt/item_lists.h"
#include "core/crdt/registers.h"

namespace nlbd::crdt {

/// Maps, lists, counters and the attributes of letters of one document.
///
/// An object lives where its op put it and for ever: who overwrites the field takes it out of
/// sight, and what others did in it meanwhile has its effect there. What an op is about is found by
/// the id of the op that made it.
class Objects {
public:
    Objects(const ChangeOrder &order, const Text &text)
        : m_order(&order)
        , m_text(&text)
        , m_registers(order)
    {
    }

    // ---- Ops -----------------------------------------------------------------------------------

    using How = Registers::How;

    void apply(const SetField &op, OpId id, How how);
    /// Letters that look different now, if somebody listens.
    void apply(const SetAttribute &op, OpId id, How how, std::vector<OpId> *restyled);
    void apply(const InsertItem &op, OpId id, How how);
    void apply(const DeleteItem &op, OpId id, How how);
    void apply(const Increment &op, OpId id, How how);

    /// A local insertion: says in the op where it hangs.
    void insertLocally(InsertItem &op, std::size_t at, OpId id);
    /// The same right before an item that was once inserted.
    void insertLocallyBefore(InsertItem &op, OpId next, OpId id);
    [[nodiscard]] OpId itemAt(OpId list, std::size_t at) const;

    /// The text must have heard of it. Not twice the same.
    void setVoid(ChangeHandle change, bool isVoid, std::vector<OpId> &restyled);

    // ---- What there is, for checks -------------------------------------------------------------

    /// What an op made: an item, a field or both in one, if an item holds an object.
    struct Known {
        Value::Kind kind = Value::Kind::Nothing;
        std::uint8_t depth = 0; ///< of the value: 1 in the document's own map
        bool isItem = false;
        OpId list; ///< of an item
    };
    [[nodiscard]] std::optional<Known> find(OpId id) const;

    // ---- Reading: empty for what is unknown or void --------------------------------------------

    /// Nothing if the field is not set or the object unknown or void.
    [[nodiscard]] std::optional<std::uint32_t> registerOf(OpId object, std::string_view key) const;
    [[nodiscard]] std::vector<Document::Entry> entries(OpId object, std::string_view key) const;
    [[nodiscard]] std::vector<std::string> keys(OpId object) const;
    [[nodiscard]] std::vector<Document::Item> items(OpId list) const;
    [[nodiscard]] std::int64_t counter(OpId counter) const;
    [[nodiscard]] Attributes attributes(OpId letter) const;
    [[nodiscard]] Document::Entry entryOf(const Registers::Setting &it) const;
    /// The items of all lists as letters; null if there are none.
    [[nodiscard]] const Text *itemText() const { return m_lists ? &m_lists->text() : nullptr; }
    /// Calls visit(counter, index, by) for what a change added.
    template <typename Visit>
    void forEachIncrease(ChangeHandle change, Visit visit) const
    {
        const std::uint32_t *first = m_increasedBy.find(change.value);
        for (std::size_t i = first == nullptr ? m_increased.size() : *first;
             i < m_increased.size() && m_increased[i].change == change; ++i)
            visit(m_registers[m_increased[i].made].id, m_increased[i].index,
                  static_cast<std::int64_t>(m_increased[i].by));
    }
    /// Calls visit(id, op) for all ops, in an order in which they can be applied again: what sets
    /// and what lists hold, then what counters got, each as they came. objects_ops.cpp
    using OnOp = std::function<void(OpId, Op)>;
    void forEachOp(const OnOp &visit) const;
    [[nodiscard]] const Registers &registers() const noexcept { return m_registers; }

    void checkInvariants() const;

private:
    struct Increased {
        ChangeHandle change;
        std::uint32_t index = 0;
        Registers::Number made = Registers::kNone; ///< the setting that is the counter
        std::uint32_t counter = 0;
        std::uint64_t by = 0;
    };

    [[nodiscard]] const Registers::Setting *objectOf(OpId id, Value::Kind kind) const;
    [[nodiscard]] std::uint8_t depthIn(OpId object) const;
    void open(Registers::Number made);
    [[nodiscard]] std::uint32_t openList(OpId list);

    const ChangeOrder *m_order;
    const Text *m_text;
    Registers m_registers;
    std::unique_ptr<ItemLists> m_lists; ///< from the first item on
    std::vector<std::uint64_t> m_sums;  ///< by counter
    std::vector<Increased> m_increased; ///< those of a change stand together
    FlatMap m_increasedBy;              ///< change to its first
};

} // namespace nlbd::crdt
