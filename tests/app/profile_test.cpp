#include "app/profile.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nlbd;
using namespace nlbd::app;

class ProfileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void anIdentityIsMadeOnceAndStays();
    void nobodyElseCanReadIt();
    void aSecondStartIsTold();
    void aDamagedIdentityIsLeftAlone_data();
    void aDamagedIdentityIsLeftAlone();
    void aReadOnlyFolderIsTold();
    void aFullDiskIsTold();
    void addressesInvitationsAndFoundingsStay();
    void damagedHintsAreForgotten();
    void theFolderFollowsTheEnvironment();

private:
    [[nodiscard]] std::filesystem::path folder() const
    {
        return std::filesystem::path(m_dir->path().toStdString()) / "p";
    }
    std::unique_ptr<QTemporaryDir> m_dir;
    SeededRandom m_random{1};
};

void ProfileTest::anIdentityIsMadeOnceAndStays()
{
    PublicKey identityKey;
    PublicKey deviceKey;
    {
        auto profile = Profile::open(folder());
        QVERIFY(profile);
        QVERIFY(profile->self() == nullptr);
        QVERIFY(profile->setName("Anna", m_random));
        identityKey = profile->self()->person();
        deviceKey = profile->self()->device.publicKey();
        QVERIFY(identityKey != deviceKey);
        QVERIFY(profile->setVisible(true));
    }
    auto profile = Profile::open(folder());
    QVERIFY(profile && profile->self() != nullptr);
    QCOMPARE(profile->self()->name, std::string("Anna"));
    QVERIFY(profile->self()->person() == identityKey);
    QVERIFY(profile->self()->device.publicKey() == deviceKey);
    QVERIFY(isCertified(identity::Ed25519{}, identityKey, deviceKey, profile->self()->certificate));
    QVERIFY(profile->isVisible());
    QVERIFY(profile->setName("Anna Berg", m_random)); // another name, the same person
    QVERIFY(profile->self()->person() == identityKey);
}

void ProfileTest::nobodyElseCanReadIt()
{
    auto profile = Profile::open(folder());
    QVERIFY(profile && profile->setName("Anna", m_random));
    using std::filesystem::perms;
    QVERIFY(std::filesystem::status(folder()).permissions() == perms(0700));
    QVERIFY(std::filesystem::status(folder() / "identity").permissions() == perms(0600));
}

void ProfileTest::aSecondStartIsTold()
{
    auto profile = Profile::open(folder());
    QVERIFY(profile);
    auto second = Profile::open(folder());
    QVERIFY(!second);
    QCOMPARE(second.error().kind, ProfileError::Kind::InUse);
    Profile moved = std::move(*profile);
    QVERIFY(!Profile::open(folder())); // the lock moves along
    moved = *Profile::open(folder().parent_path() / "other");
    profile = std::unexpected(ProfileError{});
    QVERIFY(Profile::open(folder()));
}

void ProfileTest::aDamagedIdentityIsLeftAlone_data()
{
    QTest::addColumn<int>("how");
    QTest::newRow("cut") << 0;
    QTest::newRow("flipped") << 1;
    QTest::newRow("empty") << 2;
    QTest::newRow("huge") << 3;
}

