#include "tests/ui/scene.h"
#include "tests/ui/window_checks.h"
#include "ui/editor/past_page.h"
#include "ui/history/history_window.h"
#include "ui/history/page_history.h"
#include "ui/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateTime>
#include <QDir>
#include <QListWidget>
#include <QPushButton>
#include <QSlider>

using namespace nlbd;
using namespace nlbd::testing;
using namespace nlbd::ui;
using Against = api::AskPastText::Against;
using What = api::PastRun::What;

namespace {

Hash nameOf(int number)
{
    Hash hash;
    hash.value[0] = static_cast<std::byte>(number);
    hash.value[1] = static_cast<std::byte>(number >> 8);
    return hash;
}

WallTime at(int day, int hour, int minute)
{
    return WallTime(
        Millis(QDateTime(QDate(2026, 11, day), QTime(hour, minute)).toMSecsSinceEpoch()));
}

/// Four sittings of three people.
api::PastTold past(const api::AskPast &question)
{
    api::PastTold told{question.request, question.doc};
    const auto add = [&](std::vector<MemberIndex> who, WallTime from, Millis length,
                         std::uint64_t added, std::uint64_t removed) {
        const int number = 2 * static_cast<int>(told.groups.size()) + 1;
        told.groups.push_back({nameOf(number), nameOf(number + 1), std::move(who), from,
                               from + length, 12, added, removed, api::Agreement::Agreed, 4});
    };
    using std::chrono::minutes;
    add({MemberIndex(0)}, at(12, 9, 2), minutes(14), 412, 0);
    add({MemberIndex(1)}, at(13, 18, 2), minutes(7), 41, 3);
    add({MemberIndex(0), MemberIndex(2)}, at(14, 11, 30), minutes(31), 120, 96);
    add({MemberIndex(3)}, at(14, 18, 40), minutes(0), 0, 0);
    told.groups.front().agreedSince = at(12, 9, 20);
    told.groups.back().state = api::Agreement::Pencil;
    told.groups.back().signedBy = 2;
    told.changes = 48;
    told.seats = 4;
    return told;
}

/// What was asked about, with a word that came, one that went and one that looks different.
api::PastTextTold textOf(const api::AskPastText &question)
{
    api::PastText told;
    told.title = "t";
    told.text = "Charter of the room\nWe open at nine eight. Whoever arrives first lights "
                "the lamps; whoever leaves last writes the day into the book.\n"
                "A rule is changed when two thirds of us have read the change.\n";
    const auto add = [&](const char *words, What what, int who) {
        const auto from = static_cast<TextOffset>(told.text.find(words));
        told.runs.push_back({from, from + static_cast<TextOffset>(std::string(words).size()), what,
                             MemberIndex(static_cast<std::uint16_t>(who)), at(13, 18, 2)});
    };
    add("nine ", What::Removed, 1);
    add("eight", What::Added, 1);
    add("lamps", What::Formatted, 2);
    told.looks.letters.push_back({told.runs[2].from, told.runs[2].to, {{"bold", "1"}}});
    told.length = utf8::length(told.text);
    told.pastLength = static_cast<TextOffset>(told.length) - 5;
    return {question.request, question.doc, question.upTo, question.against,
            std::make_shared<const api::PastText>(std::move(told))};
}

struct Opened : Scene {
    Opened()
    {
        Scene::open();
        window->history().show();
        static_cast<void>(QTest::qWaitFor([this] { return asked<api::AskPast>() > 0; }));
    }
    template <typename Question>
    [[nodiscard]] std::size_t asked() const
    {
        return workspace->all<Question>().size();
    }
    HistoryWindow &history() { return *window->history().window(); }
    template <typename Widget>
    [[nodiscard]] Widget &part()
    {
        return *history().template findChild<Widget *>();
    }
    [[nodiscard]] QPushButton &button(const char *text)
    {
        for (QPushButton *each : history().findChildren<QPushButton *>())
            if (each->text() == QString::fromUtf8(text))
                return *each;
        qFatal("no such button");
    }
    template <typename Event>
    void tell(Event event)
    {
        workspace->tell(std::move(event));
        settle();
    }
    void tellPast() { tell(past(workspace->all<api::AskPast>().back())); }
    void tellText() { tell(textOf(workspace->all<api::AskPastText>().back())); }
    void tellAll()
    {
        tellPast();
        tellText();
    }
    [[nodiscard]] bool says(const QString &words)
    {
        for (const QLabel *label : history().findChildren<QLabel *>())
            if (label->isVisible() && label->text().remove(QChar(0x200B)).contains(words))
                return true;
        return false;
    }
    void shot(const QString &name)
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            return;
        QVERIFY(QDir().mkpath(folder));
        QTest::qWait(60); // lazy layouts settle; no condition depends on it
        QVERIFY(history().grab().save(
            QStringLiteral("%1/history-%2-%3.png")
                .arg(folder, name,
                     theme().isDark ? QStringLiteral("dark") : QStringLiteral("light"))));
    }
};

} // namespace

