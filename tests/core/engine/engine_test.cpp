#include "tests/support/small_group.h"

#include <QTest>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::SmallGroup;
using nlbd::testing::typed;

namespace {

/// Creates a document at person 0 and opens a view of it.
DocIndex startDocument(SmallGroup &group, const std::string &text = {})
{
    group.subscribe(0);
    group.submit(0, api::CreateDocument{7, "Charter", text});
    const DocIndex doc = group.at(0).snapshot().documents.front().doc;
    group.submit(0, api::OpenDocument{doc, 1});
    return doc;
}

template <typename T>
std::vector<T> only(const std::vector<api::Event> &events)
{
    std::vector<T> found;
    for (const api::Event &event : events)
        if (const auto *match = std::get_if<T>(&event))
            found.push_back(*match);
    return found;
}

} // namespace

class EngineTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void typingReachesEverybodyAndIsRatified();
    void loneMemberAgreesWithHimself();
    void partedHalvesMeetAgain();
    void everythingIsThereAfterAPowerCut();
    void whatIsSignedStandsOnWhatIsOnTheDisk();
    void marksGoFromPencilToAgreed();
    void viewEditsThatCrossAreRebased();
    void longPasteIsCutIntoChanges();
    void editAsOfAnOlderStateNamesOnlyThatPast();
    void caretsTravel();
    void fullDiskIsToldAndHealed();
    void statusSaysWhoLacksWhat();
    void moreHeadsThanAChangeMayNameAreMerged();
};

void EngineTest::typingReachesEverybodyAndIsRatified()
{
    SmallGroup group(4);
    const DocIndex doc = startDocument(group);
    const std::string word = "lamps";
    for (std::size_t i = 0; i < word.size(); ++i) {
        group.submit(0, typed(doc, i + 1, static_cast<TextOffset>(i), word.substr(i, 1)));
        group.run(60ms);
    }
    group.run(3s);
    for (std::size_t i = 0; i < 4; ++i) {
        const engine::Snapshot snapshot = group.at(i).snapshot();
        QCOMPARE(snapshot.documents.size(), 1U);
        QCOMPARE(snapshot.documents.front().text, word);
        QCOMPARE(snapshot.documents.front().title, std::string("Charter"));
        QCOMPARE(snapshot.ratified, snapshot.changes);
        QCOMPARE(snapshot.frontierRoot, group.at(0).snapshot().frontierRoot);
        QVERIFY(group.cuts(i).empty());
    }
    // Five keys 60 ms apart: the first goes alone, the rest share changes (PROTOCOL C3).
    QVERIFY(group.at(0).snapshot().changes <= 4);
}

void EngineTest::loneMemberAgreesWithHimself()
{
    SmallGroup group(1);
    const DocIndex doc = startDocument(group, "alone");
    group.submit(0, typed(doc, 1, 5, "!"));
    group.run(1s);
    const engine::Snapshot snapshot = group.at(0).snapshot();
    QCOMPARE(snapshot.documents.front().text, std::string("alone!"));
    // What the view typed is confirmed also without anybody to agree with.
    const auto marks = only<api::AgreementChanged>(group.takeEvents(0));
    QVERIFY(!marks.empty());
    QCOMPARE(marks.back().includesSerial, 1U);
    QVERIFY(marks.back().spans.empty());
    QCOMPARE(snapshot.ratified, snapshot.changes);
}

void EngineTest::partedHalvesMeetAgain()
{
    SmallGroup group(4);
    const DocIndex doc = startDocument(group, "ab");
    group.run(2s);
    for (const auto &[a, b] : {std::pair(0, 2), {0, 3}, {1, 2}, {1, 3}})
        group.cut(static_cast<std::size_t>(a), static_cast<std::size_t>(b));
    group.subscribe(3);
    group.submit(3, api::OpenDocument{doc, 1});
    group.submit(0, typed(doc, 1, 1, "X"));
    group.submit(3, typed(doc, 1, 1, "Y"));
    group.run(5s);
    QVERIFY(group.at(0).snapshot().ratified < group.at(0).snapshot().changes);
    for (const auto &[a, b] : {std::pair(0, 2), {0, 3}, {1, 2}, {1, 3}})
        group.join(static_cast<std::size_t>(a), static_cast<std::size_t>(b));
    group.run(5s);
    for (std::size_t i = 0; i < 4; ++i) {
        const engine::Snapshot snapshot = group.at(i).snapshot();
        QCOMPARE(snapshot.documents.front().text, group.at(0).snapshot().documents.front().text);
        QCOMPARE(snapshot.documents.front().text.size(), 4U);
        QCOMPARE(snapshot.ratified, snapshot.changes);
    }
}

