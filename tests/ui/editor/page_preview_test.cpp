#include "tests/ui/scene.h"
#include "ui/editor/page_preview.h"
#include "ui/theme.h"

#include <QAccessible>
#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>
#include <QTextBlock>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;

/// What others are typing is paint: it is seen, and it is in nothing else.
class PagePreviewTest : public QObject {
    Q_OBJECT

private:
    static DocumentView &openWith(Scene &scene, const std::string &text)
    {
        scene.workspace->textOf(scene.charter) = text;
        scene.open();
        scene.window->page().setPeople(scene.workspace->people.people);
        return scene.window->page();
    }

    static QImage picture(DocumentView &view)
    {
        QTest::qWait(60); // what is under way is painted
        return view.viewport()->grab().toImage();
    }

    /// Pixels in which two pictures differ.
    static QRegion difference(const QImage &a, const QImage &b)
    {
        QRegion region;
        for (int y = 0; y < a.height(); ++y)
            for (int x = 0; x < a.width(); ++x)
                if (a.pixel(x, y) != b.pixel(x, y))
                    region += QRect(x, y, 1, 1);
        return region;
    }

    static QRect placeOf(DocumentView &view, int position)
    {
        QTextCursor cursor(view.document());
        cursor.setPosition(position);
        return view.cursorRect(cursor);
    }

    static constexpr DeviceIndex kThea{1};

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    void itIsSeenAndInNothingElse()
    {
        const std::string text = "Title\n\nThe lamps are lit.\nAnd more below.\n";
        Scene scene;
        DocumentView &view = openWith(scene, text);
        const QString before = view.toPlainText();
        const QImage plain = picture(view);
        const QRect end = placeOf(view, 25); // behind "lit."
        const QRect below = placeOf(view, 26);
        QAccessibleInterface *access = QAccessible::queryAccessibleInterface(&view);
        const QString heard = access->text(QAccessible::Value);

        scene.preview(kThea, 25, " Who puts them out?");
        QImage typed = picture(view);
        const QRect drawn = difference(plain, typed).boundingRect();
        QVERIFY(drawn.right() > end.left() + 60); // as long as the words, on their line
        QVERIFY(drawn.bottom() <= end.bottom() + 2);

        QCOMPARE(view.toPlainText(), before);
        QCOMPARE(view.textPieces().join(QString()), QString::fromStdString(text));
        QCOMPARE(access->text(QAccessible::Value), heard);
        QCOMPARE(placeOf(view, 25), end); // nothing moved
        QCOMPARE(placeOf(view, 26), below);
        view.selectAll();
        view.copy();
        QCOMPARE(QGuiApplication::clipboard()->text(), before);
        QVERIFY(!view.find(QStringLiteral("puts them")));
        QVERIFY(scene.workspace->all<api::EditText>().empty());
    }

