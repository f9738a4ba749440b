#include "tests/support/hostile.h"
#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

api::Wish wish(api::Wish::Kind kind, std::uint16_t member = 0)
{
    api::Wish wish;
    wish.kind = kind;
    wish.member = MemberIndex(member);
    return wish;
}

/// A group with a document that all have, and what the tests ask of it.
struct Table {
    explicit Table(std::size_t count)
        : group(count)
        , size(count)
    {
        group.run(300ms);
        for (std::size_t i = 0; i < size; ++i)
            group.subscribe(i);
        group.submit(0, api::CreateDocument{1, "Notes", ""});
        group.run(3s);
        doc = *group.at(0).findDocument("Notes");
    }

    void type(std::size_t i, std::string_view text)
    {
        const std::uint64_t view = ++lastView;
        group.submit(i, api::OpenDocument{doc, view});
        group.submit(i, api::EditText{doc, view, 0, 1, {{0, 0, std::string(text)}}});
        group.submit(i, api::Flush{});
        group.submit(i, api::CloseDocument{doc, view});
    }

    [[nodiscard]] api::DecisionsChanged shown(std::size_t i)
    {
        for (api::Event &event : group.takeEvents(i))
            if (const auto *news = std::get_if<api::DecisionsChanged>(&event))
                last[i] = *news;
        return last[i];
    }

    /// Asks, and has the others say yes once they have heard of it.
    Hash agree(std::size_t who, const api::Wish &what, const std::vector<std::size_t> &others)
    {
        group.submit(who, api::Propose{++requests, what});
        const auto open = shown(who).open;
        const Hash id = open.empty() ? Hash() : open.back().id;
        group.run(200ms);
        for (const std::size_t other : others)
            group.submit(other, api::Vote{++requests, id, true});
        return id;
    }

    [[nodiscard]] Epoch epoch(std::size_t i) { return group.at(i).configuration().epoch; }
    [[nodiscard]] std::string text(std::size_t i) { return group.at(i).text(doc).value_or("?"); }

    SmallGroup group;
    std::size_t size;
    DocIndex doc;
    std::uint64_t lastView = 0;
    std::uint64_t requests = 0;
    std::map<std::size_t, api::DecisionsChanged> last;
};

} // namespace

class CouncilTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneDecidesAlone();
    void aRuleShowsAllOfItself();
    void aRuleThatIsTooLongGoesNowhere();
    void twoNeedBoth();
    void removalTurnsTheKey();
    void nothingWithoutAQuorum();
    void lateEditsAreVoid();
    void honestWorkOnVoidTextStays();
    void mutualRemoval();
    void restartsAtAnyMoment_data();
    void restartsAtAnyMoment();
    void whoWasAwayFollows();
    void readersDoNotWrite();
    void aForkIsFencedByItself();
};

void CouncilTest::oneDecidesAlone()
{
    Table table(1);
    table.agree(0, wish(api::Wish::Kind::NewKey), {});
    table.group.run(10s);
    QCOMPARE(table.epoch(0), Epoch(1));
    QCOMPARE(table.group.at(0).configuration().keyEpoch, KeyEpoch(1));
    table.type(0, "later");
    table.group.run(1s);
    QCOMPARE(table.text(0), std::string("later"));
    table.group.restart(0);
    QCOMPARE(table.epoch(0), Epoch(1));
    QCOMPARE(table.text(0), std::string("later"));
}

