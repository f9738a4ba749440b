#include "tests/ui/scene.h"
#include "ui/theme.h"

#include <QScrollBar>
#include <QTextBlock>

#include <random>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

/// What I read never moves: the line of my caret, or the first one on the screen, keeps its height
/// on the screen to the pixel, whatever others do above, below and in it.
class StandingTest : public QObject {
    Q_OBJECT

private:
    static constexpr int kLines = 240;

    /// Paragraphs of one and of several lines, headings of three sizes among them.
    struct Room {
        explicit Room(unsigned seed = 1)
            : random(seed)
        {
            std::string text = "Title\n";
            for (int i = 0; i < kLines; ++i)
                text += (i % 5 == 2 ? std::string(kLong) : "line " + std::to_string(i)) + "\n";
            scene.workspace->textOf(scene.charter) = text;
            scene.open();
            api::Looks looks;
            for (int i = 7; i < kLines; i += 7)
                looks.letters.push_back(heading(endOf(i), i % 3 + 1));
            scene.workspace->othersEdit(scene.charter, {}, looks);
            scene.settle();
        }
        static api::Look heading(TextOffset end, int level)
        {
            return {end, end + 1, {{"block", "h" + std::to_string(level)}}};
        }
        DocumentView &page() { return scene.window->page(); }
        std::string &text() { return scene.workspace->textOf(scene.charter); }
        [[nodiscard]] TextOffset startOf(int line)
        {
            return static_cast<TextOffset>(page().document()->findBlockByNumber(line).position());
        }
        [[nodiscard]] TextOffset endOf(int line)
        {
            const QTextBlock block = page().document()->findBlockByNumber(line);
            return static_cast<TextOffset>(block.position() + block.length() - 1);
        }
        void select(TextOffset anchor, TextOffset caret)
        {
            QTextCursor cursor = page().textCursor();
            cursor.setPosition(static_cast<int>(anchor));
            cursor.setPosition(static_cast<int>(caret), QTextCursor::KeepAnchor);
            page().setTextCursor(cursor);
        }
        /// The caret stands in this line, a few lines below the top of the screen.
        void readAt(int line)
        {
            select(startOf(line), startOf(line));
            page().centerCursor();
            QCoreApplication::processEvents();
        }
        /// In the window, wherever the page begins in it.
        [[nodiscard]] int caretHeight()
        {
            return page().viewport()->y() + page().cursorRect().top();
        }
        void edit(const TextPatches &patches, const api::Looks &looks = {})
        {
            scene.workspace->othersEdit(scene.charter, patches, looks);
            scene.settle();
        }
        std::size_t below(std::size_t bound) { return random() % std::max<std::size_t>(1, bound); }

        Scene scene;
        std::mt19937 random;
    };

