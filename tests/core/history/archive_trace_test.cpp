#include "core/history/archive.h"
#include "tests/support/signed_trace.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::history;

namespace {

const identity::Ed25519 kScheme;
constexpr std::size_t kEditsPerChange = 30;

std::string vectorPath(const QString &name)
{
    const QByteArray source = qgetenv("NLBD_SOURCE_DIR");
    return (source.isEmpty() ? std::string(".") : source.toStdString()) + "/tests/vectors/traces/"
        + name.toStdString() + ".json.gz";
}

} // namespace

/// Real writing, signed: the archive gives every record back.
class ArchiveTraceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void restoresTheRecords_data()
    {
        QTest::addColumn<double>("shareOfRecordsMax");
        QTest::newRow("friendsforever") << 0.03;
        QTest::newRow("automerge-paper") << 0.05;
    }

    void restoresTheRecords()
    {
        QFETCH(const double, shareOfRecordsMax);
        const auto trace = test::readTrace(vectorPath(QTest::currentDataTag()));
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().c_str());
        const auto source = test::SignedTrace::make(*trace, kEditsPerChange, kScheme);
        QVERIFY(source != nullptr);
        const auto &changes = source->changes();
        const auto &configuration = source->group().configuration;
        const auto bytes =
            encodeArchive(changes, configuration, source->keyLookup(), ArchiveSignatures::Tails);
        QVERIFY(bytes.has_value());
        const auto archived = decodeArchive(*bytes, configuration, kScheme, source->keyLookup());
        QVERIFY(archived.has_value());
        QCOMPARE(archived->size(), changes.size());
        std::size_t signatures = 0;
        std::size_t recordBytes = 0;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            const ArchivedChange &it = (*archived)[i];
            QVERIFY(it.change.header == changes[i].header && it.change.hash == changes[i].hash
                    && it.change.payload == changes[i].payload);
            QVERIFY(!it.isSigned || it.change.signature == changes[i].signature);
            signatures += it.isSigned ? 1 : 0;
            recordBytes += encodeFull(changes[i]).size();
        }
        QCOMPARE(signatures, source->group().people.size());
        qInfo("%zu changes, %zu bytes of %zu", changes.size(), bytes->size(), recordBytes);
        QVERIFY(static_cast<double>(bytes->size())
                < shareOfRecordsMax * static_cast<double>(recordBytes));
    }
};

QTEST_APPLESS_MAIN(ArchiveTraceTest)
#include "archive_trace_test.moc"
