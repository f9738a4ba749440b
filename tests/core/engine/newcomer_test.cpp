#include "core/gossip/message.h"
#include "core/keys/sealing.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

using Kind = api::Wish::Kind;

/// A founded group with some text, and people who come later.
struct Room {
    explicit Room(std::size_t founders)
        : group(founders)
        , size(founders)
    {
        group.run(300ms);
        group.submit(0, api::CreateDocument{1, "Notes", ""});
        group.run(2s);
        doc = *group.at(0).findDocument("Notes");
        type(0, "old ");
        group.run(3s);
    }

    void type(std::size_t i, std::string_view text)
    {
        const std::uint64_t view = ++lastView;
        group.submit(i, api::OpenDocument{doc, view});
        group.submit(i, api::EditText{doc, view, 0, 1, {{0, 0, std::string(text)}}});
        group.submit(i, api::Flush{});
        group.submit(i, api::CloseDocument{doc, view});
    }

    /// Asks, and has the others say yes once they have heard of it.
    void agree(std::size_t who, const api::Wish &wish, const std::vector<std::size_t> &others)
    {
        group.submit(who, api::Propose{++requests, wish});
        const Hash id = group.at(who).lastAnswer().proposal;
        group.run(200ms);
        for (const std::size_t other : others)
            group.submit(other, api::Vote{++requests, id, true});
        group.run(20s);
    }

    /// An invitation of now.
    [[nodiscard]] engine::Anchor anchor()
    {
        const auto &now = group.at(0).configuration();
        return {now.epoch, now.decision};
    }

    std::size_t invite()
    {
        ++size;
        return group.addNewcomer(anchor());
    }

    void meet(std::size_t i)
    {
        for (std::size_t other = 0; other < size; ++other)
            if (other != i)
                group.join(i, other);
    }

    [[nodiscard]] std::string text(std::size_t i) { return group.at(i).text(doc).value_or("?"); }
    [[nodiscard]] Epoch epoch(std::size_t i) { return group.at(i).configuration().epoch; }
    [[nodiscard]] bool isAllAgreed(std::size_t i)
    {
        const engine::Snapshot now = group.at(i).snapshot();
        return now.changes > 0 && now.ratified == now.changes;
    }

    SmallGroup group;
    std::size_t size;
    DocIndex doc;
    std::uint64_t lastView = 0;
    std::uint64_t requests = 0;
};

api::Wish newKey()
{
    api::Wish wish;
    wish.kind = Kind::NewKey;
    return wish;
}

api::Wish removal(std::uint16_t member)
{
    api::Wish wish;
    wish.kind = Kind::RemoveMember;
    wish.member = MemberIndex(member);
    return wish;
}

engine::FrameIn frameOf(PeerId peer, const gossip::Message &message)
{
    return {peer, static_cast<std::uint8_t>(gossip::kindOf(message)), gossip::encode(message)};
}

} // namespace

class NewcomerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void joinsARunningGroup();
    void readsWhatOlderKeysSealed();
    void theKeyTurnsAsItComes();
    void countsAtOnce();
    void oneFounderLetsAnotherIn();
    void twoComeOneAfterTheOther();
    void restartsAtAnyMoment_data();
    void restartsAtAnyMoment();
    void isRemovedAgain();
    void asksOnlyAboutRowsThatAreHere();
    void learnsNothingBefore();
    void aRuleKeepsThePastFromIt();
    void refusesAnotherPast();
    void refusesForgedDecisions();
    void refusesAWrongKey();
    void whoLagsMeetsIt();
};

