#include "core/base/blob_limits.h"
#include "core/base/random.h"
#include "core/blobs/blob_ref.h"

#include <QTest>

using namespace nlbd;
using blobs::BlobRef;

namespace {

BlobRef sample()
{
    BlobRef ref;
    ref.top.value.fill(std::byte{0xAB});
    ref.size = 1234;
    ref.key.fill(std::byte{0x0F});
    ref.mediaType = "image/png";
    ref.name = "Gärten 漢.png";
    return ref;
}

} // namespace

class BlobRefTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void decodingInvertsEncoding()
    {
        const BlobRef ref = sample();
        QVERIFY(ref.encode().size() < 4096 && ref.field().size() <= 64);
        QVERIFY(blobs::isBlobField(ref.field()));
        const auto decoded = BlobRef::decode(ref.field(), ref.encode());
        QVERIFY(decoded.has_value());
        QVERIFY(*decoded == ref);
    }
    /// Drawn here as it stands in documents (core/blobs/README.md).
    void isWrittenAsItIsDrawn()
    {
        const BlobRef ref = sample();
        const std::string expected = "1\n1234\n" + std::string(64, 'x') + "\n"
            + std::string(64, 'y') + "\nimage/png\nGärten 漢.png";
        std::string drawn = expected;
        for (int i = 0; i < 32; ++i) {
            drawn.replace(drawn.find("xx"), 2, "ab");
            drawn.replace(drawn.find("yy"), 2, "0f");
        }
        QCOMPARE(ref.encode(), drawn);
        QCOMPARE(ref.field(), "blob." + ref.root().hex().substr(0, 32));
    }
    void whatIsWrittenOtherwiseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<int>("code");
        const int canon = static_cast<int>(Code::E_CANON);
        const int bounds = static_cast<int>(Code::E_BOUNDS);
        QTest::newRow("level") << QByteArray("1\n1234") << QByteArray("2\n1234") << canon;
        QTest::newRow("zero in front") << QByteArray("\n1234") << QByteArray("\n01234") << canon;
        QTest::newRow("sign") << QByteArray("\n1234") << QByteArray("\n+1234") << canon;
        QTest::newRow("no number") << QByteArray("\n1234") << QByteArray("\n12x4") << canon;
        QTest::newRow("no size") << QByteArray("\n1234") << QByteArray("\n") << canon;
        QTest::newRow("the largest and one more")
            << QByteArray("\n1234")
            << "\n" + QByteArray::number(qulonglong(limits::kBlobBytesMax) + 1) << bounds;
        QTest::newRow("beyond 64 bits")
            << QByteArray("\n1234") << QByteArray("\n99999999999999999999") << bounds;
        QTest::newRow("another size") << QByteArray("\n1234") << QByteArray("\n1235") << canon;
        QTest::newRow("another tree") << QByteArray("\nab") << QByteArray("\nac") << canon;
        QTest::newRow("upper case") << QByteArray("\nab") << QByteArray("\nAB") << canon;
        QTest::newRow("short key") << QByteArray("\n0f") << QByteArray("\n") << canon;
        QTest::newRow("type") << QByteArray("image/png") << QByteArray("image") << canon;
        QTest::newRow("type in capitals")
            << QByteArray("image/png") << QByteArray("Image/png") << canon;
        QTest::newRow("no name") << QByteArray("Gärten 漢.png") << QByteArray() << canon;
        QTest::newRow("path") << QByteArray("Gärten") << QByteArray("../Gärten") << canon;
        QTest::newRow("line") << QByteArray("Gärten") << QByteArray("Gär\nten") << canon;
        QTest::newRow("override") << QByteArray("Gärten") << QByteArray("Gär\u202Eten") << canon;
        QTest::newRow("cut") << QByteArray("\nimage/png\nGärten 漢.png") << QByteArray() << canon;
    }
    void whatIsWrittenOtherwiseIsRefused()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(int, code);
        const BlobRef ref = sample();
        QByteArray value = QByteArray::fromStdString(ref.encode());
        const auto at = value.indexOf(from);
        QVERIFY(at >= 0);
        value.replace(at, from.size(), to);
        const auto decoded = BlobRef::decode(ref.field(), value.toStdString());
        QVERIFY(!decoded);
        QCOMPARE(static_cast<int>(decoded.error()), code);
    }
    void anotherFieldIsRefused()
    {
        const BlobRef ref = sample();
        QVERIFY(!BlobRef::decode("blob.00", ref.encode()));
        QVERIFY(!BlobRef::decode("title", ref.encode()));
    }
    void whatDecodesHasOneForm()
    {
        SeededRandom chance(5);
        const BlobRef ref = sample();
        for (int i = 0; i < 20'000; ++i) {
            std::string value = ref.encode();
            value[chance.below(value.size())] = static_cast<char>(chance.below(256));
            const auto decoded = BlobRef::decode(ref.field(), value);
            if (decoded)
                QCOMPARE(decoded->encode(), value);
        }
    }
    void mediaTypesAreWords()
    {
        QCOMPARE(blobs::plainMediaType("Image/PNG"), std::string("image/png"));
        for (const char *bad : {"", "/", "a/", "/b", "a b/c", "a/b\n", "a/b;c"})
            QCOMPARE(blobs::plainMediaType(bad), std::string("application/octet-stream"));
        QCOMPARE(blobs::plainMediaType("a/" + std::string(200, 'b')),
                 std::string("application/octet-stream"));
    }
};

QTEST_GUILESS_MAIN(BlobRefTest)
#include "blob_ref_test.moc"
