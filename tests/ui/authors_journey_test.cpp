#include "tests/support/group_workspace.h"
#include "tests/ui/scene.h"
#include "ui/editor/authors_clip.h"
#include "ui/editor/authorship.h"
#include "ui/people/who_has_panel.h"
#include "ui/settings.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QAction>
#include <QClipboard>
#include <QDir>
#include <QGuiApplication>
#include <QMimeData>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;
using namespace std::chrono_literals;

namespace {

/// Four people with their windows, before engines that speak to each other.
struct Room {
    Room()
        : group(4)
    {
        group.submit(0, api::CreateDocument{1, "Rules", "Whoever arrives first lights the lamps."});
        group.submit(0, api::CreateDocument{2, "Minutes", "Minutes of the meeting\n"});
        group.run(3s);
        rules = *group.at(0).findDocument("Rules");
        minutes = *group.at(0).findDocument("Minutes");
        for (std::size_t i = 0; i < group.size(); ++i) {
            doors.push_back(std::make_shared<GroupWorkspace>(group, i));
            windows.push_back(std::make_unique<MainWindow>(doors.back(), QStringLiteral("Agora")));
            windows.back()->setPlace({rules, 0, {}});
            windows.back()->show();
        }
        isReached([this] {
            return std::ranges::all_of(windows, [](auto &it) { return it->page().isOpen(); });
        });
    }
    ~Room() { windows.clear(); }

    void pass(Millis time = 200ms)
    {
        for (const auto &door : doors)
            while (door->send()) {
            }
        group.run(time);
        for (const auto &door : doors)
            door->fetch();
        QTest::qWait(20); // a frame
    }
    bool isReached(const std::function<bool()> &isSo)
    {
        for (int i = 0; i < 300 && !isSo(); ++i)
            pass();
        return isSo();
    }
    void open(std::size_t who, DocIndex doc)
    {
        page(who).open(doc);
        QVERIFY(isReached([&] { return page(who).isOpen(); }));
    }
    void type(std::size_t who, const QString &text)
    {
        QTest::keyClicks(&page(who), text);
        isReached([&] { return page(who).pending().isEmpty(); });
    }
    void caretAt(std::size_t who, const QString &words, qsizetype selected = 0)
    {
        QTextCursor cursor = page(who).textCursor();
        const auto at = static_cast<int>(text(who).indexOf(words));
        QVERIFY(at >= 0);
        cursor.setPosition(at);
        cursor.setPosition(at + static_cast<int>(selected), QTextCursor::KeepAnchor);
        page(who).setTextCursor(cursor);
    }
    [[nodiscard]] QString text(std::size_t who)
    {
        return page(who).document()->toRawText().replace(QChar(QChar::ParagraphSeparator),
                                                         QChar(u'\n'));
    }
    [[nodiscard]] DocumentView &page(std::size_t who) { return windows[who]->page(); }
    [[nodiscard]] const PageAuthors &authors(std::size_t who)
    {
        return page(who).marks().authors();
    }
    void trigger(std::size_t who, const QString &action)
    {
        for (QAction *each : windows[who]->findChildren<QAction *>())
            if (each->text() == action)
                each->trigger();
    }
    [[nodiscard]] WhoHasPanel &panel(std::size_t who)
    {
        return *windows[who]->findChild<WhoHasPanel *>();
    }
    [[nodiscard]] QString note(std::size_t who) { return windows[who]->statusLine().note(); }
    /// As `nlbd-peer blame` prints it.
    [[nodiscard]] QString blame(std::size_t who, DocIndex doc)
    {
        const QString all = QString::fromStdString(*group.at(who).text(doc));
        QStringList lines;
        for (const engine::Engine::BlameRun &run : group.at(who).blame(doc)) {
            const QString words = all.mid(run.from, run.length).trimmed();
            const QString name = run.quoted.empty() ? QString::number(run.author.value)
                                                    : QStringLiteral("%1 (so says %2)")
                                                          .arg(QString::fromStdString(run.quoted))
                                                          .arg(run.author.value);
            if (!lines.isEmpty() && lines.back().startsWith(name + QStringLiteral(": ")))
                lines.back() += words;
            else if (!words.isEmpty())
                lines.append(name + QStringLiteral(": ") + words);
        }
        return lines.join(QChar(u'|'));
    }
    void shot(std::size_t who, const QString &step)
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (folder.isEmpty())
            return;
        QVERIFY(QDir().mkpath(folder));
        QTest::qWait(60); // lazy layouts settle; no condition depends on it
        const QString name =
            QStringLiteral("%1/j7-%2-%3.png")
                .arg(folder, step,
                     theme().isDark ? QStringLiteral("dark") : QStringLiteral("light"));
        QVERIFY(windows[who]->grab().save(name));
    }

    SmallGroup group;
    DocIndex rules;
    DocIndex minutes;
    std::vector<std::shared_ptr<GroupWorkspace>> doors;
    std::vector<std::unique_ptr<MainWindow>> windows;
};

} // namespace

