#include "tests/ui/scene.h"
#include "ui/editor/page_news.h"
#include "ui/reader/widget_readers.h"
#include "ui/settings.h"
#include "ui/status_line.h"
#include "ui/theme.h"
#include "ui/words_reader.h"

#include <QAccessible>
#include <QAction>
#include <QMenu>
#include <QTimer>
#include <QToolButton>

#include <random>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

namespace {

/// A window, what others do on its page, and what it says of that.
struct Told : Scene {
    explicit Told(const std::string &text)
        : view(openWith(*this, text))
    {
    }
    void others(TextOffset at, TextOffset removed, const std::string &inserted)
    {
        workspace->othersEdit(charter, {{at, removed, inserted}});
        arrive();
    }
    /// All that others did is on the page.
    void arrive()
    {
        const auto isSo = [this] {
            return view.textBetween(0, 1'000'000).toStdString() == workspace->textOf(charter);
        };
        QVERIFY(QTest::qWaitFor(isSo, kPatienceMs));
    }
    /// What a key says; the note before is gone when a key goes to the page.
    QString ask(Qt::Key key, Qt::KeyboardModifiers modifiers)
    {
        window->statusLine().showNote({});
        QTest::keyClick(window.get(), key, modifiers);
        static_cast<void>(
            QTest::qWaitFor([this] { return !window->statusLine().note().isEmpty(); }));
        return window->statusLine().note();
    }
    QString whatIsNew() { return ask(Qt::Key_R, Qt::AltModifier); }
    QString whereIAm() { return ask(Qt::Key_I, Qt::ControlModifier | Qt::AltModifier); }

    DocumentView &view;
};

const char *const kNothing = "Nobody else has written here since you asked last";

} // namespace

/// What is said to who listens instead of looking.
class ReaderToolsTest : public QObject {
    Q_OBJECT

private:
    static QAction *action(const Told &told, const QString &text)
    {
        for (QAction *each : told.window->findChildren<QAction *>())
            if (each->text() == text)
                return each;
        return nullptr;
    }

    /// Of those who write, after which something may be said.
    static QTimer &pause(const Told &told)
    {
        return *told.window->findChild<QTimer *>(QStringLiteral("readerPause"));
    }

private Q_SLOTS:
    void initTestCase() { applyTheme(Appearance::Light); }
    void cleanup() { settings::keep(QStringLiteral("announceOthers"), false); }

    void whatOthersWrote()
    {
        Told told("Title\nThe first line\nThe second line\n");
        place(told.view, 10, 10);
        QCOMPARE(told.whatIsNew(), QString::fromLatin1(kNothing));
        told.others(20, 0, " of three");
        told.workspace->authors.wrote(20, 29, 1, {});
        QCOMPARE(told.whatIsNew(),
                 QStringLiteral("Thea Kallas wrote 2 words in this paragraph: of three"));
        QCOMPARE(told.whatIsNew(), QString::fromLatin1(kNothing));
        told.others(45, 0, " is here");
        told.workspace->authors.spans.clear();
        told.workspace->authors.wrote(45, 53, 2, {});
        QCOMPARE(told.whatIsNew(),
                 QStringLiteral("Sofia Orfanou wrote 2 words further down: is here"));
        told.others(0, 5, "A new title");
        told.workspace->authors.spans.clear();
        told.workspace->authors.wrote(0, 11, 2, {});
        QCOMPARE(told.whatIsNew(),
                 QStringLiteral("Sofia Orfanou wrote 3 words further up: A new title. "
                                "1 word was taken away"));
        told.others(12, 4, "");
        QCOMPARE(told.whatIsNew(), QStringLiteral("1 word was taken away"));
    }

    void severalPeopleAndLongTexts()
    {
        Told told("Title\nThe first line\nThe second line\n");
        place(told.view, 10, 10);
        std::string words;
        for (int i = 0; i < 30; ++i)
            words += "seven ";
        told.others(6, 0, words);
        told.others(0, 0, "My ");
        told.others(3 + 6 + 180 + 15, 0, "and ");
        told.workspace->authors.wrote(0, 3, 1, {});
        told.workspace->authors.wrote(9, 189, 1, {});
        told.workspace->authors.wrote(204, 208, 3, {});
        QCOMPARE(told.whatIsNew(),
                 QStringLiteral("Thea Kallas wrote 31 words in several places. "
                                "Nikos Petrou wrote 1 word further down: and"));
    }

