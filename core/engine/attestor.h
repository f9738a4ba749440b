#pragma once

#include "core/engine/engine_state.h"
#include "core/engine/spread.h"
#include "core/trust/evidence.h"
#include "core/trust/ratification.h"

namespace nlbd::engine {

/// My frontier and everybody's acknowledgements of theirs (PROTOCOL C5).
///
/// My frontier grows by the rules A1 to A3: closed under causality, valid changes only, one branch
/// per device. It is signed when it changed and the interval has passed (A6), journalled first
/// (A4).
class Attestor {
public:
    explicit Attestor(Engine::State &state);

    void changeAdded(ChangeHandle change);

    /// A decision was taken up: acks begin anew, each seat at the closing frontier, which everybody
    /// holds (PROTOCOL C8).
    void epochBegins();
    /// Handles of changes mean others than before.
    void handlesChanged();
    void rebuild();

    /// No more acks in this epoch, by rule A5: the closing report was signed or is about to be.
    void freeze() noexcept { m_isFrozen = true; }

    /// An ack from a peer. Errors: the code with which the peer is cut; E_RATE: ask for the full
    /// form.
    struct Outcome {
        bool isNew = false;
        bool wantsFull = false;
        std::optional<Code> offence;
    };
    [[nodiscard]] Outcome receive(const gossip::AckMessage &message,
                                  std::optional<DeviceIndex> from, std::optional<PeerId> peer);
    void contradicted(const trust::DoubleAckProof &proof);

    /// Signs my frontier if it is time; returns when to look again.
    [[nodiscard]] std::optional<MonoTime> signIfDue();
    /// Signs it now if it changed: the last word before the report that closes the epoch.
    void signNow();

    void load(const std::vector<store::AckRow> &acks,
              const std::vector<store::JournalRow> &journal);

    struct Held {
        trust::Ack ack;
        trust::Frontier frontier;
        trust::Frontier changed;  ///< entries that differ from the seat's ack before
        std::uint64_t baseNo = 0; ///< number of that ack
        MonoTime since{};         ///< held
    };
    [[nodiscard]] const Held *of(SeatIndex seat) const;
    [[nodiscard]] const std::map<SeatIndex, Held> &all() const noexcept { return m_held; }
    [[nodiscard]] Hash ackRoot() const;
    [[nodiscard]] Hash myRoot() const;
    [[nodiscard]] trust::Frontier myFrontier() const;
    /// How many changes that count in this epoch the seat has not signed for.
    [[nodiscard]] std::uint64_t behind(SeatIndex seat) const;
    [[nodiscard]] const trust::Ratification &ratification() const noexcept
    {
        return m_ratification;
    }

    [[nodiscard]] const Spread &spread() const noexcept { return m_spread; }

    /// Heads that honest seats signed for and that are not held here: branches to fetch.
    [[nodiscard]] std::vector<trust::FrontierEntry> claimedAndMissing() const;

    /// Moves documents' changes from pencil to agreed; true if any mark changed.
    bool settleRatified();

private:
    [[nodiscard]] std::optional<trust::Frontier> withRoot(const Hash &root) const;
    [[nodiscard]] std::optional<trust::Frontier> frontierOf(const gossip::AckMessage &message,
                                                            const trust::Ack &ack) const;
    void hold(const trust::Ack &ack, trust::Frontier frontier);
    void findContradiction(const trust::Ack &ack, const trust::Frontier &frontier,
                           std::optional<PeerId> peer);
    void cover(ChangeHandle change);
    [[nodiscard]] bool tryCover(ChangeHandle change);
    [[nodiscard]] bool isCovered(ChangeHandle change) const;
    [[nodiscard]] ChangeHandle firstUncovered(ChangeHandle dep) const;
    [[nodiscard]] bool mayFollow(ChangeHandle change) const;
    void countAcks();
    [[nodiscard]] bool maySign() const;
    [[nodiscard]] bool hasNews() const;
    [[nodiscard]] std::optional<MonoTime> beatIfDue();
    [[nodiscard]] MonoTime turn();
    PersistToken sign();
    [[nodiscard]] bool holdsAllAcked() const;
    [[nodiscard]] Millis interval() const;
    [[nodiscard]] Millis turnMax() const;
    [[nodiscard]] Millis usualWait() const;
    void measure(ChangeHandle ratified);

    Engine::State &m_state;
    trust::Ratification m_ratification;
    std::map<SeatIndex, Held> m_held;
    std::map<DeviceIndex, ChangeHandle> m_covered;         ///< my frontier's heads
    std::multimap<ChangeHandle, ChangeHandle> m_blockedOn; ///< covered later -> change to try then
    mutable std::optional<Hash> m_myRoot;
    mutable std::optional<Hash> m_ackRoot;
    std::deque<std::pair<ChangeHandle, MonoTime>> m_ownNews; ///< of mine, not ratified: when signed
    Spread m_spread;
    MonoTime m_lastSigned{};
    std::optional<MonoTime> m_turn; ///< drawn when there was something new
    bool m_hasSigned = false;
    std::optional<MonoTime> m_begun; ///< of this run
    bool m_isChanged = false;
    bool m_isFrozen = false;
};

} // namespace nlbd::engine
