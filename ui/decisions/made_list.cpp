#include "ui/decisions/made_list.h"

#include "ui/documents/text_file.h"
#include "ui/parts.h"
#include "ui/words_decisions.h"
#include "ui/workspace_bridge.h"

#include <QBoxLayout>
#include <QFileDialog>

#include <algorithm>

namespace nlbd::ui {

MadeList::MadeList(WorkspaceBridge &bridge, QWidget *parent)
    : QWidget(parent)
    , m_bridge(bridge)
    , m_result(makeSentence({}))
    , m_all(makeButton(tr("Show all"), ButtonKind::Link))
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    QLabel *caption = makeLabel(tr("Decided"), "caption");
    caption->setIndent(6);
    column->addWidget(caption);
    m_result->setContentsMargins(6, 0, 6, 0);
    m_result->hide();
    column->addWidget(m_result);
    m_box = new QVBoxLayout;
    m_box->setSpacing(8);
    column->addLayout(m_box);
    m_all->setAccessibleName(tr("Show all decisions"));
    connect(m_all, &QPushButton::clicked, this, [this] {
        m_showsAll = true;
        refresh();
    });
    column->addWidget(m_all, 0, Qt::AlignLeft);
    connect(&bridge, &WorkspaceBridge::decisionRead, this, &MadeList::decisionRead);
    hide();
}

void MadeList::setMade(const std::vector<api::DecisionInfo> &made, const words::People &people)
{
    m_rows.clear();
    for (const api::DecisionInfo &info : made)
        m_rows.push_back(rowOf(info, people));
    refresh();
}

void MadeList::refresh()
{
    const std::size_t count = m_showsAll ? m_rows.size() : std::min(m_rows.size(), kShown);
    const std::vector<Row> shown(m_rows.begin(),
                                 m_rows.begin() + static_cast<std::ptrdiff_t>(count));
    setVisible(!shown.empty());
    const bool isMore = count < m_rows.size();
    if (shown == m_shown && isMore == !m_all->isHidden())
        return;
    Q_EMIT buttonsChanging();
    m_all->setVisible(isMore);
    m_shown = shown;
    m_saves.clear();
    while (QLayoutItem *item = m_box->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (const Row &row : m_shown)
        addRow(row);
    Q_EMIT buttonsChanged();
}

void MadeList::addRow(const Row &row)
{
    auto *widget = new QWidget;
    auto *column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 6, 2); // a link has its own
    column->setSpacing(1);
    QLabel *what = makeSentence(breakable(row.what));
    what->setStyleSheet(QStringLiteral("font-weight: 500"));
    QLabel *how = makeSentence(row.how, "muted");
    how->setStyleSheet(QStringLiteral("font-size: 12px"));
    how->setAccessibleName(tr("%1. %2").arg(row.how, row.who));
    for (QLabel *label : {what, how})
        label->setContentsMargins(6, 0, 0, 0);
    widget->setToolTip(plainToolTip(row.who));
    QPushButton *save = makeButton(tr("Save as a file\u2026"), ButtonKind::Link);
    save->setAccessibleName(tr("Save as a file: %1").arg(row.what));
    connect(save, &QPushButton::clicked, this, [this, closed = row.closed] { askSave(closed); });
    column->addWidget(what);
    column->addWidget(how);
    column->addWidget(save, 0, Qt::AlignLeft);
    m_box->addWidget(widget);
    m_saves.push_back(save);
}

MadeList::Row MadeList::rowOf(const api::DecisionInfo &info, const words::People &people)
{
    QStringList results;
    QStringList turned; // computers do it by themselves, most of them with each new key
    for (const api::Wish &wish : info.wishes)
        (wish.kind == api::Wish::Kind::TurnKey ? turned : results)
            .append(words::result(wish, people));
    if (turned.size() == 1)
        results.append(turned.front());
    else if (!turned.isEmpty())
        results.append(tr("%1 computers drew new keys of their own").arg(turned.size()));
    if (results.isEmpty())
        results.append(tr("Nothing: what was asked no longer made sense"));
    QStringList names;
    for (const MemberIndex signer : info.signers)
        names.append(words::nameOfMember(people, signer));
    return {info.closed, results.join(QStringLiteral(". ")), words::decidedBy(info),
            tr("Signed by %1").arg(names.join(tr(", ")))};
}

std::vector<QPushButton *> MadeList::buttons() const
{
    std::vector<QPushButton *> all = m_saves;
    all.push_back(m_all);
    return all;
}

// ---- as a file -------------------------------------------------------------------------------

void MadeList::askSave(Epoch closed)
{
    auto *dialog =
        new QFileDialog(this, tr("Save a decision"), {}, tr("Decision (*.nlbd-decision)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("nlbd-decision"));
    dialog->selectFile(QStringLiteral("decision-%1.nlbd-decision").arg(closed.next().value));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, closed](const QString &path) { saveTo(closed, path); });
    dialog->open();
}

void MadeList::saveTo(Epoch closed, const QString &path)
{
    m_saving[closed] = path;
    m_bridge.submit(api::ReadDecision{closed});
}

void MadeList::decisionRead(const api::DecisionRead &event)
{
    const auto saving = m_saving.extract(event.closed);
    if (!saving)
        return;
    const QString path = saving.mapped();
    if (event.file.empty()) {
        tell(tr("<b>Not saved.</b> This computer does not hold all the decisions that led to it."),
             "refused");
        return;
    }
    const std::string_view file = viewOf(event.file);
    const QByteArray bytes(file.data(), static_cast<qsizetype>(file.size()));
    writeBytes(path, bytes, this, [this, path](const QString &sentence) {
        if (sentence.isEmpty())
            tell(tr("<b>Saved.</b> %1 Anybody can check it with \"nlbd-peer verify-decision\".")
                     .arg(breakable(path).toHtmlEscaped()),
                 "agreed");
        else
            tell(sentence, "refused");
    });
}

void MadeList::tell(const QString &sentence, const char *tone)
{
    m_result->setText(sentence);
    setTone(m_result, tone);
    m_result->show();
}

} // namespace nlbd::ui