    /// What I write is no news, nor what I take back; inside another's words it is not counted as
    /// theirs.
    void mineIsNoNews()
    {
        Told told("Title\nThe first line\n");
        place(told.view, 10, 10);
        QTest::keyClicks(&told.view, QStringLiteral("mine "));
        told.settle();
        QTest::keyClick(told.window.get(), Qt::Key_Z, Qt::ControlModifier);
        told.arrive();
        QCOMPARE(told.whatIsNew(), QString::fromLatin1(kNothing));
        told.others(6, 0, "ten green bottles ");
        place(told.view, 10, 10);
        QTest::keyClicks(&told.view, QStringLiteral("very "));
        told.workspace->authors.wrote(6, 10, 1, {});
        told.workspace->authors.wrote(10, 15, 0, {});
        told.workspace->authors.wrote(15, 29, 1, {});
        QCOMPARE(told.whatIsNew(),
                 QStringLiteral("Thea Kallas wrote 3 words in this paragraph: "
                                "ten \u2026 green bottles"));
    }

    void anotherDocumentBeginsAnew()
    {
        Told told("Title\nThe first line\n");
        told.others(6, 0, "new ");
        told.view.open(DocIndex(1));
        QTRY_VERIFY(told.view.isOpen());
        QCOMPARE(told.whatIsNew(), QString::fromLatin1(kNothing));
    }

    /// Others' letters are never lost from the count, whatever else happens, and what is kept is
    /// bounded.
    void nothingIsLostAmongManyEdits()
    {
        std::mt19937 random(3);
        std::string text = "Title\n";
        for (int i = 0; i < 600; ++i)
            text += "a\n";
        Told told(text);
        const TextOffset count = static_cast<TextOffset>(text.size());
        for (TextOffset i = 0; i < 600; ++i)
            told.workspace->othersEdit(told.charter, {{6 + 4 * i, 0, "x "}});
        told.arrive();
        told.workspace->authors.wrote(0, count + 1200, 1, {});
        const QString news = told.whatIsNew();
        // Near ones were joined, and what lies between them is counted with them: never fewer.
        const int words = news.section(QStringLiteral(" wrote "), 1)
                              .section(QChar(u' '), 0, 0)
                              .remove(QChar(u','))
                              .toInt();
        QVERIFY2(words >= 600 && words <= 1200, qPrintable(news));
    }

    void saidByItselfWhereWanted()
    {
        Told told("Title\nThe first line\n");
        told.workspace->authors.wrote(6, 10, 1, {});
        told.others(6, 0, "new ");
        // Without being asked nothing is said; with it, once all rest.
        QAction *says = action(told, QStringLiteral("Say what others write"));
        QVERIFY(says && !says->isChecked());
        QTRY_VERIFY(!pause(told).isActive());
        QVERIFY(told.window->statusLine().note().isEmpty());
        says->setChecked(true);
        told.others(10, 0, "and newer ");
        told.workspace->authors.wrote(10, 20, 1, {});
        QTRY_COMPARE(told.window->statusLine().note(),
                     QStringLiteral("Thea Kallas wrote 3 words further down: new and newer"));
        QCOMPARE(told.window->statusLine().accessibleName(), told.window->statusLine().note());
        QVERIFY(settings::value(QStringLiteral("announceOthers")).isNull()); // no file here
    }

    void whereTheCaretIs()
    {
        Told told("Title\nA heading\nOne\nTwo and more\n");
        place(told.view, 6, 6);
        told.view.toggleBlock(BlockStyle::Kind::Heading1);
        place(told.view, 16, 21);
        told.view.toggleBlock(BlockStyle::Kind::Number);
        place(told.view, 20, 23);
        told.view.toggleMark(kBold);
        told.workspace->authors.wrote(0, 33, 1, {}, api::Agreement::Pencil, 2);
        place(told.view, 8, 8);
        QVERIFY2(told.whereIAm().startsWith(QStringLiteral("Heading level 1. Thea Kallas, ")),
                 qPrintable(told.whereIAm()));
        QVERIFY(told.whereIAm().endsWith(QStringLiteral("in pencil: 2 of 4 have it")));
        told.workspace->caret(told.charter, DeviceIndex(2), 25, 25);
        told.workspace->caret(told.charter, DeviceIndex(3), 30, 30);
        told.workspace->caret(told.charter, DeviceIndex(1), 7, 7);
        QTRY_COMPARE(told.view.marks().carets().size(), 3U);
        place(told.view, 21, 21);
        QVERIFY2(told.whereIAm().startsWith(QStringLiteral("List item 2. Bold. Thea Kallas, ")),
                 qPrintable(told.whereIAm()));
        QVERIFY(told.whereIAm().endsWith(
            QStringLiteral(". Sofia Orfanou and Nikos Petrou are in this paragraph")));
        place(told.view, 33, 33); // the empty last line
        QCOMPARE(told.whereIAm(), QStringLiteral("Paragraph"));
    }

