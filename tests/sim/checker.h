#pragma once

#include "core/consensus/decision_log.h"
#include "core/consensus/proof.h"
#include "core/gossip/message.h"
#include "core/history/change_codec.h"
#include "tests/sim/epochs_seen.h"
#include "tests/sim/peer_shell.h"

#include <map>
#include <set>
#include <unordered_map>

namespace nlbd::sim {

/// The invariants of PROTOCOL D4, watched from outside: on every row that an engine wants stored,
/// on every frame that it releases, after every step, and when all is quiet. Knows nothing of the
/// engine's insides; the first contradiction found is kept.
class Checker {
public:
    explicit Checker(World &world)
        : m_world(world)
        , m_epochs(world.group)
        , m_decisions(world.group.configuration, world.scheme,
                      consensus::quorumCertificates(world.scheme))
    {
    }

    // ---- while it runs ----
    void persisting(PeerShell &peer, const store::Rows &rows);
    void committed(PeerShell &peer, const store::Rows &rows, store::Sync sync);
    void stored(PeerShell &peer, const std::expected<void, store::StoreError> &result);
    void sending(PeerShell &peer, std::uint8_t kind, ByteView body);
    void stepped(PeerShell &peer);
    /// The computer has another disk: what it had written before is no measure any more.
    void putBack(PeerShell &peer);
    /// Honest members check before they relay, so none of them is ever at fault (PROTOCOL B).
    void cut(PeerShell &peer, const PeerShell &other, Code code);

    /// A record that a hostile member made: for the order tests at the end.
    void madeByHostile(const history::UnverifiedChange &change);

    // ---- at the end ----
    using Peers = std::vector<std::unique_ptr<PeerShell>>;
    /// All other honest members hold the newest of everything that left this computer.
    [[nodiscard]] bool isLastWordKnown(const PeerShell &peer, const Peers &peers) const;
    /// Epochs that ended in two ways for two honest computers.
    [[nodiscard]] static std::size_t conflicts(const Peers &peers);
    /// Why the honest are not yet equal and agreed; nothing once they are (I3).
    [[nodiscard]] std::optional<std::string> unfinished(const Peers &peers);
    /// Everything that is too slow to be watched all the time.
    void finish(const Peers &peers);

    [[nodiscard]] bool isHonest(DeviceIndex device) const;
    /// By the newest decision that anybody honest took up, it is a member still.
    [[nodiscard]] bool stays(const PeerShell &peer) const;
    [[nodiscard]] const EpochsSeen &epochs() const noexcept { return m_epochs; }
    /// What must not grow on a disk, beside the texts (I11).
    void checkDisk(PeerShell &peer);
    void fail(std::string_view invariant, const PeerShell *peer, std::string_view what);
    [[nodiscard]] const std::optional<std::string> &failure() const noexcept { return m_failure; }
    [[nodiscard]] std::size_t changesSeen() const noexcept { return m_changes.size(); }

private:
    using Place = std::pair<DeviceIndex, Seq>;
    struct JournalKey {
        DeviceIndex device;
        std::uint8_t plane = 0;
        Epoch epoch;
        std::uint32_t round = 0;
        std::uint64_t phase = 0;
        friend auto operator<=>(const JournalKey &, const JournalKey &) = default;
    };
    /// What is remembered of one computer over all its crashes.
    struct Memory {
        std::set<Hash> own; ///< own changes that were durable
        std::optional<Epoch> entered;
        // What was seen after the last step, and what the one before may have altered.
        std::uint64_t generation = 0;
        Epoch epoch;
        std::size_t held = 0;        ///< changes in its graph
        std::size_t taken = 0;       ///< and stored since
        std::vector<Seq> ratified;   ///< by chain: all up to here were seen ratified
        bool mayRatify = false;      ///< an acknowledgement, a change or a decision came
        bool areTextsNew = false;    ///< all of them
        std::set<DocIndex> newTexts; ///< else these
        std::map<DocIndex, std::uint64_t> texts; ///< what each showed
        std::set<DeviceIndex> provenForks;
        /// The epoch that the newest stored decision closed, and the run that stored it.
        std::optional<std::pair<Epoch, std::uint64_t>> decided;
        MonoTime queuesSeen{};
        std::map<DeviceIndex, Hash> acked; ///< my last frontier
        Epoch ackedIn;
    };

