// What a seat does by itself: the steps of PROTOCOL C11.2.
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

void Roundtable::advance(Effects &out)
{
    const auto isOpen = [&] { return m_step != Step::Waiting && m_step != Step::Decided; };
    while (isOpen()
           && (jump(out) || precommitPolka(out) || prevoteEarly(out) || leaveNilPhases(out)))
        continue;
}

void Roundtable::startRound(Round round, Effects &out)
{
    CHECK(m_step == Step::Waiting || round > m_round);
    m_round = round;
    m_hasSigned = {};
    std::erase_if(m_votes, [&](const RoundVotes &votes) { return votes.round().next() < round; });
    Round next = m_votes.empty() ? Round(round.value == 0 ? 0 : round.value - 1)
                                 : m_votes.back().round().next();
    for (; next <= round.next(); next = next.next())
        m_votes.emplace_back(next, m_order.seats());
    // Unknown values that nobody names any more must not pile up; others are asked for again.
    std::erase_if(m_verdicts, [](const auto &entry) { return entry.second == Verdict::Unknown; });
    m_isSomeoneAhead = true;
    updateValid();
    out.emplace_back(effect::EnterRound{round});
    enter(Step::Propose, out);
    for (const Phase phase : {Phase::Propose, Phase::Prevote, Phase::Precommit})
        for (const Vote &vote : votesOf(round)->of(phase).votes())
            if (vote.value)
                ask(*vote.value, out);
    if (const SharedPolka polka = proposable())
        propose(polka->value, polka->round, out);
    else
        out.emplace_back(effect::NeedValue{round});
}

/// One honest seat among f + 1 went there with a quorum behind it: waiting here is of no use.
bool Roundtable::jump(Effects &out)
{
    if (!m_isSomeoneAhead || NLBD_MUTANT("no-jump"))
        return false;
    m_isSomeoneAhead = false;
    std::vector<Round> latest = m_latest;
    std::size_t needed = m_order.faults() + 1;
    if (NLBD_MUTANT("jump-without-f+1"))
        needed = 1;
    const auto place = latest.begin() + static_cast<std::ptrdiff_t>(needed - 1);
    std::ranges::nth_element(latest, place, std::greater<>{});
    if (*place <= m_round)
        return false;
    startRound(*place, out);
    return true;
}

/// The valid value; if its polka is of this very round, the one before: a proposal names an earlier
/// round.
SharedPolka Roundtable::proposable() const
{
    if (!m_valid || m_valid->round < m_round)
        return m_valid;
    return m_round == Round(0) ? nullptr : m_polkas.latest(Round(m_round.value - 1));
}

void Roundtable::propose(const Hash &value, const std::optional<Round> &polka, Effects &out)
{
    sign({Phase::Propose, m_setting.epoch, m_round, m_setting.seat, value, polka, {}}, out);
}

bool Roundtable::isAcceptable(const Vote &proposal) const
{
    if (verdictOn(*proposal.value) != Verdict::Valid && !NLBD_MUTANT("prevote-without-validation"))
        return false;
    if (!m_lock || proposal.value == m_lock->value || NLBD_MUTANT("ignore-lock"))
        return true;
    const bool isLater = proposal.polka
        && (*proposal.polka > m_lock->round
            || (NLBD_MUTANT("unlock-at-locked-round") && *proposal.polka == m_lock->round)
            || NLBD_MUTANT("unlock-by-any-polka"));
    return isLater
        && (m_polkas.holds(*proposal.polka, *proposal.value)
            || NLBD_MUTANT("accept-claimed-polka"));
}

const Vote *Roundtable::firstAcceptable() const
{
    const PhaseVotes &proposals = votesOf(m_round)->of(Phase::Propose);
    if (NLBD_MUTANT("tie-break-by-arrival")) {
        for (const Vote &proposal : proposals.votes())
            if (isAcceptable(proposal))
                return &proposal;
        return nullptr;
    }
    for (std::size_t place = 0; place < m_order.seats(); ++place)
        if (const Vote *proposal = proposals.firstOf(m_order.at(m_round, place)))
            if (isAcceptable(*proposal))
                return proposal;
    return nullptr;
}

/// A value that may turn out valid any moment is worth the rest of the timer: who skips it early
/// votes apart from those who hold it.
const Vote *Roundtable::firstAcceptableOnceAllAreJudged() const
{
    const PhaseVotes &proposals = votesOf(m_round)->of(Phase::Propose);
    for (std::size_t place = 0; place < m_order.seats(); ++place) {
        const Vote *proposal = proposals.firstOf(m_order.at(m_round, place));
        if (proposal == nullptr || verdictOn(*proposal->value) == Verdict::Unknown)
            return nullptr;
        if (isAcceptable(*proposal))
            return proposal;
    }
    return nullptr;
}

bool Roundtable::prevoteEarly(Effects &out)
{
    if (m_step != Step::Propose || m_hasSigned[indexOf(Phase::Prevote)])
        return false;
    const PhaseVotes &proposals = votesOf(m_round)->of(Phase::Propose);
    const Vote *first = proposals.firstOf(m_order.at(m_round, 0));
    if (first != nullptr && isAcceptable(*first)) {
        std::size_t same = 0;
        for (std::size_t i = 0; i < m_order.seats(); ++i) {
            const Vote *other = proposals.firstOf(SeatIndex(static_cast<std::uint16_t>(i)));
            same +=
                other != nullptr && other->value == first->value && isAcceptable(*other) ? 1U : 0U;
        }
        if (same >= m_quorum) {
            prevote(first, out);
            return true;
        }
    }
    if (proposals.seats() < m_order.seats())
        return false;
    const Vote *proposal = firstAcceptableOnceAllAreJudged();
    if (proposal == nullptr)
        return false;
    prevote(proposal, out);
    return true;
}

