#include "ui/comments/comments_panel.h"

#include "ui/comments/comment_box.h"
#include "ui/comments/comment_card.h"
#include "ui/panel_parts.h"
#include "ui/parts.h"
#include "ui/words_comments.h"

#include <QApplication>
#include <QBoxLayout>
#include <QScrollArea>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr std::size_t kDraftsMax = 200;

} // namespace

CommentsPanel::CommentsPanel(QWidget *parent)
    : QWidget(parent)
{
    makeParts();
    showParts();
}

void CommentsPanel::makeParts()
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(9, 6, 8, 4);
    column->setSpacing(6);
    const PanelHead head = addPanelHead(column, tr("Comments"));
    m_badge = head.badge;
    m_resolved = makeButton(tr("Show resolved"), ButtonKind::Link);
    m_resolved->setCheckable(true);
    m_resolved->setStyleSheet(QStringLiteral("font-size: 12px; padding: 0 6px"));
    connect(m_resolved, &QPushButton::toggled, this, [this](bool isShown) {
        m_showsResolved = isShown;
        showParts();
        Q_EMIT shownChanged();
    });
    head.row->insertWidget(head.row->indexOf(m_badge), m_resolved);
    makeBeginning(column);
    m_empty = makeSentence({}, "muted");
    m_empty->setContentsMargins(8, 0, 8, 4);
    column->addWidget(m_empty);
    auto *content = new QWidget;
    m_cardBox = new QVBoxLayout(content);
    m_cardBox->setContentsMargins(2, 2, 6, 2);
    m_cardBox->setSpacing(8);
    m_cardBox->addStretch();
    m_area = addPanelArea(column, content, tr("Comments"));
    setFocusProxy(m_area);
}

void CommentsPanel::makeBeginning(QBoxLayout *column)
{
    m_beginning = new QFrame;
    m_beginning->setProperty("kind", QStringLiteral("card"));
    auto *inner = new QVBoxLayout(m_beginning);
    inner->setContentsMargins(12, 10, 12, 10);
    m_quote = makeSentence({}, "muted");
    m_box = new CommentBox(tr("New comment"));
    m_trouble = makeSentence({});
    setTone(m_trouble, "refused");
    inner->addWidget(m_quote);
    inner->addWidget(m_box);
    inner->addWidget(m_trouble);
    auto *row = new QHBoxLayout;
    m_send = makeButton(tr("Comment"), ButtonKind::Primary);
    QPushButton *cancel = makeButton(tr("Cancel"));
    row->addWidget(m_send);
    row->addWidget(cancel);
    row->addStretch();
    inner->addLayout(row);
    column->addWidget(m_beginning);
    m_beginning->hide();
    const auto send = [this] {
        if (!m_box->isBlank() && m_send->isEnabled())
            Q_EMIT beginAsked(m_box->send());
    };
    const auto drop = [this] {
        m_box->clear();
        m_beginning->hide();
        showParts();
        Q_EMIT beginDropped();
        Q_EMIT leaveAsked();
    };
    connect(m_send, &QPushButton::clicked, this, send);
    connect(m_box, &CommentBox::sendAsked, this, send);
    connect(cancel, &QPushButton::clicked, this, drop);
    // What was written stays there until it is sent or dropped.
    connect(m_box, &CommentBox::leaveAsked, this, [this, drop] {
        if (m_box->isBlank())
            drop();
        else
            Q_EMIT leaveAsked();
    });
}

void CommentsPanel::setPeople(const words::People &people)
{
    m_people = people;
    m_box->setPeople(people);
    for (const auto &[thread, card] : m_cards)
        card->setPeople(people);
}

CommentCard *CommentsPanel::makeCard(api::CommentId thread)
{
    auto *card = new CommentCard;
    card->setPeople(m_people);
    connect(card, &CommentCard::goToAsked, this, [this, thread] { Q_EMIT goToAsked(thread); });
    connect(card, &CommentCard::leaveAsked, this, &CommentsPanel::leaveAsked);
    connect(card, &CommentCard::answerAsked, this,
            [this, thread](const api::CommentWords &words) { Q_EMIT answerAsked(thread, words); });
    connect(card, &CommentCard::editAsked, this,
            [this, thread](api::CommentId message, const api::CommentWords &words) {
                Q_EMIT editAsked(thread, message, words);
            });
    connect(card, &CommentCard::deleteAsked, this,
            [this, thread](api::CommentId message) { Q_EMIT deleteAsked(thread, message); });
    connect(card, &CommentCard::resolveAsked, this,
            [this, thread](bool isResolved) { Q_EMIT resolveAsked(thread, isResolved); });
    return card;
}

