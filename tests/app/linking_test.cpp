#include "app/linking.h"
#include "app/loop.h"
#include "tests/app/runtime_fixture.h"

using namespace nlbd;
using namespace nlbd::app;
using nlbd::app::testing::invitationOf;
using nlbd::app::testing::isAgreed;
using nlbd::app::testing::isInside;
using nlbd::app::testing::Member;
using nlbd::app::testing::Neighbours;
using Json = nlohmann::json;

/// A second computer of a person, program by program: linked by two lines, it writes as the person,
/// has no seat, and is given up without harm to the first.
class LinkingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_people.begin(); }
    void cleanup() { m_people.end(); }

    void linesAreReadWholeOrNotAtAll();
    void oneWritesFromTwoComputers();
    void aLineIsForOneComputer();
    void aCompanionSaysNothingForItsPerson();
    void aRestoredCompanionGoesOn();
    void theSeatGoesToAnotherComputer();
    void aWindowLinks();

private:
    /// Anna and Ben, with a text.
    void found()
    {
        Member &anna = m_people.host();
        Member &ben = m_people.add("Ben");
        QVERIFY(ben.say("join", {{"invitation", invitationOf(anna)}}).value("ok", false));
        QVERIFY(anna.waitFor([](Loop &loop) { return !loop.requests().empty(); }));
        (void)anna.say("propose", {{"what", "admit"}, {"argument", "Ben"}});
        QVERIFY(ben.waitFor(isInside));
    }
    /// A computer without a name becomes another one of Anna's.
    Member &link()
    {
        Member &laptop = m_people.add("");
        const std::string line = laptop.say("devices", {{"what", "link"}}).value("line", "");
        const std::string pass =
            m_people[0].say("devices", {{"what", "link"}, {"argument", line}}).value("pass", "");
        const Json linked = laptop.say("devices", {{"what", "link"}, {"argument", pass}});
        if (!linked.value("ok", false))
            qWarning() << linked.dump().c_str();
        return laptop;
    }

    Neighbours m_people;
};

void LinkingTest::linesAreReadWholeOrNotAtAll()
{
    SeededRandom random(1);
    const identity::Ed25519 scheme;
    const auto person = identity::SecretKey::generate(random);
    const auto device = identity::SecretKey::generate(random);
    const std::string line = deviceLine(device.publicKey());
    QVERIFY(readDeviceLine(line) == device.publicKey());
    QVERIFY(readDeviceLine(line.substr(0, 20) + " \n" + line.substr(20)) == device.publicKey());
    Pass pass{person.publicKey(),
              "Anna",
              device.publicKey(),
              certifyDevice(scheme, person, device.publicKey()),
              {}};
    const std::string text = passLine(pass);
    QVERIFY(readPass(text) == pass);
    for (std::size_t i = 0; i < text.size(); ++i) {
        QVERIFY(!readPass(text.substr(0, i)));
        std::string altered = text;
        altered[i] = altered[i] == 'A' ? 'B' : 'A';
        QVERIFY(altered == text || !readPass(altered) || readPass(altered) == pass);
    }
    for (std::size_t i = 0; i < line.size(); ++i)
        QVERIFY(!readDeviceLine(line.substr(0, i)));
    QVERIFY(!readPass(line) && !readDeviceLine(text));
    pass.certificate = certifyDevice(scheme, device, device.publicKey()); // of nobody
    QVERIFY(!readPass(passLine(pass)));
    QVERIFY(!readPass("nlbd:pass/" + std::string(1 << 20, 'A')));
}

