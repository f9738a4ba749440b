// What is put into a page beside letters, and how the page was, as the main window offers and
// tells it.

#include "ui/documents/document_list.h"
#include "ui/editor/document_view.h"
#include "ui/history/page_history.h"
#include "ui/main_window.h"
#include "ui/objects/page_objects.h"
#include "ui/page_parts.h"
#include "ui/page_tools.h"
#include "ui/status_line.h"

#include <QAction>
#include <QBoxLayout>

namespace nlbd::ui {

void MainWindow::connectParts()
{
    auto *link = findChild<QAction *>(QStringLiteral("link"), Qt::FindDirectChildrenOnly);
    m_parts = new PageParts({*m_page, m_bridge, *link, *m_formatMenu, m_blockActions});
    m_tools->setObjects(m_parts->objects());
    connect(m_parts, &PageParts::noted, m_status, &StatusLine::showNote);
    connect(m_parts, &PageParts::told, this, &MainWindow::tellFile);
}

void MainWindow::connectHistory()
{
    auto *open = findChild<QAction *>(QStringLiteral("historyAction"), Qt::FindDirectChildrenOnly);
    m_history = new PageHistory({*this, *open, *m_page, m_bridge, *m_banners, *m_status,
                                 *static_cast<QBoxLayout *>(m_column->layout()), *m_pageMenu,
                                 [this] { return m_list->titleOf(*m_page->shownDocument()); }});
    m_history->setObjects(m_parts->objects());
}

} // namespace nlbd::ui
