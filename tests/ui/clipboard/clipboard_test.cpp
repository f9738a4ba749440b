#include "ui/clipboard/clip.h"
#include "ui/clipboard/clip_format.h"
#include "ui/clipboard/html_reader.h"
#include "ui/clipboard/html_writer.h"
#include "ui/clipboard/markdown_reader.h"

#include <QElapsedTimer>
#include <QTest>

#include <random>

using namespace nlbd;
using namespace nlbd::ui;

using Kind = BlockStyle::Kind;

namespace {

/// A block's style in a few letters.
QString nameOf(const Fragment::Block &block)
{
    if (!block)
        return QStringLiteral("~");
    const QString depth = block->indent > 0 ? QString::number(block->indent) : QString();
    switch (block->kind) {
    case Kind::Title:
        return QStringLiteral("t");
    case Kind::Heading1:
        return QStringLiteral("h1");
    case Kind::Heading2:
        return QStringLiteral("h2");
    case Kind::Heading3:
        return QStringLiteral("h3");
    case Kind::Bullet:
        return QStringLiteral("-") + depth;
    case Kind::Number:
        return QStringLiteral("#") + depth;
    case Kind::Task:
        return QStringLiteral("[%1]").arg(QChar(block->isDone ? u'x' : u'o')) + depth;
    case Kind::Quote:
        return QStringLiteral(">");
    case Kind::Code:
        return QStringLiteral("`");
    case Kind::Divider:
        return QStringLiteral("---");
    case Kind::Paragraph:
        break;
    }
    return QStringLiteral("p");
}

QString marksOf(const Attributes &marks)
{
    QString names;
    for (const auto &[key, value] : marks)
        names += key == kLink ? QStringLiteral("@") + QString::fromStdString(value)
                              : QString(QChar::fromLatin1(key[0]));
    return names;
}

/// "h1 Words|- {b:bold} ones": blocks with their letters, which stand in braces where they have
/// marks.
QString spelled(const Fragment &fragment)
{
    QString result = nameOf(fragment.block(0)) + u' ';
    std::size_t block = 0;
    std::size_t run = 0;
    for (qsizetype at = 0; at <= fragment.text.size(); ++at) {
        const auto &runs = fragment.runs;
        if (run < runs.size() && runs[run].to == at) {
            result += u'}';
            ++run;
        }
        if (run < runs.size() && runs[run].from == at)
            result += u'{' + marksOf(runs[run].marks) + u':';
        if (at == fragment.text.size())
            break;
        if (fragment.text[at] == u'\n')
            result += u'|' + nameOf(fragment.block(++block)) + u' ';
        else
            result += fragment.text[at];
    }
    return result;
}

void check(const Fragment &fragment)
{
    QVERIFY(fragment.text.isValidUtf16());
    QVERIFY(fragment.blocks.empty()
            || fragment.blocks.size() == static_cast<std::size_t>(fragment.text.count(u'\n')) + 1);
    qsizetype end = 0;
    for (const Fragment::Run &run : fragment.runs) {
        QVERIFY(run.from >= end && run.to > run.from && run.to <= fragment.text.size());
        QVERIFY(!run.marks.empty() && run.marks == marksThatTravel(run.marks));
        end = run.to;
    }
}

} // namespace

class ClipboardTest : public QObject {
    Q_OBJECT

private:
    std::mt19937 m_random{7};
    std::size_t below(std::size_t bound) { return m_random() % bound; }