    void checkRecord(PeerShell &peer, const store::ChangeRow &row);
    [[nodiscard]] std::optional<std::string> faultIn(const history::UnverifiedChange &change,
                                                     bool isSignatureTried) const;
    void checkOwnAck(PeerShell &peer, const store::AckRow &row);
    [[nodiscard]] bool isOnBranch(const Hash &head, const Hash &below) const;
    [[nodiscard]] bool isClosed(const std::map<DeviceIndex, Hash> &frontier, const Hash &from,
                                const Hash &until,
                                const identity::Configuration &configuration) const;
    void signedAndSent(PeerShell &peer, const JournalKey &key, const Hash &what);
    [[nodiscard]] bool holdsWord(PeerShell &other, const JournalKey &key, const Hash &what) const;
    void checkSentChange(PeerShell &peer, const history::UnverifiedChange &change);
    void checkSentAck(PeerShell &peer, const gossip::AckMessage &message);
    void checkSentControl(PeerShell &peer, const gossip::ControlRecords &records);
    void entered(PeerShell &peer);
    void enterIfNew(PeerShell &peer);
    void checkSignedBy(PeerShell &peer);
    void checkKeyRow(PeerShell &peer, const store::MetaRow &row);
    void checkSentTurn(PeerShell &peer, const Bytes &record);
    [[nodiscard]] static bool holdsSecret(PeerShell &peer, const CareKey &key);
    void checkSecrets(PeerShell &peer);
    /// A folder that is not its device's newest may lack the secret that keys come sealed to.
    [[nodiscard]] static bool isShutOut(const PeerShell &peer);
    [[nodiscard]] std::map<DeviceIndex, Hash> ackedBefore(const Memory &memory, Epoch epoch) const;
    void noteRow(PeerShell &peer, const store::Row &row);
    void checkDecisionRow(PeerShell &peer, const store::DecisionRow &row);
    void checkEvidenceRow(PeerShell &peer, const store::EvidenceRow &row);
    void checkForked(PeerShell &peer, DeviceIndex device);
    void noteRewritten(PeerShell &peer, Memory &memory);
    static void lookAtTexts(PeerShell &peer, Memory &memory);
    void checkSnapshot(PeerShell &peer);
    void checkRatified(PeerShell &peer);
    void isNowRatified(PeerShell &peer, ChangeHandle change);
    void checkOwnKept(PeerShell &peer);
    void checkQueues(PeerShell &peer);
    /// Nothing if all own changes that were durable are there or were made void.
    [[nodiscard]] std::optional<Hash> lostOwn(const PeerShell &peer) const;
    [[nodiscard]] bool isClosedIn(Place place, const Hash &change, Epoch before) const;
    [[nodiscard]] bool mustBeRatified(const Hash &change);
    void checkRebuilt(PeerShell &peer);
    void checkOrders(PeerShell &peer);
    void checkRoot(PeerShell &peer); ///< a newcomer would get what the quorum signed
    void checkEvidence(PeerShell &peer);
    void checkCovered();
    void checkGhosts(PeerShell &peer);
    void checkRemoved(PeerShell &peer);
    [[nodiscard]] std::optional<std::string> lacksIn(PeerShell &peer);
    [[nodiscard]] static bool isReady(const PeerShell &peer);
    [[nodiscard]] std::optional<std::string> unaccounted(const Peers &peers) const;
    [[nodiscard]] bool isWitness(PeerShell &peer, Epoch closed, std::uint32_t before) const;
    [[nodiscard]] bool isProvable(const Peers &peers) const;
    [[nodiscard]] bool isWithinTolerance() const;
    [[nodiscard]] static bool knowsFork(const PeerShell &peer, DeviceIndex device);
    [[nodiscard]] static bool knowsConflict(const PeerShell &peer);

    World &m_world;
    std::optional<std::string> m_failure;
    std::map<std::size_t, Memory> m_memory; ///< by peer number
    std::unordered_map<Hash, history::UnverifiedChange>
        m_changes; ///< every change that any engine took
    std::map<Place, std::set<Hash>> m_places;
    std::set<Hash> m_covered;  ///< taken on the strength of a later signature of their run
    std::set<Hash> m_followed; ///< that a change names as the one before it
    std::map<Hash, bool> m_mustBeRatified; ///< remembered answers
    std::vector<history::UnverifiedChange> m_hostile;
    std::set<JournalKey> m_durable;
    std::map<JournalKey, Hash> m_sent;
    std::set<CareKey> m_turned; ///< that were told of
    /// By decision, then by frontier root: what the documents are then.
    std::map<Hash, std::unordered_map<Hash, std::uint64_t>> m_snapshots;
    std::map<Place, std::pair<Hash, Epoch>> m_ratified; ///< and when, at the first who saw it
    EpochsSeen m_epochs;
    consensus::DecisionLog m_decisions; ///< of a node that knows nothing but what is stored
    std::map<Epoch, identity::Configuration> m_tables; ///< that it had in the epochs so far
    std::unordered_map<Hash, Bytes> m_records;         ///< that were checked, as they came
    Bytes m_lastBody;                                  ///< the same push goes to several
    std::size_t m_lastSender = SIZE_MAX;
};

} // namespace nlbd::sim
