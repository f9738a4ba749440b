#pragma once

#include "core/consensus/vote.h"
#include "core/gossip/control_message.h"
#include "tests/sim/world.h"

namespace nlbd::sim {

/// A hostile seat that lets an honest engine vote for it and says something else to every second
/// victim: other proposals, votes for nil where it voted for a value and the other way round, no
/// polka, a closing report that leaves something out, a key offer that does not open (PROTOCOL D3).
class VoteForger {
public:
    VoteForger(World &world, DeviceIndex device);

    /// What the victim gets instead; nothing if all of it is withheld. `configuration`: of the
    /// epoch in which the hostile engine is.
    [[nodiscard]] std::optional<Bytes> forged(std::size_t victim, std::uint8_t kind, Bytes body,
                                              const identity::Configuration &configuration);

private:
    [[nodiscard]] std::optional<Bytes> forgedVote(const Bytes &record,
                                                  const identity::Configuration &configuration);
    [[nodiscard]] gossip::ControlRecords::Record
    forgedClose(const gossip::ControlRecords::Record &record,
                const identity::Configuration &configuration) const;

    World &m_world;
    DeviceIndex m_device;
    Epoch m_epoch;
    std::vector<Hash> m_values; ///< named in votes of this epoch
};

} // namespace nlbd::sim
