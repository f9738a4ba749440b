#include "ui/editor/companions.h"

#include "ui/editor/document_view.h"
#include "ui/editor/scroll_marks.h"
#include "ui/theme.h"

#include <QKeyEvent>
#include <QScrollBar>

#include <algorithm>

namespace nlbd::ui {

namespace {

const QString kLayer = QStringLiteral("people");

bool isOnlyModifier(int key)
{
    return key == Qt::Key_Shift || key == Qt::Key_Control || key == Qt::Key_Alt
        || key == Qt::Key_AltGr || key == Qt::Key_Meta || key == Qt::Key_CapsLock;
}

} // namespace

Companions::Companions(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_bar(new ScrollMarks(page))
{
    page.installEventFilter(this);
    page.viewport()->installEventFilter(this);
    page.verticalScrollBar()->installEventFilter(this);
    connect(&page, &DocumentView::caretsTouched, this, &Companions::caretsTouched);
    connect(&page, &DocumentView::opened, this, &Companions::caretsTouched);
    connect(&page, &DocumentView::edited, this, &Companions::stop);
    connect(&page, &DocumentView::textTouched, this, &Companions::keepUp);
}

void Companions::setPeople(const std::vector<api::Person> &people)
{
    m_people = people;
    const api::Person *leader = followed();
    if (m_followed && (!leader || leader->standing == api::Person::Standing::Gone))
        stop();
    else if (leader) {
        const bool isElsewhere = leader->writingIn && leader->writingIn != m_followedTo;
        if (isElsewhere) {
            m_followedTo = leader->writingIn;
            m_seenAt.reset();
            if (m_page.shownDocument() != m_followedTo)
                Q_EMIT documentWanted(*m_followedTo);
        }
        Q_EMIT followedChanged();
    }
    showCarets();
}

const api::Person *Companions::person(std::optional<DeviceIndex> device) const
{
    const auto it = std::ranges::find_if(
        m_people, [&](const api::Person &candidate) { return device == candidate.device; });
    return it == m_people.end() ? nullptr : &*it;
}

const api::Person *Companions::followed() const
{
    return person(m_followed);
}

std::optional<qsizetype> Companions::caretOf(DeviceIndex device) const
{
    const auto &carets = m_page.marks().carets();
    const auto it = std::ranges::find(carets, device, &PageMarks::Caret::device);
    return it == carets.end() ? std::nullopt : std::optional(it->caret);
}

bool Companions::canGoTo(const api::Person &person) const
{
    return !person.isMe && (caretOf(person.device) || (person.isOnline && person.writingIn));
}

void Companions::goTo(DeviceIndex device)
{
    m_goal = device;
    const api::Person *who = person(device);
    if (!caretOf(device) && who && who->writingIn && who->writingIn != m_page.shownDocument())
        Q_EMIT documentWanted(*who->writingIn);
    goThere();
}

/// Also later, when the document has come and with it the caret.
void Companions::goThere()
{
    const std::optional<qsizetype> caret = m_goal ? caretOf(*m_goal) : std::nullopt;
    if (!caret || !m_page.isOpen())
        return;
    m_goal.reset();
    QTextCursor cursor = m_page.textCursor();
    cursor.setPosition(static_cast<int>(*caret));
    m_page.setTextCursor(cursor);
    if (!isPlaceShown(m_page, *caret))
        showPlace(m_page, *caret);
    m_page.setFocus();
}

void Companions::follow(DeviceIndex device)
{
    m_followed = device;
    m_followedTo = m_page.shownDocument();
    m_seenAt.reset();
    const api::Person *who = followed();
    if (who && who->writingIn && who->writingIn != m_page.shownDocument()) {
        m_followedTo = who->writingIn;
        Q_EMIT documentWanted(*who->writingIn);
    }
    keepUp();
    m_page.setFocus();
    Q_EMIT followedChanged();
}

void Companions::stop()
{
    m_goal.reset();
    if (!m_followed)
        return;
    m_followed.reset();
    Q_EMIT followedChanged();
}

void Companions::caretsTouched()
{
    showCarets();
    goThere();
    keepUp();
}

/// The page scrolls when the followed caret leaves the screen, and my own stays where it is.
void Companions::keepUp()
{
    const std::optional<qsizetype> caret = m_followed ? caretOf(*m_followed) : std::nullopt;
    if (!caret || caret == m_seenAt || !m_page.isOpen())
        return;
    m_seenAt = caret;
    if (!isPlaceShown(m_page, *caret))
        showPlace(m_page, *caret);
}

void Companions::showCarets()
{
    std::vector<ScrollMarks::Mark> marks;
    for (const PageMarks::Caret &caret : m_page.marks().carets()) {
        const api::Person *who = person(caret.device);
        if (who)
            marks.push_back({caret.caret, theme().people[who->colour % 8U],
                             tr("%1 is here").arg(QString::fromUtf8(who->name))});
    }
    m_bar->setLayer(kLayer, ScrollMarks::Lane::Right, std::move(marks));
}

bool Companions::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        showCarets(); // in the colours of the theme
    if (!m_followed)
        return false;
    const bool isPage = watched == &m_page;
    if (isPage && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (isOnlyModifier(key))
            return false;
        stop();
        return key == Qt::Key_Escape;
    }
    const bool isScroll = event->type() == QEvent::Wheel
        || (event->type() == QEvent::MouseButtonPress && watched == m_page.verticalScrollBar());
    const bool isAimed = event->type() == QEvent::MouseButtonPress && watched == m_page.viewport();
    if (isScroll || isAimed)
        stop();
    return false;
}

} // namespace nlbd::ui
