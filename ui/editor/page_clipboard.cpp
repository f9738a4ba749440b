#include "ui/editor/page_clipboard.h"

#include "ui/documents/text_file.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_layout.h"
#include "ui/editor/unit_edit.h"

#include <QDropEvent>
#include <QElapsedTimer>
#include <QMimeData>
#include <QTextBlock>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;

constexpr qint64 kTurnMillis = 8;           ///< of work before the window has its turn
constexpr std::size_t kRunsPerPart = 2'000; ///< stylings of one edit, far below what it may hold
constexpr qsizetype kSteps = 20;            ///< of a long paste, as it is told
constexpr std::size_t kBlocksPerPart = 2'000;

/// What makes letters with some marks ones with others.
AttributeChanges changesFrom(const Attributes &from, const Attributes &to)
{
    AttributeChanges changes;
    for (const auto &[key, value] : marksThatTravel(from))
        if (!to.contains(key))
            changes[key] = std::nullopt;
    for (const auto &[key, value] : to)
        if (const auto found = from.find(key); found == from.end() || found->second != value)
            changes[key] = value;
    return changes;
}

} // namespace

/// A paste that is under way.
struct PageClipboard::Job {
    Fragment fragment;
    Cause cause = Cause::Paste;
    qsizetype removed = 0;  ///< of the page, by the first part
    qsizetype start = 0;    ///< of what is pasted, on the page
    qsizetype at = 0;       ///< where the next part goes
    qsizetype done = 0;     ///< units of the fragment
    std::size_t blocks = 0; ///< of it, that are done
    std::size_t runs = 0;
    qsizetype steps = -1;   ///< told
    BlockStyle target;      ///< the block that it was put into
    bool isAtStart = false; ///< of that block
    bool hasLooks = false;
    bool isWhole = true; ///< nobody else wrote inside
    struct Source {
        qsizetype at = 0;
        qsizetype units = 0;
        BlockStyle first; ///< the block that it begins in
        bool isJoin = false;
    };
    std::optional<Source> source; ///< of a move, until it is taken out there
};

PageClipboard::PageClipboard(DocumentView &page)
    : QObject(&page)
    , m_page(page)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &PageClipboard::goOn);
    connect(&page, &DocumentView::patched, this, &PageClipboard::patched);
}

PageClipboard::~PageClipboard() = default;

Fragment PageClipboard::taken(qsizetype from, qsizetype to) const
{
    const auto isBreak = [this](qsizetype at) {
        return m_page.m_text.slice(at, 1) == QChar(u'\n');
    };
    const bool begins = from == 0 || isBreak(from - 1);
    const bool ends = to >= m_page.m_text.units() || isBreak(to);
    const bool isInLast = to > from && !isBreak(to - 1); // something of the last block is taken
    Fragment::Block last;
    if (ends && isInLast)
        last = blockStyleOf(m_page.m_looks.blockAt(to));
    return fragmentOf(m_page.m_text.slice(from, to - from), from, m_page.m_looks,
                      begins ? Begins::AtBlock : Begins::InBlock, last);
}

Clip *PageClipboard::copied() const
{
    const QTextCursor cursor = m_page.textCursor();
    return new Clip(taken(cursor.selectionStart(), cursor.selectionEnd()));
}

// ---- What comes -------------------------------------------------------------------------------

bool PageClipboard::fits(const Fragment &fragment) const
{
    const QByteArray bytes = fragment.text.toUtf8();
    if (bytes.size() > DocumentView::kPasteBytesMax) {
        Q_EMIT m_page.told(
            tr("That is more than 10 MB, too much to paste. Nothing was changed. Save it as a "
               "text file and import it."));
        return false;
    }
    if (hasLongLine(bytes)) {
        Q_EMIT m_page.told(
            tr("That has a line of more than 200,000 letters, in which typing would stutter. "
               "Nothing was changed. Break it into shorter lines."));
        return false;
    }
    return true;
}