    Fragment any()
    {
        static const std::array kinds{Kind::Paragraph, Kind::Heading1, Kind::Heading2, Kind::Bullet,
                                      Kind::Number,    Kind::Task,     Kind::Quote,    Kind::Code};
        static const std::array<const char *, 7> words{
            "one", "<b>&amp;", "\u00A0\u202F", "\U0001F600", "*a_b`", "x", "\u2028"};
        FragmentWriter writer;
        BlockStyle style;
        const std::size_t lines = 1 + below(6);
        for (std::size_t line = 0; line < lines; ++line) {
            style = BlockStyle{kinds[below(kinds.size())]};
            if (style.isItem())
                style.indent = static_cast<int>(below(3));
            style.isDone = style.kind == Kind::Task && below(2) == 0;
            for (std::size_t i = 1 + below(4); i > 0; --i) {
                Attributes marks;
                if (style.kind != Kind::Code) {
                    for (const char *key : {kBold, kItalic, kStrike, kCode})
                        if (below(4) == 0)
                            marks.emplace(key, "1");
                    if (below(6) == 0)
                        marks.emplace(kLink, "https://example.org/?a=1&b=\"2\"");
                }
                writer.add(QString::fromUtf8(words[below(words.size())]), marks);
            }
            if (line + 1 < lines)
                writer.endBlock(style);
        }
        return writer.take(style);
    }

private Q_SLOTS:
    void htmlIsRead_data()
    {
        QTest::addColumn<QString>("html");
        QTest::addColumn<QString>("read");
        const auto row = [](const char *name, const char *html, const char *read) {
            QTest::newRow(name) << QString::fromUtf8(html) << QString::fromUtf8(read);
        };
        row("words", "one <b>two</b>", "~ one {b:two}");
        row("nothing", "", "~ ");
        row("blocks", "<h1>A</h1>\n<p>b <i>c</i>\n d</p><div>e</div>", "h1 A|p b {i:c} d|p e");
        row("blanks", "<p> a \n\t b&nbsp; c </p>", "p a b\u00A0 c");
        row("breaks", "<p>a<br>b<br></p><p><br></p><p>c", "p a|p b|p |p c");
        row("lists", "<ul><li>a<ol><li>b</li></ol></li><li>c</ul>", "- a|#1 b|- c");
        row("google lists", "<ul><li>a</li><ul><li><p>b</p></li></ul></ul>", "- a|-1 b");
        row("empty item", "<ul><li></li><li>b</li></ul>", "- |- b");
        row("nested alone", "<ul><li><ul><li>b</li></ul></li></ul>", "-1 b");
        row("item goes on", "<ul><li><p>a</p><p>b</p></li></ul>", "- a|p b");
        row("tasks",
            "<ul><li><input type=checkbox checked> a</li><li><input type=\"checkbox\">b</ul>",
            "[x] a|[o] b");
        row("quote", "<blockquote><p>a</p><p>b</p></blockquote>c", "> a|> b|~ c");
        row("code", "<pre>\n<code>a  b\n\n  <b>c</b>\n</code></pre>", "` a  b|` |`   c");
        row("rule", "a<hr>b", "~ a|--- |~ b");
        row("table",
            "<table><tr><td>a</td><td><p>b</p><p>c</p></td></tr><tr><th>d<td></tr></table>",
            "p a\tb c|p d\t");
        row("marks", "<s>a</s><code>b</code><em><strong>c</strong></em>", "~ {s:a}{c:b}{bi:c}");
        row("styles",
            "<span style='font-weight:700;font-style:italic'>a</span><b "
            "style=\"font-weight:normal\">b"
            "</b><span style=\"text-decoration: line-through\">c</span>",
            "~ {bi:a}b{s:c}");
        row("link", "<a href='https://a.org/?x=1&amp;y=2'>a</a>", "~ {@https://a.org/?x=1&y=2:a}");
        row("no scripts", "<a href='javascript:alert(1)'>a</a><script>if (a<b) {}</script>b",
            "~ ab");
        row("nothing hidden", "<style>p{}</style><title>t</title>a<!-- <b>c -->b", "~ ab");
        row("no images", "a<img src='http://x/y.png' onerror=z>b", "~ ab");
        row("references", "&lt;&#65;&#x1F600;&auml;&hellip;&nosuch;&#0;&#xD800;& b",
            "~ <A\U0001F600\u00E4\u2026&nosuch;\uFFFD\uFFFD& b");
        row("loose ends", "</b></p><b>a<p>b</b>c", "~ {b:a}|p {b:bc}");
        row("no tag", "a < b <3 c<", "~ a < b <3 c<");
        row("open quote", "<a href=\"x>a", "~ ");
        row("soft break kept", "a\u2028b\u202Fc", "~ a\u2028b\u202Fc");
        row("no objects", "a\uFFFCb\u0007c", "~ abc");
    }

