#include "ui/decisions/decisions_panel.h"

#include "ui/decisions/ask_dialog.h"
#include "ui/decisions/knock_card.h"
#include "ui/decisions/made_list.h"
#include "ui/decisions/proposal_card.h"
#include "ui/decisions/rule_dialog.h"
#include "ui/panel_parts.h"
#include "ui/parts.h"
#include "ui/words_decisions.h"
#include "ui/workspace_bridge.h"

#include <QApplication>
#include <QBoxLayout>
#include <QScrollArea>
#include <QScrollBar>

#include <algorithm>

namespace nlbd::ui {

namespace {

using Kind = api::Wish::Kind;

QBoxLayout *addBox(QBoxLayout *column)
{
    auto *box = new QVBoxLayout;
    box->setSpacing(8);
    column->addLayout(box);
    return box;
}

/// Cards of what is no longer there go; what has the focus in the others keeps it.
template <typename Cards, typename IsThere, typename Leave>
void dropCards(Cards &cards, IsThere isThere, Leave leave)
{
    std::erase_if(cards, [&](const auto &entry) {
        if (isThere(entry.first))
            return false;
        leave(entry.second);
        entry.second->hide();
        entry.second->deleteLater();
        return true;
    });
}

} // namespace

DecisionsPanel::DecisionsPanel(WorkspaceBridge &bridge, QWidget *parent)
    : QWidget(parent)
    , m_bridge(bridge)
{
    makeParts();
    connect(&bridge, &WorkspaceBridge::decisionsChanged, this, &DecisionsPanel::decisionsChanged);
    connect(&bridge, &WorkspaceBridge::proposalAnswered, this, &DecisionsPanel::answered);
    refresh();
}

void DecisionsPanel::makeParts()
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(9, 6, 8, 8);
    column->setSpacing(8);
    m_badge = addPanelHead(column, tr("Decisions")).badge;
    m_trouble = makeSentence({});
    m_trouble->setContentsMargins(8, 0, 8, 0);
    setTone(m_trouble, "refused");
    m_trouble->hide();
    column->addWidget(m_trouble);

    auto *content = new QWidget;
    auto *inner = new QVBoxLayout(content);
    inner->setContentsMargins(2, 2, 6, 2);
    inner->setSpacing(8);
    m_knockBox = addBox(inner);
    m_cardBox = addBox(inner);
    m_empty = new QWidget;
    auto *empty = new QVBoxLayout(m_empty);
    empty->setContentsMargins(6, 0, 6, 4);
    empty->setSpacing(4);
    empty->addWidget(makeSentence(tr("Nothing to decide"), "heading"));
    empty->addWidget(makeSentence(
        tr("When someone asks to join, or a member should go, you vote here."), "muted"));
    inner->addWidget(m_empty);
    m_rule = makeButton(tr("Ask for a rule\u2026"), ButtonKind::Link);
    connect(m_rule, &QPushButton::clicked, this, &DecisionsPanel::askForRule);
    inner->addWidget(m_rule, 0, Qt::AlignLeft);
    m_made = new MadeList(m_bridge);
    connect(m_made, &MadeList::buttonsChanging, this, [this] { leave(m_made); });
    connect(m_made, &MadeList::buttonsChanged, this, &DecisionsPanel::orderTabs);
    inner->addWidget(m_made);
    inner->addStretch();
    m_area = addPanelArea(column, content, tr("Decisions"));
    setFocusProxy(m_area);
}

void DecisionsPanel::setPeople(const words::People &people)
{
    m_people = people;
    refresh();
}

void DecisionsPanel::setKnocks(const std::vector<api::JoinRequest> &requests)
{
    if (m_knocks == requests)
        return;
    m_knocks = requests;
    refresh();
}

void DecisionsPanel::decisionsChanged(const api::DecisionsChanged &event)
{
    m_now = event;
    refresh();
}

void DecisionsPanel::refresh()
{
    m_voters = votersOf(m_people, m_now);
    forgetWhatIsOver();
    const std::size_t cards = m_newCards;
    refreshKnocks();
    refreshCards();
    m_made->setMade(m_now.made, m_people);
    if (m_newCards != cards)
        orderTabs();
    m_rule->setVisible(m_now.isMember && m_now.quorum > 0 && m_voters.haveMe());
    m_empty->setVisible(m_cards.empty() && m_knockCards.empty());
    const int count = waiting().count;
    m_badge->setText(count == 1 ? tr("1 waits for you") : tr("%1 wait for you").arg(count));
    m_badge->setVisible(count > 0);
    Q_EMIT votersChanged();
    Q_EMIT waitingChanged();
}

