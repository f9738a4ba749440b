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
    void unknownKindsAndGiantsAreRefused()
    {
        QVERIFY(gossip::decode(0x0F, {}).error() == Code::E_CANON);
        QVERIFY(gossip::decode(0x1D, {}).error() == Code::E_CANON);
        QVERIFY(gossip::decode(0x10, Bytes(limits::kFrameBytesMax + 1)).error() == Code::E_BOUNDS);
    }
};

QTEST_APPLESS_MAIN(MessageTest)
#include "message_test.moc"
