#include "ui/links/page_links.h"

#include "ui/editor/document_view.h"
#include "ui/editor/page_change.h"
#include "ui/links/link_box.h"
#include "ui/links/link_target.h"
#include "ui/parts.h"
#include "ui/words_links.h"

#include <QApplication>
#include <QClipboard>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMimeData>
#include <QTextBlock>
#include <QToolTip>
#include <QUrl>

#include <algorithm>
#include <iterator>
#include <utility>

namespace nlbd::ui {

namespace {

AttributeChanges linkTo(const QString &target)
{
    return {{kLink, target.isEmpty() ? std::nullopt : std::optional(target.toStdString())}};
}

QString targetOf(const Attributes &attributes)
{
    const auto found = attributes.find(kLink);
    return found == attributes.end() ? QString() : QString::fromStdString(found->second);
}

/// From where to where the block of a place goes, no further than links are looked for.
std::pair<qsizetype, qsizetype> reachOf(const DocumentView &page, qsizetype unit)
{
    const QTextBlock block = page.document()->findBlock(static_cast<int>(unit));
    const qsizetype begin = block.position();
    return {std::max(begin, unit - PageLinks::kReach),
            std::min(begin + block.length() - 1, unit + PageLinks::kReach)};
}

} // namespace

PageLinks::PageLinks(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_box(new LinkBox(page))
{
    page.installEventFilter(this);
    page.viewport()->installEventFilter(this);
    connect(&page, &DocumentView::editedAt, this,
            [this](qsizetype at, const QString &, const QString &come) { typed(at, come); });
    connect(&page, &DocumentView::looksTouched, this, &PageLinks::caretMoved);
    connect(&page, &DocumentView::opened, m_box, &LinkBox::close);
    connect(&page, &DocumentView::menuAsked, this, &PageLinks::addTo);
    connect(m_box, &LinkBox::given, this, &PageLinks::apply);
    connect(m_box, &LinkBox::removed, this, [this] { apply({}); });
    connect(m_box, &LinkBox::wanted, this, [this] {
        const QString target = m_box->target();
        m_box->close();
        if (const auto url = mayOpen(target))
            Q_EMIT wanted(*url);
        else
            Q_EMIT told(words::isNotOpened(target));
    });
}

PageLinks::~PageLinks() = default;

std::optional<PageLinks::Link> PageLinks::linkAt(qsizetype unit) const
{
    if (unit < 0 || unit >= m_page.looks().units())
        return std::nullopt;
    const QString target = targetOf(m_page.looks().at(unit));
    if (target.isEmpty())
        return std::nullopt;
    const auto [begin, end] = reachOf(m_page, unit);
    const auto runs = m_page.looks().runs(begin, end);
    const auto isSame = [&](const PageLooks::Run &run) {
        return targetOf(*run.attributes) == target;
    };
    const auto here =
        std::ranges::find_if(runs, [unit](const PageLooks::Run &run) { return unit < run.to; });
    if (here == runs.end())
        return std::nullopt; // a line break
    const auto last = std::find_if_not(here, runs.end(), isSame);
    const auto first = std::find_if_not(std::make_reverse_iterator(here), runs.rend(), isSame);
    return Link{first.base()->from, std::prev(last)->to, target};
}

std::optional<PageLinks::Link> PageLinks::linkAtCaret() const
{
    const QTextCursor cursor = m_page.textCursor();
    const qsizetype at = cursor.selectionStart();
    if (auto link = linkAt(at))
        return link;
    return cursor.atBlockStart() || cursor.hasSelection() ? std::nullopt : linkAt(at - 1);
}

QString PageLinks::wordsOf(const Link &link) const
{
    return m_page.textBetween(link.from, link.to);
}

// ---- Made ------------------------------------------------------------------------------------

/// The word before a blank or a line break that was just typed. One undo gives the plain text back.
void PageLinks::typed(qsizetype at, const QString &inserted)
{
    const bool isEnd = inserted == QChar(u' ') || inserted == QChar(u'\n');
    if (!isEnd || at == 0)
        return;
    const qsizetype begin = reachOf(m_page, at - 1).first;
    const QString line = m_page.textBetween(begin, at);
    const std::optional<AddressFound> found = addressBefore(line, line.size());
    const QTextBlock block = m_page.document()->findBlock(static_cast<int>(at) - 1);
    const Attributes &look = m_page.looks().blockAt(block.position() + block.length() - 1);
    if (!found || blockStyleOf(look).kind == BlockStyle::Kind::Code)
        return;
    const auto runs = m_page.looks().runs(begin + found->from, begin + found->to);
    const bool isPlain = std::ranges::none_of(runs, [](const PageLooks::Run &run) {
        return run.attributes->contains(kLink) || run.attributes->contains(kCode);
    });
    if (isPlain)
        m_page.change({begin + found->from, begin + found->to, {}, linkTo(found->target)});
}

bool PageLinks::pasteOver(DocumentView &page, const QMimeData &source)
{
    const QTextCursor cursor = page.textCursor();
    const QString text = source.hasText() ? source.text() : QString();
    if (!cursor.hasSelection() || text.isEmpty() || text.size() > kTargetBytesMax)
        return false;
    const QString selected = page.textBetween(cursor.selectionStart(), cursor.selectionEnd());
    const std::optional<QString> target = targetTyped(text);
    const bool isMeant = target && mayOpen(*target) && target == text.trimmed();
    if (!isMeant || selected.contains(u'\n') || targetTyped(selected)
        || page.blockAtCaret().kind == BlockStyle::Kind::Code)
        return false;
    return page.change({cursor.selectionStart(), cursor.selectionEnd(), {}, linkTo(*target)});
}

void PageLinks::edit()
{
    if (m_page.isReadOnly() || !m_page.isOpen())
        return;
    const QTextCursor cursor = m_page.textCursor();
    const auto link = linkAtCaret();
    if (cursor.hasSelection())
        m_box->open(cursor.selectionStart(), cursor.selectionEnd(),
                    link ? link->target : QString());
    else if (link)
        m_box->open(link->from, link->to, link->target);
    else
        m_box->open(cursor.position(), cursor.position(), {});
    if (link)
        m_box->tell(words::leadsTo(link->target, wordsOf(*link)),
                    pretended(wordsOf(*link), link->target).has_value());
}

/// What the box says is to be: a link, or none.
void PageLinks::apply(const QString &address)
{
    const bool isBlank = address.trimmed().isEmpty();
    const std::optional<QString> target = targetTyped(address);
    if (!target && !isBlank) {
        m_box->tell(words::isNoAddress(), true);
        return;
    }
    PageChange change{m_box->from(), m_box->to(), {}, linkTo(target.value_or(QString()))};
    const bool isNew = change.from == change.to;
    if (isNew)
        change.text = address.trimmed();
    const bool isUnchanged = target == m_box->target();
    m_box->close();
    if (!(isNew && isBlank) && !isUnchanged)
        m_page.change(change);
}

// ---- Followed --------------------------------------------------------------------------------

void PageLinks::open()
{
    if (const auto link = linkAtCaret())
        follow(*link);
}

/// Words that look like another address are told first; pressing Open in the box is one's own will.
void PageLinks::follow(const Link &link)
{
    const std::optional<QUrl> url = mayOpen(link.target);
    if (!url) {
        Q_EMIT told(words::isNotOpened(link.target));
    } else if (pretended(wordsOf(link), link.target)) {
        m_box->open(link.from, link.to, link.target);
        m_box->tell(words::leadsTo(link.target, wordsOf(link)), true);
    } else {
        Q_EMIT noted(words::leadsTo(link.target, wordsOf(link)));
        Q_EMIT wanted(*url);
    }
}

/// Who moves in a link hears where it leads; who types in it has heard it.
void PageLinks::caretMoved()
{
    const auto link = linkAtCaret();
    const bool isTyping = std::exchange(m_revision, m_page.document()->revision()) != m_revision;
    if (link && !isTyping)
        m_noted.reset();
    note(link);
}

void PageLinks::note(const std::optional<Link> &link)
{
    if (link == m_noted)
        return;
    m_noted = link;
    Q_EMIT noted(link ? words::leadsToAndHow(link->target, wordsOf(*link)) : QString());
}

/// The link whose letters are at this place of the viewport.
std::optional<PageLinks::Link> PageLinks::linkUnder(QPoint place) const
{
    const QTextCursor cursor = m_page.cursorForPosition(place);
    const QRect caret = m_page.cursorRect(cursor);
    if (place.y() < caret.top() || place.y() > caret.bottom())
        return std::nullopt;
    const bool isBehind = place.x() >= caret.left();
    const bool isTurned = cursor.block().textDirection() == Qt::RightToLeft;
    const qsizetype unit = cursor.position() - (isBehind == isTurned ? 1 : 0);
    const bool isInBlock = unit >= cursor.block().position()
        && unit < cursor.block().position() + cursor.block().length() - 1;
    return isInBlock ? linkAt(unit) : std::nullopt;
}

bool PageLinks::mouseEvent(QEvent *event)
{
    auto *mouse = static_cast<QMouseEvent *>(event);
    const auto link = linkUnder(mouse->position().toPoint());
    const bool isAimed = link && mouse->modifiers() == Qt::ControlModifier;
    if (event->type() == QEvent::MouseButtonPress) {
        if (!isAimed || mouse->button() != Qt::LeftButton)
            return false;
        follow(*link);
        return true;
    }
    if (mouse->buttons() != Qt::NoButton)
        return false;
    note(link ? link : linkAtCaret());
    if (isAimed)
        m_page.viewport()->setCursor(Qt::PointingHandCursor);
    return isAimed; // the page would take the hand back
}

bool PageLinks::eventFilter(QObject *watched, QEvent *event)
{
    const bool isPage = watched == &m_page;
    if (isPage && event->type() == QEvent::KeyPress) {
        auto *key = static_cast<QKeyEvent *>(event);
        const bool isEnter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (isEnter && key->modifiers() == Qt::ControlModifier && linkAtCaret()) {
            open();
            return true;
        }
    }
    if (isPage)
        return false;
    if (event->type() == QEvent::MouseMove || event->type() == QEvent::MouseButtonPress)
        return mouseEvent(event);
    if (event->type() == QEvent::Leave)
        note(linkAtCaret());
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        const auto link = linkUnder(help->pos());
        if (link)
            QToolTip::showText(help->globalPos(),
                               plainToolTip(words::leadsToAndHow(link->target, wordsOf(*link))),
                               m_page.viewport());
        return link.has_value();
    }
    return false;
}

void PageLinks::addTo(QMenu &menu, qsizetype place)
{
    auto link = linkAt(place);
    if (!link)
        link = linkAtCaret();
    menu.addSeparator();
    if (link) {
        menu.addAction(tr("Open the link"), this, [this, link] { follow(*link); });
        menu.addAction(tr("Copy the address"), this,
                       [link] { QApplication::clipboard()->setText(link->target); });
    }
    if (m_page.isReadOnly())
        return;
    if (!link) {
        menu.addAction(tr("Link\u2026"), this, [this] { edit(); });
        return;
    }
    // Others may write while the menu is open.
    QTextCursor inside(m_page.document());
    inside.setPosition(static_cast<int>(link->from));
    inside.setPosition(static_cast<int>(link->to), QTextCursor::KeepAnchor);
    const auto now = [this, inside, target = link->target]() -> std::optional<Link> {
        const auto found = linkAt(inside.selectionStart());
        return found && found->target == target ? found : std::nullopt;
    };
    menu.addAction(tr("Change the link\u2026"), this, [this, now] {
        const auto found = now();
        if (!found)
            return;
        m_box->open(found->from, found->to, found->target);
        m_box->tell(words::leadsTo(found->target, wordsOf(*found)), false);
    });
    menu.addAction(tr("Remove the link"), this, [this, now] {
        if (const auto found = now())
            m_page.change({found->from, found->to, {}, linkTo({})});
    });
}

} // namespace nlbd::ui
