#include "core/identity/invitation.h"
#include "tests/app/runtime_fixture.h"

using namespace nlbd;
using namespace nlbd::app;
using nlbd::app::testing::invitationOf;
using nlbd::app::testing::isAgreed;
using nlbd::app::testing::isInside;
using nlbd::app::testing::Member;
using nlbd::app::testing::Neighbours;
using Json = nlohmann::json;

/// People who are let into a workspace that is there, program by program.
class JoiningTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_people.begin(); }
    void cleanup() { m_people.end(); }

    void oneLetsAnotherIn();
    void bothSidesRestartAllTheTime();
    void whatIsRefusedIsSaid();
    void aWindowHearsOfIt();
    void aStoredEntranceThatIsDamagedStaysClosed();

private:
    Neighbours m_people;
};

namespace {

bool isAsked(Loop &loop)
{
    return !loop.requests().empty();
}

} // namespace

void JoiningTest::oneLetsAnotherIn()
{
    Member &anna = m_people.host();
    Member &ben = m_people.add("Ben");
    const Json joined = ben.say("join", {{"invitation", invitationOf(anna)}});
    QVERIFY2(joined.value("ok", false), joined.dump().c_str());
    QVERIFY(anna.waitFor(isAsked));
    QCOMPARE(anna.say("requests")["name"].get<std::string>(), std::string("Ben"));
    QVERIFY(!anna.say("propose", {{"what", "admit"}, {"argument", "Nobody"}}).value("ok", true));
    QVERIFY(anna.say("propose", {{"what", "admit"}, {"argument", "Ben"}}).value("ok", false));
    QVERIFY(ben.waitFor(isInside));
    QCOMPARE(ben.text("Plan"), std::string("old "));
    QVERIFY(ben.say("edit", {{"document", "Plan"}, {"append", "new"}}).value("ok", false));
    QVERIFY(ben.waitFor(isAgreed));
    QTRY_COMPARE(anna.text("Plan"), std::string("old new"));
    QVERIFY(anna.waitFor([](Loop &loop) { return loop.requests().empty(); }));
    // By the card alone, and led in by whoever came second: the newcomer still asks by invitation.
    Member &cleo = m_people.add("Cleo");
    const std::string card = cleo.say("card")["card"];
    const std::string id =
        ben.say("propose", {{"what", "admit"}, {"argument", card}}).value("id", "");
    QVERIFY(!id.empty());
    QVERIFY(anna.waitFor([](Loop &loop) {
        return !loop.hosts().begin()->second->engine().decisions().open.empty();
    }));
    QVERIFY(
        anna.say("vote", {{"proposal", id.substr(0, 10)}, {"answer", "yes"}}).value("ok", false));
    QVERIFY(ben.waitFor([](Loop &loop) {
        return loop.hosts().begin()->second->engine().configuration().seats.size() == 3;
    }));
    anna.stop(); // whom the founding record knows; Ben it does not
    QVERIFY(cleo.say("join", {{"invitation", invitationOf(ben)}}).value("ok", false));
    QTRY_COMPARE_WITH_TIMEOUT(cleo.text("Plan"), std::string("old new"), 20'000);
    anna.start();
    QVERIFY(cleo.waitFor(isInside));
    for (auto &member : m_people.members())
        QVERIFY(member->waitFor(isAgreed));
}

void JoiningTest::bothSidesRestartAllTheTime()
{
    Member &anna = m_people.host();
    Member &ben = m_people.add("Ben");
    const std::string invitation = invitationOf(anna);
    const auto restart = [](Member &member) {
        member.stop();
        member.start();
    };
    restart(anna);
    QVERIFY(ben.say("join", {{"invitation", invitation}}).value("ok", false));
    restart(ben);
    restart(anna);
    QVERIFY(anna.waitFor(isAsked)); // it asks again by itself
    restart(ben);
    QVERIFY(anna.waitFor(isAsked));
    QVERIFY(anna.say("propose", {{"what", "admit"}, {"argument", "Ben"}}).value("ok", false));
    for (int i = 0; i < 4; ++i) {
        restart(ben);
        restart(anna);
    }
    QVERIFY(ben.waitFor(isInside));
    QCOMPARE(ben.text("Plan"), std::string("old "));
    restart(ben);
    QCOMPARE(ben.text("Plan"), std::string("old "));
    QVERIFY(ben.say("edit", {{"document", "Plan"}, {"append", "new"}}).value("ok", false));
    QVERIFY(ben.waitFor(isAgreed));
    QVERIFY(ben.say("verify").value("ok", false));
}

void JoiningTest::whatIsRefusedIsSaid()
{
    Member &anna = m_people.host();
    Member &ben = m_people.add("Ben");
    Member &twin = m_people.add("anna");
    const std::string invitation = invitationOf(anna);
    Json said = twin.say("join", {{"invitation", invitation}});
    QVERIFY2(said["error"].get<std::string>().contains("looks like yours"), said.dump().c_str());
    QVERIFY(ben.say("join", {{"invitation", invitation}}).value("ok", false)); // still good
    said = twin.say("join", {{"invitation", invitation}});
    QVERIFY2(said["error"].get<std::string>().contains("used before"), said.dump().c_str());
    QVERIFY(twin.waitFor([](Loop &loop) { return loop.joins().empty(); }));
    // One that was made to meet lets nobody in, and the other way round.
    const std::string toMeet = anna.say("invite").value("invitation", "");
    auto forged = identity::readInvitation(toMeet, identity::Ed25519{});
    QVERIFY(forged && !forged->room);
    QCOMPARE(anna.say("requests").value("name", ""), std::string("Ben"));
    const std::string another = invitationOf(anna);
    const auto nobody = m_people.folder() / "nobody";
    Member unnamed(&m_people.hub(), nobody, "", 6000);
    (void)unnamed.say("join", {{"invitation", another}});
    QCOMPARE(unnamed.lastExit, Exit::NotFound);
    // Who is no member invites nobody.
    QVERIFY(!ben.say("invite", {{"workspace", "Garden"}}).value("ok", true));
    QCOMPARE(ben.lastExit, Exit::NotFound);
}

void JoiningTest::aWindowHearsOfIt()
{
    Member &anna = m_people.host();
    Member &ben = m_people.add("Ben");
    Mailbox<api::LobbyEvent> atAnna(1000);
    Mailbox<api::LobbyEvent> atBen(1000);
    const auto listen = [](Member &member, Mailbox<api::LobbyEvent> &box) {
        member.runtime().lobby().subscribe([&box](std::vector<api::LobbyEvent> batch) {
            for (api::LobbyEvent &event : batch)
                box.post(std::move(event));
        });
    };
    listen(anna, atAnna);
    listen(ben, atBen);
    const auto id =
        anna.runtime().ask<WorkspaceId>([](Loop &loop) { return loop.hosts().begin()->first; }, {});
    anna.runtime().lobby().submit(api::MakeInvitation{id});
    anna.runtime().lobby().submit(api::OpenWorkspace{id});
    std::shared_ptr<api::Workspace> workspace;
    std::string invitation;
    std::vector<api::JoinRequest> requests;
    const auto hear = [&] {
        for (const api::LobbyEvent &event : atAnna.takeAll(Millis{20'000})) {
            if (const auto *made = std::get_if<api::InvitationMade>(&event))
                invitation = made->text;
            if (const auto *opened = std::get_if<api::WorkspaceOpened>(&event))
                workspace = opened->workspace;
            if (const auto *asks = std::get_if<api::JoinRequestsChanged>(&event))
                requests = asks->requests;
        }
    };
    while (invitation.empty() || !workspace)
        hear();
    ben.runtime().lobby().submit(api::UseInvitation{invitation});
    while (requests.empty())
        hear();
    QCOMPARE(requests.front().name, std::string("Ben"));
    QCOMPARE(requests.front().workspace, id);
    api::Wish wish;
    wish.kind = api::Wish::Kind::Admit;
    wish.identity = requests.front().identity;
    wish.name = requests.front().name;
    wish.key = requests.front().device;
    wish.certificate = requests.front().certificate;
    workspace->submit(api::Propose{1, wish});
    while (!requests.empty())
        hear();
    std::vector<api::JoinInfo::State> states;
    while (states.empty() || states.back() != api::JoinInfo::State::Inside)
        for (const api::LobbyEvent &event : atBen.takeAll(Millis{20'000}))
            if (const auto *news = std::get_if<api::JoinChanged>(&event))
                states.push_back(news->join.state);
    QCOMPARE(states.front(), api::JoinInfo::State::Asking);
    QVERIFY(ben.waitFor(isInside));
    workspace.reset();
    anna.runtime().lobby().subscribe({});
    ben.runtime().lobby().subscribe({});
}

void JoiningTest::aStoredEntranceThatIsDamagedStaysClosed()
{
    Member &anna = m_people.host();
    Member &ben = m_people.add("Ben");
    QVERIFY(ben.say("join", {{"invitation", invitationOf(anna)}}).value("ok", false));
    QVERIFY(anna.waitFor(isAsked));
    QVERIFY(anna.say("propose", {{"what", "admit"}, {"argument", "Ben"}}).value("ok", false));
    QVERIFY(ben.waitFor(isInside));
    const std::string id = ben.say("status")["workspaces"][0]["id"];
    ben.stop();
    std::filesystem::resize_file(ben.folder() / "workspaces" / id / "journal.db", 0);
    ben.start();
    QVERIFY(ben.waitFor([](Loop &loop) { return !loop.closed().empty(); }));
    (void)ben.say("show", {{"document", "Plan"}});
    QCOMPARE(ben.lastExit, Exit::Disk);
}

QTEST_GUILESS_MAIN(JoiningTest)
#include "joining_test.moc"
