#include "core/identity/word_list.h"
#include "core/identity/words.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace nlbd;
using namespace nlbd::identity;

class WordsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void areFourOfTheList();
    void stayWhatTheyAre();
    void dependOnEveryByte();
};

void WordsTest::areFourOfTheList()
{
    const QStringList words = QString::fromStdString(fourWords(PublicKey{})).split(u' ');
    QCOMPARE(words.size(), 4);
    for (const QString &word : words)
        QVERIFY(std::ranges::find(kWordList, word.toStdString()) != kWordList.end());
}

void WordsTest::stayWhatTheyAre()
{
    // What two people compare must be the same in every version of the program.
    PublicKey key;
    key.value.fill(std::byte{0x42});
    QCOMPARE(fourWords(PublicKey{}), std::string("rag disc glow bite"));
    QCOMPARE(fourWords(key), std::string("reflect variety domain appeal"));
}

void WordsTest::dependOnEveryByte()
{
    std::set<std::string> seen{fourWords(PublicKey{})};
    for (std::size_t i = 0; i < PublicKey::kSize; ++i) {
        PublicKey key;
        key.value[i] = std::byte{1};
        QVERIFY(seen.insert(fourWords(key)).second);
    }
}

QTEST_APPLESS_MAIN(WordsTest)
#include "words_test.moc"
