#include "tests/support/plain_rich.h"
#include "tests/support/random_worlds.h"
#include "tests/support/rich_world.h"

#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;
using nlbd::test::FakeHistory;
using nlbd::test::RichWorld;

namespace {

/// All that a person sees.
struct Sight {
    Delta content;
    std::string fields;
    friend bool operator==(const Sight &, const Sight &) = default;
};

/// Objects are other ones when they come again: what they hold is compared.
std::string told(const Document &document, const Document::Entry &entry)
{
    if (entry.value.kind == Value::Kind::Text)
        return "'" + entry.value.text + "'";
    if (entry.value.kind == Value::Kind::Counter)
        return std::to_string(document.counter(entry.id));
    std::string text = entry.value.kind == Value::Kind::List ? "[" : "{";
    for (const Document::Item &item : document.items(entry.id))
        text += told(document, item.entry) + ",";
    for (const std::string &key : document.keys(entry.id))
        text += key + ":" + told(document, document.entries(entry.id, key).front()) + ",";
    return text + "]";
}

Sight sightOf(const Document &document)
{
    Sight sight{document.content(0, document.length()), {}};
    for (const std::string &key : document.keys(kRoot))
        sight.fields += key + ":" + told(document, document.entries(kRoot, key).front()) + ";";
    return sight;
}

std::string written(const Sight &sight)
{
    std::string text;
    for (const DeltaStep &step : sight.content) {
        text += step.kind == DeltaStep::Kind::Insert ? step.text : "<end>";
        for (const auto &[key, value] : step.attributes)
            text += " " + key + "=" + value.value_or("-");
        text += " | ";
    }
    return text + sight.fields;
}

void mustBe(const Sight &is, const Sight &expected)
{
    if (is != expected)
        std::fprintf(stderr, "%s\ninstead of\n%s\n", written(is).c_str(),
                     written(expected).c_str());
    CHECK(is == expected);
}

/// A person who takes back and does again, as an engine does it for her.
class Person {
public:
    Person(RichWorld &world, std::size_t number)
        : m_world(&world)
        , m_replica(&world.replicas[number])
    {
    }

    Document &document() { return m_replica->document; }
    [[nodiscard]] bool canUndo() const { return !m_undo.empty(); }
    [[nodiscard]] bool canRedo() const { return !m_redo.empty(); }

    void write(std::uint64_t changes)
    {
        std::vector<IdRange> group;
        for (; changes > 0; --changes) {
            Draft draft = open();
            for (std::uint64_t i = m_world->below(4) + 1; i > 0; --i) {
                if (m_world->below(4) == 0)
                    setSomething(draft);
                else
                    m_world->writeOne(document(), draft);
            }
            finish(std::move(draft), group);
        }
        m_undo.push_back(std::move(group));
        m_redo.clear();
    }
    void undo() { turn(m_undo, m_redo); }
    void redo() { turn(m_redo, m_undo); }

private:
    using Groups = std::vector<std::vector<IdRange>>;

    Draft open() { return {m_world->history.open(m_replica->device), {}, 0}; }
    void finish(Draft draft, std::vector<IdRange> &group)
    {
        group.push_back(IdRange::whole(draft.change));
        m_mine.push_back(draft.change);
        m_world->finish(*m_replica, std::move(draft));
    }

    void setSomething(Draft &draft)
    {
        const OpId id = document().entries(kRoot, "list").front().id;
        const OpId sum = document().entries(kRoot, "sum").front().id;
        const std::size_t length = document().items(id).size();
        const std::uint64_t what = m_world->below(8);
        if (what < 3)
            document().increment(sum, std::int64_t(m_world->below(9)) - 4, draft);
        else if (what < 5 && length > 0)
            document().eraseItem(id, m_world->below(length), draft);
        else if (what < 6 && length > 0)
            document().set(document().items(id)[m_world->below(length)].id, "", m_world->word(),
                           draft);
        else
            document().insertItem(id, m_world->below(length + 1), m_world->word(), draft);
    }

    void turn(Groups &from, Groups &to)
    {
        std::vector<IdRange> what = std::move(from.back());
        from.pop_back();
        const auto first = std::ranges::find(m_mine, what.front().change);
        Reversal reversal(std::move(what), {first, m_mine.end()}, m_copies);
        std::vector<IdRange> group;
        Draft draft = open();
        std::string text = document().text();
        TextPatches patches;
        while (document().revertStep(reversal, draft, patches)) {
            applyTo(text, patches);
            patches.clear();
            if (m_world->below(4) == 0) {
                const ChangeHandle change = draft.change;
                finish(std::move(draft), group);
                reversal.goesOnIn(change);
                draft = open();
            }
        }
        CHECK(text == document().text());
        CHECK(draft.next == idsTakenBy(draft.ops));
        finish(std::move(draft), group);
        to.push_back(std::move(group));
        mustFindCopies(to.back());
    }

