#include "ui/decisions/knock_card.h"

#include "ui/parts.h"

#include <QBoxLayout>

namespace nlbd::ui {

KnockCard::KnockCard(const api::JoinRequest &request, QWidget *parent)
    : QFrame(parent)
    , m_request(request)
    , m_body(new QWidget)
    , m_trouble(makeSentence({}))
    , m_write(makeButton(tr("Propose to let them in"), ButtonKind::Primary))
    , m_read(makeButton(tr("To read only")))
    , m_later(makeButton({}, ButtonKind::Link))
{
    setProperty("kind", QStringLiteral("card"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 12);
    column->setSpacing(6);
    column->addWidget(makeSentence(breakable(tr("%1 asks to come in").arg(name())), "heading"));
    auto *body = new QVBoxLayout(m_body);
    body->setContentsMargins(0, 0, 0, 0);
    body->setSpacing(6);
    QLabel *words = makeSentence(QString::fromUtf8(request.words));
    words->setStyleSheet(QStringLiteral("font-weight: 600"));
    words->setAccessibleName(tr("Four words: %1").arg(words->text()));
    body->addWidget(words);
    QLabel *check = makeSentence(
        tr("Are these the four words on that screen too? Ask in person or by voice. The members "
           "decide, not you alone."),
        "muted");
    body->addWidget(check);
    setTone(m_trouble, "refused");
    for (QLabel *label : {check, m_trouble})
        label->setStyleSheet(QStringLiteral("font-size: 12px"));
    m_trouble->hide();
    body->addWidget(m_trouble);
    body->addWidget(m_write, 0, Qt::AlignLeft);
    body->addWidget(m_read, 0, Qt::AlignLeft);
    column->addWidget(m_body);
    column->addWidget(m_later, 0, Qt::AlignLeft);
    for (QPushButton *button : {m_write, m_read})
        button->setAccessibleName(QStringLiteral("%1: %2").arg(button->text(), name()));
    setAside(false);
    connect(m_write, &QPushButton::clicked, this, [this] { Q_EMIT letInAsked(false); });
    connect(m_read, &QPushButton::clicked, this, [this] { Q_EMIT letInAsked(true); });
    connect(m_later, &QPushButton::clicked, this, [this] { Q_EMIT asideAsked(!m_isAside); });
}

QString KnockCard::name() const
{
    return QString::fromUtf8(m_request.name).simplified();
}

void KnockCard::setAside(bool isAside)
{
    m_isAside = isAside;
    m_body->setVisible(!isAside);
    m_later->setText(isAside ? tr("Show") : tr("Decide later"));
    m_later->setAccessibleName(QStringLiteral("%1: %2").arg(m_later->text(), name()));
}

void KnockCard::setSending(bool isSending)
{
    m_write->setEnabled(!isSending);
    m_read->setEnabled(!isSending);
}

void KnockCard::tell(const QString &sentence)
{
    m_trouble->setText(sentence);
    m_trouble->setVisible(!sentence.isEmpty());
    setSending(false);
}

api::Wish KnockCard::wish(bool isReader) const
{
    api::Wish wish;
    wish.kind = api::Wish::Kind::Admit;
    wish.identity = m_request.identity;
    wish.key = m_request.device;
    wish.certificate = m_request.certificate;
    wish.name = m_request.name;
    wish.isReader = isReader;
    return wish;
}

} // namespace nlbd::ui
