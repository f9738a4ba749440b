#include "app/loop.h"
#include "core/consensus/proposal.h"
#include "core/identity/recovery_words.h"
#include "tests/app/runtime_fixture.h"

using namespace nlbd;
using namespace nlbd::app;
using nlbd::app::testing::invitationOf;
using nlbd::app::testing::isAgreed;
using nlbd::app::testing::isInside;
using nlbd::app::testing::Member;
using nlbd::app::testing::Neighbours;
using Json = nlohmann::json;

namespace {

std::size_t seatsAt(Loop &loop)
{
    return loop.hosts().empty()
        ? 0
        : loop.hosts().begin()->second->engine().configuration().seats.size();
}

/// The device with that key may write here, or may not any more.
std::function<bool(Loop &)> writes(const PublicKey &key, bool mayWrite)
{
    return [key, mayWrite](Loop &loop) {
        const auto all = loop.hosts().begin()->second->engine().devices();
        return std::ranges::any_of(all, [&](const api::DeviceInfo &device) {
            return device.key == key && device.mayWrite == mayWrite;
        });
    };
}

std::uint64_t epochOf(Member &member)
{
    return member.runtime().ask<std::uint64_t>(
        [](Loop &loop) {
            return loop.hosts().begin()->second->engine().configuration().epoch.value;
        },
        0);
}

} // namespace

/// A person whose only computer is gone takes its seat back by twelve words, program by program.
class RecoveryTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_people.begin(); }
    void cleanup() { m_people.end(); }

    void wordsAreShownAndTried();
    void aLostComputerIsReplaced();
    void wordsOfAnotherMoveNothing();
    void whatAHostileDoorSaysMovesNothing();
    void aSecondTryIsHeard();
    void aCompanionTakesTheKey();
    void aWindowRestores();

private:
    /// Four people with a text; nobody but Anna made it.
    void found()
    {
        Member &anna = m_people.host();
        for (const char *name : {"Ben", "Cleo", "Dan"}) {
            Member &guest = m_people.add(name);
            QVERIFY(guest.say("join", {{"invitation", invitationOf(anna)}}).value("ok", false));
            QVERIFY(anna.waitFor([](Loop &loop) { return !loop.requests().empty(); }));
            const Json asked = anna.say("propose", {{"what", "admit"}, {"argument", name}});
            for (std::size_t i = 1; i + 1 < m_people.size(); ++i)
                vote(m_people[i], asked.value("id", ""), name);
            QVERIFY(guest.waitFor(isInside));
        }
        for (auto &member : m_people.members())
            QVERIFY(member->waitFor([](Loop &loop) { return seatsAt(loop) == 4; }));
    }
    /// As soon as it has heard of it, unless it was decided without it.
    static void vote(Member &member, const std::string &id, const std::string &name)
    {
        const auto isHeard = [&](Loop &loop) {
            const auto all = loop.hosts().begin()->second->engine().decisions();
            const auto admits = [&name](const api::Wish &wish) {
                return wish.kind == api::Wish::Kind::Admit && wish.name == name;
            };
            return std::ranges::any_of(
                       all.open,
                       [&id](const api::ProposalInfo &info) { return info.id.hex() == id; })
                || std::ranges::any_of(all.made, [&](const api::DecisionInfo &made) {
                       return std::ranges::any_of(made.wishes, admits);
                   });
        };
        if (member.waitFor(isHeard))
            (void)member.say("vote", {{"proposal", id}, {"answer", "yes"}, {"anyway", "1"}});
    }
    static std::string wordsOf(Member &member)
    {
        return member.say("recovery", {{"what", "show"}}).value("recovery", "");
    }
    /// A computer without a name becomes the person's by the words.
    Member &restore(const std::string &name, const std::string &words)
    {
        Member &fresh = m_people.add("");
        const Json done =
            fresh.say("recovery", {{"what", "restore"}, {"argument", name}, {"words", words}});
        if (!done.value("ok", false))
            qWarning() << done.dump().c_str();
        return fresh;
    }

    Neighbours m_people;
};

