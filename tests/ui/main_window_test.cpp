#include "tests/ui/scene.h"
#include "ui/banner_zone.h"
#include "ui/documents/document_list.h"
#include "ui/evidence/evidence_window.h"
#include "ui/join/lobby_window.h"
#include "ui/lobby_bridge.h"
#include "ui/people/people_panel.h"
#include "ui/settings.h"
#include "ui/shell.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QCheckBox>
#include <QFile>
#include <QFileInfo>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QTemporaryDir>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

namespace {

/// The window that somebody sees who has no workspace open.
struct ShownLobby {
    explicit ShownLobby(const QString &name, api::ProfileChanged profile = {})
        : bridge(lobby)
        , window(bridge, name)
    {
        lobby.profile = std::move(profile);
        window.show();
        bridge.start();
    }
    FakeLobby lobby;
    LobbyBridge bridge;
    LobbyWindow window;
};

} // namespace

class MainWindowTest : public QObject {
    Q_OBJECT

private:
    template <typename Widget>
    static Widget *named(QWidget &window, const QString &name)
    {
        for (Widget *widget : window.findChildren<Widget *>()) {
            if (widget->accessibleName() == name && widget->isVisible())
                return widget;
        }
        return nullptr;
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }

    void documentsAreOpenedRenamedAndMade()
    {
        Scene scene;
        scene.open();
        QCOMPARE(scene.window->windowTitle(),
                 QString::fromUtf8("Charter of the reading room \u2014 Agora \u2014 No Leader"));
        auto *list = named<QListWidget>(*scene.window, QStringLiteral("Documents"));
        QVERIFY(list);
        list->setCurrentRow(2);
        QTRY_COMPARE(scene.window->page().document()->firstBlock().text(),
                     QStringLiteral("Shelf plan"));
        QTest::keyClick(scene.window.get(), Qt::Key_F2);
        auto *field = list->findChild<QLineEdit *>(QStringLiteral("rename"));
        QVERIFY(field);
        field->setText(QStringLiteral("Shelves"));
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_COMPARE(scene.workspace->docs[2].title, std::string("Shelves"));
        QTest::keyClick(scene.window.get(), Qt::Key_N, Qt::ControlModifier);
        QTRY_COMPARE(scene.workspace->docs.size(), 6U);
        QTRY_COMPARE(scene.window->page().shownDocument(), DocIndex(5));
        QTRY_VERIFY(scene.window->page().isOpen());
        QTest::keyClicks(&scene.window->page(), QStringLiteral("# A fresh page"));
        QTRY_COMPARE(scene.workspace->docs[5].title, std::string("A fresh page"));
    }

    void theFilterHides()
    {
        Scene scene;
        scene.open();
        auto *field = named<QLineEdit>(*scene.window, QStringLiteral("Filter documents"));
        auto *list = named<QListWidget>(*scene.window, QStringLiteral("Documents"));
        QVERIFY(field && list);
        field->setText(QStringLiteral("SHELF"));
        QVERIFY(list->isRowHidden(0) && !list->isRowHidden(2));
        field->setText(QStringLiteral("stoa"));
        QVERIFY(!list->isVisible());
        field->clear();
        QVERIFY(list->isVisible() && !list->isRowHidden(0));
    }

    void whoWasRemovedHearsSo()
    {
        Scene scene;
        scene.open();
        BannerZone &banners = scene.window->banners();
        api::DecisionsChanged news;
        scene.workspace->tell(news);
        news.isMember = false;
        scene.workspace->tell(news);
        QTRY_VERIFY(banners.shownText().startsWith(QStringLiteral("You were removed.")));
        QVERIFY(named<QPushButton>(banners, QStringLiteral("Export\u2026")));
    }

    void whoWasReplacedHearsSo()
    {
        Scene scene;
        scene.open();
        BannerZone &banners = scene.window->banners();
        api::DevicesChanged news;
        news.devices.resize(2);
        api::DeviceInfo &here = news.devices[0];
        api::DeviceInfo &other = news.devices[1];
        here.isMine = other.isMine = here.isHere = true;
        here.mayRead = other.mayRead = here.mayWrite = other.mayWrite = true;
        here.hasSeat = true; // the other one is a companion
        scene.workspace->tell(news);
        here.hasSeat = here.mayWrite = false;
        other.hasSeat = true;
        scene.workspace->tell(news);
        QTRY_VERIFY(banners.shownText().startsWith(QStringLiteral("Another computer of yours")));
        here.mayWrite = true;
        scene.workspace->tell(news);
        QTRY_VERIFY(!banners.isVisible());
    }

