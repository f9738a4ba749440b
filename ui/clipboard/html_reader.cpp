#include "ui/clipboard/html_reader.h"

#include "ui/clipboard/html_entities.h"
#include "ui/clipboard/html_tags.h"

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;
using Role = HtmlRole;

/// What stands around the words that are being read.
struct Element {
    std::string name;
    Role role = Role::Unknown;
    Attributes marks;
    std::optional<BlockStyle> block;
    int depth = -1; ///< of lists
    Kind list = Kind::Bullet;
    bool isPreformatted = false;
};

class Reader {
public:
    explicit Reader(QStringView html)
        : m_html(html)
    {
        m_stack.emplace_back();
    }

    Fragment read()
    {
        while (m_at < m_html.size()) {
            if (m_html[m_at] == u'<') {
                if (std::optional<HtmlTag> tag = htmlTag(m_html.sliced(m_at))) {
                    m_at += tag->units;
                    take(*tag);
                    continue;
                }
            }
            letters();
        }
        m_writer.chopSpace();
        return m_writer.take(m_writer.isAtBlockStart() ? Fragment::Block() : m_style);
    }

private:
    [[nodiscard]] const Element &top() const { return m_stack.back(); }

    /// Up to the next tag.
    void letters()
    {
        qsizetype end = m_html.indexOf(u'<', m_at + 1);
        if (end < 0)
            end = m_html.size();
        QString run;
        while (m_at < end) {
            const QChar unit = m_html[m_at];
            if (unit == u'&') {
                const HtmlReference found = htmlReference(m_html.sliced(m_at, end - m_at));
                run += found.letters;
                m_at += found.units;
            } else if (top().isPreformatted && (unit == u'\n' || unit == u'\r')) {
                write(std::exchange(run, {}));
                m_at += unit == u'\r' && m_at + 1 < end && m_html[m_at + 1] == u'\n' ? 2 : 1;
                breakLine();
            } else if (!top().isPreformatted && isHtmlBlank(unit)) {
                write(std::exchange(run, {}));
                fold();
                ++m_at;
            } else {
                if (isHarmless(unit))
                    run += unit;
                ++m_at;
            }
        }
        write(run);
    }

    /// No control, nor what stands for an object, which nothing here could show.
    static bool isHarmless(QChar unit)
    {
        const bool isControl = unit.category() == QChar::Other_Control && unit != u'\t';
        return !isControl && unit != QChar(QChar::ObjectReplacementCharacter)
            && unit != QChar(QChar::ParagraphSeparator) && unit != QChar(0xFEFF);
    }

    void write(const QString &run)
    {
        if (run.isEmpty())
            return;
        if (m_writer.isAtBlockStart() && !m_isInCell)
            m_style = top().block;
        m_writer.add(run, top().marks);
    }

    void fold()
    {
        const QChar last = m_writer.last();
        if (last != u'\n' && last != u' ' && last != u'\t')
            m_writer.add(u" ", top().marks);
    }

    void breakLine()
    {
        if (m_isInCell) {
            fold();
            return;
        }
        if (m_writer.isAtBlockStart())
            m_style = top().block;
        m_writer.chopSpace();
        m_writer.endBlock(m_style);
        itemGoesOn();
    }

    /// The second line of an item has no marker of its own.
    void itemGoesOn()
    {
        for (auto element = m_stack.rbegin(); element != m_stack.rend(); ++element) {
            if (!element->block || !element->block->isItem())
                return;
            element->block = BlockStyle();
            if (element->role == Role::Item)
                return;
        }
    }

    /// A line ends here if one was begun.
    void boundary()
    {
        if (m_isInCell)
            fold();
        if (m_isInCell || m_writer.isAtBlockStart())
            return;
        m_writer.chopSpace();
        m_writer.endBlock(m_style);
        itemGoesOn();
    }

    void take(HtmlTag &tag)
    {
        if (tag.name.empty())
            return;
        const Role role = tag.role;
        if (tag.isEnd) {
            close(tag.name, role);
            return;
        }
        switch (role) {
        case Role::Hidden:
            skip(tag.name);
            return;
        case Role::Void:
            return;
        case Role::Break:
            breakLine();
            return;
        case Role::Rule:
            boundary();
            if (!m_isInCell)
                m_writer.endBlock(BlockStyle{Kind::Divider});
            return;
        case Role::CheckBox:
            check(tag);
            return;
        default:
            open(tag, role);
        }
    }

    /// To the end of an element of which nothing is read; to the end of all if that lacks.
    void skip(const std::string &name)
    {
        const QString end = QStringLiteral("</") + QString::fromStdString(name);
        const qsizetype found = m_html.indexOf(end, m_at, Qt::CaseInsensitive);
        m_at = found < 0 ? m_html.size() : found;
    }

    void check(const HtmlTag &tag)
    {
        if (tag.type != QLatin1String("checkbox"))
            return;
        for (auto element = m_stack.rbegin(); element != m_stack.rend(); ++element) {
            if (element->block && element->block->isItem()) {
                element->block->kind = Kind::Task;
                element->block->isDone = tag.isChecked;
            }
            if (element->role == Role::Item)
                return;
        }
    }

