#pragma once

#include "core/history/change.h"

#include <memory>
#include <set>
#include <unordered_map>

namespace nlbd::history {

/// One branch of a device's hash chain. A device that never forked has one.
using ChainId = Strong<struct ChainIdTag, std::uint16_t>;

/// The highest seq per chain that is in a causal past. Missing entries count as zero.
using Clock = std::vector<std::uint64_t>;

/// The signed hash DAG as integers: who precedes whom, what is where, in memory. Holds no payloads.
///
/// Invariants: parents are added before children; handles are dense from 1 in order of addition, a
/// topological order; lamport grows along every edge. After a fork, each branch from the fork on is
/// a chain of its own whose parent chain holds what came before.
class CausalGraph final : public crdt::ChangeOrder {
public:
    struct Entry {
        Hash hash;
        DeviceIndex device;
        Seq seq;
        ChainId chain;
        Lamport lamport;
        Epoch epoch;
        DocIndex doc;
        std::int64_t wallMs = 0;
        std::uint32_t idCount = 0; ///< op ids it takes
        ChangeHandle prev;
        std::vector<ChangeHandle> deps;
    };

    CausalGraph();
    CausalGraph(CausalGraph &&) noexcept = default;
    CausalGraph &operator=(CausalGraph &&) noexcept = default;
    CausalGraph(const CausalGraph &) = delete;
    CausalGraph &operator=(const CausalGraph &) = delete;
    ~CausalGraph() override = default;

    /// Adds a validated change; its handle must be nextHandle(). @complexity O(chains) if it has
    /// deps.
    void add(const Change &change);

    /// The handle that the next added change gets: what an open local change is known by.
    [[nodiscard]] ChangeHandle nextHandle() const noexcept;

    [[nodiscard]] std::size_t size() const noexcept; ///< changes held
    [[nodiscard]] const Entry &entry(ChangeHandle change) const;
    [[nodiscard]] ChangeHandle find(const Hash &hash) const; ///< 0 if not held

    /// All changes held at a place: more than one after a fork.
    [[nodiscard]] std::vector<ChangeHandle> at(DeviceIndex device, Seq seq) const;

    // ---- chains ----
    [[nodiscard]] std::size_t chainCount() const noexcept;
    [[nodiscard]] std::vector<ChainId> chainsOf(DeviceIndex device) const; ///< in order of arrival
    [[nodiscard]] ChangeHandle headOf(ChainId chain) const;
    [[nodiscard]] DeviceIndex deviceOf(ChainId chain) const;
    /// The chain that holds what came before the fork; nothing if the chain starts at seq 1.
    [[nodiscard]] std::optional<ChainId> parentOf(ChainId chain) const;
    [[nodiscard]] Seq
    firstOf(ChainId chain) const; ///< where the chain starts: 1, or right after its fork
    /// The change at `seq` on the chain, following parent chains below its fork; 0 if none.
    [[nodiscard]] ChangeHandle onChain(ChainId chain, Seq seq) const;
    [[nodiscard]] bool isForked(DeviceIndex device) const;
    /// True if `head` is `base` or follows it on its own device's chain.
    [[nodiscard]] bool descendsOnChain(ChangeHandle head, ChangeHandle base) const;
    /// The change at a place in a past. After a fork a past may hold several: the ordinal picks one
    /// of them in the order of their hashes, which is the same everywhere (PROTOCOL C3); 0
    /// otherwise.
    [[nodiscard]] std::optional<ChangeHandle> inPastAt(const Clock &past, DeviceIndex device,
                                                       Seq seq, std::uint32_t branchOrdinal) const;
    [[nodiscard]] std::uint32_t branchOrdinalOf(const Clock &past, ChangeHandle change) const;

    // ---- causality ----
    // A handle that is not added yet (nextHandle(): the open local change) has everything in its
    // past and comes after everything.
    [[nodiscard]] bool isBefore(ChangeHandle a, ChangeHandle b) const override; ///< tie order
    [[nodiscard]] bool isInPast(ChangeHandle past, ChangeHandle change) const override;
    [[nodiscard]] bool contains(const Clock &clock, ChangeHandle change) const;
    [[nodiscard]] Clock clockOf(ChangeHandle change) const; ///< includes the change itself
    [[nodiscard]] Clock merged(ChangeHandle prev, const std::vector<ChangeHandle> &deps) const;

    /// Changes that nobody follows yet, ascending.
    [[nodiscard]] const std::set<ChangeHandle> &heads() const noexcept;

    /// The deps that a new change by `device` must name to have seen exactly `wanted` (and its own
    /// last change `prev`): maximal ones, sorted by (device, seq, hash), without what prev implies.
    [[nodiscard]] std::vector<DepRef> reduce(ChangeHandle prev,
                                             const std::vector<ChangeHandle> &wanted) const;

    /// A document exists for whoever has seen its first change by its creator.
    [[nodiscard]] bool documentExists(const Clock &past, DocIndex doc) const;
    [[nodiscard]] std::vector<DocIndex> documents() const; ///< in order of arrival

    /// Contradictions inside the structure abort. For tests: linear in changes and chains.
    void checkInvariants() const;

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

} // namespace nlbd::history
