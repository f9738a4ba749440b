#pragma once

#include "ui/spelling/spelling.h"

#include <QMenu>

namespace nlbd::ui {

/// In which language words are looked up: for all documents, or another one for this. Remembered.
/// Tells as well why there is nothing to choose.
class SpellingMenu : public QMenu {
    Q_OBJECT

public:
    SpellingMenu(Spelling &spelling, DocumentView &page, const QString &workspace,
                 QWidget *parent = nullptr);

Q_SIGNALS:
    /// A dictionary could not be used; rich text.
    void told(const QString &sentence);

private:
    void fill();
    void addChoices(QMenu &menu, const QString &key, bool isOfAll);
    void useRemembered();
    [[nodiscard]] QString keyOfDocument() const;

    Spelling &m_spelling;
    DocumentView &m_page;
    QString m_workspace;
};

} // namespace nlbd::ui
