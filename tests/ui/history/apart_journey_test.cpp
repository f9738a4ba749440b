#include "tests/support/group_workspace.h"
#include "tests/ui/scene.h"
#include "tests/ui/window_checks.h"
#include "ui/banner_zone.h"
#include "ui/editor/past_page.h"
#include "ui/history/apart_tour.h"
#include "ui/history/history_window.h"
#include "ui/history/page_history.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QDir>
#include <QLabel>
#include <QPushButton>
#include <QSlider>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;
using namespace std::chrono_literals;

namespace {

const char *const kRules = "Rules of the reading room\n"
                           "Whoever arrives first lights the lamps and opens the windows.\n"
                           "Whoever leaves last writes the day into the book.\n"
                           "Nobody eats between the shelves.";

/// Two people with their windows, before engines that speak to each other.
struct Room {
    Room()
        : group(2)
    {
        group.submit(0, api::CreateDocument{1, "Rules", kRules});
        group.run(3s);
        rules = *group.at(0).findDocument("Rules");
        for (std::size_t i = 0; i < group.size(); ++i) {
            doors.push_back(std::make_shared<GroupWorkspace>(group, i));
            windows.push_back(std::make_unique<MainWindow>(doors.back(), QStringLiteral("Agora")));
            windows.back()->setPlace({rules, 0, {}});
            windows.back()->show();
        }
        isReached([this] {
            return std::ranges::all_of(windows, [](auto &it) { return it->page().isOpen(); });
        });
    }
    ~Room() { windows.clear(); }

    void pass(Millis time = 200ms)
    {
        for (const auto &door : doors)
            while (door->send()) {
            }
        group.run(time);
        for (const auto &door : doors)
            door->fetch();
        QTest::qWait(20); // a frame
    }
    bool isReached(const std::function<bool()> &isSo)
    {
        for (int i = 0; i < 300 && !isSo(); ++i)
            pass();
        return isSo();
    }
    void write(std::size_t who, const QString &instead, const QString &words)
    {
        QTextCursor cursor = page(who).textCursor();
        const auto at = static_cast<int>(text(who).indexOf(instead));
        QVERIFY(at >= 0);
        cursor.setPosition(at);
        cursor.setPosition(at + static_cast<int>(instead.size()), QTextCursor::KeepAnchor);
        page(who).setTextCursor(cursor);
        QTest::keyClicks(&page(who), words);
        QVERIFY(isReached([&] { return page(who).pending().isEmpty(); }));
    }
    [[nodiscard]] QString text(std::size_t who)
    {
        return page(who).document()->toRawText().replace(QChar(QChar::ParagraphSeparator),
                                                         QChar(u'\n'));
    }
    [[nodiscard]] DocumentView &page(std::size_t who) { return windows[who]->page(); }
    [[nodiscard]] ApartTour &tour(std::size_t who) { return windows[who]->history().tour(); }
    [[nodiscard]] QString told(std::size_t who)
    {
        return tour(who).findChild<QLabel *>()->text().remove(QChar(0x200B));
    }
    [[nodiscard]] QString row(std::size_t who) { return windows[who]->banners().shownText(); }
    void shot(QWidget &window, const QString &step)
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            return;
        QVERIFY(QDir().mkpath(folder));
        QTest::qWait(60); // lazy layouts settle; no condition depends on it
        const QString name =
            QStringLiteral("%1/j6-%2-%3.png")
                .arg(folder, step,
                     theme().isDark ? QStringLiteral("dark") : QStringLiteral("light"));
        QVERIFY(window.grab().save(name));
    }

    SmallGroup group;
    DocIndex rules;
    std::vector<std::shared_ptr<GroupWorkspace>> doors;
    std::vector<std::unique_ptr<MainWindow>> windows;
};

} // namespace

/// J6 of PRODUCT.md: apart, and together again, by real engines and their windows.
class ApartJourneyTest : public QObject {
    Q_OBJECT

private:
    static void writeApart(Room &room)
    {
        room.group.cut(0, 1);
        QVERIFY(room.isReached([&] {
            return room.windows[0]->statusLine().text().contains(
                QStringLiteral("You are on your own. 0 changes waiting."));
        }));
        room.write(0, QStringLiteral("opens the windows"), QStringLiteral("opens two windows"));
        QVERIFY(room.isReached([&] {
            return room.windows[0]->statusLine().text().contains(
                QStringLiteral("will be shared when someone is near."));
        }));
        room.shot(*room.windows[0], QStringLiteral("1-on-your-own"));
        room.group.sleep(24h, true);
        room.write(1, QStringLiteral("first lights the lamps"),
                   QStringLiteral("first lights all the lamps"));
        room.write(1, QStringLiteral("into the book."), QStringLiteral("into the blue book."));
        room.write(1, QStringLiteral("Nobody eats between the shelves."), QStringLiteral(" "));
        room.group.sleep(24h, true);
        room.group.join(0, 1);
        QVERIFY(room.isReached([&] {
            return room.text(0) == room.text(1) && !room.row(0).isEmpty() && !room.row(1).isEmpty();
        }));
    }

private Q_SLOTS:
    void cleanup() { applyTheme(Appearance::Light); }

