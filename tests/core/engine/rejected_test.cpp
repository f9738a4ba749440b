#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;

namespace {

constexpr std::size_t kAll = 7;
constexpr std::size_t kWitness = 5; ///< hears of a removal late
constexpr std::size_t kGone = 6;    ///< is removed

/// Seven people with a text, of whom one is removed while he and another are cut off.
struct Room {
    Room()
        : group(kAll)
    {
        group.run(300ms);
        for (std::size_t i = 0; i < kAll; ++i)
            group.subscribe(i);
        group.submit(0, api::CreateDocument{1, "Notes", "Dear all, bye."});
        group.run(3s);
        doc = *group.at(0).findDocument("Notes");
    }

    void type(std::size_t who, TextOffset at, std::string_view text)
    {
        const std::uint64_t view = ++lastView;
        group.submit(who, api::OpenDocument{doc, view});
        group.submit(who, api::EditText{doc, view, 0, 1, {{at, 0, std::string(text)}}});
        group.submit(who, api::Flush{});
        group.submit(who, api::CloseDocument{doc, view});
    }

    template <typename Event>
    [[nodiscard]] Event last(std::size_t who)
    {
        Event result;
        for (api::Event &event : group.takeEvents(who))
            if (auto *news = std::get_if<Event>(&event))
                result = std::move(*news);
        return result;
    }

    void remove()
    {
        for (std::size_t i = 0; i < kWitness; ++i) {
            group.cut(i, kWitness);
            group.cut(i, kGone);
        }
        api::Wish wish;
        wish.kind = api::Wish::Kind::RemoveMember;
        wish.member = MemberIndex(kGone);
        group.submit(0, api::Propose{1, wish});
        const Hash id = last<api::DecisionsChanged>(0).open.at(0).id;
        group.run(200ms);
        for (std::size_t i = 1; i < kWitness; ++i)
            group.submit(i, api::Vote{1, id, true});
        group.run(30s);
        QCOMPARE(group.at(0).configuration().epoch, Epoch(1));
    }

    /// The cut off one and all others but the removed one meet.
    void meet()
    {
        group.cut(kWitness, kGone);
        for (std::size_t i = 0; i < kWitness; ++i)
            group.join(i, kWitness);
        group.run(60s);
    }

    void expectEverywhere(const std::string &text)
    {
        for (std::size_t i = 0; i < kGone; ++i)
            QCOMPARE(group.at(i).text(doc).value_or("?"), text);
    }

    SmallGroup group;
    DocIndex doc;
    std::uint64_t lastView = 0;
};

} // namespace

/// What a decision left out can be read and written once more; nobody's own words are lost by it;
/// and somebody's work can be looked at before it is taken back.
class RejectedTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void wordsAreReadAndPutBackWhereTheyStood();
    void ownWordsAreKept();
    void whatNobodyKnows();
    void aLongOneIsReadWhole();
    void aDeviceIsReviewed();
};

void RejectedTest::wordsAreReadAndPutBackWhereTheyStood()
{
    Room room;
    room.remove();
    room.type(kGone, 8, " and Zoe");
    room.group.run(3s);
    QCOMPARE(room.group.at(kWitness).text(room.doc).value_or("?"),
             std::string("Dear all and Zoe, bye."));
    room.type(kWitness, 0, "Hi. ");
    room.group.run(1s);
    room.meet();
    room.expectEverywhere("Hi. Dear all, bye.");
    const auto rejected = room.group.at(kWitness).rejected();
    QCOMPARE(rejected.size(), std::size_t(1));
    QCOMPARE(rejected[0].text, std::string(" and Zoe"));
    QVERIFY(!rejected[0].isCut);
    QCOMPARE(rejected[0].mine, std::uint64_t(1));
    QVERIFY(rejected[0].by == Epoch(0)); // closed by the decision that removed him

    room.group.submit(kWitness, api::ReadRejected{4, {rejected[0].change}});
    room.group.run(100ms);
    const auto read = room.last<api::RejectedRead>(kWitness);
    QCOMPARE(read.request, std::uint64_t(4));
    QCOMPARE(read.text, std::string(" and Zoe"));
    QVERIFY(read.hasPlace);
    QCOMPARE(read.before, std::string("Hi. Dear all"));
    QCOMPARE(read.after, std::string(", bye."));

    room.group.submit(kWitness, api::PutBack{5, {rejected[0].change}});
    room.group.run(5s);
    const auto put = room.last<api::WordsPutBack>(kWitness);
    QCOMPARE(put.request, std::uint64_t(5));
    QVERIFY(put.isDone);
    room.expectEverywhere("Hi. Dear all and Zoe, bye.");
    room.group.submit(kWitness, api::Undo{room.doc});
    room.group.run(5s);
    room.expectEverywhere("Hi. Dear all, bye.");
}

