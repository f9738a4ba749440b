// What is put into a page beside letters, as the main window offers and tells it.

#include "ui/main_window.h"
#include "ui/page_parts.h"
#include "ui/status_line.h"

#include <QAction>

namespace nlbd::ui {

void MainWindow::connectParts()
{
    auto *link = findChild<QAction *>(QStringLiteral("link"), Qt::FindDirectChildrenOnly);
    m_parts = new PageParts({*m_page, m_bridge, *link, *m_formatMenu, m_blockActions});
    connect(m_parts, &PageParts::noted, m_status, &StatusLine::showNote);
    connect(m_parts, &PageParts::told, this, &MainWindow::tellFile);
}

} // namespace nlbd::ui
