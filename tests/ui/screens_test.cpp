#include "tests/support/fake_lobby.h"
#include "tests/ui/rejected_scene.h"
#include "tests/ui/window_checks.h"
#include "ui/banner_zone.h"
#include "ui/decisions/ask_dialog.h"
#include "ui/decisions/decisions_panel.h"
#include "ui/decisions/rule_dialog.h"
#include "ui/editor/document_view.h"
#include "ui/evidence/evidence_window.h"
#include "ui/help/help_dialog.h"
#include "ui/join/lobby_window.h"
#include "ui/lobby_bridge.h"
#include "ui/main_window.h"
#include "ui/rejected/rejected_window.h"
#include "ui/rejected/take_back_dialog.h"
#include "ui/shell.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QContextMenuEvent>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPainter>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

namespace {

/// As long as real ones are.
const char *const kInvitation =
    "nlbd:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4_"
    "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1-f4CB"
    "goOEhYaHiImKi4yNjo-QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr_AwcLD";

} // namespace

/// Shows every window in every state, in both themes. Each is walked for controls without a name
/// and for words without room and, where NLBD_SCREENSHOTS names a folder, written there to be
/// looked at.
class ScreensTest : public QObject {
    Q_OBJECT

private:
    static QString suffix()
    {
        return theme().isDark ? QStringLiteral("dark") : QStringLiteral("light");
    }

    static void shot(QWidget &window, const QString &name, qreal scale = 1)
    {
        QTest::qWait(60); // fades and lazy layouts settle; no condition depends on it
        const QStringList unnamed = unnamedControls(window);
        QVERIFY2(unnamed.isEmpty(),
                 qPrintable(name + QStringLiteral(": ") + unnamed.join(QChar(u' '))));
        const QStringList cut = cutWordsInTheEnd(window);
        QVERIFY2(cut.isEmpty(), qPrintable(name + QStringLiteral(": ") + cut.join(QChar(u' '))));
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            return;
        QVERIFY(QDir().mkpath(folder));
        QPixmap picture(window.size() * scale);
        picture.setDevicePixelRatio(scale);
        window.render(&picture);
        const QString path =
            QStringLiteral("%1/%2-%3%4.png")
                .arg(folder, name, suffix(), scale > 1 ? QStringLiteral("-2x") : QString());
        QVERIFY(picture.save(path));
    }

    static void themes()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    static void useTheme()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
    }

