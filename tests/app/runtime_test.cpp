#include "tests/app/runtime_fixture.h"

using namespace nlbd;
using namespace nlbd::app;
using nlbd::app::testing::isAgreed;
using nlbd::app::testing::Member;
using nlbd::app::testing::Neighbours;

class RuntimeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_people.begin();
        m_isOverMesh = false;
    }
    void cleanup() { m_people.end(); }

    void aloneEverythingStays();
    void whatSomebodyWroteIsTakenBack();
    void twoFoundTypeAndAgree();
    void whoWroteWhatIsSaidWhileSomebodyTypes();
    void fourMeetThroughOneAndAgree_data();
    void fourMeetThroughOneAndAgree();
    void aClockThatIsOffIsTold();
    void floodsAreCounted();
    void theTwentyFirstTroubleIsToldAsWell();
    void anAddressWhereNobodyIsIsTold();
    void whatWasTypedApartMeets();
    void aDeclinedFoundingLeavesNothing();
    void anInvitationIsGoodForOneUse();
    void uselessInvitationsAreTold_data();
    void uselessInvitationsAreTold();
    void badAddressesAndNamesAreTold();
    void aViewSeesWhatOthersWrite();
    void aDamagedJournalKeepsTheWorkspaceClosed();
    void aRepairedTextIsSaid();
    void recordedWritersEndInTheKnownText();

private:
    Member &add(const std::string &name)
    {
        using Through = Neighbours::Through;
        return m_people.add(name, m_isOverMesh ? Through::Mesh : Through::Memory);
    }
    void foundTogether();
    /// What everybody sees, for a test that fails.
    [[nodiscard]] std::string everyStatus()
    {
        std::string result;
        for (auto &member : m_people.members())
            result += member->say("status").value("workspaces", nlohmann::json()).dump() + "\n";
        return result;
    }

    bool m_isOverMesh = false;
    Neighbours m_people;
};

/// All members found "Garden", the first of them asking.
void RuntimeTest::foundTogether()
{
    std::string cards;
    for (std::size_t i = 1; i < m_people.size(); ++i)
        cards += m_people[i].say("card")["card"].get<std::string>() + " ";
    const auto asked = m_people[0].say("found", {{"name", "Garden"}, {"with", cards}});
    QVERIFY2(asked.value("ok", false), asked.dump().c_str());
    for (std::size_t i = 1; i < m_people.size(); ++i) {
        QVERIFY(m_people[i].waitFor([](Loop &loop) { return !loop.foundings().empty(); }));
        QVERIFY(m_people[i].say("accept").value("ok", false));
    }
    for (auto &member : m_people.members())
        QVERIFY(member->waitFor([](Loop &loop) { return loop.hosts().size() == 1; }));
}

void RuntimeTest::aloneEverythingStays()
{
    Member &anna = add("Anna");
    QVERIFY(anna.say("found", {{"name", "Notes"}}).value("founded", false));
    QVERIFY(anna.say("new", {{"title", "Plan"}}).value("ok", false));
    QVERIFY(anna.say("edit", {{"document", "Plan"}, {"append", "Hello wörld"}}).value("ok", false));
    QVERIFY(anna.say("edit", {{"document", "Plan"}, {"at", "5"}, {"remove", "6"}, {"insert", "!"}})
                .value("ok", false));
    anna.stop();
    anna.start();
    QVERIFY(anna.waitFor(isAgreed));
    QCOMPARE(anna.text("Plan"), std::string("Hello!"));
    QVERIFY(anna.say("verify").value("ok", false));
    QVERIFY(
        !anna.say("edit", {{"document", "Plan"}, {"at", "99"}, {"insert", "x"}}).value("ok", true));
    QCOMPARE(anna.lastExit, Exit::Failed);
    (void)anna.say("show", {{"document", "Nothing"}});
    QCOMPARE(anna.lastExit, Exit::NotFound);
}

void RuntimeTest::whatSomebodyWroteIsTakenBack()
{
    Member &anna = add("Anna");
    QVERIFY(anna.say("found", {{"name", "Notes"}}).value("founded", false));
    QVERIFY(anna.say("new", {{"title", "Plan"}}).value("ok", false));
    for (const char *word : {"one", " two", " three"})
        QVERIFY(anna.say("edit", {{"document", "Plan"}, {"append", word}}).value("ok", false));
    for (const char *since : {"", "0", "-1", "x", "3x"}) {
        (void)anna.say("take-back", {{"whom", "Anna"}, {"since", since}});
        QCOMPARE(anna.lastExit, Exit::Usage);
    }
    (void)anna.say("take-back", {{"whom", "Ben"}});
    QCOMPARE(anna.lastExit, Exit::NotFound);
    QCOMPARE(anna.text("Plan"), std::string("one two three"));
    QVERIFY(anna.say("take-back", {{"whom", "Anna"}, {"since", "3"}})["changes"] > 0);
    QCOMPARE(anna.text("Plan"), std::string("one"));
    QVERIFY(anna.say("take-back", {{"whom", "Anna"}, {"since", "60"}})["changes"] == 0);
    QVERIFY(anna.say("rejected").value("ok", false));
}

