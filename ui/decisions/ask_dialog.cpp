#include "ui/decisions/ask_dialog.h"

#include "ui/parts.h"
#include "ui/words_decisions.h"
#include "ui/workspace_bridge.h"

#include <QBoxLayout>
#include <QLineEdit>

namespace nlbd::ui {

namespace {

using Kind = api::Wish::Kind;

constexpr int kReasonUnitsMax = 160; // as UTF-8 below limits::kReasonBytesMax

/// What the button does, in its own words.
QString verbOf(const api::Wish &wish, const QString &name)
{
    switch (wish.kind) {
    case Kind::Leave:
        return AskDialog::tr("Leave this workspace");
    case Kind::RemoveMember:
        return AskDialog::tr("Ask to remove %1").arg(name);
    case Kind::TurnKey:
        return AskDialog::tr("Draw a new key");
    case Kind::NewKey:
        return AskDialog::tr("Ask to change the key");
    case Kind::ChangeRole:
        return wish.isReader ? AskDialog::tr("Ask to let %1 read only").arg(name)
                             : AskDialog::tr("Ask to let %1 write").arg(name);
    default:
        return AskDialog::tr("Ask the others");
    }
}

QString titleOf(const api::Wish &wish)
{
    switch (wish.kind) {
    case Kind::Leave:
        return AskDialog::tr("Leave this workspace");
    case Kind::TurnKey:
        return AskDialog::tr("New key for this computer");
    default:
        return AskDialog::tr("Ask the others");
    }
}

QString questionOf(const api::Wish &wish, const words::People &people)
{
    switch (wish.kind) {
    case Kind::Leave:
        return AskDialog::tr("Leave this workspace?");
    case Kind::TurnKey:
        return AskDialog::tr("Draw a new key for this computer?");
    default:
        return words::question(wish, people);
    }
}

QString consequenceOf(const api::Wish &wish, const words::People &people)
{
    switch (wish.kind) {
    case Kind::Leave:
        return AskDialog::tr("What you wrote stays with everyone, with your name. You keep the "
                             "texts up to that day, to "
                             "read and to export. Only the members can let you in again.");
    case Kind::TurnKey:
        return AskDialog::tr(
            "With the next decision, whatever it is about, new keys of the workspace come to this "
            "computer under the new one. If somebody may have had the old one, ask to change the "
            "workspace's key as well.");
    default:
        return words::consequence(wish, people);
    }
}

QString needsOf(const api::Wish &wish, const QString &name, std::size_t quorum, std::size_t seats)
{
    const QString needs = AskDialog::tr("Needs %1 of %2.").arg(quorum).arg(seats);
    switch (wish.kind) {
    case Kind::Leave:
        return AskDialog::tr("It takes no vote, only enough of the others' computers to sign it.");
    case Kind::TurnKey:
        return AskDialog::tr("It takes no vote: it is said with this computer's own key.");
    case Kind::RemoveMember:
        return AskDialog::tr("%1 %2 counts among them and has no say.").arg(needs, name);
    default:
        return needs;
    }
}

} // namespace

AskDialog::AskDialog(WorkspaceBridge &bridge, const api::Wish &wish, const words::People &people,
                     std::size_t seats, std::size_t quorum, QWidget *parent)
    : QDialog(parent)
    , m_wish(wish)
    , m_question(bridge.nextRequest())
    , m_warning(makeSentence({}))
{
    const QString name = words::nameOfMember(people, wish.member);
    setWindowTitle(titleOf(wish));
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(440);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(10);
    column->addWidget(makeSentence(breakable(questionOf(wish, people)), "title"));
    column->addWidget(makeSentence(breakable(consequenceOf(wish, people))));
    column->addWidget(makeSentence(breakable(needsOf(wish, name, quorum, seats)), "muted"));
    if (wish.kind == Kind::RemoveMember) {
        m_reason = new QLineEdit;
        m_reason->setMaxLength(kReasonUnitsMax);
        m_reason->setPlaceholderText(tr("Why? Everyone reads it."));
        m_reason->setAccessibleName(tr("Reason"));
        column->addWidget(m_reason);
    }
    setTone(m_warning, "refused");
    m_warning->hide();
    column->addWidget(m_warning);
    column->addSpacing(4);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    QPushButton *cancel = makeButton(tr("Cancel"));
    QPushButton *verb = makeButton(verbOf(wish, name), ButtonKind::Primary);
    verb->setText(onButton(verbOf(wish, shortName(name))));
    row->addWidget(cancel);
    row->addWidget(verb);
    column->addLayout(row);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(verb, &QPushButton::clicked, this, [this] {
        if (m_reason)
            m_wish.text = m_reason->text().simplified().toUtf8().toStdString();
        Q_EMIT asked(m_wish);
        accept();
    });
    connect(&bridge, &WorkspaceBridge::considered, this, &AskDialog::considered);
    (m_reason ? static_cast<QWidget *>(m_reason) : cancel)->setFocus();
    bridge.submit(api::Consider{m_question, m_wish});
}

void AskDialog::considered(const api::Considered &event)
{
    if (event.request != m_question)
        return;
    m_warning->setText(words::protectionWarning(event.seats, event.seatsAfter));
    m_warning->setVisible(!m_warning->text().isEmpty());
    adjustSize();
}

} // namespace nlbd::ui
