#include "tests/ui/scene.h"
#include "ui/links/link_box.h"
#include "ui/links/link_target.h"
#include "ui/links/page_links.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QClipboard>
#include <QDesktopServices>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QTextBlock>
#include <QTextLayout>
#include <QToolTip>
#include <QUrl>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;
using ui::LinkBox;
using ui::PageLinks;

/// Links as people make, read and follow them.
class PageLinksTest : public QObject {
    Q_OBJECT

public Q_SLOTS:
    void take(const QUrl &url) { m_opened.append(url.toString()); }

private:
    QStringList m_opened;

    static PageLinks &linksOf(DocumentView &view) { return *view.findChild<PageLinks *>(); }
    static QString held(const Scene &scene)
    {
        return QString::fromUtf8(scene.workspace->docs[scene.charter.value].text);
    }
    static QString linked(DocumentView &view, qsizetype unit)
    {
        const auto link = linksOf(view).linkAt(unit);
        return link ? view.textBetween(link->from, link->to) + QStringLiteral(" -> ") + link->target
                    : QString();
    }
    /// As somebody else's letters look.
    static void look(Scene &scene, TextOffset from, TextOffset to, const std::string &target)
    {
        const auto view = scene.workspace->all<api::OpenDocument>().back().view;
        api::TextPatched event{scene.charter, view, 1, 0, {}, api::PatchCause::Others, {}};
        event.looks.letters = {{from, to, {{"link", target}}}};
        scene.workspace->tell(event);
        QTRY_VERIFY(scene.window->page().looks().at(from).contains("link"));
    }
    static QPoint middleOf(DocumentView &view, int unit)
    {
        QTextCursor cursor(view.document());
        cursor.setPosition(unit);
        return view.cursorRect(cursor).center() + QPoint(3, 0);
    }
    static void move(DocumentView &view, QPoint place, Qt::KeyboardModifiers keys = {})
    {
        QMouseEvent event(QEvent::MouseMove, place, view.viewport()->mapToGlobal(place),
                          Qt::NoButton, Qt::NoButton, keys);
        QApplication::sendEvent(view.viewport(), &event);
    }
    static QPushButton *button(LinkBox &box, const char *text)
    {
        for (QPushButton *each : box.findChildren<QPushButton *>())
            if (each->text() == QLatin1String(text))
                return each;
        return nullptr;
    }

private Q_SLOTS:
    void initTestCase()
    {
        ui::applyTheme(ui::Appearance::Light);
        for (const char *scheme : {"https", "http", "mailto", "nlbd", "file", "javascript"})
            QDesktopServices::setUrlHandler(QLatin1String(scheme), this, "take");
    }
    void init() { m_opened.clear(); }
    void cleanupTestCase()
    {
        for (const char *scheme : {"https", "http", "mailto", "nlbd", "file", "javascript"})
            QDesktopServices::unsetUrlHandler(QLatin1String(scheme));
    }

    // ---- Made ----------------------------------------------------------------------------------