void RecoveryTest::wordsAreShownAndTried()
{
    Member &anna = m_people.add("Anna");
    Member &ben = m_people.add("Ben");
    const std::string words = wordsOf(anna);
    QCOMPARE(std::ranges::count(words, ' '), 11);
    const auto tried = [&](Member &who, const std::string &what) {
        return who.say("recovery", {{"what", "check"}, {"words", what}}).value("ok", false);
    };
    QVERIFY(tried(anna, words));
    QVERIFY(!tried(ben, words) && ben.lastExit == Exit::Failed);
    QVERIFY(!tried(anna, words + " x") && anna.lastExit == Exit::Usage);
    anna.stop();
    anna.start();
    QCOMPARE(wordsOf(anna), words);
    // Who is somebody already does not become another.
    const auto restored = [&](const std::string &what) {
        return ben.say("recovery", {{"what", "restore"}, {"argument", "Anna"}, {"words", what}});
    };
    QVERIFY(!restored(words).value("ok", false));
    QVERIFY(wordsOf(ben) != words);
    QVERIFY(restored(wordsOf(ben)).value("ok", false)); // is so already
    QCOMPARE(readCard(ben.say("card").value("card", ""))->person.name, std::string("Ben"));
    // An empty folder takes them, but no others.
    Member &fresh = m_people.add("");
    const auto refusal = [&](const std::string &name, const std::string &what) {
        return fresh.say("recovery", {{"what", "restore"}, {"argument", name}, {"words", what}})
            .value("error", "");
    };
    const std::string slip = "abxndon" + words.substr(words.find(' '));
    QVERIFY(refusal("Anna", slip).starts_with("Word 1, \"abxndon\", is not in the list of words."));
    QVERIFY(!refusal("", words).empty());
    QVERIFY(!refusal("Anna", words.substr(0, words.rfind(' '))).empty());
    QVERIFY(refusal("Anna", words).empty());
    QCOMPARE(wordsOf(fresh), words);
}

void RecoveryTest::aLostComputerIsReplaced()
{
    found();
    Member &ben = m_people[1];
    Member &eve = m_people[3];
    QVERIFY(eve.say("edit", {{"document", "Plan"}, {"append", "words"}}).value("ok", false));
    for (auto &member : m_people.members())
        QVERIFY(member->waitFor(isAgreed));
    const std::string words = wordsOf(eve);
    const PublicKey lost = eve.device();
    eve.stop(); // for ever, as far as the others know

    Member &fresh = restore("Dan", words);
    QVERIFY(fresh.device() != lost);
    QVERIFY(fresh.say("join", {{"invitation", invitationOf(ben)}}).value("ok", false));
    QVERIFY(fresh.waitFor(isInside)); // nobody voted
    QTRY_COMPARE(fresh.text("Plan"), m_people[0].text("Plan"));
    QCOMPARE(ben.runtime().ask<std::size_t>(seatsAt, 0), std::size_t(4));
    QVERIFY(ben.waitFor(writes(lost, false)) && ben.waitFor(writes(fresh.device(), true)));
    QVERIFY(ben.runtime().ask<bool>([](Loop &loop) { return loop.requests().empty(); }, false));
    // It writes as the same person, and its ack counts: of four, one more may be away.
    m_people[0].stop();
    QVERIFY(fresh.say("edit", {{"document", "Plan"}, {"append", "!"}}).value("ok", false));
    QVERIFY(fresh.waitFor(isAgreed));
    QTRY_COMPARE(ben.text("Plan"), std::string("old words!"));
    for (const std::string &run : perform(ben.runtime(), {"blame", {{"document", "Plan"}}}).lines)
        QVERIFY(Json::parse(run)["author"] == "Anna" || Json::parse(run)["author"] == "Dan");
    m_people[0].start();

    // The old one comes back after all: it is told, and writes no more.
    eve.start();
    QVERIFY(eve.waitFor(writes(lost, false)));
    const Json late = eve.say("edit", {{"document", "Plan"}, {"append", "late"}});
    QVERIFY2(!late.value("ok", true), late.dump().c_str());
    QVERIFY2(late.value("error", "").starts_with("Another computer of yours writes and votes"),
             late.dump().c_str());
    QVERIFY(ben.waitFor(isAgreed));
    QCOMPARE(ben.text("Plan"), std::string("old words!"));
}

