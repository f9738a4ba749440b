#include "core/crdt/span_store.h"

#include "core/base/check.h"
#include "core/base/utf8.h"

namespace nlbd::crdt {

namespace {

constexpr std::uint32_t kListBit = 0x8000'0000U;

bool isList(const Kids &kids) noexcept
{
    return (kids.value.value & kListBit) != 0;
}

} // namespace

SpanStore::SpanStore()
{
    Span root;
    root.length = 1;
    m_spans.push_back(root);
    m_changes[kRoot.change].spans.push_back(kRootSpan);
}

std::string_view SpanStore::text(SpanIndex index) const noexcept
{
    const Span &it = span(index);
    return std::string_view(m_text).substr(it.textAt, it.bytes);
}

const SpanStore::ChangeSpans *SpanStore::changeSpans(ChangeHandle change) const noexcept
{
    if (m_lastSpans == nullptr || m_lastChange != change) {
        const auto found = m_changes.find(change);
        if (found == m_changes.end())
            return nullptr;
        m_lastChange = change;
        m_lastSpans = &found->second;
    }
    return m_lastSpans;
}

std::span<const SpanIndex> SpanStore::spansOf(ChangeHandle change) const noexcept
{
    const ChangeSpans *known = changeSpans(change);
    return known == nullptr ? std::span<const SpanIndex>{} : std::span(known->spans);
}

std::optional<SpanStore::Place> SpanStore::find(OpId id) const noexcept
{
    const std::span<const SpanIndex> spans = spansOf(id.change);
    const auto after = std::ranges::upper_bound(
        spans, id.index, {}, [this](SpanIndex index) { return span(index).first.index; });
    if (after == spans.begin())
        return std::nullopt;
    const SpanIndex index = *(after - 1);
    const std::uint32_t offset = id.index - span(index).first.index;
    if (offset >= span(index).length)
        return std::nullopt;
    return Place{index, offset};
}

bool SpanStore::areCharacters(OpId first, std::uint32_t length) const noexcept
{
    const std::uint64_t end = std::uint64_t(first.index) + length;
    std::uint64_t next = first.index;
    const std::span<const SpanIndex> spans = spansOf(first.change);
    auto it = std::ranges::upper_bound(spans, first.index, {},
                                       [this](SpanIndex index) { return span(index).first.index; });
    if (it == spans.begin())
        return false;
    for (--it; it != spans.end() && next < end; ++it) {
        const Span &current = span(*it);
        const std::uint64_t currentEnd = std::uint64_t(current.first.index) + current.length;
        if (current.first.index > next || currentEnd <= next)
            return false;
        next = currentEnd;
    }
    return next >= end;
}

SpanIndex SpanStore::add(const InsertText &op, OpId first)
{
    const SpanIndex index(static_cast<std::uint32_t>(m_spans.size()));
    CHECK(index.value < kListBit);
    Span added;
    added.first = first;
    added.length = utf8::length(op.text);
    added.bytes = static_cast<std::uint32_t>(op.text.size());
    added.textAt = m_text.size();
    added.parent = op.parent;
    added.side = op.side;
    m_text += op.text;

    std::vector<SpanIndex> &spans = m_changes[first.change].spans;
    CHECK(added.length > 0);
    CHECK(spans.empty() || span(spans.back()).last().index < first.index);
    m_spans.push_back(added);
    spans.push_back(index);
    return index;
}

bool SpanStore::canExtend(SpanIndex index) const noexcept
{
    const Span &it = span(index);
    return index != kRootSpan && it.textAt + it.bytes == m_text.size() && it.right.isEmpty();
}

void SpanStore::extend(SpanIndex index, std::string_view utf8, std::uint32_t length)
{
    CHECK(canExtend(index));
    CHECK(spansOf(span(index).first.change).back() == index);
    Span &it = span(index);
    it.length += length;
    it.bytes += static_cast<std::uint32_t>(utf8.size());
    m_text += utf8;
}

SpanIndex SpanStore::split(SpanIndex index, std::uint32_t offset)
{
    const SpanIndex secondIndex(static_cast<std::uint32_t>(m_spans.size()));
    CHECK(secondIndex.value < kListBit);
    Span &first = span(index);
    CHECK(offset > 0 && offset < first.length);
    const bool isAscii = first.bytes == first.length;
    const auto cut =
        isAscii ? offset : static_cast<std::uint32_t>(utf8::bytePosition(text(index), offset));
    Span second = first;
    second.first.index += offset;
    second.length -= offset;
    second.bytes -= cut;
    second.textAt += cut;
    second.parent = {first.first.change, second.first.index - 1};
    second.side = Side::Right;
    second.left = {};
    first.length = offset;
    first.bytes = cut;
    first.right.value = secondIndex;

    std::vector<SpanIndex> &spans = m_changes[first.first.change].spans;
    const auto after = std::ranges::upper_bound(
        spans, first.first.index, {}, [this](SpanIndex it) { return span(it).first.index; });
    spans.insert(after, secondIndex);
    m_spans.push_back(second);
    return secondIndex;
}

std::span<const SpanIndex> SpanStore::list(const Kids &kids) const noexcept
{
    if (kids.isEmpty())
        return {};
    if (isList(kids))
        return m_lists[kids.value.value & ~kListBit];
    return {&kids.value, 1};
}

void SpanStore::insertKid(Kids &kids, std::size_t position, SpanIndex kid)
{
    if (kids.isEmpty()) {
        CHECK(position == 0);
        kids.value = kid;
        return;
    }
    if (!isList(kids)) {
        m_lists.push_back({kids.value});
        kids.value = SpanIndex(kListBit | static_cast<std::uint32_t>(m_lists.size() - 1));
    }
    std::vector<SpanIndex> &list = m_lists[kids.value.value & ~kListBit];
    CHECK(position <= list.size());
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(position), kid);
}

} // namespace nlbd::crdt
