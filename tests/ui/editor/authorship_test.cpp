#include "tests/ui/scene.h"
#include "tests/ui/window_checks.h"
#include "ui/editor/authorship.h"
#include "ui/people/who_has_panel.h"
#include "ui/settings.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QAction>
#include <QDateTime>
#include <QElapsedTimer>
#include <QHelpEvent>
#include <QScrollBar>
#include <QTemporaryDir>
#include <QToolButton>
#include <QToolTip>

#include <random>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

namespace {

constexpr int kGutter = 64;
constexpr int kBarX = kGutter - 11; ///< inside a bar

/// A window whose text four people wrote, a paragraph each.
struct Shown : Scene {
    explicit Shown(bool hasAuthors)
    {
        const QDateTime when(QDate(QDate::currentDate().year(), 11, 14), QTime(18, 2));
        at = WallTime(Millis(when.toMSecsSinceEpoch()));
        const std::string text = kCharter;
        TextOffset from = 0;
        for (std::uint16_t who = 0; who < 4; ++who) {
            const std::size_t end = text.find("\n\n", from);
            const auto to = static_cast<TextOffset>(end + 2);
            workspace->authors.wrote(from, to, who, at);
            from = to;
        }
        workspace->authors.have = {MemberIndex(0), MemberIndex(1)};
        workspace->authors.lack = {MemberIndex(2), MemberIndex(3)};
        open();
        if (hasAuthors)
            show();
    }
    void show()
    {
        action(QStringLiteral("Authors"))->setChecked(true);
        QVERIFY(
            QTest::qWaitFor([this] { return !window->page().marks().authors().spans().empty(); }));
    }
    QAction *action(const QString &text)
    {
        for (QAction *each : window->findChildren<QAction *>())
            if (each->text() == text)
                return each;
        return nullptr;
    }
    [[nodiscard]] DocumentView &page() { return window->page(); }
    [[nodiscard]] WhoHasPanel &panel() { return *window->findChild<WhoHasPanel *>(); }
    void caretAt(int place, int anchor = -1)
    {
        QTextCursor cursor = page().textCursor();
        cursor.setPosition(anchor < 0 ? place : anchor);
        cursor.setPosition(place, QTextCursor::KeepAnchor);
        page().setTextCursor(cursor);
    }
    /// The strip beside the text: what is not the viewport and not a scroll bar.
    [[nodiscard]] QWidget *gutter()
    {
        for (QObject *child : page().children()) {
            auto *widget = qobject_cast<QWidget *>(child);
            if (widget && widget->width() == kGutter)
                return widget;
        }
        return nullptr;
    }
    [[nodiscard]] int yOf(int place)
    {
        QTextCursor cursor = page().textCursor();
        cursor.setPosition(place);
        return page().cursorRect(cursor).center().y();
    }
    [[nodiscard]] QString tipAt(QPoint place)
    {
        QToolTip::hideText();
        QHelpEvent help(QEvent::ToolTip, place, gutter()->mapToGlobal(place));
        QCoreApplication::sendEvent(gutter(), &help);
        return QToolTip::text();
    }
    WallTime at;
};

bool hasColour(const QImage &image, const QRect &where, const QColor &wanted)
{
    for (int y = where.top(); y <= where.bottom(); ++y)
        for (int x = where.left(); x <= where.right(); ++x)
            if (image.rect().contains(x, y) && image.pixelColor(x, y).rgb() == wanted.rgb())
                return true;
    return false;
}

} // namespace

class AuthorshipTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }
    void init() { settings::useFile(m_folder.filePath(QStringLiteral("settings"))); }
    void cleanup() { settings::keep(QStringLiteral("authors"), false); }

    void nothingIsAskedWhileAuthorsAreHidden()
    {
        Shown scene(false);
        QTest::keyClicks(&scene.page(), QStringLiteral("abc"));
        QTest::qWait(2 * Authorship::kPauseMillis);
        QVERIFY(scene.workspace->all<api::AskAuthors>().empty());
        const QImage image = scene.gutter()->grab().toImage();
        QVERIFY(!hasColour(image, image.rect(), theme().people[1]));
    }

    void onlyWhatIsOnTheScreenIsAsked()
    {
        Shown scene(false);
        std::string text;
        for (int i = 0; i < 3000; ++i)
            text += "A line of the long list\n";
        const DocIndex doc = scene.workspace->addDocument("List", text);
        scene.page().open(doc);
        QVERIFY(QTest::qWaitFor([&] { return scene.page().isOpen(); }));
        scene.workspace->authors.spans.clear();
        scene.workspace->authors.wrote(0, static_cast<TextOffset>(text.size()), 1, scene.at);
        scene.show();
        const auto first = scene.workspace->all<api::AskAuthors>().back().passage;
        QCOMPARE(first.from, TextOffset(0));
        QVERIFY(first.to > 100 && first.to < 2500);
        scene.page().verticalScrollBar()->setValue(2000);
        const auto asked = [&] { return scene.workspace->all<api::AskAuthors>().size(); };
        const std::size_t before = asked();
        QVERIFY(QTest::qWaitFor([&] { return asked() > before; }));
        const auto second = scene.workspace->all<api::AskAuthors>().back().passage;
        QVERIFY(second.from >= 2000 * 24 - 24 && second.to - second.from < 2500);
    }

    void manyKeysAreAFewQuestions()
    {
        Shown scene(true);
        const std::size_t before = scene.workspace->all<api::AskAuthors>().size();
        QElapsedTimer taken;
        taken.start();
        for (int i = 0; i < 100; ++i)
            QTest::keyClicks(&scene.page(), QStringLiteral("x"));
        const auto last = [&] { return scene.workspace->all<api::AskAuthors>().back().passage; };
        QVERIFY(QTest::qWaitFor([&] { return last().serial == 100; }));
        const auto asked = scene.workspace->all<api::AskAuthors>().size() - before;
        QVERIFY(asked <= static_cast<std::size_t>(taken.elapsed() / Authorship::kPauseMillis) + 2);
    }

    void eachLineHasTheColourOfItsWriter_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void eachLineHasTheColourOfItsWriter()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
        Shown scene(true);
        const QImage image = scene.gutter()->grab().toImage();
        const std::string text = kCharter;
        const std::array<const char *, 4> words{"Charter", "The room", "We open", "A rule"};
        for (std::size_t who = 0; who < words.size(); ++who) {
            const int y = scene.yOf(static_cast<int>(text.find(words[who])));
            for (std::size_t other = 0; other < words.size(); ++other)
                QCOMPARE(hasColour(image, {kBarX, y - 3, 1, 6}, theme().people[other]),
                         other == who);
        }
        applyTheme(Appearance::Light);
    }

    void aLineOfSeveralHasAPartForEach()
    {
        Shown scene(false);
        scene.workspace->authors.spans.clear();
        scene.workspace->authors.wrote(0, 7, 1, scene.at);
        scene.workspace->authors.wrote(7, 28, 2, scene.at);
        scene.show();
        const int y = scene.yOf(3);
        QTRY_VERIFY(
            hasColour(scene.gutter()->grab().toImage(), {kBarX, y - 8, 1, 5}, theme().people[1]));
        const QImage image = scene.gutter()->grab().toImage();
        QVERIFY(!hasColour(image, {kBarX, y - 8, 1, 5}, theme().people[2]));
        QVERIFY(hasColour(image, {kBarX, y + 4, 1, 5}, theme().people[2]));
        const QString tip = scene.tipAt({kBarX, y});
        QVERIFY(tip.contains(QStringLiteral("Thea Kallas, 14 Nov 18:02, agreed by 4 of 4\n"
                                            "Sofia Orfanou, 14 Nov 18:02, agreed by 4 of 4")));
    }

    void theBarTellsWhoAndWhenAndByWhom()
    {
        Shown scene(true);
        const int y = scene.yOf(static_cast<int>(std::string(kCharter).find("The room")));
        QVERIFY(!scene.tipAt({20, y}).contains(QStringLiteral("Thea")));
        QVERIFY(scene.tipAt({kBarX, y})
                    .contains(QStringLiteral("Thea Kallas, 14 Nov 18:02, agreed by 4 of 4")));
    }

    void wordsAreTintedWhileTheMouseIsOnTheBar()
    {
        Shown scene(true);
        const int place = static_cast<int>(std::string(kCharter).find("The room"));
        const int y = scene.yOf(place);
        const QColor tint = blend(theme().people[1], theme().page, theme().tint);
        const auto isTinted = [&] {
            const QImage image = scene.page().viewport()->grab().toImage();
            return hasColour(image, {0, y - 8, 300, 16}, tint);
        };
        QVERIFY(!isTinted());
        QTest::mouseMove(scene.gutter(), {20, y});
        QVERIFY(!isTinted());
        QTest::mouseMove(scene.gutter(), {kBarX, y});
        QTRY_VERIFY(isTinted());
        QEvent leave(QEvent::Leave);
        QCoreApplication::sendEvent(scene.gutter(), &leave);
        QTRY_VERIFY(!isTinted());
    }

    void whatIsTypedIsNobodysUntilItIsAsked()
    {
        Shown scene(true);
        const auto place = static_cast<int>(std::string(kCharter).find("room belongs"));
        scene.workspace->isHeld = true; // no answer comes
        scene.caretAt(place);
        QTest::keyClicks(&scene.page(), QStringLiteral("zz"));
        const auto &spans = scene.page().marks().authors().spans();
        for (const PageAuthors::Span &span : spans)
            QVERIFY(span.to <= place || span.from >= place + 2);
        QCOMPARE(spans.size(), 5U); // one in two parts
    }

    void authorsAreRemembered()
    {
        {
            Shown scene(true);
        }
        Shown again(false);
        QVERIFY(again.action(QStringLiteral("Authors"))->isChecked());
        QVERIFY(QTest::qWaitFor([&] { return !again.page().marks().authors().spans().empty(); }));
        again.action(QStringLiteral("Authors"))->setChecked(false);
        QVERIFY(again.page().marks().authors().spans().empty());
    }

    void aKeyTellsWhoWroteTheWord()
    {
        Shown scene(false);
        const auto place = static_cast<int>(std::string(kCharter).find("belongs")) + 3;
        scene.caretAt(place);
        QTest::keyClick(&scene.page(), Qt::Key_W, Qt::AltModifier);
        const QString sentence = QStringLiteral("Thea Kallas, 14 Nov 18:02, agreed by 4 of 4");
        StatusLine &status = scene.window->statusLine();
        QTRY_COMPARE(status.note(), sentence);
        QCOMPARE(status.accessibleName(), sentence);
        const auto asked = scene.workspace->all<api::AskAuthors>().back().passage;
        QCOMPARE(int(asked.from), place - 3);
        QCOMPARE(int(asked.to), place + 4);
        scene.workspace->status.changesInPencil = 7;
        scene.workspace->tell(scene.workspace->status);
        scene.settle();
        QCOMPARE(status.note(), sentence); // it stays while the rest goes on
        QCOMPARE(status.accessibleName(), sentence);
        QTest::keyClick(&scene.page(), Qt::Key_Right);
        QTRY_VERIFY(status.note().isEmpty());
        QVERIFY(status.accessibleName().contains(QStringLiteral("7 changes in pencil")));
    }

    void aWordOfSeveralTellsAllOfThem()
    {
        Shown scene(false);
        scene.workspace->authors.spans.clear();
        scene.workspace->authors.wrote(0, 3, 1, scene.at);
        scene.workspace->authors.wrote(3, 5, 2, scene.at, api::Agreement::Pencil, 1);
        scene.workspace->authors.wrote(5, 9, 1, scene.at, api::Agreement::Agreed, 3, "Ada <b>");
        scene.caretAt(2);
        QTest::keyClick(&scene.page(), Qt::Key_W, Qt::AltModifier);
        QTRY_COMPARE(scene.window->statusLine().note(),
                     QStringLiteral("Thea Kallas, 14 Nov 18:02, agreed by 4 of 4; "
                                    "Sofia Orfanou, 14 Nov 18:02, in pencil: 1 of 4 have it; "
                                    "Ada <b> (quoted by Thea Kallas), 14 Nov 18:02, agreed by 3 "
                                    "of 4"));
        const auto blank = static_cast<int>(std::string(kCharter).find("\n\n")) + 1;
        scene.caretAt(blank);
        QTest::keyClick(&scene.page(), Qt::Key_W, Qt::AltModifier);
        QTRY_COMPARE(scene.window->statusLine().note(), QStringLiteral("Nothing is written here"));
    }

    void whoHasTheseWords()
    {
        Shown scene(false);
        const auto place = static_cast<int>(std::string(kCharter).find("belongs"));
        scene.caretAt(place, place + 31);
        QTest::keyClick(&scene.page(), Qt::Key_W, Qt::AltModifier | Qt::ShiftModifier);
        QTRY_VERIFY(scene.panel().isVisible());
        QCOMPARE(scene.panel().text(),
                 QStringLiteral("Who has this? \u201cbelongs to everyone who reads i\u201d. "
                                "Andreas Michas and Thea Kallas have these 6 words. "
                                "Sofia Orfanou and Nikos Petrou do not have them yet"));
        QCOMPARE(scene.panel().accessibleName(), scene.panel().text());
        QVERIFY(unnamedControls(*scene.window).isEmpty());
        QVERIFY(cutWordsInTheEnd(*scene.window).isEmpty());
        QVERIFY(scene.page().hasFocus()); // it is no dialog
    }

    void theAnswerFollowsTheSignatures()
    {
        Shown scene(false);
        scene.caretAt(8);
        QTest::keyClick(&scene.page(), Qt::Key_W, Qt::AltModifier | Qt::ShiftModifier);
        QTRY_VERIFY(scene.panel().text().endsWith(
            QStringLiteral("Sofia Orfanou and Nikos Petrou do not have it yet")));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "x "}});
        scene.workspace->authors.have = {MemberIndex(0), MemberIndex(1), MemberIndex(2)};
        scene.workspace->authors.lack = {MemberIndex(3)};
        scene.workspace->agreement(scene.charter, {});
        QTRY_VERIFY(
            scene.panel().text().endsWith(QStringLiteral("Nikos Petrou does not have it yet")));
        QCOMPARE(scene.workspace->all<api::AskWhoHas>().back().passage.from, TextOffset(10));
        scene.workspace->authors.have.push_back(MemberIndex(3));
        scene.workspace->authors.lack.clear();
        scene.workspace->agreement(scene.charter, {});
        QTRY_VERIFY(scene.panel().text().endsWith(
            QStringLiteral("Everyone has this word: Andreas Michas, Thea Kallas, Sofia Orfanou and "
                           "Nikos Petrou")));
    }

    void thePanelStaysUntilItIsClosed()
    {
        Shown scene(false);
        scene.caretAt(8);
        scene.action(QStringLiteral("Who has this?"))->trigger();
        QTRY_VERIFY(scene.panel().isVisible());
        QTest::keyClicks(&scene.page(), QStringLiteral("abc"));
        scene.caretAt(100);
        scene.settle();
        QVERIFY(scene.panel().isVisible());
        auto *closer = scene.panel().findChild<QToolButton *>();
        QTest::keyClick(&scene.page(), Qt::Key_F6);
        QTRY_VERIFY(closer->hasFocus());
        QTest::keyClick(closer, Qt::Key_Escape);
        QVERIFY(!scene.panel().isVisible());
        QVERIFY(scene.page().hasFocus());
        const auto asked = scene.workspace->all<api::AskWhoHas>().size();
        scene.workspace->agreement(scene.charter, {});
        QTest::qWait(2 * Authorship::kPauseMillis);
        QCOMPARE(scene.workspace->all<api::AskWhoHas>().size(), asked);
    }

    void wordsThatAreGoneAreNotAskedFor()
    {
        Shown scene(false);
        scene.caretAt(8, 14);
        scene.action(QStringLiteral("Who has this?"))->trigger();
        QTRY_VERIFY(scene.panel().isVisible());
        QTest::keyClick(&scene.page(), Qt::Key_Backspace);
        QTRY_VERIFY(!scene.panel().isVisible());
        scene.caretAt(3);
        scene.action(QStringLiteral("Who has this?"))->trigger();
        QTRY_VERIFY(scene.panel().isVisible());
        scene.page().open(DocIndex(1)); // another document
        QTRY_VERIFY(!scene.panel().isVisible());
    }

    void spansMoveWithEdits_data()
    {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 40; ++seed)
            QTest::addRow("%u", seed) << seed;
    }

    /// Against a list of letters that each know whose they are.
    void spansMoveWithEdits()
    {
        QFETCH(unsigned, seed);
        std::mt19937 random(seed);
        const auto below = [&](qsizetype bound) {
            return static_cast<qsizetype>(random()
                                          % static_cast<unsigned>(std::max<qsizetype>(1, bound)));
        };
        std::vector<int> letters(60, -1);
        std::vector<PageAuthors::Span> spans;
        for (qsizetype at = 0; at < 50; at += 5) {
            PageAuthors::Span span{
                at, at + 1 + below(5), DeviceIndex(static_cast<std::uint16_t>(at)), {}, {}, {}, 0,
                {}};
            std::fill(letters.begin() + span.from, letters.begin() + span.to, int(at));
            spans.push_back(span);
        }
        PageAuthors authors;
        authors.set(spans, 3);
        for (int step = 0; step < 60; ++step) {
            const auto length = static_cast<qsizetype>(letters.size());
            const qsizetype at = below(length + 1);
            const qsizetype removed = below(std::min<qsizetype>(5, length - at + 1));
            const qsizetype inserted = below(4);
            authors.shift(at, removed, inserted);
            letters.erase(letters.begin() + at, letters.begin() + at + removed);
            letters.insert(letters.begin() + at, static_cast<std::size_t>(inserted), -1);
            std::vector<int> known(letters.size(), -1);
            qsizetype end = 0;
            for (const PageAuthors::Span &span : authors.spans()) {
                QVERIFY(span.from >= end && span.from < span.to);
                end = span.to;
                std::fill(known.begin() + span.from, known.begin() + span.to,
                          int(span.device.value));
            }
            QCOMPARE(known, letters);
        }
    }
};

QTEST_MAIN(AuthorshipTest)
#include "authorship_test.moc"
