#include "core/identity/signature_scheme.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::identity;

namespace {

const Ed25519 kScheme;

struct Scene {
    SeededRandom random{11};
    SecretKey key = SecretKey::generate(random);
    WorkspaceId workspace;
    Hash hash = digest(domains::kChange, bytesOf("record"));
    Signature signature = kScheme.sign(key, domains::kChange, workspace, hash);

    bool holds(const Signature &of) const
    {
        return kScheme.verify(key.publicKey(), domains::kChange, workspace, hash, of);
    }
};

} // namespace

class SignatureTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void holds();
    void isBoundToEverything();
    void refusesEveryFlippedBit();
    void refusesMalleatedAndSmallOrder();
    void secretsSurviveTheirSeed();
    void transportKeysAgree();
};

void SignatureTest::holds()
{
    const Scene s;
    QVERIFY(s.holds(s.signature));
    QCOMPARE(kScheme.sign(s.key, domains::kChange, s.workspace, s.hash), s.signature);
}

void SignatureTest::isBoundToEverything()
{
    Scene s;
    const PublicKey &key = s.key.publicKey();
    WorkspaceId elsewhere;
    elsewhere.value[0] = std::byte{1};
    const Hash other = digest(domains::kChange, bytesOf("other"));
    const PublicKey stranger = SecretKey::generate(s.random).publicKey();
    QVERIFY(!kScheme.verify(key, domains::kAck, s.workspace, s.hash, s.signature));
    QVERIFY(!kScheme.verify(key, domains::kChange, elsewhere, s.hash, s.signature));
    QVERIFY(!kScheme.verify(key, domains::kChange, s.workspace, other, s.signature));
    QVERIFY(!kScheme.verify(stranger, domains::kChange, s.workspace, s.hash, s.signature));
}

void SignatureTest::refusesEveryFlippedBit()
{
    const Scene s;
    for (std::size_t i = 0; i < Signature::kSize; ++i)
        for (unsigned bit = 0; bit < 8; ++bit) {
            Signature altered = s.signature;
            altered.value[i] ^= std::byte(1U << bit);
            QVERIFY(!s.holds(altered));
        }
}

void SignatureTest::refusesMalleatedAndSmallOrder()
{
    const Scene s;
    // S + L is the same number modulo the group's order, in another spelling.
    static constexpr std::array<std::uint8_t, 32> kOrder{
        0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7,
        0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0,    0,    0,    0,    0,    0,
        0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    Signature malleated = s.signature;
    unsigned carry = 0;
    for (std::size_t i = 0; i < kOrder.size(); ++i) {
        carry += static_cast<unsigned>(malleated.value[32 + i]) + kOrder[i];
        malleated.value[32 + i] = static_cast<std::byte>(carry);
        carry >>= 8U;
    }
    QVERIFY(malleated != s.signature);
    QVERIFY(!s.holds(malleated));
    // The neutral element as key and R, S = 0: holds for every record in a careless verifier.
    PublicKey neutral;
    neutral.value[0] = std::byte{1};
    Signature forged;
    forged.value[0] = std::byte{1};
    QVERIFY(!kScheme.verify(neutral, domains::kChange, s.workspace, s.hash, forged));
    QVERIFY(!kScheme.verify(PublicKey{}, domains::kChange, s.workspace, s.hash, Signature{}));
}

void SignatureTest::secretsSurviveTheirSeed()
{
    const Scene s;
    const SecretBytes seed = s.key.seed();
    const SecretKey again = SecretKey::fromSeed(seed.view32());
    QCOMPARE(again.publicKey(), s.key.publicKey());
    QCOMPARE(s.key.clone().publicKey(), s.key.publicKey());
    QCOMPARE(kScheme.sign(again, domains::kChange, s.workspace, s.hash), s.signature);
    SecretBytes moved = SecretBytes::copyOf(bytesOf("secret"));
    const SecretBytes taken = std::move(moved);
    QCOMPARE(viewOf(taken.view()), std::string_view("secret"));
}

void SignatureTest::transportKeysAgree()
{
    const Scene s;
    const TransportKeys keys = transportKeysOf(s.key);
    QCOMPARE(transportKeyOf(s.key.publicKey()), std::optional(keys.publicKey));
    QVERIFY(!transportKeyOf(PublicKey{}).has_value());
}

QTEST_APPLESS_MAIN(SignatureTest)
#include "signature_test.moc"
