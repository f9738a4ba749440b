#pragma once

#include "core/crdt/flat_map.h"
#include "core/crdt/paged_list.h"
#include "core/crdt/rich.h"
#include "core/crdt/text.h"
#include "core/crdt/text_numbers.h"

#include <set>
#include <utility>

namespace nlbd::crdt {

/// The formats of a text (Litt, Lim, Kleppmann, van Hardenberg: "Peritext", 2022). Where a mark
/// applies is kept as an interval in the span tree, by the number of the mark; here is what it
/// says. Over a letter holds, per key, the last in the tie order of those that are not void.
class Marks {
public:
    Marks(const ChangeOrder &order, Text &text)
        : m_order(&order)
        , m_text(&text)
    {
    }

    using Number = std::uint32_t; ///< of a mark: that of its interval
    static constexpr std::uint32_t kNothing = UINT32_MAX;

    /// Formats [from, to), from < to, by an op more of the open change.
    void markLocally(TextOffset from, TextOffset to, std::string_view key,
                     const std::optional<std::string> &value, Draft &draft);

    /// Before something of others comes: no change is open any more, and what is taken as restyled
    /// is what comes now.
    void begin() noexcept
    {
        m_open = kRoot.change;
        m_toggled.clear();
    }

    /// A checked op, whose letters `located` knows, or nobody. `isWatched` if restyled() shall know
    /// of it.
    void apply(const SetMark &op, OpId id, Located &located, bool isWatched);
    /// The same of what was once here: its letters are looked for when somebody asks.
    void add(const SetMark &op, OpId id)
    {
        static_cast<void>(add(m_text->intervals().add(op.from, op.to), op.key, op.value, id));
    }

    /// A change has become void or valid again.
    void setVoid(ChangeHandle change);

    /// Where what shows changed since begin() or forgetRestyled(), as the text is now, without what
    /// became visible.
    [[nodiscard]] std::vector<Stretch> restyled() const;
    /// Keys whose formats may have changed there.
    [[nodiscard]] std::set<std::string, std::less<>> restyledKeys() const;
    void forgetRestyled() noexcept { m_toggled.clear(); }

    [[nodiscard]] std::vector<StyledRun> styledRuns(TextOffset from, TextOffset to) const;
    [[nodiscard]] std::vector<MarkedRun> markedRuns(TextOffset from, TextOffset to,
                                                    std::string_view key) const;
    [[nodiscard]] Attributes forTyping(TextOffset at) const;

    [[nodiscard]] bool isEmpty() const noexcept { return m_marks.size() == 0; }
    [[nodiscard]] bool areThereOf(ChangeHandle change) const { return lastOf(change) != kNothing; }
    /// What would show of a letter, also of one that is not seen, without marks of some changes.
    [[nodiscard]] Attributes over(LocalId letter,
                                  const std::function<bool(ChangeHandle)> &isTakenBack) const;

    [[nodiscard]] bool isOver(Number mark, LocalId letter) const;
    /// Of the marks of one key over a letter, as above, the one that shows; kNothing if none does.
    [[nodiscard]] Number winnerOver(LocalId letter, std::string_view key,
                                    const std::function<bool(ChangeHandle)> &isTakenBack) const;
    /// Of two over a letter, which shows: the later.
    [[nodiscard]] bool isBefore(Number a, Number b) const;
    [[nodiscard]] ChangeHandle changeOf(Number mark) const { return m_marks[mark].change; }
    [[nodiscard]] const std::string &keyOf(Number mark) const
    {
        return m_keys.text(m_marks[mark].key);
    }
    /// Nothing if the mark takes away, or is kNothing.
    [[nodiscard]] std::optional<std::string> valueOf(Number mark) const
    {
        const bool isSet = mark != kNothing && m_marks[mark].value != kNothing;
        return isSet ? std::optional(m_values.text(m_marks[mark].value)) : std::nullopt;
    }

    /// Where marks of changes that are to count no more win over what a mark formats, by its key:
    /// what would show without them, where that is something else.
    struct Replacement {
        Stretch where;
        std::optional<std::string> value;
    };
    [[nodiscard]] std::vector<Replacement>
    replacements(std::uint32_t mark, const std::function<bool(ChangeHandle)> &isTakenBack) const;

    /// Calls visit(mark, index) for the marks of a change.
    template <typename Visit>
    void forEachOf(ChangeHandle change, Visit visit) const
    {
        for (Number it = lastOf(change); it != kNothing; it = m_previous[it])
            visit(it, m_marks[it].index);
    }

    /// Calls visit(id, interval, key, value) for all that came, void or not, in order; the value is
    /// null if the mark takes away.
    template <typename Visit>
    void forEach(Visit visit) const
    {
        for (std::uint32_t i = 0; i < m_marks.size(); ++i) {
            const Mark &it = m_marks[i];
            visit(OpId{it.change, it.index}, std::as_const(*m_text).intervals().at(i),
                  m_keys.text(it.key), it.value == kNothing ? nullptr : &m_values.text(it.value));
        }
    }

private:
    struct Mark {
        ChangeHandle change;
        std::uint32_t index = 0;
        std::uint32_t key = 0;
        std::uint32_t value = kNothing;
    };
    /// Those that hold at a place, by key, while somebody walks along the text.
    class Holding;

    Number add(Number number, std::string_view key, const std::optional<std::string> &value,
               OpId id);
    [[nodiscard]] Number lastOf(ChangeHandle change) const;
    [[nodiscard]] Attributes shownOf(const std::vector<Number> &marks) const;
    [[nodiscard]] bool isVoid(Number mark) const { return m_text->isVoid(m_marks[mark].change); }
    [[nodiscard]] std::vector<Stretch> stretchesOfToggled() const;
    void compare(const Stretch &where, const std::vector<bool> &isToggled,
                 std::vector<Stretch> &differing) const;

    const ChangeOrder *m_order;
    Text *m_text;
    PagedList<Mark> m_marks;
    mutable FlatMap m_lastOf;               ///< change to its latest mark, see lastOf
    mutable std::vector<Number> m_previous; ///< by mark: the one before of the same change
    TextNumbers m_keys;
    TextNumbers m_values;
    ChangeHandle m_open;      ///< not signed yet; later than all others
    ChangeHandle m_toggledBy; ///< whose marks came, or became void or valid
    std::vector<Number> m_toggled;
};

} // namespace nlbd::crdt
