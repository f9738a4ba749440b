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
constexpr std::size_t kInRow = 24;       ///< more would be too narrow to be told apart
constexpr std::size_t kBarsInMeter = 32; ///< more are one bar that fills

int rowsOf(std::size_t count)
{
    return static_cast<int>(std::max<std::size_t>(1, (count + kInRow - 1) / kInRow));
}

/// In rows of one width, from left to right.
QRectF placeOf(const QWidget &widget, std::size_t index, std::size_t count, std::size_t inRow)
{
    const std::size_t columns = std::max<std::size_t>(1, std::min(count, inRow));
    const qreal gap = columns > 16 ? 2 : kGap;
    const auto many = static_cast<qreal>(columns);
    const qreal width = (widget.width() - gap * (many - 1)) / many;
    const auto column = static_cast<qreal>(index % columns);
    const auto row = static_cast<qreal>(index / columns);
    return {column * (width + gap), row * kHeight + (kHeight - kBar) / 2, width, kBar};
}

} // namespace

Pips::Pips(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize Pips::sizeHint() const
{
    return {120, rowsOf(m_stands.size()) * kHeight};
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
    updateGeometry();
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
    return placeOf(*this, index, m_stands.size(), kInRow);
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
        if (!bar.adjusted(0, -4, 0, 4).contains(help->pos()))
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
    const bool isOneBar = m_seats > kBarsInMeter;
    const auto paintBar = [&](QRectF bar, bool isFilled) {
        bar.adjust(0.75, 1.75, -0.75, -1.75);
        painter.setPen(QPen(isFilled ? ink : theme().border, 1.5));
        painter.setBrush(isFilled ? QBrush(ink) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2);
    };
    const auto share = [this](std::size_t count) {
        return width() * static_cast<qreal>(count) / static_cast<qreal>(m_seats);
    };
    if (isOneBar) {
        const QRectF whole = placeOf(*this, 0, 1, 1);
        paintBar(whole, false);
        if (m_heard > 0)
            paintBar(QRectF(whole.left(), whole.top(), share(m_heard), whole.height()), true);
    }
    for (std::size_t i = 0; i < m_seats && !isOneBar; ++i)
        paintBar(placeOf(*this, i, m_seats, m_seats), i < m_heard);
    if (m_quorum == 0 || m_quorum > m_seats)
        return;
    const qreal end =
        isOneBar ? share(m_quorum) : placeOf(*this, m_quorum - 1, m_seats, m_seats).right() + 1.5;
    const qreal at = std::min(end, width() - 1.0);
    painter.setPen(QPen(theme().ink, 2));
    painter.drawLine(QPointF(at, 0), QPointF(at, kHeight));
}

} // namespace nlbd::ui