/// J7 of PRODUCT.md: who wrote what, by four real engines and their windows.
class AuthorsJourneyTest : public QObject {
    Q_OBJECT

private:
    static void copyAndPaste(Room &room)
    {
        const auto copy = [&](const QString &words) {
            room.open(0, room.rules);
            room.caretAt(0, words, words.size());
            room.page(0).copy();
            QVERIFY(room.isReached([] {
                const QMimeData *mime = QGuiApplication::clipboard()->mimeData();
                return !mime->data(QString::fromLatin1(kAuthorsMime)).isEmpty();
            }));
        };
        const auto paste = [&](const QString &words) {
            room.open(0, room.minutes);
            QTextCursor cursor = room.page(0).textCursor();
            cursor.movePosition(QTextCursor::End);
            room.page(0).setTextCursor(cursor);
            room.page(0).paste();
            QVERIFY(room.isReached([&] { return room.page(0).pending().isEmpty(); }));
            QVERIFY(room.text(0).endsWith(words));
        };
        copy(QStringLiteral("gladly lights the lamps."));
        paste(QStringLiteral("gladly lights the lamps."));
        QCOMPARE(room.blame(0, room.minutes),
                 QStringLiteral("0: Minutes of the meeting|Person 3 (so says 0): gladly|"
                                "0: lights the lamps."));
        room.caretAt(0, QStringLiteral("gladly"));
        room.trigger(0, QStringLiteral("Who wrote this word?"));
        QVERIFY(room.isReached([&] { return !room.note(0).isEmpty(); }));
        QVERIFY2(room.note(0).startsWith(QStringLiteral("Person 3 (quoted by Person 0), ")),
                 qPrintable(room.note(0)));
        room.shot(0, QStringLiteral("4-quoted"));
        QGuiApplication::clipboard()->setText(QStringLiteral(" From elsewhere."));
        paste(QStringLiteral(" From elsewhere."));
        QVERIFY(room.blame(0, room.minutes)
                    .endsWith(QStringLiteral("0: lights the lamps.From elsewhere.")));
        QVERIFY(room.isReached(
            [&] { return room.blame(2, room.minutes) == room.blame(0, room.minutes); }));
        room.open(0, room.rules);
    }

private Q_SLOTS:
    void cleanup()
    {
        settings::keep(QStringLiteral("authors"), false);
        applyTheme(Appearance::Light);
    }

    void whoWroteWhat_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void whoWroteWhat()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
        Room room;
        for (std::size_t who = 1; who < 4; ++who) {
            QTextCursor cursor = room.page(who).textCursor();
            cursor.movePosition(QTextCursor::End);
            room.page(who).setTextCursor(cursor);
            QTest::keyClick(&room.page(who), Qt::Key_Return);
            room.type(who,
                      QStringLiteral("Whoever leaves last, person %1, writes the day into the "
                                     "book.")
                          .arg(who));
            QVERIFY(room.isReached([&] { return room.text(3) == room.text(who); }));
        }
        room.caretAt(3, QStringLiteral("lights the lamps"));
        room.type(3, QStringLiteral("gladly "));

        // 1 Bars in the margin.
        room.trigger(0, QStringLiteral("Authors"));
        QVERIFY(room.isReached([&] {
            std::set<std::uint16_t> writers;
            for (const PageAuthors::Span &span : room.authors(0).spans())
                if (span.state == api::Agreement::Agreed && span.signedBy == 4)
                    writers.insert(span.member.value);
            return writers.size() == 4;
        }));
        room.shot(0, QStringLiteral("1-authors"));

        // 2 Who wrote this word.
        room.caretAt(0, QStringLiteral("gladly"));
        QVERIFY(room.isReached([&] { // asked anew until all have signed for it
            const bool isSo = room.note(0).endsWith(QStringLiteral(", agreed by 4 of 4"));
            if (!isSo)
                room.trigger(0, QStringLiteral("Who wrote this word?"));
            return isSo;
        }));
        QVERIFY2(room.note(0).startsWith(QStringLiteral("Person 3, ")), qPrintable(room.note(0)));
        room.shot(0, QStringLiteral("2-word"));

        // Who has this, while one is away.
        for (std::size_t other = 0; other < 3; ++other)
            room.group.cut(other, 3);
        room.caretAt(0, QStringLiteral("arrives"));
        room.type(0, QStringLiteral("who "));
        room.caretAt(0, QStringLiteral("who arrives first"), 17);
        room.trigger(0, QStringLiteral("Who has this?"));
        QVERIFY(room.isReached([&] {
            return room.panel(0).text().endsWith(
                QStringLiteral("Person 0, Person 1 and Person 2 have these 3 words. "
                               "Person 3 does not have them yet"));
        }));
        room.shot(0, QStringLiteral("3-who-has"));
        for (std::size_t other = 0; other < 3; ++other)
            room.group.join(other, 3);
        QVERIFY(room.isReached([&] {
            return room.panel(0).text().contains(QStringLiteral("Everyone has these 3 words"));
        }));

        // 3 Copied to another document, words keep their first author.
        copyAndPaste(room);

        // 5 Hidden, and still known.
        room.trigger(0, QStringLiteral("Authors"));
        QVERIFY(room.authors(0).spans().empty());
        QVERIFY(room.blame(0, room.rules).contains(QStringLiteral("3: gladly")));
    }
};

QTEST_MAIN(AuthorsJourneyTest)
#include "authors_journey_test.moc"
