#include "core/engine/attestor.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/intake.h"
#include "core/engine/key_desk.h"
#include "core/engine/landing.h"
#include "core/engine/presence.h"
#include "core/engine/self_guard.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kHashesAskedMax = 256;

} // namespace

bool Exchange::isHeld(const gossip::HeadPlace &place) const
{
    for (const ChangeHandle change : m_state.graph.at(place.device, place.seq))
        if (place.head == 0 || gossip::headPrefix(m_state.graph.entry(change).hash) == place.head)
            return true;
    return false;
}

bool Exchange::isWaiting(const gossip::Range &range) const
{
    return std::ranges::any_of(m_state.intake->orphans().at(range.device, range.last),
                               [&range](const history::UnverifiedChange *waiting) {
                                   return gossip::headPrefix(waiting->hash) == range.head;
                               });
}

Seq Exchange::heightOf(DeviceIndex device) const
{
    Seq height;
    for (const history::ChainId chain : m_state.graph.chainsOf(device)) {
        const ChangeHandle head = m_state.graph.headOf(chain);
        if (head != ChangeHandle())
            height = std::max(height, m_state.graph.entry(head).seq);
    }
    return height;
}

void Exchange::parentsMissing(const std::vector<history::DepRef> &missing, PeerId from)
{
    std::vector<Hash> branches;
    for (const history::DepRef &dep : missing) {
        const bool isOccupied = !m_state.graph.at(dep.device, dep.seq).empty();
        if (isOccupied || m_state.isDisputed(dep.device) || m_state.isClosedDevice(dep.device))
            branches.push_back(dep.hash);
        else
            hearOf({dep.device, dep.seq, gossip::headPrefix(dep.hash)}, from,
                   gossip::Wants::kPatienceMin);
    }
    pullHashes(from, std::move(branches));
}

void Exchange::pullHashes(PeerId peer, std::vector<Hash> hashes)
{
    const auto found = m_peers.find(peer);
    if (found == m_peers.end())
        return;
    std::erase_if(hashes, [&](const Hash &hash) {
        return m_state.graph.find(hash) != ChangeHandle()
            || m_state.intake->orphans().contains(hash) || found->second.asked.contains(hash);
    });
    if (hashes.empty())
        return;
    if (hashes.size() > kHashesAskedMax)
        hashes.resize(kHashesAskedMax);
    found->second.asked.insert(hashes.begin(), hashes.end());
    m_state.out.send(peer, gossip::PullHashes{newRequest(peer), std::move(hashes)});
}

void Exchange::fetchBranches(PeerId peer)
{
    std::vector<Hash> hashes;
    for (const trust::FrontierEntry &claim : m_state.attestor->claimedAndMissing())
        hashes.push_back(claim.head);
    for (const Hash &head : m_state.council->closingMissing())
        hashes.push_back(head);
    m_state.intake->claimedAre({hashes.begin(), hashes.end()});
    for (const history::DepRef &dep : m_state.intake->missing())
        if (!m_state.graph.at(dep.device, dep.seq).empty() || m_state.isDisputed(dep.device)
            || m_state.isClosedDevice(dep.device))
            hashes.push_back(dep.hash);
    const auto found = m_peers.find(peer);
    if (found != m_peers.end())
        found->second.asked.clear(); // a tick is patience enough
    pullHashes(peer, std::move(hashes));
}

// ---- carets ------------------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &, const gossip::Presence &message)
{
    if (const auto code = m_state.presence->receive(message, from))
        cut(from, *code);
}

// ---- my own last word ---------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &, const gossip::AskOwn &message)
{
    m_state.guard->asked(from, message);
}

void Exchange::on(PeerId from, Peer &, const gossip::Own &message)
{
    m_state.guard->answered(from, message);
}

bool Exchange::vouches(std::optional<DeviceIndex> bringer, DeviceIndex author) const
{
    const std::size_t branches = m_state.graph.chainsOf(author).size();
    return bringer && *bringer != author && !m_state.isDisputed(*bringer)
        && branches <= m_state.seatCount();
}

// ---- snapshots ----------------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &, const gossip::PullSnapshot &message)
{
    m_state.landing->receive(from, message);
}

void Exchange::on(PeerId from, Peer &, const gossip::SnapshotPiece &message)
{
    m_state.landing->receive(from, message);
}

// ---- keys ---------------------------------------------------------------------------------------

void Exchange::on(PeerId from, Peer &, const gossip::PullKey &message)
{
    m_state.keyDesk->receive(from, message);
}

void Exchange::on(PeerId from, Peer &, const gossip::SealedKey &message)
{
    m_state.keyDesk->receive(from, message);
}

} // namespace nlbd::engine
