#include "tests/ui/scene.h"
#include "ui/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QInputMethodEvent>
#include <QTextBlock>
#include <QTextLayout>
#include <QTimer>

using namespace nlbd;
using namespace nlbd::testing;
using ui::DocumentView;

/// Input methods while others write (J5.5 of PRODUCT.md): what is being composed is neither broken
/// nor doubled by what comes, and nothing is lost.
class CompositionTest : public QObject {
    Q_OBJECT

private:
    static QString shown(const DocumentView &view)
    {
        return view.document()->toRawText().replace(QChar(QChar::ParagraphSeparator), QChar(u'\n'));
    }
    static QString held(const Scene &scene)
    {
        return QString::fromUtf8(scene.workspace->docs[scene.charter.value].text);
    }
    static void compose(DocumentView &view, const QString &preedit)
    {
        QInputMethodEvent event(preedit, {});
        QApplication::sendEvent(&view, &event);
    }
    static void commit(DocumentView &view, const QString &text, int start = 0, int length = 0,
                       const QString &preedit = {})
    {
        QInputMethodEvent event(preedit, {});
        event.setCommitString(text, start, length);
        QApplication::sendEvent(&view, &event);
    }
    /// What is drawn as being composed, anywhere on the page.
    static QString preedit(const DocumentView &view)
    {
        QString all;
        for (QTextBlock block = view.document()->begin(); block.isValid(); block = block.next())
            all += block.layout()->preeditAreaText();
        return all;
    }

private Q_SLOTS:
    void initTestCase() { ui::applyTheme(ui::Appearance::Light); }

    void othersWriteAtEveryStep_data()
    {
        QTest::addColumn<TextPatch>("patch");
        QTest::addColumn<QString>("page");
        const QString word = QString::fromUtf8("\u65E5\u672C\u8A9E");
        const auto row = [&word](const char *name, TextPatch patch, const char *page) {
            QTest::newRow(name) << patch << QString::fromUtf8(page).arg(word);
        };
        // "lamps  here", composed at 6; three times each.
        row("before", {0, 0, "x"}, "xxxlamps %1 here");
        row("behind", {11, 0, "x"}, "lamps %1 herexxx");
        row("at the place", {6, 0, "x"}, "lamps %1xxx here");
        row("lines before", {0, 0, "x\n"}, "x\nx\nx\nlamps %1 here");
        row("gone before", {0, 1, ""}, "ps %1 here");
        row("a break beside", {6, 0, "\n"}, "lamps %1\n\n\n here");
    }
    void othersWriteAtEveryStep()
    {
        QFETCH(TextPatch, patch);
        QFETCH(QString, page);
        Scene scene;
        DocumentView &view = openWith(scene, "lamps  here");
        place(view, 6, 6);
        for (const char *step : {"\u306B", "\u306B\u307B", "\u306B\u307B\u3093"}) {
            compose(view, QString::fromUtf8(step));
            scene.workspace->othersEdit(scene.charter, {patch});
            scene.settle();
            QCOMPARE(preedit(view), QString::fromUtf8(step));
            QCOMPARE(shown(view), QStringLiteral("lamps  here"));
        }
        commit(view, QString::fromUtf8("\u65E5\u672C\u8A9E"));
        QTRY_COMPARE(shown(view), page);
        QCOMPARE(held(scene), page);
        QCOMPARE(preedit(view), QString());
        const auto edits = scene.workspace->all<api::EditText>();
        QCOMPARE(edits.size(), 1U);
        QCOMPARE(edits[0].patches, (TextPatches{{6, 0, "\u65E5\u672C\u8A9E"}}));
        QCOMPARE(scene.workspace->brokenEdits, 0);
        // The caret stands behind what was composed.
        QTest::keyClicks(&view, QStringLiteral("!"));
        QVERIFY(held(scene).contains(QString::fromUtf8("\u65E5\u672C\u8A9E!")));
    }