// PROTOCOL C7: whoever votes on a rule sees its numbers, whatever program asked.
void CouncilTest::aRuleShowsAllOfItself()
{
    Table table(4);
    api::Wish kind = wish(api::Wish::Kind::SetPolicy);
    kind.text = "Be kind.";
    table.agree(0, kind, {1, 2});
    table.group.run(20s);
    QCOMPARE(table.epoch(3), Epoch(1));
    QCOMPARE(table.shown(3).rule, std::string("Be kind."));
    QVERIFY(table.shown(3).limits == api::Limits{}); // what is not named stays

    api::Wish sly = kind; // the same sentence
    sly.limits = api::Limits{.silentDays = 1, .keyDays = 0, .checkpointChanges = 9};
    const Hash id = table.agree(0, sly, {});
    table.group.run(300ms);
    const auto open = table.shown(3).open;
    QCOMPARE(open.size(), std::size_t(1));
    QVERIFY(open[0].id == id);
    QVERIFY(open[0].wish.limits == sly.limits);
    const MemberIndex asks = table.group.at(0).myDevice()->member;
    QVERIFY(open[0].saidYes == std::vector<MemberIndex>{asks});
    QVERIFY(open[0].saidNo.empty());
    table.group.submit(1, api::Vote{1, id, false});
    table.group.run(300ms);
    QCOMPARE(table.shown(3).open[0].saidNo.size(), std::size_t(1));
    table.group.submit(1, api::Vote{2, id, true});
    table.group.submit(2, api::Vote{3, id, true});
    table.group.run(20s);
    const auto now = table.shown(3);
    QVERIFY(now.limits == *sly.limits);
    QCOMPARE(now.made.front().signers.size(), std::size_t(now.made.front().signatures));
    QCOMPARE(table.group.at(3).configuration().policy.checkpointChanges, 9U);
}

void CouncilTest::aRuleThatIsTooLongGoesNowhere()
{
    Table table(4);
    api::Wish rule = wish(api::Wish::Kind::SetPolicy);
    rule.text = std::string(4097, 'a');
    table.group.submit(0, api::Propose{1, rule});
    QCOMPARE(table.group.at(0).lastAnswer().refused, std::optional(Code::E_CANON));
    table.group.run(3s);
    for (std::size_t i = 0; i < table.size; ++i)
        QVERIFY(table.group.cuts(i).empty()); // nobody ended the session of an honest member
    rule.text.pop_back();
    table.agree(0, rule, {1, 2});
    table.group.run(20s);
    QCOMPARE(table.group.at(3).configuration().policy.text, rule.text);
    // What would change nothing is said so, and takes none of the three places.
    for (const api::Wish &moot : {rule, wish(api::Wish::Kind::Wake)}) {
        table.group.submit(0, api::Propose{2, moot});
        QCOMPARE(table.group.at(0).lastAnswer().refused, std::optional(Code::DUPLICATE));
    }
}

void CouncilTest::twoNeedBoth()
{
    Table table(2);
    const Hash id = table.agree(0, wish(api::Wish::Kind::NewKey), {});
    table.group.run(20s);
    QCOMPARE(table.epoch(0), Epoch(0));
    table.group.submit(1, api::Vote{9, id, true});
    table.group.run(20s);
    QCOMPARE(table.epoch(0), Epoch(1));
    QCOMPARE(table.epoch(1), Epoch(1));
}

void CouncilTest::removalTurnsTheKey()
{
    Table table(5);
    table.type(4, "before ");
    table.group.run(5s);
    table.agree(0, wish(api::Wish::Kind::RemoveMember, 4), {1, 2, 3});
    table.group.run(30s);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(table.epoch(i), Epoch(1));
        const auto &configuration = table.group.at(i).configuration();
        QCOMPARE(configuration.decision, table.group.at(0).configuration().decision);
        QCOMPARE(configuration.seats.size(), std::size_t(4));
        QCOMPARE(configuration.keyEpoch, KeyEpoch(1));
        QVERIFY(!configuration.devices[4].mayWrite);
        QCOMPARE(table.text(i), std::string("before "));
        const auto news = table.shown(i);
        QCOMPARE(news.made.size(), std::size_t(1));
        QCOMPARE(news.made[0].wishes.size(), std::size_t(1));
        QVERIFY(news.made[0].signatures >= 4);
        const auto &signers = news.made[0].signers;
        QCOMPARE(signers.size(), std::size_t(news.made[0].signatures));
        QVERIFY(std::ranges::is_sorted(signers) && signers.back().value < 5);
        QVERIFY(news.open.empty());
    }
    table.type(1, "after ");
    table.group.run(10s);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(table.text(i), std::string("after before "));
        const auto snapshot = table.group.at(i).snapshot();
        QCOMPARE(snapshot.ratified, snapshot.changes);
    }
    QVERIFY(table.text(4).find("after") == std::string::npos);
}

