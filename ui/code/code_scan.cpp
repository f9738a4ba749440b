#include "ui/code/code_scan.h"

#include <algorithm>
#include <string>

namespace nlbd::ui {

namespace {

using Form = CodeLanguage::Form;

constexpr unsigned kFrameBits = 0x3F;
constexpr unsigned kInTag = 0x40;
constexpr unsigned kDepthShift = 8;
constexpr unsigned kDepthMax = 0xFF;
constexpr qsizetype kWordMax = 40; // no keyword is longer
constexpr QChar kOpens(0x7B);      // braces
constexpr QChar kCloses(0x7D);

bool isWordStart(QChar unit)
{
    return unit.isLetter() || unit == u'_' || unit.isSurrogate();
}

bool isWord(QChar unit)
{
    return isWordStart(unit) || unit.isDigit();
}

QLatin1String text(std::string_view view)
{
    return {view.data(), static_cast<qsizetype>(view.size())};
}

/// One of the words of a list that has blanks between them.
bool holds(std::string_view list, const std::string &word)
{
    for (std::size_t at = list.find(word); at != std::string_view::npos;
         at = list.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' '))
            return true;
    }
    return false;
}

class Scanner {
public:
    Scanner(const CodeLanguage &language, QStringView line, CodeState before,
            std::vector<CodeToken> *tokens)
        : m_language(language)
        , m_line(line.first(std::min(line.size(), kCodeUnitsMax)))
        , m_frame(before & kFrameBits)
        , m_depth(before >> kDepthShift)
        , m_isInTag((before & kInTag) != 0)
        , m_tokens(tokens)
    {
        if (m_frame > language.frames.size()) // of another language
            m_frame = m_depth = 0;
    }

    CodeState run()
    {
        if (m_frame == 0 && readWholeLine())
            return 0;
        while (m_at < m_line.size())
            step();
        if (m_frame != 0 && !m_language.frames[m_frame - 1].spansLines)
            m_frame = m_depth = 0;
        return static_cast<CodeState>(m_frame | (m_isInTag ? kInTag : 0U)
                                      | (m_depth << kDepthShift));
    }

private:
    void step()
    {
        if (m_frame != 0)
            readFrame(m_at);
        else if (isMarkup() && !m_isInTag)
            readBetweenTags();
        else if (!startFrame() && !readLineComment() && !readTagEnd() && !readSigil()
                 && !readNumber() && !readWord())
            ++m_at;
    }

    void add(qsizetype from, qsizetype to, CodeKind kind)
    {
        if (!m_tokens || from >= to || kind == CodeKind::Plain)
            return;
        if (!m_tokens->empty() && m_tokens->back().to == from && m_tokens->back().kind == kind)
            m_tokens->back().to = to;
        else
            m_tokens->push_back({from, to, kind});
    }

    [[nodiscard]] bool isAt(std::string_view sign) const
    {
        return m_line.sliced(m_at).startsWith(text(sign));
    }
    [[nodiscard]] bool isMarkup() const { return m_language.form == Form::Markup; }

    bool startFrame()
    {
        for (std::size_t i = 0; i < m_language.frames.size(); ++i) {
            const CodeFrame &frame = m_language.frames[i];
            const bool isMeant = !isMarkup() || m_isInTag == (frame.kind == CodeKind::String);
            if (!isMeant || !isAt(frame.open))
                continue;
            m_frame = static_cast<unsigned>(i) + 1;
            m_depth = 0;
            const qsizetype from = m_at;
            m_at += static_cast<qsizetype>(frame.open.size());
            readFrame(from);
            return true;
        }
        return false;
    }

    /// To the end of the frame that is open, or of the line.
    void readFrame(qsizetype from)
    {
        const CodeFrame &frame = m_language.frames[m_frame - 1];
        while (m_at < m_line.size()) {
            if (frame.hasEscapes && m_line[m_at] == u'\\') {
                m_at += 2;
            } else if (isAt(frame.close)) {
                m_at += static_cast<qsizetype>(frame.close.size());
                if (m_depth == 0) {
                    m_frame = 0;
                    break;
                }
                --m_depth;
            } else if (frame.nests && m_depth < kDepthMax && isAt(frame.open)) {
                m_at += static_cast<qsizetype>(frame.open.size());
                ++m_depth;
            } else {
                ++m_at;
            }
        }
        m_at = std::min(m_at, m_line.size());
        const bool isKey = m_language.hasKeys && m_frame == 0 && frame.kind == CodeKind::String
            && m_line.sliced(m_at).trimmed().startsWith(u':');
        add(from, m_at, isKey ? CodeKind::Name : frame.kind);
    }

    bool readLineComment()
    {
        for (const std::string_view sign : m_language.lineComments) {
            // A sign inside of a word is none: $# of a shell.
            const bool isFree = sign != "#" || m_at == 0 || m_line[m_at - 1].isSpace();
            if (!isFree || !isAt(sign))
                continue;
            add(m_at, m_line.size(), CodeKind::Comment);
            m_at = m_line.size();
            return true;
        }
        return false;
    }

    void readBetweenTags()
    {
        if (startFrame())
            return;
        if (m_line[m_at] == u'&') {
            const qsizetype end = m_line.indexOf(u';', m_at);
            const bool isEntity = end > m_at && end - m_at < 12;
            add(m_at, isEntity ? end + 1 : m_at, CodeKind::Number);
            m_at = isEntity ? end + 1 : m_at + 1;
            return;
        }
        if (m_line[m_at] != u'<') {
            ++m_at;
            return;
        }
        const qsizetype from = m_at++;
        while (m_at < m_line.size()
               && (isWord(m_line[m_at]) || QStringView(u"/!?-:.").contains(m_line[m_at])))
            ++m_at;
        m_isInTag = m_at > from + 1;
        add(from, m_isInTag ? m_at : from, CodeKind::Tag);
    }

