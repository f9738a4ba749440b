#pragma once

#include "core/consensus/vote.h"
#include "core/history/change_codec.h"
#include "core/history/pack.h"
#include "core/store/store.h"
#include "tests/mesh/export.h"
#include "tests/sim/epochs_seen.h"

#include <QString>
#include <QStringList>

#include <map>
#include <set>

namespace nlbd::mesh {

/// The invariants of PROTOCOL D4, from what several processes exported (see export.h) and from
/// nothing else: certificates, signatures and archives are verified anew by core's own functions,
/// texts are made anew by the plain tree that shares no code with core/crdt.
///
///     I1, I2, I3  equal texts, which the changes give
///     I4          no two ratified changes at one place
///     I6          one decision per epoch; certificates verify; one key per key epoch
///     I7          every line that somebody honest typed is there, once; every change that an
///     honest
///                 device signed is held by all, or lies beyond where its pen ended
///     I8          nobody honest signed two records for one journal key, over all exports
///     I9, I10     no proof accuses the honest; who contradicted himself is accused everywhere
///     C17         who was removed holds no key that was made with it or later
class Histories {
public:
    struct Expectation {
        QStringList hostile; ///< names; everybody else is honest
        QStringList lines;   ///< "title\tline" that were typed
    };
    explicit Histories(Expectation expected);

    /// Reads an export. Whatever of it cannot be read is a fault.
    void add(const QString &folder);
    /// What does not hold, a sentence each.
    [[nodiscard]] QStringList check();

    /// What was looked at, so that a test can tell that it was not nothing.
    struct Counts {
        std::size_t changes = 0;
        std::size_t packed = 0; ///< of all disks
        std::size_t decisions = 0;
        std::size_t signedRecords = 0;
        std::size_t proofs = 0;
        std::size_t contradictions = 0; ///< of the hostile
    };
    [[nodiscard]] const Counts &counts() const { return m_counts; }
    /// What was decided, the newest first, as one who stays says it.
    [[nodiscard]] QStringList decided() const;

private:
    struct Key {
        DeviceIndex device;
        std::uint8_t plane = 0;
        Epoch epoch;
        std::uint32_t round = 0;
        std::uint64_t phase = 0;
        friend auto operator<=>(const Key &, const Key &) = default;
    };
    struct History {
        QString name;
        Export said;
        store::StoredWorkspace stored;
        std::set<Hash> held; ///< by its log
        identity::Configuration newest;
        std::set<DeviceIndex> accused;
        std::vector<history::UnverifiedChange> own; ///< by its journal
        [[nodiscard]] bool stays() const;
    };

    void fault(const History &history, const QString &sentence);
    [[nodiscard]] bool isHonest(DeviceIndex device) const;

    // histories.cpp: what is read
    void readGenesis(History &history);
    void readDecisions(History &history);
    void readKeys(const History &history);
    void readLog(History &history);
    // histories_signed.cpp: who signed what
    void readChanges(const History &history);
    void readChange(const History &history, const history::PackedChange &stored);
    void readJournal(History &history);
    void readAcks(const History &history);
    void readControl(const History &history);
    void note(const Key &key, const Hash &record);
    void noteVote(const consensus::Vote &vote);
    /// Whether it bears its author's signature.
    bool noteChange(const history::UnverifiedChange &change);
    void noteAck(ByteView ack);
    void noteClose(ByteView close);
    void readProofs(History &history);
    void checkContradictions();
    // what is compared
    void checkTexts(const History &history);
    void checkRebuilt(const History &history);
    void checkArchive(const History &history);
    void checkLines(const History &history);
    void checkOwn(const History &history);
    void checkRemoved(const History &history);

    Expectation m_expected;
    const identity::Ed25519 m_scheme;
    std::optional<sim::EpochsSeen> m_epochs;
    std::vector<History> m_histories;
    std::map<Epoch, Hash> m_decisions;
    std::map<std::pair<DeviceIndex, Seq>, Hash> m_ratified;
    std::map<Key, std::set<Hash>> m_signed;
    std::map<Hash, history::UnverifiedChange> m_changes;
    Counts m_counts;
    QStringList m_faults;
};

} // namespace nlbd::mesh
