#pragma once

#include "core/engine/engine_state.h"
#include "core/history/orphan_buffer.h"

#include <deque>

namespace nlbd::engine {

/// Where changes come in: validation, orphans, forks, and what follows from each verdict
/// (PROTOCOL C4, C6).
class Intake {
public:
    explicit Intake(Engine::State &state)
        : m_state(state)
    {
    }

    /// Where a change came from, and whether a later, verified signature of its run covers it.
    struct Source {
        PeerId peer;
        std::optional<DeviceIndex> device;
        history::SignatureNeed need = history::SignatureNeed::Check;
    };

    /// One change in full form, or several of an answer in the order in which they came. What
    /// cannot be judged yet is buffered. Stops at the first offence; its code is what the peer is
    /// cut with.
    [[nodiscard]] std::expected<void, Code> receive(std::vector<history::UnverifiedChange> changes,
                                                    const Source &source);

    /// A short-form change whose parents are held: taken if it is good. False: only the full form
    /// may be judged, ask for it.
    [[nodiscard]] bool receiveRebuilt(history::UnverifiedChange change, const Source &source);

    /// From my own disk, in stored order. False if it was left out.
    [[nodiscard]] bool restore(const Bytes &record, bool isSignatureChecked);

    /// From my own journal, oldest first. What stands on changes that are missing is kept, and
    /// taken once these have come. True if it was taken now.
    [[nodiscard]] bool restoreOwn(const Bytes &record);

    /// Branches of disputed devices are taken where an honest seat's newest ack stands on them, or
    /// an undisputed change that waits here. Nothing is remembered beyond those two.
    void claimedAre(std::set<Hash> heads) { m_claimed = std::move(heads); }

    /// Parents that are waited for, to be pulled.
    [[nodiscard]] std::vector<history::DepRef> missing() const { return m_orphans.missing(); }
    [[nodiscard]] const history::OrphanBuffer &orphans() const noexcept { return m_orphans; }

    /// Handles of changes mean others than before.
    void handlesChanged() noexcept { m_signatureCursor = 0; }

    /// Verifies a few signatures that runs covered; true if some are left.
    bool checkSignatures(std::size_t count);

private:
    struct Item {
        history::UnverifiedChange change;
        Source source;
    };
    [[nodiscard]] std::expected<void, Code> process(std::deque<Item> items);
    [[nodiscard]] std::expected<void, Code> judgeAll(std::deque<Item> &items);
    [[nodiscard]] std::optional<Code> judge(Item item, std::deque<Item> &ready);
    void accept(const history::Change &change, const Source &source, std::deque<Item> &ready);
    void acceptOwn(std::deque<Item> &ready);
    [[nodiscard]] std::optional<Code> refused(const Item &item, const history::Refused &why);
    [[nodiscard]] bool isWanted(const Hash &hash) const;
    [[nodiscard]] bool counts(const history::UnverifiedChange &change) const;
    [[nodiscard]] bool isOneBranchTooMany(const history::Change &change) const;
    [[nodiscard]] bool isSigned(const Item &item) const;
    [[nodiscard]] std::optional<Code> wait(const Item &item, const history::Refused &why);
    void noticeFork(const Item &item);
    void foundInvalid(const Item &item, const history::Refused &why);
    [[nodiscard]] bool isStopped(const Item &item) const;
    void markCovered(std::vector<Item> &items) const;
    void settleCredit();
    [[nodiscard]] std::vector<const history::UnverifiedChange *>
    untakenAfter(DeviceIndex device, const Hash &link) const;
    bool findCover(DeviceIndex device, const Hash &link,
                   std::vector<history::SignedHeader> &cover) const;

    Engine::State &m_state;
    history::OrphanBuffer m_orphans;
    std::set<Hash> m_claimed;
    /// Of the batch at hand: what was taken because a later link vouches for it, and the links that
    /// were not taken, by the hash of the one before.
    std::vector<ChangeHandle> m_onCredit;
    std::multimap<Hash, history::UnverifiedChange> m_left;
    std::deque<Bytes> m_own; ///< of the journal, waiting for what they stand on
    std::size_t m_signatureCursor = 0;
};

} // namespace nlbd::engine
