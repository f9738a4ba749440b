#include "tests/support/hostile.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using gossip::Changes;
using gossip::Kind;
using nlbd::testing::SmallGroup;

namespace {

constexpr std::size_t kGiver = 0;
constexpr std::size_t kTaker = 1;
constexpr std::size_t kMalory = 3;
const DeviceIndex kWriter(kMalory);

/// The messages of one type in what somebody asks to be sent.
template <typename T>
std::vector<T> sent(const engine::Actions &actions)
{
    std::vector<T> messages;
    for (const engine::Action &action : actions)
        if (const auto *send = std::get_if<engine::Send>(&action))
            if (auto message = gossip::decode(send->kind, send->body))
                if (auto *wanted = std::get_if<T>(&*message))
                    messages.push_back(std::move(*wanted));
    return messages;
}

std::optional<Code> cutIn(const engine::Actions &actions)
{
    for (const engine::Action &action : actions)
        if (const auto *end = std::get_if<engine::Disconnect>(&action))
            return end->code;
    return std::nullopt;
}

std::size_t bytesOf(const Changes &frame)
{
    return gossip::encode(frame).size();
}

gossip::PullRanges pullAll(std::uint32_t request, std::uint64_t last, std::uint64_t first = 1)
{
    return {request, {{kWriter, Seq(first), Seq(last), 0}}};
}

/// What a member who lacks everything hears first.
gossip::Summary headOf(const std::vector<hostile::Record> &records)
{
    return {{{kWriter, Seq(records.size()), gossip::headPrefix(records.back().hash)}}, true};
}

Changes frameOf(std::uint32_t request, const std::vector<hostile::Record> &records,
                std::size_t first, std::size_t count, bool isLast, std::vector<Seq> next = {})
{
    Changes frame{request, isLast, {}, std::move(next)};
    for (std::size_t i = first; i < first + count; ++i)
        frame.changes.push_back(history::encodeFull(records[i]));
    return frame;
}

/// Four members or more, of whom nobody hears anybody. The fourth one's device wrote with a pen;
/// frames go where a test puts them.
struct Table {
    explicit Table(std::size_t members = 4)
        : group(members)
        , configuration(group.genesis().genesis.configuration())
        , pen({configuration, scheme, group.device(kMalory), kWriter, group.key()})
    {
        group.run(200ms);
        for (std::size_t a = 0; a < members; ++a)
            for (std::size_t b = a + 1; b < members; ++b)
                group.cut(a, b);
    }

    std::vector<hostile::Record> write(std::size_t count, std::size_t letters)
    {
        std::vector<hostile::Record> records;
        for (std::size_t i = 0; i < count; ++i) {
            std::string text(letters, ' '); // that hardly shrinks
            for (char &letter : text)
                letter = static_cast<char>('0' + random.below(64));
            records.push_back(pen.append(text, group.now().wall));
        }
        return records;
    }

    void up(std::size_t i, std::size_t other)
    {
        static_cast<void>(
            step(i, engine::PeerUp{session(i, other), group.device(other).publicKey()}));
    }

    /// He hears of them, asks for them and gets them.
    void give(std::size_t to, const std::vector<hostile::Record> &records)
    {
        up(to, kMalory);
        auto asked = sent<gossip::PullRanges>(say(to, kMalory, headOf(records)));
        while (!asked.empty()) {
            const std::size_t first = asked[0].ranges[0].first.value - 1;
            const std::size_t count = std::min(records.size() - first, limits::kRangeChangesMax);
            std::vector<Seq> next;
            if (first + count < records.size())
                next.emplace_back(first + count + 1);
            asked = sent<gossip::PullRanges>(
                say(to, kMalory, frameOf(asked[0].request, records, first, count, true, next)));
        }
    }

    engine::Actions say(std::size_t to, std::size_t from, const gossip::Message &message)
    {
        const hostile::Frame frame = hostile::frameOf(message);
        return step(to, engine::FrameIn{session(to, from), frame.kind, frame.body});
    }
    engine::Actions step(std::size_t i, engine::Event event)
    {
        return group.at(i).step(std::move(event), now());
    }
    [[nodiscard]] PeerId session(std::size_t i, std::size_t other) const
    {
        return group.sessionWith(i, other);
    }
    [[nodiscard]] Now now() const
    {
        Now now = group.now();
        now.mono += later;
        now.wall += later;
        return now;
    }
    [[nodiscard]] std::size_t held(std::size_t i) { return group.at(i).graph().size(); }

    SmallGroup group;
    identity::Ed25519 scheme;
    identity::Configuration configuration;
    SeededRandom random{7};
    hostile::Pen pen;
    Millis later{0}; ///< time that passed for those whom a test steps itself
};

} // namespace

