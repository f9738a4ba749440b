#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/crdt/document_impl.h"
#include "core/crdt/mark_rules.h"

namespace nlbd::crdt {

namespace {

bool isFieldKey(std::string_view key)
{
    return key.size() <= limits::kFieldKeyBytesMax && utf8::isValid(key);
}

bool isFieldText(std::string_view value)
{
    return value.size() <= limits::kFieldValueBytesMax && utf8::isValid(value);
}

/// Joins what overlaps or touches.
void joinStretches(std::vector<Stretch> &stretches)
{
    std::ranges::sort(stretches, {}, &Stretch::from);
    std::vector<Stretch> joined;
    for (const Stretch &it : stretches) {
        if (!joined.empty() && it.from <= joined.back().from + joined.back().length) {
            const TextOffset end =
                std::max(joined.back().from + joined.back().length, it.from + it.length);
            joined.back().length = end - joined.back().from;
        } else {
            joined.push_back(it);
        }
    }
    stretches = std::move(joined);
}

} // namespace

// ---- Ops

void Document::Impl::applyToObjects(const Op &op, OpId id, bool isWatched)
{
    const auto how = text.isVoid(id.change) ? Objects::How::Void : Objects::How::Seen;
    if (const auto *attribute = std::get_if<SetAttribute>(&op))
        objects.apply(*attribute, id, how, isWatched ? &restyledLetters : nullptr);
    else if (const auto *field = std::get_if<SetField>(&op))
        objects.apply(*field, id, how);
    else if (const auto *item = std::get_if<InsertItem>(&op))
        objects.apply(*item, id, how);
    else if (const auto *gone = std::get_if<DeleteItem>(&op))
        objects.apply(*gone, id, how);
    else if (const auto *increment = std::get_if<Increment>(&op))
        objects.apply(*increment, id, how);
}

OpId Document::set(OpId object, std::string_view key, Value value, Draft &draft)
{
    CHECK(isFieldKey(key) && isFieldText(value.text));
    CHECK(!key.empty() || value.kind != Value::Kind::Nothing);
    const OpId id{draft.change, draft.next};
    SetField op{std::string(key), std::move(value), object};
    m_impl->objects.apply(op, id, Objects::How::Locally);
    draft.append(std::move(op));
    return id;
}

OpId Document::insertItem(OpId list, std::size_t at, Value value, Draft &draft)
{
    CHECK(value.kind != Value::Kind::Nothing && isFieldText(value.text));
    const OpId id{draft.change, draft.next};
    InsertItem op{list, kRoot, Side::Right, std::move(value)};
    m_impl->objects.insertLocally(op, at, id);
    draft.append(std::move(op));
    return id;
}

void Document::eraseItem(OpId list, std::size_t at, Draft &draft)
{
    const DeleteItem op{m_impl->objects.itemAt(list, at)};
    m_impl->objects.apply(op, {draft.change, draft.next}, Objects::How::Locally);
    draft.append(op);
}

void Document::increment(OpId counter, std::int64_t by, Draft &draft)
{
    const Increment op{counter, by};
    m_impl->objects.apply(op, {draft.change, draft.next}, Objects::How::Locally);
    draft.append(op);
}

void Document::setAttribute(TextOffset at, std::string_view key,
                            const std::optional<std::string> &value, Draft &draft)
{
    CHECK(at <= length());
    CHECK(isFieldKey(key) && !key.empty() && (!value || isFieldText(*value)));
    const OpId id = draft.nextFormat();
    auto &op = draft.addFormat<SetAttribute>();
    op.letter = m_impl->letterAt(at);
    op.key = key;
    op.value = value;
    m_impl->objects.apply(op, id, Objects::How::Locally, nullptr);
}

// ---- Reading: objects wait for no letter's place

std::string_view Document::field(std::string_view key) const
{
    const Registers &registers = m_impl.asWritten().objects.registers();
    const auto place = m_impl.asWritten().objects.registerOf(kRoot, key);
    const auto winner = place ? registers.winner(*place) : Registers::kNone;
    return winner == Registers::kNone ? std::string_view() : registers.textOf(registers[winner]);
}

std::vector<std::string> Document::fieldValues(std::string_view key) const
{
    std::vector<std::string> values;
    for (Entry &entry : entries(kRoot, key)) {
        if (entry.value.kind == Value::Kind::Text)
            values.push_back(std::move(entry.value.text));
    }
    return values;
}

std::vector<std::string> Document::fieldKeys() const
{
    std::vector<std::string> all = keys(kRoot);
    std::erase_if(all, [this](const std::string &key) {
        const Registers &registers = m_impl.asWritten().objects.registers();
        const auto place = m_impl.asWritten().objects.registerOf(kRoot, key);
        return registers[registers.winner(*place)].kind != Value::Kind::Text;
    });
    return all;
}

std::vector<Document::Entry> Document::entries(OpId object, std::string_view key) const
{
    return m_impl.asWritten().objects.entries(object, key);
}

std::vector<std::string> Document::keys(OpId object) const
{
    return m_impl.asWritten().objects.keys(object);
}

std::vector<Document::Item> Document::items(OpId list) const
{
    return m_impl.asWritten().objects.items(list);
}

std::int64_t Document::counter(OpId counter) const
{
    return m_impl.asWritten().objects.counter(counter);
}

// ---- Blocks

Attributes Document::attributes(TextOffset at) const
{
    CHECK(at <= length());
    return m_impl->objects.attributes(m_impl->letterAt(at));
}

std::vector<Block> Document::blocks(TextOffset from, TextOffset to) const
{
    CHECK(from <= to && to <= length());
    std::vector<Block> blocks;
    TextOffset start = m_impl->blockStart(from);
    for (;;) {
        const TextOffset end = m_impl->blockEnd(start);
        blocks.push_back({start, end - start, attributes(end)});
        if (end >= to)
            return blocks;
        start = end + 1;
    }
}

/// Behind the last break before `at`.
TextOffset Document::Impl::blockStart(TextOffset at) const
{
    for (TextOffset reach = 128; at > 0; reach *= 2) {
        const TextOffset here = std::min(reach, at);
        const std::string before = text.text(at - here, here);
        const std::size_t found = before.rfind('\n');
        if (found != std::string::npos)
            return at - utf8::length(std::string_view(before).substr(found + 1));
        at -= here;
    }
    return 0;
}

/// The first break from `at` on, or the end.
TextOffset Document::Impl::blockEnd(TextOffset at) const
{
    for (TextOffset reach = 128; at < text.length(); reach *= 2) {
        const TextOffset here = std::min(reach, text.length() - at);
        const std::string after = text.text(at, here);
        const std::size_t found = after.find('\n');
        if (found != std::string::npos)
            return at + utf8::length(std::string_view(after).substr(0, found));
        at += here;
    }
    return at;
}

void Document::Impl::appendRestyledLetters(std::vector<Stretch> &stretches)
{
    std::ranges::sort(restyledLetters);
    const auto again = std::ranges::unique(restyledLetters);
    restyledLetters.erase(again.begin(), again.end());
    for (const OpId letter : restyledLetters) {
        const TextOffset end = text.length();
        const TextOffset at = letter == kRoot ? end : *text.offsetOf(letter, Side::Left);
        if (letter == kRoot)
            stretches.push_back({blockStart(end), end - blockStart(end)});
        else if (at == *text.offsetOf(letter, Side::Right))
            continue; // Nobody sees it.
        else if (text.text(at, 1) == "\n")
            stretches.push_back({blockStart(at), at + 1 - blockStart(at)});
        else
            stretches.push_back({at, 1});
    }
    restyledLetters.clear();
}

std::vector<Stretch> Document::takeRestyled()
{
    std::vector<Stretch> stretches = m_impl->marks.restyled();
    m_impl->restyledKeys = m_impl->marks.restyledKeys();
    if (!m_impl->restyledLetters.empty())
        m_impl->restyledKeys.insert(kLetterKeys.begin(), kLetterKeys.end());
    m_impl->marks.forgetRestyled();
    m_impl->appendRestyledLetters(stretches);
    joinStretches(stretches);
    return stretches;
}

} // namespace nlbd::crdt
