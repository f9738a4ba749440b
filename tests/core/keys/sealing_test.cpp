#include "core/keys/sealing.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::keys;

namespace {

struct Scene {
    SeededRandom random{7};
    WorkspaceKey key = WorkspaceKey::generate(random);
    std::vector<identity::SecretKey> people;
    std::vector<Recipient> recipients;

    explicit Scene(std::size_t size)
    {
        for (std::size_t i = 0; i < size; ++i) {
            people.push_back(identity::SecretKey::generate(random));
            recipients.push_back(recipientsAt({people.back().publicKey()}).front());
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
    void opensWithTheKeyThatWasDecided();
    void aBoxForTheKeyBeforeIsGood();
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
    s.recipients.push_back(recipientsAt({stranger.publicKey()}).front());
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

// Post-compromise security: whoever copied the signing key opens nothing that is sealed to a key
// which was drawn later.
void SealingTest::opensWithTheKeyThatWasDecided()
{
    Scene s(3);
    KeyHolder::Secrets drawn;
    auto secret = CareSecret::generate(s.random);
    const CareKey key = secret.publicKey();
    drawn.emplace(key, CareSecret::from(secret.secret().view32()));
    QVERIFY(drawn.at(key).publicKey() == key);
    s.recipients[1].key = key;
    const auto offer = offerKey(s.key, s.recipients);
    QVERIFY(offer.has_value());
    const KeyHolder owner(s.people[1], drawn);
    QVERIFY(owner.holds(key) && !KeyHolder(s.people[1]).holds(key));
    QVERIFY(openOffer(*offer, s.recipients, owner, s.key.commitment()).has_value());
    QCOMPARE(s.errorOf(*offer, 0), Code::DUPLICATE);   // others see that the box is right
    QCOMPARE(s.errorOf(*offer, 1), Code::E_KEY_OFFER); // the signing key alone
    auto asBefore = s.recipients;
    asBefore[1] = recipientsAt({s.people[1].publicKey()}).front();
    QCOMPARE(openOwnBox(*offer, asBefore, s.people[1], s.key.commitment()).error(),
             Code::E_KEY_OFFER);
}

void SealingTest::aBoxForTheKeyBeforeIsGood()
{
    Scene s(3);
    KeyHolder::Secrets drawn;
    auto secret = CareSecret::generate(s.random);
    const CareKey key = secret.publicKey();
    drawn.emplace(key, std::move(secret));
    const auto early = offerKey(s.key, s.recipients);
    const CareKey before = s.recipients[1].key;
    s.recipients[1] = {s.people[1].publicKey(), key, before};
    for (std::size_t reader = 0; reader < 3; ++reader)
        QCOMPARE(s.errorOf(*early, reader), Code::DUPLICATE);
    s.recipients[1].before = CareSecret::generate(s.random).publicKey();
    for (std::size_t reader = 0; reader < 3; ++reader)
        QCOMPARE(s.errorOf(*early, reader), Code::E_KEY_OFFER);
    QVERIFY(openOffer(*offerKey(s.key, s.recipients), s.recipients, {s.people[1], drawn},
                      s.key.commitment())
                .has_value());
}

QTEST_APPLESS_MAIN(SealingTest)
#include "sealing_test.moc"
