#pragma once

#include "core/crdt/flat_map.h"
#include "core/crdt/op.h"
#include "core/crdt/text_numbers.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

namespace nlbd::crdt {

/// All that is set by ops and can be set again: fields of maps, what items of lists hold,
/// attributes of letters. A setting in the causal past of another is superseded by it; of several
/// concurrent ones the last in the tie order is the winner, and all are kept to be shown. That
/// something is removed is a setting too, which supersedes and is never shown: it takes away what
/// its author saw, not what another set meanwhile.
///
/// Every op that sets makes one setting with its own id, so that objects and items, which are named
/// by the op that made them, are found here too. Nothing is ever taken out: a void change may come
/// back. A setting takes 28 bytes and its text, a register 20 and, unless it is an item's, a node
/// in a tree.
class Registers {
public:
    explicit Registers(const ChangeOrder &order)
        : m_order(&order)
    {
    }

    using Number = std::uint32_t; ///< of a setting, in the order in which they came
    static constexpr Number kNone = UINT32_MAX;

    struct Setting {
        OpId id;
        std::uint32_t at = kNone; ///< of a text: where it begins. Of objects: for their owner
        std::uint16_t length = 0; ///< of a text
        Value::Kind kind = Value::Kind::Nothing;
        std::uint8_t depth : 5 = 0; ///< 1 in the document's own map
        bool isVoid : 1 = false;
        bool isJudged : 1 = false;
        bool isOverAll : 1 = false; ///< if judged: all that came before it here is in its past
        std::uint32_t place = 0;    ///< the register
        Number previous = kNone;    ///< in the same register
        Number nextHead = kNone;    ///< the next winner if this one were void
    };
    static_assert(sizeof(Setting) == 28);
    // ---- Registers -----------------------------------------------------------------------------

    enum class Space : std::uint8_t { Fields = 0, Letters = 1 };

    /// The register of a key, which is made if there is none.
    [[nodiscard]] std::uint32_t place(Space space, OpId target, std::string_view key);
    /// One for an item to come.
    [[nodiscard]] std::uint32_t placeOfItem(OpId list);
    [[nodiscard]] std::optional<std::uint32_t> find(Space space, OpId target,
                                                    std::string_view key) const;

    /// Calls visit(key, winner) for what is set at a target, in no order.
    template <typename Visit>
    void forEachSet(Space space, OpId target, Visit visit) const
    {
        for (auto it = m_named.lower_bound({target, 0});
             it != m_named.end() && it->first.target == target; ++it) {
            const Number first = winner(it->second);
            if ((it->first.key & 1U) == static_cast<std::uint32_t>(space) && first != kNone)
                visit(std::string_view(m_keys.text(it->first.key >> 1U)), m_settings[first]);
        }
    }

    // ---- Settings ------------------------------------------------------------------------------

    enum class How : std::uint8_t {
        Locally, ///< by a change that saw all winners here and is not signed yet
        Seen,    ///< by any change, delivered in causal order
        Void,    ///< the same, void
    };
    Number set(std::uint32_t place, OpId id, const Value &value, std::uint8_t depth, How how);

    /// After a change became void or valid again: calls changed(space, target) for each register
    /// that has another winner. @complexity linear in the settings of the change, times concurrent
    /// values, plus void or concurrent settings right before them.
    template <typename Changed>
    void setVoid(ChangeHandle change, bool isVoid, Changed changed)
    {
        const std::uint32_t *first = m_byChange.find(change.value);
        if (first == nullptr)
            return;
        const auto isOfChange = [&](Number it) {
            return it < m_settings.size() && m_settings[it].id.change == change;
        };
        for (Number it = *first; isOfChange(it); ++it)
            m_settings[it].isVoid = isVoid;
        for (Number it = *first; isOfChange(it); ++it) {
            const std::uint32_t place = m_settings[it].place;
            const Number before = winner(place);
            if (isVoid)
                retire(it);
            else
                supersede(it);
            if (winner(place) != before)
                changed(spaceOf(place), m_registers[place].target);
        }
    }

    [[nodiscard]] Setting &operator[](Number number) { return m_settings[number]; }
    [[nodiscard]] const Setting &operator[](Number number) const { return m_settings[number]; }
    /// The setting that an op made. @complexity O(log n).
    [[nodiscard]] std::optional<Number> settingOf(OpId id) const;
    /// True if the setting put an item into a list.
    [[nodiscard]] bool isItem(const Setting &it) const noexcept
    {
        return it.previous == kNone && isOfItem(it.place);
    }
    [[nodiscard]] OpId listOf(const Setting &item) const { return m_registers[item.place].target; }

