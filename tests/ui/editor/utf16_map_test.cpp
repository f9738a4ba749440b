#include "ui/editor/utf16_map.h"

#include "ui/editor/unit_edit.h"

#include <QElapsedTimer>
#include <QTest>

#include <random>

using namespace nlbd;
using namespace nlbd::ui;

namespace {

qint64 nanosOfKeysAfter(int words)
{
    Utf16Map map;
    map.assign(QStringLiteral("reading room \U0001F30D ").repeated(words));
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < 1000; ++i) {
        const qsizetype end = map.units();
        static_cast<void>(map.scalarAt(end));
        map.replace(end, 0, QStringLiteral("x"));
    }
    return timer.nsecsElapsed();
}

QString randomText(std::mt19937 &random, unsigned most)
{
    static const QStringList letters{
        QStringLiteral("a"),          QStringLiteral("\n"),
        QStringLiteral("\u00e9"),     QStringLiteral("\u6f22"),
        QStringLiteral("\U0001F30D"), QStringLiteral("\U0001F468\u200D\U0001F469")};
    QString result;
    for (auto left = random() % (most + 1); left > 0; --left)
        result += letters[static_cast<qsizetype>(random() % 6)];
    return result;
}

/// The slow truth.
TextOffset scalarsBefore(const QString &text, qsizetype unit)
{
    return static_cast<TextOffset>(text.left(unit).toUcs4().size());
}

qsizetype wholePlace(const QString &text, qsizetype unit)
{
    return unit > 0 && unit < text.size() && text[unit].isLowSurrogate() ? unit - 1 : unit;
}

} // namespace

class Utf16MapTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheSlowTruth()
    {
        std::mt19937 random(5);
        for (int round = 0; round < 40; ++round) {
            QString text = randomText(random, round % 4 == 0 ? 20'000 : 60);
            Utf16Map map;
            map.assign(text);
            for (int step = 0; step < 40; ++step) {
                const auto size = static_cast<std::size_t>(text.size());
                const qsizetype from =
                    wholePlace(text, static_cast<qsizetype>(random() % (size + 1)));
                const auto most =
                    std::min<qsizetype>(text.size() - from, random() % 8 == 0 ? 9000 : 6);
                qsizetype to =
                    from + static_cast<qsizetype>(random() % static_cast<std::size_t>(most + 1));
                to = std::max(from, wholePlace(text, to));
                const QString inserted = randomText(random, random() % 9 == 0 ? 9000 : 5);
                text.replace(from, to - from, inserted);
                map.replace(from, to - from, inserted);
                QCOMPARE(map.units(), text.size());
                QCOMPARE(map.scalars(), scalarsBefore(text, text.size()));
                const qsizetype probe = wholePlace(
                    text,
                    static_cast<qsizetype>(random() % static_cast<std::size_t>(text.size() + 1)));
                const TextOffset scalar = map.scalarAt(probe);
                QCOMPARE(scalar, scalarsBefore(text, probe));
                QCOMPARE(map.unitAt(scalar), probe);
                QCOMPARE(map.slice(probe, 50), text.mid(probe, 50));
            }
            QCOMPARE(map.pieces().join(QString()), text);
        }
    }

    void aPlaceInsideAPairIsThePlaceBefore()
    {
        Utf16Map map;
        map.assign(QStringLiteral("a\U0001F30Db"));
        QCOMPARE(map.scalarAt(2), 1U);
        QCOMPARE(map.scalarAt(3), 2U);
        QCOMPARE(map.unitAt(99), 4);
    }

    /// A keystroke at the end of 10 MB costs about what it costs in a short text: walking the long
    /// one would take ten thousand times as long.
    void aKeystrokeDoesNotWalkTheText()
    {
        const qint64 few = nanosOfKeysAfter(40);
        const qint64 many = nanosOfKeysAfter(400'000);
        QVERIFY2(many < 100 * few, qPrintable(QStringLiteral("%1 against %2").arg(many).arg(few)));
    }

    void standInsKeepTheirLength()
    {
        const QString odd = QStringLiteral("a\r\nb\u2029c\uFFFCd\uFDD0") + QChar(0);
        QCOMPARE(shownAs(odd).size(), odd.size());
        QVERIFY(!shownAs(odd).contains(QChar(u'\r')));
        QVERIFY(!shownAs(odd).contains(QChar(0x2029)));
        QCOMPARE(shownAs(QStringLiteral("a\u00A0b\u2028c")), QStringLiteral("a\u00A0b\u2028c"));
    }

    void narrowFindsWhatChanged_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<int>("caret");
        QTest::addColumn<int>("at");
        QTest::addColumn<int>("removed");
        QTest::addColumn<QString>("inserted");
        const auto row = [](const char *name, const char16_t *before, const char16_t *after,
                            int caret, int at, int removed, const char16_t *inserted) {
            QTest::newRow(name) << QString::fromUtf16(before) << QString::fromUtf16(after) << caret
                                << at << removed << QString::fromUtf16(inserted);
        };
        row("typed", u"abc", u"abxc", 3, 2, 0, u"x");
        row("first of equals", u"aaa", u"aaaa", 1, 0, 0, u"a");
        row("last of equals", u"aaa", u"aaaa", 4, 3, 0, u"a");
        row("removed among equals", u"aaa", u"aa", 1, 1, 1, u"");
        row("input method commits", u"lamps  here", u"lamps \u65E5\u672C here", 8, 6, 0,
            u"\u65E5\u672C");
        row("pair replaced by its twin", u"\U0001F30D", u"\U0001F30E", 2, 0, 2, u"\U0001F30E");
        row("pair before the same end", u"\U0001F30Dx", u"x", 0, 0, 2, u"");
        row("replaced", u"one two", u"one ten", 7, 5, 2, u"en");
        row("caret elsewhere", u"abc", u"abcd", 0, 3, 0, u"d");
    }

    void narrowFindsWhatChanged()
    {
        QFETCH(QString, before);
        QFETCH(QString, after);
        QFETCH(int, caret);
        const auto edit = narrow(before, after, caret);
        QVERIFY(edit.has_value());
        QString rebuilt = before;
        rebuilt.replace(edit->at, edit->removed, edit->inserted);
        QCOMPARE(rebuilt, after);
        QTEST(int(edit->at), "at");
        QTEST(int(edit->removed), "removed");
        QTEST(edit->inserted, "inserted");
    }

    void narrowSeesNothingInAFormat() { QVERIFY(!narrow(u"same", u"same", 2).has_value()); }
};

QTEST_APPLESS_MAIN(Utf16MapTest)
#include "utf16_map_test.moc"