/// Answers come in small frames, between which what is live overtakes, and what can be done with
/// frames that nobody asked for.
class FramesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anAnswerIsCutIntoSmallFrames();
    void oneLargeRecordStaysOneFrame();
    void aFrameEndsInSignaturesThatHold();
    void whatTheBudgetRefusesIsAskedForOnwards();
    void theNextRequestIsUnderWay();
    void manyAreCaughtUpInOneTurn();
    void anAnswerThatNeverEndsHoldsUpNobody();
    void anEmptyFrameIsTheLast();
    void aFrameTooManyWasNotAskedFor();
    void whereToAskOnFitsTheQuestion();
    void whatNobodyAskedForIsBounded();
};

void FramesTest::anAnswerIsCutIntoSmallFrames()
{
    Table table;
    table.give(kGiver, table.write(60, 2000));
    QCOMPARE(table.held(kGiver), 60U);
    table.up(kGiver, kTaker);
    const auto actions = table.say(kGiver, kTaker, pullAll(9, 60));
    const auto frames = sent<Changes>(actions);
    QVERIFY(frames.size() >= 5);
    std::size_t changes = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
        QCOMPARE(frames[i].request, 9U);
        QCOMPARE(frames[i].isLast, i + 1 == frames.size());
        QVERIFY(frames[i].next.empty()); // it is all there
        QVERIFY2(bytesOf(frames[i]) <= gossip::kAnswerFrameBytes + 64,
                 qPrintable(QString::number(bytesOf(frames[i]))));
        changes += frames[i].changes.size();
    }
    QCOMPARE(changes, 60U);
    for (const engine::Action &action : actions)
        if (const auto *send = std::get_if<engine::Send>(&action);
            send != nullptr && send->kind == static_cast<std::uint8_t>(Kind::Changes))
            QVERIFY(send->isBulk);
}

