#include "tests/support/hostile.h"
#include "tests/support/small_group.h"

#include <deque>
#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

constexpr std::size_t kMalory = 3;

/// Four members, of whom the last one's session speaks only what a test says.
struct Table {
    Table()
        : group(4)
        , configuration(group.genesis().genesis.configuration())
        , pen({configuration, scheme, group.device(kMalory), DeviceIndex(kMalory), group.key()})
    {
        group.subscribe(0);
        group.submit(0, api::CreateDocument{7, "Charter", "Once"});
        group.run(2s);
    }

    void say(std::size_t to, const gossip::Message &message)
    {
        const hostile::Frame frame = hostile::frameOf(message);
        group.step(to, engine::FrameIn{group.sessionWith(to, kMalory), frame.kind, frame.body});
    }

    /// What the frame makes member 0 send to Malory, in bytes.
    std::size_t answered(const hostile::Frame &frame)
    {
        std::size_t bytes = 0;
        const auto session = group.sessionWith(0, kMalory);
        const auto actions =
            group.at(0).step(engine::FrameIn{session, frame.kind, frame.body}, group.now());
        for (const engine::Action &action : actions)
            if (const auto *send = std::get_if<engine::Send>(&action);
                send != nullptr && send->peer == session)
                bytes += send->body.size();
        return bytes;
    }

    [[nodiscard]] std::set<Code> codes(std::size_t i)
    {
        std::set<Code> codes;
        for (const api::Refusal &refusal : group.at(i).refusals())
            codes.insert(refusal.code);
        return codes;
    }

    SmallGroup group;
    identity::Ed25519 scheme;
    identity::Configuration configuration;
    hostile::Pen pen;
};

/// Members 0 and 1 with a slow wire between them, and time that passes for these two only.
class Wire {
public:
    Wire(Table &table, Millis delay)
        : m_table(table)
        , m_delay(delay)
        , m_now(table.group.now())
    {
        step(0, engine::PeerUp{table.group.sessionWith(0, 1), table.group.device(1).publicKey()});
        step(1, engine::PeerUp{table.group.sessionWith(1, 0), table.group.device(0).publicKey()});
    }
    void toOne(std::size_t from, const hostile::Frame &frame)
    {
        step(1, engine::FrameIn{m_table.group.sessionWith(1, from), frame.kind, frame.body});
    }
    void pass(Millis time)
    {
        m_now.mono += time;
        m_now.wall += time;
        for (std::size_t i = 0; i < 2; ++i)
            step(i, engine::Tick{});
        while (!m_frames.empty() && m_frames.front().due <= m_now.mono) {
            const Frame frame = std::move(m_frames.front());
            m_frames.pop_front();
            step(frame.to,
                 engine::FrameIn{m_table.group.sessionWith(frame.to, 1 - frame.to), frame.kind,
                                 frame.body});
        }
    }

private:
    struct Frame {
        MonoTime due;
        std::size_t to = 0;
        std::uint8_t kind = 0;
        Bytes body;
    };
    void step(std::size_t i, engine::Event event)
    {
        for (engine::Action &action : m_table.group.at(i).step(std::move(event), m_now))
            if (auto *send = std::get_if<engine::Send>(&action);
                send != nullptr && send->peer == m_table.group.sessionWith(i, 1 - i))
                m_frames.push_back(
                    {m_now.mono + m_delay, 1 - i, send->kind, std::move(send->body)});
    }

    Table &m_table;
    Millis m_delay;
    Now m_now;
    std::deque<Frame> m_frames;
};

std::string bigText()
{
    std::string text;
    for (int i = 0; i < 2000; ++i)
        text += std::to_string(i * 7919) + " ";
    return text;
}

} // namespace

/// What a hostile member can make an honest one do or forget by asking, claiming and repeating.
class FloodTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fewBytesCallForthNoFlood_data();
    void fewBytesCallForthNoFlood();
    void whoNeverAnswersHoldsUpNobody();
    void refusalsOfOneHideNoOthers();
    void inventedParentsDoNotHideABranch();
    void oldCaretsComeOnlyFromTheirOwner();
    void acksOfUnknownDevicesAreRefused();
    void unsignedOrphansTakeNoRoom();
    void twoAcksOfOneSeatCountForNeither_data();
    void twoAcksOfOneSeatCountForNeither();
};

