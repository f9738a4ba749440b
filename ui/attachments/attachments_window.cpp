#include "ui/attachments/attachments_window.h"

#include "core/base/harmless_name.h"
#include "ui/background.h"
#include "ui/parts.h"
#include "ui/words_attachments.h"
#include "ui/words_connections.h"
#include "ui/workspace_bridge.h"

#include <QApplication>
#include <QBoxLayout>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QHeaderView>
#include <QMessageBox>
#include <QProgressBar>
#include <QSignalBlocker>
#include <QStandardPaths>
#include <QTableWidget>
#include <QUrl>

#include <algorithm>

namespace nlbd::ui {

namespace {

using State = api::AttachmentInfo::State;

constexpr int kRowHeight = 34;
constexpr int kProgressSteps = 1000;

Role roleOf(State state)
{
    switch (state) {
    case State::Here:
        return Role::Agreed;
    case State::Fetching:
    case State::Waiting:
        return Role::Pencil;
    case State::Elsewhere:
    case State::Nowhere:
        return Role::Muted;
    }
    return Role::Muted;
}

bool isComing(const api::AttachmentInfo &info)
{
    return info.state == State::Fetching || info.state == State::Waiting;
}

} // namespace

AttachmentsWindow::AttachmentsWindow(WorkspaceBridge &bridge, QWidget *parent)
    : QDialog(parent)
    , m_bridge(bridge)
    , m_opener([](const QUrl &url) { QDesktopServices::openUrl(url); })
    , m_head(makeSentence({}, "muted"))
    , m_table(new QTableWidget(0, kColumns))
    , m_empty(makeSentence(
          tr("Nothing is attached to this document. Drop a file on the window, or choose one."),
          "muted"))
    , m_progress(new QProgressBar)
    , m_working(makeSentence({}, "muted"))
    , m_detail(makeSentence({}))
{
    setWindowTitle(tr("Attachments"));
    resize(820, 480);
    setMinimumSize(520, 360);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(8);
    column->addWidget(makeLabel(tr("Attachments"), "title"));
    column->addWidget(m_head);
    makeTable();
    column->addWidget(m_table, 1);
    column->addWidget(m_empty, 1, Qt::AlignTop);
    m_progress->setRange(0, kProgressSteps);
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(8);
    m_progress->setAccessibleName(tr("How much of it is here"));
    column->addWidget(m_progress);
    m_working->setVisible(false);
    column->addWidget(m_working);
    m_detail->setMinimumHeight(44);
    m_detail->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    column->addWidget(m_detail);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    m_attach = addButton(tr("Attach a file\u2026"), &AttachmentsWindow::askFiles);
    m_fetch = addButton(tr("Fetch"), &AttachmentsWindow::fetch);
    m_save = addButton(tr("Save as\u2026"), &AttachmentsWindow::saveAs);
    m_open = addButton(tr("Open"), &AttachmentsWindow::openCurrent);
    m_takeOff = addButton(tr("Take off"), &AttachmentsWindow::takeOff);
    for (QPushButton *button : {m_attach, m_fetch, m_save, m_open, m_takeOff})
        row->addWidget(button);
    row->addStretch();
    QPushButton *close = makeButton(tr("Close"), ButtonKind::Primary);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    row->addWidget(close);
    column->addLayout(row);
    connect(&m_bridge, &WorkspaceBridge::attachmentsChanged, this,
            &AttachmentsWindow::attachmentsChanged);
    connect(&m_bridge, &WorkspaceBridge::fileAttached, this,
            [this](const api::FileAttached &event) {
                m_working->setVisible(false);
                if (!m_isShown || !m_isShown(event))
                    Q_EMIT told(words::attachmentDone(QString::fromUtf8(event.name)), true);
            });
    connect(&m_bridge, &WorkspaceBridge::attachmentSaved, this, &AttachmentsWindow::saved);
    connect(&m_bridge, &WorkspaceBridge::attachmentFailed, this, &AttachmentsWindow::failed);
    connect(&m_bridge, &WorkspaceBridge::fileProgress, this,
            [this](const api::FileProgress &event) {
                m_working->setText(words::fileProgress(event));
                m_working->setVisible(true);
            });
    fill();
}

QPushButton *AttachmentsWindow::addButton(const QString &text, void (AttachmentsWindow::*use)())
{
    QPushButton *button = makeButton(text);
    connect(button, &QPushButton::clicked, this, use);
    return button;
}

void AttachmentsWindow::makeTable()
{
    m_table->setAccessibleName(tr("Attached files"));
    m_table->setHorizontalHeaderLabels({tr("File"), tr("Size"), tr("From"), tr("Where it is")});
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false); // Tab leaves the table; arrows walk in it
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTextElideMode(Qt::ElideMiddle); // the ending is what a file is
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(Name, QHeaderView::Interactive);
    m_table->horizontalHeader()->resizeSection(Name, 260);
    m_table->horizontalHeader()->setStretchLastSection(true);
    connect(m_table, &QTableWidget::currentCellChanged, this, &AttachmentsWindow::showCurrent);
}