    void oneBannerWithACount()
    {
        Scene scene;
        scene.open();
        BannerZone &banners = scene.window->banners();
        scene.refuse(1);
        QTRY_VERIFY(banners.shownText().startsWith(QStringLiteral("A change was refused.")));
        scene.refuse(100);
        QTRY_VERIFY(banners.shownText().startsWith(QStringLiteral("100 changes were refused.")));
        scene.workspace->tell(api::Trouble{api::Trouble::Kind::DiskFull, {}, false});
        QTRY_VERIFY(banners.shownText().startsWith(QStringLiteral("The disk is full.")));
        QTRY_VERIFY(named<QPushButton>(banners, QStringLiteral("Try again")));
        named<QPushButton>(banners, QStringLiteral("Try again"))->click();
        QCOMPARE(scene.workspace->all<api::RetryStore>().size(), 1U);
        scene.workspace->tell(api::Trouble{api::Trouble::Kind::DiskFull, {}, true});
        QTRY_VERIFY(banners.shownText().startsWith(QStringLiteral("100 changes")));
        QTRY_VERIFY(named<QPushButton>(banners, QStringLiteral("Show evidence")));
        named<QPushButton>(banners, QStringLiteral("Show evidence"))->click();
        QTRY_VERIFY(!banners.isVisible());
        QVERIFY(scene.window->evidenceWindow()->isVisible());
        QCOMPARE(scene.workspace->all<api::AcknowledgeRefusals>().size(), 1U);
    }

    void evidenceIsSaved()
    {
        QTemporaryDir folder;
        Scene scene;
        scene.open();
        scene.prove();
        QTRY_COMPARE(scene.window->evidenceWindow()->proofCount(), 1U);
        QVERIFY(scene.window->banners().shownText().contains(QStringLiteral("Nikos Petrou")));
        const QString path = folder.filePath(QStringLiteral("proof.nlbd-evidence"));
        scene.window->evidenceWindow()->saveTo(path);
        QTRY_COMPARE(QFileInfo(path).size(), 300);
    }

    void importAndExportAreExact()
    {
        QTemporaryDir folder;
        Scene scene;
        scene.open();
        const QString from = folder.filePath(QStringLiteral("from.md"));
        const QByteArray text = "# Title\n\nTabs\tand \xC2\xA0 spaces, \xF0\x9F\x8C\x8D, no end";
        QFile file(from);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        scene.window->importFile(from);
        QTRY_COMPARE(scene.workspace->docs.size(), 6U);
        QTRY_VERIFY(scene.window->page().isOpen()
                    && scene.window->page().shownDocument() == DocIndex(5));
        const QString to = folder.filePath(QStringLiteral("to.md"));
        scene.window->exportTo(to);
        QTRY_VERIFY(QFile::exists(to));
        QFile written(to);
        QVERIFY(written.open(QIODevice::ReadOnly));
        QCOMPARE(written.readAll(), text);
    }

    void panelsFollowTheWidth()
    {
        Scene scene;
        scene.open();
        auto *people = scene.window->findChild<PeoplePanel *>();
        auto *list = scene.window->findChild<DocumentList *>();
        QVERIFY(people->isVisible() && list->isVisible());
        scene.window->resize(900, 600);
        QTRY_VERIFY(!people->isVisible() && list->isVisible());
        scene.window->resize(600, 600);
        QTRY_VERIFY(!people->isVisible() && !list->isVisible());
        QTest::keyClick(scene.window.get(), Qt::Key_F9);
        QVERIFY(people->isVisible());
        QTest::keyClick(scene.window.get(), Qt::Key_Escape);
        QVERIFY(!people->isVisible());
        QTest::keyClick(scene.window.get(), Qt::Key_Backslash, Qt::ControlModifier);
        QVERIFY(list->isVisible());
        scene.window->resize(1200, 700);
        QTRY_VERIFY(people->isVisible() && list->isVisible());
    }

