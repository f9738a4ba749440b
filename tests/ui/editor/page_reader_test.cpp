#include "tests/ui/scene.h"
#include "ui/editor/page_runs.h"
#include "ui/theme.h"

#include <QAccessible>
#include <QScrollBar>
#include <QTextBlock>

#include <random>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

namespace {

/// A window and what a screen reader is answered about its page.
struct Read : Scene {
    explicit Read(const std::string &text)
        : view(openWith(*this, text))
    {
        root = QAccessible::queryAccessibleInterface(&view);
    }
    [[nodiscard]] QAccessibleTextInterface &text() const { return *root->textInterface(); }
    [[nodiscard]] QString attributes(int place) const
    {
        int from = 0;
        int to = 0;
        return root->textInterface()->attributes(place, &from, &to);
    }
    [[nodiscard]] QString part(int place, QAccessible::TextBoundaryType kind) const
    {
        int from = -1;
        int to = -1;
        const QString told = root->textInterface()->textAtOffset(place, kind, &from, &to);
        return told == root->textInterface()->text(from, to) ? told : QStringLiteral("?");
    }

    DocumentView &view;
    QAccessibleInterface *root = nullptr;
};

} // namespace

/// What a screen reader hears of a page.
class PageReaderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }

    void isATextThatCanBeEdited()
    {
        const Read read("Title\nA line\n");
        QVERIFY(read.root);
        QCOMPARE(read.root->role(), QAccessible::EditableText);
        QCOMPARE(read.root->text(QAccessible::Name),
                 QStringLiteral("Text of Charter of the reading room"));
        QVERIFY(read.root->textInterface());
        QVERIFY(read.root->editableTextInterface());
        const QAccessible::State state = read.root->state();
        QVERIFY(state.multiLine && state.editable && state.focusable && state.selectableText);
        QVERIFY(!state.readOnly);
        QCOMPARE(read.text().characterCount(), 13);
        QCOMPARE(read.text().text(0, 100), QStringLiteral("Title\nA line\n"));
        QCOMPARE(read.text().text(9, 3), QString());
        QCOMPARE(read.text().text(-5, 2), QStringLiteral("Ti"));
    }

    void partsOfIt()
    {
        const Read read("Title\nWhoever comes. Lights the lamps\n\n\U0001F468\u200D\U0001F469 x\n");
        QCOMPARE(read.part(8, QAccessible::CharBoundary), QStringLiteral("o"));
        QCOMPARE(read.part(8, QAccessible::WordBoundary), QStringLiteral("Whoever"));
        QCOMPARE(read.part(8, QAccessible::LineBoundary),
                 QStringLiteral("Whoever comes. Lights the lamps"));
        QCOMPARE(read.part(8, QAccessible::SentenceBoundary), QStringLiteral("Whoever comes. "));
        QCOMPARE(read.part(30, QAccessible::SentenceBoundary), QStringLiteral("Lights the lamps"));
        QCOMPARE(read.part(8, QAccessible::ParagraphBoundary),
                 QStringLiteral("Whoever comes. Lights the lamps"));
        QCOMPARE(read.part(5, QAccessible::CharBoundary), QStringLiteral("\n"));
        QCOMPARE(read.part(38, QAccessible::LineBoundary), QString());
        // A family is one letter.
        QCOMPARE(read.part(39, QAccessible::CharBoundary).size(), 5);
        QCOMPARE(read.part(41, QAccessible::CharBoundary).size(), 5);
        int from = 0;
        int to = 0;
        QCOMPARE(read.text().textBeforeOffset(8, QAccessible::LineBoundary, &from, &to),
                 QStringLiteral("Title"));
        QCOMPARE(read.text().textAfterOffset(2, QAccessible::LineBoundary, &from, &to),
                 QStringLiteral("Whoever comes. Lights the lamps"));
        QCOMPARE(from, 6);
        QCOMPARE(read.text().textAfterOffset(37, QAccessible::LineBoundary, &from, &to), QString());
        QCOMPARE(from, 38);
        QCOMPARE(read.text().textBeforeOffset(0, QAccessible::WordBoundary, &from, &to), QString());
        QCOMPARE(read.text().textAfterOffset(500, QAccessible::CharBoundary, &from, &to),
                 QString());
    }

    /// Going through by any kind of part, nothing is left out and nothing comes twice.
    void partsCoverTheText()
    {
        std::mt19937 random(7);
        std::string text = "Title\n";
        const std::vector<std::string> pieces{"word",
                                              " ",
                                              "\n",
                                              "e\u0301",
                                              ". ",
                                              "\U0001F468\u200D\U0001F469",
                                              "\u05E9\u05DC",
                                              "\t",
                                              "a-long-one",
                                              "1,000",
                                              "\u00A0",
                                              "line that is long enough to be laid on two "
                                              "lines of the page, or so one would think "};
        for (int i = 0; i < 400; ++i)
            text += pieces[random() % pieces.size()];
        const Read read(text);
        const int count = read.text().characterCount();
        for (const auto kind :
             {QAccessible::CharBoundary, QAccessible::WordBoundary, QAccessible::SentenceBoundary,
              QAccessible::LineBoundary, QAccessible::ParagraphBoundary}) {
            QString all;
            int place = 0;
            for (int i = 0; place < count && i < 10'000; ++i) {
                int from = 0;
                int to = 0;
                const QString part = read.text().textAtOffset(place, kind, &from, &to);
                QVERIFY2(from == place && to >= from, qPrintable(QString::number(place)));
                all += part;
                place = to;
                const bool stopsBefore =
                    kind == QAccessible::LineBoundary || kind == QAccessible::ParagraphBoundary;
                if (stopsBefore && read.text().text(to, to + 1) == QStringLiteral("\n")) {
                    all += QChar(u'\n');
                    ++place;
                }
            }
            QCOMPARE(all, read.text().text(0, count));
        }
    }

    void caretAndSelection()
    {
        const Read read("Title\nA line\n");
        read.text().setCursorPosition(8);
        QCOMPARE(read.view.textCursor().position(), 8);
        QCOMPARE(read.text().cursorPosition(), 8);
        QCOMPARE(read.text().selectionCount(), 0);
        read.text().setSelection(0, 2, 5);
        QCOMPARE(read.view.textCursor().selectedText(), QStringLiteral("tle"));
        int from = 0;
        int to = 0;
        read.text().selection(0, &from, &to);
        QCOMPARE(std::pair(from, to), std::pair(2, 5));
        read.text().removeSelection(0);
        QCOMPARE(read.text().selectionCount(), 0);
        read.text().setCursorPosition(1'000'000);
        QCOMPARE(read.text().cursorPosition(), 13);
        read.text().setCursorPosition(-3);
        QCOMPARE(read.text().cursorPosition(), 0);
    }

    void whereLettersAre()
    {
        std::string text = "Title\nA line\n";
        for (int i = 0; i < 500; ++i)
            text += "more\n";
        const Read read(text);
        const QRect letter = read.text().characterRect(7);
        QVERIFY(letter.width() > 2 && letter.width() < 40 && letter.height() > 10);
        QCOMPARE(read.text().offsetAtPoint(letter.center() - QPoint(1, 0)), 7);
        QVERIFY(read.text().characterRect(2000).isEmpty()); // below the screen
        QCOMPARE(read.text().offsetAtPoint({-100, -100}), -1);
        read.text().scrollToSubstring(2000, 2004);
        QVERIFY(read.view.verticalScrollBar()->value() > 0);
        QVERIFY(!read.text().characterRect(2000).isEmpty());
        QVERIFY(read.text().characterRect(7).isEmpty());
    }

    void itMayEdit()
    {
        Read read("Title\nA line\n");
        QAccessibleEditableTextInterface &edit = *read.root->editableTextInterface();
        edit.insertText(6, QStringLiteral("Not "));
        edit.replaceText(10, 11, QStringLiteral("the\n"));
        edit.deleteText(0, 1);
        QCOMPARE(read.workspace->textOf(read.charter), std::string("itle\nNot the\n line\n"));
        edit.insertText(0, QString(11 * 1024 * 1024, QChar(u'x')));
        edit.insertText(0, QString(300'000, QChar(u'x')));
        QCOMPARE(read.text().characterCount(), 19);
        edit.insertText(500, QStringLiteral("\U0001F468"));
        const int end = read.text().characterCount();
        edit.deleteText(end - 1, end); // half of it is all of it, or nothing
        QCOMPARE(read.workspace->brokenEdits, 0);
        read.view.leave();
        edit.insertText(0, QStringLiteral("nobody is there"));
        QCOMPARE(read.text().characterCount(), 0);
    }

    void blocksAndFormats()
    {
        const Read read("Title\nHeading\nItem\nDone\nBold and link\n");
        place(read.view, 6, 6);
        read.view.toggleBlock(BlockStyle::Kind::Heading2);
        place(read.view, 14, 14);
        read.view.toggleBlock(BlockStyle::Kind::Bullet);
        read.view.shiftItems(1);
        place(read.view, 19, 19);
        read.view.toggleBlock(BlockStyle::Kind::Task);
        read.view.toggleDone();
        place(read.view, 24, 28);
        read.view.toggleMark(kBold);
        QVERIFY2(read.attributes(0).contains(QStringLiteral("block:Title;")),
                 qPrintable(read.attributes(0)));
        QVERIFY(read.attributes(7).contains(QStringLiteral("block:Heading level 2;")));
        QVERIFY(read.attributes(7).contains(QStringLiteral("font-weight:bold;")));
        QVERIFY(read.attributes(15).contains(QStringLiteral("block:List item level 2;")));
        QVERIFY(read.attributes(20).contains(QStringLiteral("block:Task done;")));
        QVERIFY(read.attributes(20).contains(QStringLiteral("text-line-through-style:solid;")));
        int from = 0;
        int to = 0;
        const QString bold = read.text().attributes(25, &from, &to);
        QVERIFY(bold.contains(QStringLiteral("font-weight:bold;")));
        QCOMPARE(std::pair(from, to), std::pair(24, 28));
        const QString plain = read.text().attributes(30, &from, &to);
        QVERIFY(plain.contains(QStringLiteral("font-weight:normal;")));
        QVERIFY(plain.contains(QStringLiteral("block:Paragraph;")));
        QCOMPARE(std::pair(from, to), std::pair(28, 37));
        QVERIFY(!read.text().attributes(1'000'000, &from, &to).isEmpty());
    }

    void authorsAndAgreement()
    {
        Read read("Title\nThea wrote this, Sofia that.\n");
        QVERIFY(!read.attributes(8).contains(QStringLiteral("author:")));
        PageAuthors &authors = read.view.marks().authors();
        authors.set({{6, 22, DeviceIndex(1), MemberIndex(1), {}, api::Agreement::Agreed, 4, {}},
                     {22,
                      34,
                      DeviceIndex(2),
                      MemberIndex(2),
                      {},
                      api::Agreement::Pencil,
                      1,
                      QStringLiteral("A poet; who: knew")}},
                    4);
        read.workspace->agreement(read.charter, {{24, 30, api::Agreement::Pencil, 1}});
        QTRY_VERIFY(read.attributes(25).contains(QStringLiteral("state:in pencil;")));
        int from = 0;
        int to = 0;
        const QString first = read.text().attributes(8, &from, &to);
        QVERIFY(first.contains(QStringLiteral("author:Thea Kallas;")));
        QVERIFY(first.contains(QStringLiteral("state:agreed;")));
        QCOMPARE(std::pair(from, to), std::pair(6, 22));
        const QString second = read.text().attributes(23, &from, &to);
        QVERIFY(second.contains(QStringLiteral("author:Sofia Orfanou;")));
        QVERIFY(second.contains(QStringLiteral("quoted-from:A poet who knew;")));
        QCOMPARE(std::pair(from, to), std::pair(22, 24));
        static_cast<void>(read.text().attributes(26, &from, &to));
        QCOMPARE(std::pair(from, to), std::pair(24, 30));
        // Where nobody else is, nothing is agreed or not.
        read.workspace->agreement(read.charter, {}, 1, 1);
        QTRY_VERIFY(!read.attributes(8).contains(QStringLiteral("state:")));
    }

    /// What others chose may hold anything: nothing of it may look like another attribute, nor be
    /// empty.
    void namesAreNoMarkup()
    {
        PageRun run;
        run.writer = PageAuthors::Span{};
        run.writer->quoted = QStringLiteral(";:\\=,");
        run.marks = {{kLink, "https://a;b:c"}};
        for (const QString &name : {QStringLiteral("a;font-weight:bold"), QStringLiteral(";"),
                                    QString(), QStringLiteral("\n\u2029x"),
                                    QString(100'000, QChar(u';')), QString(100'000, QChar(u'n'))}) {
            const QString told = textAttributes(run, name);
            QVERIFY(told.size() < 1000);
            const QStringList parts = told.split(QChar(u';'), Qt::SkipEmptyParts);
            for (const QString &part : parts) {
                QCOMPARE(part.count(QChar(u':')), 1);
                QVERIFY2(!part.section(QChar(u':'), 1).trimmed().isEmpty(), qPrintable(part));
            }
            QCOMPARE(std::ranges::count_if(parts,
                                           [](const QString &part) {
                                               return part.startsWith(
                                                   QStringLiteral("font-weight:"));
                                           }),
                     1);
        }
    }

    /// Runs cover the text without gaps, in steps that are bounded, and each holds what each of its
    /// letters says.
    void runsCoverTheText()
    {
        std::mt19937 random(11);
        std::string text = "Title\n" + std::string(9000, 'x') + "\nmore\n\nand more of it\n";
        const Read read(text);
        const int count = read.text().characterCount();
        for (int i = 0; i < 60; ++i) {
            const int from = static_cast<int>(random() % 9000);
            place(read.view, from, from + static_cast<int>(random() % 40));
            read.view.toggleMark(random() % 2 == 0 ? kBold : kItalic);
        }
        read.view.marks().authors().set(
            {{3, 100, DeviceIndex(1), MemberIndex(1), {}, api::Agreement::Agreed, 4, {}},
             {200, 9010, DeviceIndex(2), MemberIndex(2), {}, api::Agreement::Agreed, 4, {}}},
            4);
        for (int at = 0; at < count;) {
            int from = 0;
            int to = 0;
            const QString told = read.text().attributes(at, &from, &to);
            QCOMPARE(from, at);
            QVERIFY(to > from && to - from <= PageRun::kUnitsMax);
            for (const int other : {from, (from + to) / 2, to - 1}) {
                int otherFrom = 0;
                int otherTo = 0;
                QCOMPARE(read.text().attributes(other, &otherFrom, &otherTo), told);
                QCOMPARE(std::pair(otherFrom, otherTo), std::pair(from, to));
            }
            at = to;
        }
    }

    /// A reader that asks for all of a long text, letter by letter, costs what it asks for.
    void askingCostsWhatIsAsked()
    {
        const auto asked = [](const Read &read) {
            QElapsedTimer clock;
            clock.start();
            const int step = read.text().characterCount() / 500;
            int from = 0;
            int to = 0;
            for (int i = 0; i < 500; ++i) {
                static_cast<void>(read.text().attributes(i * step, &from, &to));
                static_cast<void>(
                    read.text().textAtOffset(i * step, QAccessible::WordBoundary, &from, &to));
                static_cast<void>(read.text().characterRect(i * step));
            }
            return std::max<qint64>(1, clock.nsecsElapsed());
        };
        std::string lines = "Title\n";
        for (int i = 0; i < 500; ++i)
            lines += "a line of words that says the same again and again and again and again\n";
        std::string more;
        for (int i = 0; i < 20; ++i)
            more += lines;
        const Read few(lines);
        const Read many(more);
        const qint64 least = std::min({asked(few), asked(few), asked(few)});
        const qint64 most = std::min({asked(many), asked(many), asked(many)});
        QVERIFY2(most < 8 * least, qPrintable(QStringLiteral("%1 and %2 ns").arg(least).arg(most)));
    }
};

QTEST_MAIN(PageReaderTest)
#include "page_reader_test.moc"
