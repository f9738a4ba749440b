#include "ui/insert/insert_menu.h"

#include "ui/editor/document_view.h"

#include <QKeyEvent>
#include <QScrollBar>
#include <QTextBlock>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kTypedMax = 40; // units: nothing has a longer name

} // namespace

InsertMenu::InsertMenu(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_list(new InsertList(&page))
{
    page.installEventFilter(this);
    page.viewport()->installEventFilter(this);
    connect(&page, &DocumentView::editedAt, this, &InsertMenu::typed);
    connect(&page, &QPlainTextEdit::cursorPositionChanged, this, &InsertMenu::follow);
    connect(&page, &DocumentView::textTouched, this, &InsertMenu::follow);
    connect(&page, &DocumentView::opened, this, &InsertMenu::close);
    connect(page.verticalScrollBar(), &QScrollBar::valueChanged, this, &InsertMenu::follow);
    connect(m_list, &InsertList::chosen, this, &InsertMenu::use);
    connect(m_list, &InsertList::stepped, this, [this] { Q_EMIT noted(m_list->words()); });
}

void InsertMenu::offer(QChar sign, Choices choices)
{
    m_offers.emplace_back(sign, std::move(choices));
}

/// Only what this person types here: a sign that comes with others' words opens nothing.
void InsertMenu::typed(qsizetype at, const QString &removed, const QString &inserted)
{
    if (inserted.size() != 1 || !removed.isEmpty())
        return;
    const auto offer =
        std::ranges::find(m_offers, inserted[0], &decltype(m_offers)::value_type::first);
    const QTextBlock block = m_page.document()->findBlock(static_cast<int>(at));
    const qsizetype inside = at - block.position();
    const bool isFree = inside == 0 || m_page.textBetween(at - 1, at).at(0).isSpace();
    const Attributes &look = m_page.looks().blockAt(block.position() + block.length() - 1);
    if (offer == m_offers.end() || !isFree || m_page.looks().at(at).contains(kCode)
        || blockStyleOf(look).kind == BlockStyle::Kind::Code)
        return;
    m_all = offer->second();
    m_letter = offer->first;
    m_sign = QTextCursor(m_page.document());
    m_sign.setPosition(static_cast<int>(at));
}

void InsertMenu::open(QChar sign)
{
    const auto offer = std::ranges::find(m_offers, sign, &decltype(m_offers)::value_type::first);
    const int at = m_page.textCursor().position() - 1;
    if (offer == m_offers.end() || at < 0)
        return;
    m_all = offer->second();
    m_letter = offer->first;
    m_sign = QTextCursor(m_page.document());
    m_sign.setPosition(at);
    follow();
}

void InsertMenu::close()
{
    const bool wasOpen = isOpen();
    m_sign = QTextCursor();
    m_list->hide();
    if (wasOpen)
        Q_EMIT noted({});
}

/// What stands between the sign and the caret is looked for.
void InsertMenu::follow()
{
    if (m_sign.isNull())
        return;
    const QTextCursor cursor = m_page.textCursor();
    const int from = m_sign.position();
    const int length = cursor.position() - from - 1;
    const bool isThere = length >= 0 && length <= kTypedMax && !cursor.hasSelection()
        && m_page.document()->characterAt(from) == m_letter
        && m_page.document()->findBlock(from) == cursor.block();
    if (!isThere) {
        close();
        return;
    }
    const QString typed = m_page.textBetween(from + 1, cursor.position());
    if (typed.startsWith(u' ')) { // "and / or"
        close();
        return;
    }
    std::vector<InsertChoice> found;
    for (const std::size_t i : matching(m_all, typed))
        found.push_back(m_all[i]);
    const bool wasOpen = isOpen();
    m_list->show(std::move(found));
    if (isOpen()) {
        m_list->placeAt(m_page.cursorRect(m_sign).translated(m_page.viewport()->pos()));
        Q_EMIT noted(m_list->words());
    } else if (wasOpen) {
        Q_EMIT noted({});
    }
}

void InsertMenu::use()
{
    const InsertChoice *choice = m_list->current();
    if (!choice || m_sign.isNull())
        return;
    const auto put = choice->use; // the list may be filled anew meanwhile
    const int from = m_sign.position();
    const int to = m_page.textCursor().position();
    close();
    put(from, to);
    m_page.setFocus();
}

bool InsertMenu::takeKey(int key)
{
    switch (key) {
    case Qt::Key_Down:
        m_list->step(1);
        return true;
    case Qt::Key_Up:
        m_list->step(-1);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Tab:
        use();
        return true;
    case Qt::Key_Escape:
        close();
        return true;
    default:
        return false;
    }
}

bool InsertMenu::eventFilter(QObject *watched, QEvent *event)
{
    if (m_sign.isNull())
        return false;
    const bool isPress = event->type() == QEvent::MouseButtonPress; // a page that goes has none
    if (isPress && watched == m_page.viewport())
        close();
    if (watched != &m_page)
        return false;
    if (event->type() == QEvent::FocusOut)
        close();
    if (event->type() != QEvent::KeyPress || !isOpen())
        return false;
    auto *key = static_cast<QKeyEvent *>(event);
    const bool isPlain = (key->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
    return isPlain && takeKey(key->key());
}

} // namespace nlbd::ui
