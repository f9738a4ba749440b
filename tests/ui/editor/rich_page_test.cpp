#include "tests/ui/scene.h"
#include "ui/editor/page_layout.h"
#include "ui/theme.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextLayout>

using namespace nlbd;
using namespace nlbd::testing;
using ui::BlockStyle;
using ui::DocumentView;
using Kind = ui::BlockStyle::Kind;

/// How the page looks and how people make it look so: signs as they are typed, keys, lists.
class RichPageTest : public QObject {
    Q_OBJECT

private:
    static QString held(const Scene &scene)
    {
        return QString::fromUtf8(scene.workspace->docs[scene.charter.value].text);
    }
    static BlockStyle styleOf(const DocumentView &view, int block)
    {
        const auto *layout =
            qobject_cast<const ui::PageLayout *>(view.document()->documentLayout());
        return layout->styleOf(view.document()->findBlockByNumber(block));
    }
    static qreal heightOf(const DocumentView &view, int block)
    {
        return view.document()
            ->documentLayout()
            ->blockBoundingRect(view.document()->findBlockByNumber(block))
            .height();
    }
    static api::EditText lastEdit(const Scene &scene)
    {
        return scene.workspace->all<api::EditText>().back();
    }
    static void write(DocumentView &view, const char *text)
    {
        for (const QChar letter : QString::fromUtf8(text)) {
            if (letter == QChar(u'\n'))
                QTest::keyClick(&view, Qt::Key_Return);
            else
                QTest::keyClicks(&view, QString(letter));
        }
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    // ---- Signs that are typed ------------------------------------------------------------------

    void signsAtTheBeginningMakeBlocks_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("left");
        const auto row = [](const char *typed, Kind kind, const char *left) {
            QTest::newRow(typed) << QString::fromLatin1(typed) << static_cast<int>(kind)
                                 << QString::fromLatin1(left);
        };
        row("# Word", Kind::Heading1, "Word");
        row("## Word", Kind::Heading2, "Word");
        row("### Word", Kind::Heading3, "Word");
        row("- Word", Kind::Bullet, "Word");
        row("* Word", Kind::Bullet, "Word");
        row("1. Word", Kind::Number, "Word");
        row("12) Word", Kind::Number, "Word");
        row("[] Word", Kind::Task, "Word");
        row("[x] Word", Kind::Task, "Word");
        row("> Word", Kind::Quote, "Word");
        row("#Word ", Kind::Paragraph, "#Word ");
        row("a - b", Kind::Paragraph, "a - b");
        row("#### Word", Kind::Paragraph, "#### Word");
        row("12345. Word", Kind::Paragraph, "12345. Word");
    }

