#include "core/consensus/roundtable.h"

#include "core/base/check.h"
#include "core/base/mutant.h"

namespace nlbd::consensus {

namespace {

std::size_t indexOf(Phase phase)
{
    return static_cast<std::size_t>(phase) - 1;
}

} // namespace

Roundtable::Roundtable(const SeatOrder &order, const Setting &setting)
    : m_order(order)
    , m_setting(setting)
    , m_quorum(order.quorum())
    , m_polkas(m_quorum)
    , m_latest(order.seats())
    , m_commits(order.seats())
    , m_isAccused(order.seats())
{
    CHECK(setting.seat.value < order.seats() && order.seats() <= limits::kMembersMax);
    m_votes.emplace_back(Round(0), order.seats());
    m_votes.emplace_back(Round(1), order.seats());
}

Roundtable::Roundtable(const SeatOrder &order, const Setting &setting, const SeatState &state,
                       const std::vector<Vote> &signedBefore)
    : Roundtable(order, setting)
{
    if (NLBD_MUTANT("forget-everything-at-crash"))
        return;
    const bool isLockForgotten = NLBD_MUTANT("forget-lock-at-crash");
    m_round = state.round;
    m_step = std::min(state.step, Step::Precommit); // a decision comes back as its certificate
    for (const SharedPolka &polka : {state.locked, state.valid})
        if (polka)
            m_polkas.restore(polka);
    m_valid = state.valid;
    if (state.locked && !isLockForgotten)
        m_lock = Lock{state.locked->round, state.locked->value};
    for (const Vote &vote : signedBefore) {
        CHECK(vote.seat == setting.seat && vote.epoch == setting.epoch);
        const bool isNewer = vote.round > m_round;
        m_round = std::max(m_round, vote.round);
        // The vote is what others hold against me: it weighs more than a state that was lost.
        if (vote.phase == Phase::Precommit && vote.value && (!m_lock || vote.round > m_lock->round)
            && !isLockForgotten)
            m_lock = Lock{vote.round, *vote.value};
        if (isNewer || m_step == Step::Waiting)
            m_step = Step::Propose;
    }
    m_votes.clear();
    for (std::uint32_t r = m_round.value == 0 ? 0 : m_round.value - 1; r <= m_round.value + 1; ++r)
        m_votes.emplace_back(Round(r), order.seats());
    if (NLBD_MUTANT("sign-again-after-crash"))
        return;
    Effects ignored;
    for (const Vote &vote : signedBefore) {
        if (vote.round == m_round) {
            m_hasSigned[indexOf(vote.phase)] = true;
            m_step = std::max(m_step, static_cast<Step>(vote.phase));
        }
        if (isKept(vote.round))
            m_votes[vote.round.value - m_votes.front().round().value].insert(vote, false, m_polkas);
    }
    m_signedBefore = signedBefore;
}

void Roundtable::resume(Effects &out)
{
    for (const SharedPolka &polka :
         {m_valid, m_lock ? m_polkas.find(m_lock->round, m_lock->value) : nullptr})
        if (polka)
            out.emplace_back(effect::SharePolka{polka});
    if (!NLBD_MUTANT("no-resend"))
        for (const Vote &vote : m_signedBefore)
            if (isKept(vote.round))
                out.emplace_back(effect::Resend{vote});
    m_signedBefore.clear();
    if (m_step == Step::Waiting)
        return;
    out.emplace_back(effect::EnterRound{m_round});
    if (!NLBD_MUTANT("no-timer-after-crash"))
        out.emplace_back(effect::ArmTimer{m_round, m_step, wait()});
    if (!m_hasSigned[indexOf(Phase::Propose)])
        out.emplace_back(effect::NeedValue{m_round});
    for (RoundVotes &votes : m_votes)
        for (const Phase phase : {Phase::Propose, Phase::Prevote, Phase::Precommit})
            for (const Vote &vote : votes.of(phase).votes())
                if (vote.value)
                    ask(*vote.value, out);
    advance(out);
}

SeatState Roundtable::state() const
{
    return {m_round, m_step, m_lock ? m_polkas.find(m_lock->round, m_lock->value) : nullptr,
            m_valid};
}

void Roundtable::start(Effects &out)
{
    if (m_step != Step::Waiting)
        return;
    startRound(m_round, out);
    advance(out);
}

void Roundtable::built(const Hash &value, Effects &out)
{
    CHECK(!value.isZero());
    judged(value, Verdict::Valid, out);
    const bool isOpen = m_step != Step::Waiting && m_step != Step::Decided;
    if (!isOpen || m_hasSigned[indexOf(Phase::Propose)])
        return;
    if (const SharedPolka polka = proposable())
        propose(polka->value, polka->round, out);
    else
        propose(value, std::nullopt, out);
}

void Roundtable::judged(const Hash &value, Verdict verdict, Effects &out)
{
    const auto place = std::ranges::find(m_verdicts, value, &std::pair<Hash, Verdict>::first);
    if (place == m_verdicts.end())
        m_verdicts.emplace_back(value, verdict);
    else if (place->second == Verdict::Unknown)
        place->second = verdict;
    if (NLBD_MUTANT("prevote-again-after-nil") && m_step == Step::Prevote) {
        m_step = Step::Propose;
        m_hasSigned[indexOf(Phase::Prevote)] = false;
    }
    advance(out);
}

Verdict Roundtable::verdictOn(const Hash &value) const
{
    const auto place = std::ranges::find(m_verdicts, value, &std::pair<Hash, Verdict>::first);
    return place == m_verdicts.end() ? Verdict::Unknown : place->second;
}

void Roundtable::ask(const Hash &value, Effects &out)
{
    const auto place = std::ranges::find(m_verdicts, value, &std::pair<Hash, Verdict>::first);
    if (place != m_verdicts.end())
        return;
    m_verdicts.emplace_back(value, Verdict::Unknown);
    out.emplace_back(effect::AskBody{value});
}

bool Roundtable::isKept(Round round) const
{
    return round >= m_votes.front().round() && round <= m_votes.back().round();
}

RoundVotes *Roundtable::votesOf(Round round)
{
    return isKept(round) ? &m_votes[round.value - m_votes.front().round().value] : nullptr;
}

const RoundVotes *Roundtable::votesOf(Round round) const
{
    return isKept(round) ? &m_votes[round.value - m_votes.front().round().value] : nullptr;
}

void Roundtable::note(SeatIndex seat, Round round)
{
    Round &latest = m_latest[seat.value];
    latest = std::max(latest, round);
    m_isSomeoneAhead = m_isSomeoneAhead || round > m_round;
}

Roundtable::Intake Roundtable::received(const Vote &vote, Effects &out)
{
    CHECK(vote.epoch == m_setting.epoch && vote.seat.value < m_order.seats());
    if (m_step == Step::Decided)
        return Intake::Ignored;
    note(vote.seat, vote.round);
    advance(out); // f + 1 seats in a later round: it is kept from now on
    const Intake intake = store(vote, false, out);
    advance(out);
    return intake;
}

Roundtable::Intake Roundtable::store(const Vote &vote, bool isShown, Effects &out)
{
    RoundVotes *votes = votesOf(vote.round);
    if (votes == nullptr || m_step == Step::Decided)
        return Intake::Ignored;
    const PhaseVotes::Result result = votes->insert(vote, isShown, m_polkas);
    switch (result.taken) {
    case PhaseVotes::Taken::Known:
    case PhaseVotes::Taken::Beyond:
        return Intake::Known;
    case PhaseVotes::Taken::Second:
        accuse(votes->of(vote.phase).votes()[result.other], vote, out);
        break;
    case PhaseVotes::Taken::First:
        break;
    }
    if (!vote.value)
        return Intake::New;
    ask(*vote.value, out);
    lookForAmnesia(vote, out);
    if (vote.phase == Phase::Prevote && votes->of(Phase::Prevote).countFor(vote.value) >= m_quorum)
        hold(votes->polkaFor(*vote.value), out);
    if (NLBD_MUTANT("decide-on-prevotes") && vote.phase == Phase::Prevote
        && m_polkas.holds(vote.round, *vote.value))
        return decide(votes->certificateFor(*vote.value), out), Intake::New;
    if (vote.phase == Phase::Precommit)
        decideIfCommitted(*votes, *vote.value, out);
    return Intake::New;
}

Roundtable::Intake Roundtable::received(const Polka &polka, Effects &out)
{
    CHECK(polka.epoch == m_setting.epoch);
    if (m_step == Step::Decided || m_polkas.holds(polka.round, polka.value))
        return Intake::Known;
    for (const PolkaLine &line : polka.lines)
        note(line.seat, polka.round);
    advance(out);
    // Each of its votes by itself too: they show who contradicts himself.
    for (const Vote &vote : polka.votes())
        store(vote, true, out);
    ask(polka.value, out);
    hold(polka, out);
    advance(out);
    return Intake::New;
}

void Roundtable::received(const Certificate &certificate, Effects &out)
{
    CHECK(certificate.epoch == m_setting.epoch);
    if (m_step != Step::Decided)
        decide(certificate, out);
}

/// A polka may be the reason that others waited for, and they complete further ones.
void Roundtable::hold(Polka polka, Effects &out)
{
    std::vector<Polka> found{std::move(polka)};
    while (!found.empty()) {
        const std::vector<SharedPolka> held = m_polkas.add(std::move(found.back()));
        found.pop_back();
        if (held.empty())
            continue;
        if (!NLBD_MUTANT("polka-not-shared"))
            for (const SharedPolka &one : held)
                out.emplace_back(effect::SharePolka{one});
        updateValid();
        if (NLBD_MUTANT("valid-by-any-polka"))
            m_valid = held.front();
        if (NLBD_MUTANT("lock-by-any-polka") && m_lock && held.front()->round < m_round)
            m_lock = Lock{held.front()->round, held.front()->value};
        for (RoundVotes &votes : m_votes) {
            votes.recount(m_polkas);
            for (const Vote &vote : votes.of(Phase::Prevote).votes())
                if (vote.value && !m_polkas.holds(vote.round, *vote.value)
                    && votes.of(Phase::Prevote).countFor(vote.value) >= m_quorum)
                    found.push_back(votes.polkaFor(*vote.value));
        }
    }
}

/// The value itself need not be judged: f + 1 honest seats of its polka did, and whoever proposes
/// it helps those who are locked on it.
void Roundtable::updateValid()
{
    const SharedPolka latest = m_polkas.latest(m_round);
    if (NLBD_MUTANT("no-valid-value") || (m_valid && NLBD_MUTANT("valid-by-any-polka")))
        return;
    if (latest && (!m_valid || latest->round > m_valid->round))
        m_valid = latest;
}

void Roundtable::accuse(const Vote &a, const Vote &b, Effects &out)
{
    if (m_isAccused[a.seat.value])
        return;
    if (auto evidence = contradiction(a, b)) {
        m_isAccused[a.seat.value] = true;
        out.emplace_back(effect::Accuse{std::move(*evidence)});
    }
}

void Roundtable::lookForAmnesia(const Vote &vote, Effects &out)
{
    std::optional<Vote> &commit = m_commits[vote.seat.value];
    if (vote.phase == Phase::Prevote && commit)
        accuse(*commit, vote, out);
    if (vote.phase != Phase::Precommit)
        return;
    if (!commit || commit->round < vote.round)
        commit = vote;
    for (const RoundVotes &votes : m_votes)
        if (const Vote *prevote = votes.of(Phase::Prevote).firstOf(vote.seat))
            accuse(vote, *prevote, out);
}

void Roundtable::decideIfCommitted(const RoundVotes &votes, const Hash &value, Effects &out)
{
    std::size_t needed = m_quorum;
    if (NLBD_MUTANT("decide-on-f+1"))
        needed = m_order.faults() + 1;
    std::size_t seats = votes.of(Phase::Precommit).countFor(value);
    if (NLBD_MUTANT("decide-across-rounds")) {
        seats = 0;
        for (const RoundVotes &others : m_votes)
            seats += others.of(Phase::Precommit).countFor(value);
    }
    if (seats >= needed)
        decide(votes.certificateFor(value), out);
}

void Roundtable::decide(const Certificate &certificate, Effects &out)
{
    m_step = Step::Decided;
    out.emplace_back(effect::Decide{certificate});
}

std::chrono::milliseconds firstWaitAt(std::chrono::milliseconds spread) noexcept
{
    return std::clamp(spread * 6, limits::kRoundFirstMin, limits::kRoundFirstMax);
}

} // namespace nlbd::consensus
