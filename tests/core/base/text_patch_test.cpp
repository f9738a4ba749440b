#include "core/base/text_patch.h"

#include "core/base/utf8.h"

#include <QTest>

#include <array>
#include <random>

using namespace nlbd;

namespace {

/// Letters of one to four bytes, so that scalars, bytes and UTF-16 units never agree by chance.
std::string randomText(std::mt19937 &random, unsigned most)
{
    static const std::array<std::string, 8> letters{"a",      "b",      "c",      "\n",
                                                    "\u00e9", "\u03bb", "\u6f22", "\U0001F30D"};
    std::string result;
    for (auto left = random() % (most + 1); left > 0; --left)
        result += letters[random() % letters.size()];
    return result;
}

TextPatches randomPatches(std::mt19937 &random, std::string text, unsigned most)
{
    TextPatches result;
    for (auto left = random() % (most + 1); left > 0; --left) {
        const TextOffset length = utf8::length(text);
        const auto at = static_cast<TextOffset>(random() % (length + 1));
        const auto removed = static_cast<TextOffset>(random() % (std::min(length - at, 5U) + 1));
        result.push_back({at, random() % 3 == 0 ? 0 : removed, randomText(random, 3)});
        applyTo(text, {result.back()});
    }
    return result;
}

std::string after(std::string text, const TextPatches &first, const TextPatches &second)
{
    applyTo(text, first);
    applyTo(text, second);
    return text;
}

} // namespace

class TextPatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void differenceIsTheOneReplacement_data()
    {
        QTest::addColumn<std::string>("before");
        QTest::addColumn<std::string>("after");
        QTest::addColumn<TextPatch>("patch");
        const auto row = [](const char *name, std::string before, std::string after,
                            TextPatch patch) { QTest::newRow(name) << before << after << patch; };
        row("none", "ab", "ab", {2, 0, ""});
        row("insertion", "ab", "axb", {1, 0, "x"});
        row("removal", "abc", "ac", {1, 1, ""});
        row("ends overlap", "aa", "aaa", {2, 0, "a"});
        row("all goes", "ab", "", {0, 2, ""});
        row("first bytes alike", "xéy", "xèy", {1, 1, "è"});
        row("last bytes alike", "xŁy", "xÁy", {1, 1, "Á"});
        row("last bytes alike, other lengths", "x\u0101", "x\u4e01", {1, 1, "\u4e01"});
        row("more of the same bytes", "éé", "ééé", {2, 0, "é"});
    }
    void differenceIsTheOneReplacement()
    {
        QFETCH(std::string, before);
        QFETCH(std::string, after);
        QFETCH(TextPatch, patch);
        QVERIFY(differenceOf(before, after) == patch);
    }
    void differenceMakesTheOneOfTheOther()
    {
        std::mt19937 random(5);
        for (int round = 0; round < 20'000; ++round) {
            const std::string before = randomText(random, 8);
            const std::string wanted = randomText(random, 8);
            const TextPatch patch = differenceOf(before, wanted);
            QVERIFY(fits({patch}, utf8::length(before)));
            std::string text = before;
            applyTo(text, {patch});
            QCOMPARE(text, wanted);
        }
    }

    void transformConverges()
    {
        std::mt19937 random(20'261'124);
        for (int round = 0; round < 20'000; ++round) {
            const std::string text = randomText(random, 12);
            const TextPatches left = randomPatches(random, text, 4);
            const TextPatches right = randomPatches(random, text, 4);
            const Precedence precedence =
                random() % 2 == 0 ? Precedence::First : Precedence::Second;
            const Transformed crossed = transform(left, right, precedence);
            QVERIFY(fits(crossed.right, utf8::length(after(text, left, {}))));
            QVERIFY(fits(crossed.left, utf8::length(after(text, right, {}))));
            QCOMPARE(after(text, left, crossed.right), after(text, right, crossed.left));
        }
    }

    /// Marked letters that one side adds are all there in the end, whatever the other removes.
    void insertedTextSurvives()
    {
        std::mt19937 random(7);
        for (int round = 0; round < 5'000; ++round) {
            const std::string text(20, '.');
            const auto at = static_cast<TextOffset>(random() % 21);
            const TextPatches left{{at, 0, "LEFT"}};
            const auto from = static_cast<TextOffset>(random() % 20);
            const TextPatches right{
                {from, static_cast<TextOffset>(random() % (21 - from)), "RIGHT"}};
            const Transformed crossed = transform(left, right, Precedence::First);
            const std::string result = after(text, left, crossed.right);
            QVERIFY(result.find("LEFT") != std::string::npos);
            QVERIFY(result.find("RIGHT") != std::string::npos);
            QCOMPARE(result.size(), 20 - right.front().removed + 9);
        }
    }

    void precedenceDecidesAtOneOffset()
    {
        const Transformed first = transform({{1, 0, "L"}}, {{1, 0, "R"}}, Precedence::First);
        QCOMPARE(after("ab", {{1, 0, "L"}}, first.right), std::string("aLRb"));
        const Transformed second = transform({{1, 0, "L"}}, {{1, 0, "R"}}, Precedence::Second);
        QCOMPARE(after("ab", {{1, 0, "L"}}, second.right), std::string("aRLb"));
    }

    void bothRemoveTheSame()
    {
        const Transformed crossed = transform({{1, 3, ""}}, {{2, 3, ""}}, Precedence::First);
        QCOMPARE(crossed.left, (TextPatches{{1, 1, ""}}));
        QCOMPARE(crossed.right, (TextPatches{{1, 1, ""}}));
    }

    void anEmptySideLeavesTheOtherAlone()
    {
        const TextPatches some{{3, 1, "x"}};
        QCOMPARE(transform(some, {}, Precedence::First).left, some);
        QCOMPARE(transform({}, some, Precedence::First).right, some);
    }

    void fitsKnowsTheBorder_data()
    {
        QTest::addColumn<unsigned>("at");
        QTest::addColumn<unsigned>("removed");
        QTest::addColumn<QByteArray>("inserted");
        QTest::addColumn<bool>("expected");
        QTest::newRow("end") << 5U << 0U << QByteArray("x") << true;
        QTest::newRow("whole") << 0U << 5U << QByteArray() << true;
        QTest::newRow("beyond") << 6U << 0U << QByteArray() << false;
        QTest::newRow("removes beyond") << 4U << 2U << QByteArray() << false;
        QTest::newRow("wraps around") << 4U << 0xFFFFFFFFU << QByteArray() << false;
        QTest::newRow("not UTF-8") << 0U << 0U << QByteArray("\xC0\x80") << false;
    }

    void fitsKnowsTheBorder()
    {
        QFETCH(unsigned, at);
        QFETCH(unsigned, removed);
        QFETCH(QByteArray, inserted);
        QTEST(fits({{at, removed, inserted.toStdString()}}, 5), "expected");
    }

    void fitsFollowsTheLength()
    {
        QVERIFY(fits({{5, 0, "abc"}, {8, 0, "d"}}, 5));
        QVERIFY(!fits({{0, 3, ""}, {3, 0, "d"}}, 5));
    }

    void caretStaysLeft()
    {
        QCOMPARE(caretAfter({3, 0, "xy"}, 3), 3U);
        QCOMPARE(caretAfter({3, 0, "xy"}, 4), 6U);
        QCOMPARE(caretAfter({3, 4, ""}, 5), 3U);
        QCOMPARE(caretAfter({3, 4, "\U0001F30D"}, 8), 5U);
        QCOMPARE(caretAfter({3, 4, "z"}, 2), 2U);
    }
};

QTEST_APPLESS_MAIN(TextPatchTest)
#include "text_patch_test.moc"