    void signsAtTheBeginningMakeBlocks()
    {
        QFETCH(QString, typed);
        QFETCH(int, kind);
        QFETCH(QString, left);
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n\nafter");
        place(view, 6, 6);
        QTest::keyClicks(&view, typed);
        QCOMPARE(held(scene), QStringLiteral("Title\n%1\nafter").arg(left));
        QCOMPARE(static_cast<int>(styleOf(view, 1).kind), kind);
        QCOMPARE(styleOf(view, 1).isDone, typed.startsWith(QStringLiteral("[x]")));
        QCOMPARE(styleOf(view, 2), BlockStyle());
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void theEngineIsAskedForWhatIsShown()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("- "));
        api::EditText edit = lastEdit(scene);
        QVERIFY(edit.patches.empty());
        QCOMPARE(edit.stylings.size(), std::size_t{1});
        QVERIFY(edit.stylings.front().isLast); // nothing ends the last block
        QCOMPARE(edit.stylings.front().changes, (AttributeChanges{{"block", "bullet"}}));
        write(view, "one\n");
        edit = lastEdit(scene);
        QCOMPARE(edit.patches, (TextPatches{{9, 0, "\n"}}));
        QCOMPARE(edit.stylings.size(), std::size_t{1}); // the last block is one already
        QCOMPARE(edit.stylings.front().from, 9U);
        QCOMPARE(edit.stylings.front().to, 10U);
        QCOMPARE(edit.stylings.front().changes, (AttributeChanges{{"block", "bullet"}}));
    }

    void signsAroundWordsMakeMarks_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("left");
        QTest::addColumn<QString>("key");
        const auto row = [](const char *typed, const char *left, const char *key) {
            QTest::newRow(typed) << QString::fromLatin1(typed) << QString::fromLatin1(left)
                                 << QString::fromLatin1(key);
        };
        row("a **word**", "a word", "bold");
        row("a *word*", "a word", "italic");
        row("a _word_", "a word", "italic");
        row("a ~~word~~", "a word", "strike");
        row("a `word`", "a word", "code");
        row("a ** word**", "a ** word**", "");
        row("2*3*4", "2*3*4", "");
        row("snake_case_name", "snake_case_name", "");
        row("a ****", "a ****", "");
    }

    void signsAroundWordsMakeMarks()
    {
        QFETCH(QString, typed);
        QFETCH(QString, left);
        QFETCH(QString, key);
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n\n");
        place(view, 6, 6);
        QTest::keyClicks(&view, typed);
        QCOMPARE(held(scene), QStringLiteral("Title\n%1\n").arg(left));
        if (key.isEmpty())
            return;
        QVERIFY(view.marksAtCaret().empty()); // what comes next is plain
        place(view, 10, 10);
        QVERIFY(view.marksAtCaret().contains(key.toStdString()));
        place(view, 8, 8);
        QVERIFY(view.marksAtCaret().empty());
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void inCodeSignsAreLetters()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "```\n- a **b**\n# c");
        QCOMPARE(held(scene), QStringLiteral("Title\n- a **b**\n# c"));
        QCOMPARE(styleOf(view, 1).kind, Kind::Code);
        QCOMPARE(styleOf(view, 2).kind, Kind::Code);
        write(view, "\n\n\n");
        QCOMPARE(styleOf(view, 4).kind, Kind::Paragraph); // two blank lines end it
    }

    void aLineOfDashesDivides()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "---\nafter");
        QCOMPARE(held(scene), QStringLiteral("Title\n\nafter"));
        QCOMPARE(styleOf(view, 1).kind, Kind::Divider);
        QCOMPARE(styleOf(view, 2).kind, Kind::Paragraph);
    }

    // ---- Lists ---------------------------------------------------------------------------------

    void enterGoesOnWithAList()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "[x] one\ntwo");
        QVERIFY(styleOf(view, 1).isDone);
        QCOMPARE(styleOf(view, 2), (BlockStyle{Kind::Task}));
        QTest::keyClick(&view, Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(styleOf(view, 2).isDone);
        QTest::keyClick(&view, Qt::Key_Tab);
        QCOMPARE(styleOf(view, 2).indent, 1);
        write(view, "\n");
        QCOMPARE(styleOf(view, 3), (BlockStyle{Kind::Task, 1}));
        write(view, "\n"); // out of the inner list, then out of the outer
        QCOMPARE(styleOf(view, 3), (BlockStyle{Kind::Task, 0}));
        write(view, "\n");
        QCOMPARE(styleOf(view, 3), BlockStyle());
        QCOMPARE(held(scene), QStringLiteral("Title\none\ntwo\n"));
        QCOMPARE(view.document()->blockCount(), 4);
    }

    void backspaceMakesAnItemLess()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "- one");
        QTest::keyClick(&view, Qt::Key_Tab);
        QTest::keyClick(&view, Qt::Key_Home);
        QTest::keyClick(&view, Qt::Key_Backspace);
        QCOMPARE(styleOf(view, 1), (BlockStyle{Kind::Bullet}));
        QTest::keyClick(&view, Qt::Key_Backspace);
        QCOMPARE(styleOf(view, 1), BlockStyle());
        QCOMPARE(held(scene), QStringLiteral("Title\none"));
        QTest::keyClick(&view, Qt::Key_Backspace);
        QCOMPARE(held(scene), QStringLiteral("Titleone"));
    }

    void whoJoinsTwoBlocksKeepsTheFirst()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "# Head\ntail");
        QCOMPARE(styleOf(view, 1).kind, Kind::Heading1);
        QCOMPARE(styleOf(view, 2).kind, Kind::Paragraph);
        place(view, 11, 11);
        QTest::keyClick(&view, Qt::Key_Backspace);
        QCOMPARE(held(scene), QStringLiteral("Title\nHeadtail"));
        QCOMPARE(styleOf(view, 1).kind, Kind::Heading1);
    }

    void numbersCountTheirList()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "1. a\nb\n");
        QTest::keyClick(&view, Qt::Key_Tab);
        write(view, "inner\n");
        QTest::keyClick(&view, Qt::Key_Backtab);
        write(view, "c");
        const auto *layout =
            qobject_cast<const ui::PageLayout *>(view.document()->documentLayout());
        const auto number = [&](int block) {
            return layout->numberOf(view.document()->findBlockByNumber(block));
        };
        QCOMPARE(number(1), 1);
        QCOMPARE(number(2), 2);
        QCOMPARE(number(3), 1);
        QCOMPARE(number(4), 3);
    }

    // ---- Buttons and keys ----------------------------------------------------------------------

    void boldIsForTheSelectionOrWhatIsTypedNext()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nsome words");
        place(view, 11, 16);
        QTest::keyClick(&view, Qt::Key_B, Qt::ControlModifier);
        api::EditText edit = lastEdit(scene);
        QCOMPARE(edit.cause, api::EditText::Cause::Format);
        QCOMPARE(edit.stylings, (std::vector<api::Styling>{{11, 16, {{"bold", "1"}}, false}}));
        QVERIFY(view.marksAtCaret().empty()); // that is where the selection begins
        QTest::keyClick(&view, Qt::Key_B, Qt::ControlModifier);
        QCOMPARE(lastEdit(scene).stylings.front().changes,
                 (AttributeChanges{{"bold", std::nullopt}}));
        place(view, 16, 16);
        QTest::keyClick(&view, Qt::Key_B, Qt::ControlModifier);
        QVERIFY(view.marksAtCaret().contains("bold"));
        QTest::keyClicks(&view, QStringLiteral("x"));
        edit = lastEdit(scene);
        QCOMPARE(edit.patches, (TextPatches{{16, 0, "x"}}));
        QCOMPARE(edit.stylings, (std::vector<api::Styling>{{16, 17, {{"bold", "1"}}, false}}));
        QTest::keyClicks(&view, QStringLiteral("y"));
        QVERIFY(lastEdit(scene).stylings.empty()); // bold grows by itself
        QVERIFY(view.marksAtCaret().contains("bold"));
    }

    void buttonsSayWhatIsAtTheCaret()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nline\n");
        scene.window->resize(1280, 800);
        place(view, 6, 6);
        const auto action = [&](const QString &text) {
            for (QAction *candidate : scene.window->actions())
                if (candidate->text() == text)
                    return candidate;
            return static_cast<QAction *>(nullptr);
        };
        QAction *list = action(QStringLiteral("List"));
        QVERIFY(list != nullptr);
        QVERIFY(!list->isChecked());
        list->trigger();
        QVERIFY(list->isChecked());
        QCOMPARE(styleOf(view, 1).kind, Kind::Bullet);
        place(view, 11, 11);
        QVERIFY(!list->isChecked());
        place(view, 0, 11);
        action(QStringLiteral("Quote"))->trigger();
        QCOMPARE(styleOf(view, 0).kind, Kind::Quote);
        QCOMPARE(styleOf(view, 1).kind, Kind::Quote);
        QCOMPARE(styleOf(view, 2).kind, Kind::Paragraph); // the selection ends before it
    }

    void aPressOnItsBoxEndsATask()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "[] sweep");
        const QRect caret = view.cursorRect();
        const QPoint box(26 - 9 - 7, caret.center().y());
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, box);
        QVERIFY(styleOf(view, 1).isDone);
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, box);
        QVERIFY(!styleOf(view, 1).isDone);
    }

    void exportKeepsHowItLooks()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nis *plain*\n");
        QTemporaryDir folder;
        const auto written = [&](const QString &name) {
            const QString path = folder.filePath(name);
            scene.window->exportTo(path);
            QFile file(path);
            const auto isThere = [&] { return file.exists() && file.size() > 0; };
            if (!QTest::qWaitFor(isThere) || !file.open(QIODevice::ReadOnly))
                return QString();
            return QString::fromUtf8(file.readAll());
        };
        QCOMPARE(written(QStringLiteral("a.md")), QStringLiteral("Title\nis *plain*\n"));
        place(view, 17, 17);
        write(view, "- **one** item");
        QCOMPARE(written(QStringLiteral("b.md")),
                 QStringLiteral("# Title\n\nis \\*plain\\*\n\n- **one** item\n"));
        QCOMPARE(written(QStringLiteral("c.txt")), QStringLiteral("Title\nis *plain*\none item"));
    }

    // ---- What others make of it ----------------------------------------------------------------

    void othersLooksAreShown()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\none\ntwo");
        const qreal plain = heightOf(view, 1);
        const auto view1 = scene.workspace->all<api::OpenDocument>().back().view;
        api::TextPatched event{scene.charter, view1, 1, 0, {}, api::PatchCause::Others, {}};
        event.looks.letters = {{6, 9, {{"bold", "1"}}}, {9, 10, {{"block", "h1"}}}};
        event.looks.last = Attributes{{"block", "task"}, {"done", "1"}};
        scene.workspace->tell(event);
        QTRY_COMPARE(styleOf(view, 1).kind, Kind::Heading1);
        QVERIFY(styleOf(view, 2).isDone);
        QVERIFY(heightOf(view, 1) > plain + 8);
        const auto formats = view.document()->findBlockByNumber(1).layout()->formats();
        QCOMPARE(formats.size(), 1);
        QVERIFY(formats.front().format.font().bold());
        QCOMPARE(formats.front().format.font().pixelSize(), 30);
    }

    void theEngineRightsWhatWasGuessed()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nab");
        place(view, 6, 8);
        QTest::keyClick(&view, Qt::Key_B, Qt::ControlModifier);
        place(view, 8, 8);
        QTest::keyClicks(&view, QStringLiteral("c"));
        QVERIFY(view.marksAtCaret().contains("bold"));
        const auto number = scene.workspace->all<api::OpenDocument>().back().view;
        api::TextPatched event{scene.charter, number, 1, 2, {}, api::PatchCause::MyOtherView, {}};
        event.looks.letters = {{8, 9, {}}};
        scene.workspace->tell(event);
        QTRY_VERIFY(!view.marksAtCaret().contains("bold"));
    }

    // ---- How it looks --------------------------------------------------------------------------

    void linesAreAsHighAsTheDesignSays()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "plain\n## Small\nafter\n- item\n\n```\ncode");
        QCOMPARE(heightOf(view, 0), 38.0);
        QCOMPARE(heightOf(view, 1), 28.0);
        QCOMPARE(heightOf(view, 2), 16.0 + 32.0);
        QCOMPARE(heightOf(view, 4), 28.0);
        QCOMPARE(styleOf(view, 5).kind, Kind::Code);
        QCOMPARE(heightOf(view, 5), 24.0);
        write(view, "\n");
        QCOMPARE(heightOf(view, 6), 24.0); // though it is empty
        // Typing makes a line longer until it wraps: the page hears of it.
        place(view, 8, 8);
        const qreal before = heightOf(view, 1);
        QTest::keyClicks(&view, QString(200, QChar(u'w')).replace(9, 1, QChar(u' ')));
        QVERIFY(heightOf(view, 1) > before + 27);
        QCOMPARE(view.document()->findBlockByNumber(1).lineCount(),
                 view.document()->findBlockByNumber(1).layout()->lineCount());
    }

    /// After an edit of one block alone Qt lays it out in its own way.
    void whatStandsInStaysIn()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "- item");
        const QTextBlock block = view.document()->findBlockByNumber(1);
        static_cast<void>(heightOf(view, 1));
        QCOMPARE(block.layout()->lineAt(0).x(), 26.0);
        const int left = view.cursorRect().left();
        QTest::keyClicks(&view, QStringLiteral("i"));
        QVERIFY(view.cursorRect().left() > left);
        static_cast<void>(heightOf(view, 1));
        QCOMPARE(block.layout()->lineAt(0).x(), 26.0);
        scene.workspace->othersEdit(scene.charter, {{6, 0, "an "}});
        QTRY_COMPARE(block.text(), QStringLiteral("an itemi"));
        static_cast<void>(heightOf(view, 1));
        QCOMPARE(block.layout()->lineAt(0).x(), 26.0);
    }

    void theThemeIsInTheFormatsToo()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "> said");
        const auto colourOf = [&] {
            static_cast<void>(heightOf(view, 1));
            const auto formats = view.document()->findBlockByNumber(1).layout()->formats();
            return formats.isEmpty() ? QColor() : formats.front().format.foreground().color();
        };
        QCOMPARE(colourOf(), ui::lightTheme().muted);
        ui::applyTheme(ui::Appearance::Dark);
        QTRY_COMPARE(colourOf(), ui::darkTheme().muted);
        ui::applyTheme(ui::Appearance::Light);
    }

    void pictures()
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        for (const auto appearance : {ui::Appearance::Light, ui::Appearance::Dark}) {
            ui::applyTheme(appearance);
            Scene scene;
            DocumentView &view = openWith(scene, "The reading room\n");
            scene.window->resize(1280, 900);
            place(view, 17, 17);
            write(view,
                  "A room in which a **group** writes _documents_ together. Everyone who is in "
                  "holds `everything`, and ~~somebody~~ nobody owns the room.\n"
                  "## What is there\n- Shelves\n");
            QTest::keyClick(&view, Qt::Key_Tab);
            write(view, "of oak\nof pine\n");
            QTest::keyClick(&view, Qt::Key_Backtab);
            write(view,
                  "Lamps that are long enough to need a second line of the page when they are "
                  "described by somebody\n\n### In this order\n1. Read\ntalk\nvote\n\n[x] sweep"
                  "\nair the room\n\n> Nobody is in charge.\n\n```\nint main()\n{\n");
            write(view, "}\n\n\n---\nAnd after.");
            QTest::qWait(50);
            if (!folder.isEmpty())
                scene.window->grab().save(QStringLiteral("%1/rich-page-%2.png")
                                              .arg(folder,
                                                   appearance == ui::Appearance::Dark
                                                       ? QStringLiteral("dark")
                                                       : QStringLiteral("light")));
            QCOMPARE(scene.workspace->brokenEdits, 0);
        }
        ui::applyTheme(ui::Appearance::Light);
    }
};

QTEST_MAIN(RichPageTest)
#include "rich_page_test.moc"
