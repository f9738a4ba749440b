#include "ui/words.h"

#include "tests/ui/scene.h"
#include "ui/documents/text_file.h"
#include "ui/evidence/hex_dump.h"
#include "ui/people/avatar.h"
#include "ui/words_suggestions.h"

#include <QDateTime>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace nlbd;
using namespace nlbd::ui;
using nlbd::testing::Scene;

class SentencesTest : public QObject {
    Q_OBJECT

private:
    static QString statusText(const api::StatusChanged &status, std::size_t people = 4)
    {
        words::People all = Scene().workspace->people.people;
        all.resize(people);
        QStringList texts;
        for (const auto &part : words::status(status, all, QDateTime::currentDateTime()))
            texts.append(part.text);
        return texts.join(QStringLiteral(" | "));
    }

private Q_SLOTS:
    void statusLine()
    {
        api::StatusChanged status;
        QCOMPARE(statusText(status, 1), QStringLiteral("Only you have this"));
        QCOMPARE(statusText(status), QStringLiteral("You are on your own. 0 changes waiting."));
        status.myChangesInPencil = status.changesInPencil = 12;
        QCOMPARE(statusText(status),
                 QStringLiteral("You are on your own. 12 changes will be shared when "
                                "someone is near."));
        status.othersOnline = 2;
        status.changesInPencil = 6;
        status.missing = {MemberIndex(2), MemberIndex(3)};
        status.agreedUpTo =
            WallTime(Millis(QDateTime(QDate::currentDate(), QTime(14, 2)).toMSecsSinceEpoch()));
        QCOMPARE(statusText(status),
                 QStringLiteral("Agreed up to 14:02 | 6 changes in pencil: Sofia and "
                                "Nikos do not have them yet"));
        status.changesInPencil = 1;
        status.missing = {MemberIndex(1)};
        QVERIFY(statusText(status).endsWith(
            QStringLiteral("1 change in pencil: Thea does not have it yet")));
        status.isEverythingStored = false;
        QVERIFY(statusText(status).startsWith(QStringLiteral("Not everything is on the disk yet")));
    }

    void refusedBanner()
    {
        const words::People people = Scene().workspace->people.people;
        api::Refusal refusal;
        refusal.claimed = DeviceIndex(1);
        refusal.from = DeviceIndex(3);
        QCOMPARE(words::refused(refusal, 1, people),
                 QStringLiteral(
                     "<b>A change was refused.</b> It claimed to be written by Thea Kallas, but "
                     "was not signed with their key. It came from Nikos Petrou&#39;s computer. "
                     "Nothing in your documents changed.")
                     .replace(QStringLiteral("&#39;"), QStringLiteral("'")));
        QVERIFY(words::refused(refusal, 100, people)
                    .contains(QStringLiteral("100 changes were refused.")));
        refusal.claimed.reset();
        QVERIFY(words::refused(refusal, 1, people)
                    .contains(QStringLiteral("did not say who wrote it")));
        words::People hostile = people;
        hostile[1].name = "<img src=x>";
        refusal.claimed = DeviceIndex(1);
        QVERIFY(!words::refused(refusal, 1, hostile).contains(QStringLiteral("<img")));
    }

    /// A damaged disk looks like a lie: nobody is said to have claimed or forged anything.
    void refusedPieceOfAFile()
    {
        const words::People people = Scene().workspace->people.people;
        api::Refusal refusal;
        refusal.code = Code::E_BLOB_PIECE;
        refusal.from = DeviceIndex(3);
        QCOMPARE(
            words::refused(refusal, 1, people),
            QStringLiteral(
                "<b>A piece of a file was refused.</b> It was not a piece of the file that was "
                "attached. It came from Nikos Petrou's computer: a damaged disk looks like "
                "that as well. Nothing of it was kept. The piece is fetched from others."));
        QVERIFY(words::refused(refusal, 3, people)
                    .contains(QStringLiteral("3 changes and pieces of files were refused.")));
        QVERIFY(!words::refusedBody(refusal, people).contains(QStringLiteral("claimed")));
    }

    void backupThatLacksFiles()
    {
        api::BackedUp event{"/tmp/all.nlbd-backup", 4096, 1};
        QVERIFY(!words::backedUp(event).contains(QStringLiteral("Not in it")));
        event.missing = {"film.webm", "<b>.zip"};
        event.missingCount = 3;
        QVERIFY(words::backedUp(event).contains(
            QStringLiteral("Not in it, because not on this computer: film.webm, &lt;b&gt;.zip, and "
                           "others.")));
    }

