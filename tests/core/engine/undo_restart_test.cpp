#include "core/base/random.h"
#include "core/base/utf8.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

/// What the menu says.
struct Menu {
    bool canUndo = false;
    bool canRedo = false;
    std::string undoText;
    std::string redoText;
    api::UndoChanged::What undoes = api::UndoChanged::What::Typing;
    friend bool operator==(const Menu &, const Menu &) = default;
};

/// One or two people at a document, each edit through a view of its own, so that nothing of a view
/// has to be carried over a restart.
class Desk {
public:
    explicit Desk(std::size_t people)
        : m_group(people)
    {
        m_group.subscribe(0);
        m_group.submit(0, api::CreateDocument{1, "t", "one two three"});
        m_doc = m_group.at(0).snapshot().documents.front().doc;
        pause();
        for (std::size_t i = 1; i < people; ++i)
            m_group.subscribe(i);
    }

    void pause() { m_group.run(2s); }
    void wait() { m_group.run(300ms); }
    void restart(std::size_t who)
    {
        m_group.restart(who);
        pause();
        m_group.subscribe(who);
    }

    void edit(std::size_t who, TextPatch patch,
              api::EditText::Cause cause = api::EditText::Cause::Typing)
    {
        m_group.submit(who, api::OpenDocument{m_doc, ++m_view});
        m_group.submit(who, api::EditText{m_doc, m_view, 0, 1, {std::move(patch)}, cause});
        m_group.submit(who, api::CloseDocument{m_doc, m_view});
    }
    void rename(std::size_t who, const std::string &title)
    {
        m_group.submit(who, api::RenameDocument{m_doc, title});
        pause();
    }
    void undo(std::size_t who) { m_group.submit(who, api::Undo{m_doc}); }
    void redo(std::size_t who) { m_group.submit(who, api::Redo{m_doc}); }

    std::string text(std::size_t who) { return m_group.at(who).text(m_doc).value_or(""); }
    Menu menu(std::size_t who)
    {
        m_group.submit(who, api::OpenDocument{m_doc, ++m_view});
        Menu menu;
        for (api::Event &event : m_group.takeEvents(who)) {
            if (const auto *it = std::get_if<api::UndoChanged>(&event))
                menu = {it->canUndo, it->canRedo, it->undoText, it->redoText, it->undoes};
        }
        m_group.submit(who, api::CloseDocument{m_doc, m_view});
        return menu;
    }

private:
    SmallGroup m_group;
    DocIndex m_doc;
    std::uint64_t m_view = 0;
};

const std::string kStart = "one two three";

} // namespace

class UndoRestartTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void groupsComeBackFromTheChain();
    void creationAndNamesAreNotTakenBack();
    void redoIsKnownFromUndo();
    void whatCameBackGoesWithItsWriter();
    void typedAndDeletedInOneGo();
    void typingEndsWhatCouldBeDoneAgain();
    void pasteIsAGroupOfItsOwn();
    void othersInsideStay();
    void whatOthersDeletedStaysAway();
    void longTextInSeveralChanges();
    void restartsChangeNothing();
};

void UndoRestartTest::groupsComeBackFromTheChain()
{
    Desk desk(1);
    desk.edit(0, {4, 0, "lamps "});
    desk.pause();
    desk.edit(0, {0, 4, ""});
    desk.wait();
    desk.edit(0, {0, 0, "X"});
    desk.pause();
    const Menu before = desk.menu(0);
    desk.restart(0);
    QVERIFY(desk.menu(0) == before);
    QCOMPARE(before.undoText, std::string("X"));
    desk.undo(0);
    QCOMPARE(desk.text(0), std::string("one lamps two three"));
    desk.undo(0);
    QCOMPARE(desk.text(0), kStart);
    QVERIFY(!desk.menu(0).canUndo);
    desk.redo(0);
    desk.redo(0);
    QCOMPARE(desk.text(0), std::string("Xlamps two three"));
}

void UndoRestartTest::creationAndNamesAreNotTakenBack()
{
    Desk desk(1);
    desk.rename(0, "another");
    desk.restart(0);
    QVERIFY(!desk.menu(0).canUndo);
    desk.undo(0);
    QCOMPARE(desk.text(0), kStart);
}

/// An undo and a redo may delete the same letter: here each of them takes the "a" away.
void UndoRestartTest::redoIsKnownFromUndo()
{
    for (const bool isRedo : {false, true}) {
        Desk desk(1);
        desk.edit(0, {0, 0, "a"});
        desk.pause();
        desk.edit(0, {0, 1, ""});
        desk.pause();
        desk.undo(0);
        QCOMPARE(desk.text(0), "a" + kStart);
        desk.pause();
        if (isRedo)
            desk.redo(0);
        else
            desk.undo(0);
        QCOMPARE(desk.text(0), kStart);
        const Menu before = desk.menu(0);
        desk.restart(0);
        QVERIFY(desk.menu(0) == before);
        QCOMPARE(before.canUndo, isRedo);
        QCOMPARE(before.canRedo, !isRedo);
        desk.redo(0);
        QCOMPARE(desk.text(0), isRedo ? kStart : "a" + kStart);
    }
}

void UndoRestartTest::whatCameBackGoesWithItsWriter()
{
    Desk desk(1);
    desk.edit(0, {0, 0, "word "});
    desk.pause();
    desk.edit(0, {1, 3, ""});
    desk.pause();
    desk.undo(0);
    QCOMPARE(desk.text(0), "word " + kStart);
    desk.restart(0);
    desk.undo(0);
    QCOMPARE(desk.text(0), kStart);
    desk.redo(0);
    QCOMPARE(desk.text(0), "word " + kStart);
    desk.restart(0);
    desk.redo(0);
    QCOMPARE(desk.text(0), "w " + kStart);
}

