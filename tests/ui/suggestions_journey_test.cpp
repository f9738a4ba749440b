#include "tests/ui/room.h"
#include "ui/editor/page_suggestions.h"
#include "ui/suggestions/suggestions_panel.h"
#include "ui/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;
using namespace std::chrono_literals;

namespace {

/// Three people with their windows, before engines that speak to each other.
struct Room : SharedRoom {
    explicit Room(const std::string &text)
        : SharedRoom(3, {{"Rules", text}})
    {
        for (const auto &window : windows)
            window->resize(1280, 820);
    }

    void settle()
    {
        for (int i = 0; i < 12; ++i)
            pass();
    }
    void isolate(std::size_t who, bool isAlone)
    {
        for (std::size_t other = 0; other < group.size(); ++other)
            if (other != who)
                isAlone ? group.cut(who, other) : group.join(who, other);
    }
    void select(std::size_t who, const QString &words, bool isAll = true)
    {
        caretAt(who, words, isAll ? words.size() : 0);
    }
    void suggests(std::size_t who, bool isOn = true)
    {
        action(who, QStringLiteral("Suggest instead of writing"))->setChecked(isOn);
    }
    [[nodiscard]] PageSuggestions &on(std::size_t who)
    {
        return *page(who).findChild<PageSuggestions *>();
    }
    [[nodiscard]] SuggestionsPanel &panel(std::size_t who)
    {
        return *windows[who]->findChild<SuggestionsPanel *>();
    }
    /// Words of a page that are bold, each alone.
    [[nodiscard]] bool isBold(std::size_t who, const QString &words)
    {
        const qsizetype from = text(who).indexOf(words);
        const auto runs = page(who).looks().runs(from, from + words.size());
        return std::ranges::all_of(runs,
                                   [](const auto &run) { return run.attributes->contains(kBold); });
    }
    /// "a[+b+]c[-d-]", as the page of this person shows it.
    [[nodiscard]] QString shown(std::size_t who)
    {
        std::vector<std::pair<qsizetype, QString>> signs;
        for (const auto &entry : on(who).entries())
            for (const auto &part : entry.parts) {
                const QString sign = entry.told.kind == api::Suggestion::Kind::Kept
                    ? QStringLiteral("=")
                    : part.what == PageSuggestions::What::Added  ? QStringLiteral("+")
                    : part.what == PageSuggestions::What::Styled ? QStringLiteral("~")
                                                                 : QStringLiteral("-");
                signs.emplace_back(part.from, QStringLiteral("[") + sign);
                signs.emplace_back(part.to, sign + QStringLiteral("]"));
            }
        std::ranges::stable_sort(signs, {}, [](const auto &it) {
            return std::pair(it.first, it.second.startsWith(QChar(u'[')));
        });
        QString all = text(who);
        for (auto it = signs.rbegin(); it != signs.rend(); ++it)
            all.insert(it->first, it->second);
        return all;
    }
    [[nodiscard]] QString shownToAll()
    {
        for (std::size_t i = 1; i < windows.size(); ++i)
            if (shown(i) != shown(0))
                return QStringLiteral("differs: %1 and %2").arg(shown(0), shown(i));
        return shown(0);
    }
};

} // namespace