// ---- what there is ------------------------------------------------------------------------------

void AttachmentsWindow::setPeople(const words::People &people)
{
    m_people = people;
    fill();
}

void AttachmentsWindow::setDocument(DocIndex doc, const QString &title)
{
    m_doc = doc;
    m_title = title;
    fill();
}

void AttachmentsWindow::setMayWrite(bool mayWrite)
{
    m_mayWrite = mayWrite;
    showCurrent();
}

void AttachmentsWindow::attachmentsChanged(const api::AttachmentsChanged &event)
{
    m_all = event.attachments;
    fill();
}

void AttachmentsWindow::fill()
{
    const api::AttachmentInfo *before = current();
    const Hash chosen = before != nullptr ? before->blob : Hash{};
    m_shown.clear();
    std::ranges::copy_if(m_all, std::back_inserter(m_shown),
                         [this](const auto &info) { return m_doc == info.doc; });
    m_head->setText(tr("Of \u201c%1\u201d. Everyone who reads it can have them; nobody else can "
                       "read them.")
                        .arg(m_title));
    m_head->setVisible(m_doc.has_value());
    {
        const QSignalBlocker quiet(m_table); // the row that is read stays the same one
        m_table->setRowCount(static_cast<int>(m_shown.size()));
        for (int row = 0; row < m_table->rowCount(); ++row)
            fillRow(row, m_shown[static_cast<std::size_t>(row)]);
        const auto at = std::ranges::find(m_shown, chosen, &api::AttachmentInfo::blob);
        if (m_table->rowCount() > 0)
            m_table->setCurrentCell(at == m_shown.end() ? 0
                                                        : static_cast<int>(at - m_shown.begin()),
                                    std::max(m_table->currentColumn(), 0));
    }
    m_table->setVisible(!m_shown.empty());
    m_empty->setVisible(m_shown.empty());
    showCurrent();
    Q_EMIT changed();
}

void AttachmentsWindow::fillRow(int row, const api::AttachmentInfo &info)
{
    const QStringList texts{QString::fromUtf8(info.name), words::bytes(info.size),
                            words::nameOf(m_people, info.by),
                            words::attachmentState(info, m_people)};
    for (int column = 0; column < kColumns; ++column) {
        QTableWidgetItem *item = m_table->item(row, column);
        if (item == nullptr) {
            item = new QTableWidgetItem;
            m_table->setItem(row, column, item);
        }
        item->setText(texts[column]);
        item->setToolTip(plainToolTip(texts[column]));
        const QString head = m_table->horizontalHeaderItem(column)->text();
        item->setData(Qt::AccessibleTextRole, QStringLiteral("%1: %2").arg(head, texts[column]));
        item->setForeground(colour(column == State ? roleOf(info.state) : Role::Ink));
    }
}

const api::AttachmentInfo *AttachmentsWindow::current() const
{
    const int row = m_table->currentRow();
    return row >= 0 && static_cast<std::size_t>(row) < m_shown.size()
        ? &m_shown[static_cast<std::size_t>(row)]
        : nullptr;
}

void AttachmentsWindow::showCurrent()
{
    using Obstacle = api::AttachmentInfo::Obstacle;
    const api::AttachmentInfo *info = current();
    m_attach->setEnabled(m_mayWrite && m_doc.has_value());
    m_detail->setVisible(info != nullptr);
    m_progress->setVisible(info != nullptr && isComing(*info));
    const bool isHere = info != nullptr && info->state == State::Here;
    const bool isStopped = info != nullptr && isComing(*info);
    m_fetch->setText(isStopped ? tr("Do not fetch") : tr("Fetch"));
    m_fetch->setEnabled(info != nullptr && !isHere && info->obstacle != Obstacle::TooMuchOfMember);
    m_save->setEnabled(isHere);
    m_open->setEnabled(isHere);
    m_takeOff->setEnabled(info != nullptr && m_mayWrite);
    if (info == nullptr)
        return;
    m_detail->setText(words::attachmentDetail(*info, m_people));
    m_progress->setValue(
        info->size == 0 ? 0 : static_cast<int>(info->held * kProgressSteps / info->size));
}

