#include "app/doorkeeper.h"
#include "core/identity/secret_key.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::app;
using Verdict = DoorAnswer::Verdict;

namespace {

const identity::Ed25519 kScheme;
const WorkspaceId kRoom{{std::byte{5}}};
constexpr WallTime kNow{Millis{1'000'000}};

/// A person with one computer.
struct Stranger {
    Stranger(std::string personName, std::uint64_t seed)
        : name(std::move(personName))
        , random(seed)
    {
    }

    [[nodiscard]] Ask ask() const
    {
        Ask result;
        result.workspace = kRoom;
        result.contact.person = {person.publicKey(), name, device.publicKey(),
                                 identity::certifyDevice(kScheme, person, device.publicKey())};
        return result;
    }

    std::string name;
    SeededRandom random;
    identity::SecretKey person = identity::SecretKey::generate(random);
    identity::SecretKey device = identity::SecretKey::generate(random);
};

/// A room with one member, and the door to it.
struct Door {
    Door()
    {
        room.workspace = kRoom;
        room.members.push_back({.identity = anna.person.publicKey(), .name = "Anna"});
        room.devices.push_back(
            {.key = anna.device.publicKey(), .member = MemberIndex(0), .admittedBy = {}});
        invitation.workspace = kRoom;
        invitation.expires = kNow + Millis(1000);
    }

    [[nodiscard]] std::expected<Doorkeeper::Ruling, Code> judge(const Ask &ask)
    {
        return keeper.judge(ask.contact.person.device, ask, &invitation, &room, kNow);
    }
    /// Judges it and does what the loop does then.
    Verdict hear(const Ask &ask)
    {
        const auto ruling = judge(ask);
        if (ruling && ruling->isNew)
            keeper.keep(ask);
        return ruling ? ruling->verdict : Verdict::NotHere;
    }

    Stranger anna{"Anna", 1};
    Doorkeeper keeper{kScheme};
    identity::Configuration room;
    IssuedInvitation invitation;
};

} // namespace

/// What people of ill will say at a door, and what they get.
class DoorkeeperTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void askingAgainIsOneQuestion();
    void othersKeysAreRefused();
    void invitationsAreForOneUse();
    void decisionsEndInvitations();
    void anInvitationLeadsToItsWorkspaceOnly();
    void namesThatLookAlikeAreTold();
    void whoIsInEntersWithoutAsking();
    void whoWasRemovedIsTold();
    void oneQuestionForEachPerson();
    void aCrowdIsBounded();
};

void DoorkeeperTest::askingAgainIsOneQuestion()
{
    Door door;
    const Stranger eve("Eve", 2);
    const auto first = door.judge(eve.ask());
    QVERIFY(first && first->isNew && !first->mayEnter);
    door.keeper.keep(eve.ask());
    door.invitation.isUsed = true;
    door.invitation.usedBy = eve.device.publicKey();
    for (int i = 0; i < 5; ++i) {
        const auto again = door.judge(eve.ask());
        QVERIFY(again && !again->isNew);
        QCOMPARE(again->verdict, Verdict::Waiting);
    }
    QCOMPARE(door.keeper.requests().size(), std::size_t(1));
    QCOMPARE(door.keeper.requests().front().name, std::string("Eve"));
    // Even after the invitation's day, while votes take their time; not for ever.
    const auto ask = eve.ask();
    const auto late = [&](Millis after) {
        return door.keeper
            .judge(eve.device.publicKey(), ask, &door.invitation, &door.room,
                   door.invitation.expires + after)
            ->verdict;
    };
    QCOMPARE(late(Millis(1)), Verdict::Waiting);
    QCOMPARE(late(Doorkeeper::kUsedLife), Verdict::Expired);
}

void DoorkeeperTest::othersKeysAreRefused()
{
    Door door;
    const Stranger eve("Eve", 2);
    const Stranger mallory("Mallory", 3);
    // Another's question, word for word, over one's own session.
    QCOMPARE(
        door.keeper.judge(mallory.device.publicKey(), eve.ask(), &door.invitation, &door.room, kNow)
            .error(),
        Code::E_SIG);
    // One's own device under another's identity.
    Ask stolen = mallory.ask();
    stolen.contact.person.identity = eve.person.publicKey();
    QCOMPARE(door.judge(stolen).error(), Code::E_SIG);
    stolen.contact.person.certificate = eve.ask().contact.person.certificate;
    QCOMPARE(door.judge(stolen).error(), Code::E_SIG);
    QVERIFY(door.keeper.isEmpty());
}

void DoorkeeperTest::invitationsAreForOneUse()
{
    Door door;
    const Stranger eve("Eve", 2);
    const Stranger mallory("Mallory", 3);
    QCOMPARE(door.hear(eve.ask()), Verdict::Waiting);
    door.invitation.isUsed = true;
    door.invitation.usedBy = eve.device.publicKey();
    QCOMPARE(door.hear(mallory.ask()), Verdict::Used);
    door.invitation = {};
    door.invitation.workspace = kRoom;
    door.invitation.expires = kNow;
    QCOMPARE(door.hear(mallory.ask()), Verdict::Expired);
    const auto ask = mallory.ask();
    QCOMPARE(door.keeper.judge(mallory.device.publicKey(), ask, nullptr, &door.room, kNow)->verdict,
             Verdict::Unknown);
}

