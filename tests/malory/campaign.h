#pragma once

#include "app/network.h"
#include "core/identity/genesis.h"
#include "tests/malory/nonce_book.h"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace nlbd::malory {

/// One member to attack: where, and which device answers there.
struct Target {
    net::Endpoint endpoint;
    PublicKey device;
};

/// What came of one attack on one victim.
struct Outcome {
    const hostile::Attack *attack = nullptr;
    std::size_t victim = 0;
    bool wasSent = false;
    bool wasCut = false; ///< the victim ended the session afterwards

    /// Of compare-nonces.
    struct Found {
        std::size_t reused = 0; ///< nonces
        std::size_t rivals = 0; ///< places where it could have happened
    };
    std::optional<Found> found{};
};

/// A hostile member over real sockets: takes one attack after the other to every target, comes back
/// after each cut, answers pulls so that the full form is judged as well.
///
/// Network events come on a thread of the network's; attack() waits for them with deadlines.
class Campaign {
public:
    Campaign(const identity::Configuration &configuration, const identity::SecretKey &device,
             const keys::WorkspaceKey &key, app::Network &network, std::vector<Target> targets,
             Random &random);

    /// Where the network puts its events.
    [[nodiscard]] app::Network::Sink sink();

    /// Dials all targets; false if not all answered in time.
    [[nodiscard]] bool connect(Millis patience);

    /// Reads what was written before, so that an earlier chain of mine is continued and not forked.
    void catchUp(Millis patience);

    [[nodiscard]] std::vector<Outcome> attack(const hostile::Attack &attack, WallTime wall,
                                              Millis patience);

    /// The same, of lurking(): `patience` is for what others do first.
    [[nodiscard]] std::vector<Outcome> lurk(const hostile::Attack &attack, WallTime wall,
                                            Millis patience);

    /// Tells every target where the others are not. False if not all had a session in time.
    [[nodiscard]] bool poison(Millis patience);

    /// Goes on answering pulls: a fork can be seen only where the chain below it is held.
    void serveUntilForkIsProven(Millis patience);

private:
    struct Victim {
        Target target;
        std::optional<PeerId> session;
        std::uint64_t cuts = 0;    ///< sessions that it ended
        std::uint64_t answers = 0; ///< summaries it sent
    };
    using Lock = std::unique_lock<std::mutex>;

    void receive(const std::vector<net::MeshEvent> &events);
    void up(const net::SessionUp &event);
    void frame(const net::FrameReceived &event);
    void takeRecords(ByteView body);
    void takeEvidence(ByteView body);
    void takeWishes(ByteView body);
    [[nodiscard]] bool isUnderThreat(Lock &lock, Millis patience);
    [[nodiscard]] std::vector<Outcome> outcomes(const hostile::Attack &attack, bool wasSent) const;
    [[nodiscard]] std::vector<Outcome> flood(Lock &lock, const hostile::Attack &attack,
                                             WallTime wall);
    [[nodiscard]] std::vector<Outcome> goBack(Lock &lock, const hostile::Attack &attack,
                                              WallTime wall);
    [[nodiscard]] std::vector<Outcome> removeBack(Lock &lock, const hostile::Attack &attack);
    [[nodiscard]] std::vector<Outcome> heardBy(Lock &lock, const hostile::Attack &attack);
    [[nodiscard]] std::vector<Outcome> compareNonces(Lock &lock, const hostile::Attack &attack);
    [[nodiscard]] bool waitFor(Lock &lock, Millis patience, const std::function<bool()> &isTrue);
    void send(const Victim &victim, const hostile::Frame &frame);
    [[nodiscard]] static bool isUp(const Victim &victim) { return victim.session.has_value(); }

    const identity::Ed25519 m_scheme;
    WorkspaceId m_workspace;
    hostile::Pen m_pen;
    app::Network &m_network;
    Random &m_random;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<Victim> m_victims;
    std::vector<hostile::Record> m_waiting; ///< records whose parents are not here yet
    bool m_isForkProven = false;
    std::optional<MemberIndex> m_asksToRemoveMe;
    NonceBook m_nonces;
    struct Page {
        std::uint32_t request = 0;
        std::optional<std::size_t> count; ///< of changes in the answer, once it came
    };
    Page m_page;
    std::uint32_t m_lastRequest = 1U << 16U;
};

} // namespace nlbd::malory
