#include "tests/ui/room.h"
#include "ui/editor/authors_clip.h"
#include "ui/editor/authorship.h"
#include "ui/people/who_has_panel.h"
#include "ui/settings.h"
#include "ui/theme.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QMimeData>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;
using namespace std::chrono_literals;

namespace {

/// Four people with their windows, before engines that speak to each other.
struct Room : SharedRoom {
    Room()
        : SharedRoom(4,
                     {{"Rules", "Whoever arrives first lights the lamps."},
                      {"Minutes", "Minutes of the meeting\n"}})
    {
    }

    [[nodiscard]] const PageAuthors &authors(std::size_t who)
    {
        return page(who).marks().authors();
    }
    [[nodiscard]] WhoHasPanel &panel(std::size_t who)
    {
        return *windows[who]->findChild<WhoHasPanel *>();
    }
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

    const DocIndex rules = docs[0];
    const DocIndex minutes = docs[1];
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
        room.shot(0, QStringLiteral("j7-4-quoted"));
        QGuiApplication::clipboard()->setText(QStringLiteral(" From elsewhere."));
        paste(QStringLiteral(" From elsewhere."));
        QVERIFY(room.blame(0, room.minutes)
                    .endsWith(QStringLiteral("0: lights the lamps.From elsewhere.")));
        QVERIFY(room.isReached(
            [&] { return room.blame(2, room.minutes) == room.blame(0, room.minutes); }));
        room.open(0, room.rules);
    }

    /// 5 Hidden, and still known; not cleared by cutting or deleting either.
    static void hideAndUndo(Room &room)
    {
        room.trigger(0, QStringLiteral("Authors"));
        QVERIFY(room.authors(0).spans().empty());
        QVERIFY(room.blame(0, room.rules).contains(QStringLiteral("3: gladly")));
        room.trigger(0, QStringLiteral("Authors"));
        cutAndUndo(room);
        room.trigger(0, QStringLiteral("Authors"));
    }

    /// Words that are cut, or deleted and brought back, remain their writer's.
    static void cutAndUndo(Room &room)
    {
        room.caretAt(0, QStringLiteral("gladly "), 7);
        room.page(0).cut();
        QVERIFY(room.isReached([&] {
            const QMimeData *mime = QGuiApplication::clipboard()->mimeData();
            return !mime->data(QString::fromLatin1(kAuthorsMime)).isEmpty()
                && room.page(0).pending().isEmpty() && !room.text(0).contains(u"gladly");
        }));
        const auto isQuoted = [&] {
            return room.blame(0, room.rules)
                .contains(QStringLiteral("Person 3 (so says 0): gladly"));
        };
        room.page(0).paste();
        QVERIFY(room.isReached(
            [&] { return room.page(0).pending().isEmpty() && room.text(0).contains(u"gladly"); }));
        QVERIFY2(isQuoted(), qPrintable(room.blame(0, room.rules)));
        room.page(0).takeBack(); // what was pasted goes
        QVERIFY(room.isReached([&] { return !room.text(0).contains(u"gladly"); }));
        room.page(0).takeBack(); // and what was cut comes
        QVERIFY(room.isReached([&] { return room.text(0).contains(u"gladly"); }));
        QVERIFY2(isQuoted(), qPrintable(room.blame(0, room.rules)));
        // All of it.
        room.page(0).selectAll();
        QTest::keyClick(&room.page(0), Qt::Key_Delete);
        QVERIFY(room.isReached([&] { return room.text(0).isEmpty(); }));
        room.page(0).takeBack();
        QVERIFY(room.isReached([&] { return room.text(0).contains(u"gladly"); }));
        for (int who = 1; who < 4; ++who) {
            const QString said = QStringLiteral("Person %1 (so says 0): ").arg(who);
            QVERIFY2(room.blame(0, room.rules).contains(said),
                     qPrintable(room.blame(0, room.rules)));
        }
        room.shot(0, QStringLiteral("j7-5-came-back"));
        QVERIFY(
            room.isReached([&] { return room.blame(2, room.rules) == room.blame(0, room.rules); }));
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
        room.shot(0, QStringLiteral("j7-1-authors"));

        // 2 Who wrote this word.
        room.caretAt(0, QStringLiteral("gladly"));
        QVERIFY(room.isReached([&] { // asked anew until all have signed for it
            const bool isSo = room.note(0).endsWith(QStringLiteral(", agreed by 4 of 4"));
            if (!isSo)
                room.trigger(0, QStringLiteral("Who wrote this word?"));
            return isSo;
        }));
        QVERIFY2(room.note(0).startsWith(QStringLiteral("Person 3, ")), qPrintable(room.note(0)));
        room.shot(0, QStringLiteral("j7-2-word"));

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
        room.shot(0, QStringLiteral("j7-3-who-has"));
        for (std::size_t other = 0; other < 3; ++other)
            room.group.join(other, 3);
        QVERIFY(room.isReached([&] {
            return room.panel(0).text().contains(QStringLiteral("Everyone has these 3 words"));
        }));

        // 3 Copied to another document, words keep their first author.
        copyAndPaste(room);

        hideAndUndo(room);
    }
};

QTEST_MAIN(AuthorsJourneyTest)
#include "authors_journey_test.moc"
