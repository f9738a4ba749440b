#include "ui/editor/page_marks.h"

#include <algorithm>
#include <limits>

namespace nlbd::ui {

namespace {

constexpr std::size_t kFreshMax = 256; ///< more than fits on a screen

bool isPencil(api::Agreement state)
{
    return state == api::Agreement::Pencil || state == api::Agreement::Unsent;
}

void shift(PageMarks::Range &range, qsizetype at, qsizetype removed, qsizetype inserted)
{
    range.from = placeAfter(range.from, at, removed, inserted, Stick::Right);
    range.to = placeAfter(range.to, at, removed, inserted, Stick::Left);
}

bool isEmpty(const PageMarks::Range &range)
{
    return range.from >= range.to;
}

void shiftAll(std::vector<PageMarks::Range> &ranges, qsizetype at, qsizetype removed,
              qsizetype inserted)
{
    for (PageMarks::Range &range : ranges)
        shift(range, at, removed, inserted);
    if (removed > 0)
        std::erase_if(ranges, isEmpty);
}

/// The same of ranges that are in order and apart: those that end before it stay where they are.
void shiftSorted(std::vector<PageMarks::Range> &ranges, qsizetype at, qsizetype removed,
                 qsizetype inserted)
{
    const auto first = std::ranges::upper_bound(ranges, at, {}, &PageMarks::Range::to);
    for (auto it = first; it != ranges.end(); ++it)
        shift(*it, at, removed, inserted);
    if (removed > 0)
        std::erase_if(ranges, isEmpty);
}

} // namespace

qsizetype placeAfter(qsizetype place, qsizetype at, qsizetype removed, qsizetype inserted,
                     Stick stick) noexcept
{
    if (place < at || (place == at && stick == Stick::Left))
        return place;
    if (place >= at + removed)
        return place - removed + inserted;
    return stick == Stick::Left ? at : at + inserted;
}

void PageMarks::clear()
{
    *this = PageMarks();
}

void PageMarks::shift(qsizetype at, qsizetype removed, qsizetype inserted)
{
    shiftSorted(m_ranges, at, removed, inserted);
    shiftAll(m_fresh, at, removed, inserted);
    m_authors.shift(at, removed, inserted);
    if (m_watched) {
        nlbd::ui::shift(*m_watched, at, removed, inserted);
        if (isEmpty(*m_watched))
            m_watched.reset();
    }
    for (Caret &caret : m_carets) {
        caret.caret = placeAfter(caret.caret, at, removed, inserted, Stick::Left);
        caret.anchor = placeAfter(caret.anchor, at, removed, inserted, Stick::Left);
        caret.previewAt = placeAfter(caret.previewAt, at, removed, inserted, Stick::Left);
    }
}

/// Both lists are sorted: one walk. A range that overlaps an old one takes the older time.
void PageMarks::keepTimes(std::vector<Range> &ranges) const
{
    auto old = m_ranges.begin();
    for (Range &range : ranges) {
        while (old != m_ranges.end() && old->to <= range.from)
            ++old;
        for (auto it = old; it != m_ranges.end() && it->from < range.to; ++it) {
            if (isPencil(it->state) == isPencil(range.state))
                range.since = std::min(range.since, it->since);
        }
    }
}

/// What was in pencil and is covered no more has just been agreed.
void PageMarks::noteAgreed(const std::vector<Range> &next, qint64 now)
{
    std::erase_if(m_fresh, [now](const Range &range) { return now - range.since >= kFreshLife; });
    auto it = next.begin();
    for (const Range &old : m_ranges) {
        if (!isPencil(old.state))
            continue;
        qsizetype from = old.from;
        while (it != next.end() && it->to <= from)
            ++it;
        for (auto cover = it; from < old.to; ++cover) {
            const bool isCovered = cover != next.end() && cover->from < old.to;
            const qsizetype to = isCovered ? cover->from : old.to;
            if (from < to && m_fresh.size() < kFreshMax)
                m_fresh.push_back({from, to, api::Agreement::Agreed, now});
            from = isCovered ? cover->to : old.to;
        }
    }
}

void PageMarks::setAgreement(std::vector<Range> ranges, std::uint16_t seats, qint64 now)
{
    for (Range &range : ranges)
        range.since = now;
    std::erase_if(ranges, [](const Range &range) { return range.from >= range.to; });
    keepTimes(ranges);
    noteAgreed(ranges, now);
    m_ranges = std::move(ranges);
    m_seats = seats;
}

void PageMarks::setCaret(DeviceIndex device, std::optional<Caret> caret)
{
    const auto it = std::find_if(m_carets.begin(), m_carets.end(),
                                 [device](const Caret &known) { return known.device == device; });
    if (!caret) {
        if (it != m_carets.end())
            m_carets.erase(it);
    } else if (it != m_carets.end()) {
        const bool isSame = it->caret == caret->caret && it->anchor == caret->anchor
            && it->preview == caret->preview;
        if (isSame)
            caret->movedAt = it->movedAt;
        *it = *caret;
    } else {
        m_carets.push_back(*caret);
    }
}

bool PageMarks::hasPreview() const noexcept
{
    return std::any_of(m_carets.begin(), m_carets.end(),
                       [](const Caret &caret) { return !caret.preview.isEmpty(); });
}

qint64 PageMarks::nextChange(qint64 now) const
{
    qint64 next = std::numeric_limits<qint64>::max();
    const auto due = [&next, now](qint64 when) {
        if (when > now)
            next = std::min(next, when - now);
    };
    for (const Range &range : m_ranges)
        due(range.since + kPencilDelay);
    for (const Range &range : m_fresh)
        due(range.since + kFreshLife);
    for (const Caret &caret : m_carets) {
        const qint64 age = now - caret.movedAt;
        if (age >= kLabelLife && age < kLabelLife + kLabelFade)
            next = std::min<qint64>(next, 30); // a frame of the fade
        due(caret.movedAt + kLabelLife);
    }
    return next == std::numeric_limits<qint64>::max() ? -1 : next;
}

} // namespace nlbd::ui
