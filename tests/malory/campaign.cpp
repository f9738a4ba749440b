#include "tests/malory/campaign.h"

#include "tests/malory/outside.h"

#include "core/consensus/proof.h"

#include <algorithm>

namespace nlbd::malory {

namespace {

/// More than any text of a test; a target that feeds me for ever must not fill my memory.
constexpr std::size_t kWaitingMax = 100'000;

DeviceIndex myIndex(const identity::Configuration &configuration, const identity::SecretKey &device)
{
    return configuration.indexOf(device.publicKey()).value_or(DeviceIndex(0));
}

} // namespace

Campaign::Campaign(const identity::Configuration &configuration, const identity::SecretKey &device,
                   const keys::WorkspaceKey &key, app::Network &network,
                   std::vector<Target> targets, Random &random)
    : m_workspace(configuration.workspace)
    , m_pen({configuration, m_scheme, device, myIndex(configuration, device), key})
    , m_network(network)
    , m_random(random)
{
    for (Target &target : targets)
        m_victims.push_back({.target = std::move(target), .session = std::nullopt});
}

app::Network::Sink Campaign::sink()
{
    return [this](const std::vector<net::MeshEvent> &events) { receive(events); };
}

void Campaign::receive(const std::vector<net::MeshEvent> &events)
{
    const Lock lock(m_mutex);
    for (const net::MeshEvent &event : events) {
        if (const auto *opened = std::get_if<net::SessionUp>(&event)) {
            up(*opened);
        } else if (const auto *closed = std::get_if<net::SessionDown>(&event)) {
            for (Victim &victim : m_victims) {
                if (victim.session == closed->peer) {
                    victim.session.reset();
                    ++victim.cuts;
                }
            }
        } else if (const auto *received = std::get_if<net::FrameReceived>(&event)) {
            frame(*received);
        }
    }
    m_changed.notify_all();
}

void Campaign::up(const net::SessionUp &event)
{
    for (Victim &victim : m_victims) {
        if (victim.target.device == event.device)
            victim.session = event.peer;
    }
}

void Campaign::frame(const net::FrameReceived &event)
{
    if (event.workspace != m_workspace)
        return;
    if (const auto answer = m_pen.answer(event.kind, event.body))
        m_network.send(event.peer, m_workspace, answer->kind, answer->body, net::Lane::Live);
    if (event.kind == static_cast<std::uint8_t>(gossip::Kind::Changes))
        takeRecords(event.body);
    if (event.kind == static_cast<std::uint8_t>(gossip::Kind::Evidence))
        takeEvidence(event.body);
    if (event.kind == static_cast<std::uint8_t>(gossip::Kind::ControlRecords))
        takeWishes(event.body);
    if (event.kind != static_cast<std::uint8_t>(gossip::Kind::Summary))
        return;
    for (Victim &victim : m_victims) {
        if (victim.session == event.peer)
            ++victim.answers;
    }
}

void Campaign::takeEvidence(ByteView body)
{
    const auto message = gossip::decode(static_cast<std::uint8_t>(gossip::Kind::Evidence), body);
    const auto *proof = message ? std::get_if<gossip::EvidenceMessage>(&*message) : nullptr;
    const auto evidence = proof != nullptr
        ? consensus::Proof::decode(proof->evidence)
        : std::expected<consensus::Proof, Code>(std::unexpected(Code::E_CANON));
    m_isForkProven = m_isForkProven || (evidence && evidence->code() == Code::EV_FORK);
}

void Campaign::serveUntilForkIsProven(Millis patience)
{
    Lock lock(m_mutex);
    static_cast<void>(waitFor(lock, patience, [this] { return m_isForkProven; }));
}

void Campaign::takeRecords(ByteView body)
{
    const auto message = gossip::decode(static_cast<std::uint8_t>(gossip::Kind::Changes), body);
    const auto *changes = message ? std::get_if<gossip::Changes>(&*message) : nullptr;
    if (changes == nullptr)
        return;
    const bool isPage = changes->request == m_page.request && !m_page.count;
    if (isPage)
        m_page.count = changes->changes.size();
    for (const Bytes &bytes : changes->changes) {
        auto record = history::decodeFull(bytes);
        if (record && isPage)
            m_nonces.take(*record);
        // Only my own chain matters: it names nobody else's changes.
        const bool isMine = record && record->header.device == m_pen.member().me;
        if (isMine && m_waiting.size() < kWaitingMax)
            m_waiting.push_back(std::move(*record));
    }
    std::erase_if(m_waiting, [this](const hostile::Record &record) { return m_pen.take(record); });
}

bool Campaign::waitFor(Lock &lock, Millis patience, const std::function<bool()> &isTrue)
{
    return m_changed.wait_for(lock, patience, isTrue);
}

bool Campaign::connect(Millis patience)
{
    for (const Victim &victim : m_victims)
        m_network.dial(victim.target.endpoint, victim.target.device,
                       net::Dialler::Persistence::UntilForgotten, true, FoundBy::Given);
    Lock lock(m_mutex);
    return waitFor(lock, patience, [this] { return std::ranges::all_of(m_victims, isUp); });
}

bool Campaign::poison(Millis patience)
{
    constexpr int kTimes = 5;
    Lock lock(m_mutex);
    if (!waitFor(lock, patience, [this] { return std::ranges::all_of(m_victims, isUp); }))
        return false;
    for (int i = 0; i < kTimes; ++i)
        for (const Victim &victim : m_victims)
            for (const hostile::Frame &frame :
                 poisonFor(victim.target.device, m_pen.member().configuration, m_random))
                m_network.send(*victim.session, std::nullopt, frame.kind, frame.body,
                               net::Lane::Live);
    // What is asked afterwards is answered after all of it was read.
    std::vector<std::uint64_t> before;
    for (const Victim &victim : m_victims) {
        before.push_back(victim.answers);
        send(victim, hostile::frameOf(gossip::Digest{}));
    }
    return waitFor(lock, patience, [&] {
        for (std::size_t i = 0; i < m_victims.size(); ++i)
            if (m_victims[i].answers <= before[i])
                return false;
        return true;
    });
}

void Campaign::catchUp(Millis patience)
{
    Lock lock(m_mutex);
    std::size_t asked = 0;
    const std::size_t before = m_pen.graph().size();
    for (const Victim &victim : m_victims) {
        const gossip::Range range{m_pen.member().me, Seq(1), Seq(limits::kRangeChangesMax), 0};
        send(victim,
             hostile::frameOf(gossip::PullRanges{static_cast<std::uint32_t>(++asked), {range}}));
    }
    static_cast<void>(waitFor(lock, patience, [&] { return m_pen.graph().size() > before; }));
}

void Campaign::send(const Victim &victim, const hostile::Frame &frame)
{
    if (victim.session)
        m_network.send(*victim.session, m_workspace, frame.kind, frame.body, net::Lane::Live);
}

std::vector<Outcome> Campaign::attack(const hostile::Attack &attack, WallTime wall, Millis patience)
{
    Lock lock(m_mutex);
    const hostile::Plan plan = hostile::planOf(attack.verb, m_pen, m_random, wall);
    std::vector<Outcome> outcomes;
    for (std::size_t i = 0; i < m_victims.size(); ++i) {
        Victim &victim = m_victims[i];
        // A victim that cut me takes me back after a pause that grows: wait for it.
        const bool isUp = waitFor(lock, patience, [&victim] { return victim.session.has_value(); });
        const std::uint64_t cutsBefore = victim.cuts;
        const bool isOther = i % 2 == 1 && !plan.others.empty();
        for (const hostile::Frame &frame : isOther ? plan.others : plan.frames)
            send(victim, frame);
        // A digest that differs is answered: then everything before it was judged.
        const std::uint64_t answersBefore = victim.answers;
        send(victim, hostile::frameOf(gossip::Digest{}));
        static_cast<void>(isUp && waitFor(lock, patience, [&] {
                              return victim.cuts > cutsBefore || victim.answers > answersBefore;
                          }));
        const bool wasCut = victim.cuts > cutsBefore;
        outcomes.push_back({&attack, i, isUp, wasCut, {}});
    }
    return outcomes;
}

} // namespace nlbd::malory
