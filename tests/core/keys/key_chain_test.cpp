#include "core/keys/key_chain.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::keys;

class KeyChainTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void leadsBackToTheFirst();
    void opensWithItsKeyOnly();
    void believesNoFlippedBit();
};

void KeyChainTest::leadsBackToTheFirst()
{
    SeededRandom random(1);
    std::vector<WorkspaceKey> keys;
    for (int i = 0; i < 4; ++i)
        keys.push_back(WorkspaceKey::generate(random));
    WorkspaceKey at = keys.back().clone();
    for (std::size_t i = keys.size() - 1; i > 0; --i) {
        const PastKey link = sealPastKey(keys[i], keys[i - 1]);
        QVERIFY(link == sealPastKey(keys[i], keys[i - 1]));
        auto before = openPastKey(at, link, keys[i - 1].commitment());
        QVERIFY(before.has_value());
        at = std::move(*before);
    }
    QVERIFY(at.commitment() == keys.front().commitment());
}

void KeyChainTest::opensWithItsKeyOnly()
{
    SeededRandom random(2);
    const WorkspaceKey first = WorkspaceKey::generate(random);
    const WorkspaceKey second = WorkspaceKey::generate(random);
    const WorkspaceKey other = WorkspaceKey::generate(random);
    const PastKey link = sealPastKey(second, first);
    QCOMPARE(openPastKey(other, link, first.commitment()).error(), Code::E_KEY_OFFER);
    QCOMPARE(openPastKey(second, link, other.commitment()).error(), Code::E_KEY_COMMIT);
}

void KeyChainTest::believesNoFlippedBit()
{
    SeededRandom random(3);
    const WorkspaceKey first = WorkspaceKey::generate(random);
    const WorkspaceKey second = WorkspaceKey::generate(random);
    for (std::size_t i = 0; i < std::tuple_size_v<PastKey>; ++i) {
        PastKey link = sealPastKey(second, first);
        link[i] ^= std::byte(1U << (i % 8));
        QCOMPARE(openPastKey(second, link, first.commitment()).error(), Code::E_KEY_OFFER);
    }
}

QTEST_APPLESS_MAIN(KeyChainTest)
#include "key_chain_test.moc"