void FramesTest::oneLargeRecordStaysOneFrame()
{
    Table table;
    table.give(kGiver, table.write(3, 40'000));
    QCOMPARE(table.held(kGiver), 3U);
    table.up(kGiver, kTaker);
    const auto frames = sent<Changes>(table.say(kGiver, kTaker, pullAll(9, 3)));
    QCOMPARE(frames.size(), 3U);
    for (const Changes &frame : frames)
        QCOMPARE(frame.changes.size(), 1U);
}

/// Whatever was altered on the way to the giver: who gets his frames one by one, in order, finds
/// nothing to blame him for, and all of it.
void FramesTest::aFrameEndsInSignaturesThatHold()
{
    Table table;
    std::vector<hostile::Record> records = table.write(60, 2000);
    for (std::size_t i = 0; i < records.size(); ++i)
        if (i % 10 != 9)
            records[i].signature.value[5] ^= std::byte{1};
    table.give(kGiver, records);
    QCOMPARE(table.held(kGiver), 60U);
    table.up(kGiver, kTaker);
    table.up(kTaker, kGiver);
    const auto asked = sent<gossip::PullRanges>(table.say(kTaker, kGiver, headOf(records)));
    QCOMPARE(asked.size(), 1U);
    const auto frames = sent<Changes>(table.say(kGiver, kTaker, asked[0]));
    QVERIFY(frames.size() >= 5);
    for (const Changes &frame : frames) {
        QVERIFY(!cutIn(table.say(kTaker, kGiver, frame)));
        const auto last = history::decodeFull(frame.changes.back());
        QVERIFY(last && (last->header.seq.value % 10 == 0 || !last->cover.empty()));
    }
    QCOMPARE(table.held(kTaker), 60U);
}

void FramesTest::whatTheBudgetRefusesIsAskedForOnwards()
{
    Table table;
    const auto records = table.write(60, 2000);
    table.give(kGiver, records);
    table.up(kGiver, kTaker);
    std::uint64_t reached = 0;
    for (std::uint32_t request = 1; request < 200; ++request) {
        const auto frames = sent<Changes>(table.say(kGiver, kTaker, pullAll(request, 60)));
        QVERIFY(!frames.empty());
        QVERIFY(frames.back().isLast);
        std::size_t changes = 0;
        for (const Changes &frame : frames)
            changes += frame.changes.size();
        if (frames.front().next.empty()) {
            QCOMPARE(changes, 60U);
            continue;
        }
        QCOMPARE(frames.front().next.size(), 1U);
        reached = frames.front().next[0].value;
        QCOMPARE(reached, changes + 1); // what was given ends there
        return;
    }
    QFAIL("its budget was never used up");
}

void FramesTest::theNextRequestIsUnderWay()
{
    Table table;
    const auto records = table.write(40, 100);
    table.up(kTaker, kGiver);
    const auto asked = sent<gossip::PullRanges>(table.say(kTaker, kGiver, headOf(records)));
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(asked[0].ranges.front().first, Seq(1));
    const auto after = [&](const Changes &frame) {
        return sent<gossip::PullRanges>(table.say(kTaker, kGiver, frame));
    };
    // The first of two frames tells that the answer goes up to 20.
    const auto second = after(frameOf(asked[0].request, records, 0, 10, false, {Seq(21)}));
    QCOMPARE(second.size(), 1U);
    QCOMPARE(second[0].ranges.front().first, Seq(21));
    QCOMPARE(second[0].ranges.front().last, Seq(40));
    QVERIFY(after(frameOf(asked[0].request, records, 10, 10, true)).empty());
    const auto third = after(frameOf(second[0].request, records, 20, 10, false, {Seq(31)}));
    QCOMPARE(third.size(), 1U);
    QCOMPARE(third[0].ranges.front().first, Seq(31));
    QCOMPARE(table.held(kTaker), 30U);
}

void FramesTest::manyAreCaughtUpInOneTurn()
{
    Table table;
    const auto records = table.write(600, 30);
    table.give(kGiver, records);
    QCOMPARE(table.held(kGiver), 600U);
    table.group.join(kGiver, kTaker);
    table.group.run(100ms); // no tick in it: one turn
    QCOMPARE(table.held(kTaker), 600U);
}

/// One valid change now and then, and never the last frame: after its turn another one is asked.
void FramesTest::anAnswerThatNeverEndsHoldsUpNobody()
{
    Table table;
    const auto records = table.write(60, 10);
    table.up(kTaker, kMalory);
    table.up(kTaker, kGiver);
    const auto asked = sent<gossip::PullRanges>(table.say(kTaker, kMalory, headOf(records)));
    QCOMPARE(asked.size(), 1U);
    static_cast<void>(table.say(kTaker, kGiver, headOf(records)));
    for (std::size_t i = 0; i < 50; ++i) {
        table.later += 1s;
        const auto actions =
            table.say(kTaker, kMalory, frameOf(asked[0].request, records, i, 1, false));
        for (const engine::Action &action : actions)
            if (const auto *send = std::get_if<engine::Send>(&action); send != nullptr
                && send->peer == table.session(kTaker, kGiver)
                && send->kind == static_cast<std::uint8_t>(Kind::PullRanges)) {
                QVERIFY2(table.later <= 14s, qPrintable(QString::number(table.later.count())));
                return;
            }
    }
    QFAIL("nobody else was asked");
}

void FramesTest::anEmptyFrameIsTheLast()
{
    QVERIFY(gossip::decode(static_cast<std::uint8_t>(Kind::Changes),
                           gossip::encode(Changes{1, true, {}})));
    const auto endless = gossip::decode(static_cast<std::uint8_t>(Kind::Changes),
                                        gossip::encode(Changes{1, false, {}}));
    QVERIFY(!endless);
    QCOMPARE(endless.error(), Code::E_CANON);
}

/// A request is answered in no more frames than changes were asked for; what comes beyond belongs
/// to nothing, and others are asked meanwhile.
void FramesTest::aFrameTooManyWasNotAskedFor()
{
    Table table;
    const auto records = table.write(limits::kRangeChangesMax + 100, 10);
    table.up(kTaker, kMalory);
    table.up(kTaker, kGiver);
    const auto asked = sent<gossip::PullRanges>(table.say(kTaker, kMalory, headOf(records)));
    QCOMPARE(asked.size(), 1U);
    for (std::size_t i = 0; i < limits::kRangeChangesMax; ++i) {
        QVERIFY(sent<gossip::PullRanges>(table.say(kTaker, kGiver, gossip::Digest{})).empty());
        QVERIFY(
            !cutIn(table.say(kTaker, kMalory, frameOf(asked[0].request, records, i, 1, false))));
    }
    QCOMPARE(table.held(kTaker), limits::kRangeChangesMax);
    const auto next = sent<gossip::PullRanges>(table.say(kTaker, kGiver, headOf(records)));
    QCOMPARE(next.size(), 1U);
    QCOMPARE(next[0].ranges.front().first, Seq(limits::kRangeChangesMax + 1));
}

void FramesTest::whereToAskOnFitsTheQuestion()
{
    Table table;
    const auto records = table.write(20, 10);
    table.up(kTaker, kMalory);
    const auto asked = sent<gossip::PullRanges>(table.say(kTaker, kMalory, headOf(records)));
    QCOMPARE(asked.size(), 1U);
    QCOMPARE(cutIn(table.say(kTaker, kMalory,
                             frameOf(asked[0].request, records, 0, 1, false, {Seq(2), Seq(2)}))),
             std::optional(Code::E_CANON));
}

/// Changes that nobody asked for are passed on out of their author's budget, like those that are
/// pushed: what somebody says fast does not become three times as much.
void FramesTest::whatNobodyAskedForIsBounded()
{
    Table table(limits::kFullMeshMax + 4);
    const auto records = table.write(200, 10);
    table.up(kTaker, kMalory);
    table.up(kTaker, kGiver);
    table.up(kTaker, 2);
    std::size_t pushes = 0;
    for (std::size_t i = 0; i < records.size(); i += 5) {
        const auto actions = table.say(kTaker, kMalory, frameOf(777, records, i, 5, true));
        QVERIFY(!cutIn(actions));
        pushes += sent<gossip::Push>(actions).size();
    }
    QCOMPARE(table.held(kTaker), records.size());
    QCOMPARE(pushes, 2 * limits::kAuthorChangesBurst);
}

QTEST_APPLESS_MAIN(FramesTest)
#include "frames_test.moc"
