#include "core/history/orphan_buffer.h"

#include "core/base/check.h"

namespace nlbd::history {

namespace {

/// Near enough to what it takes in memory; an upper bound of its full form.
std::size_t costOf(const UnverifiedChange &change)
{
    constexpr std::size_t kHeaderBytes = 256;
    std::size_t bytes =
        kHeaderBytes + change.header.deps.size() * sizeof(DepRef) + change.payload.size();
    for (const SignedHeader &link : change.cover)
        bytes += kHeaderBytes + link.header.deps.size() * sizeof(DepRef);
    return bytes;
}

template <typename Key, typename Shares>
void takeFrom(Shares &shares, Key key, std::uint64_t order, std::size_t bytes)
{
    const auto share = shares.find(key);
    CHECK(share != shares.end() && share->second.bytes >= bytes);
    share->second.bytes -= bytes;
    share->second.byOrder.erase(order);
    if (share->second.byOrder.empty())
        shares.erase(share);
}

} // namespace

bool OrphanBuffer::add(UnverifiedChange change, PeerId from, const std::vector<DepRef> &missing,
                       SignatureNeed need)
{
    CHECK(!missing.empty());
    const Hash hash = change.hash;
    const DeviceIndex device = change.header.device;
    const std::size_t bytes = costOf(change);
    static_assert(limits::kOrphanBytesPerDevice > 2 * limits::kPayloadBytesMax);
    if (m_waiting.contains(hash))
        return false;
    makeRoom(device, bytes);

    const std::uint64_t order = m_nextOrder++;
    for (const DepRef &parent : missing)
        m_byParent.emplace(parent.hash, hash);
    const auto enter = [&](Share &share) {
        share.byOrder.emplace(order, hash);
        share.bytes += bytes;
    };
    enter(m_perDevice[device]);
    enter(m_perPeer[from]);
    m_bytes += bytes;
    m_waiting.emplace(hash, Orphan{std::move(change), from, need, missing, order, bytes});
    return true;
}

std::vector<OrphanBuffer::Waiting> OrphanBuffer::takeWaitingFor(const Hash &arrived)
{
    std::map<std::uint64_t, Hash> byOrder;
    const auto [first, last] = m_byParent.equal_range(arrived);
    for (auto entry = first; entry != last; ++entry)
        byOrder.emplace(m_waiting.at(entry->second).order, entry->second);

    std::vector<Waiting> result;
    for (const auto &[order, hash] : byOrder) {
        const auto orphan = m_waiting.find(hash);
        result.push_back({orphan->second.change, orphan->second.from, orphan->second.need});
        remove(orphan);
    }
    return result;
}

std::vector<DepRef> OrphanBuffer::missing() const
{
    std::set<DepRef> result;
    for (const auto &[hash, orphan] : m_waiting)
        for (const DepRef &parent : orphan.missing)
            if (!m_waiting.contains(parent.hash))
                result.insert(parent);
    return {result.begin(), result.end()};
}

std::vector<const UnverifiedChange *> OrphanBuffer::at(DeviceIndex device, Seq seq) const
{
    std::vector<const UnverifiedChange *> result;
    const auto share = m_perDevice.find(device);
    if (share == m_perDevice.end())
        return result;
    for (const auto &[order, hash] : share->second.byOrder) {
        const UnverifiedChange &change = m_waiting.at(hash).change;
        if (change.header.seq == seq)
            result.push_back(&change);
    }
    return result;
}

std::vector<const UnverifiedChange *> OrphanBuffer::waitersFor(const Hash &parent) const
{
    std::vector<const UnverifiedChange *> result;
    const auto [first, last] = m_byParent.equal_range(parent);
    for (auto entry = first; entry != last; ++entry)
        result.push_back(&m_waiting.at(entry->second).change);
    return result;
}

void OrphanBuffer::makeRoom(DeviceIndex device, std::size_t bytes)
{
    for (auto share = m_perDevice.find(device); share != m_perDevice.end();
         share = m_perDevice.find(device)) {
        if (share->second.byOrder.size() < limits::kOrphansPerDevice
            && share->second.bytes + bytes <= limits::kOrphanBytesPerDevice)
            break;
        evict(victimIn(share->second));
    }
    while (m_bytes + bytes > limits::kOrphanBytesMax)
        evict(victimAnywhere());
}

Hash OrphanBuffer::victimIn(const Share &share) const
{
    CHECK(!share.byOrder.empty());
    Hash victim;
    std::size_t most = 0;
    for (const auto &[order, hash] : share.byOrder) {
        const std::size_t held = m_perPeer.at(m_waiting.at(hash).from).bytes;
        if (held > most) {
            most = held;
            victim = hash;
        }
    }
    return victim;
}

Hash OrphanBuffer::victimAnywhere() const
{
    CHECK(!m_perPeer.empty());
    const auto most =
        std::ranges::max_element(m_perPeer, {}, [](const auto &peer) { return peer.second.bytes; });
    return most->second.byOrder.begin()->second;
}

void OrphanBuffer::evict(const Hash &hash)
{
    remove(m_waiting.find(hash));
    ++m_evicted;
}

void OrphanBuffer::remove(std::map<Hash, Orphan>::iterator orphan)
{
    CHECK(orphan != m_waiting.end());
    const Orphan &gone = orphan->second;
    for (const DepRef &parent : gone.missing) {
        const auto [first, last] = m_byParent.equal_range(parent.hash);
        for (auto entry = first; entry != last; ++entry)
            if (entry->second == orphan->first) {
                m_byParent.erase(entry);
                break;
            }
    }
    takeFrom(m_perDevice, gone.change.header.device, gone.order, gone.bytes);
    takeFrom(m_perPeer, gone.from, gone.order, gone.bytes);
    m_bytes -= gone.bytes;
    m_waiting.erase(orphan);
}

} // namespace nlbd::history
