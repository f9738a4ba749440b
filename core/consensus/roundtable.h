#pragma once

#include "core/consensus/round_votes.h"
#include "core/consensus/seat_order.h"
#include "core/consensus/seat_state.h"
#include "core/consensus/vote_evidence.h"

#include <chrono>

namespace nlbd::consensus {

/// What a seat thinks of a value.
enum class Verdict : std::uint8_t {
    Unknown, ///< its body, or something that it stands on, is not here yet
    Valid,
    Invalid,
};

/// What a Roundtable wants done, in this order.
namespace effect {

/// Sign the vote, write it and the state in one synced transaction, then send it to all and hand it
/// back to received(): an own word counts once it cannot be forgotten.
struct Sign {
    Vote vote; ///< unsigned
    SeatState state;
};
/// Send the bytes that were signed before the crash again.
struct Resend {
    Vote vote;
};
/// Call timeout() with the same round and step after a time spent connected.
struct ArmTimer {
    Round round;
    Step step = Step::Propose;
    std::chrono::milliseconds after{};
};
/// Fetch the value's body and judge it.
struct AskBody {
    Hash value;
};
/// Build a value of everything eligible and call built(), now or as soon as it can be built.
struct NeedValue {
    Round round;
};
/// Show the polka to whoever lacks it.
struct SharePolka {
    SharedPolka polka;
};
/// A round began: ask what others said in it, records of it may have been turned away before.
struct EnterRound {
    Round round;
};
struct Accuse {
    VoteEvidence evidence;
};
/// Gossip it for ever.
struct Decide {
    Certificate certificate;
};

} // namespace effect

using Effect =
    std::variant<effect::Sign, effect::Resend, effect::ArmTimer, effect::AskBody, effect::NeedValue,
                 effect::SharePolka, effect::EnterRound, effect::Accuse, effect::Decide>;
using Effects = std::vector<Effect>;

/// One seat's part in the agreement of one epoch: PROTOCOL C11.2 as a state machine without clock,
/// disk, keys and network, and blind to what values are. Records are handed in with their
/// signatures checked and from this epoch; effects are appended to `out`.
///
/// Safety rests on four rules: at most one record per phase and round; a seat that precommitted v
/// prevotes something else only if it holds a later polka for it; nothing counts without a quorum;
/// what was signed is on disk before it is sent.
class Roundtable {
public:
    struct Setting {
        Epoch epoch;
        SeatIndex seat;                                               ///< mine
        std::chrono::milliseconds firstWait = limits::kRoundFirstMin; ///< T0
    };

    Roundtable(const SeatOrder &order, const Setting &setting);

    /// After a restart: `state` as it was written last, `signedBefore` every vote that this seat
    /// signed in this epoch. Call resume() then.
    Roundtable(const SeatOrder &order, const Setting &setting, const SeatState &state,
               const std::vector<Vote> &signedBefore);
    void resume(Effects &out);

    /// T0 for timers that are armed from now on.
    void setFirstWait(std::chrono::milliseconds wait) noexcept { m_setting.firstWait = wait; }

    /// Something eligible is known and the own CLOSE is signed. Later calls do nothing.
    void start(Effects &out);
    /// The value that NeedValue asked for; it is valid. @pre not zero
    void built(const Hash &value, Effects &out);
    /// An Unknown value may become Valid or Invalid; no other verdict changes.
    void judged(const Hash &value, Verdict verdict, Effects &out);
    void timeout(Round round, Step step, Effects &out);

    enum class Intake : std::uint8_t {
        New, ///< worth relaying
        Known,
        Ignored, ///< of a round that is not kept; it may be of use later (E_RATE)
    };
    /// @complexity O(n) at worst.
    Intake received(const Vote &vote, Effects &out);
    Intake received(const Polka &polka, Effects &out);
    void received(const Certificate &certificate, Effects &out);

    [[nodiscard]] const SeatOrder &order() const noexcept { return m_order; }
    [[nodiscard]] Round round() const noexcept { return m_round; }
    [[nodiscard]] Step step() const noexcept { return m_step; }
    [[nodiscard]] SeatState state() const;

private:
    struct Lock {
        Round round;
        Hash value;
    };

    // Steps (roundtable_steps.cpp). Those that return bool say if something happened.
    void advance(Effects &out);
    void startRound(Round round, Effects &out);
    bool jump(Effects &out);
    [[nodiscard]] SharedPolka proposable() const;
    void propose(const Hash &value, const std::optional<Round> &polka, Effects &out);
    bool prevoteEarly(Effects &out);
    void prevote(const Vote *proposal, Effects &out);
    bool precommitPolka(Effects &out);
    bool leaveNilPhases(Effects &out);
    void precommit(const std::optional<Hash> &value, Effects &out);
    void enter(Step step, Effects &out);
    void sign(Vote vote, Effects &out);
    [[nodiscard]] bool isAcceptable(const Vote &proposal) const;
    [[nodiscard]] const Vote *firstAcceptable() const;
    [[nodiscard]] const Vote *firstAcceptableOnceAllAreJudged() const;
    [[nodiscard]] std::chrono::milliseconds wait() const;

    // Records.
    [[nodiscard]] RoundVotes *votesOf(Round round);
    [[nodiscard]] const RoundVotes *votesOf(Round round) const;
    [[nodiscard]] bool isKept(Round round) const;
    void note(SeatIndex seat, Round round);
    Intake store(const Vote &vote, bool isShown, Effects &out);
    void accuse(const Vote &a, const Vote &b, Effects &out);
    void lookForAmnesia(const Vote &vote, Effects &out);
    void ask(const Hash &value, Effects &out);
    void hold(Polka polka, Effects &out);
    void updateValid();
    void decideIfCommitted(const RoundVotes &votes, const Hash &value, Effects &out);
    void decide(const Certificate &certificate, Effects &out);
    [[nodiscard]] Verdict verdictOn(const Hash &value) const;

    SeatOrder m_order;
    Setting m_setting;
    std::size_t m_quorum;
    Round m_round;
    Step m_step = Step::Waiting;
    std::array<bool, 3> m_hasSigned{}; ///< by phase, in this round
    std::optional<Lock> m_lock;
    SharedPolka m_valid;
    PolkaBook m_polkas;
    std::vector<RoundVotes> m_votes; ///< of the round before, this one and the next
    std::vector<Round> m_latest;     ///< by seat: the latest round it was seen in
    bool m_isSomeoneAhead = false;
    std::vector<std::optional<Vote>> m_commits; ///< by seat: its latest precommit for a value
    std::vector<bool> m_isAccused;              ///< by seat: one proof is enough
    std::vector<std::pair<Hash, Verdict>> m_verdicts;
    std::vector<Vote> m_signedBefore; ///< until resume()
};

/// T0 from the measured tail of gossip: six times its 95th percentile, 2.5 s to 30 s.
[[nodiscard]] std::chrono::milliseconds firstWaitAt(std::chrono::milliseconds spread) noexcept;

} // namespace nlbd::consensus