void EngineTest::everythingIsThereAfterAPowerCut()
{
    SmallGroup group(4);
    const DocIndex doc = startDocument(group, "kept");
    group.run(3s);
    group.submit(0, typed(doc, 1, 4, "!"));
    group.restart(0);
    QCOMPARE(group.at(0).text(doc), std::optional<std::string>("kept!"));
    group.run(3s);
    const auto changes = group.at(0).snapshot().changes;
    group.subscribe(0);
    group.submit(0, api::OpenDocument{doc, 1});
    group.submit(0, typed(doc, 1, 5, "?"));
    group.run(3s);
    for (std::size_t i = 0; i < 4; ++i) {
        QCOMPARE(group.at(i).text(doc), std::optional<std::string>("kept!?"));
        QCOMPARE(group.at(i).snapshot().ratified, changes + 1);
        QVERIFY(group.at(i).evidence().empty());
    }
}

void EngineTest::whatIsSignedStandsOnWhatIsOnTheDisk()
{
    // The disk may lose what it was not asked to sync: 0 writes behind what 1 has just written, and
    // loses its power before anybody has it.
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SmallGroup group(2, seed);
        const DocIndex doc = startDocument(group, "ab");
        group.run(2s);
        group.subscribe(1);
        group.submit(1, api::OpenDocument{doc, 1});
        group.submit(1, typed(doc, 1, 2, "c"));
        group.run(140ms);
        group.submit(1, typed(doc, 2, 3, "C")); // too soon for another ack, which would sync it
        group.run(100ms);
        QCOMPARE(group.at(0).text(doc), std::optional<std::string>("abcC"));
        group.cut(0, 1);
        group.submit(0, typed(doc, 1, 4, "d", 0, 2));
        group.run(20ms);
        group.submit(0, typed(doc, 2, 5, "e", 0, 2)); // behind its own change, which needs no sync
        group.run(140ms);
        group.restart(0);
        QCOMPARE(group.at(0).text(doc), std::optional<std::string>("abcCde"));
        group.join(0, 1);
        group.run(4s);
        QCOMPARE(group.at(1).text(doc), std::optional<std::string>("abcCde"));
        QCOMPARE(group.at(1).snapshot().ratified, group.at(0).snapshot().changes);
        QVERIFY(group.at(1).evidence().empty());
    }
}

void EngineTest::marksGoFromPencilToAgreed()
{
    SmallGroup group(4);
    const DocIndex doc = startDocument(group, "old ");
    group.run(3s);
    static_cast<void>(group.takeEvents(0));
    for (std::size_t i = 1; i < 4; ++i)
        group.cut(0, i);
    group.submit(0, typed(doc, 1, 4, "new"));
    group.run(1s);
    auto marks = only<api::AgreementChanged>(group.takeEvents(0));
    QVERIFY(!marks.empty());
    QCOMPARE(marks.back().spans.size(), 1U);
    QCOMPARE(marks.back().spans.front().from, 4U);
    QCOMPARE(marks.back().spans.front().to, 7U);
    QVERIFY(marks.back().spans.front().state == api::Agreement::Pencil);
    QCOMPARE(int(marks.back().quorum), 3);
    for (std::size_t i = 1; i < 4; ++i)
        group.join(0, i);
    group.run(3s);
    marks = only<api::AgreementChanged>(group.takeEvents(0));
    QVERIFY(!marks.empty());
    QVERIFY(marks.back().spans.empty());
}

void EngineTest::viewEditsThatCrossAreRebased()
{
    SmallGroup group(2);
    const DocIndex doc = startDocument(group, "abc");
    group.run(2s);
    group.subscribe(1);
    group.submit(1, api::OpenDocument{doc, 1});
    group.submit(1, typed(doc, 1, 0, "__"));
    group.run(1s);
    QCOMPARE(only<api::TextPatched>(group.takeEvents(0)).size(), 1U);
    // The view at 0 has not applied that patch yet: it deletes "b" where it stood before.
    group.submit(0, typed(doc, 1, 1, "", 1, 0));
    QCOMPARE(group.at(0).text(doc), std::optional<std::string>("__ac"));
    group.run(2s);
    QCOMPARE(group.at(1).text(doc), std::optional<std::string>("__ac"));
}

