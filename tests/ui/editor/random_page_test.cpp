#include "tests/support/group_workspace.h"
#include "tests/support/styled_view.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_clipboard.h"
#include "ui/theme.h"
#include "ui/workspace_bridge.h"

#include <QApplication>
#include <QClipboard>
#include <QInputMethodEvent>
#include <QMimeData>
#include <QTest>
#include <QTextBlock>
#include <QTextLayout>

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

/// Everything that hands can do to a page, by three people at once, before real engines whose
/// commands and events cross at random: typing in all scripts, input methods with others' edits
/// arriving in the middle of a composition, pastes of all kinds, drags, lists, formats, undo. All
/// pages show the text, marks and blocks that all engines hold, and each other's carets where they
/// are. NLBD_SEEDS: how many worlds, NLBD_SEED: only this one.
class RandomPageTest : public QObject {
    Q_OBJECT

private:
    static constexpr std::size_t kPeople = 3;
    static constexpr int kSteps = 600;
    std::unique_ptr<SmallGroup> m_group;
    std::vector<std::unique_ptr<Writer>> m_writers;
    DocIndex m_doc;
    std::mt19937 m_random;

    std::size_t below(std::size_t bound) { return m_random() % std::max<std::size_t>(1, bound); }
    bool isOneIn(std::size_t count) { return below(count) == 0; }

    void begin(unsigned seed)
    {
        m_writers.clear();
        m_random.seed(seed);
        m_group = std::make_unique<SmallGroup>(kPeople);
        m_group->submit(0,
                        api::CreateDocument{1, "t",
                                            "Title\none two \U0001F468\u200D\U0001F469\nthr"
                                            "e\u0301e\u00A0four \u05D0\u05D1\u05D2 five\n"});
        m_group->run(3s);
        m_doc = *m_group->at(0).findDocument("t");
        for (std::size_t i = 0; i < kPeople; ++i) {
            m_writers.push_back(std::make_unique<Writer>(*m_group, i));
            m_writers.back()->page.open(m_doc);
        }
        settle();
    }