    bool readTagEnd()
    {
        if (!isMarkup() || (m_line[m_at] != u'>' && !isAt("/>") && !isAt("?>")))
            return false;
        const qsizetype from = m_at;
        m_at += m_line[m_at] == u'>' ? 1 : 2;
        m_isInTag = false;
        add(from, m_at, CodeKind::Tag);
        return true;
    }

    bool readSigil()
    {
        const bool isSigil = m_line[m_at].unicode() < 0x80
            && m_language.sigils.find(static_cast<char>(m_line[m_at].unicode()))
                != std::string_view::npos;
        if (!isSigil || m_at + 1 >= m_line.size()
            || !(isWordStart(m_line[m_at + 1]) || m_line[m_at + 1] == kOpens))
            return false;
        const qsizetype from = m_at++;
        const bool isBraced = m_language.form == Form::Program && m_line[m_at] == kOpens;
        if (isBraced)
            ++m_at;
        while (m_at < m_line.size()
               && (isWord(m_line[m_at]) || (isStyle() && m_line[m_at] == u'-')
                   || (isBraced && m_line[m_at] == kCloses)))
            ++m_at;
        add(from, m_at, CodeKind::Name);
        return true;
    }
    [[nodiscard]] bool isStyle() const { return m_language.form == Form::Style; }

    bool readNumber()
    {
        if (!m_line[m_at].isDigit() || isMarkup() || m_language.form == Form::Markdown)
            return false;
        const qsizetype from = m_at;
        while (m_at < m_line.size()
               && (isWord(m_line[m_at]) || m_line[m_at] == u'.' || m_line[m_at] == u'%'
                   || (m_line[m_at] == QChar(0x27) && m_language.hasDirectives)))
            ++m_at;
        add(from, m_at, CodeKind::Number);
        return true;
    }

    bool readWord()
    {
        if (!isWordStart(m_line[m_at]))
            return false;
        const qsizetype from = m_at;
        const auto isPart = [this](QChar unit) {
            return isWord(unit) || ((isMarkup() || isStyle()) && (unit == u'-' || unit == u':'))
                || (isMarkup() && unit == u'.');
        };
        while (m_at < m_line.size() && isPart(m_line[m_at]))
            ++m_at;
        add(from, m_at, kindOf(m_line.sliced(from, m_at - from)));
        return true;
    }

    [[nodiscard]] CodeKind kindOf(QStringView word) const
    {
        if (isMarkup())
            return CodeKind::Name;
        if (isStyle() && word.endsWith(u':'))
            return CodeKind::Keyword;
        if (word.size() > kWordMax)
            return CodeKind::Plain;
        const QString said = m_language.ignoresCase ? word.toString().toLower() : word.toString();
        const std::string key = said.toStdString();
        if (holds(m_language.keywords, key))
            return CodeKind::Keyword;
        if (holds(m_language.values, key))
            return CodeKind::Tag;
        const bool isCalled = m_at < m_line.size() && m_line[m_at] == u'(';
        return isCalled ? CodeKind::Name : CodeKind::Plain;
    }

    /// Lines that are one thing from their first letter on. True if nothing is left to read.
    bool readWholeLine()
    {
        const QStringView trimmed = m_line.trimmed();
        if (trimmed.isEmpty())
            return m_line.isEmpty() && !m_isInTag;
        const qsizetype from = trimmed.data() - m_line.data();
        if (m_language.hasDirectives && trimmed[0] == u'#') {
            m_at = from + 1;
            while (m_at < m_line.size() && (m_line[m_at].isSpace() || m_line[m_at].isLetter())) {
                if (m_line[m_at].isSpace() && m_at > from + 1 && m_line[m_at - 1].isLetter())
                    break;
                ++m_at;
            }
            add(from, m_at, CodeKind::Keyword);
        } else if (m_language.form == Form::Markdown) {
            return readMarkdownLine(trimmed, from);
        }
        return false;
    }

    bool readMarkdownLine(QStringView trimmed, qsizetype from)
    {
        if (trimmed[0] == u'#' || trimmed[0] == u'>') {
            add(from, m_line.size(), trimmed[0] == u'#' ? CodeKind::Keyword : CodeKind::Comment);
            return true;
        }
        const bool isItem =
            QStringView(u"-*+").contains(trimmed[0]) && trimmed.size() > 1 && trimmed[1].isSpace();
        if (isItem) {
            m_at = from + 1;
            add(from, m_at, CodeKind::Tag);
        }
        return false;
    }

    const CodeLanguage &m_language;
    QStringView m_line;
    qsizetype m_at = 0;
    unsigned m_frame = 0; ///< one more than its place in the table
    unsigned m_depth = 0;
    bool m_isInTag = false;
    std::vector<CodeToken> *m_tokens = nullptr;
};

} // namespace

CodeState scanCode(const CodeLanguage &language, QStringView line, CodeState before,
                   std::vector<CodeToken> *tokens)
{
    if (language.frames.empty() && language.keywords.empty())
        return 0;
    return Scanner(language, line, before, tokens).run();
}

} // namespace nlbd::ui
