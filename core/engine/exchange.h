#pragma once

#include "core/engine/engine_state.h"
#include "core/gossip/anti_entropy.h"
#include "core/gossip/budget.h"
#include "core/gossip/spreading.h"
#include "core/gossip/wants.h"

#include <deque>

namespace nlbd::engine {

/// Gossip of one workspace (PROTOCOL C18): news at once, and for ever a digest with three random
/// members, then pull of the difference. Pure: sessions come and go as events.
class Exchange {
public:
    explicit Exchange(Engine::State &state)
        : m_state(state)
    {
    }

    void peerUp(PeerId peer, const PublicKey &device);
    void peerDown(PeerId peer);
    void overflowed(PeerId peer);
    void frame(const FrameIn &frame);
    void tick();
    [[nodiscard]] MonoTime nextDeadline() const;

    [[nodiscard]] std::optional<DeviceIndex> deviceOf(PeerId peer) const;
    [[nodiscard]] bool isOnline(DeviceIndex device) const;
    [[nodiscard]] std::optional<WallTime> lastHeard(DeviceIndex device) const;
    [[nodiscard]] std::vector<PeerId> sessions() const;
    /// Own edits go to every session, not to a few.
    [[nodiscard]] bool isSmall() const;
    /// Authors reach everybody: what they wrote need not be passed on. So it is in a small group,
    /// and wherever this seat has sessions with a quorum; comparing finds what goes astray.
    [[nodiscard]] bool isWide() const;
    [[nodiscard]] bool isCatchingUp() const { return m_pull.has_value(); }
    [[nodiscard]] Hash frontierRoot() const;
    [[nodiscard]] Hash controlRoot() const;

    // ---- what other parts tell ----
    void changeTaken(const history::Change &change, std::optional<PeerId> from, PersistToken token);
    void parentsMissing(const std::vector<history::DepRef> &missing, PeerId from);
    void ackSigned(SeatIndex seat, PersistToken token);
    /// The report that closes the epoch comes at once, and speaks of it: everybody needs it now.
    void lastAckSigned(SeatIndex seat, PersistToken token);
    /// Acks go to few, who gather them for those next to them: n * n would be too many.
    [[nodiscard]] bool isClustered() const;
    /// How long acks wait for others to go with: not at all where each goes to everybody.
    [[nodiscard]] Millis gatheringTime() const;
    void deviceDisputed(DeviceIndex device);
    /// A decision was taken up: who may not read any more hears of it and goes.
    void epochBegins();
    /// What is held is not what it was.
    void historyChanged() { m_frontierRoot.reset(); }
    /// What was passed over can be taken now.
    /// Everything with one member, whatever the digests say; and what stands at some chains' heads,
    /// in full, since a summary names eight bytes of each.
    void compareWholly();
    void compareNow() { m_nextTick = m_state.now.mono; }

    /// Whether what this member holds of a disputed author is taken from him: it was valid when he
    /// took it, and all must come to hold the same. Bounded by one branch for each seat (PROTOCOL
    /// C6).
    [[nodiscard]] bool vouches(std::optional<DeviceIndex> bringer, DeviceIndex author) const;
    /// The peer broke a rule: its session ends, and it may come back after a pause that grows.
    void cut(PeerId from, Code code);
    void broadcast(const gossip::Message &message, PersistToken after,
                   std::optional<PeerId> except);
    /// To every session: a short word of this member.
    void publish(const gossip::Message &message, PersistToken after);
    /// To all of these in a small group, to some in a large one.
    void spread(const gossip::Message &message, PersistToken after, std::vector<PeerId> targets);
    /// The epoch is another: told to all of a small group, to some of a large one.
    void tellEpoch();
    /// The decision itself, at once, to devices that have no seat and so decide nothing by
    /// themselves, or have it no more: their sessions may be about to end.
    void tellOnlookers(const Bytes &decision, PersistToken after);
    /// False: the peer may ask again later; the next comparison finds what is left.
    bool answer(PeerId to, const gossip::Message &message, PersistToken after, bool isBulk = false);

private:
    struct Peer {
        explicit Peer(DeviceIndex index)
            : device(index)
            , bytes(limits::kPeerBytesPerSecond, limits::kPeerBytesBurst)
            , answers(limits::kPeerBytesPerSecond, limits::kAnswerBytesBurst)
        {
        }
        DeviceIndex device;
        gossip::Budget bytes;
        gossip::Budget answers;                        ///< what its few bytes may call forth
        std::set<Hash> asked;                          ///< hashes asked for and not answered
        MonoTime compared{};                           ///< a digest went to it or came from it
        std::map<std::uint32_t, std::size_t> requests; ///< not answered whole, by frames that came
    };
    /// The one range pull under way: its answers come in causal order, so that nothing is orphaned.
    /// The first frame of an answer tells where the next begins: that is asked for while this one
    /// still arrives.
    struct Pull {
        struct Asked {
            std::uint32_t request = 0;
            std::vector<gossip::Range> ranges;
            bool hasBegun = false;
        };
        PeerId peer;
        MonoTime begun;
        MonoTime deadline;               ///< later with every frame that brings something
        std::deque<Asked> asked;         ///< two at most, answered in this order
        std::vector<gossip::Range> rest; ///< after these, as far as the newest answer told
        bool hasProgress = false;
    };
    /// How what is taken now came in.
    enum class Arrival : std::uint8_t {
        Pushed,   ///< its author's budget is paid
        Told,     ///< in full, asked for or not: passed on as far as its author's budget goes
        CaughtUp, ///< answers a comparison
    };

