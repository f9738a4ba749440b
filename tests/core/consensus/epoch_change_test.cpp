#include "core/consensus/epoch_change.h"

#include "core/consensus/configuration_codec.h"
#include "tests/core/consensus/assembly.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::consensus;
using identity::Role;
using identity::Standing;
using nlbd::test::Assembly;
using nlbd::test::headAt;

namespace {

EpochChange changeOf(const Assembly &assembly, const std::vector<Proposal> &proposals,
                     const identity::ChainHeads &closing = {})
{
    std::vector<const Proposal *> pointers;
    for (const Proposal &proposal : proposals)
        pointers.push_back(&proposal);
    return planChange(assembly.configuration, pointers, closing);
}

/// Decides at once, whatever anybody thinks of it.
void decide(Assembly &assembly, const std::vector<Proposal> &proposals,
            const identity::ChainHeads &closing = {})
{
    EpochChange change = changeOf(assembly, proposals, closing);
    const auto commitment = change.needsKey ? std::optional(Hash{}) : std::nullopt;
    const auto root = change.needsStateRoot ? std::optional(Hash{}) : std::nullopt;
    identity::Configuration next = finished(std::move(change), commitment, root);
    const Hash hash = hashOf(next);
    assembly.configuration = completed(std::move(next), hash);
}

const identity::ChainHeads kClosing{headAt(0, 5), headAt(1, 6), headAt(2, 7), headAt(3, 8)};

} // namespace

class EpochChangeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingChangesButTheEpoch();
    void admitsWithASeat();
    void admitsCompanionsUpToFive();
    void refusesWhoIsHereAlready();
    void aRuleLetsNobodyNewIn();
    void removesWithACut();
    void comesBackAsTheSameMember();
    void leavesBySeatOrIdentityOnly();
    void readersLoseTheirPen();
    void movesTheSeat();
    void sleepsAndWakes();
    void fencesThePenAndTheSeat();
    void forksEndThePenWithoutAProposal();
    void somebodyAlwaysStays();
    void removalWinsOverAllElse();
    void mutualRemovalIsTheUnion();
    void remembersWhatWasDecidedUntilItExpires();
    void checkpointsAndKeys();
    void orderOfProposalsIsNoInput();
    void limitsDepartures();
};

void EpochChangeTest::nothingChangesButTheEpoch()
{
    Assembly assembly(4);
    const identity::Configuration before = assembly.configuration;
    decide(assembly, {}, kClosing);
    const identity::Configuration &now = assembly.configuration;
    QCOMPARE(now.epoch, Epoch(1));
    QVERIFY(now.previousDecision == before.decision && now.decision != before.decision);
    QVERIFY(now.members == before.members && now.seats == before.seats);
    QVERIFY(now.devices == before.devices);
    QVERIFY(now.closing == kClosing && now.keyCommit == before.keyCommit);
    QCOMPARE(openingFrontier(now).size(), std::size_t(4));
}

void EpochChangeTest::admitsWithASeat()
{
    Assembly assembly(3);
    const Admit nia = assembly.newcomer("Nia");
    const Admit rob = assembly.newcomer("Rob", Role::Reader);
    decide(assembly, {assembly.ask(1, nia), assembly.ask(2, rob)});
    const identity::Configuration &now = assembly.configuration;
    QCOMPARE(now.members.size(), std::size_t(5));
    QCOMPARE(now.seats.size(), std::size_t(5));
    const auto device = now.indexOf(nia.device);
    QVERIFY(device.has_value());
    const identity::Device &row = now.devices[device->value];
    QVERIFY(row.hasSeat && row.mayWrite && row.mayRead && row.admittedBy == now.decision);
    QCOMPARE(row.writesSince, Epoch(1));
    QCOMPARE(now.members[row.member.value].invitedBy, MemberIndex(1));
    const identity::Device &reader = now.devices[now.indexOf(rob.device)->value];
    QVERIFY(!reader.mayWrite && reader.mayRead && !reader.penEnd);
    QVERIFY(!changeOf(assembly, {}).needsKey);
}

