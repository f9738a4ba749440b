#include "core/consensus/decision.h"
#include "core/engine/farewell.h"
#include "core/gossip/message.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using gossip::Kind;
using nlbd::testing::SmallGroup;

namespace {

api::Wish wish(api::Wish::Kind kind, std::size_t member = 0)
{
    api::Wish wish;
    wish.kind = kind;
    wish.member = MemberIndex(static_cast<std::uint16_t>(member));
    return wish;
}

constexpr std::size_t kAway = 4;

/// Five with a document; the last of them is away from then on, and is removed.
struct Scene {
    Scene()
        : group(5)
    {
        group.run(300ms);
        group.subscribe(kAway);
        group.submit(0, api::CreateDocument{1, "Notes", "old"});
        group.run(3s);
        doc = *group.at(0).findDocument("Notes");
        for (std::size_t i = 0; i < kAway; ++i)
            group.cut(i, kAway);
        group.setFilter(
            [this](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
                if (to == kAway)
                    told.emplace_back(from, kind, body);
                return true;
            });
    }

    void decide(const api::Wish &what)
    {
        group.submit(0, api::Propose{++requests, what});
        group.run(200ms);
        const Hash id = group.at(0).decisions().open.back().id;
        for (std::size_t i = 1; i < 4; ++i)
            group.submit(i, api::Vote{++requests, id, true});
        group.run(10s);
    }
    void type(std::size_t i, std::string_view text)
    {
        const std::uint64_t view = ++lastView;
        group.submit(i, api::OpenDocument{doc, view});
        group.submit(i, api::EditText{doc, view, 0, 1, {{0, 0, std::string(text)}}});
        group.submit(i, api::Flush{});
        group.submit(i, api::CloseDocument{doc, view});
    }
    void comeBack()
    {
        for (std::size_t i = 0; i < kAway; ++i)
            group.join(i, kAway);
        group.run(3s);
    }
    void comeAgain()
    {
        for (std::size_t i = 0; i < kAway; ++i)
            group.cut(i, kAway);
        comeBack();
    }
    [[nodiscard]] Epoch epoch(std::size_t i) { return group.at(i).configuration().epoch; }
    /// The newest that the view of who was away was told.
    [[nodiscard]] bool isMember()
    {
        for (const api::Event &event : group.takeEvents(kAway))
            if (const auto *news = std::get_if<api::DecisionsChanged>(&event))
                wasMember = news->isMember;
        return wasMember;
    }
    /// The epochs whose decisions were told; a frame that is no decision fails.
    [[nodiscard]] std::set<Epoch> toldEpochs() const
    {
        std::set<Epoch> epochs;
        for (const auto &[from, kind, body] : told) {
            const auto message = gossip::decode(kind, body);
            const auto *decisions = message ? std::get_if<gossip::Decisions>(&*message) : nullptr;
            if (decisions == nullptr)
                return {};
            for (const Bytes &record : decisions->decisions)
                epochs.insert(consensus::Decision::decode(record)->value.epoch);
        }
        return epochs;
    }

    SmallGroup group;
    DocIndex doc;
    std::uint64_t lastView = 0;
    std::uint64_t requests = 0;
    bool wasMember = true;
    std::vector<std::tuple<std::size_t, std::uint8_t, Bytes>> told;
};

} // namespace

/// A member who was away when it was removed hears so when it comes back, and hears nothing else.
class FarewellTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whoWasAwayHearsThatItWasRemoved();
    void nothingIsToldBeyond();
    void itNeedNotHoldWhatWasWritten();
    void visitsAreShort();
    void whoAsksForMoreGetsNothing();
};

void FarewellTest::whoWasAwayHearsThatItWasRemoved()
{
    Scene scene;
    scene.decide(wish(api::Wish::Kind::RemoveMember, kAway));
    QCOMPARE(scene.epoch(0), Epoch(1));
    QVERIFY(scene.isMember()); // as far as it knows
    scene.comeBack();
    QVERIFY(!scene.isMember());
    QCOMPARE(scene.epoch(kAway), Epoch(1)); // it holds all that was closed in
    QVERIFY(!scene.group.at(kAway).myDevice()->mayRead);
    const std::size_t changes = scene.group.at(kAway).snapshot().changes;
    scene.type(kAway, "late ");
    QCOMPARE(scene.group.at(kAway).snapshot().changes, changes);
    QCOMPARE(scene.group.at(kAway).text(scene.doc), std::string("old"));
    scene.group.restart(kAway);
    QVERIFY(!scene.group.at(kAway).myDevice()->mayRead);
}