    void open(const HtmlTag &tag, Role role)
    {
        closeSiblings(role);
        if (isBlockRole(role))
            boundary();
        if (role == Role::Bullets || role == Role::Numbers)
            itemGoesOn();
        if (role == Role::Cell && m_isInCell && m_hasCell) {
            m_writer.chopSpace();
            m_writer.add(u"\t", {});
        }
        if (m_stack.size() >= kHtmlDepthMax) {
            ++m_tooDeep;
            return;
        }
        Element element = top();
        element.name = tag.name;
        element.role = role;
        setMarks(element, tag);
        setBlock(element);
        m_stack.push_back(std::move(element));
        if (role == Role::Preformatted && m_at < m_html.size() && m_html[m_at] == u'\n')
            ++m_at; // which begins it
        if (role == Role::Row && !m_isInCell) {
            m_style = top().block;
            m_isInCell = true;
            m_row = m_stack.size() - 1;
            m_hasCell = false;
        } else if (role == Role::Cell && m_isInCell) {
            m_hasCell = true;
        }
    }

    /// An item ends the item before it, a cell the cell, a row the row: their end tags may lack.
    void closeSiblings(Role role)
    {
        const bool canLack = role == Role::Item || role == Role::Cell || role == Role::Row;
        if (!canLack)
            return;
        for (std::size_t i = m_stack.size(); i-- > 1;) {
            const Role other = m_stack[i].role;
            if (other == role) {
                closeTo(i);
                return;
            }
            const bool isBorder = other == Role::Bullets || other == Role::Numbers
                || m_stack[i].name == "table" || (role == Role::Cell && other == Role::Row);
            if (isBorder)
                return;
        }
    }

    static void setMarks(Element &element, const HtmlTag &tag)
    {
        const auto set = [&element](const char *key, bool isSet) {
            if (isSet)
                element.marks.insert_or_assign(key, std::string("1"));
            else
                element.marks.erase(key);
        };
        switch (element.role) {
        case Role::Bold:
            set(kBold, true);
            break;
        case Role::Italic:
            set(kItalic, true);
            break;
        case Role::Strike:
            set(kStrike, true);
            break;
        case Role::Code:
            set(kCode, !element.isPreformatted);
            break;
        case Role::Link:
            if (isLinkThatTravels(tag.address))
                element.marks.insert_or_assign(kLink, tag.address.toStdString());
            break;
        default:
            break;
        }
        const bool isHeading = element.role >= Role::Heading1 && element.role <= Role::Heading3;
        if (tag.style.isEmpty() || isHeading)
            return;
        if (const QString weight = propertyOf(tag.style, "font-weight"); !weight.isEmpty())
            set(kBold, weight.startsWith(QLatin1String("bold")) || weight.toInt() >= 600);
        if (const QString slant = propertyOf(tag.style, "font-style"); !slant.isEmpty())
            set(kItalic, slant == QLatin1String("italic") || slant == QLatin1String("oblique"));
        for (const char *name : {"text-decoration", "text-decoration-line"})
            if (propertyOf(tag.style, name).contains(QLatin1String("line-through")))
                set(kStrike, true);
        if (propertyOf(tag.style, "white-space").startsWith(QLatin1String("pre")))
            element.isPreformatted = true;
    }

    static void setBlock(Element &element)
    {
        switch (element.role) {
        case Role::Heading1:
            element.block = BlockStyle{Kind::Heading1};
            break;
        case Role::Heading2:
            element.block = BlockStyle{Kind::Heading2};
            break;
        case Role::Heading3:
            element.block = BlockStyle{Kind::Heading3};
            break;
        case Role::Bullets:
        case Role::Numbers:
            element.depth = std::min(element.depth + 1, BlockStyle::kIndentMax);
            element.list = element.role == Role::Bullets ? Kind::Bullet : Kind::Number;
            break;
        case Role::Item:
            element.block = BlockStyle{element.list, std::max(element.depth, 0)};
            break;
        case Role::Quote:
            element.block = BlockStyle{Kind::Quote};
            break;
        case Role::Preformatted:
            element.block = BlockStyle{Kind::Code};
            element.isPreformatted = true;
            break;
        case Role::Block:
        case Role::Row:
            if (!element.block)
                element.block = BlockStyle();
            break;
        default:
            break;
        }
        if (element.block && element.block->kind == Kind::Code)
            element.marks.clear();
    }

    void close(const std::string &name, Role role)
    {
        if (m_tooDeep > 0) {
            --m_tooDeep;
            return;
        }
        for (std::size_t i = m_stack.size(); i-- > 1;) {
            if (m_stack[i].name == name) {
                closeTo(i);
                return;
            }
            // Formats that lack an end do not reach beyond the block that they stand in.
            if (!isBlockRole(role) && isBlockRole(m_stack[i].role))
                return;
        }
        if (isBlockRole(role))
            boundary();
    }

    /// Takes elements from the stack down to this one, which goes as well.
    void closeTo(std::size_t index)
    {
        bool endsLine = false;
        for (std::size_t i = index; i < m_stack.size(); ++i)
            endsLine = endsLine || isBlockRole(m_stack[i].role);
        if (m_isInCell && m_row >= index) {
            m_isInCell = false;
            if (m_hasCell && m_writer.isAtBlockStart())
                m_writer.endBlock(m_style); // a row of empty cells is a line as well
        }
        const Element &last = m_stack[index];
        const bool isEmptyItem = last.role == Role::Item && last.block && last.block->isItem()
            && m_writer.isAtBlockStart() && !m_isInCell;
        if (isEmptyItem)
            m_writer.endBlock(last.block);
        if (endsLine)
            boundary();
        m_stack.resize(index);
    }

    QStringView m_html;
    qsizetype m_at = 0;
    std::vector<Element> m_stack;
    FragmentWriter m_writer;
    Fragment::Block m_style; ///< of the line that is being written
    std::size_t m_tooDeep = 0;
    std::size_t m_row = 0;
    bool m_isInCell = false; ///< in a row: its blocks are no lines
    bool m_hasCell = false;
};

} // namespace

Fragment fromHtml(QStringView html)
{
    return Reader(html).read();
}

} // namespace nlbd::ui