/// Suggesting and deciding with keyboard and cards, by real engines and their windows; and J6, step
/// 4, of PRODUCT.md.
class SuggestionsJourneyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }

    void keysThatSuggest()
    {
        Room room("one two three");
        room.suggests(0);
        DocumentView &page = room.page(0);
        room.select(0, QStringLiteral("three"), false);
        QTest::keyClick(&page, Qt::Key_Backspace);
        QTest::keyClick(&page, Qt::Key_Backspace); // walks over what is struck
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one tw[-o -]three"));
        QCOMPARE(page.textCursor().position(), 6);
        QTest::keyClick(&page, Qt::Key_Delete);
        QTest::keyClick(&page, Qt::Key_Delete); // o and the blank, again
        QTest::keyClick(&page, Qt::Key_Delete); // t
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one tw[-o t-]hree"));
        QCOMPARE(page.textCursor().position(), 9);
        QTest::keyClicks(&page, QStringLiteral("ab"));
        QTest::keyClick(&page, Qt::Key_Backspace); // one's own goes
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one tw[-o t-][+a+]hree"));
        QTest::keyClick(&page, Qt::Key_Backspace, Qt::ControlModifier); // to the word's start
        room.settle();
        QVERIFY2(room.shownToAll().endsWith(QStringLiteral("-]hree")),
                 qPrintable(room.shownToAll()));
        room.suggests(0, false);
        QTest::keyClicks(&page, QStringLiteral("!"));
        room.settle();
        QVERIFY(!room.shownToAll().contains(QStringLiteral("!+]")));
        QVERIFY(room.shownToAll().contains(QStringLiteral("!")));
    }

    void selectionsArePutAside()
    {
        Room room("one two three four five");
        room.suggests(0);
        DocumentView &page = room.page(0);
        room.select(0, QStringLiteral("two"));
        QTest::keyClicks(&page, QStringLiteral("2"));
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one [-two-][+2+] three four five"));
        QGuiApplication::clipboard()->setText(QStringLiteral("4"));
        room.select(0, QStringLiteral("four"));
        page.paste();
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one [-two-][+2+] three [-four-][+4+] five"));
        room.select(0, QStringLiteral("one"));
        QInputMethodEvent composing(QStringLiteral("\u03b1"), {});
        QCoreApplication::sendEvent(&page, &composing);
        QInputMethodEvent done;
        done.setCommitString(QStringLiteral("\u03b1\u03b2"));
        QCoreApplication::sendEvent(&page, &done);
        room.settle();
        QCOMPARE(room.shownToAll(),
                 QStringLiteral("[-one-][+\u03b1\u03b2+] [-two-][+2+] three "
                                "[-four-][+4+] five"));
        room.select(0, QStringLiteral("five"));
        QTest::keyClick(&page, Qt::Key_X, Qt::ControlModifier);
        room.settle();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("five"));
        QVERIFY(room.shownToAll().endsWith(QStringLiteral("[-five-]")));
        room.select(0, QStringLiteral("three "));
        page.textCursor().removeSelectedText(); // past all keys, as a drag does it
        room.settle();
        QVERIFY2(
            room.shownToAll().contains(QStringLiteral("[-three ")), // one with "four" behind it
            qPrintable(room.shownToAll()));
    }

    void formatsAreSuggested()
    {
        Room room("one two three\nfour");
        room.suggests(0);
        DocumentView &page = room.page(0);
        room.select(0, QStringLiteral("two"));
        room.action(0, QStringLiteral("Bold"))->trigger();
        QVERIFY(!room.isBold(0, QStringLiteral("two"))); // nor does it flash
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one [~two~] three\nfour"));
        QVERIFY(!room.isBold(0, QStringLiteral("two")));
        const std::string group = room.on(1).entries().front().told.group;
        const QString card = room.panel(1).cardOf(group)->accessibleName();
        QVERIFY2(card.contains(QStringLiteral("Format \u201ctwo\u201d: bold")), qPrintable(card));
        room.select(0, QStringLiteral("four"), false);
        page.toggleBlock(BlockStyle::Kind::Heading2);
        QVERIFY(page.blockAtCaret().kind == BlockStyle::Kind::Paragraph);
        QTest::keyClick(&page, Qt::Key_End);
        room.action(0, QStringLiteral("Bold"))->trigger();
        QTest::keyClicks(&page, QStringLiteral("!")); // one's own looks so at once
        QVERIFY(room.isBold(0, QStringLiteral("!")));
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one [~two~] three\n[~four~][+!+]"));
        QVERIFY(room.isBold(1, QStringLiteral("!")));
        room.action(1, QStringLiteral("The next suggestion"))->trigger();
        room.action(1, QStringLiteral("Accept the suggestion at the caret"))->trigger();
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one two three\nfour!"));
        for (std::size_t i = 0; i < 3; ++i) {
            QVERIFY(room.isBold(i, QStringLiteral("two")));
            QVERIFY(!room.isBold(i, QStringLiteral("four")));
            room.select(i, QStringLiteral("four"), false);
            QVERIFY(room.page(i).blockAtCaret().kind == BlockStyle::Kind::Heading2);
        }
    }

    /// Enter, Enter: who suggests leaves a list like anybody.
    void aListIsLeft()
    {
        Room room("one\ntwo\nthree");
        room.select(1, QStringLiteral("two"), false);
        room.page(1).toggleBlock(BlockStyle::Kind::Bullet);
        room.settle();
        room.suggests(0);
        DocumentView &page = room.page(0);
        room.select(0, QStringLiteral("two"), false);
        QTest::keyClick(&page, Qt::Key_End);
        QTest::keyClick(&page, Qt::Key_Return);
        room.settle();
        QVERIFY(page.blockAtCaret().kind == BlockStyle::Kind::Bullet);
        QTest::keyClick(&page, Qt::Key_Return);
        room.settle();
        QVERIFY(page.blockAtCaret().kind == BlockStyle::Kind::Paragraph);
        QTest::keyClicks(&page, QStringLiteral("x"));
        room.settle();
        room.on(1).decide(api::Verdict::Rejected, {room.on(1).entries().front().told.group});
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one\ntwo\nthree"));
        room.select(0, QStringLiteral("two"), false);
        QVERIFY(page.blockAtCaret().kind == BlockStyle::Kind::Bullet);
    }

    /// Who asks again goes on from what he asked for, though the page does not show it.
    void commandsGoOn()
    {
        Room room("one\ntwo three\nfour");
        room.select(1, QStringLiteral("two"), false);
        room.page(1).toggleBlock(BlockStyle::Kind::Bullet);
        room.settle();
        room.suggests(0);
        DocumentView &page = room.page(0);
        room.select(0, QStringLiteral("three"));
        room.action(0, QStringLiteral("Bold"))->trigger();
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one\ntwo [~three~]\nfour"));
        room.action(0, QStringLiteral("Bold"))->trigger();
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one\ntwo three\nfour"));
        for (int i = 0; i < 3; ++i) {
            QTest::keyClick(&page, Qt::Key_Tab);
            room.settle();
        }
        QTest::keyClick(&page, Qt::Key_Backtab);
        room.settle();
        const auto formats = room.on(1).entries().front().told.formats;
        QCOMPARE(formats.size(), 1U);
        QCOMPARE(*formats.front().value, std::string("2"));
        QTest::keyClick(&page, Qt::Key_Backtab);
        QTest::keyClick(&page, Qt::Key_Backtab);
        room.settle();
        QTest::keyClick(&page, Qt::Key_Backtab); // back to what it is
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one\ntwo three\nfour"));
        room.select(0, QStringLiteral("two"), false);
        QTest::keyClick(&page, Qt::Key_Backspace); // no item any more
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one\n[~two three\n~]four"));
        QTest::keyClick(&page, Qt::Key_Backspace); // and no break before it
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one[-\n-][~two three\n~]four"));
    }

    void brokenLinesKeepTheirKind()
    {
        Room room("one two\nthree");
        room.select(1, QStringLiteral("one"), false);
        room.page(1).toggleBlock(BlockStyle::Kind::Heading1);
        room.settle();
        room.suggests(0);
        DocumentView &page = room.page(0);
        room.select(0, QStringLiteral(" two"), false);
        QTest::keyClick(&page, Qt::Key_Return, Qt::ShiftModifier);
        room.settle();
        QVERIFY(page.blockAtCaret().kind == BlockStyle::Kind::Heading1);
        room.on(1).decide(api::Verdict::Rejected, {room.on(1).entries().front().told.group});
        room.settle();
        QVERIFY(page.blockAtCaret().kind == BlockStyle::Kind::Heading1);
        QTest::keyClick(&page, Qt::Key_End);
        QTest::keyClick(&page, Qt::Key_Return);
        QTest::keyClicks(&page, QStringLiteral("x"));
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one two[+\nx+]\nthree"));
        QStringList pieces = room.page(1).textPieces();
        PageLooks looks = room.page(1).looks();
        room.on(1).takeProposalsOut(pieces, looks);
        QCOMPARE(pieces.join(QString()), QStringLiteral("one two\nthree"));
        QVERIFY(blockStyleOf(looks.blockAt(7)).kind == BlockStyle::Kind::Heading1);
        QVERIFY(blockStyleOf(looks.last()).kind == BlockStyle::Kind::Paragraph);
    }

    void decidedFromTheKeyboard()
    {
        Room room("one two three");
        room.suggests(0);
        room.select(0, QStringLiteral("two"));
        QTest::keyClicks(&room.page(0), QStringLiteral("2"));
        room.settle();
        room.group.run(11s); // another sitting
        QTest::keyClick(&room.page(0), Qt::Key_End);
        QTest::keyClicks(&room.page(0), QStringLiteral(" four"));
        room.settle();
        QCOMPARE(room.on(1).entries().size(), 2U);
        QTextCursor cursor = room.page(1).textCursor();
        cursor.setPosition(0);
        room.page(1).setTextCursor(cursor);
        QVERIFY(room.on(1).current() == nullptr);
        QVERIFY(!room.action(1, QStringLiteral("Accept the suggestion at the caret"))->isEnabled());
        room.action(1, QStringLiteral("The next suggestion"))->trigger();
        QCOMPARE(room.page(1).textCursor().position(), 4);
        QVERIFY(room.on(1).current() != nullptr);
        QVERIFY2(room.windows[1]->statusLine().note().contains(QStringLiteral("Remove")),
                 qPrintable(room.windows[1]->statusLine().note()));
        room.action(1, QStringLiteral("The suggestion before"))->trigger(); // round
        QCOMPARE(room.page(1).textCursor().position(), 14);
        const auto *current = room.on(1).current(); // the second card, below the first
        QVERIFY(current != nullptr);
        const QWidget *card = room.panel(1).cardOf(current->told.group);
        QCOMPARE(card->visibleRegion().boundingRect().height(), card->height());
        room.action(1, QStringLiteral("Reject the suggestion at the caret"))->trigger();
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one [-two-][+2+] three"));
        room.action(1, QStringLiteral("The next suggestion"))->trigger();
        room.action(1, QStringLiteral("Accept the suggestion at the caret"))->trigger();
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one 2 three"));
        room.page(1).takeBack();
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one [-two-][+2+] three"));
    }

    void cardsDecide()
    {
        Room room("one two three");
        QVERIFY(room.panel(1).isHidden());
        room.suggests(0);
        room.select(0, QStringLiteral("two"));
        QTest::keyClicks(&room.page(0), QStringLiteral("2"));
        room.settle();
        QVERIFY(room.panel(1).isVisible());
        const std::string group = room.on(1).entries().front().told.group;
        QWidget *card = room.panel(1).cardOf(group);
        QVERIFY(card != nullptr);
        for (QPushButton *button : card->findChildren<QPushButton *>())
            QVERIFY(button->accessibleName().contains(QStringLiteral("two")));
        QTest::mouseClick(card, Qt::LeftButton, {}, {6, 6});
        QCOMPARE(room.page(1).textCursor().position(), 4);
        // F6 comes by the cards, and Tab goes on to their buttons.
        room.windows[1]->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(room.windows[1].get()));
        room.page(1).setFocus();
        const auto isOnCards = [&room] {
            const QWidget *focus = room.windows[1]->focusWidget();
            return focus != nullptr && room.panel(1).isAncestorOf(focus);
        };
        for (int i = 0; i < 12 && !isOnCards(); ++i)
            QTest::keyClick(room.windows[1].get(), Qt::Key_F6);
        QVERIFY(isOnCards());
        card->findChildren<QPushButton *>().front()->click();
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("one 2 three"));
        QVERIFY(room.panel(1).isHidden());
    }

    /// J6, step 4.
    void aParagraphRemovedByOneAndEditedByAnother()
    {
        Room room("Rules of the room\n\nWhoever arrives first lights the lamps.\n\nNobody sleeps.");
        room.isolate(1, true);
        room.select(0, QStringLiteral("Whoever arrives first lights the lamps."));
        QTest::keyClick(&room.page(0), Qt::Key_Delete);
        room.select(1, QStringLiteral(" the lamps"), false);
        QTest::keyClicks(&room.page(1), QStringLiteral(" all"));
        room.settle();
        room.isolate(1, false);
        QVERIFY(room.isReached(
            [&] { return room.on(0).entries().size() == 1 && room.on(2).entries().size() == 1; }));
        QCOMPARE(room.shownToAll(),
                 QStringLiteral("Rules of the room\n\n[= all=]\n\nNobody sleeps."));
        QWidget *card = room.panel(0).cardOf(room.on(0).entries().front().told.group);
        QVERIFY(card != nullptr);
        QVERIFY2(card->accessibleName().contains(QStringLiteral("edited a paragraph you removed")),
                 qPrintable(card->accessibleName()));
        room.shot(0, QStringLiteral("suggestions-kept"));
        card->findChildren<QPushButton *>().front()->click(); // keeps it
        room.settle();
        QCOMPARE(room.shownToAll(), QStringLiteral("Rules of the room\n\n all\n\nNobody sleeps."));
    }

    void exportIsWithoutThem()
    {
        Room room("one two three");
        room.suggests(0);
        room.select(0, QStringLiteral("two"));
        QTest::keyClicks(&room.page(0), QStringLiteral("2"));
        room.settle();
        QStringList pieces = room.page(1).textPieces();
        PageLooks looks = room.page(1).looks();
        room.on(1).takeProposalsOut(pieces, looks);
        QCOMPARE(pieces.join(QString()), QStringLiteral("one two three"));
        QCOMPARE(looks.units(), 13);
    }

    void pictures()
    {
        if (qEnvironmentVariable("NLBD_SCREENSHOTS").isEmpty())
            QSKIP("NLBD_SCREENSHOTS names no folder"); // pictures are for eyes: nothing to check
        for (const Appearance appearance : {Appearance::Light, Appearance::Dark}) {
            applyTheme(appearance);
            Room room("Rules of the reading room\n\nWhoever arrives first lights the lamps, and "
                      "whoever leaves last writes the day into the book.\n\nA rule is changed when "
                      "two thirds of us have read the change and set our mark to it.\n\nNew "
                      "readers are welcomed by vote.");
            room.suggests(0);
            room.select(0, QStringLiteral("lights the lamps"));
            QTest::keyClicks(&room.page(0), QStringLiteral("opens the windows"));
            room.settle();
            room.suggests(1);
            room.select(1, QStringLiteral("have read the change and "));
            QTest::keyClick(&room.page(1), Qt::Key_Delete);
            QTest::keyClick(&room.page(1), Qt::Key_End);
            room.settle();
            room.group.run(11s);
            room.select(1, QStringLiteral("two thirds of us"));
            room.action(1, QStringLiteral("Bold"))->trigger();
            room.settle();
            room.select(1, QStringLiteral("New readers"), false);
            QTest::keyClicks(&room.page(1), QStringLiteral("From May on: "));
            room.settle();
            room.select(0, QStringLiteral("opens"), false);
            room.settle();
            room.shot(0, QStringLiteral("suggestions-mode"));
            room.select(2, QStringLiteral("opens"), false);
            room.settle();
            room.shot(2, QStringLiteral("suggestions-cards"));
            room.select(2, QStringLiteral("two thirds"), false);
            room.settle();
            room.shot(2, QStringLiteral("suggestions-formats"));
        }
        applyTheme(Appearance::Light);
    }
};

QTEST_MAIN(SuggestionsJourneyTest)
#include "suggestions_journey_test.moc"
