#include "tests/ui/scene.h"
#include "ui/editor/page_layout.h"
#include "ui/insert/insert_menu.h"
#include "ui/links/link_box.h"
#include "ui/objects/page_objects.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QFile>
#include <QListWidget>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextLayout>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;
using ui::InsertMenu;
using Kind = ui::BlockStyle::Kind;

/// The lists that "/" and "@" open, and what they put into the page.
class InsertMenuTest : public QObject {
    Q_OBJECT

private:
    static InsertMenu &menuOf(DocumentView &view) { return *view.findChild<InsertMenu *>(); }
    static ui::PageObjects &objectsOf(DocumentView &view)
    {
        return *view.findChild<ui::PageObjects *>();
    }
    static QString held(const Scene &scene)
    {
        return QString::fromUtf8(scene.workspace->docs[scene.charter.value].text);
    }
    static Kind kindOf(const DocumentView &view, int block)
    {
        const auto *layout =
            qobject_cast<const ui::PageLayout *>(view.document()->documentLayout());
        return layout->styleOf(view.document()->findBlockByNumber(block)).kind;
    }
    static QStringList names(DocumentView &view)
    {
        QStringList all;
        for (const ui::InsertChoice &choice : menuOf(view).list().choices())
            all.append(choice.name);
        return all;
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    void aSlashShowsWhatCanBePutThere()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("/"));
        QVERIFY(menuOf(view).isOpen());
        QVERIFY(view.hasFocus());
        const QStringList all = names(view);
        for (const char *name :
             {"Heading", "Smaller heading", "List", "Numbered list", "Tasks", "Quote",
              "Block of code", "Line across", "Link", "Mention somebody"})
            QVERIFY2(all.contains(QLatin1String(name)), name);
        QVERIFY(scene.window->statusLine().note().contains(all.front()));
        QTest::keyClicks(&view, QStringLiteral("todo"));
        QCOMPARE(names(view), (QStringList{QStringLiteral("Tasks")}));
        QTest::keyClick(&view, Qt::Key_Return);
        QVERIFY(!menuOf(view).isOpen());
        QCOMPARE(held(scene), QStringLiteral("Title\n"));
        QCOMPARE(kindOf(view, 1), Kind::Task);
        const api::EditText edit = scene.workspace->all<api::EditText>().back();
        QCOMPARE(edit.patches.size(), std::size_t{1}); // with its look, one step for undo
        QCOMPARE(edit.stylings.size(), std::size_t{1});
        QTest::keyClicks(&view, QStringLiteral("sweep"));
        QCOMPARE(held(scene), QStringLiteral("Title\nsweep"));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void arrowsChooseAndGoAround()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("/"));
        const QStringList all = names(view);
        const auto current = [&] { return menuOf(view).list().current()->name; };
        QTest::keyClick(&view, Qt::Key_Up);
        QCOMPARE(current(), all.back());
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(current(), all.front());
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(current(), all[1]);
        QVERIFY(scene.window->statusLine().note().contains(all[1]));
        QTest::keyClick(&view, Qt::Key_Tab);
        QCOMPARE(kindOf(view, 1), Kind::Heading2);
        QCOMPARE(held(scene), QStringLiteral("Title\n"));
    }

    void keysAreNeverStolen()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("/qqq"));
        QVERIFY(!menuOf(view).isOpen());
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(held(scene), QStringLiteral("Title\n/qqq\n"));
        QTest::keyClicks(&view, QStringLiteral("and / or a/b"));
        QVERIFY(!menuOf(view).isOpen());
        QTest::keyClick(&view, Qt::Key_Return);
        QTest::keyClicks(&view, QStringLiteral("/"));
        QVERIFY(menuOf(view).isOpen());
        QTest::keyClick(&view, Qt::Key_Escape);
        QVERIFY(!menuOf(view).isOpen());
        QTest::keyClicks(&view, QStringLiteral("h"));
        QVERIFY(!menuOf(view).isOpen()); // what was typed stays, and the list does not come back
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(held(scene), QStringLiteral("Title\n/qqq\nand / or a/b\n/h\n"));
        QTest::keyClicks(&view, QStringLiteral("/"));
        QTest::keyClick(&view, Qt::Key_Backspace);
        QVERIFY(!menuOf(view).isOpen());
        QTest::keyClicks(&view, QStringLiteral("x /"));
        QVERIFY(menuOf(view).isOpen());
        place(view, 0, 0);
        QVERIFY(!menuOf(view).isOpen());
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void inCodeASlashIsALetter()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        view.toggleBlock(Kind::Code);
        QTest::keyClicks(&view, QStringLiteral("/"));
        QVERIFY(!menuOf(view).isOpen());
        QTest::keyClicks(&view, QStringLiteral(" @"));
        QVERIFY(!menuOf(view).isOpen());
    }

    void othersMayWriteMeanwhile()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("/quo"));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "Our "}});
        QTRY_VERIFY(view.toPlainText().startsWith(QStringLiteral("Our")));
        QVERIFY(menuOf(view).isOpen());
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(held(scene), QStringLiteral("Our Title\n"));
        QCOMPARE(kindOf(view, 1), Kind::Quote);
        scene.workspace->othersEdit(scene.charter, {{10, 0, "/"}}); // opens nothing here
        QTRY_VERIFY(view.toPlainText().endsWith(QChar(u'/')));
        QVERIFY(!menuOf(view).isOpen());
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void aLineAndALinkArePutThere()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("/line"));
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(held(scene), QStringLiteral("Title\n\n"));
        QCOMPARE(kindOf(view, 1), Kind::Divider);
        QCOMPARE(kindOf(view, 2), Kind::Paragraph);
        QTest::keyClicks(&view, QStringLiteral("see /link"));
        QTest::keyClick(&view, Qt::Key_Return);
        QVERIFY(view.findChild<ui::LinkBox *>()->isOpen());
        QCOMPARE(held(scene), QStringLiteral("Title\n\nsee "));
    }

    // ---- Mentions ------------------------------------------------------------------------------

    void anAtSignMentionsAMember()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("ask @"));
        QCOMPARE(names(view).size(), 4);
        QTest::keyClicks(&view, QStringLiteral("kal")); // by the second name as well
        QCOMPARE(names(view), (QStringList{QStringLiteral("Thea Kallas")}));
        QTest::keyClick(&view, Qt::Key_Return);
        QTest::keyClicks(&view, QStringLiteral("now"));
        QCOMPARE(held(scene), QStringLiteral("Title\nask \uFFFC now"));
        QCOMPARE(QString::fromStdString(view.looks().at(10).at("embed")),
                 QStringLiteral("member:1"));
        QVERIFY(view.looks().at(11).empty());
        place(view, 10, 10);
        QCOMPARE(scene.window->statusLine().note(),
                 QStringLiteral("Thea Kallas is mentioned here"));
        place(view, 11, 11);
        QTest::keyClick(&view, Qt::Key_Backspace); // it goes as one
        QCOMPARE(held(scene), QStringLiteral("Title\nask  now"));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void aMentionFollowsTheName()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        objectsOf(view).mention(MemberIndex(1), 6, 6);
        const auto widthOf = [&] {
            const QTextBlock block = view.document()->findBlockByNumber(1);
            static_cast<void>(view.document()->documentLayout()->blockBoundingRect(block));
            const QTextLine line = block.layout()->lineAt(0);
            return line.cursorToX(1) - line.cursorToX(0);
        };
        const qreal before = widthOf();
        QVERIFY(before > 40);
        scene.workspace->people.people[1].name = "Theodora Kallas-Papadopoulou";
        scene.workspace->tell(scene.workspace->people);
        QTRY_VERIFY(objectsOf(view).wordsAt(6).startsWith(QStringLiteral("Theodora")));
        QVERIFY(widthOf() > before + 40);
        scene.workspace->people.people[1].standing = api::Person::Standing::Gone;
        scene.workspace->tell(scene.workspace->people);
        QTRY_VERIFY(objectsOf(view).wordsAt(6).contains(QStringLiteral("no member any more")));
    }

    void strangeObjectsAreHarmless()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n\uFFFC\uFFFC\uFFFC\uFFFC\n");
        scene.workspace->people.people[1].name = "Th\u202Eea\n" + std::string(50'000, 'x');
        scene.workspace->tell(scene.workspace->people);
        const auto number = scene.workspace->all<api::OpenDocument>().back().view;
        api::TextPatched event{scene.charter, number, 1, 0, {}, api::PatchCause::Others, {}};
        event.looks.letters = {{6, 7, {{"embed", "member:1"}}},
                               {7, 8, {{"embed", "member:65536"}}},
                               {8, 9, {{"embed", std::string(64 * 1024, 'm')}}},
                               {9, 10, {{"embed", "member:7x"}}}};
        scene.workspace->tell(event);
        QTRY_VERIFY(view.looks().at(8).contains("embed"));
        QTRY_VERIFY(objectsOf(view).wordsAt(6).startsWith(QStringLiteral("Thea")));
        QVERIFY(objectsOf(view).wordsAt(6).size() < 100);
        for (const int at : {7, 8, 9})
            QVERIFY(objectsOf(view).wordsAt(at).contains(QStringLiteral("not known")));
        scene.window->grab();
    }

    void anExportNamesWhoIsMentioned()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("- ask @thea"));
        QTest::keyClick(&view, Qt::Key_Return);
        QTest::keyClicks(&view, QStringLiteral("now"));
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.md"));
        scene.window->exportTo(path);
        QFile file(path);
        QTRY_VERIFY(file.exists() && file.size() > 0);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(QString::fromUtf8(file.readAll()),
                 QStringLiteral("# Title\n\n- ask @Thea Kallas now\n"));
    }

    void pictures()
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            QSKIP("NLBD_SCREENSHOTS names no folder"); // pictures are for eyes: nothing to check
        for (const bool isDark : {false, true}) {
            ui::applyTheme(isDark ? ui::Appearance::Dark : ui::Appearance::Light);
            Scene scene;
            DocumentView &view = openWith(scene, "Minutes\n\n");
            scene.window->resize(1280, 800);
            const QString shade = isDark ? QStringLiteral("dark") : QStringLiteral("light");
            const auto save = [&](const char *name) {
                QTest::qWait(50);
                scene.window->grab().save(QStringLiteral("%1/%2-%3-%4x.png")
                                              .arg(folder, QLatin1String(name), shade)
                                              .arg(scene.window->devicePixelRatio()));
            };
            place(view, 9, 9);
            for (const char *who : {"ask @andr", "and @thea", "and @nik", "about the lamps. /"}) {
                QTest::keyClicks(&view, QLatin1String(who));
                if (QLatin1String(who).endsWith(QChar(u'/')))
                    break;
                if (QLatin1String(who).endsWith(QLatin1String("nik")))
                    save("mention-list");
                QTest::keyClick(&view, Qt::Key_Return);
            }
            QTest::keyClick(&view, Qt::Key_Down);
            save("insert-menu");
        }
        ui::applyTheme(ui::Appearance::Light);
    }
};

QTEST_MAIN(InsertMenuTest)
#include "insert_menu_test.moc"
