#include "core/engine/comment_record.h"
#include "tests/support/talking_table.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::StyledView;
using nlbd::testing::told;
using Table = nlbd::testing::TalkingTable;
using Result = api::CommentWritten::Result;

/// Threads beside a text: anchored, answered, edited by their owners alone, the same everywhere.
class CommentsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aThreadHangsAtItsWords();
    void whoAnswersWithoutHavingMetIsHeard();
    void onlyOwnMessagesChange();
    void resolvingIsLastWriter();
    void wordsThatGoLeaveTheThread();
    void wordsThatComeBackTakeItUp();
    void wordsWithOthersLettersTakeItUp();
    void anUndoTakesAThreadBack();
    void whatIsTypedKnowsNothingOfIt();
    void mentionsReachWhoIsMeant();
    void whatIsAgreedIsTold();
    void limitsHaveAnAnswer();
    void aRestartKeepsAll();
    void draftsStandBetween();
};

void CommentsTest::aThreadHangsAtItsWords()
{
    Table table(3, "one two three");
    QVERIFY(table.start(0, 4, 7, "Why two?") == Result::Done);
    QCOMPARE(table.written.request, table.requests);
    QCOMPARE(table.written.thread.member, MemberIndex(0));
    table.settle();
    for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(table.comments.at(i).threads.size(), 1U);
        QCOMPARE(table.placed(i), QStringLiteral("two"));
        QCOMPARE(table.spoken(i), QStringLiteral("0:Why two?"));
        QCOMPARE(table.thread(i).quote, "two");
        QVERIFY(!table.thread(i).isResolved && !table.thread(i).resolvedBy);
        QVERIFY(table.thread(i).messages[0].when <= table.group.now().wall);
        QVERIFY(!table.thread(i).messages[0].edited);
    }
    // It does not grow at its ends, and what comes in between is in it.
    table.type(1, 4, "<");
    table.type(1, 8, ">");
    table.type(2, 5, "-");
    table.settle();
    QCOMPARE(*table.group.at(0).text(table.doc), "one <t-wo> three");
    for (std::size_t i = 0; i < 3; ++i) {
        static_cast<void>(table.anew(i));
        QCOMPARE(table.placed(i), QStringLiteral("t-wo"));
        QCOMPARE(table.thread(i).quote, "two");
    }
    QVERIFY(table.start(1, 0, 3, "first") == Result::Done);
    table.settle();
    QCOMPARE(table.spoken(2, 0), QStringLiteral("1:first")); // as the page has them
    QCOMPARE(table.spoken(2, 1), QStringLiteral("0:Why two?"));
}

void CommentsTest::whoAnswersWithoutHavingMetIsHeard()
{
    Table table(3, "one two three");
    table.start(0, 4, 7, "a");
    const api::CommentId thread = table.written.thread;
    table.settle();
    table.isolate(1);
    table.isolate(2);
    QVERIFY(table.answer(1, thread, "b") == Result::Done);
    QVERIFY(table.answer(1, thread, "c") == Result::Done);
    QVERIFY(table.answer(2, thread, "d") == Result::Done);
    table.settle();
    QCOMPARE(table.spoken(1), QStringLiteral("0:a 1:b 1:c"));
    QCOMPARE(table.spoken(2), QStringLiteral("0:a 2:d"));
    table.isolate(1, false);
    table.isolate(2, false);
    table.group.run(10s);
    table.settle();
    const QString all = table.spoken(0);
    QVERIFY2(all == QStringLiteral("0:a 1:b 1:c 2:d") || all == QStringLiteral("0:a 1:b 2:d 1:c")
                 || all == QStringLiteral("0:a 2:d 1:b 1:c"),
             qPrintable(all));
    QVERIFY(table.answer(0, thread, "e") == Result::Done); // knows of all of them
    table.settle();
    for (std::size_t i = 0; i < 3; ++i)
        QCOMPARE(table.spoken(i), all + QStringLiteral(" 0:e"));
}