void LinkingTest::oneWritesFromTwoComputers()
{
    found();
    Member &anna = m_people[0];
    Member &ben = m_people[1];
    Member &laptop = link();
    QVERIFY(laptop.waitFor(isInside)); // nobody had to vote
    QCOMPARE(laptop.text("Plan"), std::string("old "));
    QVERIFY(laptop.say("edit", {{"document", "Plan"}, {"append", "new"}}).value("ok", false));
    for (auto &member : m_people.members())
        QVERIFY(member->waitFor(isAgreed));
    QTRY_COMPARE(ben.text("Plan"), std::string("old new"));
    const VerbReply blame = perform(ben.runtime(), Request{"blame", {{"document", "Plan"}}});
    for (const std::string &run : blame.lines)
        QCOMPARE(Json::parse(run)["author"].get<std::string>(), std::string("Anna"));
    const auto seats = [](Loop &loop) {
        return loop.hosts().begin()->second->engine().configuration().seats.size();
    };
    QCOMPARE(ben.runtime().ask<std::size_t>(seats, 0), std::size_t(2));
    // It stays what it is after a start, and both go on when the other one is off.
    laptop.stop();
    laptop.start();
    anna.stop();
    QVERIFY(laptop.say("edit", {{"document", "Plan"}, {"append", "er"}}).value("ok", false));
    QTRY_COMPARE(ben.text("Plan"), std::string("old newer"));
    anna.start();
    QVERIFY(anna.waitFor(isAgreed));

    const std::string key = laptop.device().hex();
    QVERIFY(anna.say("devices", {{"what", "revoke"}, {"argument", key.substr(0, 12)}})
                .value("ok", false));
    const auto isGone = [key](Loop &loop) {
        const auto all = loop.hosts().begin()->second->engine().devices();
        return std::ranges::any_of(all, [&](const api::DeviceInfo &device) {
            return device.key.hex() == key && !device.mayRead;
        });
    };
    QVERIFY(ben.waitFor(isGone));
    QVERIFY(anna.waitFor(isGone));
    QVERIFY(laptop.waitFor(isGone)); // and is told so
    QVERIFY(anna.say("edit", {{"document", "Plan"}, {"append", "!"}}).value("ok", false));
    QTRY_COMPARE(ben.text("Plan"), std::string("old newer!"));
    QVERIFY(anna.waitFor(isAgreed));
    QCOMPARE(laptop.text("Plan"), std::string("old newer")); // it reads no further
}

void LinkingTest::aLineIsForOneComputer()
{
    found();
    Member &anna = m_people[0];
    Member &laptop = m_people.add("");
    Member &thief = m_people.add("");
    const std::string line = laptop.say("devices", {{"what", "link"}}).value("line", "");
    QCOMPARE(laptop.say("devices", {{"what", "link"}}).value("line", ""), line); // the same again
    const std::string pass =
        anna.say("devices", {{"what", "link"}, {"argument", line}}).value("pass", "");
    QVERIFY(!pass.empty());
    QVERIFY(!thief.say("devices", {{"what", "link"}, {"argument", pass}}).value("ok", true));
    QCOMPARE(thief.lastExit, Exit::Usage);
    QVERIFY(!thief.say("devices", {{"what", "link"}, {"argument", line}}).value("ok", true));
    // Who has a name is somebody else, and one's own computer is no second one.
    QVERIFY(!m_people[1].say("devices", {{"what", "link"}}).value("ok", true));
    QVERIFY(!m_people[1].say("devices", {{"what", "link"}, {"argument", pass}}).value("ok", true));
    const std::string own = deviceLine(anna.device());
    QVERIFY(!anna.say("devices", {{"what", "link"}, {"argument", own}}).value("ok", true));
    QVERIFY(laptop.say("devices", {{"what", "link"}, {"argument", pass}}).value("ok", false));
    QVERIFY(laptop.waitFor(isInside));
}

void LinkingTest::aCompanionSaysNothingForItsPerson()
{
    found();
    Member &laptop = link();
    QVERIFY(laptop.waitFor(isInside));
    const std::string file = (laptop.folder() / "identity").string();
    const std::string person = m_people[0].runtime().ask<std::string>(
        [](Loop &loop) {
            const auto seed = loop.profile().self()->identity->seed();
            return std::string(reinterpret_cast<const char *>(seed.view().data()), 32);
        },
        {});
    QFile stored(QString::fromStdString(file));
    QVERIFY(stored.open(QIODevice::ReadOnly));
    QVERIFY(!stored.readAll().contains(QByteArray::fromStdString(person)));
    Member &other = m_people.add("");
    const std::string line = other.say("devices", {{"what", "link"}}).value("line", "");
    for (const std::map<std::string, std::string> &wish :
         {std::map<std::string, std::string>{{"what", "link"}, {"argument", line}},
          std::map<std::string, std::string>{{"what", "renew"}},
          std::map<std::string, std::string>{
              {"what", "revoke"}, {"argument", m_people[0].device().hex().substr(0, 12)}}}) {
        (void)laptop.say("devices", wish);
        QCOMPARE(laptop.lastExit, Exit::Failed);
    }
    (void)laptop.say("found", {{"name", "Mine"}});
    QCOMPARE(laptop.lastExit, Exit::Failed);
    (void)laptop.say("propose", {{"what", "leave"}}); // moot: it has no seat
    QVERIFY(laptop.say("edit", {{"document", "Plan"}, {"append", "on"}}).value("ok", false));
    QTRY_COMPARE(m_people[1].text("Plan"), std::string("old on"));
    const auto standing = [](Loop &loop) {
        return loop.hosts().begin()->second->engine().configuration().members.front().standing;
    };
    QVERIFY(m_people[1].runtime().ask<identity::Standing>(standing, identity::Standing::Gone)
            == identity::Standing::Active);
}