void PageClipboard::paste(const QMimeData &source, PasteAs how, Cause cause)
{
    if (m_page.isReadOnly() || !m_page.isOpen() || !hasWords(source))
        return;
    insert(fragmentFrom(source, how), cause);
}

void PageClipboard::insert(Fragment fragment, Cause cause)
{
    if (isBusy() || m_page.isReadOnly() || !m_page.isOpen() || fragment.text.isEmpty()
        || !fits(fragment))
        return;
    if (m_page.isComposing())
        m_page.settleComposition();
    m_page.keepOffPairs();
    if (m_page.isSuggesting())
        m_page.strikeSelection();
    const QTextCursor cursor = m_page.textCursor();
    begin(cursor.selectionStart(), std::move(fragment), cause);
    m_job->removed = cursor.selectionEnd() - cursor.selectionStart();
    run();
}

void PageClipboard::begin(qsizetype at, Fragment fragment, Cause cause)
{
    m_page.endGroup();
    m_job = std::make_unique<Job>();
    m_job->start = m_job->at = at;
    m_job->target = blockStyleOf(m_page.m_looks.blockAt(m_page.endOfBlock(at)));
    m_job->isAtStart = at == 0 || m_page.m_text.slice(at - 1, 1) == QChar(u'\n');
    m_job->cause = cause;
    m_job->hasLooks =
        (!fragment.runs.empty() || !fragment.blocks.empty()) && m_job->target.kind != Kind::Code;
    m_job->fragment = std::move(fragment);
}

void PageClipboard::run()
{
    part();
    if (m_job->done == m_job->fragment.text.size()) {
        finish();
        return;
    }
    m_page.setReadOnly(true);
    m_timer.start(0);
}

void PageClipboard::goOn()
{
    if (!isBusy())
        return;
    QElapsedTimer taken;
    taken.start();
    while (m_job->done < m_job->fragment.text.size()) {
        if (taken.elapsed() >= kTurnMillis) {
            const qsizetype steps = kSteps * m_job->done / m_job->fragment.text.size();
            if (std::exchange(m_job->steps, steps) != steps)
                Q_EMIT progressed(tr("Pasting: %1 %. Esc stops it.").arg(100 * steps / kSteps));
            m_timer.start(0);
            return;
        }
        part();
    }
    finish();
}

/// Others' edits move the place where it goes on.
void PageClipboard::patched(qsizetype at, const QString &removed, const QString &inserted)
{
    if (!isBusy())
        return;
    const auto moved = [&](qsizetype place) {
        return placeAfter(place, at, removed.size(), inserted.size(), Stick::Left);
    };
    const bool isInside = at < m_job->at && at + removed.size() > m_job->start;
    m_job->isWhole = m_job->isWhole && !isInside;
    m_job->start = moved(m_job->start);
    m_job->at = moved(m_job->at);
}

/// Whole lines where they are short enough, and never half a character.
qsizetype PageClipboard::endOfPart() const
{
    const QString &text = m_job->fragment.text;
    qsizetype end = std::min(text.size(), m_job->done + kPartUnits);
    const auto &runs = m_job->fragment.runs;
    if (m_job->hasLooks && m_job->runs + kRunsPerPart < runs.size())
        end = std::min(end, runs[m_job->runs + kRunsPerPart].from);
    std::size_t blocks = 0;
    qsizetype line = m_job->done; // where the last line ends that fits
    for (qsizetype at = text.indexOf(u'\n', m_job->done); at >= 0 && at < end;
         at = text.indexOf(u'\n', at + 1)) {
        line = at + 1;
        if (++blocks == kBlocksPerPart)
            break;
    }
    if (end < text.size() && line > m_job->done)
        end = line;
    end = std::max(end, m_job->done + 1);
    if (end < text.size() && text[end].isLowSurrogate())
        ++end;
    return std::min(end, text.size());
}

