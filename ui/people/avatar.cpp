#include "ui/people/avatar.h"

#include "ui/parts.h"
#include "ui/stamp.h"
#include "ui/words.h"

#include <QAbstractButton>
#include <QBoxLayout>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kDisc = 28;
constexpr int kStep = 34;
constexpr int kPad = 6;
constexpr qreal kRing = 1.5; ///< the second one, and the room inside it
constexpr unsigned kColours = 8;

} // namespace

bool hasSecondRing(const api::Person &person)
{
    return person.member.value >= kColours;
}

bool isDrawnAlike(const api::Person &a, const api::Person &b)
{
    return a.name == b.name && a.device == b.device && a.member == b.member && a.colour == b.colour
        && a.isMe == b.isMe && a.isOnline == b.isOnline && a.isDisputed == b.isDisputed
        && (a.changesBehind == 0) == (b.changesBehind == 0) && a.writingIn == b.writingIn
        && a.standing == b.standing;
}

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

namespace {

void drawAvatar(QPainter &painter, QRectF place, const api::Person &person, const QColor &around)
{
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor own = theme().people[person.colour % 8U];
    const bool isHere = person.isOnline || person.isMe;
    if (hasSecondRing(person)) {
        painter.setPen(QPen(own, kRing));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(place.adjusted(kRing / 2, kRing / 2, -kRing / 2, -kRing / 2));
        place.adjust(2 * kRing, 2 * kRing, -2 * kRing, -2 * kRing);
    }
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
}

} // namespace

void paintAvatar(QPainter &painter, const QRectF &place, const api::Person &person,
                 const QColor &around)
{
    const Theme &now = theme();
    const QString key = QStringLiteral("avatar %1 %2 %3 %4 %5 %6 %7")
                            .arg(initialsOf(QString::fromUtf8(person.name)))
                            .arg(person.isOnline || person.isMe)
                            .arg(hasSecondRing(person))
                            .arg(now.people[person.colour % 8U].name(), around.name(),
                                 now.agreed.name(), now.onPerson.name());
    paintStamp(painter, place, key, [&](QPainter &onStamp) {
        drawAvatar(onStamp, QRectF({}, place.size()), person, around);
    });
}

/// A button of its own making: the focus is a ring around it.
class PaintedButton : public QAbstractButton {
public:
    explicit PaintedButton(QWidget *parent)
        : QAbstractButton(parent)
    {
        setFocusPolicy(Qt::TabFocus);
        setCursor(Qt::PointingHandCursor);
        setFixedSize(kStep, kDisc + 2 * kPad);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        if (hasFocus()) {
            painter.setPen(QPen(theme().accent, 2));
            painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
        }
        paintFace(painter);
    }
    virtual void paintFace(QPainter &painter) = 0;
};

class AvatarRow::Disc : public PaintedButton {
public:
    using PaintedButton::PaintedButton;

    void setPerson(const api::Person &person, std::optional<DocIndex> doc)
    {
        const bool wasAlike = isDrawnAlike(m_person, person);
        m_person = person;
        const QString name = QString::fromUtf8(person.name);
        const QString state = words::personState(person, doc, QDateTime::currentDateTime());
        if (std::exchange(m_state, state) == state && wasAlike)
            return;
        setAccessibleName(AvatarRow::tr("%1. %2").arg(name, state));
        setAccessibleDescription(person.isMe ? AvatarRow::tr("Shows or hides people")
                                             : AvatarRow::tr("Goes to where %1 writes").arg(name));
        setToolTip(plainToolTip(AvatarRow::tr("%1\n%2").arg(name, state)));
        update();
    }
    [[nodiscard]] const api::Person &person() const { return m_person; }

protected:
    void paintFace(QPainter &painter) override
    {
        const QRectF place((width() - kDisc) / 2.0, kPad, kDisc, kDisc);
        paintAvatar(painter, place, m_person, theme().room);
    }

private:
    api::Person m_person;
    QString m_state;
};

/// How many more are here.
class AvatarRow::More : public PaintedButton {
public:
    using PaintedButton::PaintedButton;

    void setNames(const QStringList &names)
    {
        m_count = names.size();
        setVisible(m_count > 0);
        const QString text = AvatarRow::tr("Also here: %1").arg(names.join(AvatarRow::tr(", ")));
        setAccessibleName(text);
        setAccessibleDescription(AvatarRow::tr("Shows or hides people"));
        setToolTip(plainToolTip(text));
        update();
    }

protected:
    void paintFace(QPainter &painter) override
    {
        painter.setPen(theme().muted);
        painter.setFont(uiFont(12, QFont::DemiBold));
        painter.drawText(rect(), Qt::AlignCenter, QStringLiteral("+%1").arg(m_count));
    }

private:
    qsizetype m_count = 0;
};

AvatarRow::AvatarRow(QWidget *parent)
    : QWidget(parent)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    for (int i = 0; i < kShownMax; ++i) {
        auto *disc = new Disc(this);
        disc->hide();
        connect(disc, &QAbstractButton::clicked, this, [this, disc] { tell(*disc); });
        row->addWidget(disc);
        m_discs.push_back(disc);
    }
    m_more = new More(this);
    m_more->hide();
    connect(m_more, &QAbstractButton::clicked, this, &AvatarRow::morePressed);
    row->addWidget(m_more);
}

void AvatarRow::tell(const Disc &disc)
{
    if (disc.person().isMe)
        Q_EMIT morePressed();
    else
        Q_EMIT personPressed(disc.person().device);
}

void AvatarRow::setPeople(const std::vector<api::Person> &people, std::optional<DocIndex> doc)
{
    std::vector<api::Person> here;
    std::copy_if(people.begin(), people.end(), std::back_inserter(here),
                 [](const api::Person &person) { return person.isOnline || person.isMe; });
    QStringList names;
    for (const api::Person &person : here)
        names.append(QString::fromUtf8(person.name));
    setAccessibleName(tr("People here: %1").arg(names.join(tr(", "))));
    for (std::size_t i = 0; i < m_discs.size(); ++i) {
        m_discs[i]->setVisible(i < here.size());
        if (i < here.size())
            m_discs[i]->setPerson(here[i], doc);
    }
    m_more->setNames(names.mid(kShownMax));
}

} // namespace nlbd::ui
