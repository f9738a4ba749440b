#include "tests/support/past_table.h"

#include <QTest>

#include <random>

using namespace nlbd;
using namespace std::chrono_literals;
using nlbd::testing::afterOf;
using nlbd::testing::beforeOf;
using nlbd::testing::PastTable;
using Against = api::AskPastText::Against;
using Result = api::PastRestored::Result;
using What = api::PastRun::What;

namespace {

std::vector<std::uint16_t> numbers(const std::vector<MemberIndex> &members)
{
    std::vector<std::uint16_t> result;
    for (const MemberIndex member : members)
        result.push_back(member.value);
    return result;
}
using Numbers = std::vector<std::uint16_t>;

/// What a view shows, as looks of a text.
using Letters = std::vector<nlbd::testing::StyledView::Letter>;

/// Random edits with formats; every letter may be typed by anybody.
class Scribblers {
public:
    Scribblers(PastTable &table, unsigned seed)
        : m_table(table)
        , m_random(seed)
    {
    }
    void edit(std::size_t i)
    {
        const TextOffset length = m_table.views[i].length();
        const TextOffset at = below(length + 1);
        const TextOffset gone = std::min<TextOffset>(below(4), length - at);
        switch (below(6)) {
        case 0:
            m_table.format(i, at, at + gone,
                           {{"bold", below(2) == 0 ? std::nullopt : std::optional("1")}});
            break;
        case 1:
            m_table.format(i, 0, length, {{"block", below(2) == 0 ? "heading" : "quote"}});
            break;
        case 2:
            m_table.type(i, at, "\n", gone);
            break;
        default:
            m_table.type(i, at, std::string(1 + below(3), static_cast<char>('a' + below(26))),
                         gone);
        }
    }
    /// What happens between two meetings of all.
    void round()
    {
        m_table.isolate(0, below(2) == 0);
        for (TextOffset n = 2 + below(5); n > 0; --n) {
            edit(below(static_cast<TextOffset>(m_table.views.size())));
            m_table.settle();
            if (below(3) == 0)
                m_table.pass(6min);
        }
        m_table.isolate(0, false);
        m_table.group.run(20s);
        m_table.settle();
    }
    TextOffset below(TextOffset end)
    {
        return std::uniform_int_distribution<TextOffset>(0, end - 1)(m_random);
    }

private:
    PastTable &m_table;
    std::mt19937 m_random;
};

} // namespace

/// How a document was, in what order, and how it becomes so again.
class PastTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void groupsAreByPersonAndPause();
    void whoTakesTurnsIsOneGroup();
    void lettersAreCounted();
    void groupsSayWhatIsAgreed();
    void timesNeverGoBackNorAhead();
    void pagesLeadToTheBeginning();
    void differencesSayWho();
    void formatsAreDifferencesToo();
    void anyPointIsWhatItWas_data();
    void anyPointIsWhatItWas();
    void allIsRestored_data();
    void allIsRestored();
    void aPartIsRestored();
    void whatStandsBesideAPartStays();
    void restoredWordsSayWhoseTheyWere();
    void undoTakesARestorationBack();
    void whoMayNotWriteRestoresNothing();
    void foolishQuestionsDoNoHarm();
};

void PastTest::groupsAreByPersonAndPause()
{
    PastTable table(2, "one");
    table.pass(10min);
    table.type(0, 3, " two");
    table.settle();
    table.type(0, 7, " three");
    table.settle();
    table.pass(6min);
    table.type(0, 0, "0 ");
    table.settle();
    table.type(1, 0, "x");
    table.settle();
    const auto groups = table.groups(1);
    QCOMPARE(groups.size(), 4U);
    QCOMPARE(numbers(groups[0].members), Numbers{0});
    QCOMPARE(groups[1].added, 10U);
    QCOMPARE(groups[1].changes, 2U);
    QCOMPARE(numbers(groups[2].members), Numbers{0});
    QCOMPARE(numbers(groups[3].members), Numbers{1});
    QVERIFY(groups[2].from - groups[1].to >= 5min);
    QVERIFY(groups == table.groups(0)); // the same for all
}

void PastTest::whoTakesTurnsIsOneGroup()
{
    PastTable table(3, "");
    table.pass(10min);
    for (int i = 0; i < 6; ++i) {
        table.type(static_cast<std::size_t>(i % 2), 0, "a");
        table.settle();
    }
    table.pass(2min); // no pause, but no turn either
    table.type(2, 0, "c");
    table.settle();
    const auto groups = table.groups(0);
    QCOMPARE(groups.size(), 3U); // the first made the page
    QCOMPARE(numbers(groups[1].members), (Numbers{0, 1}));
    QCOMPARE(groups[1].changes, 6U);
    QCOMPARE(numbers(groups[2].members), Numbers{2});
}