void EpochChangeTest::admitsCompanionsUpToFive()
{
    Assembly assembly(2);
    for (std::size_t i = 0; i < limits::kCompanionsMax; ++i) {
        decide(assembly, {assembly.ask(1, assembly.companion(MemberIndex(0)))});
        QVERIFY(!assembly.configuration.devices.back().hasSeat);
        QVERIFY(assembly.configuration.devices.back().mayWrite);
    }
    QCOMPARE(assembly.configuration.seats.size(), std::size_t(2));
    QVERIFY(isMoot(assembly.ask(1, assembly.companion(MemberIndex(0))), assembly.configuration));
    decide(assembly, {assembly.ask(1, RemoveDevice{DeviceIndex(2)})});
    QVERIFY(!isMoot(assembly.ask(1, assembly.companion(MemberIndex(0))), assembly.configuration));
}

void EpochChangeTest::refusesWhoIsHereAlready()
{
    Assembly assembly(4);
    const auto isMootFor = [&](const Admit &admit) {
        return isMoot(assembly.ask(0, admit), assembly.configuration);
    };
    QVERIFY(isMootFor(assembly.newcomer(assembly.configuration.members[2].name)));
    QVERIFY(isMootFor(assembly.newcomer("mEMBER 0")));
    Admit known = assembly.newcomer("Nia");
    known.device = assembly.configuration.devices[3].key;
    QVERIFY(isMootFor(known));
    // Two who ask for one name in one decision: one gets it.
    const auto change = changeOf(
        assembly,
        {assembly.ask(0, assembly.newcomer("Nia")), assembly.ask(1, assembly.newcomer("Nia"))});
    QCOMPARE(change.moot.size(), std::size_t(1));
    QCOMPARE(change.next.members.size(), std::size_t(5));
}

void EpochChangeTest::aRuleLetsNobodyNewIn()
{
    Assembly assembly(5);
    const SetPolicy shut{{.text = "Ours.", .newcomersReadPast = false}};
    const Proposal nia = assembly.ask(1, assembly.newcomer("Nia"), 64);
    // Whom the decision lets in that makes the rule is in.
    const auto both = changeOf(assembly, {nia, assembly.ask(0, shut)});
    QVERIFY(both.moot.empty());
    QCOMPARE(both.next.members.size(), std::size_t(6));

    decide(assembly, {assembly.ask(0, shut), assembly.ask(0, RemoveMember{MemberIndex(2)})});
    QVERIFY(isMoot(nia, assembly.configuration));
    const auto late = changeOf(assembly, {nia});
    QCOMPARE(late.moot, std::vector<Hash>{nia.hash()});
    QVERIFY(late.next.members == assembly.configuration.members);
    QVERIFY(late.next.devices == assembly.configuration.devices);
    // Who was here has read what was before, and not what came since.
    QVERIFY(isMoot(assembly.ask(0, assembly.companion(MemberIndex(2))), assembly.configuration));
    // Another computer of a member is no newcomer, nor is one that takes its seat.
    QVERIFY(!isMoot(assembly.ask(1, assembly.companion(MemberIndex(3))), assembly.configuration));
    QVERIFY(!isMoot(assembly.askByIdentity(3, assembly.newSeat(MemberIndex(3))),
                    assembly.configuration));

    // The rule of the epoch in which they are decided counts, not the one that comes with them.
    const SetPolicy open{{.text = "Come in."}};
    QCOMPARE(changeOf(assembly, {nia, assembly.ask(0, open)}).moot.size(), std::size_t(1));
    decide(assembly, {assembly.ask(0, open)});
    QVERIFY(!isMoot(nia, assembly.configuration));
}

void EpochChangeTest::removesWithACut()
{
    Assembly assembly(4);
    decide(assembly, {assembly.ask(1, assembly.companion(MemberIndex(2)))});
    const auto change = changeOf(assembly, {assembly.ask(0, RemoveMember{MemberIndex(2)})},
                                 {headAt(0, 5), headAt(2, 7), headAt(4, 2)});
    QVERIFY(change.needsKey);
    QCOMPARE(change.departing, std::vector<SeatIndex>{SeatIndex(2)});
    const identity::Configuration &next = change.next;
    QCOMPARE(next.members[2].standing, Standing::Gone);
    QCOMPARE(next.seats,
             (std::vector<DeviceIndex>{DeviceIndex(0), DeviceIndex(1), DeviceIndex(3)}));
    for (const auto &[device, head] : {std::pair(2, headAt(2, 7)), std::pair(4, headAt(4, 2))}) {
        const identity::Device &row = next.devices[std::size_t(device)];
        QVERIFY(!row.mayWrite && !row.mayRead && !row.hasSeat);
        QVERIFY(row.penEnd && row.penEnd->epoch == Epoch(1));
        QCOMPARE(row.penEnd->heads, identity::ChainHeads{head});
    }
    QCOMPARE(next.readers().size(), std::size_t(3));
}

