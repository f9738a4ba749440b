#include "tests/ui/rejected_scene.h"
#include "tests/ui/window_checks.h"
#include "ui/banner_zone.h"
#include "ui/people/people_panel.h"
#include "ui/rejected/rejected_window.h"
#include "ui/rejected/take_back_dialog.h"
#include "ui/settings.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTemporaryDir>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

namespace {

QPushButton *button(QWidget &in, const char *start)
{
    for (QPushButton *each : in.findChildren<QPushButton *>())
        if (each->isVisible() && each->accessibleName().startsWith(QString::fromUtf8(start)))
            return each;
    return nullptr;
}

bool shows(QWidget &in, const char *words)
{
    const auto labels = in.findChildren<QLabel *>();
    return std::ranges::any_of(labels, [words](const QLabel *label) {
        return label->isVisible() && label->text().contains(QString::fromUtf8(words));
    });
}

/// Also the box below the page reads the words.
void answerAll(Scene &scene, const std::string &text)
{
    for (const api::ReadRejected &read : scene.workspace->all<api::ReadRejected>())
        scene.workspace->tell(api::RejectedRead{read.request, text, "", "", false});
}

} // namespace

/// What was left out is told calmly, read, put back, copied; and anybody's work can be taken back
/// after it was said how much that is.
class RejectedWindowTest : public QObject {
    Q_OBJECT

private:
    static TakeBackDialog *dialogOf(Scene &scene)
    {
        return scene.window->findChild<TakeBackDialog *>();
    }

private Q_SLOTS:
    void initTestCase()
    {
        applyTheme(Appearance::Light);
        settings::useFile(m_folder.filePath(QStringLiteral("windows.ini")));
    }
    void init() { settings::keep(QStringLiteral("rejectedRead"), QStringList()); }
    void partsFollowEachOther();
    void myEditsOnRejectedContentAreTold();
    void ownWordsArePutBackAsOneEdit();
    void whoMayNotWriteCopies();
    void theDecisionIsNamed();
    void aBannerThatWasReadStaysAway();
    void takingBackSaysHowMuch();
    void nothingIsLeftToTakeBack();
    void theMenuOfAPersonLeadsThere();
    void namesOfOthersBreakNothing();

private:
    QTemporaryDir m_folder;
};

void RejectedWindowTest::partsFollowEachOther()
{
    const auto parts = words::partsOf(
        {hisWords(1, 7, "a "), hisWords(2, 8, "b "), hisWords(3, 10, "c"), myWords(4, 11, "d")});
    QCOMPARE(parts.size(), std::size_t(3));
    QCOMPARE(parts[0].text, std::string("a b "));
    QCOMPARE(parts[0].changes, (std::vector{idOf(1), idOf(2)}));
    QCOMPARE(parts[0].mine, std::uint64_t(2));
    QVERIFY(words::partsOf({}).empty());
    std::vector<api::RejectedInfo> flood;
    for (int i = 0; i < 1000; ++i) {
        flood.push_back(hisWords(i % 250, std::uint64_t(i) + 1, std::string(200, 'x')));
        flood.back().isCut = i >= 400; // up to 64 KiB each
    }
    const auto bounded = words::partsOf(flood);
    QCOMPARE(bounded.size(), std::size_t(2 + 150));
    QVERIFY(bounded[0].text.size() <= 600);
}

void RejectedWindowTest::myEditsOnRejectedContentAreTold()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(myDevice(true));
    BannerZone &banners = scene.window->banners();
    scene.workspace->tell(
        api::RejectedChanged{{hisWords(1, 7, "and lock "), hisWords(2, 8, "the door")}});
    QTRY_VERIFY(banners.shownText().startsWith(
        QStringLiteral("2 edits of yours stand on content that was rejected. What you wrote "
                       "stays.")));
    QTest::mouseClick(button(banners, "Look"), Qt::LeftButton);
    RejectedWindow &window = *scene.window->rejectedWindow();
    QTRY_VERIFY(window.isVisible());
    QVERIFY(!banners.isVisible());
    QVERIFY(unnamedControls(window).isEmpty());
    QVERIFY(shows(window, "Words of Nikos Petrou were left out"));
    QVERIFY(shows(window, "2 edits of yours, which stay as they are."));
    const auto asked = scene.workspace->all<api::ReadRejected>();
    QCOMPARE(asked.back().changes, (std::vector{idOf(1), idOf(2)}));
    QVERIFY(!button(window, "Copy")->isEnabled()); // until all of the words are here
    scene.workspace->tell(api::RejectedRead{asked.back().request, "and lock the door",
                                            "lights the lamps", "; whoever leaves", true});
    QTRY_VERIFY(button(window, "Copy")->isEnabled());
    QVERIFY(shows(window, "lights the lamps"));
    QVERIFY(button(window, "Write these words again, as yours"));
    QVERIFY(button(window, "Take back all that Nikos Petrou wrote since"));
}

