#include "tests/support/script_world.h"

#include "core/crdt/op_codec.h"
#include "tests/support/object_checks.h"

#include <cstdarg>

namespace nlbd::test {

using namespace crdt;

ScriptWorld::ScriptWorld(std::size_t people, Width width, Care care, std::FILE *tell)
    : m_width(width)
    , m_care(care)
    , m_tell(tell)
    , m_history(people)
{
    m_people.reserve(people);
    for (std::size_t i = 0; i < people; ++i)
        m_people.emplace_back(m_history, i);
}

void ScriptWorld::finish()
{
    for (Person &person : m_people)
        close(person);
    for (Person &person : m_people) {
        for (const Person &other : m_people)
            take(person, other, SIZE_MAX, true);
        const std::set<ChangeHandle> before = person.voids;
        const std::set<ChangeHandle> voids = m_people[0].voids;
        for (const ChangeHandle it : before)
            if (!voids.contains(it))
                setVoid(person, it, false);
        for (const ChangeHandle it : voids)
            if (!before.contains(it))
                setVoid(person, it, true);
        agree(person);
    }
    newcomer();
    m_counts.letters = naiveOf(m_people[0]).letters().size() - 1;
}

// ---- Changes -----------------------------------------------------------------------------------

/// Makes sure that a change is being written.
void ScriptWorld::open(Person &person)
{
    if (!person.crafted.ops.empty())
        close(person);
    if (!person.isOpen)
        person.draft.restart(m_history.open(person.number));
    person.isOpen = true;
}

/// Signs what is being written.
void ScriptWorld::close(Person &person)
{
    if (!person.crafted.ops.empty())
        applyCrafted(person);
    if (!person.isOpen)
        return;
    const ChangeHandle change = person.draft.change;
    CHECK(person.draft.next == idsTakenBy(person.draft.ops));
    signAs(person, change, person.draft.ops);
    person.isOpen = false;
    person.objects.apply(change, m_ops.at(change));
    person.undo.push_back(change);
    person.redo.clear();
    mayCompare(person);
}

void ScriptWorld::signAs(Person &person, ChangeHandle change, const Ops &ops)
{
    m_history.sign(change, person.known, m_tie);
    person.known.push_back(change);
    person.mine.push_back(change);
    const OwnChange own = m_history.own(change);
    const auto decoded = decodeOps(encodeOps(ops, own, m_history), own, m_history);
    CHECK(decoded && *decoded == ops);
    m_ops[change] = ops;
    ++m_counts.changes;
    m_counts.ops += ops.size();
}

/// Ops that no editor makes may be refused, and then nothing of them is done.
void ScriptWorld::applyCrafted(Person &person)
{
    const ChangeHandle change = person.crafted.change;
    const Ops ops = std::exchange(person.crafted.ops, {});
    const auto isInPast = [&](ChangeHandle it) {
        return std::ranges::find(person.known, it) != person.known.end();
    };
    if (!person.document.check(change, ops, isInPast)) {
        tell(person, "is refused what was crafted");
        return;
    }
    signAs(person, change, ops);
    apply(person, change, change.value % 2 == 0);
    mayCompare(person);
}

/// As it comes from others.
void ScriptWorld::apply(Person &person, ChangeHandle change, bool isWatched)
{
    const Ops &ops = m_ops.at(change);
    const auto isInPast = [&](ChangeHandle it) { return m_history.isInPast(it, change); };
    CHECK(person.document.check(change, ops, isInPast).has_value());
    person.objects.apply(change, ops);
    if (!isWatched) {
        person.document.integrate(change, ops);
        return;
    }
    auto view = look(person);
    std::string text = person.document.text();
    const TextPatches patches = person.document.apply(change, ops);
    applyTo(text, patches);
    CHECK(text == person.document.text());
    follow(person, std::move(view), patches);
}

void ScriptWorld::take(Person &person, const Person &from, std::size_t count, bool isWatched)
{
    for (std::size_t i = 0; i < from.known.size() && count > 0; ++i) {
        const ChangeHandle change = from.known[i];
        if (std::ranges::find(person.known, change) != person.known.end())
            continue;
        person.known.push_back(change);
        apply(person, change, isWatched);
        --count;
    }
}

void ScriptWorld::setVoid(Person &person, ChangeHandle change, bool isVoid)
{
    auto view = look(person);
    std::string text = person.document.text();
    const TextPatches patches = person.document.setVoid(change, isVoid);
    applyTo(text, patches);
    CHECK(text == person.document.text());
    if (isVoid)
        person.voids.insert(change);
    else
        person.voids.erase(change);
    person.objects.setVoid(change, isVoid);
    follow(person, std::move(view), patches);
}

/// Hears of every second void change before it comes.
void ScriptWorld::newcomer()
{
    Person person(m_history, 0);
    const Person &first = m_people[0];
    for (const ChangeHandle it : first.voids)
        if (it.value % 2 == 0)
            setVoid(person, it, true);
    std::vector<ChangeHandle> changes = first.known;
    std::ranges::sort(changes, [this](auto a, auto b) { return m_history.isBefore(a, b); });
    for (const ChangeHandle it : changes) {
        person.known.push_back(it);
        apply(person, it, it.value % 3 == 0);
    }
    for (const ChangeHandle it : first.voids)
        if (it.value % 2 != 0)
            setVoid(person, it, true);
    agree(person);
}

void ScriptWorld::tell(const Person &person, const char *format, ...) const
{
    if (m_tell == nullptr)
        return;
    constexpr const char *kNames[] = {"Ann", "Ben", "Cem", "Dot"};
    std::fprintf(m_tell, "%s ", kNames[person.number]);
    std::va_list arguments;
    va_start(arguments, format);
    std::vfprintf(m_tell, format, arguments);
    va_end(arguments);
    std::fputs("\n", m_tell);
    std::fflush(m_tell); // what comes next may end the process
}

// ---- Comparing ---------------------------------------------------------------------------------

NaiveDocument ScriptWorld::naiveOf(const Person &person, const IsThere &isThere) const
{
    NaiveDocument naive(m_history, person.isOpen ? person.draft.change : ChangeHandle());
    for (const ChangeHandle it : person.known)
        naive.add(it, m_ops.at(it), !person.voids.contains(it) && (!isThere || isThere(it)));
    if (person.isOpen)
        naive.add(person.draft.change, person.draft.ops, true);
    naive.lay();
    return naive;
}

void ScriptWorld::mayCompare(const Person &person)
{
    if (isDue())
        agree(person);
}

void ScriptWorld::agree(const Person &person)
{
    ++m_counts.comparisons;
    const Document &document = person.document;
    document.checkInvariants();
    const NaiveDocument naive = naiveOf(person);
    agreeOnText(document, naive);
    if (!isRich())
        return;
    CHECK(document.content(0, document.length()) == naive.content());
    TextOffset at = 0;
    for (const NaiveDocument::Letter &it : naive.letters())
        if (it.isSeen)
            CHECK(document.attributes(at++) == naive.attributes(it.id));
    CHECK(document.attributes(at) == naive.attributes(kRoot));
    if (!person.isOpen)
        checkObjects(document, person.objects, {"title", "a"});
}

/// The text, who wrote each letter of it, and where each letter that ever was is now.
void ScriptWorld::agreeOnText(const Document &document, const NaiveDocument &naive) const
{
    CHECK(document.text() == naive.text());
    std::vector<OpId> seen;
    for (const NaiveDocument::Letter &it : naive.letters()) {
        if (it.id != kRoot)
            CHECK(document.resolve({it.id, Side::Left}) == TextOffset(seen.size()));
        if (it.isSeen)
            seen.push_back(it.id);
        CHECK(document.resolve({it.id, Side::Right}) == TextOffset(seen.size()));
    }
    CHECK(document.length() == seen.size());
    std::vector<OpId> written;
    for (const Document::Run &run : document.runs(0, document.length())) {
        CHECK(run.from == written.size());
        for (std::uint32_t i = 0; i < run.length; ++i)
            written.push_back({run.first.change, run.first.index + i});
    }
    CHECK(written == seen);
}

/// What a view shows that is told of everything by deltas; nothing if nobody looks now.
std::optional<PlainRich> ScriptWorld::look(const Person &person)
{
    if (!isRich() || !isDue())
        return std::nullopt;
    return PlainRich(person.document.content(0, person.document.length()));
}

/// A view that is told what happened shows what there is.
void ScriptWorld::follow(Person &person, std::optional<PlainRich> view, const TextPatches &patches)
{
    const auto restyled = person.document.takeRestyled();
    if (!view)
        return;
    view->apply(person.document.deltaOf(patches, restyled));
    CHECK(view->content() == person.document.content(0, person.document.length()));
}

} // namespace nlbd::test
