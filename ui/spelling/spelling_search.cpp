// The way to the next word that the dictionary does not know, also where nobody has looked.

#include "ui/editor/document_view.h"
#include "ui/spelling/spelling.h"

#include <QElapsedTimer>
#include <QTextBlock>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr qsizetype kSearchedUnits = 4'000; ///< asked about at a time
constexpr qint64 kSearchedMillis = 8;       ///< then keys have their turn

} // namespace

void Spelling::goToNext()
{
    if (m_language.isEmpty())
        return;
    const QTextCursor cursor = m_page.textCursor();
    const QTextBlock block = m_page.document()->findBlock(cursor.selectionEnd());
    m_search = Search{cursor.selectionEnd(), block.position(), false};
    searchOn();
}

/// From the caret to the end and from the beginning to the caret. Where words are not known yet it
/// waits for the other thread, which has it go on.
void Spelling::searchOn()
{
    QElapsedTimer taken;
    taken.start();
    while (m_search && m_page.isOpen()) {
        if (taken.elapsed() >= kSearchedMillis) {
            QMetaObject::invokeMethod(this, &Spelling::searchOn, Qt::QueuedConnection);
            return;
        }
        QSet<QString> asked;
        searchBlocks(asked);
        if (!asked.isEmpty()) {
            ask(asked);
            return;
        }
    }
}

/// Some whole blocks; `asked` are words of them that are not known yet.
void Spelling::searchBlocks(QSet<QString> &asked)
{
    const QTextDocument &document = *m_page.document();
    const QTextBlock first = document.findBlock(static_cast<int>(m_search->at));
    if (!first.isValid()) {
        m_search.reset();
        return;
    }
    const qsizetype from = first.position();
    QTextBlock after = document.findBlock(static_cast<int>(from + kSearchedUnits));
    if (after == first)
        after = first.next();
    const bool isAtEnd = !after.isValid();
    const qsizetype to = isAtEnd ? document.characterCount() : after.position();
    std::vector<Mark> found;
    lookAt(from, to, found, asked);
    if (!asked.isEmpty())
        return;
    const auto next = std::ranges::find_if(found, [this](const Mark &mark) {
        return m_search->hasWrapped || mark.from > m_search->caret;
    });
    if (next != found.end()) {
        m_search.reset();
        select(*next);
        return;
    }
    if (m_search->hasWrapped && (isAtEnd || to > m_search->caret)) {
        m_search.reset();
        Q_EMIT told(tr("The dictionary knows all words of this page."));
        return;
    }
    m_search->hasWrapped = m_search->hasWrapped || isAtEnd;
    m_search->at = isAtEnd ? 0 : to;
}

void Spelling::select(const Mark &mark)
{
    QTextCursor cursor = m_page.textCursor();
    cursor.setPosition(static_cast<int>(mark.from));
    cursor.setPosition(static_cast<int>(mark.to), QTextCursor::KeepAnchor);
    m_page.setTextCursor(cursor);
    m_page.ensureCursorVisible();
}

} // namespace nlbd::ui
