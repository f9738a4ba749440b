#include "core/crdt/reverter.h"

#include "core/base/utf8.h"
#include "core/crdt/mark_rules.h"
#include "core/crdt/own_letters.h"

#include <algorithm>

namespace nlbd::crdt {

namespace {

constexpr std::uint32_t kLettersPerStep = 4096;         // well within what one change may hold
constexpr std::size_t kStyleBytesPerStep = 16 * 1024;   // likewise, if it is not all one letter's
constexpr std::size_t kStyleBytesPerLetter = 32 * 1024; // what no page writes comes back in part

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
        const std::uint32_t formats = m_draft->formats;
        const bool isLeft = run(task, patches);
        if (isLeft)
            tasks.push_front(std::move(task));
        const bool isWritten = m_draft->next != next || m_draft->formats != formats;
        if (isLeft || isWritten || !patches.empty())
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
        resetSetting(task.first);
        return false;
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
        const std::uint32_t fitting = lettersWithSettings(
            first,
            utf8::slice(letters, 0,
                        marks.empty() ? here : marks.back().from + marks.back().length));
        task.first -= here - fitting;
        task.count += here - fitting;
        here = fitting;
        letters.resize(utf8::slice(letters, 0, here).size());
        const OpId copy{m_draft->change, m_draft->next};
        const TextOffset at = text.tree().offsetOf(text.tree().spotOf(first));
        m_document->insertBefore(id, letters, *m_draft);
        m_reversal->m_copies->add({copy, here, id});
        patches.push_back({at, 0, letters});
        restoreStyle(first, letters, at, marks);
        return task.count > 0;
    }
    return false;
}

/// How many of these letters come back in one step: what blocks and objects are has to fit into a
/// change. One does in any case.
std::uint32_t Reverter::lettersWithSettings(LocalId first, std::string_view text) const
{
    const Registers &registers = m_it->objects.registers();
    auto fitting = static_cast<std::uint32_t>(utf8::length(text));
    std::size_t bytes = 0;
    forEachOwnLetter(text, 0, [&](TextOffset offset, std::size_t, std::size_t) {
        if (offset >= fitting)
            return;
        const OpId letter = m_it->text.numbers().idOf(first + offset);
        registers.forEachOfLetter(letter, [&](std::uint32_t place, std::string_view key) {
            if (const auto it = winnerWithoutOwn(place); it != Registers::kNone)
                bytes += key.size() + registers.textOf(registers[it]).size();
        });
        if (bytes > kStyleBytesPerStep && offset > 0)
            fitting = offset;
    });
    return fitting;
}

/// What would be over letters if they were seen: over the first of them at least, and over as many
/// as one step brings back with it. Nothing if that is nothing over any.
std::vector<StyledRun> Reverter::marksOver(LocalId first, std::uint32_t count) const
{
    std::vector<StyledRun> runs;
    std::size_t bytes = 0;
    for (std::uint32_t i = 0; i < count && !m_it->marks.isEmpty(); ++i) {
        Attributes marks =
            m_it->marks.over(first + i, [this](ChangeHandle change) { return isOwn(change); });
        std::erase_if(marks, [](const auto &it) { return isLetterKey(it.first); });
        if (runs.empty() || runs.back().marks != marks) {
            for (const auto &[key, value] : marks)
                bytes += key.size() + value.size();
            if (bytes > kStyleBytesPerStep && i > 0)
                break;
            runs.push_back({i, 0, std::move(marks)});
        }
        ++runs.back().length;
    }
    return runs;
}

