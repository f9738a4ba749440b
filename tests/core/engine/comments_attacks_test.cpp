#include "core/engine/comment_record.h"
#include "tests/support/hostile.h"
#include "tests/support/talking_table.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::TalkingTable;
using nlbd::testing::told;
using Result = api::CommentWritten::Result;

namespace {

constexpr std::size_t kMalory = 3;
constexpr std::size_t kHonest = 3;

/// Three people, and a member whose pen signs what no honest computer would.
struct Table : TalkingTable {
    Table()
        : TalkingTable(4, "one two three")
        , configuration(group.genesis().genesis.configuration())
        , pen({configuration, scheme, group.device(kMalory), DeviceIndex(kMalory), group.key()})
    {
        start(0, 4, 7, "a");
        thread = written.thread;
        first = written.message;
        settle();
        answer(1, thread, "b");
        second = written.message;
        settle();
        pen.takeAll(group.disk(1).load()->changes);
        for (std::size_t i = 0; i < kHonest; ++i)
            group.cut(i, kMalory); // her own engine is out of it
    }

    /// What everybody is told after she signed this, over all that she knows.
    void attack(const crdt::Ops &ops)
    {
        const hostile::Record record = pen.appendOver(ops, doc, group.now().wall);
        for (std::size_t i = 0; i < kHonest; ++i)
            group.join(i, kMalory);
        for (std::size_t i = 0; i < kHonest; ++i) {
            const hostile::Frame frame = hostile::changesFrame({record});
            group.step(i, engine::FrameIn{group.sessionWith(i, kMalory), frame.kind, frame.body});
            QVERIFY(group.at(i).graph().find(record.hash) != ChangeHandle());
        }
        for (std::size_t i = 0; i < kHonest; ++i)
            group.cut(i, kMalory);
        settle();
    }
    [[nodiscard]] QString agreedText()
    {
        const QString all = told(anew(0));
        for (std::size_t i = 1; i < kHonest; ++i)
            if (told(anew(i)) != all)
                return QStringLiteral("not the same");
        return all;
    }
    [[nodiscard]] std::string key() const { return engine::encodeKey({thread, std::nullopt}); }
    [[nodiscard]] std::string key(api::CommentId message) const
    {
        return engine::encodeKey({thread, message});
    }
    /// The letter of the document's first change, which typed it.
    [[nodiscard]] crdt::OpId letter(std::uint32_t index) const
    {
        return {ChangeHandle(1), index + 1}; // its name is set first
    }

    identity::Ed25519 scheme;
    identity::Configuration configuration;
    hostile::Pen pen;
    api::CommentId thread;
    api::CommentId first;
    api::CommentId second;
};

} // namespace

/// What a member signs who wants others to have said something else, or nothing.
class CommentsAttacksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nobodySpeaksForAnother_data();
    void nobodySpeaksForAnother();
    void herOwnWordsAreHerOwn();
    void goneWordsComeBackOnlyWhereTheyAre();
    void tooManyAreCutAlike();
    void aVoidMessageIsNone();
};

void CommentsAttacksTest::nobodySpeaksForAnother_data()
{
    QTest::addColumn<int>("attack");
    const std::vector<const char *> names{"other words",         "deleted",
                                          "an object",           "the mark cleared",
                                          "the mark moved",      "a message of another",
                                          "a thread of another", "bytes that are none"};
    for (std::size_t i = 0; i < names.size(); ++i)
        QTest::newRow(names[i]) << static_cast<int>(i);
}

void CommentsAttacksTest::nobodySpeaksForAnother()
{
    QFETCH(int, attack);
    Table table;
    const QString before = table.agreedText();
    QVERIFY(before.contains(QStringLiteral("'two'")));
    using crdt::Side;
    const api::CommentId stolen{MemberIndex(1), 77};
    const std::string words = engine::encodeWords({"never said", {}});
    switch (attack) {
    case 0:
        table.attack({crdt::SetField{table.key(table.first), words}});
        table.attack({crdt::SetField{table.key(table.second), words}});
        break;
    case 1:
        table.attack({crdt::SetField{table.key(table.first), crdt::Value()}});
        table.attack({crdt::SetField{table.key(table.second), crdt::Value()}});
        break;
    case 2:
        table.attack({crdt::SetField{table.key(table.first), crdt::Value(crdt::Value::Kind::Map)}});
        break;
    case 3:
        table.attack({crdt::SetMark{{table.letter(0), Side::Left},
                                    {table.letter(12), Side::Right},
                                    table.key(),
                                    std::nullopt}});
        break;
    case 4:
        table.attack({crdt::SetMark{{table.letter(0), Side::Left},
                                    {table.letter(2), Side::Right},
                                    table.key(),
                                    "other words"}});
        break;
    case 5:
        table.attack({crdt::SetField{table.key(stolen), words}});
        break;
    case 6:
        table.attack({crdt::SetMark{{table.letter(0), Side::Left},
                                    {table.letter(2), Side::Right},
                                    engine::encodeKey({stolen, std::nullopt}),
                                    "one"},
                      crdt::SetField{engine::encodeKey({stolen, stolen}), words}});
        break;
    default:
        table.attack({crdt::SetField{table.key({MemberIndex(kMalory), 1}), "0+9=1\nx"},
                      crdt::SetField{table.key({MemberIndex(kMalory), 2}), "x"},
                      crdt::SetField{table.key() + ":0003", words},
                      crdt::SetField{"comment:", words},
                      crdt::SetField{table.key(), crdt::Value(crdt::Value::Kind::List)}});
    }
    if (QTest::currentTestFailed())
        return;
    QCOMPARE(table.agreedText(), before);
    // Nor is its writer kept from going on.
    QVERIFY(table.edit(1, table.thread, table.second, "b2") == Result::Done);
    QVERIFY(table.resolve(2, table.thread) == Result::Done);
    QCOMPARE(table.agreedText(),
             QString(before)
                 .replace(QStringLiteral("'b'"), QStringLiteral("'b2'"))
                 .replace(QStringLiteral("'two' 0"), QStringLiteral("'two' 1")));
    QCOMPARE(table.thread.member, MemberIndex(0));
    QVERIFY(table.remove(0, table.thread, table.first) == Result::Done);
    QVERIFY(!table.agreedText().contains(QStringLiteral("'a'")));
}

