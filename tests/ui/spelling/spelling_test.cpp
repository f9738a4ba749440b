#include "tests/ui/scene.h"
#include "ui/page_tools.h"
#include "ui/settings.h"
#include "ui/spelling/spelling.h"
#include "ui/spelling/word_list.h"
#include "ui/theme.h"

#include <QDir>
#include <QFile>
#include <QMenu>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTextLayout>

using namespace nlbd;
using namespace nlbd::testing;
using ui::Dictionary;
using ui::DocumentView;
using ui::Spelling;

/// Words that the dictionary does not know; dictionaries that are none.
class SpellingTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_profile;

    static void write(const QString &path, const QByteArray &bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }
    [[nodiscard]] QString dictionary(const QString &name, const QByteArray &endings,
                                     const QByteArray &words) const
    {
        const QString folder = m_profile.filePath(QStringLiteral("dictionaries"));
        QDir().mkpath(folder);
        const QString path = folder + QChar(u'/') + name;
        write(path + QStringLiteral(".aff"), endings);
        write(path + QStringLiteral(".dic"), words);
        return path;
    }
    static DocumentView &openWith(Scene &scene, const std::string &text)
    {
        scene.workspace->textOf(scene.charter) = text;
        scene.open();
        DocumentView &view = scene.window->page();
        view.setFocus();
        QTextCursor cursor = view.textCursor();
        cursor.movePosition(QTextCursor::End);
        view.setTextCursor(cursor);
        return view;
    }
    static Spelling &spellingOf(const Scene &scene) { return scene.window->pageTools().spelling(); }
    static QString marked(const Scene &scene)
    {
        QStringList words;
        for (const Spelling::Mark &mark : spellingOf(scene).marks())
            words.append(scene.window->page().textBetween(mark.from, mark.to));
        return words.join(u' ');
    }

