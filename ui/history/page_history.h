#pragma once

#include "ui/words_history.h"

#include <QObject>

#include <functional>

class QAction;
class QBoxLayout;
class QMenu;

namespace nlbd::ui {

class ApartTour;
class BannerZone;
class DocumentView;
class HistoryWindow;
class PageObjects;
class StatusLine;
class WorkspaceBridge;

/// The past of the page in a window, and what happened while people were apart: actions, keys,
/// their part of the menu, and the quiet row above the page.
class PageHistory : public QObject {
    Q_OBJECT

public:
    /// All are borrowed. The tour's bar goes to the top of `column`; the actions belong to
    /// `window`.
    struct Place {
        QWidget &window;
        QAction &open; ///< shows the window
        DocumentView &page;
        WorkspaceBridge &bridge;
        BannerZone &banners;
        StatusLine &status;
        QBoxLayout &column;
        QMenu &menu;
        std::function<QString()> title; ///< of the document on the page
    };
    explicit PageHistory(Place place);
    ~PageHistory() override;

    void setObjects(PageObjects &objects) { m_objects = &objects; } ///< of the page; outlives it

    void show();
    [[nodiscard]] HistoryWindow *window() { return m_window; } ///< null before show()
    [[nodiscard]] ApartTour &tour() { return *m_tour; }
    /// Escape: true if the tour was on and is over now.
    bool escape();

private:
    void showPastOfPage();
    void go(int step);
    void showRow();

    Place m_place;
    words::People m_people;
    HistoryWindow *m_window = nullptr;
    ApartTour *m_tour = nullptr;
    PageObjects *m_objects = nullptr;
};

} // namespace nlbd::ui
