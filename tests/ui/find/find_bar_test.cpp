#include "tests/ui/scene.h"
#include "tests/ui/window_checks.h"
#include "ui/editor/companions.h"
#include "ui/editor/scroll_marks.h"
#include "ui/find/find_bar.h"
#include "ui/page_tools.h"
#include "ui/theme.h"

#include <QElapsedTimer>
#include <QScrollBar>
#include <QTimer>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;
using ui::FindBar;

/// Finding and replacing in the window: keys, counts, marks; what others do meanwhile.
class FindBarTest : public QObject {
    Q_OBJECT

private:
    static QString held(const Scene &scene)
    {
        return QString::fromUtf8(scene.workspace->docs[scene.charter.value].text);
    }
    static QString shown(const DocumentView &view)
    {
        return view.document()->toRawText().replace(QChar(QChar::ParagraphSeparator), QChar(u'\n'));
    }
    static FindBar &barOf(const Scene &scene) { return scene.window->pageTools().findBar(); }
    static QLineEdit *field(const Scene &scene, const char *name)
    {
        for (auto *each : barOf(scene).findChildren<QLineEdit *>())
            if (each->accessibleName() == QString::fromLatin1(name))
                return each;
        return nullptr;
    }
    static void press(const Scene &scene, const char *name)
    {
        for (auto *each : barOf(scene).findChildren<QAbstractButton *>())
            if (each->accessibleName() == QString::fromLatin1(name)
                || each->text() == QString::fromLatin1(name))
                each->click();
    }
    static void find(const Scene &scene, const char *words,
                     FindBar::Part part = FindBar::Part::Find)
    {
        barOf(scene).open(part);
        field(scene, "Find")->setText(QString::fromUtf8(words));
        QVERIFY(QTest::qWaitFor([&] { return !barOf(scene).session().isSearching(); }));
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    void keysFindAndGoBack()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "one two\nthree one\none");
        place(view, 4, 4);
        QTest::keyClick(scene.window.get(), Qt::Key_F, Qt::ControlModifier);
        FindBar &bar = barOf(scene);
        QVERIFY(bar.isVisible());
        QVERIFY(field(scene, "Find")->hasFocus());
        QTest::keyClicks(field(scene, "Find"), QStringLiteral("one"));
        QTRY_COMPARE(bar.count(), QStringLiteral("2 of 3")); // the first one from the caret on
        QTest::keyClick(field(scene, "Find"), Qt::Key_Return);
        QCOMPARE(bar.count(), QStringLiteral("3 of 3"));
        QTest::keyClick(scene.window.get(), Qt::Key_F3);
        QCOMPARE(bar.count(), QStringLiteral("1 of 3"));
        QTest::keyClick(scene.window.get(), Qt::Key_F3, Qt::ShiftModifier);
        QCOMPARE(bar.count(), QStringLiteral("3 of 3"));
        QCOMPARE(view.textCursor().position(), 4); // nobody sees a caret jump about
        QTest::keyClick(field(scene, "Find"), Qt::Key_Escape);
        QVERIFY(!bar.isVisible());
        QVERIFY(view.hasFocus());
        QCOMPARE(view.textCursor().position(), 4);
        QVERIFY(bar.session().hits().empty());
        QTest::keyClick(scene.window.get(), Qt::Key_F3); // what was looked for last
        QTRY_COMPARE(bar.count(), QStringLiteral("2 of 3"));
        QTest::keyClick(field(scene, "Find"), Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(!bar.isVisible());
        QCOMPARE(view.textCursor().selectedText(), QStringLiteral("one"));
        QCOMPARE(view.textCursor().selectionStart(), 14);
    }

