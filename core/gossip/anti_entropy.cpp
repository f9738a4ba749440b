#include "core/gossip/anti_entropy.h"

namespace nlbd::gossip {

namespace {

Seq highest(const std::vector<HeadPlace> &places)
{
    Seq result;
    for (const HeadPlace &place : places)
        result = std::max(result, place.seq);
    return result;
}

} // namespace

Heads headsByDevice(const std::vector<HeadPlace> &places)
{
    Heads heads;
    for (const HeadPlace &place : places)
        heads[place.device].push_back(place);
    return heads;
}

Difference compare(const Heads &mine, const std::vector<HeadPlace> &theirs,
                   const std::function<bool(const HeadPlace &)> &isHeld)
{
    Difference difference;
    const Heads peer = headsByDevice(theirs);
    for (const HeadPlace &place : theirs) {
        if (isHeld(place))
            continue;
        const auto own = mine.find(place.device);
        const Seq height = own == mine.end() ? Seq(0) : highest(own->second);
        if (place.seq > height)
            difference.pull.push_back({place.device, height.next(), place.seq, place.head});
        else
            difference.probe.push_back(place);
    }
    for (const auto &[device, places] : mine) {
        const auto found = peer.find(device);
        for (const HeadPlace &place : places) {
            const bool isThere = found != peer.end()
                && std::ranges::find(found->second, place) != found->second.end();
            const bool isBehind =
                found != peer.end() && highest(found->second) > place.seq && places.size() == 1;
            difference.peerLacks = difference.peerLacks || !(isThere || isBehind);
        }
    }
    return difference;
}

std::vector<PeerId> choosePartners(std::vector<PeerId> candidates, std::size_t count,
                                   Random &random)
{
    // Fisher-Yates, stopped after `count`.
    const std::size_t wanted = std::min(count, candidates.size());
    for (std::size_t i = 0; i < wanted; ++i) {
        const auto j = i + static_cast<std::size_t>(random.below(candidates.size() - i));
        std::swap(candidates[i], candidates[j]);
    }
    candidates.resize(wanted);
    return candidates;
}

std::vector<PeerId> choosePartners(const std::vector<Candidate> &candidates, std::size_t count,
                                   Random &random)
{
    std::vector<PeerId> peers;
    for (const Candidate &candidate : candidates)
        peers.push_back(candidate.peer);
    peers = choosePartners(std::move(peers), count, random);
    const auto oldest = std::ranges::min_element(candidates, {}, &Candidate::compared);
    if (!peers.empty() && std::ranges::find(peers, oldest->peer) == peers.end())
        peers.back() = oldest->peer;
    return peers;
}

Partners drawPartners(const std::vector<Candidate> &candidates,
                      const std::vector<DeviceIndex> &known, std::size_t count, Random &random)
{
    Partners drawn{choosePartners(candidates, count, random), {}};
    for (std::size_t i = 0; i < count && !known.empty(); ++i) {
        if (random.below(2) != 0)
            continue;
        const DeviceIndex device = known[random.below(known.size())];
        const auto session = std::ranges::find(candidates, device, &Candidate::device);
        if (session == candidates.end()) {
            if (std::ranges::find(drawn.reach, device) == drawn.reach.end())
                drawn.reach.push_back(device);
        } else if (i + 1 < drawn.compare.size() // the last slot is whose turn it is
                   && std::ranges::find(drawn.compare, session->peer) == drawn.compare.end()) {
            drawn.compare[i] = session->peer;
        }
    }
    return drawn;
}

} // namespace nlbd::gossip
