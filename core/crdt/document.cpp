#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/crdt/document_impl.h"

namespace nlbd::crdt {

void Document::Impl::apply(ChangeHandle change, const Ops &ops, PatchLog *log)
{
    CHECK(change != kRoot.change);
    if (log == nullptr && text.isNew() && marks.isEmpty())
        text.postpone();
    marks.begin();
    restyledLetters.clear();
    scratch.located.rewind();
    std::uint32_t next = 0;
    std::uint32_t nextFormat = kFirstFormat;
    for (const Op &op : ops) {
        if (const auto *deletion = std::get_if<DeleteText>(&op)) {
            text.erase(*deletion, {change, next++}, scratch.located);
            continue;
        }
        text.finishErasing(log);
        if (const auto *insertion = std::get_if<InsertText>(&op))
            next += text.insert(*insertion, {change, next}, scratch.located, log);
        else if (const auto *mark = std::get_if<SetMark>(&op))
            marks.apply(*mark, {change, nextFormat++}, scratch.located, log != nullptr);
        else
            applyToObjects(op, {change, isFormat(op) ? nextFormat++ : next++}, log != nullptr);
    }
    text.finishErasing(log);
}

bool Document::Impl::isInText(ChangeHandle change) const
{
    return text.numbers().firstPieceOf(change).has_value() || marks.areThereOf(change);
}

void Document::Impl::insert(TextOffset at, std::string_view utf8, Draft &draft)
{
    CHECK(draft.change != kRoot.change);
    const Text::Placed placed = text.insertLocally(at, utf8, {draft.change, draft.next});
    auto *last = draft.last<InsertText>();
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
Document::Insides::Insides(std::unique_ptr<Impl> impl) noexcept
    : m_impl(std::move(impl))
{
}
Document::Insides::Insides(Insides &&) noexcept = default;
Document::Insides &Document::Insides::operator=(Insides &&) noexcept = default;
Document::Insides::~Insides() = default;

Document::~Document() = default;
Document::Document(Document &&) noexcept = default;
Document &Document::operator=(Document &&) noexcept = default;

void Document::insert(TextOffset at, std::string_view utf8, Draft &draft)
{
    auto *last = draft.last<InsertText>();
    if (last != nullptr && utf8.size() == 1
        && m_impl.asWritten().text.typeLocally(at, utf8[0], {draft.change, draft.next})) {
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
    auto *last = draft.last<DeleteText>();
    if (last != nullptr && m_impl->text.eraseOn(at, count, *last, {draft.change, draft.next - 1}))
        return;
    m_impl->erase(at, count, draft);
}

std::expected<void, Code> Document::check(ChangeHandle change, const Ops &ops,
                                          const std::function<bool(ChangeHandle)> &isInPast) const
{
    Impl &it = m_impl.asWritten();
    return OpCheck(it.text, it.objects, change, isInPast, it.scratch).run(ops);
}

TextPatches Document::apply(ChangeHandle change, const Ops &ops)
{
    PatchLog log;
    m_impl->apply(change, ops, &log);
    return std::move(log).take();
}

void Document::integrate(ChangeHandle change, const Ops &ops)
{
    m_impl.asWritten().apply(change, ops, nullptr);
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

std::vector<MarkedRun> Document::markedRuns(TextOffset from, TextOffset to,
                                            std::string_view key) const
{
    return m_impl->marks.markedRuns(from, to, key);
}

Attributes Document::marksForTyping(TextOffset at) const
{
    return m_impl->marks.forTyping(at);
}

TextPatches Document::setVoid(ChangeHandle change, bool isVoid)
{
    PatchLog log;
    // What is void before it comes moves nothing.
    Impl &it = m_impl.asWritten().isInText(change) ? *m_impl : m_impl.asWritten();
    it.marks.begin();
    it.restyledLetters.clear();
    if (it.text.isVoid(change) != isVoid) {
        it.marks.setVoid(change);
        it.text.setVoid(change, isVoid, log);
        it.objects.setVoid(change, isVoid, it.restyledLetters);
    }
    return std::move(log).take();
}

void Document::checkInvariants() const
{
    m_impl->text.checkInvariants();
    m_impl->objects.checkInvariants();
}

} // namespace nlbd::crdt
