// Scenarios: computers. What the shell around a Roundtable does, with power that may go at each
// border between two of its actions.
#include "tests/sim/scenario_world.h"

#include "core/base/check.h"
#include "core/base/mutant.h"

#include <cstdio>

namespace nlbd::sim {

using namespace consensus;

namespace {

void traceVote(const char *verb, std::size_t node, const Vote &vote)
{
    std::printf("  node %zu %s seat %u phase %d round %u value %c polka %d\n", node, verb,
                vote.seat.value, static_cast<int>(vote.phase), vote.round.value,
                vote.value ? static_cast<char>('A' + indexOf(*vote.value)) : '-',
                vote.polka ? static_cast<int>(vote.polka->value) : -1);
}

} // namespace

void World::perform(Node &node)
{
    for (std::size_t i = 0; i < m_effects.size() && !m_result.failure; ++i) {
        const Effect effect = std::move(m_effects[i]);
        std::visit([&](const auto &one) { on(node, one); }, effect);
        if (!node.core)
            break;
    }
    m_effects.clear();
}

void World::say(const Vote &vote, std::uint32_t from, bool isForged, std::uint32_t targets)
{
    if (m_options.isTraced)
        traceVote(isForged ? "forges" : "says", from, vote);
    m_oracle.onVote(vote);
    Saying saying{vote, from, isForged, targets, 0};
    if (!isForged)
        saying.reached = 1U << from;
    m_sayings.push_back(saying);
    ++m_result.votes;
    for (const std::uint64_t part :
         {std::uint64_t{vote.seat.value}, std::uint64_t{vote.round.value},
          static_cast<std::uint64_t>(vote.phase),
          std::uint64_t{vote.value ? indexOf(*vote.value) + 1 : 0},
          std::uint64_t{vote.polka ? vote.polka->value + 1 : 0}})
        m_result.trace = (m_result.trace ^ part) * 0x100000001B3ULL;
}

void World::write(Node &node, const Vote &vote, const SeatState &state)
{
    node.journal.push_back(vote);
    node.durable = state;
}

void World::send(Node &node, const Vote &vote)
{
    if (node.isHonest)
        if (auto fault = m_oracle.onHonestVote(vote))
            fail(*fault);
    say(vote, static_cast<std::uint32_t>(&node - m_nodes.data()), false, 0);
}

/// Journal, then the wire, then the own count (PROTOCOL C13).
void World::on(Node &node, const effect::Sign &effect)
{
    Vote vote =
        signVote(m_party.scheme, m_party.keys[node.seat.value], m_party.configuration, effect.vote);
    const bool isCrash = m_isCrashing && node.isHonest && m_dice.percent(4);
    const std::size_t border = isCrash ? m_dice.below(3) : 3;
    if (border == 0) {
        powerOff(node);
        return;
    }
    const bool isSentFirst = NLBD_MUTANT("journal-after-send");
    if (!isSentFirst)
        write(node, vote, effect.state);
    if (border == 1 && !isSentFirst) {
        powerOff(node);
        return;
    }
    if (node.malice == Malice::Mutator && !node.isHonest && m_dice.percent(30))
        send(node, mutated(vote));
    else
        send(node, vote);
    if (border == 1) {
        powerOff(node);
        return;
    }
    if (isSentFirst)
        write(node, vote, effect.state);
    if (border == 2) {
        powerOff(node);
        return;
    }
    node.core->received(vote, m_effects);
}

void World::on(Node &node, const effect::Resend &effect)
{
    const auto isSame = [&](const Saying &saying) {
        return !saying.isForged && saying.vote == effect.vote;
    };
    if (std::ranges::none_of(m_sayings, isSame))
        send(node, effect.vote);
}

void World::on(Node &node, const effect::ArmTimer &effect)
{
    node.timer = effect;
}

void World::judge(Node &node, const Hash &value)
{
    const Verdict verdict = indexOf(value) < kGoodValues ? Verdict::Valid : Verdict::Invalid;
    m_oracle.onVerdict(node.seat, value, verdict);
    node.core->judged(value, verdict, m_effects);
}

void World::on(Node &node, const effect::AskBody &effect)
{
    const std::size_t index = indexOf(effect.value);
    if (index > kInvalidValue)
        return; // its closure is held by nobody
    if (index == kInvalidValue || m_isHealed || m_dice.percent(88))
        judge(node, effect.value);
    else
        node.unjudged.push_back(effect.value);
}

void World::on(Node &node, const effect::NeedValue &)
{
    if (!m_isHealed && m_dice.percent(6))
        node.wantsValue = true;
    else
        giveValue(node);
}

void World::giveValue(Node &node)
{
    node.wantsValue = false;
    std::size_t index = 0;
    if (m_valueStyle == 1)
        index = groupOf(node) % kGoodValues;
    else if (m_valueStyle == 2)
        index = m_dice.below(kGoodValues);
    else if (m_valueStyle == 3)
        index = node.seat.value % 2U;
    m_oracle.onVerdict(node.seat, valueAt(index), Verdict::Valid);
    node.core->built(valueAt(index), m_effects);
}

void World::on(Node &node, const effect::SharePolka &effect)
{
    const auto isSame = [&](const SharedPolka &shared) { return *shared.polka == *effect.polka; };
    const auto place = std::ranges::find_if(m_polkas, isSame);
    if (place != m_polkas.end())
        place->reached |= bitOf(node);
    else
        m_polkas.push_back({effect.polka, bitOf(node)});
    // A mutator counts what it would have said, and that is signed as well.
    if (!node.isHonest)
        for (const Vote &vote : effect.polka->votes())
            m_oracle.onVote(vote);
    if (node.isHonest && !m_oracle.polkaExists(effect.polka->round, effect.polka->value))
        fail("C11.5: seat " + std::to_string(node.seat.value) + " holds a polka of round "
             + std::to_string(effect.polka->round.value) + " that does not exist");
    if (node.isHonest && m_isChecked
        && !effect.polka->verify(m_party.scheme, m_party.configuration))
        fail("C11.5: a polka that does not verify");
}

void World::on(Node &node, const effect::Accuse &effect)
{
    node.accused |= 1U << effect.evidence.first.seat.value;
    if (!node.isHonest)
        return;
    ++m_result.proofs;
    if (auto fault = m_oracle.onProof(effect.evidence, m_isHostile))
        fail(*fault);
}

void World::on(Node &node, const effect::Decide &effect)
{
    node.decided = effect.certificate;
    if (!node.isHonest)
        return;
    if (m_options.isTraced)
        std::printf("  node %td decides %c in round %u\n", &node - m_nodes.data(),
                    static_cast<char>('A' + indexOf(effect.certificate.value)),
                    effect.certificate.round.value);
    m_result.isEarly = m_result.isEarly || !m_isHealed;
    if (std::ranges::find(m_certificates, effect.certificate) == m_certificates.end()) {
        m_certificates.push_back(effect.certificate);
        if (auto fault = m_oracle.onDecision(effect.certificate, m_result.isOverrun))
            fail(*fault);
    }
}

void World::powerOff(Node &node)
{
    ++m_result.crashes;
    if (m_options.isTraced)
        std::printf("  node %td loses power\n", &node - m_nodes.data());
    node.core.reset();
    node.timer.reset();
    node.wantsValue = false;
    node.unjudged.clear();
    node.accused = 0;
    node.asleep = 1 + static_cast<int>(m_dice.below(m_dice.percent(25) ? 15 : 3));
    node.keepsOthers = m_dice.percent(60);
}

void World::powerOn(Node &node)
{
    node.asleep = 0;
    const Roundtable::Setting setting{m_party.configuration.epoch, node.seat};
    // The state as the disk gives it back.
    const auto state = SeatState::decode(node.durable.encode());
    CHECK(state.has_value());
    node.core = std::make_unique<Roundtable>(*m_party.order, setting, *state, node.journal);
    node.core->resume(m_effects);
    perform(node);
    const std::uint32_t bit = bitOf(node);
    const auto number = static_cast<std::uint32_t>(&node - m_nodes.data());
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < m_sayings.size(); ++i) {
        Saying &saying = m_sayings[i];
        if ((saying.reached & bit) != 0 && (node.keepsOthers || saying.from == number))
            kept.push_back(i);
        saying.reached &= ~bit;
    }
    for (const std::size_t i : kept)
        deliver(i, node);
    for (SharedPolka &shared : m_polkas)
        shared.reached &= ~bit;
    if (node.core && !node.decided)
        start(node);
}

