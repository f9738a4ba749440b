#include "ui/links/link_box.h"

#include "ui/links/link_target.h"
#include "ui/parts.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollBar>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kWidth = 460;
constexpr int kGap = 6;

/// What others wrote there is shown as it can be seen.
QString harmless(const QString &target)
{
    return target.size() > kTargetBytesMax ? shownTarget(target) : target;
}

} // namespace

LinkBox::LinkBox(QPlainTextEdit &page)
    : QFrame(&page)
    , m_page(page)
    , m_field(new QLineEdit)
    , m_told(makeLabel({}, "muted"))
    , m_apply(makeButton(tr("Link"), ButtonKind::Primary))
    , m_remove(makeButton(tr("Remove")))
    , m_open(makeButton(tr("Open")))
{
    setProperty("kind", QStringLiteral("card"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Link"));
    m_field->setAccessibleName(tr("Address of the link"));
    m_field->setPlaceholderText(tr("example.org or https://\u2026"));
    m_field->setMaxLength(static_cast<int>(kTargetBytesMax));
    m_told->setTextFormat(Qt::PlainText);
    m_told->setWordWrap(true);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 10);
    column->setSpacing(8);
    auto *row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(m_field, 1);
    for (QPushButton *button : {m_apply, m_remove, m_open}) {
        button->setAutoDefault(false);
        row->addWidget(button);
    }
    column->addLayout(row);
    column->addWidget(m_told);
    connect(m_field, &QLineEdit::returnPressed, this, [this] { Q_EMIT given(m_field->text()); });
    connect(m_apply, &QPushButton::clicked, this, [this] { Q_EMIT given(m_field->text()); });
    connect(m_remove, &QPushButton::clicked, this, &LinkBox::removed);
    connect(m_open, &QPushButton::clicked, this, &LinkBox::wanted);
    connect(page.verticalScrollBar(), &QScrollBar::valueChanged, this, &LinkBox::place);
    page.viewport()->installEventFilter(this);
    hide();
}

void LinkBox::open(qsizetype from, qsizetype to, const QString &target)
{
    m_from = QTextCursor(m_page.document());
    m_from.setPosition(static_cast<int>(from));
    m_to = m_from;
    m_to.setPosition(static_cast<int>(to));
    m_to.setKeepPositionOnInsert(true);
    m_target = target;
    m_field->setText(harmless(target));
    m_remove->setVisible(!target.isEmpty());
    m_open->setVisible(!target.isEmpty());
    tell({}, false);
    show();
    place();
    raise();
    m_field->setFocus(Qt::ShortcutFocusReason);
    m_field->selectAll();
}

void LinkBox::close()
{
    if (isHidden())
        return;
    hide();
    m_page.setFocus();
    Q_EMIT closed();
}

QString LinkBox::told() const
{
    return m_told->text();
}

void LinkBox::tell(const QString &sentence, bool isWarning)
{
    m_told->setText(breakable(sentence));
    setTone(m_told, isWarning ? "refused" : "");
    m_told->setVisible(!sentence.isEmpty());
    setAccessibleDescription(sentence);
    place();
}

/// Below the words, or above them where there is no room; always inside of the page.
void LinkBox::place()
{
    if (isHidden())
        return;
    const int width = std::min(kWidth, std::max(200, m_page.width() - 2 * kGap));
    setFixedWidth(width);
    const int height =
        layout()->hasHeightForWidth() ? layout()->totalHeightForWidth(width) : sizeHint().height();
    const QPoint shift = m_page.viewport()->pos();
    const QRect first = m_page.cursorRect(m_from).translated(shift);
    const QRect last = m_page.cursorRect(m_to).translated(shift);
    const int right = m_page.width() - m_page.verticalScrollBar()->width() - kGap - width;
    const int x = std::clamp(first.left() - kGap, kGap, std::max(kGap, right));
    int y = last.bottom() + kGap;
    if (y + height > m_page.height() - kGap)
        y = first.top() - kGap - height;
    setGeometry(x, std::clamp(y, kGap, std::max(kGap, m_page.height() - height - kGap)), width,
                height);
}

/// No key goes on to the page below, which would type it.
void LinkBox::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    event->accept();
}

bool LinkBox::eventFilter(QObject *, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        place();
    else if (event->type() == QEvent::MouseButtonPress)
        close();
    return false;
}

} // namespace nlbd::ui
