// Files at the document on the page, as the main window takes and tells them.

#include "ui/attachments/attachments_window.h"
#include "ui/banner_zone.h"
#include "ui/documents/document_list.h"
#include "ui/editor/document_view.h"
#include "ui/main_window.h"
#include "ui/page_parts.h"
#include "ui/pictures/page_pictures.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QMimeData>
#include <QUrl>

#include <algorithm>

namespace nlbd::ui {

void MainWindow::makeAttachmentActions()
{
    m_attach = addCommand({}, tr("Attach a file\u2026"), QKeySequence(tr("Ctrl+Shift+A")),
                          &MainWindow::askAttach);
    m_attach->setEnabled(false);
    m_attached = addCommand({}, tr("Attachments of this document"),
                            QKeySequence(tr("Ctrl+Shift+F")), &MainWindow::showAttachments);
}

void MainWindow::connectAttachments()
{
    setAcceptDrops(true);
    connect(m_attachments, &AttachmentsWindow::told, this, &MainWindow::attachmentsTold);
    connect(&m_parts->pictures(), &PagePictures::filesGiven, m_attachments,
            &AttachmentsWindow::attach);
    m_attachments->setIsShown(
        [this](const api::FileAttached &event) { return m_parts->pictures().awaits(event); });
    connect(&m_parts->pictures(), &PagePictures::attachmentsWanted, this,
            &MainWindow::showAttachments);
}

void MainWindow::askAttach()
{
    m_attachments->askFiles();
}

void MainWindow::showAttachments()
{
    if (const std::optional<DocIndex> doc = m_page->shownDocument())
        m_attachments->setDocument(*doc, m_list->titleOf(*doc));
    m_attachments->show();
    m_attachments->raise();
    m_attachments->activateWindow();
}

void MainWindow::attachmentsTold(const QString &html, bool isGood)
{
    BannerZone::Banner banner{isGood ? QStringLiteral("agreed") : QStringLiteral("pencil"),
                              isGood ? QStringLiteral("check") : QStringLiteral("warning"),
                              html,
                              {},
                              {}};
    if (isGood)
        banner.choices = {{tr("Show"), [this] { showAttachments(); }}};
    m_banners->put(BannerZone::About::File, std::move(banner));
}

// A file that is dropped beside the page is attached as well.

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (m_page->shownDocument() && !DocumentView::filesIn(event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    const QStringList files = DocumentView::filesIn(event->mimeData());
    if (files.isEmpty())
        return;
    event->setDropAction(Qt::CopyAction); // who dragged it keeps it
    event->accept();
    m_attachments->attach(files);
}

} // namespace nlbd::ui