void CommentsTest::onlyOwnMessagesChange()
{
    Table table(2, "one two");
    table.start(0, 0, 3, "mine");
    const api::CommentId thread = table.written.thread;
    const api::CommentId first = table.written.message;
    table.settle();
    QVERIFY(table.answer(1, thread, "yours") == Result::Done);
    const api::CommentId second = table.written.message;
    table.settle();
    table.group.run(1min);
    QVERIFY(table.edit(1, thread, first, "stolen") == Result::NotMine);
    QVERIFY(table.remove(1, thread, first) == Result::NotMine);
    QVERIFY(table.edit(0, thread, first, "mine, better") == Result::Done);
    table.settle();
    QCOMPARE(table.spoken(1), QStringLiteral("0:mine, better 1:yours")); // where it was
    QVERIFY(table.thread(1).messages[0].edited > table.thread(1).messages[1].when);
    QVERIFY(table.remove(1, thread, second) == Result::Done);
    table.settle();
    QCOMPARE(table.spoken(0), QStringLiteral("0:mine, better"));
    QVERIFY(table.edit(1, thread, second, "again") == Result::Unknown);
    QVERIFY(table.answer(1, {MemberIndex(0), 5}, "where?") == Result::Unknown);
    QVERIFY(table.remove(0, thread, first) == Result::Done); // nobody says anything any more
    table.settle();
    for (std::size_t i = 0; i < 2; ++i)
        QVERIFY(table.comments.at(i).threads.empty());
    QVERIFY(table.resolve(1, thread) == Result::Unknown);
}

void CommentsTest::resolvingIsLastWriter()
{
    Table table(3, "one two");
    table.start(0, 0, 3, "a");
    const api::CommentId thread = table.written.thread;
    table.settle();
    QVERIFY(table.resolve(1, thread) == Result::Done);
    table.settle();
    for (std::size_t i = 0; i < 3; ++i) {
        QVERIFY(table.thread(i).isResolved);
        QVERIFY(table.thread(i).resolvedBy == MemberIndex(1));
        QVERIFY(table.thread(i).resolvedAt <= table.group.now().wall);
    }
    table.isolate(2);
    QVERIFY(table.resolve(2, thread, false) == Result::Done); // knows of what 1 did
    table.group.run(1s);
    table.isolate(2, false);
    table.group.run(10s);
    table.settle();
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY(!table.thread(i).isResolved);
    table.isolate(1);
    table.resolve(1, thread);
    table.resolve(2, thread);
    table.resolve(2, thread, false);
    table.isolate(1, false);
    table.group.run(10s);
    table.settle();
    for (std::size_t i = 1; i < 3; ++i)
        QCOMPARE(table.thread(i).isResolved, table.thread(0).isResolved);
}

void CommentsTest::wordsThatGoLeaveTheThread()
{
    Table table(2, "one two three");
    table.start(0, 4, 7, "a");
    const api::CommentId thread = table.written.thread;
    table.settle();
    table.type(1, 3, {}, 6);
    table.settle();
    QCOMPARE(*table.group.at(0).text(table.doc), "onehree");
    for (std::size_t i = 0; i < 2; ++i) {
        static_cast<void>(table.anew(i));
        QCOMPARE(table.comments.at(i).threads.at(0).from, TextOffset(3));
        QCOMPARE(table.comments.at(i).threads.at(0).to, TextOffset(3));
        QCOMPARE(table.thread(i).quote, "two");
    }
    QVERIFY(table.answer(1, thread, "b") == Result::Done);
    table.settle();
    QCOMPARE(table.spoken(0), QStringLiteral("0:a 1:b"));
}

void CommentsTest::wordsThatComeBackTakeItUp()
{
    for (const std::size_t who : {0U, 1U}) {
        Table table(2, "one two three");
        table.start(0, 4, 7, "a");
        table.settle();
        table.group.run(2s);
        table.type(who, 4, {}, 3);
        table.settle();
        QCOMPARE(table.anew(1).threads.at(0).to, TextOffset(4));
        table.views[who].outbox.emplace_back(api::Undo{table.doc});
        table.settle();
        QCOMPARE(*table.group.at(0).text(table.doc), "one two three");
        for (std::size_t i = 0; i < 2; ++i) {
            QCOMPARE(table.placed(i), QStringLiteral("two")); // told without being asked
            static_cast<void>(table.anew(i));
            QCOMPARE(table.placed(i), QStringLiteral("two"));
        }
    }
}

