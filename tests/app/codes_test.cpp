#include "app/second_place.h"
#include "app/store_thread.h"
#include "app/workspace_host.h"
#include "net/mesh.h"
#include "tests/core/consensus/assembly.h"
#include "tests/core/engine/blobs_room.h"
#include "tests/core/engine/hostile_seat.h"
#include "tests/malory/victim.h"

#include <QTest>

#include <condition_variable>
#include <cstdio>
#include <mutex>

using namespace nlbd;
using namespace std::chrono_literals;

namespace {

using Kind = api::Trouble::Kind;

/// Empty for a number that is no kind. Without default: a new kind does not compile until it is
/// here, and then it must be produced below.
std::string_view nameOf(Kind kind)
{
    switch (kind) {
    case Kind::DiskFull:
        return "DiskFull";
    case Kind::DiskReadOnly:
        return "DiskReadOnly";
    case Kind::DiskFailed:
        return "DiskFailed";
    case Kind::StoreRecovered:
        return "StoreRecovered";
    case Kind::DocumentTooLong:
        return "DocumentTooLong";
    case Kind::TextNotValid:
        return "TextNotValid";
    case Kind::MyDeviceDisputed:
        return "MyDeviceDisputed";
    case Kind::MayNotWrite:
        return "MayNotWrite";
    case Kind::OwnChangesMissing:
        return "OwnChangesMissing";
    case Kind::DecisionsConflict:
        return "DecisionsConflict";
    case Kind::FolderIsACopy:
        return "FolderIsACopy";
    case Kind::KeySecretMissing:
        return "KeySecretMissing";
    }
    return {};
}

/// This computer knows of a start of the device that the folder does not know.
class MarkOfALaterStart final : public app::SecondPlace {
public:
    [[nodiscard]] std::expected<std::optional<engine::BootMark>, app::ProfileError>
    read(const WorkspaceId &, const PublicKey &) const override
    {
        engine::BootMark mark;
        mark.mark[0] = std::byte{1};
        return mark;
    }
    [[nodiscard]] std::expected<void, app::ProfileError> write(const WorkspaceId &,
                                                               const engine::BootMark &) override
    {
        return {};
    }
};

/// Who produced what, by table and name.
class Seen {
public:
    void code(Code code, const std::string &by) { note("code", codeName(code), by); }
    void cut(Code code, const std::string &by) { note("cut", codeName(code), by); }
    void trouble(const std::vector<api::Event> &events, const std::string &by)
    {
        for (const api::Event &event : events)
            if (const auto *trouble = std::get_if<api::Trouble>(&event))
                note("trouble", nameOf(trouble->kind), by);
    }
    void everything(const engine::Engine &engine, const std::string &by)
    {
        for (const api::Refusal &refusal : engine.refusals())
            code(refusal.code, by);
        for (const api::EvidenceInfo &proof : engine.evidence())
            code(proof.code, by);
    }

    /// Prints a line and says if anything produced it.
    [[nodiscard]] bool print(const std::string &table, std::string_view name) const
    {
        const auto found = m_by.find({table, std::string(name)});
        const std::size_t times = found == m_by.end() ? 0 : found->second.size();
        std::printf("%-8s %-22.*s %3zu  %s\n", table.c_str(), static_cast<int>(name.size()),
                    name.data(), times, times == 0 ? "NOTHING" : found->second.front().c_str());
        return times > 0;
    }

private:
    void note(const std::string &table, std::string_view name, const std::string &by)
    {
        m_by[{table, std::string(name)}].push_back(by);
    }
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> m_by;
};

/// A group, Malory in it, and an engine at the other end of a session.
struct Duel {
    explicit Duel(std::uint64_t seed)
        : random(seed)
        , group(test::FoundedGroup::found(4, scheme, random))
        , victim(group, scheme)
    {
    }
    [[nodiscard]] hostile::Member malory(const keys::WorkspaceKey &key) const
    {
        return {group.configuration, scheme, group.devices[malory::kMe],
                DeviceIndex(static_cast<std::uint16_t>(malory::kMe)), key};
    }