void PastTest::lettersAreCounted()
{
    PastTable table(1, "hello");
    table.pass(10min);
    table.type(0, 1, "ä€", 3);
    table.settle();
    table.pass(10min);
    table.format(0, 0, 2, {{"bold", "1"}});
    table.settle();
    const auto groups = table.groups(0);
    QCOMPARE(groups.size(), 3U);
    QCOMPARE(groups[0].added, 5U);
    QCOMPARE(groups[1].added, 2U);
    QCOMPARE(groups[1].removed, 3U);
    QCOMPARE(groups[2].added + groups[2].removed, 0U);
}

void PastTest::groupsSayWhatIsAgreed()
{
    PastTable table(4, "a");
    table.pass(10min);
    table.isolate(2);
    table.isolate(3);
    table.type(0, 1, "b");
    table.settle();
    table.group.run(10s);
    auto groups = table.groups(0);
    QVERIFY(groups.front().state == api::Agreement::Agreed);
    QCOMPARE(groups.front().signedBy, 4);
    QVERIFY(groups.back().state == api::Agreement::Pencil);
    QCOMPARE(groups.back().signedBy, 2);
    table.group.join(0, 2);
    table.group.join(1, 2);
    table.group.run(30s);
    groups = table.groups(0);
    QVERIFY(groups.back().state == api::Agreement::Agreed);
    QCOMPARE(groups.back().signedBy, 3);
    table.group.proveFork(0, 1);
    QVERIFY(table.groups(1).back().state == api::Agreement::Disputed);
}

void PastTest::timesNeverGoBackNorAhead()
{
    PastTable table(2, "a");
    table.group.sleep(2h, false);
    table.type(0, 1, "b");
    table.settle();
    table.group.sleep(-1h, false); // the clock is put back
    table.type(1, 2, "c");
    table.settle();
    const auto groups = table.groups(1);
    QVERIFY(groups.size() >= 2U);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        QVERIFY(groups[i].from <= groups[i].to);
        QVERIFY(groups[i].to <= table.group.now().wall);
        QVERIFY(i == 0 || groups[i - 1].to <= groups[i].from);
    }
    QCOMPARE(afterOf(*table.text(1, groups.back().last)), std::string("abc"));
}

void PastTest::pagesLeadToTheBeginning()
{
    PastTable table(1, "");
    for (int i = 0; i < 5; ++i) {
        table.pass(6min);
        table.type(0, 0, "x");
        table.settle();
    }
    const auto all = table.groups(0);
    QCOMPARE(all.size(), 6U);
    const auto before = table.ask<api::PastTold>(0, api::AskPast{1, table.doc, all[2].first});
    QVERIFY(before && !before->hasMore);
    QVERIFY(before->groups == std::vector(all.begin(), all.begin() + 2));
    QCOMPARE(before->changes, 6U);
    const auto none = table.ask<api::PastTold>(0, api::AskPast{1, table.doc, all[0].first});
    QVERIFY(none && none->groups.empty());
}

void PastTest::differencesSayWho()
{
    PastTable table(3, "The old house");
    table.pass(10min);
    table.type(1, 4, "new", 3);
    table.settle();
    table.pass(10min);
    table.type(2, 13, " burns");
    table.settle();
    const auto groups = table.groups(0);
    const auto told = table.text(0, groups[1].last, Against::Before, groups[1].first);
    QVERIFY(told);
    QCOMPARE(beforeOf(*told), std::string("The old house"));
    QCOMPARE(afterOf(*told), std::string("The new house"));
    QCOMPARE(told->runs.size(), 2U);
    for (const api::PastRun &run : told->runs) {
        QCOMPARE(run.member, MemberIndex(1));
        QCOMPARE(run.to - run.from, TextOffset(3));
        QCOMPARE(run.when, groups[1].to);
    }
    QCOMPARE(told->title, std::string("t"));
    QCOMPARE(told->pastLength, TextOffset(13));
    const auto now = table.text(0, groups[0].last, Against::Now);
    QVERIFY(now);
    QCOMPARE(beforeOf(*now), std::string("The old house"));
    QCOMPARE(afterOf(*now), std::string("The new house burns"));
    QCOMPARE(now->pastLength, TextOffset(13));
    QCOMPARE(now->runs.back().member, MemberIndex(2));
}

