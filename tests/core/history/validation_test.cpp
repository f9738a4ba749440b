#include "core/base/check.h"
#include "tests/core/history/group.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::history;
using nlbd::test::Group;
using nlbd::test::Replica;

namespace {

const identity::Ed25519 kScheme;
const DocIndex kDoc = docIndexOf(DeviceIndex(0), 1);

std::string describe(const std::expected<Change, Refused> &verdict)
{
    static constexpr std::array kKinds{"Duplicate", "NeedsParents", "NeedsEpoch", "Fork",
                                       "Ignore",    "Reject",       "Invalid",    "Refetch"};
    if (verdict)
        return "valid";
    return std::string(kKinds.at(static_cast<std::size_t>(verdict.error().kind))) + " "
        + std::string(codeName(verdict.error().code));
}

/// Two computers that hold the same two changes of device 0, and a third change to play with.
struct Scene {
    Group group{4, kScheme};
    Replica ann{group, 0};
    Replica ben{group, 1};
    Change first = ann.setTitle(kDoc, "Winter");
    Change second = ann.insert(kDoc, 0, "snow");

    Scene()
    {
        CHECK(ben.receive(first.raw()));
        CHECK(ben.receive(second.raw()));
    }
    std::string verdictOf(UnverifiedChange change)
    {
        return describe(ben.validator.validate(std::move(change)));
    }
};

} // namespace

class ValidationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void acceptsWhatItAuthors();
    void needsNothingButParentsAndEpoch();
    void namesEveryMissingParent();
    void refusesStrangers();
    void refusesForeignSignatures();
    void takesACoverForASignature();
    void refusesOtherWorkspaces();
    void judgesLamport();
    void judgesStructure_data();
    void judgesStructure();
    void judgesImpliedDeps();
    void judgesWideMerges();
    void judgesRole();
    void judgesDocuments();
    void asksForOtherPayload();
    void judgesContent();
    void judgesTargets();
    void answersForks();
    void judgesBranches();
    void believesRuns();
    void ignoresClocks();
};

void ValidationTest::acceptsWhatItAuthors()
{
    Scene s;
    QCOMPARE(s.ben.document(kDoc).text(), std::string("snow"));
    QCOMPARE(s.ben.document(kDoc).field("title"), std::string_view("Winter"));
    const Change reply = s.ben.insert(kDoc, 4, " falls");
    const Change aside = s.ann.erase(kDoc, 0, 1);
    QVERIFY(s.ann.receive(reply.raw()));
    const auto taken = s.ben.receive(aside.raw());
    QVERIFY(taken.has_value());
    QCOMPARE(taken->hash(), aside.hash());
    QVERIFY(taken->isSignatureChecked());
    QVERIFY(s.ben.validator.opsOf(taken->handle(), aside.raw()) == taken->ops());
    QVERIFY(!s.ben.validator.opsOf(taken->handle(), s.second.raw()).has_value());
    QCOMPARE(s.ann.document(kDoc).text(), std::string("now falls"));
    QCOMPARE(s.ben.document(kDoc).text(), std::string("now falls"));
    const Change merge = s.ann.insert(kDoc, 0, "S");
    QCOMPARE(merge.header().deps.size(), std::size_t(1));
    QVERIFY(s.ben.receive(merge.raw()));
    QCOMPARE(s.verdictOf(merge.raw()), std::string("Duplicate DUPLICATE"));
    s.ben.graph.checkInvariants();
}

void ValidationTest::needsNothingButParentsAndEpoch()
{
    Scene s;
    UnverifiedChange later = s.ann.insert(kDoc, 0, "x").raw();
    later.header.epoch = Epoch(1);
    QCOMPARE(s.verdictOf(test::resigned(s.group, later)), std::string("NeedsEpoch BUFFERED"));
}