    void howManyAgreementNeeds()
    {
        QVERIFY(words::agreementNeeds(1).isEmpty());
        QVERIFY(words::agreementNeeds(3).contains(QStringLiteral("agreement needs everyone")));
        QVERIFY(words::agreementNeeds(3).contains(QStringLiteral("From 4 on")));
        QCOMPARE(
            words::agreementNeeds(4),
            QStringLiteral("Agreement needs 3 of 4: it holds even if 1 of you is away or cheats."));
        QCOMPARE(
            words::agreementNeeds(7),
            QStringLiteral("Agreement needs 5 of 7: it holds even if 2 of you are away or cheat."));
    }

    void undoIsCalledWhatItTakesBack()
    {
        using What = api::UndoChanged::What;
        api::UndoChanged event;
        QCOMPARE(words::undo(event), QStringLiteral("Undo"));
        event = {DocIndex(0), true, true, "lamps\n& oil", "the day", What::Typing, What::Deleting};
        QCOMPARE(words::undo(event), QStringLiteral("Undo typing \u201clamps && oil\u201d"));
        QCOMPARE(words::redo(event), QStringLiteral("Redo deleting \u201cthe day\u201d"));
        event.undoes = What::Deleting;
        event.undoText = " ";
        QCOMPARE(words::undo(event), QStringLiteral("Undo deleting"));
        event.undoes = event.redoes = What::Formatting;
        QCOMPARE(words::undo(event), QStringLiteral("Undo formatting"));
        QCOMPARE(words::redo(event), QStringLiteral("Redo formatting"));
        event.undoes = event.redoes = What::Commenting;
        QCOMPARE(words::undo(event), QStringLiteral("Undo comment"));
        QCOMPARE(words::redo(event), QStringLiteral("Redo comment"));
        event.undoes = event.redoes = What::Suggesting;
        QCOMPARE(words::undo(event), QStringLiteral("Undo suggestion"));
        QCOMPARE(words::redo(event), QStringLiteral("Redo suggestion"));
    }

    void suggestedFormats_data()
    {
        QTest::addColumn<std::vector<api::Suggestion::Format>>("formats");
        QTest::addColumn<QString>("words");
        using Formats = std::vector<api::Suggestion::Format>;
        QTest::newRow("none") << Formats{} << QString();
        QTest::newRow("letters") << Formats{{"bold", "1"}, {"italic", std::nullopt}}
                                 << QStringLiteral("bold, not italic");
        QTest::newRow("links") << Formats{{"link", "https://a.b"}, {"link", std::nullopt}}
                               << QStringLiteral("a link to https://a.b, no link");
        QTest::newRow("a heading") << Formats{{"block", "h2"}, {"indent", std::nullopt}}
                                   << QStringLiteral("Heading level 2");
        QTest::newRow("no heading")
            << Formats{{"block", std::nullopt}} << QStringLiteral("Paragraph");
        QTest::newRow("an item") << Formats{{"block", "bullet"}, {"indent", "2"}}
                                 << QStringLiteral("List item, level 3");
        QTest::newRow("two kinds") << Formats{{"block", "h1"}, {"block", "quote"}}
                                   << QStringLiteral("Heading level 1, Quote");
        QTest::newRow("moved") << Formats{{"indent", "2"}} << QStringLiteral("level 3");
        QTest::newRow("done") << Formats{{"done", "1"}} << QStringLiteral("done");
        QTest::newRow("what no page writes")
            << Formats{{"block", "?"}, {"indent", "-7"}} << QStringLiteral("Paragraph");
    }
    void suggestedFormats()
    {
        QFETCH(std::vector<api::Suggestion::Format>, formats);
        QFETCH(QString, words);
        api::Suggestion suggestion;
        suggestion.formats = formats;
        suggestion.styled = "two\nlines";
        QCOMPARE(words::suggestedFormats(suggestion), words);
        const QString sentence = words::suggestionSentence(suggestion, {});
        QCOMPARE(sentence.contains(QStringLiteral("Format \u201ctwo\u21b5lines\u201d: ") + words),
                 !words.isEmpty());
    }

    void suggestedOfSeveralBlocks()
    {
        using What = api::Suggestion::Part::What;
        api::Suggestion suggestion;
        suggestion.formats = {{"block", "h1"}, {"done", "1"}};
        suggestion.parts = {{What::Styled, 0, 4, 0}, {What::Styled, 4, 9, 1}};
        QCOMPARE(words::suggestedFormats(suggestion), QStringLiteral("Heading level 1, done"));
        suggestion.formats = {{"block", "task"}, {"done", "1"}};
        suggestion.parts = {{What::Styled, 0, 4, 0}, {What::Styled, 0, 4, 1}};
        QCOMPARE(words::suggestedFormats(suggestion), QStringLiteral("Task, done"));
    }

