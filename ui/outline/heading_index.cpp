#include "ui/outline/heading_index.h"

#include "ui/editor/document_view.h"
#include "ui/editor/page_layout.h"

#include <QElapsedTimer>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kQuietMillis = 150; // between an edit and a look at it
constexpr int kSliceMillis = 5;   // of looking, before others have their turn
constexpr int kTextUnits = 200;   // of a heading
constexpr std::size_t kRangesMax = 64;

int levelOf(const BlockStyle &style)
{
    switch (style.kind) {
    case BlockStyle::Kind::Title:
        return 0;
    case BlockStyle::Kind::Heading1:
        return 1;
    case BlockStyle::Kind::Heading2:
        return 2;
    case BlockStyle::Kind::Heading3:
        return 3;
    default:
        return -1;
    }
}

} // namespace

HeadingIndex::HeadingIndex(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_layout(qobject_cast<PageLayout *>(page.document()->documentLayout()))
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &HeadingIndex::look);
    connect(page.document(), &QTextDocument::contentsChange, this, &HeadingIndex::textChanged);
    connect(m_layout, &PageLayout::restyled, this, &HeadingIndex::touch);
    touch(0, page.document()->characterCount());
}

std::optional<std::size_t> HeadingIndex::over(qsizetype place) const
{
    const auto next = std::ranges::upper_bound(m_headings, place, {}, &Heading::place);
    if (next == m_headings.begin())
        return std::nullopt;
    return static_cast<std::size_t>(next - m_headings.begin()) - 1;
}

void HeadingIndex::textChanged(int at, int removed, int added)
{
    const qsizetype end = at + removed;
    const qsizetype by = added - removed;
    const auto move = [&](qsizetype &place) {
        if (place > end)
            place += by;
        else if (place > at)
            place = std::min<qsizetype>(place, at + added);
    };
    if (by != 0) {
        auto heading = std::ranges::lower_bound(m_headings, qsizetype{at}, {}, &Heading::place);
        for (; heading != m_headings.end(); ++heading)
            move(heading->place);
    }
    for (Range &range : m_dirty) {
        move(range.from);
        move(range.to);
    }
    touch(at, at + added);
}

void HeadingIndex::touch(qsizetype from, qsizetype to)
{
    const bool isKnown = !m_dirty.empty() && m_dirty.back().from <= from && to <= m_dirty.back().to;
    if (!isKnown)
        m_dirty.push_back({from, to});
    if (m_dirty.size() > kRangesMax) {
        Range all = m_dirty.front();
        for (const Range &range : m_dirty)
            all = {std::min(all.from, range.from), std::max(all.to, range.to)};
        m_dirty = {all};
    }
    if (!m_timer.isActive())
        m_timer.start(kQuietMillis);
}

/// True if the range was looked at to its end; what is left of it else.
bool HeadingIndex::lookAt(Range &range)
{
    QElapsedTimer clock;
    clock.start();
    const QTextDocument &document = *m_page.document();
    const auto last = static_cast<qsizetype>(document.characterCount()) - 1;
    QTextBlock block = document.findBlock(
        static_cast<int>(std::clamp<qsizetype>(range.from, 0, std::max<qsizetype>(last, 0))));
    const qsizetype start = block.position();
    std::vector<Heading> found;
    for (; block.isValid() && block.position() <= range.to && clock.elapsed() < kSliceMillis;
         block = block.next()) {
        const int level = levelOf(m_layout->styleOf(block));
        const QString text = level < 0 ? QString() : block.text().left(kTextUnits).simplified();
        if (!text.isEmpty())
            found.push_back({block.position(), level, text});
    }
    const qsizetype end = block.isValid() ? block.position() : document.characterCount() + 1;
    const auto first = std::ranges::lower_bound(m_headings, start, {}, &Heading::place);
    const auto next = std::ranges::lower_bound(m_headings, end, {}, &Heading::place);
    const bool isSame =
        std::ranges::equal(first, next, found.begin(), found.end(),
                           [](const Heading &a, const Heading &b) { return a.isSameAs(b); });
    m_hasNews = m_hasNews || !isSame;
    const auto gap = m_headings.erase(first, next);
    m_headings.insert(gap, found.begin(), found.end());
    range.from = end;
    return !block.isValid() || end > range.to;
}

void HeadingIndex::look()
{
    while (!m_dirty.empty()) {
        if (!lookAt(m_dirty.front())) {
            m_timer.start(0);
            return;
        }
        m_dirty.erase(m_dirty.begin());
    }
    if (m_headings.size() > kHeadingsMax)
        m_headings.resize(kHeadingsMax);
    if (std::exchange(m_hasNews, false))
        Q_EMIT changed();
}

} // namespace nlbd::ui