    identity::Ed25519 scheme;
    SeededRandom random;
    test::FoundedGroup group;
    malory::Victim victim;
};

/// One end of a real socket.
struct Host {
    explicit Host(std::uint64_t seed)
        : random(seed)
        , device(identity::SecretKey::generate(random))
    {
        net::MeshConfig config;
        config.listen = {"127.0.0.1", 0, false};
        config.hasBeacons = false;
        config.scope = net::InterfaceScope::Loopback;
        auto opened = net::Mesh::open(device, config, [this](std::vector<net::MeshEvent> events) {
            const std::lock_guard lock(mutex);
            for (const net::MeshEvent &event : events)
                if (const auto *refused = std::get_if<net::Refused>(&event))
                    codes.push_back(refused->code);
            changed.notify_all();
        });
        if (opened)
            mesh = std::move(*opened);
    }
    ~Host() { mesh.reset(); }

    SeededRandom random;
    identity::SecretKey device;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Code> codes;
    std::unique_ptr<net::Mesh> mesh;
};

void decideReader(testing::HostileSeat &s)
{
    api::Wish wish;
    wish.kind = api::Wish::Kind::ChangeRole;
    wish.member = MemberIndex(static_cast<std::uint16_t>(testing::kMalory));
    wish.isReader = true;
    s.group.submit(0, api::Propose{++s.requests, wish});
    s.group.run(200ms);
    const Hash id = s.group.at(0).decisions().open.back().id;
    for (std::size_t i = 1; i < 3; ++i)
        s.group.submit(i, api::Vote{++s.requests, id, true});
    s.group.run(20s);
}

} // namespace

/// Every code, every kind of proof and every trouble that the program can tell is produced here by
/// what really causes it, and counted in a table. What nothing produces fails: it is dead, or its
/// scene is missing.
class CodesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void attacksProduceTheirs();
    void wrongKeys();
    void withoutAPen();
    void wishesAndValues();
    void twoDecisions();
    void strangersOnTheLine();
    void disks();
    void texts();
    void ownChain();
    void careKeys();
    void attachments();
    void cleanupTestCase();

private:
    Seen m_seen;
};

void CodesTest::attacksProduceTheirs()
{
    std::vector<hostile::Attack> all = hostile::attacks();
    all.insert(all.end(), hostile::councilAttacks().begin(), hostile::councilAttacks().end());
    all.insert(all.end(), hostile::lies().begin(), hostile::lies().end());
    std::uint64_t seed = 100;
    for (const hostile::Attack &attack : all) {
        Duel duel(++seed);
        hostile::Pen pen(duel.malory(duel.group.key));
        const hostile::Plan plan = hostile::planOf(attack.verb, pen, duel.random, malory::kWall);
        for (const auto *frames : {&plan.frames, &plan.others})
            for (const hostile::Frame &frame : *frames)
                duel.victim.frame(frame, pen);
        const std::string by = "attack " + std::string(attack.verb);
        m_seen.everything(duel.victim.engine(), by);
        for (const Code code : duel.victim.cuts())
            m_seen.cut(code, by);
    }
}

void CodesTest::wrongKeys()
{
    Duel duel(7);
    const auto other = keys::WorkspaceKey::generate(duel.random);
    hostile::Pen pen(duel.malory(other));
    duel.victim.frame(hostile::changesFrame({pen.draft(pen.typing("x"), malory::kWall)}), pen);
    m_seen.everything(duel.victim.engine(), "a change under a key that was never decided");
}

