#include "app/reaching.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nlbd::app {

namespace {

/// Of two ways to one address the one that came further says more.
int weightOf(Obstacle step)
{
    constexpr std::array kFurthestFirst{
        Obstacle::WrongVersion, Obstacle::TooMany,     Obstacle::NotMember,
        Obstacle::WrongKey,     Obstacle::NotOurs,     Obstacle::Refused,
        Obstacle::Unreachable,  Obstacle::NetworkDown, Obstacle::BadAddress};
    return static_cast<int>(std::ranges::find(kFurthestFirst, step) - kFurthestFirst.begin());
}

} // namespace

void Reaching::begin(const net::Endpoint &endpoint, FoundBy by, std::size_t answers, MonoTime now)
{
    std::erase_if(m_places, [&](const Place &place) { return place.endpoint == endpoint; });
    if (m_places.size() >= kPlacesMax)
        m_places.erase(m_places.begin());
    m_places.push_back({endpoint, {endpoint.text(), by, {}, {}}, answers, now});
    m_news.push_back(m_places.back().told);
}

bool Reaching::failed(const net::Endpoint &endpoint, Obstacle step)
{
    const auto place = std::ranges::find(m_places, endpoint, &Place::endpoint);
    if (place == m_places.end())
        return false;
    std::optional<Obstacle> &worst = place->told.step;
    if (!worst || weightOf(step) < weightOf(*worst))
        worst = step;
    if (place->open > 0 && --place->open == 0)
        end(place, api::ReachChanged::State::Failed);
    return true;
}

void Reaching::answered(const net::Endpoint &endpoint)
{
    const auto place = std::ranges::find(m_places, endpoint, &Place::endpoint);
    if (place == m_places.end())
        return;
    place->told.step.reset();
    end(place, api::ReachChanged::State::Answered);
}

void Reaching::end(std::vector<Place>::iterator place, api::ReachChanged::State state)
{
    place->told.state = state;
    m_news.push_back(std::move(place->told));
    m_places.erase(place);
}

void Reaching::tick(MonoTime now)
{
    using State = api::ReachChanged::State;
    for (auto place = m_places.begin(); place != m_places.end();) {
        if (now - place->begun >= kGiveUp) {
            place->told.step = place->told.step.value_or(Obstacle::TimedOut);
            const auto at = place - m_places.begin();
            end(place, State::Failed);
            place = m_places.begin() + at;
            continue;
        }
        if (place->told.state == State::Trying && now - place->begun >= kStillTrying) {
            place->told.state = State::StillTrying;
            m_news.push_back(place->told);
        }
        ++place;
    }
}

MonoTime Reaching::wakeAt() const noexcept
{
    MonoTime next = MonoTime::max();
    for (const Place &place : m_places) {
        const bool isNew = place.told.state == api::ReachChanged::State::Trying;
        next = std::min(next, place.begun + (isNew ? kStillTrying : kGiveUp));
    }
    return next;
}

std::vector<api::ReachChanged> Reaching::takeNews()
{
    return std::exchange(m_news, {});
}

} // namespace nlbd::app