private Q_SLOTS:
    void mainWindow_data() { themes(); }
    void mainWindow()
    {
        useTheme();
        Scene scene;
        scene.open();
        scene.showMarks();
        // Marks in pencil show after three seconds: the picture waits for them.
        QTest::qWait(3100);
        scene.workspace->caret(scene.charter, DeviceIndex(1), 328, 312);
        scene.workspace->caret(scene.charter, DeviceIndex(2), 205, 205);
        scene.settle();
        shot(*scene.window, QStringLiteral("main"));
        shot(*scene.window, QStringLiteral("main"), 2);
        scene.refuse(1);
        QTRY_VERIFY(scene.window->banners().isVisible());
        shot(*scene.window, QStringLiteral("main-refused"));
        scene.window->resize(1600, 1000);
        shot(*scene.window, QStringLiteral("main-1600"));
        scene.window->resize(1000, 700);
        shot(*scene.window, QStringLiteral("main-1000"));
        scene.window->resize(720, 560);
        shot(*scene.window, QStringLiteral("main-720"));
        scene.window->resize(560, 420);
        shot(*scene.window, QStringLiteral("main-560"));
        QTest::keyClick(scene.window.get(), Qt::Key_F9);
        shot(*scene.window, QStringLiteral("main-560-people"));
        QTest::keyClick(scene.window.get(), Qt::Key_Backslash, Qt::ControlModifier);
        shot(*scene.window, QStringLiteral("main-560-documents"));
    }

    /// Menus have no control that takes the focus, but they are windows and are looked at.
    void menus_data() { themes(); }
    void menus()
    {
        useTheme();
        Scene scene;
        scene.open();
        const auto more = scene.window->findChildren<QToolButton *>();
        for (QToolButton *button : more) {
            if (!button->menu())
                continue;
            button->menu()->popup(button->mapToGlobal(QPoint(0, button->height())));
            shot(*button->menu(), QStringLiteral("menu"));
            for (const QAction *action : button->menu()->actions()) {
                if (!action->menu())
                    continue;
                action->menu()->popup(QPoint(0, 0));
                shot(*action->menu(), QStringLiteral("menu-theme"));
                action->menu()->close();
            }
            button->menu()->close();
        }
        QTimer::singleShot(100, this, [] {
            QWidget *menu = QApplication::activePopupWidget();
            QVERIFY(menu);
            shot(*menu, QStringLiteral("menu-page"));
            menu->close();
        });
        QContextMenuEvent asked(QContextMenuEvent::Keyboard, QPoint(40, 40), QPoint(40, 40));
        QApplication::sendEvent(&scene.window->page(), &asked);
    }

    void fileDialogs_data() { themes(); }
    void fileDialogs()
    {
        useTheme();
        Scene scene;
        scene.open();
        const auto shootDialog = [](QWidget &window, const QString &name) {
            auto *dialog = window.findChild<QFileDialog *>({}, Qt::FindDirectChildrenOnly);
            QVERIFY2(dialog && dialog->isVisible(), qPrintable(name));
            dialog->setDirectory(qEnvironmentVariable("NLBD_SOURCE_DIR"));
            shot(*dialog, name);
            delete dialog;
            window.activateWindow();
            QTRY_VERIFY(window.isActiveWindow());
        };
        QTest::keyClick(scene.window.get(), Qt::Key_O, Qt::ControlModifier);
        shootDialog(*scene.window, QStringLiteral("dialog-import"));
        QTest::keyClick(scene.window.get(), Qt::Key_S, Qt::ControlModifier | Qt::ShiftModifier);
        shootDialog(*scene.window, QStringLiteral("dialog-export"));
        scene.prove();
        EvidenceWindow &evidence = *scene.window->evidenceWindow();
        evidence.show();
        QTRY_COMPARE(evidence.proofCount(), 1U);
        for (QAbstractButton *button : evidence.findChildren<QAbstractButton *>()) {
            if (button->text().startsWith(QStringLiteral("Save evidence")))
                button->click();
        }
        shootDialog(evidence, QStringLiteral("dialog-save-evidence"));
    }

    void othersType_data() { themes(); }
    void othersType()
    {
        useTheme();
        Scene scene;
        scene.open();
        const std::string text = kCharter;
        const auto end = static_cast<TextOffset>(text.find("lamps; ") + 5);
        scene.preview(DeviceIndex(1), static_cast<TextOffset>(text.size() - 1),
                      " Whoever votes no says");
        scene.preview(DeviceIndex(2), end, " and the stove");
        scene.settle();
        shot(*scene.window, QStringLiteral("main-typing"));
        scene.preview(DeviceIndex(1), 27, ", Athens");
        scene.settle();
        shot(*scene.window, QStringLiteral("main-typing-title"), 2);
    }

    void mainWindowStates_data() { themes(); }
    void mainWindowStates()
    {
        useTheme();
        Scene scene;
        scene.workspace->docs.clear();
        scene.workspace->people.people.resize(3);
        scene.workspace->status = {};
        scene.open(false);
        shot(*scene.window, QStringLiteral("main-empty"));
        scene.workspace->people.people.resize(1);
        scene.workspace->tell(scene.workspace->people);
        scene.workspace->tell(scene.workspace->status);
        QTRY_VERIFY(scene.window->page().isOpen());
        shot(*scene.window, QStringLiteral("main-blank-page"));
        using Kind = api::Trouble::Kind;
        for (const Kind kind :
             {Kind::DiskFull, Kind::DiskReadOnly, Kind::DiskFailed, Kind::StoreRecovered,
              Kind::DocumentTooLong, Kind::TextNotValid, Kind::MyDeviceDisputed, Kind::MayNotWrite,
              Kind::OwnChangesMissing, Kind::DecisionsConflict, Kind::FolderIsACopy,
              Kind::KeySecretMissing}) {
            scene.workspace->tell(api::Trouble{kind, "text.db", false});
            QTRY_VERIFY(scene.window->banners().isVisible());
            if (kind == Kind::DiskFull || kind == Kind::MyDeviceDisputed)
                shot(*scene.window, QStringLiteral("main-trouble-%1").arg(int(kind)));
            scene.workspace->tell(api::Trouble{kind, {}, true});
            QTRY_VERIFY(!scene.window->banners().isVisible());
        }
    }

    void evidence_data() { themes(); }
    void evidence()
    {
        useTheme();
        Scene scene;
        scene.open();
        EvidenceWindow &window = *scene.window->evidenceWindow();
        window.show();
        shot(window, QStringLiteral("evidence-empty"));
        scene.refuse(7);
        QTRY_VERIFY(scene.window->banners().isVisible());
        shot(window, QStringLiteral("evidence-refusal"));
        scene.prove();
        QTRY_COMPARE(window.proofCount(), 1U);
        for (QAbstractButton *button : window.findChildren<QAbstractButton *>()) {
            if (button->text() == QStringLiteral("Check again"))
                QTest::mouseClick(button, Qt::LeftButton);
        }
        QTRY_COMPARE(scene.workspace->all<api::CheckEvidence>().size(), 1U);
        shot(window, QStringLiteral("evidence-proof"));
    }

    void decisions_data() { themes(); }
    void decisions()
    {
        useTheme();
        Scene scene;
        scene.open();
        scene.showMarks();
        scene.workspace->tell(nlbd::testing::decisions({}));
        scene.settle();
        shot(*scene.window, QStringLiteral("decisions-none"));
        scene.workspace->tell(nlbd::testing::decisions({removal()}));
        QTRY_VERIFY(scene.window->banners().isVisible());
        shot(*scene.window, QStringLiteral("decisions-removal"));
        scene.workspace->tell(muchToDecide());
        scene.window->setKnocks({knock()});
        scene.window->resize(1280, 1780);
        scene.settle();
        shot(*scene.window, QStringLiteral("decisions-all"));
        scene.window->resize(560, 620);
        QTest::keyClick(scene.window.get(), Qt::Key_D, Qt::ControlModifier);
        shot(*scene.window, QStringLiteral("decisions-560"));
        scene.window->resize(1280, 800);
        scene.window->decisions().propose(removal().wish);
        QTRY_VERIFY(scene.window->findChild<AskDialog *>()->isVisible());
        const auto asked = scene.workspace->all<api::Consider>();
        scene.workspace->tell(api::Considered{asked.at(0).request, 4, 3});
        shot(*scene.window->findChild<AskDialog *>(), QStringLiteral("decisions-ask"));
        delete scene.window->findChild<AskDialog *>();
        scene.workspace->people.people[2].isOnline = false;
        scene.workspace->tell(scene.workspace->people);
        scene.workspace->tell(nlbd::testing::decisions({}));
        scene.window->setKnocks({});
        scene.settle();
        scene.window->lookAtClock(std::chrono::minutes(0));
        scene.window->lookAtClock(std::chrono::minutes(12));
        shot(*scene.window, QStringLiteral("decisions-isolated"));
        api::EvidenceInfo proof;
        proof.code = Code::EV_DOUBLE_VOTE;
        proof.accused = DeviceIndex(3);
        proof.when = WallTime(Millis(QDateTime::currentMSecsSinceEpoch()));
        proof.rule = "One seat signed two different answers in one round";
        proof.records = {Bytes(120, std::byte{0x41}), Bytes(120, std::byte{0x42})};
        scene.workspace->tell(api::EvidenceFound{{proof}});
        EvidenceWindow &window = *scene.window->evidenceWindow();
        window.show();
        QTRY_COMPARE(window.proofCount(), 1U);
        shot(window, QStringLiteral("evidence-suggestion"));
    }

    void rejected_data() { themes(); }
    void rejected()
    {
        useTheme();
        Scene scene;
        scene.open();
        scene.workspace->tell(myDevice(true));
        auto event = nlbd::testing::decisions({});
        event.made = {decided(4, 2, removal().wish, {MemberIndex(0), MemberIndex(1)})};
        scene.workspace->tell(event);
        scene.workspace->tell(api::RejectedChanged{
            {hisWords(1, 7, "and locks the door behind "), hisWords(2, 8, "everyone"),
             hisWords(3, 12, "We close at ten."), myWords(4, 3, "Keys hang by the lamp.")}});
        QTRY_VERIFY(scene.window->banners().isVisible());
        shot(*scene.window, QStringLiteral("rejected-banner"));
        scene.window->showRejected();
        RejectedWindow &window = *scene.window->rejectedWindow();
        const auto asked = scene.workspace->all<api::ReadRejected>();
        scene.workspace->tell(api::RejectedRead{
            asked.back().request, "and locks the door behind everyone",
            "Whoever arrives first lights the lamps", "; whoever leaves last writes", true});
        scene.settle();
        shot(window, QStringLiteral("rejected"));
        window.askTakeBack(DeviceIndex(3), scene.window.get());
        auto *dialog = scene.window->findChild<TakeBackDialog *>();
        QTRY_VERIFY(dialog->isVisible());
        scene.workspace->tell(reviewed(scene.workspace->all<api::ReviewDevice>().back().request));
        scene.settle();
        shot(*dialog, QStringLiteral("take-back"));
        delete dialog;
        RuleDialog rule(QStringLiteral("We open at eight."), {}, 4, 3);
        rule.show();
        shot(rule, QStringLiteral("rule"));
    }

    void strangers_data() { themes(); }
    void strangers()
    {
        useTheme();
        Scene scene;
        for (std::uint16_t i = 4; i < 100; ++i) {
            api::Person person = scene.workspace->people.people[2];
            person.member = MemberIndex(i);
            person.device = DeviceIndex(i);
            person.name = "Member " + std::to_string(i);
            scene.workspace->people.people.push_back(person);
        }
        scene.workspace->people.people[3].name = std::string(64, 'W');
        scene.open();
        auto event = nlbd::testing::decisions({removal()});
        event.quorum = event.open[0].needed = 67;
        scene.workspace->tell(event);
        scene.settle();
        shot(*scene.window, QStringLiteral("decisions-hundred"));
        api::EvidenceInfo proof;
        proof.accused = DeviceIndex(3);
        proof.rule = "One device signed two different changes with number 41";
        proof.fork = api::ForkFacts{Millis(4 * 86'400'000LL), false, true};
        proof.records = {Bytes(120, std::byte{0x41}), Bytes(120, std::byte{0x42})};
        scene.workspace->tell(api::EvidenceFound{{proof}});
        scene.window->evidenceWindow()->show();
        QTRY_COMPARE(scene.window->evidenceWindow()->proofCount(), 1U);
        shot(*scene.window->evidenceWindow(), QStringLiteral("evidence-fork"));
    }

    void dialogs_data() { themes(); }
    void dialogs()
    {
        useTheme();
        HelpDialog help;
        help.show();
        shot(help, QStringLiteral("help"));
        AboutDialog about;
        about.show();
        shot(about, QStringLiteral("about"));
    }

    void lobby_data() { themes(); }
    void lobby()
    {
        useTheme();
        FakeLobby lobby;
        LobbyBridge bridge(lobby);
        LobbyWindow window(bridge, QStringLiteral("Andreas Michas"));
        window.show();
        bridge.start();
        QTest::qWait(20);
        shot(window, QStringLiteral("start-first"));
        lobby.tell(api::LobbyTrouble{api::LobbyTrouble::Kind::BadName, {}});
        QTRY_VERIFY(window.banners().isVisible());
        shot(window, QStringLiteral("start-trouble"));
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : &window,
                        Qt::Key_Return);
        window.showPage(LobbyWindow::Page::Founding);
        shot(window, QStringLiteral("founding-unseen"));
        lobby.submit(api::SetVisible{true});
        QTest::qWait(20);
        shot(window, QStringLiteral("founding-nobody"));
        lobby.tell(neighbours());
        QTest::qWait(20);
        for (QLineEdit *field : window.findChildren<QLineEdit *>()) {
            if (field->isVisible()
                && field->accessibleName() == QStringLiteral("Name of the workspace"))
                field->setText(QStringLiteral("Agora"));
        }
        for (QListWidget *list : window.findChildren<QListWidget *>()) {
            if (list->accessibleName() == QStringLiteral("People near you"))
                list->item(0)->setCheckState(Qt::Checked);
        }
        shot(window, QStringLiteral("founding-neighbours"));
        lobby.tell(founding(api::FoundingInfo::State::Asking, true));
        QTRY_COMPARE(window.page(), LobbyWindow::Page::Progress);
        shot(window, QStringLiteral("founding-progress"));
        lobby.tell(founding(api::FoundingInfo::State::Declined, true));
        QTest::qWait(20);
        shot(window, QStringLiteral("founding-declined"));
        window.showPage(LobbyWindow::Page::Welcome);
        lobby.tell(founding(api::FoundingInfo::State::Asking, false));
        QTRY_COMPARE(window.page(), LobbyWindow::Page::Request);
        shot(window, QStringLiteral("request"));
        window.showPage(LobbyWindow::Page::Join);
        shot(window, QStringLiteral("join"));
        window.useInvitation(QString::fromLatin1(kInvitation));
        shot(window, QStringLiteral("join-used"));
        window.showPage(LobbyWindow::Page::Invitation);
        lobby.profile.addresses = {"192.168.1.20:7450"};
        lobby.tell(lobby.profile);
        lobby.tell(api::InvitationMade{kInvitation, WallTime(Millis(1'795'100'000'000))});
        QTest::qWait(20);
        shot(window, QStringLiteral("invitation"));
        lobby.tell(workspaceList());
        QTest::qWait(20);
        window.inviteInto(workspaceList().workspaces[0].id);
        shot(window, QStringLiteral("invitation-into"));
        window.useInvitation(QString::fromLatin1(kInvitation));
        lobby.tell(api::JoinChanged{{workspaceList().workspaces[0].id, "Agora", "Thea Kallas",
                                     api::JoinInfo::State::Voting, 2, 3}});
        QTest::qWait(20);
        shot(window, QStringLiteral("join-voting"));
        lobby.tell(workspaceList());
        window.showPage(LobbyWindow::Page::Welcome);
        QTest::qWait(20);
        shot(window, QStringLiteral("start-workspaces"));
    }

    /// Every trouble has three parts: a head, whether the text is safe, what to do.
    void everyTroubleIsASentence()
    {
        for (int kind = 0; kind <= int(api::LobbyTrouble::Kind::BadWords); ++kind) {
            const QString text = words::trouble(
                api::LobbyTrouble{static_cast<api::LobbyTrouble::Kind>(kind), "detail"});
            QVERIFY2(text.startsWith(QStringLiteral("<b>")) && text.count(QChar(u'.')) >= 2,
                     qPrintable(text));
            QVERIFY2(!text.contains(QChar(u'!')), qPrintable(text));
        }
    }

    void theShellOpensAWorkspace()
    {
        QTemporaryDir folder;
        FakeLobby lobby;
        lobby.profile = {"Andreas Michas", "lamp river stone nine", false, false, 0, {}};
        lobby.workspaces = workspaceList();
        lobby.workspaces.workspaces.resize(1);
        lobby.workspace->people = Scene().workspace->people;
        Shell shell(lobby, QStringLiteral("Andreas"));
        QFile file(folder.filePath(QStringLiteral("notes.md")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("one\r\ntwo\n");
        file.close();
        shell.openFile(file.fileName());
        shell.start();
        QTRY_COMPARE(shell.mainWindows().size(), 1);
        QTRY_COMPARE(lobby.workspace->docs.size(), 1U);
        QCOMPARE(lobby.workspace->docs[0].text, std::string("one\ntwo\n"));
        QCOMPARE(lobby.workspace->docs[0].title, std::string("notes"));
        QTRY_VERIFY(shell.mainWindows().front()->page().isOpen());
        QCOMPARE(shell.grabAll(folder.path()).size(), 1);
        shell.mainWindows().front()->close();
        QTRY_COMPARE(lobby.all<api::CloseWorkspace>().size(), 1U);
    }
};

QTEST_MAIN(ScreensTest)
#include "screens_test.moc"
