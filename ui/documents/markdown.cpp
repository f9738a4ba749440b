#include "ui/documents/markdown.h"

#include "ui/editor/block_style.h"
#include "ui/objects/embed.h"

#include <QStringList>

#include <algorithm>
#include <array>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;

/// Marks that are written as signs around words, the outermost first.
constexpr std::array kSigns{kBold, kItalic, kStrike};

const char *signOf(const char *key, bool isInWord)
{
    if (key == kBold)
        return "**";
    if (key == kStrike)
        return "~~";
    return isInWord ? "*" : "_"; // an underscore inside of a word is a letter
}

/// Letters that mean something wherever they stand.
QString escaped(QStringView text)
{
    QString result;
    for (const QChar letter : text) {
        if (QStringView(u"\\`*_[]<>~&|").contains(letter))
            result += u'\\';
        result += letter;
    }
    return result;
}

/// What means something at the beginning of a line alone.
QString withHarmlessStart(QString line)
{
    qsizetype digits = 0;
    while (digits < line.size() && line[digits].isDigit())
        ++digits;
    const bool isNumber =
        digits > 0 && digits < line.size() && (line[digits] == u'.' || line[digits] == u')');
    if (isNumber)
        line.insert(digits, u'\\');
    else if (!line.isEmpty() && QStringView(u"#+-=").contains(line[0]))
        line.prepend(u'\\');
    return line;
}

/// Code in a line, between more back quotes than it holds in a row.
QString codeSpan(const QString &text)
{
    qsizetype longest = 0;
    qsizetype row = 0;
    for (const QChar letter : text) {
        row = letter == u'`' ? row + 1 : 0;
        longest = std::max(longest, row);
    }
    const QString fence(longest + 1, u'`');
    const bool isPadded = text.startsWith(u'`') || text.endsWith(u'`') || text.trimmed() != text;
    const QString pad = isPadded ? QStringLiteral(" ") : QString();
    return fence + pad + text + pad + fence;
}

/// Writes the letters of one block. Signs open before the first letter that has a mark and close
/// behind the last; blanks at their edges stand outside, where Markdown wants them.
class LineWriter {
public:
    explicit LineWriter(const MarkdownPictures &pictures)
        : m_pictures(pictures)
    {
    }

    void add(QStringView text, const Attributes &marks)
    {
        const auto link = marks.find(kLink);
        const QString address = link == marks.end() ? QString() : QString::fromUtf8(link->second);
        std::vector<const char *> wanted;
        for (const char *key : kSigns)
            if (marks.contains(key))
                wanted.push_back(key);
        while (!text.isEmpty() && text.front().isSpace()) {
            m_blanks += text.front();
            text = text.sliced(1);
        }
        if (text.isEmpty())
            return;
        if (m_line.isEmpty() && m_address.isEmpty())
            m_blanks.clear(); // four of them would make it code
        if (address != m_address)
            closeTo(0);
        std::size_t same = 0;
        while (same < m_open.size() && same < wanted.size() && m_open[same].key == wanted[same])
            ++same;
        closeTo(same);
        if (address != m_address)
            changeLink(address);
        else
            m_line += std::exchange(m_blanks, {});
        for (std::size_t i = same; i < wanted.size(); ++i) {
            const bool isInWord = !m_line.isEmpty() && m_line.back().isLetterOrNumber();
            m_open.push_back({wanted[i], signOf(wanted[i], isInWord || m_mustStar)});
            m_line += QLatin1String(m_open.back().sign);
        }
        QStringView core = text;
        while (core.back().isSpace())
            core.chop(1);
        if (const MarkdownPicture *picture = pictureOf(marks))
            addPicture(core, *picture);
        else
            m_line += marks.contains(kCode) ? codeSpan(core.toString()) : escaped(core);
        m_blanks = text.sliced(core.size()).toString();
    }

    [[nodiscard]] QString take()
    {
        closeTo(0);
        m_blanks.clear();
        changeLink({});
        return std::move(m_line);
    }

    /// Italic is written with stars, since a letter follows some end of it.
    void useStars() { m_mustStar = true; }

private:
    struct Open {
        const char *key;
        const char *sign;
    };
    [[nodiscard]] const MarkdownPicture *pictureOf(const Attributes &marks) const
    {
        const auto embed = m_pictures.empty() ? std::nullopt : embedOf(marks);
        if (!embed || embed->kind != Embed::Kind::Picture)
            return nullptr;
        const auto found = m_pictures.find(embed->blob);
        return found == m_pictures.end() ? nullptr : &found->second;
    }
    /// Each letter that stands for it is one; other letters may have the same mark.
    void addPicture(QStringView text, const MarkdownPicture &picture)
    {
        for (const QChar letter : text)
            m_line += letter == QChar(kObjectLetter)
                ? QStringLiteral("![%1](<%2>)")
                      .arg(escaped(picture.name), harmless(picture.address))
                : escaped(QStringView(&letter, 1));
    }
    void closeTo(std::size_t count)
    {
        for (; m_open.size() > count; m_open.pop_back())
            m_line += QLatin1String(m_open.back().sign);
    }
    void changeLink(const QString &address)
    {
        if (!m_address.isEmpty())
            m_line += QStringLiteral("](<%1>)").arg(harmless(m_address));
        m_line += std::exchange(m_blanks, {});
        m_address = address;
        if (!m_address.isEmpty())
            m_line += u'[';
    }
    static QString harmless(QString address)
    {
        for (const QChar letter : {u'\\', u'<', u'>'})
            address.replace(letter, QStringLiteral("\\") + letter);
        return address.replace(u'\n', u' ');
    }

