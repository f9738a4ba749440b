#include "tests/ui/scene.h"
#include "ui/editor/page_layout.h"
#include "ui/theme.h"

#include <QImage>
#include <QTextBlock>
#include <QTextLayout>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;

/// What stands before a line and is no part of its text: numbers, bullets, boxes, bars.
class ListMarkersTest : public QObject {
    Q_OBJECT

private:
    /// Each line a block of that kind.
    static DocumentView &openBlocks(Scene &scene, const QStringList &lines, const char *kind)
    {
        const QString text = QStringLiteral("Title\n") + lines.join(u'\n') + u'\n';
        DocumentView &view = openWith(scene, text.toStdString());
        api::Looks looks;
        TextOffset at = 6;
        for (const QString &line : lines) {
            at += static_cast<TextOffset>(line.size());
            looks.letters.push_back({at, at + 1, {{"block", kind}}});
            ++at;
        }
        scene.workspace->othersEdit(scene.charter, {}, looks);
        scene.settle();
        return view;
    }

    /// Where there is ink beside the text of a block's first line, from left to right.
    struct Ink {
        int first = -1;
        int last = -1;
        int count = 0; ///< columns
    };
    struct Beside {
        Ink left;
        Ink right;
        QRect line;
    };
    static Beside inkBeside(DocumentView &view, int number)
    {
        const QTextBlock block = view.document()->findBlockByNumber(number);
        QTextCursor cursor(block);
        cursor.movePosition(QTextCursor::EndOfBlock); // where it is drawn beside the words
        view.setTextCursor(cursor);
        view.centerCursor();
        const QRect caret = view.cursorRect().adjusted(0, 3, 0, -3);
        const QImage image = view.viewport()->grab().toImage();
        const QTextLine line = block.layout()->lineAt(0);
        const QRectF words = line.naturalTextRect();
        Beside beside;
        beside.line =
            QRect(qRound(words.left()), caret.top(), qRound(words.width()), caret.height());
        const QRgb paper = ui::theme().page.rgb();
        for (int x = 0; x < image.width(); ++x) {
            bool hasInk = false;
            for (int y = caret.top(); y <= caret.bottom() && !hasInk; ++y)
                hasInk = image.pixelColor(x, y).rgb() != paper;
            const bool isWord = x >= beside.line.left() - 2 && x <= beside.line.right() + 3;
            if (!hasInk || isWord)
                continue;
            Ink &ink = x < beside.line.left() ? beside.left : beside.right;
            ink.first = ink.first < 0 ? x : ink.first;
            ink.last = x;
            ++ink.count;
        }
        return beside;
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    void numbersAreWhole()
    {
        QStringList lines;
        for (int i = 0; i < 1205; ++i)
            lines.append(QStringLiteral("item"));
        Scene scene;
        DocumentView &view = openBlocks(scene, lines, "number");
        int before = 0;
        for (const int number : {1, 12, 99, 100, 888, 1000, 1205}) {
            const Beside beside = inkBeside(view, number);
            const QByteArray which =
                QByteArray::number(number) + " from " + QByteArray::number(beside.left.first);
            QVERIFY2(beside.left.first >= 1, which.constData()); // cut off it would begin at 0
            QVERIFY2(beside.left.last <= beside.line.left() - 5, which.constData());
            QVERIFY2(beside.left.count > before / 2 && beside.left.count >= 3, which.constData());
            before = beside.left.count;
        }
    }

    void fromRightToLeftTheyStandAtTheRight_data()
    {
        QTest::addColumn<QByteArray>("kind");
        for (const char *kind : {"number", "bullet", "task", "quote"})
            QTest::newRow(kind) << QByteArray(kind);
    }
    void fromRightToLeftTheyStandAtTheRight()
    {
        QFETCH(QByteArray, kind);
        Scene scene;
        DocumentView &view = openBlocks(
            scene, {QStringLiteral("plain"), QString::fromUtf8("\u05E9\u05DC\u05D5\u05DD")},
            kind.constData());
        const Beside plain = inkBeside(view, 1);
        QVERIFY(plain.left.count > 0);
        QCOMPARE(plain.right.count, 0);
        const Beside turned = inkBeside(view, 2);
        QCOMPARE(turned.left.count, 0);
        QVERIFY(turned.right.count > 0);
        QVERIFY(turned.right.last < view.viewport()->width() - 1);
        // As far from the words as at the other side.
        const int near = plain.line.left() - plain.left.last;
        QVERIFY(qAbs(turned.right.first - turned.line.right() - near) <= 3);
        if (kind != "task")
            return;
        const auto *layout =
            qobject_cast<const ui::PageLayout *>(view.document()->documentLayout());
        const QPoint box((turned.right.first + turned.right.last) / 2, turned.line.center().y());
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, box);
        QVERIFY(layout->styleOf(view.document()->findBlockByNumber(2)).isDone);
    }
};

QTEST_MAIN(ListMarkersTest)
#include "list_markers_test.moc"