void EpochChangeTest::comesBackAsTheSameMember()
{
    Assembly assembly(4);
    const Admit again = assembly.companion(MemberIndex(2));
    decide(assembly, {assembly.ask(0, RemoveMember{MemberIndex(2)})}, kClosing);
    QVERIFY(isMoot(assembly.ask(0, RemoveMember{MemberIndex(2)}), assembly.configuration));
    decide(assembly, {assembly.ask(3, again)});
    const identity::Configuration &now = assembly.configuration;
    QCOMPARE(now.members.size(), std::size_t(4));
    QCOMPARE(now.members[2].standing, Standing::Active);
    QCOMPARE(now.members[2].invitedBy, MemberIndex(3));
    QVERIFY(!now.devices[2].mayWrite && now.devices[2].penEnd.has_value());
    QCOMPARE(now.seats[2], DeviceIndex(4));
}

void EpochChangeTest::leavesBySeatOrIdentityOnly()
{
    Assembly assembly(4);
    decide(assembly, {assembly.ask(1, assembly.companion(MemberIndex(2)))});
    QVERIFY(isMoot(assembly.askBy(DeviceIndex(4), Leave{}), assembly.configuration));
    QVERIFY(!isMoot(assembly.askBy(DeviceIndex(2), Leave{}), assembly.configuration));
    decide(assembly, {assembly.askByIdentity(2, Leave{})});
    QCOMPARE(assembly.configuration.members[2].standing, Standing::Gone);
    QVERIFY(!assembly.configuration.devices[4].mayRead);
    QVERIFY(isMoot(assembly.askByIdentity(2, Leave{}), assembly.configuration));
}

void EpochChangeTest::readersLoseTheirPen()
{
    Assembly assembly(4);
    decide(assembly, {assembly.ask(1, ChangeRole{MemberIndex(2), Role::Reader})}, kClosing);
    const identity::Configuration &now = assembly.configuration;
    QVERIFY(!now.devices[2].mayWrite && now.devices[2].mayRead && now.devices[2].hasSeat);
    QCOMPARE(now.devices[2].penEnd->heads, identity::ChainHeads{headAt(2, 7)});
    QCOMPARE(now.seats.size(), std::size_t(4));
    // The pen that ended stays ended: a writer again needs another device.
    decide(assembly,
           {assembly.ask(1, ChangeRole{MemberIndex(2), Role::Writer}),
            assembly.ask(1, assembly.newcomer("Rob", Role::Reader))});
    QVERIFY(!assembly.configuration.devices[2].mayWrite);
    // Who never had one gets one, from this epoch on.
    decide(assembly, {assembly.ask(1, ChangeRole{MemberIndex(4), Role::Writer})});
    QVERIFY(assembly.configuration.devices[4].mayWrite);
    QCOMPARE(assembly.configuration.devices[4].writesSince, Epoch(3));
}

void EpochChangeTest::movesTheSeat()
{
    Assembly assembly(4);
    const MoveSeat move = assembly.newSeat(MemberIndex(1));
    const auto change = changeOf(assembly,
                                 {assembly.askByIdentity(1, move),
                                  assembly.askByIdentity(1, assembly.newSeat(MemberIndex(1)))},
                                 kClosing);
    QCOMPARE(change.moot.size(), std::size_t(1)); // once per epoch
    const identity::Configuration &next = change.next;
    QCOMPARE(next.seats[1], DeviceIndex(4));
    QVERIFY(!next.devices[1].mayWrite && !next.devices[1].hasSeat && next.devices[1].mayRead);
    QCOMPARE(next.devices[1].penEnd->heads, identity::ChainHeads{headAt(1, 6)});
    QVERIFY(!change.needsKey);

    decide(assembly, {assembly.ask(0, assembly.companion(MemberIndex(1)))});
    MoveSeat toCompanion{assembly.configuration.devices[4].key, {}};
    QVERIFY(!isMoot(assembly.askByIdentity(1, toCompanion), assembly.configuration));
    decide(assembly, {assembly.askByIdentity(1, toCompanion)});
    QCOMPARE(assembly.configuration.seats[1], DeviceIndex(4));
    QVERIFY(isMoot(assembly.askByIdentity(1, toCompanion), assembly.configuration));
    toCompanion.device = assembly.configuration.devices[1].key; // its pen ended
    QVERIFY(isMoot(assembly.askByIdentity(1, toCompanion), assembly.configuration));
    toCompanion.device = assembly.configuration.devices[2].key; // of somebody else
    QVERIFY(isMoot(assembly.askByIdentity(1, toCompanion), assembly.configuration));
}

