#include "core/base/codec.h"
#include "core/consensus/decision.h"
#include "core/consensus/offered_key.h"
#include "core/gossip/message.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using engine::Engine;
using nlbd::testing::SmallGroup;

namespace {

constexpr std::string_view kCare = "care.";

/// Four with a document that all have.
struct Room {
    explicit Room(bool isGuarded = false)
        : group(4)
    {
        if (isGuarded) {
            group.guardStarts();
            for (std::size_t i = 0; i < 4; ++i)
                group.restart(i);
        }
        group.run(300ms);
        group.submit(0, api::CreateDocument{1, "Notes", ""});
        group.run(isGuarded ? 12s : 2s);
        doc = *group.at(0).findDocument("Notes");
    }

    std::optional<Code> turn(std::size_t i)
    {
        api::Wish wish;
        wish.kind = api::Wish::Kind::TurnKey;
        group.submit(i, api::Propose{++requests, wish});
        return group.at(i).lastAnswer().refused;
    }
    void ask(api::Wish::Kind kind, const std::vector<std::size_t> &voters)
    {
        api::Wish wish;
        wish.kind = kind;
        if (kind == api::Wish::Kind::SetPolicy)
            wish.text = "Rule " + std::to_string(++requests);
        group.submit(voters.front(), api::Propose{++requests, wish});
        const Hash id = group.at(voters.front()).lastAnswer().proposal;
        group.run(200ms);
        for (std::size_t i = 1; i < voters.size(); ++i)
            group.submit(voters[i], api::Vote{++requests, id, true});
    }
    void decide(api::Wish::Kind kind, const std::vector<std::size_t> &voters = {0, 1, 2})
    {
        ask(kind, voters);
        group.run(10s);
    }
    void type(std::size_t i, std::string_view text)
    {
        const std::uint64_t view = ++requests;
        group.submit(i, api::OpenDocument{doc, view});
        group.submit(i, api::EditText{doc, view, 0, 1, {{0, 0, std::string(text)}}});
        group.submit(i, api::Flush{});
        group.submit(i, api::CloseDocument{doc, view});
    }
    void part(std::size_t i)
    {
        for (std::size_t other = 0; other < 4; ++other)
            if (other != i)
                group.cut(i, other);
    }
    void meet(std::size_t i)
    {
        for (std::size_t other = 0; other < 4; ++other)
            if (other != i)
                group.join(i, other);
    }
    /// Secrets on the disk, by the keys that they open.
    [[nodiscard]] std::map<std::string, Bytes> secrets(std::size_t i)
    {
        std::map<std::string, Bytes> found;
        for (const store::MetaRow &row : group.folder(i).meta)
            if (row.key.starts_with(kCare))
                found.emplace(row.key.substr(kCare.size()), row.value);
        return found;
    }
    [[nodiscard]] std::size_t keys(std::size_t i)
    {
        const auto folder = group.folder(i);
        return static_cast<std::size_t>(std::ranges::count_if(
            folder.meta, [](const auto &row) { return row.key.starts_with("key."); }));
    }
    [[nodiscard]] std::optional<CareKey> decidedKey(std::size_t i, std::size_t of)
    {
        return group.at(i).configuration().devices[group.at(of).me().value].careKey;
    }
    [[nodiscard]] Epoch epoch(std::size_t i) { return group.at(i).configuration().epoch; }
    [[nodiscard]] KeyEpoch keyEpoch(std::size_t i) { return group.at(i).configuration().keyEpoch; }
    [[nodiscard]] bool isToldOfLoss(std::size_t i)
    {
        bool isTold = false;
        for (const api::Event &event : group.takeEvents(i))
            if (const auto *trouble = std::get_if<api::Trouble>(&event))
                if (trouble->kind == api::Trouble::Kind::KeySecretMissing)
                    isTold = !trouble->isOver;
        return isTold;
    }
    /// Everybody writes a word that everybody reads.
    [[nodiscard]] bool canAllRead()
    {
        for (std::size_t i = 0; i < 4; ++i) {
            const std::string word = "w" + std::to_string(++requests) + " ";
            type(i, word);
            group.run(3s);
            for (std::size_t other = 0; other < 4; ++other)
                if (group.at(other).text(doc).value_or("").find(word) == std::string::npos)
                    return false;
        }
        return true;
    }

