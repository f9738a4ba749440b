#include "ui/people/avatar.h"

#include "ui/parts.h"

#include <QPainter>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kDisc = 28;
constexpr int kStep = 34;
constexpr int kPad = 6;

} // namespace

QString initialsOf(const QString &name)
{
    const QStringList parts = name.split(QChar(u' '), Qt::SkipEmptyParts);
    const auto first = [](const QString &part) {
        return part.at(0).isHighSurrogate() && part.size() > 1 ? part.left(2) : part.left(1);
    };
    if (parts.isEmpty())
        return QStringLiteral("?");
    const QString last = parts.size() > 1 ? first(parts.back()) : QString();
    return (first(parts.front()) + last).toUpper();
}

void paintAvatar(QPainter &painter, QRectF place, const api::Person &person, const QColor &around)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor own = theme().people[person.colour % 8U];
    const bool isHere = person.isOnline || person.isMe;
    if (isHere) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(own);
        painter.drawEllipse(place);
    } else {
        QPen pen(own, 1.75, Qt::CustomDashLine, Qt::FlatCap);
        pen.setDashPattern({2.6, 1.7});
        painter.setPen(pen);
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(place.adjusted(1, 1, -1, -1));
    }
    const int pixels = static_cast<int>(place.width() * 0.40);
    painter.setFont(uiFont(pixels, QFont::DemiBold));
    painter.setPen(isHere ? theme().onPerson : own);
    painter.drawText(place, Qt::AlignCenter, initialsOf(QString::fromUtf8(person.name)));
    if (isHere) {
        const QPointF dot(place.right() - 3.5, place.bottom() - 3.5);
        painter.setPen(QPen(around, 2));
        painter.setBrush(theme().agreed);
        painter.drawEllipse(dot, 5, 5);
    }
    painter.restore();
}

AvatarRow::AvatarRow(QWidget *parent)
    : QAbstractButton(parent)
{
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setAccessibleName(tr("People"));
}

void AvatarRow::setPeople(const std::vector<api::Person> &people)
{
    m_here.clear();
    std::copy_if(people.begin(), people.end(), std::back_inserter(m_here),
                 [](const api::Person &person) { return person.isOnline || person.isMe; });
    QStringList names;
    for (const api::Person &person : m_here)
        names.append(QString::fromUtf8(person.name));
    const QString text = tr("People here: %1").arg(names.join(tr(", ")));
    setAccessibleName(text);
    setToolTip(plainToolTip(text));
    updateGeometry();
    update();
}

int AvatarRow::shown() const
{
    return std::min(static_cast<int>(m_here.size()), kShownMax);
}

QSize AvatarRow::sizeHint() const
{
    const int more = static_cast<int>(m_here.size()) > kShownMax ? 26 : 0;
    return {shown() * kStep - (kStep - kDisc) + more + 2 * kPad, kDisc + 2 * kPad};
}

void AvatarRow::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (hasFocus()) {
        painter.setPen(QPen(theme().accent, 2));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
    }
    for (int i = 0; i < shown(); ++i)
        paintAvatar(painter, QRectF(kPad + i * kStep, kPad, kDisc, kDisc),
                    m_here[static_cast<std::size_t>(i)], theme().room);
    const int more = static_cast<int>(m_here.size()) - shown();
    if (more > 0) {
        painter.setPen(theme().muted);
        painter.setFont(uiFont(12, QFont::DemiBold));
        painter.drawText(QRectF(width() - 28 - kPad, 0, 28, height()), Qt::AlignCenter,
                         QStringLiteral("+%1").arg(more));
    }
}

} // namespace nlbd::ui