void FloodTest::fewBytesCallForthNoFlood_data()
{
    QTest::addColumn<int>("kind");
    for (const auto kind : {gossip::Kind::PullRanges, gossip::Kind::EvidenceIds,
                            gossip::Kind::AckNumbers, gossip::Kind::PullAcks, gossip::Kind::Digest})
        QTest::addRow("kind %x", static_cast<unsigned>(kind)) << static_cast<int>(kind);
}

void FloodTest::fewBytesCallForthNoFlood()
{
    QFETCH(int, kind);
    Table table;
    SeededRandom random(5);
    const DocIndex doc = table.group.at(0).snapshot().documents[0].doc;
    table.group.submit(0, api::OpenDocument{doc, 1});
    table.group.submit(0, api::EditText{doc, 1, 0, 1, {{0, 0, bigText()}}, {}});
    for (int i = 0; i < 3; ++i) { // proofs with large changes in them
        const auto plan = hostile::planOf("op-target", table.pen, random, table.group.now().wall);
        for (const hostile::Frame &frame : plan.frames)
            table.group.step(
                0, engine::FrameIn{table.group.sessionWith(0, kMalory), frame.kind, frame.body});
        table.group.cut(0, kMalory);
        table.group.join(0, kMalory);
    }
    table.group.run(2s);

    gossip::Message message = gossip::EvidenceIds{};
    if (kind == static_cast<int>(gossip::Kind::PullRanges))
        message = gossip::PullRanges{1, {{DeviceIndex(0), Seq(1), Seq(200), 0}}};
    else if (kind == static_cast<int>(gossip::Kind::AckNumbers))
        message = gossip::AckNumbers{};
    else if (kind == static_cast<int>(gossip::Kind::PullAcks))
        message = gossip::PullAcks{std::vector<SeatIndex>(100, SeatIndex(0))};
    else if (kind == static_cast<int>(gossip::Kind::Digest))
        message = gossip::Digest{};
    std::size_t bytes = 0;
    constexpr std::size_t kTimes = 4000;
    const hostile::Frame frame = hostile::frameOf(message);
    for (std::size_t i = 0; i < kTimes; ++i)
        bytes += table.answered(frame);
    QVERIFY(bytes > 0);
    QVERIFY2(bytes < limits::kAnswerBytesBurst + kTimes * 8, qPrintable(QString::number(bytes)));
}

void FloodTest::whoNeverAnswersHoldsUpNobody()
{
    Table table;
    const DocIndex doc = table.group.at(0).snapshot().documents[0].doc;
    for (std::size_t i = 1; i < 4; ++i)
        table.group.cut(0, i);
    table.group.cut(1, 2);
    table.group.submit(0, api::OpenDocument{doc, 1});
    table.group.submit(0, api::EditText{doc, 1, 0, 1, {{0, 0, bigText()}}, {}});
    table.group.run(500ms);

    // Member 1 hears from 0 with the delay of a real wire, and at once from Malory, who claims ever
    // more of everybody and never serves any of it.
    Wire wire(table, 100ms);
    Millis waited{0};
    for (std::uint64_t i = 1; waited < 60s && table.group.at(1).text(doc)->size() < 5000; ++i) {
        gossip::Have have;
        gossip::Summary summary;
        for (std::uint16_t device = 0; device < 4; ++device) {
            have.places.push_back({DeviceIndex(device), Seq((1ULL << 40U) + i), i});
            summary.heads.push_back({DeviceIndex(device), Seq((1ULL << 40U) + i), i});
        }
        wire.toOne(kMalory, hostile::frameOf(have));
        wire.toOne(kMalory, hostile::frameOf(summary));
        wire.pass(20ms);
        waited += 20ms;
    }
    QVERIFY2(waited < 8s, qPrintable(QString::number(waited.count())));
}