void NewcomerTest::joinsARunningGroup()
{
    Room room(4);
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    QCOMPARE(room.epoch(3), Epoch(1));
    QCOMPARE(room.group.at(3).configuration().seats.size(), std::size_t(5));
    room.meet(eve);
    room.group.run(10s);
    QCOMPARE(room.epoch(eve), Epoch(1));
    QCOMPARE(room.group.at(eve).me(), DeviceIndex(4));
    QCOMPARE(room.text(eve), std::string("old "));
    room.type(eve, "new ");
    room.group.run(5s);
    for (std::size_t i = 0; i < room.size; ++i) {
        QCOMPARE(room.text(i), std::string("new old "));
        QVERIFY(room.isAllAgreed(i));
        QVERIFY(room.group.cuts(i).empty());
        QCOMPARE(room.group.at(i).configuration().decision,
                 room.group.at(0).configuration().decision);
    }
}

void NewcomerTest::readsWhatOlderKeysSealed()
{
    Room room(4);
    room.agree(0, newKey(), {1, 2});
    room.type(1, "older ");
    room.group.run(3s);
    room.agree(2, newKey(), {1, 3});
    room.type(2, "newer ");
    room.group.run(3s);
    const std::size_t eve = room.invite(); // its anchor is the second decision
    room.agree(0, room.group.admission(eve), {1, 2});
    QCOMPARE(room.epoch(0), Epoch(3));
    room.meet(eve);
    room.group.run(10s);
    QCOMPARE(room.epoch(eve), Epoch(3));
    QCOMPARE(room.text(eve), room.text(0));
    QVERIFY(room.isAllAgreed(eve));
    // A key that was decided while it was away lies in the decision.
    for (std::size_t i = 0; i < 4; ++i)
        room.group.cut(eve, i);
    room.agree(0, newKey(), {1, 2, 3});
    room.type(1, "newest ");
    room.group.run(3s);
    room.meet(eve);
    room.group.run(5s);
    QCOMPARE(room.group.at(eve).configuration().keyEpoch, KeyEpoch(3));
    QCOMPARE(room.text(eve), room.text(0));
}

void NewcomerTest::theKeyTurnsAsItComes()
{
    Room room(4);
    const std::size_t eve = room.invite();
    std::vector<Hash> wanted;
    for (const api::Wish &wish : {room.group.admission(eve), newKey(), removal(3)}) {
        room.group.submit(0, api::Propose{++room.requests, wish});
        wanted.push_back(room.group.at(0).lastAnswer().proposal);
    }
    room.group.run(200ms);
    for (const Hash &id : wanted)
        for (const std::size_t other : {1, 2})
            room.group.submit(other, api::Vote{++room.requests, id, true});
    room.group.run(40s);
    const auto &now = room.group.at(0).configuration();
    QCOMPARE(now.seats.size(), std::size_t(4)); // one came, one went
    QVERIFY(now.keyEpoch >= KeyEpoch(1));
    room.type(1, "after ");
    room.group.run(3s);
    room.meet(eve);
    room.group.run(10s);
    QCOMPARE(room.group.at(eve).configuration().decision, now.decision);
    QCOMPARE(room.text(eve), std::string("after old "));
    QVERIFY(room.isAllAgreed(eve));
    QVERIFY(room.text(3).find("after") == std::string::npos);
}

void NewcomerTest::countsAtOnce()
{
    Room room(4);
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    // Three of four decided; of five it needs four, and the fifth has not come yet.
    for (std::size_t i = 0; i < 4; ++i)
        if (i != 3)
            room.group.cut(3, i);
    room.agree(0, newKey(), {1, 2});
    QCOMPARE(room.epoch(0), Epoch(1));
    room.type(0, "pencil ");
    room.group.run(5s);
    QVERIFY(!room.isAllAgreed(0));
    room.meet(eve);
    room.group.cut(3, eve);
    room.group.run(10s);
    QVERIFY(room.isAllAgreed(0)); // with its ack
    const Hash open = room.group.at(eve).decisions().open.front().id;
    QCOMPARE(room.group.at(eve).decisions().open.front().needed, std::uint16_t(4));
    room.group.submit(eve, api::Vote{99, open, true});
    room.group.run(20s);
    for (const std::size_t i : {std::size_t(0), std::size_t(1), std::size_t(2), eve}) {
        QCOMPARE(room.epoch(i), Epoch(2));
        QCOMPARE(room.group.at(i).configuration().keyEpoch, KeyEpoch(1));
    }
}