private Q_SLOTS:
    void initTestCase()
    {
        ui::applyTheme(ui::Appearance::Light);
        // -DNLBD_SPELLING=OFF leaves out what is tested here.
        if (!Dictionary::canBeRead())
            QSKIP("built without Hunspell");
        ui::settings::useFile(m_profile.filePath(QStringLiteral("windows.ini")));
        static_cast<void>(
            dictionary(QStringLiteral("xx_XX"), "SET UTF-8\nTRY abcdefghijklmnopqrstuvwxyz\n",
                       "11\nlamp\nlamps\nlight\nthe\nis\ndon't\ncode\nin\nAgora\nand\nnew\n"));
    }

    void wordsAreFound_data()
    {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("words");
        QTest::newRow("plain") << QStringLiteral("One two, three.")
                               << QStringLiteral("One two three");
        QTest::newRow("apostrophes") << QString::fromUtf8("don't 'quoted' l\u2019eau dogs'")
                                     << QString::fromUtf8("don't quoted l\u2019eau dogs");
        QTest::newRow("digits") << QStringLiteral("4th B2B word 1984") << QStringLiteral("word");
        QTest::newRow("addresses")
            << QStringLiteral("see https://example.org/a?b someone@example.org www.x.org a_b word")
            << QStringLiteral("see word");
        QTest::newRow("Greek")
            << QString::fromUtf8("\u0397 \u03ba\u03b1\u03bb\u03ae \u03bc\u03ad\u03c1\u03b1")
            << QString::fromUtf8("\u03ba\u03b1\u03bb\u03ae \u03bc\u03ad\u03c1\u03b1");
        QTest::newRow("marks") << QString::fromUtf8("cafe\u0301 bar")
                               << QString::fromUtf8("cafe\u0301 bar");
        QTest::newRow("hyphens") << QStringLiteral("well-known") << QStringLiteral("well known");
        QTest::newRow("nothing") << QStringLiteral("  -- !") << QString();
    }

    void wordsAreFound()
    {
        QFETCH(QString, line);
        QFETCH(QString, words);
        QStringList found;
        for (const auto &[from, to] : ui::wordsOf(line))
            found.append(line.mid(from, to - from));
        QCOMPARE(found.join(u' '), words);
    }

    void whatIsNotKnownIsMarked()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "The lamp is lihgt\nand the lapm don't\n\n");
        QCOMPARE(marked(scene), QString());
        spellingOf(scene).use(QStringLiteral("xx_XX"));
        QTRY_COMPARE(marked(scene), QStringLiteral("lihgt lapm"));
        scene.workspace->othersEdit(scene.charter, {{0, 0, "new "}});
        QTRY_COMPARE(marked(scene), QStringLiteral("lihgt lapm"));
        QTest::keyClicks(&view, QStringLiteral("wrogn "));
        QTRY_COMPARE(marked(scene), QStringLiteral("lihgt lapm wrogn"));
        // nothing of it is in the text or in its layouts
        for (QTextBlock block = view.document()->begin(); block.isValid(); block = block.next())
            for (const QTextLayout::FormatRange &range : block.layout()->formats())
                QVERIFY(range.format.underlineStyle() != QTextCharFormat::WaveUnderline);
        spellingOf(scene).use({});
        QCOMPARE(marked(scene), QString());
    }

    void codeAndLinksAreLeftOut()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "The lamp\nxcode\nxmark lamp\nlapm\n");
        QTextCursor cursor = view.textCursor();
        cursor.setPosition(10);
        view.setTextCursor(cursor);
        view.toggleBlock(ui::BlockStyle::Kind::Code);
        cursor.setPosition(15);
        cursor.setPosition(20, QTextCursor::KeepAnchor);
        view.setTextCursor(cursor);
        view.toggleMark(ui::kCode);
        spellingOf(scene).use(QStringLiteral("xx_XX"));
        QTRY_COMPARE(marked(scene), QStringLiteral("lapm"));
    }

    void onlyWhatIsSeenIsLookedAt()
    {
        Scene scene;
        std::string text;
        for (int i = 0; i < 5000; ++i)
            text += "lamp wrong\n";
        DocumentView &view = openWith(scene, text);
        spellingOf(scene).use(QStringLiteral("xx_XX"));
        QTRY_VERIFY(!spellingOf(scene).marks().empty());
        QVERIFY(spellingOf(scene).marks().size() < 60);
        QVERIFY(spellingOf(scene).marks().front().from > 40'000);
        view.moveCursor(QTextCursor::Start);
        QTRY_COMPARE(spellingOf(scene).marks().front().from, 5);
    }

    void theMenuHasOthersInItsPlace()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "The lamp is lihgt\nlihgt wrogn\n\n");
        Spelling &spelling = spellingOf(scene);
        spelling.use(QStringLiteral("xx_XX"));
        QTRY_COMPARE(marked(scene), QStringLiteral("lihgt lihgt wrogn"));
        QMenu menu;
        Q_EMIT view.menuAsked(menu, 14);
        QTRY_COMPARE(menu.actions().front()->text(), QStringLiteral("light"));
        menu.actions().front()->trigger();
        QTRY_COMPARE(QString::fromUtf8(scene.workspace->textOf(scene.charter)),
                     QStringLiteral("The lamp is light\nlihgt wrogn\n\n"));
        QTRY_COMPARE(marked(scene), QStringLiteral("lihgt wrogn"));
        spelling.addToDictionary(QStringLiteral("wrogn"));
        QCOMPARE(marked(scene), QStringLiteral("lihgt"));
        spelling.ignore(QStringLiteral("lihgt"));
        QCOMPARE(marked(scene), QString());
        const QString file = m_profile.filePath(QStringLiteral("words.txt"));
        QTRY_COMPARE(ui::WordList::read(file), QSet<QString>{QStringLiteral("wrogn")});
        Scene other; // another window, and the next start
        openWith(other, "lamp wrogn lihgt\n\n");
        spellingOf(other).use(QStringLiteral("xx_XX"));
        QTRY_COMPARE(marked(other), QStringLiteral("lihgt"));
    }

    void keysGoToTheNext()
    {
        Scene scene;
        DocumentView &view = openWith(scene, "lamp wrnog lamp lapm\n\n");
        spellingOf(scene).use(QStringLiteral("xx_XX"));
        QTRY_COMPARE(marked(scene), QStringLiteral("wrnog lapm"));
        QTest::keyClick(scene.window.get(), Qt::Key_F7);
        QCOMPARE(view.textCursor().selectedText(), QStringLiteral("wrnog"));
        QTest::keyClick(scene.window.get(), Qt::Key_F7);
        QCOMPARE(view.textCursor().selectedText(), QStringLiteral("lapm"));
    }

    /// Also to one that is far below the screen, past words that nobody has asked about, and back.
    void keysGoWhereNobodyLooked()
    {
        std::string text = "lapm\n";
        for (int i = 0; i < 4000; ++i)
            text += "lamp " + std::string(1 + i % 40, 'l') + "\n";
        text += "wrnog\n";
        Scene scene;
        DocumentView &view = openWith(scene, text);
        ui::Spelling &spelling = spellingOf(scene);
        for (int i = 1; i <= 40; ++i)
            spelling.ignore(QString(i, QChar(u'l')));
        place(view, 4, 4);
        spelling.use(QStringLiteral("xx_XX"));
        QTRY_COMPARE(marked(scene), QStringLiteral("lapm"));
        QTest::keyClick(scene.window.get(), Qt::Key_F7);
        QTRY_COMPARE(view.textCursor().selectedText(), QStringLiteral("wrnog"));
        QTRY_VERIFY(view.viewport()->rect().intersects(view.cursorRect()));
        QTest::keyClick(scene.window.get(), Qt::Key_F7);
        QTRY_COMPARE(view.textCursor().selectedText(), QStringLiteral("lapm"));
        QSignalSpy told(&spelling, &ui::Spelling::told);
        spelling.ignore(QStringLiteral("lapm"));
        spelling.ignore(QStringLiteral("wrnog"));
        QTest::keyClick(scene.window.get(), Qt::Key_F7);
        QTRY_COMPARE(told.size(), 1);
        QCOMPARE(view.textCursor().selectedText(), QStringLiteral("lapm"));
    }

    void oldEncodingsAreRead()
    {
        // "καλημέρα" in ISO 8859-7
        const QString path = dictionary(QStringLiteral("el_XX"), "SET ISO8859-7\n",
                                        "1\n\xEA\xE1\xEB\xE7\xEC\xDD\xF1\xE1\n");
        const auto greek = Dictionary::open(path);
        QVERIFY(greek);
        const QString word = QString::fromUtf8("\u03ba\u03b1\u03bb\u03b7\u03bc\u03ad\u03c1\u03b1");
        QVERIFY(greek->knows(word));
        QVERIFY(!greek->knows(word.chopped(1)));
        QVERIFY(greek->suggestions(word.chopped(1)).contains(word));
        QVERIFY(greek->knows(QString::fromUtf8("\u65e5\u672c"))); // of another language
    }

    void aBrokenDictionaryIsNone_data()
    {
        QTest::addColumn<QByteArray>("endings");
        QTest::addColumn<QByteArray>("words");
        QTest::addColumn<bool>("isOpened");
        const QByteArray utf8 = "SET UTF-8\n";
        QTest::newRow("empty") << utf8 << QByteArray() << false;
        QTest::newRow("no count") << utf8 << QByteArray("lamp\nlight\n") << false;
        QTest::newRow("a count that cannot be")
            << utf8 << QByteArray("2000000000\nlamp\n") << false;
        QTest::newRow("below nothing") << utf8 << QByteArray("-5\nlamp\n") << false;
        QTest::newRow("an encoding that is none")
            << QByteArray("SET KLINGON-7\n") << QByteArray("1\nlamp\n") << false;
        QTest::newRow("no text") << utf8 << QByteArray("3\n\xFF\xFE\0\0\n\n\x80/\x80\n", 12)
                                 << true;
        QTest::newRow("endings that end nowhere")
            << QByteArray("SET UTF-8\nSFX A Y 99999999\nSFX A 0 x .\nPFX\nREP 5\nAF -1\n")
            << QByteArray("1\nlamp/A\n") << true;
        QTest::newRow("endings of themselves") << QByteArray(
            "SET UTF-8\nSFX A Y 1\nSFX A 0 x/A .\nCOMPOUNDRULE 1\nCOMPOUNDRULE (A)*\n")
                                               << QByteArray("1\nlamp/A\n") << true;
    }

    void aBrokenDictionaryIsNone()
    {
        QFETCH(QByteArray, endings);
        QFETCH(QByteArray, words);
        QFETCH(bool, isOpened);
        const auto opened = Dictionary::open(dictionary(QStringLiteral("bad"), endings, words));
        if (!isOpened)
            QVERIFY(!opened);
        if (opened) { // whatever it knows, it lives
            static_cast<void>(opened->knows(QStringLiteral("lampxxxx")));
            static_cast<void>(opened->suggestions(QStringLiteral("lapm")));
        }
        QVERIFY(!Dictionary::open(m_profile.filePath(QStringLiteral("not there"))));
    }

    void whatCannotBeUsedIsSaid()
    {
        static_cast<void>(dictionary(QStringLiteral("yy_YY"), "SET UTF-8\n", "nothing\n"));
        Scene scene;
        openWith(scene, "lapm\n\n");
        QStringList told;
        connect(&scene.window->pageTools(), &ui::PageTools::told, this,
                [&told](const QString &sentence) { told.append(sentence); });
        spellingOf(scene).use(QStringLiteral("yy_YY"));
        QTRY_COMPARE(told.size(), 1);
        QVERIFY(told.front().contains(QStringLiteral("yy_YY")));
        QCOMPARE(marked(scene), QString());
    }

    void theSystemsDictionaryWorks()
    {
        const auto english = Dictionary::open(QStringLiteral("/usr/share/hunspell/en_US"));
        // A real dictionary, beside the small ones made here; packaging/packages/test.txt brings
        // it.
        if (!english)
            QSKIP("hunspell-en-us is not installed");
        QVERIFY(english->knows(QStringLiteral("lamps")));
        QVERIFY(english->knows(QString::fromUtf8("don\u2019t")));
        QVERIFY(!english->knows(QStringLiteral("lihgt")));
        QVERIFY(english->suggestions(QStringLiteral("lihgt")).contains(QStringLiteral("light")));
    }

    void itLooksAsItShould()
    {
        for (const bool isDark : {false, true}) {
            ui::applyTheme(isDark ? ui::Appearance::Dark : ui::Appearance::Light);
            Scene scene;
            openWith(scene, "The lamp\nA lihgt in the lapm, and the light is new agian. Agora\n\n");
            spellingOf(scene).use(QStringLiteral("xx_XX"));
            QTRY_VERIFY(marked(scene).contains(QStringLiteral("lapm")));
            const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
            const QImage picture = scene.window->grab().toImage();
            if (!folder.isEmpty())
                picture.save(
                    QStringLiteral("%1/spelling-%2.png")
                        .arg(folder, isDark ? QStringLiteral("dark") : QStringLiteral("light")));
        }
        ui::applyTheme(ui::Appearance::Light);
    }
};

QTEST_MAIN(SpellingTest)
#include "spelling_test.moc"
