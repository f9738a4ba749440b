#include "tests/ui/scene.h"
#include "ui/clipboard/clip_format.h"
#include "ui/editor/page_clipboard.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QClipboard>
#include <QDropEvent>
#include <QGuiApplication>
#include <QMimeData>
#include <QSignalSpy>
#include <QTextBlock>
#include <QTimer>
#include <QUrl>

#include <optional>

using namespace nlbd;
using namespace nlbd::testing;
using ui::BlockStyle;
using ui::DocumentView;
using ui::PageClipboard;

using Kind = BlockStyle::Kind;

/// What is pasted into a page and dragged on it, by a window before a small workspace.
class PageClipboardTest : public QObject {
    Q_OBJECT

private:
    static QString held(const Scene &scene)
    {
        return QString::fromUtf8(scene.workspace->docs[scene.charter.value].text);
    }
    static QString shown(const DocumentView &view)
    {
        return view.document()->toRawText().replace(QChar(QChar::ParagraphSeparator), QChar(u'\n'));
    }

    /// Each block in a few letters with its words, bold ones in stars: "h1 One|p t*w*o".
    static QString spelled(const DocumentView &view)
    {
        QStringList blocks;
        for (QTextBlock block = view.document()->begin(); block.isValid(); block = block.next()) {
            const int end = block.position() + block.length() - 1;
            const BlockStyle style = ui::blockStyleOf(view.looks().blockAt(end));
            QString words;
            for (int at = block.position(); at < end; ++at) {
                const bool isBold = view.looks().at(at).contains(ui::kBold);
                const bool wasBold =
                    at > block.position() && view.looks().at(at - 1).contains(ui::kBold);
                if (isBold != wasBold)
                    words += u'*';
                words += view.document()->characterAt(at);
            }
            if (end > block.position() && view.looks().at(end - 1).contains(ui::kBold))
                words += u'*';
            blocks.append(nameOf(style) + u' ' + words);
        }
        return blocks.join(QChar(u'|'));
    }
    static QString nameOf(const BlockStyle &style)
    {
        switch (style.kind) {
        case Kind::Heading1:
            return QStringLiteral("h1");
        case Kind::Heading2:
            return QStringLiteral("h2");
        case Kind::Bullet:
            return QStringLiteral("-") + QString(style.indent, u'>');
        case Kind::Task:
            return style.isDone ? QStringLiteral("[x]") : QStringLiteral("[o]");
        case Kind::Code:
            return QStringLiteral("`");
        case Kind::Divider:
            return QStringLiteral("---");
        default:
            return QStringLiteral("p");
        }
    }

    static void copyHtml(const char *html, const char *text = nullptr)
    {
        auto *mime = new QMimeData;
        mime->setHtml(QString::fromUtf8(html));
        if (text != nullptr)
            mime->setText(QString::fromUtf8(text));
        QGuiApplication::clipboard()->setMimeData(mime);
    }

