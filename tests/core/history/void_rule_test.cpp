#include "core/history/void_rule.h"

#include "tests/core/history/group.h"

#include <QTest>

using namespace nlbd;
using history::UnverifiedChange;
using nlbd::test::Group;
using nlbd::test::Replica;

namespace {

const identity::Ed25519 kScheme;
const DocIndex kDoc = history::docIndexOf(DeviceIndex(0), 1);

/// Ann's device wrote a title and two words; a copy of it wrote another first word.
struct Scene {
    Group group{3, kScheme};
    Replica ann{group, 0};
    Replica copy{group, 0};
    Replica ben{group, 1};
    UnverifiedChange title = ann.setTitle(kDoc, "T").raw();
    UnverifiedChange snow = ann.insert(kDoc, 0, "snow").raw();
    UnverifiedChange ice = ann.insert(kDoc, 0, "ice").raw();
    UnverifiedChange hail;
    UnverifiedChange answer;

    Scene()
    {
        take(copy.receive(title).has_value());
        copy.head = copy.graph.find(title.header.hash());
        hail = copy.insert(kDoc, 0, "hail").raw();
        take(ben.receive(title).has_value());
        take(ben.receive(snow).has_value());
        take(ben.receive(ice).has_value());
        take(ben.receiveBranch(hail).has_value());
        answer = ben.insert(kDoc, 0, "rain").raw();
    }
    static void take(bool isTaken)
    {
        if (!isTaken)
            qFatal("a good change is refused");
    }
    void endAt(const std::vector<UnverifiedChange> &heads)
    {
        identity::PenEnd end{Epoch(0)};
        for (const UnverifiedChange &head : heads)
            end.heads.push_back({DeviceIndex(0), head.header.seq, head.header.hash()});
        group.configuration.devices[0].penEnd = end;
    }
    bool isVoid(const UnverifiedChange &change) const
    {
        return history::footingOf(group.configuration, ben.graph, change.header.device,
                                  change.header.seq, change.header.hash())
            == history::Footing::Beyond;
    }
};

} // namespace

class VoidRuleTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingIsVoidWhileItsPenWrites();
    void whatIsBeyondTheCutIsVoid();
    void bothBranchesCanBeInside();
    void passesBelowAHeadThatIsNotHeld();
};

void VoidRuleTest::nothingIsVoidWhileItsPenWrites()
{
    const Scene s;
    for (const UnverifiedChange &change : {s.title, s.snow, s.ice, s.hail, s.answer})
        QCOMPARE(s.isVoid(change), false);
}

void VoidRuleTest::whatIsBeyondTheCutIsVoid()
{
    Scene s;
    s.endAt({s.snow});
    QCOMPARE(s.isVoid(s.title), false);
    QCOMPARE(s.isVoid(s.snow), false);
    QCOMPARE(s.isVoid(s.ice), true);
    QCOMPARE(s.isVoid(s.hail), true); // same place as snow, another branch
    QCOMPARE(s.isVoid(s.answer), false);
    s.endAt({});
    QCOMPARE(s.isVoid(s.title), true);
}

void VoidRuleTest::bothBranchesCanBeInside()
{
    Scene s;
    s.endAt({s.hail, s.ice});
    for (const UnverifiedChange &change : {s.title, s.snow, s.ice, s.hail})
        QCOMPARE(s.isVoid(change), false);
}

void VoidRuleTest::passesBelowAHeadThatIsNotHeld()
{
    Scene s;
    UnverifiedChange unknown = s.ice;
    unknown.header.lamport = Lamport(99);
    s.endAt({unknown});
    QCOMPARE(s.isVoid(s.snow), false);
    s.endAt({s.snow, unknown});
    QCOMPARE(s.isVoid(s.snow), false);
    QCOMPARE(s.isVoid(s.ice), true); // its place is the unknown one's
    unknown = s.snow;
    unknown.header.lamport = Lamport(99);
    s.endAt({unknown}); // too low to have it below
    QCOMPARE(s.isVoid(s.ice), true);
}

QTEST_APPLESS_MAIN(VoidRuleTest)
#include "void_rule_test.moc"
