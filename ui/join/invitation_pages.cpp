#include "ui/join/pages.h"

#include "ui/parts.h"
#include "ui/qr_label.h"
#include "ui/words_decisions.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QPlainTextEdit>
#include <QSignalBlocker>

namespace nlbd::ui {

namespace {

QPlainTextEdit *makeField(const QString &name)
{
    auto *field = new QPlainTextEdit;
    field->setObjectName(QStringLiteral("invitation"));
    field->setAccessibleName(name);
    field->setTabChangesFocus(true);
    field->setWordWrapMode(QTextOption::WrapAnywhere);
    field->setFixedHeight(116);
    field->setStyleSheet(
        QStringLiteral("font-family: \"%1\"; font-size: 13px").arg(monoFont().family()));
    return field;
}

} // namespace

JoinPage::JoinPage(QWidget *parent)
    : LobbyPage(parent)
    , m_text(makeField(tr("Invitation")))
    , m_join(makeButton(tr("Join"), ButtonKind::Primary))
    , m_visible(new QCheckBox(tr("Let people nearby see me")))
    , m_after(makeSentence({}))
    , m_start(makeButton(tr("Start a workspace together")))
{
    addBack();
    addHead(
        tr("Join with an invitation"),
        tr("Paste what you were sent. It begins with nlbd: and leads to the computer of the person "
           "who invites you."));
    column()->addWidget(m_text);
    auto *row = new QHBoxLayout;
    row->addWidget(m_join);
    row->addStretch();
    column()->addLayout(row);
    column()->addSpacing(12);
    column()->addWidget(makeLabel(tr("Nothing was sent to you?"), "caption"));
    column()->addWidget(makeSentence(
        tr("Somebody on the same network can ask you to found a workspace, once they see you."),
        "muted"));
    m_visible->setAccessibleName(m_visible->text());
    column()->addWidget(m_visible);
    column()->addSpacing(8);
    column()->addWidget(m_after);
    auto *next = new QHBoxLayout;
    next->addWidget(m_start);
    next->addStretch();
    column()->addLayout(next);
    column()->addStretch();
    connect(m_text, &QPlainTextEdit::textChanged, this, [this] {
        m_join->setEnabled(!m_text->toPlainText().trimmed().isEmpty());
        showUnused();
    });
    connect(m_join, &QPushButton::clicked, this,
            [this] { Q_EMIT used(m_text->toPlainText().simplified().remove(QLatin1String(" "))); });
    connect(m_start, &QPushButton::clicked, this, &JoinPage::startAsked);
    connect(m_visible, &QCheckBox::toggled, this, &JoinPage::visibleAsked);
    connect(m_visible, &QCheckBox::toggled, this, &JoinPage::refresh);
    begin();
}

void JoinPage::begin(const QString &text)
{
    m_text->setPlainText(text);
    m_text->moveCursor(QTextCursor::End);
    m_join->setEnabled(!text.isEmpty());
    showUnused();
    m_text->setFocus();
}

void JoinPage::setProfile(const api::ProfileChanged &profile)
{
    {
        const QSignalBlocker quiet(m_visible);
        m_visible->setChecked(profile.isVisible);
    }
    refresh();
}

void JoinPage::setNeighbours(const std::vector<api::Neighbour> &neighbours)
{
    m_neighbours = neighbours;
    refresh();
}

void JoinPage::setJoin(const api::JoinInfo &join)
{
    m_asking = join;
    refresh();
}

void JoinPage::showUnused()
{
    m_isUsed = false;
    m_asking.reset();
    refresh();
}

void JoinPage::showUsed()
{
    m_isUsed = true;
    refresh();
}

/// What has come of it so far: whom I see, and what comes next.
void JoinPage::refresh()
{
    if (m_asking) {
        m_after->setText(words::joining(*m_asking));
        m_after->show();
        m_start->hide();
        return;
    }
    QStringList near;
    for (const api::Neighbour &neighbour : m_neighbours)
        near.append(QString::fromUtf8(neighbour.name));
    const bool isWaiting = m_isUsed || m_visible->isChecked();
    if (!near.isEmpty())
        m_after->setText(tr("You and %1 see each other now. Wait until you are asked to found a "
                            "workspace together, or ask first.")
                             .arg(words::names(near)));
    else
        m_after->setText(m_isUsed ? tr("Looking for the computer that invites you\u2026")
                                  : tr("Looking for people on the same network\u2026"));
    m_after->setVisible(isWaiting);
    m_start->setVisible(isWaiting && !near.isEmpty());
}

InvitationPage::InvitationPage(QWidget *parent)
    : LobbyPage(parent)
    , m_text(makeField(tr("My invitation")))
    , m_expires(makeSentence({}, "muted"))
    , m_addresses(makeSentence({}, "muted"))
    , m_copy(makeButton(tr("Copy"), ButtonKind::Primary))
    , m_qr(new QrLabel(264))
{
    addBack();
    m_leads = addHead(tr("Your invitation"), {});
    m_shut = makeSentence(
        tr("Nobody new is let in here now: the rule says that newcomers do not read the past, and "
           "whoever is in holds all of it. A member's other computer may come in as always. To "
           "change it, ask for a rule beside the page, under Decisions, in which newcomers read "
           "the past; or start a workspace anew with those who are to have it."));
    m_shut->hide();
    column()->addWidget(m_shut);
    m_text->setReadOnly(true);
    m_text->setPlaceholderText(tr("Being made\u2026"));
    column()->addWidget(m_text);
    column()->addWidget(m_expires);
    auto *row = new QHBoxLayout;
    m_copy->setEnabled(false);
    row->addWidget(m_copy);
    row->addStretch();
    column()->addLayout(row);
    column()->addSpacing(8);
    column()->addWidget(m_addresses);
    column()->addWidget(m_qr, 0, Qt::AlignLeft);
    column()->addStretch();
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_text->toPlainText());
        m_copy->setText(tr("Copied"));
    });
}

void InvitationPage::begin(const QString &workspace)
{
    m_leads->setText(
        workspace.isEmpty()
            ? tr("Send it to one person, in a way that you trust. It leads them to this computer; "
                 "then you see each other and can found a workspace together.")
            : tr("Send it to one person, in a way that you trust. It leads them to this computer, "
                 "where they ask to come into %1. You see it beside the page; the members decide.")
                  .arg(workspace));
    setShut(false);
    m_text->clear();
    m_qr->setContent({});
    m_expires->clear();
    m_copy->setEnabled(false);
    m_text->setFocus();
}

void InvitationPage::setShut(bool isShut)
{
    m_shut->setVisible(isShut);
    setTone(m_shut, "pencil");
}

void InvitationPage::setInvitation(const api::InvitationMade &invitation)
{
    m_text->setPlainText(QString::fromUtf8(invitation.text));
    m_qr->setContent(m_text->toPlainText());
    m_expires->setText(tr("It works once, until %1.").arg(words::whenExactly(invitation.expires)));
    m_copy->setText(tr("Copy"));
    m_copy->setEnabled(!invitation.text.empty());
    if (m_text->hasFocus() && m_copy->isEnabled())
        m_copy->setFocus();
}

void InvitationPage::setProfile(const api::ProfileChanged &profile)
{
    QStringList addresses;
    for (const std::string &address : profile.addresses)
        addresses.append(QString::fromUtf8(address));
    m_addresses->setText(
        addresses.isEmpty()
            ? QString()
            : tr("Or let them type your address: %1").arg(addresses.join(tr(" or "))));
    m_addresses->setVisible(!addresses.isEmpty());
}

} // namespace nlbd::ui
