// What a page painter would draw beside the text, as numbers that can be compared.

#include "ui/editor/page_painter.h"

#include <algorithm>

namespace nlbd::ui {

namespace {

/// Gathers what makes a block's signs look as they do.
class Signs {
public:
    template <typename... Parts>
    void add(const Parts &...parts)
    {
        m_value = qHashMulti(m_value, parts...);
    }
    [[nodiscard]] std::size_t value() const { return m_value; }

private:
    std::size_t m_value = 0;
};

} // namespace

std::pair<int, int> PagePainter::shownBlocks() const
{
    if (m_shown.empty())
        return {0, 0};
    const int first = m_shown.front().block.blockNumber();
    return {first, first + static_cast<int>(m_shown.size()) - 1};
}

std::vector<PagePainter::Picture> PagePainter::pictures() const
{
    std::vector<Picture> pictures;
    pictures.reserve(m_shown.size());
    for (const Shown &shown : m_shown) {
        const qsizetype start = shown.from;
        const qsizetype end = shown.to;
        const auto isInside = [&](qsizetype place) { return place >= start && place < end; };
        // Within the block, so that nothing differs where the text before it grew.
        const auto inside = [&](qsizetype from, qsizetype to) {
            return std::pair(std::max(from, start) - start, std::min(to, end) - start);
        };
        Signs signs;
        const BlockStyle &style = shown.style;
        const std::optional<api::Agreement> state = stateOf(shown);
        signs.add(static_cast<int>(style.kind), style.indent, style.isDone, shown.number,
                  state ? static_cast<int>(*state) : -1, isFresh(shown));
        const auto &ranges = m_marks.ranges();
        auto range = std::partition_point(ranges.begin(), ranges.end(),
                                          [&](const auto &each) { return each.to <= start; });
        for (; range != ranges.end() && range->from < end; ++range)
            if (isPencilDue(*range))
                signs.add(inside(range->from, range->to));
        for (const PageMarks::Caret &caret : m_marks.carets()) {
            if (isInside(caret.caret))
                signs.add(caret.device.value, caret.caret - start, nameStrength(caret));
            const auto [from, to] = std::minmax(caret.caret, caret.anchor);
            if (from < to && from < end && to > start)
                signs.add(caret.device.value, inside(from, to));
            if (!caret.preview.isEmpty() && isInside(caret.previewAt))
                signs.add(caret.device.value, caret.previewAt - start, caret.preview);
        }
        for (const PageAuthors::Span &span : m_marks.authors().spans())
            if (span.from < end && span.to > start)
                signs.add(span.device.value, span.member.value, inside(span.from, span.to));
        pictures.push_back({{shown.rect.top(), shown.rect.height()}, signs.value()});
    }
    return pictures;
}

} // namespace nlbd::ui
