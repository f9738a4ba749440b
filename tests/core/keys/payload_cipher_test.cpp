#include "core/base/digest.h"
#include "core/keys/payload_cipher.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::keys;

namespace {

WorkspaceKey keyOf(std::uint64_t seed)
{
    SeededRandom random(seed);
    return WorkspaceKey::generate(random);
}

PayloadContext context()
{
    return {DocIndex(1), DeviceIndex(2), Seq(3), digest(domains::kAssociated, bytesOf("header"))};
}

} // namespace

class PayloadCipherTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void opensWhatItSealed();
    void isDeterministic();
    void refusesEveryFlippedByte();
    void refusesEveryCut();
    void tellsAWrongKeyFromAlteredText();
    void bindsItsContext();
    void drawsAnotherNonceForOtherContext();
    void commitsToTheKey();
    void refusesGiants();
};

void PayloadCipherTest::opensWhatItSealed()
{
    for (const std::size_t size :
         {std::size_t(0), std::size_t(1), std::size_t(47), kPlaintextBytesMax}) {
        const Bytes text(size, std::byte{0x61});
        const Bytes payload = sealPayload(keyOf(1), context(), text);
        QCOMPARE(payload.size(), size + kPayloadOverhead);
        const auto opened = openPayload(keyOf(1), context(), payload);
        QVERIFY(opened.has_value());
        QCOMPARE(*opened, text);
    }
}

void PayloadCipherTest::isDeterministic()
{
    const WorkspaceKey key = keyOf(1);
    QCOMPARE(sealPayload(key, context(), bytesOf("snow")),
             sealPayload(key.clone(), context(), bytesOf("snow")));
    QVERIFY(sealPayload(key, context(), bytesOf("snow"))
            != sealPayload(key, context(), bytesOf("rain")));
}

void PayloadCipherTest::refusesEveryFlippedByte()
{
    const Bytes payload = sealPayload(keyOf(1), context(), bytesOf("winter is coming"));
    for (std::size_t i = 0; i < payload.size(); ++i) {
        for (const unsigned bit : {0U, 7U}) {
            Bytes altered = payload;
            altered[i] ^= std::byte(1U << bit);
            QVERIFY(!openPayload(keyOf(1), context(), altered).has_value());
        }
    }
}

void PayloadCipherTest::refusesEveryCut()
{
    const Bytes payload = sealPayload(keyOf(1), context(), bytesOf("winter"));
    for (std::size_t size = 0; size < payload.size(); ++size) {
        const auto opened = openPayload(keyOf(1), context(), ByteView(payload).first(size));
        QVERIFY(!opened.has_value());
        if (size < kPayloadOverhead)
            QCOMPARE(opened.error(), Code::E_BOUNDS);
    }
}

void PayloadCipherTest::tellsAWrongKeyFromAlteredText()
{
    Bytes payload = sealPayload(keyOf(1), context(), bytesOf("winter"));
    QCOMPARE(openPayload(keyOf(2), context(), payload).error(), Code::E_KEY_COMMIT);
    payload.back() ^= std::byte{1};
    QCOMPARE(openPayload(keyOf(1), context(), payload).error(), Code::E_PAYLOAD_HASH);
}

void PayloadCipherTest::bindsItsContext()
{
    const Bytes payload = sealPayload(keyOf(1), context(), bytesOf("winter"));
    PayloadContext other = context();
    other.associated.value[31] ^= std::byte{1};
    QCOMPARE(openPayload(keyOf(1), other, payload).error(), Code::E_PAYLOAD_HASH);
    other = context();
    other.doc = DocIndex(2); // another document's key
    QCOMPARE(openPayload(keyOf(1), other, payload).error(), Code::E_KEY_COMMIT);
}

void PayloadCipherTest::drawsAnotherNonceForOtherContext()
{
    const auto nonce = [](const PayloadContext &of) {
        Bytes payload = sealPayload(keyOf(1), of, bytesOf("winter"));
        payload.resize(24);
        return payload;
    };
    PayloadContext other = context();
    other.seq = Seq(4);
    QVERIFY(nonce(context()) != nonce(other));
    other = context();
    other.device = DeviceIndex(9);
    QVERIFY(nonce(context()) != nonce(other));
    // One Poly1305 key must never authenticate two headers, as it would if a restored copy wrote
    // the same words at the same place with other parents.
    other = context();
    other.associated.value[0] ^= std::byte{1};
    QVERIFY(nonce(context()) != nonce(other));
}

void PayloadCipherTest::commitsToTheKey()
{
    QCOMPARE(keyOf(1).commitment(), digest(domains::kCommit, keyOf(1).view()));
    QVERIFY(keyOf(1).commitment() != keyOf(2).commitment());
    QVERIFY(keyOf(1).discoveryKey() != keyOf(2).discoveryKey());
    QVERIFY(Hash{keyOf(1).discoveryKey()} != keyOf(1).commitment());
}

void PayloadCipherTest::refusesGiants()
{
    const Bytes giant(limits::kPayloadBytesMax + 1);
    QCOMPARE(openPayload(keyOf(1), context(), giant).error(), Code::E_BOUNDS);
}

QTEST_APPLESS_MAIN(PayloadCipherTest)
#include "payload_cipher_test.moc"