void FloodTest::refusalsOfOneHideNoOthers()
{
    Table table;
    for (std::uint32_t i = 0; i < 1200; ++i) {
        hostile::Record record = table.pen.draft(table.pen.typing("x"), table.group.now().wall);
        record.header.epoch = Epoch(1);
        record.header.device = DeviceIndex(static_cast<std::uint16_t>(100 + i));
        const hostile::Frame frame = hostile::changesFrame({table.pen.resigned(record)});
        table.group.step(
            0, engine::FrameIn{table.group.sessionWith(0, kMalory), frame.kind, frame.body});
        table.group.run(20ms);
    }
    table.group.step(0, engine::FrameIn{table.group.sessionWith(0, 1), 0x15, Bytes(3)});
    QVERIFY(table.codes(0).contains(Code::E_CANON));
}

void FloodTest::inventedParentsDoNotHideABranch()
{
    // Malory has forked, and an undisputed member names thousands of changes of hers that nobody
    // ever wrote. An honest change on the other branch is taken all the same.
    Table table;
    hostile::Pen other(table.pen.member());
    const auto wall = table.group.now().wall;
    const hostile::Record first = table.pen.append("a", wall);
    const hostile::Record second = other.append("b", wall);
    const hostile::Record third = other.append("c", wall);
    const auto give = [&](std::size_t from, const hostile::Record &record) {
        const hostile::Frame frame = hostile::changesFrame({record});
        table.group.step(0,
                         engine::FrameIn{table.group.sessionWith(0, from), frame.kind, frame.body});
    };
    for (std::size_t i = 1; i < 3; ++i)
        table.group.cut(0, i);
    give(kMalory, first);
    give(kMalory, second);
    QCOMPARE(table.group.at(0).evidence().size(), 1U);
    table.group.join(0, 2);
    hostile::Pen accomplice({table.configuration, table.scheme, table.group.device(2),
                             DeviceIndex(2), table.group.key()});
    SeededRandom random(3);
    for (int i = 0; i < 300; ++i) {
        hostile::Record record = accomplice.draft(accomplice.typing("x"), wall);
        for (std::uint64_t k = 0; k < 16; ++k) {
            history::DepRef dep{DeviceIndex(kMalory), Seq(10 + k), {}};
            random.fill(dep.hash.value);
            record.header.deps.push_back(dep);
        }
        record.header.seq = Seq(100 + static_cast<std::uint64_t>(i));
        random.fill(record.header.prev.value);
        give(2, accomplice.resigned(record));
        table.group.run(20ms);
    }
    hostile::Pen honest({table.configuration, table.scheme, table.group.device(1), DeviceIndex(1),
                         table.group.key()});
    QVERIFY(honest.take(second) && honest.take(third));
    hostile::Record standing = honest.draft(honest.typing("on c"), wall);
    standing.header.deps = {{DeviceIndex(kMalory), Seq(2), third.hash}};
    standing.header.lamport = Lamport(third.header.lamport.value + 1);
    standing =
        honest.resealed(standing, honest.contentOf(honest.draft(honest.typing("on c"), wall)));
    table.group.join(0, 1);
    give(1, standing);
    give(1, third);
    give(1, second);
    table.group.run(1s);
    QVERIFY(table.group.at(0).graph().find(standing.hash) != ChangeHandle());
}

void FloodTest::oldCaretsComeOnlyFromTheirOwner()
{
    Table table;
    const DocIndex doc = table.group.at(0).snapshot().documents[0].doc;
    table.group.subscribe(1);
    table.group.submit(1, api::OpenDocument{doc, 1});
    static_cast<void>(table.group.takeEvents(1));
    gossip::Presence caret;
    caret.device = DeviceIndex(0);
    caret.session = 77;
    caret.counter = 1;
    caret.isPresent = true;
    caret.doc = doc;
    caret.signature = table.scheme.sign(table.group.device(0), domains::kPresence,
                                        table.configuration.workspace, caret.hash());
    const auto isDrawn = [&] {
        const auto events = table.group.takeEvents(1);
        return std::ranges::any_of(events, [](const api::Event &event) {
            return std::holds_alternative<api::CaretMoved>(event);
        });
    };
    table.say(1, caret);
    QVERIFY(!isDrawn());
    QVERIFY(table.group.cuts(1).empty());
    const hostile::Frame frame = hostile::frameOf(caret);
    table.group.step(1, engine::FrameIn{table.group.sessionWith(1, 0), frame.kind, frame.body});
    QVERIFY(isDrawn());
}