void ValidationTest::namesEveryMissingParent()
{
    Scene s;
    Replica cleo(s.group, 2);
    const Change reply = s.ben.insert(kDoc, 4, "!");
    QVERIFY(s.ann.receive(reply.raw()));
    const Change both = s.ann.insert(kDoc, 0, "?");
    auto verdict = cleo.validator.validate(both.raw());
    QCOMPARE(describe(verdict), std::string("NeedsParents BUFFERED"));
    QCOMPARE(verdict.error().missing,
             (std::vector<DepRef>{{DeviceIndex(0), Seq(2), s.second.hash()},
                                  {DeviceIndex(1), Seq(1), reply.hash()}}));
    QVERIFY(cleo.receive(s.first.raw()));
    QVERIFY(cleo.receive(s.second.raw()));
    verdict = cleo.validator.validate(both.raw());
    QCOMPARE(describe(verdict), std::string("NeedsParents BUFFERED"));
    QCOMPARE(verdict.error().missing,
             (std::vector<DepRef>{{DeviceIndex(1), Seq(1), reply.hash()}}));
    // What only misses a dep is tried for its signature before anybody is asked for the dep.
    UnverifiedChange forged = both.raw();
    forged.signature.value[5] ^= std::byte{1};
    QCOMPARE(describe(cleo.validator.validate(forged)), std::string("Reject E_SIG"));
}

void ValidationTest::refusesStrangers()
{
    Scene s;
    UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    change.header.device = DeviceIndex(7);
    change.hash = change.header.hash();
    QCOMPARE(s.verdictOf(change), std::string("Reject E_NOT_MEMBER"));
}

void ValidationTest::refusesForeignSignatures()
{
    Scene s;
    const UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    UnverifiedChange forged = change;
    forged.signature = kScheme.sign(s.group.people[1].device, domains::kChange,
                                    s.group.configuration.workspace, change.hash);
    QCOMPARE(s.verdictOf(forged), std::string("Reject E_SIG"));
    forged.signature = kScheme.sign(s.group.people[0].device, domains::kAck,
                                    s.group.configuration.workspace, change.hash);
    QCOMPARE(s.verdictOf(forged), std::string("Reject E_SIG"));
    QCOMPARE(s.verdictOf(change), std::string("valid"));
}

void ValidationTest::takesACoverForASignature()
{
    Scene s;
    const UnverifiedChange third = s.ann.insert(kDoc, 0, "!").raw();
    const UnverifiedChange fourth = s.ann.insert(kDoc, 0, "?").raw();
    const UnverifiedChange other = s.ben.insert(kDoc, 0, "x").raw();
    const auto linkOf = [](const UnverifiedChange &change) {
        return SignedHeader{change.header, change.signature};
    };
    const auto altered = [](UnverifiedChange change) {
        change.signature.value[0] ^= std::byte{1};
        return change;
    };
    const auto verdictWith = [&](std::vector<SignedHeader> cover) {
        UnverifiedChange change = altered(third);
        change.cover = std::move(cover);
        return s.verdictOf(std::move(change));
    };
    QCOMPARE(verdictWith({}), "Reject E_SIG");
    QCOMPARE(verdictWith({linkOf(fourth)}), "valid");
    QCOMPARE(verdictWith({linkOf(altered(fourth))}), "Reject E_SIG");
    QCOMPARE(verdictWith({linkOf(other)}), "Reject E_SIG");          // another device's
    QCOMPARE(verdictWith({linkOf(s.second.raw())}), "Reject E_SIG"); // what stands before it
    QCOMPARE(verdictWith({linkOf(fourth), linkOf(fourth)}), "Reject E_SIG"); // does not go on
    const UnverifiedChange fifth = s.ann.insert(kDoc, 0, ".").raw();
    QCOMPARE(verdictWith({linkOf(altered(fourth)), linkOf(fifth)}), "valid");
    QCOMPARE(verdictWith({linkOf(fifth)}), "Reject E_SIG"); // leaves one out
}

void ValidationTest::refusesOtherWorkspaces()
{
    Scene s;
    UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    change.signature =
        kScheme.sign(s.group.people[0].device, domains::kChange, WorkspaceId{}, change.hash);
    QCOMPARE(s.verdictOf(change), std::string("Reject E_SIG"));
}

void ValidationTest::judgesLamport()
{
    Scene s;
    const UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    for (const std::uint64_t lamport : {0ULL, 2ULL, 4ULL, ~0ULL}) {
        UnverifiedChange jump = change;
        jump.header.lamport = Lamport(lamport);
        QCOMPARE(s.verdictOf(test::resigned(s.group, jump)), std::string("Invalid E_LAMPORT"));
    }
}