    void itGoesInTheSameStepAsTheTextComes()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n\nab\n");
        scene.preview(kThea, 9, "cd");
        const QImage typed = picture(view);
        scene.workspace->isHeld = true;
        scene.workspace->othersEdit(scene.charter, {{9, 0, "cd"}});
        scene.workspace->caret(scene.charter, kThea, 11, 11);
        int paints = 0;
        struct Watch : QObject {
            std::function<void()> painted;
            bool eventFilter(QObject *, QEvent *event) override
            {
                if (event->type() == QEvent::Paint)
                    painted();
                return false;
            }
        } watch;
        watch.painted = [&] { ++paints; };
        view.viewport()->installEventFilter(&watch);
        scene.workspace->isHeld = false;
        scene.workspace->release();
        QTRY_COMPARE(view.toPlainText(), QStringLiteral("Title\n\nabcd\n"));
        const QImage merged = picture(view);
        QVERIFY(paints >= 1);
        // The letters stand where they stood; only their ink is another.
        const QRect changed = difference(typed, merged).boundingRect();
        QVERIFY(changed.width() < 60);
        QVERIFY(changed.left() >= placeOf(view, 9).left() - 2);
    }

    void inALineItIsABubbleThatMovesNothing()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n\nThe lamps are lit.\nAnd more below.\n");
        const QImage plain = picture(view);
        const QRect middle = placeOf(view, 11);
        const QRect end = placeOf(view, 25);
        scene.preview(kThea, 11, "new ");
        const QImage typed = picture(view);
        const QRect drawn = difference(plain, typed).boundingRect();
        QVERIFY(drawn.bottom() > middle.bottom() + 10); // under the line
        QCOMPARE(placeOf(view, 25), end);
        scene.workspace->caret(scene.charter, kThea, 11, 11);
        QVERIFY(difference(picture(view), typed).boundingRect().bottom() > middle.bottom() + 10);
    }

    void itIsAsLongAsTheTextThatItBecomes_data()
    {
        QTest::addColumn<int>("at");
        QTest::newRow("a title") << 5;
        QTest::newRow("a line") << 9;
        QTest::newRow("an empty line") << 10;
    }
    void itIsAsLongAsTheTextThatItBecomes()
    {
        QFETCH(const int, at);
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n\nab\n");
        const std::string words = ", and Whoever comes says so";
        const QTextBlock block = view.document()->findBlock(at);
        const QRectF clip(view.viewport()->rect());
        const QRectF rect(0, 0, clip.width(), 40); // the lines of the text begin at 0 as well
        const auto laid = ui::layPreview(block, rect, at - block.position(),
                                         QString::fromStdString(words), 0, clip);
        QVERIFY(laid && !laid->isBubble);
        scene.workspace->othersEdit(scene.charter, {{static_cast<TextOffset>(at), 0, words}});
        QTRY_VERIFY(view.toPlainText().contains(QString::fromStdString(words)));
        const int end = at + static_cast<int>(words.size());
        QTRY_VERIFY(std::abs(placeOf(view, end).left() - laid->rect.right()) <= 2);
    }

    void twoAtOnePlaceStandBesideEachOther()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n\nab\n");
        const int x = placeOf(view, 9).left();
        scene.preview(kThea, 9, "wwwww");
        const QImage one = picture(view);
        scene.preview(DeviceIndex(2), 9, "mmmmm");
        const QRect second = difference(one, picture(view)).boundingRect();
        QVERIFY(second.left() > x + 40);
    }

    void placesAreChosen_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<int>("inside");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isBubble");
        QTest::newRow("at the end") << "abc" << 3 << "def" << false;
        QTest::newRow("in the middle") << "abc" << 1 << "def" << true;
        QTest::newRow("too long for the line") << "abc" << 3 << QString(500, u'm') << true;
        QTest::newRow("right to left text") << "abc" << 3 << QStringLiteral("שלום") << true;
        QTest::newRow("right to left line") << QStringLiteral("שלום") << 4 << "abc" << true;
        QTest::newRow("an empty line") << "" << 0 << "def" << false;
    }
    void placesAreChosen()
    {
        QFETCH(const QString, line);
        QFETCH(const int, inside);
        QFETCH(const QString, text);
        QFETCH(const bool, isBubble);
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n" + line.toStdString() + "\n");
        QTextCursor cursor(view.document());
        const QTextBlock block = view.document()->findBlockByNumber(1);
        const QRectF clip(view.viewport()->rect());
        const QRectF rect(0, 40, clip.width(), 30);
        const auto laid = ui::layPreview(block, rect, inside, text, 0, clip);
        QVERIFY(laid.has_value());
        QCOMPARE(laid->isBubble, isBubble);
        QVERIFY(laid->rect.right() <= clip.right());
        QVERIFY(laid->rect.left() >= 0);
        QVERIFY(!laid->text.isEmpty());
    }

    void nothingInItActsOnItsSurroundings()
    {
        const QString hostile = QStringLiteral("a\tb\nc\u2028d\u202Ee\u2066f\u001Bg\u0085h");
        const QString shown = ui::previewShown(hostile);
        QCOMPARE(shown.size(), hostile.size() - 2);
        for (const QChar unit : shown) {
            QVERIFY(unit == QChar(u' ') || unit.isPrint());
            QVERIFY(unit.unicode() != 0x202E && unit.unicode() != 0x2066);
        }
    }

    void aBlankPageHidesItsHint()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "");
        QVERIFY(!view.placeholderText().isEmpty());
        scene.preview(kThea, 0, "A title");
        QTRY_VERIFY(view.placeholderText().isEmpty());
        scene.workspace->caret(scene.charter, kThea, 0, 0);
        QTRY_VERIFY(!view.placeholderText().isEmpty());
    }
};

QTEST_MAIN(PagePreviewTest)
#include "page_preview_test.moc"
