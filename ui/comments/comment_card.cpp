#include "ui/comments/comment_card.h"

#include "ui/comments/comment_box.h"
#include "ui/parts.h"
#include "ui/words_comments.h"

#include <QApplication>
#include <QBoxLayout>
#include <QKeyEvent>

#include <algorithm>

namespace nlbd::ui {

namespace {

QLabel *makeSmall(const char *kind = nullptr)
{
    QLabel *label = makeSentence({}, kind);
    label->setStyleSheet(QStringLiteral("font-size: 12px"));
    return label;
}

} // namespace

CommentCard::CommentCard(QWidget *parent)
    : QFrame(parent)
    , m_quote(makeSmall("muted"))
    , m_gone(makeSmall("muted"))
    , m_resolved(makeSmall())
    , m_trouble(makeSmall())
    , m_box(new CommentBox(tr("Answer")))
    , m_send(makeButton(tr("Answer"), ButtonKind::Primary))
    , m_cancel(makeButton(tr("Cancel")))
    , m_resolve(makeButton(tr("Resolve"), ButtonKind::Link))
{
    setObjectName(QStringLiteral("comment"));
    setProperty("kind", QStringLiteral("card"));
    setFocusPolicy(Qt::StrongFocus);
    setTone(m_resolved, "agreed");
    setTone(m_trouble, "refused");
    m_gone->setText(tr("The words are gone"));
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(12, 10, 12, 10);
    column->setSpacing(6);
    column->addWidget(m_quote);
    column->addWidget(m_gone);
    m_messages = new QVBoxLayout;
    m_messages->setSpacing(8);
    column->addLayout(m_messages);
    column->addWidget(m_resolved);
    column->addWidget(m_trouble);
    column->addWidget(m_box);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(6);
    buttons->addWidget(m_send);
    buttons->addWidget(m_cancel);
    buttons->addStretch();
    buttons->addWidget(m_resolve);
    column->addLayout(buttons);
    connect(m_box, &CommentBox::sendAsked, this, &CommentCard::send);
    connect(m_box, &CommentBox::leaveAsked, this, [this] {
        if (m_edited)
            stopEditing();
        else
            Q_EMIT leaveAsked();
    });
    connect(m_box, &QPlainTextEdit::textChanged, this, &CommentCard::showParts);
    connect(m_send, &QPushButton::clicked, this, &CommentCard::send);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        if (m_edited)
            stopEditing();
        else
            m_box->clear();
        setFocus();
    });
    connect(m_resolve, &QPushButton::clicked, this,
            [this] { Q_EMIT resolveAsked(!m_thread->isResolved); });
}

std::optional<MemberIndex> CommentCard::me() const
{
    const auto mine = std::ranges::find_if(m_people, &api::Person::isMe);
    return mine == m_people.end() ? std::nullopt : std::optional(mine->member);
}

void CommentCard::setPeople(const words::People &people)
{
    const auto isSame = [](const api::Person &a, const api::Person &b) {
        return a.member == b.member && a.name == b.name && a.isMe == b.isMe;
    };
    const bool differs = !std::ranges::equal(m_people, people, isSame);
    m_people = people;
    m_box->setPeople(people);
    if (differs && m_thread)
        showMessages();
}

void CommentCard::setThread(std::shared_ptr<const api::CommentThread> thread, bool isGone,
                            std::uint16_t seats)
{
    const bool isSame = m_thread == thread && m_isGone == isGone && m_seats == seats;
    m_thread = std::move(thread);
    m_isGone = isGone;
    m_seats = seats;
    if (isSame)
        return;
    const bool isEditedThere = !m_edited
        || std::ranges::find(m_thread->messages, *m_edited, &api::Comment::id)
            != m_thread->messages.end();
    if (!isEditedThere) // what was written of it becomes an answer
        m_edited.reset();
    showMessages();
}

