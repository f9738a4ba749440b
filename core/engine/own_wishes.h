#pragma once

#include "core/base/time.h"
#include "core/consensus/proposal.h"

#include <deque>
#include <map>

namespace nlbd::engine {

/// What a member gets by its own word, without a vote: its seat moved, a device given up, one more
/// computer, which the others' computers let in, a device's care key turned (that one counts for
/// each device, ends no epoch, and is not asked for a fourth time). Each ends an epoch, and most
/// turn the key. Without a bound one hostile member would have an epoch end after the other for
/// ever (PROTOCOL B, rotation abuse): of each kind three a day are reason enough. A fourth is
/// decided along with something else, or a day later; it is never invalid, so that all judge alike.
class OwnWishes {
public:
    static constexpr std::size_t kPerDay = 3;
    /// A part of a day. Seats may count differently: one that closed alone, and acknowledges
    /// nothing any more, is followed after so long.
    static constexpr int kFollowPart = 24;

    /// Whether it was one. The configuration is that of the epoch that the decision closed.
    bool decided(const consensus::Proposal &proposal, const identity::Configuration &configuration,
                 WallTime now);

    /// How long until it is reason enough; nothing: it is.
    [[nodiscard]] std::optional<Millis> waits(const consensus::Proposal &proposal,
                                              const identity::Configuration &configuration,
                                              WallTime now, Millis day) const;

    [[nodiscard]] Bytes encode() const;
    /// What cannot be read is left out: it only waits shorter.
    void load(ByteView bytes);

private:
    /// Of a member, or a device, and a kind.
    using What = std::pair<std::uint16_t, std::uint8_t>;
    [[nodiscard]] static What whatOf(const consensus::Proposal &proposal);

    std::map<What, std::deque<WallTime>> m_decided; ///< the latest
};

} // namespace nlbd::engine