/// Whose letters they are does not matter, nor whether the thread was known where they were typed.
void CommentsTest::wordsWithOthersLettersTakeItUp()
{
    for (const bool isApart : {false, true}) {
        Table table(2, "one two three");
        if (isApart)
            table.isolate(1);
        table.start(0, 4, 7, "a");
        if (!isApart)
            table.settle();
        table.type(1, 5, "XY");
        if (isApart) {
            table.group.run(2s);
            table.isolate(1, false);
            table.group.run(10s);
        }
        table.settle();
        QCOMPARE(*table.group.at(0).text(table.doc), "one tXYwo three");
        static_cast<void>(table.anew(0));
        QCOMPARE(table.placed(0), QStringLiteral("tXYwo"));
        table.group.run(2s);
        table.type(0, 4, {}, 5);
        table.settle();
        table.views[0].outbox.emplace_back(api::Undo{table.doc});
        table.settle();
        QCOMPARE(*table.group.at(1).text(table.doc), "one tXYwo three");
        for (std::size_t i = 0; i < 2; ++i) {
            static_cast<void>(table.anew(i));
            QCOMPARE(table.placed(i), QStringLiteral("tXYwo"));
        }
    }
}

void CommentsTest::anUndoTakesAThreadBack()
{
    Table table(2, "one two three");
    table.type(0, 0, "x");
    table.settle();
    api::UndoChanged name;
    table.heard = [&name](std::size_t i, const api::Event &event) {
        if (const auto *it = std::get_if<api::UndoChanged>(&event); it && i == 0)
            name = *it;
    };
    table.start(0, 5, 8, "a");
    table.settle();
    QCOMPARE(table.comments.at(1).threads.size(), 1U);
    QVERIFY(name.canUndo && name.undoes == api::UndoChanged::What::Commenting);
    table.views[0].outbox.emplace_back(api::Undo{table.doc});
    table.settle();
    QVERIFY(table.comments.at(1).threads.empty());
    QCOMPARE(*table.group.at(1).text(table.doc), "xone two three");
    QVERIFY(name.undoes == api::UndoChanged::What::Typing);
    QVERIFY(name.canRedo && name.redoes == api::UndoChanged::What::Commenting);
    table.views[0].outbox.emplace_back(api::Redo{table.doc});
    table.settle();
    QCOMPARE(table.spoken(1), QStringLiteral("0:a"));
    QCOMPARE(table.placed(1), QStringLiteral("two"));
    // An answer is deleted, not undone.
    table.answer(0, table.thread(0).id, "b");
    table.views[0].outbox.emplace_back(api::Undo{table.doc});
    table.settle();
    QCOMPARE(table.spoken(1), QStringLiteral("0:b"));
}

/// Comments are no look: nobody's page is told that letters with one are not plain.
void CommentsTest::whatIsTypedKnowsNothingOfIt()
{
    Table table(2, "one two three");
    table.start(0, 4, 7, "a");
    table.settle();
    table.type(0, 5, "x");
    table.type(1, 6, "y");
    table.settle();
    for (std::size_t i = 0; i < 2; ++i) {
        static_cast<void>(table.anew(i));
        for (const StyledView::Letter &letter : table.views[i].letters())
            QVERIFY(letter.attributes.empty());
    }
    // Nor is a thread begun or ended by formatting.
    const std::string key = engine::encodeKey({table.thread(0).id, std::nullopt});
    table.views[1].edit({}, {{0, 13, {{key, std::nullopt}}}}, api::EditText::Cause::Format);
    table.settle();
    static_cast<void>(table.anew(0));
    QCOMPARE(table.comments.at(0).threads.size(), 1U);
    QCOMPARE(table.placed(0).size(), 5);
}

void CommentsTest::mentionsReachWhoIsMeant()
{
    Table table(3, "one two three");
    table.start(0, 0, 3, "Ben and Clea, look", {{0, 3, MemberIndex(1)}, {8, 4, MemberIndex(2)}});
    const api::CommentId thread = table.written.thread;
    table.settle();
    QVERIFY(table.mentions[0].empty());
    for (std::size_t i = 1; i < 3; ++i) {
        QCOMPARE(table.mentions[i].size(), 1U);
        QVERIFY(table.mentions[i][0].thread == thread && table.mentions[i][0].doc == table.doc);
        QCOMPARE(table.thread(i).messages[0].words.mentions.size(), 2U);
    }
    table.mentions.clear();
    table.group.restart(1); // and it is told again to who begins anew, without any view
    table.group.subscribe(1);
    table.group.run(1s);
    table.take(1);
    QCOMPARE(table.mentions[1].size(), 1U);
    table.resolve(2, thread);
    table.settle();
    for (std::size_t i = 1; i < 3; ++i)
        QVERIFY(table.mentions[i].empty());
}