    void givingUpChangesNothing()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "a\u00A0b");
        place(view, 1, 1);
        compose(view, QString::fromUtf8("\u306B"));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "x"}});
        compose(view, {});
        QTRY_COMPARE(shown(view), QString::fromUtf8("xa\u00A0b"));
        QVERIFY(scene.workspace->all<api::EditText>().empty());
    }

    void aCommitMayReplaceWhatStandsBefore()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "aa\u00A0aaa");
        place(view, 5, 5);
        compose(view, QStringLiteral("u"));
        commit(view, QString::fromUtf8("\u00E4"), -1, 1);
        QCOMPARE(held(scene), QString::fromUtf8("aa\u00A0a\u00E4a"));
        QCOMPARE(shown(view), held(scene));
        QCOMPARE(scene.workspace->all<api::EditText>().back().patches,
                 (TextPatches{{4, 1, "\u00E4"}}));
    }

    void composingGoesOnAfterACommit()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "ab");
        place(view, 1, 1);
        compose(view, QStringLiteral("x"));
        commit(view, QStringLiteral("1"), 0, 0, QStringLiteral("y")); // the next is begun with it
        scene.workspace->othersEdit(scene.charter, {{0, 0, "_"}});
        scene.settle();
        QCOMPARE(preedit(view), QStringLiteral("y"));
        commit(view, QStringLiteral("2"));
        QTRY_COMPARE(shown(view), QStringLiteral("_a12b"));
        QCOMPARE(held(scene), shown(view));
    }

    void composingReplacesASelection()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "one two three");
        place(view, 4, 7);
        compose(view, QStringLiteral("x"));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "_"}});
        scene.settle();
        commit(view, QStringLiteral("2"));
        QTRY_COMPARE(shown(view), QStringLiteral("_one 2 three"));
        QCOMPARE(held(scene), shown(view));
    }

    void whatStandsAroundIsKnownAfterOthersEdits()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "lamps here");
        place(view, 5, 5);
        scene.workspace->othersEdit(scene.charter, {{0, 0, "The "}, {14, 0, " now"}});
        QTRY_COMPARE(shown(view), QStringLiteral("The lamps here now"));
        QCOMPARE(view.inputMethodQuery(Qt::ImSurroundingText).toString(), shown(view));
        QCOMPARE(view.inputMethodQuery(Qt::ImCursorPosition).toInt(), 9);
    }

    void undoFollowsAComposition()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "lamps ");
        place(view, 6, 6);
        compose(view, QStringLiteral("u"));
        commit(view, QStringLiteral("ux"));
        QTest::keyClick(&view, Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(scene.workspace->all<api::Undo>().size(), 1U);
        QTRY_COMPARE(shown(view), QStringLiteral("lamps "));
        QCOMPARE(held(scene), shown(view));
    }

    /// Undo in the middle of a composition takes back what was written before it; nothing waits.
    void undoWhileComposingDoesNotWait()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "lamps ");
        place(view, 6, 6);
        QTest::keyClicks(&view, QStringLiteral("m"));
        compose(view, QStringLiteral("u"));
        view.takeBack();
        QTRY_COMPARE(shown(view), held(scene));
        QCOMPARE(preedit(view), QString());
        QVERIFY(!held(scene).contains(QStringLiteral("uu")));
    }

    /// The caret is put elsewhere: what was being composed ends there, and others do not wait.
    void theCaretLeavesAComposition_data()
    {
        QTest::addColumn<int>("place");
        QTest::newRow("in the block") << 2;
        QTest::newRow("in another") << 8;
    }
    void theCaretLeavesAComposition()
    {
        QFETCH(int, place);
        Scene scene;
        DocumentView &view = openWith(scene, "lamps\nhere");
        nlbd::testing::place(view, 5, 5);
        compose(view, QStringLiteral("u"));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "_"}});
        scene.settle();
        nlbd::testing::place(view, place, place);
        QTRY_COMPARE(shown(view), held(scene));
        QCOMPARE(preedit(view), QString());
        QVERIFY(held(scene).startsWith(QStringLiteral("_lamps")));
        compose(view, QStringLiteral("v"));
        commit(view, QStringLiteral("w"));
        QTRY_COMPARE(shown(view), held(scene));
        QCOMPARE(held(scene).count(QStringLiteral("w")), 1);
        QVERIFY(!held(scene).contains(QStringLiteral("v")));
    }

    /// Others' edits wait for it, not for ever; without any it may take as long as it takes.
    void itIsEndedOnlyForOthersEdits()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "lamps  here");
        place(view, 6, 6);
        auto *limit = view.findChild<QTimer *>(QStringLiteral("composing"));
        QVERIFY(limit);
        compose(view, QStringLiteral("ni"));
        QVERIFY(!limit->isActive());
        scene.workspace->caret(scene.charter, DeviceIndex(1), 2, 2); // a caret may wait
        scene.settle();
        QVERIFY(!limit->isActive());
        scene.workspace->othersEdit(scene.charter, {{0, 0, "x"}});
        scene.settle();
        QVERIFY(limit->isActive());
        QCOMPARE(preedit(view), QStringLiteral("ni"));
        compose(view, QStringLiteral("niho")); // goes on, and the limit with it
        QVERIFY(limit->isActive());
        limit->start(0); // it is over
        QTRY_COMPARE(shown(view), QStringLiteral("xlamps niho here"));
        QVERIFY(preedit(view).isEmpty());
        QVERIFY(!limit->isActive());
        scene.settle();
        QCOMPARE(held(scene), shown(view));
    }

    /// It is underlined as the input method says, and what stands behind it looks as before.
    void itKeepsItsOwnFormats()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nplain bold plain");
        scene.workspace->othersEdit(scene.charter, {}, {{{12, 16, {{"bold", "1"}}}}, {}});
        scene.settle();
        place(view, 8, 8);
        QTextCharFormat underlined;
        underlined.setUnderlineStyle(QTextCharFormat::DotLine);
        QInputMethodEvent event(QStringLiteral("nihon"),
                                {{QInputMethodEvent::TextFormat, 0, 5, underlined}});
        QApplication::sendEvent(&view, &event);
        const QTextBlock block = view.document()->findBlockByNumber(1);
        static_cast<void>(view.document()->documentLayout()->blockBoundingRect(block));
        const auto formatAt = [&](int place) {
            QTextCharFormat all;
            for (const auto &range : block.layout()->formats())
                if (range.start <= place && place < range.start + range.length)
                    all.merge(range.format);
            return all;
        };
        for (int i = 0; i < 5; ++i)
            QCOMPARE(formatAt(2 + i).underlineStyle(), QTextCharFormat::DotLine);
        QCOMPARE(formatAt(1).underlineStyle(), QTextCharFormat::NoUnderline);
        QCOMPARE(formatAt(7).underlineStyle(), QTextCharFormat::NoUnderline);
        for (int i = 0; i < 21; ++i) // "bold" begins at 6, five behind that now
            QCOMPARE(formatAt(i).font().bold(), i >= 11 && i < 15);
        commit(view, QStringLiteral("x"));
        static_cast<void>(view.document()->documentLayout()->blockBoundingRect(block));
        for (int i = 0; i < 17; ++i)
            QCOMPARE(formatAt(i).font().bold(), i >= 7 && i < 11);
    }

    /// A page that nobody may write on stays as it is, though Qt would let a commit through.
    void aPageToBeReadTakesNothing()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nwords");
        place(view, 8, 8);
        view.setReadOnly(true);
        compose(view, QStringLiteral("ni"));
        commit(view, QStringLiteral("x"));
        QCOMPARE(shown(view), QStringLiteral("Title\nwords"));
        QVERIFY(preedit(view).isEmpty());
        view.setReadOnly(false);
    }

    /// Another document is opened: what is being composed is written first.
    void leavingWritesWhatIsComposed()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "Title\nwords");
        place(view, 6, 6);
        compose(view, QStringLiteral("my "));
        view.leave();
        scene.settle();
        QCOMPARE(held(scene), QStringLiteral("Title\nmy words"));
    }

    /// What came right before a composition began does not wait for ever either.
    void whatIsUnderWayIsNotForgotten()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "lamps  here");
        place(view, 6, 6);
        auto *limit = view.findChild<QTimer *>(QStringLiteral("composing"));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "x"}});
        scene.workspace->othersEdit(scene.charter, {{0, 0, "y"}});
        QCoreApplication::sendPostedEvents(); // told, and gathered for a frame
        compose(view, QStringLiteral("ni"));
        scene.settle();
        QCOMPARE(preedit(view), QStringLiteral("ni"));
        if (shown(view) == QStringLiteral("lamps  here"))
            QVERIFY(limit->isActive());
        compose(view, {});
        QTRY_COMPARE(shown(view), QStringLiteral("yxlamps  here"));
    }

    /// The window of candidates opens at the caret, wherever the page lays its column.
    void theCandidatesAreAtTheCaret()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "one\ntwo lines");
        scene.window->resize(1400, 800);
        scene.settle();
        place(view, 7, 7);
        for (const auto query : {Qt::ImCursorRectangle, Qt::ImAnchorRectangle}) {
            QInputMethodQueryEvent asked(query);
            QApplication::sendEvent(&view, &asked);
            const QPoint told = asked.value(query).toRectF().center().toPoint();
            const QPoint shown = view.viewport()->mapTo(&view, view.cursorRect().center());
            QVERIFY(shown.x() >= 64); // the gutter
            QVERIFY2((told - shown).manhattanLength() <= 4,
                     qPrintable(QStringLiteral("%1 %2, not %3 %4")
                                    .arg(told.x())
                                    .arg(told.y())
                                    .arg(shown.x())
                                    .arg(shown.y())));
        }
    }

    void aPasteEndsAComposition()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "ab");
        place(view, 1, 1);
        compose(view, QStringLiteral("u"));
        QGuiApplication::clipboard()->setText(QStringLiteral("X"));
        view.paste();
        QCOMPARE(preedit(view), QString());
        QCOMPARE(held(scene), QStringLiteral("auXb"));
        QCOMPARE(shown(view), held(scene));
    }

    void aDocumentThatBeginsAnewEndsAComposition()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "ab");
        place(view, 1, 1);
        compose(view, QStringLiteral("u"));
        const auto number = scene.workspace->all<api::OpenDocument>().back().view;
        scene.workspace->tell(api::DocumentOpened{scene.charter, number, "ab", 1, {}});
        QTRY_COMPARE(preedit(view), QString()); // of another text: it could not be sent
        QVERIFY(view.isOpen());
        QCOMPARE(shown(view), QStringLiteral("ab"));
        QTest::keyClicks(&view, QStringLiteral("c"));
        QCOMPARE(scene.workspace->all<api::EditText>().back().opening, std::uint64_t{1});
    }
};

QTEST_MAIN(CompositionTest)
#include "composition_test.moc"