void RejectedWindowTest::ownWordsArePutBackAsOneEdit()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(myDevice(true));
    scene.workspace->tell(
        api::RejectedChanged{{myWords(1, 7, "We meet "), myWords(2, 8, "on Monday.")}});
    QTRY_VERIFY(scene.window->banners().shownText().startsWith(
        QStringLiteral("Words of yours were left out by a decision.")));
    scene.window->showRejected();
    RejectedWindow &window = *scene.window->rejectedWindow();
    answerAll(scene, "We meet on Monday.");
    QTRY_VERIFY(button(window, "Put these words back")
                && button(window, "Put these words back")->isEnabled());
    QVERIFY(!button(window, "Take back all")); // nobody takes his own back that way: undo does
    button(window, "Put these words back")->setFocus();
    QTest::keyClick(button(window, "Put these words back"), Qt::Key_Space);
    const auto put = scene.workspace->all<api::PutBack>();
    QCOMPARE(put.size(), std::size_t(1));
    QCOMPARE(put[0].changes, (std::vector{idOf(1), idOf(2)}));
    QVERIFY(!button(window, "Put these words back")->isEnabled());
    scene.workspace->tell(api::WordsPutBack{put[0].request, true});
    QTRY_VERIFY(shows(window, "They are in the text again, as an edit of yours."));
    scene.workspace->tell(api::WordsPutBack{put[0].request + 1, false}); // somebody else's answer
    scene.settle();
    QVERIFY(shows(window, "They are in the text again"));
}

void RejectedWindowTest::whoMayNotWriteCopies()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(myDevice(false));
    scene.workspace->tell(api::RejectedChanged{{myWords(1, 7, "We meet")}});
    scene.window->showRejected();
    RejectedWindow &window = *scene.window->rejectedWindow();
    QTRY_COMPARE(window.parts().size(), std::size_t(1));
    answerAll(scene, "We meet on Monday.");
    QTRY_VERIFY(button(window, "Copy")->isEnabled());
    QVERIFY(!button(window, "Put these words back"));
    QVERIFY(!button(window, "Take back somebody's work"));
    QTest::mouseClick(button(window, "Copy"), Qt::LeftButton);
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("We meet on Monday."));
    QVERIFY(shows(window, "Copied."));
    scene.workspace->tell(api::RejectedChanged{});
    QTRY_VERIFY(shows(window, "Nothing was rejected"));
}

void RejectedWindowTest::theDecisionIsNamed()
{
    const words::People people = Scene().workspace->people.people;
    const auto part = words::partsOf({hisWords(1, 7, "x")}).front();
    const auto made = {decided(5, 1, removal().wish, {MemberIndex(0)}),
                       decided(4, 2, removal().wish, {MemberIndex(0), MemberIndex(1)})};
    QCOMPARE(words::rejectedBy(part, people, made),
             QStringLiteral("Nikos Petrou is no longer a member. Decided in round 1 by 2 "
                            "signatures."));
    QVERIFY(words::rejectedBy(part, people, {}).startsWith(QStringLiteral("An earlier one")));
    auto others = removal().wish;
    others.member = MemberIndex(1);
    QVERIFY(words::rejectedBy(part, people, {decided(4, 2, others, {})})
                .startsWith(QStringLiteral("An earlier one")));
}

void RejectedWindowTest::aBannerThatWasReadStaysAway()
{
    const api::RejectedChanged event{{hisWords(1, 7, "and lock")}};
    {
        Scene scene;
        scene.open();
        scene.workspace->tell(event);
        BannerZone &banners = scene.window->banners();
        QTRY_VERIFY(banners.isVisible());
        for (auto *each : banners.findChildren<QAbstractButton *>())
            if (each->accessibleName() == QStringLiteral("Close this message"))
                each->click();
        QTRY_VERIFY(!banners.isVisible());
        scene.workspace->tell(scene.workspace->people);
        scene.settle();
        QVERIFY(!banners.isVisible());
    }
    Scene scene; // as after the next start
    scene.open();
    scene.workspace->tell(event);
    QTRY_COMPARE(scene.window->rejectedWindow()->parts().size(), std::size_t(1));
    QVERIFY(!scene.window->banners().isVisible());
    scene.workspace->tell(api::RejectedChanged{{hisWords(1, 7, "and"), hisWords(2, 8, "lock")}});
    QTRY_VERIFY(scene.window->banners().isVisible()); // there is more than what was read
}