void RecoveryTest::wordsOfAnotherMoveNothing()
{
    found();
    Member &ben = m_people[1];
    const std::uint64_t before = epochOf(ben);
    Member &mallory = m_people.add("Mallory");
    const std::string words = wordsOf(mallory);
    // With her own words, under Dan's name or another, she asks like any stranger.
    Member &fresh = restore("Dan", words);
    (void)fresh.say("join", {{"invitation", invitationOf(ben)}});
    QVERIFY(fresh.waitFor([](Loop &loop) {
        return std::ranges::any_of(loop.troubles(), [](const api::LobbyTrouble &trouble) {
            return trouble.kind == api::LobbyTrouble::Kind::NameTaken;
        });
    }));
    (void)mallory.say("join", {{"invitation", invitationOf(ben)}});
    QVERIFY(ben.waitFor([](Loop &loop) { return loop.requests().size() == 1; }));
    QCOMPARE(epochOf(ben), before);
    for (std::size_t i = 0; i < 4; ++i)
        QVERIFY(ben.runtime().ask<bool>(writes(m_people[i].device(), true), false));
}

void RecoveryTest::aCompanionTakesTheKey()
{
    Member &anna = m_people.add("Anna");
    const std::string words = wordsOf(anna);
    Member &laptop = m_people.add("");
    const std::string line = laptop.say("devices", {{"what", "link"}}).value("line", "");
    const std::string pass =
        anna.say("devices", {{"what", "link"}, {"argument", line}}).value("pass", "");
    QVERIFY(laptop.say("devices", {{"what", "link"}, {"argument", pass}}).value("ok", false));
    const PublicKey device = laptop.device();
    QVERIFY(wordsOf(laptop).empty()); // it has no key to show
    const auto restored = [&laptop](const std::string &what) {
        return laptop.say("recovery", {{"what", "restore"}, {"words", what}}).value("ok", false);
    };
    QVERIFY(!restored(wordsOf(m_people.add("Ben"))));
    QVERIFY(wordsOf(laptop).empty());
    QVERIFY(restored(words));
    QCOMPARE(wordsOf(laptop), words);
    QCOMPARE(laptop.device(), device);
    laptop.stop();
    laptop.start();
    QCOMPARE(wordsOf(laptop), words);
    QCOMPARE(laptop.device(), device);
}

void RecoveryTest::aWindowRestores()
{
    Member &anna = m_people.add("Anna");
    std::string shown;
    std::mutex mutex;
    anna.runtime().lobby().subscribe([&](const std::vector<api::LobbyEvent> &events) {
        const std::lock_guard lock(mutex);
        for (const api::LobbyEvent &event : events)
            if (const auto *words = std::get_if<api::RecoveryWordsShown>(&event))
                shown = words->words;
    });
    anna.runtime().lobby().submit(api::ShowRecoveryWords{});
    QTRY_VERIFY(([&] {
        const std::lock_guard lock(mutex);
        return !shown.empty();
    }()));
    QCOMPARE(shown, wordsOf(anna));
    Member &fresh = m_people.add("");
    fresh.runtime().lobby().submit(api::Restore{"Anna", shown});
    QVERIFY(fresh.waitFor([](Loop &loop) { return loop.profile().self() != nullptr; }));
    QCOMPARE(wordsOf(fresh), shown);
    anna.runtime().lobby().subscribe({});
}

