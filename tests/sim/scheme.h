#pragma once

#include "core/base/random.h"

#include <vector>

namespace nlbd::sim {

/// What the hostile members of a world have agreed on beside what each of them does anyway
/// (hostile_actor, vote_forger): strategies of PROTOCOL D3, see STRATEGIES.md.
enum class Scheme : std::uint8_t {
    Slow,           ///< everything comes late
    CouncilLies,    ///< every attack on what is decided that needs nobody's help
    Floods,         ///< orphans and twins of old changes
    FalseAcks,      ///< for what nobody has; what was said before, said again
    InflatedReport, ///< a closing report of a change that nobody was given
    LateProposals,  ///< a value is proposed when the round is nearly over, to some only
    HiddenPolka,    ///< one victim alone sees a quorum of prevotes
    BadBox,         ///< a value whose key one victim cannot open
    Eclipse,        ///< for a while one victim hears hostile members only
    WritesOn,       ///< a removed member goes on in the epoch that it was removed in
    RestoredDevice, ///< an older disk, and nothing that guards it
    LoneLies,       ///< hostile::lies(): salamanders, downgrades, false acks, framed innocents
    WrongDelta,     ///< reports whose entries lead nowhere, and never a whole one
};
inline constexpr std::size_t kSchemes = 13;

/// Up to three of them.
[[nodiscard]] std::vector<Scheme> drawnSchemes(Random &random);

} // namespace nlbd::sim
