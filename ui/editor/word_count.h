#pragma once

#include "ui/documents/text_file.h"

#include <QObject>
#include <QTimer>

namespace nlbd::ui {

class DocumentView;

/// How long the text of a page is and how much of it is selected. Counted on another thread after a
/// pause, however long the text.
class WordCount : public QObject {
    Q_OBJECT

public:
    explicit WordCount(DocumentView &page, QObject *parent = nullptr);

Q_SIGNALS:
    /// Nothing is shown where no document is.
    void gone();
    void counted(const nlbd::ui::TextSize &all, const nlbd::ui::TextSize &selected);

private:
    void countAll();
    void countSelected();

    DocumentView &m_page;
    TextSize m_all;
    TextSize m_selected;
    std::uint64_t m_selection = 0; ///< number of the last one; what was counted before is not taken
    QTimer m_allTimer;
    QTimer m_selectionTimer;
};

} // namespace nlbd::ui
