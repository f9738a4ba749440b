#include "tests/support/group_workspace.h"
#include "tests/support/styled_view.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_change.h"
#include "ui/links/page_links.h"
#include "ui/theme.h"
#include "ui/workspace_bridge.h"

#include <QApplication>
#include <QClipboard>
#include <QTest>
#include <QTextBlock>

#include <algorithm>
#include <random>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::GroupWorkspace;
using nlbd::testing::SmallGroup;
using nlbd::testing::StyledView;

namespace {

struct Writer {
    Writer(SmallGroup &group, std::size_t who)
        : door(std::make_shared<GroupWorkspace>(group, who))
        , bridge(door)
        , page(bridge)
    {
        bridge.start();
        page.resize(700, 500);
        page.show();
    }
    std::shared_ptr<GroupWorkspace> door;
    ui::WorkspaceBridge bridge;
    ui::DocumentView page;
};

} // namespace

/// Real pages before real engines: people type, format, undo and paste at once, with commands and
/// events that cross, and all pages show the text, marks and blocks that the engines hold.
class SharedPageTest : public QObject {
    Q_OBJECT

private:
    static constexpr std::size_t kPeople = 3;
    std::unique_ptr<SmallGroup> m_group;
    std::vector<std::unique_ptr<Writer>> m_writers;
    DocIndex m_doc;
    std::mt19937 m_random;

    std::size_t below(std::size_t bound) { return m_random() % std::max<std::size_t>(1, bound); }

    void begin(unsigned seed)
    {
        m_writers.clear();
        m_random.seed(seed);
        m_group = std::make_unique<SmallGroup>(kPeople);
        m_group->submit(0, api::CreateDocument{1, "t", "Title\none two\nthree\n"});
        m_group->run(3s);
        m_doc = *m_group->at(0).findDocument("t");
        for (std::size_t i = 0; i < kPeople; ++i) {
            m_writers.push_back(std::make_unique<Writer>(*m_group, i));
            new ui::PageLinks(m_writers.back()->page, &m_writers.back()->page);
            m_writers.back()->page.open(m_doc);
        }
        settle();
    }

    /// All that is under way arrives everywhere, and is shown.
    void settle()
    {
        for (int round = 0; round < 4; ++round) {
            for (const auto &writer : m_writers) {
                writer->bridge.submit(api::Flush{});
                while (writer->door->send()) {
                }
            }
            m_group->run(1500ms);
            for (const auto &writer : m_writers)
                writer->door->fetch();
            QTest::qWait(25); // a frame, in which what came is gathered
        }
    }

    static QString shown(const ui::DocumentView &page)
    {
        return page.document()->toRawText().replace(QChar(QChar::ParagraphSeparator), QChar(u'\n'));
    }

    /// What the engine would show somebody who opens the document now.
    StyledView held(std::size_t i)
    {
        constexpr std::uint64_t kOther = 9'999;
        StyledView view(m_doc, kOther);
        m_group->submit(i, api::OpenDocument{m_doc, kOther});
        for (const api::Event &event : m_group->takeEvents(i))
            view.take(event);
        m_group->submit(i, api::CloseDocument{m_doc, kOther});
        return view;
    }

    void compare(std::size_t i)
    {
        const ui::DocumentView &page = m_writers[i]->page;
        const StyledView engine = held(i);
        QString text;
        for (const StyledView::Letter &letter : engine.letters())
            text += QString::fromStdString(letter.scalar);
        QCOMPARE(shown(page), text);
        QCOMPARE(page.looks().units(), text.size());
        for (TextOffset at = 0; at < engine.length(); ++at)
            if (page.looks().at(at) != engine.letters()[at].attributes)
                QFAIL(qPrintable(QStringLiteral("%1 looks otherwise at %2").arg(i).arg(at)));
        QVERIFY(page.looks().last() == engine.last());
        QCOMPARE(text, QString::fromStdString(*m_group->at(0).text(m_doc)));
    }

    void select(ui::DocumentView &page)
    {
        const auto units = static_cast<std::size_t>(page.document()->characterCount());
        QTextCursor cursor = page.textCursor();
        cursor.setPosition(static_cast<int>(below(units)));
        if (below(3) == 0)
            cursor.setPosition(static_cast<int>(std::min(units - 1, cursor.position() + below(12))),
                               QTextCursor::KeepAnchor);
        page.setTextCursor(cursor);
    }

