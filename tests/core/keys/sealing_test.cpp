#include "core/keys/sealing.h"

#include <QtTest>

using namespace nlbd;
using namespace nlbd::keys;

namespace {

struct Scene {
    SeededRandom random{7};
    WorkspaceKey key = WorkspaceKey::generate(random);
    std::vector<identity::SecretKey> people;
    std::vector<PublicKey> recipients;

    explicit Scene(std::size_t size)
    {
        for (std::size_t i = 0; i < size; ++i) {
            people.push_back(identity::SecretKey::generate(random));
            recipients.push_back(people.back().publicKey());
        }
    }
    Code errorOf(const KeyOffer &offer, std::size_t reader)
    {
        const auto opened = openOffer(offer, recipients, people[reader], key.commitment());
        return opened ? Code::DUPLICATE : opened.error();
    }
};

} // namespace

class SealingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void opensForEveryRecipient();
    void refusesStrangers();
    void refusesABadBoxForSomebodyElse();
    void refusesAnotherKey();
    void refusesUnusableKeys();
    void decodesOnlyWholeBoxes();
};

void SealingTest::opensForEveryRecipient()
{
    Scene s(5);
    const auto offer = offerKey(s.key, s.recipients);
    QVERIFY(offer.has_value());
    QCOMPARE(offer->encode().size(), std::size_t(32 + 48 * 5));
    for (const identity::SecretKey &person : s.people) {
        const auto key = openOffer(*offer, s.recipients, person, s.key.commitment());
        QVERIFY(key.has_value());
        QVERIFY(std::ranges::equal(key->view(), s.key.view()));
    }
}

void SealingTest::refusesStrangers()
{
    Scene s(3);
    const auto offer = offerKey(s.key, s.recipients);
    const auto stranger = identity::SecretKey::generate(s.random);
    QCOMPARE(openOffer(*offer, s.recipients, stranger, s.key.commitment()).error(),
             Code::E_KEY_OFFER);
    s.recipients.push_back(stranger.publicKey());
    QCOMPARE(openOffer(*offer, s.recipients, stranger, s.key.commitment()).error(),
             Code::E_KEY_OFFER);
}

void SealingTest::refusesABadBoxForSomebodyElse()
{
    Scene s(4);
    const auto offer = offerKey(s.key, s.recipients);
    const Bytes bytes = offer->encode();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        Bytes altered = bytes;
        altered[i] ^= std::byte{0x10};
        const auto decoded = KeyOffer::decode(altered);
        QVERIFY(decoded.has_value());
        for (std::size_t reader = 0; reader < s.people.size(); ++reader)
            QCOMPARE(s.errorOf(*decoded, reader), Code::E_KEY_OFFER);
    }
}

void SealingTest::refusesAnotherKey()
{
    Scene s(2);
    const auto offer = offerKey(WorkspaceKey::generate(s.random), s.recipients);
    QCOMPARE(s.errorOf(*offer, 0), Code::E_KEY_COMMIT);
}

void SealingTest::refusesUnusableKeys()
{
    Scene s(2);
    s.recipients.emplace_back(); // no point of the curve's large group
    QCOMPARE(offerKey(s.key, s.recipients).error(), Code::E_KEY_OFFER);
    QCOMPARE(offerKey(s.key, {}).error(), Code::E_KEY_OFFER);
}

void SealingTest::decodesOnlyWholeBoxes()
{
    Scene s(2);
    const Bytes bytes = offerKey(s.key, s.recipients)->encode();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        QCOMPARE(KeyOffer::decode(ByteView(bytes).first(size)).has_value(), size == 80);
    QCOMPARE(KeyOffer::decode(bytes)->encode(), bytes);
    QCOMPARE(KeyOffer::decode(Bytes(32 + 48 * 1000)).error(), Code::E_BOUNDS);
}

QTEST_APPLESS_MAIN(SealingTest)
#include "sealing_test.moc"