    SmallGroup group;
    DocIndex doc;
    std::uint64_t requests = 0;
};

/// What somebody has who once copied a folder.
struct Thief {
    explicit Thief(Room &room, std::size_t victim)
        : device(room.group.device(victim).clone())
    {
        for (const auto &[name, value] : room.secrets(victim)) {
            auto secret = keys::CareSecret::from(ByteView(value).first<32>());
            const CareKey key = secret.publicKey();
            drawn.emplace(key, std::move(secret));
        }
    }
    [[nodiscard]] bool opens(const consensus::OfferedKey &offer, const identity::Configuration &now,
                             const identity::Configuration &next) const
    {
        return keys::openOwnBox(offer.boxes, consensus::recipientsOf(now, next), {device, drawn},
                                offer.commitment)
            .has_value();
    }
    identity::SecretKey device;
    keys::KeyHolder::Secrets drawn;
};

consensus::OfferedKey newestOffer(Room &room)
{
    const auto decision = consensus::Decision::decode(room.group.folder(0).decisions.back().record);
    return *decision->offer;
}

} // namespace

/// Keys that workspace keys come sealed to, drawn anew (PROTOCOL C17, KEYCARE).
class CareKeysTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itRidesWithTheNextDecision();
    void whoCopiedTheOldKeysOpensNothingNew();
    void everybodyTurnsWithANewKey();
    void oldSecretsGo();
    void whoWasAwayForTwoKeysOpensBoth();
    void whoHeardTooLateOfTheNewKeyOpensIt();
    void theSecretIsOnTheDiskFirst();
    void powerGoesAtAnyMoment_data();
    void powerGoesAtAnyMoment();
    void aLostSecretIsSaidAndReplaced();
    void aKeyThatIsNotMineMakesACopy();
    void aCopyGetsKeysUnderItsOwnKey();
    void threeTimesADay();
    void newcomersGetKeysUnderTheirOwn();
};

void CareKeysTest::itRidesWithTheNextDecision()
{
    Room room;
    room.group.subscribe(2);
    QVERIFY(!room.turn(1));
    room.group.run(5s);
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(room.epoch(i), Epoch(0));              // no reason to end an epoch
    QVERIFY(room.group.at(2).decisions().open.empty()); // nobody is asked about it
    QCOMPARE(room.turn(1), std::optional(Code::DUPLICATE));
    QCOMPARE(room.secrets(1).size(), std::size_t(1));
    room.decide(api::Wish::Kind::SetPolicy);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(room.epoch(i), Epoch(1));
        QVERIFY(room.decidedKey(i, 1).has_value());
        QVERIFY(room.secrets(1).contains(room.decidedKey(i, 1)->hex()));
        QVERIFY(!room.decidedKey(i, 0));
    }
    const auto made = room.group.at(3).decisions().made;
    QVERIFY(std::ranges::any_of(made.at(0).wishes, [](const api::Wish &wish) {
        return wish.kind == api::Wish::Kind::TurnKey;
    }));
    QVERIFY(room.canAllRead());
    QVERIFY(!room.turn(1)); // and the next may follow
}

void CareKeysTest::whoCopiedTheOldKeysOpensNothingNew()
{
    Room room;
    room.decide(api::Wish::Kind::NewKey);
    room.decide(api::Wish::Kind::SetPolicy); // what was told late is decided
    const Thief thief(room, 1);
    const identity::Configuration now = room.group.at(0).configuration();
    QVERIFY(!room.turn(1));
    room.decide(api::Wish::Kind::NewKey);
    const identity::Configuration next = room.group.at(0).configuration();
    QCOMPARE(next.keyEpoch.value, std::uint16_t(now.keyEpoch.value + 1));
    const consensus::OfferedKey offer = newestOffer(room);
    QVERIFY(!thief.opens(offer, now, next));
    QVERIFY(Thief(room, 1).opens(offer, now, next)); // its owner does
    QVERIFY(room.canAllRead());
    // What the thief holds opened the key before.
    QVERIFY(thief.drawn.contains(*now.devices[room.group.at(1).me().value].careKey));
}

