#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/crdt/document_impl.h"

namespace nlbd::crdt {

void Document::Impl::apply(ChangeHandle change, const Ops &ops, PatchLog *log)
{
    CHECK(change != kRoot.change);
    marks.begin();
    restyledLetters.clear();
    scratch.located.rewind();
    std::uint32_t next = 0;
    for (const Op &op : ops) {
        if (const auto *deletion = std::get_if<DeleteText>(&op)) {
            text.erase(*deletion, {change, next++}, scratch.located);
            continue;
        }
        text.finishErasing(log);
        if (const auto *insertion = std::get_if<InsertText>(&op)) {
            next += text.insert(*insertion, {change, next}, scratch.located, log);
            continue;
        }
        if (const auto *mark = std::get_if<SetMark>(&op))
            marks.apply(*mark, {change, next}, log != nullptr);
        else
            applyToObjects(op, {change, next}, log != nullptr);
        ++next;
    }
    text.finishErasing(log);
}

void Document::Impl::insert(TextOffset at, std::string_view utf8, Draft &draft)
{
    CHECK(draft.change != kRoot.change);
    const Text::Placed placed = text.insertLocally(at, utf8, {draft.change, draft.next});
    auto *last = draft.ops.empty() ? nullptr : std::get_if<InsertText>(&draft.ops.back());
    if (!placed.continues || last == nullptr) {
        draft.append(InsertText{placed.parent, placed.side, std::string(utf8)});
        return;
    }
    last->text += utf8;
    draft.next += utf8::length(utf8);
}

void Document::Impl::erase(TextOffset at, TextOffset count, Draft &draft)
{
    CHECK(draft.change != kRoot.change);
    text.eraseLocally(at, count, draft);
}

namespace {

/// Appends a part that may continue the run before it.
void appendRun(std::vector<Document::Run> &runs, const Document::Run &part)
{
    if (!runs.empty()) {
        Document::Run &last = runs.back();
        const bool isNext = last.first.change == part.first.change
            && last.first.index + last.length == part.first.index
            && last.from + last.length == part.from;
        if (isNext) {
            last.length += part.length;
            return;
        }
    }
    runs.push_back(part);
}

} // namespace

Document::Document(const ChangeOrder &order)
    : m_impl(std::make_unique<Impl>(order))
{
}
Document::~Document() = default;
Document::Document(Document &&) noexcept = default;
Document &Document::operator=(Document &&) noexcept = default;

void Document::insert(TextOffset at, std::string_view utf8, Draft &draft)
{
    auto *last = draft.ops.empty() ? nullptr : std::get_if<InsertText>(&draft.ops.back());
    if (last != nullptr && utf8.size() == 1
        && m_impl->text.typeLocally(at, utf8[0], {draft.change, draft.next})) {
        last->text.push_back(utf8[0]);
        ++draft.next;
        return;
    }
    m_impl->insert(at, utf8, draft);
}

void Document::insertBefore(OpId next, std::string_view utf8, Draft &draft)
{
    CHECK(draft.change != kRoot.change);
    const Text::Placed placed =
        m_impl->text.insertLocallyBefore(next, utf8, {draft.change, draft.next});
    draft.append(InsertText{placed.parent, placed.side, std::string(utf8)});
}

void Document::erase(TextOffset at, TextOffset count, Draft &draft)
{
    auto *last = draft.ops.empty() ? nullptr : std::get_if<DeleteText>(&draft.ops.back());
    if (last != nullptr && m_impl->text.eraseOn(at, count, *last, {draft.change, draft.next - 1}))
        return;
    m_impl->erase(at, count, draft);
}

std::expected<void, Code> Document::check(ChangeHandle change, const Ops &ops,
                                          const std::function<bool(ChangeHandle)> &isInPast) const
{
    return OpCheck(m_impl->text, m_impl->objects, change, isInPast, m_impl->scratch).run(ops);
}

TextPatches Document::apply(ChangeHandle change, const Ops &ops)
{
    PatchLog log;
    m_impl->apply(change, ops, &log);
    return std::move(log).take();
}

void Document::integrate(ChangeHandle change, const Ops &ops)
{
    m_impl->apply(change, ops, nullptr);
}

TextOffset Document::length() const noexcept
{
    return m_impl->text.length();
}

std::string Document::text() const
{
    return m_impl->text.text(0, length());
}

std::string Document::text(TextOffset from, TextOffset count) const
{
    return m_impl->text.text(from, count);
}

std::vector<Document::Run> Document::runs(TextOffset from, TextOffset to) const
{
    std::vector<Run> runs;
    m_impl->text.forEachVisible(from, to, [&](OpId first, TextOffset at, TextOffset length) {
        appendRun(runs, {at, length, first});
    });
    return runs;
}

std::vector<Document::Run> Document::visibleRunsOf(ChangeHandle change) const
{
    std::vector<Run> parts;
    m_impl->text.forEachVisibleOf(change, [&](OpId first, TextOffset at, TextOffset length) {
        parts.push_back({at, length, first});
    });
    std::ranges::sort(parts, {}, &Run::from);
    std::vector<Run> runs;
    for (const Run &part : parts)
        appendRun(runs, part);
    return runs;
}

Document::Anchor Document::anchorAt(TextOffset at) const
{
    return {m_impl->text.characterBefore(at), Side::Right};
}

std::optional<TextOffset> Document::resolve(const Anchor &anchor) const
{
    if (anchor == Anchor{kRoot, Side::Left})
        return length();
    return m_impl->text.offsetOf(anchor.id, anchor.side);
}

void Document::mark(TextOffset from, TextOffset to, std::string_view key,
                    const std::optional<std::string> &value, Draft &draft)
{
    CHECK(draft.change != kRoot.change && from <= to && to <= length());
    if (from < to)
        m_impl->marks.markLocally(from, to, key, value, draft);
}

std::vector<StyledRun> Document::styledRuns(TextOffset from, TextOffset to) const
{
    return m_impl->marks.styledRuns(from, to);
}

Attributes Document::marksForTyping(TextOffset at) const
{
    return m_impl->marks.forTyping(at);
}

TextPatches Document::setVoid(ChangeHandle change, bool isVoid)
{
    PatchLog log;
    m_impl->marks.begin();
    m_impl->restyledLetters.clear();
    if (m_impl->text.isVoid(change) != isVoid) {
        m_impl->marks.setVoid(change);
        m_impl->text.setVoid(change, isVoid, log);
        m_impl->objects.setVoid(change, isVoid, m_impl->restyledLetters);
    }
    return std::move(log).take();
}

void Document::checkInvariants() const
{
    m_impl->text.checkInvariants();
    m_impl->objects.checkInvariants();
}

} // namespace nlbd::crdt
