#include "core/identity/recovery_words.h"
#include "core/identity/word_list.h"

#include <QTest>

#include <algorithm>

using namespace nlbd;
using namespace nlbd::identity;
using Kind = WordSlip::Kind;

namespace {

SecretKey keyOf(std::uint64_t seed)
{
    SeededRandom random(seed);
    return drawRecoverableKey(random);
}

SecretKey olderKeyOf(std::uint64_t seed)
{
    SeededRandom random(seed);
    return SecretKey::generate(random);
}

std::vector<std::string> split(const std::string &text)
{
    std::vector<std::string> words;
    for (const QString &word : QString::fromStdString(text).split(u' '))
        words.push_back(word.toStdString());
    return words;
}

std::string joined(const std::vector<std::string> &words, const std::string &between = " ")
{
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : between) + word;
    return text;
}

WordSlip slipOf(const std::string &text)
{
    const auto key = keyFromWords(text);
    return key ? WordSlip{} : key.error();
}

/// What every replacement of one word by another of the list comes to.
struct Replaced {
    std::size_t unnoticed = 0;
    std::size_t all = 0;
    bool isSameKey = false; ///< of any that passed
};

Replaced replaceEach(const SecretKey &key, std::size_t step)
{
    Replaced result;
    const auto words = split(recoveryWords(key));
    for (std::size_t place = 0; place < words.size(); place += step)
        for (const std::string_view other : kWordList) {
            auto wrong = words;
            if (wrong[place] == other)
                continue;
            wrong[place] = other;
            const auto read = keyFromWords(joined(wrong));
            ++result.all;
            result.unnoticed += read ? 1 : 0;
            result.isSameKey |= read && read->publicKey() == key.publicKey();
            if (!read && read.error().kind != Kind::Checksum)
                return {result.all, result.all, true};
        }
    return result;
}

} // namespace

/// Twelve or 24 words are the key, and whatever else is typed says what is wrong with it.
class RecoveryWordsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void areTheKey();
    void ofOlderKeysAreTwiceAsMany();
    void stayWhatTheyAre();
    void areReadAsPeopleWrite();
    void aSlipNamesItsWord_data();
    void aSlipNamesItsWord();
    void anotherWordIsNoticed();
    void changedPlacesAreNoticed();
    void anythingElseIsRefused_data();
    void anythingElseIsRefused();
};

void RecoveryWordsTest::areTheKey()
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const SecretKey key = keyOf(seed);
        const std::string words = recoveryWords(key);
        QCOMPARE(split(words).size(), std::size_t(12));
        const auto read = keyFromWords(words);
        QVERIFY(read.has_value());
        QVERIFY(std::ranges::equal(read->seed().view(), key.seed().view()));
    }
    QVERIFY(keyOf(1).publicKey() != keyOf(2).publicKey());
}

void RecoveryWordsTest::ofOlderKeysAreTwiceAsMany()
{
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        const SecretKey key = olderKeyOf(seed);
        const std::string words = recoveryWords(key);
        QCOMPARE(split(words).size(), std::size_t(24));
        const auto read = keyFromWords(words);
        QVERIFY(read.has_value());
        QVERIFY(std::ranges::equal(read->seed().view(), key.seed().view()));
    }
}

void RecoveryWordsTest::stayWhatTheyAre()
{
    // What somebody wrote down years ago must be the same key in every version of the program. The
    // figures come from another implementation of the header's two lines.
    const auto none = keyFromWords(
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
        "ace");
    QVERIFY(none.has_value());
    QCOMPARE(none->publicKey().hex(),
             std::string("5eb809c20b6662bbbffe8a7046bcb280853d812b9453c432338cdb828687d2a6"));
    std::array<std::byte, 32> seed{};
    seed.fill(std::byte{0x42});
    QCOMPARE(recoveryWords(SecretKey::fromSeed(seed)),
             std::string("defense avoid love journal bubble boss alto disk defense avoid love "
                         "journal bubble boss alto disk defense avoid love journal bubble boss "
                         "alto disc"));
}

void RecoveryWordsTest::areReadAsPeopleWrite()
{
    const SecretKey key = keyOf(7);
    const auto words = split(recoveryWords(key));
    std::string numbered;
    std::vector<std::string> starts;
    for (std::size_t i = 0; i < words.size(); ++i) {
        numbered += std::to_string(i + 1) + ". " + words[i] + "\r\n";
        starts.push_back(words[i].substr(0, 4));
    }
    for (const std::string &text :
         {numbered, joined(starts), joined(words, ",\t"), " " + joined(words) + " \n",
          QString::fromStdString(joined(words)).toUpper().toStdString()}) {
        const auto read = keyFromWords(text);
        QVERIFY2(read.has_value(), text.c_str());
        QCOMPARE(read->publicKey(), key.publicKey());
    }
}

