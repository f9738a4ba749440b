#include "tests/support/small_group.h"

#include "core/base/check.h"
#include "core/gossip/message.h"
#include "core/trust/evidence.h"

namespace nlbd::testing {

namespace {

/// Sessions are numbered by who is at the other end.
PeerId sessionOf(std::size_t other)
{
    return PeerId(other + 1);
}

std::pair<std::size_t, std::size_t> linkOf(std::size_t a, std::size_t b)
{
    return {std::min(a, b), std::max(a, b)};
}

} // namespace

SmallGroup::SmallGroup(std::size_t count, std::uint64_t seed)
    : m_random(std::make_unique<SeededRandom>(seed))
    , m_key(keys::WorkspaceKey::generate(*m_random))
{
    m_now.mono = MonoTime(Millis(1'000'000));
    m_now.wall = WallTime(Millis(1'700'000'000'000));
    std::vector<std::pair<identity::SecretKey, identity::SecretKey>> founders;
    for (std::size_t i = 0; i < count; ++i) {
        auto person = identity::SecretKey::generate(*m_random);
        auto device = identity::SecretKey::generate(*m_random);
        founders.emplace_back(std::move(person), std::move(device));
    }
    std::ranges::sort(founders, {}, [](const auto &pair) { return pair.first.publicKey(); });
    identity::Genesis &genesis = m_genesis.genesis;
    m_random->fill(genesis.random);
    genesis.name = "Agora";
    genesis.keyCommit = m_key.commitment();
    for (std::size_t i = 0; i < count; ++i)
        genesis.founders.push_back(
            {founders[i].first.publicKey(), "Person " + std::to_string(i),
             founders[i].second.publicKey(),
             identity::certifyDevice(m_scheme, founders[i].first, founders[i].second.publicKey())});
    for (const auto &founder : founders)
        m_genesis.signatures.push_back(identity::signGenesis(m_scheme, founder.first, genesis));
    CHECK(m_genesis.verify(m_scheme).has_value());
    for (auto &founder : founders) {
        m_people.push_back(std::move(founder.first));
        m_peers.emplace_back(std::move(founder.second));
    }
    for (std::size_t i = 0; i < count; ++i)
        start(i);
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = i + 1; j < count; ++j)
            join(i, j);
}

PeerId SmallGroup::sessionWith(std::size_t, std::size_t other) const
{
    return sessionOf(other);
}

void SmallGroup::start(std::size_t i)
{
    Peer &peer = m_peers[i];
    std::optional<keys::WorkspaceKey> key;
    if (!peer.anchor)
        key = m_key.clone();
    peer.engine = std::make_unique<engine::Engine>(
        engine::EngineConfig{m_genesis, peer.device.clone(), std::move(key), m_scheme, *m_random,
                             m_isGuarded ? engine::BootGuard::On : engine::BootGuard::Off,
                             peer.anchor, m_checkpointEvery, m_day});
    const auto stored = peer.disk->load();
    CHECK(stored.has_value());
    execute(i, peer.engine->load(*stored, m_now));
    if (m_isGuarded)
        step(i, engine::KeychainCounter{peer.second});
    if (m_haveBlobs)
        step(i, m_peers[i].blobs.stored());
}

store::StoredWorkspace SmallGroup::folder(std::size_t i)
{
    auto stored = m_peers[i].disk->load();
    CHECK(stored.has_value());
    return std::move(*stored);
}

void SmallGroup::startFrom(std::size_t i, const store::StoredWorkspace &folder)
{
    store::Rows rows;
    const auto add = [&rows](const auto &list) {
        rows.insert(rows.end(), list.begin(), list.end());
    };
    add(folder.meta);
    add(folder.packs);
    add(folder.changes);
    add(folder.acks);
    add(folder.evidence);
    add(folder.refusals);
    add(folder.journal);
    add(folder.control);
    add(folder.decisions);
    *m_peers[i].disk = store::MemoryStore();
    CHECK(m_peers[i].disk->commit(rows, store::Sync::Full).has_value());
    restart(i);
}