// ---- what a person does -------------------------------------------------------------------------

void AttachmentsWindow::askFiles()
{
    if (!m_doc || !m_mayWrite)
        return;
    QWidget *above = isVisible() ? this : parentWidget();
    auto *dialog = new QFileDialog(above, tr("Attach files"), {}, tr("All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, this, &AttachmentsWindow::attach);
    dialog->open();
}

void AttachmentsWindow::attach(const QStringList &files)
{
    if (!m_doc)
        return;
    if (!m_mayWrite) {
        Q_EMIT told(tr("<b>Nothing was attached.</b> You may read here, but not write."), false);
        return;
    }
    for (const QString &file : files)
        m_bridge.submit(api::AttachFile{*m_doc, QFile::encodeName(file).toStdString()});
}

void AttachmentsWindow::fetch()
{
    if (const api::AttachmentInfo *info = current())
        m_bridge.submit(api::FetchAttachment{info->blob, !isComing(*info)});
}

void AttachmentsWindow::saveAs()
{
    const api::AttachmentInfo *info = current();
    if (info == nullptr)
        return;
    auto *dialog = new QFileDialog(this, tr("Save the attachment"), {}, tr("All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->resize(780, 520);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(QString::fromUtf8(info->name));
    connect(
        dialog, &QFileDialog::fileSelected, this,
        [this, doc = info->doc, blob = info->blob](const QString &file) {
            m_bridge.submit(api::SaveAttachment{doc, blob, QFile::encodeName(file).toStdString()});
        });
    dialog->open();
}

void AttachmentsWindow::openCurrent()
{
    const api::AttachmentInfo *info = current();
    if (info == nullptr)
        return;
    auto *question = new QMessageBox(this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setTextFormat(Qt::PlainText); // a name is no markup
    question->setWindowTitle(tr("Open an attachment"));
    if (mayRun(info->name)) {
        question->setText(words::mayNotOpen(QString::fromUtf8(info->name)));
        question->setStandardButtons(QMessageBox::Close);
        question->open();
        return;
    }
    question->setText(words::askToOpen(*info, m_people));
    question->setStandardButtons(QMessageBox::Open | QMessageBox::Cancel);
    question->setDefaultButton(QMessageBox::Cancel);
    connect(question, &QMessageBox::finished, this, [this, copy = *info](int answer) {
        if (answer == QMessageBox::Open)
            openCopy(copy);
    });
    question->open();
}

/// A copy, under its own harmless name in a folder of its own.
void AttachmentsWindow::openCopy(const api::AttachmentInfo &info)
{
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::CacheLocation)
        + QStringLiteral("/attachments/") + QString::fromStdString(info.blob.hex()).left(16);
    const QString file = folder + QLatin1Char('/') + QString::fromUtf8(info.name);
    m_opening[QFile::encodeName(file).toStdString()] = info.blob;
    runInBackground(
        this, [folder] { return QDir().mkpath(folder); },
        [this, file, doc = info.doc, blob = info.blob](bool) {
            m_bridge.submit(api::SaveAttachment{doc, blob, QFile::encodeName(file).toStdString()});
        });
}

void AttachmentsWindow::takeOff()
{
    if (const api::AttachmentInfo *info = current())
        m_bridge.submit(api::DetachFile{info->doc, info->blob});
}

void AttachmentsWindow::saved(const api::AttachmentSaved &event)
{
    m_working->setVisible(false);
    const QString file = QFile::decodeName(QByteArray::fromStdString(event.file));
    if (m_opening.erase(event.file) > 0) {
        m_opener(QUrl::fromLocalFile(file));
        return;
    }
    Q_EMIT told(tr("<b>Saved.</b> %1").arg(file.toHtmlEscaped()), true);
}

void AttachmentsWindow::failed(const api::AttachmentFailed &event)
{
    m_working->setVisible(false);
    m_opening.erase(event.file);
    Q_EMIT told(words::attachmentFailed(event), false);
}

} // namespace nlbd::ui
