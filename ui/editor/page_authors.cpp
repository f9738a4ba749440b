#include "ui/editor/page_authors.h"

#include "ui/editor/page_marks.h"

#include <algorithm>
#include <utility>

namespace nlbd::ui {

void PageAuthors::set(std::vector<Span> spans, std::uint16_t seats)
{
    std::erase_if(spans, [](const Span &span) { return span.from >= span.to; });
    m_spans = std::move(spans);
    m_seats = seats;
}

void PageAuthors::shift(qsizetype at, qsizetype removed, qsizetype inserted)
{
    // Only the span around an insertion has letters on both sides of it.
    const auto around = std::ranges::find_if(
        m_spans, [&](const Span &span) { return span.from < at && at + removed < span.to; });
    if (inserted > 0 && around != m_spans.end()) {
        Span rest = *around;
        rest.from = at + removed;
        around->to = at;
        m_spans.insert(std::next(around), std::move(rest));
    }
    for (Span &span : m_spans) {
        span.from = placeAfter(span.from, at, removed, inserted, Stick::Right);
        // What replaces the end of a span is no part of it.
        span.to = span.to > at + removed ? span.to - removed + inserted : std::min(span.to, at);
    }
    std::erase_if(m_spans, [](const Span &span) { return span.from >= span.to; });
}

} // namespace nlbd::ui
