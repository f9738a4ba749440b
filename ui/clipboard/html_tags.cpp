#include "ui/clipboard/html_tags.h"

#include "ui/clipboard/html_entities.h"

#include <QStringList>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr qsizetype kTagUnitsMax = 16'000; ///< what is read of one tag: a name, a style, an address

using Role = HtmlRole;

struct Name {
    std::string_view name;
    Role role;
};
constexpr std::array kNames{
    Name{"a", Role::Link},        Name{"address", Role::Block},    Name{"area", Role::Void},
    Name{"article", Role::Block}, Name{"aside", Role::Block},      Name{"audio", Role::Hidden},
    Name{"b", Role::Bold},        Name{"base", Role::Void},        Name{"blockquote", Role::Quote},
    Name{"br", Role::Break},      Name{"center", Role::Block},     Name{"code", Role::Code},
    Name{"col", Role::Void},      Name{"dd", Role::Block},         Name{"del", Role::Strike},
    Name{"details", Role::Block}, Name{"dir", Role::Bullets},      Name{"div", Role::Block},
    Name{"dl", Role::Block},      Name{"dt", Role::Block},         Name{"em", Role::Italic},
    Name{"embed", Role::Void},    Name{"fieldset", Role::Block},   Name{"figcaption", Role::Block},
    Name{"figure", Role::Block},  Name{"footer", Role::Block},     Name{"form", Role::Block},
    Name{"h1", Role::Heading1},   Name{"h2", Role::Heading2},      Name{"h3", Role::Heading3},
    Name{"h4", Role::Heading3},   Name{"h5", Role::Heading3},      Name{"h6", Role::Heading3},
    Name{"header", Role::Block},  Name{"hr", Role::Rule},          Name{"i", Role::Italic},
    Name{"iframe", Role::Hidden}, Name{"img", Role::Void},         Name{"input", Role::CheckBox},
    Name{"kbd", Role::Code},      Name{"li", Role::Item},          Name{"link", Role::Void},
    Name{"main", Role::Block},    Name{"math", Role::Hidden},      Name{"menu", Role::Bullets},
    Name{"meta", Role::Void},     Name{"nav", Role::Block},        Name{"noscript", Role::Hidden},
    Name{"object", Role::Hidden}, Name{"ol", Role::Numbers},       Name{"p", Role::Block},
    Name{"param", Role::Void},    Name{"pre", Role::Preformatted}, Name{"s", Role::Strike},
    Name{"samp", Role::Code},     Name{"script", Role::Hidden},    Name{"section", Role::Block},
    Name{"select", Role::Hidden}, Name{"source", Role::Void},      Name{"strike", Role::Strike},
    Name{"strong", Role::Bold},   Name{"style", Role::Hidden},     Name{"summary", Role::Block},
    Name{"svg", Role::Hidden},    Name{"table", Role::Block},      Name{"tbody", Role::Block},
    Name{"td", Role::Cell},       Name{"template", Role::Hidden},  Name{"textarea", Role::Hidden},
    Name{"tfoot", Role::Block},   Name{"th", Role::Cell},          Name{"thead", Role::Block},
    Name{"title", Role::Hidden},  Name{"tr", Role::Row},           Name{"tt", Role::Code},
    Name{"ul", Role::Bullets},    Name{"video", Role::Hidden},     Name{"wbr", Role::Void},
};
static_assert(std::ranges::is_sorted(kNames, {}, &Name::name));

Role roleOf(std::string_view name)
{
    const auto *found = std::ranges::lower_bound(kNames, name, {}, &Name::name);
    return found != kNames.end() && found->name == name ? found->role : Role::Unknown;
}

/// Reads the tag that begins at the "<" of `text`: nothing if that is a letter.
class TagReader {
public:
    explicit TagReader(QStringView text)
        : m_text(text)
    {
    }

