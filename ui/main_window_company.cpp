// Who else is on the page, as the main window leads there.

#include "ui/editor/companions.h"
#include "ui/editor/document_view.h"
#include "ui/main_window.h"
#include "ui/people/avatar.h"
#include "ui/people/follow_sign.h"
#include "ui/people/people_panel.h"

#include <algorithm>

namespace nlbd::ui {

void MainWindow::connectCompany()
{
    const auto showPeople = [this] {
        m_avatars->setPeople(m_people.people, m_page->shownDocument());
        m_companions->setPeople(m_people.people);
    };
    connect(&m_bridge, &WorkspaceBridge::peopleChanged, this, showPeople);
    connect(m_page, &DocumentView::opened, this, showPeople);
    connect(m_avatars, &AvatarRow::morePressed, this, &MainWindow::togglePeople);
    connect(m_avatars, &AvatarRow::personPressed, this, [this](DeviceIndex device) {
        const auto who = std::ranges::find(m_people.people, device, &api::Person::device);
        if (who != m_people.people.end() && m_companions->canGoTo(*who))
            m_companions->goTo(device);
        else
            togglePeople(); // there is no place to go to
    });
    connect(m_panel, &PeoplePanel::goToAsked, m_companions, &Companions::goTo);
    connect(m_panel, &PeoplePanel::followAsked, m_companions, &Companions::follow);
    connect(m_panel, &PeoplePanel::stopFollowingAsked, m_companions, &Companions::stop);
    connect(m_companions, &Companions::documentWanted, this, &MainWindow::openDocument);
    connect(m_companions, &Companions::followedChanged, this, &MainWindow::showFollowed);
    connect(m_followSign, &FollowSign::stopAsked, this, [this] {
        m_companions->stop();
        goToPage();
    });
}

void MainWindow::showFollowed()
{
    const api::Person *person = m_companions->followed();
    m_panel->setFollowed(person ? std::optional(person->device) : std::nullopt);
    m_followSign->show(person, person && m_companions->canGoTo(*person));
}

} // namespace nlbd::ui
