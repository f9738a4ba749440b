#include "core/crdt/reverter.h"

#include "core/base/utf8.h"
#include "core/crdt/own_letters.h"

namespace nlbd::crdt {

namespace {

constexpr std::uint32_t kLettersPerStep = 4096; // well within what one change may hold

} // namespace

bool Reverter::step(TextPatches &patches)
{
    if (!m_reversal->m_isPlanned)
        plan();
    std::deque<Task> &tasks = m_reversal->m_tasks;
    while (!tasks.empty()) {
        Task task = std::move(tasks.front());
        tasks.pop_front();
        const std::uint32_t next = m_draft->next;
        const bool isLeft = run(task, patches);
        if (isLeft)
            tasks.push_front(std::move(task));
        if (isLeft || m_draft->next != next || !patches.empty())
            return true;
    }
    return false;
}

/// True if something is left of the task.
bool Reverter::run(Task &task, TextPatches &patches)
{
    switch (task.kind) {
    case Kind::EraseText:
        return eraseText(task, patches);
    case Kind::RestoreText:
        return restoreText(task, patches);
    case Kind::EraseItems:
        return eraseItem(task);
    case Kind::RestoreItems:
        return restoreItem(task);
    case Kind::ClearMark:
        clearMark(task);
        return false;
    case Kind::Mark:
        m_document->mark(task.first, task.first + task.count, task.key, task.value, *m_draft);
        return false;
    case Kind::Setting:
        return resetSetting(task.first);
    case Kind::Increase:
        m_document->increment(
            task.id, static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(task.by)), *m_draft);
        return false;
    }
    return false;
}

// ---- Letters

bool Reverter::eraseText(Task &task, TextPatches &patches)
{
    const SpanTree &tree = m_it->text.tree();
    while (task.count > 0) {
        const SpanTree::Spot spot = tree.spotOf(task.first);
        const std::uint32_t here = std::min(task.count, spot.span().length - spot.offset);
        const bool isSeen = spot.span().hidden == 0;
        task.first += here;
        task.count -= here;
        if (!isSeen)
            continue;
        const TextOffset at = tree.offsetOf(spot);
        patches.push_back({at, here, {}});
        m_document->erase(at, here, *m_draft);
        return task.count > 0;
    }
    return false;
}

/// What stands side by side comes back side by side, right before where it was, with what was set
/// of its letters and the formats that it would have.
bool Reverter::restoreText(Task &task, TextPatches &patches)
{
    const Text &text = m_it->text;
    while (task.count > 0) {
        const SpanTree::Spot spot = text.tree().spotOf(task.first);
        const LocalId first = task.first;
        const OpId id = text.numbers().idOf(first);
        std::uint32_t here = std::min({task.count, spot.span().length - spot.offset,
                                       text.numbers().runFrom(first).length, kLettersPerStep});
        const bool comes = spot.span().hidden == Text::kOneDeleter && mayComeBack(text, id);
        std::uint32_t same = 1;
        while (same < here && spot.span().hidden == Text::kOneDeleter
               && mayComeBack(text, {id.change, id.index + same}) == comes)
            ++same;
        if (spot.span().hidden == Text::kOneDeleter)
            here = same;
        task.first += here;
        task.count -= here;
        if (!comes)
            continue;
        std::string letters;
        text.log().appendText(first, here, letters);
        const std::vector<StyledRun> marks = marksOver(first, here);
        const OpId copy{m_draft->change, m_draft->next};
        const TextOffset at = text.tree().offsetOf(text.tree().spotOf(first));
        m_draft->append(m_document->insertBefore(id, letters, copy.change, copy.index));
        m_reversal->m_copies->add({copy, here, id});
        patches.push_back({at, 0, letters});
        restoreStyle(first, letters, at, marks);
        return task.count > 0;
    }
    return false;
}

/// What would be over letters if they were seen.
std::vector<StyledRun> Reverter::marksOver(LocalId first, std::uint32_t count) const
{
    std::vector<StyledRun> runs;
    for (std::uint32_t i = 0; i < count && !m_it->marks.isEmpty(); ++i) {
        Attributes marks = m_it->marks.over(first + i);
        if (runs.empty() || runs.back().marks != marks)
            runs.push_back({i, 0, std::move(marks)});
        ++runs.back().length;
    }
    return runs;
}

void Reverter::restoreStyle(LocalId old, std::string_view text, TextOffset at,
                            const std::vector<StyledRun> &marks)
{
    for (const StyledRun &run : marks)
        Document::Impl::styleInserted(*m_document, {at + run.from, run.length},
                                      {run.marks.begin(), run.marks.end()}, *m_draft);
    forEachOwnLetter(text, 0, [&](TextOffset offset, std::size_t, std::size_t) {
        const OpId letter = m_it->text.numbers().idOf(old + offset);
        for (const auto &[key, value] : m_it->objects.attributes(letter))
            m_document->setAttribute(at + offset, key, value, *m_draft);
    });
}

