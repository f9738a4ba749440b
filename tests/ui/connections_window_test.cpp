#include "tests/ui/scene.h"
#include "tests/ui/window_checks.h"
#include "ui/connections/connections_window.h"
#include "ui/join/lobby_window.h"
#include "ui/lobby_bridge.h"
#include "ui/qr_label.h"
#include "ui/shell.h"
#include "ui/theme.h"
#include "ui/words_connections.h"

#include <QCheckBox>
#include <QDir>
#include <QLabel>
#include <QMenu>
#include <QProcess>
#include <QPushButton>
#include <QStandardPaths>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QToolButton>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

namespace {

using State = api::Connection::State;

api::Connection row(int number, const char *name, State state)
{
    api::Connection result;
    result.device.value[0] = static_cast<std::byte>(number);
    result.name = name;
    result.state = state;
    result.workspaces = {"Agora"};
    result.address = "192.168.1." + std::to_string(20 + number) + ":47474";
    result.behind = 0;
    return result;
}

api::ConnectionsChanged someConnections()
{
    api::ConnectionsChanged all;
    all.port = 47475;
    all.wishedPort = 47474;
    all.here = {Obstacle::PortTaken};
    all.addresses = {"192.168.1.5:47475"};
    all.bytesIn = 4'800'000;
    all.bytesOut = 730'000;
    api::Connection thea = row(1, "Thea Kallas", State::Here);
    thea.isDialled = true;
    thea.foundBy = FoundBy::Beacon;
    thea.roundTrip = Millis(3);
    thea.roundTripSmoothed = Millis(2);
    thea.bytesIn = 4'800'000;
    thea.bytesOut = 700'000;
    thea.bulk = {3, 48'000};
    thea.files = thea.filesHeld = 5;
    thea.since = WallTime(Millis(1'795'000'000'000));
    api::Connection sofia = row(2, "Sofia Orfanou", State::Here);
    sofia.foundBy = FoundBy::TheyCame;
    sofia.roundTrip = sofia.roundTripSmoothed = Millis(0);
    sofia.bytesIn = 120;
    sofia.bytesOut = 30'000;
    sofia.behind = 3;
    sofia.files = 5;
    sofia.filesHeld = 2;
    sofia.failed = Obstacle::Clock;
    sofia.clockAhead = Millis(7'200'000);
    api::Connection nikos = row(3, "Nikos Petrou", State::Away);
    nikos.foundBy = FoundBy::LastAddress;
    nikos.failed = Obstacle::Refused;
    nikos.nextTryIn = Millis(12'400);
    nikos.behind = 41;
    all.others = {thea, sofia, nikos};
    all.visitors = {{"Nikos Petrou", "10.0.0.9", Obstacle::WrongVersion, 2, {}}};
    all.refused = {{Code::E_ZAP, 4}};
    return all;
}

QString cell(const QTableWidget &table, int atRow, int column)
{
    return table.item(atRow, column)->text();
}

bool shows(QWidget &in, const char *words)
{
    const auto labels = in.findChildren<QLabel *>();
    return std::ranges::any_of(labels, [words](const QLabel *label) {
        return label->isVisible() && label->text().contains(QString::fromUtf8(words));
    });
}

void shot(QWidget &window, const QString &name, qreal scale = 1)
{
    QTest::qWait(60); // lazy layouts settle; no condition depends on it
    const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
    if (folder.isEmpty())
        return;
    QVERIFY(QDir().mkpath(folder));
    QPixmap picture(window.size() * scale);
    picture.setDevicePixelRatio(scale);
    window.render(&picture);
    QVERIFY(picture.save(QStringLiteral("%1/%2-%3%4.png")
                             .arg(folder, name,
                                  theme().isDark ? QStringLiteral("dark") : QStringLiteral("light"),
                                  scale > 1 ? QStringLiteral("-2x") : QString())));
}

struct Opened {
    FakeLobby lobby;
    LobbyBridge bridge{lobby};
    ConnectionsWindow window{bridge};

    Opened()
    {
        bridge.start();
        window.show();
        static_cast<void>(QTest::qWaitForWindowExposed(&window));
    }
    QTableWidget &table() { return *window.findChild<QTableWidget *>(); }
    QLineEdit &address() { return *window.findChild<QLineEdit *>(); }
    QCheckBox &router() { return *window.findChild<QCheckBox *>(); }
    void tell(const api::LobbyEvent &event)
    {
        lobby.tell(event);
        QTest::qWait(20);
    }
};

} // namespace

/// What the mesh does is told calmly and whole; every failed step says what to do; it is watched
/// only while somebody looks.
class ConnectionsWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }

