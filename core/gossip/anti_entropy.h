#pragma once

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/gossip/message.h"

#include <functional>
#include <map>

namespace nlbd::gossip {

/// The chain heads that one side holds: more than one per device only after a fork.
using Heads = std::map<DeviceIndex, std::vector<HeadPlace>>;

[[nodiscard]] Heads headsByDevice(const std::vector<HeadPlace> &places);

/// What comparing my heads with a peer's says (PROTOCOL C18).
struct Difference {
    std::vector<Range> pull; ///< what the peer holds beyond me, along chains that I hold
    std::vector<HeadPlace>
        probe;              ///< heads that contradict mine: a branch of a fork, or the tail of one
    bool peerLacks = false; ///< I hold something that the peer does not
};

/// `isHeld` answers whether a change with this prefix stands at a place here. @complexity O(heads).
[[nodiscard]] Difference compare(const Heads &mine, const std::vector<HeadPlace> &theirs,
                                 const std::function<bool(const HeadPlace &)> &isHeld);

/// `count` distinct elements of `candidates`, uniformly.
[[nodiscard]] std::vector<PeerId> choosePartners(std::vector<PeerId> candidates, std::size_t count,
                                                 Random &random);

struct Candidate {
    PeerId peer;
    MonoTime compared; ///< when a digest last went to it or came from it
    DeviceIndex device{};
};
/// The same, with one slot for whoever was compared with longest ago: nobody is left out by chance
/// (PROTOCOL C18), and who never answers takes no more than its turn. Draws as many random numbers.
[[nodiscard]] std::vector<PeerId> choosePartners(const std::vector<Candidate> &candidates,
                                                 std::size_t count, Random &random);

/// Whom to compare with now, and whom to look for because there is no session.
struct Partners {
    std::vector<PeerId> compare;
    std::vector<DeviceIndex> reach; ///< compared with as soon as they are there
};
/// As choosePartners; but half of the draws are among all `known` devices, not among the sessions
/// that happen to be there: who has only hostile ones, or silent ones, gets out of it so (PROTOCOL
/// C18, NET_NOTES 5). A draw that finds no session costs none of the others its comparison.
[[nodiscard]] Partners drawPartners(const std::vector<Candidate> &candidates,
                                    const std::vector<DeviceIndex> &known, std::size_t count,
                                    Random &random);

} // namespace nlbd::gossip