void RejectedTest::ownWordsAreKept()
{
    Room room;
    room.remove();
    room.group.cut(kWitness, kGone);
    room.type(kGone, 8, " and");
    room.group.run(1s);
    room.type(kGone, 12, " Zoe");
    room.group.run(1s);
    room.meet();
    for (std::size_t i = 0; i < kWitness; ++i)
        room.group.join(i, kGone);
    room.group.run(20s);
    QCOMPARE(room.group.at(kGone).text(room.doc).value_or("?"), std::string("Dear all, bye."));
    const auto rejected = room.group.at(kGone).rejected();
    QCOMPARE(rejected.size(), std::size_t(2));
    QCOMPARE(rejected[0].text, std::string(" and"));
    QCOMPARE(rejected[1].text, std::string(" Zoe"));
    QCOMPARE(rejected[0].mine + rejected[0].others, std::uint64_t(0));
    QVERIFY(room.group.at(0).rejected().empty()); // nobody else has them
    room.group.submit(kGone, api::ReadRejected{6, {rejected[1].change, rejected[0].change}});
    room.group.submit(kGone, api::PutBack{7, {rejected[1].change}});
    room.group.run(1s);
    const auto events = room.group.takeEvents(kGone);
    const auto has = [&events](auto isIt) { return std::ranges::any_of(events, isIt); };
    QVERIFY(has([](const api::Event &event) {
        const auto *read = std::get_if<api::RejectedRead>(&event);
        return read && read->text == " Zoe and" && read->before == "Dear all";
    }));
    QVERIFY(has([](const api::Event &event) {
        const auto *put = std::get_if<api::WordsPutBack>(&event);
        return put && !put->isDone; // who is no member writes nothing
    }));
    room.group.restart(kGone);
    room.group.run(1s);
    QCOMPARE(room.group.at(kGone).rejected(), rejected);
}

void RejectedTest::whatNobodyKnows()
{
    Room room;
    room.group.submit(0, api::ReadRejected{1, {Hash()}});
    room.group.submit(0, api::PutBack{2, {Hash()}});
    room.group.submit(0, api::ReviewDevice{3, DeviceIndex(60'000)});
    room.group.run(1s);
    const auto events = room.group.takeEvents(0);
    int answers = 0;
    for (const api::Event &event : events) {
        if (const auto *read = std::get_if<api::RejectedRead>(&event))
            answers += read->text.empty() ? 1 : 0;
        if (const auto *put = std::get_if<api::WordsPutBack>(&event))
            answers += put->isDone ? 0 : 1;
        if (const auto *reviewed = std::get_if<api::DeviceReviewed>(&event))
            answers += reviewed->sittings.empty() ? 1 : 0;
    }
    QCOMPARE(answers, 3);
    room.expectEverywhere("Dear all, bye.");
}

void RejectedTest::aLongOneIsReadWhole()
{
    Room room;
    room.remove();
    std::string words;
    for (int i = 0; i < 120; ++i)
        words += "\xCE\xB1\xCE\xB2\xCE\xB3 "; // alpha, beta, gamma
    room.type(kGone, 4, words);
    room.group.run(3s);
    room.type(kWitness, 0, "Hi. ");
    room.group.run(1s);
    room.meet();
    const auto rejected = room.group.at(kWitness).rejected();
    QCOMPARE(rejected.size(), std::size_t(1));
    QVERIFY(rejected[0].isCut);
    QVERIFY(words.starts_with(rejected[0].text));
    room.group.submit(kWitness, api::ReadRejected{1, {rejected[0].change}});
    room.group.run(100ms);
    QCOMPARE(room.last<api::RejectedRead>(kWitness).text, words);
}

void RejectedTest::aDeviceIsReviewed()
{
    Room room;
    room.type(2, 0, "One. ");
    room.group.run(2s);
    room.type(2, 0, "Two. ");
    room.group.run(2s);
    room.group.sleep(2h, true);
    room.group.run(1s);
    room.type(2, 0, "Three. ");
    room.group.run(2s);
    room.group.submit(0, api::ReviewDevice{9, DeviceIndex(2)});
    room.group.run(100ms);
    const auto reviewed = room.last<api::DeviceReviewed>(0);
    QCOMPARE(reviewed.request, std::uint64_t(9));
    QCOMPARE(reviewed.sittings.size(), std::size_t(2));
    QCOMPARE(reviewed.sittings[0].since, Seq(3));
    QCOMPARE(reviewed.sittings[0].changes, std::uint64_t(1));
    QCOMPARE(reviewed.sittings[1].since, Seq(1));
    QCOMPARE(reviewed.sittings[1].changes, std::uint64_t(3));
    QCOMPARE(reviewed.sittings[1].documents, std::uint64_t(1));
    QVERIFY(reviewed.sittings[0].from - reviewed.sittings[1].from >= 2h);
    room.group.submit(0, api::TakeBack{1, DeviceIndex(2), reviewed.sittings[0].since});
    room.group.run(5s);
    QCOMPARE(room.group.at(3).text(room.doc).value_or("?"),
             std::string("Two. One. Dear all, bye."));
}

QTEST_APPLESS_MAIN(RejectedTest)
#include "rejected_test.moc"
