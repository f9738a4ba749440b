#include "core/gossip/message.h"
#include "tests/core/engine/checkpoint_room.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace nlbd;
using namespace nlbd::testing;
using gossip::Kind;

namespace {

constexpr std::size_t kBringer = 3; ///< a member; what he brings, others signed
constexpr std::size_t kAway = 4;    ///< hears nothing of it while it is said
constexpr DeviceIndex kForker(2);
constexpr std::size_t kPerKind = 24;
constexpr std::size_t kFileBytes = 3 * limits::kBlobPieceBytes + 5; // somebody attached it

struct Spoken {
    std::uint8_t kind = 0;
    Bytes body;
    friend bool operator==(const Spoken &, const Spoken &) = default;
};

/// Frames of every kind that honest members say to each other in a life of texts and decisions.
class Life {
public:
    Life()
    {
        room.part(kAway);
        room.group.setFilter(
            [this](std::size_t, std::size_t, std::uint8_t kind, const Bytes &body) {
                hear({kind, body});
                return true;
            });
        room.group.giveBlobDisks();
        room.group.attach(0, room.doc, Bytes(kFileBytes, std::byte{7}), "plan.pdf");
        for (const std::size_t i : {0, 1, 2, 3})
            room.type(i, "word ");
        room.group.run(3s);
        room.part(1); // what is missed is pulled
        room.type(0, "apart ");
        room.group.run(3s);
        for (const std::size_t other : {0, 2, 3})
            room.group.join(1, other);
        room.group.run(5s);
        room.group.submit(1, api::OpenDocument{room.doc, 77});
        room.group.submit(1, api::MoveCaret{.doc = room.doc, .view = 77, .serial = 1});
        room.group.run(1s);
        api::Wish key;
        key.kind = api::Wish::Kind::NewKey;
        room.agree(0, key, {1, 2, 3});
        room.agree(0, CheckpointRoom::wishFor(api::Wish::Kind::Checkpoint), {1, 2, 3});
        const std::size_t eve = room.invite();
        room.agree(0, room.group.admission(eve), {1, 2, 3});
        for (const std::size_t other : {0, 1, 2, 3})
            room.group.join(eve, other);
        room.group.run(10s);
        room.group.guardStarts();
        room.group.restart(1); // asks for its own last word
        room.group.run(3s);
        room.group.proveFork(kForker.value, 1);
        room.group.run(2s);
        room.group.setFilter(nullptr);
        // Questions that nobody had to ask.
        ask(gossip::PullAcks{{SeatIndex(0), SeatIndex(1), SeatIndex(3)}});
        ask(gossip::PullControl{{room.now(0).decision}});
        ask(gossip::PullHashes{9, {room.group.at(0).graph().entry(ChangeHandle(1)).hash}});
    }
    CheckpointRoom room{5};

    [[nodiscard]] const std::vector<Spoken> &frames() const { return m_frames; }
    [[nodiscard]] const std::map<std::uint8_t, std::size_t> &kinds() const { return m_kinds; }

private:
    void ask(const gossip::Message &message)
    {
        hear({static_cast<std::uint8_t>(gossip::kindOf(message)), gossip::encode(message)});
    }
    void hear(Spoken frame)
    {
        std::size_t &count = m_kinds[frame.kind];
        if (count == kPerKind || std::ranges::count(m_frames, frame) > 0)
            return;
        ++count;
        m_frames.push_back(std::move(frame));
    }

    std::vector<Spoken> m_frames;
    std::map<std::uint8_t, std::size_t> m_kinds;
};

/// Whoever is told all of it, by one member, with nobody else to hear.
class Listener {
public:
    Listener(SmallGroup &group, std::size_t me)
        : m_group(group)
        , m_me(me)
    {
        m_group.setFilter(
            [](std::size_t, std::size_t, std::uint8_t, const Bytes &) { return false; });
    }

    /// The codes of the cut, if it ended the session.
    [[nodiscard]] std::optional<Code> hears(const Spoken &frame)
    {
        const std::size_t before = m_group.cuts(m_me).size();
        m_group.step(m_me,
                     engine::FrameIn{m_group.sessionWith(m_me, kBringer), frame.kind, frame.body});
        if (++m_heard % 16 == 0)
            m_group.run(100ms);
        if (m_group.cuts(m_me).size() == before)
            return std::nullopt;
        m_group.cut(m_me, kBringer);
        m_group.join(m_me, kBringer);
        return m_group.cuts(m_me).back();
    }
    [[nodiscard]] std::set<Code> refused() const
    {
        std::set<Code> codes;
        for (const api::Refusal &refusal : m_group.at(m_me).refusals())
            codes.insert(refusal.code);
        return codes;
    }
    /// The others are there again, with all that they have to say.
    void meetsAll()
    {
        m_group.setFilter(nullptr);
        for (std::size_t other = 0; other < kBringer + 1; ++other) {
            if (other == m_me)
                continue;
            m_group.cut(m_me, other);
            m_group.join(m_me, other);
        }
        m_group.run(20s);
    }

private:
    SmallGroup &m_group;
    std::size_t m_me;
    std::size_t m_heard = 0;
};

bool isWithin(const std::set<Code> &codes, const std::set<Code> &allowed)
{
    return std::ranges::includes(allowed, codes);
}

QString namesOf(const std::set<Code> &codes)
{
    QStringList names;
    for (const Code code : codes)
        names << QString::fromStdString(std::string(codeName(code)));
    return names.join(' ');
}

} // namespace

/// Every record kind, from anyone, at any time, in any order, twice, cut short, from another
/// workspace, from another epoch (PROTOCOL B): nobody is accused, nothing is shown that was not
/// written, and whoever was told all of it goes on with the others.
class AnyRecordTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void inAnyOrderAndTwice_data();
    void inAnyOrderAndTwice();
    void cutShort();
    void ofAnotherWorkspace();