void LinkingTest::aRestoredCompanionGoesOn()
{
    found();
    Member &anna = m_people[0];
    Member &laptop = link();
    QVERIFY(laptop.waitFor(isInside));
    laptop.stop();
    const auto copy = m_people.folder() / "backup";
    std::filesystem::copy(laptop.folder(), copy, std::filesystem::copy_options::recursive);
    laptop.start();
    QVERIFY(laptop.say("edit", {{"document", "Plan"}, {"append", "since"}}).value("ok", false));
    QTRY_COMPARE(m_people[1].text("Plan"), std::string("old since"));
    laptop.stop();
    std::filesystem::remove_all(laptop.folder());
    std::filesystem::rename(copy, laptop.folder());
    laptop.start();
    (void)laptop.say("edit", {{"document", "Plan"}, {"append", "!"}});
    QCOMPARE(laptop.lastExit, Exit::Failed);

    const Json renewed = laptop.say("devices", {{"what", "renew"}});
    QVERIFY2(renewed.value("ok", false), renewed.dump().c_str());
    const std::string line = renewed.value("line", "");
    QCOMPARE(laptop.say("devices", {{"what", "renew"}}).value("line", ""), line); // the same again
    const std::string old = laptop.device().hex();
    const std::string pass =
        anna.say("devices", {{"what", "link"}, {"argument", line}}).value("pass", "");
    QVERIFY(laptop.say("devices", {{"what", "link"}, {"argument", pass}}).value("ok", false));
    QVERIFY(laptop.waitFor([](Loop &loop) {
        return loop.hosts().begin()->second->engine().standing() == engine::Engine::Standing::Ready;
    }));
    QVERIFY(laptop.say("edit", {{"document", "Plan"}, {"append", "!"}}).value("ok", false));
    QTRY_COMPARE(m_people[1].text("Plan"), std::string("old since!"));
    // From its next start on it meets others by the new key, and the old one can go.
    laptop.stop();
    laptop.start();
    QVERIFY(laptop.device().hex() != old);
    (void)anna.say("devices", {{"what", "revoke"}, {"argument", old.substr(0, 12)}});
    QCOMPARE(anna.lastExit, Exit::Ok);
    const auto isRevoked = [&old](Loop &loop) {
        const auto all = loop.hosts().begin()->second->engine().devices();
        return std::ranges::any_of(all, [&old](const api::DeviceInfo &device) {
            return device.key.hex() == old && !device.mayRead;
        });
    };
    QVERIFY(laptop.waitFor(isRevoked));
    QVERIFY(laptop.say("edit", {{"document", "Plan"}, {"append", "?"}}).value("ok", false));
    QTRY_COMPARE(anna.text("Plan"), std::string("old since!?"));
}

