// The half of the view that takes in what others do.

#include "core/base/check.h"
#include "ui/editor/document_view.h"

#include "ui/editor/page_layout.h"
#include "ui/overloaded.h"
#include "ui/theme.h"

#include <QGuiApplication>
#include <QInputMethod>
#include <QInputMethodEvent>
#include <QScrollBar>
#include <QTextLayout>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kComposeMillis = 10'000; ///< nobody's edits wait longer for an input method
constexpr qint64 kFrameMillis = 16;
constexpr std::size_t kSinglyMax = 200; ///< patches of a frame that are applied one by one
constexpr qint64 kSliceMillis = 10; ///< then others' edits wait for a paint, and for this person

} // namespace

template <typename Event>
void DocumentView::takeIn(const Event &event)
{
    if (m_isOpen && event.view == m_view && event.doc == *m_doc)
        queue(event);
}

void DocumentView::queue(Arrival arrival)
{
    const bool isText = std::holds_alternative<api::TextPatched>(arrival);
    m_arrivals.push_back(std::move(arrival));
    if (isText && isComposing() && !m_composeTimer.isActive())
        m_composeTimer.start(kComposeMillis);
    if (m_settleTimer.isActive() || isComposing())
        return;
    // The first arrival after a pause shows at once; a stream is gathered by frames.
    const qint64 rest = kFrameMillis - (m_clock.elapsed() - m_lastSettled);
    m_settleTimer.start(static_cast<int>(std::max<qint64>(rest, 0)));
}

template void DocumentView::takeIn(const api::TextPatched &);
template void DocumentView::takeIn(const api::AgreementChanged &);
template void DocumentView::takeIn(const api::CaretMoved &);

bool DocumentView::isComposing() const
{
    const QTextBlock block = textCursor().block();
    return block.isValid() && !block.layout()->preeditAreaText().isEmpty();
}

void DocumentView::inputMethodEvent(QInputMethodEvent *event)
{
    // Qt lets what was under way to a page write on it, though nobody may.
    if (isReadOnly()) {
        event->ignore();
        return;
    }
    if (!isComposing())
        keepOffPairs();
    const bool isInput = !event->preeditString().isEmpty() || !event->commitString().isEmpty();
    if (m_suggests && isInput)
        strikeSelection();
    QPlainTextEdit::inputMethodEvent(event);
    if (isComposing()) {
        m_composed = textCursor();
        return;
    }
    endComposition();
}

/// What waited for it is taken in.
void DocumentView::endComposition()
{
    m_composed = {};
    m_composeTimer.stop();
    if (!m_arrivals.empty())
        m_settleTimer.start(0);
}

void DocumentView::settleComposition()
{
    QGuiApplication::inputMethod()->commit();
    if (isComposing()) {
        // The platform has no composition of its own to commit: take the preedit as typed.
        QInputMethodEvent commit;
        commit.setCommitString(textCursor().block().layout()->preeditAreaText());
        QPlainTextEdit::inputMethodEvent(&commit);
        QGuiApplication::inputMethod()->reset(); // or it would bring the same again
    }
    endComposition();
    settleArrivals();
}

/// Where the caret was put elsewhere, what was being composed is written where it stands: left
/// there, it would be drawn and never be part of the text.
void DocumentView::leaveComposition()
{
    if (m_composed.isNull())
        return;
    const QTextCursor caret = textCursor();
    const QTextBlock composed = m_composed.block();
    const QString left = composed.isValid() ? composed.layout()->preeditAreaText() : QString();
    const int place = composed.isValid() ? composed.layout()->preeditAreaPosition() : -1;
    if (!left.isEmpty() && composed == caret.block() && place == caret.positionInBlock())
        return;
    m_composed = {}; // or what is written here would come here again
    if (!left.isEmpty()) {
        composed.layout()->setPreeditArea(-1, {});
        QTextBlock(composed).clearLayout();
        QGuiApplication::inputMethod()->reset();
        QTextCursor cursor(document());
        cursor.setPosition(composed.position() + place);
        cursor.insertText(left);
    }
    endComposition();
}

