#include "tests/support/fake_lobby.h"
#include "tests/ui/scene.h"
#include "ui/join/lobby_window.h"
#include "ui/main_window.h"
#include "ui/shell.h"

#include <QTest>
#include <QTimer>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

namespace {

/// Its workspaces do not open, or open late.
class SlowLobby : public FakeLobby {
public:
    bool isOpening = false;

    void submit(api::LobbyCommand command) override
    {
        if (!isOpening && std::holds_alternative<api::OpenWorkspace>(command))
            commands.push_back(command);
        else
            FakeLobby::submit(std::move(command));
    }

    /// Answers what it was asked.
    void openNow()
    {
        isOpening = true;
        const auto asked = all<api::OpenWorkspace>();
        QVERIFY(!asked.empty());
        submit(asked.front());
    }
};

/// Counts how often a window is shown, however shortly.
class ShownCount : public QObject {
public:
    explicit ShownCount(QObject &window) { window.installEventFilter(this); }
    int count = 0;

protected:
    bool eventFilter(QObject *, QEvent *event) override
    {
        count += event->type() == QEvent::Show ? 1 : 0;
        return false;
    }
};

class ShellTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneWorkspaceOpensAlone()
    {
        SlowLobby lobby;
        know(lobby, 1);
        lobby.isOpening = true;
        Shell shell(lobby, QStringLiteral("Andreas"));
        const ShownCount shown(shell.lobbyWindow());
        shell.start();
        QTRY_COMPARE(shell.mainWindows().size(), 1);
        QVERIFY(shell.mainWindows().front()->isVisible());
        QTRY_VERIFY(!shell.findChild<QTimer *>()->isActive()); // what waits for a slow one is over
        QCOMPARE(shown.count, 0);
    }

    void aWorkspaceThatOpensLateLetsTheStartPageBeSeen()
    {
        SlowLobby lobby;
        know(lobby, 1);
        Shell shell(lobby, QStringLiteral("Andreas"));
        shell.start();
        QTRY_COMPARE(lobby.all<api::OpenWorkspace>().size(), 1U);
        QTRY_VERIFY(shell.lobbyWindow().isVisible());
        lobby.openNow();
        QTRY_COMPARE(shell.mainWindows().size(), 1);
        QVERIFY(!shell.lobbyWindow().isVisible());
    }

    /// Whoever comes with an invitation sees what becomes of it.
    void anInvitationIsSeenBesideTheOneWorkspace()
    {
        SlowLobby lobby;
        know(lobby, 1);
        lobby.isOpening = true;
        Shell shell(lobby, QStringLiteral("Andreas"));
        shell.start();
        shell.useInvitation(QStringLiteral("nlbd:join/abc"));
        QTRY_COMPARE(lobby.all<api::UseInvitation>().size(), 1U);
        QTRY_VERIFY(!shell.findChild<QTimer *>()->isActive());
        QVERIFY(shell.lobbyWindow().isVisible());
        QCOMPARE(shell.lobbyWindow().page(), LobbyWindow::Page::Join);
    }

    void noneOrManyBeginAtTheStartPage_data()
    {
        QTest::addColumn<int>("count");
        QTest::newRow("none") << 0;
        QTest::newRow("two") << 2;
    }
    void noneOrManyBeginAtTheStartPage()
    {
        QFETCH(int, count);
        SlowLobby lobby;
        know(lobby, count);
        Shell shell(lobby, QStringLiteral("Andreas"));
        shell.start();
        QTRY_VERIFY(shell.lobbyWindow().isVisible());
        QVERIFY(lobby.all<api::OpenWorkspace>().empty());
    }

private:
    static void know(SlowLobby &lobby, int count)
    {
        lobby.profile.name = "Andreas Michas";
        lobby.workspaces = workspaceList();
        lobby.workspaces.workspaces.resize(static_cast<std::size_t>(count));
        lobby.workspace = Scene().workspace;
    }
};

} // namespace

QTEST_MAIN(ShellTest)
#include "shell_test.moc"
