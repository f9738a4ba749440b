// The half of the view that tools use: what is drawn besides, and many places replaced at once.

#include "ui/editor/document_view.h"

#include "ui/editor/page_layer.h"
#include "ui/editor/page_layout.h"
#include "ui/editor/unit_edit.h"

#include <QScrollBar>
#include <QTextLayout>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kHoldTurns = 12;
constexpr std::size_t kRestyledSingly = 100; // beyond, everything between the first and the last

/// What makes letters of `from` look as `to`.
AttributeChanges changesBetween(const Attributes &from, const Attributes &to)
{
    AttributeChanges changes;
    for (const auto &[key, value] : from)
        if (!to.contains(key))
            changes[key] = std::nullopt;
    for (const auto &[key, value] : to) {
        const auto known = from.find(key);
        if (known == from.end() || known->second != value)
            changes[key] = value;
    }
    return changes;
}

} // namespace

void DocumentView::addLayer(PageLayer &layer)
{
    m_layers.push_back(&layer);
    viewport()->update();
}

void DocumentView::removeLayer(PageLayer &layer)
{
    std::erase(m_layers, &layer);
    viewport()->update();
}

QString DocumentView::textBetween(qsizetype from, qsizetype to) const
{
    return m_text.slice(from, to - from);
}

/// Everything is laid out anew when somebody looks at it; the caret's line, or else the first one,
/// stays at its height on the screen.
void DocumentView::rescale()
{
    const PageStand stand = m_stand.take();
    m_isApplying = true;
    setFont(textFont());
    layMargins();
    m_layout->restyleAll();
    QTextBlock block = document()->findBlock(static_cast<int>(stand.held));
    static_cast<void>(blockBoundingRect(block));
    const QTextLine held =
        block.layout()->lineForTextPosition(static_cast<int>(stand.held) - block.position());
    const qreal height = stand.heldHeight - viewport()->y();
    qreal above = held.isValid() ? held.y() : 0; // from the top of `block` to the held line
    while (above < height && block.previous().isValid()) {
        block = block.previous();
        above += blockBoundingRect(block).height();
    }
    int line = 0;
    while (line + 1 < block.layout()->lineCount() && above > height)
        above -= block.layout()->lineAt(line++).height();
    verticalScrollBar()->setValue(block.firstLineNumber() + line);
    // Blocks that come onto the screen are measured only now.
    for (int i = 0; i < kHoldTurns; ++i)
        m_stand.hold(stand);
    m_isApplying = false;
    repaintPage();
}

/// One's own edit, put on the page.
TextPatch DocumentView::replaceHere(const UnitEdit &place, QTextCursor &cursor)
{
    TextPatch patch;
    patch.at = m_text.scalarAt(place.at);
    patch.removed = m_text.scalarAt(place.at + place.removed) - patch.at;
    patch.inserted = place.inserted.toUtf8().toStdString();
    m_text.replace(place.at, place.removed, place.inserted);
    m_looks.replace(place.at, place.removed, place.inserted.size());
    m_marks.shift(place.at, place.removed, place.inserted.size());
    cursor.setPosition(static_cast<int>(place.at));
    cursor.setPosition(static_cast<int>(place.at + place.removed), QTextCursor::KeepAnchor);
    cursor.insertText(shownAs(place.inserted));
    return patch;
}

/// One of many, where it stands now.
TextPatch DocumentView::replaceOne(const UnitEdit &place, QTextCursor &cursor, Stylings &stylings)
{
    const Attributes look = m_looks.at(place.at);
    const qsizetype end = place.at + place.inserted.size();
    const QString gone = m_text.slice(place.at, place.removed);
    TextPatch patch = replaceHere(place, cursor);
    if (place.at < end) {
        static const Attributes plain;
        const Attributes natural =
            marksForTyping(place.at > 0 ? m_looks.at(place.at - 1) : plain, m_looks.at(end));
        m_looks.set(place.at, end, natural);
        if (stylings.size() < api::EditText::kStylingsMax)
            put(place.at, end, changesBetween(natural, look), stylings);
    }
    Q_EMIT editedAt(place.at, gone, place.inserted);
    return patch;
}

/// Many places at once, as one.
void DocumentView::restyleAsOne()
{
    if (m_restyled.size() > kRestyledSingly) {
        auto all = m_restyled.front();
        for (const auto &[from, to] : m_restyled)
            all = {std::min(all.first, from), std::max(all.second, to)};
        m_restyled = {all};
    }
    restyleTouched();
}

std::size_t DocumentView::replaceAll(const std::vector<UnitEdit> &places)
{
    qsizetype bytes = 0;
    bool isText = true;
    for (const UnitEdit &place : places) {
        bytes += place.inserted.size() * 3;
        isText = isText && place.inserted.isValidUtf16() && !place.inserted.contains(u'\n');
    }
    if (!isText || places.empty() || isReadOnly() || !isOpen() || isComposing()
        || bytes > kPasteBytesMax)
        return 0;
    endGroup();
    PageStand stand = m_stand.take();
    TextPatches patches;
    patches.reserve(places.size());
    Stylings stylings;
    qsizetype shift = 0; // by those before
    m_isApplying = true;
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    for (UnitEdit place : places) {
        place.at += shift;
        patches.push_back(replaceOne(place, cursor, stylings));
        for (qsizetype *stood : {&stand.caret, &stand.anchor, &stand.held})
            *stood =
                placeAfter(*stood, place.at, place.removed, place.inserted.size(), Stick::Left);
        shift += place.inserted.size() - place.removed;
    }
    cursor.endEditBlock();
    restyleAsOne();
    m_stand.restore(stand);
    m_isApplying = false;
    m_cause = api::EditText::Cause::Paste;
    send(std::move(patches), std::move(stylings));
    endGroup();
    Q_EMIT edited();
    Q_EMIT textTouched();
    return places.size();
}

} // namespace nlbd::ui
