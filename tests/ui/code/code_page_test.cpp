#include "tests/ui/scene.h"
#include "ui/code/code_bar.h"
#include "ui/code/code_ink.h"
#include "ui/code/code_shift.h"
#include "ui/editor/page_layout.h"
#include "ui/theme.h"

#include <QMenu>
#include <QTextBlock>
#include <QTextLayout>
#include <QToolButton>

#include <random>

using namespace nlbd;
using namespace nlbd::testing;
using ui::BlockStyle;
using ui::CodeInk;
using ui::CodeKind;
using ui::CodeToken;
using ui::DocumentView;
using Kind = ui::BlockStyle::Kind;

/// Code on a page: its colours, its indents, its language.
class CodePageTest : public QObject {
    Q_OBJECT

private:
    static CodeInk &inkOf(DocumentView &view) { return *view.window()->findChild<CodeInk *>(); }
    static ui::CodeBar &barOf(DocumentView &view)
    {
        return *view.window()->findChild<ui::CodeBar *>();
    }
    static QString held(const Scene &scene)
    {
        return QString::fromUtf8(scene.workspace->docs[scene.charter.value].text);
    }
    static BlockStyle styleOf(const DocumentView &view, int number)
    {
        const QTextBlock block = view.document()->findBlockByNumber(number);
        return ui::blockStyleOf(view.looks().blockAt(block.position() + block.length() - 1));
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
    /// As the layout draws it: the colours of a line's letters, laid out as when it is looked at.
    static std::vector<CodeToken> drawn(DocumentView &view, const QTextBlock &block)
    {
        static_cast<void>(view.document()->documentLayout()->blockBoundingRect(block));
        std::vector<CodeToken> tokens;
        for (const auto &range : block.layout()->formats()) {
            if (range.format.hasProperty(QTextFormat::FontFamilies))
                continue; // the font of the line
            for (const CodeKind kind : {CodeKind::Keyword, CodeKind::Name, CodeKind::String,
                                        CodeKind::Number, CodeKind::Comment, CodeKind::Tag})
                if (range.format.foreground().color() == CodeInk::colourOf(kind, ui::theme()))
                    tokens.push_back({range.start, range.start + range.length, kind});
        }
        return tokens;
    }
    /// A title, and 3,000 lines of C++ that came from others.
    static DocumentView &openWithCode(Scene &scene)
    {
        std::string text = "Title\n";
        for (int i = 0; i < 3000; ++i)
            text += "int a;\n";
        DocumentView &view = openWith(scene, text);
        const auto number = scene.workspace->all<api::OpenDocument>().back().view;
        api::TextPatched event{scene.charter, number, 1, 0, {}, api::PatchCause::Others, {}};
        for (TextOffset i = 0; i < 3000; ++i)
            event.looks.letters.push_back(
                {12 + 7 * i, 13 + 7 * i, {{"block", "code"}, {"language", "cpp"}}});
        scene.workspace->tell(event);
        static_cast<void>(
            QTest::qWaitFor([&view] { return styleOf(view, 2999).kind == Kind::Code; }));
        return view;
    }
    /// Every line as if all had been read from the first on.
    static void compare(DocumentView &view)
    {
        const ui::CodeLanguage *above = nullptr;
        ui::CodeState state = 0;
        for (QTextBlock block = view.document()->begin(); block.isValid(); block = block.next()) {
            const BlockStyle style = styleOf(view, block.blockNumber());
            const ui::CodeLanguage *language =
                style.kind == Kind::Code ? ui::languageCalled(style.language) : nullptr;
            std::vector<CodeToken> expected;
            if (language)
                state = scanCode(*language, block.text(), language == above ? state : 0, &expected);
            above = language;
            if (drawn(view, block) != expected)
                QFAIL(qPrintable(
                    QStringLiteral("line %1: %2").arg(block.blockNumber()).arg(block.text())));
        }
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    void aFenceNamesTheLanguage()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "```py\ndef f():\n");
        QCOMPARE(styleOf(view, 1), (BlockStyle{Kind::Code, 0, false, "python"}));
        QCOMPARE(styleOf(view, 2), (BlockStyle{Kind::Code, 0, false, "python"}));
        QCOMPARE(held(scene), QStringLiteral("Title\ndef f():\n"));
        const auto tokens = drawn(view, view.document()->findBlockByNumber(1));
        QVERIFY(!tokens.empty());
        QCOMPARE(tokens.front(), (CodeToken{0, 3, CodeKind::Keyword}));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void noLanguageHasNoColours()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "```\nreturn 1");
        QVERIFY(drawn(view, view.document()->findBlockByNumber(1)).empty());
        place(view, 0, 0);
        write(view, "return ");
        QVERIFY(drawn(view, view.document()->begin()).empty());
    }

    void enterKeepsTheIndentAndTabGivesOne()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "```go\nif a {\n");
        QTest::keyClick(&view, Qt::Key_Tab);
        write(view, "b()\nc()");
        QCOMPARE(held(scene), QStringLiteral("Title\nif a {\n    b()\n    c()"));
        QTest::keyClick(&view, Qt::Key_Backtab);
        QCOMPARE(held(scene), QStringLiteral("Title\nif a {\n    b()\nc()"));
        place(view, 6, 20); // into the second line
        QTest::keyClick(&view, Qt::Key_Tab);
        QCOMPARE(held(scene), QStringLiteral("Title\n    if a {\n        b()\nc()"));
        QTest::keyClick(&view, Qt::Key_Backtab);
        QTest::keyClick(&view, Qt::Key_Backtab);
        QCOMPARE(held(scene), QStringLiteral("Title\nif a {\nb()\nc()"));
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    void theLanguageIsOfAllTheLines()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "```\nselect 1\nfrom t");
        ui::CodeBar &bar = barOf(view);
        QVERIFY(bar.button().isVisible());
        QCOMPARE(bar.button().text(), QStringLiteral("Plain text"));
        QMenu menu;
        bar.fill(menu);
        QCOMPARE(static_cast<std::size_t>(menu.actions().size()), ui::codeLanguages().size());
        for (QAction *action : menu.actions())
            if (action->text() == QStringLiteral("SQL"))
                action->trigger();
        QCOMPARE(styleOf(view, 1).language, "sql");
        QCOMPARE(styleOf(view, 2).language, "sql");
        QCOMPARE(bar.button().text(), QStringLiteral("SQL"));
        const api::EditText edit = scene.workspace->all<api::EditText>().back();
        QCOMPARE(edit.stylings.size(), std::size_t{2}); // one step
        QCOMPARE(edit.stylings.front().changes, (AttributeChanges{{"language", "sql"}}));
        QVERIFY(!drawn(view, view.document()->findBlockByNumber(2)).empty());
        place(view, 0, 0);
        QVERIFY(!bar.button().isVisible());
        place(view, 8, 8);
        view.toggleBlock(Kind::Code); // no code any more, nor a language
        QCOMPARE(styleOf(view, 1), BlockStyle());
        QVERIFY(!view.looks().blockAt(14).contains("language"));
    }

    void strangeLanguagesAreNone()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\none\ntwo\n");
        const auto number = scene.workspace->all<api::OpenDocument>().back().view;
        api::TextPatched event{scene.charter, number, 1, 0, {}, api::PatchCause::Others, {}};
        event.looks.letters = {
            {9, 10, {{"block", "code"}, {"language", std::string(64 * 1024, 'c')}}},
            {13, 14, {{"block", "code"}, {"language", "klingon"}}}};
        scene.workspace->tell(event);
        QTRY_COMPARE(styleOf(view, 1), BlockStyle{Kind::Code});
        place(view, 11, 11);
        QCOMPARE(barOf(view).button().text(), QStringLiteral("klingon")); // and it stays so
        place(view, 13, 13);
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(styleOf(view, 3).language, "klingon");
        scene.window->grab();
    }

    void aCommentGoesOnUntilItIsClosed()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "```cpp\nint a;\nint b;\nint c;\n");
        compare(view);
        place(view, 6, 6);
        write(view, "/*");
        compare(view);
        QCOMPARE(drawn(view, view.document()->findBlockByNumber(3)).front().kind,
                 CodeKind::Comment);
        QTest::keyClick(&view, Qt::Key_Backspace);
        compare(view);
        QCOMPARE(drawn(view, view.document()->findBlockByNumber(3)).front().kind, CodeKind::Tag);
    }

    /// Whatever is edited by whomever, each line has the colours that it has when everything is
    /// read from the beginning.
    void editsLeaveWhatReadingAnewGives_data()
    {
        QTest::addColumn<unsigned>("seed");
        for (unsigned seed = 1; seed <= 4; ++seed)
            QTest::addRow("%u", seed) << seed;
    }

    void editsLeaveWhatReadingAnewGives()
    {
        QFETCH(unsigned, seed);
        std::mt19937 random(seed);
        const auto below = [&random](int bound) {
            return static_cast<int>(random() % static_cast<unsigned>(std::max(1, bound)));
        };
        Scene scene;
        DocumentView &view = openWith(scene, "Title\n");
        place(view, 6, 6);
        write(view, "```cpp\n/* a\nb */ int c;\n\"d\"\n");
        const QStringList pieces{QStringLiteral("/*"),   QStringLiteral("*/"), QStringLiteral("\""),
                                 QStringLiteral("int "), QStringLiteral("//"), QStringLiteral("`"),
                                 QStringLiteral("'''")};
        const QStringList languages{QString(), QStringLiteral("cpp"), QStringLiteral("python"),
                                    QStringLiteral("javascript")};
        for (int step = 0; step < 120; ++step) {
            const int units = view.document()->characterCount() - 1;
            const int at = below(units + 1);
            switch (below(7)) {
            case 0:
            case 1:
                place(view, at, at);
                view.insertPlainText(pieces[below(static_cast<int>(pieces.size()))]);
                break;
            case 2:
                place(view, at, at);
                QTest::keyClick(&view, Qt::Key_Return);
                break;
            case 3:
                place(view, at, std::min(units, at + below(12)));
                view.textCursor().removeSelectedText();
                break;
            case 4:
                scene.workspace->othersEdit(
                    scene.charter,
                    {{static_cast<TextOffset>(below(static_cast<int>(held(scene).size()) + 1)), 0,
                      "x /* y\nz"}});
                QTest::qWait(20);
                break;
            case 5:
                place(view, at, at);
                barOf(view).setLanguage(languages[below(4)].toStdString());
                break;
            default:
                place(view, at, at);
                view.toggleBlock(Kind::Code);
            }
            if (step % 3 == 0)
                compare(view);
            if (QTest::currentTestFailed())
                return;
        }
        QTest::qWait(30);
        compare(view);
        QCOMPARE(scene.workspace->brokenEdits, 0);
    }

    /// Only what is looked at is read, and a key reads its own line.
    void whatNobodySeesIsNotRead()
    {
        Scene scene;
        DocumentView &view = openWithCode(scene);
        scene.window->grab();
        QVERIFY(view.document()->findBlockByNumber(2).userState() >= 0);
    }

    /// Lines far below are read later; what was drawn of them before, or is drawn meanwhile, and
    /// what is typed meanwhile, must not make them forgotten.
    void farBelowFollowsAnEdit_data()
    {
        QTest::addColumn<bool>("drawsBetween");
        QTest::addColumn<bool>("typesBetween");
        QTest::addRow("nothing between") << false << false;
        QTest::addRow("drawn between") << true << false;
        QTest::addRow("typed between") << false << true;
        QTest::addRow("both between") << true << true;
    }
    void farBelowFollowsAnEdit()
    {
        QFETCH(bool, drawsBetween);
        QFETCH(bool, typesBetween);
        Scene scene;
        DocumentView &view = openWithCode(scene);
        const auto line = [&view](int number) {
            return view.document()->findBlockByNumber(number);
        };
        for (int number = 0; number < 1500; ++number)
            static_cast<void>(inkOf(view).tokensOf(line(number)));
        const auto isComment = [&](int number) {
            const auto tokens = drawn(view, line(number));
            return tokens.size() == 1 && tokens.front() == CodeToken{0, 6, CodeKind::Comment};
        };
        QVERIFY(!isComment(1400));
        QTextCursor cursor(view.document());
        cursor.setPosition(line(2).position());
        cursor.insertText(QStringLiteral("/*"));
        if (drawsBetween)
            for (int number = 390; number < 1500; ++number)
                static_cast<void>(inkOf(view).tokensOf(line(number)));
        if (typesBetween) {
            cursor.setPosition(line(5).position());
            cursor.insertText(QStringLiteral("b"));
        }
        QTRY_VERIFY(isComment(1400));
        QTRY_VERIFY(isComment(2999)); // some hundred at a time, down to the last
        QVERIFY(isComment(420));
        compare(view);
    }

    void pictures()
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            QSKIP("NLBD_SCREENSHOTS names no folder"); // pictures are for eyes: nothing to check
        for (const bool isDark : {false, true}) {
            ui::applyTheme(isDark ? ui::Appearance::Dark : ui::Appearance::Light);
            Scene scene;
            DocumentView &view = openWith(scene, "Notes\n");
            scene.window->resize(1280, 900);
            place(view, 6, 6);
            write(view,
                  "Counted by a program:\n```python\n# How long a text is, as people "
                  "count.\n@cache\ndef words(text):\nreturn len(text.split()) or 1\n\n\n\n");
            write(view,
                  "```cpp\n/* nobody\n   is in charge */\nint main()\n{\nreturn "
                  "count(\"words\", 42);\n}");
            QTest::qWait(50);
            scene.window->grab().save(
                QStringLiteral("%1/code-%2-%3x.png")
                    .arg(folder, isDark ? QStringLiteral("dark") : QStringLiteral("light"))
                    .arg(scene.window->devicePixelRatio()));
        }
        ui::applyTheme(ui::Appearance::Light);
    }
};

QTEST_MAIN(CodePageTest)
#include "code_page_test.moc"
