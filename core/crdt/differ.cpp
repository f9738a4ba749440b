#include "core/crdt/differ.h"

#include "core/crdt/mark_rules.h"
#include "core/crdt/own_letters.h"

namespace nlbd::crdt {

namespace {

std::optional<std::string_view> valueOf(const PastSetting *setting) noexcept
{
    return setting == nullptr ? std::nullopt : setting->value;
}

const PastSetting *settingIn(const PastStyle &style, std::string_view key)
{
    const auto found = style.find(key);
    return found == style.end() ? nullptr : &found->second;
}

/// What must be said of a key to come from one setting to another, and who is behind it: who set
/// what holds now, or, where nothing does, what held.
void addDifference(std::string_view key, const PastSetting *before, const PastSetting *after,
                   AuthoredStep &step)
{
    if (valueOf(before) == valueOf(after))
        return;
    step.step.attributes.emplace(key, valueOf(after));
    step.formattedBy.emplace(key, after != nullptr ? after->by : before->by);
}

void addDifferences(const PastStyle &before, const PastStyle &after, bool areLetterKeys,
                    AuthoredStep &step)
{
    for (const auto &[key, setting] : before) {
        if (isLetterKey(key) == areLetterKeys)
            addDifference(key, &setting, settingIn(after, key), step);
    }
    for (const auto &[key, setting] : after) {
        if (isLetterKey(key) == areLetterKeys && !before.contains(key))
            addDifference(key, nullptr, &setting, step);
    }
}

void addAll(const PastStyle &style, bool areLetterKeys, AuthoredStep &step)
{
    for (const auto &[key, setting] : style) {
        if (isLetterKey(key) == areLetterKeys && setting.value)
            step.step.attributes.emplace(key, *setting.value);
    }
}

} // namespace

std::vector<AuthoredStep> Differ::run() &&
{
    if (m_isAuthored)
        m_removers = PastView::removers(m_before->view, m_after->view, *m_order);
    const Bits *bits[] = {&m_before->view.shown(), &m_after->view.shown(),
                          &m_before->formats.stops(), &m_after->formats.stops()};
    m_text->tree().forEach([&](const Span &span) {
        for (LocalId id = span.first; id < span.end();) {
            if (isStop(id)) {
                pass(id, Side::Left);
                visit(id, 1);
                pass(id, Side::Right);
                ++id;
                continue;
            }
            LocalId end = span.end();
            for (const Bits *it : bits)
                end = it->endOfRun(id, end);
            visit(id, end - id);
            id = end;
        }
    });
    retainLastBlock();
    while (!m_steps.empty() && m_steps.back().step.kind == DeltaStep::Kind::Retain
           && m_steps.back().step.attributes.empty())
        m_steps.pop_back(); // what is left at the end need not be said
    return std::move(m_steps);
}

void Differ::pass(LocalId letter, Side side)
{
    const bool isOtherBefore = m_before->formats.pass(letter, side);
    const bool isOtherAfter = m_after->formats.pass(letter, side);
    m_isStale = m_isStale || isOtherBefore || isOtherAfter;
}

void Differ::visit(LocalId first, std::uint32_t count)
{
    const bool wasThere = m_before->view.shown().has(first);
    const bool isThere = m_after->view.shown().has(first);
    if (wasThere && isThere)
        retain(first, count);
    else if (isThere)
        insert(first, count);
    else if (wasThere)
        remove(first, count);
}

/// Steps of another kind have attributes of another meaning.
void Differ::add(DeltaStep::Kind kind, TextOffset length, ChangeHandle author)
{
    const bool isJoined = !m_steps.empty() && m_steps.back().step.kind == kind
        && m_steps.back().author == author
        && m_steps.back().step.attributes == m_next.step.attributes
        && m_steps.back().formattedBy == m_next.formattedBy;
    if (!isJoined) {
        m_next.step.kind = kind;
        m_next.author = author;
        m_steps.push_back(m_next);
    }
    if (kind != DeltaStep::Kind::Insert)
        m_steps.back().step.length += length;
}

void Differ::insert(LocalId first, std::uint32_t count)
{
    const bool hasOwn = isStop(first) && holdsAttributes(first);
    if (m_isStale || hasOwn || m_next.step.kind != DeltaStep::Kind::Insert) {
        m_next = {};
        m_next.step.kind = DeltaStep::Kind::Insert;
        addAll(m_after->formats.active(), false, m_next);
        if (hasOwn)
            addAll(m_after->formats.of(first), true, m_next);
        m_isStale = hasOwn;
    }
    while (count > 0) {
        Numbers::Run run{{}, count};
        if (m_isAuthored)
            run = m_text->numbers().runFrom(first);
        run.length = std::min(run.length, count);
        add(DeltaStep::Kind::Insert, 0, run.first.change);
        m_text->log().appendText(first, run.length, m_steps.back().step.text);
        first += run.length;
        count -= run.length;
    }
}

ChangeHandle Differ::removerOf(LocalId letter) const
{
    if (!m_isAuthored)
        return {};
    const ChangeHandle remover = letter < m_removers.size() ? m_removers[letter] : ChangeHandle();
    return remover == ChangeHandle() ? m_text->numbers().idOf(letter).change : remover;
}

void Differ::remove(LocalId first, std::uint32_t count)
{
    if (m_next.step.kind != DeltaStep::Kind::Delete) {
        m_next = {};
        m_next.step.kind = DeltaStep::Kind::Delete;
    }
    for (const LocalId end = first + count; first < end;) {
        const ChangeHandle remover = removerOf(first);
        LocalId next = first + 1;
        while (next < end && removerOf(next) == remover)
            ++next;
        add(DeltaStep::Kind::Delete, next - first, remover);
        first = next;
    }
}

void Differ::retain(LocalId first, std::uint32_t count)
{
    const bool hasOwn = isStop(first) && holdsAttributes(first);
    if (m_isStale || hasOwn || m_next.step.kind != DeltaStep::Kind::Retain) {
        m_next = {};
        addDifferences(m_before->formats.active(), m_after->formats.active(), false, m_next);
        if (hasOwn)
            addDifferences(m_before->formats.of(first), m_after->formats.of(first), true, m_next);
        m_isStale = hasOwn;
    }
    add(DeltaStep::Kind::Retain, count, {});
}

void Differ::retainLastBlock()
{
    m_next = {};
    addDifferences(m_before->formats.of(kRootId), m_after->formats.of(kRootId), true, m_next);
    if (!m_next.step.attributes.empty())
        add(DeltaStep::Kind::Retain, 1, {});
}

/// Attributes show of line breaks and of what stands for objects.
bool Differ::holdsAttributes(LocalId letter) const
{
    if (m_before->formats.of(letter).empty() && m_after->formats.of(letter).empty())
        return false;
    std::string text;
    m_text->log().appendText(letter, 1, text);
    return isOwnLetter(text);
}

} // namespace nlbd::crdt