void RecoveryWordsTest::aSlipNamesItsWord_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("meant");
    QTest::newRow("left out") << "abndon"
                              << "abandon";
    QTest::newRow("twice") << "abbandon"
                           << "abandon";
    QTest::newRow("swapped") << "aabndon"
                             << "abandon";
    QTest::newRow("another letter") << "abamdon"
                                    << "abandon";
    QTest::newRow("the end is wrong") << "abandonment"
                                      << "abandon";
    QTest::newRow("nothing like it") << "qqqqqq"
                                     << "";
    QTest::newRow("no letters") << "\xE2\x82\xAC\xE2\x82\xAC"
                                << "";
}

void RecoveryWordsTest::aSlipNamesItsWord()
{
    QFETCH(QString, typed);
    QFETCH(QString, meant);
    const auto words = split(recoveryWords(keyOf(3)));
    for (std::size_t place = 0; place < words.size(); ++place) {
        auto wrong = words;
        wrong[place] = typed.toStdString();
        const WordSlip slip = slipOf(joined(wrong));
        QCOMPARE(slip.kind, Kind::Unknown);
        QCOMPARE(slip.place, place + 1);
        QCOMPARE(slip.typed, typed.toStdString());
        QCOMPARE(std::ranges::count(slip.meant, meant.toStdString()), meant.isEmpty() ? 0 : 1);
        QCOMPARE(slip.meant.empty(), meant.isEmpty());
        const std::string sentence = sentenceOf(slip);
        QVERIFY(sentence.starts_with("Word " + std::to_string(place + 1) + ", \""));
        QVERIFY(sentence.find(typed.toStdString()) != std::string::npos);
    }
}

void RecoveryWordsTest::anotherWordIsNoticed()
{
    // Whoever takes one word of the list for another is told so in 15 of 16 cases, and never gets
    // the same key: four bits cannot tell more.
    Replaced sum;
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        const Replaced result = replaceEach(keyOf(seed), 2);
        QVERIFY(!result.isSameKey);
        sum.all += result.all;
        sum.unnoticed += result.unnoticed;
    }
    QVERIFY2(sum.unnoticed * 15 < sum.all, std::to_string(sum.unnoticed).c_str());
    QVERIFY2(sum.unnoticed * 17 > sum.all, std::to_string(sum.unnoticed).c_str());
    const Replaced older = replaceEach(olderKeyOf(1), 6);
    QVERIFY(!older.isSameKey);
    QVERIFY2(older.unnoticed * 170 < older.all, std::to_string(older.unnoticed).c_str());
}

void RecoveryWordsTest::changedPlacesAreNoticed()
{
    std::size_t unnoticed = 0;
    std::size_t all = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const SecretKey key = keyOf(seed);
        const auto words = split(recoveryWords(key));
        for (std::size_t place = 0; place + 1 < words.size(); ++place) {
            auto wrong = words;
            std::swap(wrong[place], wrong[place + 1]);
            if (wrong == words)
                continue;
            const auto read = keyFromWords(joined(wrong));
            ++all;
            unnoticed += read ? 1 : 0;
            QVERIFY(!read || read->publicKey() != key.publicKey());
        }
    }
    QVERIFY2(unnoticed * 13 < all, std::to_string(unnoticed).c_str());
}

void RecoveryWordsTest::anythingElseIsRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("kind");
    const std::string twelve = recoveryWords(keyOf(9));
    const auto row = [](const char *name, const std::string &text, Kind kind) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << static_cast<int>(kind);
    };
    row("nothing", "", Kind::Count);
    row("only spaces", std::string(1000, ' '), Kind::Count);
    row("one word", "abandon", Kind::Count);
    row("eleven", twelve.substr(0, twelve.rfind(' ')), Kind::Count);
    row("thirteen", twelve + " abandon", Kind::Count);
    row("a word too many, of another kind", "1) " + twelve + " nlbd", Kind::Unknown);
    row(
        "512 words",
        [] {
            std::string text;
            for (int i = 0; i < 256; ++i)
                text += "act ";
            return text;
        }(),
        Kind::Count);
    row("just too long", std::string(1025, 'a'), Kind::Length);
    row("a book", std::string(1UL << 20U, 'a'), Kind::Length);
    row("a long word", std::string(1024, 'a'), Kind::Unknown);
    row("zeros", std::string(12, '\0'), Kind::Unknown);
    row(
        "all bytes",
        [] {
            std::string text;
            for (int c = 0; c < 256; ++c)
                text += static_cast<char>(c);
            return text;
        }(),
        Kind::Unknown);
}

void RecoveryWordsTest::anythingElseIsRefused()
{
    QFETCH(QByteArray, text);
    QFETCH(int, kind);
    const auto read = keyFromWords(text.toStdString());
    QVERIFY(!read.has_value());
    QCOMPARE(static_cast<int>(read.error().kind), kind);
    QVERIFY(read.error().typed.size() <= 24);
    QVERIFY(!sentenceOf(read.error()).empty());
}

QTEST_APPLESS_MAIN(RecoveryWordsTest)
#include "recovery_words_test.moc"