void CommentsAttacksTest::herOwnWordsAreHerOwn()
{
    Table table;
    const api::CommentId hers{MemberIndex(kMalory), 1};
    table.attack({crdt::SetField{table.key(hers), engine::encodeWords({"c", {}})}});
    static_cast<void>(table.agreedText());
    QCOMPARE(table.spoken(0), QStringLiteral("0:a 1:b 3:c"));
    QCOMPARE(table.TalkingTable::thread(0).messages[2].device, DeviceIndex(kMalory));
}

/// Whoever deleted may bring back what another comments; while the words are there, nobody carries
/// a thread elsewhere.
void CommentsAttacksTest::goneWordsComeBackOnlyWhereTheyAre()
{
    Table table;
    table.type(2, 4, {}, 3);
    table.settle();
    table.pen.takeAll(table.group.disk(1).load()->changes);
    table.attack({crdt::SetMark{{table.letter(0), crdt::Side::Left},
                                {table.letter(2), crdt::Side::Right},
                                table.key(),
                                "two"}});
    static_cast<void>(table.agreedText());
    QCOMPARE(table.placed(0), QStringLiteral("one"));
    table.views[2].outbox.emplace_back(api::Undo{table.doc});
    table.settle();
    const QString all = table.agreedText();
    QVERIFY2(all.startsWith(QStringLiteral("[4 7 ")), qPrintable(all)); // the later mark
}

void CommentsAttacksTest::tooManyAreCutAlike()
{
    Table table;
    for (std::uint64_t round = 0; round < 3; ++round) {
        crdt::Ops ops;
        for (std::uint64_t i = 0; i < 200; ++i) {
            const api::CommentId id{MemberIndex(kMalory), round * 1'000 + i};
            ops.emplace_back(crdt::SetMark{{table.letter(0), crdt::Side::Left},
                                           {table.letter(2), crdt::Side::Right},
                                           engine::encodeKey({id, std::nullopt}),
                                           std::string(1'000, 'q')});
            ops.emplace_back(
                crdt::SetField{engine::encodeKey({id, id}), engine::encodeWords({"spam", {}})});
            if (ops.size() % 80 == 0)
                table.attack(std::exchange(ops, {}));
        }
        if (QTest::currentTestFailed())
            return;
    }
    const QString all = table.agreedText();
    QVERIFY(all != QStringLiteral("not the same"));
    QCOMPARE(table.comments[1].threads.size(), api::CommentsChanged::kThreadsMax);
    QVERIFY(table.comments[1].isCut);
    QVERIFY(all.contains(QStringLiteral("'a'"))); // the first ones stay
    for (const api::PlacedThread &placed : table.comments[1].threads)
        QVERIFY(placed.thread->quote.size() <= api::CommentThread::kQuoteScalarsMax);
    QVERIFY(table.start(1, 0, 3, "x") == Result::TooMany);
    QVERIFY(table.answer(1, table.thread, "still") == Result::Done);
}

/// Removed with what a member wrote after the last word that counts.
void CommentsAttacksTest::aVoidMessageIsNone()
{
    TalkingTable table(4, "one two three");
    table.start(0, 4, 7, "a");
    const api::CommentId thread = table.written.thread;
    table.settle();
    table.group.run(10s);
    table.isolate(3);
    QVERIFY(table.answer(3, thread, "late") == Result::Done);
    table.settle();
    QCOMPARE(table.spoken(3), QStringLiteral("0:a 3:late"));
    api::Wish wish;
    wish.kind = api::Wish::Kind::RemoveMember;
    wish.member = MemberIndex(3);
    wish.text = "gone";
    table.group.submit(0, api::Propose{1, wish});
    table.group.run(500ms);
    QVERIFY(!table.group.at(0).decisions().open.empty());
    const Hash id = table.group.at(0).decisions().open.back().id;
    for (std::size_t i = 1; i < 3; ++i)
        table.group.submit(i, api::Vote{2, id, true});
    table.group.run(60s);
    table.isolate(3, false);
    table.group.run(20s);
    for (std::size_t i = 0; i < 3; ++i) {
        static_cast<void>(table.anew(i));
        QCOMPARE(table.spoken(i), QStringLiteral("0:a"));
    }
}

QTEST_GUILESS_MAIN(CommentsAttacksTest)
#include "comments_attacks_test.moc"
