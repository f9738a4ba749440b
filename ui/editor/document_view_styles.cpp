// The half of the view that formats: what letters and blocks are to look like, and what is typed
// for it.

#include "ui/editor/document_view.h"

#include "ui/code/code_shift.h"
#include "ui/editor/page_layout.h"
#include "ui/workspace_bridge.h"

#include <QRegularExpression>
#include <QScopedValueRollback>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;

constexpr qsizetype kReach = 256;     ///< units that are looked at for a block's end, at first
constexpr int kShorthandUnits = 2000; ///< a mark's other end is looked for so far back

void apply(const AttributeChanges &changes, Attributes &attributes)
{
    for (const auto &[key, value] : changes) {
        if (value)
            attributes.insert_or_assign(key, *value);
        else
            attributes.erase(key);
    }
}

/// What makes letters with some marks ones with others.
AttributeChanges differenceOf(const Attributes &from, const Attributes &to)
{
    AttributeChanges changes;
    for (const auto &[key, value] : from)
        if (!to.contains(key))
            changes[key] = std::nullopt;
    for (const auto &[key, value] : to)
        if (const auto found = from.find(key); found == from.end() || found->second != value)
            changes[key] = value;
    return changes;
}

/// What a block is made by what is typed at its beginning, before a space.
std::optional<BlockStyle> styleTyped(const QString &prefix)
{
    static const QRegularExpression number(QStringLiteral("^\\d{1,4}[.)]$"));
    const auto is = [&prefix](const char *text) { return prefix == QLatin1String(text); };
    if (is("#"))
        return BlockStyle{Kind::Heading1};
    if (is("##"))
        return BlockStyle{Kind::Heading2};
    if (is("###"))
        return BlockStyle{Kind::Heading3};
    if (is("-") || is("*") || is("+"))
        return BlockStyle{Kind::Bullet};
    if (is("[]") || is("[ ]"))
        return BlockStyle{Kind::Task};
    if (is("[x]") || is("[X]"))
        return BlockStyle{Kind::Task, 0, true};
    if (is(">"))
        return BlockStyle{Kind::Quote};
    if (number.match(prefix).hasMatch())
        return BlockStyle{Kind::Number};
    return std::nullopt;
}

} // namespace

// ---- What is there ---------------------------------------------------------------------------

/// The break that ends the block of a place, or the end of the text.
qsizetype DocumentView::endOfBlock(qsizetype at) const
{
    for (qsizetype reach = kReach; at < m_text.units(); reach *= 2) {
        const QString piece = m_text.slice(at, reach);
        const qsizetype found = piece.indexOf(u'\n');
        if (found >= 0)
            return at + found;
        at += piece.size();
    }
    return m_text.units();
}

BlockStyle DocumentView::blockAtCaret() const
{
    const QTextBlock block = textCursor().block();
    return blockStyleOf(m_looks.blockAt(block.position() + block.length() - 1));
}

Attributes DocumentView::marksAtCaret() const
{
    if (m_typingMarks)
        return *m_typingMarks;
    const qsizetype at = textCursor().selectionStart();
    static const Attributes plain;
    return marksForTyping(at > 0 ? m_looks.at(at - 1) : plain, m_looks.at(at));
}

std::vector<QTextBlock> DocumentView::selectedBlocks() const
{
    const QTextCursor cursor = textCursor();
    std::vector<QTextBlock> blocks;
    QTextBlock block = document()->findBlock(cursor.selectionStart());
    for (; block.isValid() && block.position() <= cursor.selectionEnd(); block = block.next()) {
        // A selection that ends where a block begins does not mean that block.
        const bool isBeyond = cursor.hasSelection() && block.position() == cursor.selectionEnd();
        if (blocks.empty() || !isBeyond)
            blocks.push_back(block);
    }
    return blocks;
}

// ---- Looks that come -------------------------------------------------------------------------

void DocumentView::takeLooks(const api::Looks &looks)
{
    for (const api::Look &look : looks.letters) {
        const qsizetype from = m_text.unitAt(m_pending.startInView(look.from));
        const qsizetype to = m_text.unitAt(m_pending.placeInView(look.to));
        const auto runs = m_looks.runs(from, to);
        const bool isKnown = std::ranges::all_of(
            runs, [&](const PageLooks::Run &run) { return *run.attributes == look.attributes; });
        if (isKnown) // as was guessed when it was typed
            continue;
        m_looks.set(from, to, look.attributes);
        m_restyled.emplace_back(from, to);
    }
    if (looks.last && *looks.last != m_looks.last()) {
        m_looks.setLast(*looks.last);
        m_restyled.emplace_back(m_looks.units(), m_looks.units());
    }
}

