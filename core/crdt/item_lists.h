#pragma once

#include "core/crdt/text.h"

namespace nlbd::crdt {

/// The order of the items of all lists of a document, in one text: a list begins with a mark that
/// stands for it, and its items follow as letters that hang at the mark as those of a text do at
/// the root. The mark of each further list is the left child of the one before and thus stands
/// ahead of it. Nothing else ever hangs there, so that lists never mix, and what they are among
/// each other is everybody's own. So a list of one item takes some dozen bytes, not a tree.
class ItemLists {
public:
    /// Knows of the void changes that the text of the document knows of.
    ItemLists(const ChangeOrder &order, const Text &beside)
        : m_text(order)
    {
        for (const ChangeHandle change : beside.voids())
            setVoid(change, true);
    }

    /// The number of another list.
    [[nodiscard]] std::uint32_t add();

    /// Precondition: at <= length(list). The op says where it hangs.
    void insertLocally(std::uint32_t list, std::size_t at, OpId id, InsertItem &op);
    /// Before an item that was once inserted.
    void insertLocallyBefore(OpId next, OpId id, InsertItem &op);
    void insert(std::uint32_t list, const InsertItem &op, OpId id);
    /// Asks nothing about the order of its change: also for local edits.
    void erase(OpId item, OpId id)
    {
        Located nothing;
        m_text.erase({item, 1}, id, nothing);
        m_text.finishErasing(nullptr);
    }
    void setVoid(ChangeHandle change, bool isVoid);

    [[nodiscard]] std::size_t length(std::uint32_t list) const
    {
        return endOf(list) - startOf(list);
    }
    /// The item at `at`. Precondition: at < length(list).
    [[nodiscard]] OpId item(std::uint32_t list, std::size_t at) const;

    /// Calls visit(id) for the items that are not deleted, in order.
    template <typename Visit>
    void forEach(std::uint32_t list, Visit visit) const
    {
        m_text.forEachVisible(startOf(list), endOf(list),
                              [&](OpId first, TextOffset, TextOffset length) {
                                  for (; length > 0; --length, ++first.index)
                                      visit(first);
                              });
    }

    /// True for what stands for a list.
    [[nodiscard]] static bool isMark(OpId id) noexcept { return id.change == kMarks; }
    /// Calls insertion(id, parent, side) and deletion(id, item) for all that came, in order.
    template <typename OnInsertion, typename OnDeletion>
    void forEachOp(OnInsertion insertion, OnDeletion deletion) const
    {
        const Numbers &numbers = m_text.numbers();
        const auto onItems = [&](OpLog::Insertion run) {
            for (; run.count > 0; --run.count, run.parent = run.first++, run.side = Side::Right) {
                const OpId parent = numbers.idOf(run.parent);
                const OpId id = numbers.idOf(run.first);
                if (!isMark(id))
                    insertion(id, isMark(parent) ? kRoot : parent, run.side);
            }
        };
        m_text.log().forEach(1, numbers.next(), onItems, [&](const OpLog::Deletion &it) {
            CHECK(it.length == 1);
            deletion(numbers.idOf(it.id), numbers.idOf(it.target));
        });
    }

    [[nodiscard]] const Text &text() const noexcept { return m_text; }

    void checkInvariants() const { m_text.checkInvariants(); }

private:
    /// The change that marks pretend to be of: no document has so many.
    static constexpr ChangeHandle kMarks{UINT32_MAX - 1};

    [[nodiscard]] TextOffset startOf(std::uint32_t list) const
    {
        return *m_text.offsetOf({kMarks, list}, Side::Right);
    }
    /// The lists stand from the last to the first.
    [[nodiscard]] TextOffset endOf(std::uint32_t list) const
    {
        return list == 0 ? m_text.length() : *m_text.offsetOf({kMarks, list - 1}, Side::Left);
    }

    Text m_text;
    std::uint32_t m_count = 0;
};

} // namespace nlbd::crdt
