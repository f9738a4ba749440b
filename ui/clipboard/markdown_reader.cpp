#include "ui/clipboard/markdown_reader.h"

#include "ui/clipboard/html_entities.h"

#include <md4c.h>

#include <algorithm>
#include <climits>
#include <utility>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;

/// Takes what md4c reads, part by part.
class Reader {
public:
    void enter(MD_BLOCKTYPE type, void *detail)
    {
        switch (type) {
        case MD_BLOCK_QUOTE:
            ++m_quotes;
            break;
        case MD_BLOCK_UL:
        case MD_BLOCK_OL:
            endLine();
            m_isFreshItem = false; // what is nested in an item without words stands alone
            m_lists.push_back(type == MD_BLOCK_UL ? Kind::Bullet : Kind::Number);
            break;
        case MD_BLOCK_LI:
            enterItem(*static_cast<MD_BLOCK_LI_DETAIL *>(detail));
            break;
        case MD_BLOCK_HR:
            m_writer.endBlock(BlockStyle{Kind::Divider});
            break;
        case MD_BLOCK_H: {
            const unsigned level = static_cast<MD_BLOCK_H_DETAIL *>(detail)->level;
            m_own = level == 1 ? Kind::Heading1 : level == 2 ? Kind::Heading2 : Kind::Heading3;
            break;
        }
        case MD_BLOCK_CODE:
            m_own = Kind::Code;
            break;
        case MD_BLOCK_TR:
            m_hasCell = false;
            break;
        case MD_BLOCK_TH:
        case MD_BLOCK_TD:
            if (std::exchange(m_hasCell, true))
                add(u"\t");
            break;
        default:
            break;
        }
    }

    void leave(MD_BLOCKTYPE type)
    {
        switch (type) {
        case MD_BLOCK_QUOTE:
            --m_quotes;
            break;
        case MD_BLOCK_UL:
        case MD_BLOCK_OL:
            m_lists.pop_back();
            m_isFreshItem = false;
            break;
        case MD_BLOCK_LI:
            if (m_isFreshItem && m_writer.isAtBlockStart())
                m_writer.endBlock(style());
            endLine();
            m_isFreshItem = false;
            break;
        case MD_BLOCK_TR:
            if (m_hasCell && m_writer.isAtBlockStart())
                m_writer.endBlock(BlockStyle());
            endLine();
            break;
        case MD_BLOCK_H:
        case MD_BLOCK_CODE:
        case MD_BLOCK_P:
            endLine();
            m_own.reset();
            break;
        default:
            break;
        }
    }

    void span(MD_SPANTYPE type, void *detail, int by)
    {
        switch (type) {
        case MD_SPAN_STRONG:
            count(kBold, m_bold, by);
            break;
        case MD_SPAN_EM:
            count(kItalic, m_italic, by);
            break;
        case MD_SPAN_DEL:
            count(kStrike, m_strike, by);
            break;
        case MD_SPAN_CODE:
            count(kCode, m_code, by);
            break;
        case MD_SPAN_A:
            m_marks.erase(kLink);
            if (by > 0)
                link(static_cast<MD_SPAN_A_DETAIL *>(detail)->href);
            break;
        default:
            break;
        }
    }

    void text(MD_TEXTTYPE type, QStringView letters)
    {
        switch (type) {
        case MD_TEXT_NULLCHAR:
            add(u"\uFFFD");
            break;
        case MD_TEXT_BR:
            if (m_hasCell)
                add(u" ");
            else
                m_writer.endBlock(lineStyle());
            break;
        case MD_TEXT_SOFTBR:
            add(u" ");
            break;
        case MD_TEXT_ENTITY:
            add(htmlReference(letters).letters);
            break;
        default:
            lines(letters);
        }
    }

    [[nodiscard]] Fragment take() { return m_writer.take(m_line); }

private:
    void enterItem(const MD_BLOCK_LI_DETAIL &detail)
    {
        m_item = BlockStyle{m_lists.empty() ? Kind::Bullet : m_lists.back(), depth()};
        if (detail.is_task != 0) {
            m_item.kind = Kind::Task;
            m_item.isDone = detail.task_mark == 'x' || detail.task_mark == 'X';
        }
        m_isFreshItem = true;
    }