void UndoRestartTest::typedAndDeletedInOneGo()
{
    Desk desk(1);
    desk.edit(0, {0, 0, "abc"});
    desk.edit(0, {2, 1, ""});
    desk.undo(0);
    QCOMPARE(desk.text(0), kStart);
    desk.redo(0);
    QCOMPARE(desk.text(0), "ab" + kStart);
}

void UndoRestartTest::typingEndsWhatCouldBeDoneAgain()
{
    Desk desk(1);
    desk.edit(0, {0, 0, "a"});
    desk.pause();
    desk.undo(0);
    desk.edit(0, {0, 0, "b"});
    QVERIFY(!desk.menu(0).canRedo);
    desk.redo(0);
    QCOMPARE(desk.text(0), "b" + kStart);
    desk.restart(0);
    QVERIFY(!desk.menu(0).canRedo);
}

/// Also if it comes while what was typed is not signed yet.
void UndoRestartTest::pasteIsAGroupOfItsOwn()
{
    Desk desk(1);
    desk.edit(0, {0, 0, "a"});
    desk.edit(0, {1, 0, "b"});
    desk.edit(0, {2, 0, "pasted"}, api::EditText::Cause::Paste);
    desk.edit(0, {0, 0, "c"});
    desk.undo(0);
    QCOMPARE(desk.text(0), "abpasted" + kStart);
    desk.undo(0);
    QCOMPARE(desk.text(0), "ab" + kStart);
    desk.undo(0);
    QCOMPARE(desk.text(0), kStart);
}

void UndoRestartTest::othersInsideStay()
{
    Desk desk(2);
    desk.edit(0, {4, 0, "lamps "});
    desk.pause();
    desk.edit(1, {7, 0, "THEIRS"});
    desk.pause();
    desk.restart(0);
    QCOMPARE(desk.menu(0).undoText, std::string("lamps "));
    QVERIFY(desk.menu(1).undoText == "THEIRS");
    desk.undo(0);
    desk.pause();
    QCOMPARE(desk.text(1), std::string("one THEIRStwo three"));
    desk.redo(0);
    desk.pause();
    QCOMPARE(desk.text(1), std::string("one lamTHEIRSps two three"));
    desk.undo(1);
    desk.pause();
    QCOMPARE(desk.text(0), std::string("one lamps two three"));
}

void UndoRestartTest::whatOthersDeletedStaysAway()
{
    Desk desk(2);
    desk.edit(0, {4, 4, ""}); // "two "
    desk.pause();
    desk.undo(0);
    desk.pause();
    desk.edit(1, {4, 4, ""});
    desk.pause();
    QCOMPARE(desk.text(0), std::string("one three"));
    desk.redo(0); // They are gone already.
    desk.undo(0);
    desk.pause();
    QCOMPARE(desk.text(0), std::string("one three"));
    QCOMPARE(desk.text(1), desk.text(0));
}

/// What takes more than one change to bring back is one step, also after a restart.
void UndoRestartTest::longTextInSeveralChanges()
{
    Desk desk(1);
    std::string text;
    for (int i = 0; i < 2000; ++i)
        text += "word" + std::to_string(i) + " ";
    desk.edit(0, {0, 0, text});
    desk.pause();
    for (TextOffset at = 10; at < 2000; at += 20)
        desk.edit(0, {at, 5, ""});
    const std::string holes = desk.text(0);
    desk.pause();
    desk.edit(0, {0, TextOffset(holes.size()), ""});
    desk.pause();
    desk.undo(0);
    QCOMPARE(desk.text(0), holes);
    desk.restart(0);
    QVERIFY(desk.menu(0).canRedo);
    desk.redo(0);
    QCOMPARE(desk.text(0), std::string());
    desk.restart(0);
    desk.undo(0);
    QCOMPARE(desk.text(0), holes);
    desk.undo(0);
    QCOMPARE(desk.text(0), text + kStart);
    desk.undo(0);
    QCOMPARE(desk.text(0), kStart);
    QVERIFY(!desk.menu(0).canUndo);
}

/// Whoever starts anew now and then sees all that somebody sees who never does.
void UndoRestartTest::restartsChangeNothing()
{
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        SeededRandom random(seed);
        Desk steady(1);
        Desk restarted(1);
        for (int i = 0; i < 25; ++i) {
            const std::uint64_t what = random.below(9);
            const TextOffset length = utf8::length(steady.text(0));
            const TextOffset at = TextOffset(random.below(length + 1));
            const TextOffset count =
                std::min(length - at, what < 3 ? TextOffset(random.below(4)) : 0);
            const std::string word = random.below(2) == 0 ? "x" : "word";
            for (Desk *desk : {&steady, &restarted}) {
                if (what < 5)
                    desk->edit(0, {at, count, what == 0 ? "" : word});
                else if (what < 7)
                    desk->undo(0);
                else if (what < 8)
                    desk->redo(0);
                if (what < 3)
                    desk->wait();
                else
                    desk->pause();
            }
            if (what >= 3 && random.below(3) == 0)
                restarted.restart(0);
            QCOMPARE(restarted.text(0), steady.text(0));
            QVERIFY(restarted.menu(0) == steady.menu(0));
        }
    }
}

QTEST_APPLESS_MAIN(UndoRestartTest)
#include "undo_restart_test.moc"
