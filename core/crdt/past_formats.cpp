#include "core/crdt/past_formats.h"

namespace nlbd::crdt {

PastFormats::PastFormats(LocalId end, std::vector<Mark> marks, std::map<LocalId, PastStyle> letters)
    : m_marks(std::move(marks))
    , m_letters(std::move(letters))
    , m_stops(end)
    , m_hasEnded(m_marks.size())
{
    for (std::uint32_t i = 0; i < m_marks.size(); ++i) {
        addEvent(m_marks[i].from, false, i);
        addEvent(m_marks[i].to, true, i);
    }
    std::ranges::sort(m_events);
    for (const Event &event : m_events)
        m_stops.set(event.letter, event.letter + 1);
    for (const auto &[letter, style] : m_letters)
        m_stops.set(letter, letter + 1);
}

void PastFormats::addEvent(Border at, bool isEnd, std::uint32_t mark)
{
    if (!at.isTextEnd())
        m_events.push_back({at.letter(), at.isRight() ? Side::Right : Side::Left, isEnd, mark});
}

bool PastFormats::pass(LocalId letter, Side side)
{
    const Event first{letter, side, false, 0};
    bool isOther = false;
    for (auto it = std::ranges::lower_bound(m_events, first);
         it != m_events.end() && it->letter == letter && it->side == side; ++it) {
        const std::string_view key = m_marks[it->mark].key;
        if (it->isEnd) {
            m_hasEnded[it->mark] = true;
            m_begun[key].erase(it->mark);
        } else if (!m_hasEnded[it->mark]) { // what ends before it begins is over nothing
            m_begun[key].insert(it->mark);
        }
        show(key);
        isOther = true;
    }
    return isOther;
}

void PastFormats::show(std::string_view key)
{
    const std::set<std::uint32_t> &begun = m_begun[key];
    if (begun.empty())
        m_active.erase(key);
    else
        m_active[key] = m_marks[*begun.rbegin()].setting;
}

const PastStyle &PastFormats::of(LocalId letter) const
{
    static const PastStyle kNothing;
    const auto found = m_letters.find(letter);
    return found == m_letters.end() ? kNothing : found->second;
}

} // namespace nlbd::crdt