void FloodTest::acksOfUnknownDevicesAreRefused()
{
    Table table;
    const hostile::Frame frame = table.pen.ack(1, {{DeviceIndex(4000), Seq(1), Hash{}}});
    table.group.step(0,
                     engine::FrameIn{table.group.sessionWith(0, kMalory), frame.kind, frame.body});
    QVERIFY(table.codes(0).contains(Code::E_NOT_MEMBER));
}

void FloodTest::unsignedOrphansTakeNoRoom()
{
    Table table;
    hostile::Record record = table.pen.draft(table.pen.typing("x"), table.group.now().wall);
    record.header.device = DeviceIndex(1); // somebody else's, whose room it would take
    record.header.seq = Seq(50);
    table.say(0, gossip::Changes{0, true, {history::encodeFull(table.pen.resigned(record))}});
    QCOMPARE(table.group.at(0).snapshot().orphans, 0U);
    QVERIFY(table.codes(0).contains(Code::E_SIG));
}

void FloodTest::twoAcksOfOneSeatCountForNeither_data()
{
    QTest::addColumn<int>("later"); // what the number of the second is beyond that of the first
    QTest::addColumn<bool>("isFirstEmpty");
    QTest::newRow("one number, taken back") << 0 << false;
    QTest::newRow("one number, said late") << 0 << true;
    QTest::newRow("taken back later") << 1 << false;
}

void FloodTest::twoAcksOfOneSeatCountForNeither()
{
    QFETCH(int, later);
    QFETCH(bool, isFirstEmpty);
    // Three of four are a quorum, and the third here is Malory, who speaks with two tongues.
    Table table;
    const DocIndex doc = table.group.at(0).snapshot().documents[0].doc;
    table.group.cut(0, 2);
    table.group.cut(1, 2);
    table.group.cut(2, kMalory);
    table.group.cut(0, kMalory);
    table.group.cut(1, kMalory);
    table.group.submit(0, api::OpenDocument{doc, 1});
    table.group.submit(0, api::EditText{doc, 1, 0, 1, {{0, 0, "new "}}, {}});
    table.group.run(3s);
    const auto &graph = table.group.at(0).graph();
    const ChangeHandle last(static_cast<std::uint32_t>(graph.size()));
    QVERIFY(!table.group.at(0).isRatified(last));
    table.group.step(0,
                     engine::PeerUp{table.group.sessionWith(0, kMalory),
                                    table.group.device(kMalory).publicKey()});
    const auto give = [&](std::uint64_t no, const trust::Frontier &frontier) {
        const hostile::Frame frame = table.pen.ack(no, frontier);
        table.group.step(
            0, engine::FrameIn{table.group.sessionWith(0, kMalory), frame.kind, frame.body});
    };
    const auto &entry = graph.entry(last);
    const trust::Frontier whole{{entry.device, entry.seq, entry.hash}};
    constexpr std::uint64_t kNo = 1'000'000;
    give(kNo, isFirstEmpty ? trust::Frontier{} : whole);
    give(kNo + static_cast<std::uint64_t>(later), isFirstEmpty ? whole : trust::Frontier{});
    QVERIFY(!table.group.at(0).evidence().empty());
    // What a quorum had signed when it was counted stays; what comes now lacks this seat.
    table.group.submit(0, api::EditText{doc, 1, 0, 2, {{0, 0, "newer "}}, {}});
    table.group.run(3s);
    const ChangeHandle next(static_cast<std::uint32_t>(graph.size()));
    QVERIFY(next != last);
    const auto &after = graph.entry(next);
    give(kNo + 2, {{after.device, after.seq, after.hash}});
    QVERIFY(!table.group.at(0).isRatified(next));
}

QTEST_APPLESS_MAIN(FloodTest)
#include "flood_test.moc"