void CommentCard::showMessages()
{
    // A button that goes would hand the focus to whatever comes next.
    const QWidget *focus = QApplication::focusWidget();
    if (focus != nullptr && focus != m_box && isAncestorOf(focus) && focus != m_send
        && focus != m_cancel && focus != m_resolve)
        setFocus();
    while (QLayoutItem *item = m_messages->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    m_quote->setText(breakable(words::quoted(m_thread->quote)));
    for (const api::Comment &comment : m_thread->messages)
        addMessage(comment);
    const QString aloud = words::threadAloud(*m_thread, m_isGone, m_people);
    setAccessibleName(aloud);
    m_resolved->setText(words::resolvedBy(*m_thread, m_people, QDateTime::currentDateTime()));
    m_resolve->setText(m_thread->isResolved ? tr("Reopen") : tr("Resolve"));
    const QString about = words::quoted(m_thread->quote);
    m_resolve->setAccessibleName(QStringLiteral("%1: %2").arg(m_resolve->text(), about));
    m_box->setAccessibleName(tr("Answer about %1").arg(about));
    showParts();
}

void CommentCard::addMessage(const api::Comment &comment)
{
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    const QString name = words::memberName(m_people, comment.id.member);
    auto *head = new QHBoxLayout;
    QLabel *who = makeLabel(shortName(name), "heading");
    who->setStyleSheet(QStringLiteral("font-size: 12px; font-weight: 600"));
    QLabel *moment =
        makeLabel(words::commentMoment(comment, m_seats, QDateTime::currentDateTime()), "muted");
    moment->setStyleSheet(QStringLiteral("font-size: 11px"));
    head->addWidget(who);
    head->addStretch();
    head->addWidget(moment);
    column->addLayout(head);
    QLabel *text = makeSentence(breakable(QString::fromUtf8(comment.words.text)));
    column->addWidget(text);
    if (comment.id.member == me()) {
        auto *row = new QHBoxLayout;
        const auto add = [&](const QString &label, auto use) {
            QPushButton *button = makeButton(label, ButtonKind::Link);
            button->setAccessibleName(
                QStringLiteral("%1: %2").arg(label, QString(text->text()).left(60)));
            button->setStyleSheet(QStringLiteral("font-size: 12px; padding: 0 6px"));
            connect(button, &QPushButton::clicked, this, use);
            row->addWidget(button);
        };
        row->setSpacing(0);
        add(tr("Edit"), [this, comment] { edit(comment); });
        add(tr("Delete"), [this, id = comment.id] { Q_EMIT deleteAsked(id); });
        row->addStretch();
        column->addLayout(row);
    }
    m_messages->addWidget(box);
    box->show(); // at once, not by an event to come
}

void CommentCard::edit(const api::Comment &comment)
{
    if (!m_edited)
        m_answer = m_box->words();
    m_edited = comment.id;
    m_box->setWords(comment.words);
    m_box->setFocus();
    showParts();
}

void CommentCard::stopEditing()
{
    m_edited.reset();
    m_box->setWords(m_answer);
    m_answer = {};
    showParts();
}

void CommentCard::showParts()
{
    const bool hasText = !m_box->isBlank();
    m_gone->setVisible(m_isGone);
    m_resolved->setVisible(!m_resolved->text().isEmpty());
    m_trouble->setVisible(!m_trouble->text().isEmpty());
    m_send->setText(m_edited ? tr("Keep") : tr("Answer"));
    m_send->setAccessibleName(m_send->text());
    m_send->setVisible(hasText || m_edited);
    m_cancel->setVisible(hasText || m_edited);
    m_send->setEnabled(hasText && !m_isSending);
    m_resolve->setEnabled(!m_isSending);
    m_resolve->setVisible(!m_edited);
}

void CommentCard::setCurrent(bool isCurrent)
{
    const char *tone = isCurrent ? "current" : "";
    if (property("tone").toString() != QLatin1String(tone))
        setTone(this, tone);
}

void CommentCard::send()
{
    if (m_box->isBlank() || m_isSending)
        return;
    if (m_edited)
        Q_EMIT editAsked(*m_edited, m_box->send());
    else
        Q_EMIT answerAsked(m_box->send());
}

void CommentCard::setSending(bool isSending)
{
    m_isSending = isSending;
    if (isSending)
        m_trouble->clear();
    showParts();
}

void CommentCard::answered(const QString &sentence)
{
    m_isSending = false;
    m_trouble->setText(sentence);
    if (sentence.isEmpty() && m_edited && !m_box->hasUnsent())
        stopEditing();
    else if (sentence.isEmpty() && !m_edited)
        m_box->dropSent();
    m_box->keepSent();
    showParts();
}

QString CommentCard::text() const
{
    QStringList lines;
    for (const QLabel *label : findChildren<QLabel *>())
        if (label->isVisibleTo(this))
            lines.append(label->text().remove(QChar(u'\u200B')));
    return lines.join(QChar(u'\n'));
}

QList<QPushButton *> CommentCard::buttons() const
{
    QList<QPushButton *> shown = findChildren<QPushButton *>();
    shown.removeIf([this](const QPushButton *button) { return !button->isVisibleTo(this); });
    return shown;
}

void CommentCard::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
        Q_EMIT goToAsked();
    else if (event->key() == Qt::Key_Escape)
        Q_EMIT leaveAsked();
    else
        QFrame::keyPressEvent(event);
}

void CommentCard::mousePressEvent(QMouseEvent *event)
{
    QFrame::mousePressEvent(event);
    Q_EMIT goToAsked();
}

} // namespace nlbd::ui
