#include "core/base/codec.h"
#include "tests/support/hostile.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

constexpr std::size_t kMalory = 3;
constexpr std::size_t kHonest = 3;

/// Four members; the last one's device also writes what its engine never would.
struct Table {
    Table()
        : group(4, 1)
        , configuration(group.genesis().genesis.configuration())
        , pen({configuration, scheme, group.device(kMalory), DeviceIndex(kMalory), group.key()})
    {
        group.run(200ms);
    }

    void give(std::size_t to, const hostile::Record &record)
    {
        const hostile::Frame frame = hostile::changesFrame({record});
        group.step(to, engine::FrameIn{group.sessionWith(to, kMalory), frame.kind, frame.body});
    }
    /// One insert behind a change that it does not build on (core/crdt/FORMAT.md).
    [[nodiscard]] hostile::Record behindNothing(std::string_view words) const
    {
        Writer content;
        content.varint(1);
        content.u8(0x04 | 0x18);
        content.varint(0);
        content.varint(1'000'000);
        content.varint(0);
        content.text(words);
        hostile::Record record = pen.draft(pen.typing(words), group.now().wall);
        record.header.opCount = 1;
        return pen.resealed(record, content.bytes());
    }
    [[nodiscard]] bool isProven(std::size_t at)
    {
        return std::ranges::any_of(group.at(at).evidence(), [](const api::EvidenceInfo &info) {
            return info.code == Code::EV_INVALID && info.accused == DeviceIndex(kMalory);
        });
    }
    [[nodiscard]] bool isFenced(std::size_t at, std::size_t whom = kMalory)
    {
        const identity::Device *device =
            group.at(at).configuration().device(DeviceIndex(static_cast<std::uint16_t>(whom)));
        return device->penEnd.has_value();
    }

    SmallGroup group;
    identity::Ed25519 scheme;
    identity::Configuration configuration;
    hostile::Pen pen;
};

} // namespace

/// Who signs a change that breaks the rules loses the pen by the proof alone: seats ask for the
/// fence, and nobody has to vote (PROTOCOL C7).
class FenceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aChangeAgainstTheRulesIsFenced_data();
    void aChangeAgainstTheRulesIsFenced();
    void whatNeedsTheHistoryIsNot();
};

void FenceTest::aChangeAgainstTheRulesIsFenced_data()
{
    QTest::addColumn<bool>("isTime");
    QTest::newRow("logical time") << true;
    QTest::newRow("structure") << false;
}

void FenceTest::aChangeAgainstTheRulesIsFenced()
{
    QFETCH(bool, isTime);
    Table table;
    const hostile::Record good = table.pen.append("good", table.group.now().wall);
    for (std::size_t i = 0; i < kHonest; ++i)
        table.give(i, good);
    table.group.run(2s);
    hostile::Record bad = table.pen.draft(table.pen.typing("bad"), table.group.now().wall);
    if (isTime)
        bad.header.lamport = Lamport(bad.header.lamport.value + 1'000'000);
    else
        bad.header.doc = DocIndex(0);
    table.give(0, table.pen.resigned(bad));
    QVERIFY(!table.isFenced(0));
    table.group.run(30s);
    for (std::size_t i = 0; i < kHonest; ++i) {
        QVERIFY(table.isProven(i));
        QVERIFY2(table.isFenced(i), qPrintable(QString::number(i)));
        QVERIFY(!table.isFenced(i, 0) && !table.isFenced(i, 1) && !table.isFenced(i, 2));
        // One fence ends one epoch; what she wrote by the rules stays.
        QCOMPARE(table.group.at(i).configuration().epoch, Epoch(1));
        QVERIFY(table.group.at(i).graph().find(good.hash) != ChangeHandle());
    }
}

void FenceTest::whatNeedsTheHistoryIsNot()
{
    Table table;
    const hostile::Record good = table.pen.append("good", table.group.now().wall);
    for (std::size_t i = 0; i < kHonest; ++i)
        table.give(i, good);
    table.give(0, table.behindNothing("bad"));
    table.group.run(30s);
    QVERIFY(table.isProven(0));
    for (std::size_t i = 0; i < kHonest; ++i) {
        QVERIFY(!table.isFenced(i));
        QCOMPARE(table.group.at(i).configuration().epoch, Epoch(0));
    }
}

QTEST_APPLESS_MAIN(FenceTest)
#include "fence_test.moc"
