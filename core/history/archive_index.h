#pragma once

#include "core/crdt/op_codec.h"
#include "core/history/change.h"

#include <map>
#include <set>
#include <unordered_map>

namespace nlbd::history {

/// The changes of an archive so far, as its writer and its reader both know them when the next one
/// is told. A place is a change's number in the archive, from 0; its handle is one more.
class ArchiveIndex {
public:
    using Place = std::uint32_t;

    struct Entry {
        crdt::ChangeName name; ///< the branch counts what stands at one (device, seq)
        Hash hash;
        Lamport lamport;
        Place inDevice = 0;       ///< place among those of its device
        bool isContinued = false; ///< a later one has it as prev
        bool isForked = false;    ///< several stand at its (device, seq)
    };

    /// False if it is there already. `parents` are those in the archive, `prev` among them.
    [[nodiscard]] bool add(const ChangeHeader &header, const Hash &hash, std::optional<Place> prev,
                           const std::vector<Place> &parents);

    [[nodiscard]] Place size() const noexcept { return static_cast<Place>(m_entries.size()); }
    [[nodiscard]] const Entry &at(Place place) const { return m_entries[place]; }
    [[nodiscard]] std::optional<Place> find(const Hash &hash) const;
    [[nodiscard]] std::optional<Place> find(const crdt::ChangeName &name) const;
    [[nodiscard]] DepRef refTo(Place place) const;

    [[nodiscard]] const std::vector<Place> &of(DeviceIndex device) const;
    [[nodiscard]] std::optional<Place> latestOf(DeviceIndex device) const;

    /// All that nobody follows yet, but one: sorted as deps are. Nothing if one change cannot name
    /// so many.
    [[nodiscard]] std::optional<std::vector<Place>> headsBut(std::optional<Place> prev) const;

    /// 1 + the highest among parents in the archive.
    [[nodiscard]] Lamport lamportAfter(const std::vector<Place> &parents) const;

    /// Whether ArchiveSignatures::Tails keeps its signature; after the last was added.
    [[nodiscard]] bool needsSignature(Place place) const
    {
        return !m_entries[place].isContinued || m_entries[place].isForked;
    }

private:
    std::vector<Entry> m_entries;
    std::unordered_map<Hash, Place> m_byHash;
    std::map<std::pair<DeviceIndex, Seq>, std::vector<Place>> m_byName;
    std::map<DeviceIndex, std::vector<Place>> m_byDevice;
    std::set<Place> m_heads;
};

/// Names of ops' targets, for the codec of ops: by what stands in the archive so far.
class ArchiveNames final : public crdt::ChangeNames, public crdt::ChangeResolver {
public:
    explicit ArchiveNames(const ArchiveIndex &index)
        : m_index(&index)
    {
    }
    [[nodiscard]] crdt::ChangeName nameOf(ChangeHandle change) const override
    {
        return m_index->at(change.value - 1).name;
    }
    [[nodiscard]] std::optional<ChangeHandle> resolve(const crdt::ChangeName &name) const override
    {
        const auto place = m_index->find(name);
        return place ? std::optional(ChangeHandle(*place + 1)) : std::nullopt;
    }

private:
    const ArchiveIndex *m_index;
};

} // namespace nlbd::history
