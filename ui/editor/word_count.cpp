#include "ui/editor/word_count.h"

#include "ui/editor/document_view.h"

namespace nlbd::ui {

namespace {

constexpr int kAllMillis = 400;       // a pause after which everything is counted anew
constexpr int kSelectionMillis = 100; // and what is selected

} // namespace

WordCount::WordCount(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
{
    m_allTimer.setSingleShot(true);
    m_selectionTimer.setSingleShot(true);
    connect(&m_allTimer, &QTimer::timeout, this, &WordCount::countAll);
    connect(&m_selectionTimer, &QTimer::timeout, this, &WordCount::countSelected);
    connect(&page, &DocumentView::textTouched, this, [this] { m_allTimer.start(kAllMillis); });
    connect(&page, &QPlainTextEdit::selectionChanged, this,
            [this] { m_selectionTimer.start(kSelectionMillis); });
}

void WordCount::countAll()
{
    if (!m_page.isOpen()) {
        Q_EMIT gone();
        return;
    }
    countWords(m_page.textPieces(), this, [this](const TextSize &size) {
        m_all = size;
        Q_EMIT counted(m_all, m_selected);
    });
}

void WordCount::countSelected()
{
    const QTextCursor cursor = m_page.textCursor();
    const std::uint64_t number = ++m_selection;
    const auto take = [this, number](const TextSize &size) {
        if (number != m_selection || !m_page.isOpen())
            return;
        m_selected = size;
        Q_EMIT counted(m_all, m_selected);
    };
    if (!cursor.hasSelection()) {
        if (m_selected.words > 0 || m_selected.letters > 0)
            take({});
        return;
    }
    // Shared, not copied: the piece that is selected is cut out on the other thread.
    countWordsBetween(m_page.textPieces(), cursor.selectionStart(), cursor.selectionEnd(), this,
                      take);
}

} // namespace nlbd::ui