    void htmlIsRead()
    {
        QFETCH(QString, html);
        QFETCH(QString, read);
        const Fragment fragment = fromHtml(html);
        check(fragment);
        QCOMPARE(spelled(fragment), read);
    }

    void markdownIsRead_data()
    {
        QTest::addColumn<QString>("markdown");
        QTest::addColumn<QString>("read");
        const auto row = [](const char *name, const char *markdown, const char *read) {
            QTest::newRow(name) << QString::fromUtf8(markdown) << QString::fromUtf8(read);
        };
        row("words", "one **two** _three_ ~~four~~ `five`",
            "p one {b:two} {i:three} {s:four} {c:five}");
        row("blocks", "# A\n\nb\nc\n\n> d\n\n---\n", "h1 A|p b c|> d|--- ");
        row("lists", "- a\n    1. b\n- [x] c\n- [ ] d\n", "- a|#1 b|[x] c|[o] d");
        row("loose", "- a\n\n- b\n\n  c\n", "- a|- b|p c");
        row("empty item", "-\n- b\n", "- |- b");
        row("code", "```c\na\n\n b\n```\nc", "` a|` |`  b|p c");
        row("table", "|a|b|\n|---|---|\n|c|d|\n", "p a\tb|p c\td");
        row("link", "[a](https://b.org) <https://c.org> [d](javascript:e)",
            "p {@https://b.org:a} {@https://c.org:https://c.org} d");
        row("html", "a <b>c</b> &amp; &auml;", "p a <b>c</b> & \u00E4");
        row("hard break", "a  \nb", "p a|p b");
    }

    void markdownIsRead()
    {
        QFETCH(QString, markdown);
        QFETCH(QString, read);
        const auto fragment = fromMarkdown(markdown);
        QVERIFY(fragment);
        check(*fragment);
        QCOMPARE(spelled(*fragment), read);
    }

    /// What is written is read as the same.
    void formsComeBack()
    {
        for (int i = 0; i < 400; ++i) {
            const Fragment fragment = any();
            check(fragment);
            const auto own = fromClipFormat(toClipFormat(fragment, fragment.text), fragment.text);
            QVERIFY(own);
            QCOMPARE(spelled(*own), spelled(fragment));
            const Fragment html = fromHtml(toHtml(fragment));
            check(html);
            if (html.text != fragment.text || html.runs != fragment.runs)
                QCOMPARE(spelled(html), spelled(fragment));
            for (std::size_t block = 0; block < fragment.blocks.size(); ++block)
                QCOMPARE(nameOf(html.block(block)), nameOf(fragment.block(block)));
        }
    }

    /// Half of something, or something altered, does no harm.
    void hostileFormsDoNoHarm()
    {
        const QString alphabet =
            QStringLiteral("<>/=\"' &;#xbpliuoltrdh1a\n-!") + QChar(0xD83D) + QChar(0xDE00);
        for (int i = 0; i < 600; ++i) {
            QString html = toHtml(any());
            for (std::size_t n = below(12); n > 0; --n) {
                const auto at =
                    static_cast<qsizetype>(below(static_cast<std::size_t>(html.size()) + 1));
                const QChar unit = alphabet[static_cast<qsizetype>(
                    below(static_cast<std::size_t>(alphabet.size())))];
                if (below(2) == 0 && at < html.size())
                    html.remove(at, 1 + static_cast<qsizetype>(below(9)));
                else
                    html.insert(at, unit);
            }
            check(fromHtml(html));
            if (const auto fragment = fromMarkdown(html))
                check(*fragment);
            const Fragment fragment = any();
            QByteArray own = toClipFormat(fragment, fragment.text);
            own[static_cast<qsizetype>(below(static_cast<std::size_t>(own.size())))] =
                static_cast<char>(below(256));
            if (const auto read = fromClipFormat(own, fragment.text)) {
                QCOMPARE(read->text, fragment.text);
                check(*read);
            }
            if (QTest::currentTestFailed())
                return;
        }
    }

