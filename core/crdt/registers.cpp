#include "core/crdt/registers.h"

#include "core/base/limits.h"
#include "core/crdt/growth.h"

#include <algorithm>

namespace nlbd::crdt {

std::uint32_t Registers::place(Space space, OpId target, std::string_view key)
{
    const Name name{target, m_keys.numberOf(key) << 1U | static_cast<std::uint32_t>(space)};
    const auto next = static_cast<std::uint32_t>(m_registers.size());
    // Mostly it is about what was just written, and stands behind all others.
    const auto known = m_named.try_emplace(m_named.end(), name, next);
    if (known->second == next)
        pushSlowly(m_registers, Register{target, name.key, kNone, kNone});
    return known->second;
}

std::uint32_t Registers::placeOfItem(OpId list)
{
    pushSlowly(m_registers, Register{list, kItemKey, kNone, kNone});
    return static_cast<std::uint32_t>(m_registers.size() - 1);
}

std::optional<std::uint32_t> Registers::find(Space space, OpId target, std::string_view key) const
{
    const auto number = m_keys.find(key);
    if (!number)
        return std::nullopt;
    const auto known = m_named.find({target, *number << 1U | static_cast<std::uint32_t>(space)});
    return known == m_named.end() ? std::nullopt : std::optional(known->second);
}

Registers::Space Registers::spaceOf(std::uint32_t place) const
{
    return isOfItem(place) ? Space::Fields : static_cast<Space>(m_registers[place].key & 1U);
}

Registers::Number Registers::winnerOrRemoval(std::uint32_t place) const
{
    const Number shows = winner(place);
    return shows == kNone ? m_registers[place].head : shows;
}

void Registers::forEachEver(std::string_view prefix, const OnEver &visit) const
{
    for (auto it = m_named.lower_bound({kRoot, 0});
         it != m_named.end() && it->first.target == kRoot; ++it) {
        const std::string_view key = m_keys.text(it->first.key >> 1U);
        const bool isField = (it->first.key & 1U) == static_cast<std::uint32_t>(Space::Fields);
        if (!isField || !key.starts_with(prefix))
            continue;
        for (Number n = m_registers[it->second].latest; n != kNone; n = m_settings[n].previous) {
            if (!m_settings[n].isVoid)
                visit(key, m_settings[n]);
        }
    }
}

std::optional<Registers::Number> Registers::settingOf(OpId id) const
{
    const std::uint32_t *first = m_findableBy.find(id.change.value);
    if (first == nullptr)
        return std::nullopt;
    const auto isBefore = [&](Number it) {
        return m_settings[it].id.change == id.change && m_settings[it].id.index < id.index;
    };
    const auto found =
        std::partition_point(m_findable.begin() + *first, m_findable.end(), isBefore);
    if (found == m_findable.end() || m_settings[*found].id != id)
        return std::nullopt;
    return *found;
}

Registers::Number Registers::set(std::uint32_t place, OpId id, const Value &value,
                                 std::uint8_t depth, How how)
{
    const bool isFindable = id.index < kFirstFormat;
    if (isFindable) {
        const OpId last = m_findable.empty() ? kRoot : m_settings[m_findable.back()].id;
        CHECK(last.change != id.change || last.index < id.index);
        if (last.change != id.change)
            m_findableBy.insert(id.change.value, static_cast<std::uint32_t>(m_findable.size()));
        pushSlowly(m_findable, static_cast<Number>(m_settings.size()));
    }
    CHECK(value.kind < Value::Kind::Map || depth <= limits::kObjectDepthMax);
    CHECK(m_settings.size() < kNone && value.text.size() < UINT32_MAX - m_text.size()
          && value.text.size() <= UINT16_MAX);
    const auto number = static_cast<Number>(m_settings.size());
    Register &it = m_registers[place];
    Setting setting{id, kNone, static_cast<std::uint16_t>(value.text.size()), value.kind};
    setting.depth = depth & 0x1FU;
    setting.isVoid = how == How::Void;
    setting.place = place;
    setting.previous = it.latest;
    if (value.kind == Value::Kind::Text) {
        setting.at = static_cast<std::uint32_t>(m_text.size());
        m_text += value.text;
    }
    if (m_settings.empty() || m_settings.back().id.change != id.change) {
        // All of a change come in a row: an open one is signed before anything else is applied.
        m_byChange.insert(id.change.value, number);
    }
    pushSlowly(m_settings, setting);
    // The one before is signed by now, unless it is of this change.
    if (it.latest != kNone && m_settings[it.latest].id.change != id.change)
        static_cast<void>(isOverAll(it.latest));
    it.latest = number;
    if (how == How::Locally)
        it.head = number;
    else if (how == How::Seen)
        supersede(number);
    return number;
}

/// Takes its place among the heads, if none of them supersedes it.
void Registers::supersede(Number setting)
{
    Number *link = &m_registers[m_settings[setting].place].head;
    for (Number it = *link; it != kNone; it = m_settings[it].nextHead) {
        if (it == setting || isOver(it, setting))
            return;
    }
    while (*link != kNone) {
        if (isOver(setting, *link))
            *link = m_settings[*link].nextHead;
        else
            link = &m_settings[*link].nextHead;
    }
    addHead(setting);
}

/// Takes a setting that turned void out of the heads; what it alone superseded comes back.
void Registers::retire(Number setting)
{
    Number *link = &m_registers[m_settings[setting].place].head;
    while (*link != kNone && *link != setting)
        link = &m_settings[*link].nextHead;
    if (*link == kNone)
        return; // Whoever supersedes it supersedes what it did.
    *link = m_settings[setting].nextHead;
    for (Number it = m_settings[setting].previous; it != kNone; it = m_settings[it].previous) {
        if (m_settings[it].isVoid)
            continue;
        supersede(it);
        if (isOverAll(it))
            return;
    }
}

void Registers::addHead(Number setting)
{
    const ChangeHandle change = m_settings[setting].id.change;
    Number *link = &m_registers[m_settings[setting].place].head;
    while (*link != kNone && !m_order->isBefore(m_settings[*link].id.change, change))
        link = &m_settings[*link].nextHead;
    m_settings[setting].nextHead = *link;
    *link = setting;
}

bool Registers::isOver(Number later, Number earlier) const
{
    const OpId a = m_settings[later].id;
    const OpId b = m_settings[earlier].id;
    if (a.change == b.change)
        return a.index > b.index;
    return m_order->isInPast(b.change, a.change);
}

/// Whether all that came before a setting is in its past, so that nobody need look there while it
/// is valid. "No" may be wrong, which costs time only. Each is asked when the next one comes, so
/// that as a rule one step tells.
bool Registers::isOverAll(Number setting)
{
    constexpr int kStepsMax = 32;
    Setting &judged = m_settings[setting];
    if (judged.isJudged)
        return judged.isOverAll;
    judged.isJudged = true;
    int steps = 0;
    for (Number it = judged.previous; it != kNone; it = m_settings[it].previous) {
        const bool isSameChange = m_settings[it].id.change == judged.id.change;
        if (!isSameChange && (++steps > kStepsMax || !isOver(setting, it)))
            return false;
        if (m_settings[it].isJudged && m_settings[it].isOverAll)
            break;
    }
    judged.isOverAll = true;
    return true;
}

Registers::Named Registers::nameOf(std::uint32_t place) const
{
    const Register &it = m_registers[place];
    if (it.key != kItemKey)
        return {spaceOf(place), it.target, m_keys.text(it.key >> 1U), false};
    Number first = it.latest;
    while (m_settings[first].previous != kNone)
        first = m_settings[first].previous;
    return {Space::Fields, m_settings[first].id, {}, true};
}

/// Of several that nobody supersedes the last in the tie order, what removes after all others.
Registers::Number Registers::bestOf(const std::vector<Number> &heads) const
{
    Number best = kNone;
    for (const Number it : heads) {
        const bool isSet = m_settings[it].kind != Value::Kind::Nothing;
        const bool isBestSet = best != kNone && m_settings[best].kind != Value::Kind::Nothing;
        const bool isBetter = best == kNone || isSet != isBestSet
            ? best == kNone || isSet
            : m_order->isBefore(m_settings[best].id.change, m_settings[it].id.change);
        if (isBetter)
            best = it;
    }
    return best;
}

void Registers::checkInvariants() const
{
    for (const Register &reg : m_registers) {
        std::vector<Number> heads;
        for (Number a = reg.latest; a != kNone; a = m_settings[a].previous) {
            bool isHead = !m_settings[a].isVoid;
            for (Number b = reg.latest; b != kNone && isHead; b = m_settings[b].previous)
                isHead = m_settings[b].isVoid || a == b || !isOver(b, a);
            if (isHead)
                heads.push_back(a);
            for (Number b = m_settings[a].previous; b != kNone && m_settings[a].isOverAll;
                 b = m_settings[b].previous)
                CHECK(isOver(a, b));
        }
        std::size_t count = 0;
        for (Number it = reg.head; it != kNone; it = m_settings[it].nextHead, ++count) {
            CHECK(std::ranges::find(heads, it) != heads.end());
            const Number next = m_settings[it].nextHead;
            CHECK(next == kNone
                  || m_order->isBefore(m_settings[next].id.change, m_settings[it].id.change));
        }
        CHECK(count == heads.size());
    }
}

} // namespace nlbd::crdt
