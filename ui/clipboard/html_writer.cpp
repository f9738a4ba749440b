#include "ui/clipboard/html_writer.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;

struct Format {
    const char *key;
    const char *element;
};
/// The outermost first.
constexpr std::array kFormats{Format{kBold, "strong"}, Format{kItalic, "em"}, Format{kStrike, "s"},
                              Format{kCode, "code"}};

QString escaped(QStringView text)
{
    QString result;
    result.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == u'&')
            result += QStringLiteral("&amp;");
        else if (text[i] == u'<')
            result += QStringLiteral("&lt;");
        else if (text[i] == u'>')
            result += QStringLiteral("&gt;");
        else if (text[i] == u'"')
            result += QStringLiteral("&quot;");
        else
            result += text[i];
    }
    return result;
}

const char *elementOf(Kind kind)
{
    switch (kind) {
    case Kind::Title:
    case Kind::Heading1:
        return "h1";
    case Kind::Heading2:
        return "h2";
    case Kind::Heading3:
        return "h3";
    case Kind::Bullet:
    case Kind::Number:
    case Kind::Task:
        return "li";
    case Kind::Quote:
        return "blockquote";
    case Kind::Code:
        return "pre";
    case Kind::Divider:
        return "hr";
    case Kind::Paragraph:
        break;
    }
    return "p";
}

class Writer {
public:
    explicit Writer(const Fragment &fragment)
        : m_fragment(fragment)
    {
    }

    QString write()
    {
        const QString &text = m_fragment.text;
        const bool isOneLine = !text.contains(u'\n') && !m_fragment.block(0);
        if (isOneLine) {
            letters(0, text.size());
            return std::move(m_html);
        }
        std::size_t number = 0;
        for (qsizetype start = 0; start <= text.size(); ++number) {
            const qsizetype found = text.indexOf(u'\n', start);
            const qsizetype end = found < 0 ? text.size() : found;
            block(m_fragment.block(number).value_or(BlockStyle()), start, end);
            start = end + 1;
        }
        listsDownTo(0);
        endCode();
        return std::move(m_html);
    }

private:
    void tag(std::string_view name)
    {
        m_html += QLatin1Char('<') + QLatin1String(name) + QLatin1Char('>');
    }
    void endTag(std::string_view name)
    {
        m_html += QLatin1String("</") + QLatin1String(name) + QLatin1Char('>');
    }

    void block(const BlockStyle &style, qsizetype start, qsizetype end)
    {
        if (!style.isItem())
            listsDownTo(0);
        if (style.kind != Kind::Code)
            endCode();
        if (style.kind == Kind::Code) {
            m_html += m_isInCode ? QLatin1String("\n") : QLatin1String("<pre>\n");
            m_isInCode = true;
            m_html += escaped(QStringView(m_fragment.text).sliced(start, end - start));
            return;
        }
        if (style.kind == Kind::Divider) {
            m_html += QStringLiteral("<hr>");
            return;
        }
        if (style.isItem())
            lists(style);
        const char *name = elementOf(style.kind);
        tag(name);
        if (style.kind == Kind::Task)
            m_html += style.isDone ? QStringLiteral("<input type=\"checkbox\" checked>")
                                   : QStringLiteral("<input type=\"checkbox\">");
        letters(start, end);
        if (start == end && !style.isItem())
            m_html += QStringLiteral("<br>");
        endTag(name);
    }

    /// Lists in which an item of this kind and depth stands.
    void lists(const BlockStyle &style)
    {
        const std::string_view wanted = style.kind == Kind::Number ? "ol" : "ul";
        const auto depth = static_cast<std::size_t>(style.indent) + 1;
        listsDownTo(depth);
        if (m_lists.size() == depth && m_lists.back() != wanted)
            listsDownTo(depth - 1);
        while (m_lists.size() < depth) {
            m_lists.push_back(wanted);
            tag(wanted);
        }
    }
    void listsDownTo(std::size_t depth)
    {
        for (; m_lists.size() > depth; m_lists.pop_back())
            endTag(m_lists.back());
    }
    void endCode()
    {
        if (std::exchange(m_isInCode, false))
            m_html += QStringLiteral("</pre>");
    }

    void letters(qsizetype from, qsizetype to)
    {
        const QStringView text(m_fragment.text);
        while (m_run < m_fragment.runs.size() && m_fragment.runs[m_run].to <= from)
            ++m_run;
        for (std::size_t i = m_run; from < to; ++i) {
            const bool hasRun = i < m_fragment.runs.size() && m_fragment.runs[i].from < to;
            const qsizetype first = hasRun ? std::max(from, m_fragment.runs[i].from) : to;
            m_html += escaped(text.sliced(from, first - from));
            if (!hasRun)
                return;
            from = std::min(to, m_fragment.runs[i].to);
            marked(text.sliced(first, from - first), m_fragment.runs[i].marks);
        }
    }

    void marked(QStringView text, const Attributes &marks)
    {
        const auto link = marks.find(kLink);
        if (link != marks.end())
            m_html += QStringLiteral("<a href=\"%1\">")
                          .arg(escaped(QString::fromStdString(link->second)));
        for (const Format &format : kFormats)
            if (marks.contains(format.key))
                tag(format.element);
        m_html += escaped(text);
        for (std::size_t i = kFormats.size(); i-- > 0;)
            if (marks.contains(kFormats[i].key))
                endTag(kFormats[i].element);
        if (link != marks.end())
            endTag("a");
    }

    const Fragment &m_fragment;
    QString m_html;
    std::vector<std::string_view> m_lists;
    std::size_t m_run = 0; ///< the first that may reach into what comes
    bool m_isInCode = false;
};

} // namespace

QString toHtml(const Fragment &fragment)
{
    return Writer(fragment).write();
}

} // namespace nlbd::ui