void PastTest::formatsAreDifferencesToo()
{
    PastTable table(2, "plain\nwords");
    table.pass(10min);
    table.format(1, 0, 5, {{"bold", "1"}});
    table.format(1, 5, 6, {{"block", "heading"}});
    table.settle();
    const auto groups = table.groups(0);
    const auto told = table.text(0, groups.back().last, Against::Before, groups.back().first);
    QVERIFY(told);
    QCOMPARE(told->text, std::string("plain\nwords"));
    QCOMPARE(told->runs.size(), 1U);
    QVERIFY(told->runs[0].what == What::Formatted);
    QCOMPARE(told->runs[0].member, MemberIndex(1));
    QCOMPARE(told->runs[0].to, TextOffset(6));
    QCOMPARE(told->looks.letters.size(), 2U);
    QCOMPARE(told->looks.letters[0].attributes, (Attributes{{"bold", "1"}}));
    QCOMPARE(told->looks.letters[1].attributes, (Attributes{{"block", "heading"}}));
}

void PastTest::anyPointIsWhatItWas_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 6; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

/// Whenever all had met, the text up to the newest change is what all saw then. In between, each
/// group begins where the one before it ended.
void PastTest::anyPointIsWhatItWas()
{
    QFETCH(unsigned, seed);
    PastTable table(3, "begin\nhere");
    Scribblers people(table, seed);
    struct Seen {
        Hash newest;
        std::string text;
    };
    std::vector<Seen> seen;
    for (int i = 0; i < 8; ++i) {
        people.round();
        for (std::size_t other = 1; other < 3; ++other)
            QCOMPARE(table.shown(other), table.shown(0));
        // The last in the order, which may not be the last that came.
        seen.push_back({table.groups(1).back().last, table.shown(1)});
        table.pass(people.below(2) == 0 ? Millis(1s) : Millis(10min));
    }
    for (const Seen &then : seen) {
        const auto told = table.text(2, then.newest);
        QVERIFY(told);
        QCOMPARE(afterOf(*told), then.text);
        const auto now = table.text(0, then.newest, Against::Now);
        QVERIFY(now);
        QCOMPARE(beforeOf(*now), then.text);
        QCOMPARE(afterOf(*now), table.shown(0));
        QCOMPARE(now->pastLength, utf8::length(then.text));
    }
    std::string before;
    for (const api::PastGroup &group : table.groups(0)) {
        const auto told = table.text(0, group.last, Against::Before, group.first);
        QVERIFY(told);
        QCOMPARE(beforeOf(*told), before);
        before = afterOf(*told);
        for (const api::PastRun &run : told->runs)
            QVERIFY(std::ranges::find(group.members, run.member) != group.members.end());
    }
    QCOMPARE(before, table.shown(0));
}

void PastTest::allIsRestored_data()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 11; seed <= 16; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void PastTest::allIsRestored()
{
    QFETCH(unsigned, seed);
    PastTable table(3, "begin\nhere");
    Scribblers people(table, seed);
    struct Seen {
        Hash newest;
        Letters letters;
        Attributes last;
    };
    std::vector<Seen> seen;
    for (int i = 0; i < 6; ++i) {
        people.round();
        seen.push_back(
            {table.groups(1).back().last, table.views[1].letters(), table.views[1].last()});
        table.pass(10min);
    }
    for (const std::size_t i : {3U, 0U, 4U}) {
        const Letters before = table.views[1].letters();
        const auto answer = table.restore(1, seen[i].newest);
        QVERIFY(answer.result == Result::Done || before == seen[i].letters);
        for (std::size_t other = 0; other < 3; ++other) {
            Letters letters = table.views[other].letters();
            for (auto &letter : letters)
                letter.attributes.erase("quoted");
            QVERIFY2(letters == seen[i].letters, std::to_string(i).c_str());
            QVERIFY(table.views[other].last() == seen[i].last);
        }
        const std::size_t changes = table.group.at(1).graph().size();
        QVERIFY(table.restore(1, seen[i].newest).result == Result::Same);
        QCOMPARE(table.group.at(1).graph().size(), changes);
    }
}

void PastTest::aPartIsRestored()
{
    PastTable table(2, "one two three");
    const Hash then = table.newest(0);
    table.pass(10min);
    table.type(1, 4, "2", 3);
    table.settle();
    table.type(1, 0, "ONE", 3);
    table.settle();
    QCOMPARE(table.shown(0), std::string("ONE 2 three"));
    const auto answer = table.restore(0, then, {{4, 7}});
    QVERIFY(answer.result == Result::Done);
    QCOMPARE(table.shown(0), std::string("ONE 2two three")); // what replaced it stands beside it
    QVERIFY(table.restore(0, then, {{4, 7}}).result == Result::Same);
    QVERIFY(table.restore(0, then, {{3, 8}}).result == Result::Done);
    QCOMPARE(table.shown(1), std::string("ONE two three"));
    QVERIFY(table.restore(0, then, {{0, 13}}).result == Result::Done); // all of it
    QCOMPARE(table.shown(1), std::string("one two three"));
}

