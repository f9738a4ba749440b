#include "tests/ui/scene.h"
#include "ui/editor/page_zoom.h"
#include "ui/motion.h"
#include "ui/page_tools.h"
#include "ui/settings.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QElapsedTimer>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextLayout>
#include <QWheelEvent>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;
using ui::PageZoom;

/// How large the page is, how long its text is, and what does not move by itself.
class PageZoomTest : public QObject {
    Q_OBJECT

private:
    static qreal heightOf(const DocumentView &view, int block)
    {
        return view.document()
            ->documentLayout()
            ->blockBoundingRect(view.document()->findBlockByNumber(block))
            .height();
    }
    static QString lines(int count)
    {
        QString text = QStringLiteral("Title\n");
        for (int i = 0; i < count; ++i)
            text += QStringLiteral("line %1, with so many words that it takes more than one line "
                                   "of the page as soon as the letters are large\n")
                        .arg(i);
        return text;
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }
    void cleanup() { PageZoom::instance().set(100); }

    void keysMakeItLarger()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nText\n");
        const qreal title = heightOf(view, 0);
        const qreal text = heightOf(view, 1);
        QTest::keyClick(scene.window.get(), Qt::Key_Plus, Qt::ControlModifier);
        QCOMPARE(PageZoom::instance().percent(), 110);
        QTest::keyClick(scene.window.get(), Qt::Key_Equal, Qt::ControlModifier);
        QCOMPARE(PageZoom::instance().percent(), 125);
        QVERIFY(std::abs(heightOf(view, 0) - title * 1.25) < 2);
        QVERIFY(std::abs(heightOf(view, 1) - text * 1.25) < 2);
        QTest::keyClick(scene.window.get(), Qt::Key_Minus, Qt::ControlModifier);
        QCOMPARE(PageZoom::instance().percent(), 110);
        QTest::keyClick(scene.window.get(), Qt::Key_0, Qt::ControlModifier);
        QCOMPARE(heightOf(view, 1), text);
        for (int i = 0; i < 30; ++i)
            PageZoom::instance().step(1);
        QCOMPARE(PageZoom::instance().percent(), PageZoom::kMost);
        QVERIFY(std::abs(heightOf(view, 1) - text * 3) < 4);
        for (int i = 0; i < 30; ++i)
            PageZoom::instance().step(-1);
        QCOMPARE(PageZoom::instance().percent(), PageZoom::kLeast);
        QTest::keyClicks(&view, QStringLiteral("typed at half the size"));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void theWheelDoesAsWell()
    {
        Scene scene;
        DocumentView &view = openWith(scene, lines(100).toStdString());
        const auto turn = [&view](int by, Qt::KeyboardModifiers modifiers) {
            QWheelEvent event({50, 50}, view.viewport()->mapToGlobal(QPointF(50, 50)), {}, {0, by},
                              Qt::NoButton, modifiers, Qt::NoScrollPhase, false);
            QApplication::sendEvent(view.viewport(), &event);
        };
        turn(120, Qt::ControlModifier);
        QCOMPARE(PageZoom::instance().percent(), 110);
        turn(-60, Qt::ControlModifier); // half a notch, of a wheel that turns smoothly
        QCOMPARE(PageZoom::instance().percent(), 110);
        turn(-60, Qt::ControlModifier);
        QCOMPARE(PageZoom::instance().percent(), 100);
        turn(-120, {});
        QCOMPARE(PageZoom::instance().percent(), 100);
        QVERIFY(view.verticalScrollBar()->value() > 0);
    }

    void whatIsReadStaysInPlace_data()
    {
        QTest::addColumn<bool>("isAtCaret");
        QTest::newRow("the caret's line") << true;
        QTest::newRow("without a caret the first line") << false;
    }