void CouncilTest::nothingWithoutAQuorum()
{
    Table table(4);
    api::Wish removal = wish(api::Wish::Kind::RemoveMember, 3);
    removal.text = "They wrote over us";
    table.agree(0, removal, {1}); // two of three that are needed
    table.group.run(60s);
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(table.epoch(i), Epoch(0));
    // The one to be removed counts in n and does not approve of it.
    const auto open = table.shown(3).open;
    QCOMPARE(open.size(), std::size_t(1));
    table.group.submit(3, api::Vote{5, open[0].id, true});
    table.group.run(60s);
    QCOMPARE(table.epoch(0), Epoch(0));
    const auto asked = table.group.at(0).decisions().open.front();
    QCOMPARE(asked.saidYes, (std::vector{MemberIndex(0), MemberIndex(1)}));
    QVERIFY(asked.saidNo.empty() && !asked.isNoticed);
    QCOMPARE(asked.wish.text, std::string("They wrote over us"));
    QCOMPARE(asked.lastEpoch, Epoch(8));
    // A yes that is taken back may still count for others; what I said is no.
    QCOMPARE(table.group.at(1).decisions().open.front().mine, std::optional(true));
    table.group.submit(1, api::Vote{6, open[0].id, false});
    QCOMPARE(table.group.at(1).decisions().open.front().mine, std::optional(false));
    QCOMPARE(table.group.at(1).decisions().open.front().saidNo, std::vector{MemberIndex(1)});
}

void CouncilTest::lateEditsAreVoid()
{
    // 5 holds what 6 wrote too late, and hears of the decision afterwards.
    Table table(7);
    table.type(6, "early ");
    table.group.run(5s);
    for (std::size_t i = 0; i < 5; ++i) {
        table.group.cut(i, 5);
        table.group.cut(i, 6);
    }
    table.agree(0, wish(api::Wish::Kind::RemoveMember, 6), {1, 2, 3, 4});
    table.group.run(30s);
    QCOMPARE(table.epoch(0), Epoch(1));
    table.type(6, "late ");
    table.group.run(3s);
    QCOMPARE(table.text(5), std::string("late early "));
    for (std::size_t i = 0; i < 5; ++i)
        table.group.join(i, 5);
    table.group.run(20s);
    for (std::size_t i = 0; i < 6; ++i)
        QCOMPARE(table.text(i), std::string("early "));
}

void CouncilTest::honestWorkOnVoidTextStays()
{
    // 5 does not know of the decision and writes into what 6 wrote too late.
    Table table(7);
    for (std::size_t i = 0; i < 5; ++i) {
        table.group.cut(i, 5);
        table.group.cut(i, 6);
    }
    table.agree(0, wish(api::Wish::Kind::RemoveMember, 6), {1, 2, 3, 4});
    table.group.run(30s);
    QCOMPARE(table.epoch(0), Epoch(1));
    table.type(6, "void");
    table.group.run(3s);
    QCOMPARE(table.text(5), std::string("void"));
    table.type(5, "honest ");
    table.group.run(1s);
    table.group.cut(5, 6);
    for (std::size_t i = 0; i < 5; ++i)
        table.group.join(i, 5);
    table.group.run(60s);
    for (std::size_t i = 0; i < 6; ++i) {
        QCOMPARE(table.epoch(i), Epoch(1));
        QCOMPARE(table.text(i), std::string("honest ")); // it stays, what it stands on is hidden
    }
    const auto rejected = table.group.at(5).rejected(); // and its people can see what it was
    QCOMPARE(rejected.size(), std::size_t(1));
    QCOMPARE(rejected[0].text, std::string("void"));
    QCOMPARE(rejected[0].device, DeviceIndex(6));
    QCOMPARE(rejected[0].mine, std::uint64_t(1));
    QCOMPARE(rejected[0].others, std::uint64_t(0));
    QCOMPARE(table.group.at(0).rejected().at(0).others, std::uint64_t(1));
    table.type(0, "on ");
    table.group.run(10s);
    for (std::size_t i = 0; i < 6; ++i)
        QCOMPARE(table.text(i), std::string("on honest "));
    QCOMPARE(table.group.at(5).rejected(), rejected); // what comes later stands on it indirectly
    table.group.restart(5);
    QCOMPARE(table.text(5), std::string("on honest "));
}

