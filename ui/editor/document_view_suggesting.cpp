// The half of the view that takes letters away, or strikes them where they stand while its person
// only suggests, and what it takes blocks and letters for then.

#include "ui/editor/document_view.h"
#include "ui/editor/page_layer.h"

#include <QKeyEvent>
#include <QTextBlock>
#include <QTextBoundaryFinder>

#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kGraphemeWindow = 128; ///< units on either side; longer clusters are not letters

} // namespace

/// Backspace and Delete take what a reader calls a letter: a family emoji or a letter with its
/// accents goes as one.
void DocumentView::removeGrapheme(Qt::Key key)
{
    QTextCursor cursor = textCursor();
    const QString text = cursor.block().text();
    const qsizetype place = cursor.positionInBlock();
    const bool isBack = key == Qt::Key_Backspace;
    qsizetype from = std::max<qsizetype>(0, place - kGraphemeWindow);
    if (from > 0 && text[from].isLowSurrogate())
        --from;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text.mid(from, 2 * kGraphemeWindow));
    finder.setPosition(place - from);
    const qsizetype step = isBack ? finder.toPreviousBoundary() : finder.toNextBoundary();
    const bool isInBlock = isBack ? place > 0 : place < text.size();
    if (isInBlock && step >= 0) {
        cursor.setPosition(static_cast<int>(cursor.block().position() + from + step),
                           QTextCursor::KeepAnchor);
        if (m_suggests) {
            strike(cursor, key);
            return;
        }
        cursor.removeSelectedText();
    } else if (m_suggests) {
        cursor.movePosition(isBack ? QTextCursor::Left : QTextCursor::Right,
                            QTextCursor::KeepAnchor);
        strike(cursor, key);
        return;
    } else if (isBack) {
        cursor.deletePreviousChar();
    } else {
        cursor.deleteChar();
    }
    setTextCursor(cursor);
    ensureCursorVisible();
}

void DocumentView::setSuggesting(bool suggests)
{
    if (std::exchange(m_suggests, suggests) != suggests)
        endGroup(); // what was typed before is no part of it
}

/// As it is, or was only suggested to be: commands go on from there.
Attributes DocumentView::wanted(qsizetype from, qsizetype to, Attributes attributes) const
{
    if (m_suggests)
        for (const PageLayer *layer : m_layers)
            layer->layOver(from, to, attributes);
    return attributes;
}

BlockStyle DocumentView::styleOf(const QTextBlock &block) const
{
    const qsizetype ending = block.position() + block.length() - 1;
    return blockStyleOf(wanted(block.position(), ending + 1, m_looks.blockAt(ending)));
}

/// What is selected should go; the caret stands behind or, after Backspace, before it. The engine
/// takes away what this person has only suggested, and strikes the rest.
void DocumentView::strike(QTextCursor cursor, Qt::Key key)
{
    const int from = cursor.selectionStart();
    const int to = cursor.selectionEnd();
    if (from == to)
        return;
    cursor.setPosition(key == Qt::Key_Backspace ? from : to);
    m_wasEdit = true; // the caret goes on with what is suggested
    setTextCursor(cursor);
    ensureCursorVisible();
    send({}, {{m_text.scalarAt(from), m_text.scalarAt(to), {{api::kStruckLook, "1"}}, false}});
    m_wasEdit = false;
    Q_EMIT edited();
}

void DocumentView::strikeSelection()
{
    if (textCursor().hasSelection())
        strike(textCursor(), Qt::Key_Delete);
}

/// True if the key is done with. What is typed over a selection is written behind it.
bool DocumentView::strikeByKey(QKeyEvent *event)
{
    QTextCursor cursor = textCursor();
    const auto key = static_cast<Qt::Key>(event->key());
    const bool isBack = event->matches(QKeySequence::DeleteStartOfWord);
    const bool isOn = event->matches(QKeySequence::DeleteEndOfWord);
    if ((isBack || isOn) && !cursor.hasSelection())
        cursor.movePosition(isBack ? QTextCursor::PreviousWord : QTextCursor::NextWord,
                            QTextCursor::KeepAnchor);
    const bool isRemoval = key == Qt::Key_Backspace || key == Qt::Key_Delete || isBack || isOn;
    if (isRemoval && cursor.hasSelection()) {
        strike(cursor, isBack || key == Qt::Key_Backspace ? Qt::Key_Backspace : Qt::Key_Delete);
        return true;
    }
    const bool isEnter = key == Qt::Key_Return || key == Qt::Key_Enter;
    const bool isTyped = !event->text().isEmpty() && event->text().front().isPrint();
    if (isTyped || (isEnter && !event->modifiers().testFlag(Qt::ControlModifier)))
        strikeSelection();
    return false;
}

} // namespace nlbd::ui