    /// What an engine that starts anew finds is what this one wrote down.
    void mustFindCopies(const std::vector<IdRange> &group)
    {
        for (const IdRange &range : group) {
            Copies found;
            document().findCopies(range.change, found);
            for (std::uint32_t i = 0; i < 300; ++i) {
                const OpId id{range.change, i};
                CHECK(found.originOf(id) == m_copies.originOf(id));
            }
        }
    }

    RichWorld *m_world;
    RichWorld::Replica *m_replica;
    Groups m_undo;
    Groups m_redo;
    std::vector<ChangeHandle> m_mine;
    Copies m_copies;
};

/// Alone, every step back shows what was seen before, every step forth what was seen then.
void alone(std::uint64_t seed, int steps)
{
    RichWorld world(seed, 1);
    world.begin();
    Person person(world, 0);
    std::vector<Sight> sights{sightOf(person.document())};
    std::size_t at = 0;
    for (int i = 0; i < steps; ++i) {
        const std::uint64_t what = world.below(5);
        if (what < 2) {
            person.write(world.below(2) + 1);
            sights.resize(++at);
            sights.push_back(sightOf(person.document()));
        } else if (what < 4 && at > 0) {
            person.undo();
            --at;
        } else if (at + 1 < sights.size()) {
            person.redo();
            ++at;
        }
        CHECK(person.canUndo() == (at > 0) && person.canRedo() == (at + 1 < sights.size()));
        person.document().checkInvariants();
        mustBe(sightOf(person.document()), sights[at]);
    }
}

std::set<OpId> lettersOf(const Document &document, std::size_t device, FakeHistory &history,
                         bool isOf)
{
    std::set<OpId> letters;
    for (const Document::Run &run : document.runs(0, document.length())) {
        const bool isTheirs = history.nameOf(run.first.change).device.value == device;
        for (std::uint32_t i = 0; i < run.length && isTheirs == isOf; ++i)
            letters.insert({run.first.change, run.first.index + i});
    }
    return letters;
}

/// With others: what they wrote stays, and all see the same.
void together(std::uint64_t seed, int steps)
{
    RichWorld world(seed, 2);
    world.begin();
    std::vector<Person> people{{world, 0}, {world, 1}};
    for (int i = 0; i < steps; ++i) {
        const std::size_t number = world.below(2);
        Person &person = people[number];
        const std::set<OpId> theirs = lettersOf(person.document(), number, world.history, false);
        const std::uint64_t what = world.below(6);
        if (what < 2)
            person.write(1);
        else if (what < 4 && person.canUndo())
            person.undo();
        else if (what < 5 && person.canRedo())
            person.redo();
        if (what >= 2 && what < 5) {
            CHECK(lettersOf(person.document(), number, world.history, false) == theirs);
        }
        if (world.below(3) == 0) {
            RichWorld::Replica &to = world.replicas[number];
            for (const ChangeHandle change : world.replicas[1 - number].known) {
                if (RichWorld::knows(to, change))
                    continue;
                to.known.push_back(change);
                const auto isInPast = [&](ChangeHandle it) {
                    return world.history.isInPast(it, change);
                };
                CHECK(to.document.check(change, world.ops.at(change), isInPast).has_value());
                (void)to.document.apply(change, world.ops.at(change));
            }
        }
    }
    Document whole(world.history);
    std::set<ChangeHandle> all;
    for (const RichWorld::Replica &replica : world.replicas)
        all.insert(replica.known.begin(), replica.known.end());
    for (const ChangeHandle change : all)
        whole.integrate(change, world.ops.at(change));
    for (RichWorld::Replica &replica : world.replicas) {
        for (const ChangeHandle change : all)
            if (!RichWorld::knows(replica, change))
                (void)replica.document.apply(change, world.ops.at(change));
        replica.document.checkInvariants();
        CHECK(sightOf(replica.document) == sightOf(whole));
    }
}

} // namespace

class RevertTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aloneEveryStepLeadsBack_data() { sizes(); }
    void aloneEveryStepLeadsBack() { run(alone); }
    void togetherOthersWorkStays_data() { sizes(); }
    void togetherOthersWorkStays() { run(together); }

private:
    static void sizes()
    {
        QTest::addColumn<int>("steps");
        QTest::addColumn<int>("cases");
        QTest::newRow("short") << 6 << 3000;
        QTest::newRow("middle") << 20 << 600;
        QTest::newRow("long") << 120 << 30;
    }
    template <typename Course>
    void run(Course course)
    {
        QFETCH(int, steps);
        QFETCH(int, cases);
        test::runWorlds(0, steps, cases, [&](std::uint64_t seed) { course(seed, steps); });
    }
};

QTEST_APPLESS_MAIN(RevertTest)
#include "revert_test.moc"
