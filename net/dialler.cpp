#include "net/dialler.h"

#include <algorithm>

namespace nlbd::net {

void Dialler::want(const PublicKey &device, const Endpoint &endpoint, Persistence persistence,
                   MonoTime now, Millis delay)
{
    const auto found = m_wanted.find(device);
    if (found == m_wanted.end() && m_wanted.size() >= kWantedMax)
        return;
    Wish &wish = m_wanted[device];
    if (wish.addresses.empty())
        wish.nextAt = now + delay;
    if (persistence == Persistence::UntilForgotten)
        wish.persistence = persistence;
    const auto known = std::ranges::find(wish.addresses, endpoint);
    const bool isNew = known == wish.addresses.end();
    if (!isNew)
        wish.addresses.erase(known);
    else if (wish.addresses.size() >= kAddressesMax)
        wish.addresses.pop_back();
    wish.addresses.insert(wish.addresses.begin(), endpoint);
    wish.nextAddress = 0;
    // A fresh address is worth a try at once, however long the pause had grown.
    if (isNew && wish.state == State::Waiting)
        wish.nextAt = std::min(wish.nextAt, now + delay);
}

std::size_t Dialler::dialling() const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        m_wanted, [](const auto &entry) { return entry.second.state == State::Dialling; }));
}

std::vector<Dialler::Attempt> Dialler::due(MonoTime now)
{
    std::vector<Attempt> attempts;
    std::size_t running = dialling();
    for (auto &[device, wish] : m_wanted) {
        if (running >= kAtOnceMax)
            break;
        if (wish.state != State::Waiting || wish.nextAt > now)
            continue;
        wish.state = State::Dialling;
        attempts.push_back({device, wish.addresses[wish.nextAddress % wish.addresses.size()]});
        ++running;
    }
    return attempts;
}

Millis Dialler::jittered(Millis pause)
{
    const auto quarter = static_cast<std::uint64_t>(pause.count() / 4);
    return pause - Millis(quarter) + Millis(m_random.below(2 * quarter + 1));
}

void Dialler::failed(const PublicKey &device, MonoTime now)
{
    const auto found = m_wanted.find(device);
    if (found == m_wanted.end() || found->second.state != State::Dialling)
        return;
    Wish &wish = found->second;
    ++wish.nextAddress;
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
    const auto found = m_wanted.find(device);
    if (found == m_wanted.end())
        return;
    if (found->second.persistence == Persistence::Once) {
        m_wanted.erase(found);
        return;
    }
    found->second.state = State::Connected;
    found->second.pause = kPauseMin;
}

void Dialler::lost(const PublicKey &device, MonoTime now)
{
    const auto found = m_wanted.find(device);
    if (found == m_wanted.end() || found->second.state != State::Connected)
        return;
    found->second.state = State::Waiting;
    found->second.nextAt = now + jittered(kPauseMin);
}

std::optional<MonoTime> Dialler::wakeAt() const
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
