#include "ui/editor/page_reader.h"

#include "ui/documents/text_file.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_layout.h"
#include "ui/editor/page_runs.h"
#include "ui/editor/unit_edit.h"
#include "ui/editor/utf16_map.h"

#include <QAccessibleWidget>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextBoundaryFinder>
#include <QTextLayout>

#include <algorithm>

namespace nlbd::ui {

namespace {

using Boundary = QAccessible::TextBoundaryType;

/// Units on either side of a place in which its letter, word or sentence is looked for; what is
/// longer is cut there.
constexpr int kLetterWindow = 128;
constexpr int kWordWindow = 1024;
constexpr int kSentenceWindow = 8192;
constexpr int kValueUnitsMax = 100'000; ///< of the text as a value, which no reader of texts asks

struct Part {
    int from = 0;
    int to = 0;
};

class PageReader : public QAccessibleWidget,
                   public QAccessibleTextInterface,
                   public QAccessibleEditableTextInterface {
public:
    explicit PageReader(DocumentView &page)
        : QAccessibleWidget(&page, QAccessible::EditableText)
    {
    }

    [[nodiscard]] QAccessible::State state() const override;
    [[nodiscard]] QString text(QAccessible::Text kind) const override;
    void *interface_cast(QAccessible::InterfaceType type) override;

    void selection(int index, int *from, int *to) const override;
    [[nodiscard]] int selectionCount() const override;
    void addSelection(int from, int to) override { setSelection(0, from, to); }
    void removeSelection(int index) override;
    void setSelection(int index, int from, int to) override;
    [[nodiscard]] int cursorPosition() const override { return page().textCursor().position(); }
    void setCursorPosition(int place) override { setSelection(0, place, place); }

    [[nodiscard]] QString text(int from, int to) const override;
    [[nodiscard]] int characterCount() const override
    {
        return page().document()->characterCount() - 1;
    }
    QString textBeforeOffset(int place, Boundary kind, int *from, int *to) const override;
    QString textAfterOffset(int place, Boundary kind, int *from, int *to) const override;
    QString textAtOffset(int place, Boundary kind, int *from, int *to) const override;

    [[nodiscard]] QRect characterRect(int place) const override;
    [[nodiscard]] int offsetAtPoint(const QPoint &point) const override;
    void scrollToSubstring(int from, int to) override;
    QString attributes(int place, int *from, int *to) const override;

    void deleteText(int from, int to) override { replaceText(from, to, {}); }
    void insertText(int place, const QString &text) override { replaceText(place, place, text); }
    void replaceText(int from, int to, const QString &text) override;

private:
    [[nodiscard]] DocumentView &page() const { return *static_cast<DocumentView *>(widget()); }
    [[nodiscard]] int inText(int place) const { return std::clamp(place, 0, characterCount()); }
    [[nodiscard]] Part partAt(int place, Boundary kind) const;
    [[nodiscard]] Part lineAt(const QTextBlock &block, int place) const;
    QString told(const Part &part, int *from, int *to) const;
};

QAccessible::State PageReader::state() const
{
    QAccessible::State state = QAccessibleWidget::state();
    state.selectableText = true;
    state.multiLine = true;
    state.focusable = true;
    state.readOnly = page().isReadOnly();
    state.editable = !page().isReadOnly();
    return state;
}

QString PageReader::text(QAccessible::Text kind) const
{
    return kind == QAccessible::Value ? text(0, std::min(characterCount(), kValueUnitsMax))
                                      : QAccessibleWidget::text(kind);
}

void *PageReader::interface_cast(QAccessible::InterfaceType type)
{
    if (type == QAccessible::TextInterface)
        return static_cast<QAccessibleTextInterface *>(this);
    if (type == QAccessible::EditableTextInterface)
        return static_cast<QAccessibleEditableTextInterface *>(this);
    return QAccessibleWidget::interface_cast(type);
}

// ---- Caret and selection -----------------------------------------------------------------------

void PageReader::selection(int index, int *from, int *to) const
{
    const QTextCursor cursor = page().textCursor();
    const bool isOne = index == 0 && cursor.hasSelection();
    *from = isOne ? cursor.selectionStart() : 0;
    *to = isOne ? cursor.selectionEnd() : 0;
}

int PageReader::selectionCount() const
{
    return page().textCursor().hasSelection() ? 1 : 0;
}

void PageReader::removeSelection(int index)
{
    if (index == 0)
        setCursorPosition(cursorPosition());
}

/// A page has one selection.
void PageReader::setSelection(int index, int from, int to)
{
    if (index != 0)
        return;
    QTextCursor cursor = page().textCursor();
    cursor.setPosition(inText(from));
    cursor.setPosition(inText(to), QTextCursor::KeepAnchor);
    page().setTextCursor(cursor);
}

// ---- Text --------------------------------------------------------------------------------------

QString PageReader::text(int from, int to) const
{
    from = inText(from);
    to = inText(to);
    if (from >= to)
        return {};
    QTextCursor cursor(page().document());
    cursor.setPosition(from);
    cursor.setPosition(to, QTextCursor::KeepAnchor);
    return cursor.selectedText().replace(QChar(QChar::ParagraphSeparator), QChar(u'\n'));
}

/// The line of the screen.
Part PageReader::lineAt(const QTextBlock &block, int place) const
{
    static_cast<void>(page().document()->documentLayout()->blockBoundingRect(block)); // laid out
    const QTextLine line = block.layout()->lineForTextPosition(place - block.position());
    if (!line.isValid())
        return {block.position(), block.position() + block.length() - 1};
    const int from = block.position() + line.textStart();
    return {from, from + line.textLength()};
}

/// What a place is part of, within its block. The break behind a block is a letter of its own.
Part PageReader::partAt(int place, Boundary kind) const
{
    const QTextBlock block = page().document()->findBlock(place);
    const int start = block.position();
    const int end = start + block.length() - 1;
    if (kind == QAccessible::NoBoundary)
        return {0, characterCount()};
    if (kind == QAccessible::ParagraphBoundary)
        return {start, end};
    if (kind == QAccessible::LineBoundary)
        return lineAt(block, place);
    if (place >= end)
        return {end, std::min(end + 1, characterCount())};
    const auto [type, window] = kind == QAccessible::CharBoundary
        ? std::pair(QTextBoundaryFinder::Grapheme, kLetterWindow)
        : kind == QAccessible::WordBoundary
        ? std::pair(QTextBoundaryFinder::Word, kWordWindow)
        : std::pair(QTextBoundaryFinder::Sentence, kSentenceWindow);
    const int first = std::max(start, place - window);
    const QString around = text(first, std::min(end, place + window));
    QTextBoundaryFinder finder(type, around);
    finder.setPosition(place - first);
    if (!finder.isAtBoundary())
        finder.toPreviousBoundary();
    const auto from = static_cast<int>(std::max<qsizetype>(finder.position(), 0));
    finder.setPosition(place - first);
    const qsizetype next = finder.toNextBoundary();
    const auto to = static_cast<int>(next < 0 ? around.size() : next);
    return {first + from, first + to};
}

QString PageReader::told(const Part &part, int *from, int *to) const
{
    *from = part.from;
    *to = part.to;
    return text(part.from, part.to);
}

QString PageReader::textAtOffset(int place, Boundary kind, int *from, int *to) const
{
    return told(partAt(inText(place), kind), from, to);
}

QString PageReader::textBeforeOffset(int place, Boundary kind, int *from, int *to) const
{
    const int before = partAt(inText(place), kind).from - 1;
    return told(before < 0 ? Part{0, 0} : partAt(before, kind), from, to);
}

QString PageReader::textAfterOffset(int place, Boundary kind, int *from, int *to) const
{
    const Part here = partAt(inText(place), kind);
    // Lines and paragraphs end before their break.
    const bool isBreak =
        (kind == QAccessible::LineBoundary || kind == QAccessible::ParagraphBoundary)
        && text(here.to, here.to + 1) == QStringLiteral("\n");
    const int after = std::max(here.to, inText(place)) + (isBreak ? 1 : 0);
    const bool isEnd = after > characterCount() || (after == characterCount() && !isBreak);
    return told(isEnd ? Part{characterCount(), characterCount()} : partAt(after, kind), from, to);
}

// ---- Where it is on the screen -----------------------------------------------------------------

/// Nothing for what is not on the screen: a reader may ask for every letter of a long text.
QRect PageReader::characterRect(int place) const
{
    const QWidget &screen = *page().viewport();
    place = inText(place);
    const QTextBlock block = page().document()->findBlock(place);
    const int top = page().verticalScrollBar()->value();
    const int bottom = top + page().verticalScrollBar()->pageStep();
    if (block.firstLineNumber() + block.lineCount() < top || block.firstLineNumber() > bottom + 1)
        return {};
    QTextCursor cursor(page().document());
    cursor.setPosition(place);
    QRect rect = page().cursorRect(cursor);
    const Part line = lineAt(block, place);
    if (place < line.to) {
        cursor.setPosition(partAt(place, QAccessible::CharBoundary).to);
        const QRect next = page().cursorRect(cursor);
        if (next.top() == rect.top()) {
            const int left = std::min(rect.left(), next.left());
            rect = QRect(left, rect.top(), std::abs(next.left() - rect.left()), rect.height());
        }
    }
    if (!rect.intersects(screen.rect()))
        return {};
    return {screen.mapToGlobal(rect.topLeft()), rect.size()};
}

int PageReader::offsetAtPoint(const QPoint &point) const
{
    const QWidget &screen = *page().viewport();
    const QPoint inside = screen.mapFromGlobal(point);
    return screen.rect().contains(inside) ? page().cursorForPosition(inside).position() : -1;
}

void PageReader::scrollToSubstring(int from, int to)
{
    if (!characterRect(from).isEmpty() && !characterRect(to).isEmpty())
        return;
    const QTextBlock block = page().document()->findBlock(inText(from));
    page().verticalScrollBar()->setValue(block.firstLineNumber());
}

// ---- How it is
// -----------------------------------------------------------------------------------

QString PageReader::attributes(int place, int *from, int *to) const
{
    const PageRun run = runAt(page(), inText(place));
    *from = static_cast<int>(run.from);
    *to = static_cast<int>(run.to);
    return textAttributes(run, run.writer ? page().nameOf(run.writer->device) : QString());
}

/// An edit like any other: the page hears of it from its document.
void PageReader::replaceText(int from, int to, const QString &text)
{
    const QByteArray bytes = text.toUtf8();
    const bool isTooMuch = bytes.size() > DocumentView::kPasteBytesMax || hasLongLine(bytes);
    if (page().isReadOnly() || !page().isOpen() || isTooMuch)
        return;
    QTextCursor cursor(page().document());
    cursor.setPosition(offPair(*page().document(), inText(from)));
    cursor.setPosition(offPair(*page().document(), inText(to)), QTextCursor::KeepAnchor);
    cursor.insertText(shownAs(text));
}

QAccessibleInterface *readerOf(const QString &key, QObject *object)
{
    if (key != QLatin1String(DocumentView::staticMetaObject.className()))
        return nullptr;
    auto *page = qobject_cast<DocumentView *>(object);
    return page ? new PageReader(*page) : nullptr;
}

} // namespace

void usePageReader()
{
    static const bool isDone = [] {
        QAccessible::installFactory(readerOf);
        return true;
    }();
    Q_UNUSED(isDone)
}

} // namespace nlbd::ui