    void namesOfPeople()
    {
        QCOMPARE(words::names({QStringLiteral("A")}), QStringLiteral("A"));
        QCOMPARE(words::names({QStringLiteral("A"), QStringLiteral("B"), QStringLiteral("C")}),
                 QStringLiteral("A, B and C"));
        QCOMPARE(words::names({QStringLiteral("A"), QStringLiteral("B"), QStringLiteral("C"),
                               QStringLiteral("D")}),
                 QStringLiteral("A, B and 2 others"));
        QCOMPARE(initialsOf(QStringLiteral("Thea van Kallas")), QStringLiteral("TK"));
        QCOMPARE(initialsOf(QString()), QStringLiteral("?"));
    }

    void titles()
    {
        QCOMPARE(words::title({}), QStringLiteral("Untitled"));
        QCOMPARE(words::titleFrom(QStringLiteral("## No  Leader ")), QStringLiteral("No Leader"));
        QCOMPARE(words::titleFrom(QString(100, QChar(u'x'))).size(), 64);
        const QString emoji = QStringLiteral("x") + QStringLiteral("\U0001F30D").repeated(60);
        QVERIFY(words::titleFrom(emoji).isValidUtf16());
    }

    void textFiles_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("isText");
        QTest::newRow("plain") << QByteArray("a\nb") << QByteArray("a\nb") << true;
        QTest::newRow("windows") << QByteArray("\xEF\xBB\xBF"
                                               "a\r\nb\rc")
                                 << QByteArray("a\nb\nc") << true;
        QTest::newRow("UTF-16") << QByteArray("\xFF\xFE\x41\x00\xBB\x03", 6)
                                << QByteArray("A\xCE\xBB") << true;
        QTest::newRow("zeros") << QByteArray("a\0b", 3) << QByteArray() << false;
        QTest::newRow("latin 1") << QByteArray("caf\xE9") << QByteArray() << false;
        QTest::newRow("picture") << QByteArray("\x89PNG\r\n\x1A\n") << QByteArray() << false;
        QTest::newRow("empty") << QByteArray() << QByteArray() << true;
    }

    void textFiles()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, text);
        const TextFile file = textFrom(QStringLiteral("/tmp/a note.md"), bytes);
        QTEST(file.sentence.isEmpty(), "isText");
        QCOMPARE(QByteArray::fromStdString(file.text), text);
    }

    void tooLargeOrAbsentFilesAreRefused()
    {
        QTemporaryDir folder;
        const QString large = folder.filePath(QStringLiteral("large.txt"));
        QFile file(large);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(kImportBytesMax + 1, 'x'));
        file.close();
        for (const QString &path :
             {large, folder.path(), folder.filePath(QStringLiteral("none"))}) {
            std::optional<TextFile> answer;
            readTextFile(path, this, [&answer](const TextFile &read) { answer = read; });
            QTRY_VERIFY(answer.has_value());
            QVERIFY(answer->sentence.contains(QStringLiteral("was not imported")));
        }
        std::optional<QString> written;
        writeTextFile(folder.filePath(QStringLiteral("no/such/place.md")), {QStringLiteral("x")},
                      this, [&written](const QString &sentence) { written = sentence; });
        QTRY_VERIFY(written.has_value());
        QVERIFY(written->contains(QStringLiteral("Your text is safe")));
    }

    void wordsAreCountedAcrossPieces()
    {
        std::optional<qint64> words;
        countWords(
            {QStringLiteral("don't sto"), QStringLiteral("p, \u03BB\u03CC\u03B3\u03BF\u03C2!")},
            this, [&words](const TextSize &size) { words = size.words; });
        QTRY_VERIFY(words.has_value());
        QCOMPARE(*words, 3);
    }

    void bytesAreShown()
    {
        const Bytes bytes{std::byte{0x41}, std::byte{0x00}, std::byte{0xFF}};
        const QString dump = hexDump(bytes);
        QVERIFY(dump.startsWith(QStringLiteral("000000  41 00 ff ")));
        QVERIFY(dump.endsWith(QStringLiteral("A\u00B7\u00B7")));
        QVERIFY(hexDump({}).isEmpty());
        const QString cut = hexDump(Bytes(kDumpBytesMax + 5));
        QVERIFY(cut.endsWith(QStringLiteral("\u2026 and 5 bytes more")));
        QCOMPARE(cut.count(QChar(u'\n')), qsizetype(kDumpBytesMax / 16));
    }
};

QTEST_MAIN(SentencesTest)
#include "sentences_test.moc"