void World::start(Node &node)
{
    if (!node.core) {
        const Roundtable::Setting setting{m_party.configuration.epoch, node.seat};
        node.core = std::make_unique<Roundtable>(*m_party.order, setting);
    }
    node.core->start(m_effects);
    perform(node);
}

void World::fireTimer(Node &node)
{
    if (!isUp(node) || !node.timer)
        return;
    const effect::ArmTimer timer = *node.timer;
    node.timer.reset();
    node.core->timeout(timer.round, timer.step, m_effects);
    perform(node);
}

/// Now and then through bytes and signatures, as in the world outside.
void World::deliver(std::size_t index, Node &node)
{
    const std::uint32_t bit = bitOf(node);
    if ((m_sayings[index].reached & bit) != 0 || !isUp(node))
        return;
    Vote vote = m_sayings[index].vote;
    if (m_isChecked) {
        const auto decoded = Vote::decode(vote.encode());
        CHECK(decoded && *decoded == vote);
        CHECK(isSigned(m_party.scheme, m_party.configuration, *decoded));
    }
    if (node.core->received(vote, m_effects) != Roundtable::Intake::Ignored)
        m_sayings[index].reached |= bit;
    perform(node);
    if (m_isChecked && node.isHonest)
        checkThatLiarsAreAccused(index, node);
}

/// Who was seen to say two things at one place is accused at once.
void World::checkThatLiarsAreAccused(std::size_t index, const Node &node)
{
    const Vote &vote = m_sayings[index].vote;
    const std::uint32_t bit = bitOf(node);
    const auto contradicts = [&](const Saying &other) {
        return (other.reached & bit) != 0 && other.vote.seat == vote.seat
            && other.vote.round == vote.round && other.vote.phase == vote.phase
            && !saySame(other.vote, vote);
    };
    if (!isUp(node) || (m_sayings[index].reached & bit) == 0
        || (node.accused >> vote.seat.value & 1U) != 0)
        return;
    if (std::ranges::any_of(m_sayings, contradicts))
        fail("B12: seat " + std::to_string(node.seat.value) + " saw seat "
             + std::to_string(vote.seat.value) + " contradict itself and accused nobody");
}

void World::deliverPolka(std::size_t index, Node &node)
{
    const std::uint32_t bit = bitOf(node);
    if ((m_polkas[index].reached & bit) != 0 || !isUp(node))
        return;
    m_polkas[index].reached |= bit;
    const consensus::SharedPolka polka = m_polkas[index].polka;
    node.core->received(*polka, m_effects);
    perform(node);
}

} // namespace nlbd::sim
