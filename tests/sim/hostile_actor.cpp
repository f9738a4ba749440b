#include "tests/sim/hostile_actor.h"

#include "core/trust/evidence.h"
#include "tests/sim/checker.h"

namespace nlbd::sim {

namespace {

constexpr std::size_t kOldFrames = 200;
constexpr std::uint64_t kPenRarely = 8; ///< one in so many: what comes after it has no pen

/// Attacks that would write to a chain which the engine beside it writes as well: forks have a verb
/// of their own here.
bool writesToChain(std::string_view verb, std::size_t length)
{
    if (verb == "replay" || verb == "clock-lie" || verb == "deep-chain" || verb == "double-ack"
        || verb == "fork")
        return true;
    const bool needsSome = verb == "cycle" || verb == "bomb" || verb == "fan-in";
    return needsSome && length < limits::kDepsMax + 2;
}

} // namespace

HostileActor::HostileActor(World &world, Checker &checker, Network &network, PeerShell &shell)
    : m_world(world)
    , m_checker(checker)
    , m_network(network)
    , m_shell(shell)
    , m_pen({world.group.configuration, world.scheme, world.group.devices[shell.device().value],
             shell.device(), world.group.key})
{
}

void HostileActor::start()
{
    if (m_world.profile.attackEvery > Millis(0))
        attackLater();
}

bool HostileActor::lets(std::size_t victim) const
{
    const auto muted = m_mutedUntil.find(victim);
    return muted == m_mutedUntil.end() || muted->second <= m_world.queue.now();
}

void HostileActor::distort(Bytes &body)
{
    if (m_world.isActive && m_world.profile.attackEvery > Millis(0) && !body.empty()
        && m_world.chance(400))
        body[m_world.random.below(body.size())] ^= std::byte{0x04};
}

void HostileActor::heard(std::uint8_t kind, const Bytes &body)
{
    if (m_old.size() < kOldFrames) {
        m_old.push_back({kind, body});
        return;
    }
    m_old[m_oldest] = {kind, body};
    m_oldest = (m_oldest + 1) % kOldFrames;
}

void HostileActor::stores(const store::Rows &rows)
{
    for (const store::Row &row : rows) {
        const auto *change = std::get_if<store::ChangeRow>(&row);
        if (change == nullptr || m_world.profile.attackEvery == Millis(0))
            continue;
        if (const auto record = history::decodeFull(change->record))
            static_cast<void>(m_pen.take(*record));
    }
}

void HostileActor::attackLater()
{
    m_world.queue.after(m_world.around(m_world.profile.attackEvery), [this] {
        if (!m_world.isActive)
            return;
        if (m_shell.isUp())
            attack();
        attackLater();
    });
}

std::size_t HostileActor::someVictim()
{
    return m_world.random.below(m_world.profile.peers - m_world.profile.hostile);
}

void HostileActor::send(std::size_t victim, const hostile::Frame &frame)
{
    if (const auto session = m_network.sessionWith(m_shell.number(), victim))
        m_network.send(m_shell.number(), *session, frame.kind, frame.body);
}

void HostileActor::attack()
{
    const std::size_t victim = someVictim();
    const std::uint64_t draw = m_world.random.below(100);
    m_world.note(m_shell.number(), "attack", draw);
    if (draw < 10)
        fork(victim);
    else if (draw < 30)
        sendOld(victim, false);
    else if (draw < 40)
        sendOld(victim, true);
    else if (draw < 44)
        doubleAck(victim);
    else if (draw < 48)
        flood(victim);
    else if (draw < 53)
        frameUp(victim);
    else if (draw < 60)
        m_mutedUntil[victim] = m_world.queue.now() + m_world.between(Millis(500), Millis(5000));
    else if (draw < 64)
        announceFalsely(victim);
    else
        mount(victim);
}

/// Says that it holds what nobody wrote, of everybody, of nobody, a little ahead or far.
void HostileActor::announceFalsely(std::size_t victim)
{
    gossip::Have have;
    const std::uint64_t count = 1 + m_world.random.below(40);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t ahead =
            m_world.random.below(2) == 0 ? m_world.random.below(60) : m_world.random.next64() >> 2;
        have.places.push_back(
            {DeviceIndex(
                 static_cast<std::uint16_t>(m_world.random.below(m_world.profile.peers + 2))),
             Seq(1 + ahead), m_world.random.below(2) == 0 ? 0 : m_world.random.next64()});
    }
    send(victim, hostile::frameOf(have));
}

