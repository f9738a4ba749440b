// Pieces for others, as fast as the disk reads and the budget lets.

#include "core/engine/blobs.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"

namespace nlbd::engine {

using Held = gossip::BlobsHeld::Held;

Held Blobs::heldOf(const Hash &root) const
{
    const auto found = m_holdings.find(root);
    if (found == m_holdings.end() || found->second.held.count() == 0)
        return {root, Held::Share::None, {}};
    if (found->second.held.isFull())
        return {root, Held::Share::All, {}};
    return {root, Held::Share::Some, found->second.held.encode()};
}

void Blobs::receive(PeerId from, const gossip::AskBlobs &message)
{
    const auto peer = m_peers.find(from);
    if (peer == m_peers.end() || !peer->second.asks.take(message.roots.size(), m_state.now.mono))
        return; // it asks again
    gossip::BlobsHeld answer;
    std::size_t bytes = 0;
    const auto send = [&] {
        if (!answer.blobs.empty())
            m_state.out.send(from, std::exchange(answer, {}), {}, bytes > 4096);
        bytes = 0;
    };
    for (const Hash &root : message.roots) {
        Held held = heldOf(root);
        if (bytes + held.bits.size() > gossip::kBlobBitsMax)
            send();
        bytes += held.bits.size();
        answer.blobs.push_back(std::move(held));
    }
    send();
}

void Blobs::receive(PeerId from, const gossip::PullPieces &message)
{
    const auto found = m_peers.find(from);
    if (found == m_peers.end())
        return;
    Peer &peer = found->second;
    const auto holding = m_holdings.find(message.root);
    for (const std::uint32_t piece : message.pieces) {
        if (holding == m_holdings.end() || !holding->second.held.has(piece)) {
            if (peer.answers.take(limits::kBlobNoBytes, m_state.now.mono))
                m_state.out.send(from, gossip::BlobPiece{message.root, piece, {}});
            continue; // unanswered, it is asked of others
        }
        if (peer.wants.size() + peer.reads >= limits::kBlobWantedMax) {
            m_state.evidence->refuse({Code::E_RATE,
                                      "It asks for more of an attachment than is sent at once; the "
                                      "rest is left out.",
                                      m_state.exchange->deviceOf(from),
                                      {},
                                      Seq(),
                                      message.root.view()});
            return;
        }
        peer.wants.emplace_back(message.root, piece);
        m_isServing = true;
    }
    serve(from, peer);
}

void Blobs::serve(PeerId id, Peer &peer)
{
    while (!peer.wants.empty() && peer.reads < limits::kBlobReadsMax) {
        const auto [root, piece] = peer.wants.front();
        const auto holding = m_holdings.find(root);
        if (holding == m_holdings.end()) {
            peer.wants.pop_front();
            continue;
        }
        const blobs::Shape &shape = holding->second.shape;
        if (!peer.answers.take(shape.provedBytes(piece), m_state.now.mono))
            return;
        peer.wants.pop_front();
        ++peer.reads;
        m_state.out.readPiece({id, root, shape.size(), piece});
    }
}

void Blobs::pieceRead(const PieceRead &event)
{
    if (event.proved.empty())
        piecesLost({event.root, {event.piece}});
    const auto peer = m_peers.find(event.peer);
    if (peer == m_peers.end())
        return;
    peer->second.reads -= peer->second.reads > 0 ? 1 : 0;
    m_state.out.send(event.peer, gossip::BlobPiece{event.root, event.piece, event.proved}, {},
                     true);
    serve(event.peer, peer->second);
}

} // namespace nlbd::engine
