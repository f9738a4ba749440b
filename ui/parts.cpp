#include "ui/parts.h"

#include <QBoxLayout>
#include <QEvent>
#include <QFontMetrics>
#include <QFrame>
#include <QStyle>

namespace nlbd::ui {

namespace {

/// Renders an icon again whenever the theme changes.
class IconLabel : public QLabel {
public:
    IconLabel(const QString &name, int size, Role role)
        : m_icon(icon(name, role))
        , m_size(size)
    {
        setFixedSize(size, size);
        render();
    }

protected:
    void changeEvent(QEvent *event) override
    {
        QLabel::changeEvent(event);
        if (event->type() == QEvent::PaletteChange)
            render();
    }

private:
    void render() { setPixmap(m_icon.pixmap(QSize(m_size, m_size), devicePixelRatioF())); }

    QIcon m_icon;
    int m_size;
};

} // namespace

QFrame *makeSeparator()
{
    auto *line = new QFrame;
    line->setObjectName(QStringLiteral("separator"));
    line->setFixedSize(1, 32);
    return line;
}

QPushButton *makeButton(const QString &text, ButtonKind kind)
{
    auto *button = new QPushButton(text);
    button->setAutoDefault(false);
    if (kind == ButtonKind::Primary)
        button->setProperty("kind", QStringLiteral("primary"));
    else if (kind == ButtonKind::Link)
        button->setProperty("kind", QStringLiteral("link"));
    button->setAccessibleName(text);
    return button;
}

QLabel *makeLabel(const QString &text, const char *kind)
{
    auto *label = new QLabel;
    // Names come from others: they are never markup. What is markup says so itself.
    label->setTextFormat(Qt::PlainText);
    label->setText(text);
    if (kind)
        label->setProperty("kind", QString::fromLatin1(kind));
    return label;
}

QLabel *makeSentence(const QString &text, const char *kind)
{
    QLabel *label = makeLabel(text, kind);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setFocusPolicy(Qt::NoFocus);
    return label;
}

QLabel *makeIconLabel(const QString &name, int size, Role role)
{
    return new IconLabel(name, size, role);
}

EmptyState::EmptyState(const QString &iconName, const QString &title, const QString &sentence,
                       const std::vector<Choice> &choices, QWidget *parent)
    : QWidget(parent)
{
    auto *column = new QVBoxLayout(this);
    column->setSpacing(8);
    column->addStretch(2);
    column->addWidget(makeIconLabel(iconName, 48, Role::Faint), 0, Qt::AlignHCenter);
    column->addSpacing(4);
    column->addWidget(makeLabel(title, "title"), 0, Qt::AlignHCenter);
    QLabel *text = makeSentence(sentence, "muted");
    text->setAlignment(Qt::AlignHCenter);
    text->setMaximumWidth(420);
    auto *middle = new QHBoxLayout;
    middle->addStretch(1);
    middle->addWidget(text, 8);
    middle->addStretch(1);
    column->addLayout(middle);
    column->addSpacing(8);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    for (const Choice &choice : choices) {
        QPushButton *button = makeButton(choice.text, choice.kind);
        QObject::connect(button, &QPushButton::clicked, this, choice.use);
        row->addWidget(button);
        if (!focusProxy())
            setFocusProxy(button);
    }
    row->addStretch();
    column->addLayout(row);
    column->addStretch(3);
}

QString onButton(QString text)
{
    return text.replace(QChar(u'&'), QStringLiteral("&&"));
}

QString shortName(const QString &name)
{
    constexpr qsizetype kMost = 32;
    if (name.size() <= kMost)
        return name;
    const qsizetype end = name[kMost - 1].isHighSurrogate() ? kMost - 1 : kMost;
    return name.left(end).trimmed() + QChar(0x2026);
}

QString breakable(const QString &text)
{
    constexpr int kWordWidth = 200; // such a word fits into a card
    static const QChar kBreak(u'\u200B');
    const QFontMetrics metrics(uiFont(14, QFont::DemiBold)); // the widest that a panel has
    QString result;
    qsizetype from = 0; // of the word, or of its part after the last break
    for (qsizetype i = 0; i < text.size(); ++i) {
        const bool isBorder = text[i].isSpace() || text[i] == kBreak;
        const bool goesOn = text[i].isLowSurrogate() || text[i].isMark();
        // Short of eight letters nothing is as wide, and most words are not even measured.
        if (isBorder)
            from = i + 1;
        else if (!goesOn && i - from >= 8
                 && metrics.horizontalAdvance(text.mid(from, i - from + 1)) > kWordWidth) {
            result.append(kBreak);
            from = i;
        }
        result.append(text[i]);
    }
    return result;
}

QString plainToolTip(const QString &text)
{
    return QStringLiteral("<p style='white-space: pre-wrap'>%1</p>").arg(text.toHtmlEscaped());
}

void setTone(QWidget *widget, const char *tone)
{
    widget->setProperty("tone", QString::fromLatin1(tone));
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

} // namespace nlbd::ui
