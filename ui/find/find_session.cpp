#include "ui/find/find_session.h"

#include "ui/editor/document_view.h"
#include "ui/editor/scroll_marks.h"
#include "ui/editor/unit_edit.h"
#include "ui/theme.h"

#include <QPointer>
#include <QScrollBar>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kThreads = 2;       // one may still be busy with what nobody wants any more
constexpr int kQuietMillis = 120; // between an edit and the next look
constexpr std::size_t kMarksInBar = 300;
const QString kLayer = QStringLiteral("find");
const QString kCurrentLayer = QStringLiteral("find, current");

} // namespace

FindSession::FindSession(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
{
    m_threads.setMaxThreadCount(kThreads);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &FindSession::start);
    connect(page.document(), &QTextDocument::contentsChange, this, &FindSession::textChanged);
    connect(&page, &DocumentView::opened, this, [this] {
        m_isDirty = !m_query.text.isEmpty();
        if (m_isDirty)
            m_timer.start(0);
    });
    page.addLayer(*this);
}

FindSession::~FindSession()
{
    callOff();
    m_threads.clear();
    m_threads.waitForDone();
}

void FindSession::look(const FindQuery &query, qsizetype from)
{
    m_query = query;
    m_query.text.truncate(kQueryUnitsMax);
    m_from = from;
    m_wantsShown = true;
    m_replacement.reset();
    callOff();
    m_hits.clear();
    m_current.reset();
    m_outcome = FindResult::End::All;
    m_why.clear();
    m_isDirty = !m_query.text.isEmpty();
    if (m_isDirty)
        start();
    tell();
}

void FindSession::end()
{
    look({}, 0);
}

/// The pool is not waited for: what is stale ends by itself, and what it brings is not taken.
void FindSession::callOff()
{
    if (m_isStale)
        m_isStale->store(true);
    m_isStale.reset();
    m_timer.stop();
    ++m_number;
    m_isUnderWay = false;
    m_isDirty = false;
}

void FindSession::start()
{
    if (m_query.text.isEmpty() || m_isUnderWay)
        return;
    m_isDirty = false;
    m_isUnderWay = true;
    m_since.clear();
    m_isStale = std::make_shared<std::atomic<bool>>(false);
    const std::uint64_t number = ++m_number;
    m_threads.start([self = QPointer(this), number, query = m_query, replacement = m_replacement,
                     pieces = m_page.textPieces(), isStale = m_isStale] {
        FindResult result =
            findAll(pieces.join(QString()), query, *isStale, replacement ? &*replacement : nullptr);
        if (isStale->load())
            return;
        QMetaObject::invokeMethod(
            qApp,
            [self, number, result = std::move(result)]() mutable {
                if (self)
                    self->take(number, std::move(result));
            },
            Qt::QueuedConnection);
    });
}

void FindSession::take(std::uint64_t number, FindResult result)
{
    if (number != m_number)
        return;
    m_isUnderWay = false;
    m_isStale.reset();
    for (const Change &change : m_since)
        carry(result.hits, change);
    if (m_current)
        m_from = m_hits[*m_current].from;
    m_hits = std::move(result.hits);
    m_outcome = result.end;
    m_why = result.why;
    if (m_isDirty)
        m_timer.start(kQuietMillis);
    if (m_replacement && !m_isDirty) {
        std::vector<UnitEdit> replacements;
        replacements.reserve(m_hits.size());
        for (FindHit &hit : m_hits)
            replacements.push_back({hit.from, hit.to - hit.from, std::move(hit.replacement)});
        m_replacement.reset();
        const auto count = static_cast<qsizetype>(m_page.replaceAll(replacements));
        Q_EMIT replacedAll(count, m_outcome != FindResult::End::All);
    }
    choose(m_from);
    if (std::exchange(m_wantsShown, false))
        showCurrent();
    tell();
}

std::size_t FindSession::firstFrom(qsizetype place) const
{
    const auto found = std::ranges::lower_bound(m_hits, place, {}, &FindHit::from);
    return static_cast<std::size_t>(found - m_hits.begin());
}

void FindSession::choose(qsizetype from)
{
    const std::size_t at = firstFrom(from);
    m_current.reset();
    if (!m_hits.empty())
        m_current = at < m_hits.size() ? at : 0;
}

void FindSession::step(int by)
{
    if (m_hits.empty())
        return;
    const auto count = static_cast<std::ptrdiff_t>(m_hits.size());
    const auto at = static_cast<std::ptrdiff_t>(m_current.value_or(0));
    m_current = static_cast<std::size_t>((at + by % count + count) % count);
    m_from = m_hits[*m_current].from;
    showCurrent();
    tell();
}

