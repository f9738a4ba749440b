#include "tests/ui/room.h"
#include "ui/editor/companions.h"
#include "ui/people/avatar.h"

#include <QAbstractButton>
#include <QElapsedTimer>
#include <QInputMethodEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextLayout>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;
using namespace std::chrono_literals;

namespace {

const char *const kRules = "Rules of the reading room\n"
                           "Whoever arrives first lights the lamps.\n"
                           "Whoever leaves last writes the day into the book.\n";

std::string longText()
{
    std::string text = "Minutes\n";
    for (int i = 0; i < 200; ++i)
        text += "Point " + std::to_string(i) + " was read, and all agreed to it after a while.\n";
    return text;
}

/// What somebody types, key by key; '<' is Backspace.
struct Script {
    QString keys;
    qsizetype at = 0;

    void press(DocumentView &page)
    {
        const QChar key = keys[at++ % keys.size()];
        if (key == u'<')
            QTest::keyClick(&page, Qt::Key_Backspace);
        else
            QTest::keyClicks(&page, QString(key));
    }
};

/// From the top of the window.
int heightOf(DocumentView &page, int place)
{
    QTextCursor cursor(page.document());
    cursor.setPosition(place);
    return page.viewport()->mapTo(page.window(), page.cursorRect(cursor).topLeft()).y();
}

QString preedit(const DocumentView &page)
{
    return page.textCursor().block().layout()->preeditAreaText();
}

void compose(DocumentView &page, const QString &text)
{
    QInputMethodEvent event(text, {});
    QApplication::sendEvent(&page, &event);
}

void commit(DocumentView &page, const QString &text)
{
    QInputMethodEvent event;
    event.setCommitString(text);
    QApplication::sendEvent(&page, &event);
}

/// The pointer of the machine may be there from before, and other windows stand at the same place:
/// the page is told, not the pointer moved.
void hover(DocumentView &page, QPoint place)
{
    QMouseEvent event(QEvent::MouseMove, place, page.viewport()->mapToGlobal(place), Qt::NoButton,
                      Qt::NoButton, Qt::NoModifier);
    QApplication::sendEvent(page.viewport(), &event);
}

} // namespace

/// J5 of PRODUCT.md: people type together, by real engines and their windows.
class TogetherTest : public QObject {
    Q_OBJECT

private:
    static void themes()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    static void useTheme()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
    }

