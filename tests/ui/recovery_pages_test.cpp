#include "tests/support/fake_lobby.h"
#include "tests/ui/scene.h"
#include "tests/ui/window_checks.h"
#include "ui/join/lobby_window.h"
#include "ui/lobby_bridge.h"
#include "ui/theme.h"

#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;
using Page = LobbyWindow::Page;

namespace {

const std::string kWords = "defense avoid love journal bubble boss alto disk flag rent pull lamp";

/// The start window of somebody, in either theme.
struct Start {
    explicit Start(const std::string &name = {})
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
        lobby.profile.name = name;
        window.show();
        bridge.start();
        QTest::qWait(20);
    }
    bool click(const QString &text)
    {
        for (QPushButton *button : window.findChildren<QPushButton *>())
            if (button->isVisible() && button->isEnabled() && button->text() == text) {
                QTest::mouseClick(button, Qt::LeftButton);
                return true;
            }
        return false;
    }
    [[nodiscard]] bool shows(const QString &text) const
    {
        const auto labels = window.findChildren<QLabel *>();
        return std::any_of(labels.begin(), labels.end(), [&text](const QLabel *label) {
            return label->isVisible() && label->text().contains(text);
        });
    }
    [[nodiscard]] QPlainTextEdit *field() const
    {
        for (QPlainTextEdit *each : window.findChildren<QPlainTextEdit *>())
            if (each->accessibleName() == QStringLiteral("Recovery words"))
                return each;
        return nullptr;
    }
    [[nodiscard]] QLineEdit *secret(const QString &name) const
    {
        for (QLineEdit *each : window.findChildren<QLineEdit *>())
            if (each->accessibleName() == name)
                return each;
        return nullptr;
    }
    /// What a person would do in the dialog that asks for a file.
    bool choose(const QString &file) const
    {
        const auto dialogs = window.findChildren<QFileDialog *>();
        if (dialogs.isEmpty())
            return false;
        Q_EMIT dialogs.back()->fileSelected(file);
        dialogs.back()->close();
        return true;
    }
    /// Every control has a name, and room for its words; the picture goes to NLBD_SCREENSHOTS, if
    /// that names a folder.
    void shot(const QString &name)
    {
        QTest::qWait(60); // fades and lazy layouts settle; no condition depends on it
        QVERIFY2(unnamedControls(window).isEmpty(),
                 qPrintable(unnamedControls(window).join(QChar(u' '))));
        const QStringList cut = cutWordsInTheEnd(window);
        QVERIFY2(cut.isEmpty(), qPrintable(cut.join(QChar(u' '))));
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            return;
        QVERIFY(QDir().mkpath(folder));
        const QString theme = ui::theme().isDark ? QStringLiteral("dark") : QStringLiteral("light");
        QVERIFY(window.grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, name, theme)));
    }

    FakeLobby lobby;
    LobbyBridge bridge{lobby};
    LobbyWindow window{bridge, QStringLiteral("Andreas Michas")};
};

} // namespace

/// Recovery words in the window: shown when asked for, typed on a new computer.
class RecoveryPagesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aNewComputer_data() { themes(); }
    void aNewComputer();
    void theWordsAreShown_data() { themes(); }
    void theWordsAreShown();
    void aCompanionHasNone_data() { themes(); }
    void aCompanionHasNone();
    void aBackup_data() { themes(); }
    void aBackup();
    void aBackupIsPutBack_data() { themes(); }
    void aBackupIsPutBack();
    void aShutDoor_data() { themes(); }
    void aShutDoor();

private:
    static void themes()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
};

void RecoveryPagesTest::aNewComputer()
{
    Start start;
    start.shot(QStringLiteral("restore-start"));
    QVERIFY(start.click(QStringLiteral("Restore with recovery words")));
    QCOMPARE(start.window.page(), Page::Restore);
    start.shot(QStringLiteral("restore"));
    QVERIFY(!start.click(QStringLiteral("Restore"))); // nothing is typed yet
    // What is wrong is said where it was typed, and what was typed stays.
    const QString typed = QStringLiteral("abandn pull lamp");
    start.field()->setPlainText(typed);
    QVERIFY(start.click(QStringLiteral("Restore")));
    QCOMPARE(start.lobby.all<api::Restore>().size(), 1U);
    QCOMPARE(start.lobby.all<api::Restore>()[0].name, std::string("Andreas Michas"));
    QCOMPARE(start.lobby.all<api::Restore>()[0].words, typed.toStdString());
    start.lobby.tell(api::LobbyTrouble{api::LobbyTrouble::Kind::BadWords,
                                       "Word 1, \"abandn\", is not in the list of words. Perhaps "
                                       "it is \"abandon\"."});
    QTRY_VERIFY(start.shows(QStringLiteral("Perhaps it is &quot;abandon&quot;")));
    QCOMPARE(start.field()->toPlainText(), typed);
    for (const QLabel *label : start.window.findChildren<QLabel *>())
        if (label->isVisible() && label->text().contains(QStringLiteral("<b>")))
            QCOMPARE(label->textFormat(), Qt::RichText);
    start.shot(QStringLiteral("restore-slip"));
    start.field()->setPlainText(QStringLiteral("abandon pull lamp"));
    QVERIFY(!start.shows(QStringLiteral("Perhaps"))); // what was typed since may be right
    start.lobby.profile.name = "Andreas Michas";
    start.lobby.tell(start.lobby.profile);
    QTRY_COMPARE(start.window.page(), Page::Join);   // the texts come by invitation
    QVERIFY(start.field()->toPlainText().isEmpty()); // no longer there to be read
}

