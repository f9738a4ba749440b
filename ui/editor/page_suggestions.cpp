#include "ui/editor/page_suggestions.h"

#include "ui/editor/document_view.h"
#include "ui/theme.h"
#include "ui/words_suggestions.h"
#include "ui/workspace_bridge.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace nlbd::ui {

namespace {

constexpr qreal kLineWidth = 1.8;
constexpr qreal kBreakWidth = 9; ///< what stands for a line break that should go or come
constexpr double kCurrentTint = 0.14;
constexpr qreal kSignSide = 13;
constexpr qreal kSignLeft = 6;

/// A sheet with a corner that points to the text.
void paintSpeechMark(QPainter &painter, const QPointF &corner)
{
    const qreal side = kSignSide;
    QPainterPath path;
    path.addRoundedRect(QRectF(corner.x(), corner.y(), side, side * 0.72), 3, 3);
    QPainterPath tip;
    tip.moveTo(corner.x() + side * 0.22, corner.y() + side * 0.66);
    tip.lineTo(corner.x() + side * 0.22, corner.y() + side);
    tip.lineTo(corner.x() + side * 0.6, corner.y() + side * 0.66);
    tip.closeSubpath();
    painter.drawPath(path.united(tip));
}

} // namespace

PageSuggestions::PageSuggestions(DocumentView &page, WorkspaceBridge &bridge, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_bridge(bridge)
{
    page.addLayer(*this);
    connect(&bridge, &WorkspaceBridge::suggestionsChanged, this, &PageSuggestions::told);
    connect(&bridge, &WorkspaceBridge::suggestionContested, this,
            [this](const api::SuggestionContested &event) {
                if (m_page.shownDocument() == event.doc)
                    Q_EMIT contested(words::contested(event, m_people));
            });
    connect(&bridge, &WorkspaceBridge::documentOpened, this,
            [this](const api::DocumentOpened &event) {
                if (m_page.shownDocument() != event.doc)
                    return;
                m_waiting.reset();
                m_entries.clear();
                findCurrent();
                Q_EMIT changed();
            });
    connect(&page, &DocumentView::opened, this, [this] {
        const auto now = m_page.passage(0, 0);
        if (m_waiting && now && now->view == m_waiting->view)
            told(*std::exchange(m_waiting, std::nullopt));
    });
    connect(&page, &DocumentView::editedAt, this,
            [this](qsizetype at, const QString &removed, const QString &inserted) {
                shift(at, removed.size(), inserted.size());
            });
    connect(&page, &DocumentView::patched, this,
            [this](qsizetype at, const QString &removed, const QString &inserted) {
                shift(at, removed.size(), inserted.size());
            });
    connect(&page, &DocumentView::looksTouched, this, &PageSuggestions::findCurrent);
}

PageSuggestions::~PageSuggestions()
{
    m_page.removeLayer(*this);
}

void PageSuggestions::setPeople(const words::People &people)
{
    m_people = people;
    m_page.viewport()->update();
    Q_EMIT changed();
}

void PageSuggestions::told(const api::SuggestionsChanged &event)
{
    if (m_page.shownDocument() != event.doc)
        return;
    const auto now = m_page.passage(0, 0);
    if (!now)
        m_waiting = event;
    else if (now->view == event.view)
        m_page.inOrder(event.includesSerial, [this, event] { take(event); });
}

void PageSuggestions::take(const api::SuggestionsChanged &event)
{
    m_entries.clear();
    m_isCut = event.isCut;
    for (const api::Suggestion &it : event.suggestions) {
        Entry entry{it, {}};
        for (const api::Suggestion::Part &part : it.parts) {
            const auto [from, to] = m_page.placesOf(part.from, part.to);
            if (from < to)
                entry.parts.push_back({from, to, part.what, part.format});
        }
        if (!entry.parts.empty())
            m_entries.push_back(std::move(entry));
    }
    findCurrent();
    m_page.viewport()->update();
    Q_EMIT changed();
}

/// What is typed at the ends of a suggestion is no part of it until the engine says so.
void PageSuggestions::shift(qsizetype at, qsizetype removed, qsizetype inserted)
{
    for (Entry &entry : m_entries) {
        for (Part &part : entry.parts) {
            part.from = placeAfter(part.from, at, removed, inserted, Stick::Right);
            part.to = std::max(part.from, placeAfter(part.to, at, removed, inserted, Stick::Left));
        }
        std::erase_if(entry.parts, [](const Part &part) { return part.from >= part.to; });
    }
    std::erase_if(m_entries, [](const Entry &entry) { return entry.parts.empty(); });
}

const PageSuggestions::Entry *PageSuggestions::current() const
{
    const auto found = std::ranges::find_if(
        m_entries, [this](const Entry &entry) { return entry.told.group == m_current; });
    return m_current.empty() || found == m_entries.end() ? nullptr : &*found;
}

void PageSuggestions::findCurrent()
{
    const qsizetype place = m_page.textCursor().selectionStart();
    const Entry *best = nullptr;
    for (const Entry &entry : m_entries)
        for (const Part &part : entry.parts) {
            const bool isInside = part.from <= place && place < part.to;
            if (isInside || (best == nullptr && place == part.to))
                best = &entry;
        }
    const std::string group = best == nullptr ? std::string() : best->told.group;
    if (std::exchange(m_current, group) == group)
        return;
    m_page.viewport()->update();
    Q_EMIT currentChanged();
}

void PageSuggestions::goTo(const std::string &group)
{
    const auto found = std::ranges::find_if(
        m_entries, [&group](const Entry &entry) { return entry.told.group == group; });
    if (found == m_entries.end())
        return;
    QTextCursor cursor = m_page.textCursor();
    cursor.setPosition(static_cast<int>(found->parts.front().from));
    m_page.setTextCursor(cursor);
    m_page.ensureCursorVisible();
    m_page.setFocus();
}

void PageSuggestions::step(int by)
{
    if (m_entries.empty())
        return;
    const qsizetype place = m_page.textCursor().selectionStart();
    const auto startOf = [](const Entry &entry) { return entry.parts.front().from; };
    const Entry *goal = nullptr;
    if (by > 0) {
        for (const Entry &entry : m_entries)
            if (startOf(entry) > place && (goal == nullptr || startOf(entry) < startOf(*goal)))
                goal = &entry;
        goal = goal == nullptr ? &*std::ranges::min_element(m_entries, {}, startOf) : goal;
    } else {
        for (const Entry &entry : m_entries)
            if (startOf(entry) < place && (goal == nullptr || startOf(entry) > startOf(*goal)))
                goal = &entry;
        goal = goal == nullptr ? &*std::ranges::max_element(m_entries, {}, startOf) : goal;
    }
    goTo(goal->told.group);
}

void PageSuggestions::decide(api::Verdict verdict, std::vector<std::string> groups)
{
    if (const auto doc = m_page.shownDocument(); doc && !groups.empty())
        m_bridge.submit(api::DecideSuggestions{*doc, std::move(groups), verdict});
}

void PageSuggestions::decideCurrent(api::Verdict verdict)
{
    if (const Entry *entry = current())
        decide(verdict, {entry->told.group});
}

void PageSuggestions::takeProposalsOut(QStringList &pieces, PageLooks &looks) const
{
    std::vector<Part> added;
    for (const Entry &entry : m_entries)
        for (const Part &part : entry.parts)
            if (part.what == What::Added && entry.told.kind == api::Suggestion::Kind::Proposed)
                added.push_back(part);
    if (added.empty())
        return;
    QString text = pieces.join(QString());
    std::ranges::sort(added, std::greater(), &Part::from);
    for (const Part &part : added) {
        // Without its break a block goes on, and is what its first half is now.
        const qsizetype broken = text.indexOf(u'\n', part.from);
        const bool joins = broken >= 0 && broken < part.to
            && ((part.from > 0 && text[part.from - 1] != u'\n') || part.to == text.size()
                || text[part.to] == u'\n');
        Attributes block = joins ? looks.blockAt(broken) : Attributes();
        text.remove(part.from, part.to - part.from);
        looks.replace(part.from, part.to - part.from, 0);
        if (!joins)
            continue;
        const qsizetype ending = text.indexOf(u'\n', part.from);
        if (ending >= 0)
            looks.set(ending, ending + 1, std::move(block));
        else
            looks.setLast(std::move(block));
    }
    pieces = QStringList{text};
}

void PageSuggestions::layOver(qsizetype from, qsizetype to, Attributes &attributes) const
{
    const auto isMine = [this](const Entry &entry) {
        return std::ranges::any_of(m_people, [&entry](const api::Person &person) {
            return person.isMe && person.member == entry.told.member;
        });
    };
    for (const Entry &entry : m_entries)
        for (const Part &part : entry.parts) {
            if (part.what != What::Styled || part.to <= from || part.from >= to || !isMine(entry))
                continue;
            const auto &[key, value] = entry.told.formats.at(part.format);
            const bool isAll = part.from <= from && part.to >= to;
            if (!isAll && !isOfBlock(key))
                continue;
            if (value)
                attributes.insert_or_assign(key, *value);
            else
                attributes.erase(key);
        }
}

// ---- what is drawn ------------------------------------------------------------------------------

QColor PageSuggestions::colourOf(const Entry &entry) const
{
    const auto person = std::ranges::find(m_people, entry.told.member, &api::Person::member);
    return person == m_people.end() ? theme().muted : theme().people[person->colour % 8U];
}

void PageSuggestions::paintUnder(QPainter &painter, const PagePainter &page) const
{
    const Entry *entry = current();
    if (entry == nullptr)
        return;
    QColor tint = colourOf(*entry);
    tint.setAlphaF(static_cast<float>(kCurrentTint));
    const auto [from, to] = page.shownRange();
    for (const Part &part : entry->parts)
        if (part.from < to && part.to > from)
            page.eachPart(part.from, part.to,
                          [&](const PagePainter::Part &on) { painter.fillRect(on.rect, tint); });
}

void PageSuggestions::paintOver(QPainter &painter, const PagePainter &page) const
{
    const auto [from, to] = page.shownRange();
    for (const Entry &entry : m_entries)
        for (const Part &part : entry.parts) {
            if (part.from >= to || part.to <= from)
                continue;
            const bool isStyled = part.what == What::Styled;
            painter.setPen(
                QPen(colourOf(entry), kLineWidth, isStyled ? Qt::DotLine : Qt::SolidLine));
            page.eachPart(part.from, part.to, [&](const PagePainter::Part &on) {
                const qreal rise = (on.baseline - on.rect.top()) * 0.32;
                const qreal y = part.what == What::Removed ? on.baseline - rise : on.baseline + 3.5;
                const qreal right =
                    on.rect.right() + (on.endsLine && on.rect.width() < 1 ? kBreakWidth : 0);
                painter.drawLine(QPointF(on.rect.left(), y), QPointF(right, y));
            });
        }
}

void PageSuggestions::paintGutter(QPainter &painter, const PagePainter &page) const
{
    const auto [from, to] = page.shownRange();
    std::vector<qreal> lines; // one sign for each
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    for (const Entry &entry : m_entries)
        for (const Part &part : entry.parts) {
            if (part.from >= to || part.to <= from)
                continue;
            bool isFirst = true;
            page.eachPart(part.from, part.to, [&](const PagePainter::Part &on) {
                const bool isNear = std::ranges::any_of(
                    lines, [&](qreal line) { return std::abs(line - on.baseline) < kSignSide; });
                if (!std::exchange(isFirst, false) || isNear)
                    return;
                lines.push_back(on.baseline);
                painter.setPen(QPen(colourOf(entry), 1.6));
                paintSpeechMark(painter, {kSignLeft, on.baseline - kSignSide + 1});
            });
        }
}

} // namespace nlbd::ui