    void linkOrMention(ui::DocumentView &page)
    {
        const QTextCursor cursor = page.textCursor();
        ui::PageChange change{cursor.selectionStart(), cursor.selectionEnd()};
        if (below(2) == 0) {
            change.letters = {{ui::kLink, "https://b.org"}};
            if (!cursor.hasSelection())
                change.text = QStringLiteral("b.org");
        } else {
            change.text = QStringLiteral("\uFFFC ");
            change.letters = {{"embed", "member:1"}};
            change.plainTail = 1;
        }
        page.change(change);
    }

    void act(ui::DocumentView &page)
    {
        static const std::vector<QString> signs{QStringLiteral("# "),   QStringLiteral("- "),
                                                QStringLiteral("[] "),  QStringLiteral("1. "),
                                                QStringLiteral("> "),   QStringLiteral("**b** "),
                                                QStringLiteral("`c` "), QStringLiteral("_i_ "),
                                                QStringLiteral("```"),  QStringLiteral("---")};
        switch (below(16)) {
        case 0:
        case 1:
        case 2:
            QTest::keyClicks(&page, QString(QChar(static_cast<char16_t>(u'a' + below(26)))));
            break;
        case 3:
        case 4:
            select(page);
            break;
        case 5:
            QTest::keyClick(&page, Qt::Key_Return);
            break;
        case 6:
            QTest::keyClick(&page, below(3) == 0 ? Qt::Key_Delete : Qt::Key_Backspace);
            break;
        case 7:
            QTest::keyClick(&page, Qt::Key_Home);
            QTest::keyClicks(&page, signs[below(signs.size())]);
            break;
        case 8:
            QTest::keyClicks(&page, signs[below(signs.size())]);
            break;
        case 9:
            QTest::keyClick(&page, below(2) == 0 ? Qt::Key_Tab : Qt::Key_Backtab);
            break;
        case 10:
            page.toggleMark(below(2) == 0 ? ui::kBold : ui::kItalic);
            break;
        case 11:
            page.toggleBlock(below(2) == 0 ? ui::BlockStyle::Kind::Task
                                           : ui::BlockStyle::Kind::Heading2);
            break;
        case 12:
            if (below(2) == 0)
                page.takeBack();
            else if (below(2) == 0)
                page.doAgain();
            else
                page.toggleDone();
            break;
        case 13:
            linkOrMention(page);
            break;
        case 14:
            QTest::keyClicks(&page, QStringLiteral("https://a.org "));
            break;
        default:
            QGuiApplication::clipboard()->setText(QStringLiteral("p\nq"));
            page.paste();
        }
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }
    void cleanup() { m_writers.clear(); }