    void themes_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void themes()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
        Opened opened;
        shot(opened.window, QStringLiteral("connections-nobody"));
        opened.tell(someConnections());
        QTableWidget &table = opened.table();
        QCOMPARE(table.rowCount(), 3);
        QCOMPARE(cell(table, 0, ConnectionsWindow::Who), QStringLiteral("Thea Kallas"));
        QCOMPARE(cell(table, 0, ConnectionsWindow::State), QStringLiteral("Connected"));
        QCOMPARE(cell(table, 0, ConnectionsWindow::RoundTrip), QStringLiteral("2 ms"));
        QCOMPARE(cell(table, 0, ConnectionsWindow::Found), QStringLiteral("Heard on this network"));
        QCOMPARE(cell(table, 0, ConnectionsWindow::Holds), QStringLiteral("Has everything"));
        QVERIFY(!cell(table, 0, ConnectionsWindow::Waiting).isEmpty());
        QCOMPARE(cell(table, 1, ConnectionsWindow::State), QStringLiteral("Clock is off"));
        QCOMPARE(cell(table, 1, ConnectionsWindow::RoundTrip), QStringLiteral("under 1 ms"));
        QCOMPARE(cell(table, 1, ConnectionsWindow::Holds), QStringLiteral("3 changes behind"));
        QCOMPARE(cell(table, 2, ConnectionsWindow::State), QStringLiteral("Not running there"));
        QVERIFY(shows(opened.window, "2 computers are connected. 1 is not."));
        QVERIFY(shows(opened.window, "so 47475 is used"));
        QVERIFY(shows(opened.window, "Nikos Petrou (10.0.0.9): another version"));
        QVERIFY(shows(opened.window, "4 connections came that no member makes."));
        QVERIFY(unnamedControls(opened.window).isEmpty());
        table.setCurrentCell(0, 0);
        QVERIFY(shows(opened.window, "It has all files that are attached."));
        table.setCurrentCell(1, 0);
        QVERIFY(shows(opened.window, "It has 2 of 5 files that are attached."));
        table.setCurrentCell(2, 0);
        QVERIFY(shows(opened.window, "No Leader does not run there or uses another port."));
        QVERIFY(shows(opened.window, "It is called again in 13 s."));
        shot(opened.window, QStringLiteral("connections"));
        shot(opened.window, QStringLiteral("connections"), 2);
        opened.window.resize(560, 620);
        shot(opened.window, QStringLiteral("connections-560"));
        applyTheme(Appearance::Light);
    }

    void itIsWatchedOnlyWhileItIsOpen()
    {
        Opened opened;
        const auto watched = [&opened] {
            const auto all = opened.lobby.all<api::WatchConnections>();
            return !all.empty() && all.back().isWatched;
        };
        QVERIFY(watched());
        opened.window.close();
        QVERIFY(!watched());
        opened.window.show();
        QVERIFY(watched());
        QCOMPARE(opened.lobby.all<api::WatchConnections>().size(), std::size_t(3));
    }

    /// Rows are told anew every second, and in another order: what is read stays under the caret.
    void theChosenRowStays()
    {
        Opened opened;
        auto all = someConnections();
        opened.tell(all);
        opened.table().setCurrentCell(2, 1);
        std::ranges::reverse(all.others);
        opened.tell(all);
        QCOMPARE(opened.table().currentRow(), 0);
        QCOMPARE(cell(opened.table(), 0, ConnectionsWindow::Who), QStringLiteral("Nikos Petrou"));
        QVERIFY(shows(opened.window, "Nikos Petrou \u2014"));
        all.others.erase(all.others.begin());
        opened.tell(all);
        QCOMPARE(opened.table().rowCount(), 2);
        QVERIFY(opened.table().currentRow() >= 0);
        QCOMPARE(opened.table().item(0, 0)->data(Qt::AccessibleTextRole).toString(),
                 QStringLiteral("Who: Sofia Orfanou"));
    }

    void namesOfOthersAreNoMarkup()
    {
        Opened opened;
        api::ConnectionsChanged all;
        all.port = 1;
        all.others = {row(1, "<b>Bold</b>", State::Away)};
        all.others[0].failed = Obstacle::TimedOut;
        opened.tell(all);
        QCOMPARE(cell(opened.table(), 0, 0), QStringLiteral("<b>Bold</b>"));
        for (const QLabel *label : opened.window.findChildren<QLabel *>())
            QCOMPARE(label->textFormat(), Qt::PlainText);
    }

    void anAddressIsCalledByKeyboard()
    {
        Opened opened;
        opened.address().setFocus();
        QTest::keyClicks(&opened.address(), QStringLiteral(" 192.168.1.7 "));
        QTest::keyClick(&opened.address(), Qt::Key_Return);
        const auto asked = opened.lobby.all<api::ConnectTo>();
        QCOMPARE(asked.size(), std::size_t(1));
        QCOMPARE(asked[0].address, std::string("192.168.1.7"));
        QVERIFY(opened.window.isVisible()); // Return called, and closed nothing
        using Reach = api::ReachChanged::State;
        opened.tell(api::ReachChanged{"192.168.1.7:47474", FoundBy::Typed, Reach::Trying, {}});
        QVERIFY(shows(opened.window, "Calling 192.168.1.7:47474"));
        opened.tell(api::ReachChanged{"192.168.1.7:47474", FoundBy::Typed, Reach::StillTrying, {}});
        QVERIFY(shows(opened.window, "Still trying 192.168.1.7:47474. No answer yet."));
        shot(opened.window, QStringLiteral("connections-trying"));
        opened.tell(api::ReachChanged{"192.168.1.7:47474", FoundBy::Typed, Reach::Failed,
                                      Obstacle::Unreachable});
        QVERIFY(shows(opened.window, "192.168.1.7:47474: cannot be reached."));
    }

    /// Asked for, never silently: the switch shows what is so, and only a person moves it.
    void theRouterIsAskedByAPersonOnly()
    {
        Opened opened;
        auto all = someConnections();
        all.router.isWanted = true;
        opened.tell(all);
        QVERIFY(opened.router().isChecked());
        QVERIFY(opened.lobby.all<api::MapPort>().empty());
        opened.router().setFocus();
        QTest::keyClick(&opened.router(), Qt::Key_Space);
        const auto wishes = opened.lobby.all<api::MapPort>();
        QVERIFY(wishes.size() == 1 && !wishes[0].isWanted);
        all.router = {api::RouterAnswer::State::Mapped, true, "203.0.113.7:61000",
                      std::chrono::seconds(3600)};
        opened.tell(all);
        QVERIFY(shows(opened.window, "at 203.0.113.7:61000. The router holds that for 60 minutes"));
        shot(opened.window, QStringLiteral("connections-mapped"));
    }

    void everyStepSaysWhatToDo()
    {
        QSet<QString> heads;
        for (std::size_t i = 0; i < kObstacles; ++i) {
            const auto step = static_cast<Obstacle>(i);
            const QString head = words::obstacle(step);
            const QString remedy = words::remedy(step, 47475);
            heads << head;
            QVERIFY2(!head.isEmpty() && head.size() <= 32, qPrintable(head));
            QVERIFY2(remedy.size() > 30 && remedy.endsWith(QLatin1Char('.')), qPrintable(remedy));
            QVERIFY2(!remedy.contains(QLatin1Char('!')), qPrintable(remedy));
            for (const char *word : {"peer", "node", "sync", "Error", "multicast"})
                QVERIFY2(!remedy.contains(QLatin1String(word)), qPrintable(remedy));
            QVERIFY(!nameOf(step).empty());
        }
        QCOMPARE(heads.size(), qsizetype(kObstacles));
    }

    void theMenuOfAWorkspaceLeadsThere()
    {
        FakeLobby lobby;
        lobby.profile.name = "Andreas Michas";
        lobby.workspaces = workspaceList();
        lobby.workspaces.workspaces.resize(1);
        lobby.workspace->people = Scene().workspace->people;
        Shell shell(lobby, QStringLiteral("Andreas"));
        shell.start();
        QTRY_COMPARE(shell.mainWindows().size(), 1);
        MainWindow *window = shell.mainWindows().front();
        QTest::keyClick(window, Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(shell.connectionsWindow() && shell.connectionsWindow()->isVisible());
        bool isInMenu = false;
        for (const QToolButton *button : window->findChildren<QToolButton *>())
            if (button->menu())
                for (const QAction *action : button->menu()->actions())
                    isInMenu = isInMenu || action->text() == QStringLiteral("Connections");
        QVERIFY(isInMenu);
        window->close();
        QTRY_VERIFY(!shell.connectionsWindow()->isVisible());
    }

    /// Who finds nobody has no workspace yet, and so no menu.
    void theStartWindowLeadsThere()
    {
        FakeLobby lobby;
        Shell shell(lobby, QStringLiteral("Andreas"));
        shell.start();
        QTRY_VERIFY(shell.lobbyWindow().isVisible());
        QPushButton *button = nullptr;
        for (auto *each : shell.lobbyWindow().findChildren<QPushButton *>())
            if (each->text() == QStringLiteral("Connections"))
                button = each;
        QVERIFY(button && button->isVisible());
        button->click();
        QTRY_VERIFY(shell.connectionsWindow() && shell.connectionsWindow()->isVisible());
        shell.lobbyWindow().close(); // nothing else is open: the program is to end
        QTRY_VERIFY(!shell.connectionsWindow()->isVisible());
    }

    void anInvitationIsAPictureForACamera()
    {
        const QString text = QStringLiteral("nlbd:join/") + QString(420, QLatin1Char('x'));
        const QImage one = qrCode(text, 1);
        QVERIFY(!one.isNull());
        // Four modules of white all around, then the corner of a finder.
        for (int i = 0; i < one.width(); ++i)
            for (int depth = 0; depth < 4; ++depth)
                for (const QPoint at :
                     {QPoint(i, depth), QPoint(depth, i), QPoint(i, one.width() - 1 - depth),
                      QPoint(one.width() - 1 - depth, i)})
                    QCOMPARE(one.pixel(at), qRgb(255, 255, 255));
        QCOMPARE(one.pixel(4, 4), qRgb(0, 0, 0));
        QCOMPARE(qrCode(text, 3).width(), 3 * one.width());
        QVERIFY(qrCode({}, 2).isNull());
        QVERIFY(qrCode(QString(5000, QLatin1Char('x')), 2).isNull()); // no code holds that
        const QString reader = QStandardPaths::findExecutable(QStringLiteral("zbarimg"));
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("code.png"));
        QVERIFY(qrCode(text, 2).save(file));
        if (reader.isEmpty())
            QSKIP("zbarimg is not installed: whether the code is read was not tried");
        QProcess read;
        read.start(reader, {QStringLiteral("-q"), QStringLiteral("--raw"), file});
        QVERIFY(read.waitForFinished());
        QCOMPARE(QString::fromUtf8(read.readAllStandardOutput()).trimmed(), text);
    }

    void theInvitationPageShowsIt_data() { themes_data(); }
    void theInvitationPageShowsIt()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
        FakeLobby lobby;
        lobby.profile.name = "Andreas Michas";
        lobby.profile.addresses = {"192.168.1.5:47474"};
        LobbyBridge bridge(lobby);
        LobbyWindow window(bridge, QStringLiteral("Andreas"));
        bridge.start();
        window.show();
        window.showPage(LobbyWindow::Page::Invitation);
        auto *picture = window.findChild<QrLabel *>();
        QVERIFY(picture && !picture->isVisible());
        lobby.tell(api::InvitationMade{"nlbd:join/" + std::string(420, 'y'),
                                       WallTime(Millis(1'795'000'000'000))});
        QTRY_VERIFY(picture->isVisible());
        shot(window, QStringLiteral("invitation"));
        shot(window, QStringLiteral("invitation"), 2);
        window.showPage(LobbyWindow::Page::Invitation); // the next one is another
        QVERIFY(!picture->isVisible());
        applyTheme(Appearance::Light);
    }
};

QTEST_MAIN(ConnectionsWindowTest)
#include "connections_window_test.moc"
