#include "ui/editor/focus_mode.h"

#include "ui/editor/document_view.h"
#include "ui/editor/page_layout.h"

#include <QEvent>

namespace nlbd::ui {

FocusMode::FocusMode(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
{
    connect(&page, &QPlainTextEdit::cursorPositionChanged, this, &FocusMode::follow);
    connect(&page, &DocumentView::textTouched, this, &FocusMode::follow);
    page.installEventFilter(this);
}

void FocusMode::set(bool isOn)
{
    if (isOn == m_isOn)
        return;
    m_isOn = isOn;
    m_page.setCenterOnScroll(isOn); // the last line as well may stand in the middle
    follow();
    if (isOn)
        m_page.centerCursor();
    else
        m_page.ensureCursorVisible();
    Q_EMIT changed(isOn);
}

void FocusMode::follow()
{
    auto *layout = qobject_cast<PageLayout *>(m_page.document()->documentLayout());
    if (!m_isOn) {
        layout->setLit(std::nullopt);
        return;
    }
    layout->setLit(m_page.textCursor().block());
    // Under the mouse nothing moves away, nor because of what others write.
    if (m_isByKey)
        m_page.centerCursor();
}

bool FocusMode::eventFilter(QObject *watched, QEvent *event)
{
    if (m_isOn && event->type() == QEvent::KeyPress) {
        m_isByKey = true;
        QMetaObject::invokeMethod(
            this, [this] { m_isByKey = false; }, Qt::QueuedConnection);
    }
    return QObject::eventFilter(watched, event);
}

} // namespace nlbd::ui