    static constexpr const char *kLong =
        "We open at eight. Whoever arrives first lights the lamps; whoever leaves last writes the "
        "day into the book, and all of us keep the whole of it for as long as there is paper.";

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }

    void linesAboveTheScreen()
    {
        Room room;
        room.readAt(120);
        const int height = room.caretHeight();
        room.edit({{0, 0, "one\ntwo\nthree\n"}});
        QCOMPARE(room.caretHeight(), height);
        room.edit({{0, room.startOf(40), ""}});
        QCOMPARE(room.caretHeight(), height);
    }

    /// Above the line, but on the screen: what comes in is not as high as what it pushes out.
    void blocksOfOtherHeights()
    {
        Room room;
        room.readAt(120);
        const int height = room.caretHeight();
        for (int i = 0; i < 6; ++i) {
            const TextOffset at = room.startOf(117 + i % 3);
            room.edit({{at, 0, "Heading\n"}}, {{Room::heading(at + 7, i % 3 + 1)}, {}});
            QCOMPARE(room.caretHeight(), height);
        }
        const TextOffset at = room.startOf(120);
        std::string paragraph = kLong;
        paragraph += '\n';
        room.edit({{at, 0, paragraph}});
        QCOMPARE(room.caretHeight(), height);
        // A paragraph above becomes a heading, without a letter.
        room.edit({}, {{Room::heading(room.endOf(118), 1)}, {}});
        QCOMPARE(room.caretHeight(), height);
    }

    void aSelectionStays()
    {
        Room room;
        room.readAt(120);
        const TextOffset from = room.startOf(120);
        room.select(from, from + 4);
        const int height = room.caretHeight();
        room.edit({{from + 4, 0, "after"}, {from, 0, "before"}, {room.startOf(119), 0, "new\n"}});
        QCOMPARE(room.page().textCursor().selectedText(), QStringLiteral("line").left(4));
        QCOMPARE(room.caretHeight(), height);
    }

    void theLineItself()
    {
        Room room;
        room.readAt(122); // of several lines
        const TextOffset from = room.startOf(122);
        room.select(from + 120, from + 120);
        const int height = room.caretHeight();
        room.edit({{from + 10, 0,
                    "some words that make it longer by more than a line of the page, "
                    "which pushes what comes after them to the next line "}});
        QCOMPARE(room.caretHeight(), height);
        room.edit({{from, 60, ""}});
        QCOMPARE(room.caretHeight(), height);
    }

    void theEndOfTheDocument()
    {
        Room room;
        QTest::keyClick(&room.page(), Qt::Key_End, Qt::ControlModifier);
        const int height = room.caretHeight();
        for (int i = 0; i < 5; ++i) {
            const TextOffset at = room.startOf(kLines - 3);
            room.edit({{at, 0, "Heading\n"}}, {{Room::heading(at + 7, i % 3 + 1)}, {}});
            QCOMPARE(room.caretHeight(), height);
        }
        room.edit({{0, 0, "above\n"}});
        QCOMPARE(room.caretHeight(), height);
    }

    /// The caret is elsewhere: the first line on the screen holds.
    void theCaretIsNotOnTheScreen()
    {
        Room room;
        room.readAt(20);
        room.page().verticalScrollBar()->setValue(150);
        QCoreApplication::processEvents();
        const auto first = [&] {
            const QTextCursor at = room.page().cursorForPosition(QPoint(0, 40));
            return std::pair(at.block().text(),
                             room.page().viewport()->y() + room.page().cursorRect(at).top());
        };
        const auto before = first();
        room.edit({{0, 0, "one\ntwo\n"}});
        room.edit({{room.startOf(60), 0, "Heading\n"}});
        QCOMPARE(first(), before);
    }

    /// A banner comes, and goes: the page gets smaller from above, and nothing on it moves.
    void aRowAboveThePage()
    {
        Room room;
        room.readAt(120);
        const auto inWindow = [&] {
            return room.page()
                .viewport()
                ->mapTo(room.scene.window.get(), room.page().cursorRect().topLeft())
                .y();
        };
        const int height = inWindow();
        const int top = room.page().height();
        room.scene.refuse(1);
        QTRY_VERIFY(room.page().height() < top - 20);
        room.scene.settle();
        QCOMPARE(inWindow(), height);
        room.edit({{0, 0, "above\n"}});
        QCOMPARE(inWindow(), height);
        // At the very beginning it is the name of the text that must not be hidden.
        QTest::keyClick(&room.page(), Qt::Key_Home, Qt::ControlModifier);
        QCOMPARE(room.page().verticalScrollBar()->value(), 0);
    }

    void whoScrollsGetsTheWholePage()
    {
        Room room;
        room.readAt(120);
        const int top = room.page().viewport()->y();
        for (int i = 0; i < 4 && room.page().viewport()->y() == top; ++i) {
            const TextOffset at = room.startOf(118);
            room.edit({{at, 0, "Heading\n"}}, {{Room::heading(at + 7, i % 3 + 1)}, {}});
        }
        QVERIFY(room.page().viewport()->y() != top); // a part of a line was needed
        room.page().verticalScrollBar()->setValue(10);
        QTRY_COMPARE(room.page().viewport()->y(), top);
    }

    void whateverOthersDo_data()
    {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 12; ++seed)
            QTest::addRow("%u", seed) << seed;
    }

    void whateverOthersDo()
    {
        QFETCH(unsigned, seed);
        Room room(seed);
        room.readAt(100 + static_cast<int>(room.below(40)));
        for (int step = 0; step < 25; ++step) {
            const int height = room.caretHeight();
            const auto mine = static_cast<TextOffset>(room.page().textCursor().position());
            const auto length = static_cast<TextOffset>(room.text().size());
            const auto near = mine > 1500 ? mine - 1500 : 0;
            const auto at = near + static_cast<TextOffset>(room.below(3000));
            if (at >= length)
                continue;
            if (room.below(3) == 0)
                room.edit({{at, std::min<TextOffset>(length - at, 30), ""}});
            else if (room.below(2) == 0)
                room.edit({{at, 0, "and a few words more, or a line\nand another\n"}});
            else
                room.edit({{at, 0, "Heading\n"}}, {{Room::heading(at + 7, 1)}, {}});
            QVERIFY2(room.caretHeight() == height,
                     qPrintable(QStringLiteral("step %1: %2 instead of %3")
                                    .arg(step)
                                    .arg(room.caretHeight())
                                    .arg(height)));
        }
    }
};

QTEST_MAIN(StandingTest)
#include "standing_test.moc"
