#pragma once

#include "tests/bench/crdt_plan.h"
#include "tests/core/history/group.h"

#include <memory>

namespace nlbd::test {

/// A recording of real writing as a signed history: each writer a member with a hash chain, every
/// change sealed, signed, sent to the others and validated as the event graph of the trace says.
///
/// Recordings have no times of day: a key takes 80 to 320 ms, and before every eighth change there
/// is a pause of up to a minute.
class SignedTrace {
public:
    /// At most `editsMax` edits in a row of one writer are one change. Ties between people who
    /// typed at one place at once fall by hash: the group's keys are drawn anew until they fall as
    /// in the trace. Nothing if they never do.
    [[nodiscard]] static std::unique_ptr<SignedTrace> make(const Trace &trace, std::size_t editsMax,
                                                           const identity::SignatureScheme &scheme);

    SignedTrace(const bench::Plan &plan, const identity::SignatureScheme &scheme,
                std::uint64_t seed);

    [[nodiscard]] const Group &group() const { return m_group; }
    [[nodiscard]] const std::vector<history::UnverifiedChange> &changes() const
    {
        return m_changes;
    }
    [[nodiscard]] DocIndex document() const { return history::docIndexOf(DeviceIndex(0), 1); }
    [[nodiscard]] std::string text() const
    {
        return m_lanes.front()->documents.begin()->second.text();
    }

    [[nodiscard]] history::KeyLookup keyLookup() const
    {
        return [this](KeyEpoch epoch) { return epoch == KeyEpoch(0) ? &m_group.key : nullptr; };
    }

private:
    void write(Replica &writer, const TextPatches &patches, WallTime wall);
    void deliver(Replica &reader, const std::vector<std::size_t> &changes);

    Group m_group;
    std::vector<std::unique_ptr<Replica>> m_lanes;
    std::vector<history::UnverifiedChange> m_changes;
};

} // namespace nlbd::test