    /// Returns what the other program is told: after a move it takes the words away.
    static std::optional<Qt::DropAction> drop(DocumentView &view, QMimeData *mime, int at,
                                              Qt::DropAction action)
    {
        QTextCursor cursor(view.document());
        cursor.setPosition(at);
        const QPointF place = view.cursorRect(cursor).center();
        const Qt::KeyboardModifiers keys = // by which Qt knows what is proposed
            action == Qt::MoveAction ? Qt::ShiftModifier : Qt::NoModifier;
        QDragEnterEvent enter(place.toPoint(), Qt::CopyAction | Qt::MoveAction, mime,
                              Qt::LeftButton, keys);
        QApplication::sendEvent(view.viewport(), &enter);
        QDropEvent event(place, Qt::CopyAction | Qt::MoveAction, mime, Qt::LeftButton, keys);
        event.setDropAction(action);
        QApplication::sendEvent(view.viewport(), &event);
        return event.isAccepted() ? std::optional(event.dropAction()) : std::nullopt;
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    void blocksAndMarksComeIn_data()
    {
        QTest::addColumn<QString>("html");
        QTest::addColumn<int>("anchor");
        QTest::addColumn<int>("caret");
        QTest::addColumn<QString>("page");
        const auto row = [](const char *name, const char *html, int anchor, int caret,
                            const char *page) {
            QTest::newRow(name) << QString::fromUtf8(html) << anchor << caret
                                << QString::fromUtf8(page);
        };
        // The page is "Top\nab\n" with "ab" a bullet.
        row("in a block", "<b>x</b>y", 5, 5, "p Top|- a*x*yb|p ");
        row("blocks in a block", "<h1>x</h1><p>y</p>", 5, 5, "p Top|- ax|- yb|p ");
        row("blocks at the end of one", "<h1>x</h1><h2>y</h2>", 6, 6, "p Top|- abx|h2 y|p ");
        row("blocks on a blank", "<h1>x</h1><ul><li>y</ul>", 7, 7, "p Top|- ab|h1 x|- y");
        row("at the start", "<h1>x</h1><p>y</p>", 4, 4, "p Top|h1 x|- yab|p ");
        row("instead of all", "<h1>x</h1>", 0, 7, "h1 x");
        row("instead of a break", "<b>x</b>", 3, 4, "p Top*x*ab|p ");
        row("a rule", "<p>x</p><hr><p>y</p>", 7, 7, "p Top|- ab|p x|--- |p y");
    }

    void blocksAndMarksComeIn()
    {
        QFETCH(QString, html);
        QFETCH(int, anchor);
        QFETCH(int, caret);
        QFETCH(QString, page);
        Scene scene;
        DocumentView &view = openWith(scene, "Top\nab\n");
        place(view, 5, 5);
        view.toggleBlock(Kind::Bullet);
        place(view, anchor, caret);
        copyHtml(html.toUtf8().constData());
        const std::size_t before = scene.workspace->all<api::EditText>().size();
        view.paste();
        QCOMPARE(spelled(view), page);
        QCOMPARE(shown(view), held(scene));
        QCOMPARE(scene.workspace->all<api::EditText>().size(), before + 1); // one step
        QCOMPARE(scene.workspace->all<api::EditText>().back().cause, api::EditText::Cause::Paste);
        QVERIFY(!view.textCursor().hasSelection());
    }

    void wordsInAListAreItems()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Top\nab\n");
        place(view, 6, 6);
        view.toggleBlock(Kind::Bullet);
        QGuiApplication::clipboard()->setText(QStringLiteral("c\nd"));
        view.paste();
        QCOMPARE(spelled(view), QStringLiteral("p Top|- abc|- d|p "));
    }