void Reverter::restoreStyle(LocalId old, std::string_view text, TextOffset at,
                            const std::vector<StyledRun> &marks)
{
    std::size_t left = kStyleBytesPerLetter;
    const auto fits = [&left](std::string_view key, std::string_view value) {
        const bool isIt = key.size() + value.size() <= left;
        left -= isIt ? key.size() + value.size() : 0;
        return isIt;
    };
    const auto length = static_cast<TextOffset>(utf8::length(text));
    for (const StyledRun &run : marks) {
        if (run.from >= length)
            break;
        AttributeChanges changes;
        for (const auto &[key, value] : run.marks)
            if (fits(key, value))
                changes.emplace(key, value);
        Document::Impl::styleInserted(*m_document,
                                      {at + run.from, std::min(run.length, length - run.from)},
                                      changes, *m_draft);
    }
    std::vector<std::tuple<TextOffset, std::string, std::string>> values;
    forEachOwnLetter(text, 0, [&](TextOffset offset, std::size_t, std::size_t) {
        const OpId letter = m_it->text.numbers().idOf(old + offset);
        const Registers &registers = m_it->objects.registers();
        registers.forEachOfLetter(letter, [&](std::uint32_t place, std::string_view key) {
            const auto it = winnerWithoutOwn(place);
            if (it != Registers::kNone && registers[it].kind == Value::Kind::Text
                && fits(key, registers.textOf(registers[it])))
                values.emplace_back(at + offset, key, registers.textOf(registers[it]));
        });
    });
    for (const auto &[offset, key, value] : values)
        m_document->setAttribute(offset, key, value, *m_draft);
}

/// What won before they did anything, and what others set since.
Registers::Number Reverter::winnerWithoutOwn(std::uint32_t place) const
{
    return m_it->objects.registers().winnerAt(
        place, [this](OpId id) { return !isOwn(id.change) && !m_it->text.isVoid(id.change); });
}

// ---- Formats

void Reverter::clearMark(const Task &task)
{
    const auto isTakenBack = [this](ChangeHandle change) { return isOwn(change); };
    std::vector<Marks::Replacement> all;
    for (const Marks::Replacement &it : m_it->marks.replacements(task.first, isTakenBack)) {
        const TextOffset end = it.where.from + it.where.length;
        for (const Document::Run &run : m_document->runs(it.where.from, end)) {
            for (std::uint32_t i = 0; i < run.length; ++i) {
                if (!originOf({run.first.change, run.first.index + i}))
                    all.push_back({{run.from + i, 1}, it.value});
            }
        }
    }
    clearMarkOfCopies(task.first, all);
    std::ranges::sort(all, {}, [](const Marks::Replacement &it) { return it.where.from; });
    Task next;
    next.kind = Kind::Mark;
    next.key = m_it->marks.keyOf(task.first);
    std::vector<Task> tasks;
    for (const Marks::Replacement &it : all) {
        const bool isJoined = !tasks.empty() && tasks.back().value == it.value
            && tasks.back().first + tasks.back().count == it.where.from;
        if (!isJoined) {
            next.first = it.where.from;
            next.value = it.value;
            tasks.push_back(next);
        }
        ++tasks.back().count;
    }
    m_reversal->m_tasks.insert(m_reversal->m_tasks.begin(), tasks.begin(), tasks.end());
}

/// What a letter stands for that came back since; nothing if it is none.
std::optional<OpId> Reverter::originOf(OpId letter) const
{
    std::optional<OpId> origin;
    for (OpId id = letter; isOwn(id.change);) {
        const std::optional<OpId> of = m_reversal->m_copies->originOf(id);
        if (!of)
            break;
        id = *of;
        origin = of;
    }
    return origin;
}

/// True if a mark is over a letter or one that it stands for.
bool Reverter::isFormatted(std::uint32_t mark, OpId letter) const
{
    for (std::optional<OpId> id = letter; id; id = m_reversal->m_copies->originOf(*id)) {
        const auto local = letterOf(m_it->text, *id);
        if (local && m_it->marks.isOver(mark, *local))
            return true;
    }
    return false;
}

