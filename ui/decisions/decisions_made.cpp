// What was decided, newest first, and a file of each for others to check.

#include "ui/decisions/decisions_panel.h"
#include "ui/parts.h"
#include "ui/words_decisions.h"

#include <QBoxLayout>
#include <QFileDialog>

namespace nlbd::ui {

namespace {

void clear(QBoxLayout *box)
{
    while (QLayoutItem *item = box->takeAt(0)) {
        if (QWidget *widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
}

} // namespace

void DecisionsPanel::refreshMade()
{
    std::vector<Made> made;
    for (const api::DecisionInfo &info : m_now.made)
        if (m_showsAllMade || made.size() < std::size_t{kMadeShown})
            made.push_back(madeOf(info));
    m_madeCaption->setVisible(!made.empty());
    m_all->setVisible(made.size() < m_now.made.size());
    if (made == m_made)
        return;
    m_made = std::move(made);
    for (int i = 0; i < m_madeBox->count(); ++i)
        leave(m_madeBox->itemAt(i)->widget());
    clear(m_madeBox);
    for (const Made &each : m_made)
        addMade(each);
    orderTabs();
}

void DecisionsPanel::addMade(const Made &made)
{
    auto *row = new QWidget;
    auto *column = new QVBoxLayout(row);
    column->setContentsMargins(6, 0, 6, 2);
    column->setSpacing(1);
    QLabel *what = makeSentence(breakable(made.what));
    what->setStyleSheet(QStringLiteral("font-weight: 500"));
    QLabel *how = makeSentence(made.how, "muted");
    how->setStyleSheet(QStringLiteral("font-size: 12px"));
    how->setAccessibleName(tr("%1. %2").arg(made.how, made.who));
    QPushButton *save = makeButton(tr("Save as a file\u2026"), ButtonKind::Link);
    save->setAccessibleName(tr("Save as a file: %1").arg(made.what));
    connect(save, &QPushButton::clicked, this, [this, closed = made.closed] { askFile(closed); });
    row->setToolTip(plainToolTip(made.who));
    column->addWidget(what);
    column->addWidget(how);
    column->addWidget(save, 0, Qt::AlignLeft);
    m_madeBox->addWidget(row);
}

void DecisionsPanel::askFile(Epoch closed)
{
    auto *dialog = new QFileDialog(window(), tr("Save this decision for others to check"), {},
                                   tr("Decisions (*.nlbd-decision);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("nlbd-decision"));
    dialog->selectFile(tr("decision-%1.nlbd-decision").arg(closed.value + 1));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, closed](const QString &file) { Q_EMIT fileAsked(closed, file); });
    dialog->open();
}

void DecisionsPanel::setSaved(const api::DecisionSaved &event)
{
    const QString file = QString::fromUtf8(event.file);
    const bool isThere = event.failure.empty();
    m_trouble->setText(isThere ? tr("Decision %1 is in %2. Anyone can check it, with nlbd-peer "
                                    "verify-decision.")
                                     .arg(event.closed.value + 1)
                                     .arg(breakable(file))
                               : tr("Decision %1 was not saved. %2")
                                     .arg(event.closed.value + 1)
                                     .arg(QString::fromUtf8(event.failure)));
    setTone(m_trouble, isThere ? "agreed" : "refused");
    m_trouble->show();
}

DecisionsPanel::Made DecisionsPanel::madeOf(const api::DecisionInfo &info) const
{
    QStringList results;
    for (const api::Wish &wish : info.wishes)
        results.append(words::result(wish, m_people));
    if (results.isEmpty())
        results.append(tr("Nothing: what was asked no longer made sense"));
    QStringList names;
    for (const MemberIndex signer : info.signers)
        names.append(words::nameOfMember(m_people, signer));
    return {info.closed, results.join(QStringLiteral(". ")), words::decidedBy(info),
            tr("Signed by %1").arg(names.join(tr(", ")))};
}

} // namespace nlbd::ui