    void aTypedAddressBecomesALink()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n\nafter");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("see https://a.org/b."));
        QCOMPARE(linked(view, 12), QString());
        QTest::keyClicks(&view, QStringLiteral(" "));
        QCOMPARE(linked(view, 12), QStringLiteral("https://a.org/b -> https://a.org/b"));
        QCOMPARE(held(scene), QStringLiteral("Title\nsee https://a.org/b. \nafter"));
        const api::EditText edit = scene.workspace->all<api::EditText>().back();
        QVERIFY(edit.patches.empty()); // so that one undo gives the plain text back
        QCOMPARE(edit.cause, api::EditText::Cause::Format);
        QCOMPARE(edit.stylings,
                 (std::vector<api::Styling>{{10, 25, {{"link", "https://a.org/b"}}, false}}));
        QTest::keyClicks(&view, QStringLiteral("thea@a.org"));
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(linked(view, 28), QStringLiteral("thea@a.org -> mailto:thea@a.org"));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void whatIsTypedBehindALinkIsNoneOfIt()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("https://a.org "));
        QTest::keyClick(&view, Qt::Key_Backspace);
        QTest::keyClicks(&view, QStringLiteral("x"));
        QCOMPARE(linked(view, 8), QStringLiteral("https://a.org -> https://a.org"));
        place(view, 10, 10);
        QTest::keyClicks(&view, QStringLiteral("y")); // inside it is
        QCOMPARE(linked(view, 8), QStringLiteral("httpys://a.org -> https://a.org"));
    }

    void inCodeAddressesAreLetters()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        view.toggleBlock(ui::BlockStyle::Kind::Code);
        QTest::keyClicks(&view, QStringLiteral("https://a.org "));
        QCOMPARE(linked(view, 8), QString());
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(linked(view, 8), QString());
    }

    void anAddressPastedOverWordsLinksThem()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nthe room\n");
        place(view, 10, 14);
        QGuiApplication::clipboard()->setText(QStringLiteral("https://a.org/room"));
        view.paste();
        QCOMPARE(held(scene), QStringLiteral("Title\nthe room\n"));
        QCOMPARE(linked(view, 10), QStringLiteral("room -> https://a.org/room"));
        place(view, 6, 9); // words that are no address are pasted as they are
        QGuiApplication::clipboard()->setText(QStringLiteral("our"));
        view.paste();
        QCOMPARE(held(scene), QStringLiteral("Title\nour room\n"));
    }

    void theBoxLinksWhatIsSelected()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nthe room\n");
        LinkBox &box = linksOf(view).box();
        place(view, 10, 14);
        QTest::keyClick(&view, Qt::Key_L, Qt::ControlModifier);
        QVERIFY(box.isOpen());
        QVERIFY(box.field().hasFocus());
        QVERIFY(!button(box, "Remove")->isVisible());
        QTest::keyClicks(&box.field(), QStringLiteral("no address"));
        QTest::keyClick(&box.field(), Qt::Key_Return);
        QVERIFY(box.isOpen());
        QVERIFY(!box.told().isEmpty());
        box.field().setText(QStringLiteral("a.org"));
        QTest::keyClick(&box.field(), Qt::Key_Return);
        QVERIFY(!box.isOpen());
        QVERIFY(view.hasFocus());
        QCOMPARE(linked(view, 11), QStringLiteral("room -> https://a.org"));

        place(view, 12, 12);
        QTest::keyClick(&view, Qt::Key_L, Qt::ControlModifier);
        QCOMPARE(box.field().text(), QStringLiteral("https://a.org"));
        QTest::keyClick(&box.field(), Qt::Key_Escape);
        QVERIFY(!box.isOpen());
        QCOMPARE(linked(view, 11), QStringLiteral("room -> https://a.org"));
        QTest::keyClick(&view, Qt::Key_L, Qt::ControlModifier);
        button(box, "Remove")->click();
        QCOMPARE(linked(view, 11), QString());
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void theBoxStaysWithItsWords()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nthe room\n");
        LinkBox &box = linksOf(view).box();
        place(view, 10, 14);
        QTest::keyClick(&view, Qt::Key_L, Qt::ControlModifier);
        scene.workspace->othersEdit(scene.charter, {{6, 0, "in "}});
        QTRY_VERIFY(view.toPlainText().contains(QStringLiteral("in the")));
        scene.workspace->othersEdit(scene.charter, {{17, 0, "ful"}}); // right behind them
        QTRY_VERIFY(view.toPlainText().contains(QStringLiteral("roomful")));
        box.field().setText(QStringLiteral("a.org"));
        QTest::keyClick(&box.field(), Qt::Key_Return);
        QCOMPARE(linked(view, 14), QStringLiteral("room -> https://a.org"));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    /// Others write while the menu is open.
    void theMenuStaysWithItsLink()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nthe room and the next\n");
        look(scene, 10, 14, "https://a.org");
        QMenu menu;
        Q_EMIT view.menuAsked(menu, 11);
        const auto choose = [&](const char *text) {
            for (QAction *action : menu.actions())
                if (action->text() == QLatin1String(text))
                    action->trigger();
        };
        scene.workspace->othersEdit(scene.charter, {{6, 0, "in "}});
        QTRY_VERIFY(view.toPlainText().contains(QStringLiteral("in the")));
        choose("Remove the link");
        for (int unit = 0; unit < 30; ++unit)
            QVERIFY2(!view.looks().at(unit).contains("link"), qPrintable(QString::number(unit)));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void withoutASelectionTheAddressIsWritten()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        LinkBox &box = linksOf(view).box();
        place(view, 6, 6);
        QTest::keyClick(&view, Qt::Key_L, Qt::ControlModifier);
        box.field().setText(QStringLiteral("a.org"));
        QTest::keyClick(&box.field(), Qt::Key_Return);
        QCOMPARE(held(scene), QStringLiteral("Title\na.org"));
        QCOMPARE(linked(view, 6), QStringLiteral("a.org -> https://a.org"));
        const api::EditText edit = scene.workspace->all<api::EditText>().back();
        QCOMPARE(edit.patches.size(), std::size_t{1}); // one step, and one for undo
        QCOMPARE(edit.stylings.size(), std::size_t{1});
        QTest::keyClicks(&view, QStringLiteral(" x"));
        QCOMPARE(linked(view, 12), QString());
    }

    // ---- Followed ------------------------------------------------------------------------------

    void whoFollowsALinkHasSeenWhereItLeads()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nthe room\n");
        look(scene, 10, 14, "https://a.org/room");
        ui::StatusLine &status = scene.window->statusLine();
        place(view, 12, 12);
        QVERIFY2(status.note().contains(QStringLiteral("https://a.org/room")),
                 qPrintable(status.note()));
        place(view, 7, 7);
        QCOMPARE(status.note(), QString());
        move(view, middleOf(view, 11));
        QVERIFY(status.note().contains(QStringLiteral("https://a.org/room")));
        QHelpEvent help(QEvent::ToolTip, middleOf(view, 11),
                        view.viewport()->mapToGlobal(middleOf(view, 11)));
        QApplication::sendEvent(view.viewport(), &help);
        QVERIFY(QToolTip::text().contains(QStringLiteral("a.org")));
        QToolTip::hideText();
        move(view, middleOf(view, 7));
        QCOMPARE(status.note(), QString());
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, middleOf(view, 11));
        QVERIFY(m_opened.isEmpty()); // that puts the caret there
        QTest::mouseClick(view.viewport(), Qt::LeftButton, Qt::ControlModifier, middleOf(view, 11));
        QCOMPARE(m_opened, (QStringList{QStringLiteral("https://a.org/room")}));
        place(view, 14, 14);
        QTest::keyClick(&view, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(m_opened.size(), 2);
    }

    void otherKindsAreShownAndNotOpened()
    {
        for (const char *target : {"javascript:alert(1)", "file:///bin/sh", "<img src=x>"}) {
            Scene scene;
            DocumentView &view = openWith(scene, "Title\nthe room\n");
            look(scene, 10, 14, target);
            QString sentence;
            connect(&linksOf(view), &PageLinks::told, this,
                    [&sentence](const QString &told) { sentence = told; });
            place(view, 12, 12);
            QTest::keyClick(&view, Qt::Key_Return, Qt::ControlModifier);
            QVERIFY(m_opened.isEmpty());
            QVERIFY(sentence.contains(ui::shownTarget(QLatin1String(target)).toHtmlEscaped()));
        }
    }

    void wordsThatSayOtherwiseAreToldFirst()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nat bank.com now\n");
        look(scene, 9, 17, "https://evil.org/x");
        LinkBox &box = linksOf(view).box();
        QTest::mouseClick(view.viewport(), Qt::LeftButton, Qt::ControlModifier, middleOf(view, 11));
        QVERIFY(m_opened.isEmpty());
        QVERIFY(box.isOpen());
        const QString told = QString(box.told()).remove(QChar(0x200B));
        QVERIFY2(told.contains(QStringLiteral("bank.com")), qPrintable(told));
        QVERIFY(told.contains(QStringLiteral("evil.org")));
        button(box, "Open")->click();
        QCOMPARE(m_opened, (QStringList{QStringLiteral("https://evil.org/x")}));
    }

    void whatOthersWroteIntoALinkActsOnNothing()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nthe room\n");
        std::string huge = "https://a.org/\u202E<b>";
        huge.append(1'000'000, 'x');
        look(scene, 10, 14, huge);
        place(view, 12, 12);
        const QString note = scene.window->statusLine().note();
        QVERIFY(note.size() < 1000);
        QVERIFY(!note.contains(QChar(0x202E)));
        QTest::keyClick(&view, Qt::Key_L, Qt::ControlModifier);
        QVERIFY(linksOf(view).box().field().text().size() <= ui::kTargetBytesMax);
        QTest::keyClick(&linksOf(view).box().field(), Qt::Key_Escape);
        QTest::keyClick(&view, Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(m_opened.isEmpty());
    }

    // ---- How it looks --------------------------------------------------------------------------

    void aLinkIsUnderlinedInTheColourOfLinks()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nthe room\n");
        look(scene, 10, 14, "https://a.org");
        const QTextBlock block = view.document()->findBlockByNumber(1);
        static_cast<void>(view.document()->documentLayout()->blockBoundingRect(block));
        const auto formats = block.layout()->formats();
        QCOMPARE(formats.size(), 1);
        QVERIFY(formats.front().format.font().underline());
        QCOMPARE(formats.front().format.foreground().color(), ui::theme().link);
    }

    void pictures()
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            QSKIP("NLBD_SCREENSHOTS names no folder"); // pictures are for eyes: nothing to check
        for (const bool isDark : {false, true}) {
            ui::applyTheme(isDark ? ui::Appearance::Dark : ui::Appearance::Light);
            Scene scene;
            DocumentView &view =
                openWith(scene,
                         "Letters to the city\n\nThe library asks at bank.com whether the roof is "
                         "paid for.\n\nSee https://city.example/roof and the minutes.\n");
            scene.window->resize(1280, 800);
            look(scene, 41, 49, "https://evil.example/roof");
            place(view, 94, 94);
            QTest::keyClicks(&view, QStringLiteral(" "));
            place(view, 45, 45);
            QTest::keyClick(&view, Qt::Key_L, Qt::ControlModifier);
            QTest::qWait(50);
            scene.window->grab().save(
                QStringLiteral("%1/links-%2-%3x.png")
                    .arg(folder, isDark ? QStringLiteral("dark") : QStringLiteral("light"))
                    .arg(scene.window->devicePixelRatio()));
        }
        ui::applyTheme(ui::Appearance::Light);
    }
};

QTEST_MAIN(PageLinksTest)
#include "page_links_test.moc"
