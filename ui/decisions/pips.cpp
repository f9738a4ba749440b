#include "ui/decisions/pips.h"

#include "ui/parts.h"
#include "ui/words_decisions.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace nlbd::ui {

namespace {

constexpr int kHeight = 16;
constexpr qreal kBar = 8; ///< its height
constexpr qreal kGap = 5;

QRectF placeOf(const QWidget &widget, std::size_t index, std::size_t count)
{
    const qreal gap = count > 16 ? 2 : kGap;
    const auto many = static_cast<qreal>(count);
    const qreal width = (widget.width() - gap * (many - 1)) / many;
    return {static_cast<qreal>(index) * (width + gap), (kHeight - kBar) / 2, width, kBar};
}

} // namespace

Pips::Pips(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize Pips::sizeHint() const
{
    return {120, kHeight};
}

void Pips::setStands(std::vector<Stand> stands)
{
    if (stands == m_stands)
        return;
    m_stands = std::move(stands);
    QStringList all;
    for (const Stand &stand : m_stands)
        all.append(sentenceOf(stand));
    setAccessibleName(all.join(QStringLiteral(". ")));
    update();
}

QString Pips::sentenceOf(const Stand &stand)
{
    using Says = Stand::Says;
    switch (stand.says) {
    case Says::Yes:
        return tr("%1: yes").arg(stand.name);
    case Says::No:
        return tr("%1: no").arg(stand.name);
    case Says::Nothing:
        return tr("%1: has no say in this").arg(stand.name);
    case Says::Open:
        break;
    }
    return (stand.isHere ? tr("%1: not yet") : tr("%1: not yet, can't be reached")).arg(stand.name);
}

QRectF Pips::barOf(std::size_t index) const
{
    return placeOf(*this, index, m_stands.size());
}

void Pips::paintEvent(QPaintEvent *)
{
    using Says = Stand::Says;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    for (std::size_t i = 0; i < m_stands.size(); ++i) {
        const Stand &stand = m_stands[i];
        const QRectF bar = barOf(i).adjusted(0.75, 0.75, -0.75, -0.75);
        const bool isNo = stand.says == Says::No;
        const bool isYes = stand.says == Says::Yes;
        QPen pen(isNo ? theme().refused : isYes ? theme().accent : theme().border, 1.5);
        if (stand.says == Says::Nothing || (stand.says == Says::Open && !stand.isHere))
            pen.setDashPattern({2, 2});
        painter.setPen(pen);
        painter.setBrush(isYes ? QBrush(theme().accent) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2);
        if (isNo) { // a stroke across, for those who see no red
            painter.drawLine(QPointF(bar.center().x() - 5, bar.bottom() + 3),
                             QPointF(bar.center().x() + 5, bar.top() - 3));
        }
    }
}

bool Pips::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    for (std::size_t i = 0; i < m_stands.size(); ++i) {
        const QRectF bar = barOf(i);
        if (help->pos().x() < bar.left() || help->pos().x() > bar.right())
            continue;
        QToolTip::showText(help->globalPos(), plainToolTip(sentenceOf(m_stands[i])), this);
        return true;
    }
    QToolTip::hideText();
    return true;
}

QuorumMeter::QuorumMeter(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize QuorumMeter::sizeHint() const
{
    return {120, kHeight};
}

void QuorumMeter::setVoters(const Voters &voters)
{
    m_heard = voters.heard();
    m_seats = voters.all.size();
    m_quorum = voters.quorum;
    setAccessibleName(words::heard(m_heard, m_seats, m_quorum));
    update();
}

void QuorumMeter::paintEvent(QPaintEvent *)
{
    if (m_seats == 0)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool isEnough = m_heard >= m_quorum;
    const QColor ink = isEnough ? theme().agreed : theme().pencil;
    for (std::size_t i = 0; i < m_seats; ++i) {
        const QRectF bar = placeOf(*this, i, m_seats).adjusted(0.75, 1.75, -0.75, -1.75);
        painter.setPen(QPen(i < m_heard ? ink : theme().border, 1.5));
        painter.setBrush(i < m_heard ? QBrush(ink) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2);
    }
    if (m_quorum == 0 || m_quorum > m_seats)
        return;
    const QRectF last = placeOf(*this, m_quorum - 1, m_seats);
    const qreal at = std::min(last.right() + 1.5, width() - 1.0);
    painter.setPen(QPen(theme().ink, 2));
    painter.drawLine(QPointF(at, 0), QPointF(at, kHeight));
}

} // namespace nlbd::ui