void RecoveryPagesTest::theWordsAreShown()
{
    Start start("Andreas Michas");
    start.shot(QStringLiteral("recovery-start"));
    QVERIFY(start.click(QStringLiteral("Show my recovery words")));
    QCOMPARE(start.window.page(), Page::Recovery);
    QVERIFY(start.lobby.all<api::ShowRecoveryWords>().empty()); // not before they are asked for
    start.shot(QStringLiteral("recovery-hidden"));
    QVERIFY(start.click(QStringLiteral("Show the words")));
    QCOMPARE(start.lobby.all<api::ShowRecoveryWords>().size(), 1U);
    start.lobby.tell(api::RecoveryWordsShown{kWords});
    QTRY_VERIFY(start.shows(QStringLiteral("12  lamp")));
    QVERIFY(start.shows(QStringLiteral(" 1  defense")));
    start.shot(QStringLiteral("recovery-words"));
    start.lobby.tell(api::RecoveryWordsShown{kWords + " " + kWords});
    QTRY_VERIFY(start.shows(QStringLiteral("24  lamp")));
    start.shot(QStringLiteral("recovery-24"));
    // Whoever leaves the page leaves no words behind.
    QVERIFY(start.click(QStringLiteral("Back")));
    QVERIFY(!start.shows(QStringLiteral("defense")));
    start.lobby.tell(api::RecoveryWordsShown{kWords}); // late
    QTest::qWait(20);
    start.window.showPage(Page::Recovery);
    QVERIFY(!start.shows(QStringLiteral("defense")));
}

void RecoveryPagesTest::aCompanionHasNone()
{
    Start start("Andreas Michas");
    start.lobby.profile.isCompanion = true;
    start.lobby.tell(start.lobby.profile);
    QTRY_VERIFY(!start.click(QStringLiteral("Show my recovery words")));
}

void RecoveryPagesTest::aBackup()
{
    Start start("Andreas Michas");
    QVERIFY(start.click(QStringLiteral("Back up\u2026")));
    QCOMPARE(start.window.page(), Page::Backup);
    start.shot(QStringLiteral("backup"));
    QVERIFY(!start.click(QStringLiteral("Back up\u2026"))); // nothing is typed yet
    QLineEdit *first = start.secret(QStringLiteral("Passphrase of the backup"));
    QLineEdit *again = start.secret(QStringLiteral("Passphrase once more"));
    QVERIFY(first && again);
    QTest::keyClicks(first, QStringLiteral("seven pebbles"));
    QTest::keyClicks(again, QStringLiteral("seven pebble"));
    QVERIFY(!start.click(QStringLiteral("Back up\u2026"))); // it was typed otherwise
    QTest::keyClicks(again, QStringLiteral("s"));
    QTest::keyClick(again, Qt::Key_Return);
    QVERIFY(start.choose(QStringLiteral("/tmp/all.nlbd-backup")));
    QCOMPARE(start.lobby.all<api::BackUp>().size(), 1U);
    QCOMPARE(start.lobby.all<api::BackUp>()[0].passphrase, std::string("seven pebbles"));
    QVERIFY(!start.click(QStringLiteral("Back up\u2026"))); // one at a time
    start.lobby.tell(api::LobbyTrouble{api::LobbyTrouble::Kind::BackupFailed, "The disk is full."});
    QTRY_VERIFY(start.shows(QStringLiteral("No backup was written.")));
    start.lobby.tell(api::BackedUp{"/tmp/all.nlbd-backup", 4096, 1});
    QTRY_VERIFY(start.shows(QStringLiteral("The backup is written, and was read again.")));
    start.shot(QStringLiteral("backup-written"));
    QVERIFY(start.click(QStringLiteral("Back")));
    QVERIFY(first->text().isEmpty() && again->text().isEmpty());
}

void RecoveryPagesTest::aBackupIsPutBack()
{
    Start start;
    QVERIFY(start.click(QStringLiteral("Restore from a backup\u2026")));
    start.shot(QStringLiteral("backup-restore"));
    QVERIFY(start.shows(QStringLiteral("Where fewer than four decide, that cannot be")));
    QTest::keyClicks(start.secret(QStringLiteral("Passphrase of the backup")),
                     QStringLiteral("seven pebbles"));
    QVERIFY(start.click(QStringLiteral("Choose the file\u2026")));
    QVERIFY(start.choose(QStringLiteral("/tmp/all.nlbd-backup")));
    QCOMPARE(start.lobby.all<api::RestoreBackup>().size(), 1U);
    start.lobby.tell(api::LobbyTrouble{api::LobbyTrouble::Kind::BadBackup,
                                       "This file is no backup of No Leader."});
    QTRY_VERIFY(start.shows(QStringLiteral("This backup was not restored.")));
    start.lobby.profile.name = "Andreas Michas";
    start.lobby.tell(start.lobby.profile);
    start.lobby.tell(api::BackupRestored{"Andreas Michas", {"Two of us"}});
    QTRY_COMPARE(start.window.page(), Page::Welcome);
    QVERIFY(start.shows(QStringLiteral("Two of us")));
    start.shot(QStringLiteral("backup-restored"));
}

void RecoveryPagesTest::aShutDoor()
{
    Start start("Andreas Michas");
    start.window.inviteInto(WorkspaceId(), true);
    QVERIFY(start.shows(QStringLiteral("Nobody new is let in here now")));
    start.shot(QStringLiteral("invitation-shut"));
    start.window.inviteInto(WorkspaceId(), false);
    QVERIFY(!start.shows(QStringLiteral("Nobody new is let in here now")));
}

QTEST_MAIN(RecoveryPagesTest)
#include "recovery_pages_test.moc"
