#include "ui/rejected/take_back_dialog.h"

#include "ui/parts.h"
#include "ui/words_rejected.h"
#include "ui/workspace_bridge.h"

#include <QBoxLayout>
#include <QListWidget>

namespace nlbd::ui {

namespace {

constexpr int kRowHeight = 28;

} // namespace

TakeBackDialog::TakeBackDialog(WorkspaceBridge &bridge, DeviceIndex device, const QString &name,
                               QWidget *parent)
    : QDialog(parent)
    , m_bridge(bridge)
    , m_device(device)
    , m_question(bridge.nextRequest())
    , m_count(makeSentence(tr("Looking at what there is\u2026")))
    , m_list(new QListWidget)
    , m_clock(makeSentence(tr("Times are as that computer's clock told them."), "muted"))
    , m_result(makeSentence({}))
    , m_cancel(makeButton(tr("Cancel")))
    , m_verb(makeButton(tr("Take back"), ButtonKind::Primary))
{
    setWindowTitle(tr("Take back what somebody wrote"));
    setAttribute(Qt::WA_DeleteOnClose);
    setMinimumWidth(560);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(10);
    column->addWidget(makeSentence(breakable(tr("Take back what %1 wrote?").arg(name)), "title"));
    column->addWidget(makeSentence(
        tr("What still shows of it is taken out of the texts, as edits of your own: everyone sees "
           "that you did it. What others wrote stays, the history keeps everything, and Undo puts "
           "it back.")));
    m_list->setAccessibleName(tr("From when on"));
    m_list->setProperty("kind", QStringLiteral("card"));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setTextElideMode(Qt::ElideRight);
    m_list->setMinimumHeight(150);
    column->addWidget(m_list, 1);
    column->addWidget(m_clock);
    column->addWidget(m_count);
    m_result->hide();
    column->addWidget(m_result);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    row->addWidget(m_cancel);
    row->addWidget(m_verb);
    column->addLayout(row);
    m_verb->setEnabled(false);
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_verb, &QPushButton::clicked, this, &TakeBackDialog::takeBack);
    connect(m_list, &QListWidget::currentRowChanged, this, &TakeBackDialog::choose);
    connect(&bridge, &WorkspaceBridge::deviceReviewed, this, &TakeBackDialog::reviewed);
    connect(&bridge, &WorkspaceBridge::tookBack, this, &TakeBackDialog::tookBack);
    m_cancel->setFocus();
    bridge.submit(api::ReviewDevice{m_question, m_device});
}

void TakeBackDialog::reviewed(const api::DeviceReviewed &event)
{
    if (event.request != m_question)
        return;
    m_sittings = event.sittings;
    for (std::size_t i = 0; i < m_sittings.size(); ++i) {
        auto *item =
            new QListWidgetItem(words::sitting(m_sittings[i], i + 1 == m_sittings.size()), m_list);
        item->setSizeHint(QSize(120, kRowHeight));
    }
    m_list->setVisible(!m_sittings.empty());
    m_clock->setVisible(!m_sittings.empty());
    if (m_sittings.empty())
        m_count->setText(tr("Nothing of that computer is in any text."));
    else
        m_list->setCurrentRow(0); // the least of them
    adjustSize();
}

const api::Sitting *TakeBackDialog::chosen() const
{
    const int row = m_list->currentRow();
    const bool isThere = row >= 0 && std::cmp_less(row, m_sittings.size());
    return isThere ? &m_sittings[static_cast<std::size_t>(row)] : nullptr;
}

void TakeBackDialog::choose()
{
    const api::Sitting *sitting = chosen();
    m_verb->setEnabled(sitting != nullptr && !m_request);
    if (sitting == nullptr)
        return;
    const QString what = words::changesIn(sitting->changes, sitting->documents);
    m_count->setText(tr("That is %1, of which what still shows is taken back.").arg(what));
    m_verb->setText(sitting->changes == 1 ? tr("Take back 1 change")
                                          : tr("Take back %1 changes").arg(sitting->changes));
    m_verb->setAccessibleName(m_verb->text());
}

void TakeBackDialog::takeBack()
{
    const api::Sitting *sitting = chosen();
    if (sitting == nullptr || m_request)
        return;
    m_request = m_bridge.nextRequest();
    m_cancel->setFocus(); // a button that waits would hand the focus to whatever comes next
    m_verb->setEnabled(false);
    m_bridge.submit(api::TakeBack{*m_request, m_device, sitting->since});
}

void TakeBackDialog::tookBack(const api::TookBack &event)
{
    if (event.request != m_request)
        return;
    m_result->setText(words::tookBack(event));
    setTone(m_result, event.changes > 0 ? "agreed" : "pencil");
    m_result->show();
    m_list->setEnabled(false);
    m_verb->hide();
    m_cancel->setText(tr("Close"));
    m_cancel->setAccessibleName(m_cancel->text());
    adjustSize();
}

} // namespace nlbd::ui
