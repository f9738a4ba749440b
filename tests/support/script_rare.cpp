#include "tests/support/saved.h"
#include "tests/support/script_words.h"
#include "tests/support/script_world.h"

namespace nlbd::test {

using namespace crdt;
using namespace script_words;

namespace {

Side sideOf(std::size_t number)
{
    return number % 2 == 0 ? Side::Right : Side::Left;
}

OpId some(const std::vector<OpId> &ids, std::size_t number)
{
    return ids[number % ids.size()];
}

} // namespace

// ---- What no editor does -----------------------------------------------------------------------

/// What ops of a crafted change can name: letters, also its own, and in rich worlds objects.
std::vector<OpId> ScriptWorld::targetsOf(Person &person)
{
    if (person.isOpen)
        close(person);
    if (person.crafted.ops.empty())
        person.crafted.restart(m_history.open(person.number));
    std::vector<OpId> targets;
    const NaiveDocument naive = naiveOf(person);
    for (const NaiveDocument::Letter &it : naive.letters())
        targets.push_back(it.id);
    for (std::uint32_t i = 0; i < person.crafted.next; ++i)
        targets.push_back({person.crafted.change, i});
    return targets;
}

void ScriptWorld::craftText(Person &person, const Step &step)
{
    const OpId target = some(targetsOf(person), step.a);
    const std::string &word = one(kWords, step.c);
    if (step.b % 3 == 0 && target != kRoot) {
        tell(person, "crafts a deletion of (%u, %u)", target.change.value, target.index);
        person.crafted.ops.emplace_back(DeleteText{target, 1 + step.c % 2U});
        person.crafted.next += 1;
        return;
    }
    const Side side = target == kRoot ? Side::Right : sideOf(step.b);
    tell(person, "crafts %s %s of (%u, %u)", quoted(word).c_str(),
         side == Side::Left ? "left" : "right", target.change.value, target.index);
    person.crafted.ops.emplace_back(InsertText{target, side, word});
    person.crafted.next = idsTakenBy(person.crafted.ops);
}

void ScriptWorld::craftMark(Person &person, const Step &step)
{
    const std::vector<OpId> targets = targetsOf(person);
    const Anchor from{some(targets, step.a / 2U), sideOf(step.a)};
    const Anchor to{some(targets, step.b / 2U), sideOf(step.b)};
    tell(person, "crafts a mark from (%u, %u) to (%u, %u)", from.id.change.value, from.id.index,
         to.id.change.value, to.id.index);
    person.crafted.ops.emplace_back(
        SetMark{from, to, one(kMarkKeys, step.c), valueOf(step.c / kMarkKeys.size())});
    person.crafted.next += 1;
}

void ScriptWorld::craftObject(Person &person, const Step &step)
{
    std::vector<OpId> targets = targetsOf(person);
    for (const auto kind : {Value::Kind::Map, Value::Kind::List, Value::Kind::Counter})
        std::ranges::copy(person.objects.objects(kind), std::back_inserter(targets));
    const OpId target = targets[targets.size() - 1 - step.a % targets.size()];
    const OpId other = targets[targets.size() - 1 - step.b % targets.size()];
    tell(person, "crafts %u about (%u, %u)", step.c % 6, target.change.value, target.index);
    Ops &ops = person.crafted.ops;
    switch (step.c % 6) {
    case 0:
        ops.emplace_back(SetField{kFields[0], objectOf(step.c / 6U, 5), target});
        break;
    case 1:
        ops.emplace_back(SetField{"", objectOf(step.c / 6U, 5), target});
        break;
    case 2:
        ops.emplace_back(InsertItem{target, other, sideOf(step.b), objectOf(step.c / 6U, 4)});
        break;
    case 3:
        ops.emplace_back(DeleteItem{target});
        break;
    case 4:
        ops.emplace_back(Increment{target, step.b});
        break;
    default:
        ops.emplace_back(SetAttribute{target, one(kLetterKeysUsed, step.b), valueOf(step.c / 6U)});
    }
    person.crafted.next += 1;
}

// ---- Taking back -------------------------------------------------------------------------------

/// Takes back any change, or does one step of undo or redo.
void ScriptWorld::revert(Person &person, const Step &step)
{
    close(person);
    if (step.b % 3 == 1)
        return turn(person, person.undo, person.redo);
    if (step.b % 3 == 2)
        return turn(person, person.redo, person.undo);
    if (person.known.empty())
        return;
    const ChangeHandle change = person.known[step.a % person.known.size()];
    tell(person, "takes back change %u", change.value);
    open(person);
    person.document.revert(change, 0, UINT32_MAX, person.draft);
}

void ScriptWorld::turn(Person &person, std::vector<ChangeHandle> &from,
                       std::vector<ChangeHandle> &to)
{
    if (from.empty())
        return;
    const ChangeHandle change = from.back();
    tell(person, "takes back own change %u", change.value);
    from.pop_back();
    const auto first = std::ranges::find(person.mine, change);
    Reversal reversal({IdRange::whole(change)}, {first, person.mine.end()}, person.copies);
    Draft draft{m_history.open(person.number), {}, 0};
    std::string text = person.document.text();
    TextPatches patches;
    while (person.document.revertStep(reversal, draft, patches)) {
        applyTo(text, patches);
        patches.clear();
    }
    CHECK(text == person.document.text());
    CHECK(draft.next == idsTakenBy(draft.ops));
    signAs(person, draft.change, draft.ops);
    person.objects.apply(draft.change, draft.ops);
    to.push_back(draft.change);
    mayCompare(person);
}

// ---- What reads --------------------------------------------------------------------------------

/// The document at two frontiers is what the oracle says, and the difference leads from one to the
/// other.
void ScriptWorld::travel(Person &person, const Step &step)
{
    close(person);
    if (person.known.empty())
        return;
    const auto frontier = [&](std::size_t number) -> IsThere {
        const ChangeHandle tip = person.known[number / 2 % person.known.size()];
        const ChangeHandle other =
            number % 2 == 0 ? tip : person.known[number / 8 % person.known.size()];
        return [this, tip, other](ChangeHandle it) {
            return m_history.isInPast(it, tip) || m_history.isInPast(it, other);
        };
    };
    const IsThere before = frontier(step.a);
    const IsThere after = frontier(step.b);
    tell(person, "looks at the past");
    const Document &document = person.document;
    const NaiveDocument then = naiveOf(person, before);
    CHECK(document.textAt(before) == then.text());
    CHECK(document.contentAt(before) == then.content());
    PlainRich view(then.content());
    Delta delta;
    for (const AuthoredStep &it : document.difference(before, after)) {
        CHECK(it.step.kind != DeltaStep::Kind::Insert || after(it.author));
        delta.push_back(it.step);
    }
    view.apply(delta);
    CHECK(view.content() == naiveOf(person, after).content());
}

/// The document comes from disk, and its bytes are the same when it goes there again.
void ScriptWorld::reopen(Person &person, const Step &)
{
    close(person);
    tell(person, "saves and opens");
    const Bytes bytes = saved(person.document, m_history);
    auto document = opened(bytes, m_history);
    CHECK(document.has_value());
    CHECK(saved(*document, m_history) == bytes);
    person.document = std::move(*document);
    mayCompare(person);
}

void ScriptWorld::batch(Person &person, const Step &)
{
    close(person);
    tell(person, "packs all changes");
    std::vector<BatchChange> changes;
    for (const ChangeHandle it : person.known)
        changes.push_back({it, m_history.nameOf(it), m_ops.at(it)});
    const auto decoded =
        decodeBatch(encodeBatch(changes, batchNamesOf(m_history)), batchResolverOf(m_history));
    CHECK(decoded && *decoded == changes);
}

} // namespace nlbd::test
