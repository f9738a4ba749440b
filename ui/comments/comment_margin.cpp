#include "ui/comments/comment_margin.h"

#include "ui/editor/document_view.h"
#include "ui/parts.h"
#include "ui/theme.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kWidth = 22;
constexpr int kSignHeight = 20;
constexpr double kTint = 0.13;
constexpr double kCurrentTint = 0.30;

/// A speech bubble in a box of 16 by 15.
QPainterPath bubble(QPointF at)
{
    QPainterPath path;
    path.addRoundedRect(QRectF(at.x(), at.y(), 16, 11), 3, 3);
    QPainterPath tail;
    tail.moveTo(at.x() + 4, at.y() + 10);
    tail.lineTo(at.x() + 4, at.y() + 15);
    tail.lineTo(at.x() + 9, at.y() + 10);
    tail.closeSubpath();
    return path.united(tail);
}

} // namespace

CommentMargin::CommentMargin(DocumentView &page)
    : QWidget(&page)
    , m_page(page)
{
    setAccessibleName(tr("Comments beside the text"));
    setAttribute(Qt::WA_NoSystemBackground);
    page.addLayer(*this);
    page.viewport()->installEventFilter(this);
    lay();
}

void CommentMargin::lay()
{
    const QRect view = m_page.viewport()->geometry();
    setGeometry(view.right() + 3, view.top(), kWidth, view.height());
}

bool CommentMargin::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize || event->type() == QEvent::Move)
        lay();
    return QWidget::eventFilter(watched, event);
}

void CommentMargin::setPlaces(std::vector<Place> places)
{
    m_places = std::move(places);
    m_page.viewport()->update();
}

void CommentMargin::shift(qsizetype at, qsizetype removed, qsizetype inserted)
{
    for (Place &place : m_places) {
        place.from = placeAfter(place.from, at, removed, inserted, Stick::Right);
        place.to = std::max(place.from, placeAfter(place.to, at, removed, inserted, Stick::Left));
    }
}

void CommentMargin::setCurrent(std::optional<api::CommentId> thread)
{
    if (m_current == thread)
        return;
    m_current = thread;
    m_page.viewport()->update();
}

const CommentMargin::Place *CommentMargin::threadAt(qsizetype place) const
{
    const Place *best = nullptr;
    for (const Place &it : m_places) {
        const bool isHere = it.isShown && it.from < it.to && it.from <= place && place <= it.to;
        if (isHere && (best == nullptr || it.to - it.from < best->to - best->from))
            best = &it;
    }
    return best;
}

const CommentMargin::Place *CommentMargin::next(qsizetype place, bool isForward) const
{
    const Place *best = nullptr;
    const Place *round = nullptr;
    for (const Place &it : m_places) {
        if (!it.isShown)
            continue;
        const bool isBeyond = isForward ? it.from > place : it.from < place;
        const Place *&found = isBeyond ? best : round;
        if (found == nullptr || (isForward ? it.from < found->from : it.from >= found->from))
            found = &it;
    }
    return best != nullptr ? best : round;
}

const CommentMargin::Place *CommentMargin::placeOf(api::CommentId thread) const
{
    const auto it = std::ranges::find(m_places, thread, &Place::thread);
    return it == m_places.end() ? nullptr : &*it;
}

/// Of the lines that are on the screen.
void CommentMargin::paintUnder(QPainter &painter, const PagePainter &page) const
{
    m_signs.clear();
    const auto [first, last] = page.shownRange();
    for (const Place &place : m_places) {
        if (!place.isShown || place.from >= place.to || place.from > last || place.to < first)
            continue;
        const bool isCurrent = place.thread == m_current;
        const QColor tint = blend(theme().accent, theme().page, isCurrent ? kCurrentTint : kTint);
        std::optional<qreal> top;
        page.eachPart(place.from, place.to, [&](const PagePainter::Part &part) {
            top = top.value_or(part.rect.top());
            painter.fillRect(part.rect.adjusted(0, 1, 0, -1), tint);
            if (isCurrent)
                painter.fillRect(
                    QRectF(part.rect.left(), part.rect.bottom() - 2, part.rect.width(), 1.5),
                    theme().accent);
        });
        if (!top || place.from < first)
            continue;
        const auto same = std::ranges::find_if(
            m_signs, [&](const Sign &sign) { return std::abs(sign.top - *top) < 1; });
        if (same == m_signs.end())
            m_signs.push_back({*top, place.thread, 1});
        else if (++same->count; isCurrent)
            same->thread = place.thread;
    }
    const_cast<CommentMargin *>(this)->update();
}

void CommentMargin::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(uiFont(9, QFont::DemiBold));
    for (const Sign &sign : m_signs) {
        const bool isCurrent = sign.thread == m_current;
        const QPointF at(2.5, sign.top + 4.5);
        painter.setPen(QPen(theme().accent, 1.3));
        painter.setBrush(isCurrent ? theme().accent : theme().page);
        painter.drawPath(bubble(at));
        if (sign.count > 1) {
            painter.setPen(isCurrent ? theme().onAccent : theme().accent);
            painter.drawText(QRectF(at, QSizeF(16, 11)), Qt::AlignCenter,
                             QString::number(sign.count));
        }
    }
}

const CommentMargin::Sign *CommentMargin::signAt(int y) const
{
    const auto it = std::ranges::find_if(
        m_signs, [y](const Sign &sign) { return y >= sign.top && y < sign.top + kSignHeight; });
    return it == m_signs.end() ? nullptr : &*it;
}

void CommentMargin::mousePressEvent(QMouseEvent *event)
{
    if (const Sign *sign = signAt(event->pos().y()))
        Q_EMIT pressed(sign->thread);
    else
        event->ignore();
}

bool CommentMargin::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const Sign *sign = signAt(help->pos().y());
    const Place *place = sign == nullptr ? nullptr : placeOf(sign->thread);
    QToolTip::showText(help->globalPos(), place ? plainToolTip(place->aloud) : QString(), this);
    return true;
}

} // namespace nlbd::ui