    void partsOfTheWindowAreReachedByKeys()
    {
        Scene scene;
        scene.open();
        scene.window->activateWindow();
        QTRY_VERIFY(scene.window->isActiveWindow());
        auto *people = scene.window->findChild<PeoplePanel *>();
        auto *list = scene.window->findChild<DocumentList *>();
        const auto isIn = [](const QWidget &part) {
            return part.isAncestorOf(QApplication::focusWidget());
        };
        QVERIFY(scene.window->page().hasFocus());
        QTest::keyClick(&scene.window->page(), Qt::Key_F6);
        QVERIFY(isIn(*people));
        QTest::keyClick(scene.window.get(), Qt::Key_F6);
        QCOMPARE(QApplication::focusWidget()->accessibleName(), QStringLiteral("Decisions"));
        QTest::keyClick(scene.window.get(), Qt::Key_F6);
        QVERIFY(scene.window->statusLine().hasFocus());
        QTest::keyClick(scene.window.get(), Qt::Key_F6);
        QCOMPARE(QApplication::focusWidget()->accessibleName(), QStringLiteral("New document"));
        QTest::keyClick(scene.window.get(), Qt::Key_F6);
        QVERIFY(isIn(*list));
        QTest::keyClick(scene.window.get(), Qt::Key_F6);
        QVERIFY(scene.window->page().hasFocus());
        QTest::keyClick(scene.window.get(), Qt::Key_F6, Qt::ShiftModifier);
        QVERIFY(isIn(*list));
        scene.refuse(1);
        QTRY_VERIFY(scene.window->banners().isVisible());
        QTest::keyClick(scene.window.get(), Qt::Key_F6);
        QCOMPARE(QApplication::focusWidget()->accessibleName(), QStringLiteral("Show evidence"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QVERIFY(scene.window->page().hasFocus());
    }

    /// Qt makes placeholders half as strong as a style sheet's ink: they would be too pale to read.
    void placeholdersHaveTheirOwnInk()
    {
        Scene scene;
        scene.open();
        for (const QWidget *field : {static_cast<const QWidget *>(&scene.window->page()),
                                     static_cast<const QWidget *>(named<QLineEdit>(
                                         *scene.window, QStringLiteral("Filter documents")))}) {
            QCOMPARE(field->palette().color(QPalette::PlaceholderText), theme().faint);
            QCOMPARE(field->palette().color(QPalette::Text), theme().ink);
        }
    }

    void aNarrowBannerPutsItsButtonsBelow()
    {
        Scene scene;
        scene.open();
        scene.refuse(1);
        QTRY_VERIFY(named<QPushButton>(scene.window->banners(), QStringLiteral("Show evidence")));
        const auto *button =
            named<QPushButton>(scene.window->banners(), QStringLiteral("Show evidence"));
        const auto left = [&] { return button->mapTo(&scene.window->banners(), QPoint()).x(); };
        QTRY_VERIFY(left() > 400);
        scene.window->resize(560, 420);
        QTRY_VERIFY(left() < 100);
    }

    void aPressOnThePageClosesADrawer()
    {
        Scene scene;
        scene.open();
        scene.window->resize(600, 600);
        auto *people = scene.window->findChild<PeoplePanel *>();
        QTRY_VERIFY(!people->isVisible());
        QTest::keyClick(scene.window.get(), Qt::Key_F9);
        QVERIFY(people->isVisible());
        QTest::mouseClick(scene.window->page().viewport(), Qt::LeftButton, {}, QPoint(20, 20));
        QVERIFY(!people->isVisible());
    }

    void whoIsAloneStartsOnABlankPage()
    {
        Scene alone;
        alone.workspace->docs.clear();
        alone.workspace->people.people.resize(1);
        alone.open();
        QCOMPARE(alone.workspace->docs.size(), 1U);
        QTRY_VERIFY(alone.window->page().hasFocus());
        QVERIFY(alone.window->page().placeholderText().count(QChar(u'\n')) == 2);
        Scene group; // there everybody would make one
        group.workspace->docs.clear();
        group.open(false);
        group.settle();
        QVERIFY(group.workspace->docs.empty());
    }

    void theNextStartComesBack()
    {
        QTemporaryDir folder;
        settings::useFile(folder.filePath(QStringLiteral("windows.ini")));
        FakeLobby lobby;
        lobby.profile = {"Andreas Michas", "lamp river stone nine", false, false, 0, {}};
        lobby.workspaces = workspaceList();
        lobby.workspaces.workspaces.resize(1);
        lobby.workspace = Scene().workspace;
        for (const bool isSecond : {false, true}) {
            Shell shell(lobby, QStringLiteral("Andreas"));
            shell.start();
            QTRY_COMPARE(shell.mainWindows().size(), 1);
            DocumentView &page = shell.mainWindows().front()->page();
            QTRY_VERIFY(page.isOpen());
            if (isSecond) {
                QCOMPARE(page.shownDocument(), DocIndex(0));
                QCOMPARE(page.textCursor().position(), 40);
                break;
            }
            page.open(DocIndex(0));
            QTRY_VERIFY(page.isOpen() && page.toPlainText().startsWith(QStringLiteral("Charter")));
            QTextCursor cursor = page.textCursor();
            cursor.setPosition(40);
            page.setTextCursor(cursor);
            // Another document has changed last: it would be shown first.
            lobby.workspace->othersEdit(DocIndex(3), {{0, 0, "x"}});
            shell.mainWindows().front()->close();
        }
        settings::useFile({});
    }

    void nothingIsAnsweredByAKeyThatWasMeantForAnother()
    {
        ShownLobby shown({}, {"Andreas Michas", "lamp river stone nine", false, false, 0, {}});
        auto &[lobby, bridge, window] = shown;
        QVERIFY(QTest::qWaitForWindowActive(&window));
        lobby.tell(founding(api::FoundingInfo::State::Asking, false));
        QTRY_COMPARE(window.page(), LobbyWindow::Page::Request);
        for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Space})
            QTest::keyClick(QApplication::focusWidget(), key);
        QVERIFY(lobby.all<api::AnswerFounding>().empty());
        named<QPushButton>(window, QStringLiteral("Accept"))->click();
        QVERIFY(lobby.all<api::AnswerFounding>().at(0).accept);
        QCOMPARE(window.page(), LobbyWindow::Page::Progress);
        QVERIFY(QApplication::focusWidget()
                != named<QPushButton>(window, QStringLiteral("Withdraw")));
    }