    /// All that is under way arrives everywhere, and is shown.
    void settle()
    {
        for (const auto &writer : m_writers)
            if (isComposing(writer->page))
                compose(writer->page, {});
        const auto isPasted = [this] { // long ones come in parts, as fast as the machine is
            return std::ranges::none_of(
                m_writers, [](const auto &writer) { return writer->page.clipboard().isBusy(); });
        };
        QVERIFY(QTest::qWaitFor(isPasted, 60'000));
        for (int round = 0; round < 5; ++round) {
            QTest::qWait(round < 2 ? 110 : 25); // carets are told every 100 ms, frames are gathered
            for (const auto &writer : m_writers) {
                writer->bridge.submit(api::Flush{});
                while (writer->door->send()) {
                }
            }
            m_group->run(1500ms);
            for (const auto &writer : m_writers)
                writer->door->fetch();
        }
        QTest::qWait(25);
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
        std::vector<const Attributes *> looks; // of each unit
        for (const StyledView::Letter &letter : engine.letters()) {
            text += QString::fromStdString(letter.scalar);
            looks.resize(static_cast<std::size_t>(text.size()), &letter.attributes);
        }
        QCOMPARE(page.textPieces().join(QString()), text);
        QCOMPARE(shown(page), ui::shownAs(text));
        QCOMPARE(page.looks().units(), text.size());
        for (qsizetype at = 0; at < text.size(); ++at)
            if (page.looks().at(at) != *looks[static_cast<std::size_t>(at)])
                QFAIL(qPrintable(QStringLiteral("%1 looks otherwise at %2").arg(i).arg(at)));
        QVERIFY(page.looks().last() == engine.last());
        QCOMPARE(text, QString::fromStdString(*m_group->at(0).text(m_doc)));
    }

    [[nodiscard]] bool areCaretsTold() const
    {
        for (const auto &writer : m_writers)
            for (const ui::PageMarks::Caret &caret : writer->page.marks().carets())
                if (caret.device.value >= kPeople
                    || caret.caret != m_writers[caret.device.value]->page.textCursor().position())
                    return false;
        return true;
    }

    /// Where others see my caret is where it is, when all was told, which is up to a timer.
    void compareCarets()
    {
        for (int i = 0; i < 20 && !areCaretsTold(); ++i)
            settle();
        for (std::size_t i = 0; i < kPeople; ++i)
            for (const ui::PageMarks::Caret &caret : m_writers[i]->page.marks().carets()) {
                const std::size_t owner = caret.device.value;
                QVERIFY(owner < kPeople && owner != i);
                const QTextCursor cursor = m_writers[owner]->page.textCursor();
                QCOMPARE(caret.caret, cursor.position());
                QCOMPARE(caret.anchor, cursor.anchor());
            }
    }

    /// The widget and what the view knows of it never part, whatever is under way.
    void compareInside(std::size_t i)
    {
        const ui::DocumentView &page = m_writers[i]->page;
        const QString text = page.textPieces().join(QString());
        QCOMPARE(shown(page), ui::shownAs(text));
        QCOMPARE(page.looks().units(), text.size());
    }

    // ---- What hands do -------------------------------------------------------------------------

    static bool isComposing(const ui::DocumentView &page)
    {
        return !page.textCursor().block().layout()->preeditAreaText().isEmpty();
    }
    static void compose(ui::DocumentView &page, const QString &preedit, const QString &commit = {},
                        int start = 0, int length = 0)
    {
        QInputMethodEvent event(preedit, {});
        if (!commit.isEmpty() || length > 0)
            event.setCommitString(commit, start, length);
        QApplication::sendEvent(&page, &event);
    }

    QString anyLetters()
    {
        static const std::vector<QString> letters{
            QStringLiteral("a"),         QStringLiteral("b"),
            QStringLiteral(" "),         QStringLiteral("aa"),
            QString::fromUtf8("\u00E9"), QString::fromUtf8("e\u0301"),
            QString::fromUtf8("\u65E5"), QString::fromUtf8("\U0001F600"),
            QString::fromUtf8("\u00A0"), QString::fromUtf8("\u05D0"),
            QString::fromUtf8("\u2028"), QString::fromUtf8("\U0001F468\u200D\U0001F469"),
            QString::fromUtf8("\t")};
        return letters[below(letters.size())];
    }

    void select(ui::DocumentView &page)
    {
        const auto units = static_cast<std::size_t>(page.document()->characterCount());
        QTextCursor cursor = page.textCursor();
        cursor.setPosition(static_cast<int>(below(units)));
        if (isOneIn(3))
            cursor.setPosition(static_cast<int>(std::min(units - 1, cursor.position() + below(12))),
                               QTextCursor::KeepAnchor);
        page.setTextCursor(cursor);
    }

    void inputMethod(ui::DocumentView &page)
    {
        if (!isComposing(page)) {
            compose(page, anyLetters());
            return;
        }
        switch (below(5)) {
        case 0:
        case 1:
            compose(page, page.textCursor().block().layout()->preeditAreaText() + anyLetters());
            break;
        case 2:
            compose(page, {}, anyLetters());
            break;
        case 3: { // some replace what stands before the caret
            const QTextCursor cursor = page.textCursor();
            const QString before = cursor.block().text().left(cursor.positionInBlock());
            const bool isWhole = !before.isEmpty() && !before.back().isSurrogate();
            compose(page, {}, anyLetters(), isWhole ? -1 : 0, isWhole ? 1 : 0);
            break;
        }
        default:
            compose(page, {}); // given up
        }
    }

    void paste(ui::DocumentView &page)
    {
        auto *mime = new QMimeData;
        switch (below(6)) {
        case 0:
            mime->setText(anyLetters() + QStringLiteral("\n") + anyLetters());
            break;
        case 1:
            mime->setHtml(QStringLiteral("<h2>%1</h2><ul><li><b>%2</b>x</li><li>y</li></ul>")
                              .arg(anyLetters(), anyLetters()));
            break;
        case 2:
            mime->setHtml(
                QStringLiteral("<i>%1</i>z<a href='https://a.org'>l</a>").arg(anyLetters()));
            break;
        case 3:
            mime->setData(QStringLiteral("text/markdown"),
                          "- [x] done\n- [ ] **not**\n\n```\ncode\n\nmore\n```\n\n---\n");
            break;
        case 4: // what is on the page itself
            delete mime;
            page.copy();
            select(page);
            page.paste();
            return;
        default: // more than goes in one part
            if (page.document()->characterCount() > 3000) {
                mime->setText(QStringLiteral("few"));
                break;
            }
            mime->setHtml(QStringLiteral("<p>a<b>b</b></p>").repeated(900));
        }
        QGuiApplication::clipboard()->setMimeData(mime);
        if (isOneIn(5))
            page.pastePlain();
        else
            page.paste();
    }

    void drag(ui::DocumentView &page)
    {
        const auto units = static_cast<std::size_t>(page.document()->characterCount());
        const auto from = static_cast<qsizetype>(below(units));
        const auto to = std::min<qsizetype>(static_cast<qsizetype>(units) - 1,
                                            from + 1 + static_cast<qsizetype>(below(9)));
        const auto isInPair = [&](qsizetype at) {
            return page.document()->characterAt(static_cast<int>(at)).isLowSurrogate();
        };
        const auto place = static_cast<qsizetype>(below(units));
        if (from < to && !isInPair(from) && !isInPair(to) && !isInPair(place))
            page.clipboard().move(from, to, place);
    }

    /// What becomes a format or a block where it is typed.
    QString shorthand()
    {
        static const std::vector<QString> signs{QStringLiteral("# "),   QStringLiteral("- "),
                                                QStringLiteral("[] "),  QStringLiteral("1. "),
                                                QStringLiteral("> "),   QStringLiteral("**b** "),
                                                QStringLiteral("`c` "), QStringLiteral("_i_ "),
                                                QStringLiteral("```"),  QStringLiteral("---")};
        return signs[below(signs.size())];
    }

    void act(ui::DocumentView &page)
    {
        if (isComposing(page) && !isOneIn(4)) {
            inputMethod(page); // which has the keys
            return;
        }
        switch (below(20)) {
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
            QTest::keyClick(&page, Qt::Key_Return, isOneIn(4) ? Qt::ShiftModifier : Qt::NoModifier);
            break;
        case 6:
            QTest::keyClick(&page, Qt::Key_Backspace,
                            isOneIn(4) ? Qt::ControlModifier : Qt::NoModifier);
            break;
        case 7:
            QTest::keyClick(&page, Qt::Key_Delete,
                            isOneIn(4) ? Qt::ControlModifier : Qt::NoModifier);
            break;
        case 8:
            QTest::keyClick(&page, Qt::Key_Home);
            QTest::keyClicks(&page, shorthand());
            break;
        case 9:
            QTest::keyClicks(&page, shorthand());
            break;
        case 10:
            QTest::keyClick(&page, isOneIn(2) ? Qt::Key_Tab : Qt::Key_Backtab);
            break;
        case 11:
            page.toggleMark(isOneIn(2) ? ui::kBold : ui::kItalic);
            break;
        case 12:
            page.toggleBlock(isOneIn(2) ? ui::BlockStyle::Kind::Task
                                        : ui::BlockStyle::Kind::Heading2);
            break;
        case 13:
            if (isOneIn(2))
                page.takeBack();
            else if (isOneIn(2))
                page.doAgain();
            else
                page.toggleDone();
            break;
        case 14:
        case 15:
            inputMethod(page);
            break;
        case 16:
        case 17:
            paste(page);
            break;
        case 18:
            drag(page);
            break;
        default:
            page.cut();
        }
    }

    static unsigned number(const char *name, unsigned otherwise)
    {
        bool isNumber = false;
        const unsigned value = qEnvironmentVariable(name).toUInt(&isNumber);
        return isNumber ? value : otherwise;
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }
    void cleanup() { m_writers.clear(); }

    void handsAtOnce_data()
    {
        QTest::addColumn<unsigned>("seed");
        const unsigned only = number("NLBD_SEED", 0);
        const unsigned seeds = number("NLBD_SEEDS", 16);
        for (unsigned seed = only > 0 ? only : 1; seed <= (only > 0 ? only : seeds); ++seed)
            QTest::addRow("%u", seed) << seed;
    }

    void handsAtOnce()
    {
        QFETCH(unsigned, seed);
        begin(seed);
        for (int step = 0; step < kSteps; ++step) {
            const std::size_t who = below(kPeople);
            Writer &writer = *m_writers[who];
            if (below(3) != 0) {
                act(writer.page);
                compareInside(who);
                if (QTest::currentTestFailed()) {
                    qWarning("seed %u, step %d, writer %zu", seed, step, who);
                    return;
                }
                continue;
            }
            for (std::size_t n = below(8); n > 0; --n)
                writer.door->send();
            if (isOneIn(4))
                m_group->run(Millis(static_cast<std::int64_t>(below(400))));
            if (isOneIn(3))
                writer.door->fetch();
            if (isOneIn(10))
                QTest::qWait(17); // what came is shown
            else
                QApplication::processEvents();
            if (step % 150 == 149) {
                settle();
                for (std::size_t i = 0; i < kPeople && !QTest::currentTestFailed(); ++i)
                    compare(i);
                if (!QTest::currentTestFailed())
                    compareCarets();
                if (QTest::currentTestFailed()) {
                    qWarning("seed %u, step %d", seed, step);
                    return;
                }
            }
        }
        settle();
        for (std::size_t i = 0; i < kPeople && !QTest::currentTestFailed(); ++i)
            compare(i);
        if (!QTest::currentTestFailed())
            compareCarets();
    }
};

QTEST_MAIN(RandomPageTest)
#include "random_page_test.moc"
