#pragma once

#include "core/engine/engine_state.h"
#include "core/history/change.h"
#include "core/trust/ack.h"

namespace nlbd::engine {

/// Whether this folder may sign for its device (PROTOCOL C13).
///
/// A folder that was copied or restored holds the key of its device but not all that this key has
/// signed since: whoever signs with it contradicts himself. So after each start the boot marks of
/// the database and of the second place are compared, and members are asked for my own last word.
/// Until then edits wait as drafts (drafts.h) and everything else that signs waits here. A copy
/// never signs again with the old key: it goes on with a new one, which the members decide on.
class SelfGuard {
public:
    explicit SelfGuard(Engine::State &state)
        : m_state(state)
    {
    }

    // ---- start ----
    void load(const store::StoredWorkspace &stored);
    void counterRead(const KeychainCounter &event);
    void counterKept(const CounterKept &event);
    /// A device key of this folder's own that was decided in becomes mine. Before the seat is
    /// looked up in a configuration.
    void settleDevice();

    [[nodiscard]] bool maySign() const noexcept
    {
        return m_phase == Phase::Off || m_phase == Phase::Clear;
    }
    [[nodiscard]] bool isCopy() const noexcept { return m_phase == Phase::Copy; }
    /// The key whose starts are counted: of the device that signs here, or is going to.
    [[nodiscard]] PublicKey signer() const;
    /// The folder's own key, which members may have let in while the epoch here is an older one:
    /// what is sealed to its device is opened with it. Else the key that signs.
    [[nodiscard]] const identity::SecretKey &newestKey() const
    {
        return m_next ? *m_next : m_state.config.device;
    }
    /// Of the journal's edit rows: each chain that was written in this folder has its own.
    [[nodiscard]] std::uint32_t lane() const noexcept { return m_lane; }

    // ---- the own-head question ----
    void peerUp(PeerId peer);
    void asked(PeerId from, const gossip::AskOwn &question);
    void answered(PeerId from, const gossip::Own &answer);

    // ---- what is heard of my own device, signatures checked ----
    void heard(const history::UnverifiedChange &change);
    void heard(const trust::Ack &ack);
    void heard(const trust::SignJournal::Key &vote);
    /// A care key that my device told of, and whose secret is not here.
    void heardUnknownKey();

    void continueAs(const ContinueAs &event);

    /// What signs and came before it was known whether this folder may.
    using Deferred = std::variant<api::Command, EditAsOf>;
    /// Kept until then. False: to be carried out now.
    [[nodiscard]] bool defer(const Deferred &wish);
    /// Once it may; empty otherwise.
    [[nodiscard]] std::vector<Deferred> takeDeferred();

    /// Tells the view what stands in the way.
    void sendAll();
    void tick();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

private:
    enum class Phase : std::uint8_t {
        Off,     ///< nobody guards: no disk outlives this engine
        Waiting, ///< for the second place to be read
        Keeping, ///< for this start's mark to be in both
        Asking,  ///< members, what they hold of me
        Clear,
        Copy
    };
    enum class Reason : std::uint8_t { Behind = 1, Unknown = 2, OwnWord = 3 };

    void keepMark(const std::optional<BootMark> &second);
    void beginAsking();
    void ask(PeerId peer);
    void askAll();
    void goOnIfAnswered();
    void countersCompared();
    void clear();
    void becomeCopy(Reason reason);
    [[nodiscard]] std::size_t answersNeeded() const;
    [[nodiscard]] bool isAnyoneElse() const;
    [[nodiscard]] bool isUnknown(const history::UnverifiedChange &change) const;
    [[nodiscard]] bool isUnknown(const trust::Ack &ack) const;
    [[nodiscard]] bool isPending() const; ///< the own key waits for its decision
    [[nodiscard]] bool isTransient() const noexcept { return !maySign() && !isCopy(); }

    Engine::State &m_state;
    Phase m_phase = Phase::Off;
    Reason m_reason = Reason::Behind;
    std::optional<BootRow> m_row;
    std::optional<identity::SecretKey> m_first; ///< the key that the folder began with
    std::optional<identity::SecretKey> m_next;  ///< its own key, once it was drawn
    std::uint32_t m_lane = 0;
    bool m_hasSigned = false;
    bool m_doCountersAgree = false;
    bool m_canAsk = true;
    MonoTime m_askedUntil{};
    MonoTime m_askAgain{};
    std::set<PeerId> m_questions;
    std::set<MemberIndex> m_answers;
    std::vector<Deferred> m_waiting;
    bool m_isMarked = false; ///< the signer's key is known to be in use elsewhere
    bool m_mustAbandon = false;
    bool m_mustClear = false;
};

} // namespace nlbd::engine