std::size_t SmallGroup::addNewcomer(const engine::Anchor &anchor)
{
    Peer &peer = m_peers.emplace_back(identity::SecretKey::generate(*m_random));
    peer.person = identity::SecretKey::generate(*m_random);
    peer.anchor = anchor;
    start(m_peers.size() - 1);
    return m_peers.size() - 1;
}

std::size_t SmallGroup::addCompanion(std::size_t founder, const engine::Anchor &anchor)
{
    const std::size_t place = addNewcomer(anchor);
    m_peers[place].person = m_people[founder].clone();
    return place;
}

void SmallGroup::reconnectAs(std::size_t i, identity::SecretKey device)
{
    m_peers[i].link = std::move(device);
    const auto links = m_links;
    for (const auto &[a, b] : links)
        if (a == i || b == i) {
            cut(a, b);
            join(a, b);
        }
}

PublicKey SmallGroup::linkKey(std::size_t i) const
{
    return m_peers[i].link ? m_peers[i].link->publicKey() : m_peers[i].device.publicKey();
}

api::Wish SmallGroup::admission(std::size_t newcomer) const
{
    const Peer &peer = m_peers[newcomer];
    api::Wish wish;
    wish.kind = api::Wish::Kind::Admit;
    wish.identity = peer.person->publicKey();
    wish.name = "Newcomer " + std::to_string(newcomer);
    wish.key = peer.device.publicKey();
    wish.certificate = identity::certifyDevice(m_scheme, *peer.person, wish.key);
    return wish;
}

void SmallGroup::restart(std::size_t i)
{
    m_peers[i].disk->crash(*m_random);
    m_peers[i].engine.reset();
    std::erase_if(m_frames, [i](const Frame &frame) { return frame.to == i; });
    const auto links = m_links;
    for (const auto &[a, b] : links)
        if (a == i || b == i)
            cut(a, b);
    start(i);
    for (const auto &[a, b] : links)
        if (a == i || b == i)
            join(a, b);
}

void SmallGroup::submit(std::size_t i, api::Command command)
{
    step(i, std::move(command));
}

void SmallGroup::step(std::size_t i, engine::Event event)
{
    execute(i, m_peers[i].engine->step(std::move(event), m_now));
}

void SmallGroup::execute(std::size_t i, engine::Actions actions)
{
    std::vector<engine::Event> answers;
    for (engine::Action &action : actions) {
        if (auto *send = std::get_if<engine::Send>(&action)) {
            if (m_peers[i].isDiskSlow && send->after != engine::PersistToken())
                m_peers[i].held.push_back(std::move(*send));
            else
                post(i, std::move(*send));
        } else if (auto *persist = std::get_if<engine::Persist>(&action)) {
            const auto done = m_peers[i].disk->commit(persist->rows, persist->sync);
            if (done)
                answers.emplace_back(engine::Persisted{persist->token});
            else
                answers.emplace_back(engine::PersistFailed{persist->token, done.error()});
        } else if (auto *notify = std::get_if<engine::Notify>(&action)) {
            m_peers[i].events.push_back(std::move(notify->event));
        } else if (auto *doubt = std::get_if<engine::ReadBack>(&action)) {
            engine::RowsRead read{std::move(doubt->changes), {}, std::nullopt};
            if (auto rows = m_peers[i].disk->readBack(read.asked); rows)
                read.rows = std::move(*rows);
            else
                read.error = rows.error();
            answers.emplace_back(std::move(read));
        } else if (const auto *keep = std::get_if<engine::KeepCounter>(&action)) {
            m_peers[i].second = keep->mark;
            answers.emplace_back(engine::CounterKept{keep->mark});
        } else if (auto answer = m_peers[i].blobs.carryOut(action)) {
            answers.push_back(std::move(*answer));
        } else if (auto *disconnect = std::get_if<engine::Disconnect>(&action)) {
            m_peers[i].cuts.push_back(disconnect->code);
        }
    }
    for (engine::Event &answer : answers) {
        if (m_peers[i].isDiskSlow)
            m_peers[i].answers.push_back(std::move(answer));
        else
            step(i, std::move(answer));
    }
}

