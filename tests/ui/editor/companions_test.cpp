#include "tests/ui/scene.h"
#include "ui/editor/companions.h"
#include "ui/editor/scroll_marks.h"
#include "ui/people/avatar.h"
#include "ui/people/follow_sign.h"
#include "ui/people/people_panel.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QElapsedTimer>
#include <QListWidget>
#include <QMenu>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTextBlock>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

/// Others on the page: marks in the scroll bar, going to somebody, following, names at carets.
class CompanionsTest : public QObject {
    Q_OBJECT

private:
    static constexpr int kLines = 400;

    /// A long text, in which Thea stands far below.
    struct Room {
        Room()
        {
            std::string text;
            for (int i = 0; i < kLines; ++i)
                text += "line " + std::to_string(i) + "\n";
            scene.workspace->textOf(scene.charter) = text;
            scene.workspace->people.people[1].isOnline = true;
            scene.workspace->people.people[1].writingIn = scene.charter;
            scene.open();
        }
        DocumentView &page() { return scene.window->page(); }
        Companions &companions() { return scene.window->companions(); }
        [[nodiscard]] TextOffset lineStart(int line)
        {
            return static_cast<TextOffset>(page().document()->findBlockByNumber(line).position());
        }
        void theaAt(TextOffset place)
        {
            scene.workspace->caret(scene.charter, DeviceIndex(1), place, place);
            scene.settle();
        }
        [[nodiscard]] int top() { return page().verticalScrollBar()->value(); }
        [[nodiscard]] QString sign() { return scene.window->findChild<FollowSign *>()->text(); }
        Scene scene;
    };

    static QPoint middleOf(const ScrollMarks &marks, qsizetype place)
    {
        return {marks.width() - 3, marks.heightOf(place) + 2};
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }

    void aMarkIsWhereItsTextIs()
    {
        Room room;
        ScrollMarks &marks = room.companions().scrollMarks();
        marks.setLayer(QStringLiteral("found"), ScrollMarks::Lane::Left,
                       {{0, Qt::red, QStringLiteral("first")},
                        {qsizetype(room.lineStart(kLines)), Qt::red, QStringLiteral("last")}});
        QCOMPARE(marks.heightOf(0), 0);
        QVERIFY(marks.heightOf(qsizetype(room.lineStart(kLines))) > marks.height() - 8);
        const int middle = marks.heightOf(qsizetype(room.lineStart(kLines / 2)));
        QVERIFY(std::abs(middle - marks.height() / 2) < 5);
        const auto before = marks.layer(QStringLiteral("found"));
        room.scene.workspace->othersEdit(room.scene.charter, {{0, 0, "more\n"}});
        room.scene.settle();
        const auto after = marks.layer(QStringLiteral("found"));
        QCOMPARE(after[1].place, before[1].place + 5); // it moved with its text
        const QImage picture = marks.grab().toImage();
        QCOMPARE(picture.pixelColor(3, 2), QColor(Qt::red));
        QVERIFY(picture.pixelColor(marks.width() - 2, 2) != QColor(Qt::red)); // its own lane
        marks.removeLayer(QStringLiteral("found"));
        QVERIFY(marks.grab().toImage().pixelColor(3, 2) != QColor(Qt::red));
    }

