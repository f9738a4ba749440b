#include "net/dialler.h"

#include <algorithm>

namespace nlbd::net {

/// What is done to it may change when something is due.
std::map<PublicKey, Dialler::Wish>::iterator Dialler::changing(const PublicKey &device)
{
    m_wake.reset();
    return m_wanted.find(device);
}

void Dialler::forget(const PublicKey &device)
{
    m_wake.reset();
    m_wanted.erase(device);
}

/// As the newest of at most so many.
void Dialler::keepIn(std::vector<Place> &list, const Place &place, std::size_t max)
{
    std::erase_if(list, [&](const Place &known) { return known.endpoint == place.endpoint; });
    if (list.size() >= max)
        list.pop_back();
    list.insert(list.begin(), place);
}

void Dialler::want(const PublicKey &device, const Endpoint &endpoint, Persistence persistence,
                   MonoTime now, Millis delay, FoundBy by)
{
    const auto found = changing(device);
    if (found == m_wanted.end() && m_wanted.size() >= kWantedMax)
        return;
    Wish &wish = m_wanted[device];
    if (wish.addresses.empty() && wish.rumours.empty())
        wish.nextAt = now + delay;
    if (persistence != Persistence::Once)
        wish.persistence = Persistence::UntilForgotten;
    const bool isRumour = persistence == Persistence::Rumour;
    const auto isThis = [&endpoint](const Place &place) { return place.endpoint == endpoint; };
    const bool isKnown = std::ranges::any_of(wish.addresses, isThis);
    if (isRumour && isKnown)
        return;
    const bool isHeard = std::erase_if(wish.rumours, isThis) > 0;
    const bool isCrowded = isRumour && wish.rumours.size() >= kRumoursMax;
    keepIn(isRumour ? wish.rumours : wish.addresses, {endpoint, by},
           isRumour ? kRumoursMax : kAddressesMax);
    if (!isRumour)
        wish.attempts = 0;
    // A fresh address is worth a try at once, however long the pause had grown.
    if (!isKnown && !isHeard && !isCrowded && wish.state == State::Waiting)
        wish.nextAt = std::min(wish.nextAt, now + delay);
}

void Dialler::hurry(const PublicKey &device, MonoTime now)
{
    const auto found = changing(device);
    if (found == m_wanted.end() || found->second.state != State::Waiting
        || found->second.nextAt <= now)
        return;
    Wish &wish = found->second;
    if (wish.hurried && now < *wish.hurried + kHurryPause)
        return;
    wish.hurried = now;
    wish.nextAt = now;
}

const Dialler::Place &Dialler::nextOf(const Wish &wish)
{
    if (wish.rumours.empty())
        return wish.addresses[wish.attempts % wish.addresses.size()];
    if (wish.addresses.empty())
        return wish.rumours[wish.attempts % wish.rumours.size()];
    const std::size_t turn = wish.attempts / 2;
    return wish.attempts % 2 == 0 ? wish.addresses[turn % wish.addresses.size()]
                                  : wish.rumours[turn % wish.rumours.size()];
}

std::size_t Dialler::dialling() const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        m_wanted, [](const auto &entry) { return entry.second.state == State::Dialling; }));
}

std::vector<Dialler::Attempt> Dialler::due(MonoTime now)
{
    std::vector<Attempt> attempts;
    if (const auto first = wakeAt(); !first || *first > now)
        return attempts;
    m_wake.reset();
    std::size_t running = dialling();
    for (auto &[device, wish] : m_wanted) {
        if (running >= kAtOnceMax)
            break;
        if (wish.state != State::Waiting || wish.nextAt > now)
            continue;
        wish.state = State::Dialling;
        const Place &place = nextOf(wish);
        attempts.push_back({device, place.endpoint, place.by});
        ++running;
    }
    return attempts;
}

Millis Dialler::jittered(Millis pause)
{
    const auto quarter = static_cast<std::uint64_t>(pause.count() / 4);
    return pause - Millis(quarter) + Millis(m_random.below(2 * quarter + 1));
}

void Dialler::failed(const PublicKey &device, MonoTime now, std::optional<Obstacle> step)
{
    const auto found = changing(device);
    if (found == m_wanted.end() || found->second.state != State::Dialling)
        return;
    Wish &wish = found->second;
    if (step)
        note(device, *step, now);
    ++wish.attempts;
    if (wish.persistence == Persistence::Once) {
        m_wanted.erase(found);
        return;
    }
    wish.state = State::Waiting;
    wish.nextAt = now + jittered(wish.pause);
    wish.pause = std::min(wish.pause * 2, kPauseMax);
}

void Dialler::connected(const PublicKey &device)
{
    const auto found = changing(device);
    if (found == m_wanted.end())
        return;
    if (found->second.persistence == Persistence::Once) {
        m_wanted.erase(found);
        return;
    }
    found->second.state = State::Connected;
    found->second.pause = kPauseMin;
    found->second.last.reset();
    found->second.failures = 0;
}

void Dialler::note(const PublicKey &device, Obstacle step, MonoTime now)
{
    const auto found = m_wanted.find(device);
    if (found == m_wanted.end())
        return;
    found->second.last = Missing::Failure{step, nextOf(found->second).endpoint, now};
    ++found->second.failures;
}

std::vector<Dialler::Missing> Dialler::missing() const
{
    std::vector<Missing> result;
    for (const auto &[device, wish] : m_wanted) {
        if (wish.state == State::Connected)
            continue;
        const Place &place = nextOf(wish);
        result.push_back({device, place.endpoint, place.by, wish.state == State::Dialling,
                          wish.nextAt, wish.last, wish.failures});
    }
    return result;
}

void Dialler::proven(const PublicKey &device, const Endpoint &endpoint)
{
    const auto found = changing(device);
    if (found == m_wanted.end())
        return;
    found->second.rumours.clear();
    found->second.attempts = 0; // it comes first, should the session be lost
    keepIn(found->second.addresses, {endpoint, FoundBy::LastAddress}, kAddressesMax);
    connected(device);
}

void Dialler::lost(const PublicKey &device, MonoTime now)
{
    const auto found = changing(device);
    if (found == m_wanted.end() || found->second.state != State::Connected)
        return;
    found->second.state = State::Waiting;
    found->second.nextAt = now + jittered(kPauseMin);
}

std::optional<MonoTime> Dialler::wakeAt() const
{
    if (!m_wake)
        m_wake = firstWaiting();
    return *m_wake;
}

std::optional<MonoTime> Dialler::firstWaiting() const
{
    std::optional<MonoTime> next;
    if (dialling() >= kAtOnceMax)
        return next;
    for (const auto &[device, wish] : m_wanted) {
        if (wish.state == State::Waiting && (!next || wish.nextAt < *next))
            next = wish.nextAt;
    }
    return next;
}

} // namespace nlbd::net