private:
    void checkEnd(CheckpointRoom &room, std::size_t me);
    std::unique_ptr<Life> m_life;
};

void AnyRecordTest::initTestCase()
{
    m_life = std::make_unique<Life>();
    QStringList missing;
    for (auto kind = static_cast<int>(Kind::Push); kind <= static_cast<int>(Kind::BlobPiece);
         ++kind) {
        const bool isKind =
            kind <= static_cast<int>(Kind::SnapshotPiece) || kind >= static_cast<int>(Kind::AskOwn);
        if (isKind && !m_life->kinds().contains(static_cast<std::uint8_t>(kind)))
            missing << QString::number(kind, 16);
    }
    QCOMPARE(missing.join(' '), QString());
}

void AnyRecordTest::inAnyOrderAndTwice_data()
{
    QTest::addColumn<bool>("isLater"); // than all that is said: a late listener, or an early one
    QTest::addColumn<int>("order");    // 0 as it was said, 1 backwards, else drawn
    for (const bool isLater : {false, true})
        for (int order = 0; order < 4; ++order)
            QTest::addRow("%s, order %d", isLater ? "epochs later" : "epochs before", order)
                << isLater << order;
}

void AnyRecordTest::inAnyOrderAndTwice()
{
    QFETCH(bool, isLater);
    QFETCH(int, order);
    // One who lived it hears it again, or one who was away, and is epochs behind.
    Life life;
    CheckpointRoom &room = life.room;
    const std::size_t me = isLater ? 0 : kAway;
    room.group.join(me, kBringer);
    Listener listener(room.group, me);
    std::vector<Spoken> frames = life.frames();
    frames.insert(frames.end(), life.frames().begin(), life.frames().end());
    if (order == 1)
        std::ranges::reverse(frames);
    if (order > 1)
        std::ranges::shuffle(frames, std::mt19937(static_cast<unsigned>(order)));
    std::set<Code> cuts;
    for (const Spoken &frame : frames)
        if (const auto cut = listener.hears(frame))
            cuts.insert(*cut);
    QCOMPARE(namesOf(cuts), QString()); // nobody who passes on what is true
    QVERIFY2(isWithin(listener.refused(),
                      {Code::DUPLICATE, Code::BUFFERED, Code::E_RATE, Code::E_NOT_MEMBER}),
             qPrintable(namesOf(listener.refused())));
    listener.meetsAll();
    checkEnd(room, me);
}

/// Nobody is accused but who forked, and all go on together.
void AnyRecordTest::checkEnd(CheckpointRoom &room, std::size_t me)
{
    for (const std::size_t i : {me, std::size_t(1)}) {
        room.group.at(i).graph().checkInvariants();
        for (const api::EvidenceInfo &proof : room.group.at(i).evidence()) {
            QCOMPARE(proof.code, Code::EV_FORK);
            QCOMPARE(proof.accused, kForker);
        }
    }
    QCOMPARE(room.text(me), room.text(1));
    room.type(me, "on ");
    room.group.run(5s);
    QVERIFY(room.text(me).find("on ") != std::string::npos);
    QCOMPARE(room.text(me), room.text(1));
}

void AnyRecordTest::cutShort()
{
    Life life;
    CheckpointRoom &room = life.room;
    const std::string text = room.text(kAway);
    room.group.join(kAway, kBringer);
    Listener listener(room.group, kAway);
    for (const Spoken &frame : life.frames())
        for (std::size_t eighth = 0; eighth < 8; ++eighth) {
            Spoken part = frame;
            part.body.resize(frame.body.size() * eighth / 8);
            const auto message = gossip::decode(part.kind, part.body);
            const auto cut = listener.hears(part);
            if (!message)
                QVERIFY2(cut == message.error(), qPrintable(QString::number(part.kind, 16)));
        }
    QVERIFY2(isWithin(listener.refused(),
                      {Code::DUPLICATE, Code::BUFFERED, Code::E_CANON, Code::E_BOUNDS}),
             qPrintable(namesOf(listener.refused())));
    QCOMPARE(room.text(kAway), text);
    listener.meetsAll();
    checkEnd(room, kAway);
}

void AnyRecordTest::ofAnotherWorkspace()
{
    SmallGroup group(4, 2);
    group.submit(0, api::CreateDocument{1, "Ours", "ours"});
    group.run(3s);
    const std::size_t changes = group.at(0).snapshot().changes;
    const DocIndex doc = *group.at(0).findDocument("Ours");
    Listener listener(group, 0);
    std::set<Code> cuts;
    for (const Spoken &frame : m_life->frames())
        if (const auto cut = listener.hears(frame))
            cuts.insert(*cut);
    // A first change names the decision that let its device in, which is another one here.
    QVERIFY2(isWithin(cuts, {Code::E_SIG, Code::E_STRUCT}), qPrintable(namesOf(cuts)));
    QVERIFY2(isWithin(listener.refused(), {Code::E_SIG, Code::E_STRUCT}),
             qPrintable(namesOf(listener.refused())));
    QVERIFY(listener.refused().contains(Code::E_SIG));
    QCOMPARE(group.at(0).snapshot().changes, changes);
    QCOMPARE(group.at(0).evidence().size(), std::size_t(0));
    QVERIFY(group.at(0).decisions().open.empty());
    QCOMPARE(group.at(0).configuration().epoch, Epoch(0));
    listener.meetsAll();
    QCOMPARE(group.at(0).text(doc).value_or(""), std::string("ours"));
    QCOMPARE(group.at(1).text(doc).value_or(""), std::string("ours"));
}

QTEST_GUILESS_MAIN(AnyRecordTest)
#include "any_record_test.moc"