void DocumentView::restyleTouched()
{
    const auto touched = std::exchange(m_restyled, {});
    for (const auto &[from, to] : touched)
        m_layout->restyle(from, to);
    if (!touched.empty())
        Q_EMIT looksTouched();
}

// ---- Looks that are given --------------------------------------------------------------------

/// Marks of letters.
void DocumentView::put(qsizetype from, qsizetype to, const AttributeChanges &changes,
                       Stylings &stylings)
{
    if (from >= to || changes.empty())
        return;
    if (!m_awaitsLooks)
        for (const PageLooks::Run &run : m_looks.runs(from, to)) {
            Attributes attributes = *run.attributes;
            apply(changes, attributes);
            m_looks.set(run.from, run.to, attributes);
        }
    stylings.push_back({m_text.scalarAt(from), m_text.scalarAt(to), changes, false});
    m_restyled.emplace_back(from, to);
}

/// What the block is that ends at `ending`.
void DocumentView::putBlock(qsizetype ending, const BlockStyle &style, Stylings &stylings)
{
    Attributes attributes = m_looks.blockAt(ending);
    if (m_awaitsLooks)
        attributes = wanted(document()->findBlock(static_cast<int>(ending)).position(), ending + 1,
                            std::move(attributes));
    const AttributeChanges changes = changesTo(style, attributes);
    if (changes.empty())
        return;
    apply(changes, attributes);
    const TextOffset at = m_text.scalarAt(ending);
    const bool isLast = ending >= m_text.units();
    if (isLast && !m_awaitsLooks)
        m_looks.setLast(std::move(attributes));
    else if (!m_awaitsLooks)
        m_looks.set(ending, ending + 1, attributes);
    stylings.push_back({at, isLast ? at : at + 1, changes, isLast});
    m_restyled.emplace_back(ending, ending);
}

void DocumentView::styleInserted(qsizetype at, const QString &inserted, Stylings &stylings)
{
    const qsizetype end = at + inserted.size();
    const std::optional<BlockBreak> broken = std::exchange(m_break, std::nullopt);
    if (at == end)
        return;
    static const Attributes plain;
    const Attributes natural = marksForTyping(at > 0 ? m_looks.at(at - 1) : plain, m_looks.at(end));
    m_looks.set(at, end, natural);
    if (m_typingMarks && !inserted.contains(u'\n'))
        put(at, end, differenceOf(natural, *m_typingMarks), stylings);
    if (!broken || inserted != QChar(u'\n'))
        return;
    putBlock(at, broken->first, stylings);
    putBlock(endOfBlock(end), broken->second, stylings);
}

/// Who takes away the break between two blocks joins the second to the first, unless nothing is
/// left of that.
void DocumentView::keepFirstBlock(qsizetype at, const BlockStyle &first, Stylings &stylings)
{
    if (at > 0 && m_text.slice(at - 1, 1) != QChar(u'\n'))
        putBlock(endOfBlock(at), first, stylings);
}

void DocumentView::toggleMark(const char *key)
{
    if (isReadOnly() || !m_isOpen)
        return;
    const QTextCursor cursor = textCursor();
    if (!cursor.hasSelection()) {
        Attributes marks = marksAtCaret();
        if (marks.erase(key) == 0)
            marks.emplace(key, "1");
        m_typingMarks = std::move(marks);
        Q_EMIT looksTouched();
        return;
    }
    const qsizetype from = cursor.selectionStart();
    const qsizetype to = cursor.selectionEnd();
    const auto runs = m_looks.runs(from, to);
    const QScopedValueRollback waits(m_awaitsLooks, m_suggests);
    const bool isEverywhere = std::ranges::all_of(runs, [&](const PageLooks::Run &run) {
        return wanted(run.from, run.to, *run.attributes).contains(key);
    });
    Stylings stylings;
    put(from, to, {{key, isEverywhere ? std::nullopt : std::optional<std::string>("1")}}, stylings);
    m_cause = api::EditText::Cause::Format;
    sendStylings(std::move(stylings));
}