// The person's signature is asked for by whoever it meets: it signs for its own device only.
void RecoveryTest::whatAHostileDoorSaysMovesNothing()
{
    SeededRandom random(1);
    const identity::Ed25519 scheme;
    const auto person = identity::SecretKey::generate(random);
    const auto device = identity::SecretKey::generate(random);
    const auto other = identity::SecretKey::generate(random);
    identity::Configuration room;
    room.workspace = WorkspaceId{{std::byte{5}}};
    room.members.push_back({.identity = other.publicKey(), .name = "Anna"});
    room.members.push_back({.identity = person.publicKey(), .name = "Dan"});
    Doorkeeper keeper(scheme);
    Ask ask;
    ask.workspace = room.workspace;
    ask.contact.person = {person.publicKey(), "Dan", device.publicKey(),
                          identity::certifyDevice(scheme, person, device.publicKey())};
    const auto claim = [&](std::uint16_t author, consensus::Wish wish,
                           const identity::SecretKey &key) {
        consensus::Proposal proposal;
        proposal.lastEpoch = Epoch(8);
        proposal.author = MemberIndex(author);
        proposal.wish = std::move(wish);
        return Claim{
            room.workspace,
            consensus::signProposal(scheme, key, room.workspace, std::move(proposal)).encode()};
    };
    const auto judged = [&](const Claim &what) {
        const auto result = keeper.judge(device.publicKey(), what, room);
        return result ? std::optional<Code>() : result.error();
    };
    const consensus::MoveSeat move{device.publicKey(), ask.contact.person.certificate};
    const Claim good = claim(1, move, person);
    QCOMPARE(judged(good), Code::E_NOT_MEMBER); // did not ask
    keeper.keep(ask);
    QCOMPARE(judged(good), std::nullopt);
    QCOMPARE(judged(claim(1, move, device)), Code::E_SIG);
    QCOMPARE(judged(claim(1, move, other)), Code::E_SIG);
    QCOMPARE(judged(claim(0, move, person)), Code::E_STRUCT); // another's seat
    QCOMPARE(judged(claim(7, move, person)), Code::E_STRUCT);
    const auto theirs = identity::certifyDevice(scheme, person, other.publicKey());
    QCOMPARE(judged(claim(1, consensus::MoveSeat{other.publicKey(), theirs}, person)),
             Code::E_STRUCT); // for another device than asks
    QCOMPARE(judged(claim(1, consensus::MoveSeat{device.publicKey(), theirs}, person)),
             Code::E_SIG);
    QCOMPARE(judged(claim(1, consensus::Leave{}, person)), Code::E_STRUCT);
    Claim cut = good;
    cut.proposal.pop_back();
    QCOMPARE(judged(cut), Code::E_CANON);
    cut.proposal.clear();
    QCOMPARE(judged(cut), Code::E_CANON);
}

// The computer of the first try may be lost as well; a stranger's second computer waits.
void RecoveryTest::aSecondTryIsHeard()
{
    SeededRandom random(1);
    const identity::Ed25519 scheme;
    const auto person = identity::SecretKey::generate(random);
    identity::Configuration room;
    room.workspace = WorkspaceId{{std::byte{5}}};
    IssuedInvitation invitation;
    invitation.workspace = room.workspace;
    invitation.expires = WallTime(Millis(1000));
    Doorkeeper keeper(scheme);
    const auto judged = [&](bool isKept) {
        const auto device = identity::SecretKey::generate(random);
        Ask ask;
        ask.workspace = room.workspace;
        ask.contact.person = {person.publicKey(), "Dan", device.publicKey(),
                              identity::certifyDevice(scheme, person, device.publicKey())};
        const auto ruling =
            keeper.judge(device.publicKey(), ask, &invitation, &room, WallTime(Millis(1)));
        if (isKept)
            keeper.keep(ask);
        return ruling.value_or(Doorkeeper::Ruling{});
    };
    QVERIFY(judged(true).isNew);
    QCOMPARE(judged(false).verdict, DoorAnswer::Verdict::Twice);
    room.members.push_back({.identity = person.publicKey(), .name = "Dan"});
    QCOMPARE(judged(true).member, std::optional(MemberIndex(0)));
    QVERIFY(judged(true).isNew);
    room.members[0].standing = identity::Standing::Gone; // who was removed has no seat to take up
    QCOMPARE(judged(false).verdict, DoorAnswer::Verdict::Twice);
    QCOMPARE(judged(false).member, std::nullopt);
}

QTEST_GUILESS_MAIN(RecoveryTest)
#include "recovery_test.moc"
