#include "ui/find/text_search.h"

#include <QElapsedTimer>
#include <QTest>

#include <random>

using namespace nlbd::ui;

/// What is found in a text, against the slow truth; patterns that mean no good.
class TextSearchTest : public QObject {
    Q_OBJECT

private:
    static QStringList found(const QString &text, const FindQuery &query)
    {
        const std::atomic<bool> isStale = false;
        QStringList result;
        for (const FindHit &hit : findAll(text, query, isStale).hits)
            result.append(
                QStringLiteral("%1:%2").arg(hit.from).arg(text.mid(hit.from, hit.to - hit.from)));
        return result;
    }

private Q_SLOTS:
    void whatIsMeantIsFound_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("query");
        QTest::addColumn<QString>("options"); // c, w, p, a
        QTest::addColumn<QString>("hits");
        const auto row = [](const char *name, const char *text, const char *query,
                            const char *options, const char *hits) {
            QTest::newRow(name) << QString::fromUtf8(text) << QString::fromUtf8(query)
                                << QString::fromUtf8(options) << QString::fromUtf8(hits);
        };
        row("plain", "one two one", "one", "", "0:one 8:one");
        row("capitals", "One one ONE", "one", "", "0:One 4:one 8:ONE");
        row("capitals matter", "One one ONE", "one", "c", "4:one");
        row("whole words", "cat cats cat, concat_cat cat", "cat", "w", "0:cat 9:cat 25:cat");
        row("whole words in Greek", "\u03bd\u03b1 \u03bd\u03b1\u03b9", "\u03bd\u03b1", "w",
            "0:\u03bd\u03b1");
        row("apart", "aaaa", "aa", "", "0:aa 2:aa");
        row("accents", "\u03ac\u03bb\u03c6\u03b1", "\u03b1", "a", "0:\u03ac 3:\u03b1");
        row("accents matter", "\u03ac\u03bb\u03c6\u03b1", "\u03b1", "", "3:\u03b1");
        row("accents in the query", "resume r\u00e9sum\u00e9", "r\u00e9sume", "a",
            "0:resume 7:r\u00e9sum\u00e9");
        row("a mark of its own", "e\u0301te", "ete", "a", "0:e\u0301te");
        row("not half a letter", "e\u0301t e", "e", "", "4:e");
        row("last sigma", "\u03bb\u03cc\u03b3\u03bf\u03c2", "\u039b\u038c\u0393\u039f\u03a3", "",
            "0:\u03bb\u03cc\u03b3\u03bf\u03c2");
        row("beyond the first plane", "x\U0001F468y", "y", "", "3:y");
        row("signs are letters", "a.b a+b", "a.b", "", "0:a.b");
        row("a pattern", "a.b a+b", "a.b", "p", "0:a.b 4:a+b");
        row("a pattern's classes", "x1 \u03b31 22", "\\w\\d", "p", "0:x1 3:\u03b31 6:22");
        row("a pattern in its line", "ab\nab", "^a|b$", "p", "0:a 1:b 3:a 4:b");
        row("nothing is no hit", "abc", "x*", "p", "");
        row("nothing to find", "abc", "", "", "");
    }

    void whatIsMeantIsFound()
    {
        QFETCH(QString, text);
        QFETCH(QString, query);
        QFETCH(QString, options);
        QFETCH(QString, hits);
        const FindQuery what{query, options.contains(u'c'), options.contains(u'w'),
                             options.contains(u'p'), options.contains(u'a')};
        QCOMPARE(found(text, what).join(u' '), hits);
    }

    void asTheSlowTruthHasIt()
    {
        std::mt19937 random(7);
        const QString letters = QString::fromUtf8("aAb\u03b1\u03ac\u0301 _\n");
        for (int i = 0; i < 3000; ++i) {
            QString text;
            for (int j = 0; j < 40; ++j)
                text += letters[static_cast<qsizetype>(random() % 10 % letters.size())];
            const QString query = text.mid(static_cast<qsizetype>(random() % 30), 1 + random() % 3)
                                      .section(u'\n', 0, 0);
            QStringList expected;
            for (qsizetype at = 0; !query.isEmpty() && at + query.size() <= text.size();) {
                const qsizetype end = at + query.size();
                bool isHit = end == text.size() || !text[end].isMark();
                for (qsizetype k = 0; k < query.size(); ++k)
                    isHit = isHit && text[at + k].toCaseFolded() == query[k].toCaseFolded();
                if (isHit)
                    expected.append(
                        QStringLiteral("%1:%2").arg(at).arg(text.mid(at, query.size())));
                at = isHit ? end : at + 1;
            }
            QCOMPARE(found(text, {query}), expected);
        }
    }

    void aHostilePatternIsGivenUp_data()
    {
        QTest::addColumn<QString>("pattern");
        for (const char *pattern :
             {"(a+)+$", "(a|a)*b", "(.*)*x", "((a*)*)*b", "(?:a?){60}a{60}x",
              "(*LIMIT_MATCH=4000000000)(a+)+$", "(.*)(.*)(.*)(.*)(.*)\\5\\4\\3\\2x"})
            QTest::newRow(pattern) << QString::fromLatin1(pattern);
    }

    void aHostilePatternIsGivenUp()
    {
        QFETCH(QString, pattern);
        QString text;
        for (int i = 0; i < 200; ++i)
            text += QString(400, QChar(u'a')) + QStringLiteral("!\n");
        const std::atomic<bool> isStale = false;
        QElapsedTimer clock;
        clock.start();
        const FindResult result = findAll(text, {pattern, false, false, true, false}, isStale);
        QVERIFY(clock.elapsed() < 2 * kSearchMillisMax);
        QVERIFY(result.hits.empty());
    }

    void whatIsNoPatternSaysSo()
    {
        const std::atomic<bool> isStale = false;
        for (const QString &pattern : {QStringLiteral("("), QStringLiteral("[a"),
                                       QStringLiteral("((a{1000}){1000}){1000}")}) {
            const FindResult result =
                findAll(QStringLiteral("aaa"), {pattern, false, false, true, false}, isStale);
            QCOMPARE(result.end, FindResult::End::NoPattern);
            QVERIFY(!result.why.isEmpty());
        }
    }

    void whatIsStaleEnds()
    {
        const std::atomic<bool> isStale = true;
        QVERIFY(findAll(QStringLiteral("aaa"), {QStringLiteral("a")}, isStale).hits.empty());
    }

    void groupsAreFilledIn()
    {
        const QString text = QStringLiteral("14.11 and 3.2");
        const FindQuery query{QStringLiteral("(\\d+)\\.(\\d+)"), false, false, true, false};
        const QString other = QStringLiteral("\\2/\\1\\\\\\9");
        const std::atomic<bool> isStale = false;
        const FindResult result = findAll(text, query, isStale, &other);
        QCOMPARE(result.hits.size(), std::size_t{2});
        QCOMPARE(result.hits[0].replacement, QStringLiteral("11/14\\"));
        QCOMPARE(result.hits[1].replacement, QStringLiteral("2/3\\"));
        QCOMPARE(replacementFor(text, 10, 13, query, other), QStringLiteral("2/3\\"));
        QCOMPARE(replacementFor(text, 0, 5, {QStringLiteral("14.11")}, other), other);
    }

    void thereIsAnEndToIt()
    {
        const std::atomic<bool> isStale = false;
        const FindResult result =
            findAll(QString(300'000, QChar(u'a')), {QStringLiteral("a")}, isStale);
        QCOMPARE(result.end, FindResult::End::TooMany);
        QCOMPARE(result.hits.size(), kHitsMax);
    }
};

QTEST_APPLESS_MAIN(TextSearchTest)
#include "text_search_test.moc"