void DoorkeeperTest::decisionsEndInvitations()
{
    Door door;
    const Stranger eve("Eve", 2);
    door.room.epoch = Epoch(20);
    door.invitation.lastEpoch = Epoch(20);
    QCOMPARE(door.hear(eve.ask()), Verdict::Waiting);
    // The clock stands still, or was set back.
    door.room.epoch = Epoch(21);
    QCOMPARE(door.hear(eve.ask()), Verdict::Expired);
    // Whoever used it in time has longer, while votes take their time; not for ever.
    door.invitation.isUsed = true;
    door.invitation.usedBy = eve.device.publicKey();
    QCOMPARE(door.hear(eve.ask()), Verdict::Waiting);
    door.room.epoch = Epoch(20 + Doorkeeper::kUsedLifeEpochs - Doorkeeper::kLifeEpochs);
    QCOMPARE(door.hear(eve.ask()), Verdict::Waiting);
    door.room.epoch = door.room.epoch.next();
    QCOMPARE(door.hear(eve.ask()), Verdict::Expired);
}

void DoorkeeperTest::anInvitationLeadsToItsWorkspaceOnly()
{
    Door door;
    const Stranger eve("Eve", 2);
    door.invitation.workspace = WorkspaceId{{std::byte{6}}};
    QCOMPARE(door.hear(eve.ask()), Verdict::Unknown);
    door.invitation.workspace.reset(); // only to meet
    QCOMPARE(door.hear(eve.ask()), Verdict::Unknown);
    door.invitation.workspace = kRoom;
    const auto ask = eve.ask();
    QCOMPARE(
        door.keeper.judge(eve.device.publicKey(), ask, &door.invitation, nullptr, kNow)->verdict,
        Verdict::NotHere);
}

void DoorkeeperTest::namesThatLookAlikeAreTold()
{
    Door door;
    for (const char *name : {"Anna", "anna", "\xD0\x90nna"}) { // the last begins in Cyrillic
        const Stranger other(name, 2);
        QCOMPARE(door.hear(other.ask()), Verdict::NameTaken);
    }
    QVERIFY(door.keeper.isEmpty()); // and the invitation is still good
    door.room.members[0].standing = identity::Standing::Gone;
    QCOMPARE(door.hear(Stranger("Anna", 2).ask()), Verdict::Waiting);
    // The same person with another computer bears its own name.
    Door again;
    Stranger computer("Anna", 9);
    computer.person = again.anna.person.clone();
    QCOMPARE(again.hear(computer.ask()), Verdict::Waiting);
}

void DoorkeeperTest::whoIsInEntersWithoutAsking()
{
    Door door;
    const auto ask = door.anna.ask();
    const auto ruling =
        door.keeper.judge(door.anna.device.publicKey(), ask, nullptr, &door.room, kNow);
    QVERIFY(ruling && ruling->mayEnter && !ruling->isNew);
    const Stranger eve("Eve", 2);
    QCOMPARE(door.hear(eve.ask()), Verdict::Waiting);
    door.room.members.push_back({.identity = eve.person.publicKey(), .name = "Eve"});
    door.room.devices.push_back(
        {.key = eve.device.publicKey(), .member = MemberIndex(1), .admittedBy = {}});
    QVERIFY(door.judge(eve.ask())->mayEnter);
    QCOMPARE(door.keeper.settle(door.room), std::vector{eve.device.publicKey()});
    QVERIFY(door.keeper.isEmpty());
    QVERIFY(door.keeper.settle(door.room).empty());
}

void DoorkeeperTest::whoWasRemovedIsTold()
{
    Door door;
    door.room.devices[0].mayRead = false;
    const auto ruling = door.judge(door.anna.ask());
    QVERIFY(ruling && !ruling->mayEnter);
    QCOMPARE(ruling->verdict, Verdict::Gone);
}

void DoorkeeperTest::oneQuestionForEachPerson()
{
    Door door;
    const Stranger eve("Eve", 2);
    Stranger laptop("Eve", 4);
    laptop.person = eve.person.clone();
    QCOMPARE(door.hear(eve.ask()), Verdict::Waiting);
    QCOMPARE(door.hear(laptop.ask()), Verdict::Twice);
    // A second question with the same keys and another name takes the place of the first.
    Ask renamed = eve.ask();
    renamed.contact.person.name = "Eva";
    QCOMPARE(door.hear(renamed), Verdict::Waiting);
    QCOMPARE(door.keeper.requests().size(), std::size_t(1));
    QCOMPARE(door.keeper.requests().front().name, std::string("Eva"));
}

void DoorkeeperTest::aCrowdIsBounded()
{
    Door door;
    for (std::size_t i = 0; i < Doorkeeper::kAsksMax; ++i)
        QCOMPARE(door.hear(Stranger("P" + std::to_string(i), 100 + i).ask()), Verdict::Waiting);
    QCOMPARE(door.hear(Stranger("One more", 99).ask()), Verdict::TooMany);
    QCOMPARE(door.keeper.requests().size(), Doorkeeper::kAsksMax);
    QCOMPARE(door.hear(Stranger("P3", 103).ask()), Verdict::Waiting); // who asks already goes on
}

QTEST_APPLESS_MAIN(DoorkeeperTest)
#include "doorkeeper_test.moc"
