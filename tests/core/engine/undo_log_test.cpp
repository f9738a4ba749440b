#include "core/engine/undo_log.h"
#include "tests/support/fake_history.h"

#include <QTest>

using namespace nlbd;
using crdt::Document;
using crdt::Draft;
using engine::UndoLog;
using test::FakeHistory;

namespace {

/// A person who does one change after the other without a pause, all in one group.
class Writer {
public:
    template <typename Edit>
    void change(Edit edit)
    {
        Draft draft{m_history.open(0), {}, 0};
        edit(m_document, draft);
        m_history.sign(draft.change, m_known, 0);
        m_known.push_back(draft.change);
        m_log.record(draft.change, MonoTime());
    }
    void type(TextOffset at, std::string_view text)
    {
        change([&](Document &document, Draft &draft) { document.insert(at, text, draft); });
    }
    void erase(TextOffset at, TextOffset count)
    {
        change([&](Document &document, Draft &draft) { document.erase(at, count, draft); });
    }
    void pause() { m_log.endGroup(); }

    [[nodiscard]] UndoLog::Name name() const { return m_log.undoName(m_document); }
    [[nodiscard]] TextOffset length() const { return m_document.length(); }

private:
    FakeHistory m_history{1};
    Document m_document{m_history};
    std::vector<ChangeHandle> m_known;
    UndoLog m_log;
};

} // namespace

/// What a person calls what she can take back.
class UndoLogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void typingIsNamedByItsBeginning()
    {
        Writer writer;
        for (TextOffset at = 0; at < 40; ++at)
            writer.type(at, at % 2 == 0 ? "a" : "\xC3\xA9");
        const UndoLog::Name name = writer.name();
        QVERIFY(name.what == UndoLog::Name::What::Typing);
        std::string expected;
        for (int i = 0; i < 12; ++i)
            expected += "a\xC3\xA9";
        QCOMPARE(name.text, expected);
    }

    /// Backspace takes the last letter first; its name reads as the text did.
    void deletionIsNamedAsItRead()
    {
        Writer writer;
        writer.type(0, "one two");
        writer.pause();
        for (int i = 0; i < 3; ++i)
            writer.erase(writer.length() - 1, 1);
        QVERIFY(writer.name().what == UndoLog::Name::What::Deleting);
        QCOMPARE(writer.name().text, std::string("two"));
        writer.type(writer.length(), "2");
        QVERIFY(writer.name().what == UndoLog::Name::What::Typing);
        QCOMPARE(writer.name().text, std::string("2"));
    }

    /// It is asked for at every key: however long backspace is held, as much is read of it.
    void noMoreThanABeginningIsRead()
    {
        Writer writer;
        writer.type(0, std::string(8000, 'x') + "end");
        writer.pause();
        for (int i = 0; i < 30; ++i)
            writer.erase(writer.length() - 100, 100);
        const UndoLog::Name before = writer.name();
        QVERIFY(before.what == UndoLog::Name::What::Deleting);
        writer.type(0, "typed long after");
        QVERIFY(writer.name().what == UndoLog::Name::What::Deleting);
        QCOMPARE(writer.name().text, before.text);
    }
};

QTEST_APPLESS_MAIN(UndoLogTest)
#include "undo_log_test.moc"
