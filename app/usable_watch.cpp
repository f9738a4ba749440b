#include "app/usable_watch.h"

#include "ui/editor/document_view.h"
#include "ui/main_window.h"
#include "ui/shell.h"

#include <QCoreApplication>
#include <QEvent>

#include <algorithm>
#include <cstdio>

namespace nlbd::app {

UsableWatch::UsableWatch(const ui::Shell &shell)
    : m_shell(shell)
{
    qApp->installEventFilter(this);
}

/// Said when the paint that was asked for is over.
bool UsableWatch::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::Paint)
        return false;
    const QList<ui::MainWindow *> windows = m_shell.mainWindows();
    const bool isPage = std::ranges::any_of(windows, [watched](ui::MainWindow *window) {
        return window->page().isOpen() && watched == window->page().viewport();
    });
    if (!isPage)
        return false;
    qApp->removeEventFilter(this);
    const auto say = [] {
        std::printf("usable\n");
        std::fflush(stdout);
    };
    QMetaObject::invokeMethod(this, say, Qt::QueuedConnection);
    return false;
}

} // namespace nlbd::app
