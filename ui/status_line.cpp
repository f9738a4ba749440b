#include "ui/status_line.h"

#include "ui/parts.h"

#include <QAccessible>
#include <QBoxLayout>
#include <QLocale>
#include <QPainter>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kWide = 900;

struct Look {
    QString icon;
    Role role;
};

/// A label that gives way: its end is cut with an ellipsis when the window is narrow.
class ElidedLabel : public QLabel {
public:
    explicit ElidedLabel(const QString &text)
        : QLabel(text)
    {
        setTextFormat(Qt::PlainText);
        setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    }

    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return {60, QLabel::minimumSizeHint().height()};
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(rect(), Qt::AlignVCenter | Qt::AlignLeft,
                         fontMetrics().elidedText(text(), Qt::ElideRight, width()));
    }
};

Look lookOf(words::StatusPart::Kind kind)
{
    using Kind = words::StatusPart::Kind;
    switch (kind) {
    case Kind::Agreed:
        return {QStringLiteral("agreed"), Role::Agreed};
    case Kind::Pencil:
        return {QStringLiteral("pencil"), Role::Pencil};
    case Kind::Alone:
        return {QStringLiteral("alone"), Role::Muted};
    case Kind::Offline:
        return {QStringLiteral("offline"), Role::Pencil};
    case Kind::Waiting:
        return {QStringLiteral("waiting"), Role::Pencil};
    }
    return {};
}

} // namespace

StatusLine::StatusLine(QWidget *parent)
    : QWidget(parent)
    , m_partsBox(new QWidget)
    , m_parts(new QHBoxLayout(m_partsBox))
    , m_note(new ElidedLabel({}))
    , m_protection(makeLabel({}, "muted"))
    , m_words(makeLabel({}, "muted"))
{
    setObjectName(QStringLiteral("statusLine"));
    setAttribute(Qt::WA_StyledBackground);
    setFixedHeight(30);
    setFocusPolicy(Qt::TabFocus); // a screen reader reads it where the focus is
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(16, 0, 14, 0);
    row->setSpacing(16);
    row->addWidget(m_partsBox);
    row->addWidget(m_note);
    row->addStretch();
    row->addWidget(m_protection);
    row->addWidget(m_words);
    m_parts->setContentsMargins(0, 0, 0, 0);
    m_parts->setSpacing(8);
    m_note->setStyleSheet(QStringLiteral("font-size: 12px; font-weight: 500"));
    m_note->hide();
    for (QLabel *label : {m_protection, m_words}) {
        label->setFont(uiFont(12));
        label->setStyleSheet(QStringLiteral("font-size: 12px"));
    }
    m_protection->hide();
}

void StatusLine::showParts(const std::vector<words::StatusPart> &parts)
{
    QStringList texts;
    for (const words::StatusPart &part : parts)
        texts.append(part.text);
    const QString text = texts.join(QStringLiteral(". "));
    if (text == m_text)
        return;
    m_text = text;
    const bool hasSameParts = std::ranges::equal(parts, m_kinds, {}, &words::StatusPart::kind);
    if (!hasSameParts)
        layParts(parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        m_labels[i]->setText(parts[i].text);
        m_labels[i]->setToolTip(plainToolTip(parts[i].text));
    }
    makeRoom();
    if (!m_note->text().isEmpty())
        return; // told when the answer is gone
    setAccessibleName(text);
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

/// A sign and words for each. They stay as long as they are of the same kinds: numbers change with
/// every key that somebody types.
void StatusLine::layParts(const std::vector<words::StatusPart> &parts)
{
    while (QLayoutItem *item = m_parts->takeAt(0)) {
        if (item->widget())
            item->widget()->deleteLater();
        delete item;
    }
    m_kinds.clear();
    m_labels.clear();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0)
            m_parts->addSpacing(12);
        const Look look = lookOf(parts[i].kind);
        m_parts->addWidget(makeIconLabel(look.icon, 16, look.role));
        const bool isLast = i + 1 == parts.size();
        QLabel *label = isLast ? new ElidedLabel(parts[i].text) : makeLabel(parts[i].text);
        label->setStyleSheet(QStringLiteral("font-size: 12px; font-weight: 500"));
        if (!isLast)
            label->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
        m_parts->addWidget(label);
        m_kinds.push_back(parts[i].kind);
        m_labels.push_back(label);
    }
}

void StatusLine::showNote(const QString &text)
{
    if (text.isEmpty() && m_note->text().isEmpty())
        return;
    m_note->setText(text);
    m_note->setToolTip(text.isEmpty() ? QString() : plainToolTip(text));
    m_note->setVisible(!text.isEmpty());
    m_partsBox->setVisible(text.isEmpty());
    makeRoom();
    setAccessibleName(text.isEmpty() ? m_text : text);
    if (text.isEmpty())
        return;
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

QString StatusLine::note() const
{
    return m_note->text();
}

QString StatusLine::protection() const
{
    return m_protection->text();
}

void StatusLine::showProtection(const QString &text, const QString &more)
{
    m_protection->setText(text);
    m_protection->setToolTip(plainToolTip(more));
    makeRoom();
}

/// Where there is no room for all, who has what matters more.
void StatusLine::makeRoom()
{
    const QMargins margins = layout()->contentsMargins();
    const int taken =
        m_note->text().isEmpty() ? m_parts->minimumSize().width() : m_note->sizeHint().width();
    int needed = margins.left() + margins.right() + taken + 2 * layout()->spacing()
        + m_protection->sizeHint().width();
    if (!m_words->isHidden())
        needed += layout()->spacing() + m_words->sizeHint().width();
    m_protection->setVisible(!m_protection->text().isEmpty() && width() >= kWide
                             && width() >= needed);
}

/// Also once the labels know their fonts.
bool StatusLine::event(QEvent *event)
{
    const bool isTaken = QWidget::event(event);
    if (event->type() == QEvent::LayoutRequest || event->type() == QEvent::Resize)
        makeRoom();
    return isTaken;
}

void StatusLine::showWords(const TextSize &all, const TextSize &selected)
{
    const auto lettersOf = [](qint64 letters) {
        return letters == 1 ? tr("1 letter") : tr("%1 letters").arg(QLocale().toString(letters));
    };
    const bool isPart = selected.letters > 0;
    const QString words = words::count(all.words);
    const QString letters = lettersOf(all.letters);
    m_words->setText(isPart ? tr("%1 of %2").arg(QLocale().toString(selected.words), words)
                            : words);
    m_words->setToolTip(plainToolTip(
        isPart ? tr("%1 selected, of %2").arg(lettersOf(selected.letters), letters) : letters));
    m_words->show();
    makeRoom();
}

QString StatusLine::words() const
{
    return m_words->isHidden() ? QString() : m_words->text();
}

QString StatusLine::lettersTold() const
{
    return m_words->toolTip();
}

void StatusLine::hideWords()
{
    m_words->hide();
    makeRoom();
}

} // namespace nlbd::ui