/// The window that shows the past of a page.
class HistoryWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cleanup() { applyTheme(Appearance::Light); }

    void theNewestIsShownFirst()
    {
        Opened scene;
        QVERIFY(scene.says(QStringLiteral("Reading the past")));
        scene.tellPast();
        auto &list = scene.part<QListWidget>();
        QCOMPARE(list.count(), 4);
        QCOMPARE(list.currentRow(), 0);
        QVERIFY(list.item(2)->text().startsWith(QStringLiteral("Thea\n")));
        QVERIFY(list.item(2)->text().endsWith(QStringLiteral("41 letters more, 3 fewer")));
        QVERIFY(list.item(1)->text().startsWith(QStringLiteral("Andreas and Sofia")));
        QVERIFY(list.item(1)
                    ->data(Qt::AccessibleTextRole)
                    .toString()
                    .endsWith(QStringLiteral("agreed by 4 of 4.")));
        QVERIFY(list.item(3)
                    ->data(Qt::AccessibleTextRole)
                    .toString()
                    .endsWith(QStringLiteral("agreed by 4 of 4, known here since 12 Nov 09:20.")));
        QVERIFY(scene.says(QStringLiteral("in pencil: 2 of 4 have it.")));
        const auto question = scene.workspace->all<api::AskPastText>().back();
        QCOMPARE(question.upTo, nameOf(8));
        QCOMPARE(question.since, nameOf(7));
        QVERIFY(question.against == Against::Before);
    }

    void anEmptyPastSaysSo()
    {
        Opened scene;
        const auto question = scene.workspace->all<api::AskPast>().back();
        scene.tell(api::PastTold{question.request, question.doc});
        QVERIFY(scene.says(QStringLiteral("No past yet")));
        QCOMPARE(scene.asked<api::AskPastText>(), 0U);
    }

    void theSliderIsMovedByKeys()
    {
        Opened scene;
        scene.tellAll();
        auto &slider = scene.part<QSlider>();
        QCOMPARE(slider.value(), 3);
        QTest::keyClick(&slider, Qt::Key_Left);
        QCOMPARE(scene.part<QListWidget>().currentRow(), 1);
        QTest::keyClick(&slider, Qt::Key_Home);
        QCOMPARE(scene.part<QListWidget>().currentRow(), 3);
        // One question is under way: the last place is asked for when it is answered.
        QCOMPARE(scene.workspace->all<api::AskPastText>().back().upTo, nameOf(6));
        const std::size_t before = scene.asked<api::AskPastText>();
        scene.tellText();
        QCOMPARE(scene.asked<api::AskPastText>(), before + 1);
        QCOMPARE(scene.workspace->all<api::AskPastText>().back().upTo, nameOf(2));
        QTest::keyClick(&slider, Qt::Key_End);
        QCOMPARE(slider.value(), 3);
    }

    void differencesAreShownWithWords()
    {
        Opened scene;
        scene.tellAll();
        PastPage &page = scene.history().page();
        QVERIFY(page.toPlainText().contains(QStringLiteral("at nine eight.")));
        QCOMPARE(page.differences(), 2); // what went and came at one place is one
        QVERIFY(scene.says(QStringLiteral("Removed by Thea Kallas, ")));
        QTest::keyClick(&page, Qt::Key_F8);
        QVERIFY(scene.says(QStringLiteral("Formatted by Sofia Orfanou, ")));
        QTest::keyClick(&page, Qt::Key_F8); // around the end
        QVERIFY(scene.says(QStringLiteral("Removed by Thea Kallas, ")));
        scene.part<QCheckBox>().click();
        QVERIFY(page.toPlainText().contains(QStringLiteral("at eight.")));
        QCOMPARE(page.differences(), 0);
        scene.part<QCheckBox>().click();
        scene.part<QComboBox>().setCurrentIndex(1);
        QVERIFY(scene.workspace->all<api::AskPastText>().back().against == Against::Now);
        scene.tellText();
        scene.part<QCheckBox>().click();
        QVERIFY(page.toPlainText().contains(QStringLiteral("at nine .")));
    }

    void aSelectionIsRestored()
    {
        Opened scene;
        scene.tellAll();
        PastPage &page = scene.history().page();
        auto &part = scene.button("Restore the selected part");
        const auto select = [&](const QString &words) {
            QTextCursor cursor = page.textCursor();
            const auto at = static_cast<int>(page.toPlainText().indexOf(words));
            cursor.setPosition(at);
            cursor.setPosition(at + static_cast<int>(words.size()), QTextCursor::KeepAnchor);
            page.setTextCursor(cursor);
        };
        select(QStringLiteral("nine "));
        QVERIFY(!part.isEnabled()); // nothing of the text as it was
        select(QStringLiteral("at nine eight."));
        QVERIFY(part.isEnabled());
        part.click();
        const auto wish = scene.workspace->all<api::RestorePast>().back();
        QCOMPARE(wish.upTo, nameOf(8));
        QVERIFY(wish.part);
        QCOMPARE(wish.part->from, TextOffset(28));
        QCOMPARE(wish.part->to, TextOffset(37)); // without what had gone
        QVERIFY(!part.isEnabled());
        scene.tell(
            api::PastRestored{wish.request, wish.doc, api::PastRestored::Result::Done, 5, 1});
        QVERIFY(scene.says(QStringLiteral("Restored, as an edit of yours: 5 letters came and 1 "
                                          "letter went. Undo takes it back.")));
        QVERIFY(part.isEnabled());
    }

    void allIsRestored()
    {
        Opened scene;
        scene.tellAll();
        QVERIFY(scene.says(QStringLiteral("That is an edit of yours: everybody sees it")));
        scene.button("Restore this page").click();
        const auto wish = scene.workspace->all<api::RestorePast>().back();
        QVERIFY(!wish.part);
        scene.tell(
            api::PastRestored{wish.request, wish.doc, api::PastRestored::Result::Same, 0, 0});
        QVERIFY(scene.says(QStringLiteral("It is so already: nothing was changed.")));
    }

    void whatComesLeavesTheChosenOne()
    {
        Opened scene;
        scene.tellAll();
        scene.part<QListWidget>().setCurrentRow(2);
        scene.tellText();
        const std::size_t before = scene.asked<api::AskPast>();
        scene.workspace->othersEdit(scene.charter, {{0, 0, "x"}});
        scene.workspace->addDocument("another", "x"); // the list of documents differs
        QTRY_VERIFY(scene.asked<api::AskPast>() > before);
        api::PastTold told = past(scene.workspace->all<api::AskPast>().back());
        told.groups.push_back(told.groups.back());
        told.groups.back().first = nameOf(20);
        told.groups.back().last = nameOf(21);
        scene.tell(told);
        QCOMPARE(scene.part<QListWidget>().count(), 5);
        QCOMPARE(scene.part<QListWidget>().currentRow(), 3);
    }

    void earlierOnesAreFetched()
    {
        Opened scene;
        api::PastTold told = past(scene.workspace->all<api::AskPast>().back());
        told.hasMore = true;
        scene.tell(told);
        scene.button("Show what is earlier").click();
        const auto question = scene.workspace->all<api::AskPast>().back();
        QCOMPARE(*question.before, nameOf(1));
        api::PastTold earlier = past(question);
        for (api::PastGroup &group : earlier.groups)
            group.first.value[2] = group.last.value[2] = std::byte{1};
        scene.tell(earlier);
        QCOMPARE(scene.part<QListWidget>().count(), 8);
        QCOMPARE(scene.part<QListWidget>().currentRow(), 0);
        QVERIFY(!scene.button("Show what is earlier").isVisible());
    }

    void everythingHasANameAndRoom_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void everythingHasANameAndRoom()
    {
        QFETCH(bool, isDark);
        Opened scene;
        scene.tellAll();
        // The theme is switched under the open window: discs and marks follow.
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
        QCoreApplication::processEvents();
        QCOMPARE(unnamedControls(scene.history()), QStringList());
        QCOMPARE(cutWords(scene.history()), QStringList());
        const QImage disc =
            scene.part<QListWidget>().item(0)->icon().pixmap(QSize(58, 30)).toImage();
        const QColor own = theme().people[3];
        bool isPainted = false;
        for (int x = 0; x < disc.width(); ++x)
            isPainted = isPainted || disc.pixelColor(x, disc.height() / 4) == own;
        QVERIFY(isPainted);
        scene.shot(QStringLiteral("window"));
        scene.history().resize(860, 420);
        QCoreApplication::processEvents();
        QCOMPARE(cutWords(scene.history()), QStringList());
        scene.shot(QStringLiteral("small"));
    }
};

QTEST_MAIN(HistoryWindowTest)
#include "history_window_test.moc"
