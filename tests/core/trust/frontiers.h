#pragma once

#include "core/trust/ack.h"
#include "tests/core/history/group.h"

namespace nlbd::test {

/// What an honest seat would acknowledge: the head of every chain it holds.
inline trust::Frontier frontierOf(const history::CausalGraph &graph)
{
    trust::Frontier frontier;
    for (std::uint16_t device = 0; device < 128; ++device) {
        const auto chains = graph.chainsOf(DeviceIndex(device));
        if (chains.empty())
            continue;
        const ChangeHandle head = graph.headOf(chains.front());
        frontier.push_back({DeviceIndex(device), graph.entry(head).seq, graph.entry(head).hash});
    }
    return frontier;
}

inline trust::Ack ackOf(const Group &group, std::uint16_t seat, std::uint64_t no,
                        const trust::Frontier &frontier)
{
    return trust::signAck(group.scheme, group.people.at(seat).device, group.configuration,
                          SeatIndex(seat), no, trust::rootOf(frontier));
}

} // namespace nlbd::test
