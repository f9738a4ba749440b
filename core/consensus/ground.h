#pragma once

#include "core/consensus/close_book.h"
#include "core/consensus/closing_frontier.h"
#include "core/consensus/offered_key.h"
#include "core/consensus/proposal_book.h"

namespace nlbd::consensus {

/// What judging and building a value asks the rest of the computer: its history, its documents, its
/// keys.
class Ground {
public:
    virtual ~Ground() = default;

    enum class Holding : std::uint8_t {
        All,      ///< every change below is held and valid
        NotYet,   ///< some are not: pull them
        NotClosed ///< a head builds on something that the frontier leaves out (rule A1): never
    };
    [[nodiscard]] virtual Holding holding(const trust::Frontier &report) const = 0;

    [[nodiscard]] virtual const ChainOrder &chains() const = 0;

    /// Root over the canonical snapshots at these heads; nothing while it is not computed.
    [[nodiscard]] virtual std::optional<Hash>
    stateRoot(const identity::ChainHeads &heads) const = 0;

    /// A verified offer by its hash.
    [[nodiscard]] virtual const OfferedKey *offer(const Hash &hash) const = 0;
    [[nodiscard]] virtual std::vector<const OfferedKey *> offers() const = 0;

    /// What is wrong with the offer, see openOfferedKey(); nothing if it opens for me and
    /// recomputes for all. Only asked of those who may read in the next epoch.
    [[nodiscard]] virtual std::optional<Code>
    keyFault(const OfferedKey &offer, const identity::Configuration &next) const = 0;
};

/// A seat's view of the epoch that it helps to end. Borrowed, all of it.
struct EpochView {
    const identity::Configuration &configuration;
    const ProposalBook &proposals;
    const CloseBook &closes;
    const Ground &ground;
    DeviceIndex me;
};

} // namespace nlbd::consensus