    void aHundredThousandMarksAreThinnedOut()
    {
        Room room;
        ScrollMarks &marks = room.companions().scrollMarks();
        std::vector<ScrollMarks::Mark> many(100'000, {0, Qt::red, {}});
        for (std::size_t i = 0; i < many.size(); ++i)
            many[i].place = static_cast<qsizetype>(i);
        marks.setLayer(QStringLiteral("found"), ScrollMarks::Lane::Left, many);
        const auto kept = marks.layer(QStringLiteral("found"));
        QCOMPARE(kept.size(), ScrollMarks::kMarksMax);
        QCOMPARE(kept.front().place, 0);
        QVERIFY(kept.back().place > 99'000);
    }

    void pressingAMarkShowsItsLine()
    {
        Room room;
        const TextOffset there = room.lineStart(300) + 3;
        room.theaAt(there);
        ScrollMarks &marks = room.companions().scrollMarks();
        QCOMPARE(marks.layer(QStringLiteral("people")).size(), 1U);
        QCOMPARE(marks.layer(QStringLiteral("people"))[0].words,
                 QStringLiteral("Thea Kallas is here"));
        const int caret = room.page().textCursor().position();
        QVERIFY(!isPlaceShown(room.page(), qsizetype(there)));
        QTest::mouseClick(room.page().verticalScrollBar(), Qt::LeftButton, {},
                          middleOf(marks, qsizetype(there)));
        QVERIFY(isPlaceShown(room.page(), qsizetype(there)));
        QCOMPARE(room.page().textCursor().position(), caret); // mine stays
        const int there0 = room.top();
        QTest::mouseClick(room.page().verticalScrollBar(), Qt::LeftButton, {},
                          QPoint(marks.width() - 3, 60)); // beside marks it is a scroll bar
        QVERIFY(room.top() != there0);
        QVERIFY(!isPlaceShown(room.page(), 0));
    }

    void bothEndsCanBeShown()
    {
        Room room;
        for (const qsizetype place : {qsizetype(room.lineStart(kLines)), qsizetype(0)}) {
            showPlace(room.page(), place);
            QVERIFY(isPlaceShown(room.page(), place));
        }
    }

    void pressingAPersonGoesThere()
    {
        Room room;
        const TextOffset there = room.lineStart(200);
        room.theaAt(there);
        auto *list = room.scene.window->findChild<PeoplePanel *>()->findChild<QListWidget *>();
        const QRect row = list->visualItemRect(list->item(1));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, row.center());
        QCOMPARE(room.page().textCursor().position(), int(there));
        QVERIFY(isPlaceShown(room.page(), qsizetype(there)));
        QVERIFY(room.page().hasFocus());
        QVERIFY(!QApplication::activePopupWidget());
        // What can be asked about her is behind the dots.
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {},
                          QPoint(row.right() - 10, row.center().y()));
        QTRY_VERIFY(QApplication::activePopupWidget());
        QApplication::activePopupWidget()->close();
    }

    void pressingAnAvatarGoesThere()
    {
        Room room;
        const TextOffset there = room.lineStart(250);
        room.theaAt(there);
        auto *row = room.scene.window->findChild<AvatarRow *>();
        QAbstractButton *thea = nullptr;
        for (QAbstractButton *button : row->findChildren<QAbstractButton *>())
            if (button->accessibleName().startsWith(QStringLiteral("Thea")))
                thea = button;
        QVERIFY(thea && thea->isVisible());
        QCOMPARE(thea->accessibleDescription(), QStringLiteral("Goes to where Thea Kallas writes"));
        thea->click();
        QCOMPARE(room.page().textCursor().position(), int(there));
    }

    void goingLeadsToAnotherDocument()
    {
        Room room;
        const DocIndex other(2);
        room.scene.workspace->people.people[1].writingIn = other;
        room.scene.workspace->tell(room.scene.workspace->people);
        room.scene.settle();
        room.companions().goTo(DeviceIndex(1));
        QTRY_COMPARE(room.page().shownDocument(), other);
        QTRY_VERIFY(room.page().isOpen());
        room.scene.workspace->caret(other, DeviceIndex(1), 5, 5);
        QTRY_COMPARE(room.page().textCursor().position(), 5);
    }

