#include "tests/sim/scenario_oracle.h"

#include "core/base/check.h"

#include <bit>

namespace nlbd::sim {

using namespace consensus;

namespace {

std::string nameOf(const Vote &vote)
{
    static constexpr std::array kPhases{"PROPOSE", "PREVOTE", "PRECOMMIT"};
    return "seat " + std::to_string(vote.seat.value) + " "
        + kPhases[static_cast<std::size_t>(vote.phase) - 1] + "(" + std::to_string(vote.round.value)
        + ", "
        + (vote.value ? std::string(1, static_cast<char>('A' + indexOf(*vote.value))) : "nil")
        + (vote.polka ? ", " + std::to_string(vote.polka->value) : std::string()) + ")";
}

} // namespace

Party::Party(std::size_t seats)
    : random(seats)
    , scheme(random)
    , faults(identity::toleratedFaults(seats))
    , quorum(seats * 2 / 3 + 1)
{
    random.fill(configuration.workspace.value);
    random.fill(configuration.decision.value);
    configuration.epoch = Epoch(1);
    for (std::uint16_t i = 0; i < seats; ++i) {
        keys.push_back(identity::SecretKey::generate(random));
        const PublicKey key = keys.back().publicKey();
        configuration.members.push_back({key, "Member " + std::to_string(i)});
        configuration.devices.push_back({key, MemberIndex(i), true, true, Hash{}});
        configuration.seats.emplace_back(i);
    }
    order.emplace(configuration);
}

const Party &Party::of(std::size_t seats)
{
    static std::map<std::size_t, std::unique_ptr<Party>> parties;
    std::unique_ptr<Party> &party = parties[seats];
    if (!party)
        party = std::make_unique<Party>(seats);
    return *party;
}

Hash valueAt(std::size_t index)
{
    CHECK(index < kValues);
    Hash hash;
    hash.value.fill(static_cast<std::byte>(index + 1));
    return hash;
}

std::size_t indexOf(const Hash &value)
{
    const auto index = static_cast<std::size_t>(value.value[0]) - 1;
    CHECK(index < kValues && value == valueAt(index));
    return index;
}

bool Oracle::polkaExists(Round round, const Hash &value) const
{
    return round.value < kRounds
        && static_cast<std::size_t>(std::popcount(m_prevotes[round.value][indexOf(value)]))
        >= m_party.quorum;
}

void Oracle::onVerdict(SeatIndex seat, const Hash &value, Verdict verdict)
{
    m_verdicts[seat.value][indexOf(value)] = verdict;
}

void Oracle::countPrevote(const Vote &vote)
{
    m_prevotes[vote.round.value][indexOf(*vote.value)] |= 1U << vote.seat.value;
}

/// If a quorum said anything in a phase.
bool Oracle::isFull(Round round, Phase phase) const
{
    const std::size_t index = static_cast<std::size_t>(phase) - 1;
    return round.value >= kRounds
        || static_cast<std::size_t>(std::popcount(m_said[round.value][index])) >= m_party.quorum;
}

/// If a proposal names an older polka than its seat knew before.
bool Oracle::fallsBack(const Vote &proposal) const
{
    return std::ranges::any_of(m_signed[proposal.seat.value], [&](const Vote &own) {
        if (own.round >= proposal.round || !own.value)
            return false;
        const auto known = own.phase == Phase::Precommit ? std::optional(own.round)
            : own.phase == Phase::Propose                ? own.polka
                                                         : std::nullopt;
        return known && (!proposal.polka || *proposal.polka < *known);
    });
}

/// A quorum precommitted in the round before, or f + 1 seats are there.
bool Oracle::mayEnter(SeatIndex seat, Round round) const
{
    if (round.value == 0 || round.value >= kRounds || m_latest[seat.value] >= round)
        return true;
    const auto there = std::ranges::count_if(m_latest, [&](Round r) { return r >= round; });
    return isFull(Round(round.value - 1), Phase::Precommit)
        || static_cast<std::size_t>(there) > m_party.faults;
}

void Oracle::onVote(const Vote &vote)
{
    m_latest[vote.seat.value] = std::max(m_latest[vote.seat.value], vote.round);
    if (vote.round.value < kRounds)
        m_said[vote.round.value][static_cast<std::size_t>(vote.phase) - 1] |= 1U << vote.seat.value;
    if (vote.phase != Phase::Prevote || !vote.value || vote.round.value >= kRounds)
        return;
    if (vote.polka && !polkaExists(*vote.polka, *vote.value)) {
        m_waiting.push_back(vote);
        return;
    }
    const bool wasThere = polkaExists(vote.round, *vote.value);
    countPrevote(vote);
    if (wasThere || !polkaExists(vote.round, *vote.value))
        return;
    // A polka more may be the reason of others, which make further ones.
    for (bool isNew = true; isNew;) {
        isNew = false;
        for (std::size_t i = 0; i < m_waiting.size(); ++i) {
            if (!polkaExists(*m_waiting[i].polka, *m_waiting[i].value))
                continue;
            countPrevote(m_waiting[i]);
            m_waiting[i] = m_waiting.back();
            m_waiting.pop_back();
            isNew = true;
            --i;
        }
    }
}

std::optional<std::string> Oracle::onHonestVote(const Vote &vote)
{
    std::vector<Vote> &own = m_signed[vote.seat.value];
    const auto isSameSlot = [&](const Vote &other) {
        return other.phase == vote.phase && other.round == vote.round;
    };
    const auto before = std::ranges::find_if(own, isSameSlot);
    if (before != own.end() && !saySame(*before, vote))
        return "I8: " + nameOf(vote) + " after " + nameOf(*before);
    if (before == own.end())
        own.push_back(vote);
    if (!mayEnter(vote.seat, vote.round))
        return "C11.2: " + nameOf(vote) + " in a round that it had no reason to enter";
    if (vote.phase == Phase::Propose && fallsBack(vote))
        return "C11.2: " + nameOf(vote) + " falls back behind what it knew";
    const bool isEarly = (vote.phase == Phase::Prevote && !isFull(vote.round, Phase::Propose))
        || (vote.phase == Phase::Precommit && !isFull(vote.round, Phase::Prevote));
    if (isEarly)
        return "C11.4: " + nameOf(vote) + " before a quorum had spoken";
    if (!vote.value)
        return std::nullopt;
    if (vote.phase != Phase::Propose
        && m_verdicts[vote.seat.value][indexOf(*vote.value)] != Verdict::Valid)
        return "B14: " + nameOf(vote) + " for a value that it did not validate";
    if (vote.polka && !polkaExists(*vote.polka, *vote.value))
        return "C11.5: " + nameOf(vote) + " names a polka that does not exist";
    if (vote.phase == Phase::Precommit && !polkaExists(vote.round, *vote.value))
        return "C11.2: " + nameOf(vote) + " without a polka";
    return std::nullopt;
}

/// A fresh node checks it, and refuses what is less than it.
std::optional<std::string> Oracle::verify(const Certificate &certificate) const
{
    const auto holds = [&](const Certificate &one) {
        return one.verify(m_party.scheme, m_party.configuration).has_value();
    };
    if (!holds(certificate))
        return "I6: a certificate that does not verify";
    Certificate less = certificate;
    less.lines.resize(m_party.quorum - 1);
    if (holds(less))
        return "I6: a certificate of less than a quorum verifies";
    less.lines.push_back(less.lines.back());
    if (holds(less))
        return "I6: a certificate that counts a seat twice verifies";
    Certificate other = certificate;
    other.value = valueAt((indexOf(certificate.value) + 1) % kValues);
    if (holds(other))
        return "I6: a certificate for another value verifies";
    return std::nullopt;
}

std::optional<std::string> Oracle::onDecision(const Certificate &certificate, bool isOverrun)
{
    if (auto fault = verify(certificate))
        return fault;
    m_isConflict = m_isConflict || (m_decision && *m_decision != certificate.value);
    if (!m_decision)
        m_decision = certificate.value;
    if (isOverrun)
        return std::nullopt;
    if (m_isConflict)
        return "I6: two decisions, " + std::string(1, static_cast<char>('A' + indexOf(*m_decision)))
            + " and " + std::string(1, static_cast<char>('A' + indexOf(certificate.value)));
    if (indexOf(certificate.value) >= kGoodValues)
        return "I6: decided on a value that no honest seat can have validated";
    return std::nullopt;
}

std::optional<std::string> Oracle::onProof(const VoteEvidence &evidence,
                                           const std::vector<bool> &isHostile) const
{
    const auto checked = check(evidence, m_party.configuration, m_party.scheme);
    if (checked.result != trust::CheckedEvidence::Result::Holds)
        return "I9: a proof that does not hold";
    if (!isHostile[evidence.first.seat.value])
        return "I9: " + nameOf(evidence.first) + " and " + nameOf(evidence.second)
            + " accuse an honest seat";
    return std::nullopt;
}

std::optional<std::string> Oracle::innocent(const std::vector<bool> &isHostile) const
{
    for (const std::vector<Vote> &own : m_signed) {
        if (own.empty() || !own.front().value)
            continue;
        Vote forged = own.front();
        forged.value = valueAt((indexOf(*forged.value) + 1) % kValues);
        const auto evidence = contradiction(own.front(), forged);
        if (evidence
            && check(*evidence, m_party.configuration, m_party.scheme).result
                == trust::CheckedEvidence::Result::Holds)
            return "I9: a forged vote accuses an honest seat";
    }
    for (const std::vector<Vote> &own : m_signed)
        for (const VoteEvidence &evidence : contradictionsAmong(own))
            if (auto fault = onProof(evidence, isHostile))
                return fault;
    return std::nullopt;
}

std::optional<std::string> Oracle::accountable(std::span<const Vote> votes,
                                               const std::vector<bool> &isHostile) const
{
    const std::vector<VoteEvidence> proofs = contradictionsAmong(votes);
    for (const VoteEvidence &proof : proofs)
        if (auto fault = onProof(proof, isHostile))
            return fault;
    if (proofs.size() < m_party.faults + 1)
        return "I10: two decisions, and only " + std::to_string(proofs.size())
            + " seats are proved guilty";
    return std::nullopt;
}

} // namespace nlbd::sim