// ---- Formats

void Reverter::clearMark(const Task &task)
{
    const auto isTakenBack = [this](ChangeHandle change) { return isOwn(change); };
    auto &tasks = m_reversal->m_tasks;
    auto place = tasks.begin();
    for (const Marks::Replacement &it : m_it->marks.replacements(task.first, isTakenBack)) {
        Task mark;
        mark.kind = Kind::Mark;
        mark.first = it.where.from;
        mark.count = it.where.length;
        mark.key = it.key;
        mark.value = it.value;
        place = std::next(tasks.insert(place, std::move(mark)));
    }
}

// ---- Maps, lists and counters

bool Reverter::eraseItem(Task &task)
{
    const Text &items = *m_it->objects.itemText();
    const LocalId item = task.first++;
    --task.count;
    if (items.tree().spotOf(item).span().hidden == 0) {
        const DeleteItem op{items.numbers().idOf(item)};
        m_it->objects.apply(op, {m_draft->change, m_draft->next}, Objects::How::Locally);
        m_draft->append(op);
    }
    return task.count > 0;
}

bool Reverter::restoreItem(Task &task)
{
    const Text &items = *m_it->objects.itemText();
    const LocalId item = task.first++;
    --task.count;
    const OpId id = items.numbers().idOf(item);
    const bool comes = items.tree().spotOf(item).span().hidden == Text::kOneDeleter
        && mayComeBack(items, id);
    const std::vector<Document::Entry> held = m_document->entries(id, {});
    if (comes && !held.empty()) {
        const OpId copy{m_draft->change, m_draft->next};
        InsertItem op{m_it->objects.find(id)->list, kRoot, Side::Right, held.front().value};
        m_it->objects.insertLocallyBefore(op, id, copy);
        m_draft->append(std::move(op));
        m_reversal->m_copies->add({copy, 1, id});
        fill(copy, held.front());
    }
    return task.count > 0;
}

/// Where one of theirs still wins, what would win without them comes again.
bool Reverter::resetSetting(std::uint32_t place)
{
    const Registers &registers = m_it->objects.registers();
    const auto now = registers.winnerOrRemoval(place);
    if (now == Registers::kNone || !isOwn(registers[now].id.change))
        return false;
    const auto other = registers.winnerAt(place, [this](OpId id) {
        return !isOwn(id.change) && !m_it->text.isVoid(id.change);
    });
    Document::Entry entry;
    if (other != Registers::kNone)
        entry = m_it->objects.entryOf(registers[other]);
    const Document::Entry shown = m_it->objects.entryOf(registers[now]);
    const bool isSame = !entry.value.isObject() && shown.value == entry.value;
    if (!isSame)
        set(place, entry);
    return false;
}

void Reverter::set(std::uint32_t place, const Document::Entry &entry)
{
    const Registers &registers = m_it->objects.registers();
    const Registers::Named named = registers.nameOf(place);
    const OpId id{m_draft->change, m_draft->next};
    if (named.isItem && entry.value.kind == Value::Kind::Nothing)
        return; // The item itself is taken back.
    if (named.space == Registers::Space::Fields) {
        m_document->set(named.target, named.key, entry.value, *m_draft);
        fill(id, entry);
        return;
    }
    SetAttribute op{named.target, std::string(named.key), std::nullopt};
    if (entry.value.kind == Value::Kind::Text)
        op.value = entry.value.text;
    m_it->objects.apply(op, id, Objects::How::Locally, nullptr);
    m_draft->append(std::move(op));
}

/// An object that came again begins empty: what the old one holds is set in it.
void Reverter::fill(OpId copy, const Document::Entry &from)
{
    switch (from.value.kind) {
    case Value::Kind::Map:
        for (const std::string &key : m_document->keys(from.id)) {
            const std::vector<Document::Entry> held = m_document->entries(from.id, key);
            fill(m_document->set(copy, key, held.front().value, *m_draft), held.front());
        }
        break;
    case Value::Kind::List: {
        std::size_t at = 0;
        for (const Document::Item &item : m_document->items(from.id))
            fill(m_document->insertItem(copy, at++, item.entry.value, *m_draft), item.entry);
        break;
    }
    case Value::Kind::Counter:
        if (const std::int64_t sum = m_document->counter(from.id); sum != 0)
            m_document->increment(copy, sum, *m_draft);
        break;
    default:
        break;
    }
}

} // namespace nlbd::crdt