void CareKeysTest::everybodyTurnsWithANewKey()
{
    Room room;
    room.decide(api::Wish::Kind::NewKey);
    room.decide(api::Wish::Kind::SetPolicy);
    std::set<CareKey> all;
    for (std::size_t i = 0; i < 4; ++i) {
        QVERIFY(room.decidedKey(0, i).has_value());
        all.insert(*room.decidedKey(0, i));
        QCOMPARE(room.secrets(i).size(), std::size_t(1));
    }
    QCOMPARE(all.size(), std::size_t(4));
    // Asked for again and again, and never answered: one is drawn while a key is in force.
    for (int i = 0; i < 3; ++i) {
        room.ask(api::Wish::Kind::NewKey, {3});
        room.group.run(1s);
    }
    QCOMPARE(room.secrets(0).size(), std::size_t(2));
}

void CareKeysTest::oldSecretsGo()
{
    Room room;
    std::string before;
    for (int i = 0; i < 3; ++i) {
        QVERIFY(!room.turn(1));
        room.decide(api::Wish::Kind::SetPolicy);
        const auto secrets = room.secrets(1);
        QCOMPARE(secrets.size(), std::size_t(1));
        QVERIFY(secrets.begin()->first != before);
        before = secrets.begin()->first;
        QCOMPARE(before, room.decidedKey(2, 1)->hex());
        room.group.restart(1);
        room.group.run(1s);
        QCOMPARE(room.secrets(1).size(), std::size_t(1));
    }
}

void CareKeysTest::whoWasAwayForTwoKeysOpensBoth()
{
    Room room;
    QVERIFY(!room.turn(3));
    room.group.run(1s);
    room.part(3);
    room.decide(api::Wish::Kind::NewKey);
    room.type(0, "one ");
    room.decide(api::Wish::Kind::NewKey);
    room.type(1, "two ");
    room.group.run(2s);
    QCOMPARE(room.keyEpoch(0), KeyEpoch(2));
    QCOMPARE(room.keyEpoch(3), KeyEpoch(0));
    room.group.restart(3);
    room.part(3);
    room.meet(3);
    room.group.run(5s);
    QCOMPARE(room.keyEpoch(3), KeyEpoch(2));
    QCOMPARE(room.keys(3), std::size_t(2)); // beside the first, which it began with
    QVERIFY(room.canAllRead());
    QCOMPARE(room.group.at(3).text(room.doc), room.group.at(0).text(room.doc));
}

// Its word reached nobody who made the key: the box is for the key before, and good as well.
void CareKeysTest::whoHeardTooLateOfTheNewKeyOpensIt()
{
    Room room;
    room.part(3);
    QVERIFY(!room.turn(3));
    room.decide(api::Wish::Kind::NewKey);
    QVERIFY(!room.decidedKey(0, 3));
    room.meet(3);
    room.group.run(5s);
    QCOMPARE(room.keyEpoch(3), KeyEpoch(1));
    room.decide(api::Wish::Kind::NewKey, {0, 1, 3});
    QCOMPARE(room.keyEpoch(3), KeyEpoch(2));
    QVERIFY(room.decidedKey(0, 3).has_value());
    QVERIFY(room.canAllRead());
}

void CareKeysTest::theSecretIsOnTheDiskFirst()
{
    Room room;
    api::Wish wish;
    wish.kind = api::Wish::Kind::TurnKey;
    const auto actions =
        room.group.at(1).step(api::Command{api::Propose{1, wish}}, room.group.now());
    std::optional<engine::PersistToken> kept;
    std::size_t sent = 0;
    for (const engine::Action &action : actions) {
        if (const auto *persist = std::get_if<engine::Persist>(&action)) {
            for (const store::Row &row : persist->rows)
                if (const auto *meta = std::get_if<store::MetaRow>(&row))
                    if (meta->key.starts_with(kCare)) {
                        QVERIFY(persist->sync == store::Sync::Full);
                        QCOMPARE(meta->value.size(), std::size_t(32 + 32 + 4 + 2));
                        kept = persist->token;
                    }
        }
        const auto *send = std::get_if<engine::Send>(&action);
        if (send != nullptr
            && send->kind == static_cast<std::uint8_t>(gossip::Kind::ControlRecords)) {
            ++sent;
            QVERIFY(kept.has_value());
            QVERIFY(send->after >= *kept);
        }
    }
    QVERIFY(kept.has_value());
    QVERIFY(sent > 0);
}

