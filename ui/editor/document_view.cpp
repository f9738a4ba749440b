#include "ui/editor/document_view.h"

#include "ui/editor/page_clipboard.h"
#include "ui/editor/page_layout.h"
#include "ui/editor/page_reader.h"
#include "ui/editor/page_zoom.h"
#include "ui/editor/unit_edit.h"
#include "ui/links/page_links.h"
#include "ui/motion.h"
#include "ui/theme.h"
#include "ui/workspace_bridge.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDropEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMimeData>
#include <QScrollBar>
#include <QUrl>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kCaretMillis = 100;          ///< carets are told at most this often
constexpr qsizetype kFirstUnits = 200'000; ///< shown at once: many screens, a few frames of work
constexpr qsizetype kFillUnits = 8'000;    ///< and then as many at a time
constexpr qint64 kFillMillis = 10;         ///< between two looks at what the person does

bool isUndoKey(QKeyEvent *event)
{
    return event->matches(QKeySequence::Undo) || event->matches(QKeySequence::Redo);
}

bool isPlainPasteKey(QKeyEvent *event)
{
    return event->key() == Qt::Key_V
        && event->modifiers() == (Qt::ControlModifier | Qt::ShiftModifier);
}

} // namespace

DocumentView::DocumentView(WorkspaceBridge &bridge, QWidget *parent)
    : QPlainTextEdit(parent)
    , m_bridge(bridge)
{
    usePageReader();
    auto *page = new QTextDocument(this);
    m_layout = new PageLayout(page, m_looks, *viewport());
    page->setDocumentLayout(m_layout);
    page->setDocumentMargin(0);
    m_looks.assign(0);
    setDocument(page);
    setFrameShape(QFrame::NoFrame);
    setUndoRedoEnabled(false);
    setReadOnly(true);
    setCursorWidth(2);
    setFont(textFont());
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    showHint();
    setAccessibleName(tr("Text of the document"));
    viewport()->setMouseTracking(true);
    m_clock.start();
    m_gutter = makeGutter();
    m_clipboard = new PageClipboard(*this);

    m_settleTimer.setSingleShot(true);
    m_composeTimer.setSingleShot(true);
    m_composeTimer.setParent(this); // with a name: tests find it
    m_composeTimer.setObjectName(QStringLiteral("composing"));
    m_caretTimer.setSingleShot(true);
    m_caretTimer.setInterval(kCaretMillis);
    m_repaintTimer.setSingleShot(true);
    m_fillTimer.setSingleShot(true);
    connect(&m_fillTimer, &QTimer::timeout, this, &DocumentView::fill);
    connect(&m_settleTimer, &QTimer::timeout, this, &DocumentView::settleArrivals);
    connect(&m_composeTimer, &QTimer::timeout, this, &DocumentView::settleComposition);
    connect(&m_caretTimer, &QTimer::timeout, this, &DocumentView::sendCaret);
    connect(&m_repaintTimer, &QTimer::timeout, this, &DocumentView::repaintNews);
    connect(document(), &QTextDocument::contentsChange, this, &DocumentView::readChange);
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, &DocumentView::caretWasMoved);
    connect(this, &QPlainTextEdit::selectionChanged, this, &DocumentView::caretWasMoved);
    connect(this, &QPlainTextEdit::updateRequest, this, &DocumentView::gutterNeedsPaint);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this] { m_stand.letGo(); });
    connect(&bridge, &WorkspaceBridge::documentOpened, this, &DocumentView::start);
    connect(&bridge, &WorkspaceBridge::textPatched, this, &DocumentView::takeIn<api::TextPatched>);
    connect(&bridge, &WorkspaceBridge::agreementChanged, this,
            &DocumentView::takeIn<api::AgreementChanged>);
    connect(&bridge, &WorkspaceBridge::caretMoved, this, &DocumentView::takeIn<api::CaretMoved>);
    connect(&PageZoom::instance(), &PageZoom::changed, this, &DocumentView::rescale);
    connect(&Motion::instance(), &Motion::changed, this, &DocumentView::repaintPage);
    PageZoom::instance().follow(*this);
    layMargins();
}

/// Hidden first: from a page that is seen Qt tells the pointer's moves while its parts go, to those
/// who watch it and know nothing of that.
DocumentView::~DocumentView()
{
    hide();
}

void DocumentView::open(DocIndex doc)
{
    leave();
    m_doc = doc;
    m_view = m_bridge.nextView();
    m_bridge.submit(api::OpenDocument{doc, m_view});
}

void DocumentView::comeBack(DocIndex doc, int caret)
{
    m_lastCarets[doc.value] = caret;
}

