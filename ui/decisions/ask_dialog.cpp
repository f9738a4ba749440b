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
    case Kind::ChangeRole:
        return wish.isReader ? AskDialog::tr("Ask to let %1 read only").arg(name)
                             : AskDialog::tr("Ask to let %1 write").arg(name);
    default:
        return AskDialog::tr("Ask the others");
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
    const bool isLeaving = wish.kind == Kind::Leave;
    const QString name = words::nameOfMember(people, wish.member);
    setWindowTitle(isLeaving ? tr("Leave this workspace") : tr("Ask the others"));
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(440);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(10);
    column->addWidget(makeSentence(
        breakable(isLeaving ? tr("Leave this workspace?") : words::question(wish, people)),
        "title"));
    column->addWidget(makeSentence(
        isLeaving ? tr("What you wrote stays with everyone, with your name. You keep the texts up "
                       "to that day, to read and to export. Only the members can let you in again.")
                  : breakable(words::consequence(wish, people))));
    const QString needs = tr("Needs %1 of %2.").arg(quorum).arg(seats);
    column->addWidget(makeSentence(
        isLeaving ? tr("It takes no vote, only enough of the others' computers to sign it.")
            : wish.kind == Kind::RemoveMember
            ? breakable(tr("%1 %2 counts among them and has no say.").arg(needs, name))
            : needs,
        "muted"));
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
