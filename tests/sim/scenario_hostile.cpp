// Scenarios: hostile seats.
#include "tests/sim/scenario_world.h"

namespace nlbd::sim {

using namespace consensus;

void World::placeHostile()
{
    const std::size_t n = m_party.keys.size();
    std::size_t count = m_dice.below(m_party.faults + 1);
    if (m_dice.percent(70))
        count = m_party.faults;
    if (m_dice.percent(12)) { // more than tolerated, but each quorum holds an honest seat
        m_result.isOverrun = true;
        count = m_party.faults + 1 + m_dice.below(m_party.quorum - m_party.faults - 1);
    }
    m_isHostile.assign(n, false);
    m_malice.assign(n, Malice::Silent);
    const bool isAlike = m_dice.percent(50); // all do the same
    // Two decisions take a plan: one border, and a hand for each side, step by step.
    m_isConspiracy = m_result.isOverrun && m_dice.percent(60);
    const auto draw = [&] {
        const std::size_t number = m_dice.below(20);
        return number < 1 ? Malice::Silent
            : number < 10 ? Malice::Forger
            : number < 15 ? Malice::Twins
            : number < 17 ? Malice::Amnesiac
                          : Malice::Mutator;
    };
    const Malice common = draw();
    for (; count > 0; --count) {
        std::size_t seat = m_dice.below(n);
        while (m_isHostile[seat])
            seat = (seat + 1) % n;
        m_isHostile[seat] = true;
        m_malice[seat] = m_isConspiracy ? Malice::Forger : isAlike ? common : draw();
    }
}

/// What the group's honest members say most in a phase: helping it along on one side of a border
/// and not on the other is what splits a table.
std::optional<Hash> World::favourite(Phase phase, Round round, std::uint32_t group)
{
    std::array<std::size_t, kValues> counts{};
    for (std::size_t i = m_sayings.size() > 64 ? m_sayings.size() - 64 : 0; i < m_sayings.size();
         ++i) {
        const Saying &saying = m_sayings[i];
        if (saying.isForged || saying.vote.round != round || !saying.vote.value)
            continue;
        if (m_group[saying.from] != group)
            continue;
        const std::size_t weight = saying.vote.phase == phase ? 3 : 1;
        counts[indexOf(*saying.vote.value)] += weight;
    }
    const auto best = std::ranges::max_element(counts);
    if (*best == 0)
        return std::nullopt;
    return valueAt(static_cast<std::size_t>(best - counts.begin()));
}

Vote World::forgedVote(SeatIndex seat, std::uint32_t group)
{
    // Someone of the group sets round and phase.
    const Node *model = &m_nodes[m_dice.below(m_nodes.size())];
    for (std::size_t i = 0; i < m_nodes.size(); ++i)
        if (m_nodes[i].isHonest && m_group[i] == group && isUp(m_nodes[i]) && m_dice.percent(60))
            model = &m_nodes[i];
    Vote vote{Phase::Propose, m_party.configuration.epoch, Round(0), seat, {}, {}, {}};
    Step step = Step::Propose;
    if (model->core) {
        vote.round = model->core->round();
        step = model->core->step();
    }
    const bool isHelping = m_isConspiracy && m_dice.percent(85);
    const std::size_t shift = isHelping ? 12 : m_dice.below(13);
    if (shift == 0)
        vote.round = vote.round.next();
    else if (shift == 1 && vote.round.value > 0)
        vote.round = Round(vote.round.value - 1);
    else if (shift == 2)
        vote.round = Round(vote.round.value + 2U + static_cast<std::uint32_t>(m_dice.below(9)));
    vote.phase = static_cast<Phase>(std::clamp<int>(static_cast<int>(step), 1, 3));
    if (!isHelping && m_dice.percent(30))
        vote.phase = static_cast<Phase>(1 + m_dice.below(3));

    const std::size_t choice = isHelping ? 0 : m_dice.below(20);
    if (choice < 12)
        vote.value = favourite(vote.phase, vote.round, group);
    else if (choice < 17)
        vote.value = valueAt(m_dice.below(kGoodValues));
    else if (choice < 19)
        vote.value = valueAt(m_dice.below(kValues));
    if (vote.phase == Phase::Propose && !vote.value)
        vote.value = valueAt(m_dice.below(kGoodValues));
    if (vote.phase != Phase::Precommit && vote.value && vote.round.value > 0
        && m_dice.percent(isHelping ? 10 : 45)) {
        vote.polka = Round(static_cast<std::uint32_t>(m_dice.below(vote.round.value)));
        for (std::uint32_t r = 0; r < vote.round.value; ++r)
            if (m_oracle.polkaExists(Round(r), *vote.value) && m_dice.percent(70))
                vote.polka = Round(r);
    }
    return vote;
}

void World::forge(SeatIndex seat, std::uint32_t group, std::uint32_t targets)
{
    const Vote vote = signVote(m_party.scheme, m_party.keys[seat.value], m_party.configuration,
                               forgedVote(seat, group));
    say(vote, group, true, targets);
}

/// To each group its own.
void World::forgeAll()
{
    for (std::size_t seat = 0; seat < m_isHostile.size(); ++seat) {
        if (!m_isHostile[seat] || m_malice[seat] != Malice::Forger)
            continue;
        for (std::uint32_t group = 0; group < m_groups; ++group) {
            std::uint32_t targets = 0;
            for (std::size_t i = 0; i < m_nodes.size(); ++i)
                if (m_group[i] == group)
                    targets |= 1U << i;
            for (std::size_t words = m_dice.below(8) < 6 ? 1 : 2; words > 0; --words)
                if (m_dice.percent(85))
                    forge(SeatIndex(static_cast<std::uint16_t>(seat)), group, targets);
        }
    }
}

/// Good proposals, another one for each half of those who wait for proposals, at the last moment.
void World::forgeInHalves()
{
    for (std::size_t seat = 0; seat < m_isHostile.size(); ++seat) {
        if (!m_isHostile[seat] || m_malice[seat] != Malice::Forger)
            continue;
        for (std::size_t i = 0; i < m_nodes.size(); ++i) {
            if (!isUp(m_nodes[i]) || m_nodes[i].core->step() != Step::Propose)
                continue;
            const Vote vote{Phase::Propose,
                            m_party.configuration.epoch,
                            m_nodes[i].core->round(),
                            SeatIndex(static_cast<std::uint16_t>(seat)),
                            valueAt(i % 2),
                            {},
                            {}};
            say(signVote(m_party.scheme, m_party.keys[seat], m_party.configuration, vote),
                m_group[i], true, 1U << i);
        }
    }
}

/// Just before his timer, where nobody can pass it on in time.
void World::forgeForVictim()
{
    for (std::size_t seat = 0; seat < m_isHostile.size(); ++seat)
        if (m_isHostile[seat] && m_malice[seat] == Malice::Forger && m_dice.percent(50)) {
            const std::size_t victim = m_dice.below(m_nodes.size());
            forge(SeatIndex(static_cast<std::uint16_t>(seat)), m_group[victim], 1U << victim);
        }
}

/// Unmodified logic with small slips (ByzzFuzz, Winter et al., 2023).
Vote World::mutated(Vote vote)
{
    switch (m_dice.below(4)) {
    case 0:
        vote.round = vote.round.next();
        break;
    case 1:
        if (vote.round.value > 0)
            vote.round = Round(vote.round.value - 1);
        break;
    case 2:
        if (!m_sayings.empty())
            vote.value = m_dice.pick(m_sayings).vote.value;
        break;
    default:
        if (vote.phase != Phase::Precommit && vote.round.value > 0)
            vote.polka = Round(static_cast<std::uint32_t>(m_dice.below(vote.round.value)));
    }
    if (vote.phase == Phase::Propose && !vote.value)
        vote.value = valueAt(0);
    if (vote.polka && (!vote.value || *vote.polka >= vote.round))
        vote.polka.reset();
    return signVote(m_party.scheme, m_party.keys[vote.seat.value], m_party.configuration, vote);
}

} // namespace nlbd::sim