void DocumentView::leave()
{
    if (!m_doc)
        return;
    m_clipboard->stopAndTell();
    if (m_isOpen && isComposing())
        settleComposition();
    endGroup();
    if (isOpen())
        m_lastCarets[m_doc->value] = textCursor().position();
    m_bridge.submit(api::CloseDocument{*m_doc, m_view});
    m_doc.reset();
    m_isOpen = false;
    m_arrivals.clear();
    m_marks.clear();
    showHint();
    m_pending.reset();
    m_unshown = {};
    m_fillTimer.stop();
    showText({});
    setReadOnly(true);
    Q_EMIT caretsTouched();
}

void DocumentView::start(const api::DocumentOpened &event)
{
    if (!m_doc || event.view != m_view || event.doc != *m_doc)
        return;
    m_clipboard->stopAndTell();
    if (isOpen()) // the engine begins the view anew: the caret stays about where it is
        m_lastCarets[m_doc->value] = textCursor().position();
    m_isCaretTold = false;
    m_opening = event.opening;
    m_pending.reset();
    m_marks.clear();
    showHint();
    m_arrivals.clear();
    showText(QString::fromUtf8(event.text), event.looks);
    m_isOpen = true;
    if (m_unshown.isEmpty()) {
        finishOpening();
        return;
    }
    setReadOnly(true); // what is typed on half a text would be read as taking the other half away
    m_fillTimer.start(0);
}

/// A million lines take Qt seconds: they come in between the window's other work, and whoever reads
/// the first ones does not wait for the last.
void DocumentView::fill()
{
    QElapsedTimer taken;
    taken.start();
    m_isApplying = true;
    QTextCursor cursor(document());
    while (!m_unshown.isEmpty() && taken.elapsed() < kFillMillis) {
        const QString piece = takeUnshown(kFillUnits);
        cursor.movePosition(QTextCursor::End);
        cursor.insertText(piece);
    }
    m_isApplying = false;
    if (m_unshown.isEmpty())
        finishOpening();
    else
        m_fillTimer.start(0);
}

/// The next piece of the text that the page lacks: whole lines if they are short enough, and never
/// half a character.
QString DocumentView::takeUnshown(qsizetype units)
{
    qsizetype end = m_unshown.size() <= units ? m_unshown.size() : m_unshown.indexOf(u'\n', units);
    if (end < 0 || end > 4 * units)
        end = std::min(m_unshown.size(), units);
    if (end > 0 && end < m_unshown.size() && m_unshown[end - 1].isHighSurrogate())
        ++end;
    const QString piece = m_unshown.first(end).toString();
    m_unshown = m_unshown.sliced(end);
    return piece;
}

void DocumentView::finishOpening()
{
    m_fillTimer.stop();
    m_unshown = {};
    m_shown.clear();
    setReadOnly(false);
    if (!m_arrivals.empty())
        m_settleTimer.start(0);
    QTextCursor cursor = textCursor();
    const int last = document()->characterCount() - 1;
    cursor.setPosition(std::clamp(m_lastCarets.value(m_doc->value, 0), 0, last));
    setTextCursor(cursor);
    ensureCursorVisible();
    Q_EMIT opened();
    Q_EMIT textTouched();
}

void DocumentView::showText(const QString &text, const api::Looks &looks)
{
    m_stand.letGo();
    m_composed = {};
    m_composeTimer.stop();
    m_isApplying = true;
    m_text.assign(text);
    m_looks.assign(text.size());
    m_typingMarks.reset();
    takeLooks(looks);
    m_restyled.clear(); // nothing of it is on the page yet
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    wrapFor(text);
    m_shown = shownAs(text);
    m_unshown = m_shown;
    setPlainText(takeUnshown(kFirstUnits));
    m_isApplying = false;
}

void DocumentView::takeBack()
{
    m_clipboard->stop();
    if (isComposing())
        settleComposition();
    if (m_isOpen)
        m_bridge.submit(api::Undo{*m_doc});
}

void DocumentView::doAgain()
{
    if (m_isOpen)
        m_bridge.submit(api::Redo{*m_doc});
}

// ---- Keys ------------------------------------------------------------------------------------

bool DocumentView::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride) {
        auto *key = static_cast<QKeyEvent *>(event);
        // The window's own undo takes back only this person's edits: let its actions have the keys.
        if (isUndoKey(key)) {
            event->ignore();
            return true;
        }
        if (isPlainPasteKey(key) || (key->key() == Qt::Key_Escape && m_clipboard->isBusy())) {
            event->accept();
            return true;
        }
    }
    return QPlainTextEdit::event(event);
}

