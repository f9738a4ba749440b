#pragma once

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <utility>

namespace nlbd::ui {

/// Runs `work` on the pool, and `done` with its result on the GUI's loop, if `context` is there
/// then. What `work` throws ends the program: it must not.
template <typename Work, typename Done>
void runInBackground(QObject *context, Work work, Done done)
{
    QThreadPool::globalInstance()->start(
        [alive = QPointer<QObject>(context), work = std::move(work), done = std::move(done)] {
            auto result = work();
            QMetaObject::invokeMethod(
                qApp,
                [alive, done, result = std::move(result)] {
                    if (alive)
                        done(result);
                },
                Qt::QueuedConnection);
        });
}

} // namespace nlbd::ui