void EngineTest::longPasteIsCutIntoChanges()
{
    SmallGroup group(2);
    const DocIndex doc = startDocument(group);
    std::string text;
    for (int i = 0; i < 20'000; ++i)
        text += "line " + std::to_string(i) + " Ω\n";
    group.submit(0, typed(doc, 1, 0, text));
    group.run(8s);
    QCOMPARE(group.at(1).text(doc), std::optional(text));
    const auto length = static_cast<TextOffset>(QString::fromStdString(text).size());
    group.submit(0, typed(doc, 2, 0, "", length));
    group.run(4s);
    QCOMPARE(group.at(1).text(doc), std::optional<std::string>(""));
    QCOMPARE(group.at(1).snapshot().ratified, group.at(0).snapshot().changes);
}

void EngineTest::editAsOfAnOlderStateNamesOnlyThatPast()
{
    SmallGroup group(2);
    const DocIndex doc = startDocument(group, "abc");
    group.run(2s);
    const DeviceIndex first = group.at(0).me();
    // Person 1 edits the text as it was before what person 0 writes now.
    const Seq seen(group.at(0).snapshot().changes);
    group.submit(0, typed(doc, 1, 3, "!"));
    group.run(2s);
    group.step(1, engine::EditAsOf{doc, {{first, seen}}, {{0, 3, "xyz"}}});
    group.run(2s);
    QCOMPARE(group.at(0).text(doc), group.at(1).text(doc));
    QCOMPARE(group.at(0).text(doc)->size(), 4U);
    const auto &graph = group.at(0).graph();
    const auto edit = graph.at(group.at(1).me(), Seq(1));
    QCOMPARE(edit.size(), 1U);
    QVERIFY(!graph.isInPast(graph.at(first, seen.next()).front(), edit.front()));
    QVERIFY(graph.isInPast(graph.at(first, seen).front(), edit.front()));
}

void EngineTest::caretsTravel()
{
    SmallGroup group(2);
    const DocIndex doc = startDocument(group, "abcdef");
    group.run(2s);
    group.subscribe(1);
    group.submit(1, api::OpenDocument{doc, 1});
    static_cast<void>(group.takeEvents(1));
    group.submit(0, api::MoveCaret{doc, 1, 0, 0, 4, 2});
    group.run(300ms);
    const auto carets = only<api::CaretMoved>(group.takeEvents(1));
    QVERIFY(!carets.empty());
    QVERIFY(carets.back().place.has_value());
    QCOMPARE(carets.back().place->caret, 4U);
    QCOMPARE(carets.back().place->anchor, 2U);
    group.submit(0, api::CloseDocument{doc, 1});
    group.run(300ms);
    const auto gone = only<api::CaretMoved>(group.takeEvents(1));
    QVERIFY(!gone.empty());
    QVERIFY(!gone.back().place.has_value());
}

void EngineTest::fullDiskIsToldAndHealed()
{
    SmallGroup group(2);
    const DocIndex doc = startDocument(group, "safe");
    group.run(2s);
    static_cast<void>(group.takeEvents(0));
    group.disk(0).failWith(store::StoreError{store::StoreError::Kind::Full, "no space"});
    group.submit(0, typed(doc, 1, 4, "!"));
    const auto troubles = only<api::Trouble>(group.takeEvents(0));
    QCOMPARE(troubles.size(), 1U);
    QVERIFY(troubles.front().kind == api::Trouble::Kind::DiskFull);
    QVERIFY(!troubles.front().isOver);
    QCOMPARE(group.at(0).text(doc), std::optional<std::string>("safe!"));
    group.disk(0).failWith(std::nullopt);
    group.submit(0, typed(doc, 2, 5, "?"));
    group.run(500ms);
    const auto over = only<api::Trouble>(group.takeEvents(0));
    QVERIFY(!over.empty() && over.back().isOver);
}

void EngineTest::statusSaysWhoLacksWhat()
{
    SmallGroup group(4);
    const DocIndex doc = startDocument(group, "x");
    group.run(3s);
    group.cut(0, 3);
    group.cut(1, 3);
    group.cut(2, 3);
    group.submit(0, typed(doc, 1, 1, "y"));
    group.run(3s);
    const auto events = group.takeEvents(0);
    const auto status = only<api::StatusChanged>(events).back();
    QCOMPARE(status.missing, std::vector<MemberIndex>{MemberIndex(3)});
    QCOMPARE(status.changesInPencil, 0U); // three of four have it
    QCOMPARE(int(status.othersOnline), 2);
    const auto people = only<api::PeopleChanged>(events).back();
    QCOMPARE(people.people[3].changesBehind, 1U);
    QVERIFY(!people.people[3].isOnline);
    QCOMPARE(int(people.quorum), 3);
}

void EngineTest::moreHeadsThanAChangeMayNameAreMerged()
{
    constexpr std::size_t kPeople = 24;
    SmallGroup group(kPeople);
    const DocIndex doc = startDocument(group, "x");
    group.run(4s);
    for (std::size_t i = 0; i < kPeople; ++i)
        for (std::size_t j = i + 1; j < kPeople; ++j)
            group.cut(i, j);
    for (std::size_t i = 1; i < kPeople; ++i) {
        group.subscribe(i);
        group.submit(i, api::OpenDocument{doc, 1});
        group.submit(i, typed(doc, 1, 1, std::string(1, static_cast<char>('a' + i))));
    }
    for (std::size_t i = 1; i < kPeople; ++i)
        group.join(0, i);
    group.run(8s);
    QCOMPARE(group.at(0).text(doc)->size(), kPeople);
    QVERIFY(group.at(0).graph().heads().size() > limits::kDepsMax);
    group.submit(
        0, api::EditText{doc, 1, kPeople - 1, 1, {{0, kPeople, "!"}}, api::EditText::Cause::Paste});
    group.run(8s);
    for (std::size_t i = 0; i < kPeople; ++i) {
        QCOMPARE(group.at(i).text(doc), std::optional<std::string>("!"));
        QVERIFY(group.at(i).evidence().empty());
    }
}

QTEST_APPLESS_MAIN(EngineTest)
#include "engine_test.moc"