void RuntimeTest::twoFoundTypeAndAgree()
{
    Member &anna = add("Anna");
    Member &ben = add("Ben");
    foundTogether();
    QVERIFY(anna.say("new", {{"title", "Plan"}}).value("ok", false));
    QVERIFY(anna.say("edit", {{"document", "Plan"}, {"append", "one "}}).value("ok", false));
    QVERIFY(ben.waitFor([](Loop &loop) {
        const auto &engine = loop.hosts().begin()->second->engine();
        const auto doc = engine.findDocument("Plan");
        return doc && engine.text(*doc) == "one ";
    }));
    QVERIFY(ben.say("edit", {{"document", "Plan"}, {"append", "two"}}).value("ok", false));
    for (Member *member : {&anna, &ben}) {
        QVERIFY(member->waitFor([](Loop &loop) {
            const auto &engine = loop.hosts().begin()->second->engine();
            return engine.text(*engine.findDocument("Plan")) == "one two";
        }));
        QVERIFY(member->waitFor(isAgreed));
    }
    QCOMPARE(anna.say("blame", {{"document", "Plan"}})["author"].get<std::string>(),
             std::string("Anna"));
}

void RuntimeTest::whoWroteWhatIsSaidWhileSomebodyTypes()
{
    Member &anna = add("Anna");
    QVERIFY(anna.say("found", {{"name", "Notes"}}).value("founded", false));
    QVERIFY(anna.say("new", {{"title", "Plan"}}).value("ok", false));
    QVERIFY(anna.waitFor([](Loop &loop) {
        const WorkspaceHost &host = *loop.hosts().begin()->second;
        const DocIndex doc = host.engine().findDocument("Plan").value();
        loop.step(host.id(), api::Command{api::OpenDocument{doc, 1}});
        // The second key comes within the pause, and so waits in an open change.
        for (std::uint64_t serial = 1; serial <= 2; ++serial)
            loop.step(host.id(), api::Command{api::EditText{doc, 1, 0, serial, {{0, 0, "a"}}}});
        const auto runs = host.engine().blame(doc);
        return !runs.empty() && runs.front().change == host.engine().graph().nextHandle();
    }));
    QCOMPARE(anna.say("blame", {{"document", "Plan"}})["author"].get<std::string>(),
             std::string("Anna"));
}

void RuntimeTest::fourMeetThroughOneAndAgree_data()
{
    QTest::addColumn<bool>("isOverMesh");
    QTest::newRow("in memory") << false;
    QTest::newRow("over sockets") << true;
}

void RuntimeTest::fourMeetThroughOneAndAgree()
{
    QFETCH(bool, isOverMesh);
    m_isOverMesh = isOverMesh;
    for (const char *name : {"Anna", "Ben", "Cleo", "Dana"})
        add(name);
    foundTogether();
    for (auto &member : m_people.members()) // everybody with everybody, not only with who asked
        QVERIFY2(member->waitFor(
                     [](Loop &loop) { return loop.hosts().begin()->second->peers().size() == 3; }),
                 everyStatus().c_str());
    for (auto &member : m_people.members())
        QVERIFY(member->waitFor([](Loop &loop) { return loop.foundings().empty(); }));
    for (auto &member : m_people.members())
        QVERIFY(member->say("import", {{"title", member->folder().filename()}, {"text", "my page"}})
                    .value("ok", false));
    std::set<std::string> frontiers;
    for (auto &member : m_people.members()) {
        const bool isWhole = member->waitFor([](Loop &loop) {
            return loop.hosts().begin()->second->engine().snapshot().documents.size() == 4
                && isAgreed(loop);
        });
        QVERIFY2(isWhole, everyStatus().c_str());
        frontiers.insert(member->say("status")["workspaces"][0]["frontier"].get<std::string>());
        QVERIFY(std::filesystem::is_empty(member->folder() / "foundings"));
    }
    QCOMPARE(frontiers.size(), std::size_t{1});
}