void CommentsTest::whatIsAgreedIsTold()
{
    Table table(4, "one two three");
    table.isolate(2);
    table.isolate(3);
    table.start(0, 0, 3, "a");
    table.settle();
    QVERIFY(table.thread(1).messages[0].state == api::Agreement::Pencil);
    table.isolate(2, false);
    table.group.run(20s);
    table.settle();
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY(table.thread(i).messages[0].state == api::Agreement::Agreed);
    QCOMPARE(table.comments.at(1).seats, 4);
}

void CommentsTest::limitsHaveAnAnswer()
{
    Table table(2, "one two three");
    QVERIFY(table.start(0, 3, 3, "a") == Result::NoWords);
    QVERIFY(table.start(0, 50, 90, "a") == Result::NoWords);
    QVERIFY(table.start(0, 0, 3, {}) == Result::NotValid);
    QVERIFY(table.start(0, 0, 3, "\xFF") == Result::NotValid);
    QVERIFY(table.start(0, 0, 3, "ab", {{1, 2, MemberIndex(0)}}) == Result::NotValid);
    QVERIFY(table.start(0, 0, 3, std::string(api::CommentWords::kTextBytesMax + 1, 'x'))
            == Result::NotValid);
    api::Passage passage = table.views[0].passage(0, 3);
    passage.serial = 9;
    QVERIFY(table.say(0, api::StartThread{1, passage, {"a", {}}}) == Result::Lost);
    passage.doc = DocIndex(77);
    QVERIFY(table.say(0, api::StartThread{1, passage, {"a", {}}}) == Result::Lost);
    QVERIFY(table.start(0, 0, 3, "a") == Result::Done);
    const api::CommentId thread = table.written.thread;
    for (std::size_t i = 1; i < api::CommentThread::kMessagesMax; ++i)
        QVERIFY(table.answer(0, thread, "b") == Result::Done);
    QVERIFY(table.answer(0, thread, "c") == Result::TooMany);
    QVERIFY(table.answer(1, {MemberIndex(1), 1}, "c") == Result::Unknown);
    table.settle();
    QCOMPARE(table.thread(1).messages.size(), api::CommentThread::kMessagesMax);
    QVERIFY(!table.comments.at(1).isCut);
    Table longer(2, std::string(500, 'x'));
    longer.start(0, 0, 500, "all");
    longer.settle();
    QCOMPARE(longer.thread(1).quote, std::string(api::CommentThread::kQuoteScalarsMax, 'x'));
}

void CommentsTest::aRestartKeepsAll()
{
    Table table(3, "one two three");
    table.start(0, 4, 7, "a");
    const api::CommentId thread = table.written.thread;
    table.settle();
    table.answer(1, thread, "b");
    table.edit(1, thread, table.written.message, "b2");
    table.resolve(1, thread);
    table.settle();
    const QString before = told(table.anew(1));
    table.group.restart(1);
    QCOMPARE(told(table.anew(1)), before);
    QCOMPARE(table.spoken(1), QStringLiteral("0:a 1:b2"));
    // What comes after it is read with what was there.
    table.answer(0, thread, "c");
    table.settle();
    QCOMPARE(table.spoken(1), QStringLiteral("0:a 1:b2 0:c"));
}

/// What is typed while nothing may be signed moves threads on the page, and is none of the text.
void CommentsTest::draftsStandBetween()
{
    Table table(2, "one two three");
    table.start(0, 4, 7, "a");
    table.settle();
    table.group.guardStarts();
    table.group.restart(0);
    table.open(0);
    table.send(0);
    table.take(0);
    QVERIFY(table.group.at(0).standing() == engine::Engine::Standing::Starting);
    table.type(0, 0, "new ");
    table.send(0);
    QVERIFY(table.start(0, 0, 3, "b") == Result::MayNotWrite);
    QVERIFY(table.answer(0, table.thread(1).id, "b") == Result::MayNotWrite);
    table.open(0);
    table.send(0);
    table.take(0);
    QCOMPARE(table.comments.at(0).threads.at(0).from, TextOffset(8));
    QCOMPARE(table.comments.at(0).threads.at(0).to, TextOffset(11));
}

QTEST_GUILESS_MAIN(CommentsTest)
#include "comments_test.moc"
