// Who has what, and fetching it: from all who have it at once, the rarest pieces first.

#include "core/engine/blobs.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"

namespace nlbd::engine {

namespace {

using Held = gossip::BlobsHeld::Held;

constexpr Millis kAskInterval{5000}; // others fetch as well: what they have grows
constexpr Millis kPiecePatience{5000};
constexpr Millis kSilencePauseMax{60'000};
constexpr Millis kLiePause{600'000}; // a bad disk looks the same, and can be mended
constexpr std::size_t kLiarsMax = 4096;
constexpr std::size_t kCandidates = 64;   // of which the rarest piece is taken
constexpr std::size_t kUnderWayMax = 512; // pieces asked for, or on their way to the disk: 16 MiB

} // namespace

bool Blobs::Share::has(std::uint32_t piece) const
{
    return share == Held::Share::All || (share == Held::Share::Some && some.has(piece));
}

// ---- sessions -----------------------------------------------------------------------------------

void Blobs::peerUp(PeerId peer)
{
    m_peers.try_emplace(peer);
    std::vector<Hash> roots;
    for (const auto &[root, known] : m_known)
        roots.push_back(root);
    askWho({peer}, roots);
    m_isChanged = true;
}

void Blobs::peerDown(PeerId peer)
{
    const auto found = m_peers.find(peer);
    if (found == m_peers.end())
        return;
    for (const Piece &piece : found->second.asked)
        giveBack(piece);
    m_peers.erase(found);
    m_isChanged = m_canRequest = true;
}

/// It may be asked of somebody else.
void Blobs::giveBack(const Piece &piece)
{
    const auto holding = m_holdings.find(piece.first);
    if (holding != m_holdings.end() && !holding->second.held.has(piece.second))
        holding->second.taken.clear(piece.second);
}

bool Blobs::isAwaiting(const FrameIn &frame) const
{
    if (frame.kind != static_cast<std::uint8_t>(gossip::Kind::BlobPiece))
        return false;
    const auto found = m_peers.find(frame.peer);
    const auto piece = gossip::pieceOf(frame.body);
    return found != m_peers.end() && piece && found->second.asked.contains(*piece);
}

// ---- who has what -------------------------------------------------------------------------------

void Blobs::askWho(const std::vector<PeerId> &peers, const std::vector<Hash> &roots)
{
    for (std::size_t from = 0; from < roots.size(); from += gossip::kBlobsNamedMax) {
        const std::size_t to = std::min(roots.size(), from + gossip::kBlobsNamedMax);
        const gossip::AskBlobs ask{{roots.begin() + static_cast<std::ptrdiff_t>(from),
                                    roots.begin() + static_cast<std::ptrdiff_t>(to)}};
        for (const PeerId peer : peers)
            m_state.out.send(peer, ask);
    }
}

void Blobs::askAgain()
{
    if (m_state.now.mono < m_nextAsk || m_peers.empty())
        return;
    m_nextAsk = m_state.now.mono + kAskInterval;
    m_canRequest = true;
    std::vector<Hash> roots;
    for (const auto &[root, holding] : m_holdings)
        if (isWanted(root, holding) && roots.size() < gossip::kBlobsNamedMax)
            roots.push_back(root);
    askWho(m_state.exchange->sessions(), roots);
}

void Blobs::receive(PeerId from, const gossip::BlobsHeld &message)
{
    const auto peer = m_peers.find(from);
    if (peer == m_peers.end())
        return;
    for (const Held &held : message.blobs) {
        const auto doubted = peer->second.doubted.find(held.root);
        const bool isDoubted =
            doubted != peer->second.doubted.end() && m_state.now.mono < doubted->second;
        if (!m_known.contains(held.root) || isDoubted)
            continue;
        Share share{held.share, {}};
        const auto holding = m_holdings.find(held.root);
        // Bitmaps are kept of what is being fetched alone: they are what takes memory.
        if (held.share == Held::Share::Some && holding != m_holdings.end()
            && isWanted(held.root, holding->second))
            share.some = blobs::PieceSet::from(holding->second.shape.pieces(), held.bits);
        peer->second.shares.insert_or_assign(held.root, std::move(share));
        m_isChanged = m_canRequest = true;
    }
}

void Blobs::whole(const Hash &root)
{
    m_isChanged = true;
    for (auto &[id, peer] : m_peers)
        if (const auto share = peer.shares.find(root); share != peer.shares.end())
            share->second.some = {};
    if (!m_state.isLoading)
        m_state.exchange->publish(gossip::BlobsHeld{{heldOf(root)}}, {});
}

// ---- asking for pieces --------------------------------------------------------------------------

bool Blobs::isAskable(PeerId id, const Peer &peer, const Hash &root) const
{
    const auto share = peer.shares.find(root);
    if (peer.asked.size() >= limits::kBlobWindow || share == peer.shares.end()
        || share->second.share == Held::Share::None)
        return false;
    const auto device = m_state.exchange->deviceOf(id);
    const auto lie = device ? m_liars.find({*device, root}) : m_liars.end();
    return lie == m_liars.end() || m_state.now.mono >= lie->second;
}

/// Of this file it is not asked again for a while, in no session.
void Blobs::lied(PeerId from, const Hash &root)
{
    std::erase_if(m_liars, [this](const auto &entry) { return m_state.now.mono >= entry.second; });
    const auto device = m_state.exchange->deviceOf(from);
    if (device && m_liars.size() < kLiarsMax)
        m_liars[{*device, root}] = m_state.now.mono + kLiePause;
}

std::size_t Blobs::holdersOf(const Hash &root, std::uint32_t piece) const
{
    return static_cast<std::size_t>(std::ranges::count_if(m_peers, [&](const auto &entry) {
        const auto share = entry.second.shares.find(root);
        return share != entry.second.shares.end() && share->second.has(piece);
    }));
}

/// From a random place on, so that two who fetch the same from the same have something to give each
/// other; of the first few the rarest.
std::vector<std::uint32_t> Blobs::pick(const Hash &root, const Holding &holding, const Share &share,
                                       std::size_t max)
{
    const std::uint32_t pieces = holding.shape.pieces();
    std::uint32_t at = static_cast<std::uint32_t>(m_state.config.random.below(pieces));
    std::vector<std::pair<std::size_t, std::uint32_t>> candidates;
    for (std::uint32_t i = 0; i < pieces && candidates.size() < kCandidates; ++i) {
        if (!holding.taken.has(at) && share.has(at))
            candidates.emplace_back(holdersOf(root, at), at);
        at = at + 1 == pieces ? 0 : at + 1;
    }
    std::ranges::stable_sort(candidates, {}, [](const auto &it) { return it.first; });
    candidates.resize(std::min(candidates.size(), max));
    std::vector<std::uint32_t> picked;
    for (const auto &[holders, piece] : candidates)
        picked.push_back(piece);
    std::ranges::sort(picked);
    return picked;
}

/// Memory that may come to be needed, if all of it arrives before the disk goes on.
std::size_t Blobs::underWay() const
{
    std::size_t pieces = 0;
    for (const auto &[id, peer] : m_peers)
        pieces += peer.asked.size();
    for (const auto &[root, holding] : m_holdings)
        pieces += holding.writing;
    return pieces;
}

void Blobs::requestOf(const Hash &root, Holding &holding, const std::vector<PeerId> &idle)
{
    for (const PeerId id : idle) {
        Peer &peer = m_peers.at(id);
        if (holding.taken.isFull() || !isAskable(id, peer, root))
            continue;
        const std::size_t room = kUnderWayMax - std::min(kUnderWayMax, underWay());
        const auto pieces = pick(root, holding, peer.shares.at(root),
                                 std::min(limits::kBlobWindow - peer.asked.size(), room));
        if (pieces.empty())
            continue;
        if (peer.asked.empty())
            peer.progress = m_state.now.mono;
        for (const std::uint32_t piece : pieces) {
            holding.taken.set(piece);
            peer.asked.emplace(root, piece);
        }
        m_state.out.send(id, gossip::PullPieces{root, pieces});
        m_isChanged = true;
    }
}

/// Who may be asked for more now.
std::vector<PeerId> Blobs::idlePeers() const
{
    std::vector<PeerId> idle;
    for (const auto &[id, peer] : m_peers)
        if (m_state.now.mono >= peer.askedAfter && peer.asked.size() < limits::kBlobWindow)
            idle.push_back(id);
    return idle;
}

/// What somebody asked for goes first, then what is smaller: a few at a time.
void Blobs::request()
{
    if (m_diskAgain || !std::exchange(m_canRequest, false))
        return;
    const std::vector<PeerId> idle = idlePeers();
    if (idle.empty())
        return;
    std::vector<std::tuple<bool, std::uint64_t, Hash>> wanted;
    for (const auto &[root, holding] : m_holdings)
        if (isWanted(root, holding))
            wanted.emplace_back(!holding.isAskedFor, holding.shape.size(), root);
    std::ranges::sort(wanted);
    std::size_t active = 0;
    for (const auto &[later, size, root] : wanted) {
        Holding &holding = m_holdings.at(root);
        requestOf(root, holding, idle);
        active += holding.taken.count() > holding.held.count() ? 1 : 0;
        if (active == limits::kBlobsFetchedMax)
            return;
    }
}

void Blobs::dropSilent()
{
    for (auto &[id, peer] : m_peers) {
        if (peer.asked.empty() || m_state.now.mono < peer.progress + kPiecePatience)
            continue;
        for (const Piece &piece : std::exchange(peer.asked, {}))
            giveBack(piece);
        const auto count = static_cast<int>(std::min<std::uint32_t>(++peer.failures, 1000));
        peer.askedAfter = m_state.now.mono + std::min(kPiecePatience * count, kSilencePauseMax);
        m_isChanged = m_canRequest = true;
    }
}

// ---- pieces -------------------------------------------------------------------------------------

void Blobs::refuse(PeerId from, const Hash &root)
{
    m_state.evidence->refuse(
        {Code::E_BLOB_PIECE,
         "A piece of an attachment is not the one that its signed name stands for. It was thrown "
         "away, and is fetched from others. A damaged disk looks the same: this proves nothing.",
         m_state.exchange->deviceOf(from),
         {},
         Seq(),
         root.view()});
}

void Blobs::receive(PeerId from, const gossip::BlobPiece &message)
{
    const auto found = m_peers.find(from);
    if (found == m_peers.end())
        return;
    Peer &peer = found->second;
    m_bytesFetched += message.proved.size();
    const Piece piece{message.root, message.piece};
    if (peer.asked.erase(piece) == 0)
        return; // asked of somebody else meanwhile, or not wanted any more
    m_isChanged = m_canRequest = true;
    const auto holding = m_holdings.find(message.root);
    if (holding == m_holdings.end())
        return;
    if (message.proved.empty()) { // lost there, or never there: what it says counts later again
        peer.shares[message.root] = {};
        peer.doubted[message.root] = m_state.now.mono + kAskInterval - Millis(1000);
        giveBack(piece);
        return;
    }
    if (blobs::openProved(message.root, holding->second.shape, message.piece, message.proved)
            .empty()) {
        refuse(from, message.root);
        lied(from, message.root);
        giveBack(piece);
        return;
    }
    peer.progress = m_state.now.mono;
    peer.failures = 0;
    ++holding->second.writing;
    const std::size_t held = holding->second.held.count() + holding->second.writing;
    m_state.out.keepPiece({message.root, holding->second.shape.size(), message.piece,
                           message.proved, held >= holding->second.shape.pieces()});
}

} // namespace nlbd::engine
