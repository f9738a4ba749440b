#include "core/base/check.h"
#include "core/identity/genesis.h"
#include "core/identity/invitation.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::identity;
using Error = InvitationError;

namespace {

const Ed25519 kScheme;

struct Scene {
    SeededRandom random{3};
    SecretKey identity = SecretKey::generate(random);
    SecretKey device = SecretKey::generate(random);

    Invitation unsignedOne()
    {
        Invitation result;
        result.device = device.publicKey();
        result.identity = identity.publicKey();
        result.certificate = certifyDevice(kScheme, identity, device.publicKey());
        result.name = "Ann";
        result.addresses = {"192.0.2.7:41700", "[2001:db8::7]:41700"};
        random.fill(result.secret);
        result.expires = WallTime(Millis(1000));
        return result;
    }
    Invitation make() { return signInvitation(kScheme, device, unsignedOne()); }
};

Error errorOf(const std::string &text)
{
    const auto read = readInvitation(text, kScheme);
    CHECK(!read);
    return read.error();
}

} // namespace

class InvitationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void restores();
    void namesAWorkspaceAndItsDecision();
    void passesOverWhiteSpace();
    void knowsWhatItIsNot();
    void noticesEveryCut();
    void noticesEverySlip();
    void refusesOtherVersions();
    void refusesForgeries();
    void refusesBadFields_data();
    void refusesBadFields();
    void expires();
};

void InvitationTest::restores()
{
    Scene s;
    const Invitation invitation = s.make();
    QVERIFY(invitation.text().starts_with("nlbd:join/"));
    const auto read = readInvitation(invitation.text(), kScheme);
    QVERIFY(read.has_value());
    QCOMPARE(*read, invitation);
    QCOMPARE(read->encode(), invitation.encode());
}

void InvitationTest::namesAWorkspaceAndItsDecision()
{
    Scene s;
    Invitation invitation = s.unsignedOne();
    invitation.room = InvitedRoom{WorkspaceId{{std::byte{1}}}, Epoch(3), Hash{{std::byte{2}}}, "A"};
    invitation = signInvitation(kScheme, s.device, invitation);
    QCOMPARE(readInvitation(invitation.text(), kScheme), invitation);
    // The room is signed as well, and told apart from an invitation to meet.
    Invitation elsewhere = invitation;
    elsewhere.room->decision = Hash{{std::byte{4}}};
    QCOMPARE(errorOf(elsewhere.text()), Error::BadSignature);
    Bytes bytes = invitation.encode();
    bytes[0] = std::byte{1};
    QVERIFY(!decodeInvitation(bytes, kScheme));
    // Epoch 0 begins with the workspace itself, and no later one does.
    invitation.room->epoch = Epoch(0);
    QCOMPARE(errorOf(signInvitation(kScheme, s.device, invitation).text()), Error::Damaged);
    invitation.room->decision = Hash{invitation.room->workspace.value};
    QVERIFY(readInvitation(signInvitation(kScheme, s.device, invitation).text(), kScheme));
    invitation.room->epoch = Epoch(1);
    QCOMPARE(errorOf(signInvitation(kScheme, s.device, invitation).text()), Error::Damaged);
    invitation.room->name.clear();
    QCOMPARE(errorOf(signInvitation(kScheme, s.device, invitation).text()), Error::Damaged);
}

void InvitationTest::passesOverWhiteSpace()
{
    Scene s;
    const Invitation invitation = s.make();
    std::string text = invitation.text();
    for (std::size_t at = 60; at < text.size(); at += 62)
        text.insert(at, "\r\n ");
    QCOMPARE(readInvitation("  " + text + "\n", kScheme), invitation);
}

void InvitationTest::knowsWhatItIsNot()
{
    for (const char *text : {"", "hello", "nlbd:", "https://example.org/", "NLBD:join/AA"})
        QCOMPARE(errorOf(text), Error::NotAnInvitation);
    QCOMPARE(errorOf("nlbd:join/"), Error::Damaged);
    QCOMPARE(errorOf("nlbd:join/" + std::string(100'000, 'A')), Error::NotAnInvitation);
}

void InvitationTest::noticesEveryCut()
{
    Scene s;
    const std::string text = s.make().text();
    for (std::size_t size = 10; size < text.size(); ++size)
        QCOMPARE(errorOf(text.substr(0, size)), Error::Damaged);
}

void InvitationTest::noticesEverySlip()
{
    Scene s;
    const Bytes bytes = s.make().encode();
    for (std::size_t i = 1; i < bytes.size(); ++i)
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes altered = bytes;
            altered[i] ^= std::byte(1U << bit);
            QCOMPARE(decodeInvitation(altered, kScheme).error(), Error::Damaged);
        }
}

void InvitationTest::refusesOtherVersions()
{
    Scene s;
    Bytes bytes = s.make().encode();
    bytes[0] = std::byte{3};
    QCOMPARE(decodeInvitation(bytes, kScheme).error(), Error::WrongVersion);
}

void InvitationTest::refusesForgeries()
{
    Scene s;
    const SecretKey thief = SecretKey::generate(s.random);
    // Another address under the same signature: complete, and not what the device signed.
    Invitation redirected = s.make();
    redirected.addresses[0] = "203.0.113.9:41700";
    QCOMPARE(errorOf(redirected.text()), Error::BadSignature);
    // A device that the identity never certified.
    Invitation stolen = s.unsignedOne();
    stolen.device = thief.publicKey();
    QCOMPARE(errorOf(signInvitation(kScheme, thief, stolen).text()), Error::BadSignature);
}

void InvitationTest::refusesBadFields_data()
{
    QTest::addColumn<int>("which");
    QTest::newRow("no address") << 0;
    QTest::newRow("address without port") << 1;
    QTest::newRow("address with a space") << 2;
    QTest::newRow("address too long") << 3;
    QTest::newRow("invisible name") << 4;
    QTest::newRow("no name") << 5;
}

void InvitationTest::refusesBadFields()
{
    QFETCH(const int, which);
    Scene s;
    Invitation bad = s.unsignedOne();
    switch (which) {
    case 0:
        bad.addresses.clear();
        break;
    case 1:
        bad.addresses[0] = "example";
        break;
    case 2:
        bad.addresses[0] = "exa mple:1";
        break;
    case 3:
        bad.addresses[0].assign(kAddressBytesMax, 'a').append(":1");
        break;
    case 4:
        bad.name = "A\xE2\x80\x8Bnn";
        break;
    default:
        bad.name.clear();
    }
    QCOMPARE(errorOf(signInvitation(kScheme, s.device, bad).text()), Error::Damaged);
}

void InvitationTest::expires()
{
    Scene s;
    const Invitation invitation = s.make();
    QVERIFY(!isExpired(invitation, WallTime(Millis(999))));
    QVERIFY(isExpired(invitation, WallTime(Millis(1000))));
    QVERIFY(isExpired(invitation, WallTime(Millis(5000))));
}

QTEST_APPLESS_MAIN(InvitationTest)
#include "invitation_test.moc"