void RejectedWindowTest::takingBackSaysHowMuch()
{
    Scene scene;
    scene.open();
    scene.window->rejectedWindow()->askTakeBack(DeviceIndex(3), scene.window.get());
    QTRY_VERIFY(dialogOf(scene) && dialogOf(scene)->isVisible());
    TakeBackDialog &dialog = *dialogOf(scene);
    QVERIFY(unnamedControls(dialog).isEmpty());
    QVERIFY(!button(dialog, "Take back")->isEnabled());
    const auto asked = scene.workspace->all<api::ReviewDevice>();
    QCOMPARE(asked.size(), std::size_t(1));
    QCOMPARE(asked[0].device, DeviceIndex(3));
    scene.workspace->tell(reviewed(asked[0].request + 7)); // for somebody else
    scene.workspace->tell(reviewed(asked[0].request));
    QTRY_VERIFY(button(dialog, "Take back 88 changes"));
    QVERIFY(shows(dialog, "That is 88 changes in 2 documents"));
    dialog.findChild<QListWidget *>()->setCurrentRow(1);
    QVERIFY(shows(dialog, "That is 411 changes in 3 documents"));
    QVERIFY(scene.workspace->all<api::TakeBack>().empty());
    QTest::mouseClick(button(dialog, "Take back 411 changes"), Qt::LeftButton);
    const auto taken = scene.workspace->all<api::TakeBack>();
    QCOMPARE(taken.size(), std::size_t(1));
    QCOMPARE(taken[0].since, Seq(1));
    QCOMPARE(taken[0].device, DeviceIndex(3));
    scene.workspace->tell(api::TookBack{taken[0].request, 3, 5});
    QTRY_VERIFY(shows(dialog, "Taken back, in 3 documents. Undo puts it back, in each of them."));
    QVERIFY(!button(dialog, "Take back"));
    QTest::mouseClick(button(dialog, "Close"), Qt::LeftButton);
    QTRY_VERIFY(!dialogOf(scene));
}

void RejectedWindowTest::nothingIsLeftToTakeBack()
{
    Scene scene;
    scene.open();
    scene.window->rejectedWindow()->askTakeBack(DeviceIndex(3), scene.window.get());
    QTRY_VERIFY(dialogOf(scene) && dialogOf(scene)->isVisible());
    api::DeviceReviewed nothing;
    nothing.request = scene.workspace->all<api::ReviewDevice>().back().request;
    scene.workspace->tell(nothing);
    QTRY_VERIFY(shows(*dialogOf(scene), "Nothing of that computer is in any text."));
    QVERIFY(!button(*dialogOf(scene), "Take back")->isEnabled());
    QVERIFY(words::tookBack({1, 0, 0}).startsWith(QStringLiteral("Nothing of that shows")));
}

void RejectedWindowTest::theMenuOfAPersonLeadsThere()
{
    Scene scene;
    scene.open();
    scene.workspace->tell(decisions({}));
    scene.workspace->tell(myDevice(true));
    auto *people = scene.window->findChild<PeoplePanel *>();
    const auto first = [&]() -> QString {
        QMenu *menu = people->menuFor(scene.workspace->people.people[3]);
        return menu ? menu->actions().front()->text() : QString();
    };
    QTRY_COMPARE(first(), QString::fromUtf8("Take back what Nikos Petrou wrote\u2026"));
    people->menuFor(scene.workspace->people.people[3])->actions().front()->trigger();
    QTRY_VERIFY(dialogOf(scene) && dialogOf(scene)->isVisible());
    scene.workspace->tell(myDevice(false));
    QTRY_VERIFY(!first().startsWith(QStringLiteral("Take back")));
}

void RejectedWindowTest::namesOfOthersBreakNothing()
{
    Scene scene;
    scene.workspace->people.people[3].name = std::string(64, 'W');
    scene.workspace->people.people[2].name = "R&D <b>%1</b> %2";
    scene.open();
    scene.workspace->tell(myDevice(true));
    auto other = hisWords(2, 1, "x");
    other.device = DeviceIndex(2);
    scene.workspace->tell(api::RejectedChanged{{hisWords(1, 7, std::string(900, 'w')), other}});
    scene.window->showRejected();
    RejectedWindow &window = *scene.window->rejectedWindow();
    QTRY_COMPARE(window.parts().size(), std::size_t(2));
    scene.settle();
    QVERIFY2(window.width() <= 900, qPrintable(QString::number(window.width())));
    window.findChild<QListWidget *>()->setCurrentRow(1);
    QVERIFY(shows(window, "Words of R&D <b>%1</b> %2 were left out"));
    QCOMPARE(button(window, "Take back all that R&D <b>%1</b> %2 wrote")->text().count(QChar(u'&')),
             qsizetype(2));
}

QTEST_MAIN(RejectedWindowTest)
#include "rejected_window_test.moc"
