#include "agreement_world.h"

#include "core/base/check.h"
#include "core/gossip/message.h"
#include "tests/support/acks_of.h"

#include <utility>

namespace nlbd::bench {

namespace {

constexpr Millis kPatience{300'000};
constexpr Millis kLookEvery{20};
constexpr Millis kAfterwards{6'000}; // what belongs to a wave comes after its quorum, too

sim::Profile profileOf(std::size_t members, Others others, Weather weather)
{
    sim::Profile profile;
    profile.peers = members;
    profile.hostile = others == Others::Honest ? 0 : identity::toleratedFaults(members);
    profile.isWatched = false;
    profile.latencyMin = profile.latencyMax = Millis(100);
    profile.stragglers = 0;
    if (weather == Weather::Stragglers) {
        profile.latencyMin = Millis(60);
        profile.latencyMax = Millis(300);
        profile.stragglers = 400;
        profile.latencyStraggler = Millis(2500);
    }
    return profile;
}

bool isAboutAcks(std::uint8_t kind)
{
    using gossip::Kind;
    const auto is = [kind](Kind other) { return kind == static_cast<std::uint8_t>(other); };
    return is(Kind::Ack) || is(Kind::Acks) || is(Kind::AckNumbers) || is(Kind::PullAcks);
}

bool isAboutDecisions(std::uint8_t kind)
{
    using gossip::Kind;
    return kind >= static_cast<std::uint8_t>(Kind::ControlSummary)
        && kind <= static_cast<std::uint8_t>(Kind::Decisions);
}

} // namespace

AgreementWorld::AgreementWorld(std::size_t members, Others others, Weather weather,
                               std::uint64_t seed)
    : m_random(seed)
    , m_scheme(m_random)
    , m_world(seed, profileOf(members, others, weather), m_scheme,
              test::FoundedGroup::found(members, m_scheme, m_random), false)
    , m_checker(m_world)
{
    for (std::size_t i = 0; i < members; ++i)
        addPeer(i);
    m_network = std::make_unique<sim::Network>(m_world, m_peers);
    m_network->setTap([this](std::size_t, std::size_t to, std::uint8_t kind, const Bytes &body) {
        arrived(to, kind, body);
        return true;
    });
    const std::size_t up = others == Others::Silent ? honest() : members;
    for (std::size_t i = 0; i < up; ++i)
        m_peers[i]->start();
    m_network->start();
    run(Millis(3000));
    m_peers[0]->step(engine::Event(api::Command(api::CreateDocument{1, "Notes", "x"})));
    run(Millis(10'000));
    m_doc = *m_peers[0]->engine().findDocument("Notes");
}

void AgreementWorld::addPeer(std::size_t i)
{
    const DeviceIndex device(static_cast<std::uint16_t>(i));
    m_peers.push_back(
        std::make_unique<sim::PeerShell>(m_world, m_checker, i, device, i < honest()));
    m_forgers.emplace_back(m_world, device);
    sim::PeerShell::Outlet outlet;
    outlet.send = [this, i](PeerId to, std::uint8_t kind, Bytes body) {
        std::optional<Bytes> sent = std::move(body);
        if (const auto victim = m_network->peerBehind(i, to); victim && i >= honest())
            sent = m_forgers[i].forged(*victim, kind, std::move(*sent),
                                       m_peers[i]->engine().configuration());
        if (sent)
            m_network->send(i, to, kind, std::move(*sent));
    };
    outlet.disconnect = [this, i](PeerId peer, Code, Millis pause) {
        m_network->disconnect(i, peer, pause);
    };
    outlet.notify = [](const api::Event &) {};
    outlet.crashed = [] {};
    m_peers[i]->setOutlet(std::move(outlet));
}

void AgreementWorld::run(Millis time)
{
    const MonoTime until = m_world.queue.now() + time;
    while (m_world.queue.runNext(until))
        continue;
}

void AgreementWorld::arrived(std::size_t to, std::uint8_t kind, const Bytes &body)
{
    if (!m_counted || to >= honest())
        return;
    const auto bytes = static_cast<double>(body.size());
    m_counted->allBytes += bytes;
    if (m_isWave ? !isAboutAcks(kind) : !isAboutDecisions(kind))
        return;
    m_counted->recordBytes += bytes;
    const auto message = gossip::decode(kind, body);
    if (!message)
        return;
    const auto acks = testing::acksOf(*message);
    for (const gossip::AckMessage &ack : acks)
        count(to, "ack", ack.ack);
    if (const auto *control = std::get_if<gossip::ControlRecords>(&*message)) {
        static const char *const kNames[] = {"",      "proposal", "approval", "close",      "vote",
                                             "polka", "value",    "offer",    "short close"};
        for (const auto &record : control->records)
            count(to, kNames[static_cast<std::size_t>(record.kind)], record.bytes);
    }
    if (!std::holds_alternative<gossip::ControlRecords>(*message))
        m_counted->byKind[std::holds_alternative<gossip::ControlSummary>(*message)  ? "summary"
                              : std::holds_alternative<gossip::Decisions>(*message) ? "decision"
                              : !acks.empty()                                       ? "ack"
                                              : "other"] += bytes;
}

void AgreementWorld::count(std::size_t to, const std::string &kind, ByteView record)
{
    m_counted->records += 1;
    const bool isNew = m_seen.emplace(to, copyOf(record)).second;
    m_counted->copies += isNew ? 0 : 1;
    if (kind != "ack")
        m_counted->byKind[kind + (isNew ? "" : " again")] += static_cast<double>(record.size());
}

template <typename IsThere>
Measured AgreementWorld::measure(bool isWave, IsThere isThere)
{
    m_isWave = isWave;
    const std::uint64_t verifiedBefore = m_scheme.verified();
    const MonoTime begin = m_world.queue.now();
    std::vector<bool> isDone(honest());
    std::vector<double> seconds;
    while (seconds.size() < honest() && m_world.queue.now() < begin + kPatience) {
        run(kLookEvery);
        const std::chrono::duration<double> passed = m_world.queue.now() - begin;
        for (std::size_t i = 0; i < honest(); ++i) {
            if (isDone[i] || !isThere(m_peers[i]->engine()))
                continue;
            isDone[i] = true;
            seconds.push_back(passed.count());
        }
    }
    seconds.resize(honest(), std::chrono::duration<double>(kPatience).count());
    run(kAfterwards);
    Measured result = *std::exchange(m_counted, std::nullopt);
    const auto each = static_cast<double>(honest());
    result.seconds = std::move(seconds);
    result.records /= each;
    result.recordBytes /= each;
    result.allBytes /= each;
    result.copies /= each;
    for (auto &[kind, total] : result.byKind)
        total /= each;
    result.verifications = static_cast<double>(m_scheme.verified() - verifiedBefore) / each;
    return result;
}

void AgreementWorld::typeLetter(sim::PeerShell &author)
{
    const std::uint64_t view = ++m_requests;
    const auto type = [&author](api::Command command) {
        author.step(engine::Event(std::move(command)));
    };
    type(api::OpenDocument{m_doc, view});
    type(api::EditText{m_doc, view, 0, 1, {{0, 0, "a"}}, api::EditText::Cause::Typing});
    type(api::Flush{});
    type(api::CloseDocument{m_doc, view});
}

void AgreementWorld::write()
{
    for (std::size_t i = 0; i < honest(); ++i)
        typeLetter(*m_peers[i]);
    run(kAfterwards * 3);
}

Measured AgreementWorld::wave()
{
    sim::PeerShell &author = *m_peers[m_random.below(honest())];
    m_counted.emplace();
    m_seen.clear();
    typeLetter(author);
    const auto &graph = author.engine().graph();
    const Hash letter = graph.entry(ChangeHandle(static_cast<std::uint32_t>(graph.size()))).hash;
    return measure(true, [letter](const engine::Engine &engine) {
        const ChangeHandle held = engine.graph().find(letter);
        return held != ChangeHandle() && engine.isRatified(held);
    });
}

Measured AgreementWorld::decide()
{
    api::Wish wish;
    wish.kind = api::Wish::Kind::SetPolicy;
    wish.text = "Rule " + std::to_string(++m_requests);
    sim::PeerShell &author = *m_peers[m_random.below(honest())];
    author.step(engine::Event(api::Command(api::Propose{m_requests, wish})));
    const Hash proposal = author.engine().lastAnswer().proposal;
    run(Millis(8000));
    m_counted.emplace();
    m_seen.clear();
    const Epoch before = author.engine().configuration().epoch;
    for (const auto &peer : m_peers)
        if (peer->isUp() && peer.get() != &author)
            peer->step(engine::Event(api::Command(api::Vote{m_requests, proposal, true})));
    return measure(false, [before](const engine::Engine &engine) {
        return engine.configuration().epoch > before;
    });
}

} // namespace nlbd::bench
