#include "core/history/archive_index.h"

#include "core/base/limits.h"

namespace nlbd::history {

bool ArchiveIndex::add(const ChangeHeader &header, const Hash &hash, std::optional<Place> prev,
                       const std::vector<Place> &parents)
{
    const Place place = size();
    if (!m_byHash.emplace(hash, place).second)
        return false;
    std::vector<Place> &sameName = m_byName[{header.device, header.seq}];
    std::vector<Place> &sameDevice = m_byDevice[header.device];
    Entry entry;
    entry.name = {header.device, header.seq, static_cast<std::uint32_t>(sameName.size())};
    entry.hash = hash;
    entry.lamport = header.lamport;
    entry.inDevice = static_cast<Place>(sameDevice.size());
    entry.isForked = !sameName.empty();
    if (entry.isForked)
        m_entries[sameName.front()].isForked = true;
    m_entries.push_back(entry);
    sameName.push_back(place);
    sameDevice.push_back(place);
    if (prev)
        m_entries[*prev].isContinued = true;
    for (const Place parent : parents)
        m_heads.erase(parent);
    m_heads.insert(place);
    return true;
}

std::optional<ArchiveIndex::Place> ArchiveIndex::find(const Hash &hash) const
{
    const auto found = m_byHash.find(hash);
    return found != m_byHash.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<ArchiveIndex::Place> ArchiveIndex::find(const crdt::ChangeName &name) const
{
    const auto found = m_byName.find({name.device, name.seq});
    if (found == m_byName.end() || name.branch >= found->second.size())
        return std::nullopt;
    return found->second[name.branch];
}

DepRef ArchiveIndex::refTo(Place place) const
{
    const Entry &entry = m_entries[place];
    return {entry.name.device, entry.name.seq, entry.hash};
}

const std::vector<ArchiveIndex::Place> &ArchiveIndex::of(DeviceIndex device) const
{
    static const std::vector<Place> kNone;
    const auto found = m_byDevice.find(device);
    return found != m_byDevice.end() ? found->second : kNone;
}

std::optional<ArchiveIndex::Place> ArchiveIndex::latestOf(DeviceIndex device) const
{
    const std::vector<Place> &places = of(device);
    return places.empty() ? std::nullopt : std::optional(places.back());
}

std::optional<std::vector<ArchiveIndex::Place>>
ArchiveIndex::headsBut(std::optional<Place> prev) const
{
    if (m_heads.size() > limits::kDepsMax + 1)
        return std::nullopt;
    std::vector<Place> heads;
    for (const Place head : m_heads)
        if (head != prev)
            heads.push_back(head);
    std::ranges::sort(heads, {}, [this](Place place) { return refTo(place); });
    return heads.size() <= limits::kDepsMax ? std::optional(std::move(heads)) : std::nullopt;
}

Lamport ArchiveIndex::lamportAfter(const std::vector<Place> &parents) const
{
    Lamport highest;
    for (const Place parent : parents)
        highest = std::max(highest, m_entries[parent].lamport);
    return highest.next();
}

} // namespace nlbd::history