void FarewellTest::nothingIsToldBeyond()
{
    Scene scene;
    scene.decide(wish(api::Wish::Kind::NewKey));
    scene.decide(wish(api::Wish::Kind::NewKey));
    scene.decide(wish(api::Wish::Kind::RemoveMember, kAway));
    scene.type(0, "secret ");
    scene.decide(wish(api::Wish::Kind::NewKey));
    QCOMPARE(scene.epoch(0), Epoch(4));
    scene.comeBack();
    QCOMPARE(scene.toldEpochs(), (std::set{Epoch(0), Epoch(1), Epoch(2)}));
    QCOMPARE(scene.group.at(kAway).knownConfiguration().epoch, Epoch(3));
    QVERIFY(!scene.group.at(kAway).myDevice()->mayRead);
    QCOMPARE(scene.group.at(kAway).text(scene.doc), std::string("old"));
}

void FarewellTest::itNeedNotHoldWhatWasWritten()
{
    Scene scene;
    scene.type(0, "meanwhile ");
    scene.group.run(5s);
    scene.decide(wish(api::Wish::Kind::RemoveMember, kAway));
    QCOMPARE(scene.epoch(0), Epoch(1));
    scene.comeBack();
    // What was closed in is not given any more, so it never gets there; yet it knows, and stops.
    QCOMPARE(scene.epoch(kAway), Epoch(0));
    QVERIFY(!scene.isMember());
    for (const bool isRestarted : {false, true}) {
        if (isRestarted)
            scene.group.restart(kAway);
        const std::size_t changes = scene.group.at(kAway).snapshot().changes;
        scene.type(kAway, "late ");
        scene.group.submit(kAway, api::Propose{9, wish(api::Wish::Kind::NewKey)});
        scene.group.run(5s);
        QCOMPARE(scene.group.at(kAway).snapshot().changes, changes);
        QCOMPARE(scene.group.at(kAway).text(scene.doc), std::string("old"));
        QVERIFY(scene.group.at(kAway).decisions().open.empty());
        QVERIFY(!scene.group.at(kAway).decisions().isMember);
    }
}

void FarewellTest::visitsAreShort()
{
    Scene scene;
    scene.decide(wish(api::Wish::Kind::RemoveMember, kAway));
    scene.comeBack();
    scene.group.run(3s);
    for (std::size_t i = 0; i < kAway; ++i) // it said that it knows
        QCOMPARE(scene.group.cuts(i), std::vector<Code>{Code::E_NOT_MEMBER});
    const std::size_t frames = scene.told.size();
    scene.comeAgain(); // it knows, and says so at once
    QCOMPARE(scene.told.size(), frames);
    QCOMPARE(scene.group.cuts(0).size(), std::size_t(2));
    // Who says nothing is not waited for.
    scene.group.setFilter(
        [](std::size_t from, std::size_t, std::uint8_t, const Bytes &) { return from != kAway; });
    scene.comeAgain();
    QCOMPARE(scene.group.cuts(0).size(), std::size_t(2));
    scene.group.run(engine::Farewell::kStay);
    QCOMPARE(scene.group.cuts(0).size(), std::size_t(3));
}

void FarewellTest::whoAsksForMoreGetsNothing()
{
    Scene scene;
    scene.decide(wish(api::Wish::Kind::RemoveMember, kAway));
    scene.type(0, "secret ");
    scene.group.run(5s);
    scene.group.setFilter(
        [&scene](std::size_t from, std::size_t to, std::uint8_t kind, const Bytes &body) {
            if (to == kAway)
                scene.told.emplace_back(from, kind, body);
            return from != kAway; // it speaks as the lines below say
        });
    for (std::size_t i = 0; i < kAway; ++i)
        scene.group.join(i, kAway);
    const PeerId session = scene.group.sessionWith(0, kAway);
    const auto say = [&](const gossip::Message &message) {
        scene.group.step(0,
                         engine::FrameIn{session,
                                         static_cast<std::uint8_t>(gossip::kindOf(message)),
                                         gossip::encode(message)});
    };
    const gossip::Range all{DeviceIndex(0), Seq(1), Seq(9)};
    say(gossip::PullRanges{1, {all}});
    say(gossip::PullKey{});
    say(gossip::AskOwn{DeviceIndex(kAway)});
    say(gossip::Summary{{}, false});
    say(gossip::AckNumbers{{}, false});
    say(gossip::PullSnapshot{Epoch(0), 0});
    scene.group.run(1s);
    QVERIFY(scene.told.empty());
    for (int i = 0; i < 50; ++i) // what was told in one visit is not told twice
        say(gossip::PullDecisions{Epoch(0)});
    QCOMPARE(scene.toldEpochs(), std::set{Epoch(0)});
    QCOMPARE(scene.told.size(), std::size_t(1));
    say(gossip::PullDecisions{Epoch(1)});
    QCOMPARE(scene.told.size(), std::size_t(1));
    QCOMPARE(scene.group.cuts(0), std::vector<Code>{Code::E_NOT_MEMBER});
}

QTEST_APPLESS_MAIN(FarewellTest)
#include "farewell_test.moc"