    void whatIsReadStaysInPlace()
    {
        QFETCH(bool, isAtCaret);
        Scene scene;
        DocumentView &view = openWith(scene, lines(400).toStdString());
        const QTextBlock read = view.document()->findBlockByNumber(200);
        place(view, isAtCaret ? read.position() : 0, isAtCaret ? read.position() : 0);
        view.verticalScrollBar()->setValue(read.firstLineNumber() - (isAtCaret ? 6 : 0));
        const auto topOf = [&view, &read] {
            QTextCursor cursor(view.document());
            cursor.setPosition(read.position());
            return view.cursorRect(cursor).top();
        };
        int before = topOf();
        QVERIFY(before >= 0);
        for (const int percent : {150, 300, 50, 100}) {
            PageZoom::instance().set(percent);
            // It scrolls by lines, of which the largest have 84 pixels.
            QVERIFY2(std::abs(topOf() - before) <= 90,
                     qPrintable(QStringLiteral("%1 at %2 percent, was %3")
                                    .arg(topOf())
                                    .arg(percent)
                                    .arg(before)));
            before = topOf();
        }
    }

    void aLongTextDoesNotHoldTheWindow()
    {
        Scene scene;
        DocumentView &view = openWith(scene, lines(30'000).toStdString());
        QTRY_VERIFY_WITH_TIMEOUT(view.isOpen(), Scene::kPatienceMs);
        QElapsedTimer clock;
        clock.start();
        PageZoom::instance().set(200);
        QCoreApplication::processEvents();
        qInfo("30,000 paragraphs at twice the size after %lld ms", clock.elapsed());
        QVERIFY(clock.elapsed() < 1000);
    }

    void wordsAreCounted()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "One two\nthree\u0301 4th don't \U0001F468!\n");
        ui::StatusLine &status = scene.window->statusLine();
        QTRY_COMPARE(status.words(), QStringLiteral("6 words"));
        QVERIFY(status.lettersTold().contains(QStringLiteral("21 letters")));
        place(view, 4, 13);
        QTRY_COMPARE(status.words(), QStringLiteral("2 of 6 words"));
        QVERIFY(status.lettersTold().contains(QStringLiteral("8 letters selected")));
        place(view, 4, 4);
        QTRY_COMPARE(status.words(), QStringLiteral("6 words"));
        QTest::keyClicks(&view, QStringLiteral("new "));
        QTRY_COMPARE(status.words(), QStringLiteral("7 words"));
    }

    void nothingMovesByItself()
    {
        Scene scene;
        openWith(scene, "Title\n");
        const int blinks = QApplication::cursorFlashTime();
        const std::array effects{Qt::UI_AnimateMenu, Qt::UI_FadeMenu, Qt::UI_AnimateCombo,
                                 Qt::UI_AnimateTooltip, Qt::UI_FadeTooltip};
        std::array<bool, 5> were{};
        std::ranges::transform(effects, were.begin(), &QApplication::isEffectEnabled);
        ui::Motion::instance().setReducedHere(true);
        QCOMPARE(QApplication::cursorFlashTime(), 0);
        for (const Qt::UIEffect effect : effects)
            QVERIFY(!QApplication::isEffectEnabled(effect));
        QVERIFY(ui::Motion::instance().isReduced());
        ui::Motion::instance().setReducedHere(false);
        QCOMPARE(QApplication::cursorFlashTime(), blinks);
        for (std::size_t i = 0; i < effects.size(); ++i)
            QCOMPARE(QApplication::isEffectEnabled(effects[i]), were[i]);
        QVERIFY(!ui::Motion::instance().isReduced());
    }

    void itLooksAsItShould()
    {
        Scene scene;
        scene.open();
        for (const int percent : {50, 200}) {
            PageZoom::instance().set(percent);
            const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
            const QImage picture = scene.window->grab().toImage();
            if (!folder.isEmpty())
                picture.save(folder + QStringLiteral("/zoom-%1.png").arg(percent));
        }
    }
};

QTEST_MAIN(PageZoomTest)
#include "page_zoom_test.moc"