private Q_SLOTS:
    void cleanup() { applyTheme(Appearance::Light); }

    /// 1 Two in one paragraph, each ten keys a second for a minute of their time. What I type
    /// stands before my caret as I typed it, and nobody moves my caret back.
    void theyTypeInOneParagraph()
    {
        SharedRoom room(2, {{"Rules", kRules}});
        const std::string before = kRules;
        room.caretBehind(0, QStringLiteral("arrives "));
        room.caretBehind(1, QStringLiteral("first "));
        std::array<Script, 2> scripts{
            Script{QStringLiteral("at eight, with the keys< and the lamps<<<oil, "), 0},
            Script{QStringLiteral("in the morningg<, before anybody else, "), 0}};
        std::array<int, 2> carets{room.page(0).textCursor().position(),
                                  room.page(1).textCursor().position()};
        for (int tick = 0; tick < 600; ++tick) {
            for (std::size_t who = 0; who < 2; ++who) {
                const bool takesAway =
                    scripts[who].keys[scripts[who].at % scripts[who].keys.size()] == QChar(u'<');
                scripts[who].press(room.page(who));
                const int caret = room.page(who).textCursor().position();
                QCOMPARE(caret, carets[who] + (takesAway ? -1 : 1));
                carets[who] = caret;
            }
            room.passWithoutFrame(100ms);
            if (tick % 10 == 9)
                room.pass(1ms);
            for (std::size_t who = 0; who < 2; ++who) {
                const int caret = room.page(who).textCursor().position();
                // The other one took away at most a letter for each of the last ten ticks.
                QVERIFY2(caret >= carets[who] - 10,
                         qPrintable(QStringLiteral("%1, was %2").arg(caret).arg(carets[who])));
                const Script &script = scripts[who];
                const QChar last = script.keys[(script.at - 1) % script.keys.size()];
                if (last != u'<')
                    QCOMPARE(room.text(who)[caret - 1], last);
                carets[who] = caret;
            }
        }
        QVERIFY(room.isOneText());
        QCOMPARE(QString::fromStdString(*room.group.at(1).text(room.docs[0])), room.text(0));
        // Each one's words stand as a whole: nobody's letters came in between.
        for (const Script &script : scripts) {
            QString said;
            for (qsizetype i = 0; i < script.at; ++i) {
                const QChar key = script.keys[i % script.keys.size()];
                if (key == u'<')
                    said.chop(1);
                else
                    said += key;
            }
            QVERIFY2(room.text(0).contains(said), qPrintable(room.text(0)));
        }
    }

    /// 2 The other's caret comes with the name, which becomes a flag and comes back.
    void theirCaretHasAName_data() { themes(); }
    void theirCaretHasAName()
    {
        useTheme();
        SharedRoom room(3, {{"Rules", kRules}});
        room.page(0).setCursorWidth(0); // one's own blinks
        room.caretBehind(1, QStringLiteral("lights "));
        room.type(1, QStringLiteral("all "));
        QVERIFY(room.isReached([&] {
            return std::ranges::any_of(room.page(0).marks().carets(), [](const auto &caret) {
                return caret.device == DeviceIndex(1);
            });
        }));
        QVERIFY(room.isOneText());
        const auto at = room.text(0).indexOf(QStringLiteral("all ")) + 4;
        const auto caret = [&] {
            for (const PageMarks::Caret &each : room.page(0).marks().carets())
                if (each.device == DeviceIndex(1))
                    return each.caret;
            return qsizetype(-1);
        };
        QVERIFY(room.isReached([&] { return caret() == at; }));
        // Nothing else changes how the page looks: all of it is agreed.
        room.caretAt(2, QStringLiteral("leaves last"), 11);
        QVERIFY(room.isReached([&] {
            return room.page(0).marks().ranges().empty()
                && room.page(0).marks().carets().size() == 2;
        }));
        room.shot(0, QStringLiteral("j5-2-names"));
        const auto picture = [&room] { return room.page(0).viewport()->grab().toImage(); };
        // All names have become flags: nothing looks different for longer than a name lives.
        QImage flags;
        QElapsedTimer still;
        const auto isStill = [&] {
            const QImage now = picture();
            if (now != flags || !still.isValid())
                still.start();
            flags = now;
            return still.elapsed() > PageMarks::kLabelLife + PageMarks::kLabelFade;
        };
        QVERIFY(QTest::qWaitFor(isStill, 20'000));
        room.shot(0, QStringLiteral("j5-2-flags"));
        // It goes away and comes back: the name is there again, and then the flag.
        room.caretAt(1, QStringLiteral("lights"));
        QVERIFY(room.isReached([&] { return caret() != at; }));
        room.caretBehind(1, QStringLiteral("lights all "));
        QVERIFY(room.isReached([&] { return caret() == at && picture() != flags; }));
        QTRY_COMPARE_WITH_TIMEOUT(picture(), flags, 10'000);
        QTextCursor there(room.page(0).document());
        there.setPosition(static_cast<int>(at));
        hover(room.page(0), room.page(0).cursorRect(there).topLeft() + QPoint(1, 4));
        QTRY_VERIFY(picture() != flags);
        room.shot(0, QStringLiteral("j5-2-hover"));
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(room.page(0).viewport(), &leave);
        QTRY_COMPARE(picture(), flags);
    }

    /// 3 Lines that come above leave what I read where it is.
    void whatIReadStays()
    {
        SharedRoom room(2, {{"Minutes", longText()}});
        const QTextBlock block = room.page(0).document()->findBlockByNumber(100);
        const int mine = block.position() + 6;
        place(room.page(0), mine, mine);
        room.page(0).verticalScrollBar()->setValue(block.firstLineNumber() - 5);
        room.pass();
        const int height = heightOf(room.page(0), mine);
        const int inPage = room.page(0).textCursor().positionInBlock();
        for (const int line : {10, 99, 50}) {
            place(room.page(1), room.page(1).document()->findBlockByNumber(line).position(),
                  room.page(1).document()->findBlockByNumber(line).position());
            QTest::keyClicks(&room.page(1), QStringLiteral("A line that was not there."));
            QTest::keyClick(&room.page(1), Qt::Key_Return);
            QVERIFY(room.isOneText());
            QCOMPARE(heightOf(room.page(0), room.page(0).textCursor().position()), height);
            QCOMPARE(room.page(0).textCursor().positionInBlock(), inPage);
        }
        room.shot(0, QStringLiteral("j5-3-standing"));
    }

    /// 4 What comes at its end is not selected with it.
    void mySelectionIsMine()
    {
        SharedRoom room(2, {{"Rules", kRules}});
        room.caretAt(0, QStringLiteral("first lights"), 12);
        room.caretBehind(1, QStringLiteral("first lights"));
        room.type(1, QStringLiteral(" up"));
        room.caretAt(1, QStringLiteral("first lights"));
        room.type(1, QStringLiteral("very "));
        QVERIFY(room.isOneText());
        QVERIFY(room.text(0).contains(QStringLiteral("very first lights up the")));
        QCOMPARE(room.page(0).textCursor().selectedText(), QStringLiteral("first lights"));
    }

    /// 5 A composition is neither broken nor doubled by who types in the same paragraph.
    void composingWhileOthersType_data() { themes(); }
    void composingWhileOthersType()
    {
        useTheme();
        SharedRoom room(2, {{"Rules", kRules}});
        room.caretBehind(0, QStringLiteral("lights the lamps"));
        room.caretBehind(1, QStringLiteral("Whoever "));
        const QString hiragana = QStringLiteral("\u306B\u307B\u3093\u3054");
        const QString kanji = QStringLiteral("\u65E5\u672C\u8A9E");
        for (qsizetype i = 1; i <= hiragana.size(); ++i) {
            compose(room.page(0), hiragana.first(i));
            QTest::keyClicks(&room.page(1), QStringLiteral("x"));
            room.pass();
            QCOMPARE(preedit(room.page(0)), hiragana.first(i));
        }
        room.shot(0, QStringLiteral("j5-5-composing"));
        QVERIFY(!room.text(1).contains(hiragana));
        commit(room.page(0), kanji);
        QVERIFY(room.isOneText());
        QCOMPARE(preedit(room.page(0)), QString());
        QCOMPARE(room.text(1).count(kanji), 1);
        QVERIFY2(room.text(0).contains(QStringLiteral("Whoever xxxxarrives first lights the lamps")
                                       + kanji),
                 qPrintable(room.text(0)));
        const int caret = room.page(0).textCursor().position();
        QCOMPARE(room.text(0).mid(caret - 3, 3), kanji);
    }

    /// 6 Undo takes back my last change, names it, and leaves what another wrote inside.
    void undoIsMine()
    {
        SharedRoom room(2, {{"Rules", kRules}});
        room.caretBehind(0, QStringLiteral("lights the "));
        room.type(0, QStringLiteral("oil "));
        room.caretBehind(1, QStringLiteral("writes the "));
        room.type(1, QStringLiteral("whole "));
        QVERIFY(room.isOneText());
        QVERIFY(room.isReached(
            [&] { return room.action(0, QStringLiteral("Undo typing \u201Coil")) != nullptr; }));
        room.caretBehind(1, QStringLiteral("the oi"));
        room.type(1, QStringLiteral("-burning-"));
        QVERIFY(room.isOneText());
        QVERIFY(room.text(0).contains(QStringLiteral("oi-burning-l ")));
        room.windows[0]->activateWindow(); // keys of a window work where it is in front
        room.page(0).setFocus();
        QTRY_VERIFY(room.windows[0]->isActiveWindow());
        QTest::keyClick(room.windows[0].get(), Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(room.isReached([&] { return !room.text(0).contains(QStringLiteral("oi-")); }));
        QVERIFY(room.isOneText());
        QVERIFY2(room.text(1).contains(QStringLiteral("lights the -burning-lamps.")),
                 qPrintable(room.text(1)));
        QVERIFY2(room.text(1).contains(QStringLiteral("writes the whole day")),
                 qPrintable(room.text(1)));
    }

    /// 7 Press a person and be where they write; following sticks until I type.
    void goingAndFollowing()
    {
        SharedRoom room(2, {{"Minutes", longText()}});
        const auto standAt = [&](std::size_t who, int line) {
            const int at = room.page(who).document()->findBlockByNumber(line).position();
            place(room.page(who), at, at);
            room.pass();
            return at;
        };
        const int there = standAt(1, 150);
        QAbstractButton *other = nullptr;
        QVERIFY(room.isReached([&] {
            for (auto *button :
                 room.windows[0]->findChild<AvatarRow *>()->findChildren<QAbstractButton *>())
                if (button->accessibleName().startsWith(QStringLiteral("Person 1")))
                    other = button;
            return other && room.page(0).marks().carets().size() == 1;
        }));
        QTest::mouseClick(other, Qt::LeftButton);
        QVERIFY(room.isReached([&] { return room.page(0).textCursor().position() == there; }));
        room.windows[0]->companions().follow(DeviceIndex(1));
        for (const int line : {20, 190}) {
            const int at = standAt(1, line);
            QVERIFY(room.isReached([&] {
                const int height = heightOf(room.page(0), at);
                return height > 0 && height < room.windows[0]->height();
            }));
        }
        room.shot(0, QStringLiteral("j5-7-following"));
        QTest::keyClicks(&room.page(0), QStringLiteral("a"));
        QVERIFY(!room.windows[0]->companions().followed());
        const int top = room.page(0).verticalScrollBar()->value();
        standAt(1, 3);
        room.pass();
        QCOMPARE(room.page(0).verticalScrollBar()->value(), top);
    }
};

QTEST_MAIN(TogetherTest)
#include "together_test.moc"
