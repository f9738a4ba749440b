#include "tests/ui/room.h"
#include "ui/banner_zone.h"
#include "ui/comments/comment_box.h"
#include "ui/comments/comment_card.h"
#include "ui/comments/comment_margin.h"
#include "ui/comments/comments_panel.h"
#include "ui/settings.h"
#include "ui/theme.h"

#include <QAction>
#include <QListWidget>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;
using namespace std::chrono_literals;

namespace {

/// Three people with their windows, before engines that speak to each other.
struct Room : SharedRoom {
    Room()
        : SharedRoom(3, {{"Rules", kText}})
    {
        pass();
    }

    void select(std::size_t who, const QString &words) { caretAt(who, words, words.size()); }
    /// Says something about words by the keyboard, and waits until all know of it.
    void comment(std::size_t who, const QString &words, const QString &text)
    {
        select(who, words);
        const std::size_t before = margin(0).places().size();
        trigger(who, QStringLiteral("Comment"));
        QTest::keyClicks(&panel(who).beginBox(), text);
        QTest::keyClick(&panel(who).beginBox(), Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(isReached([&] {
            return std::ranges::all_of(std::array<std::size_t, 3>{0, 1, 2}, [&](std::size_t i) {
                return margin(i).places().size() == before + 1;
            });
        }));
    }
    [[nodiscard]] CommentsPanel &panel(std::size_t who)
    {
        return *windows[who]->findChild<CommentsPanel *>();
    }
    [[nodiscard]] CommentMargin &margin(std::size_t who)
    {
        return *page(who).findChild<CommentMargin *>();
    }
    [[nodiscard]] CommentCard &card(std::size_t who, std::size_t number = 0)
    {
        return *panel(who).cardOf(margin(who).places().at(number).thread);
    }
    [[nodiscard]] QString words(std::size_t who, std::size_t number = 0)
    {
        const CommentMargin::Place &place = margin(who).places().at(number);
        return page(who).textBetween(place.from, place.to);
    }

    static constexpr const char *kText =
        "Rules\n\nWe open at eight. Whoever arrives first lights the lamps; whoever leaves last "
        "writes the day into the book.\n\nA rule is changed when two thirds of us have read the "
        "change and set our mark to it.\n";
};

} // namespace

/// Threads beside the text, in windows before real engines.
class CommentsPanelTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aThreadIsBegunAndAnswered();
    void placesGoWithTheText();
    void anAnswerThatIsWrittenStays();
    void aCommentBelongsToItsPage();
    void whatIsTypedAfterSendingStays();
    void onlyOwnMessagesHaveButtons();
    void membersAreMentioned();
    void keysLeadFromThreadToThread();
    void namesAreNoMarkup();
    void inThePictures_data();
    void inThePictures();
};

void CommentsPanelTest::init()
{
    applyTheme(Appearance::Light);
    settings::keep(QStringLiteral("mentionsRead"), QStringList());
}

void CommentsPanelTest::aThreadIsBegunAndAnswered()
{
    Room room;
    QCOMPARE(room.panel(0).shownCards(), 0U);
    room.comment(0, QStringLiteral("the lamps"), QStringLiteral("Which ones?"));
    for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(room.words(i), QStringLiteral("the lamps"));
        QVERIFY(room.card(i).text().contains(QStringLiteral("Which ones?")));
        QVERIFY(room.card(i).accessibleName().contains(QStringLiteral("the lamps")));
    }
    QVERIFY(!room.panel(0).isBeginning());
    QTest::keyClicks(&room.card(1).box(), QStringLiteral("All of them."));
    QTest::keyClick(&room.card(1).box(), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(room.isReached(
        [&] { return room.card(0).text().contains(QStringLiteral("All of them.")); }));
    QVERIFY(room.card(1).box().isBlank());
    // Anybody resolves it, and it is out of sight until it is asked for.
    for (QPushButton *button : room.card(2).buttons())
        if (button->text() == QStringLiteral("Resolve"))
            button->click();
    QVERIFY(room.isReached([&] { return room.panel(0).shownCards() == 0; }));
    QVERIFY(!room.margin(0).places().at(0).isShown);
    for (QPushButton *button : room.panel(0).findChildren<QPushButton *>())
        if (button->text() == QStringLiteral("Show resolved"))
            button->click();
    QCOMPARE(room.panel(0).shownCards(), 1U);
    QVERIFY(room.margin(0).places().at(0).isShown);
    QVERIFY(room.card(0).text().contains(QStringLiteral("Resolved by")));
}

