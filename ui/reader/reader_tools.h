#pragma once

#include "core/api/authors.h"
#include "ui/words.h"

#include <QObject>
#include <QTimer>

class QAction;
class QMenu;
class QWidget;

namespace nlbd::ui {

class DocumentView;
class PageNews;
class StatusLine;
class WorkspaceBridge;

/// Keys that say what others see at a glance: where the caret is, and what others wrote since this
/// was asked last. The second may be said by itself, when everybody rests; that is off unless its
/// person wants it.
class ReaderTools : public QObject {
    Q_OBJECT

public:
    static constexpr int kPauseMillis = 2000; ///< of all who write, before it is said by itself

    /// All are borrowed and outlive it; the actions belong to `window`.
    struct Place {
        QWidget &window;
        DocumentView &page;
        WorkspaceBridge &bridge;
        QMenu &menu;
        StatusLine &status;
    };
    explicit ReaderTools(Place place);

    void setPeople(const words::People &people);

private:
    void askWhere();
    void authorsTold(const api::AuthorsTold &event);
    void tellWhere(const QString &wrote);
    void setAnnouncing(bool isOn);
    void rest();

    Place m_place;
    DocumentView &m_page;
    PageNews *m_news = nullptr;
    words::People m_people;
    QTimer m_pause;
    bool m_isAnnouncing = false;
    std::uint64_t m_where = 0; ///< the last question
};

} // namespace nlbd::ui