void DocumentView::settleArrivals()
{
    m_settleTimer.stop();
    const auto isText = [](const Arrival &it) {
        return std::holds_alternative<api::TextPatched>(it);
    };
    const auto isUse = [](const Arrival &it) {
        return std::holds_alternative<std::function<void()>>(it);
    };
    if (isComposing() && !m_composeTimer.isActive() && std::ranges::any_of(m_arrivals, isText))
        m_composeTimer.start(kComposeMillis);
    if (isComposing() || !isOpen())
        return; // while a long text is filled in, they wait
    m_lastSettled = m_clock.elapsed();
    // Who waits for an answer may go elsewhere with it: that is no part of others' edits.
    while (!m_arrivals.empty() && isUse(m_arrivals.front())) {
        const Arrival use = std::move(m_arrivals.front());
        m_arrivals.pop_front();
        std::get<std::function<void()>>(use)();
        if (isComposing() || !isOpen())
            return;
    }
    const auto end = std::ranges::find_if(m_arrivals, isUse);
    std::deque<Arrival> arrivals(std::make_move_iterator(m_arrivals.begin()),
                                 std::make_move_iterator(end));
    m_arrivals.erase(m_arrivals.begin(), end);
    const bool hasCarets = std::ranges::any_of(
        arrivals, [](const Arrival &it) { return std::holds_alternative<api::CaretMoved>(it); });
    if (std::ranges::any_of(arrivals, isText)) {
        applyTexts(arrivals);
    } else {
        QTextCursor unused;
        PageStand stand;
        for (const Arrival &arrival : std::exchange(arrivals, {}))
            applyArrival(arrival, unused, stand);
    }
    // What a slice left, before what came meanwhile.
    m_arrivals.insert(m_arrivals.begin(), std::make_move_iterator(arrivals.begin()),
                      std::make_move_iterator(arrivals.end()));
    if (!m_arrivals.empty())
        m_settleTimer.start(0);
    if (hasCarets)
        Q_EMIT caretsTouched();
    repaintNews();
}

/// Takes what is applied from the front. What is read stays where it is, and so does the caret.
void DocumentView::applyTexts(std::deque<Arrival> &arrivals)
{
    std::size_t patches = 0;
    for (const Arrival &arrival : arrivals)
        if (const auto *patched = std::get_if<api::TextPatched>(&arrival))
            patches += patched->patches.size();
    PageStand stand = m_stand.take();
    QTextCursor cursor(document());
    m_isApplying = true;
    // As one edit they are one change to all who listen, from the first to the last of them.
    const bool isOneEdit = patches > kSinglyMax;
    if (isOneEdit) {
        m_layout->expect(PageLayout::Edits::Many);
        cursor.beginEditBlock();
    }
    const qint64 begun = m_clock.elapsed();
    const auto isOver = [&] { return isOneEdit && m_clock.elapsed() - begun >= kSliceMillis; };
    for (bool goesOn = true; goesOn; goesOn = !arrivals.empty() && !isOver()) {
        applyArrival(arrivals.front(), cursor, stand);
        arrivals.pop_front();
    }
    if (isOneEdit) {
        cursor.endEditBlock();
        m_layout->expect(PageLayout::Edits::One);
    }
    restyleTouched();
    m_stand.restore(stand);
    m_isApplying = false;
    // Undo put it elsewhere, or the letter that others see it behind went while it stayed.
    if ((stand.wasMoved || m_isCaretTold) && !m_caretTimer.isActive())
        m_caretTimer.start();
    updateMicroFocus(); // what stands around the caret is another text for an input method
    if (patches > 0)
        Q_EMIT textTouched();
}

void DocumentView::applyArrival(const Arrival &arrival, QTextCursor &cursor, PageStand &stand)
{
    const Overloaded apply{
        [&](const api::TextPatched &event) { applyPatched(event, cursor, stand); },
        [this](const api::AgreementChanged &event) { applyAgreement(event); },
        [this](const api::CaretMoved &event) { applyCaret(event); },
        [](const std::function<void()> &) { CHECK(false); }, // they are none of others' edits
    };
    std::visit(apply, arrival);
}