void CommentsPanelTest::placesGoWithTheText()
{
    Room room;
    room.comment(0, QStringLiteral("the lamps"), QStringLiteral("a"));
    room.select(1, QStringLiteral("We open"));
    QTest::keyClicks(&room.page(1), QStringLiteral("They opened"));
    QCOMPARE(room.words(1), QStringLiteral("the lamps")); // at once
    room.select(0, QStringLiteral("lamps"));
    QTextCursor cursor = room.page(0).textCursor();
    cursor.setPosition(cursor.selectionStart());
    room.page(0).setTextCursor(cursor);
    QTest::keyClicks(&room.page(0), QStringLiteral("old "));
    QCOMPARE(room.words(0), QStringLiteral("the old lamps"));
    for (int i = 0; i < 10; ++i)
        room.pass();
    for (std::size_t i = 0; i < 3; ++i)
        QCOMPARE(room.words(i), QStringLiteral("the old lamps"));
    room.select(2, QStringLiteral("lights the old lamps;"));
    QTest::keyClick(&room.page(2), Qt::Key_Delete);
    QVERIFY(room.card(2).text().contains(QStringLiteral("The words are gone")));
    QVERIFY(room.isReached(
        [&] { return room.card(0).text().contains(QStringLiteral("The words are gone")); }));
    QVERIFY(room.card(0).text().contains(QStringLiteral("the lamps"))); // as they were
}