void NewcomerTest::oneFounderLetsAnotherIn()
{
    Room room(1);
    const std::size_t ben = room.invite(); // its anchor is the genesis record
    room.agree(0, room.group.admission(ben), {});
    QCOMPARE(room.group.at(0).configuration().seats.size(), std::size_t(2));
    room.meet(ben);
    room.group.run(10s);
    QCOMPARE(room.text(ben), std::string("old "));
    room.type(ben, "we ");
    room.group.run(5s);
    QCOMPARE(room.text(0), std::string("we old "));
    QVERIFY(room.isAllAgreed(0));
    QVERIFY(room.isAllAgreed(ben));
}

void NewcomerTest::twoComeOneAfterTheOther()
{
    Room room(1);
    const std::size_t ben = room.invite();
    room.agree(0, room.group.admission(ben), {});
    room.meet(ben);
    room.group.run(10s);
    const std::size_t cleo = room.invite();
    room.agree(ben, room.group.admission(cleo), {0});
    QCOMPARE(room.epoch(0), Epoch(2));
    // Whoever came last can be led in by whoever came before, without the founder.
    room.group.join(ben, cleo);
    room.group.run(10s);
    QCOMPARE(room.text(cleo), std::string("old "));
    room.group.join(0, cleo);
    room.type(cleo, "three ");
    room.group.run(5s);
    for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(room.text(i), std::string("three old "));
        QVERIFY(room.isAllAgreed(i));
    }
}

void NewcomerTest::restartsAtAnyMoment_data()
{
    QTest::addColumn<int>("pace");
    for (const int pace : {20, 40, 100, 300, 1100})
        QTest::newRow(std::to_string(pace).c_str()) << pace;
}

void NewcomerTest::restartsAtAnyMoment()
{
    QFETCH(int, pace);
    Room room(4);
    room.agree(0, newKey(), {1, 2});
    const std::size_t eve = room.invite();
    room.group.restart(eve); // before anybody admitted it
    room.agree(0, room.group.admission(eve), {1, 2});
    room.meet(eve);
    for (int i = 0; i < 12; ++i) {
        room.group.run(Millis(pace * (i + 1)));
        room.group.restart(eve);
    }
    room.group.run(10s);
    QCOMPARE(room.text(eve), std::string("old "));
    room.type(eve, "new ");
    room.group.restart(eve);
    room.group.run(10s);
    for (std::size_t i = 0; i < room.size; ++i) {
        QCOMPARE(room.text(i), std::string("new old "));
        QVERIFY(room.isAllAgreed(i));
        QVERIFY(room.group.at(i).evidence().empty());
    }
}

void NewcomerTest::isRemovedAgain()
{
    Room room(4);
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    room.meet(eve);
    room.group.run(5s);
    room.type(eve, "mine ");
    room.group.run(5s);
    room.agree(0, removal(4), {1, 2, 3});
    QCOMPARE(room.epoch(0), Epoch(2));
    QCOMPARE(room.group.at(0).configuration().seats.size(), std::size_t(4));
    QCOMPARE(room.text(0), std::string("mine old "));
    room.type(1, "secret ");
    room.type(eve, "late ");
    room.group.run(5s);
    QVERIFY(room.text(0).find("late") == std::string::npos);
    QVERIFY(room.text(eve).find("secret") == std::string::npos);
    // The same device does not come in again, and asking for it is answered.
    room.group.submit(0, api::Propose{77, room.group.admission(eve)});
    QVERIFY(room.group.at(0).lastAnswer().refused.has_value());
}

