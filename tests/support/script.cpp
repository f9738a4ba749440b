#include "tests/support/script.h"

#include "core/base/limits.h"
#include "tests/support/script_words.h"
#include "tests/support/script_world.h"

namespace nlbd::test {

using namespace crdt;
using namespace script_words;

void ScriptWorld::step(const Step &step)
{
    using Act = void (ScriptWorld::*)(Person &, const Step &);
    constexpr std::size_t kPlainActs = 12;
    static constexpr Act kActs[] = {
        &ScriptWorld::type, &ScriptWorld::receive, &ScriptWorld::erase, &ScriptWorld::sign,
        &ScriptWorld::toggle, &ScriptWorld::craftText, &ScriptWorld::type, &ScriptWorld::receive,
        &ScriptWorld::erase, &ScriptWorld::craftText, &ScriptWorld::type, &ScriptWorld::type,
        // So far plain.
        &ScriptWorld::mark, &ScriptWorld::setAttribute, &ScriptWorld::setField,
        &ScriptWorld::insertItem, &ScriptWorld::changeItem, &ScriptWorld::increment,
        &ScriptWorld::edit, &ScriptWorld::craftMark, &ScriptWorld::craftObject,
        &ScriptWorld::revert, &ScriptWorld::travel, &ScriptWorld::reopen, &ScriptWorld::batch,
        &ScriptWorld::mark, &ScriptWorld::revert, &ScriptWorld::edit, &ScriptWorld::craftMark,
        &ScriptWorld::type, &ScriptWorld::mark, &ScriptWorld::setField};
    const std::size_t count = isRich() ? std::size(kActs) : kPlainActs;
    (this->*kActs[step.what % count])(m_people[step.person % m_people.size()], step);
}

void ScriptWorld::type(Person &person, const Step &step)
{
    open(person);
    const TextOffset at = step.a % (person.document.length() + 1);
    const std::string &word = one(kWords, step.b);
    tell(person, "types %s at %u", quoted(word).c_str(), at);
    std::optional<Draft> expected;
    if (isDue()) {
        const auto [parent, side] = naiveOf(person).hangsAt(at);
        expected = person.draft;
        expected->append(Op(InsertText{parent, side, word}));
    }
    person.document.insert(at, word, person.draft);
    CHECK(!expected || person.draft.ops == expected->ops);
}

namespace {

/// The ops that delete letters which are seen, a run each.
std::vector<DeleteText> erasure(const NaiveDocument &naive, TextOffset at, TextOffset count)
{
    std::vector<DeleteText> runs;
    for (TextOffset i = at; i < at + count; ++i) {
        const OpId id = naive.letters()[naive.placeOf(i)].id;
        const bool isNext = !runs.empty() && runs.back().first.change == id.change
            && runs.back().first.index + runs.back().length == id.index;
        if (isNext)
            ++runs.back().length;
        else
            runs.push_back({id, 1});
    }
    return runs;
}

} // namespace

void ScriptWorld::erase(Person &person, const Step &step)
{
    open(person);
    Document &document = person.document;
    if (document.length() == 0)
        return;
    const TextOffset at = step.a % document.length();
    const TextOffset count = 1 + step.b % std::min<TextOffset>(document.length() - at, 5);
    tell(person, "deletes %u from %u on", count, at);
    std::optional<Draft> expected;
    if (isDue()) {
        expected = person.draft;
        for (const DeleteText &run : erasure(naiveOf(person), at, count))
            expected->append(run);
    }
    document.erase(at, count, person.draft);
    CHECK(!expected || person.draft.ops == expected->ops);
}

void ScriptWorld::sign(Person &person, const Step &step)
{
    tell(person, "is done, tie %u", step.a % 4);
    m_tie = step.a % 4;
    close(person);
}

void ScriptWorld::receive(Person &person, const Step &step)
{
    const std::size_t others = m_people.size() - 1;
    const Person &from = m_people[(person.number + 1 + step.a % others) % m_people.size()];
    const std::size_t count = step.b % 4 == 0 ? SIZE_MAX : step.b % 4;
    close(person);
    tell(person, "receives %s change(s) of those of person %zu",
         count == SIZE_MAX ? "all" : std::to_string(count).c_str(), from.number);
    take(person, from, count, step.c % 2 == 0);
    mayCompare(person);
}

void ScriptWorld::toggle(Person &person, const Step &step)
{
    close(person);
    if (person.known.empty())
        return;
    const ChangeHandle change = person.known[step.a % person.known.size()];
    const bool isVoid = !person.voids.contains(change);
    tell(person, "takes change %u for %s", change.value, isVoid ? "void" : "valid");
    setVoid(person, change, isVoid);
    mayCompare(person);
}

// ---- Rich text ---------------------------------------------------------------------------------

void ScriptWorld::mark(Person &person, const Step &step)
{
    open(person);
    const TextOffset length = person.document.length();
    const TextOffset from = step.a % (length + 1);
    const TextOffset to = from + step.b % (std::min<TextOffset>(length - from, 6) + 1);
    const std::string &key = one(kMarkKeys, step.c);
    const auto value = valueOf(step.c / kMarkKeys.size());
    tell(person, "marks %u to %u: %s %s", from, to, key.c_str(), value.value_or("-").c_str());
    person.document.mark(from, to, key, value, person.draft);
}

void ScriptWorld::setAttribute(Person &person, const Step &step)
{
    open(person);
    const TextOffset at = step.a % (person.document.length() + 1);
    const std::string &key = one(kLetterKeysUsed, step.b);
    const auto value = valueOf(step.c);
    tell(person, "sets at %u: %s %s", at, key.c_str(), value.value_or("-").c_str());
    person.document.setAttribute(at, key, value, person.draft);
}

/// Retains, deletes, inserts, retains, as a view says it: the document does to itself what the
/// view does.
void ScriptWorld::edit(Person &person, const Step &step)
{
    open(person);
    Document &document = person.document;
    const TextOffset length = document.length();
    const TextOffset from = step.a % (length + 1);
    const TextOffset gone = step.b % (std::min<TextOffset>(length - from, 3) + 1);
    AttributeChanges attributes;
    if (step.c % 2 != 0)
        attributes[one(kMarkKeys, step.c / 2)] = valueOf(step.c / 8);
    if (step.c % 3 != 0)
        attributes[one(kLetterKeysUsed, step.b / 4)] = valueOf(step.c / 4);
    using Kind = DeltaStep::Kind;
    const Delta delta{{Kind::Retain, from, {}, step.a < 128 ? AttributeChanges() : attributes},
                      {Kind::Delete, gone, {}, {}},
                      {Kind::Insert, 0, one(kWords, step.b), attributes},
                      {Kind::Retain,
                       (length - from - gone + step.c) % (length - from - gone + 2),
                       {},
                       attributes}};
    tell(person, "edits: %u on, %u gone, %s", from, gone, quoted(one(kWords, step.b)).c_str());
    CHECK(fits(delta, length));
    auto view = look(person);
    document.edit(delta, person.draft);
    if (!view)
        return;
    view->apply(delta);
    CHECK(view->content() == document.content(0, document.length()));
}

// ---- Objects -----------------------------------------------------------------------------------

namespace {

/// One of the known objects of a kind in which there is room, or the root.
OpId someObject(const ScriptPerson &person, Value::Kind kind, std::size_t number)
{
    std::vector<OpId> all = person.objects.objects(kind);
    std::erase_if(all,
                  [&](OpId it) { return person.objects.depth(it) >= limits::kObjectDepthMax; });
    if (kind == Value::Kind::Map)
        all.push_back(kRoot);
    return all.empty() ? kRoot : all[number % all.size()];
}

} // namespace

void ScriptWorld::setField(Person &person, const Step &step)
{
    open(person);
    const OpId map = someObject(person, Value::Kind::Map, step.a);
    const std::string &key = one(kFields, step.b);
    tell(person, "sets field %s of (%u, %u), kind %u", key.c_str(), map.change.value, map.index,
         step.c % 5);
    person.document.set(map, key, objectOf(step.c, 5), person.draft);
}

void ScriptWorld::insertItem(Person &person, const Step &step)
{
    const OpId list = someObject(person, Value::Kind::List, step.a);
    if (list == kRoot)
        return;
    open(person);
    const std::size_t at = step.b % (person.document.items(list).size() + 1);
    tell(person, "puts into list (%u, %u) at %zu kind %u", list.change.value, list.index, at,
         step.c % 4);
    person.document.insertItem(list, at, objectOf(step.c, 4), person.draft);
}

/// Takes an item out or sets what it holds.
void ScriptWorld::changeItem(Person &person, const Step &step)
{
    if (!person.crafted.ops.empty())
        close(person); // what was crafted may take items out
    const OpId list = someObject(person, Value::Kind::List, step.a);
    const auto items = person.document.items(list);
    if (items.empty())
        return;
    open(person);
    const std::size_t at = step.b % items.size();
    tell(person, "changes in list (%u, %u) item %zu", list.change.value, list.index, at);
    if (step.c % 2 == 0)
        person.document.eraseItem(list, at, person.draft);
    else
        person.document.set(items[at].id, "", objectOf(step.c / 2, 4), person.draft);
}

void ScriptWorld::increment(Person &person, const Step &step)
{
    const OpId counter = someObject(person, Value::Kind::Counter, step.a);
    if (counter == kRoot)
        return;
    open(person);
    tell(person, "adds %d to (%u, %u)", step.b - 100, counter.change.value, counter.index);
    person.document.increment(counter, step.b - 100, person.draft);
}

// ---- All of it

ScriptCounts runScript(std::size_t people, Width width, const Script &script, Care care,
                       std::FILE *tell)
{
    ScriptWorld world(people, width, care, tell);
    for (const Step &step : script)
        world.step(step);
    world.finish();
    return world.counts();
}

} // namespace nlbd::test