void RuntimeTest::whatWasTypedApartMeets()
{
    Member &anna = add("Anna");
    Member &ben = add("Ben");
    foundTogether();
    QVERIFY(anna.say("import", {{"title", "Plan"}, {"text", "middle"}}).value("ok", false));
    QVERIFY(ben.waitFor(isAgreed));
    m_people.hub().cutOff(ben.device(), true);
    QVERIFY(anna.say("edit", {{"document", "Plan"}, {"append", " end"}}).value("ok", false));
    QVERIFY(ben.say("edit", {{"document", "Plan"}, {"insert", "start "}}).value("ok", false));
    QCOMPARE(anna.text("Plan"), std::string("middle end"));
    ben.stop(); // and even a restart in between changes nothing
    ben.start();
    QVERIFY(ben.waitFor([](Loop &loop) { return !loop.hosts().empty(); }));
    QCOMPARE(ben.text("Plan"), std::string("start middle"));
    m_people.hub().cutOff(ben.device(), false);
    for (Member *member : {&anna, &ben}) {
        QVERIFY(member->waitFor([](Loop &loop) {
            const auto &engine = loop.hosts().begin()->second->engine();
            return engine.text(*engine.findDocument("Plan")) == "start middle end"
                && isAgreed(loop);
        }));
    }
}

void RuntimeTest::aDeclinedFoundingLeavesNothing()
{
    Member &anna = add("Anna");
    Member &ben = add("Ben");
    const std::string card = ben.say("card")["card"];
    QVERIFY(anna.say("found", {{"name", "Garden"}, {"with", card}}).value("ok", false));
    QVERIFY(ben.waitFor([](Loop &loop) { return !loop.foundings().empty(); }));
    QVERIFY(ben.say("decline").value("ok", false));
    for (Member *member : {&anna, &ben}) {
        QVERIFY(member->waitFor([](Loop &loop) { return loop.foundings().empty(); }));
        QVERIFY(member->say("status")["workspaces"].empty());
    }
}

void RuntimeTest::anInvitationIsGoodForOneUse()
{
    Member &anna = add("Anna");
    Member &ben = add("Ben");
    Member &cleo = add("Cleo");
    const std::string invitation = anna.say("invite")["invitation"];
    QCOMPARE(ben.say("join", {{"invitation", invitation}})["name"].get<std::string>(),
             std::string("Anna"));
    QVERIFY(anna.waitFor([](Loop &loop) { return loop.neighbours().size() == 1; }));
    const auto second = cleo.say("join", {{"invitation", invitation}});
    QCOMPARE(cleo.lastExit, Exit::Failed);
    QVERIFY(second["error"].get<std::string>().contains("used before"));
    anna.stop(); // used stays used
    anna.start();
    QVERIFY(anna.waitFor([](Loop &loop) { return loop.port() != 0; }));
    QVERIFY(cleo.say("join", {{"invitation", invitation}})["error"].get<std::string>().contains(
        "used before"));
}

void RuntimeTest::uselessInvitationsAreTold_data()
{
    QTest::addColumn<int>("how");
    QTest::addColumn<QString>("word");
    QTest::newRow("cut short") << 0 << QStringLiteral("Copy the whole line");
    QTest::newRow("something else") << 1 << QStringLiteral("not a usable invitation");
    QTest::newRow("old") << 2 << QStringLiteral("too old");
    QTest::newRow("nobody there") << 3 << QStringLiteral("Nobody answered");
}

void RuntimeTest::uselessInvitationsAreTold()
{
    QFETCH(int, how);
    QFETCH(QString, word);
    Member &anna = add("Anna");
    Member &ben = add("Ben");
    std::string text = anna.say("invite")["invitation"];
    if (how == 0)
        text.resize(text.size() / 2);
    else if (how == 1)
        text = "https://example.org/join";
    else if (how == 2) {
        auto invitation = *identity::readInvitation(text, identity::Ed25519{});
        invitation.expires = WallTime(Millis(1'600'000'000'000));
        text = anna.runtime().ask<std::string>(
            [&](Loop &loop) {
                return signInvitation(identity::Ed25519{}, loop.profile().self()->device,
                                      invitation)
                    .text();
            },
            "");
    } else {
        anna.stop();
    }
    const auto reply = ben.say("join", {{"invitation", text}});
    QVERIFY2(reply["error"].get<std::string>().contains(word.toStdString()), reply.dump().c_str());
    QVERIFY(ben.lastExit != Exit::Ok);
    if (how == 3)
        anna.start();
}