    void codeTakesWordsAlone()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Top\nab\n");
        place(view, 5, 5);
        view.toggleBlock(Kind::Code);
        copyHtml("<h1><b>x</b></h1><ul><li>y</li></ul>");
        view.paste();
        QCOMPARE(spelled(view), QStringLiteral("p Top|` ax|` yb|p "));
    }

    void wordsAloneByTheirKey()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "");
        copyHtml("<h1><b>x</b></h1>", "x and words");
        QTest::keyClick(&view, Qt::Key_V, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(spelled(view), QStringLiteral("p x and words"));
        QTest::keyClick(&view, Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(spelled(view), QStringLiteral("p x and words*x*"));
    }

    /// What is copied on a page is the same where it is pasted, also by way of another program.
    void copiesKeepTheirLooks_data()
    {
        QTest::addColumn<QString>("form");
        QTest::newRow("the same process") << QString();
        QTest::newRow("our own") << QString::fromLatin1(ui::kFragmentMime);
        QTest::newRow("html") << QStringLiteral("text/html");
        QTest::newRow("markdown") << QStringLiteral("text/markdown");
    }
    void copiesKeepTheirLooks()
    {
        QFETCH(QString, form);
        Scene scene;
        DocumentView &view = openWith(scene, "Top\nab\ncd\n\n");
        place(view, 5, 5);
        view.toggleBlock(Kind::Task);
        view.toggleDone();
        place(view, 7, 8);
        view.toggleMark(ui::kBold);
        view.toggleBlock(Kind::Heading2);
        place(view, 4, 9);
        view.copy();
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("ab\ncd"));
        if (!form.isEmpty()) {
            const QMimeData &clip = *QGuiApplication::clipboard()->mimeData();
            auto *mime = new QMimeData;
            if (form == QString::fromLatin1(ui::kFragmentMime))
                mime->setText(clip.text());
            mime->setData(form, clip.data(form));
            QGuiApplication::clipboard()->setMimeData(mime);
        }
        place(view, 11, 11);
        view.paste();
        QCOMPARE(spelled(view), QStringLiteral("p Top|[x] ab|h2 *c*d|p |[x] ab|h2 *c*d"));
        QCOMPARE(shown(view), held(scene));
    }

    /// Words of others stay theirs by the authors' own form; the mark itself does not travel.
    void quotedMarksStayBehind()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Top\nab\n");
        api::Looks looks;
        looks.letters.push_back({4, 6, {{"quoted", "Thea"}, {"bold", "1"}}});
        scene.workspace->othersEdit(scene.charter, {{0, 0, ""}}, looks);
        QTRY_VERIFY(view.looks().at(4).contains("quoted"));
        place(view, 4, 6);
        view.copy();
        place(view, 7, 7);
        view.paste();
        QVERIFY(view.looks().at(7).contains("bold"));
        QVERIFY(!view.looks().at(7).contains("quoted"));
        const auto edits = scene.workspace->all<api::EditText>();
        for (const api::Styling &styling : edits.back().stylings)
            QVERIFY(!styling.changes.contains("quoted"));
    }

    void oddBlanksSurvive()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "");
        const QString odd =
            QString::fromUtf8("a\u00A0b\u202Fc\u2028d\te\U0001F468\u200D\U0001F469");
        QGuiApplication::clipboard()->setText(odd);
        view.paste();
        QCOMPARE(held(scene), odd);
        view.selectAll();
        view.copy();
        QCOMPARE(QGuiApplication::clipboard()->text(), odd);
        QTest::keyClick(&view, Qt::Key_End, Qt::ControlModifier);
        view.paste();
        QCOMPARE(held(scene), odd + odd);
        QCOMPARE(shown(view), held(scene));
    }

    // ---- Dragging ------------------------------------------------------------------------------

    void whatIsDroppedFromElsewhereComesIn()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Top\nab\n");
        QMimeData mime;
        mime.setHtml(QStringLiteral("<b>x</b>"));
        drop(view, &mime, 5, Qt::CopyAction);
        QCOMPARE(spelled(view), QStringLiteral("p Top|p a*x*b|p "));
        QCOMPARE(scene.workspace->all<api::EditText>().back().cause, api::EditText::Cause::Drop);
    }

    /// It may be too much for the page: nothing is lost where it came from.
    void whatComesFromElsewhereIsNeverMoved()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Top\nab\n");
        QMimeData mime;
        mime.setText(QString(300'000, QChar(u'x')));
        QCOMPARE(drop(view, &mime, 5, Qt::MoveAction), Qt::CopyAction);
        QCOMPARE(held(scene), QStringLiteral("Top\nab\n")); // a line that is too long
        mime.setText(QStringLiteral("x"));
        QCOMPARE(drop(view, &mime, 5, Qt::MoveAction), Qt::CopyAction);
        QCOMPARE(held(scene), QStringLiteral("Top\naxb\n"));
        view.setReadOnly(true);
        QCOMPARE(drop(view, &mime, 5, Qt::MoveAction), std::nullopt);
        QCOMPARE(held(scene), QStringLiteral("Top\naxb\n"));
    }

    void filesAreGiven()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Top\n");
        QSignalSpy given(&view, &DocumentView::mediaGiven);
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(QStringLiteral("/no/such/file"))});
        drop(view, &mime, 1, Qt::CopyAction);
        QCOMPARE(given.size(), 1);
        QCOMPARE(held(scene), QStringLiteral("Top\n"));
    }

    void wordsMoveInOneStep_data()
    {
        QTest::addColumn<int>("from");
        QTest::addColumn<int>("to");
        QTest::addColumn<int>("at");
        QTest::addColumn<QString>("page");
        // The page is "Top\nab\ncd\nef" with "ab" a heading and "cd" bold bullets.
        QTest::newRow("forwards") << 4 << 5 << 12 << QStringLiteral("p Top|h1 b|- *cd*|p efa");
        QTest::newRow("backwards") << 7 << 8 << 1 << QStringLiteral("p T*c*op|h1 ab|- *d*|p ef");
        QTest::newRow("a line up") << 7 << 10 << 4 << QStringLiteral("p Top|- *cd*|h1 ab|p ef");
        QTest::newRow("a line down") << 4 << 7 << 10 << QStringLiteral("p Top|- *cd*|h1 ab|p ef");
        QTest::newRow("a break with letters")
            << 5 << 8 << 12 << QStringLiteral("p Top|h1 a*d*|p efb|p *c*");
        QTest::newRow("into itself") << 4 << 8 << 6 << QStringLiteral("p Top|h1 ab|- *cd*|p ef");
        QTest::newRow("to its end") << 4 << 6 << 6 << QStringLiteral("p Top|h1 ab|- *cd*|p ef");
    }
    void wordsMoveInOneStep()
    {
        QFETCH(int, from);
        QFETCH(int, to);
        QFETCH(int, at);
        QFETCH(QString, page);
        Scene scene;
        DocumentView &view = openWith(scene, "Top\nab\ncd\nef");
        place(view, 5, 5);
        view.toggleBlock(Kind::Heading1);
        place(view, 7, 9);
        view.toggleMark(ui::kBold);
        view.toggleBlock(Kind::Bullet);
        const QString before = spelled(view);
        place(view, from, to);
        const std::size_t edits = scene.workspace->all<api::EditText>().size();
        view.clipboard().move(from, to, at);
        QCOMPARE(spelled(view), page);
        QCOMPARE(shown(view), held(scene));
        const bool isMoved = page != before;
        QCOMPARE(scene.workspace->all<api::EditText>().size(), edits + (isMoved ? 1U : 0U));
    }

    // ---- Much at once --------------------------------------------------------------------------

    static QString manyLines(int count)
    {
        QString text;
        for (int i = 0; i < count; ++i)
            text += QStringLiteral("line %1 of what was copied\n").arg(i);
        return text;
    }

    void aLongPasteLeavesTheWindowItsTurns()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Top\nend");
        place(view, 4, 4);
        const QString text = manyLines(20'000);
        QGuiApplication::clipboard()->setText(text);
        int beats = 0;
        QTimer pulse;
        connect(&pulse, &QTimer::timeout, this, [&beats] { ++beats; });
        pulse.start(0);
        QStringList told;
        connect(&view.clipboard(), &PageClipboard::progressed, this,
                [&told](const QString &sentence) { told.append(sentence); });
        view.paste();
        QVERIFY(view.clipboard().isBusy());
        QTest::keyClicks(&view, QStringLiteral("not now"));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "The "}}); // others do not wait
        QTRY_VERIFY_WITH_TIMEOUT(!view.clipboard().isBusy(), Scene::kPatienceMs);
        QVERIFY(beats > 3);
        QVERIFY2(told.filter(QStringLiteral("%")).size() > 1, qPrintable(told.join(u'|')));
        QVERIFY(told.back().isEmpty());
        QCOMPARE(held(scene), QStringLiteral("The Top\n") + text + QStringLiteral("end"));
        QTRY_VERIFY(shown(view) == held(scene));
        QVERIFY(!view.isReadOnly());
        const auto edits = scene.workspace->all<api::EditText>();
        QVERIFY(!edits.front().goesOn && edits.size() > 10);
        for (std::size_t i = 1; i < edits.size(); ++i)
            QVERIFY(edits[i].goesOn && edits[i].cause == api::EditText::Cause::Paste);
        QTest::keyClicks(&view, QStringLiteral("!"));
        QVERIFY(held(scene).endsWith(QStringLiteral("\n!end")));
    }

    void aLongPasteKeepsItsLooks()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "");
        QString html;
        for (int i = 0; i < 3000; ++i)
            html += QStringLiteral("<ul><li>a <b>word</b></li></ul><h1>head</h1>");
        copyHtml(html.toUtf8().constData());
        view.paste();
        QTRY_VERIFY_WITH_TIMEOUT(!view.clipboard().isBusy(), Scene::kPatienceMs);
        QCOMPARE(view.document()->blockCount(), 6000);
        QCOMPARE(spelled(view), QStringList(3000, QStringLiteral("- a *word*|h1 head")).join(u'|'));
        for (const api::EditText &edit : scene.workspace->all<api::EditText>())
            QVERIFY(edit.stylings.size() <= api::EditText::kStylingsMax);
    }

    void escapeStopsALongPaste()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Top\n");
        QStringList told;
        connect(&view, &DocumentView::told, this, [&told](const QString &s) { told.append(s); });
        QGuiApplication::clipboard()->setText(manyLines(50'000));
        view.paste();
        QVERIFY(view.clipboard().isBusy());
        QTest::keyClick(&view, Qt::Key_Escape);
        QVERIFY(!view.clipboard().isBusy() && !view.isReadOnly());
        QCOMPARE(told.size(), 1);
        QVERIFY(told.first().contains(QStringLiteral("the rest is not")));
        QVERIFY(held(scene).startsWith(QStringLiteral("line 0 of")));
        QVERIFY(held(scene).endsWith(QStringLiteral("Top\n"))); // what came stays
        QCOMPARE(shown(view), held(scene));
        // Who leaves the page in the middle is told as well.
        view.paste();
        view.open(DocIndex(1));
        QCOMPARE(told.size(), 2);
        QTRY_VERIFY(view.isOpen());
        QVERIFY(!view.isReadOnly());
    }
};

QTEST_MAIN(PageClipboardTest)
#include "page_clipboard_test.moc"