void DocumentView::applyPatched(const api::TextPatched &event, QTextCursor &cursor,
                                PageStand &stand)
{
    const bool isMine =
        event.cause == api::PatchCause::Undo || event.cause == api::PatchCause::Redo;
    for (const TextPatch &patch :
         m_pending.receive(event.patch, event.includesSerial, event.patches)) {
        const qsizetype from = m_text.unitAt(patch.at);
        const qsizetype removed = m_text.unitAt(patch.at + patch.removed) - from;
        const QString inserted = QString::fromUtf8(patch.inserted);
        const QString gone = m_text.slice(from, removed);
        wrapFor(inserted);
        m_text.replace(from, removed, inserted);
        m_looks.replace(from, removed, inserted.size());
        m_marks.shift(from, removed, inserted.size());
        // An edit of its own. Outside of one a cursor has each block laid out that it comes to.
        cursor.beginEditBlock();
        cursor.setPosition(static_cast<int>(from));
        if (removed > 0)
            cursor.setPosition(static_cast<int>(from + removed), QTextCursor::KeepAnchor);
        cursor.insertText(shownAs(inserted), QTextCharFormat()); // or it looks for one
        m_layout->touched(from, inserted.size());
        cursor.endEditBlock();
        const auto moved = [&](qsizetype place, Stick stick) {
            return placeAfter(place, from, removed, inserted.size(), stick);
        };
        Q_EMIT patched(from, gone, inserted, event.cause);
        if (isMine) {
            stand.caret = stand.anchor = from + inserted.size();
            stand.wasMoved = true;
            continue;
        }
        // Text that comes at my caret goes after it; at either end of my selection, outside.
        const bool isForward = stand.caret > stand.anchor;
        const bool isRange = stand.caret != stand.anchor;
        stand.caret = moved(stand.caret, isRange && !isForward ? Stick::Right : Stick::Left);
        stand.anchor = moved(stand.anchor, isRange && isForward ? Stick::Right : Stick::Left);
        if (isRange && isForward)
            stand.caret = std::max(stand.caret, stand.anchor);
        else if (isRange)
            stand.caret = std::min(stand.caret, stand.anchor);
        stand.held = moved(stand.held, Stick::Left);
    }
    takeLooks(event.looks);
}

void DocumentView::applyAgreement(const api::AgreementChanged &event)
{
    m_pending.acknowledge(event.includesSerial);
    std::vector<PageMarks::Range> ranges;
    ranges.reserve(event.spans.size());
    for (const api::AgreementSpan &span : event.spans) {
        if (span.state == api::Agreement::Agreed)
            continue;
        ranges.push_back({m_text.unitAt(m_pending.placeInView(span.from)),
                          m_text.unitAt(m_pending.placeInView(span.to)), span.state, 0});
    }
    m_marks.setAgreement(std::move(ranges), event.seats, m_clock.elapsed());
}

void DocumentView::applyCaret(const api::CaretMoved &event)
{
    m_pending.acknowledge(event.includesSerial);
    const auto unitOf = [this](TextOffset offset) {
        return m_text.unitAt(m_pending.placeInView(offset));
    };
    std::optional<PageMarks::Caret> caret;
    if (event.place)
        caret = PageMarks::Caret{event.device,
                                 unitOf(event.place->caret),
                                 unitOf(event.place->anchor),
                                 m_clock.elapsed(),
                                 {},
                                 0};
    if (caret && event.preview) {
        caret->preview = QString::fromUtf8(event.preview->text);
        caret->previewAt = unitOf(event.preview->at);
    }
    m_marks.setCaret(event.device, std::move(caret));
    showHint();
}

/// The hint of a blank page gives way to what somebody types on it.
void DocumentView::showHint()
{
    const QString hint = m_marks.hasPreview()
        ? QString()
        : tr("Start writing. The first line becomes its name.\n"
             "What you write is kept on this computer as you go.\n"
             "F1 shows the keys.");
    if (hint != placeholderText())
        setPlaceholderText(hint);
}

} // namespace nlbd::ui
