#include "ui/decisions/proposal_card.h"

#include "ui/decisions/pips.h"
#include "ui/parts.h"
#include "ui/words_decisions.h"

#include <QBoxLayout>
#include <QPlainTextEdit>

#include <algorithm>

namespace nlbd::ui {

namespace {

using Kind = api::Wish::Kind;

constexpr int kRuleHeightMax = 132;

/// Polishing anew costs more than a comparison, and a card is told of each change of its people.
void say(QLabel *label, const char *tone, const QString &text)
{
    label->setText(text);
    if (label->property("tone").toString() != QLatin1String(tone))
        setTone(label, tone);
}

} // namespace

ProposalCard::ProposalCard(QWidget *parent)
    : QFrame(parent)
    , m_question(makeSentence({}, "heading"))
    , m_who(makeSentence({}, "muted"))
    , m_why(makeSentence({}))
    , m_rule(new QPlainTextEdit)
    , m_means(makeSentence({}, "muted"))
    , m_pips(new Pips)
    , m_tally(makeSentence({}))
    , m_outlook(makeSentence({}))
    , m_warning(makeSentence({}))
    , m_mine(makeSentence({}))
    , m_trouble(makeSentence({}))
    , m_yes(makeButton(tr("Vote for"), ButtonKind::Primary))
    , m_no(makeButton(tr("Vote against")))
    , m_later(makeButton(tr("Decide later"), ButtonKind::Link))
{
    setProperty("kind", QStringLiteral("card"));
    m_rule->setObjectName(QStringLiteral("bytes"));
    m_rule->setReadOnly(true);
    m_rule->setTabChangesFocus(true);
    m_rule->setAccessibleName(tr("The rule"));
    for (QLabel *label : {m_who, m_why, m_means, m_outlook, m_warning, m_mine, m_trouble})
        label->setStyleSheet(QStringLiteral("font-size: 12px"));
    m_tally->setStyleSheet(QStringLiteral("font-size: 12px; font-weight: 600"));
    setTone(m_warning, "refused");
    setTone(m_trouble, "refused");
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 12);
    column->setSpacing(6);
    for (QWidget *part :
         std::initializer_list<QWidget *>{m_question, m_who, m_why, m_rule, m_means, m_pips,
                                          m_tally, m_outlook, m_warning, m_mine, m_trouble})
        column->addWidget(part);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_yes);
    buttons->addWidget(m_no);
    buttons->addStretch();
    column->addLayout(buttons);
    column->addWidget(m_later, 0, Qt::AlignLeft);
    connect(m_yes, &QPushButton::clicked, this, [this] { Q_EMIT answered(true); });
    connect(m_no, &QPushButton::clicked, this, [this] { Q_EMIT answered(false); });
    connect(m_later, &QPushButton::clicked, this, [this] { Q_EMIT asideAsked(!m_isAside); });
}

void ProposalCard::setProposal(const api::ProposalInfo &info, const Voters &voters,
                               const words::People &people)
{
    if (info.mine != m_info.mine)
        m_isSending = false;
    m_info = info;
    m_mayAnswer = mayAnswer(info, voters);
    m_isMine = voters.haveMe();
    const auto seats = static_cast<std::uint16_t>(voters.all.size());
    m_question->setText(breakable(words::question(info.wish, people)));
    QString who = words::whoAsks(info, people, seats);
    if (info.lastEpoch.value <= voters.epoch.value)
        who += tr(" It lapses with the next decision, unless that is this one.");
    else if (info.lastEpoch.value == voters.epoch.value + 1)
        who += tr(" It lapses with the decision after next.");
    m_who->setText(breakable(who));
    if (info.wish.kind == Kind::SetPolicy) {
        const QString rule = QString::fromUtf8(info.wish.text);
        if (m_rule->toPlainText() != rule)
            m_rule->setPlainText(rule);
        const int lines = std::clamp(2 + static_cast<int>(rule.size()) / 36, 3, 7);
        m_rule->setFixedHeight(std::min(kRuleHeightMax, 18 * lines + 16));
    }
    const bool hasReason = info.wish.kind == Kind::RemoveMember && !info.wish.text.empty();
    m_why->setText(hasReason ? breakable(
                       tr("\u201c%1\u201d").arg(QString::fromUtf8(info.wish.text).simplified()))
                             : QString());
    m_pips->setStands(standsOf(info, voters));
    m_means->setText(breakable(info.wish.kind == Kind::SetPolicy && info.wish.limits
                                   ? words::limitsChange(*info.wish.limits, voters.limits)
                                   : words::consequence(info.wish, people)));
    m_tally->setText(words::tally(info));
    m_warning->setText(words::protectionWarning(voters.all.size(), info.seatsAfter));
    m_mine->setText(voters.haveMe(info.wish.member) && info.wish.kind == Kind::RemoveMember
                        ? tr("This is about you: you count among the members, and have no say.")
                        : words::myAnswer(info));
    showOutlook(voters);
    nameButtons();
    showParts();
}