/// A seat that precommitted anything names the polka that lets it vote now, also when it votes for
/// its own lock: it may have been locked on something else before, and whoever holds that older
/// precommit must see that it changed for a reason (PROTOCOL C11.5).
void Roundtable::prevote(const Vote *proposal, Effects &out)
{
    Vote vote{Phase::Prevote, m_setting.epoch, m_round, m_setting.seat, {}, {}, {}};
    if (proposal != nullptr) {
        vote.value = proposal->value;
        const bool isLocked = m_lock && m_lock->value == proposal->value;
        if (isLocked && !NLBD_MUTANT("reason-only-when-leaving"))
            vote.polka = m_lock->round;
        else if (m_lock && !isLocked)
            vote.polka = proposal->polka;
        if (NLBD_MUTANT("no-reason"))
            vote.polka.reset();
    }
    enter(Step::Prevote, out);
    sign(std::move(vote), out);
    if (NLBD_MUTANT("precommit-without-polka") && proposal != nullptr)
        precommit(proposal->value, out);
}

bool Roundtable::precommitPolka(Effects &out)
{
    const bool isLate = m_step > Step::Prevote && !NLBD_MUTANT("precommit-again-after-nil");
    if (isLate || (m_step > Step::Prevote && m_lock && m_lock->round == m_round))
        return false;
    const SharedPolka polka = m_polkas.of(m_round);
    if (!polka
        || (verdictOn(polka->value) != Verdict::Valid
            && !NLBD_MUTANT("precommit-without-validation")))
        return false;
    if (NLBD_MUTANT("precommit-again-after-nil"))
        m_hasSigned[2] = false;
    if (!NLBD_MUTANT("forget-lock"))
        m_lock = Lock{m_round, polka->value};
    precommit(polka->value, out);
    return true;
}

void Roundtable::precommit(const std::optional<Hash> &value, Effects &out)
{
    if (NLBD_MUTANT("unlock-on-nil") && !value)
        m_lock.reset();
    enter(Step::Precommit, out);
    sign({Phase::Precommit, m_setting.epoch, m_round, m_setting.seat, value, {}, {}}, out);
}

/// Nothing can come of the phase any more: the timer is not needed.
bool Roundtable::leaveNilPhases(Effects &out)
{
    const RoundVotes &votes = *votesOf(m_round);
    if (votes.of(Phase::Precommit).countFor(std::nullopt) >= m_quorum) {
        startRound(m_round.next(), out);
        return true;
    }
    if (m_step > Step::Prevote || votes.of(Phase::Prevote).countFor(std::nullopt) < m_quorum)
        return false;
    precommit(std::nullopt, out);
    return true;
}

/// A phase ends only with a quorum of its votes, however long that takes: with fewer seats there
/// rounds do not spin, and what was said keeps its worth (PROTOCOL C11.4).
void Roundtable::timeout(Round round, Step step, Effects &out)
{
    if (round != m_round || step != m_step || step == Step::Waiting || step == Step::Decided)
        return;
    const RoundVotes &votes = *votesOf(m_round);
    const auto isFull = [&](Phase phase) {
        return votes.of(phase).seats() >= m_quorum
            || (phase == Phase::Propose && NLBD_MUTANT("propose-without-quorum"))
            || (phase == Phase::Prevote && NLBD_MUTANT("prevote-without-quorum"))
            || (phase == Phase::Precommit && NLBD_MUTANT("precommit-without-quorum"));
    };
    if (step == Step::Propose && isFull(Phase::Propose))
        prevote(firstAcceptable(), out);
    else if (step == Step::Prevote && isFull(Phase::Prevote))
        precommit(std::nullopt, out);
    else if (isFull(Phase::Precommit))
        startRound(m_round.next(), out);
    else if (!NLBD_MUTANT("timer-not-armed-again"))
        out.emplace_back(effect::ArmTimer{m_round, m_step, wait()});
    advance(out);
}

void Roundtable::enter(Step step, Effects &out)
{
    m_step = step;
    out.emplace_back(effect::ArmTimer{m_round, step, wait()});
}

/// T(r) = T0 * 1.4^r, in whole milliseconds so that it is the same on every machine.
std::chrono::milliseconds Roundtable::wait() const
{
    std::chrono::milliseconds result = m_setting.firstWait;
    for (std::uint32_t r = 0; r < m_round.value && result < limits::kRoundMaxWait; ++r)
        result = result * 7 / 5;
    return std::min(result, limits::kRoundMaxWait);
}

void Roundtable::sign(Vote vote, Effects &out)
{
    bool &hasSigned = m_hasSigned[indexOf(vote.phase)];
    CHECK(!hasSigned);
    hasSigned = true;
    out.emplace_back(effect::Sign{std::move(vote), state()});
}

} // namespace nlbd::consensus
