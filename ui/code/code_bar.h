#pragma once

#include <QObject>

#include <string>
#include <utility>

class QMenu;
class QToolButton;

namespace nlbd::ui {

class DocumentView;

/// A small button at the upper right of the code in which the caret is: its language, and a menu of
/// all. The language is kept with each line of the block, for everybody.
class CodeBar : public QObject {
    Q_OBJECT

public:
    explicit CodeBar(DocumentView &page, QObject *parent = nullptr);

    /// Fills a menu with the languages; empty where the caret is in no code.
    void fill(QMenu &menu);
    /// Opens the menu below the button, if there is one.
    void choose();
    /// Of the whole block of code in which the caret is.
    void setLanguage(const std::string &id);
    [[nodiscard]] QToolButton &button() { return *m_button; }

private:
    void place();
    [[nodiscard]] std::pair<int, int> blockAtCaret() const;

    DocumentView &m_page;
    QToolButton *m_button = nullptr;
};

} // namespace nlbd::ui
