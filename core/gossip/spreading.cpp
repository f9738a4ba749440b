#include "core/gossip/spreading.h"

#include "core/base/limits.h"
#include "core/gossip/anti_entropy.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace nlbd::gossip {

Fanout fanoutOf(std::size_t members, std::size_t sessions)
{
    if (members <= limits::kFullMeshMax)
        return {0, std::numeric_limits<std::size_t>::max()};
    if (sessions * 3 >= members * 2)
        return {sessions > kGivesOnMax ? 0 : kPushPeersNearAll, kHavePeersNearAll};
    return {kPushPeers, kHavePeers};
}

std::vector<PeerId> Spreading::fresh(const News &news, std::vector<PeerId> sessions,
                                     const Fanout &fanout, Random &random)
{
    Waiting &waiting = m_batch[news.place.device];
    if (waiting.place.seq < news.place.seq) {
        waiting.place = news.place;
        waiting.isMine = !news.from;
        waiting.holders.clear();
    }
    if (news.from && waiting.place == news.place)
        waiting.holders.insert(*news.from);
    if (waiting.place == news.place)
        std::erase_if(sessions, [&](PeerId peer) { return waiting.holders.contains(peer); });
    else if (news.from)
        std::erase(sessions, *news.from);
    if (!news.mayPush)
        return {};
    if (news.from)
        sessions = choosePartners(std::move(sessions), fanout.push, random);
    if (waiting.place == news.place)
        waiting.holders.insert(sessions.begin(), sessions.end());
    return sessions;
}

void Spreading::holds(PeerId peer, const HeadPlace &place)
{
    const auto waiting = m_batch.find(place.device);
    if (waiting != m_batch.end() && place.seq >= waiting->second.place.seq)
        waiting->second.holders.insert(peer);
}

void Spreading::gone(PeerId peer)
{
    for (auto &[device, waiting] : m_batch)
        waiting.holders.erase(peer);
}

std::vector<Spreading::Batch> Spreading::announce(std::vector<PeerId> sessions,
                                                  const Fanout &fanout, Random &random)
{
    const std::map<DeviceIndex, Waiting> batch = std::exchange(m_batch, {});
    std::erase_if(sessions, [&batch](PeerId peer) {
        return std::ranges::all_of(
            batch, [peer](const auto &entry) { return entry.second.holders.contains(peer); });
    });
    std::vector<PeerId> chosen = choosePartners(sessions, fanout.have, random);
    std::ranges::sort(chosen);
    std::vector<Batch> batches;
    for (const PeerId peer : sessions) {
        const bool isChosen = std::ranges::binary_search(chosen, peer);
        Batch told{peer, {}};
        for (const auto &[device, waiting] : batch)
            if ((isChosen || waiting.isMine) && !waiting.holders.contains(peer))
                told.places.push_back(waiting.place);
        if (!told.places.empty())
            batches.push_back(std::move(told));
    }
    return batches;
}

} // namespace nlbd::gossip
