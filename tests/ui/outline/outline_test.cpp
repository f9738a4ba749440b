#include "tests/ui/scene.h"
#include "tests/ui/window_checks.h"
#include "ui/editor/focus_mode.h"
#include "ui/editor/page_layout.h"
#include "ui/outline/outline_panel.h"
#include "ui/page_tools.h"
#include "ui/theme.h"

#include <QTextBlock>
#include <QTextLayout>
#include <QTreeWidget>

#include <random>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;
using ui::HeadingIndex;
using Kind = ui::BlockStyle::Kind;

/// The outline beside the page, and the page without anything beside it.
class OutlineTest : public QObject {
    Q_OBJECT

private:
    static void makeBlock(DocumentView &view, int number, Kind kind)
    {
        const int at = view.document()->findBlockByNumber(number).position();
        place(view, at, at);
        view.toggleBlock(kind);
    }
    /// What the slow truth says.
    static QStringList truth(const DocumentView &view)
    {
        const auto *layout =
            qobject_cast<const ui::PageLayout *>(view.document()->documentLayout());
        QStringList result;
        for (QTextBlock block = view.document()->begin(); block.isValid(); block = block.next()) {
            const ui::BlockStyle style = layout->styleOf(block);
            const int level = style.kind == Kind::Title ? 0
                : style.kind == Kind::Heading1          ? 1
                : style.kind == Kind::Heading2          ? 2
                : style.kind == Kind::Heading3          ? 3
                                                        : -1;
            if (level >= 0 && !block.text().simplified().isEmpty())
                result.append(QStringLiteral("%1 %2 %3")
                                  .arg(block.position())
                                  .arg(level)
                                  .arg(block.text().simplified()));
        }
        return result;
    }
    static QStringList told(const HeadingIndex &index)
    {
        QStringList result;
        for (const HeadingIndex::Heading &heading : index.headings())
            result.append(
                QStringLiteral("%1 %2 %3").arg(heading.place).arg(heading.level).arg(heading.text));
        return result;
    }
    static const ui::OutlinePanel &panelOf(const Scene &scene)
    {
        return scene.window->pageTools().outline();
    }
    static QColor inkOf(const DocumentView &view, int number)
    {
        const QTextBlock block = view.document()->findBlockByNumber(number);
        static_cast<void>(view.document()->documentLayout()->blockBoundingRect(block));
        const auto formats = block.layout()->formats();
        return formats.isEmpty()
                || !formats.front().format.hasProperty(QTextFormat::ForegroundBrush)
            ? ui::theme().ink
            : formats.front().format.foreground().color();
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    void headingsMakeATree()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nOne\ntext\nSmall\ntext\nTwo\ntext\n");
        makeBlock(view, 1, Kind::Heading1);
        makeBlock(view, 3, Kind::Heading2);
        makeBlock(view, 5, Kind::Heading1);
        QTest::keyClick(scene.window.get(), Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
        ui::OutlinePanel &panel = scene.window->pageTools().outline();
        QVERIFY(panel.isVisible());
        QVERIFY(panel.tree().hasFocus());
        QTRY_COMPARE(panel.tree().topLevelItemCount(), 3);
        QCOMPARE(panel.tree().topLevelItem(1)->text(0), QStringLiteral("One"));
        QCOMPARE(panel.tree().topLevelItem(1)->childCount(), 1);
        QCOMPARE(panel.tree().topLevelItem(1)->child(0)->text(0), QStringLiteral("Small"));
        // Enter goes there
        panel.tree().setCurrentItem(panel.tree().topLevelItem(1)->child(0));
        QTest::keyClick(&panel.tree(), Qt::Key_Return);
        QCOMPARE(view.textCursor().position(), 15);
        QVERIFY(view.hasFocus());
        QVERIFY(panel.tree().topLevelItem(1)->child(0)->font(0).bold()); // here one is
        place(view, 22, 22);
        QVERIFY(panel.tree().topLevelItem(1)->child(0)->font(0).bold());
        place(view, 28, 28);
        QVERIFY(!panel.tree().topLevelItem(1)->child(0)->font(0).bold());
        QVERIFY(panel.tree().topLevelItem(2)->font(0).bold());
        // what is typed in a heading is read there
        QTest::keyClick(&view, Qt::Key_Home);
        QTest::keyClicks(&view, QStringLiteral("Part "));
        QTRY_COMPARE(panel.tree().topLevelItem(2)->text(0), QStringLiteral("Part Two"));
        QTest::keyClick(scene.window.get(), Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(!panel.isVisible());
    }

    void asTheSlowTruthHasIt()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n\none\ntwo\nthree\nfour\n");
        const HeadingIndex &index = panelOf(scene).index();
        std::mt19937 random(11);
        for (int i = 0; i < 150; ++i) {
            for (int j = 0; j < 4; ++j) {
                const int length = view.document()->characterCount() - 1;
                const int at = static_cast<int>(random() % static_cast<unsigned>(length + 1));
                const int end = std::min(length, at + static_cast<int>(random() % 12));
                place(view, at, at);
                switch (random() % 6) {
                case 0:
                    view.toggleBlock(Kind::Heading1);
                    break;
                case 1:
                    view.toggleBlock(Kind::Heading3);
                    break;
                case 2:
                    place(view, at, end);
                    QTest::keyClick(&view, Qt::Key_Delete);
                    break;
                case 3:
                    QTest::keyClick(&view, Qt::Key_Return);
                    break;
                case 4:
                    scene.workspace->othersEdit(scene.charter, {{0, 0, "new\nline "}});
                    break;
                default:
                    QTest::keyClicks(&view, QStringLiteral("xy"));
                }
            }
            QTRY_VERIFY(index.isSettled());
            QTRY_COMPARE(told(index), truth(view));
        }
    }

    void aLongTextIsLookedAtInSlices()
    {
        std::string text = "Title\n";
        for (int i = 0; i < 100'000; ++i)
            text += "line\n";
        Scene scene;
        DocumentView &view = openWith(scene, text);
        QTRY_VERIFY_WITH_TIMEOUT(view.isOpen(), Scene::kPatienceMs);
        const HeadingIndex &index = panelOf(scene).index();
        QTRY_VERIFY_WITH_TIMEOUT(index.isSettled(), Scene::kPatienceMs);
        makeBlock(view, 90'000, Kind::Heading2);
        QTRY_COMPARE(index.headings().size(), std::size_t{2});
        QCOMPARE(index.headings()[1].place, view.document()->findBlockByNumber(90'000).position());
    }

    void onlyTheParagraphIsInFullInk()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nOne\nTwo\nThree\n");
        place(view, 6, 6);
        QTest::keyClick(scene.window.get(), Qt::Key_F11);
        QVERIFY(scene.window->pageTools().focusMode().isOn());
        QVERIFY(!scene.window->findChild<QWidget *>(QStringLiteral("toolbar"))->isVisible());
        QVERIFY(!scene.window->findChild<QWidget *>(QStringLiteral("side"))->isVisible());
        QCOMPARE(inkOf(view, 1), ui::theme().ink);
        QCOMPARE(inkOf(view, 0), ui::theme().faint);
        QCOMPARE(inkOf(view, 2), ui::theme().faint);
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(inkOf(view, 1), ui::theme().faint);
        QCOMPARE(inkOf(view, 2), ui::theme().ink);
        QTest::keyClick(&view, Qt::Key_End);
        QTest::keyClick(&view, Qt::Key_Return);
        QTest::keyClicks(&view, QStringLiteral("new"));
        QCOMPARE(inkOf(view, 3), ui::theme().ink);
        QCOMPARE(inkOf(view, 2), ui::theme().faint);
        scene.workspace->othersEdit(scene.charter, {{0, 0, "before\n"}});
        QTRY_COMPARE(view.document()->blockCount(), 7);
        QCOMPARE(inkOf(view, 4), ui::theme().ink);
        for (const ui::Theme *theme : {&ui::lightTheme(), &ui::darkTheme()})
            QVERIFY(ui::contrast(theme->faint, theme->page) >= 4.5);
        QTest::keyClick(&view, Qt::Key_Escape);
        QVERIFY(!scene.window->pageTools().focusMode().isOn());
        QVERIFY(scene.window->findChild<QWidget *>(QStringLiteral("toolbar"))->isVisible());
        QCOMPARE(inkOf(view, 1), ui::theme().ink);
        QVERIFY(view.hasFocus());
    }

    void theLineStaysInTheMiddle()
    {
        Scene scene;
        std::string text;
        for (int i = 0; i < 200; ++i)
            text += "line\n";
        DocumentView &view = openWith(scene, text);
        QTest::keyClick(scene.window.get(), Qt::Key_F11);
        place(view, 500, 500);
        QTest::keyClick(&view, Qt::Key_End, Qt::ControlModifier);
        for (int i = 0; i < 5; ++i) {
            QTest::keyClick(&view, Qt::Key_Return);
            const int middle = view.cursorRect().center().y();
            QVERIFY2(std::abs(middle - view.viewport()->height() / 2) < 60,
                     qPrintable(QString::number(middle)));
        }
    }

    void itLooksAsItShould()
    {
        for (const bool isDark : {false, true}) {
            ui::applyTheme(isDark ? ui::Appearance::Dark : ui::Appearance::Light);
            Scene scene;
            DocumentView &view = openWith(
                scene, std::string(kCharter) + "Lamps\nWho lights them\nBooks\nNew books\nOld\n");
            makeBlock(view, 10, Kind::Heading1);
            makeBlock(view, 11, Kind::Heading2);
            makeBlock(view, 12, Kind::Heading1);
            makeBlock(view, 13, Kind::Heading2);
            QTest::keyClick(scene.window.get(), Qt::Key_O, Qt::ControlModifier | Qt::ShiftModifier);
            QTRY_COMPARE(scene.window->pageTools().outline().tree().topLevelItemCount(), 3);
            QCOMPARE(unnamedControls(*scene.window), QStringList());
            const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
            const QString theme = isDark ? QStringLiteral("dark") : QStringLiteral("light");
            QImage picture = scene.window->grab().toImage();
            if (!folder.isEmpty())
                picture.save(QStringLiteral("%1/outline-%2.png").arg(folder, theme));
            place(view, 120, 120);
            QTest::keyClick(scene.window.get(), Qt::Key_F11);
            picture = scene.window->grab().toImage();
            if (!folder.isEmpty())
                picture.save(QStringLiteral("%1/focus-%2.png").arg(folder, theme));
        }
        ui::applyTheme(ui::Appearance::Light);
    }
};

QTEST_MAIN(OutlineTest)
#include "outline_test.moc"
