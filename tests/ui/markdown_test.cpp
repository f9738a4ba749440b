#include "ui/documents/markdown.h"
#include "ui/editor/block_style.h"

#include <QTest>
#include <QTextBlock>
#include <QTextDocument>
#include <QTextList>

#include <random>

using namespace nlbd;
using ui::BlockStyle;
using ui::PageLooks;
using Kind = ui::BlockStyle::Kind;

namespace {

/// A page that is put together line by line.
struct Page {
    struct Word {
        QString text;
        Attributes marks;
    };
    struct Line {
        BlockStyle style;
        std::vector<Word> words;
        [[nodiscard]] QString text() const
        {
            QString all;
            for (const Word &word : words)
                all += word.text;
            return all;
        }
    };
    std::vector<Line> lines;

    [[nodiscard]] QString markdown() const
    {
        QStringList texts;
        for (const Line &line : lines)
            texts.append(line.text());
        const QString text = texts.join(QChar(u'\n'));
        PageLooks looks;
        looks.assign(text.size());
        qsizetype at = 0;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            for (const Word &word : lines[i].words) {
                looks.set(at, at + word.text.size(), word.marks);
                at += word.text.size();
            }
            Attributes block;
            for (const auto &[key, value] : ui::changesTo(lines[i].style, {}))
                block[key] = *value;
            if (i + 1 == lines.size())
                looks.setLast(block);
            else
                looks.set(at, at + 1, block);
            ++at;
        }
        return ui::toMarkdown(text, looks);
    }
};

/// What a reader of Markdown makes of a block: Qt's, which is md4c.
BlockStyle readBlock(const QTextBlock &block)
{
    BlockStyle style;
    const QTextBlockFormat format = block.blockFormat();
    const Kind headings[] = {Kind::Paragraph, Kind::Heading1, Kind::Heading2, Kind::Heading3};
    if (format.headingLevel() > 0)
        style.kind = headings[format.headingLevel()];
    else if (format.hasProperty(QTextFormat::BlockCodeFence))
        style.kind = Kind::Code;
    else if (format.intProperty(QTextFormat::BlockQuoteLevel) > 0)
        style.kind = Kind::Quote;
    else if (format.hasProperty(QTextFormat::BlockTrailingHorizontalRulerWidth))
        style.kind = Kind::Divider;
    const QTextList *list = block.textList();
    if (list == nullptr)
        return style;
    style.kind =
        list->format().style() == QTextListFormat::ListDecimal ? Kind::Number : Kind::Bullet;
    style.indent = list->format().indent() - 1;
    if (format.marker() != QTextBlockFormat::MarkerType::NoMarker)
        style.kind = Kind::Task;
    style.isDone = format.marker() == QTextBlockFormat::MarkerType::Checked;
    return style;
}

QString read(const QTextCharFormat &format)
{
    QString marks;
    if (format.fontWeight() > QFont::Normal)
        marks += QStringLiteral(" bold");
    // Qt takes _word_ for underlined; CommonMark, which is meant, for italic.
    if (format.fontItalic() || (format.fontUnderline() && !format.isAnchor()))
        marks += QStringLiteral(" italic");
    if (format.fontStrikeOut())
        marks += QStringLiteral(" strike");
    if (format.fontFixedPitch())
        marks += QStringLiteral(" code");
    if (format.isAnchor())
        marks += QStringLiteral(" link:") + format.anchorHref();
    return marks;
}

QString said(const Attributes &attributes)
{
    QString marks;
    for (const char *key : {"bold", "italic", "strike", "code"})
        if (attributes.contains(key))
            marks += QStringLiteral(" ") + QString::fromLatin1(key);
    if (const auto link = attributes.find("link"); link != attributes.end())
        marks += QStringLiteral(" link:") + QString::fromStdString(link->second);
    return marks;
}

} // namespace

/// What is exported as Markdown is what a reader of Markdown sees.
class MarkdownTest : public QObject {
    Q_OBJECT

private:
    static Page::Word word(const char *text, Attributes marks = {})
    {
        return {QString::fromUtf8(text), std::move(marks)};
    }

private Q_SLOTS:
    void aPageAsAWhole()
    {
        Page page;
        page.lines = {{{}, {word("The room")}},
                      {{}, {word("A "), word("bold", {{"bold", "1"}}), word(" word.")}},
                      {{Kind::Heading2}, {word("List")}},
                      {{Kind::Bullet}, {word("one")}},
                      {{Kind::Bullet, 1}, {word("inner")}},
                      {{Kind::Number}, {word("first")}},
                      {{Kind::Number}, {word("second")}},
                      {{Kind::Task, 0, true}, {word("swept")}},
                      {{Kind::Task}, {word("air")}},
                      {{Kind::Quote}, {word("said")}},
                      {{Kind::Quote}, {word("again")}},
                      {{Kind::Code}, {word("int a = *b;")}},
                      {{Kind::Code}, {word("```")}},
                      {{Kind::Divider}, {}},
                      {{}, {}},
                      {{}, {word("1. is no list, # no heading and *this* is not bold")}}};
        QCOMPARE(page.markdown(),
                 QStringLiteral("# The room\n"
                                "\n"
                                "A **bold** word.\n"
                                "\n"
                                "## List\n"
                                "\n"
                                "- one\n"
                                "    - inner\n"
                                "1. first\n"
                                "2. second\n"
                                "- [x] swept\n"
                                "- [ ] air\n"
                                "\n"
                                "> said\n"
                                ">\n"
                                "> again\n"
                                "\n"
                                "````\n"
                                "int a = *b;\n"
                                "```\n"
                                "````\n"
                                "\n"
                                "---\n"
                                "\n"
                                "1\\. is no list, # no heading and \\*this\\* is "
                                "not bold\n"));
    }