    void optionsAndWhatIsSelected()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Cat cat cats C\u00e1t");
        place(view, 4, 7);
        find(scene, "");
        barOf(scene).close();
        place(view, 4, 7);
        barOf(scene).open(FindBar::Part::Find);
        QCOMPARE(field(scene, "Find")->text(), QStringLiteral("cat"));
        QTRY_COMPARE(barOf(scene).count(), QStringLiteral("2 of 3"));
        press(scene, "Accents matter");
        QTRY_COMPARE(barOf(scene).count(), QStringLiteral("2 of 4"));
        press(scene, "Whole words");
        QTRY_COMPARE(barOf(scene).count(), QStringLiteral("2 of 3"));
        press(scene, "Capitals matter");
        QTRY_COMPARE(barOf(scene).count(), QStringLiteral("1 of 1"));
        field(scene, "Find")->setText(QStringLiteral("dog"));
        QTRY_COMPARE(barOf(scene).count(), QStringLiteral("Nothing found"));
        press(scene, "Regular expression");
        field(scene, "Find")->setText(QStringLiteral("c(a"));
        QTRY_COMPARE(barOf(scene).count(), QStringLiteral("No expression yet"));
        field(scene, "Find")->setText(QStringLiteral("c(a)t"));
        QTRY_COMPARE(barOf(scene).count(), QStringLiteral("1 of 1"));
    }

    void placesMoveWithEdits()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "aa lamp bb lamp cc lamp");
        find(scene, "lamp");
        FindBar &bar = barOf(scene);
        bar.step(1);
        QCOMPARE(bar.count(), QStringLiteral("2 of 3"));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "lamp, xx "}});
        QTRY_COMPARE(bar.count(), QStringLiteral("3 of 4"));        // still the same one
        scene.workspace->othersEdit(scene.charter, {{14, 1, "d"}}); // one becomes "ladp"
        QTRY_COMPARE(bar.session().hits().size(), std::size_t{3});
        for (const ui::FindHit &hit : bar.session().hits())
            QCOMPARE(view.textBetween(hit.from, hit.to), QStringLiteral("lamp"));
        place(view, 2, 2);
        QTest::keyClicks(&view, QStringLiteral("XY"));
        QTRY_COMPARE(bar.session().hits().size(), std::size_t{2});
        for (const ui::FindHit &hit : bar.session().hits())
            QCOMPARE(view.textBetween(hit.from, hit.to), QStringLiteral("lamp"));
    }

    void oneIsReplacedAfterTheOther()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "one two one two one");
        find(scene, "one", FindBar::Part::Replace);
        field(scene, "Replace with")->setText(QStringLiteral("first one"));
        press(scene, "Replace");
        QCOMPARE(held(scene), QStringLiteral("first one two one two one"));
        QTRY_COMPARE(barOf(scene).count(), QStringLiteral("2 of 3")); // not the one just written
        press(scene, "Replace");
        QCOMPARE(held(scene), QStringLiteral("first one two first one two one"));
        QCOMPARE(shown(view), held(scene));
        QCOMPARE(scene.workspace->all<api::EditText>().back().patches,
                 (TextPatches{{14, 3, "first one"}}));
    }

    void allAreReplacedAsOneStep()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "one \U0001F468 two one\none");
        place(view, 5, 5);
        find(scene, "one", FindBar::Part::Replace);
        field(scene, "Replace with")->setText(QStringLiteral("1"));
        press(scene, "Replace all");
        QTRY_COMPARE(held(scene), QString::fromUtf8("1 \U0001F468 two 1\n1"));
        QCOMPARE(shown(view), held(scene));
        QCOMPARE(scene.workspace->brokenEdits, 0);
        const auto edits = scene.workspace->all<api::EditText>();
        QCOMPARE(edits.size(), std::size_t{1}); // one step, each place a patch of its own
        QCOMPARE(edits.back().patches, (TextPatches{{0, 3, "1"}, {8, 3, "1"}, {10, 3, "1"}}));
        view.takeBack();
        QTRY_COMPARE(shown(view), QString::fromUtf8("one \U0001F468 two one\none"));
        QCOMPARE(held(scene), shown(view));
    }

    void whatComesLooksAsWhatGoes()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "one one one");
        place(view, 4, 7);
        view.toggleMark(ui::kBold);
        place(view, 8, 9);
        view.toggleMark(ui::kItalic);
        find(scene, "one", FindBar::Part::Replace);
        field(scene, "Replace with")->setText(QStringLiteral("two"));
        press(scene, "Replace all");
        QTRY_COMPARE(held(scene), QStringLiteral("two two two"));
        const Attributes bold{{"bold", "1"}};
        const Attributes italic{{"italic", "1"}};
        QCOMPARE(view.looks().at(0), Attributes());
        QCOMPARE(view.looks().at(3), Attributes());
        QCOMPARE(view.looks().at(4), bold);
        QCOMPARE(view.looks().at(6), bold);
        QCOMPARE(view.looks().at(7), Attributes());
        QCOMPARE(view.looks().at(8), italic);
        QCOMPARE(view.looks().at(10), italic);
        const auto stylings = scene.workspace->all<api::EditText>().back().stylings;
        QCOMPARE(stylings.size(), std::size_t{2});
        QCOMPARE(stylings[0].from, 4U);
        QCOMPARE(stylings[0].to, 7U);
        QCOMPARE(stylings[0].changes, (AttributeChanges{{"bold", "1"}}));
    }

    void whatOthersTypeMeanwhileIsNotHit()
    {
        Scene scene;
        std::string text;
        for (int i = 0; i < 200; ++i)
            text += "lamp and oil\n";
        DocumentView &view = openWith(scene, text);
        find(scene, "lamp", FindBar::Part::Replace);
        field(scene, "Replace with")->setText(QStringLiteral("star"));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "xyz "}, {40, 0, "Q"}});
        press(scene, "Replace all"); // their edit is on its way, and crosses with it
        scene.workspace->othersEdit(scene.charter, {{100, 0, "lamp "}, {0, 0, "lam"}});
        QTRY_VERIFY(held(scene).contains(QStringLiteral("star")));
        QTRY_COMPARE(shown(view), held(scene));
        QTRY_VERIFY(!barOf(scene).session().isSearching());
        QCOMPARE(scene.workspace->brokenEdits, 0);
        QString left = held(scene);
        QCOMPARE(left.count(QStringLiteral("star")) + left.count(QStringLiteral("lamp")), 201);
        QCOMPARE(left.count(QStringLiteral(" and oil")), 199); // one has their Q
        QCOMPARE(left.count(QStringLiteral("xyz ")), 1);
    }

    /// Places are of the whole text: while it is being filled in they are not on the page yet.
    void nothingIsReplacedInHalfAText()
    {
        std::string text;
        for (int i = 0; text.size() < 6'000'000; ++i)
            text += i % 1000 == 999 ? "the lamp\n" : "the day is written into the book\n";
        Scene scene;
        DocumentView &view = openWith(scene, "a lamp\n");
        find(scene, "lamp", FindBar::Part::Replace);
        field(scene, "Replace with")->setText(QStringLiteral("light"));
        scene.workspace->textOf(scene.charter) = text;
        view.open(scene.charter);
        QTRY_VERIFY(view.document()->blockCount() > 1000);
        QVERIFY(!view.isOpen());
        press(scene, "Replace");
        bool wasFound = false;
        const auto isOpen = [&] {
            wasFound = wasFound || (!view.isOpen() && !barOf(scene).session().hits().empty());
            return view.isOpen();
        };
        QVERIFY(QTest::qWaitFor(isOpen, Scene::kPatienceMs));
        QVERIFY(!wasFound);
        press(scene, "Replace"); // before anything was found
        QCOMPARE(view.toPlainText(), QString::fromStdString(text));
        QTRY_VERIFY(!barOf(scene).session().isSearching()
                    && !barOf(scene).session().hits().empty());
        for (const ui::FindHit &hit : barOf(scene).session().hits())
            QCOMPARE(view.textBetween(hit.from, hit.to), QStringLiteral("lamp"));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void aLongTextDoesNotHoldTheWindow()
    {
        std::string text;
        for (int i = 0; text.size() < 1'000'000; ++i)
            text += i % 10 == 0 ? "the lamp is lit when somebody comes, each evening at eight\n"
                                : "the day is written into the book by whoever leaves last\n";
        Scene scene;
        DocumentView &view = openWith(scene, text);
        QTRY_VERIFY_WITH_TIMEOUT(view.isOpen(), Scene::kPatienceMs);
        qint64 longest = 0;
        QElapsedTimer beat;
        QTimer pulse;
        connect(&pulse, &QTimer::timeout, this,
                [&] { longest = std::max(longest, beat.restart()); });
        pulse.start(0);
        beat.start();
        find(scene, "e", FindBar::Part::Replace);
        QCOMPARE(barOf(scene).session().hits().size(), ui::kHitsMax);
        QCOMPARE(barOf(scene).count(), QStringLiteral("1 of 1,000 and more"));
        qInfo("a hundred thousand places found: %lld ms at most between two beats", longest);
        QVERIFY2(longest < 500, qPrintable(QString::number(longest)));
        find(scene, "lamp", FindBar::Part::Replace);
        field(scene, "Replace with")->setText(QStringLiteral("light"));
        QElapsedTimer taken;
        qint64 shownAfter = -1;
        connect(view.document(), &QTextDocument::contentsChanged, this, [&] {
            if (shownAfter < 0)
                shownAfter = taken.elapsed();
        });
        const std::size_t places = barOf(scene).session().hits().size();
        taken.start();
        press(scene, "Replace all");
        QTRY_VERIFY_WITH_TIMEOUT(shownAfter >= 0, 20'000);
        qInfo("%zu places replaced: on the page after %lld ms", places, shownAfter);
        QTRY_COMPARE_WITH_TIMEOUT(shown(view) == held(scene), true, Scene::kPatienceMs);
        QCOMPARE(held(scene).count(QStringLiteral("light")), static_cast<qsizetype>(places));
    }

    void theScrollBarSaysWhere()
    {
        Scene scene;
        std::string text;
        for (int i = 0; i < 1000; ++i)
            text += i == 500 || i == 900 ? "here\n" : "line\n";
        DocumentView &view = openWith(scene, text);
        find(scene, "here");
        const auto &marks = scene.window->companions().scrollMarks();
        QCOMPARE(marks.layer(QStringLiteral("find")).size(), std::size_t{2});
        QCOMPARE(marks.layer(QStringLiteral("find, current")).size(), std::size_t{1});
        const int middle = marks.heightOf(marks.layer(QStringLiteral("find"))[0].place);
        QVERIFY(std::abs(middle - marks.height() / 2) < 12);
        QVERIFY(view.verticalScrollBar()->value() > 400); // and it can be read
        barOf(scene).close();
        QVERIFY(marks.layer(QStringLiteral("find")).empty());
    }

    void itLooksAsItShould_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void itLooksAsItShould()
    {
        QFETCH(bool, isDark);
        ui::applyTheme(isDark ? ui::Appearance::Dark : ui::Appearance::Light);
        Scene scene;
        scene.open();
        find(scene, "the", FindBar::Part::Replace);
        barOf(scene).step(2);
        QCOMPARE(unnamedControls(*scene.window), QStringList());
        QCOMPARE(cutWordsInTheEnd(*scene.window).join(u'\n'), QString());
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        const QImage with = scene.window->grab().toImage();
        if (!folder.isEmpty())
            with.save(
                folder
                + (isDark ? QStringLiteral("/find-dark.png") : QStringLiteral("/find-light.png")));
        barOf(scene).close();
        QVERIFY(with != scene.window->grab().toImage());
        scene.window->resize(560, 420);
        find(scene, "the", FindBar::Part::Replace);
        QCOMPARE(cutWordsInTheEnd(*scene.window).join(u'\n'), QString());
        ui::applyTheme(ui::Appearance::Light);
    }
};

QTEST_MAIN(FindBarTest)
#include "find_bar_test.moc"