    // one handler per kind
    void on(PeerId from, Peer &peer, const gossip::Push &message);
    void on(PeerId from, Peer &peer, const gossip::Have &message);
    void on(PeerId from, Peer &peer, const gossip::PullRanges &message);
    void on(PeerId from, Peer &peer, const gossip::PullHashes &message);
    void on(PeerId from, Peer &peer, const gossip::Changes &message);
    void on(PeerId from, Peer &peer, const gossip::Digest &message);
    void on(PeerId from, Peer &peer, const gossip::Summary &message);
    void on(PeerId from, Peer &peer, const gossip::AckMessage &message);
    void on(PeerId from, Peer &peer, const gossip::Acks &message);
    void on(PeerId from, Peer &peer, const gossip::PullAcks &message);
    void on(PeerId from, Peer &peer, const gossip::AckNumbers &message);
    void on(PeerId from, Peer &peer, const gossip::EvidenceMessage &message);
    void on(PeerId from, Peer &peer, const gossip::EvidenceIds &message);
    void on(PeerId from, Peer &peer, const gossip::Presence &message);
    void on(PeerId from, Peer &peer, const gossip::PullKey &message);
    void on(PeerId from, Peer &peer, const gossip::SealedKey &message);
    void on(PeerId from, Peer &peer, const gossip::AskOwn &message);
    void on(PeerId from, Peer &peer, const gossip::Own &message);
    void on(PeerId from, Peer &peer, const gossip::PullSnapshot &message);
    void on(PeerId from, Peer &peer, const gossip::SnapshotPiece &message);
    void on(PeerId from, Peer &peer, const gossip::AskBlobs &message);
    void on(PeerId from, Peer &peer, const gossip::BlobsHeld &message);
    void on(PeerId from, Peer &peer, const gossip::PullPieces &message);
    void on(PeerId from, Peer &peer, const gossip::BlobPiece &message);
    template <typename Control>
    void on(PeerId from, Peer &, const Control &message);

    static constexpr std::size_t kFrameOverhead = 64; ///< of a frame, in what budgets count