    void whoIsNotSeenIsToldSo()
    {
        ShownLobby shown({}, {"Andreas Michas", "lamp river stone nine", false, false, 0, {}});
        auto &[lobby, bridge, window] = shown;
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QCoreApplication::processEvents(); // what the lobby has told is on its way in a queue
        window.showPage(LobbyWindow::Page::Founding);
        QVERIFY(lobby.all<api::SetVisible>().empty());
        named<QPushButton>(window, QStringLiteral("Look around"))->click();
        QCOMPARE(lobby.all<api::SetVisible>().size(), 1U);
        QVERIFY(!named<QPushButton>(window, QStringLiteral("Look around")));
        QTRY_VERIFY(named<QPushButton>(window, QStringLiteral("Type an address")));
    }

    void closingLeavesTheDocument()
    {
        Scene scene;
        scene.open();
        scene.window->close();
        QCOMPARE(scene.workspace->all<api::CloseDocument>().size(), 1U);
        scene.window.reset();
        scene.workspace->tell(scene.workspace->status); // nobody listens, nothing happens
    }

    void troubleOutsideIsShownInside()
    {
        Scene scene;
        scene.open();
        scene.window->tellLobby({api::LobbyTrouble::Kind::PortInUse, "47474"});
        QVERIFY(scene.window->banners().shownText().contains(QStringLiteral("47474")));
        scene.window->tellLobby({api::LobbyTrouble::Kind::StoreDamaged, "journal.db"});
        QVERIFY(scene.window->banners().shownText().contains(QStringLiteral("stays closed")));
    }

    void closingDoesNotLoseWhatTheDiskRefused()
    {
        Scene scene;
        scene.open();
        scene.workspace->tell(api::Trouble{api::Trouble::Kind::DiskFull, {}, false});
        QTRY_VERIFY(scene.window->banners().shownText().contains(QStringLiteral("disk is full")));
        scene.window->close();
        QVERIFY(scene.window->isVisible());
        QVERIFY(scene.window->banners().shownText().contains(QStringLiteral("not on the disk")));
        scene.workspace->tell(api::Trouble{api::Trouble::Kind::DiskFull, {}, true});
        QTRY_VERIFY(scene.window->banners().shownText().isEmpty());
        scene.window->close();
        QVERIFY(!scene.window->isVisible());
    }