void DocumentView::keyPressEvent(QKeyEvent *event)
{
    keepOffPairs();
    const bool isPlain = (event->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
    const auto key = static_cast<Qt::Key>(event->key());
    if (isUndoKey(event)) {
        event->ignore();
        return;
    }
    if (key == Qt::Key_Escape && m_clipboard->isBusy()) {
        m_clipboard->stopAndTell();
        return;
    }
    if (isPlainPasteKey(event)) {
        pastePlain();
        return;
    }
    if (event->matches(QKeySequence::Cut)) {
        cut();
        repaintNews();
        return;
    }
    if (m_suggests && !isReadOnly() && m_isOpen && strikeByKey(event))
        return;
    if ((key == Qt::Key_Backspace || key == Qt::Key_Delete) && isPlain && !isReadOnly()
        && !textCursor().hasSelection()) {
        if (key == Qt::Key_Delete || !leaveBlock())
            removeGrapheme(key);
        return;
    }
    if ((key == Qt::Key_Tab || key == Qt::Key_Backtab) && !isReadOnly()
        && blockAtCaret().canShift()) {
        shiftItems(key == Qt::Key_Tab ? 1 : -1);
        return;
    }
    const bool isEnter = key == Qt::Key_Return || key == Qt::Key_Enter;
    if (isEnter && event->modifiers() == Qt::ControlModifier) {
        toggleDone();
        return;
    }
    if (isEnter) {
        m_cause = api::EditText::Cause::Newline;
        if (isPlain && !isReadOnly() && breakBlock())
            return;
        if (event->modifiers().testFlag(Qt::ShiftModifier) && !isReadOnly()) {
            // Qt would put a line separator that the core does not know as a break.
            if (!textCursor().hasSelection())
                m_break = BlockBreak{blockAtCaret(), blockAtCaret()};
            textCursor().insertBlock();
            m_break.reset();
            ensureCursorVisible();
            return;
        }
    }
    QPlainTextEdit::keyPressEvent(event);
    m_cause = api::EditText::Cause::Typing;
    readShorthand(event->text());
    repaintNews(); // others' names beside what was typed have moved with it
}

QMimeData *DocumentView::createMimeDataFromSelection() const
{
    QMimeData *mime = m_clipboard->copied();
    Q_EMIT copying(mime, textCursor().selectionStart(), textCursor().selectionEnd());
    return mime;
}

bool DocumentView::canInsertFromMimeData(const QMimeData *source) const
{
    return hasWords(*source) || hasMedia(*source);
}

bool DocumentView::hasMedia(const QMimeData &source)
{
    return !filesIn(&source).isEmpty() || hasPicture(source);
}

QStringList DocumentView::filesIn(const QMimeData *source)
{
    QStringList files;
    for (const QUrl &url : source->urls())
        if (url.isLocalFile())
            files.append(url.toLocalFile());
    return files;
}

void DocumentView::insertFromMimeData(const QMimeData *source)
{
    if (hasMedia(*source))
        Q_EMIT mediaGiven(*source);
    else if (!isReadOnly() && !PageLinks::pasteOver(*this, *source))
        m_clipboard->paste(*source, PasteAs::ItLooks);
}

void DocumentView::pastePlain()
{
    if (const QMimeData *source = QGuiApplication::clipboard()->mimeData())
        m_clipboard->paste(*source, PasteAs::Words);
}

void DocumentView::dropEvent(QDropEvent *event)
{
    // The base class would take out and put in by two edits: it only ends its own drawing.
    QDragLeaveEvent leave;
    dragLeaveEvent(&leave);
    if (!canInsertFromMimeData(event->mimeData()))
        return;
    if (isReadOnly() || !isOpen()) {
        event->ignore();
        return;
    }
    if (event->source() == this || event->source() == viewport()) {
        event->acceptProposedAction();
    } else { // it may be too much: what another program moves here it would take away there
        event->setDropAction(Qt::CopyAction);
        event->accept();
    }
    if (!hasMedia(*event->mimeData())) {
        m_clipboard->drop(*event);
        return;
    }
    setTextCursor(cursorForPosition(event->position().toPoint()));
    Q_EMIT mediaGiven(*event->mimeData());
}

void DocumentView::caretWasMoved()
{
    if (m_isApplying || !m_isOpen)
        return;
    leaveComposition();
    if (!std::exchange(m_wasEdit, false)) {
        endGroup();
        m_typingMarks.reset();
    }
    Q_EMIT looksTouched();
    if (!m_caretTimer.isActive())
        m_caretTimer.start();
}

void DocumentView::sendCaret()
{
    if (!m_isOpen)
        return;
    m_isCaretTold = true;
    const QTextCursor cursor = textCursor();
    m_bridge.submit(api::MoveCaret{*m_doc, m_view, m_pending.patch(), m_pending.serial(),
                                   m_text.scalarAt(cursor.position()),
                                   m_text.scalarAt(cursor.anchor()), m_opening});
}

/// Where I stop and go on elsewhere, undo starts a new group.
void DocumentView::endGroup()
{
    if (std::exchange(m_hasOpenGroup, false))
        m_bridge.submit(api::Flush{});
}

void DocumentView::focusOutEvent(QFocusEvent *event)
{
    endGroup();
    QPlainTextEdit::focusOutEvent(event);
}

} // namespace nlbd::ui