void EpochChangeTest::sleepsAndWakes()
{
    Assembly assembly(4);
    QVERIFY(isMoot(assembly.ask(2, Wake{}), assembly.configuration));
    decide(assembly, {assembly.ask(0, MakeDormant{MemberIndex(2)})}, kClosing);
    const identity::Configuration &now = assembly.configuration;
    QCOMPARE(now.seats.size(), std::size_t(3));
    QVERIFY(now.devices[2].mayWrite && now.devices[2].mayRead);
    QCOMPARE(now.readers().size(), std::size_t(4));
    QVERIFY(isMoot(assembly.ask(0, MakeDormant{MemberIndex(2)}), now));
    // A companion in a thief's hand brings back no seat that nobody is at.
    decide(assembly, {assembly.ask(0, assembly.companion(MemberIndex(2)))});
    QVERIFY(isMoot(assembly.askBy(DeviceIndex(4), Wake{}), assembly.configuration));
    QVERIFY(!isMoot(assembly.askByIdentity(2, Wake{}), assembly.configuration));
    decide(assembly, {assembly.ask(2, Wake{})});
    QCOMPARE(assembly.configuration.seats.size(), std::size_t(4));
    QCOMPARE(assembly.configuration.seats[2], DeviceIndex(2));
}

void EpochChangeTest::fencesThePenAndTheSeat()
{
    Assembly assembly(4);
    const Proposal fence = assembly.ask(0, assembly.fenceOf(3));
    decide(assembly, {fence, assembly.ask(1, assembly.fenceOf(3))}, kClosing);
    const identity::Configuration &now = assembly.configuration;
    QVERIFY(!now.devices[3].mayWrite && !now.devices[3].hasSeat && now.devices[3].mayRead);
    QCOMPARE(now.devices[3].penEnd->heads, identity::ChainHeads{headAt(3, 8)});
    QCOMPARE(now.members[3].standing, Standing::Active);
    QCOMPARE(now.seats.size(), std::size_t(3));
    QVERIFY(isMoot(assembly.ask(0, assembly.fenceOf(3)), now)); // one fence per device for ever
    decide(assembly, {assembly.ask(0, assembly.companion(MemberIndex(3)))});
    QCOMPARE(assembly.configuration.seats.size(), std::size_t(4));
    QCOMPARE(assembly.configuration.seats[3], DeviceIndex(4));
}

void EpochChangeTest::forksEndThePenWithoutAProposal()
{
    Assembly assembly(4);
    const identity::ChainHeads closing{headAt(0, 3), headAt(3, 9), headAt(3, 14, 1)};
    decide(assembly, {}, closing);
    const identity::Device &row = assembly.configuration.devices[3];
    QVERIFY(!row.mayWrite && !row.hasSeat);
    QCOMPARE(row.penEnd->heads, headsOf(closing, DeviceIndex(3)));
    QCOMPARE(openingFrontier(assembly.configuration).size(), std::size_t(1));
}

void EpochChangeTest::somebodyAlwaysStays()
{
    Assembly alone(1);
    for (const Wish &wish :
         std::vector<Wish>{RemoveMember{MemberIndex(0)}, Leave{}, RemoveDevice{DeviceIndex(0)},
                           MakeDormant{MemberIndex(0)}})
        QVERIFY(isMoot(alone.ask(0, wish), alone.configuration));
    decide(alone, {}, {headAt(0, 9), headAt(0, 14, 1)});
    QVERIFY(!alone.configuration.devices[0].mayWrite);
    QCOMPARE(alone.configuration.seats.size(), std::size_t(1));
    decide(alone, {alone.askByIdentity(0, alone.newSeat(MemberIndex(0)))});
    QVERIFY(alone.configuration.devices[1].mayWrite);
    QCOMPARE(alone.configuration.seats, std::vector<DeviceIndex>{DeviceIndex(1)});

    Assembly two(2);
    const auto change = changeOf(two, {two.ask(0, Leave{}), two.ask(1, Leave{})});
    QCOMPARE(change.moot.size(), std::size_t(1));
    QCOMPARE(change.next.seats.size(), std::size_t(1));
}