/// What was put off or told is remembered as long as it is open.
void DecisionsPanel::forgetWhatIsOver()
{
    const auto isOver = [this](const Hash &id) {
        return std::ranges::find(m_now.open, id, &api::ProposalInfo::id) == m_now.open.end();
    };
    const auto isAway = [this](const PublicKey &device) {
        return std::ranges::find(m_knocks, device, &api::JoinRequest::device) == m_knocks.end();
    };
    std::erase_if(m_aside, isOver);
    std::erase_if(m_told, isOver);
    std::erase_if(m_knocksAside, isAway);
    std::erase_if(m_knocksTold, isAway);
}

/// Tab goes from top to bottom, whatever came first.
void DecisionsPanel::orderTabs()
{
    QWidget *last = m_area;
    const auto follow = [&last](QWidget *next) {
        QWidget::setTabOrder(last, next);
        last = next;
    };
    for (const QBoxLayout *box : {m_knockBox, m_cardBox})
        for (int i = 0; i < box->count(); ++i)
            if (QWidget *card = box->itemAt(i)->widget())
                for (QWidget *part : card->findChildren<QWidget *>())
                    if (part->focusPolicy() != Qt::NoFocus && !part->focusProxy()
                        && qobject_cast<QAbstractScrollArea *>(part->parentWidget()) == nullptr)
                        follow(part);
    follow(m_rule);
    for (QPushButton *button : m_made->buttons())
        follow(button);
}

/// A button that goes would hand the focus to whatever comes next, as far as the toolbar: the next
/// press of a key would do something else altogether.
void DecisionsPanel::leave(const QWidget *card)
{
    if (card->isAncestorOf(QApplication::focusWidget()))
        m_area->setFocus();
}

// ---- who asks to come in ---------------------------------------------------------------------

bool DecisionsPanel::isAsked(const PublicKey &device) const
{
    return std::ranges::any_of(m_now.open, [&device](const api::ProposalInfo &info) {
        return info.wish.kind == Kind::Admit && info.wish.key == device;
    });
}

std::vector<const api::JoinRequest *> DecisionsPanel::openKnocks() const
{
    std::vector<const api::JoinRequest *> open;
    if (!m_now.isMember)
        return open;
    for (const api::JoinRequest &request : m_knocks)
        if (!isAsked(request.device))
            open.push_back(&request);
    return open;
}

void DecisionsPanel::refreshKnocks()
{
    const auto open = openKnocks();
    const auto isOpen = [&open](const PublicKey &device) {
        return std::ranges::any_of(open, [&](const auto *ask) { return ask->device == device; });
    };
    // Who asks anew under another name is another question.
    std::set<PublicKey> renewed;
    for (const api::JoinRequest *request : open)
        if (const auto card = m_knockCards.find(request->device);
            card != m_knockCards.end() && card->second->request() != *request)
            renewed.insert(request->device);
    for (const PublicKey &device : renewed) {
        m_knocksAside.erase(device);
        m_knocksTold.erase(device);
    }
    const auto stays = [&](const PublicKey &device) {
        return isOpen(device) && !renewed.contains(device);
    };
    dropCards(m_knockCards, stays, [this](const QWidget *card) { leave(card); });
    for (const api::JoinRequest *request : open) {
        if (m_knockCards.contains(request->device))
            continue;
        auto *card = new KnockCard(*request);
        m_knockBox->addWidget(card);
        ++m_newCards;
        m_knockCards.emplace(request->device, card);
        connect(card, &KnockCard::letInAsked, this,
                [this, card](bool isReader) { send(card->wish(isReader), card); });
        connect(card, &KnockCard::asideAsked, this,
                [this, card, device = request->device](bool isAside) {
                    if (isAside)
                        m_knocksAside.insert(device);
                    else
                        m_knocksAside.erase(device);
                    card->setAside(isAside);
                    refresh();
                });
    }
}

// ---- open questions --------------------------------------------------------------------------

void DecisionsPanel::refreshCards()
{
    const auto isOpen = [this](const Hash &id) {
        return std::ranges::find(m_now.open, id, &api::ProposalInfo::id) != m_now.open.end();
    };
    dropCards(m_cards, isOpen, [this](const QWidget *card) { leave(card); });
    for (const api::ProposalInfo &info : m_now.open) {
        ProposalCard *&card = m_cards[info.id];
        if (!card) {
            card = new ProposalCard;
            m_cardBox->addWidget(card);
            ++m_newCards;
            connect(card, &ProposalCard::answered, this,
                    [this, id = info.id](bool isYes) { vote(id, isYes); });
            connect(card, &ProposalCard::asideAsked, this, [this, id = info.id](bool isAside) {
                if (isAside)
                    m_aside.insert(id);
                else
                    m_aside.erase(id);
                m_cards.at(id)->setAside(isAside);
                refresh();
            });
        }
        card->setProposal(info, m_voters, m_people);
    }
}