void DocumentView::toggleBlock(Kind kind)
{
    if (isReadOnly() || !m_isOpen)
        return;
    const std::vector<QTextBlock> blocks = selectedBlocks();
    const QScopedValueRollback waits(m_awaitsLooks, m_suggests);
    const bool isEverywhere = std::ranges::all_of(
        blocks, [&](const QTextBlock &block) { return styleOf(block).kind == kind; });
    Stylings stylings;
    for (const QTextBlock &block : blocks) {
        BlockStyle style = styleOf(block);
        style.kind = isEverywhere ? Kind::Paragraph : kind;
        style.isDone = false;
        putBlock(block.position() + block.length() - 1, style, stylings);
    }
    m_cause = api::EditText::Cause::Format;
    sendStylings(std::move(stylings));
}

void DocumentView::shiftItems(int by)
{
    if (isReadOnly() || !m_isOpen)
        return;
    if (blockAtCaret().kind == Kind::Code) {
        shiftCode(*this, selectedBlocks(), by);
        return;
    }
    const QScopedValueRollback waits(m_awaitsLooks, m_suggests);
    Stylings stylings;
    for (const QTextBlock &block : selectedBlocks()) {
        BlockStyle style = styleOf(block);
        if (!style.isItem())
            continue;
        style.indent = std::clamp(style.indent + by, 0, BlockStyle::kIndentMax);
        putBlock(block.position() + block.length() - 1, style, stylings);
    }
    m_cause = api::EditText::Cause::Format;
    sendStylings(std::move(stylings));
}

void DocumentView::toggleDone()
{
    toggleDone(selectedBlocks());
}

void DocumentView::toggleDone(std::vector<QTextBlock> tasks)
{
    if (isReadOnly() || !m_isOpen)
        return;
    std::erase_if(tasks,
                  [this](const QTextBlock &block) { return styleOf(block).kind != Kind::Task; });
    const QScopedValueRollback waits(m_awaitsLooks, m_suggests);
    const bool areDone = std::ranges::all_of(
        tasks, [this](const QTextBlock &block) { return styleOf(block).isDone; });
    Stylings stylings;
    for (const QTextBlock &task : tasks) {
        BlockStyle style = styleOf(task);
        style.isDone = !areDone;
        putBlock(task.position() + task.length() - 1, style, stylings);
    }
    m_cause = api::EditText::Cause::Format;
    sendStylings(std::move(stylings));
}

// ---- Line breaks ------------------------------------------------------------------------------

/// Enter: the new block goes on as what this one is where people expect it. True if it is done.
bool DocumentView::breakBlock()
{
    QTextCursor cursor = textCursor();
    if (cursor.hasSelection())
        return false;
    const QTextBlock block = cursor.block();
    const int caret = cursor.positionInBlock();
    const BlockStyle style = styleOf(block);
    const qsizetype end = block.position() + block.length() - 1;
    const bool isEmpty = block.length() == 1;
    const auto become = [&](const BlockStyle &other) {
        const QScopedValueRollback waits(m_awaitsLooks, m_suggests);
        Stylings stylings;
        putBlock(end, other, stylings);
        sendStylings(std::move(stylings));
        return true;
    };
    if (isEmpty && style.isItem() && style.indent > 0)
        return become({style.kind, style.indent - 1, style.isDone});
    const bool isSecondBlank = block.previous().isValid() && block.previous().length() == 1
        && styleOf(block.previous()).kind == Kind::Code
        && (!block.next().isValid() || styleOf(block.next()).kind != Kind::Code);
    if (isEmpty
        && (style.isItem() || style.kind == Kind::Quote
            || (style.kind == Kind::Code && isSecondBlank)))
        return become({});
    const QString text = block.text();
    if (const auto language = languageTyped(text); language && style.kind == Kind::Paragraph) {
        removeUnits(block.position(), end);
        const QScopedValueRollback waits(m_awaitsLooks, m_suggests);
        Stylings stylings;
        putBlock(endOfBlock(block.position()), {Kind::Code, 0, false, *language}, stylings);
        sendStylings(std::move(stylings));
        return true;
    }
    const BlockStyle present = blockAtCaret();
    BlockBreak halves{present, present};
    if (style.kind == Kind::Paragraph && text == QLatin1String("---")) {
        removeUnits(block.position(), end);
        cursor = textCursor();
        halves.first.kind = Kind::Divider;
    } else if (present.isHeading()) {
        const bool isAtStart = cursor.atBlockStart() && !isEmpty;
        (isAtStart ? halves.first : halves.second).kind =
            isAtStart || cursor.atBlockEnd() ? Kind::Paragraph : present.kind;
    } else if (present.kind == Kind::Divider) {
        halves.second = {};
    }
    halves.second.isDone = false;
    m_break = halves;
    cursor.insertBlock();
    m_break.reset();
    if (style.kind == Kind::Code)
        cursor.insertText(shiftOf(text.left(caret)));
    setTextCursor(cursor);
    ensureCursorVisible();
    m_cause = api::EditText::Cause::Typing;
    return true;
}