void ProposalCard::showOutlook(const Voters &voters)
{
    using State = Outlook::State;
    const Outlook outlook = outlookOf(m_info, voters);
    const QString names = breakable(words::names(outlook.missing));
    switch (outlook.state) {
    case State::Open:
        m_outlook->clear();
        break;
    case State::Unreachable:
        say(m_outlook, "pencil", tr("Waiting: %1 can't be reached.").arg(names));
        break;
    case State::Blocked:
        say(m_outlook, "pencil", tr("It can't pass, unless somebody takes a no back."));
        break;
    case State::Signing:
        say(m_outlook, "agreed",
            voters.round ? tr("Everyone's computer signs it: round %1.").arg(*voters.round + 1)
                         : tr("Everyone's computer signs it now."));
        break;
    case State::Stuck:
        say(m_outlook, "pencil",
            tr("Enough are for it. Waiting to be signed: %1 can't be reached.").arg(names));
        break;
    }
}

/// Said again, an answer takes the place of the one before: the buttons say what a press does.
void ProposalCard::nameButtons()
{
    const bool isFor = m_info.mine == true;
    const bool isAgainst = m_info.mine == false;
    m_yes->setText(isAgainst ? tr("Vote for instead") : tr("Vote for"));
    m_no->setText(isFor ? tr("Take my yes back") : tr("Vote against"));
    const QString about = QString(m_question->text()).remove(QChar(u'\u200B'));
    for (QPushButton *button : {m_yes, m_no})
        button->setAccessibleName(QStringLiteral("%1: %2").arg(button->text(), about));
    m_later->setText(m_isAside ? tr("Show") : tr("Decide later"));
    m_later->setAccessibleName(QStringLiteral("%1: %2").arg(m_later->text(), about));
}

void ProposalCard::showParts()
{
    const bool isVote = m_info.needed > 0;
    const bool isOpen = !m_isAside;
    m_who->setVisible(isOpen);
    m_why->setVisible(isOpen && !m_why->text().isEmpty());
    m_rule->setVisible(isOpen && m_info.wish.kind == Kind::SetPolicy);
    m_means->setVisible(isOpen && !m_means->text().isEmpty());
    m_pips->setVisible(isOpen && isVote);
    m_tally->setVisible(isVote);
    m_outlook->setVisible(isOpen && !m_outlook->text().isEmpty());
    m_warning->setVisible(isOpen && !m_warning->text().isEmpty());
    m_mine->setVisible(!m_mine->text().isEmpty());
    m_trouble->setVisible(!m_trouble->text().isEmpty());
    m_yes->setVisible(isOpen && m_mayAnswer && m_info.mine != true);
    m_no->setVisible(isOpen && m_mayAnswer && m_info.mine != false);
    m_later->setVisible(m_isAside || (m_mayAnswer && !m_info.mine));
    m_yes->setEnabled(!m_isSending);
    m_no->setEnabled(!m_isSending);
}

void ProposalCard::setSending(bool isSending)
{
    m_isSending = isSending;
    if (isSending)
        m_trouble->clear();
    showParts();
}

void ProposalCard::setAside(bool isAside)
{
    m_isAside = isAside;
    nameButtons();
    showParts();
}

void ProposalCard::tell(const QString &sentence)
{
    m_isSending = false;
    m_trouble->setText(sentence);
    showParts();
}

QString ProposalCard::text() const
{
    QStringList lines;
    for (const QLabel *label :
         {m_question, m_who, m_why, m_means, m_tally, m_outlook, m_warning, m_mine, m_trouble})
        if (label->isVisibleTo(this))
            lines.append(label->text());
    return lines.join(QChar(u'\n'));
}

} // namespace nlbd::ui