    std::optional<HtmlTag> read()
    {
        m_at = 1;
        if (is(u'!') || is(u'?'))
            return skipRemark();
        m_tag.isEnd = is(u'/');
        if (m_tag.isEnd)
            ++m_at;
        const auto isLetter = [](QChar unit) {
            const auto low = static_cast<char16_t>(unit.unicode() | 0x20U);
            return low >= u'a' && low <= u'z';
        };
        if (m_at >= m_text.size() || !isLetter(m_text[m_at]))
            return std::nullopt;
        while (m_at < m_text.size() && !isHtmlBlank(m_text[m_at]) && m_text[m_at] != u'>'
               && m_text[m_at] != u'/') {
            if (m_tag.name.size() < 16)
                m_tag.name += static_cast<char>(m_text[m_at].toLower().toLatin1());
            ++m_at;
        }
        m_tag.role = roleOf(m_tag.name);
        while (m_at < m_text.size() && m_text[m_at] != u'>')
            readAttribute();
        m_tag.units = std::min(m_at + 1, m_text.size());
        return std::move(m_tag);
    }

private:
    [[nodiscard]] bool is(char16_t letter) const
    {
        return m_at < m_text.size() && m_text[m_at] == letter;
    }

    HtmlTag skipRemark()
    {
        const bool isComment = m_text.sliced(m_at).startsWith(u"!--");
        const qsizetype end =
            isComment ? m_text.indexOf(u"-->", m_at + 3) : m_text.indexOf(u'>', m_at);
        m_tag.units = end < 0 ? m_text.size() : end + (isComment ? 3 : 1);
        return std::move(m_tag);
    }

    void readAttribute()
    {
        while (m_at < m_text.size() && (isHtmlBlank(m_text[m_at]) || is(u'/')))
            ++m_at;
        const qsizetype first = m_at;
        while (m_at < m_text.size() && !isHtmlBlank(m_text[m_at]) && !is(u'>') && !is(u'=')
               && (m_at == first || !is(u'/')))
            ++m_at;
        const QString name =
            m_text.sliced(first, std::min<qsizetype>(m_at - first, 32)).toString().toLower();
        while (m_at < m_text.size() && isHtmlBlank(m_text[m_at]))
            ++m_at;
        QStringView value;
        if (is(u'=')) {
            ++m_at;
            value = readValue();
        }
        const QStringView kept = value.first(std::min(value.size(), kTagUnitsMax));
        if (name == QLatin1String("href"))
            m_tag.address = withoutReferences(kept).trimmed();
        else if (name == QLatin1String("style"))
            m_tag.style = withoutReferences(kept).toLower();
        else if (name == QLatin1String("type"))
            m_tag.type = kept.toString().toLower();
        else if (name == QLatin1String("checked"))
            m_tag.isChecked = true;
    }

    QStringView readValue()
    {
        while (m_at < m_text.size() && isHtmlBlank(m_text[m_at]))
            ++m_at;
        if (is(u'"') || is(u'\'')) {
            const QChar quote = m_text[m_at++];
            const qsizetype first = m_at;
            const qsizetype end = m_text.indexOf(quote, first);
            m_at = end < 0 ? m_text.size() : end + 1;
            return m_text.sliced(first, (end < 0 ? m_text.size() : end) - first);
        }
        const qsizetype first = m_at;
        while (m_at < m_text.size() && !isHtmlBlank(m_text[m_at]) && !is(u'>'))
            ++m_at;
        return m_text.sliced(first, m_at - first);
    }

    QStringView m_text;
    qsizetype m_at = 0;
    HtmlTag m_tag;
};

} // namespace

bool isHtmlBlank(QChar unit)
{
    return unit == u' ' || unit == u'\t' || unit == u'\n' || unit == u'\r' || unit == u'\f';
}

bool isBlockRole(HtmlRole role)
{
    return role >= Role::Block && role != Role::Cell;
}

std::optional<HtmlTag> htmlTag(QStringView text)
{
    return TagReader(text).read();
}

QString propertyOf(const QString &style, const char *name)
{
    for (const QString &part : style.split(QChar(u';')))
        if (part.section(QChar(u':'), 0, 0).trimmed() == QLatin1String(name))
            return part.section(QChar(u':'), 1).trimmed();
    return {};
}

} // namespace nlbd::ui