void RuntimeTest::badAddressesAndNamesAreTold()
{
    Member &anna = add("Anna");
    anna.runtime().lobby().submit(api::ConnectTo{"no such:place:at all"});
    QVERIFY(anna.waitFor([](Loop &loop) {
        return !loop.troubles().empty()
            && loop.troubles().back().kind == api::LobbyTrouble::Kind::BadAddress;
    }));
    QVERIFY(anna.say("found", {{"name", " "}})["error"].get<std::string>().contains(
        "cannot be used as a name"));
    QVERIFY(
        anna.say("init", {{"name", "A\u202Enna"}})["error"].get<std::string>().contains("name"));
    QVERIFY(anna.say("found", {{"name", "G"}, {"with", "nlbd:card/AAAA"}})["error"]
                .get<std::string>()
                .contains("no card"));
}

void RuntimeTest::aClockThatIsOffIsTold()
{
    Member &anna = add("Anna");
    QVERIFY(anna.waitFor([](Loop &loop) { return loop.port() != 0; }));
    for (int i = 0; i < 3; ++i) // once is enough
        m_people.hub().report(anna.device(),
                              net::ClockOff{PeerId(1), PublicKey{{std::byte{1}}}, Millis{720'000}});
    QVERIFY(anna.waitFor([](Loop &loop) { return !loop.troubles().empty(); }));
    const auto status = anna.say("status");
    QCOMPARE(status["troubles"].size(), std::size_t{1});
    QVERIFY(status["troubles"][0].get<std::string>().contains("differ by 12 minutes"));
}

void RuntimeTest::floodsAreCounted()
{
    Member &anna = add("Anna");
    QVERIFY(anna.waitFor([](Loop &loop) { return loop.port() != 0; }));
    m_people.hub().report(anna.device(), net::Refused{Code::E_RATE, "10.0.0.1", 7});
    m_people.hub().report(anna.device(), net::Refused{Code::E_ZAP, "10.0.0.2", 1});
    m_people.hub().report(anna.device(), net::Refused{Code::E_RATE, "10.0.0.1", 3});
    QVERIFY(anna.waitFor([](Loop &loop) { return loop.refusedByMesh().size() == 2; }));
    QVERIFY(anna.waitFor([](Loop &loop) { return loop.refusedByMesh().at(Code::E_RATE) == 10; }));
    QCOMPARE(anna.say("status")["refusedByMesh"]["E_ZAP"].get<int>(), 1);
    QVERIFY(anna.say("status")["troubles"].empty()); // so few are nobody's worry
    for (int i = 0; i < 3; ++i)
        m_people.hub().report(anna.device(), net::Refused{Code::E_RATE, "10.0.0.3", 5000});
    QVERIFY(anna.waitFor([](Loop &loop) { return !loop.troubles().empty(); }));
    QVERIFY(
        anna.waitFor([](Loop &loop) { return loop.refusedByMesh().at(Code::E_RATE) == 15010; }));
    QCOMPARE(anna.say("status")["troubles"].size(), std::size_t{1}); // once an hour
    QVERIFY(anna.say("status")["troubles"][0].get<std::string>().contains("10.0.0.3"));
}

// The list of troubles is short; a verb must hear of its own, however many there were before.
void RuntimeTest::theTwentyFirstTroubleIsToldAsWell()
{
    Member &anna = add("Anna");
    for (int i = 0; i < 30; ++i)
        QCOMPARE(anna.say("init", {{"name", " "}}).value("ok", true), false);
    QCOMPARE(anna.lastExit, Exit::Usage);
    QVERIFY(
        anna.say("join", {{"invitation", "nlbd:join/AAAA"}})["error"].get<std::string>().contains(
            "not complete"));
}

void RuntimeTest::anAddressWhereNobodyIsIsTold()
{
    Member &anna = add("Anna");
    QVERIFY(anna.waitFor([](Loop &loop) { return loop.port() != 0; }));
    m_people.hub().report(anna.device(), net::AskFailed{{"192.168.1.9", 47474}});
    QVERIFY(anna.waitFor([](Loop &loop) { return !loop.troubles().empty(); }));
    QVERIFY(anna.say("status")["troubles"][0].get<std::string>().contains(
        "Nobody answered at 192.168.1.9:47474"));
}

void RuntimeTest::aViewSeesWhatOthersWrite()
{
    Member &anna = add("Anna");
    Member &ben = add("Ben");
    foundTogether();
    QVERIFY(anna.say("import", {{"title", "Plan"}, {"text", "hello"}}).value("ok", false));
    QVERIFY(ben.waitFor(isAgreed));

    Mailbox<api::LobbyEvent> lobbyEvents(1000);
    Mailbox<api::Event> events(1000);
    ben.runtime().lobby().subscribe([&](std::vector<api::LobbyEvent> batch) {
        for (api::LobbyEvent &event : batch)
            lobbyEvents.post(std::move(event));
    });
    std::shared_ptr<api::Workspace> workspace;
    while (!workspace)
        for (const api::LobbyEvent &event : lobbyEvents.takeAll(Millis{20'000})) {
            if (const auto *known = std::get_if<api::WorkspacesChanged>(&event);
                known && !known->workspaces.empty())
                ben.runtime().lobby().submit(api::OpenWorkspace{known->workspaces.front().id});
            if (const auto *opened = std::get_if<api::WorkspaceOpened>(&event))
                workspace = opened->workspace;
        }
    workspace->subscribe([&](std::vector<api::Event> batch) {
        for (api::Event &event : batch)
            events.post(std::move(event));
    });
    std::string text;
    bool isOpen = false;
    QElapsedTimer timer;
    timer.start();
    while (text != "hello you" && timer.elapsed() < 20'000)
        for (const api::Event &event : events.takeAll(Millis{1000})) {
            if (const auto *list = std::get_if<api::DocumentsChanged>(&event);
                list && !list->documents.empty() && !isOpen) {
                workspace->submit(api::OpenDocument{list->documents.front().doc, 1});
                isOpen = true;
            } else if (const auto *opened = std::get_if<api::DocumentOpened>(&event)) {
                text = opened->text;
                QVERIFY(anna.say("edit", {{"document", "Plan"}, {"append", " you"}})
                            .value("ok", false));
            } else if (const auto *patched = std::get_if<api::TextPatched>(&event)) {
                applyTo(text, patched->patches);
            }
        }
    QCOMPARE(text, std::string("hello you"));
    workspace->subscribe({});
    ben.runtime().lobby().subscribe({});
}

void RuntimeTest::aDamagedJournalKeepsTheWorkspaceClosed()
{
    Member &anna = add("Anna");
    QVERIFY(anna.say("found", {{"name", "Notes"}}).value("founded", false));
    const std::string id = anna.say("status")["workspaces"][0]["id"];
    anna.stop();
    const auto journal = anna.folder() / "workspaces" / id / "journal.db";
    std::filesystem::resize_file(journal, 0);
    anna.start();
    QVERIFY(anna.waitFor([](Loop &loop) { return !loop.troubles().empty(); }));
    const auto reply = anna.say("show", {{"document", "Plan"}});
    QCOMPARE(anna.lastExit, Exit::Disk);
    QVERIFY(reply["error"].get<std::string>().contains("stays closed"));
}

void RuntimeTest::aRepairedTextIsSaid()
{
    Member &anna = add("Anna");
    QVERIFY(anna.say("found", {{"name", "Notes"}}).value("founded", false));
    QVERIFY(anna.say("import", {{"title", "Plan"}, {"text", "kept in the journal"}})
                .value("ok", false));
    const std::string id = anna.say("status")["workspaces"][0]["id"];
    anna.stop();
    std::filesystem::resize_file(anna.folder() / "workspaces" / id / "text.db", 100);
    anna.start();
    QVERIFY(anna.waitFor([](Loop &loop) { return !loop.hosts().empty(); }));
    QCOMPARE(anna.text("Plan"),
             std::string("kept in the journal")); // what I signed is in the journal too
    const auto reply = anna.say("verify");
    QCOMPARE(anna.lastExit, Exit::Failed);
    QVERIFY(reply["say"].get<std::string>().contains("set aside"));
}

void RuntimeTest::recordedWritersEndInTheKnownText()
{
    Member &anna = add("Anna");
    Member &ben = add("Ben");
    foundTogether();
    // Two agents, two forks: both write from the start, then each sees the other.
    Trace trace;
    trace.agentCount = 2;
    trace.transactions = {{{}, 0, {{0, 0, "Hello"}}},
                          {{0}, 0, {{5, 0, " world"}}},
                          {{0}, 1, {{0, 0, ">> "}}},
                          {{1, 2}, 1, {{14, 0, "!"}}},
                          {{3}, 0, {{3, 5, "Goodbye"}}}};
    trace.endContent = ">> Goodbye world!";
    ReplayOptions options{"Garden", "Replay", 0, {"Anna", "Ben"}, Millis{30'000}};
    VerbReply first;
    std::thread other(
        [&] { first = replay(anna.runtime(), trace, options, [] { return false; }); });
    ReplayOptions mine = options;
    mine.agent = 1;
    const VerbReply second = replay(ben.runtime(), trace, mine, [] { return false; });
    other.join();
    QVERIFY2(first.exit == Exit::Ok, first.lines.front().c_str());
    QVERIFY2(second.exit == Exit::Ok, second.lines.front().c_str());
}

QTEST_APPLESS_MAIN(RuntimeTest)
#include "runtime_test.moc"