void PastTest::whatStandsBesideAPartStays()
{
    PastTable table(1, "hello");
    const Hash then = table.newest(0);
    table.pass(10min);
    table.type(0, 5, " world");
    table.type(0, 0, "oh ");
    table.settle();
    QVERIFY(table.restore(0, then, {{1, 4}}).result == Result::Same);
    table.type(0, 4, "EE", 1);
    table.settle();
    QCOMPARE(table.shown(0), std::string("oh hEEllo world"));
    QVERIFY(table.restore(0, then, {{0, 4}}).result == Result::Done);
    QCOMPARE(table.shown(0), std::string("oh hello world"));
}

void PastTest::restoredWordsSayWhoseTheyWere()
{
    PastTable table(2, "mine ");
    table.type(1, 5, "yours");
    table.settle();
    const Hash then = table.groups(0).back().last;
    table.pass(10min);
    table.type(0, 0, "", 10);
    table.settle();
    QVERIFY(table.restore(0, then).result == Result::Done);
    QCOMPARE(table.shown(1), std::string("mine yours"));
    const auto spans = static_cast<nlbd::testing::AskingTable &>(table).ask(1, 0, 10);
    QCOMPARE(spans.size(), 2U);
    QVERIFY(spans[0].quoted.empty());
    QCOMPARE(spans[1].from, TextOffset(5));
    QCOMPARE(spans[1].member, MemberIndex(0));
    QVERIFY(!spans[1].quoted.empty());
}

void PastTest::undoTakesARestorationBack()
{
    PastTable table(2, "one two");
    const Hash then = table.newest(0);
    table.pass(10min);
    table.type(0, 0, "new", 7);
    table.settle();
    table.format(0, 0, 3, {{"bold", "1"}});
    table.settle();
    const Letters before = table.views[1].letters();
    QVERIFY(table.restore(0, then).result == Result::Done);
    table.type(1, 7, "!");
    table.settle();
    QCOMPARE(table.shown(0), std::string("one two!"));
    table.group.submit(0, api::Undo{table.doc});
    table.settle();
    QCOMPARE(table.shown(1), std::string("new!"));
    QVERIFY(std::equal(before.begin(), before.end(), table.views[1].letters().begin()));
}

void PastTest::whoMayNotWriteRestoresNothing()
{
    PastTable table(1, "one");
    table.type(0, 3, " two");
    table.settle();
    const auto groups = table.groups(0);
    const Hash first = table.group.at(0).graph().entry(ChangeHandle(1)).hash;
    QVERIFY(table.restore(0, first).result == Result::Done);
    QCOMPARE(table.shown(0), std::string("one"));
    QVERIFY(table.restore(0, groups.back().last).result == Result::Done);
    QCOMPARE(table.shown(0), std::string("one two"));
}

void PastTest::foolishQuestionsDoNoHarm()
{
    PastTable table(1, "one");
    table.group.submit(0, api::CreateDocument{2, "other", "x"});
    table.settle();
    const Hash elsewhere =
        table.group.at(0)
            .graph()
            .entry(ChangeHandle(static_cast<std::uint32_t>(table.group.at(0).graph().size())))
            .hash;
    const Hash own = table.newest(0);
    QVERIFY(own != elsewhere);
    QVERIFY(!table.text(0, elsewhere));
    QVERIFY(!table.text(0, Hash()));
    QVERIFY(!table.text(0, own, Against::Before, elsewhere));
    QVERIFY(table.restore(0, elsewhere).result == Result::NotKnown);
    for (const api::RestorePast::Part part :
         {api::RestorePast::Part{2, 1}, {0, 4}, {1, 1}, {UINT32_MAX, UINT32_MAX}, {0, UINT32_MAX}})
        QVERIFY(table.restore(0, own, part).result == Result::NotKnown);
    const auto told = table.ask<api::PastTold>(0, api::AskPast{1, DocIndex(77), std::nullopt});
    QVERIFY(told && told->groups.empty());
    const auto before = table.ask<api::PastTold>(0, api::AskPast{1, table.doc, elsewhere});
    QVERIFY(before && before->groups.empty() && !before->hasMore);
    const auto far = table.ask<api::PastTextTold>(
        0, api::AskPastText{1, table.doc, own, Against::Before, own, UINT32_MAX});
    QVERIFY(far && far->past->text.empty() && far->past->length == 3);
    // More than wait for their answer: the newest are answered.
    for (int i = 0; i < 100; ++i)
        table.group.submit(0, api::AskPast{99, table.doc});
    QCOMPARE(table.groups(0).size(), 1U);
    QCOMPARE(table.shown(0), std::string("one"));
}

QTEST_GUILESS_MAIN(PastTest)
#include "past_test.moc"
