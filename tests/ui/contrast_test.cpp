#include "ui/code/code_ink.h"
#include "ui/find/find_session.h"
#include "ui/theme.h"
#include "ui/theme_contrast.h"

#include <QTest>

using namespace nlbd::ui;

/// The table of colours is a promise: each pair that is read keeps at least this contrast.
class ContrastTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tableHolds_data()
    {
        QTest::addColumn<QColor>("front");
        QTest::addColumn<QColor>("back");
        QTest::addColumn<double>("least");
        for (const Theme *theme : {&lightTheme(), &darkTheme()}) {
            const Theme &t = *theme;
            const auto row = [&t](const char *name, const QColor &front, const QColor &back,
                                  double light, double dark) {
                QTest::addRow("%s %s", t.isDark ? "dark" : "light", name)
                    << front << back << (t.isDark ? dark : light);
            };
            row("ink on page", t.ink, t.page, 15.29, 14.1);
            row("ink on hover", t.ink, t.hover, 12.3, 10.0);
            row("ink on selection", t.ink, t.selection, 11.6, 8.1);
            row("muted on page", t.muted, t.page, 5.95, 7.4);
            row("muted on room", t.muted, t.room, 5.9, 7.4);
            row("muted on raised", t.muted, t.raised, 5.9, 6.5);
            row("faint on page", t.faint, t.page, 4.8, 5.5);
            row("faint on room", t.faint, t.room, 4.5, 5.4);
            row("border on room", t.border, t.room, 3.6, 4.2);
            row("accent on page", t.accent, t.page, 6.9, 8.9);
            row("on accent", t.onAccent, t.accent, 7.0, 9.0);
            row("link on page", t.link, t.page, 7.2, 9.6);
            row("agreed on page", t.agreed, t.page, 6.2, 9.8);
            row("pencil on page", t.pencil, t.page, 6.1, 9.3);
            row("refused on page", t.refused, t.page, 6.3, 7.5);
            row("ink on agreed banner", t.ink, t.agreedBanner, 11.3, 11.2);
            row("ink on pencil banner", t.ink, t.pencilBanner, 11.3, 11.2);
            row("ink on refused banner", t.ink, t.refusedBanner, 11.3, 11.2);
            row("refused on its banner", t.refused, t.refusedBanner, 4.5, 4.5);
            for (const auto kind :
                 {CodeKind::Plain, CodeKind::Keyword, CodeKind::Name, CodeKind::String,
                  CodeKind::Number, CodeKind::Comment, CodeKind::Tag})
                row("code on its field", CodeInk::colourOf(kind, t), t.room, 4.5, 4.5);
            row("focus ring on room", t.accent, t.room, 3.0, 3.0);
            row("ink on what was found", t.ink, blend(t.pencil, t.page, FindSession::kHitTint), 9.5,
                7.0);
            for (const QColor &person : t.people) {
                row("caret on page", person, t.page, 4.7, 4.7);
                row("name on label", t.onPerson, person, 4.5, 4.5);
                row("ink on tint", t.ink, blend(person, t.page, t.tint), 10.2, 7.5);
            }
        }
    }

    void tableHolds()
    {
        QFETCH(QColor, front);
        QFETCH(QColor, back);
        QFETCH(double, least);
        const double found = contrast(front, back);
        QVERIFY2(found >= least, qPrintable(QString::number(found)));
    }

    /// High contrast: whatever is read or tells a state, on whatever it stands.
    void highContrastHolds_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void highContrastHolds()
    {
        QFETCH(bool, isDark);
        const Theme &t = highContrastTheme(isDark);
        QCOMPARE(t.isDark, isDark);
        QCOMPARE(t.page, isDark ? QColor(Qt::black) : QColor(Qt::white));
        QCOMPARE(t.ink, isDark ? QColor(Qt::white) : QColor(Qt::black));
        QCOMPARE(t.border, t.ink);
        QCOMPARE(t.hairline, t.ink);
        const std::array grounds{t.page,         t.room,         t.raised,
                                 t.agreedBanner, t.pencilBanner, t.refusedBanner};
        for (const QColor &ground : grounds)
            for (const QColor &front : {t.ink, t.muted, t.faint, t.border, t.accent, t.link,
                                        t.agreed, t.pencil, t.refused})
                QVERIFY(contrast(front, ground) >= kHighContrast);
        for (const QColor &ground :
             {t.hover, t.selection, blend(t.pencil, t.page, FindSession::kHitTint)})
            QVERIFY(contrast(t.ink, ground) >= kHighContrast);
        QVERIFY(contrast(t.onAccent, t.accent) >= kHighContrast);
        for (const QColor &person : t.people) {
            QVERIFY(contrast(person, t.page) >= kHighContrast);
            QVERIFY(contrast(t.onPerson, person) >= kHighContrast);
            QVERIFY(contrast(t.ink, blend(person, t.page, t.tint)) >= kHighContrast);
        }
        // Still eight people, and three states.
        for (std::size_t i = 0; i < t.people.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                QVERIFY(t.people[i] != t.people[j]);
        QVERIFY(t.agreed != t.pencil && t.pencil != t.refused && t.agreed != t.refused);
    }

    void knownValues()
    {
        QVERIFY(std::abs(contrast(Qt::black, Qt::white) - 21.0) < 0.01);
        QVERIFY(std::abs(contrast(Qt::red, Qt::red) - 1.0) < 0.01);
    }
};

QTEST_APPLESS_MAIN(ContrastTest)
#include "contrast_test.moc"
