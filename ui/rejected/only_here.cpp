#include "ui/rejected/only_here.h"

#include "ui/parts.h"
#include "ui/workspace_bridge.h"

#include <QBoxLayout>
#include <QClipboard>
#include <QGuiApplication>
#include <QLocale>
#include <QPainter>
#include <QToolButton>

namespace nlbd::ui {

namespace {

constexpr qsizetype kShownUnits = 300; ///< three lines; all of it is copied
constexpr int kBarWidth = 4;

QString shortened(const QString &text)
{
    QString shown = text.left(kShownUnits).simplified();
    if (text.size() <= kShownUnits)
        return shown;
    if (!shown.isEmpty() && shown.back().isHighSurrogate())
        shown.chop(1);
    return shown + QChar(0x2026);
}

} // namespace

OnlyHere::OnlyHere(WorkspaceBridge &bridge, QWidget *parent)
    : QFrame(parent)
    , m_bridge(bridge)
    , m_title(makeLabel(tr("Only on this computer"), "heading"))
    , m_sentence(makeSentence({}, "muted"))
    , m_words(makeSentence({}))
    , m_copy(makeButton(tr("Copy")))
    , m_put(makeButton(tr("Put back")))
    , m_look(makeButton(tr("Look at all"), ButtonKind::Link))
{
    setObjectName(QStringLiteral("onlyHere"));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(28, 14, 20, 14);
    auto *column = new QVBoxLayout;
    column->setSpacing(4);
    row->addLayout(column, 1);
    for (QLabel *label : {m_title, m_sentence, m_words}) {
        label->setTextFormat(Qt::PlainText);
        column->addWidget(label);
    }
    m_words->setFont(pageFont(16));
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    for (QPushButton *button : {m_copy, m_put, m_look})
        buttons->addWidget(button);
    buttons->addStretch();
    column->addLayout(buttons);
    auto *closer = new QToolButton;
    closer->setIcon(icon(QStringLiteral("close")));
    closer->setIconSize(QSize(16, 16));
    closer->setAccessibleName(tr("Close: the words stay in the list of rejected work"));
    closer->setToolTip(closer->accessibleName());
    closer->setFocusPolicy(Qt::StrongFocus);
    row->addWidget(closer, 0, Qt::AlignTop);
    setFocusProxy(m_copy);
    connect(closer, &QToolButton::clicked, this, [this] { Q_EMIT done(m_part); });
    connect(m_copy, &QPushButton::clicked, this, &OnlyHere::copy);
    connect(m_put, &QPushButton::clicked, this, &OnlyHere::putBack);
    connect(m_look, &QPushButton::clicked, this, &OnlyHere::lookAsked);
    connect(&bridge, &WorkspaceBridge::rejectedRead, this, &OnlyHere::read);
    connect(&bridge, &WorkspaceBridge::wordsPutBack, this, &OnlyHere::wasPutBack);
    hide();
}

void OnlyHere::showParts(const std::vector<words::RejectedPart> &parts, const QString &why,
                         bool mayWrite)
{
    setVisible(!parts.empty());
    if (parts.empty()) {
        m_part = {};
        return;
    }
    m_put->setVisible(mayWrite);
    m_look->setVisible(parts.size() > 1);
    m_why = why;
    if (m_part == parts.front())
        return;
    m_part = parts.front();
    m_all.clear();
    m_words->setText(shortened(QString::fromUtf8(m_part.text)));
    m_sentence->setText(tr("It could not be shared. A decision left it out. %1").arg(why));
    m_copy->setEnabled(false);
    m_put->setEnabled(false);
    m_reading = m_bridge.nextRequest();
    m_bridge.submit(api::ReadRejected{m_reading, m_part.changes});
}

void OnlyHere::read(const api::RejectedRead &event)
{
    if (event.request != m_reading)
        return;
    m_all = QString::fromUtf8(event.text);
    const bool hasWords = !m_all.isEmpty();
    m_copy->setEnabled(hasWords);
    m_put->setEnabled(hasWords);
    if (!hasWords)
        return;
    const qsizetype lines = m_all.trimmed().count(u'\n') + 1;
    m_words->setText(shortened(m_all));
    m_sentence->setText(
        lines == 1 ? tr("1 line could not be shared. A decision left it out. %1").arg(m_why)
                   : tr("%1 lines could not be shared. A decision left them out. %2")
                         .arg(QLocale().toString(lines), m_why));
    setAccessibleName(tr("%1. %2").arg(m_title->text(), m_sentence->text()));
}

void OnlyHere::copy()
{
    QGuiApplication::clipboard()->setText(m_all);
}

void OnlyHere::putBack()
{
    if (m_putting != 0)
        return;
    m_putting = m_bridge.nextRequest();
    m_put->setEnabled(false);
    m_bridge.submit(api::PutBack{m_putting, m_part.changes});
}

void OnlyHere::wasPutBack(const api::WordsPutBack &event)
{
    if (event.request != m_putting)
        return;
    m_putting = 0;
    m_put->setEnabled(true);
    if (event.isDone)
        Q_EMIT done(m_part);
    else
        m_sentence->setText(tr("They could not be written now. Nothing was changed; copy them to "
                               "keep them."));
}

/// A dashed box with a bar: colour is not the only sign.
void OnlyHere::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box = QRectF(rect()).adjusted(10.5, 6.5, -10.5, -6.5);
    QPen pen(theme().refused, 1.5, Qt::CustomDashLine);
    pen.setDashPattern({4, 3});
    painter.setPen(pen);
    painter.setBrush(theme().page);
    painter.drawRect(box);
    painter.fillRect(QRectF(box.left(), box.top(), kBarWidth, box.height()), theme().refused);
}

} // namespace nlbd::ui
