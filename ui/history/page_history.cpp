#include "ui/history/page_history.h"

#include "ui/banner_zone.h"
#include "ui/editor/document_view.h"
#include "ui/editor/past_page.h"
#include "ui/history/apart_tour.h"
#include "ui/history/history_window.h"
#include "ui/objects/page_objects.h"
#include "ui/status_line.h"
#include "ui/workspace_bridge.h"

#include <QAction>
#include <QBoxLayout>
#include <QMenu>

#include <utility>

namespace nlbd::ui {

PageHistory::PageHistory(Place place)
    : QObject(&place.window)
    , m_place(std::move(place))
    , m_tour(new ApartTour(m_place.page, m_place.bridge))
{
    const auto add = [this](const QString &text, const QKeySequence &keys) {
        auto *action = new QAction(text, &m_place.window);
        action->setShortcut(keys);
        m_place.window.addAction(action);
        return action;
    };
    QAction *next = add(tr("What changed while you were apart"), QKeySequence(Qt::Key_F8));
    QAction *before = add(tr("The place before"), QKeySequence(tr("Shift+F8")));
    m_place.menu.addSeparator();
    m_place.menu.addActions({&m_place.open, next, before});
    connect(&m_place.open, &QAction::triggered, this, &PageHistory::show);
    connect(next, &QAction::triggered, this, [this] { go(1); });
    connect(before, &QAction::triggered, this, [this] { go(-1); });

    m_place.column.insertWidget(1, m_tour);
    connect(m_tour, &ApartTour::changed, this, &PageHistory::showRow);
    connect(&m_place.bridge, &WorkspaceBridge::peopleChanged, this,
            [this](const api::PeopleChanged &event) {
                m_people = event.people;
                m_tour->setPeople(m_people);
                if (m_window != nullptr)
                    m_window->setPeople(m_people);
                showRow();
            });
    const auto follow = [this] {
        if (m_window != nullptr && m_window->isVisible())
            showPastOfPage();
    };
    connect(&m_place.bridge, &WorkspaceBridge::documentsChanged, this, follow);
    connect(&m_place.page, &DocumentView::opened, this, follow);
}

/// While the page and the bridge are still there.
PageHistory::~PageHistory()
{
    delete m_window;
    delete m_tour;
}

void PageHistory::show()
{
    if (!m_place.page.shownDocument())
        return;
    if (m_window == nullptr) {
        m_window = new HistoryWindow(m_place.bridge, &m_place.window);
        if (m_objects != nullptr)
            m_objects->showAlsoIn(m_window->page());
    }
    m_window->setPeople(m_people);
    showPastOfPage();
    m_window->show();
    m_window->raise();
    m_window->activateWindow();
}

void PageHistory::showPastOfPage()
{
    if (const auto doc = m_place.page.shownDocument())
        m_window->showDocument(*doc, m_place.title());
}

bool PageHistory::escape()
{
    return m_tour->stop();
}

void PageHistory::go(int step)
{
    if (!m_tour->go(step))
        m_place.status.showNote(tr("Nothing came on this page while you were apart."));
}

/// It waits until it is read, and says nothing while the tour is on.
void PageHistory::showRow()
{
    const api::ApartInfo *info = m_tour->pending();
    if (info == nullptr || m_tour->isOn()) {
        m_place.banners.remove(BannerZone::About::Apart);
        return;
    }
    m_place.banners.put(
        BannerZone::About::Apart,
        {{},
         QStringLiteral("people"),
         tr("<b>While you were apart:</b> %1.").arg(words::apart(*info, m_people).toHtmlEscaped()),
         {{tr("Show"), [this] { go(1); }}},
         [this] { m_tour->dismiss(); }});
}

} // namespace nlbd::ui
