#pragma once

#include "app/loop.h"
#include "app/runtime.h"
#include "ui/editor/document_view.h"
#include "ui/join/lobby_window.h"
#include "ui/main_window.h"
#include "ui/shell.h"

#include <QAbstractButton>
#include <QPlainTextEdit>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace nlbd::testing {

/// One person at one computer: a profile folder, the real runtime with its engine loop, store
/// thread and mesh, and the real windows. Several of them live in one test and meet on loopback.
class Person {
public:
    explicit Person(QString name)
        : m_name(std::move(name))
    {
        start();
    }
    ~Person() { stop(); }
    Person(const Person &) = delete;
    Person &operator=(const Person &) = delete;

    void start()
    {
        auto profile = app::Profile::open(m_folder.path().toStdString());
        QVERIFY(profile);
        app::RuntimeOptions options;
        options.network.isLoopbackOnly = true;
        m_runtime =
            std::make_unique<app::Runtime>(std::move(*profile), options, app::makeNetwork());
        m_shell = std::make_unique<ui::Shell>(m_runtime->lobby(), m_name);
        m_shell->start();
    }

    /// Closes everything as the end of the program does.
    void stop()
    {
        if (!m_shell)
            return;
        for (ui::MainWindow *window : m_shell->mainWindows())
            window->close();
        m_shell.reset();
        m_runtime.reset();
    }

    [[nodiscard]] ui::LobbyWindow &lobby() { return m_shell->lobbyWindow(); }
    [[nodiscard]] ui::MainWindow *window() const
    {
        const QList<ui::MainWindow *> windows = m_shell->mainWindows();
        return windows.isEmpty() ? nullptr : windows.front();
    }
    [[nodiscard]] ui::DocumentView &page() { return window()->page(); }

    /// The text on the page, with the core's line breaks.
    [[nodiscard]] QString text()
    {
        return page().document()->toRawText().replace(QChar(QChar::ParagraphSeparator),
                                                      QChar(u'\n'));
    }

    /// A control of this person's windows that is on the screen, by its accessible name.
    template <typename Widget>
    [[nodiscard]] static Widget *find(QWidget &in, const QString &name)
    {
        for (Widget *widget : in.findChildren<Widget *>()) {
            if (widget->isVisible() && widget->accessibleName() == name)
                return widget;
        }
        return nullptr;
    }

    static void press(QWidget &in, const QString &button)
    {
        QTRY_VERIFY2(find<QAbstractButton>(in, button), qPrintable(button));
        QTRY_VERIFY2(find<QAbstractButton>(in, button)->isEnabled(), qPrintable(button));
        QTest::mouseClick(find<QAbstractButton>(in, button), Qt::LeftButton);
    }

    /// Puts the caret behind the first `words` of the text.
    void standBehind(const QString &words)
    {
        const qsizetype place = text().indexOf(words);
        QVERIFY2(place >= 0, qPrintable(words));
        stand(place + words.size(), place + words.size());
    }
    void choose(const QString &words)
    {
        const qsizetype place = text().indexOf(words);
        QVERIFY2(place >= 0, qPrintable(words));
        stand(place, place + words.size());
    }

    /// Nothing is on its way to the disk or to a signature: all that this person's computer holds
    /// is agreed by a quorum.
    [[nodiscard]] bool hasEverythingAgreed()
    {
        const auto question = [](app::Loop &loop) {
            for (const auto &[id, host] : loop.hosts()) {
                const auto now = host->engine().snapshot();
                if (now.changes == 0 || now.ratified != now.changes || !host->isStored())
                    return false;
            }
            return !loop.hosts().empty();
        };
        return m_runtime->ask<bool>(question, false);
    }

private:
    void stand(qsizetype anchor, qsizetype caret)
    {
        QTextCursor cursor = page().textCursor();
        cursor.setPosition(static_cast<int>(anchor));
        cursor.setPosition(static_cast<int>(caret), QTextCursor::KeepAnchor);
        page().setTextCursor(cursor);
    }

    QString m_name;
    QTemporaryDir m_folder;
    std::unique_ptr<app::Runtime> m_runtime;
    std::unique_ptr<ui::Shell> m_shell;
};

} // namespace nlbd::testing