    [[nodiscard]] int depth() const
    {
        return std::clamp(static_cast<int>(m_lists.size()) - 1, 0, BlockStyle::kIndentMax);
    }

    /// Of the block whose first letter comes now.
    [[nodiscard]] BlockStyle style() const
    {
        if (m_own)
            return {*m_own};
        if (m_isFreshItem)
            return m_item;
        return m_quotes > 0 ? BlockStyle{Kind::Quote} : BlockStyle();
    }

    /// Of the line that is being written.
    BlockStyle lineStyle()
    {
        if (m_writer.isAtBlockStart())
            beginLine();
        return m_line;
    }

    void beginLine()
    {
        m_line = style();
        m_isFreshItem = false;
    }

    void add(QStringView letters)
    {
        if (m_writer.isAtBlockStart())
            beginLine();
        static const Attributes plain;
        m_writer.add(letters, m_own == Kind::Code ? plain : m_marks);
    }

    void lines(QStringView letters)
    {
        if (m_own != Kind::Code) {
            add(letters);
            return;
        }
        for (qsizetype at = 0; at < letters.size();) {
            const qsizetype found = letters.indexOf(u'\n', at);
            const qsizetype end = found < 0 ? letters.size() : found;
            if (end > at)
                add(letters.sliced(at, end - at));
            if (found >= 0)
                m_writer.endBlock(lineStyle());
            at = end + 1;
        }
    }

    void endLine()
    {
        if (!m_writer.isAtBlockStart())
            m_writer.endBlock(m_line);
    }

    void count(const char *key, int &depth, int by)
    {
        depth += by;
        if (depth > 0)
            m_marks.insert_or_assign(key, std::string("1"));
        else
            m_marks.erase(key);
    }

    void link(const MD_ATTRIBUTE &href)
    {
        const QString address =
            withoutReferences(QString::fromUtf8(href.text, static_cast<qsizetype>(href.size)));
        if (isLinkThatTravels(address))
            m_marks.insert_or_assign(kLink, address.toStdString());
    }

    FragmentWriter m_writer;
    Attributes m_marks;
    std::vector<Kind> m_lists;
    std::optional<Kind> m_own; ///< of a heading or code
    BlockStyle m_item;
    BlockStyle m_line;
    bool m_isFreshItem = false; ///< its first line is still to come
    bool m_hasCell = false;
    int m_quotes = 0;
    int m_bold = 0;
    int m_italic = 0;
    int m_strike = 0;
    int m_code = 0;
};

Reader &readerOf(void *user)
{
    return *static_cast<Reader *>(user);
}

} // namespace

std::optional<Fragment> fromMarkdown(const QString &markdown)
{
    MD_PARSER parser{};
    parser.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOHTML
        | MD_FLAG_PERMISSIVEURLAUTOLINKS;
    parser.enter_block = [](MD_BLOCKTYPE type, void *detail, void *user) {
        readerOf(user).enter(type, detail);
        return 0;
    };
    parser.leave_block = [](MD_BLOCKTYPE type, void *, void *user) {
        readerOf(user).leave(type);
        return 0;
    };
    parser.enter_span = [](MD_SPANTYPE type, void *detail, void *user) {
        readerOf(user).span(type, detail, 1);
        return 0;
    };
    parser.leave_span = [](MD_SPANTYPE type, void *detail, void *user) {
        readerOf(user).span(type, detail, -1);
        return 0;
    };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user) {
        readerOf(user).text(type, QString::fromUtf8(text, static_cast<qsizetype>(size)));
        return 0;
    };
    const QByteArray bytes = plainFragment(markdown).text.toUtf8();
    if (bytes.size() > INT_MAX)
        return std::nullopt;
    Reader reader;
    if (md_parse(bytes.constData(), static_cast<MD_SIZE>(bytes.size()), &parser, &reader) != 0)
        return std::nullopt;
    return reader.take();
}

} // namespace nlbd::ui