void ProfileTest::aDamagedIdentityIsLeftAlone()
{
    QFETCH(int, how);
    {
        auto profile = Profile::open(folder());
        QVERIFY(profile && profile->setName("Anna", m_random));
    }
    std::ifstream in(folder() / "identity", std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if (how == 0)
        bytes.resize(bytes.size() / 2);
    else if (how == 1)
        bytes[30] = static_cast<char>(bytes[30] ^ 1);
    else if (how == 2)
        bytes.clear();
    else
        bytes.resize(1'000'000);
    std::ofstream(folder() / "identity", std::ios::binary | std::ios::trunc) << bytes;
    const auto profile = Profile::open(folder());
    QVERIFY(!profile);
    QCOMPARE(profile.error().kind, ProfileError::Kind::Damaged);
    QCOMPARE(std::filesystem::file_size(folder() / "identity"), bytes.size());
}

void ProfileTest::aReadOnlyFolderIsTold()
{
    std::filesystem::permissions(m_dir->path().toStdString(), std::filesystem::perms(0555));
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(2);
        const auto profile = Profile::open(folder());
        _exit(!profile && profile.error().kind == ProfileError::Kind::ReadOnly ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    std::filesystem::permissions(m_dir->path().toStdString(), std::filesystem::perms(0755));
    QCOMPARE(WEXITSTATUS(status), 0);
}

void ProfileTest::aFullDiskIsTold()
{
    const std::string mountPoint = m_dir->path().toStdString();
    if (mount("tmpfs", mountPoint.c_str(), "tmpfs", 0, "size=256k") != 0)
        QSKIP("a small file system can only be mounted by root");
    {
        auto profile = Profile::open(folder());
        QVERIFY(profile && profile->setName("Anna", m_random));
        const PublicKey before = profile->self()->person();
        std::ofstream(folder() / "ballast") << std::string(300'000, 'x');
        const auto renamed = profile->setName("Anna Berg", m_random);
        QVERIFY(!renamed);
        QCOMPARE(renamed.error().kind, ProfileError::Kind::Full);
        QCOMPARE(profile->self()->name, std::string("Anna"));
        profile = std::unexpected(ProfileError{});
        std::filesystem::remove(folder() / "ballast");
        profile = Profile::open(folder());
        QVERIFY(profile && profile->self() != nullptr); // the old file is whole
        QVERIFY(profile->self()->person() == before);
    }
    QCOMPARE(umount(mountPoint.c_str()), 0);
}

void ProfileTest::addressesInvitationsAndFoundingsStay()
{
    const PublicKey device{{std::byte{7}}};
    const Hash secret{{std::byte{8}}};
    const Hash draft{{std::byte{9}}};
    const WorkspaceId room{{std::byte{10}}};
    {
        auto profile = Profile::open(folder());
        QVERIFY(profile);
        for (std::uint16_t port = 1; port <= 6; ++port)
            QVERIFY(profile->rememberAddress(device, {"10.0.0.1", port}));
        QVERIFY(profile->rememberAddress(device, {"10.0.0.1", 4}));
        QVERIFY(profile->addInvitation({secret, WallTime(Millis(77)), false}));
        QVERIFY(profile->markUsed(secret));
        QVERIFY(profile->addInvitation({draft, WallTime(Millis(78)), false, room, {}, Epoch(7)}));
        QVERIFY(profile->markUsed(draft, device));
        QVERIFY(profile->keepArrival(room, bytesOf("arrival")));
        QVERIFY(profile->keepFounding(draft, bytesOf("draft")));
    }
    auto profile = Profile::open(folder());
    QVERIFY(profile);
    const auto &known = profile->addresses().at(device);
    QCOMPARE(known.size(), Profile::kAddressesPerDevice);
    QCOMPARE(known.front().port, std::uint16_t{4}); // newest first
    QCOMPARE(known[1].port, std::uint16_t{6});
    QCOMPARE(profile->invitations().size(), std::size_t{2});
    QVERIFY(profile->invitations().front().isUsed);
    QVERIFY(!profile->invitations().front().workspace);
    QVERIFY(profile->invitations().back().isUsed);
    QVERIFY(profile->invitations().back().workspace == room);
    QVERIFY(profile->invitations().back().lastEpoch == Epoch(7));
    QVERIFY(!profile->invitations().front().lastEpoch);
    QVERIFY(profile->invitations().back().usedBy == device);
    QCOMPARE(viewOf(profile->arrivals().at(room)), std::string_view("arrival"));
    profile->dropArrival(room);
    QVERIFY(profile->arrivals().empty());
    QCOMPARE(viewOf(profile->foundings().at(draft)), std::string_view("draft"));
    profile->dropFounding(draft);
    QVERIFY(profile->foundings().empty());
}

void ProfileTest::damagedHintsAreForgotten()
{
    {
        auto profile = Profile::open(folder());
        QVERIFY(profile);
    }
    for (const char *file : {"addresses", "invitations", "settings"})
        std::ofstream(folder() / file) << "\x01\x02 no such thing";
    auto profile = Profile::open(folder());
    QVERIFY(profile);
    QVERIFY(profile->addresses().empty());
    QVERIFY(!profile->isVisible());
}

void ProfileTest::theFolderFollowsTheEnvironment()
{
    qputenv("HOME", "/home/anna");
    qunsetenv("NLBD_PROFILE");
    qunsetenv("XDG_DATA_HOME");
    QCOMPARE(Profile::defaultFolder().string(), std::string("/home/anna/.local/share/nlbd"));
    qputenv("XDG_DATA_HOME", "/data");
    QCOMPARE(Profile::defaultFolder().string(), std::string("/data/nlbd"));
    qputenv("NLBD_PROFILE", "/elsewhere");
    QCOMPARE(Profile::defaultFolder().string(), std::string("/elsewhere"));
}

QTEST_APPLESS_MAIN(ProfileTest)
#include "profile_test.moc"