void EpochChangeTest::removalWinsOverAllElse()
{
    Assembly assembly(4);
    decide(assembly,
           {assembly.ask(0, RemoveMember{MemberIndex(2)}),
            assembly.ask(0, ChangeRole{MemberIndex(2), Role::Reader}),
            assembly.askByIdentity(2, assembly.newSeat(MemberIndex(2))),
            assembly.ask(0, assembly.companion(MemberIndex(2)))},
           kClosing);
    const identity::Configuration &now = assembly.configuration;
    QCOMPARE(now.members[2].standing, Standing::Gone);
    for (const identity::Device &device : now.devices)
        if (device.member == MemberIndex(2))
            QVERIFY(!device.mayRead && !device.mayWrite && !device.hasSeat);
}

void EpochChangeTest::mutualRemovalIsTheUnion()
{
    Assembly assembly(7);
    const Proposal first = assembly.ask(0, RemoveMember{MemberIndex(1)});
    const Proposal second = assembly.ask(1, RemoveMember{MemberIndex(0)});
    QVERIFY(changeOf(assembly, {first, second}).next == changeOf(assembly, {second, first}).next);
    decide(assembly, {second, first});
    QCOMPARE(assembly.configuration.members[0].standing, Standing::Gone);
    QCOMPARE(assembly.configuration.members[1].standing, Standing::Gone);
    QCOMPARE(assembly.configuration.seats.size(), std::size_t(5));
}

void EpochChangeTest::remembersWhatWasDecidedUntilItExpires()
{
    Assembly assembly(4);
    const Proposal rekey = assembly.ask(0, Rekey{}, 2);
    const Proposal moot = assembly.ask(0, Wake{}, 0);
    decide(assembly, {rekey, moot});
    QCOMPARE(assembly.configuration.spent.size(), std::size_t(1));
    decide(assembly, {});
    QCOMPARE(assembly.configuration.spent.front().proposal, rekey.hash());
    decide(assembly, {});
    QVERIFY(assembly.configuration.spent.empty());
}

void EpochChangeTest::checkpointsAndKeys()
{
    Assembly assembly(4);
    EpochChange change = changeOf(assembly,
                                  {assembly.ask(0, TakeCheckpoint{}), assembly.ask(0, Rekey{}),
                                   assembly.ask(0, SetPolicy{{.text = "Be kind."}})});
    QVERIFY(change.needsKey && change.needsStateRoot && change.departing.empty());
    Hash commitment;
    commitment.value.fill(std::byte{1});
    Hash root;
    root.value.fill(std::byte{2});
    const auto next = finished(std::move(change), commitment, root);
    QCOMPARE(next.keyEpoch, KeyEpoch(1));
    QVERIFY(next.keyCommit == commitment);
    QVERIFY(next.checkpoint == (identity::Checkpoint{Epoch(0), root}));
    QCOMPARE(next.policy.text, std::string("Be kind."));
}

void EpochChangeTest::orderOfProposalsIsNoInput()
{
    Assembly assembly(7);
    std::vector<Proposal> proposals{assembly.ask(0, assembly.newcomer("Nia")),
                                    assembly.ask(1, assembly.newcomer("nia")),
                                    assembly.ask(2, RemoveMember{MemberIndex(3)}),
                                    assembly.ask(3, ChangeRole{MemberIndex(3), Role::Reader}),
                                    assembly.ask(4, SetPolicy{{.text = "a"}}),
                                    assembly.ask(4, SetPolicy{{.text = "b"}}),
                                    assembly.ask(5, assembly.fenceOf(5))};
    const EpochChange expected = changeOf(assembly, proposals, kClosing);
    for (int i = 0; i < 50; ++i) {
        std::rotate(proposals.begin(), proposals.begin() + 1 + i % 5, proposals.end());
        std::swap(proposals[0], proposals[std::size_t(1 + i % 6)]);
        const EpochChange other = changeOf(assembly, proposals, kClosing);
        QVERIFY(other.next == expected.next && other.moot == expected.moot);
    }
}

void EpochChangeTest::limitsDepartures()
{
    // Q - f: 1 of 1, 2 of 2, 3 of 3, 2 of 4, 3 of 5, 4 of 6, 3 of 7.
    const std::size_t most[] = {0, 1, 2, 1, 2, 3, 2};
    for (std::size_t n = 1; n <= 7; ++n) {
        QVERIFY(canDepartTogether(most[n - 1], n));
        QVERIFY(!canDepartTogether(most[n - 1] + 1, n));
    }
}

QTEST_APPLESS_MAIN(EpochChangeTest)
#include "epoch_change_test.moc"