    void closingAnywayIsAChoice()
    {
        Scene scene;
        scene.open();
        scene.workspace->tell(api::Trouble{api::Trouble::Kind::DiskFull, {}, false});
        QTRY_VERIFY(!scene.window->banners().shownText().isEmpty());
        scene.window->close();
        QPushButton *lose = nullptr;
        for (auto *button : scene.window->banners().findChildren<QPushButton *>())
            if (button->text() == QStringLiteral("Close and lose them"))
                lose = button;
        QVERIFY(lose);
        lose->click();
        QVERIFY(!scene.window->isVisible());
    }

    void foundingTogether()
    {
        ShownLobby shown(QStringLiteral("Andreas Michas"));
        auto &[lobby, bridge, window] = shown;
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        auto *name = named<QLineEdit>(window, QStringLiteral("Your name, as others will see it"));
        QVERIFY(name);
        QCOMPARE(name->text(), QStringLiteral("Andreas Michas"));
        QTest::keyClick(name, Qt::Key_Return);
        QCOMPARE(lobby.all<api::SetName>().size(), 1U);
        QTRY_COMPARE(window.page(), LobbyWindow::Page::Founding);
        QVERIFY(lobby.all<api::SetVisible>().empty());
        named<QCheckBox>(window, QStringLiteral("Let people nearby see me"))->click();
        QCOMPARE(lobby.all<api::SetVisible>().size(), 1U);
        lobby.tell(neighbours());
        QTRY_VERIFY(named<QListWidget>(window, QStringLiteral("People near you")));
        auto *list = named<QListWidget>(window, QStringLiteral("People near you"));
        named<QLineEdit>(window, QStringLiteral("Name of the workspace"))
            ->setText(QStringLiteral("Agora"));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                          list->visualItemRect(list->item(0)).center());
        QCOMPARE(list->item(0)->checkState(), Qt::Checked);
        list->item(1)->setCheckState(Qt::Checked);
        lobby.tell(neighbours());          // the choice survives a new list
        QCoreApplication::processEvents(); // what the lobby has told is on its way in a queue
        auto *found = named<QPushButton>(window, QStringLiteral("Found together"));
        QVERIFY(found && found->isEnabled());
        found->click();
        const auto asked = lobby.all<api::FoundWorkspace>();
        QCOMPARE(asked.size(), 1U);
        QCOMPARE(asked[0].name, std::string("Agora"));
        QCOMPARE(asked[0].with.size(), 2U);
        lobby.tell(founding(api::FoundingInfo::State::Asking, true));
        QTRY_COMPARE(window.page(), LobbyWindow::Page::Progress);
        // Somebody else asks meanwhile: a banner, not another page.
        lobby.tell(founding(api::FoundingInfo::State::Asking, false));
        QTRY_VERIFY(window.banners().shownText().contains(QStringLiteral("Chess club")));
        QCOMPARE(window.page(), LobbyWindow::Page::Progress);
        QTRY_VERIFY(named<QPushButton>(window.banners(), QStringLiteral("Look")));
        named<QPushButton>(window.banners(), QStringLiteral("Look"))->click();
        QCOMPARE(window.page(), LobbyWindow::Page::Request);
        named<QPushButton>(window, QStringLiteral("Not now"))->click();
        QCOMPARE(lobby.all<api::AnswerFounding>().size(), 1U);
        QVERIFY(!lobby.all<api::AnswerFounding>()[0].accept);
    }

    void anInvitationWaitsForAName()
    {
        ShownLobby shown(QStringLiteral("Andreas"));
        auto &[lobby, bridge, window] = shown;
        QCoreApplication::processEvents(); // what the lobby has told is on its way in a queue
        window.useInvitation(QStringLiteral("nlbd:abc"));
        QVERIFY(lobby.all<api::UseInvitation>().empty());
        named<QPushButton>(window, QStringLiteral("Join with an invitation"))->click();
        QTRY_COMPARE(lobby.all<api::UseInvitation>().size(), 1U);
        QCOMPARE(lobby.all<api::UseInvitation>()[0].text, std::string("nlbd:abc"));
        lobby.tell(api::LobbyTrouble{api::LobbyTrouble::Kind::InvitationUsed, {}});
        QTRY_VERIFY(window.banners().shownText().contains(QStringLiteral("has been used")));
    }
};

QTEST_MAIN(MainWindowTest)
#include "main_window_test.moc"