void PageClipboard::part()
{
    Job &job = *m_job;
    const qsizetype from = job.done;
    const qsizetype to = endOfPart();
    const QString come = job.fragment.text.sliced(from, to - from);
    const bool isFirst = from == 0;
    TextPatches patches;
    std::vector<api::Styling> stylings;
    m_page.m_isApplying = true;
    m_page.wrapFor(come);
    QTextCursor cursor(m_page.document());
    cursor.beginEditBlock();
    if (job.source)
        takeOut(patches, cursor);
    const qsizetype removed = std::exchange(job.removed, 0);
    const QString gone = m_page.m_text.slice(job.at, removed);
    patches.push_back(m_page.replaceHere({job.at, removed, come}, cursor));
    cursor.endEditBlock();
    m_page.styleInserted(job.at, come, stylings);
    style(job.at, from, to, stylings);
    styleBlocks(job.at, from, to, stylings);
    if (gone.contains(u'\n') && !come.contains(u'\n'))
        m_page.keepFirstBlock(job.at, job.target, stylings);
    if (const auto source = std::exchange(job.source, std::nullopt); source && source->isJoin)
        m_page.keepFirstBlock(placeAfter(source->at, job.at, 0, come.size(), Stick::Right),
                              source->first, stylings);
    job.at += come.size();
    job.done = to;
    if (to == job.fragment.text.size() && job.isWhole)
        Q_EMIT m_page.pasted(job.start, job.fragment.text, stylings);
    m_page.restyleAsOne();
    m_page.m_isApplying = false;
    m_page.m_cause = job.cause;
    m_page.send(std::move(patches), std::move(stylings),
                isFirst ? DocumentView::Step::New : DocumentView::Step::GoesOn);
    Q_EMIT m_page.editedAt(job.at - come.size(), gone, come);
    Q_EMIT m_page.textTouched();
}

/// What is moved goes from where it was.
void PageClipboard::takeOut(TextPatches &patches, QTextCursor &cursor)
{
    Job &job = *m_job;
    Job::Source &source = *job.source;
    const QString gone = m_page.m_text.slice(source.at, source.units);
    source.isJoin = gone.contains(u'\n');
    source.first = blockStyleOf(m_page.m_looks.blockAt(m_page.endOfBlock(source.at)));
    patches.push_back(m_page.replaceHere({source.at, source.units, {}}, cursor));
    job.at = job.start = placeAfter(job.at, source.at, source.units, 0, Stick::Left);
    Q_EMIT m_page.editedAt(source.at, gone, {});
}

/// Letters look as where they come from, if that says anything, else as where they are put.
void PageClipboard::style(qsizetype at, qsizetype from, qsizetype to,
                          std::vector<api::Styling> &stylings)
{
    Job &job = *m_job;
    if (!job.hasLooks || from == to)
        return;
    const Attributes natural = m_page.m_looks.at(at);
    const auto put = [&](qsizetype first, qsizetype end, const Attributes &marks) {
        m_page.put(at + first - from, at + end - from, changesFrom(natural, marks), stylings);
    };
    const auto &runs = job.fragment.runs;
    qsizetype plain = from; // where what is plain begins
    for (; job.runs < runs.size() && runs[job.runs].from < to; ++job.runs) {
        const qsizetype first = std::max(from, runs[job.runs].from);
        const qsizetype end = std::min(to, runs[job.runs].to);
        put(plain, first, {});
        put(first, end, runs[job.runs].marks);
        plain = end;
        if (runs[job.runs].to > to)
            break; // goes on in the next part
    }
    put(plain, to, {});
}