void NewcomerTest::asksOnlyAboutRowsThatAreHere()
{
    Room room(4);
    const std::size_t eve = room.invite();
    room.group.cut(3, 0);
    room.group.cut(3, 1);
    room.group.cut(3, 2);
    room.agree(0, room.group.admission(eve), {1, 2});
    QCOMPARE(room.epoch(3), Epoch(0)); // where nobody knows of the fifth member
    api::Wish device;
    device.kind = Kind::RemoveDevice;
    device.device = DeviceIndex(4);
    for (const api::Wish &wish : {removal(4), device}) {
        room.group.submit(3, api::Propose{++room.requests, wish});
        QCOMPARE(room.group.at(3).lastAnswer().refused, std::optional(Code::E_NOT_MEMBER));
    }
}

void NewcomerTest::learnsNothingBefore()
{
    Room room(4);
    const std::size_t eve = room.invite();
    room.meet(eve); // sessions stand, but nobody admitted it
    room.group.run(5s);
    QCOMPARE(room.group.at(eve).snapshot().changes, std::size_t(0));
    room.group.step(0, frameOf(room.group.sessionWith(0, eve), gossip::PullKey{}));
    room.group.step(0, frameOf(room.group.sessionWith(0, eve), gossip::PullDecisions{}));
    room.group.run(1s);
    QVERIFY(room.group.at(eve).myDevice() == nullptr);
    room.group.submit(eve, api::CreateDocument{1, "Mine", "text"});
    room.group.submit(eve, api::Propose{1, newKey()});
    QCOMPARE(room.group.at(eve).lastAnswer().refused, std::optional(Code::E_NOT_MEMBER));
    QVERIFY(!room.group.at(eve).findDocument("Mine"));
}

void NewcomerTest::aRuleKeepsThePastFromIt()
{
    Room room(4);
    api::Wish rule;
    rule.kind = Kind::SetPolicy;
    rule.text = "Ours.";
    rule.limits = api::Limits{.newcomersReadPast = false};
    const std::size_t eve = room.invite();
    // Asked before the rule: as soon as it is in force nobody can decide it any more.
    room.group.submit(3, api::Propose{++room.requests, room.group.admission(eve)});
    const Hash early = room.group.at(3).lastAnswer().proposal;
    room.agree(0, rule, {1, 2});
    QCOMPARE(room.epoch(3), Epoch(1));
    for (std::size_t i = 0; i < 4; ++i)
        room.group.submit(i, api::Vote{++room.requests, early, true});
    room.group.submit(0, api::Propose{++room.requests, room.group.admission(eve)});
    QCOMPARE(room.group.at(0).lastAnswer().refused, std::optional(Code::E_ROLE));
    room.meet(eve);
    room.group.run(20s);
    room.type(0, "secret ");
    room.group.run(5s);
    for (std::size_t i = 0; i < 4; ++i) {
        room.group.step(i, frameOf(room.group.sessionWith(i, eve), gossip::PullKey{}));
        QCOMPARE(room.epoch(i), Epoch(1));
        QCOMPARE(room.group.at(i).configuration().devices.size(), std::size_t(4));
    }
    room.group.run(5s);
    // Nothing on its disk opens anything: neither keys nor texts came.
    QVERIFY(room.group.at(eve).myDevice() == nullptr);
    const auto stored = room.group.disk(eve).load();
    QVERIFY(stored->changes.empty());
    for (const store::MetaRow &row : stored->meta)
        QVERIFY2(!row.key.starts_with("key."), row.key.c_str());

    // With another rule what was asked before is open still, and answered: it comes in, and reads.
    rule.limits = api::Limits{};
    room.agree(1, rule, {0, 2});
    room.group.run(20s);
    QCOMPARE(room.epoch(0), Epoch(3));
    for (std::size_t i = 0; i < 4; ++i)
        room.group.cut(eve, i);
    room.meet(eve); // to whom it was a stranger
    room.group.run(10s);
    QCOMPARE(room.text(eve), std::string("secret old "));
}