void CommentsPanelTest::anAnswerThatIsWrittenStays()
{
    Room room;
    room.comment(0, QStringLiteral("the lamps"), QStringLiteral("a"));
    QTest::keyClicks(&room.card(1).box(), QStringLiteral("half an ans"));
    QTest::keyClicks(&room.card(2).box(), QStringLiteral("b"));
    QTest::keyClick(&room.card(2).box(), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(room.isReached([&] { return room.card(1).thread().messages.size() == 2; }));
    QCOMPARE(room.card(1).box().toPlainText(), QStringLiteral("half an ans"));
    // Nor does it go with the document.
    room.group.submit(1, api::CreateDocument{5, "Other", "x"});
    room.pass(3s);
    room.page(1).open(*room.group.at(1).findDocument("Other"));
    QVERIFY(room.isReached([&] { return room.page(1).isOpen(); }));
    QVERIFY(room.margin(1).places().empty());
    room.page(1).open(room.docs.front());
    QVERIFY(room.isReached([&] { return !room.margin(1).places().empty(); }));
    QCOMPARE(room.card(1).box().toPlainText(), QStringLiteral("half an ans"));
}

/// Begun on one page and sent from another, it would be about words that nobody chose.
void CommentsPanelTest::aCommentBelongsToItsPage()
{
    Room room;
    room.group.submit(
        0, api::CreateDocument{5, "Other", "other words, as long as those of the rules"});
    room.pass(3s);
    const DocIndex other = *room.group.at(0).findDocument("Other");
    room.select(0, QStringLiteral("the lamps"));
    room.trigger(0, QStringLiteral("Comment"));
    QTest::keyClicks(&room.panel(0).beginBox(), QStringLiteral("which?"));
    room.open(0, other);
    QTest::keyClick(&room.panel(0).beginBox(), Qt::Key_Return, Qt::ControlModifier);
    for (int i = 0; i < 5; ++i)
        room.pass();
    QVERIFY(room.margin(0).places().empty());
    QCOMPARE(room.panel(0).beginBox().toPlainText(), QStringLiteral("which?"));
    room.open(0, room.docs.front());
    QTest::keyClick(&room.panel(0).beginBox(), Qt::Key_Return, Qt::ControlModifier);
    for (int i = 0; i < 5; ++i)
        room.pass();
    QVERIFY(room.margin(0).places().empty());  // others may have written meanwhile
    room.select(0, QStringLiteral("We open")); // as the sentence asks
    room.trigger(0, QStringLiteral("Comment"));
    QCOMPARE(room.panel(0).beginBox().toPlainText(), QStringLiteral("which?"));
    QTest::keyClick(&room.panel(0).beginBox(), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(room.isReached([&] { return room.margin(1).places().size() == 1; }));
    QCOMPARE(room.words(1), QStringLiteral("We open"));
}

void CommentsPanelTest::whatIsTypedAfterSendingStays()
{
    Room room;
    room.comment(0, QStringLiteral("the lamps"), QStringLiteral("a"));
    CommentBox &box = room.card(1).box();
    QTest::keyClicks(&box, QStringLiteral("first"));
    QTest::keyClick(&box, Qt::Key_Return, Qt::ControlModifier);
    QTest::keyClicks(&box, QStringLiteral(" second"));
    QVERIFY(room.isReached([&] { return room.card(1).thread().messages.size() == 2; }));
    QCOMPARE(room.card(1).thread().messages.back().words.text, "first");
    QTRY_COMPARE(room.card(1).box().toPlainText(), QStringLiteral(" second"));
    // What is under way when the page is left is not there again later.
    QTest::keyClick(&room.card(1).box(), Qt::Key_Return, Qt::ControlModifier);
    room.group.submit(1, api::CreateDocument{5, "Other", "x"});
    room.pass(3s);
    room.open(1, *room.group.at(1).findDocument("Other"));
    room.open(1, room.docs.front());
    QVERIFY(room.isReached([&] {
        return room.margin(1).places().size() == 1 && room.card(1).thread().messages.size() == 3;
    }));
    QVERIFY(room.card(1).box().isBlank());
}

void CommentsPanelTest::onlyOwnMessagesHaveButtons()
{
    Room room;
    room.comment(0, QStringLiteral("the lamps"), QStringLiteral("a"));
    const auto press = [&](std::size_t who, const QString &label) {
        for (QPushButton *button : room.card(who).buttons())
            if (button->text() == label) {
                button->click();
                return true;
            }
        return false;
    };
    QVERIFY(!press(1, QStringLiteral("Edit")));
    QVERIFY(!press(1, QStringLiteral("Delete")));
    QVERIFY(press(0, QStringLiteral("Edit")));
    QCOMPARE(room.card(0).box().toPlainText(), QStringLiteral("a"));
    QTest::keyClicks(&room.card(0).box(), QStringLiteral("bc"));
    QVERIFY(press(0, QStringLiteral("Keep")));
    QVERIFY(room.isReached([&] { return room.card(1).text().contains(QStringLiteral("abc")); }));
    QVERIFY(room.card(0).box().isBlank());
    QVERIFY(press(0, QStringLiteral("Delete")));
    QVERIFY(room.isReached([&] { return room.margin(2).places().empty(); }));
}

void CommentsPanelTest::membersAreMentioned()
{
    Room room;
    const std::string name = room.group.at(0).configuration().members[1].name;
    const QString second = QString::fromStdString(name);
    room.select(0, QStringLiteral("the lamps"));
    room.trigger(0, QStringLiteral("Comment"));
    CommentBox &box = room.panel(0).beginBox();
    room.windows[0]->activateWindow();
    box.setFocus();
    QTRY_VERIFY(box.hasFocus());
    QTest::keyClicks(&box, QStringLiteral("@") + second.left(1));
    QTRY_VERIFY(box.offers().isVisible());
    while (box.offers().currentItem()->text() != second)
        QTest::keyClick(&box, Qt::Key_Down);
    QTest::keyClick(&box, Qt::Key_Return);
    QVERIFY(!box.offers().isVisible());
    QTest::keyClicks(&box, QStringLiteral("look"));
    const api::CommentWords words = box.words();
    QCOMPARE(QString::fromStdString(words.text), QStringLiteral("@%1 look").arg(second));
    QCOMPARE(words.mentions.size(), 1U);
    QCOMPARE(words.mentions[0].member, MemberIndex(1));
    QTest::keyClick(&box, Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(room.isReached([&] {
        return room.windows[1]->banners().shownText().contains(QStringLiteral("mentioned you"));
    }));
    QVERIFY(!room.windows[2]->banners().shownText().contains(QStringLiteral("mentioned you")));
    for (QPushButton *button : room.windows[1]->banners().findChildren<QPushButton *>())
        if (button->text() == QStringLiteral("Look"))
            button->click();
    QVERIFY(room.windows[1]->banners().shownText().isEmpty());
    QVERIFY(room.margin(1).current() == room.margin(1).places()[0].thread);
}

void CommentsPanelTest::keysLeadFromThreadToThread()
{
    Room room;
    room.comment(0, QStringLiteral("the lamps"), QStringLiteral("a"));
    room.comment(0, QStringLiteral("two thirds"), QStringLiteral("b"));
    room.comment(0, QStringLiteral("eight"), QStringLiteral("c"));
    QCOMPARE(room.words(1, 0), QStringLiteral("eight")); // in the order of the page
    room.page(1).moveCursor(QTextCursor::Start);
    QStringList met;
    for (int i = 0; i < 4; ++i) {
        room.trigger(1, QStringLiteral("Next comment"));
        const auto *place = room.margin(1).placeOf(*room.margin(1).current());
        met.append(room.page(1).textBetween(place->from, place->to));
    }
    room.trigger(1, QStringLiteral("Comment before"));
    const auto *place = room.margin(1).placeOf(*room.margin(1).current());
    met.append(room.page(1).textBetween(place->from, place->to));
    QCOMPARE(met.join(QChar(u'|')), QStringLiteral("eight|the lamps|two thirds|eight|two thirds"));
    QCOMPARE(room.card(1, 2).property("tone").toString(), QStringLiteral("current"));
    QCOMPARE(room.card(1, 0).property("tone").toString(), QString());
    for (std::size_t i = 0; i < 3; ++i)
        for (QPushButton *button : room.card(0, i).buttons())
            QVERIFY(!button->accessibleName().isEmpty());
    room.select(1, QStringLiteral("\n")); // no words
    room.trigger(1, QStringLiteral("Comment"));
    QVERIFY(!room.panel(1).isBeginning());
}

void CommentsPanelTest::namesAreNoMarkup()
{
    Room room;
    room.comment(0, QStringLiteral("the lamps"), QStringLiteral("<b>bold</b> & <img src=x>"));
    for (QLabel *label : room.card(1).findChildren<QLabel *>())
        QCOMPARE(label->textFormat(), Qt::PlainText);
    QVERIFY(room.card(1).text().contains(QStringLiteral("<b>bold</b> & <img src=x>")));
}

void CommentsPanelTest::inThePictures_data()
{
    QTest::addColumn<bool>("isDark");
    QTest::newRow("light") << false;
    QTest::newRow("dark") << true;
}

void CommentsPanelTest::inThePictures()
{
    QFETCH(bool, isDark);
    applyTheme(isDark ? Appearance::Dark : Appearance::Light);
    Room room;
    room.windows[0]->resize(1280, 800);
    room.shot(0, QStringLiteral("comments-empty"));
    room.comment(1, QStringLiteral("first lights the lamps"), QStringLiteral("Which ones?"));
    room.comment(2, QStringLiteral("two thirds"), QStringLiteral("Why not everyone of us?"));
    QTest::keyClicks(&room.card(1).box(), QStringLiteral("The two at the door, I think."));
    QTest::keyClick(&room.card(1).box(), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(room.isReached([&] { return room.card(0).thread().messages.size() == 2; }));
    room.trigger(0, QStringLiteral("Next comment"));
    QTest::keyClicks(&room.card(0).box(), QStringLiteral("And the one"));
    room.pass();
    room.shot(0, QStringLiteral("comments-threads"));
    QVERIFY(room.panel(0).isVisible());
    room.windows[0]->resize(900, 640);
    room.select(0, QStringLiteral("the book"));
    room.trigger(0, QStringLiteral("Comment"));
    QVERIFY(room.panel(0).isVisible()); // in the drawer
    room.shot(0, QStringLiteral("comments-drawer"));
}

QTEST_MAIN(CommentsPanelTest)
#include "comments_panel_test.moc"