void ValidationTest::judgesStructure_data()
{
    QTest::addColumn<int>("which");
    const std::array names{"first change without its decision",
                           "prev of another place",
                           "dep at wrong place",
                           "deps unsorted",
                           "dep twice",
                           "document number 0",
                           "document of a stranger"};
    for (int i = 0; i < static_cast<int>(names.size()); ++i)
        QTest::newRow(names[static_cast<std::size_t>(i)]) << i;
}

void ValidationTest::judgesStructure()
{
    QFETCH(const int, which);
    Scene s;
    Replica cleo(s.group, 2);
    QVERIFY(cleo.receive(s.first.raw()) && cleo.receive(s.second.raw()));
    const Change reply = s.ben.insert(kDoc, 4, "!");
    const Change aside = cleo.insert(kDoc, 0, "-");
    QVERIFY(s.ben.receive(aside.raw()));
    QVERIFY(s.ann.receive(reply.raw()) && s.ann.receive(aside.raw()));
    UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    QCOMPARE(s.verdictOf(change), std::string("valid"));
    QCOMPARE(change.header.deps.size(), std::size_t(2));
    ChangeHeader &header = change.header;
    switch (which) {
    case 0:
        header = {};
        header.device = DeviceIndex(3);
        header.seq = Seq(1);
        header.prev = s.first.hash();
        header.lamport = Lamport(1);
        header.doc = docIndexOf(DeviceIndex(3), 1);
        break;
    case 1:
        header.prev = s.first.hash();
        break;
    case 2:
        header.deps[0].seq = Seq(2);
        break;
    case 3:
        std::swap(header.deps[0], header.deps[1]);
        break;
    case 4:
        header.deps[1] = header.deps[0];
        header.lamport = Lamport(4);
        break;
    case 5:
        header.doc = DocIndex(0);
        break;
    default:
        header.doc = docIndexOf(DeviceIndex(9), 1);
    }
    QCOMPARE(s.verdictOf(test::resigned(s.group, change)), std::string("Invalid E_STRUCT"));
}

void ValidationTest::judgesImpliedDeps()
{
    Scene s;
    const Change reply = s.ben.insert(kDoc, 4, "!");
    QVERIFY(s.ann.receive(reply.raw()));
    const Change merge = s.ann.insert(kDoc, 0, "x");
    QVERIFY(s.ben.receive(merge.raw()));
    UnverifiedChange next = s.ann.insert(kDoc, 0, "y").raw();
    QVERIFY(next.header.deps.empty());
    next.header.deps = {{DeviceIndex(1), Seq(1), reply.hash()}};
    QCOMPARE(s.verdictOf(test::resigned(s.group, next)), std::string("Invalid E_STRUCT"));

    // Two deps of which one includes the other.
    Replica cleo(s.group, 2);
    QVERIFY(cleo.receive(s.first.raw()) && cleo.receive(s.second.raw()));
    UnverifiedChange pair = cleo.insert(kDoc, 0, "z").raw();
    pair.header.deps = {{DeviceIndex(0), merge.header().seq, merge.hash()},
                        {DeviceIndex(1), Seq(1), reply.hash()}};
    pair.header.lamport = Lamport(merge.header().lamport.value + 1);
    QCOMPARE(s.verdictOf(test::resigned(s.group, pair)), std::string("Invalid E_STRUCT"));
    pair.header.deps.pop_back();
    const Bytes content = test::contentOf(s.group, cleo.merge(kDoc, {}).raw());
    pair.header.opCount = 0;
    QCOMPARE(s.verdictOf(test::resealed(s.group, pair, content)), std::string("valid"));
}