/// Blocks are what they were, if that is known; the first and the last are joined to what stands
/// there, unless nothing does.
void PageClipboard::styleBlocks(qsizetype at, qsizetype from, qsizetype to,
                                std::vector<api::Styling> &stylings)
{
    Job &job = *m_job;
    const QString &text = job.fragment.text;
    const auto styleOf = [&](std::size_t number, bool isFirst) {
        if (isFirst && (!job.isAtStart || job.target.kind == Kind::Code))
            return job.target;
        const Fragment::Block block = job.hasLooks ? job.fragment.block(number) : std::nullopt;
        if (block)
            return *block;
        BlockStyle style = job.target.isHeading() && !isFirst ? BlockStyle() : job.target;
        style.isDone = style.isDone && isFirst;
        return style.kind == Kind::Divider ? BlockStyle() : style;
    };
    const bool hasBreaks = text.contains(u'\n');
    for (qsizetype found = text.indexOf(u'\n', from); found >= 0 && found < to;
         found = text.indexOf(u'\n', found + 1), ++job.blocks)
        m_page.putBlock(at + found - from, styleOf(job.blocks, job.blocks == 0), stylings);
    const qsizetype end = at + to - from;
    const bool isAtEnd = m_page.endOfBlock(end) == end;
    if (to < text.size() || !isAtEnd)
        return;
    const bool isBlank = text.isEmpty() || text.endsWith(u'\n'); // what stands there goes on
    if (!isBlank && (hasBreaks || job.isAtStart))
        m_page.putBlock(end, styleOf(job.blocks, !hasBreaks), stylings);
}

void PageClipboard::finish()
{
    const std::unique_ptr<Job> job = std::move(m_job);
    m_page.setReadOnly(false);
    m_timer.stop();
    Q_EMIT progressed({});
    QTextCursor cursor = m_page.textCursor();
    cursor.setPosition(static_cast<int>(job->at));
    m_page.m_wasEdit = true;
    m_page.setTextCursor(cursor);
    m_page.m_wasEdit = false;
    m_page.ensureCursorVisible();
    Q_EMIT m_page.edited();
}

bool PageClipboard::stop()
{
    if (!isBusy())
        return false;
    const bool isLeft = m_job->done < m_job->fragment.text.size();
    finish();
    return isLeft;
}

void PageClipboard::stopAndTell()
{
    if (stop())
        Q_EMIT m_page.told(tr("Pasting was stopped: a part is on the page, the rest is not. Undo "
                              "takes the part back."));
}

// ---- Dragging ---------------------------------------------------------------------------------

void PageClipboard::drop(const QDropEvent &event)
{
    const QPoint place = event.position().toPoint();
    const QTextCursor cursor = m_page.textCursor();
    const qsizetype to = m_page.cursorForPosition(place).position();
    const bool isOwn = event.source() == &m_page || event.source() == m_page.viewport();
    if (isOwn && event.dropAction() == Qt::MoveAction && cursor.hasSelection()) {
        move(cursor.selectionStart(), cursor.selectionEnd(), to);
        return;
    }
    QTextCursor there = cursor;
    there.setPosition(static_cast<int>(to));
    m_page.setTextCursor(there);
    paste(*event.mimeData(), PasteAs::ItLooks, Cause::Drop);
}

/// Taken out there and put in here: one edit, which one undo takes back.
void PageClipboard::move(qsizetype from, qsizetype to, qsizetype place)
{
    if (isBusy() || m_page.isReadOnly() || !m_page.isOpen() || (place >= from && place <= to))
        return;
    if (m_page.isComposing())
        m_page.settleComposition();
    if (m_page.isSuggesting()) {
        suggestMove(from, to, place);
        return;
    }
    begin(place, taken(from, to), Cause::Drop);
    m_job->source = Job::Source{from, to - from, {}, false};
    run();
}

/// What was there is struck and stays; what comes is suggested.
void PageClipboard::suggestMove(qsizetype from, qsizetype to, qsizetype place)
{
    Fragment fragment = taken(from, to);
    m_page.strikeSelection();
    QTextCursor there = m_page.textCursor();
    there.setPosition(static_cast<int>(place));
    m_page.setTextCursor(there);
    insert(std::move(fragment), Cause::Drop);
}

} // namespace nlbd::ui
