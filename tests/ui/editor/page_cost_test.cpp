#include "tests/ui/scene.h"
#include "ui/editor/page_layout.h"
#include "ui/theme.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTextBlock>

#include <algorithm>
#include <functional>
#include <random>

using namespace nlbd;
using namespace nlbd::testing;
using namespace nlbd::ui;

namespace {

constexpr int kLines = 300;

/// Counts what a page is painted.
class Paints : public QObject {
public:
    explicit Paints(DocumentView &page)
        : m_page(page)
    {
        page.viewport()->installEventFilter(this);
    }
    /// Of all that is due now, in pixels of height.
    [[nodiscard]] int taken()
    {
        QCoreApplication::processEvents();
        return std::exchange(m_height, 0);
    }

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        if (event->type() == QEvent::Paint)
            for (const QRect &rect : static_cast<QPaintEvent *>(event)->region())
                m_height += rect.height();
        return false;
    }

private:
    DocumentView &m_page;
    int m_height = 0;
};

} // namespace

/// What a page does for an edit, in layouts and paints: numbers that hold on any computer.
class PageCostTest : public QObject {
    Q_OBJECT

private:
    struct Room {
        Room()
        {
            std::string text = "Title\n";
            for (int i = 0; i < kLines; ++i)
                text += "some words in line " + std::to_string(i) + "\n";
            scene.workspace->textOf(scene.charter) = text;
            scene.open();
            layout = qobject_cast<PageLayout *>(page().document()->documentLayout());
            paints = std::make_unique<Paints>(page());
            QTextCursor cursor = page().textCursor();
            cursor.setPosition(static_cast<int>(startOf(5)));
            page().setTextCursor(cursor);
            scene.settle();
            QTest::qWait(250); // what is done after a pause is done
            static_cast<void>(paints->taken());
        }
        DocumentView &page() { return scene.window->page(); }
        [[nodiscard]] TextOffset startOf(int line)
        {
            return static_cast<TextOffset>(page().document()->findBlockByNumber(line).position());
        }
        void edit(const TextPatches &patches, const api::Looks &looks = {})
        {
            scene.workspace->othersEdit(scene.charter, patches, looks);
            scene.settle();
        }
        Scene scene;
        PageLayout *layout = nullptr;
        std::unique_ptr<Paints> paints;
    };

private Q_SLOTS:
    void initTestCase()
    {
        applyTheme(Appearance::Light);
        QApplication::setCursorFlashTime(0); // no paint that nobody asked for
    }

    void aKeyLaysOneBlockOut()
    {
        Room room;
        const auto before = room.layout->layouts();
        QTest::keyClicks(&room.page(), QStringLiteral("x"));
        QCOMPARE(room.layout->layouts(), before + 1);
        const int painted = room.paints->taken();
        QVERIFY2(painted > 0 && painted < 150, qPrintable(QString::number(painted)));
    }

    void aLineThatGrowsMovesThoseBelow()
    {
        Room room;
        const auto before = room.layout->layouts();
        QTest::keyClicks(&room.page(), QString(300, QChar(u'm')));
        QVERIFY(room.layout->layouts() <= before + 300 + 8);
        QVERIFY(room.paints->taken() > room.page().viewport()->height() / 2);
    }

    void anEditThatNobodySeesCostsNothing()
    {
        Room room;
        const auto before = room.layout->layouts();
        room.edit({{room.startOf(250) + 3, 0, "more"}, {room.startOf(200) + 3, 4, ""}});
        QCOMPARE(room.layout->layouts(), before);
        QCOMPARE(room.paints->taken(), 0);
        QVERIFY(
            room.page().document()->findBlockByNumber(250).text().contains(QStringLiteral("more")));
    }

    void anEditOnTheScreenPaintsItsLine()
    {
        Room room;
        const auto before = room.layout->layouts();
        room.edit({{room.startOf(8) + 3, 0, "more"}});
        QCOMPARE(room.layout->layouts(), before + 1);
        const int painted = room.paints->taken();
        QVERIFY2(painted > 0 && painted < 150, qPrintable(QString::number(painted)));
    }

