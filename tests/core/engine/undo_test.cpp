#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

void edit(SmallGroup &group, std::size_t who, DocIndex doc, std::uint64_t serial, TextPatch patch,
          std::uint64_t basePatch = 0)
{
    group.submit(
        who,
        api::EditText{doc, 1, basePatch, serial, {std::move(patch)}, api::EditText::Cause::Typing});
}

} // namespace

class UndoTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_group = std::make_unique<SmallGroup>(2);
        m_group->subscribe(0);
        m_group->submit(0, api::CreateDocument{1, "t", "one two three"});
        m_doc = m_group->at(0).snapshot().documents.front().doc;
        m_group->run(2s);
        for (std::size_t i = 0; i < 2; ++i) {
            m_group->subscribe(i);
            m_group->submit(i, api::OpenDocument{m_doc, 1});
        }
    }
    void takesBackMineAndLeavesOthers()
    {
        edit(*m_group, 0, m_doc, 1, {4, 0, "lamps "});
        m_group->run(2s);
        edit(*m_group, 1, m_doc, 1, {7, 0, "THEIRS"}, 1);
        m_group->run(2s);
        QCOMPARE(text(0), std::string("one lamTHEIRSps two three"));
        m_group->submit(0, api::Undo{m_doc});
        m_group->run(2s);
        QCOMPARE(text(0), std::string("one THEIRStwo three"));
        QCOMPARE(text(1), text(0));
        m_group->submit(0, api::Redo{m_doc});
        m_group->run(2s);
        QCOMPARE(text(1), text(0));
        QVERIFY(text(0).find("lam") != std::string::npos);
        QVERIFY(text(0).find("THEIRS") != std::string::npos);
    }
    void bringsBackWhatIDeleted()
    {
        edit(*m_group, 0, m_doc, 1, {4, 3, ""});
        edit(*m_group, 0, m_doc, 2, {4, 1, ""});
        QCOMPARE(text(0), std::string("one three"));
        m_group->submit(0, api::Undo{m_doc});
        QCOMPARE(text(0), std::string("one two three"));
        m_group->submit(0, api::Redo{m_doc});
        QCOMPARE(text(0), std::string("one three"));
        m_group->submit(0, api::Undo{m_doc});
        m_group->run(2s);
        QCOMPARE(text(1), std::string("one two three"));
    }
    void backspacesComeBackInOrder()
    {
        for (std::uint64_t i = 0; i < 5; ++i)
            edit(*m_group, 0, m_doc, i + 1, {static_cast<TextOffset>(12 - i), 1, ""});
        QCOMPARE(text(0), std::string("one two "));
        m_group->submit(0, api::Undo{m_doc});
        QCOMPARE(text(0), std::string("one two three"));
    }
    void groupsAreCalledWhatWasDone()
    {
        using What = api::UndoChanged::What;
        edit(*m_group, 0, m_doc, 1, {4, 0, "lamps "});
        QCOMPARE(lastName().undoText, std::string("lamps "));
        QVERIFY(lastName().undoes == What::Typing);
        m_group->submit(0, api::Undo{m_doc});
        QCOMPARE(lastName().redoText, std::string("lamps ")); // what is typed again
        QVERIFY(lastName().redoes == What::Typing && !lastName().canUndo);
        for (std::uint64_t i = 0; i < 5; ++i)
            edit(*m_group, 0, m_doc, i + 2, {static_cast<TextOffset>(12 - i), 1, ""}, 1);
        QCOMPARE(text(0), std::string("one two "));
        QCOMPARE(lastName().undoText, std::string("three"));
        QVERIFY(lastName().undoes == What::Deleting);
    }
    /// What came in parts goes at once, whatever the pauses, unless undo came in between.
    void partsOfOneEditAreOneGroup()
    {
        const auto part = [this](std::uint64_t serial, const char *text, bool goesOn) {
            api::EditText edit{m_doc, 1, 0, serial, {{0, 0, text}}, api::EditText::Cause::Paste};
            edit.goesOn = goesOn;
            m_group->submit(0, edit);
            m_group->run(3s);
        };
        edit(*m_group, 0, m_doc, 1, {0, 0, "typed "});
        part(2, "c ", false);
        part(3, "b ", true);
        part(4, "a ", true);
        QCOMPARE(text(0), std::string("a b c typed one two three"));
        m_group->submit(0, api::Undo{m_doc});
        QCOMPARE(text(0), std::string("typed one two three"));
        m_group->submit(0, api::OpenDocument{m_doc, 1});
        part(1, "d ", true); // of what was taken back: it stands for itself
        m_group->submit(0, api::Undo{m_doc});
        QCOMPARE(text(0), std::string("typed one two three"));
        m_group->run(2s);
        QCOMPARE(text(1), text(0));
    }
    void pauseStartsANewGroup()
    {
        edit(*m_group, 0, m_doc, 1, {0, 0, "a"});
        m_group->run(1500ms);
        edit(*m_group, 0, m_doc, 2, {1, 0, "b"});
        m_group->submit(0, api::Undo{m_doc});
        QCOMPARE(text(0), std::string("aone two three"));
        m_group->submit(0, api::Undo{m_doc});
        QCOMPARE(text(0), std::string("one two three"));
        m_group->submit(0, api::Undo{m_doc});
        QCOMPARE(text(0), std::string("one two three"));
    }

private:
    /// What the commands were called last.
    const api::UndoChanged &lastName()
    {
        for (api::Event &event : m_group->takeEvents(0))
            if (const auto *changed = std::get_if<api::UndoChanged>(&event))
                m_name = *changed;
        return m_name;
    }
    api::UndoChanged m_name;
    std::string text(std::size_t i) { return m_group->at(i).text(m_doc).value_or(""); }

    std::unique_ptr<SmallGroup> m_group;
    DocIndex m_doc;
};

QTEST_APPLESS_MAIN(UndoTest)
#include "undo_test.moc"