void CouncilTest::mutualRemoval()
{
    Table table(7);
    table.group.submit(0, api::Propose{1, wish(api::Wish::Kind::RemoveMember, 1)});
    table.group.submit(1, api::Propose{2, wish(api::Wish::Kind::RemoveMember, 0)});
    table.group.run(500ms);
    std::vector<Hash> ids;
    for (const auto &info : table.shown(2).open)
        ids.push_back(info.id);
    QCOMPARE(ids.size(), std::size_t(2));
    for (std::size_t i = 2; i < 7; ++i)
        for (const Hash &id : ids)
            table.group.submit(i, api::Vote{++table.requests, id, true});
    table.group.run(60s);
    for (std::size_t i = 2; i < 7; ++i) {
        const auto &configuration = table.group.at(i).configuration();
        QCOMPARE(configuration.seats.size(), std::size_t(5));
        QVERIFY(!configuration.devices[0].mayWrite && !configuration.devices[1].mayWrite);
        QCOMPARE(configuration.decision, table.group.at(2).configuration().decision);
    }
}

void CouncilTest::restartsAtAnyMoment_data()
{
    QTest::addColumn<int>("after");
    for (const int after : {0, 50, 100, 150, 200, 300, 500, 1000, 2000, 3000, 4000})
        QTest::newRow(qPrintable(QString::number(after))) << after;
}

void CouncilTest::restartsAtAnyMoment()
{
    QFETCH(const int, after);
    Table table(4);
    table.type(2, "word ");
    table.agree(0, wish(api::Wish::Kind::NewKey), {1, 2});
    table.group.run(Millis(after));
    for (std::size_t i = 0; i < 4; ++i)
        table.group.restart(i);
    table.group.run(60s);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(table.epoch(i), Epoch(1));
        QCOMPARE(table.group.at(i).configuration().decision,
                 table.group.at(0).configuration().decision);
        QCOMPARE(table.text(i), std::string("word "));
        table.group.restart(i);
        QCOMPARE(table.epoch(i), Epoch(1));
        QCOMPARE(table.text(i), std::string("word "));
    }
}

void CouncilTest::whoWasAwayFollows()
{
    Table table(4);
    for (std::size_t i = 0; i < 3; ++i)
        table.group.cut(i, 3);
    table.type(3, "away ");
    for (std::uint32_t epoch = 1; epoch <= 3; ++epoch) {
        table.agree(0, wish(api::Wish::Kind::NewKey), {1, 2});
        table.group.run(30s);
        QCOMPARE(table.epoch(0), Epoch(epoch));
        table.type(1, "here ");
        table.group.run(3s);
    }
    table.group.join(1, 3);
    table.group.run(20s);
    QCOMPARE(table.epoch(3), Epoch(3));
    QCOMPARE(table.group.at(3).configuration().keyEpoch, KeyEpoch(3));
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(table.text(i), table.text(0));
        QCOMPARE(table.text(i).size(), std::string("away here here here ").size());
    }
}

void CouncilTest::readersDoNotWrite()
{
    Table table(4);
    api::Wish reader = wish(api::Wish::Kind::ChangeRole, 3);
    reader.isReader = true;
    table.agree(0, reader, {1, 2});
    table.group.run(30s);
    QCOMPARE(table.epoch(3), Epoch(1));
    table.type(3, "no");
    table.type(0, "yes");
    table.group.run(5s);
    for (std::size_t i = 0; i < 4; ++i)
        QCOMPARE(table.text(i), std::string("yes"));
}

void CouncilTest::aForkIsFencedByItself()
{
    Table table(4);
    table.group.proveFork(3, 0);
    table.group.run(60s);
    for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(table.epoch(i), Epoch(1));
        QVERIFY(!table.group.at(i).configuration().devices[3].mayWrite);
    }
    table.type(1, "free ");
    table.group.run(10s);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto snapshot = table.group.at(i).snapshot();
        QCOMPARE(snapshot.ratified, snapshot.changes);
        QVERIFY(table.text(i).starts_with("free "));
    }
}

QTEST_APPLESS_MAIN(CouncilTest)
#include "council_test.moc"
