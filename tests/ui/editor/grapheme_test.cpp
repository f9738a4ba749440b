#include "tests/ui/scene.h"
#include "ui/theme.h"

#include <QApplication>
#include <QInputMethodEvent>
#include <QTextBlock>

#include <functional>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;

Q_DECLARE_METATYPE(std::function<void(DocumentView &)>)

/// What a reader calls a letter (UAX #29, extended grapheme clusters) is moved over, taken by
/// Backspace and by Delete as one, whatever it is made of.
class GraphemeTest : public QObject {
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

    static void letters()
    {
        QTest::addColumn<QString>("letter");
        const auto row = [](const char *name, const char *letter) {
            QTest::newRow(name) << QString::fromUtf8(letter);
        };
        row("plain", "b");
        row("beyond 16 bits", "\U0001D54F");
        row("composed", "e\u0301");
        row("many marks", "e\u0301\u0323\u0302\u0308\u0331");
        row("no-break blank", "\u00A0");
        row("narrow no-break blank", "\u202F");
        row("line separator", "\u2028");
        row("tab", "\t");
        row("family", "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466");
        row("skin", "\U0001F44D\U0001F3FD");
        row("heart", "\u2764\uFE0F");
        row("key", "1\uFE0F\u20E3");
        row("flag", "\U0001F1E9\U0001F1EA");
        row("flag of a region",
            "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F");
        row("profession", "\U0001F469\U0001F3FD\u200D\U0001F680");
        row("rainbow", "\U0001F3F3\uFE0F\u200D\U0001F308");
        row("hangul", "\u1112\u1161\u11AB");
        row("devanagari", "\u0915\u093F");
        row("thai", "\u0E01\u0E33");
        row("hebrew", "\u05E9\u05C1\u05B8");
        row("arabic", "\u0628\u064E\u0651");
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    void aLetterGoesAsOne_data() { letters(); }
    void aLetterGoesAsOne()
    {
        QFETCH(QString, letter);
        Scene scene;
        const QString text = QStringLiteral("a") + letter + QStringLiteral("z");
        const int end = 1 + static_cast<int>(letter.size());
        DocumentView &view = openWith(scene, text.toStdString());
        place(view, end, end);
        QTest::keyClick(&view, Qt::Key_Backspace);
        QCOMPARE(held(scene), QStringLiteral("az"));
        QTest::keyClick(&view, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(shown(view), text);
        place(view, 1, 1);
        QTest::keyClick(&view, Qt::Key_Delete);
        QCOMPARE(held(scene), QStringLiteral("az"));
        QCOMPARE(shown(view), held(scene));
    }

    void aLetterIsMovedOverAsOne_data() { letters(); }
    void aLetterIsMovedOverAsOne()
    {
        QFETCH(QString, letter);
        Scene scene;
        const QString text = QStringLiteral("a") + letter + QStringLiteral("z");
        const int end = 1 + static_cast<int>(letter.size());
        DocumentView &view = openWith(scene, text.toStdString());
        place(view, 1, 1);
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(view.textCursor().position(), end);
        QTest::keyClick(&view, Qt::Key_Left);
        QCOMPARE(view.textCursor().position(), 1);
        QTest::keyClick(&view, Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(view.textCursor().selectedText().replace(QChar(QChar::ParagraphSeparator), u'\n'),
                 letter);
        QTest::keyClicks(&view, QStringLiteral("m"));
        QCOMPARE(held(scene), QStringLiteral("amz"));
    }

    /// Rows of them are cut where each ends, however long the row.
    void rowsAreCutRight_data() { letters(); }
    void rowsAreCutRight()
    {
        QFETCH(QString, letter);
        Scene scene;
        constexpr int kCount = 130;
        QString text = letter.repeated(kCount);
        DocumentView &view = openWith(scene, (text + u'z').toStdString());
        const int size = static_cast<int>(letter.size());
        place(view, 101 * size, 101 * size);
        QTest::keyClick(&view, Qt::Key_Backspace);
        QCOMPARE(held(scene).size(), (kCount - 1) * size + 1);
        QTest::keyClick(&view, Qt::Key_Delete);
        QCOMPARE(held(scene), letter.repeated(kCount - 2) + u'z');
        QCOMPARE(shown(view), held(scene));
    }

    /// In an empty document, at its ends and over breaks.
    void theEndsHold()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "");
        for (const Qt::Key key : {Qt::Key_Backspace, Qt::Key_Delete, Qt::Key_Left, Qt::Key_Right})
            for (const Qt::KeyboardModifier with : {Qt::NoModifier, Qt::ControlModifier})
                QTest::keyClick(&view, key, with);
        QCOMPARE(held(scene), QString());
        QVERIFY(scene.workspace->all<api::EditText>().empty());
        QTest::keyClicks(&view, QStringLiteral("a"));
        QTest::keyClick(&view, Qt::Key_Return);
        QTest::keyClicks(&view, QStringLiteral("b"));
        QTest::keyClick(&view, Qt::Key_Home);
        QTest::keyClick(&view, Qt::Key_Backspace);
        QCOMPARE(held(scene), QStringLiteral("ab"));
        QCOMPARE(view.textCursor().position(), 1);
    }

    void wordsGoWhole()
    {
        Scene scene;
        DocumentView &view =
            openWith(scene, "one caf\u0065\u0301\u00A0\U0001F468\u200D\U0001F469 end");
        QTest::keyClick(&view, Qt::Key_End, Qt::ControlModifier);
        QTest::keyClick(&view, Qt::Key_Backspace, Qt::ControlModifier);
        QCOMPARE(held(scene), QString::fromUtf8("one cafe\u0301\u00A0\U0001F468\u200D\U0001F469 "));
        QTest::keyClick(&view, Qt::Key_Backspace, Qt::ControlModifier);
        QVERIFY(held(scene).isValidUtf16());
        QVERIFY(!held(scene).endsWith(QChar(0x200D)));
        place(view, 4, 4);
        QTest::keyClick(&view, Qt::Key_Delete, Qt::ControlModifier);
        QVERIFY(held(scene).startsWith(QStringLiteral("one ")));
        QVERIFY(!held(scene).contains(QChar(0x0301)));
        QCOMPARE(shown(view), held(scene));
    }

    // ---- From right to left --------------------------------------------------------------------

    /// In a line of both directions each place can be reached by the arrows, none twice, and the
    /// caret goes the way of the arrow.
    void bothDirections_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("Hebrew") << QString::fromUtf8(
            "\u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD");
        QTest::newRow("Hebrew in English") << QString::fromUtf8("abc \u05E9\u05DC\u05D5\u05DD def");
        QTest::newRow("English in Arabic")
            << QString::fromUtf8("\u0633\u0644\u0627\u0645 abc \u0633\u0644\u0627\u0645");
        QTest::newRow("numbers") << QString::fromUtf8("\u05E9\u05DC 123 \u05D5\u05DD");
    }
    void bothDirections()
    {
        QFETCH(QString, text);
        Scene scene;
        DocumentView &view = openWith(scene, (QStringLiteral("Top\n") + text).toStdString());
        const int begin = 4;
        const int end = begin + static_cast<int>(text.size());
        place(view, begin, begin);
        const QTextBlock block = view.textCursor().block();
        const bool isRightToLeft = block.textDirection() == Qt::RightToLeft;
        const Qt::Key onwards = isRightToLeft ? Qt::Key_Left : Qt::Key_Right;
        QList<int> places{view.textCursor().position()};
        for (int i = 0; i < 3 * text.size() && view.textCursor().position() < end; ++i) {
            QTest::keyClick(&view, onwards);
            QVERIFY2(!places.contains(view.textCursor().position()),
                     qPrintable(QString::number(view.textCursor().position())));
            places.append(view.textCursor().position());
        }
        QCOMPARE(places.size(), text.size() + 1);
        // Home is where the line begins: on the right in a line from right to left.
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.textCursor().position(), begin);
        const int home = view.cursorRect().center().x();
        QTest::keyClick(&view, Qt::Key_End);
        QCOMPARE(view.textCursor().position(), end);
        QCOMPARE(home > view.cursorRect().center().x(), isRightToLeft);
        QTest::keyClicks(&view, QStringLiteral("!"));
        QCOMPARE(held(scene), QStringLiteral("Top\n") + text + u'!');
        QCOMPARE(shown(view), held(scene));
    }

    /// Some input methods count letters where Qt counts units, and what edits the document by
    /// places may have any. A half is nothing that could be sent: the other half goes with it.
    void halvesGoTogether_data()
    {
        using Hand = std::function<void(DocumentView &)>;
        QTest::addColumn<Hand>("hand");
        QTest::addColumn<QString>("left");
        const auto row = [](const char *name, const char *left, Hand hand) {
            QTest::newRow(name) << std::move(hand) << QString::fromUtf8(left);
        };
        const auto commit = [](const char16_t *text, int start, int length) {
            return [=](DocumentView &view) {
                place(view, 7, 7); // behind the first character of two units
                QInputMethodEvent event;
                event.setCommitString(QString::fromUtf16(text), start, length);
                QApplication::sendEvent(&view, &event);
            };
        };
        row("the second half is taken", "Top\na\U0001F601b", commit(u"", -1, 1));
        row("the first half is taken", "Top\na\U0001F601b", commit(u"", -2, 1));
        row("a half is replaced", "Top\nax\U0001F601b", commit(u"x", -1, 1));
        row("what is left of two makes one", "Top\na\U0001F601b", commit(u"", -1, 2));
        row("half a character is written", "Top\na\U0001F600\U0001F601b", commit(u"\xD83D", 0, 0));
        row("halves make another", "Top\na\U0001F602\U0001F601b", commit(u"\xDE02", -1, 1));
        row("a selection that ends in one is cut", "Top\n\U0001F600\U0001F601b",
            [](DocumentView &view) {
                place(view, 4, 6);
                view.cut();
            });
        row("something is put between", "Top\nax\U0001F601b", [](DocumentView &view) {
            QTextCursor cursor(view.document());
            cursor.setPosition(6);
            cursor.insertText(QStringLiteral("x"));
        });
    }
    void halvesGoTogether()
    {
        QFETCH(std::function<void(DocumentView &)>, hand);
        QFETCH(QString, left);
        Scene scene;
        DocumentView &view = openWith(scene, "Top\na\U0001F600\U0001F601b");
        hand(view);
        QCOMPARE(shown(view), left);
        QCOMPARE(view.textPieces().join(QString()), left);
        scene.settle();
        QCOMPARE(held(scene), left);
        // What is written next stands where it was written.
        const int end = view.document()->characterCount() - 1;
        place(view, end, end);
        QTest::keyClicks(&view, QStringLiteral("c"));
        scene.settle();
        QCOMPARE(shown(view), left + u'c');
        QCOMPARE(held(scene), left + u'c');
    }

    void picture()
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            QSKIP("NLBD_SCREENSHOTS names no folder"); // pictures are for eyes: nothing to check
        Scene scene;
        DocumentView &view = openWith(
            scene,
            "Letters of the world\n"
            "abc \u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD def, the Hebrew in the middle\n"
            "\u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD and English 123 "
            "\u05E9\u05DC\u05D5\u05DD\n"
            "\u0633\u0644\u0627\u0645 \u0639\u0644\u064A\u0643\u0645 \u0661\u0662\u0663\n"
            "e\u0301 a\u0323\u0302 \u1112\u1161\u11AB \u0915\u093F \u0E01\u0E33\n"
            "\U0001F468\u200D\U0001F469\u200D\U0001F467 \U0001F1E9\U0001F1EA \U0001F44D\U0001F3FD\n"
            "tab\tstop\tand a line\u2028broken softly\n");
        scene.workspace->caret(scene.charter, DeviceIndex(1), 30, 26);
        scene.workspace->caret(scene.charter, DeviceIndex(2), 70, 60);
        scene.settle();
        place(view, 64, 64);
        scene.window->grab().save(folder + QStringLiteral("/letters.png"));
    }
};

QTEST_MAIN(GraphemeTest)
#include "grapheme_test.moc"
