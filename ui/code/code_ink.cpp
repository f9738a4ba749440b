#include "ui/code/code_ink.h"

#include "ui/editor/document_view.h"
#include "ui/editor/page_layout.h"
#include "ui/theme.h"

#include <QTextBlock>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kLinesAtOnce = 400; // read again in one go
constexpr int kLinesAbove = 5000; // read for one that is looked at; further up nothing is open
constexpr qsizetype kRestyled = 200'000; // units; more is not looked through

// What is kept with a block: the state, and in which epoch.
constexpr int kStateBits = 16;
constexpr int kEpochs = 1 << 14;

} // namespace

CodeInk::CodeInk(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
    , m_layout(*qobject_cast<PageLayout *>(page.document()->documentLayout()))
{
    m_alive = &m_layout;
    m_layout.setInk([this](const QTextBlock &block, QList<QTextLayout::FormatRange> &formats) {
        ink(block, formats);
    });
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        const QTextCursor rest = std::exchange(m_rest, QTextCursor());
        if (!rest.isNull())
            readAgain(rest.block(), m_restTo.position(), true);
    });
    connect(page.document(), &QTextDocument::contentsChange, this,
            [this](int from, int, int added) {
                if (!m_layout.expectsMany()) // or each of them is told by itself
                    changed(from, added);
            });
    connect(&m_layout, &PageLayout::restyled, this, &CodeInk::restyled);
    connect(&page, &DocumentView::opened, this, [this] { m_rest = QTextCursor(); });
}

CodeInk::~CodeInk()
{
    if (m_alive)
        m_layout.setInk({});
}

QColor CodeInk::colourOf(CodeKind kind, const Theme &theme)
{
    switch (kind) {
    case CodeKind::Keyword:
        return theme.accent;
    case CodeKind::Name:
        return theme.link;
    case CodeKind::String:
        return theme.agreed;
    case CodeKind::Number:
        return theme.pencil;
    case CodeKind::Comment:
        return theme.muted;
    case CodeKind::Tag:
        return theme.refused;
    case CodeKind::Plain:
        break;
    }
    return theme.ink;
}

const CodeLanguage *CodeInk::languageOf(const QTextBlock &block) const
{
    if (!block.isValid())
        return nullptr;
    const BlockStyle style = m_layout.styleOf(block);
    return style.kind == BlockStyle::Kind::Code ? languageCalled(style.language) : nullptr;
}

std::optional<CodeState> CodeInk::known(const QTextBlock &block) const
{
    const int kept = block.userState();
    if (kept < 0 || (kept >> kStateBits) != m_epoch)
        return std::nullopt;
    return static_cast<CodeState>(kept & ((1 << kStateBits) - 1));
}

void CodeInk::keep(QTextBlock block, CodeState state) const
{
    block.setUserState((m_epoch << kStateBits) | state);
}

/// What the line above leaves open, if it is of the same language.
CodeState CodeInk::before(const QTextBlock &block) const
{
    const QTextBlock above = block.previous();
    const CodeLanguage *language = languageOf(block);
    return language && languageOf(above) == language ? after(above) : CodeState{0};
}

CodeState CodeInk::after(const QTextBlock &block) const
{
    const CodeLanguage *language = languageOf(block);
    if (!language)
        return 0;
    QTextBlock first = block;
    CodeState state = 0;
    for (int i = 0; i < kLinesAbove; ++i) {
        if (const auto kept = known(first)) {
            state = *kept;
            if (first == block)
                return state;
            first = first.next();
            break;
        }
        if (languageOf(first.previous()) != language)
            break;
        first = first.previous();
    }
    for (QTextBlock line = first;; line = line.next()) {
        state = scanCode(*language, line.text(), state);
        keep(line, state);
        if (line == block)
            return state;
    }
}

std::vector<CodeToken> CodeInk::tokensOf(const QTextBlock &block) const
{
    std::vector<CodeToken> tokens;
    const CodeLanguage *language = languageOf(block);
    if (!language)
        return tokens;
    const CodeState state = scanCode(*language, block.text(), before(block), &tokens);
    // What waits to be read again is compared with what it was when it was drawn.
    const bool isWaiting = !m_rest.isNull() && block.position() >= m_rest.block().position();
    if (!isWaiting || !known(block))
        keep(block, state);
    return tokens;
}

void CodeInk::ink(const QTextBlock &block, QList<QTextLayout::FormatRange> &formats) const
{
    for (const CodeToken &token : tokensOf(block)) {
        QTextCharFormat format;
        format.setForeground(colourOf(token.kind, theme()));
        if (token.kind == CodeKind::Comment)
            format.setFontItalic(true);
        formats.append(
            {static_cast<int>(token.from), static_cast<int>(token.to - token.from), format});
    }
}

void CodeInk::changed(int from, int added)
{
    readAgain(m_page.document()->findBlock(from), from + added, false);
}

/// What blocks are, or their language, may differ. Blocks of the range are laid out anew anyway.
void CodeInk::restyled(qsizetype from, qsizetype to)
{
    if (m_isReading || !m_page.looks().mayHave("block", "code"))
        return;
    if (to - from > kRestyled)
        m_epoch = (m_epoch + 1) % kEpochs;
    else
        readAgain(m_page.document()->findBlock(static_cast<int>(from)), static_cast<int>(to),
                  false);
}

/// From `block` on to the place `last`, and then as long as what is left open differs from before.
/// `carries`: it does above the first.
void CodeInk::readAgain(QTextBlock block, int last, bool carries)
{
    const QTextCursor waiting = std::exchange(m_rest, QTextCursor());
    const QTextCursor waitingTo = m_restTo;
    int from = -1; // of what looks otherwise, though nobody touched it
    int to = -1;
    for (int i = 0; block.isValid(); block = block.next()) {
        const CodeLanguage *language = languageOf(block);
        const bool isAsked = block.position() <= last;
        if (!language) {
            carries = known(block).has_value(); // what is below begins anew
            block.setUserState(-1);
            if (!isAsked)
                break;
            continue;
        }
        if (++i > kLinesAtOnce) {
            m_rest = QTextCursor(block);
            m_restTo = QTextCursor(m_page.document());
            const int end = m_page.document()->characterCount() - 1;
            m_restTo.setPosition(std::min(end, std::max(last, block.position() - 1)));
            break;
        }
        const auto was = known(block);
        const CodeState now = scanCode(*language, block.text(), before(block));
        keep(block, now);
        if (carries && !isAsked) {
            from = from < 0 ? block.position() : from;
            to = block.position() + block.length() - 1;
        }
        carries = was != now;
        if (!isAsked && (!was || !carries))
            break; // the same as ever, or nobody has looked at those below
    }
    waitAlsoFor(waiting, waitingTo);
    if (from < 0)
        return;
    m_isReading = true;
    m_layout.restyle(from, to);
    m_isReading = false;
}

/// What waited before this edit waits on: from the first of both places on, and to the last.
void CodeInk::waitAlsoFor(const QTextCursor &from, const QTextCursor &to)
{
    if (m_rest.isNull()) {
        m_rest = from;
        m_restTo = to;
    } else if (!from.isNull()) {
        const int last = std::max({m_rest.position(), from.position(), to.position()});
        if (from.position() < m_rest.position())
            m_rest = from;
        m_restTo.setPosition(std::max(m_restTo.position(), last));
    }
    if (!m_rest.isNull())
        m_timer.start(0);
}

} // namespace nlbd::ui
