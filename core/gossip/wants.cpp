#include "core/gossip/wants.h"

#include "core/base/limits.h"

#include <algorithm>

namespace nlbd::gossip {

// ---- what is announced --------------------------------------------------------------------------

void Wants::heard(const HeadPlace &place, PeerId from, MonoTime now, std::optional<Millis> patience)
{
    if (!isAskable(from, now))
        return;
    const MonoTime due = now + std::min(patience.value_or(kPatienceMax), patienceWith(from));
    std::vector<Announcer> &announcers = m_wanted[place.device].announcers;
    const auto known = std::ranges::find(announcers, from, &Announcer::peer);
    if (known != announcers.end()) {
        // One word of each: the highest, which stands for what is below.
        if (known->place.seq <= place.seq)
            known->place = place;
        known->due = std::min(known->due, due);
        return;
    }
    if (announcers.size() >= kAnnouncersMax) {
        // Who was asked and gave nothing makes room: first come is not first served for ever.
        const auto hasFailed = [&](const Announcer &who) {
            const auto link = m_links.find(who.peer);
            return link != m_links.end()
                && (link->second.failures > 0
                    || std::ranges::any_of(m_sent, [&](const auto &entry) {
                           const Sent &sent = entry.second;
                           return sent.peer == who.peer && sent.at + patienceWith(who.peer) < now
                               && std::ranges::find(sent.places, who.place) != sent.places.end();
                       }));
        };
        const auto worst = std::ranges::find_if(announcers, hasFailed);
        if (worst == announcers.end())
            return;
        announcers.erase(worst);
    }
    announcers.push_back({from, place, due});
}

void Wants::settle(DeviceIndex device, const std::function<bool(const HeadPlace &)> &isHere)
{
    const auto found = m_wanted.find(device);
    if (found == m_wanted.end())
        return;
    Wanted &wanted = found->second;
    const std::size_t settled =
        std::erase_if(wanted.announcers, [&](const Announcer &who) { return isHere(who.place); });
    if (wanted.announcers.empty()) {
        m_wanted.erase(found);
    } else if (settled > 0) {
        wanted.attempts = 0;
        wanted.notBefore = {};
    }
}

// ---- what is asked ------------------------------------------------------------------------------

std::vector<Wants::Announcer>::iterator Wants::nextOf(Wanted &wanted, MonoTime now)
{
    return std::ranges::find_if(wanted.announcers, [&](const Announcer &who) {
        const auto link = m_links.find(who.peer);
        return who.due <= now
            && (link == m_links.end()
                || (link->second.askableAt <= now
                    && link->second.inFlight < limits::kRequestsInFlight));
    });
}

std::vector<Wants::Request> Wants::due(MonoTime now, std::uint32_t &number)
{
    expire(now);
    std::map<PeerId, Request> requests;
    for (auto wanted = m_wanted.begin(); wanted != m_wanted.end();)
        if (dueOf(wanted->second) <= now && !ask(wanted->second, requests, now))
            wanted = m_wanted.erase(wanted);
        else
            ++wanted;
    std::vector<Request> result;
    for (auto &[peer, request] : requests) {
        request.number = ++number;
        m_sent.emplace(request.number, Sent{peer, request.places, now});
        ++m_links[peer].inFlight;
        result.push_back(std::move(request));
    }
    return result;
}

/// False: it was asked for often enough.
bool Wants::ask(Wanted &wanted, std::map<PeerId, Request> &requests, MonoTime now)
{
    if (wanted.attempts >= kAttemptsMax)
        return false;
    const auto next = nextOf(wanted, now);
    if (next == wanted.announcers.end()) {
        wanted.notBefore = laterOf(wanted, now);
        return true;
    }
    Request &request = requests[next->peer];
    request.peer = next->peer;
    if (request.places.size() >= limits::kRangeChangesMax) {
        wanted.notBefore = now + kPatienceMin;
        return true;
    }
    request.places.push_back(next->place);
    // Twice as long when all were asked: an answer that is only slow is not asked for over and
    // over.
    const auto rounds = wanted.attempts++ / wanted.announcers.size();
    wanted.notBefore = now + std::min(patienceWith(next->peer) * (1 << rounds), kPatienceMax);
    std::rotate(next, std::next(next), wanted.announcers.end());
    return true;
}

/// Who is due pays for its silence, or has enough to do: when somebody may be asked.
MonoTime Wants::laterOf(const Wanted &wanted, MonoTime now) const
{
    MonoTime first = now + kPatienceMax;
    for (const Announcer &who : wanted.announcers) {
        const auto link = m_links.find(who.peer);
        const MonoTime askable = link == m_links.end() ? now : link->second.askableAt;
        first = std::min(first, std::max(who.due, askable));
    }
    return std::max(first, now + kPatienceMin);
}

void Wants::askNext(const std::vector<HeadPlace> &places, MonoTime now)
{
    for (const HeadPlace &place : places)
        if (const auto wanted = m_wanted.find(place.device); wanted != m_wanted.end())
            wanted->second.notBefore = std::min(wanted->second.notBefore, now);
}

void Wants::expire(MonoTime now)
{
    std::vector<PeerId> overdue;
    std::erase_if(m_sent, [&](const auto &entry) {
        const Sent &sent = entry.second;
        if (now < sent.at + kSilence)
            return false;
        --m_links.at(sent.peer).inFlight;
        overdue.push_back(sent.peer);
        return true;
    });
    for (const PeerId peer : overdue)
        silent(peer, now);
}

std::optional<std::vector<HeadPlace>> Wants::answered(PeerId peer, std::uint32_t number,
                                                      MonoTime now)
{
    const auto found = m_sent.find(number);
    if (found == m_sent.end() || found->second.peer != peer)
        return std::nullopt;
    Link &link = m_links.at(peer);
    --link.inFlight;
    const Millis sample = now - found->second.at;
    link.roundTrip = link.roundTrip ? (*link.roundTrip * 7 + sample) / 8 : sample;
    std::vector<HeadPlace> places = std::move(found->second.places);
    m_sent.erase(found);
    return places;
}

void Wants::dropped(std::uint32_t number)
{
    const auto found = m_sent.find(number);
    if (found == m_sent.end())
        return;
    --m_links.at(found->second.peer).inFlight;
    m_sent.erase(found);
}

void Wants::undelivered(PeerId peer, const HeadPlace &place, MonoTime now)
{
    const auto found = m_wanted.find(place.device);
    if (found == m_wanted.end())
        return;
    std::vector<Announcer> &announcers = found->second.announcers;
    const auto liar = std::ranges::find_if(
        announcers, [&](const Announcer &who) { return who.peer == peer && who.place == place; });
    if (liar != announcers.end())
        announcers.erase(liar);
    Link &link = m_links[peer];
    if (++link.failures >= kFailuresMin)
        pause(link, now);
    if (found->second.attempts > 0)
        --found->second.attempts; // or one who lies fast would use up what others are owed
    if (announcers.empty())
        m_wanted.erase(found);
    else
        askNext({place}, now);
}

void Wants::gone(PeerId peer, MonoTime now)
{
    std::erase_if(m_sent, [&](const auto &entry) {
        if (entry.second.peer != peer)
            return false;
        askNext(entry.second.places, now);
        return true;
    });
    m_links.erase(peer);
    for (auto &[device, wanted] : m_wanted)
        std::erase_if(wanted.announcers, [peer](const Announcer &who) { return who.peer == peer; });
    std::erase_if(m_wanted, [](const auto &entry) { return entry.second.announcers.empty(); });
}

// ---- whom to ask --------------------------------------------------------------------------------

bool Wants::isAskable(PeerId peer, MonoTime now) const
{
    const auto link = m_links.find(peer);
    return link == m_links.end() || link->second.askableAt <= now;
}

void Wants::silent(PeerId peer, MonoTime now)
{
    Link &link = m_links[peer];
    ++link.failures;
    pause(link, now);
}

void Wants::pause(Link &link, MonoTime now)
{
    const auto count = static_cast<int>(std::min<std::uint32_t>(link.failures, 1000));
    link.askableAt = now + std::min(kSilence * count, kPauseMax);
}

void Wants::useful(PeerId peer)
{
    Link &link = m_links[peer];
    link.failures = 0;
    link.askableAt = {};
}

Millis Wants::patienceWith(PeerId peer) const
{
    const auto link = m_links.find(peer);
    const Millis roundTrip =
        link == m_links.end() ? kRoundTripGuess : link->second.roundTrip.value_or(kRoundTripGuess);
    return std::clamp(2 * roundTrip, kPatienceMin, kPatienceMax);
}

MonoTime Wants::dueOf(const Wanted &wanted)
{
    MonoTime first = MonoTime::max();
    for (const Announcer &who : wanted.announcers)
        first = std::min(first, who.due);
    return std::max(first, wanted.notBefore);
}

std::optional<MonoTime> Wants::deadline() const
{
    std::optional<MonoTime> next;
    const auto atMost = [&next](MonoTime when) { next = next ? std::min(*next, when) : when; };
    for (const auto &[device, wanted] : m_wanted)
        atMost(dueOf(wanted));
    for (const auto &[number, sent] : m_sent)
        atMost(sent.at + kSilence);
    return next;
}

std::size_t Wants::size() const
{
    std::size_t count = m_sent.size();
    for (const auto &[device, wanted] : m_wanted)
        count += wanted.announcers.size();
    return count;
}

} // namespace nlbd::gossip