    void pushOne(PeerId from, Peer &peer, ByteView record);
    void compareAgain();
    void sendDigest(PeerId to, bool isReply);
    void sendSummary(PeerId to, bool isReply);
    void sendAckNumbers(PeerId to, bool isReply);
    void sendEvidenceIds(PeerId to, bool isReply);
    [[nodiscard]] bool isAckCompareDue();
    [[nodiscard]] Millis ackPatience() const;
    [[nodiscard]] std::size_t clusterOf(DeviceIndex device) const;
    [[nodiscard]] std::vector<PeerId> carriers();
    void carry();
    void passOn(SeatIndex seat, PeerId from);
    struct TakenAck {
        bool isCut = false;
        std::optional<SeatIndex> news;
    };
    [[nodiscard]] TakenAck takeAck(PeerId from, DeviceIndex bringer,
                                   const gossip::AckMessage &message, gossip::PullAcks &pull);
    [[nodiscard]] gossip::AckMessage ackFor(DeviceIndex device, SeatIndex seat) const;
    void relayAck(SeatIndex seat, PersistToken after, const std::vector<PeerId> &targets);
    void answerAcks(PeerId to, std::vector<gossip::AckMessage> acks);
    void pullAcksDue();
    void serve(PeerId to, Peer &peer, std::uint32_t request,
               const std::vector<gossip::Range> &ranges,
               const std::vector<std::vector<ChangeHandle>> &asked);
    [[nodiscard]] std::vector<gossip::Changes> framesOf(Peer &peer, std::uint32_t request,
                                                        std::vector<ChangeHandle> &wanted);
    [[nodiscard]] std::vector<Bytes> convincing(const std::vector<ChangeHandle> &changes) const;
    [[nodiscard]] bool isSigned(ChangeHandle change) const;
    [[nodiscard]] std::set<ChangeHandle> coversOf(const std::vector<ChangeHandle> &changes) const;
    [[nodiscard]] std::vector<ChangeHandle> withCovers(std::vector<ChangeHandle> &chosen) const;
    [[nodiscard]] bool isAskable(PeerId peer) const;
    [[nodiscard]] std::uint32_t newRequest(PeerId peer);
    void remember(PeerId peer, std::uint32_t request);
    [[nodiscard]] bool wasAskedFor(Peer &peer, const gossip::Changes &message);
    void pullFrom(PeerId peer, std::vector<gossip::Range> ranges);
    void askOn(std::vector<gossip::Range> ranges);
    [[nodiscard]] bool answerBegins(Pull::Asked &asked, const gossip::Changes &message);
    [[nodiscard]] Pull::Asked *pulledBy(PeerId peer, std::uint32_t request);
    void continuePull(PeerId from, std::uint32_t request, bool isOver, bool hasProgress);
    /// What a comparison found meanwhile: whole and in order, so it goes before rumours.
    [[nodiscard]] bool pullNext();
    void pullHashes(PeerId peer, std::vector<Hash> hashes);
    void fetchBranches(PeerId peer);
    void announceHave();
    void hearOf(const gossip::HeadPlace &place, PeerId from, Millis patience);
    void settleWants(DeviceIndex device);
    void askForWants();
    void wantAnswered(PeerId from, const gossip::Changes &message, bool isEmpty);
    [[nodiscard]] gossip::Budget &authorBudget(DeviceIndex device);
    void dropPull();
    [[nodiscard]] std::vector<ChangeHandle> inRange(const gossip::Range &range) const;
    [[nodiscard]] std::vector<gossip::HeadPlace> myHeads() const;
    [[nodiscard]] bool isHeld(const gossip::HeadPlace &place) const;
    [[nodiscard]] bool isWaiting(const gossip::Range &range) const;
    [[nodiscard]] Seq heightOf(DeviceIndex device) const;
    [[nodiscard]] Millis tickLength();

    Engine::State &m_state;
    std::map<PeerId, Peer> m_peers;
    std::map<DeviceIndex, std::size_t> m_online; ///< sessions of each
    std::optional<Pull> m_pull;
    std::optional<std::pair<PeerId, std::vector<gossip::Range>>> m_nextPull;
    gossip::Spreading m_spreading;
    gossip::Wants m_wants; ///< announced, and not here yet
    Arrival m_arrival = Arrival::Pushed;
    struct AckRumour {
        std::uint64_t no = 0;
        MonoTime due{}; ///< its seat's own push has come by then, or is lost
    };
    std::map<std::pair<SeatIndex, PeerId>, AckRumour> m_ackRumours; ///< by who holds it
    std::set<SeatIndex> m_carried; ///< words to pass on to my cluster
    std::optional<MonoTime> m_carryDue;
    std::map<DeviceIndex, WallTime> m_lastHeard;
    std::map<DeviceIndex, gossip::Budget> m_authorBudgets;
    std::map<DeviceIndex, std::uint32_t> m_offences;
    std::uint32_t m_lastRequest = 0;
    MonoTime m_nextTick{};
    std::optional<MonoTime> m_haveDue;
    MonoTime m_lastNews{};
    mutable std::optional<Hash> m_frontierRoot;
};

} // namespace nlbd::engine