/// Letters that came back stand beside those that they stand for: what a mark said of these, it
/// says of them, and what would be over these without it.
void Reverter::clearMarkOfCopies(std::uint32_t mark, std::vector<Marks::Replacement> &all) const
{
    const Text &text = m_it->text;
    const Marks &marks = m_it->marks;
    const std::string &key = marks.keyOf(mark);
    m_reversal->m_copies->forEach([&](OpId copy) {
        const auto letter = letterOf(text, copy);
        const auto origin = originOf(copy);
        const auto old = origin ? letterOf(text, *origin) : std::nullopt;
        if (!letter || !old)
            return;
        const SpanTree::Spot spot = text.tree().spotOf(*letter);
        if (spot.span().hidden != 0 || !isFormatted(mark, copy))
            return;
        const auto now = marks.winnerOver(*letter, key, [](ChangeHandle) { return false; });
        const auto other =
            marks.winnerOver(*old, key, [this](ChangeHandle change) { return isOwn(change); });
        // What was there before the origin got what it has would not show over that either.
        const bool isTheirs = now != Marks::kNothing && !isOwn(marks.changeOf(now))
            && (other == Marks::kNothing || !marks.isBefore(now, other));
        if (!isTheirs && marks.valueOf(now) != marks.valueOf(other))
            all.push_back({{text.tree().offsetOf(spot), 1}, marks.valueOf(other)});
    });
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
    const bool comes =
        items.tree().spotOf(item).span().hidden == Text::kOneDeleter && mayComeBack(items, id);
    const auto place = m_it->objects.registerOf(id, {});
    const auto value = comes && place ? winnerWithoutOwn(*place) : Registers::kNone;
    if (value != Registers::kNone) {
        const Document::Entry held = m_it->objects.entryOf(m_it->objects.registers()[value]);
        const OpId copy{m_draft->change, m_draft->next};
        InsertItem op{m_it->objects.find(id)->list, kRoot, Side::Right, held.value};
        m_it->objects.insertLocallyBefore(op, id, copy);
        m_draft->append(std::move(op));
        m_reversal->m_copies->add({copy, 1, id});
        fill(copy, held);
    }
    return task.count > 0;
}

/// Where one of theirs still wins, what would win without them comes again: of a letter or item
/// that was deleted and came back as another, there.
void Reverter::resetSetting(std::uint32_t place)
{
    const Registers &registers = m_it->objects.registers();
    const auto other = winnerWithoutOwn(place);
    Document::Entry entry;
    if (other != Registers::kNone)
        entry = m_it->objects.entryOf(registers[other]);
    const Registers::Named named = registers.nameOf(place);
    if (named.isItem && entry.value.kind == Value::Kind::Nothing)
        return; // The item itself is taken back.
    std::vector<OpId> pending{named.target};
    while (!pending.empty()) {
        const OpId target = pending.back();
        pending.pop_back();
        if (isThere(named, target))
            reset(named, target, entry);
        if (named.isItem || named.space == Registers::Space::Letters)
            m_reversal->m_copies->forEachOf(
                target, 1, [&](const Copies::Copy &copy) { pending.push_back(copy.first); });
    }
}

/// False for letters and items that are deleted.
bool Reverter::isThere(const Registers::Named &named, OpId target) const
{
    const bool isLetter = named.space == Registers::Space::Letters && target != kRoot;
    if (!isLetter && !named.isItem)
        return true;
    const Text &text = isLetter ? m_it->text : *m_it->objects.itemText();
    const auto local = letterOf(text, target);
    return local && text.tree().spotOf(*local).span().hidden == 0;
}

void Reverter::reset(const Registers::Named &named, OpId target, const Document::Entry &entry)
{
    const Registers &registers = m_it->objects.registers();
    const auto place = named.isItem ? m_it->objects.registerOf(target, {})
                                    : registers.find(named.space, target, named.key);
    const auto now = place ? registers.winnerOrRemoval(*place) : Registers::kNone;
    Document::Entry shown;
    if (now != Registers::kNone)
        shown = m_it->objects.entryOf(registers[now]);
    const bool isTheirs = now != Registers::kNone && !isOwn(registers[now].id.change);
    if (isTheirs || (!entry.value.isObject() && shown.value == entry.value))
        return;
    if (named.space == Registers::Space::Fields) {
        const OpId id{m_draft->change, m_draft->next};
        m_document->set(target, named.key, entry.value, *m_draft);
        fill(id, entry);
        return;
    }
    const OpId id = m_draft->nextFormat();
    auto &op = m_draft->addFormat<SetAttribute>();
    op.letter = target;
    op.key = named.key;
    if (entry.value.kind == Value::Kind::Text)
        op.value = entry.value.text;
    m_it->objects.apply(op, id, Objects::How::Locally, nullptr);
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
