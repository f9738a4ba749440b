#pragma once

#include "core/crdt/op_codec.h"
#include "tests/support/trace.h"

namespace nlbd::bench {

/// A trace cut into changes, and which replica makes which.
///
/// The event graph is covered with few chains ("lanes"): a lane is one replica, and each of its
/// changes comes causally after the one before, so that a trace with hundreds of authors needs only
/// as many live replicas as there ever were branches at one time.
struct Plan {
    test::Trace trace; ///< a transaction is a change, its agent a lane
    std::vector<std::vector<std::size_t>> deliveries; ///< what a lane must get before it makes one
    std::vector<std::vector<std::size_t>> missing;    ///< by lane: what it lacks at the end
};

/// At most `editsMax` edits in a row of one lane, with nobody else's in between, are one change; a
/// transaction beyond the limits of a change (core/base/limits.h) becomes several.
[[nodiscard]] Plan planFor(const test::Trace &trace, std::size_t editsMax);

/// The changes of a plan as history knows them, without signatures: handle i + 1 is change i, the
/// device is the lane. All of it is known beforehand, so that asking costs next to nothing.
class PlannedHistory final : public crdt::ChangeOrder,
                             public crdt::ChangeNames,
                             public crdt::ChangeResolver {
public:
    enum class Ties : std::uint8_t { LowLaneFirst, HighLaneFirst };
    PlannedHistory(const Plan &plan, Ties ties);

    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const override;
    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const override;
    [[nodiscard]] crdt::ChangeName nameOf(ChangeHandle change) const override;
    [[nodiscard]] std::optional<ChangeHandle> resolve(const crdt::ChangeName &name) const override;

    [[nodiscard]] crdt::OwnChange own(ChangeHandle change) const;

private:
    struct Change {
        std::uint64_t lamport = 0;
        std::uint32_t lane = 0;
        std::uint32_t seq = 0; ///< from 1
    };
    [[nodiscard]] const Change &at(ChangeHandle handle) const
    {
        return m_changes[handle.value - 1];
    }

    Ties m_ties;
    std::size_t m_lanes;
    std::vector<Change> m_changes;
    std::vector<std::uint32_t> m_seen; ///< by change and lane: highest seq in its past or itself
    std::vector<std::vector<ChangeHandle>> m_bySeq; ///< by lane
};

} // namespace nlbd::bench