void SmallGroup::giveBlobDisks()
{
    m_haveBlobs = true;
    for (std::size_t i = 0; i < m_peers.size(); ++i)
        step(i, m_peers[i].blobs.stored());
}

blobs::BlobRef SmallGroup::attach(std::size_t i, DocIndex doc, ByteView content, std::string name)
{
    blobs::BlobRef ref = m_peers[i].blobs.seal(content, std::move(name), ++m_lastBlobKey);
    step(i, engine::BlobSealed{doc, ref});
    return ref;
}

void SmallGroup::post(std::size_t i, engine::Send send)
{
    const auto to = static_cast<std::size_t>(send.peer.value - 1);
    const bool isLost = m_filter && !m_filter(i, to, send.kind, send.body);
    if (m_links.contains(linkOf(i, to)) && !isLost)
        m_frames.push_back({i, to, send.kind, std::move(send.body)});
}

void SmallGroup::setDiskSlow(std::size_t i, bool isSlow)
{
    Peer &peer = m_peers[i];
    peer.isDiskSlow = isSlow;
    if (isSlow)
        return;
    for (engine::Send &send : std::exchange(peer.held, {}))
        post(i, std::move(send));
    for (engine::Event &answer : std::exchange(peer.answers, {}))
        step(i, std::move(answer));
}

void SmallGroup::proveFork(std::size_t culprit, std::size_t judge)
{
    const auto signedHeader = [&](std::int64_t wallMs) {
        history::ChangeHeader header;
        header.device = at(culprit).me();
        header.seq = Seq(1);
        header.prev = m_genesis.genesis.configuration().decision;
        header.lamport = Lamport(1);
        header.doc = history::docIndexOf(header.device, 1);
        header.wallMs = wallMs;
        return history::SignedHeader{header,
                                     m_scheme.sign(device(culprit), domains::kChange,
                                                   m_genesis.genesis.configuration().workspace,
                                                   header.hash())};
    };
    const trust::Evidence evidence = trust::forkEvidence(signedHeader(1), signedHeader(2));
    step(judge,
         engine::FrameIn{sessionOf(culprit), static_cast<std::uint8_t>(gossip::Kind::Evidence),
                         gossip::encode(gossip::EvidenceMessage{evidence.encode()})});
}

void SmallGroup::deliver()
{
    for (std::size_t next = 0; next < m_frames.size(); ++next) {
        const Frame frame = std::move(m_frames[next]);
        if (m_peers[frame.to].engine && m_links.contains(linkOf(frame.from, frame.to)))
            step(frame.to, engine::FrameIn{sessionOf(frame.from), frame.kind, frame.body});
    }
    m_frames.clear();
}

void SmallGroup::run(Millis time)
{
    constexpr Millis kStep{20};
    deliver();
    for (Millis passed{0}; passed < time; passed += kStep) {
        m_now.mono += kStep;
        m_now.wall += kStep;
        for (std::size_t i = 0; i < m_peers.size(); ++i)
            step(i, engine::Tick{});
        deliver();
    }
}

void SmallGroup::cut(std::size_t a, std::size_t b)
{
    if (m_links.erase(linkOf(a, b)) == 0)
        return;
    if (m_peers[a].engine)
        step(a, engine::PeerDown{sessionOf(b)});
    if (m_peers[b].engine)
        step(b, engine::PeerDown{sessionOf(a)});
}

void SmallGroup::join(std::size_t a, std::size_t b)
{
    if (!m_links.insert(linkOf(a, b)).second)
        return;
    step(a, engine::PeerUp{sessionOf(b), linkKey(b)});
    step(b, engine::PeerUp{sessionOf(a), linkKey(a)});
}

} // namespace nlbd::testing