    /// No input takes more than its length: what nests a million deep, never ends or is all ends.
    void readingIsLinear_data()
    {
        QTest::addColumn<QString>("piece");
        for (const char *piece :
             {"<b>", "<ul><li>", "</p>", "<!--", "<a href=\"", "&#", "&amp", "<", "<table><tr><td>",
              "<style>", "<p style=\";;;;\">", "[", "*a ", "> ", "<br>", "<li>"})
            QTest::newRow(piece) << QString::fromLatin1(piece);
    }

    void readingIsLinear()
    {
        QFETCH(QString, piece);
        const QString input = piece.repeated(1'000'000 / piece.size());
        QElapsedTimer taken;
        taken.start();
        check(fromHtml(input));
        static_cast<void>(fromMarkdown(input.left(100'000)));
        QVERIFY2(taken.elapsed() < 30'000, qPrintable(QString::number(taken.elapsed())));
    }

    void theBestFormIsTaken()
    {
        QMimeData office;
        office.setText(QStringLiteral("one\u00A0two\r\nthree"));
        office.setHtml(QStringLiteral("<p>one two</p><p>three</p>"));
        QCOMPARE(spelled(fragmentFrom(office, PasteAs::ItLooks)),
                 QStringLiteral("~ one\u00A0two|~ three")); // nothing that the words lack
        office.setHtml(QStringLiteral("<h1>one two</h1><p>three</p>"));
        QCOMPARE(spelled(fragmentFrom(office, PasteAs::ItLooks)),
                 QStringLiteral("h1 one two|p three"));
        QCOMPARE(spelled(fragmentFrom(office, PasteAs::Words)),
                 QStringLiteral("~ one\u00A0two|~ three"));
        QMimeData markdown;
        markdown.setData(QStringLiteral("text/markdown"), "- a");
        QVERIFY(hasWords(markdown));
        QCOMPARE(spelled(fragmentFrom(markdown, PasteAs::ItLooks)), QStringLiteral("- a"));
        QMimeData html;
        html.setHtml(QStringLiteral("<h1>a</h1>"));
        QCOMPARE(spelled(fragmentFrom(html, PasteAs::Words)), QStringLiteral("~ a"));
    }

    void aClipHasAllForms()
    {
        const Fragment fragment = fromHtml(QStringLiteral("<h2>a</h2><ul><li><b>b</b></li></ul>"));
        const Clip clip(fragment);
        QCOMPARE(clip.text(), QStringLiteral("a\nb"));
        QCOMPARE(clip.html(), QStringLiteral("<h2>a</h2><ul><li><strong>b</strong></li></ul>"));
        QCOMPARE(clip.data(QStringLiteral("text/markdown")), QByteArray("## a\n\n- **b**\n"));
        QMimeData elsewhere; // another process has the bytes alone
        elsewhere.setText(clip.text());
        elsewhere.setData(QString::fromLatin1(kFragmentMime),
                          clip.data(QString::fromLatin1(kFragmentMime)));
        QCOMPARE(fragmentFrom(elsewhere, PasteAs::ItLooks), fragment);
        elsewhere.setText(QStringLiteral("another text"));
        QCOMPARE(spelled(fragmentFrom(elsewhere, PasteAs::ItLooks)),
                 QStringLiteral("~ another text"));
    }

    /// What is said of letters by others than their writer does not travel.
    void onlyFormatsTravel()
    {
        const Attributes marks{{"bold", "1"},
                               {"quoted", "Thea"},
                               {"comment:7", "1"},
                               {"link", "file:///etc/passwd"},
                               {"block", "h1"}};
        QCOMPARE(marksOf(marksThatTravel(marks)), QStringLiteral("b"));
        QVERIFY(isLinkThatTravels(QStringLiteral("mailto:a@b.org")));
        QVERIFY(!isLinkThatTravels(QStringLiteral("https://a\u202Eb")));
        QVERIFY(!isLinkThatTravels(QStringLiteral("https://") + QString(2000, u'a')));
    }
};

QTEST_GUILESS_MAIN(ClipboardTest)
#include "clipboard_test.moc"
