#include "core/trust/sign_journal.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::trust;

namespace {

SignJournal::Row row(SignJournal::Plane plane, std::uint32_t epoch, std::uint64_t phase,
                     std::string_view bytes)
{
    return {{.plane = plane, .epoch = Epoch(epoch), .round = 0, .phase = phase},
            copyOf(bytesOf(bytes))};
}

using Plane = SignJournal::Plane;

} // namespace

class SignJournalTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refusesASecondRecord();
    void knowsTheLastOfEachPlane();
};

void SignJournalTest::refusesASecondRecord()
{
    SignJournal journal;
    QVERIFY(journal.enter(row(Plane::Edit, 0, 1, "snow")));
    QVERIFY(journal.enter(row(Plane::Edit, 0, 1, "snow"))); // the same again is no contradiction
    QVERIFY(!journal.enter(row(Plane::Edit, 0, 1, "rain")));
    QVERIFY(journal.enter(row(Plane::Edit, 0, 2, "rain")));
    QVERIFY(journal.enter(row(Plane::Ack, 0, 1, "rain")));
    QVERIFY(!journal.enter(row(Plane::Ack, 0, 1, "snow")));
    QVERIFY(journal.enter(row(Plane::Ack, 1, 1, "snow")));
}

void SignJournalTest::knowsTheLastOfEachPlane()
{
    SignJournal journal;
    QCOMPARE(journal.lastPhase(Plane::Edit, Epoch(0)), std::uint64_t(0));
    QVERIFY(journal.enter(row(Plane::Edit, 0, 7, "a")));
    QVERIFY(journal.enter(row(Plane::Edit, 0, 3, "b")));
    QCOMPARE(journal.lastPhase(Plane::Edit, Epoch(0)), std::uint64_t(7));
    QCOMPARE(journal.lastPhase(Plane::Ack, Epoch(0)), std::uint64_t(0));
    QVERIFY(journal.enter(row(Plane::Ack, 1, 4, "c")));
    QVERIFY(journal.enter(row(Plane::Ack, 3, 2, "d")));
    QCOMPARE(journal.lastPhase(Plane::Ack, Epoch(1)), std::uint64_t(4));
    QCOMPARE(journal.lastPhase(Plane::Ack, Epoch(2)), std::uint64_t(0));
    QCOMPARE(journal.lastPhase(Plane::Ack, Epoch(3)), std::uint64_t(2));
    QVERIFY(!journal.enter(row(Plane::Edit, 0, 7, "again")));
    QCOMPARE(journal.lastPhase(Plane::Edit, Epoch(0)), std::uint64_t(7));
}

QTEST_APPLESS_MAIN(SignJournalTest)
#include "sign_journal_test.moc"
