#include "ui/join/pages.h"

#include "ui/parts.h"
#include "ui/words.h"

#include <QBoxLayout>
#include <QFrame>

#include <algorithm>

namespace nlbd::ui {

namespace {

using Founder = api::FoundingInfo::Founder;
using Answer = api::FoundingInfo::Answer;
using State = api::FoundingInfo::State;

struct Look {
    QString icon;
    Role role;
    QString words;
};

Look lookOf(const Founder &founder)
{
    switch (founder.answer) {
    case Answer::Waiting:
        return {QStringLiteral("waiting"), Role::Pencil, FounderList::tr("has not answered yet")};
    case Answer::Accepted:
        return {QStringLiteral("check"), Role::Agreed, FounderList::tr("accepts")};
    case Answer::Declined:
        return {QStringLiteral("close"), Role::Refused, FounderList::tr("not now")};
    case Answer::Unreachable:
        return {QStringLiteral("offline"), Role::Refused, FounderList::tr("cannot be reached")};
    }
    return {};
}

QFrame *makeCard(QWidget *content)
{
    auto *card = new QFrame;
    card->setProperty("kind", QStringLiteral("card"));
    auto *inside = new QVBoxLayout(card);
    inside->setContentsMargins(14, 12, 14, 12);
    inside->addWidget(content);
    return card;
}

} // namespace

FounderList::FounderList(QWidget *parent)
    : QWidget(parent)
    , m_rows(new QVBoxLayout(this))
{
    m_rows->setContentsMargins(0, 0, 0, 0);
    m_rows->setSpacing(10);
}

void FounderList::setFounders(const std::vector<Founder> &founders)
{
    while (QLayoutItem *item = m_rows->takeAt(0)) {
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater();
        }
        delete item;
    }
    for (const Founder &founder : founders) {
        const Look look = lookOf(founder);
        auto *line = new QWidget;
        auto *row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        row->setSpacing(10);
        row->addWidget(makeIconLabel(look.icon, 18, look.role));
        auto *words = new QVBoxLayout;
        words->setSpacing(1);
        const QString name = QString::fromUtf8(founder.name);
        words->addWidget(makeLabel(founder.isMe ? tr("%1 (you)").arg(name) : name));
        words->addWidget(makeLabel(QString::fromUtf8(founder.words), "muted"));
        row->addLayout(words, 1);
        row->addWidget(makeLabel(look.words, "muted"));
        m_rows->addWidget(line);
    }
}

ProgressPage::ProgressPage(QWidget *parent)
    : LobbyPage(parent)
    , m_title(makeLabel({}, "title"))
    , m_sentence(makeSentence({}, "muted"))
    , m_founders(new FounderList)
    , m_withdraw(makeButton(tr("Withdraw")))
    , m_open(makeButton(tr("Open it"), ButtonKind::Primary))
    , m_back(makeButton(tr("Back")))
{
    column()->addStretch(1);
    column()->addWidget(m_title);
    column()->addWidget(m_sentence);
    column()->addSpacing(6);
    column()->addWidget(makeCard(m_founders));
    column()->addSpacing(6);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_open);
    row->addWidget(m_back);
    row->addWidget(m_withdraw);
    row->addStretch();
    column()->addLayout(row);
    column()->addStretch(2);
    connect(m_withdraw, &QPushButton::clicked, this, &ProgressPage::withdrawAsked);
    connect(m_back, &QPushButton::clicked, this, &LobbyPage::backAsked);
    connect(m_open, &QPushButton::clicked, this, [this] {
        if (m_founding.id)
            Q_EMIT openAsked(*m_founding.id);
    });
}

void ProgressPage::begin()
{
    (m_open->isVisibleTo(this) ? m_open : m_back)->setFocus();
}

void ProgressPage::setFounding(const api::FoundingInfo &founding)
{
    m_founding = founding;
    const QString name = QString::fromUtf8(founding.workspace);
    m_founders->setFounders(founding.founders);
    QStringList against;
    for (const Founder &founder : founding.founders) {
        if (founder.answer == Answer::Declined || founder.answer == Answer::Unreachable)
            against.append(QString::fromUtf8(founder.name));
    }
    switch (founding.state) {
    case State::Asking:
        m_title->setText(tr("Founding %1").arg(name));
        m_sentence->setText(
            tr("It is founded as soon as all of you have accepted. You may leave this page."));
        break;
    case State::Founded:
        m_title->setText(tr("%1 is founded").arg(name));
        m_sentence->setText(tr("All of you hold the same first page, signed by everyone."));
        break;
    case State::Declined:
        m_title->setText(tr("%1 was not founded").arg(name));
        m_sentence->setText(
            tr("%1 said not now. Nothing was changed on any computer. You can ask again, "
               "or found it without them.")
                .arg(words::names(against)));
        break;
    case State::Failed:
        m_title->setText(tr("%1 was not founded").arg(name));
        m_sentence->setText(
            against.isEmpty()
                ? tr("Nothing was changed on any computer. Check that all are near, then "
                     "ask again.")
                : tr("%1 could not be reached. Nothing was changed on any computer. Check "
                     "that all are near, then ask again.")
                      .arg(words::names(against)));
        break;
    }
    m_withdraw->setVisible(founding.state == State::Asking && founding.isMine);
    m_open->setVisible(founding.state == State::Founded && founding.id.has_value());
    m_back->setVisible(founding.state != State::Founded);
}

RequestPage::RequestPage(QWidget *parent)
    : LobbyPage(parent)
    , m_title(makeSentence({}, "title"))
    , m_sentence(makeSentence({}, "muted"))
    , m_founders(new FounderList)
{
    column()->addStretch(1);
    column()->addWidget(m_title);
    column()->addWidget(m_sentence);
    column()->addSpacing(6);
    column()->addWidget(makeCard(m_founders));
    column()->addSpacing(6);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    QPushButton *accept = makeButton(tr("Accept"), ButtonKind::Primary);
    QPushButton *later = makeButton(tr("Not now"));
    row->addWidget(accept);
    row->addWidget(later);
    row->addStretch();
    column()->addLayout(row);
    column()->addStretch(2);
    connect(accept, &QPushButton::clicked, this, [this] { Q_EMIT answered(true); });
    connect(later, &QPushButton::clicked, this, [this] { Q_EMIT answered(false); });
}

void RequestPage::begin()
{
    setFocus();
}

QString RequestPage::sentenceFor(const api::FoundingInfo &founding)
{
    const auto asks = std::find_if(founding.founders.begin(), founding.founders.end(),
                                   [](const Founder &founder) { return founder.isAsking; });
    const QString asker =
        asks == founding.founders.end() ? tr("Someone near") : QString::fromUtf8(asks->name);
    return tr("%1 asks you to found \u201c%2\u201d")
        .arg(asker, QString::fromUtf8(founding.workspace));
}

void RequestPage::setRequest(const api::FoundingInfo &founding)
{
    m_title->setText(sentenceFor(founding));
    m_sentence->setText(
        tr("You would be %1 members, all equal. %2 Compare the four words with each person "
           "if you want to be sure who they are.")
            .arg(founding.founders.size())
            .arg(words::agreementNeeds(founding.founders.size())));
    m_founders->setFounders(founding.founders);
}

} // namespace nlbd::ui