void DecisionsPanel::vote(const Hash &proposal, bool isYes)
{
    const std::uint64_t request = m_bridge.nextRequest();
    m_votes.emplace(request, proposal);
    leave(m_cards.at(proposal));
    m_cards.at(proposal)->setSending(true);
    m_bridge.submit(api::Vote{request, proposal, isYes});
}

void DecisionsPanel::propose(const api::Wish &wish)
{
    auto *dialog =
        new AskDialog(m_bridge, wish, m_people, m_voters.all.size(), m_voters.quorum, window());
    connect(dialog, &AskDialog::asked, this,
            [this](const api::Wish &asked) { send(asked, nullptr); });
    dialog->open();
}

void DecisionsPanel::askForRule()
{
    auto *dialog = new RuleDialog(QString::fromUtf8(m_now.rule), m_now.limits, m_voters.all.size(),
                                  m_voters.quorum, window());
    connect(dialog, &RuleDialog::asked, this,
            [this](const api::Wish &asked) { send(asked, nullptr); });
    dialog->open();
}

void DecisionsPanel::send(const api::Wish &wish, KnockCard *from)
{
    const std::uint64_t request = m_bridge.nextRequest();
    if (from) {
        m_admitted.emplace(request, wish.key);
        leave(from);
        from->setSending(true);
    } else {
        m_wishes.insert(request);
    }
    m_trouble->hide();
    m_bridge.submit(api::Propose{request, wish});
}

/// What was taken shows as a card, or in its tally; what was not is said where it was pressed.
void DecisionsPanel::answered(const api::ProposalAnswered &event)
{
    const QString sentence = event.refused ? words::whyNotAsked(*event.refused) : QString();
    if (const auto vote = m_votes.extract(event.request)) {
        if (ProposalCard *card = cardOf(vote.mapped()))
            card->tell(sentence);
    } else if (const auto admitted = m_admitted.extract(event.request)) {
        const auto card = m_knockCards.find(admitted.mapped());
        if (card != m_knockCards.end())
            card->second->tell(sentence);
    } else if (m_wishes.erase(event.request) > 0 && !sentence.isEmpty()) {
        m_trouble->setText(sentence);
        setTone(m_trouble, "refused");
        m_trouble->show();
    }
}

// ---- what waits ------------------------------------------------------------------------------

DecisionsPanel::Waiting DecisionsPanel::waiting() const
{
    Waiting result;
    const auto seats = static_cast<std::uint16_t>(m_voters.all.size());
    const auto count = [&result](bool isTold, const QString &sentence) {
        ++result.count;
        if (isTold)
            return;
        ++result.untold;
        result.newest = sentence;
    };
    for (const api::ProposalInfo &info : m_now.open) {
        if (!m_now.isMember || m_aside.contains(info.id) || !waitsForMe(info, m_voters))
            continue;
        count(m_told.contains(info.id),
              tr("<b>%1</b> %2")
                  .arg(breakable(words::question(info.wish, m_people)).toHtmlEscaped(),
                       breakable(words::whoAsks(info, m_people, seats)).toHtmlEscaped()));
    }
    for (const api::JoinRequest *request : openKnocks()) {
        if (m_knocksAside.contains(request->device))
            continue;
        count(m_knocksTold.contains(request->device),
              tr("<b>%1 asks to come in.</b> The members decide: you can propose it.")
                  .arg(breakable(QString::fromUtf8(request->name).simplified()).toHtmlEscaped()));
    }
    return result;
}

void DecisionsPanel::setAllTold()
{
    for (const api::ProposalInfo &info : m_now.open)
        m_told.insert(info.id);
    for (const api::JoinRequest &request : m_knocks)
        m_knocksTold.insert(request.device);
    Q_EMIT waitingChanged();
}

ProposalCard *DecisionsPanel::cardOf(const Hash &proposal) const
{
    const auto card = m_cards.find(proposal);
    return card == m_cards.end() ? nullptr : card->second;
}

void DecisionsPanel::goToFirst()
{
    QWidget *target = nullptr;
    for (const auto &[device, card] : m_knockCards)
        if (!target && !m_knocksAside.contains(device))
            target = card;
    for (const api::ProposalInfo &info : m_now.open)
        if (!target && waitsForMe(info, m_voters) && !m_aside.contains(info.id))
            target = cardOf(info.id);
    if (!target) {
        m_area->setFocus(Qt::TabFocusReason);
        return;
    }
    for (QPushButton *button : target->findChildren<QPushButton *>()) {
        if (button->isVisibleTo(target)) {
            button->setFocus(Qt::TabFocusReason);
            break;
        }
    }
    m_area->verticalScrollBar()->setValue(target->mapTo(m_area->widget(), QPoint()).y() - 4);
}

} // namespace nlbd::ui
