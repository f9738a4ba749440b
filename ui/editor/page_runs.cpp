#include "ui/editor/page_runs.h"

#include "ui/editor/document_view.h"
#include "ui/editor/page_layout.h"
#include "ui/words_reader.h"

#include <QTextBlock>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr qsizetype kValueUnitsMax = 200;

/// Narrows the run to what none of `ranges`, sorted and apart, begins or ends in; returns the one
/// that it lies in.
template <typename Ranges>
auto narrowTo(PageRun &run, qsizetype place, const Ranges &ranges)
{
    using Range = typename Ranges::value_type;
    const auto next =
        std::ranges::upper_bound(ranges, place, {}, [](const Range &range) { return range.to; });
    if (next == ranges.end()) {
        if (!ranges.empty())
            run.from = std::max(run.from, ranges.back().to);
        return static_cast<const Range *>(nullptr);
    }
    if (next != ranges.begin())
        run.from = std::max(run.from, std::prev(next)->to);
    if (next->from > place) {
        run.to = std::min(run.to, next->from);
        return static_cast<const Range *>(nullptr);
    }
    run.from = std::max(run.from, next->from);
    run.to = std::min(run.to, next->to);
    return &*next;
}

/// What divides attributes, or could be taken for it, becomes a space.
QString asValue(QString text)
{
    text.truncate(kValueUnitsMax);
    for (QChar &unit : text) {
        const bool divides = unit == u';' || unit == u':' || unit == u',' || unit == u'='
            || unit == u'\\' || !unit.isPrint();
        if (divides && !unit.isSurrogate())
            unit = QChar(u' ');
    }
    if (!text.isEmpty() && text.back().isHighSurrogate())
        text.chop(1);
    return text.simplified();
}

/// Where a link leads, without what kind of address it is.
QString leadsTo(const QString &address)
{
    QString place = address.section(QChar(u':'), 1);
    while (place.startsWith(QChar(u'/')))
        place.remove(0, 1);
    return place.isEmpty() ? address : place;
}

class Attributed {
public:
    void add(const char *name, const QString &value)
    {
        const QString clean = asValue(value);
        if (!clean.isEmpty())
            m_text += QString::fromLatin1(name) + QChar(u':') + clean + QChar(u';');
    }
    [[nodiscard]] QString text() const { return m_text; }

private:
    QString m_text;
};

} // namespace

PageRun runAt(const DocumentView &page, qsizetype place)
{
    const qsizetype end = page.document()->characterCount() - 1;
    place = std::clamp<qsizetype>(place, 0, end);
    const QTextBlock block = page.document()->findBlock(static_cast<int>(place));
    const qsizetype start = block.position();
    const qsizetype letters = start + block.length() - 1; // behind the last one
    PageRun run;
    if (const auto *layout = qobject_cast<const PageLayout *>(page.document()->documentLayout()))
        run.block = layout->styleOf(block);
    if (page.marks().hasOthers())
        run.state = api::Agreement::Agreed;
    if (place >= letters) { // the break, or the end of the text
        run.from = place;
        run.to = std::min(place + 1, end);
    } else {
        const qsizetype window = (place - start) / PageRun::kUnitsMax * PageRun::kUnitsMax;
        run.from = start + window;
        run.to = std::min(run.from + PageRun::kUnitsMax, letters);
        for (const PageLooks::Run &look : page.looks().runs(run.from, run.to)) {
            if (place < look.from || place >= look.to)
                continue;
            run.from = std::max(run.from, look.from);
            run.to = std::min(run.to, look.to);
            if (look.attributes)
                run.marks = *look.attributes;
        }
    }
    if (const PageMarks::Range *range = narrowTo(run, place, page.marks().ranges());
        range && page.marks().hasOthers())
        run.state = range->state;
    if (const PageAuthors::Span *span = narrowTo(run, place, page.marks().authors().spans()))
        run.writer = *span;
    return run;
}

QString textAttributes(const PageRun &run, const QString &writer)
{
    Attributed all;
    const BlockMetrics metrics = metricsOf(run.block);
    const QFont font = charFormatOf(run.marks, run.block).font();
    all.add("font-family", metrics.font.family());
    all.add("font-size",
            QStringLiteral("%1pt").arg(qRound(metrics.font.pixelSize() * 72.0 / 96.0)));
    all.add("font-weight",
            font.bold() || metrics.font.bold() ? QStringLiteral("bold") : QStringLiteral("normal"));
    all.add("font-style",
            run.marks.contains(kItalic) ? QStringLiteral("italic") : QStringLiteral("normal"));
    if (run.marks.contains(kStrike) || run.block.isDone)
        all.add("text-line-through-style", QStringLiteral("solid"));
    if (const auto link = run.marks.find(kLink); link != run.marks.end()) {
        all.add("text-underline-type", QStringLiteral("single"));
        all.add("link", leadsTo(QString::fromStdString(link->second)));
    }
    all.add("block", words::block(run.block));
    if (run.writer) {
        all.add("author", writer);
        all.add("quoted-from", run.writer->quoted);
    }
    if (run.state)
        all.add("state", words::agreement(*run.state));
    return all.text();
}

} // namespace nlbd::ui
