#include "tests/ui/room.h"
#include "tests/ui/window_checks.h"
#include "ui/banner_zone.h"
#include "ui/editor/past_page.h"
#include "ui/history/apart_tour.h"
#include "ui/history/history_window.h"
#include "ui/history/page_history.h"
#include "ui/theme.h"

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
                           "The keys hang beside the door, where everybody finds them.\n"
                           "Nobody eats between the shelves.";

/// Two people with their windows, before engines that speak to each other.
struct Room : SharedRoom {
    Room()
        : SharedRoom(2, {{"Rules", kRules}})
    {
    }

    void write(std::size_t who, const QString &instead, const QString &words)
    {
        caretAt(who, instead, instead.size());
        type(who, words);
    }
    [[nodiscard]] ApartTour &tour(std::size_t who) { return windows[who]->history().tour(); }
    [[nodiscard]] QString told(std::size_t who)
    {
        return tour(who).findChild<QLabel *>()->text().remove(QChar(0x200B));
    }
    [[nodiscard]] QString row(std::size_t who) { return windows[who]->banners().shownText(); }
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
        room.shot(0, QStringLiteral("j6-1-on-your-own"));
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
        QVERIFY2(room.row(0).contains(QStringLiteral("While you were apart: Person: ")),
                 qPrintable(room.row(0)));
        QVERIFY2(room.row(0).endsWith(QStringLiteral("changes in 3 places.")),
                 qPrintable(room.row(0)));
        QVERIFY2(room.row(1).endsWith(QStringLiteral("in 1 place.")), qPrintable(room.row(1)));
        room.shot(0, QStringLiteral("j6-2-row"));

        // 3 The tour, with old and new text.
        DocumentView &page = room.page(0);
        room.windows[0]->activateWindow(); // that of the other person came last
        QVERIFY(QTest::qWaitForWindowActive(room.windows[0].get()));
        QTest::keyClick(room.windows[0].get(), Qt::Key_F8);
        QVERIFY(room.isReached([&] { return room.tour(0).isVisible(); }));
        QVERIFY(room.row(0).isEmpty());
        QVERIFY2(room.told(0).startsWith(QStringLiteral("1 of 3: Person, ")),
                 qPrintable(room.told(0)));
        QVERIFY2(room.told(0).contains(QStringLiteral("all")), qPrintable(room.told(0)));
        QCOMPARE(page.textCursor().position(),
                 static_cast<int>(
                     room.text(0).indexOf(QStringLiteral("irst lights")))); // the "f" stayed
        QCOMPARE(unnamedControls(*room.windows[0]), QStringList());
        room.shot(0, QStringLiteral("j6-3-tour"));
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
        QVERIFY2(room.text(0).mid(place).startsWith(QStringLiteral("nto the blue book.")),
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
        // What one wrote before and after they parted, without a pause, and the other a day later.
        QCOMPARE(history.groups().size(), std::size_t{2});
        room.shot(history, QStringLiteral("j6-4-history"));
        // The first of them wrote two things before the pause: that is what its group ends with.
        const QString first = QString::fromUtf8(kRules).replace(QStringLiteral("the windows"),
                                                                QStringLiteral("two windows"));
        QTest::keyClick(history.findChild<QSlider *>(), Qt::Key_Home);
        QVERIFY2(room.isReached([&] { return history.page().toPlainText() == first; }),
                 qPrintable(history.page().toPlainText()));
        for (QPushButton *each : history.findChildren<QPushButton *>())
            if (each->text() == QStringLiteral("Restore this page"))
                each->click();
        QVERIFY(
            room.isReached([&] { return room.text(0) == first && room.text(1) == room.text(0); }));
        room.page(0).takeBack();
        QVERIFY(room.isReached([&] {
            return room.text(1).contains(QStringLiteral("all the lamps and opens two windows."));
        }));
    }
};

QTEST_MAIN(ApartJourneyTest)
#include "apart_journey_test.moc"
