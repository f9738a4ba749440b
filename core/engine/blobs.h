#pragma once

#include "core/blobs/piece_tree.h"
#include "core/engine/engine_state.h"
#include "core/gossip/budget.h"

#include <deque>

namespace nlbd::engine {

/// Files that are attached to documents: which there are, what of them is here, who has the rest.
/// Pieces are asked for from all who have them at once, each is tried by itself before it is kept,
/// and what was kept stays kept as long as a document names it (core/blobs/README.md). Bytes pass
/// through: nothing of a file stays in memory.
class Blobs {
public:
    explicit Blobs(Engine::State &state)
        : m_state(state)
    {
    }

    void load(const std::vector<store::MetaRow> &meta);

    // ---- what other parts tell ----
    void changeTaken(DocIndex doc, const crdt::Ops &ops);
    void historyChanged() { m_areAllDirty = true; }
    void peerUp(PeerId peer);
    void peerDown(PeerId peer);
    void receive(PeerId from, const gossip::AskBlobs &message);
    void receive(PeerId from, const gossip::BlobsHeld &message);
    void receive(PeerId from, const gossip::PullPieces &message);
    void receive(PeerId from, const gossip::BlobPiece &message);
    /// Pieces that were asked for come as fast as they were asked for: no other budget is theirs.
    [[nodiscard]] bool isAwaiting(const FrameIn &frame) const;

    // ---- what a person does ----
    void fetch(const api::FetchAttachment &command);

    // ---- what the disk says ----
    void stored(const BlobsStored &event);
    void sealed(const BlobSealed &event);
    void pieceRead(const PieceRead &event);
    void pieceKept(const PieceKept &event);
    void piecesLost(const PiecesLost &event);

    void tick();
    void sendAll();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;
    [[nodiscard]] std::vector<api::AttachmentInfo> list() const;
    /// As that document says; nothing if it does not name it.
    [[nodiscard]] std::optional<blobs::BlobRef> refOf(DocIndex doc, const Hash &blob) const;
    [[nodiscard]] bool isWhole(const Hash &blob) const;
    /// As documents name them, those that are whole: each once.
    [[nodiscard]] std::vector<blobs::BlobRef> here() const;
    /// On the disk, and no document names it any more, since then.
    [[nodiscard]] std::vector<std::pair<Hash, WallTime>> leaving() const;
    /// Bytes of pieces that came from others since the start, wrong ones included.
    [[nodiscard]] std::uint64_t bytesFetched() const noexcept { return m_bytesFetched; }

private:
    struct Reference {
        blobs::BlobRef ref;
        Hash root;
        DeviceIndex by;
        WallTime when;
    };
    struct Known {
        std::uint64_t size = 0;
        MemberIndex member; ///< who attached it, in the first document that names it
    };
    struct Holding {
        explicit Holding(std::uint64_t size)
            : shape(size)
            , held(shape.pieces())
            , taken(shape.pieces())
        {
        }
        blobs::Shape shape;
        blobs::PieceSet held;
        blobs::PieceSet taken; ///< held, asked for, or on its way to the disk
        std::size_t writing = 0;
        bool isAskedFor = false; ///< by a person
    };
    struct Share {
        gossip::BlobsHeld::Held::Share share = gossip::BlobsHeld::Held::Share::None;
        blobs::PieceSet some; ///< only of what is being fetched
        [[nodiscard]] bool has(std::uint32_t piece) const;
    };
    using Piece = std::pair<Hash, std::uint32_t>;
    struct Peer {
        std::map<Hash, Share> shares; ///< of known blobs alone
        std::set<Piece> asked;
        std::map<Hash, MonoTime> doubted; ///< what it says of these counts for nothing until then
        MonoTime progress{};
        MonoTime askedAfter{}; ///< until then others are asked
        std::uint32_t failures = 0;
        gossip::Budget asks{limits::kBlobAsksPerSecond, limits::kBlobAsksBurst};
        gossip::Budget answers{limits::kBlobAnswerBytesPerSecond, limits::kBlobAnswerBytesBurst};
        std::deque<Piece> wants; ///< here, in order
        std::size_t reads = 0;
    };