    void aLookThatWasGuessedIsNoNews()
    {
        Room room;
        const api::Look bold{room.startOf(8), room.startOf(8) + 4, {{"bold", "1"}}};
        room.edit({}, {{bold}, {}});
        static_cast<void>(room.paints->taken());
        const auto before = room.layout->layouts();
        room.edit({}, {{bold}, {}});
        QCOMPARE(room.layout->layouts(), before);
        QCOMPARE(room.paints->taken(), 0);
    }

    /// More than are applied one by one, from the first line to the last.
    void manyEditsAtOnceCostTheScreen()
    {
        Room room;
        const QString before = room.page().document()->toPlainText();
        TextPatches patches;
        for (int i = 0; i < 250; ++i) {
            const auto *text = i % 50 == 0 ? "two\nlines" : "more";
            patches.push_back({room.startOf(i * 37 % kLines + 1), 0, text});
        }
        // Each place is of the text before: from the last to the first none moves another.
        std::ranges::sort(patches, std::greater(), &TextPatch::at);
        const auto layouts = room.layout->layouts();
        room.edit(patches);
        QVERIFY(room.layout->layouts()
                < layouts + 80); // the screen, and the end for the scroll bar
        QCOMPARE(room.page().document()->toPlainText().size(), before.size() + 245 * 4 + 5 * 9);
        QCOMPARE(room.page().document()->blockCount(), kLines + 2 + 5);
        // What it shows is what a page shows that is laid out anew.
        const QImage shown = room.page().grab().toImage();
        room.layout->restyleAll();
        QCOMPARE(room.page().grab().toImage(), shown);
    }

    /// A long batch is taken in turns of the loop, and keys in between find their place.
    void keysAreTakenAmidManyEdits()
    {
        constexpr int kEdits = 20'000; // ten turns where each takes 3 us, many more elsewhere
        Room room;
        DocumentView &page = room.page();
        FakeWorkspace &workspace = *room.scene.workspace;
        std::mt19937 random(5);
        workspace.isHeld = true;
        for (int i = 0; i < kEdits; ++i) {
            const std::string &text = workspace.docs[room.scene.charter.value].text;
            workspace.othersEdit(room.scene.charter,
                                 {{static_cast<TextOffset>(random() % text.size()), 0, "x"}});
        }
        workspace.isHeld = false;
        workspace.release();
        const auto taken = [&] { return page.document()->toPlainText().count(u'x'); };
        int turns = 0; // that ended amid it
        QElapsedTimer clock;
        clock.start();
        while (taken() < kEdits && !clock.hasExpired(Scene::kPatienceMs)) {
            QCoreApplication::processEvents();
            if (taken() > 0 && taken() < kEdits && ++turns <= 3)
                QTest::keyClicks(&page, QStringLiteral("Key"));
        }
        QVERIFY(turns >= 3); // how many depends on the machine
        QCOMPARE(workspace.brokenEdits, 0);
        const QString held = QString::fromStdString(workspace.docs[room.scene.charter.value].text);
        QCOMPARE(held.count(u'K'), qsizetype{3});
        QTRY_COMPARE_WITH_TIMEOUT(page.document()->toPlainText(), held, Scene::kPatienceMs);
    }

    /// Whoever listens to the document hears of the places that were touched, not of all between.
    void editsOfAFrameStayApart()
    {
        Room room;
        QSignalSpy heard(room.page().document(), &QTextDocument::contentsChange);
        room.edit({{room.startOf(290), 0, "x"}, {room.startOf(2), 0, "y"}});
        QVERIFY(!heard.isEmpty());
        for (const auto &change : heard)
            QVERIFY(change.at(1).toInt() + change.at(2).toInt() < 50);
    }
};

QTEST_MAIN(PageCostTest)
#include "page_cost_test.moc"