    void followingSticks()
    {
        Room room;
        room.theaAt(room.lineStart(100));
        room.companions().follow(DeviceIndex(1));
        QVERIFY(isPlaceShown(room.page(), qsizetype(room.lineStart(100))));
        QVERIFY(room.sign().startsWith(QStringLiteral("You follow Thea Kallas.")));
        const int caret = room.page().textCursor().position();
        for (const int line : {300, 20, 399}) {
            room.theaAt(room.lineStart(line));
            QVERIFY(isPlaceShown(room.page(), qsizetype(room.lineStart(line))));
        }
        QCOMPARE(room.page().textCursor().position(), caret);
        // She goes elsewhere, and so does the page.
        room.scene.workspace->people.people[1].writingIn = DocIndex(1);
        room.scene.workspace->tell(room.scene.workspace->people);
        QTRY_COMPARE(room.page().shownDocument(), DocIndex(1));
        QVERIFY(room.companions().followed());
    }

    /// Her words and her caret come together.
    void followingWhoWrites()
    {
        Room room;
        FakeWorkspace &workspace = *room.scene.workspace;
        room.theaAt(room.lineStart(100));
        room.companions().follow(DeviceIndex(1));
        for (const int line : {300, 20, 399}) {
            const TextOffset at = room.lineStart(line);
            workspace.isHeld = true;
            workspace.othersEdit(room.scene.charter, {{at, 0, "new\n"}});
            workspace.caret(room.scene.charter, DeviceIndex(1), at + 4, at + 4);
            workspace.isHeld = false;
            workspace.release();
            room.scene.settle();
            QVERIFY2(isPlaceShown(room.page(), qsizetype(at + 4)),
                     qPrintable(QString::number(line)));
        }
        // Going to her as well, when she begins to write where she was not seen.
        workspace.isHeld = true;
        room.companions().stop();
        workspace.othersEdit(room.scene.charter, {{0, 0, "new\n"}});
        const TextOffset there = room.lineStart(200) + 4;
        workspace.caret(room.scene.charter, DeviceIndex(2), there, there);
        room.companions().goTo(DeviceIndex(2));
        workspace.isHeld = false;
        workspace.release();
        QTRY_COMPARE(room.page().textCursor().position(), int(there));
        room.scene.settle();
        QVERIFY(isPlaceShown(room.page(), qsizetype(there)));
    }

    void followingEnds_data()
    {
        QTest::addColumn<int>("how");
        QTest::newRow("typing") << 0;
        QTest::newRow("escape") << 1;
        QTest::newRow("wheel") << 2;
        QTest::newRow("bar") << 3;
        QTest::newRow("sign") << 4;
        QTest::newRow("page down") << 5;
        QTest::newRow("she goes") << 6;
    }

    void followingEnds()
    {
        QFETCH(int, how);
        Room room;
        room.theaAt(room.lineStart(100));
        room.companions().follow(DeviceIndex(1));
        QVERIFY(!room.sign().isEmpty());
        QTest::keyClick(&room.page(), Qt::Key_Shift); // no wish yet
        QVERIFY(room.companions().followed());
        DocumentView &page = room.page();
        if (how == 0)
            QTest::keyClicks(&page, QStringLiteral("a"));
        else if (how == 1)
            QTest::keyClick(&page, Qt::Key_Escape);
        else if (how == 2) {
            QWheelEvent wheel(QPointF(50, 50), page.viewport()->mapToGlobal(QPointF(50, 50)), {},
                              QPoint(0, 120), {}, {}, Qt::NoScrollPhase, false);
            QApplication::sendEvent(page.viewport(), &wheel);
        } else if (how == 3)
            QTest::mouseClick(page.verticalScrollBar(), Qt::LeftButton, {}, QPoint(3, 400));
        else if (how == 4)
            room.scene.window->findChild<FollowSign *>()->findChild<QAbstractButton *>()->click();
        else if (how == 5)
            QTest::keyClick(&page, Qt::Key_PageDown);
        else {
            room.scene.workspace->people.people[1].standing = api::Person::Standing::Gone;
            room.scene.workspace->tell(room.scene.workspace->people);
            QTRY_VERIFY(!room.companions().followed());
        }
        QVERIFY(!room.companions().followed());
        QVERIFY(room.sign().isEmpty());
        const int top = room.top();
        room.theaAt(room.lineStart(390));
        QCOMPARE(room.top(), top); // the page stays
    }