void CareKeysTest::powerGoesAtAnyMoment_data()
{
    QTest::addColumn<int>("moment");
    for (int moment = 0; moment < 40; ++moment)
        QTest::newRow(qPrintable(QString::number(moment))) << moment;
}

void CareKeysTest::powerGoesAtAnyMoment()
{
    QFETCH(int, moment);
    Room room;
    QVERIFY(!room.turn(1));
    if (moment % 3 == 0)
        room.group.restart(1);
    room.ask(api::Wish::Kind::NewKey, {0, 2, 3});
    room.group.run(Millis(20) * (moment % 20));
    room.group.restart(1);
    room.group.run(Millis(20) * (moment / 2));
    room.group.restart(1);
    room.group.run(12s);
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(room.keyEpoch(i), KeyEpoch(1));
    QCOMPARE(room.keys(1), std::size_t(1));
    room.decide(api::Wish::Kind::NewKey, {0, 1, 2});
    QCOMPARE(room.keyEpoch(1), KeyEpoch(2));
    QCOMPARE(room.keys(1), std::size_t(2));
    QVERIFY(room.decidedKey(0, 1).has_value());
    QVERIFY(room.secrets(1).contains(room.decidedKey(0, 1)->hex()));
    QVERIFY(room.canAllRead());
}

// A backup was put back that lacks the newest secret, and nothing guards this start.
void CareKeysTest::aLostSecretIsSaidAndReplaced()
{
    Room room;
    QVERIFY(!room.turn(1));
    room.decide(api::Wish::Kind::SetPolicy);
    auto folder = room.group.folder(1);
    std::erase_if(folder.meta, [](const auto &row) { return row.key.starts_with(kCare); });
    room.part(1);
    room.group.startFrom(1, folder);
    room.group.subscribe(1);
    room.group.run(1s);
    QVERIFY(room.isToldOfLoss(1));
    const auto lost = room.decidedKey(0, 1);
    room.decide(api::Wish::Kind::NewKey, {0, 2, 3}); // sealed to what it lost
    room.meet(1);
    room.group.run(3s);
    QCOMPARE(room.keyEpoch(1), KeyEpoch(1));
    QCOMPARE(room.keys(1), std::size_t(0));
    QVERIFY(room.group.cuts(1).empty());                // nobody is blamed for the box
    room.decide(api::Wish::Kind::SetPolicy, {0, 2, 3}); // whatever it is about
    room.group.run(5s);
    QVERIFY(room.decidedKey(0, 1) != lost);
    QCOMPARE(room.keys(1), std::size_t(1));
    room.group.subscribe(1);
    QVERIFY(!room.isToldOfLoss(1));
    QVERIFY(room.canAllRead());
}

// Told with my key, and not by this folder: it is an old one, or somebody else uses my key.
void CareKeysTest::aKeyThatIsNotMineMakesACopy()
{
    Room room(true);
    QCOMPARE(room.group.at(1).standing(), Engine::Standing::Ready);
    SystemRandom random;
    const identity::Ed25519 scheme;
    consensus::Proposal proposal;
    const DeviceIndex me = room.group.at(1).me();
    proposal.lastEpoch = Epoch(8);
    proposal.author = room.group.at(1).configuration().devices[me.value].member;
    proposal.device = me;
    proposal.wish = consensus::TurnKey{me, keys::CareSecret::generate(random).publicKey()};
    proposal =
        consensus::signProposal(scheme, room.group.device(1),
                                room.group.at(1).configuration().workspace, std::move(proposal));
    room.group.step(0, engine::ProposalSigned{proposal.encode()});
    room.group.run(2s);
    QCOMPARE(room.group.at(1).standing(), Engine::Standing::Copy);
    static_cast<void>(room.turn(1));
    QVERIFY(room.secrets(1).empty()); // a copy signs nothing more
    QCOMPARE(room.group.at(2).standing(), Engine::Standing::Ready);
}