/// Backspace at the start of an item, a heading or the like makes it less, before it joins it to
/// what stands above.
bool DocumentView::leaveBlock()
{
    const QTextCursor cursor = textCursor();
    BlockStyle style = styleOf(cursor.block());
    if (!cursor.atBlockStart() || style.kind == Kind::Paragraph)
        return false;
    if (style.isItem() && style.indent > 0)
        --style.indent;
    else
        style = {};
    const QScopedValueRollback waits(m_awaitsLooks, m_suggests);
    Stylings stylings;
    const QTextBlock block = cursor.block();
    putBlock(block.position() + block.length() - 1, style, stylings);
    m_cause = api::EditText::Cause::Format;
    sendStylings(std::move(stylings));
    return true;
}

// ---- What is typed for it ---------------------------------------------------------------------

void DocumentView::removeUnits(qsizetype from, qsizetype to)
{
    QTextCursor cursor(document());
    cursor.setPosition(static_cast<int>(from));
    cursor.setPosition(static_cast<int>(to), QTextCursor::KeepAnchor);
    cursor.removeSelectedText();
}

/// Markdown's signs, as they are typed. One undo gives back what was typed.
void DocumentView::readShorthand(const QString &typed)
{
    const QTextCursor cursor = textCursor();
    if (typed.size() != 1 || isReadOnly() || !m_isOpen || isComposing() || cursor.hasSelection()
        || blockAtCaret().kind == Kind::Code)
        return;
    if (typed == QChar(u' '))
        readBlockShorthand(cursor.block(), cursor.positionInBlock());
    else if (QStringLiteral("*_`~").contains(typed))
        readMarkShorthand(cursor.block(), cursor.positionInBlock());
}

void DocumentView::readBlockShorthand(const QTextBlock &block, int caret)
{
    constexpr int kLongest = 6;
    const BlockStyle present = styleOf(block);
    if (caret < 2 || caret > kLongest)
        return;
    const std::optional<BlockStyle> style = styleTyped(block.text().left(caret - 1));
    const bool isTaskInList = style && style->kind == Kind::Task && present.kind == Kind::Bullet;
    if (!style || (present.kind != Kind::Paragraph && !isTaskInList))
        return;
    endGroup();
    const qsizetype start = block.position();
    removeUnits(start, start + caret);
    const QScopedValueRollback waits(m_awaitsLooks, m_suggests);
    Stylings stylings;
    putBlock(endOfBlock(start), {style->kind, present.indent, style->isDone}, stylings);
    sendStylings(std::move(stylings));
    endGroup();
}

void DocumentView::readMarkShorthand(const QTextBlock &block, int caret)
{
    struct Sign {
        const char *text;
        const char *key;
    };
    static constexpr Sign kSigns[] = {
        {"**", kBold}, {"~~", kStrike}, {"`", kCode}, {"*", kItalic}, {"_", kItalic}};
    const int reach = std::min(caret, kShorthandUnits);
    const QString before = block.text().mid(caret - reach, reach);
    for (const Sign &sign : kSigns) {
        const QString text = QString::fromLatin1(sign.text);
        if (!before.endsWith(text))
            continue;
        const qsizetype close = before.size() - text.size();
        const qsizetype open = before.lastIndexOf(text, close - 1 - text.size());
        const qsizetype inner = open + text.size();
        const auto isSign = [&](qsizetype at) {
            return at >= 0 && at < before.size() && before[at] == text[0];
        };
        const bool isFramed = open >= 0 && inner < close && !before[inner].isSpace()
            && !before[close - 1].isSpace() && !isSign(open - 1) && !isSign(inner)
            && !isSign(close - 1) && (open == 0 || !before[open - 1].isLetterOrNumber());
        if (!isFramed)
            continue;
        endGroup();
        const qsizetype base = block.position() + caret - reach;
        Attributes outside = marksAtCaret();
        outside.erase(sign.key);
        removeUnits(base + close, base + close + text.size());
        removeUnits(base + open, base + inner);
        Stylings stylings;
        put(base + open, base + close - text.size(), {{sign.key, "1"}}, stylings);
        sendStylings(std::move(stylings));
        endGroup();
        m_typingMarks = std::move(outside);
        return;
    }
}

} // namespace nlbd::ui