void LinkingTest::theSeatGoesToAnotherComputer()
{
    found();
    Member &anna = m_people[0];
    Member &laptop = link();
    QVERIFY(laptop.waitFor(isInside));
    const std::string start = laptop.device().hex().substr(0, 12);
    const std::map<std::string, std::string> wish{{"what", "seat"}, {"argument", start}};
    (void)laptop.say("devices", wish); // it has not the key of its person
    QCOMPARE(laptop.lastExit, Exit::Failed);
    (void)anna.say("devices", wish); // she is told what it means
    QCOMPARE(anna.lastExit, Exit::Failed);
    (void)anna.say("devices", {{"what", "seat"}, {"argument", start}, {"anyway", "1"}});
    QCOMPARE(anna.lastExit, Exit::Ok);
    const auto votes = [](Loop &loop) {
        const auto &engine = loop.hosts().begin()->second->engine();
        return engine.configuration().device(engine.me())->hasSeat;
    };
    QVERIFY(laptop.waitFor(votes));
    QVERIFY(anna.waitFor([&votes](Loop &loop) { return !votes(loop); }));
    (void)anna.say("devices", {{"what", "seat"}, {"argument", start}, {"anyway", "1"}});
    QCOMPARE(anna.lastExit, Exit::Failed); // it votes already
    const std::string old = anna.device().hex().substr(0, 12);
    (void)anna.say("devices", {{"what", "seat"}, {"argument", old}});
    QCOMPARE(anna.lastExit, Exit::Failed); // its pen ended
    // Ben and the laptop decide now.
    (void)laptop.say("propose", {{"what", "key"}});
    QCOMPARE(laptop.lastExit, Exit::Ok);
    const std::string id = laptop.say("decisions").value("id", "");
    QVERIFY(m_people[1].waitFor([&id](Loop &loop) {
        const auto open = loop.hosts().begin()->second->engine().decisions().open;
        return !open.empty() && open.front().id.hex() == id;
    }));
    (void)m_people[1].say("vote", {{"proposal", id.substr(0, 12)}, {"answer", "yes"}});
    QVERIFY(laptop.waitFor([](Loop &loop) {
        return loop.hosts().begin()->second->engine().configuration().keyEpoch > KeyEpoch(0);
    }));
}

void LinkingTest::aWindowLinks()
{
    found();
    Member &laptop = m_people.add("");
    Mailbox<api::LobbyEvent> atAnna(1000);
    Mailbox<api::LobbyEvent> atLaptop(1000);
    const auto listen = [](Member &member, Mailbox<api::LobbyEvent> &box) {
        member.runtime().lobby().subscribe([&box](std::vector<api::LobbyEvent> batch) {
            for (api::LobbyEvent &event : batch)
                box.post(std::move(event));
        });
    };
    listen(m_people[0], atAnna);
    listen(laptop, atLaptop);
    std::string line;
    laptop.runtime().lobby().submit(api::ShowDevice{});
    while (line.empty())
        for (const api::LobbyEvent &event : atLaptop.takeAll(Millis{20'000}))
            if (const auto *shown = std::get_if<api::DeviceShown>(&event))
                line = shown->text;
    std::string pass;
    m_people[0].runtime().lobby().submit(api::LinkDevice{line});
    while (pass.empty())
        for (const api::LobbyEvent &event : atAnna.takeAll(Millis{20'000}))
            if (const auto *linked = std::get_if<api::DeviceLinked>(&event))
                pass = linked->pass;
    laptop.runtime().lobby().submit(api::UsePass{pass});
    bool isCompanion = false;
    bool isIn = false;
    while (!isCompanion || !isIn)
        for (const api::LobbyEvent &event : atLaptop.takeAll(Millis{20'000})) {
            if (const auto *profile = std::get_if<api::ProfileChanged>(&event))
                isCompanion = isCompanion || (profile->isCompanion && profile->name == "Anna");
            if (const auto *join = std::get_if<api::JoinChanged>(&event))
                isIn = isIn || join->join.state == api::JoinInfo::State::Inside;
        }
    QVERIFY(laptop.waitFor(isInside));
    // And gives it up again.
    const auto id = laptop.runtime().ask<WorkspaceId>(
        [](Loop &loop) { return loop.hosts().begin()->first; }, {});
    const auto device = laptop.runtime().ask<DeviceIndex>(
        [](Loop &loop) { return loop.hosts().begin()->second->engine().me(); }, {});
    m_people[0].runtime().lobby().submit(api::RevokeDevice{id, device});
    std::optional<api::DeviceAnswered> answered;
    while (!answered)
        for (const api::LobbyEvent &event : atAnna.takeAll(Millis{20'000}))
            if (const auto *said = std::get_if<api::DeviceAnswered>(&event))
                answered = *said;
    QVERIFY(answered->answer == api::DeviceAnswered::Answer::Asked);
    QVERIFY(m_people[1].waitFor([device](Loop &loop) {
        return !loop.hosts().begin()->second->engine().devices()[device.value].mayRead;
    }));
    m_people[0].runtime().lobby().subscribe({});
    laptop.runtime().lobby().subscribe({});
}

QTEST_GUILESS_MAIN(LinkingTest)
#include "linking_test.moc"