void ValidationTest::judgesWideMerges()
{
    const Group group(20, kScheme);
    Replica ann(group, 0);
    const Change title = ann.setTitle(kDoc, "Wide");
    std::vector<UnverifiedChange> sides;
    for (std::size_t i = 1; i < 20; ++i) {
        Replica other(group, i);
        QVERIFY(other.receive(title.raw()));
        sides.push_back(other.insert(kDoc, 0, std::to_string(i)).raw());
    }
    for (const UnverifiedChange &side : sides)
        QVERIFY(ann.receive(side));
    QCOMPARE(ann.graph.reduce(ann.head, ann.heads()).size(), std::size_t(19));

    const auto heads = ann.heads();
    UnverifiedChange wide = ann.merge(kDoc, {heads.begin(), heads.begin() + 16}).raw();
    const Change rest = ann.insert(kDoc, 0, "all");
    QCOMPARE(wide.header.deps.size(), std::size_t(16));
    QCOMPARE(rest.header().deps.size(), std::size_t(3));

    Replica ben(group, 1);
    QVERIFY(ben.receive(title.raw()));
    for (const UnverifiedChange &side : sides)
        QVERIFY(ben.receive(side));
    UnverifiedChange wider = wide;
    wider.header.deps.push_back(rest.header().deps[0]);
    std::ranges::sort(wider.header.deps);
    QCOMPARE(describe(ben.validator.validate(test::resigned(group, wider))),
             std::string("Invalid E_STRUCT"));
    QVERIFY(ben.receive(wide));
    QVERIFY(ben.receive(rest.raw()));
    QCOMPARE(ben.document(kDoc).text(), ann.document(kDoc).text());
}

void ValidationTest::judgesRole()
{
    Scene s;
    const UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    s.group.configuration.devices[0].mayWrite = false;
    QCOMPARE(s.verdictOf(change), std::string("Invalid E_ROLE"));
}

void ValidationTest::judgesDocuments()
{
    Scene s;
    const DocIndex mine = docIndexOf(DeviceIndex(1), 7);
    const Change created = s.ben.setTitle(mine, "Ben's");
    UnverifiedChange early = s.ann.setTitle(mine, "Ann was first").raw();
    QCOMPARE(s.verdictOf(early), std::string("Invalid E_STRUCT"));
    QVERIFY(created.header().doc == mine);
    QCOMPARE(s.ben.graph.documents(), (std::vector<DocIndex>{kDoc, mine}));
}

void ValidationTest::asksForOtherPayload()
{
    Scene s;
    UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    change.payload.back() ^= std::byte{1};
    QCOMPARE(s.verdictOf(change), std::string("Refetch E_PAYLOAD_HASH"));
    change.payload.pop_back();
    QCOMPARE(s.verdictOf(change), std::string("Refetch E_PAYLOAD_HASH"));
}

void ValidationTest::judgesContent()
{
    Scene s;
    const UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    const Bytes content = test::contentOf(s.group, change);

    UnverifiedChange garbage = change;
    garbage.payload.back() ^= std::byte{1};
    garbage.header.payloadHash = digest(domains::kPayload, garbage.payload);
    QCOMPARE(s.verdictOf(test::resigned(s.group, garbage)), std::string("Invalid E_PAYLOAD_HASH"));

    SeededRandom random(5);
    const Group other(4, kScheme, 77);
    UnverifiedChange otherKey = test::resealed(other, change, content);
    QCOMPARE(s.verdictOf(test::resigned(s.group, otherKey)), std::string("Invalid E_KEY_COMMIT"));

    UnverifiedChange futureKey = change;
    futureKey.header.keyEpoch = KeyEpoch(1);
    QCOMPARE(s.verdictOf(test::resigned(s.group, futureKey)), std::string("Invalid E_KEY_COMMIT"));

    Bytes longer = content;
    longer.push_back(std::byte{0});
    QCOMPARE(s.verdictOf(test::resealed(s.group, change, longer)), std::string("Invalid E_CANON"));

    UnverifiedChange miscounted = change;
    miscounted.header.opCount = 2;
    QCOMPARE(s.verdictOf(test::resealed(s.group, miscounted, content)),
             std::string("Invalid E_CANON"));
    QCOMPARE(s.verdictOf(test::resealed(s.group, change, content)), std::string("valid"));
}