    /// Others hold on to the letter before my caret. When it goes, what is typed there later may
    /// stand before or behind its place, and my caret stays: they are told where it is now.
    void caretsStayWhereTheirLettersWent()
    {
        begin(1);
        ui::DocumentView &mine = m_writers[0]->page;
        ui::DocumentView &theirs = m_writers[1]->page;
        const auto put = [](ui::DocumentView &page, int place) {
            QTextCursor cursor = page.textCursor();
            cursor.setPosition(place);
            page.setTextCursor(cursor);
        };
        const auto isSeenWhereItIs = [&] {
            settle();
            const auto &carets = theirs.marks().carets();
            const auto seen =
                std::ranges::find(carets, DeviceIndex(0), &ui::PageMarks::Caret::device);
            return seen != carets.end() && seen->caret == mine.textCursor().position();
        };
        const int behind = int(QStringLiteral("Title\non").size());
        put(mine, behind);
        QVERIFY(QTest::qWaitFor(isSeenWhereItIs, 20'000));
        put(theirs, behind);
        QTest::keyClick(&theirs, Qt::Key_Backspace);
        QTest::keyClicks(&theirs, QStringLiteral("ZZ"));
        settle();
        QCOMPARE(shown(mine), QStringLiteral("Title\noZZe two\nthree\n"));
        QVERIFY(QTest::qWaitFor(isSeenWhereItIs, 20'000));
    }

    void allPagesShowWhatTheEnginesHold_data()
    {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 25; ++seed)
            QTest::addRow("%u", seed) << seed;
    }

    void allPagesShowWhatTheEnginesHold()
    {
        QFETCH(unsigned, seed);
        begin(seed);
        for (int step = 0; step < 400; ++step) {
            Writer &writer = *m_writers[below(kPeople)];
            if (below(3) != 0) {
                act(writer.page);
                continue;
            }
            for (std::size_t n = below(8); n > 0; --n)
                writer.door->send();
            if (below(4) == 0)
                m_group->run(Millis(static_cast<std::int64_t>(below(400))));
            if (below(3) == 0)
                writer.door->fetch();
            if (below(10) == 0)
                QTest::qWait(17); // what came is shown
            else
                QApplication::processEvents();
        }
        settle();
        for (std::size_t i = 0; i < kPeople; ++i) {
            compare(i);
            if (QTest::currentTestFailed())
                return;
        }
    }

    /// One step takes the link away and leaves what was typed; the others see both.
    void undoOfALinkLeavesTheAddress()
    {
        begin(1);
        ui::DocumentView &page = m_writers[0]->page;
        ui::DocumentView &other = m_writers[1]->page;
        QTextCursor cursor = page.textCursor();
        cursor.movePosition(QTextCursor::End);
        page.setTextCursor(cursor);
        const qsizetype at = cursor.position();
        QTest::keyClicks(&page, QStringLiteral("https://a.org "));
        QCOMPARE(page.looks().at(at + 3).at(ui::kLink), "https://a.org");
        settle();
        QCOMPARE(other.looks().at(at + 3).at(ui::kLink), "https://a.org");
        QVERIFY(other.looks().at(at + 13).empty());
        page.takeBack();
        settle();
        QVERIFY(page.looks().at(at + 3).empty());
        QVERIFY(other.looks().at(at + 3).empty());
        QVERIFY(shown(other).endsWith(QStringLiteral("https://a.org ")));
        page.doAgain();
        settle();
        QCOMPARE(other.looks().at(at + 3).at(ui::kLink), "https://a.org");
        for (std::size_t i = 0; i < kPeople; ++i)
            compare(i);
    }

    /// A mention comes and goes as one, with the sign and the letters that were typed for it.
    void aMentionIsOneStep()
    {
        begin(2);
        ui::DocumentView &page = m_writers[0]->page;
        ui::DocumentView &other = m_writers[1]->page;
        QTextCursor cursor = page.textCursor();
        cursor.movePosition(QTextCursor::End);
        page.setTextCursor(cursor);
        const qsizetype at = cursor.position();
        QTest::keyClicks(&page, QStringLiteral("@the"));
        ui::PageChange change{at, at + 4, QStringLiteral("\uFFFC "), {{"embed", "member:1"}}};
        change.plainTail = 1;
        QVERIFY(page.change(change));
        settle();
        QCOMPARE(other.looks().at(at).at("embed"), "member:1");
        QVERIFY(other.looks().at(at + 1).empty());
        page.takeBack();
        settle();
        QVERIFY(shown(other).endsWith(QStringLiteral("@the")));
        for (std::size_t i = 0; i < kPeople; ++i)
            compare(i);
    }

    /// A page that was just opened looks like one that saw it all happen.
    void whoComesLaterSeesTheSame()
    {
        begin(1);
        ui::DocumentView &first = m_writers[0]->page;
        QTextCursor cursor = first.textCursor();
        cursor.movePosition(QTextCursor::End);
        first.setTextCursor(cursor);
        QTest::keyClicks(&first, QStringLiteral("[x] **done** and"));
        QTest::keyClick(&first, Qt::Key_Return);
        QTest::keyClicks(&first, QStringLiteral("open"));
        settle();
        ui::DocumentView &second = m_writers[1]->page;
        second.leave();
        second.open(m_doc);
        settle();
        compare(1);
        cursor = second.textCursor();
        cursor.movePosition(QTextCursor::End);
        second.setTextCursor(cursor);
        QCOMPARE(second.blockAtCaret(), (ui::BlockStyle{ui::BlockStyle::Kind::Task}));
        cursor.movePosition(QTextCursor::PreviousBlock);
        second.setTextCursor(cursor);
        QVERIFY(second.blockAtCaret().isDone);
        cursor.setPosition(cursor.block().position() + 2);
        second.setTextCursor(cursor);
        QVERIFY(second.marksAtCaret().contains("bold"));
    }
};

QTEST_MAIN(SharedPageTest)
#include "shared_page_test.moc"