    /// F6 comes by all parts that are open, the status line among them, and Shift+F6 goes back.
    void partsOfTheWindowHaveAKey()
    {
        Told told("Title\nThe first line\n");
        const auto name = [] {
            const QWidget *focus = QApplication::focusWidget();
            return focus ? focus->accessibleName() : QString();
        };
        QStringList names{name()};
        for (int i = 0; i < 12; ++i) {
            QTest::keyClick(told.window.get(), Qt::Key_F6);
            QVERIFY2(!name().isEmpty(), qPrintable(names.join(QChar(u'|'))));
            if (name() == names.front())
                break;
            names.append(name());
        }
        QCOMPARE(
            names,
            (QStringList{QStringLiteral("Text of Charter of the reading room"),
                         QStringLiteral("People in this workspace"), QStringLiteral("Decisions"),
                         told.window->statusLine().accessibleName(), names.value(4),
                         QStringLiteral("Documents")}));
        for (qsizetype i = names.size() - 1; i >= 0; --i) {
            QTest::keyClick(told.window.get(), Qt::Key_F6, Qt::ShiftModifier);
            QCOMPARE(name(), names[i]);
        }
    }

    /// A button with a menu says so, opens it when asked, and what is in it can be found.
    void menusAreToBeFound()
    {
        useWidgetReaders();
        Told told("Title\n");
        QToolButton *more = nullptr;
        for (QToolButton *button : told.window->findChildren<QToolButton *>())
            if (button->menu())
                more = button;
        QVERIFY(more);
        QAccessibleInterface *reader = QAccessible::queryAccessibleInterface(more);
        QCOMPARE(reader->role(), QAccessible::ButtonMenu);
        QCOMPARE(reader->text(QAccessible::Name), QStringLiteral("Menu"));
        QCOMPARE(reader->childCount(), 1);
        QAccessibleInterface *menu = reader->child(0);
        QCOMPARE(menu->object(), more->menu());
        QVERIFY(menu->childCount() > 10);
        QAccessibleActionInterface *actions = reader->actionInterface();
        QVERIFY(actions
                && actions->actionNames().contains(QAccessibleActionInterface::pressAction()));
        actions->doAction(QAccessibleActionInterface::pressAction());
        bool wasShown = false;
        auto *watch = new QTimer(more);
        connect(watch, &QTimer::timeout, more, [more, &wasShown] {
            wasShown = wasShown || more->menu()->isVisible();
            more->menu()->close();
        });
        watch->start(10);
        QTRY_VERIFY(wasShown);
        watch->stop();
        QAccessibleInterface *window = QAccessible::queryAccessibleInterface(told.window.get());
        QCOMPARE(window->role(), QAccessible::Window);
        QVERIFY(window->text(QAccessible::Name).startsWith(QStringLiteral("Charter of the")));
        QCOMPARE(QAccessible::queryAccessibleInterface(&told.window->statusLine())->role(),
                 QAccessible::StatusBar);
    }

    void words()
    {
        using words::block;
        BlockStyle style;
        QCOMPARE(block(style), QStringLiteral("Paragraph"));
        style.kind = BlockStyle::Kind::Task;
        style.indent = 2;
        style.isDone = true;
        QCOMPARE(block(style), QStringLiteral("Task, done, level 3"));
        QCOMPARE(words::formats({}), QString());
        QCOMPARE(words::formats({{kItalic, "1"}, {kLink, "https://nlbd.dev"}}),
                 QStringLiteral("Italic, a link to https://nlbd.dev"));
        words::News news;
        for (int i = 0; i < 9; ++i)
            news.shares.push_back({QStringLiteral("N"), 1, words::News::Where::Below, {}});
        QCOMPARE(words::news(news).count(QStringLiteral(" wrote ")), 4);
        QVERIFY(words::news(news).endsWith(QStringLiteral("And others")));
    }
};

QTEST_MAIN(ReaderToolsTest)
#include "reader_tools_test.moc"