void ValidationTest::judgesTargets()
{
    Scene s;
    // Ben's letter is held by the judge, but Ann's change does not say that she has seen it.
    const Change reply = s.ben.insert(kDoc, 4, "!");
    UnverifiedChange unaware = s.ann.insert(kDoc, 0, "x").raw();
    QVERIFY(s.ann.receive(reply.raw()));
    const Change aware = s.ann.erase(kDoc, 5, 1);
    QCOMPARE(s.ann.document(kDoc).text(), std::string("xsnow"));
    const UnverifiedChange thief =
        test::resealed(s.group, unaware, test::contentOf(s.group, aware.raw()));
    QCOMPARE(s.verdictOf(thief), std::string("Invalid E_OP_TARGET"));
    QVERIFY(s.ben.receive(unaware));
    QVERIFY(s.ben.receive(aware.raw()));
}

void ValidationTest::answersForks()
{
    Scene s;
    Replica copy(s.group, 0); // a restored backup of Ann's computer
    QVERIFY(copy.receive(s.first.raw()));
    const Change other = copy.insert(kDoc, 0, "rain");
    const auto verdict = s.ben.validator.validate(other.raw());
    QCOMPARE(describe(verdict), std::string("Fork EV_FORK"));
    QCOMPARE(verdict.error().other, s.ben.graph.find(s.second.hash()));
    UnverifiedChange forged = other.raw();
    forged.signature.value[9] ^= std::byte{4};
    QCOMPARE(s.verdictOf(forged), std::string("Reject E_SIG"));
    QCOMPARE(describe(s.ben.validator.validate(forged, SignatureNeed::Covered)),
             std::string("Reject E_SIG"));
}

void ValidationTest::judgesBranches()
{
    Scene s;
    Replica copy(s.group, 0);
    Replica cleo(s.group, 2);
    QVERIFY(copy.receive(s.first.raw()) && cleo.receive(s.first.raw()));
    const Change rain = copy.insert(kDoc, 0, "rain");
    const Change more = copy.insert(kDoc, 4, "y");
    QVERIFY(cleo.receive(rain.raw()) && cleo.receive(more.raw()));
    const Change honest = cleo.erase(kDoc, 0, 1);

    QCOMPARE(s.verdictOf(honest.raw()), std::string("NeedsParents BUFFERED"));
    QCOMPARE(s.verdictOf(rain.raw()), std::string("Fork EV_FORK"));
    QVERIFY(s.ben.receiveBranch(rain.raw()));
    QVERIFY(s.ben.graph.isForked(DeviceIndex(0)));
    QVERIFY(s.ben.receive(more.raw())); // follows its own branch: no second fork
    QVERIFY(s.ben.receive(honest.raw()));

    QVERIFY(cleo.receiveBranch(s.second.raw()));
    QCOMPARE(cleo.document(kDoc).text(), s.ben.document(kDoc).text());

    // A change that has seen both branches names letters of each by ordinal.
    const Change both = s.ben.erase(kDoc, 0, s.ben.document(kDoc).length());
    QVERIFY(cleo.receive(both.raw()));
    QCOMPARE(cleo.document(kDoc).text(), std::string());
    cleo.graph.checkInvariants();
    s.ben.graph.checkInvariants();
    // A wrong step is wrong on a branch too.
    UnverifiedChange jump = copy.insert(kDoc, 0, "z").raw();
    jump.header.lamport = Lamport(99);
    QCOMPARE(describe(s.ben.validator.validateWanted(test::resigned(s.group, jump))),
             std::string("Invalid E_LAMPORT"));
}

void ValidationTest::believesRuns()
{
    Scene s;
    UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    change.signature = {};
    const auto verdict = s.ben.validator.validate(change, SignatureNeed::Covered);
    QVERIFY(verdict.has_value());
    QVERIFY(!verdict->isSignatureChecked());
    QCOMPARE(s.verdictOf(change), std::string("Reject E_SIG"));
}

void ValidationTest::ignoresClocks()
{
    Scene s;
    UnverifiedChange change = s.ann.insert(kDoc, 0, "x").raw();
    const Bytes content = test::contentOf(s.group, change);
    for (const std::int64_t wall : {INT64_MIN, std::int64_t(-1), INT64_MAX}) {
        change.header.wallMs = wall;
        QCOMPARE(s.verdictOf(test::resealed(s.group, change, content)), std::string("valid"));
    }
}

QTEST_APPLESS_MAIN(ValidationTest)
#include "validation_test.moc"
