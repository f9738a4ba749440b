// The half of the view that hears what was done to the widget's text, whoever did it, and tells the
// engine.

#include "ui/clipboard/fragment.h"
#include "ui/editor/document_view.h"
#include "ui/editor/unit_edit.h"
#include "ui/workspace_bridge.h"

#include <algorithm>

namespace nlbd::ui {

namespace {

/// A window of the widget's own text, with the core's line breaks.
QString shownText(const QTextDocument &document, qsizetype from, qsizetype count)
{
    QTextCursor cursor(const_cast<QTextDocument *>(&document)); // which only reads
    cursor.setPosition(static_cast<int>(from));
    cursor.setPosition(static_cast<int>(from + count), QTextCursor::KeepAnchor);
    return cursor.selectedText().replace(QChar(QChar::ParagraphSeparator), QChar(u'\n'));
}

/// Takes away halves of characters in what the cursor spans.
void removeHalves(QTextCursor cursor)
{
    const int from = cursor.selectionStart();
    const QString text = shownText(*cursor.document(), from, cursor.selectionEnd() - from);
    for (qsizetype at = text.size(); at-- > 0;) {
        if (splitsPair(text, at)) {
            --at;
        } else if (text[at].isSurrogate()) {
            cursor.setPosition(from + static_cast<int>(at));
            cursor.deleteChar();
        }
    }
}

} // namespace

void DocumentView::readChange(int position, int removed, int added)
{
    if (m_isApplying || !isOpen())
        return;
    const qsizetype length = document()->characterCount() - 1;
    qsizetype at = std::min<qsizetype>(position, std::min(length, m_text.units()));
    qsizetype gone = std::min<qsizetype>(removed, m_text.units() - at);
    qsizetype come = std::min<qsizetype>(added, length - at);
    if (m_text.units() - gone + come != length) {
        // The signal counted the last separator on one side only: look at everything from here on.
        gone = m_text.units() - at;
        come = length - at;
    }
    // Some input methods count letters and take half of one: a window never ends in a pair.
    const auto isInPair = [this](qsizetype inText, qsizetype inWidget) {
        return splitsPair(m_text.slice(inText - 1, 2), inText > 0 ? 1 : 0)
            || offPair(*document(), static_cast<int>(inWidget)) != inWidget;
    };
    if (isInPair(at, at)) {
        --at;
        ++gone;
        ++come;
    }
    if (isInPair(at + gone, at + come)) {
        ++gone;
        ++come;
    }
    const QString before = shownAs(m_text.slice(at, gone));
    const QString after = shownText(*document(), at, come);
    const std::optional<UnitEdit> edit = narrow(before, after, textCursor().position() - at);
    if (edit)
        sendEdit(at + edit->at, edit->removed, edit->inserted);
}

void DocumentView::sendEdit(qsizetype at, qsizetype removed, QString inserted)
{
    if (!inserted.isValidUtf16()) {
        // Halves are sent as signs of replacement, and taken away when the widget has done its
        // edit.
        QTextCursor halves(document());
        halves.setPosition(static_cast<int>(at));
        halves.setPosition(static_cast<int>(at + inserted.size()), QTextCursor::KeepAnchor);
        connect(
            document(), &QTextDocument::contentsChanged, this, [halves] { removeHalves(halves); },
            Qt::SingleShotConnection);
        inserted = withWholePairs(std::move(inserted));
    }
    TextPatch patch;
    patch.at = m_text.scalarAt(at);
    patch.removed = m_text.scalarAt(at + removed) - patch.at;
    patch.inserted = inserted.toUtf8().toStdString();
    const QString gone = m_text.slice(at, removed);
    const bool isJoin = gone.contains(u'\n');
    const BlockStyle first = isJoin ? blockStyleOf(m_looks.blockAt(endOfBlock(at))) : BlockStyle();
    m_text.replace(at, removed, inserted);
    m_looks.replace(at, removed, inserted.size());
    m_marks.shift(at, removed, inserted.size());
    Stylings stylings;
    styleInserted(at, inserted, stylings);
    if (m_cause == api::EditText::Cause::Paste || m_cause == api::EditText::Cause::Drop)
        Q_EMIT pasted(at, inserted, stylings);
    if (isJoin && !inserted.contains(u'\n'))
        keepFirstBlock(at, first, stylings);
    send({std::move(patch)}, std::move(stylings));
    restyleTouched();
    m_wasEdit = true;
    Q_EMIT editedAt(at, gone, inserted);
    Q_EMIT edited();
    Q_EMIT textTouched();
}

void DocumentView::send(TextPatches patches, Stylings stylings, Step step)
{
    api::EditText edit;
    edit.doc = *m_doc;
    edit.view = m_view;
    edit.opening = m_opening;
    edit.basePatch = m_pending.patch();
    edit.patches = std::move(patches);
    edit.stylings = std::move(stylings);
    edit.serial = m_pending.add(edit.patches);
    if (m_suggests)
        edit.mode = api::EditText::Mode::Suggesting;
    edit.cause = std::exchange(m_cause, api::EditText::Cause::Typing);
    edit.goesOn = step == Step::GoesOn;
    m_bridge.submit(std::move(edit));
    m_hasOpenGroup = true;
}

void DocumentView::sendStylings(Stylings stylings)
{
    if (stylings.empty())
        return;
    const api::EditText::Cause cause = m_cause;
    constexpr auto kAtOnce = static_cast<std::ptrdiff_t>(api::EditText::kStylingsMax);
    const bool isMuch = std::ssize(stylings) > kAtOnce;
    for (auto from = stylings.begin(); from != stylings.end();) {
        const bool isFirst = from == stylings.begin();
        const auto to = from + std::min(kAtOnce, stylings.end() - from);
        m_cause = cause;
        send({}, Stylings(std::make_move_iterator(from), std::make_move_iterator(to)),
             isFirst ? Step::New : Step::GoesOn);
        from = to;
    }
    if (isMuch)
        restyleAsOne();
    else
        restyleTouched();
    Q_EMIT edited();
}

/// A screen reader may put the caret between the two halves of a character: typing there would
/// destroy it.
void DocumentView::keepOffPairs()
{
    QTextCursor cursor = textCursor();
    const int anchor = offPair(*document(), cursor.anchor());
    const int place = offPair(*document(), cursor.position());
    if (anchor == cursor.anchor() && place == cursor.position())
        return;
    cursor.setPosition(anchor);
    cursor.setPosition(place, QTextCursor::KeepAnchor);
    setTextCursor(cursor);
}

void DocumentView::cut()
{
    keepOffPairs();
    m_cause = api::EditText::Cause::Cut;
    if (m_suggests && !isReadOnly() && m_isOpen) {
        copy();
        strikeSelection();
    } else {
        QPlainTextEdit::cut();
    }
    m_cause = api::EditText::Cause::Typing;
}

} // namespace nlbd::ui