    const MarkdownPictures &m_pictures;
    QString m_line;
    QString m_blanks; ///< not written yet: they may stand before or behind a sign
    QString m_address;
    std::vector<Open> m_open;
    bool m_mustStar = false;
};

/// True if an end of something italic has a letter right beside it that is not.
bool needsStars(QStringView line, const std::vector<PageLooks::Run> &runs, qsizetype start)
{
    for (std::size_t i = 1; i < runs.size(); ++i) {
        const qsizetype border = runs[i].from - start;
        const bool isEnd =
            runs[i - 1].attributes->contains(kItalic) != runs[i].attributes->contains(kItalic);
        if (isEnd && line[border - 1].isLetterOrNumber() && line[border].isLetterOrNumber())
            return true;
    }
    return false;
}

QString lineOf(QStringView line, const PageLooks &looks, qsizetype start,
               const MarkdownPictures &pictures)
{
    const auto runs = looks.runs(start, start + line.size());
    LineWriter writer(pictures);
    if (needsStars(line, runs, start))
        writer.useStars();
    for (const PageLooks::Run &run : runs)
        writer.add(line.sliced(run.from - start, run.to - run.from), *run.attributes);
    return writer.take();
}

/// What stands before a block's line.
QString prefixOf(const BlockStyle &style, int number)
{
    constexpr int kIndent = 4; // enough for a bullet, a number and a task
    const QString in(static_cast<qsizetype>(style.indent) * kIndent, u' ');
    switch (style.kind) {
    case Kind::Title:
    case Kind::Heading1:
        return QStringLiteral("# ");
    case Kind::Heading2:
        return QStringLiteral("## ");
    case Kind::Heading3:
        return QStringLiteral("### ");
    case Kind::Bullet:
        return in + QStringLiteral("- ");
    case Kind::Number:
        return in + QStringLiteral("%1. ").arg(number);
    case Kind::Task:
        return in + (style.isDone ? QStringLiteral("- [x] ") : QStringLiteral("- [ ] "));
    case Kind::Quote:
        return QStringLiteral("> ");
    case Kind::Code:
    case Kind::Divider:
    case Kind::Paragraph:
        break;
    }
    return {};
}

/// Puts blocks below each other.
class PageWriter {
public:
    void add(const BlockStyle &style, const QString &content, QStringView raw)
    {
        if (style.kind == Kind::Code) {
            if (style.language != m_language)
                endCode();
            m_language = style.language;
            m_code.append(raw.toString());
            return;
        }
        endCode();
        if (raw.isEmpty() && style.kind != Kind::Divider && !style.isItem()) {
            m_before = {};
            return;
        }
        const int number = numberFor(style);
        if (style.isItem() && m_before.isItem())
            m_text += u'\n';
        else if (style.kind == Kind::Quote && m_before.kind == Kind::Quote)
            m_text += QStringLiteral("\n>\n");
        else
            separate();
        m_text +=
            style.kind == Kind::Divider ? QStringLiteral("---") : prefixOf(style, number) + content;
        m_before = style;
    }

    [[nodiscard]] QString take()
    {
        endCode();
        if (!m_text.isEmpty())
            m_text += u'\n';
        return std::move(m_text);
    }

private:
    void separate()
    {
        if (!m_text.isEmpty())
            m_text += QStringLiteral("\n\n");
    }
    void endCode()
    {
        if (m_code.isEmpty())
            return;
        QString fence = QStringLiteral("```");
        while (
            std::ranges::any_of(m_code, [&](const QString &line) { return line.contains(fence); }))
            fence += u'`';
        separate();
        m_text +=
            fence + QString::fromStdString(m_language) + u'\n' + m_code.join(u'\n') + u'\n' + fence;
        m_code.clear();
        m_before = {Kind::Code};
    }
    int numberFor(const BlockStyle &style)
    {
        const auto depth = static_cast<std::size_t>(style.indent);
        if (!style.isItem() || !m_before.isItem())
            m_numbers.fill(0);
        if (!style.isItem())
            return 0;
        std::fill(m_numbers.begin() + static_cast<std::ptrdiff_t>(depth) + 1, m_numbers.end(), 0);
        m_numbers[depth] = style.kind == Kind::Number ? m_numbers[depth] + 1 : 0;
        return m_numbers[depth];
    }

    QString m_text;
    QStringList m_code;
    std::string m_language; ///< of that
    BlockStyle m_before;
    std::array<int, BlockStyle::kIndentMax + 1> m_numbers{};
};

} // namespace

QString toMarkdown(const QString &text, const PageLooks &looks, FirstLine first,
                   const MarkdownPictures &pictures)
{
    PageWriter writer;
    for (qsizetype start = 0; start <= text.size();) {
        const qsizetype found = text.indexOf(u'\n', start);
        const qsizetype end = found < 0 ? text.size() : found;
        const QStringView line = QStringView(text).sliced(start, end - start);
        BlockStyle style = blockStyleOf(looks.blockAt(end));
        if (start == 0 && style.kind == Kind::Paragraph && first == FirstLine::AsTitle)
            style.kind = Kind::Title;
        QString content = lineOf(line, looks, start, pictures);
        if (!style.isHeading() && style.kind != Kind::Title)
            content = withHarmlessStart(std::move(content));
        writer.add(style, content, line);
        start = end + 1;
    }
    return writer.take();
}

} // namespace nlbd::ui
