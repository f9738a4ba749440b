#pragma once

#include <QObject>
#include <QString>

#include <functional>
#include <memory>

class QAction;
class QBoxLayout;
class QKeySequence;
class QMenu;
class QPrinter;
class QWidget;

namespace nlbd::ui {

class DocumentView;
class FindBar;
class FocusMode;
class OutlinePanel;
class PageObjects;
class PageSuggestions;
class Spelling;
class WorkspaceBridge;
struct PrintJob;

/// What works on the page of a window without being the page: finding, the outline, how large it
/// is, spelling, printing. Makes the actions, their keys and the part of the menu in which they
/// stand.
class PageTools : public QObject {
    Q_OBJECT

public:
    /// All are borrowed. Bars go to the top of `column`, panels to the left of `row`; the actions
    /// belong to `window`.
    struct Place {
        QWidget &window;
        DocumentView &page;
        WorkspaceBridge &bridge;
        QBoxLayout &column;
        QBoxLayout &row;
        QMenu &menu;
        QString workspace;
        std::function<QString()> title;      ///< of the document on the page
        std::function<void(bool)> showAlone; ///< the page and nothing beside it
    };
    explicit PageTools(Place place);

    /// Escape: true if something of this was open and is closed now.
    bool escape();

    /// Writes the document on the page as PDF; `told` follows if it fails, `written` else.
    void exportPdf(const QString &path);

    /// What is only suggested is not printed; outlives it.
    void setSuggestions(const PageSuggestions &suggestions) { m_suggestions = &suggestions; }
    void setObjects(const PageObjects &objects) { m_objects = &objects; }

    [[nodiscard]] FindBar &findBar() { return *m_find; }
    [[nodiscard]] OutlinePanel &outline() { return *m_outline; }
    [[nodiscard]] FocusMode &focusMode() { return *m_focus; }
    [[nodiscard]] Spelling &spelling() { return *m_spelling; }

Q_SIGNALS:
    /// Something could not be done, or was; rich text.
    void told(const QString &sentence);

private:
    void makeFind();
    void makeOutline();
    void makeFocus();
    void makeZoom();
    void makeMotion();
    void makeSpelling();
    void makePrinting();
    void makeJob(std::function<void(const PrintJob &)> use);
    void print(const std::shared_ptr<QPrinter> &printer, const PrintJob &job);
    void askPrint();
    void askPdf();
    QAction *add(const QString &text, const QKeySequence &keys);

    Place m_place;
    DocumentView &m_page;
    FindBar *m_find = nullptr;
    OutlinePanel *m_outline = nullptr;
    FocusMode *m_focus = nullptr;
    Spelling *m_spelling = nullptr;
    const PageSuggestions *m_suggestions = nullptr;
    const PageObjects *m_objects = nullptr;
};

} // namespace nlbd::ui
