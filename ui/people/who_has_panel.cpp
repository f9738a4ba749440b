#include "ui/people/who_has_panel.h"

#include "ui/parts.h"

#include <QAccessible>
#include <QBoxLayout>
#include <QKeyEvent>
#include <QToolButton>

namespace nlbd::ui {

namespace {

/// A sign and a sentence, which is plain text: it holds names.
QWidget *makeRow(const QString &iconName, Role role, QLabel *sentence)
{
    auto *box = new QWidget;
    auto *row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(10);
    row->addWidget(makeIconLabel(iconName, 16, role), 0, Qt::AlignTop);
    sentence->setTextFormat(Qt::PlainText);
    row->addWidget(sentence, 1);
    return box;
}

} // namespace

WhoHasPanel::WhoHasPanel(QWidget *parent)
    : QFrame(parent)
    , m_words(makeLabel({}, "muted"))
    , m_have(makeSentence({}))
    , m_lack(makeSentence({}))
    , m_cut(makeSentence(tr("Only the beginning of what is selected was looked at."), "muted"))
{
    setObjectName(QStringLiteral("banner"));
    setAttribute(Qt::WA_StyledBackground);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(20, 10, 12, 10);
    auto *column = new QVBoxLayout;
    column->setSpacing(5);
    row->addLayout(column, 1);
    m_words->setTextFormat(Qt::PlainText);
    column->addWidget(m_words);
    column->addWidget(m_haveRow = makeRow(QStringLiteral("agreed"), Role::Agreed, m_have));
    column->addWidget(m_lackRow = makeRow(QStringLiteral("pencil"), Role::Pencil, m_lack));
    column->addWidget(m_cut);
    auto *closer = new QToolButton;
    closer->setIcon(icon(QStringLiteral("close")));
    closer->setIconSize(QSize(16, 16));
    closer->setAccessibleName(tr("Close who has this"));
    closer->setToolTip(tr("Close"));
    closer->setFocusPolicy(Qt::StrongFocus);
    connect(closer, &QToolButton::clicked, this, &WhoHasPanel::shut);
    row->addWidget(closer, 0, Qt::AlignTop);
    setFocusProxy(closer);
    hide();
}

void WhoHasPanel::showAnswer(const words::WhoHas &who, const QString &words, bool isCut)
{
    const QString before = isHidden() ? QString() : text();
    m_words->setText(tr("Who has this? \u201c%1\u201d").arg(words));
    m_have->setText(who.have);
    m_lack->setText(who.lack);
    m_haveRow->setVisible(!who.have.isEmpty());
    m_lackRow->setVisible(!who.lack.isEmpty());
    m_cut->setVisible(isCut);
    show();
    if (before == text())
        return;
    setAccessibleName(text());
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

QString WhoHasPanel::text() const
{
    QStringList parts{m_words->text(), m_have->text(), m_lack->text()};
    if (!m_cut->isHidden())
        parts.append(m_cut->text());
    parts.removeAll(QString());
    return parts.join(QStringLiteral(". "));
}

void WhoHasPanel::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        shut();
    else
        QFrame::keyPressEvent(event);
}

void WhoHasPanel::shut()
{
    hide();
    Q_EMIT closed();
}

} // namespace nlbd::ui