/// What was being written in a card that goes waits for its thread.
void CommentsPanel::dropCards(DocIndex doc, const std::vector<api::PlacedThread> &threads)
{
    std::erase_if(m_cards, [&](const auto &entry) {
        const bool stays = doc == m_doc && std::ranges::any_of(threads, [&](const auto &placed) {
                               return placed.thread->id == entry.first;
                           });
        if (stays)
            return false;
        CommentCard *card = entry.second;
        if (card->box().hasUnsent() && m_doc && m_drafts.size() < kDraftsMax)
            m_drafts[{*m_doc, entry.first}] = card->box().words();
        if (card->isAncestorOf(QApplication::focusWidget()) || card->hasFocus())
            m_area->setFocus();
        card->hide();
        card->deleteLater();
        return true;
    });
}

void CommentsPanel::setThreads(DocIndex doc, const std::vector<api::PlacedThread> &threads,
                               std::uint16_t seats, bool isCut)
{
    dropCards(doc, threads);
    m_doc = doc;
    m_isCut = isCut;
    QWidget *last = m_area;
    int row = 0;
    for (const api::PlacedThread &placed : threads) {
        CommentCard *&card = m_cards[placed.thread->id];
        const bool isNew = card == nullptr;
        if (isNew)
            card = makeCard(placed.thread->id);
        card->setThread(placed.thread, placed.from == placed.to, seats);
        if (isNew)
            if (const auto draft = m_drafts.extract({doc, placed.thread->id}))
                card->box().setWords(draft.mapped());
        if (m_cardBox->indexOf(card) != row)
            m_cardBox->insertWidget(row, card);
        ++row;
        QWidget::setTabOrder(last, card);
        last = card;
        for (QWidget *part : card->findChildren<QWidget *>())
            if (part->focusPolicy() != Qt::NoFocus && part->parentWidget() != &card->box()) {
                QWidget::setTabOrder(last, part);
                last = part;
            }
    }
    setCurrent(m_current);
    showParts();
}

void CommentsPanel::showParts()
{
    int open = 0;
    std::size_t shown = 0;
    for (const auto &[thread, card] : m_cards) {
        const bool isResolved = card->thread().isResolved;
        const bool isShown = !isResolved || m_showsResolved || thread == m_current;
        open += isResolved ? 0 : 1;
        shown += isShown ? 1 : 0;
        card->setVisible(isShown);
    }
    const bool hasResolved = std::cmp_greater(m_cards.size(), open);
    m_resolved->setVisible(hasResolved || m_showsResolved);
    m_badge->setText(QString::number(open));
    m_badge->setAccessibleName(open == 1 ? tr("1 open comment") : tr("%1 open comments").arg(open));
    m_badge->setVisible(open > 0);
    m_area->setVisible(shown > 0);
    m_empty->setText(m_isCut           ? tr("There are more comments than are shown.")
                         : hasResolved ? tr("All comments are resolved.")
                                       : tr("Select words and press Ctrl+Alt+M."));
    m_empty->setVisible(m_isCut || (shown == 0 && !isBeginning()));
    m_trouble->setVisible(!m_trouble->text().isEmpty());
    Q_EMIT filled();
}

std::size_t CommentsPanel::shownCards() const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        m_cards, [this](const auto &entry) { return entry.second->isVisibleTo(m_area); }));
}

void CommentsPanel::setCurrent(std::optional<api::CommentId> thread)
{
    const bool differs = m_current != thread;
    m_current = thread;
    for (const auto &[id, card] : m_cards)
        card->setCurrent(id == thread);
    if (!differs || !thread)
        return;
    showParts();
    if (CommentCard *card = cardOf(*thread)) {
        m_area->widget()->layout()->activate();
        m_area->ensureWidgetVisible(card, 0, 8);
    }
}

bool CommentsPanel::isBeginning() const
{
    return m_beginning->isVisibleTo(this);
}

void CommentsPanel::begin(const QString &quote)
{
    m_quote->setText(breakable(quote));
    m_trouble->clear();
    m_beginning->show();
    setBeginSending(false);
    m_box->setFocus();
    showParts();
}

void CommentsPanel::setBeginSending(bool isSending)
{
    m_send->setEnabled(!isSending);
}

void CommentsPanel::begun(const QString &sentence)
{
    setBeginSending(false);
    m_trouble->setText(sentence);
    if (sentence.isEmpty()) {
        const bool hadFocus = m_beginning->isAncestorOf(QApplication::focusWidget());
        m_box->dropSent();
        if (m_box->isBlank()) {
            m_box->clear();
            m_beginning->hide();
            if (hadFocus)
                Q_EMIT leaveAsked();
        }
    }
    m_box->keepSent();
    showParts();
}

CommentCard *CommentsPanel::cardOf(api::CommentId thread) const
{
    const auto card = m_cards.find(thread);
    return card == m_cards.end() ? nullptr : card->second;
}

} // namespace nlbd::ui
