#include "core/consensus/polka_book.h"

#include "core/base/limits.h"
#include "core/base/mutant.h"

namespace nlbd::consensus {

namespace {

struct IsBefore {
    bool operator()(const SharedPolka &polka, Round round) const { return polka->round < round; }
    bool operator()(Round round, const SharedPolka &polka) const { return round < polka->round; }
};

} // namespace

bool PolkaBook::holds(Round round, const Hash &value) const
{
    return find(round, value) != nullptr;
}

SharedPolka PolkaBook::find(Round round, const Hash &value) const
{
    auto place = std::lower_bound(m_held.begin(), m_held.end(), round, IsBefore{});
    for (; place != m_held.end() && (*place)->round == round; ++place)
        if ((*place)->value == value)
            return *place;
    return nullptr;
}

SharedPolka PolkaBook::of(Round round) const
{
    const auto place = std::lower_bound(m_held.begin(), m_held.end(), round, IsBefore{});
    return place != m_held.end() && (*place)->round == round ? *place : nullptr;
}

SharedPolka PolkaBook::latest(Round round) const
{
    const auto place = std::upper_bound(m_held.begin(), m_held.end(), round, IsBefore{});
    return place == m_held.begin() ? nullptr : *std::prev(place);
}

bool PolkaBook::isComplete(const Polka &polka) const
{
    const auto isHere = [&](const PolkaLine &line) { return isReasoned(polka.value, line.polka); };
    const auto reasoned = std::ranges::count_if(polka.lines, isHere);
    return static_cast<std::size_t>(reasoned) >= m_quorum || NLBD_MUTANT("unreasoned-counts");
}

/// Keeps what can be shown: lines whose reasons are here.
SharedPolka PolkaBook::hold(Polka polka)
{
    if (!NLBD_MUTANT("unreasoned-counts"))
        std::erase_if(polka.lines,
                      [&](const PolkaLine &line) { return !isReasoned(polka.value, line.polka); });
    auto result = std::make_shared<const Polka>(std::move(polka));
    enter(result);
    return result;
}

void PolkaBook::enter(const SharedPolka &polka)
{
    const auto place = std::upper_bound(m_held.begin(), m_held.end(), polka->round, IsBefore{});
    m_held.insert(place, polka);
}

void PolkaBook::restore(const SharedPolka &polka)
{
    if (!holds(polka->round, polka->value))
        enter(polka);
}

std::vector<SharedPolka> PolkaBook::add(Polka polka)
{
    if (holds(polka.round, polka.value))
        return {};
    if (!isComplete(polka)) {
        if (std::ranges::find(m_waiting, polka) != m_waiting.end())
            return {};
        m_waiting.push_back(std::move(polka));
        if (m_waiting.size() > limits::kPolkasWaitingMax)
            m_waiting.pop_front();
        return {};
    }
    std::vector<SharedPolka> result{hold(std::move(polka))};
    const auto isReady = [&](const Polka &other) {
        return holds(other.round, other.value) || isComplete(other);
    };
    for (auto place = std::ranges::find_if(m_waiting, isReady); place != m_waiting.end();
         place = std::ranges::find_if(m_waiting, isReady)) {
        Polka ready = std::move(*place);
        m_waiting.erase(place);
        if (!holds(ready.round, ready.value))
            result.push_back(hold(std::move(ready)));
    }
    return result;
}

} // namespace nlbd::consensus