bool FindSession::replaceCurrent(const QString &text)
{
    if (!m_current)
        return false;
    const FindHit hit = m_hits[*m_current];
    const QTextBlock block = m_page.document()->findBlock(static_cast<int>(hit.from));
    const qsizetype start = block.position();
    const QString line = m_page.textBetween(start, start + block.length() - 1);
    const QString other = replacementFor(line, hit.from - start, hit.to - start, m_query, text);
    if (m_page.replaceAll({{hit.from, hit.to - hit.from, other}}) == 0)
        return false;
    m_wantsShown = true;
    m_from = hit.from + other.size();
    choose(m_from);
    showCurrent();
    tell();
    return true;
}

void FindSession::replaceAll(const QString &text)
{
    if (m_query.text.isEmpty())
        return;
    callOff();
    m_replacement = text;
    m_isDirty = true;
    start();
    tell();
}

/// Places after an edit move; those that it touches are looked at anew.
void FindSession::carry(std::vector<FindHit> &hits, const Change &change)
{
    const qsizetype end = change.at + change.removed;
    const auto first = std::ranges::lower_bound(hits, change.at, {}, &FindHit::to);
    auto last = first;
    while (last != hits.end() && last->from <= end)
        ++last;
    const auto moved = hits.erase(first, last);
    const qsizetype by = change.added - change.removed;
    if (by == 0)
        return;
    for (auto hit = moved; hit != hits.end(); ++hit) {
        hit->from += by;
        hit->to += by;
    }
}

void FindSession::textChanged(int at, int removed, int added)
{
    if (m_query.text.isEmpty())
        return;
    if (!m_page
             .isOpen()) { // a long text is being filled in: what is found of it is looked for then
        callOff();
        m_hits.clear();
        m_current.reset();
        return;
    }
    const Change change{at, removed, added};
    const qsizetype place = m_current ? m_hits[*m_current].from : m_from;
    carry(m_hits, change);
    if (m_isUnderWay)
        m_since.push_back(change);
    m_from = place > at ? std::max<qsizetype>(at, place + added - removed) : place;
    choose(m_from);
    m_isDirty = true;
    if (!m_timer.isActive() && !m_isUnderWay)
        m_timer.start(kQuietMillis);
}

// ---- What is seen ----------------------------------------------------------------------------

void FindSession::paintUnder(QPainter &painter, const PagePainter &page) const
{
    const auto [from, to] = page.shownRange();
    const QColor tint = blend(theme().pencil, theme().page, kHitTint);
    for (std::size_t i = firstFrom(from); i < m_hits.size() && m_hits[i].from < to; ++i)
        page.eachPart(m_hits[i].from, m_hits[i].to, [&](const PagePainter::Part &part) {
            painter.fillRect(part.rect.adjusted(0, 2, 0, -2), tint);
        });
}

/// The current place has a frame: its shape says it, also to those who see no colours.
void FindSession::paintOver(QPainter &painter, const PagePainter &page) const
{
    if (!m_current)
        return;
    const FindHit &hit = m_hits[*m_current];
    painter.setPen(QPen(theme().ink, 2));
    painter.setBrush(Qt::NoBrush);
    page.eachPart(hit.from, hit.to, [&painter](const PagePainter::Part &part) {
        painter.drawRoundedRect(part.rect.adjusted(-2, 1, 2, -1), 3, 3);
    });
}

void FindSession::markScrollBar()
{
    auto *bar = m_page.verticalScrollBar()->findChild<ScrollMarks *>();
    if (bar == nullptr)
        return;
    std::vector<ScrollMarks::Mark> marks;
    const std::size_t step = m_hits.size() / kMarksInBar + 1;
    for (std::size_t i = 0; i < m_hits.size(); i += step)
        marks.push_back({m_hits[i].from, theme().pencil, tr("Found here")});
    bar->setLayer(kLayer, ScrollMarks::Lane::Left, std::move(marks));
    std::vector<ScrollMarks::Mark> current;
    if (m_current)
        current.push_back({m_hits[*m_current].from, theme().ink, tr("The place on the screen")});
    bar->setLayer(kCurrentLayer, ScrollMarks::Lane::Whole, std::move(current));
}

/// Only if it is not there already.
void FindSession::showCurrent()
{
    if (m_current && !isPlaceShown(m_page, m_hits[*m_current].from))
        showPlace(m_page, m_hits[*m_current].from);
}

void FindSession::tell()
{
    markScrollBar();
    m_page.viewport()->update();
    Q_EMIT changed();
}

} // namespace nlbd::ui