    /// What is shown of a register; kNone if nothing.
    [[nodiscard]] Number winner(std::uint32_t place) const
    {
        return shown(m_registers[place].head);
    }
    /// Calls visit(setting) for all that is shown, the winner first.
    template <typename Visit>
    void forEachShown(std::uint32_t place, Visit visit) const
    {
        for (Number it = winner(place); it != kNone; it = shown(m_settings[it].nextHead))
            visit(m_settings[it]);
    }
    [[nodiscard]] std::string_view textOf(const Setting &it) const
    {
        return it.kind == Value::Kind::Text ? std::string_view(m_text).substr(it.at, it.length)
                                            : std::string_view();
    }

    [[nodiscard]] Number size() const noexcept { return static_cast<Number>(m_settings.size()); }
    [[nodiscard]] std::size_t places() const noexcept { return m_registers.size(); }
    [[nodiscard]] bool isOfItem(std::uint32_t place) const noexcept
    {
        return m_registers[place].key == kItemKey;
    }

    [[nodiscard]] Space spaceOf(std::uint32_t place) const;

    /// What is shown or, if nothing is, the last that took it away.
    [[nodiscard]] Number winnerOrRemoval(std::uint32_t place) const;

    /// Calls visit(key, setting) for all that is not void of the document's own fields with this
    /// beginning, of each the latest to come first.
    using OnEver = std::function<void(std::string_view, const Setting &)>;
    void forEachEver(std::string_view prefix, const OnEver &visit) const;

    /// The same when only some settings were known: isThen(id of the setting).
    template <typename IsThen>
    [[nodiscard]] Number winnerAt(std::uint32_t place, IsThen isThen) const
    {
        std::vector<Number> heads;
        for (Number it = m_registers[place].latest; it != kNone; it = m_settings[it].previous) {
            const bool isHead = isThen(m_settings[it].id)
                && std::ranges::none_of(heads, [&](Number head) { return isOver(head, it); });
            if (!isHead)
                continue;
            heads.push_back(it);
            if (m_settings[it].isJudged && m_settings[it].isOverAll)
                break;
        }
        return bestOf(heads);
    }

    /// Calls visit(setting) for those of a change.
    template <typename Visit>
    void forEachOf(ChangeHandle change, Visit visit) const
    {
        const std::uint32_t *first = m_byChange.find(change.value);
        for (std::size_t i = first == nullptr ? m_settings.size() : *first;
             i < m_settings.size() && m_settings[i].id.change == change; ++i)
            visit(m_settings[i]);
    }

    struct Named {
        Space space = Space::Fields;
        OpId target;
        std::string_view key; ///< empty for what an item holds
        bool isItem = false;
    };
    [[nodiscard]] Named nameOf(std::uint32_t place) const;

    /// Calls visit(place, key) for the registers of a letter.
    template <typename Visit>
    void forEachOfLetter(OpId letter, Visit visit) const
    {
        for (auto it = m_named.lower_bound({letter, 0});
             it != m_named.end() && it->first.target == letter; ++it) {
            if ((it->first.key & 1U) == static_cast<std::uint32_t>(Space::Letters))
                visit(it->second, std::string_view(m_keys.text(it->first.key >> 1U)));
        }
    }

    /// Calls visit(place, target, key) for the registers of letters.
    template <typename Visit>
    void forEachOfLetters(Visit visit) const
    {
        for (const auto &[name, place] : m_named) {
            if ((name.key & 1U) == static_cast<std::uint32_t>(Space::Letters))
                visit(place, name.target, std::string_view(m_keys.text(name.key >> 1U)));
        }
    }

    void checkInvariants() const; ///< aborts. Quadratic in the settings of a register

private:
    /// Bit 0 of a key is the space, the rest its number.
    struct Name {
        OpId target;
        std::uint32_t key = 0;
        friend constexpr auto operator<=>(const Name &, const Name &) = default;
    };
    static constexpr std::uint32_t kItemKey = UINT32_MAX;
    struct Register {
        OpId target; ///< of an item: its list
        std::uint32_t key = 0;
        Number latest = kNone;
        Number head = kNone; ///< nobody supersedes the heads; the last in the tie order is first
    };

    [[nodiscard]] Number shown(Number head) const
    {
        while (head != kNone && m_settings[head].kind == Value::Kind::Nothing)
            head = m_settings[head].nextHead;
        return head;
    }
    [[nodiscard]] bool isOver(Number later, Number earlier) const;
    [[nodiscard]] Number bestOf(const std::vector<Number> &heads) const;
    [[nodiscard]] bool isOverAll(Number setting);
    void supersede(Number setting);
    void retire(Number setting);
    void addHead(Number setting);

    const ChangeOrder *m_order;
    TextNumbers m_keys;
    std::map<Name, std::uint32_t> m_named;
    std::vector<Register> m_registers;
    std::vector<Setting> m_settings; ///< those of a change stand together
    FlatMap m_byChange;              ///< change to its first setting
    std::vector<Number> m_findable;  ///< no formats: those of a change ascend
    FlatMap m_findableBy;            ///< change to its first there
    std::string m_text;
};

} // namespace nlbd::crdt