void NewcomerTest::refusesAnotherPast()
{
    Room room(4);
    room.agree(0, newKey(), {1, 2});
    engine::Anchor wrong = room.anchor();
    wrong.decision.value[0] ^= std::byte{1};
    const std::size_t eve = room.group.addNewcomer(wrong);
    ++room.size;
    room.agree(0, room.group.admission(eve), {1, 2});
    room.meet(eve);
    room.group.run(5s);
    QVERIFY(std::ranges::count(room.group.cuts(eve), Code::E_STRUCT) >= 4);
    QCOMPARE(room.epoch(eve), Epoch(0));
    QCOMPARE(room.group.at(eve).snapshot().changes, std::size_t(0));
    QVERIFY(room.group.at(eve).myDevice() == nullptr);
}

void NewcomerTest::refusesForgedDecisions()
{
    Room room(4);
    room.agree(0, newKey(), {1, 2});
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    const auto stored = room.group.disk(0).load();
    Bytes forged = stored->decisions.front().record;
    forged.back() ^= std::byte{1}; // a signature of its certificate
    room.group.join(eve, 0);
    room.group.step(eve, frameOf(room.group.sessionWith(eve, 0), gossip::Decisions{{forged}}));
    QCOMPARE(room.group.cuts(eve), std::vector<Code>{Code::E_SIG});
    room.group.run(1s);
    QVERIFY(room.group.at(eve).myDevice() == nullptr);
    // Anybody else leads it in all the same.
    room.group.join(eve, 1);
    room.group.run(5s);
    QCOMPARE(room.text(eve), std::string("old "));
}

void NewcomerTest::refusesAWrongKey()
{
    Room room(4);
    room.agree(0, newKey(), {1, 2});
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    SeededRandom random(7);
    const auto sealed = keys::offerKey(keys::WorkspaceKey::generate(random),
                                       keys::recipientsAt({room.group.device(eve).publicKey()}));
    Bytes garbage = sealed->encode();
    garbage.back() ^= std::byte{1};
    const auto stored = room.group.disk(0).load();
    gossip::Decisions told;
    for (const store::DecisionRow &row : stored->decisions)
        told.decisions.push_back(row.record);
    for (const Bytes &offer : std::vector<Bytes>{sealed->encode(), garbage}) {
        const std::size_t before = room.group.cuts(eve).size();
        room.group.join(eve, 0);
        room.group.step(eve, frameOf(room.group.sessionWith(eve, 0), told));
        room.group.step(
            eve, frameOf(room.group.sessionWith(eve, 0), gossip::SealedKey{KeyEpoch(1), offer}));
        QCOMPARE(room.group.cuts(eve).size(), before + 1);
        room.group.cut(eve, 0);
    }
    QCOMPARE(room.group.cuts(eve).front(), Code::E_KEY_COMMIT);
    QCOMPARE(room.group.cuts(eve).back(), Code::E_KEY_OFFER);
    room.group.join(eve, 1);
    room.group.run(5s);
    QCOMPARE(room.text(eve), std::string("old "));
}

void NewcomerTest::whoLagsMeetsIt()
{
    Room room(4);
    for (std::size_t i = 0; i < 3; ++i)
        room.group.cut(3, i);
    const std::size_t eve = room.invite();
    room.agree(0, room.group.admission(eve), {1, 2});
    for (std::size_t i = 0; i < 3; ++i)
        room.group.join(eve, i);
    room.group.run(5s);
    room.type(eve, "new ");
    room.group.run(3s);
    room.group.join(3, 0); // who was away hears of it from the others, then meets it
    room.group.run(5s);
    room.group.join(3, eve);
    room.group.run(5s);
    QCOMPARE(room.text(3), std::string("new old "));
    QVERIFY(room.isAllAgreed(3));
    QVERIFY(room.group.cuts(3).empty());
}

QTEST_GUILESS_MAIN(NewcomerTest)
#include "newcomer_test.moc"