void CodesTest::withoutAPen()
{
    testing::HostileSeat s;
    const identity::Configuration before = s.configuration();
    decideReader(s);
    QCOMPARE(s.configuration().epoch, Epoch(1));
    hostile::Pen pen({before, s.scheme, s.group.device(testing::kMalory),
                      DeviceIndex(static_cast<std::uint16_t>(testing::kMalory)), s.group.key()});
    hostile::Record late = pen.draft(pen.typing("late"), malory::kWall);
    const auto frame = [&](const hostile::Record &record) {
        const hostile::Frame it = hostile::changesFrame({record});
        s.group.step(0,
                     engine::FrameIn{s.group.sessionWith(0, testing::kMalory), it.kind, it.body});
    };
    frame(late);
    m_seen.everything(s.group.at(0), "a change after its device lost its pen");
    late.header.epoch = Epoch(1);
    frame(pen.resigned(late));
    m_seen.everything(s.group.at(0), "a change in an epoch in which its device only reads");
    s.group.submit(testing::kMalory, api::CreateDocument{1, "no", "words"});
    m_seen.trouble(s.group.takeEvents(testing::kMalory), "a reader who writes");
}

void CodesTest::wishesAndValues()
{
    testing::HostileSeat s;
    api::Wish wish;
    wish.kind = api::Wish::Kind::Fence;
    s.group.submit(0, api::Propose{1, wish});
    for (const api::Event &event : s.group.takeEvents(0))
        if (const auto *answered = std::get_if<api::ProposalAnswered>(&event))
            if (answered->refused)
                m_seen.code(*answered->refused, "a wish that only a proof can make");

    test::Assembly assembly(4);
    test::Seat ann(assembly, 0);
    const consensus::Proposal policy = assembly.ask(0, consensus::SetPolicy{{.text = "Be kind."}});
    ann.take(policy);
    ann.approve(policy, assembly.seats());
    for (std::size_t seat = 0; seat < assembly.quorum(); ++seat)
        ann.take(assembly.close(seat, test::frontierAt({test::headAt(0, 5)})));
    consensus::Value value = *ann.build().value;
    value.stateRoot = testing::named(1);
    m_seen.code(ann.judge(value).code, "a state root that nobody asked for");
    value.stateRoot.reset();
    value.keyOffer = testing::named(1);
    m_seen.code(ann.judge(value).code, "a key that nobody asked for");
}

void CodesTest::twoDecisions()
{
    testing::HostileSeat s;
    s.decideNewKey();
    s.tell(0, gossip::Decisions{{s.rival(s.lastDecision(), 5, 3).encode()}});
    m_seen.everything(s.group.at(0), "two decisions of one epoch");
    m_seen.trouble(s.group.takeEvents(0), "two decisions of one epoch");
}

void CodesTest::strangersOnTheLine()
{
    Host host(50);
    Host stranger(51);
    QVERIFY(host.mesh && stranger.mesh);
    net::WorkspaceTag tag;
    tag.members.push_back(host.device.publicKey());
    host.mesh->setWorkspaces({tag});
    stranger.mesh->dial({"127.0.0.1", host.mesh->port()}, host.device.publicKey(),
                        net::Dialler::Persistence::Once, true);
    std::unique_lock lock(host.mutex);
    QVERIFY(host.changed.wait_for(lock, 30s, [&] { return !host.codes.empty(); }));
    m_seen.code(host.codes.front(), "a stranger who dials");
}

void CodesTest::disks()
{
    using Fault = store::StoreError::Kind;
    for (const Fault fault : {Fault::Full, Fault::ReadOnly, Fault::Failed}) {
        testing::SmallGroup group(1);
        group.subscribe(0);
        group.step(0, engine::PersistFailed{engine::PersistToken(1), {fault, "text.db"}});
        group.run(1s);
        m_seen.trouble(group.takeEvents(0), "a disk that refuses");
    }
    testing::SmallGroup group(1);
    SeededRandom random(3);
    const identity::Ed25519 scheme;
    app::StoreThread storage([](const app::StoreThread::Outcome &) {});
    const auto slot = std::make_shared<app::WorkspaceSlot>();
    std::vector<api::Event> events;
    const auto ticket = slot->set([&events](std::vector<api::Event> news) {
        events.insert(events.end(), news.begin(), news.end());
    });
    store::StoredWorkspace stored;
    stored.repairs.emplace_back("The text was damaged and set aside.");
    MarkOfALaterStart place;
    app::WorkspaceHost host(
        engine::Engine({group.genesis(), group.device(0).clone(), group.key().clone(), scheme,
                        random, engine::BootGuard::On}),
        stored, storage, nullptr, place, slot, group.now());
    host.subscribe(ticket, group.now());
    m_seen.trouble(events, "a store that was repaired");
}