void HostileActor::fork(std::size_t victim)
{
    const std::vector<ChangeHandle> mine = m_pen.mine();
    if (mine.empty())
        return;
    const std::size_t back = m_world.random.below(std::min<std::size_t>(mine.size(), 4));
    const hostile::Record twin = m_pen.twinOf(mine[mine.size() - 1 - back], "another truth ");
    m_checker.madeByHostile(twin);
    if (m_world.random.below(2) == 0)
        m_mutedUntil[victim] = m_world.queue.now() + m_world.between(Millis(500), Millis(3000));
    send(victim, hostile::changesFrame({twin}));
}

void HostileActor::sendOld(std::size_t victim, bool isTampered)
{
    if (m_old.empty())
        return;
    const std::uint64_t count = 1 + m_world.random.below(5);
    for (std::uint64_t i = 0; i < count; ++i) {
        hostile::Frame frame = m_old[m_world.random.below(m_old.size())];
        if (isTampered && !frame.body.empty())
            frame.body[m_world.random.below(frame.body.size())] ^= std::byte{0x10};
        send(victim, frame);
    }
}

void HostileActor::doubleAck(std::size_t victim)
{
    if (m_pen.head() == ChangeHandle(0))
        return;
    const hostile::Plan plan =
        hostile::planOf("double-ack", m_pen, m_world.random, m_shell.now().wall);
    for (const hostile::Frame &frame : plan.frames)
        send(m_world.random.below(2) == 0 ? victim : someVictim(), frame);
}

void HostileActor::flood(std::size_t victim)
{
    for (std::size_t i = 0; i < 20; ++i) {
        hostile::Frame frame;
        frame.kind = static_cast<std::uint8_t>(0x0E + m_world.random.below(0x14));
        frame.body.resize(m_world.random.below(300));
        m_world.random.fill(frame.body);
        send(victim, frame);
    }
}

void HostileActor::frameUp(std::size_t victim)
{
    // Accuses somebody honest, of what he did not sign or of what breaks no rule.
    const history::CausalGraph &graph = m_pen.graph();
    if (graph.size() == 0)
        return;
    const ChangeHandle some(static_cast<std::uint32_t>(1 + m_world.random.below(graph.size())));
    const hostile::Record record = m_pen.recordOf(some);
    if (record.header.device == m_shell.device())
        return;
    hostile::Record forged = record;
    forged.header.wallMs += 1;
    forged = m_pen.resigned(std::move(forged));
    trust::Evidence evidence =
        trust::forkEvidence({record.header, record.signature}, {forged.header, forged.signature});
    if (m_world.random.below(2) == 0)
        evidence.proof = trust::InvalidProof{Code::E_OP_TARGET, record, {}};
    send(victim, hostile::frameOf(gossip::EvidenceMessage{evidence.encode()}));
}

void HostileActor::mount(std::size_t victim)
{
    const auto &attacks = hostile::attacks();
    const hostile::Attack &attack = attacks[m_world.random.below(attacks.size())];
    const std::string_view verb = attack.verb;
    if (writesToChain(verb, m_pen.mine().size())
        || (attack.endsPen && m_world.random.below(kPenRarely) != 0))
        return;
    const hostile::Plan plan = hostile::planOf(verb, m_pen, m_world.random, m_shell.now().wall);
    for (const hostile::Record &record : plan.records)
        m_checker.madeByHostile(record);
    for (const hostile::Frame &frame : plan.frames)
        send(victim, frame);
}

} // namespace nlbd::sim