    // references: blobs.cpp
    void readReferences();
    void readReferences(DocIndex doc);
    void learnKnown();
    [[nodiscard]] std::map<Hash, Known> knownFairly() const;
    void choose();
    void weigh();
    [[nodiscard]] bool isWithin(const Known &known, bool isAskedFor) const;
    void begin(const Hash &root, std::uint64_t size, bool isAskedFor);
    void forget(const Hash &root);
    [[nodiscard]] bool isWanted(const Hash &root, const Holding &holding) const;
    void send();

    // what goes: blobs_leaving.cpp
    void countFields(DocIndex doc);
    void lookForLeaving();
    [[nodiscard]] bool noteLeaving();
    void dropLeft();
    [[nodiscard]] bool isUnsettled() const;
    [[nodiscard]] std::optional<std::set<std::string>> undecidedFields() const;
    void saveLeaving();

    // fetching: blobs_fetch.cpp
    void askWho(const std::vector<PeerId> &peers, const std::vector<Hash> &roots);
    void askAgain();
    void request();
    [[nodiscard]] std::size_t underWay() const;
    void requestOf(const Hash &root, Holding &holding, const std::vector<PeerId> &idle);
    [[nodiscard]] std::vector<PeerId> idlePeers() const;
    [[nodiscard]] std::vector<std::uint32_t> pick(const Hash &root, const Holding &holding,
                                                  const Share &share, std::size_t max);
    [[nodiscard]] std::size_t holdersOf(const Hash &root, std::uint32_t piece) const;
    [[nodiscard]] bool isAskable(PeerId id, const Peer &peer, const Hash &root) const;
    void lied(PeerId from, const Hash &root);
    void giveBack(const Piece &piece);
    void dropSilent();
    void refuse(PeerId from, const Hash &root);
    void whole(const Hash &root);

    // serving: blobs_serve.cpp
    void serve(PeerId id, Peer &peer);
    [[nodiscard]] gossip::BlobsHeld::Held heldOf(const Hash &root) const;

    // showing: blobs_view.cpp
    [[nodiscard]] api::AttachmentInfo infoOf(DocIndex doc, const Reference &reference) const;

    Engine::State &m_state;
    std::map<DocIndex, std::vector<Reference>> m_references;
    std::map<Hash, Known> m_known;
    std::map<DocIndex, std::vector<std::string>> m_fields; ///< that name a blob, all there are
    std::map<std::string, std::uint32_t> m_naming;         ///< documents that have such a field
    std::map<Hash, Millis> m_leaving; ///< how long nothing has named it, as days are counted here
    std::optional<WallTime> m_lastLook;
    std::map<MemberIndex, std::uint64_t> m_weights; ///< bytes of holdings, by who attached them
    std::map<Hash, Holding> m_holdings;
    std::set<Hash> m_declined; ///< not wanted, by a person
    std::map<PeerId, Peer> m_peers;
    bool m_isServing = false; ///< somebody may wait for pieces
    std::set<DocIndex> m_dirty;
    bool m_areAllDirty = true;
    bool m_isDiskKnown = false;
    bool m_isChanged = false;  ///< for the view
    bool m_canRequest = false; ///< something happened since pieces were last asked for
    MonoTime m_nextRead{};
    MonoTime m_nextLook{};
    MonoTime m_nextSend{};
    MonoTime m_nextAsk{};
    std::optional<MonoTime> m_diskAgain; ///< the disk refused a piece
    std::uint64_t m_bytesFetched = 0;
    std::vector<api::AttachmentInfo> m_sent;
    std::map<std::pair<DeviceIndex, Hash>, MonoTime> m_liars; ///< not asked for that until then
};

} // namespace nlbd::engine