void CodesTest::texts()
{
    testing::SmallGroup group(1);
    group.subscribe(0);
    group.submit(0, api::CreateDocument{1, "t", "\xFF"});
    m_seen.trouble(group.takeEvents(0), "bytes that are no text");
    group.submit(0, api::CreateDocument{2, "t", std::string(std::size_t{64} << 20U, 'a')});
    m_seen.trouble(group.takeEvents(0), "a text beyond all lengths");
}

void CodesTest::ownChain()
{
    testing::SmallGroup group(2);
    group.submit(1, api::CreateDocument{1, "t", "theirs"});
    group.run(2s);
    const DocIndex doc = group.at(1).snapshot().documents.front().doc;
    group.submit(0, api::RenameDocument{doc, "mine"});
    group.run(2s);
    group.cut(0, 1);
    const auto stored = group.disk(0).load();
    QVERIFY(stored.has_value());
    const store::Rows rows(stored->journal.begin(), stored->journal.end());
    group.disk(0) = store::MemoryStore();
    QVERIFY(group.disk(0).commit(rows, store::Sync::Full).has_value());
    group.restart(0);
    group.subscribe(0);
    group.submit(0, api::CreateDocument{1, "new", "words"});
    m_seen.trouble(group.takeEvents(0), "a text that was lost, with the journal left");

    testing::SmallGroup copied(4);
    copied.subscribe(3);
    copied.proveFork(3, 0);
    copied.run(2s);
    m_seen.trouble(copied.takeEvents(3), "a proof against this device");
}

void CodesTest::careKeys()
{
    testing::SmallGroup group(1);
    group.run(2s);
    for (const auto kind : {api::Wish::Kind::TurnKey, api::Wish::Kind::SetPolicy}) {
        api::Wish wish;
        wish.kind = kind;
        wish.text = kind == api::Wish::Kind::SetPolicy ? "Be kind." : "";
        group.submit(0, api::Propose{1, wish});
    }
    group.run(10s);
    QCOMPARE(group.at(0).configuration().epoch, Epoch(1));
    auto folder = group.folder(0);
    std::erase_if(folder.meta, [](const auto &row) { return row.key.starts_with("care."); });
    group.startFrom(0, folder);
    group.subscribe(0);
    m_seen.trouble(group.takeEvents(0), "a folder without the secret of its care key");
}

void CodesTest::attachments()
{
    testing::BlobsRoom room(2);
    room.filter = testing::lying(0);
    static_cast<void>(room.attach(0, testing::randomBytes(70'000, 1)));
    room.group.run(Millis(3000));
    m_seen.everything(room.group.at(1), "a piece of a file with one bit altered");
}

void CodesTest::cleanupTestCase()
{
    bool isWhole = true;
    for (int number = 0; number < 256; ++number) {
        if (const auto code = codeFromNumber(static_cast<std::uint8_t>(number)))
            isWhole = m_seen.print("code", codeName(*code)) && isWhole;
    }
    for (int number = 0; number < 256; ++number) {
        const auto name = nameOf(static_cast<Kind>(number));
        if (!name.empty())
            isWhole = m_seen.print("trouble", name) && isWhole;
    }
    // Those that end a session; a proof or a delay never does.
    for (const Code code : {Code::E_SIG, Code::E_PAYLOAD_HASH, Code::E_NOT_MEMBER, Code::E_LAMPORT,
                            Code::E_STRUCT, Code::E_OP_TARGET, Code::E_BOUNDS, Code::E_CANON})
        isWhole = m_seen.print("cut", codeName(code)) && isWhole;
    std::fflush(stdout);
    QVERIFY2(isWhole, "a line says NOTHING: it is dead, or its scene is missing");
}

QTEST_GUILESS_MAIN(CodesTest)
#include "codes_test.moc"