    void apartAndTogetherAgain_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void apartAndTogetherAgain()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
        Room room;
        // 1 and 2: both write, in the same sentence too, and meet after two days.
        writeApart(room);
        QVERIFY(room.text(0).contains(
            QStringLiteral("first lights all the lamps and opens two windows.")));
        QVERIFY2(room.row(0).contains(QStringLiteral("While you were apart: Person 1: ")),
                 qPrintable(room.row(0)));
        QVERIFY2(room.row(0).endsWith(QStringLiteral("changes in 3 places.")),
                 qPrintable(room.row(0)));
        QVERIFY2(room.row(1).endsWith(QStringLiteral("in 1 place.")), qPrintable(room.row(1)));
        room.shot(*room.windows[0], QStringLiteral("2-row"));

        // 3 The tour, with old and new text.
        DocumentView &page = room.page(0);
        QTest::keyClick(room.windows[0].get(), Qt::Key_F8);
        QVERIFY(room.isReached([&] { return room.tour(0).isVisible(); }));
        QVERIFY(room.row(0).isEmpty());
        QVERIFY2(room.told(0).startsWith(QStringLiteral("1 of 3: Person 1, ")),
                 qPrintable(room.told(0)));
        QVERIFY(room.told(0).contains(QStringLiteral("first lights all the lamps")));
        QCOMPARE(page.textCursor().position(),
                 static_cast<int>(room.text(0).indexOf(QStringLiteral("first lights"))));
        QCOMPARE(unnamedControls(*room.windows[0]), QStringList());
        room.shot(*room.windows[0], QStringLiteral("3-tour"));
        QTest::keyClick(room.windows[0].get(), Qt::Key_F8);
        QVERIFY(room.told(0).contains(QStringLiteral("blue book.")));
        QTest::keyClick(room.windows[0].get(), Qt::Key_F8, Qt::ShiftModifier);
        QVERIFY(room.told(0).startsWith(QStringLiteral("1 of 3")));
        // What is typed meanwhile moves the places that follow.
        QTextCursor cursor(page.document());
        page.setTextCursor(cursor);
        QTest::keyClicks(&page, QStringLiteral("The "));
        QVERIFY(room.isReached([&] { return page.pending().isEmpty(); }));
        QTest::keyClick(room.windows[0].get(), Qt::Key_F8);
        const auto place = page.textCursor().position();
        QVERIFY2(room.text(0).mid(place).startsWith(QStringLiteral("into the blue book.")),
                 qPrintable(room.text(0).mid(place)));

        // Escape ends it; what was not seen to its end is still told.
        QTest::keyClick(room.windows[0].get(), Qt::Key_Escape);
        QVERIFY(!room.tour(0).isVisible());
        QVERIFY(!room.row(0).isEmpty());
        QTest::keyClick(room.windows[0].get(), Qt::Key_F8);
        QVERIFY(room.isReached([&] { return room.tour(0).isVisible(); }));
        for (int i = 0; i < 3; ++i)
            QTest::keyClick(room.windows[0].get(), Qt::Key_F8);
        QVERIFY(!room.tour(0).isVisible());
        QVERIFY(room.row(0).isEmpty());
        room.pass();
        QTest::keyClick(room.windows[0].get(), Qt::Key_F8);
        QCOMPARE(room.windows[0]->statusLine().note(),
                 QStringLiteral("Nothing came on this page while you were apart."));

        // 5 Together again.
        QVERIFY(room.isReached([&] {
            return !room.windows[0]->statusLine().text().contains(QStringLiteral("on your own"));
        }));
        room.write(1, QStringLiteral("two windows"), QStringLiteral("both windows"));
        QVERIFY(room.isReached([&] { return room.text(0) == room.text(1); }));
    }

    /// What two wrote in two days, in the window of the past; and back to the beginning.
    void thePastIsRestored()
    {
        Room room;
        writeApart(room);
        room.windows[0]->history().show();
        HistoryWindow &history = *room.windows[0]->history().window();
        QVERIFY(room.isReached([&] { return history.page().differences() > 0; }));
        QVERIFY(history.groups().size() >= 3);
        room.shot(history, QStringLiteral("4-history"));
        QTest::keyClick(history.findChild<QSlider *>(), Qt::Key_Home);
        QVERIFY(room.isReached(
            [&] { return history.page().toPlainText() == QString::fromUtf8(kRules); }));
        for (QPushButton *each : history.findChildren<QPushButton *>())
            if (each->text() == QStringLiteral("Restore this page"))
                each->click();
        QVERIFY(room.isReached([&] {
            return room.text(0) == QString::fromUtf8(kRules) && room.text(1) == room.text(0);
        }));
        room.page(0).takeBack();
        QVERIFY(room.isReached([&] {
            return room.text(1).contains(QStringLiteral("all the lamps and opens two windows."));
        }));
    }
};

QTEST_MAIN(ApartJourneyTest)
#include "apart_journey_test.moc"
