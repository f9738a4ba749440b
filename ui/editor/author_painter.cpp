#include "ui/editor/author_painter.h"

#include "ui/people/avatar.h"
#include "ui/theme.h"

#include <algorithm>
#include <cmath>

namespace nlbd::ui {

namespace {

constexpr qreal kLeadingMax = 12; ///< between two lines; more is a space between paragraphs

/// What one bar stands for: whose words the same person quotes is told apart.
bool isOneWriter(const PageAuthors::Span &a, const PageAuthors::Span &b)
{
    return a.member == b.member && a.quoted == b.quoted;
}

} // namespace

AuthorPainter::AuthorPainter(const PagePainter &page, const PageAuthors &authors,
                             const QHash<std::uint16_t, CaretLook> &people)
    : m_page(page)
    , m_authors(authors)
    , m_people(people)
{
    for (const PageAuthors::Span &span : authors.spans())
        page.eachPart(span.from, span.to,
                      [&](const PagePainter::Part &part) { addShare(span, part.rect); });
    for (std::size_t i = 1; i < m_lines.size(); ++i) {
        const qreal gap = m_lines[i].top - m_lines[i - 1].bottom;
        if (gap > 0 && gap < kLeadingMax) // lines of one paragraph have one bar
            m_lines[i - 1].bottom = m_lines[i].top -= gap / 2;
    }
    for (Line &line : m_lines) {
        // Whoever only ended the line did not write in it, unless it is blank.
        const bool hasText =
            std::ranges::any_of(line.shares, [](const Share &share) { return share.width >= 1; });
        if (hasText)
            std::erase_if(line.shares, [](const Share &share) { return share.width < 1; });
        else
            line.shares.resize(1);
    }
}

void AuthorPainter::addShare(const PageAuthors::Span &span, const QRectF &rect)
{
    if (m_lines.empty() || std::abs(m_lines.back().top - rect.top()) > 0.5)
        m_lines.push_back({rect.top(), rect.bottom(), {}});
    std::vector<Share> &shares = m_lines.back().shares;
    const auto known = std::ranges::find_if(
        shares, [&](const Share &share) { return isOneWriter(*share.span, span); });
    if (known == shares.end()) {
        shares.push_back({&span, rect.width()});
        return;
    }
    known->width += rect.width();
    if (known->span->when < span.when) // the newest is the one that is told
        known->span = &span;
}

CaretLook AuthorPainter::lookOf(const PageAuthors::Span &span) const
{
    return m_people.value(span.device.value);
}

void AuthorPainter::paintBars(QPainter &painter, qreal right, qreal initials) const
{
    const PageAuthors::Span *above = nullptr;
    painter.setFont(uiFont(10, QFont::DemiBold));
    for (const Line &line : m_lines) {
        const std::size_t count = std::min(line.shares.size(), kWritersMax);
        const qreal height = (line.bottom - line.top) / static_cast<qreal>(count);
        for (std::size_t i = 0; i < count; ++i) {
            const PageAuthors::Span &span = *line.shares[i].span;
            const QColor paint = theme().people[lookOf(span).colour % 8U];
            const QRectF bar(right - kBarWidth, line.top + height * static_cast<qreal>(i),
                             kBarWidth, height);
            painter.setPen(Qt::NoPen);
            painter.setBrush(paint);
            if (span.quoted.isEmpty())
                painter.drawRect(bar);
            else // a quotation's bar is broken
                for (qreal y = bar.top(); y < bar.bottom(); y += 6)
                    painter.drawRect(
                        QRectF(bar.left(), y, kBarWidth, std::min<qreal>(3, bar.bottom() - y)));
        }
        const Share &most = *std::ranges::max_element(line.shares, {}, &Share::width);
        if (above == nullptr || !isOneWriter(*above, *most.span)) {
            painter.setPen(theme().people[lookOf(*most.span).colour % 8U]);
            painter.drawText(QRectF(0, line.top, initials, line.bottom - line.top),
                             Qt::AlignRight | Qt::AlignVCenter,
                             initialsOf(lookOf(*most.span).fullName));
        }
        above = most.span;
    }
}

void AuthorPainter::paintTint(QPainter &painter, MemberIndex member) const
{
    for (const PageAuthors::Span &span : m_authors.spans()) {
        if (span.member != member)
            continue;
        const QColor tint =
            blend(theme().people[lookOf(span).colour % 8U], theme().page, theme().tint);
        m_page.eachPart(span.from, span.to, [&](const PagePainter::Part &part) {
            painter.fillRect(part.rect.adjusted(0, 1, 0, -1), tint);
        });
    }
}

std::vector<const PageAuthors::Span *> AuthorPainter::writersAt(qreal y) const
{
    std::vector<const PageAuthors::Span *> writers;
    for (const Line &line : m_lines)
        if (y >= line.top && y < line.bottom)
            for (const Share &share : line.shares)
                if (writers.size() < kWritersMax)
                    writers.push_back(share.span);
    return writers;
}

} // namespace nlbd::ui
