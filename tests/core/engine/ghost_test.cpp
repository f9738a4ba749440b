#include "tests/core/engine/checkpoint_room.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using Room = nlbd::testing::CheckpointRoom;

namespace {

constexpr std::size_t kHolder = 1; ///< writes inside of what is void, and forks later
constexpr std::size_t kRemoved = 4;

constexpr std::initializer_list<std::size_t> kOthers{0, 2, 3, 5, 6}; ///< a quorum

/// Seven members. What the removed one wrote last reached one other alone, who wrote inside of it
/// and had no part in the decision: so it is void, and stays for what stands on it (PROTOCOL C15).
struct Haunted : Room {
    Haunted()
        : Room(7)
    {
        for (const std::size_t other : kOthers) {
            group.cut(kRemoved, other);
            group.cut(kHolder, other);
        }
        type(kRemoved, "late ");
        group.run(1s);
        type(kHolder, "HELD", 2);
        group.run(1s);
        agree(0, removal(kRemoved), {2, 3, 5, 6});
        group.cut(kHolder, kRemoved);
        for (const std::size_t other : kOthers)
            group.join(kHolder, other);
        group.run(20s);
    }
    [[nodiscard]] bool isBlamed(std::uint16_t device, std::size_t by)
    {
        return std::ranges::any_of(group.at(by).evidence(), [&](const api::EvidenceInfo &evidence) {
            return evidence.accused == DeviceIndex(device);
        });
    }
};

} // namespace

/// What a decision closed out, and honest work stands on.
class GhostTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isBuiltOnBesideWhoHoldsIt_data();
    void isBuiltOnBesideWhoHoldsIt();
};

void GhostTest::isBuiltOnBesideWhoHoldsIt_data()
{
    QTest::addColumn<bool>("isHolderDisputed");
    QTest::newRow("who holds it is honest") << false;
    QTest::newRow("who holds it is disputed") << true;
}

/// The next letter's place is told by a letter that nobody sees. Naming it is right only with what
/// holds it: whoever knew of the decision and built on a void change alone would have proven
/// himself wrong.
void GhostTest::isBuiltOnBesideWhoHoldsIt()
{
    QFETCH(bool, isHolderDisputed);
    Haunted room;
    QCOMPARE(room.now(0).epoch, Epoch(1));
    QCOMPARE(QString::fromStdString(room.text(0)), QStringLiteral("HELDold "));
    if (isHolderDisputed)
        room.group.proveFork(kHolder, 0);
    for (TextOffset at : {TextOffset(0), TextOffset(5)})
        room.type(0, "x", at);
    room.group.run(10s);
    for (const std::size_t i : kOthers) {
        QVERIFY(!room.isBlamed(0, i));
        QCOMPARE(QString::fromStdString(room.text(i)), QStringLiteral("xHELDxold "));
    }
}

QTEST_GUILESS_MAIN(GhostTest)
#include "ghost_test.moc"
