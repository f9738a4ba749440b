#pragma once

#include "core/base/check.h"
#include "core/crdt/op_codec.h"

#include <map>
#include <utility>

namespace nlbd::test {

/// Changes without signatures, for tests of the documents: who follows whom, in which tie order, by
/// which name. Questions about the order of a change that is still open abort.
class FakeHistory final : public crdt::ChangeOrder,
                          public crdt::ChangeNames,
                          public crdt::ChangeResolver {
public:
    explicit FakeHistory(std::size_t devices)
        : m_devices(devices)
        , m_seqs(devices)
    {
    }

    /// A change that its author still writes: it has a handle and a name, no place in the order.
    [[nodiscard]] ChangeHandle open(std::size_t device)
    {
        Change change;
        change.device = device;
        change.seq = ++m_seqs[device];
        m_changes.push_back(change);
        const ChangeHandle handle(static_cast<std::uint32_t>(m_changes.size()));
        m_byName[{DeviceIndex(static_cast<std::uint16_t>(device)), Seq(change.seq)}] = handle;
        return handle;
    }

    /// Ends a change that follows `parents`. `tie` plays the part of its hash.
    void sign(ChangeHandle handle, const std::vector<ChangeHandle> &parents, std::uint64_t tie)
    {
        Change &change = at(handle);
        CHECK(!change.isSigned);
        change.isSigned = true;
        change.tie = tie;
        change.seen.assign(m_devices, 0);
        for (const ChangeHandle parent : parents) {
            const Change &before = at(parent);
            change.lamport = std::max(change.lamport, before.lamport);
            for (std::size_t i = 0; i < m_devices; ++i)
                change.seen[i] = std::max(change.seen[i], before.seen[i]);
        }
        ++change.lamport;
        change.seen[change.device] = change.seq;
    }

    [[nodiscard]] ChangeHandle add(std::size_t device, const std::vector<ChangeHandle> &parents,
                                   std::uint64_t tie)
    {
        const ChangeHandle handle = open(device);
        sign(handle, parents, tie);
        return handle;
    }

    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const override
    {
        const Change &left = at(a);
        const Change &right = at(b);
        CHECK(left.isSigned && right.isSigned);
        ++m_comparisons;
        return std::tuple(left.lamport, left.tie, a) < std::tuple(right.lamport, right.tie, b);
    }

    /// How often the order was asked for: what finding a place among siblings costs.
    [[nodiscard]] std::size_t comparisons() const noexcept { return m_comparisons; }

    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const override
    {
        const Change &earlier = at(past);
        CHECK(at(change).isSigned);
        return at(change).seen[earlier.device] >= earlier.seq;
    }

    [[nodiscard]] crdt::ChangeName nameOf(ChangeHandle change) const override
    {
        return {DeviceIndex(static_cast<std::uint16_t>(at(change).device)), Seq(at(change).seq)};
    }

    [[nodiscard]] std::optional<ChangeHandle> resolve(const crdt::ChangeName &name) const override
    {
        const auto found = m_byName.find(name);
        return found == m_byName.end() ? std::nullopt : std::optional(found->second);
    }

    [[nodiscard]] crdt::OwnChange own(ChangeHandle change) const
    {
        const crdt::ChangeName name = nameOf(change);
        return {change, name.device, name.seq};
    }

private:
    struct Change {
        std::size_t device = 0;
        std::uint64_t seq = 0;
        std::uint64_t lamport = 0;
        std::uint64_t tie = 0;
        bool isSigned = false;
        std::vector<std::uint64_t> seen; ///< highest seq by device in its past, itself included
    };
    [[nodiscard]] const Change &at(ChangeHandle handle) const
    {
        CHECK(handle.value > 0 && handle.value <= m_changes.size());
        return m_changes[handle.value - 1];
    }
    [[nodiscard]] Change &at(ChangeHandle handle)
    {
        return const_cast<Change &>(std::as_const(*this).at(handle));
    }

    mutable std::size_t m_comparisons = 0;
    std::size_t m_devices;
    std::vector<std::uint64_t> m_seqs;
    std::vector<Change> m_changes;
    std::map<crdt::ChangeName, ChangeHandle> m_byName;
};

} // namespace nlbd::test
