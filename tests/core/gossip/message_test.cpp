#include "tests/support/random_messages.h"

#include "core/base/limits.h"

#include <QTest>

using namespace nlbd;
using nlbd::testing::RandomMessages;

class MessageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void decodingInvertsEncoding()
    {
        RandomMessages messages(1);
        for (int i = 0; i < 2000; ++i) {
            const gossip::Message message = messages.next();
            const auto decoded = gossip::decode(static_cast<std::uint8_t>(gossip::kindOf(message)),
                                                gossip::encode(message));
            QVERIFY(decoded.has_value());
            QVERIFY(*decoded == message);
        }
    }
    void whatDecodesHasOneEncoding()
    {
        RandomMessages messages(2);
        SeededRandom chance(3);
        int accepted = 0;
        for (int i = 0; i < 20'000; ++i) {
            const gossip::Message message = messages.next();
            const auto kind = static_cast<std::uint8_t>(gossip::kindOf(message));
            Bytes body = gossip::encode(message);
            const auto at = static_cast<std::size_t>(chance.below(body.size()));
            body[at] ^= static_cast<std::byte>(1U << chance.below(8));
            const auto decoded = gossip::decode(kind, body);
            accepted += decoded ? 1 : 0;
            if (decoded)
                QCOMPARE(gossip::encode(*decoded), body);
        }
        QVERIFY(accepted > 0); // hashes and numbers may change into others
    }
    void truncatedAndExtendedAreRefused()
    {
        RandomMessages messages(4);
        for (int i = 0; i < 500; ++i) {
            const gossip::Message message = messages.next();
            const auto kind = static_cast<std::uint8_t>(gossip::kindOf(message));
            Bytes body = gossip::encode(message);
            for (std::size_t length = 0; length < body.size(); ++length)
                QVERIFY(!gossip::decode(kind, ByteView(body).first(length)));
            body.push_back(std::byte{0});
            QVERIFY(!gossip::decode(kind, body));
        }
    }
    void countsThatCannotBeTrueTakeNoMemory()
    {
        // 256 hashes announced, none there.
        const Bytes body{std::byte{0}, std::byte{0},    std::byte{0},
                         std::byte{0}, std::byte{0x80}, std::byte{0x02}};
        QVERIFY(gossip::decode(0x13, body).error() == Code::E_CANON);
    }
    void previewsThatCouldActOnTheirSurroundingsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("code"); // 0: fine
        const int canon = static_cast<int>(Code::E_CANON);
        const int bounds = static_cast<int>(Code::E_BOUNDS);
        QTest::newRow("plain") << QByteArray("a\tλ 漢😀") << 0;
        QTest::newRow("the longest") << QByteArray(512, 'x') << 0;
        QTest::newRow("longer") << QByteArray(513, 'x') << bounds;
        QTest::newRow("far longer") << QByteArray(5000, 'x') << bounds;
        QTest::newRow("empty") << QByteArray("") << canon;
        QTest::newRow("newline") << QByteArray("a\nb") << canon;
        QTest::newRow("escape") << QByteArray("\x1b[2J") << canon;
        QTest::newRow("nul") << QByteArray("a\0", 2) << canon;
        QTest::newRow("delete") << QByteArray("\x7f") << canon;
        QTest::newRow("next line") << QByteArray("\xC2\x85") << canon;
        QTest::newRow("line separator") << QByteArray("\xE2\x80\xA8") << canon;
        QTest::newRow("override") << QByteArray("ab\xE2\x80\xAE") << canon;
        QTest::newRow("isolate") << QByteArray("\xE2\x81\xA6") << canon;
        QTest::newRow("half a letter") << QByteArray("\xE2\x81") << canon;
        QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << canon;
        QTest::newRow("overlong") << QByteArray("\xC0\xAF") << canon;
    }
    void previewsThatCouldActOnTheirSurroundingsAreRefused()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const int, code);
        gossip::Presence presence;
        presence.isPresent = true;
        presence.preview = {{Seq(5), {}, text.toStdString()}};
        const auto decoded = gossip::decode(0x1C, gossip::encode(presence));
        QCOMPARE(decoded ? 0 : static_cast<int>(decoded.error()), code);
    }
    void aPresenceIsWrittenAsDrawn()
    {
        gossip::Presence presence;
        presence.device = DeviceIndex(3);
        presence.session = 0x0102030405060708;
        presence.counter = 300;
        presence.isPresent = true;
        presence.doc = DocIndex(0x10002);
        presence.caret = {false, DeviceIndex(3), Seq(5), 1, true};
        presence.preview = {{Seq(6), presence.caret, "λx"}};
        presence.signature.value.fill(std::byte{0xAA});
        const std::string drawn = "03"
                                  "0807060504030201"
                                  "ac02"
                                  "01"
                                  "02000100" // who, where
                                  "0003050101"
                                  "01" // anchors
                                  "01"
                                  "06"
                                  "0003050101"
                                  "03cebb78" // previews
            + QByteArray(64, '\xAA').toHex().toStdString();
        QCOMPARE(toHex(gossip::encode(presence)), drawn);
        // All but the signature is signed.
        const Hash before = presence.hash();
        presence.signature.value.fill(std::byte{0});
        QVERIFY(presence.hash() == before);
        presence.preview.front().text = "λy";
        QVERIFY(presence.hash() != before);
    }
    void previewsHaveAPlaceAndANumber()
    {
        gossip::Presence presence;
        presence.isPresent = true;
        presence.preview.assign(limits::kPreviewPartsMax, {Seq(1), {}, "x"});
        QVERIFY(gossip::decode(0x1C, gossip::encode(presence)).has_value());
        presence.preview.push_back({Seq(1), {}, "x"});
        QVERIFY(gossip::decode(0x1C, gossip::encode(presence)).error() == Code::E_CANON);
        presence.preview = {{Seq(0), {}, "x"}};
        QVERIFY(gossip::decode(0x1C, gossip::encode(presence)).error() == Code::E_CANON);
        presence.preview = {{Seq(1), {}, "x"}};
        presence.isPresent = false;
        QVERIFY(gossip::decode(0x1C, gossip::encode(presence)).error() == Code::E_CANON);
    }
    void unknownKindsAndGiantsAreRefused()
    {
        QVERIFY(gossip::decode(0x0F, {}).error() == Code::E_CANON);
        QVERIFY(gossip::decode(0x1D, {}).error() == Code::E_CANON);
        QVERIFY(gossip::decode(0x10, Bytes(limits::kFrameBytesMax + 1)).error() == Code::E_BOUNDS);
    }
};

QTEST_APPLESS_MAIN(MessageTest)
#include "message_test.moc"