    void marksThatMeet()
    {
        const auto lineOf = [](std::vector<Page::Word> words) {
            Page page;
            page.lines = {{{Kind::Heading1}, {word("t")}}, {{}, std::move(words)}};
            return page.markdown().section(QChar(u'\n'), 2).chopped(1);
        };
        const Attributes bold{{"bold", "1"}};
        const Attributes italic{{"italic", "1"}};
        const Attributes both{{"bold", "1"}, {"italic", "1"}};
        const Attributes link{{"link", "https://nlbd.dev/a>b"}};
        QCOMPARE(lineOf({word("a ", bold), word("b", both), word(" c")}),
                 QStringLiteral("**a _b_** c"));
        QCOMPARE(lineOf({word("a", both), word(" b", italic)}), QStringLiteral("**_a_** _b_"));
        QCOMPARE(lineOf({word("x"), word("y", italic), word("z")}), QStringLiteral("x*y*z"));
        QCOMPARE(lineOf({word(" a ", bold), word("b")}), QStringLiteral("**a** b"));
        QCOMPARE(lineOf({word("    far in ")}), QStringLiteral("far in"));
        QCOMPARE(lineOf({word("see "), word("there", link), word("!")}),
                 QStringLiteral("see [there](<https://nlbd.dev/a\\>b>)!"));
        QCOMPARE(lineOf({word("a`b", {{"code", "1"}})}), QStringLiteral("``a`b``"));
        QCOMPARE(lineOf({word("`a", {{"code", "1"}})}), QStringLiteral("`` `a ``"));
    }

    void aReaderSeesThePage_data()
    {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 300; ++seed)
            QTest::addRow("%u", seed) << seed;
    }

    void aReaderSeesThePage()
    {
        QFETCH(unsigned, seed);
        std::mt19937 random(seed);
        const auto one = [&](const auto &list) { return list[random() % std::size(list)]; };
        const char *words[] = {
            "word", "two words", "caf\xC3\xA9", "x",     "\xE6\x97\xA5\xE6\x9C\xAC",
            "a_b",  "2*3",       "[not]",       "<tag>", "&amp;",
            "a\\b", "tick`",     "~~",          "1. a",  "# b"};
        const Attributes marks[] = {{},
                                    {},
                                    {{"bold", "1"}},
                                    {{"italic", "1"}},
                                    {{"bold", "1"}, {"italic", "1"}},
                                    {{"strike", "1"}},
                                    {{"code", "1"}},
                                    {{"link", "https://nlbd.dev"}}};
        const Kind kinds[] = {Kind::Paragraph, Kind::Heading1, Kind::Heading2,
                              Kind::Heading3,  Kind::Quote,    Kind::Bullet};
        Page page;
        page.lines.push_back({{Kind::Heading1}, {word("Title")}});
        for (auto count = random() % 8; count > 0; --count) {
            Page::Line line{{one(kinds)}, {}};
            for (auto left = 1 + random() % 5; left > 0; --left) {
                if (!line.words.empty())
                    line.words.push_back(word(" "));
                line.words.push_back(word(one(words), one(marks)));
            }
            page.lines.push_back(line);
        }
        QTextDocument document;
        const QString markdown = page.markdown();
        document.setMarkdown(markdown, QTextDocument::MarkdownDialectGitHub);
        QTextBlock block = document.firstBlock();
        for (const Page::Line &line : page.lines) {
            QVERIFY2(block.isValid(), qPrintable(markdown));
            QVERIFY2(block.text() == line.text(),
                     qPrintable(markdown + QStringLiteral(" -> ") + block.text()));
            QVERIFY2(readBlock(block).kind == line.style.kind, qPrintable(markdown));
            int at = block.position();
            for (const Page::Word &part : line.words) {
                QTextCursor cursor(&document);
                for (qsizetype i = 0; i < part.text.size(); ++i) {
                    cursor.setPosition(at + static_cast<int>(i) + 1);
                    const bool isBlank = part.text[i].isSpace();
                    const bool isHeading = line.style.isHeading(); // bold of itself
                    QString found = read(cursor.charFormat());
                    QString wanted = said(part.marks);
                    if (isHeading) {
                        found.remove(QStringLiteral(" bold"));
                        wanted.remove(QStringLiteral(" bold"));
                    }
                    QVERIFY2(
                        isBlank || found == wanted,
                        qPrintable(markdown + part.text + found + QStringLiteral(" / ") + wanted));
                }
                at += static_cast<int>(part.text.size());
            }
            block = block.next();
        }
    }
};

QTEST_MAIN(MarkdownTest)
#include "markdown_test.moc"