// An older folder cannot open what is sealed to its device, but to the key that it goes on with.
void CareKeysTest::aCopyGetsKeysUnderItsOwnKey()
{
    Room room(true);
    const auto old = room.group.folder(1);
    QVERIFY(!room.turn(1));
    room.decide(api::Wish::Kind::NewKey);
    room.decide(api::Wish::Kind::NewKey);
    QCOMPARE(room.keyEpoch(0), KeyEpoch(2));
    room.group.secondPlace(1).reset();
    room.group.startFrom(1, old);
    room.type(0, "later ");
    room.group.run(3s);
    QCOMPARE(room.group.at(1).standing(), Engine::Standing::Copy);
    QVERIFY(room.group.at(1).lacksKeySecret());
    QCOMPARE(room.keys(1), std::size_t(0));
    QVERIFY(room.group.cuts(1).empty());

    SystemRandom random;
    const identity::Ed25519 scheme;
    const auto device = identity::SecretKey::generate(random);
    const identity::SecretKey &person = room.group.identity(1);
    const identity::Configuration now = room.group.at(0).configuration();
    consensus::Proposal proposal;
    proposal.lastEpoch = Epoch(now.epoch.value + 8);
    proposal.author = now.devices[room.group.at(1).me().value].member;
    proposal.wish = consensus::MoveSeat{
        device.publicKey(), identity::certifyDevice(scheme, person, device.publicKey())};
    proposal = consensus::signProposal(scheme, person, now.workspace, proposal);
    room.group.step(1, engine::ContinueAs{device.clone(), proposal.encode()});
    room.group.run(10s);
    QCOMPARE(room.group.at(0).configuration().epoch, now.epoch.next());
    QVERIFY(room.group.cuts(1).empty()); // whoever meets it under the old key can't help it
    room.group.reconnectAs(1, device.clone());
    room.group.run(10s);
    QCOMPARE(room.group.at(1).standing(), Engine::Standing::Ready);
    QCOMPARE(room.keys(1), std::size_t(2));
    QVERIFY(room.canAllRead());
}

void CareKeysTest::threeTimesADay()
{
    Room room;
    for (int i = 0; i < 3; ++i) {
        QVERIFY(!room.turn(1));
        room.decide(api::Wish::Kind::SetPolicy);
    }
    QCOMPARE(room.turn(1), std::optional(Code::E_RATE));
    QVERIFY(!room.turn(2)); // of each device
    room.group.sleep(24h, true);
    room.group.run(1s);
    QVERIFY(!room.turn(1));
}

void CareKeysTest::newcomersGetKeysUnderTheirOwn()
{
    Room room;
    room.decide(api::Wish::Kind::NewKey);
    const auto &now = room.group.at(0).configuration();
    const std::size_t eve = room.group.addNewcomer({now.epoch, now.decision});
    room.group.submit(0, api::Propose{++room.requests, room.group.admission(eve)});
    const Hash id = room.group.at(0).lastAnswer().proposal;
    room.group.run(200ms);
    for (const std::size_t i : {1U, 2U})
        room.group.submit(i, api::Vote{++room.requests, id, true});
    room.group.run(8s);
    for (std::size_t i = 0; i < 4; ++i)
        room.group.join(eve, i);
    room.group.run(8s);
    QVERIFY(room.group.at(eve).myDevice() != nullptr);
    QVERIFY(!room.turn(eve));
    room.decide(api::Wish::Kind::NewKey, {0, 1, 2, 3});
    QVERIFY(room.decidedKey(0, eve).has_value());
    room.type(0, "for all ");
    room.group.run(3s);
    QCOMPARE(room.group.at(eve).text(room.doc), room.group.at(0).text(room.doc));
    QCOMPARE(room.keyEpoch(eve), KeyEpoch(2));
}

QTEST_GUILESS_MAIN(CareKeysTest)
#include "care_keys_test.moc"