    void followingIsInTheMenu()
    {
        Room room;
        room.theaAt(room.lineStart(100));
        auto *panel = room.scene.window->findChild<PeoplePanel *>();
        const auto entry = [&](const QString &text) -> QAction * {
            const QMenu *menu = panel->menuFor(panel->people()[1]);
            for (QAction *action : menu->actions())
                if (action->text() == text)
                    return action;
            return nullptr;
        };
        QVERIFY(entry(QStringLiteral("Go to where Thea Kallas writes")));
        QAction *follow = entry(QStringLiteral("Follow Thea Kallas"));
        QVERIFY(follow);
        follow->trigger();
        QVERIFY(room.companions().followed());
        QAction *stop = entry(QStringLiteral("Stop following Thea Kallas"));
        QVERIFY(stop);
        stop->trigger();
        QVERIFY(!room.companions().followed());
    }

    /// The name at a caret becomes a flag after two seconds; the pointer brings it back, and it
    /// goes when the pointer leaves.
    void namesBecomeFlags()
    {
        Room room;
        room.page().setCursorWidth(0); // one's own blinks
        const auto picture = [&room] { return room.page().viewport()->grab().toImage(); };
        const auto pointAtThea = [&room] {
            QTextCursor there(room.page().document());
            there.setPosition(5);
            const QPoint caret = room.page().cursorRect(there).topLeft() + QPoint(1, 4);
            QTest::mouseMove(room.page().viewport(), caret);
        };
        QSignalSpy moved(&room.page(), &DocumentView::caretsTouched);
        QElapsedTimer age; // no less than the caret has
        age.start();
        room.theaAt(5);
        QTRY_VERIFY(!moved.isEmpty());
        QElapsedTimer life; // no more than it has
        life.start();
        const QImage first = picture();
        const bool isYoung = age.elapsed() < PageMarks::kLabelLife; // a busy machine may be late
        pointAtThea();
        const QImage named = picture(); // whatever the time is
        if (isYoung)
            QCOMPARE(first, named);
        QTest::mouseMove(room.page().viewport(), QPoint(300, 300));
        QTRY_VERIFY_WITH_TIMEOUT(life.elapsed() > PageMarks::kLabelLife + PageMarks::kLabelFade,
                                 4000);
        const QImage flag = picture();
        QVERIFY(flag != named);
        pointAtThea();
        QTRY_COMPARE(picture(), named);
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(room.page().viewport(), &leave);
        QTRY_COMPARE(picture(), flag);
    }

    void aCaretAtTheVeryEndShows()
    {
        Room room;
        room.page().setCursorWidth(0);
        showPlace(room.page(), room.page().document()->characterCount() - 1);
        room.scene.settle();
        const QImage without = room.page().viewport()->grab().toImage();
        room.theaAt(static_cast<TextOffset>(room.page().document()->characterCount() - 1));
        QVERIFY(room.page().viewport()->grab().toImage() != without);
    }

    void theNinthHasASecondRing()
    {
        api::Person first;
        first.name = "Thea Kallas";
        first.isOnline = true;
        api::Person ninth = first;
        ninth.member = MemberIndex(8);
        const auto picture = [](const api::Person &person) {
            QImage image(40, 40, QImage::Format_ARGB32);
            image.fill(theme().room);
            QPainter painter(&image);
            paintAvatar(painter, QRectF(5, 5, 30, 30), person, theme().room);
            return image;
        };
        QVERIFY(!hasSecondRing(first) && hasSecondRing(ninth));
        QVERIFY(picture(first) != picture(ninth));
        QCOMPARE(picture(ninth).pixelColor(20, 7), theme().room); // between ring and disc
    }
};

QTEST_MAIN(CompanionsTest)
#include "companions_test.moc"
