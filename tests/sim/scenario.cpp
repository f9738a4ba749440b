#include "tests/sim/scenario.h"

#include "tests/sim/scenario_world.h"

#include <bit>
#include <cstdio>

namespace nlbd::sim {

using namespace consensus;

namespace {

constexpr std::array<std::size_t, 5> kSizes{4, 5, 6, 7, 10};

std::size_t sizeOf(const ScenarioOptions &options)
{
    if (options.seats != 0)
        return options.seats;
    // Small tables show most, and are fast.
    Dice dice(options.seed ^ 0x5EA75EA7ULL);
    const std::size_t number = dice.below(20);
    return number < 9 ? 4 : number < 12 ? 5 : number < 14 ? 6 : number < 18 ? 7 : 10;
}

} // namespace

World::World(const ScenarioOptions &options)
    : m_options(options)
    , m_dice(options.seed)
    , m_party(Party::of(sizeOf(options)))
    , m_oracle(m_party)
{
    m_result.seats = m_party.keys.size();
    m_isChecked = m_dice.below(32) == 0;
    m_isCrashing = m_dice.percent(50);
    m_valueStyle = static_cast<unsigned>(m_dice.percent(12) ? 0 : 1 + m_dice.below(3));
    m_loss = static_cast<unsigned>(3 + m_dice.below(4) * 15);
    m_sampled = m_dice.percent(40) ? 85 : static_cast<unsigned>(m_dice.below(60));
    m_calm = static_cast<unsigned>(m_dice.below(5) * 10);
    m_isStubborn = m_dice.percent(45);
    placeHostile();
    m_isProlonging = !m_isConspiracy && m_dice.percent(35);
    if (m_isProlonging) {
        m_sampled = 95;
        m_calm = 0;
    }
    if (m_isConspiracy) {
        m_valueStyle = 1;
        m_isStubborn = true;
        m_loss = static_cast<unsigned>(m_dice.below(30));
        m_sampled = 0;
        m_calm = m_dice.percent(40) ? 20 : 0;
    }
    for (std::uint16_t seat = 0; seat < m_party.keys.size(); ++seat) {
        const Malice malice = m_malice[seat];
        const bool hasCore =
            !m_isHostile[seat] || (malice != Malice::Silent && malice != Malice::Forger);
        if (!hasCore)
            continue;
        const int cores = m_isHostile[seat] && malice == Malice::Twins ? 2 : 1;
        for (int i = 0; i < cores; ++i) {
            Node &node = m_nodes.emplace_back();
            node.seat = SeatIndex(seat);
            node.isHonest = !m_isHostile[seat];
            node.malice = malice;
        }
    }
    m_group.assign(m_nodes.size(), 0);
}

void World::fail(const std::string &what)
{
    if (!m_result.failure)
        m_result.failure = what;
}

void World::begin()
{
    drawGroups();
    for (Node &node : m_nodes) {
        if (m_dice.percent(88)) {
            start(node);
        } else {
            node.core = std::make_unique<Roundtable>(
                *m_party.order, Roundtable::Setting{m_party.configuration.epoch, node.seat});
        }
    }
}

/// One group, two or three. Twins stand on both sides of a border if there is one.
void World::drawGroups()
{
    if (m_isStubborn && m_groups > 1 && (m_isConspiracy || m_dice.percent(88)))
        return;
    const std::size_t number = m_isConspiracy ? 10 : m_dice.below(20);
    m_groups = number < 5 ? 1 : number < 14 ? 2 : 3;
    // Uneven groups: with a victim alone, or one that is a quorum with help.
    const unsigned share = static_cast<unsigned>(15 + m_dice.below(70));
    for (std::size_t i = 0; i < m_group.size(); ++i) {
        m_group[i] = m_dice.percent(share) ? 0 : static_cast<std::uint32_t>(m_dice.below(m_groups));
        if (m_groups > 1 && i > 0 && m_nodes[i].seat == m_nodes[i - 1].seat
            && m_group[i] == m_group[i - 1])
            m_group[i] = (m_group[i] + 1) % m_groups;
    }
}

void World::deliverFresh()
{
    const std::size_t end = m_sayings.size();
    const std::size_t count = end - m_fresh;
    for (std::size_t i = 0; count > 0 && i < m_nodes.size(); ++i) {
        Node &node = m_nodes[i];
        const std::size_t first = m_dice.below(count);
        for (std::size_t k = 0; k < count; ++k) {
            const std::size_t index = m_fresh + (first + k) % count;
            const Saying &saying = m_sayings[index];
            const bool isFor = saying.isForged ? (saying.targets & bitOf(node)) != 0
                                               : m_group[saying.from] == m_group[i];
            if (isFor && !m_dice.percent(m_loss))
                deliver(index, node);
            if (isFor && m_dice.percent(3)) { // twice
                m_sayings[index].reached &= ~bitOf(node);
                deliver(index, node);
            }
        }
    }
    m_fresh = end;
}

void World::relayLate()
{
    if (m_sayings.empty() || m_nodes.empty())
        return;
    if (m_isConspiracy && m_calm == 0 && m_dice.percent(70))
        return;
    if (m_dice.percent(m_isProlonging ? 5 : 35))
        for (std::size_t k = m_dice.below(12); k > 0; --k)
            deliver(m_dice.below(m_sayings.size()), m_nodes[m_dice.below(m_nodes.size())]);
    if (m_dice.percent(m_calm))
        catchUp();
    for (std::size_t i = 0; i < m_polkas.size(); ++i)
        for (Node &node : m_nodes)
            if (m_dice.percent(m_isConspiracy ? 25 : 6))
                deliverPolka(i, node);
    for (Node &node : m_nodes)
        if (!m_certificates.empty() && isUp(node) && m_dice.percent(1)) {
            node.core->received(m_certificates.front(), m_effects);
            perform(node);
        }
}

/// The asynchronous adversary at its best: everybody hears just enough to go on, each from others.
void World::sampleQuorums()
{
    for (Node &node : m_nodes) {
        if (!isUp(node) || node.core->step() == Step::Waiting)
            continue;
        const Round round = node.core->round();
        const auto phase = static_cast<Phase>(node.core->step());
        const std::uint32_t bit = bitOf(node);
        std::vector<std::size_t> offered;
        std::uint32_t heard = 0;
        std::array<std::size_t, kValues> counts{};
        for (std::size_t i = m_sayings.size(); i-- > 0;) {
            const Saying &saying = m_sayings[i];
            if (saying.vote.round != round || saying.vote.phase != phase)
                continue;
            if ((saying.reached & bit) != 0) {
                heard |= 1U << saying.vote.seat.value;
                if (saying.vote.value)
                    ++counts[indexOf(*saying.vote.value)];
            } else if (!saying.isForged || (saying.targets & bit) != 0 || m_dice.percent(15)) {
                offered.push_back(i);
            }
        }
        const std::size_t wanted = m_party.quorum - 1 + m_dice.below(3);
        while (!offered.empty() && static_cast<std::size_t>(std::popcount(heard)) < wanted) {
            const std::size_t place = m_dice.below(offered.size());
            const std::size_t index = offered[place];
            offered[place] = offered.back();
            offered.pop_back();
            // The last vote that a value needs is the one to hold back.
            const std::optional<Hash> &value = m_sayings[index].vote.value;
            if (phase != Phase::Propose && value && m_isProlonging
                && ++counts[indexOf(*value)] >= m_party.quorum
                && !m_dice.percent(phase == Phase::Prevote ? 35 : 5))
                continue;
            heard |= 1U << m_sayings[index].vote.seat.value;
            deliver(index, node);
        }
    }
}

/// Some hear much of what they missed.
void World::catchUp()
{
    const std::size_t first = m_sayings.size() > 160 ? m_sayings.size() - 160 : 0;
    for (Node &node : m_nodes) {
        if (!isUp(node) || m_dice.percent(45))
            continue;
        const unsigned share = m_dice.percent(50) ? 95 : 50;
        for (std::size_t i = first; i < m_sayings.size(); ++i)
            if (!m_sayings[i].isForged && m_dice.percent(share))
                deliver(i, node);
    }
}

void World::fireTimers(unsigned chance)
{
    for (Node &node : m_nodes)
        if (m_dice.percent(chance))
            fireTimer(node);
}

void World::crashSome()
{
    for (Node &node : m_nodes) {
        if (node.asleep > 0) {
            if (--node.asleep == 0)
                powerOn(node);
        } else if (node.isHonest && m_isCrashing && isUp(node) && m_dice.percent(2)) {
            powerOff(node);
        } else if (!node.isHonest && node.malice == Malice::Amnesiac && m_dice.percent(12)) {
            node.core.reset();
            node.decided.reset();
            node.journal.clear();
            node.durable = {};
            start(node);
        }
    }
}

void World::hostilePhase()
{
    drawGroups();
    forgeAll();
    if (m_isConspiracy && m_dice.percent(30))
        forgeAll();
    if (m_dice.percent(m_sampled)) {
        sampleQuorums();
        m_fresh = m_sayings.size();
    } else {
        deliverFresh();
    }
    relayLate();
    for (Node &node : m_nodes) {
        if (isUp(node) && node.core->step() == Step::Waiting && m_dice.percent(25))
            start(node);
        if (isUp(node) && node.wantsValue && m_dice.percent(25)) {
            giveValue(node);
            perform(node);
        }
        if (isUp(node) && !node.unjudged.empty() && m_dice.percent(30)) {
            judge(node, node.unjudged.back());
            node.unjudged.pop_back();
            perform(node);
        }
    }
    fireTimers(85);
    crashSome();
}

/// With fewer than a quorum connected nobody may wander off (PROTOCOL C11.4): what was said must
/// keep its worth until the others come back.
void World::checkThatRoundsDoNotSpin()
{
    std::vector<Node *> here;
    for (Node &node : m_nodes)
        if (node.isHonest && isUp(node) && here.size() + 1 < m_party.quorum)
            here.push_back(&node);
    std::vector<Round> before;
    for (const Node *node : here)
        before.push_back(node->core->round());
    for (int i = 0; i < 9; ++i) {
        for (std::size_t k = m_fresh; k < m_sayings.size(); ++k)
            for (Node *node : here)
                if (!m_sayings[k].isForged
                    && std::ranges::find(here, &m_nodes[m_sayings[k].from]) != here.end())
                    deliver(k, *node);
        for (Node *node : here)
            fireTimer(*node);
    }
    const auto latest = before.empty() ? Round(0) : *std::ranges::max_element(before);
    for (const Node *node : here)
        if (node->core && node->core->round().value > latest.value + 2)
            fail("C11.4: rounds spin with fewer seats than a quorum");
}

void World::heal()
{
    m_isHealed = true;
    // Who has done his harm may fall silent for ever: then every honest seat is needed.
    if (m_dice.percent(50)) {
        std::ranges::fill(m_malice, Malice::Silent);
        for (Node &node : m_nodes)
            if (!node.isHonest)
                node.core.reset();
    }
    m_isSplitting = m_dice.percent(40);
    m_isCrashing = false;
    m_groups = 2;
    for (Node &node : m_nodes) {
        if (!node.isHonest && m_malice[node.seat.value] == Malice::Silent)
            continue;
        if (node.asleep > 0)
            powerOn(node);
        else if (!node.decided && node.core)
            start(node);
    }
    for (Node &node : m_nodes) {
        for (; isUp(node) && !node.unjudged.empty(); node.unjudged.pop_back()) {
            judge(node, node.unjudged.back());
            perform(node);
        }
        if (isUp(node) && node.wantsValue) {
            giveValue(node);
            perform(node);
        }
    }
    const auto isOpen = [&](const Node &node) { return node.isHonest && !node.decided; };
    const std::size_t phasesMax = 3 * (2 * m_party.faults + 8);
    for (std::size_t i = 0; i < phasesMax && !m_result.failure; ++i) {
        if (std::ranges::none_of(m_nodes, isOpen))
            return;
        healingPhase();
    }
    if (std::ranges::any_of(m_nodes, isOpen))
        fail("I12: not decided " + std::to_string(phasesMax) + " phases after all had healed");
}

/// T(r) > 2 Delta: what an honest seat holds reaches all before their timers; what a hostile one
/// shows at the last moment does not.
void World::healingPhase()
{
    for (std::size_t i = 0; i < m_group.size(); ++i)
        m_group[i] = static_cast<std::uint32_t>(m_dice.below(2));
    if (!m_isSplitting)
        forgeAll();
    for (std::size_t k = m_fresh; k < m_sayings.size(); ++k)
        for (Node &node : m_nodes)
            if (m_sayings[k].isForged && (m_sayings[k].targets & bitOf(node)) != 0)
                deliver(k, node);
    relayAll();
    const std::size_t late = m_sayings.size();
    if (m_isSplitting)
        forgeInHalves();
    else
        forgeForVictim();
    for (std::size_t k = late; k < m_sayings.size(); ++k)
        for (Node &node : m_nodes)
            if (m_sayings[k].isForged && (m_sayings[k].targets & bitOf(node)) != 0)
                deliver(k, node);
    m_fresh = m_sayings.size();
    fireTimers(100);
}

/// Whatever an honest seat holds: votes of the rounds around its own, all polkas, certificates.
void World::relayAll()
{
    const auto isHeld = [&](const Saying &saying) {
        return std::ranges::any_of(m_nodes, [&](const Node &node) {
            if (!node.isHonest || !node.core || (saying.reached & bitOf(node)) == 0)
                return false;
            const std::uint32_t round = node.core->round().value;
            return saying.vote.round.value + 1 >= round && saying.vote.round.value <= round + 1;
        });
    };
    for (std::size_t before = SIZE_MAX; before != m_sayings.size() + m_polkas.size();) {
        before = m_sayings.size() + m_polkas.size();
        const std::size_t first = m_polkas.empty() ? 0 : m_dice.below(m_polkas.size());
        for (std::size_t i = 0; i < m_polkas.size(); ++i)
            for (Node &node : m_nodes)
                deliverPolka((first + i) % m_polkas.size(), node);
        for (std::size_t i = 0; i < m_sayings.size(); ++i)
            if (isHeld(m_sayings[i]))
                for (Node &node : m_nodes)
                    deliver(i, node);
        break; // what comes of it is relayed in the next phase
    }
    for (Node &node : m_nodes)
        if (!m_certificates.empty() && isUp(node)) {
            node.core->received(m_certificates.front(), m_effects);
            perform(node);
        }
}

void World::finish()
{
    for (const Node &node : m_nodes)
        if (node.isHonest && node.core)
            m_result.rounds = std::max(m_result.rounds, node.core->round().value);
    if (m_result.failure)
        return;
    if (auto fault = m_oracle.innocent(m_isHostile))
        fail(*fault);
    m_result.isConflict = m_oracle.isConflict();
    if (!m_result.isConflict)
        return;
    std::vector<Vote> seen;
    for (const Saying &saying : m_sayings)
        if (std::ranges::any_of(m_nodes, [&](const Node &node) {
                return node.isHonest && (saying.reached & bitOf(node)) != 0;
            }))
            seen.push_back(saying.vote);
    for (const SharedPolka &shared : m_polkas)
        std::ranges::copy(shared.polka->votes(), std::back_inserter(seen));
    for (const Certificate &certificate : m_certificates)
        std::ranges::copy(certificate.votes(), std::back_inserter(seen));
    if (auto fault = m_oracle.accountable(seen, m_isHostile))
        fail(*fault);
}

ScenarioResult World::run()
{
    begin();
    const std::size_t phases = 4 + m_dice.below(m_dice.percent(30) ? 60 : 24);
    for (std::size_t i = 0; i < phases && !m_result.failure; ++i) {
        if (m_options.isTraced)
            std::printf("phase %zu\n", i);
        hostilePhase();
    }
    if (!m_result.failure && m_dice.percent(12))
        checkThatRoundsDoNotSpin();
    if (!m_result.failure && !m_result.isOverrun) {
        if (m_options.isTraced)
            std::printf("all heals\n");
        heal();
    }
    finish();
    return m_result;
}

ScenarioResult runScenario(const ScenarioOptions &options)
{
    return World(options).run();
}

} // namespace nlbd::sim
