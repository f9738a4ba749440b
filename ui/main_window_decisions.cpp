// What is decided together, as the main window tells it: banners, the panel's place, isolation.

#include "ui/banner_zone.h"
#include "ui/decisions/decisions_panel.h"
#include "ui/evidence/evidence_window.h"
#include "ui/main_window.h"
#include "ui/people/people_panel.h"
#include "ui/status_line.h"
#include "ui/words_decisions.h"

#include <QAction>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

namespace {

/// Whether the last thing that was heard is that I left by my own wish.
bool didLeave(const api::DecisionsChanged &event, const words::People &people)
{
    const auto me = std::ranges::find_if(people, &api::Person::isMe);
    return me != people.end() && !event.made.empty()
        && std::ranges::any_of(event.made.front().wishes, [&](const api::Wish &wish) {
               return wish.kind == api::Wish::Kind::Leave && wish.member == me->member;
           });
}

} // namespace

void MainWindow::connectDecisions()
{
    connect(&m_bridge, &WorkspaceBridge::decisionsChanged, this, &MainWindow::decisionsChanged);
    connect(m_decisions, &DecisionsPanel::votersChanged, this, &MainWindow::votersChanged);
    connect(m_decisions, &DecisionsPanel::waitingChanged, this, &MainWindow::showWaiting);
    connect(m_panel, &PeoplePanel::wishAsked, m_decisions, &DecisionsPanel::propose);
    connect(m_evidence, &EvidenceWindow::removalAsked, this, [this](MemberIndex member) {
        api::Wish wish;
        wish.kind = api::Wish::Kind::RemoveMember;
        wish.member = member;
        m_decisions->propose(wish);
    });
}

void MainWindow::setKnocks(const std::vector<api::JoinRequest> &requests)
{
    m_decisions->setKnocks(requests);
}

void MainWindow::decisionsChanged(const api::DecisionsChanged &event)
{
    m_invite->setEnabled(event.isMember); // who is no member leads nobody in
    m_isShut = !event.limits.newcomersReadPast;
    if (event.isMember)
        return;
    const QString head = didLeave(event, m_people.people)
        ? tr("<b>You left.</b> Enough of the members signed it, and their signatures were checked "
             "here.")
        : tr("<b>You were removed.</b> The members decided so, and their signatures were checked "
             "here.");
    m_banners->put(BannerZone::About::Membership,
                   {QStringLiteral("pencil"),
                    QStringLiteral("warning"),
                    tr("%1 What you have stays yours to read and to export; nothing new comes, "
                       "and nothing of yours goes out.")
                        .arg(head),
                    {{tr("Export\u2026"), [this] { askExport(); }}},
                    {}});
}

/// My person has the seat at another computer, and this one may only read (PROTOCOL C7, SEAT).
void MainWindow::showReplaced(const api::DevicesChanged &event)
{
    const auto isSeat = [](const api::DeviceInfo &device) {
        return device.isMine && device.hasSeat && !device.isHere;
    };
    const auto isEnded = [](const api::DeviceInfo &device) {
        return device.isHere && device.mayRead && !device.mayWrite;
    };
    const bool isReplaced =
        std::ranges::any_of(event.devices, isSeat) && std::ranges::any_of(event.devices, isEnded);
    if (std::exchange(m_isReplaced, isReplaced) == isReplaced)
        return;
    if (!isReplaced) {
        m_banners->remove(BannerZone::About::Membership);
        return;
    }
    m_banners->put(BannerZone::About::Membership,
                   {QStringLiteral("pencil"),
                    QStringLiteral("warning"),
                    tr("<b>Another computer of yours writes and votes now.</b> Your key said so, "
                       "and the members decided it. This one reads on. If it was not you, tell the "
                       "others: somebody has your recovery words."),
                    {},
                    {}});
}

void MainWindow::votersChanged()
{
    const Voters &voters = m_decisions->voters();
    m_panel->setVoters(voters);
    m_status->showProtection(words::protection(voters.all.size()),
                             words::agreementNeeds(voters.all.size()));
    showIsolation();
    laySide();
}

/// One banner for all that waits for this person's answer, until it is answered, put off or closed.
void MainWindow::showWaiting()
{
    const DecisionsPanel::Waiting waiting = m_decisions->waiting();
    const QString text = waiting.untold <= 1
        ? waiting.newest
        : tr("<b>%1 questions wait for you.</b> The newest: %2")
              .arg(waiting.untold)
              .arg(waiting.newest);
    if (text == m_waitingTold)
        return;
    m_waitingTold = text;
    if (text.isEmpty()) {
        m_banners->remove(BannerZone::About::Vote);
        return;
    }
    m_banners->put(
        BannerZone::About::Vote,
        {{}, QStringLiteral("vote"), text, {{tr("Look"), [this] { goToDecisions(); }}}, [this] {
             m_decisions->setAllTold();
         }});
}

void MainWindow::goToDecisions()
{
    if (!m_side->isVisible())
        togglePeople();
    m_decisions->goToFirst();
}

void MainWindow::lookAtClock(std::chrono::milliseconds sinceStart)
{
    const Voters &voters = m_decisions->voters();
    const bool isCutOff = m_state.myChangesInPencil > 0 && voters.quorum > 0 && voters.haveMe()
        && voters.heard() < voters.quorum;
    m_isolation.look(isCutOff, sinceStart);
    showIsolation();
}

void MainWindow::showIsolation()
{
    const Voters &voters = m_decisions->voters();
    const bool isOver = m_state.myChangesInPencil == 0 || voters.heard() >= voters.quorum;
    const auto minutes = m_isolation.minutes();
    if (isOver || !minutes) {
        if (isOver)
            m_isolation.look(false, std::chrono::milliseconds(0));
        m_isolationTold.clear();
        m_isIsolationRead = false;
        m_banners->remove(BannerZone::About::Isolation);
        return;
    }
    if (m_isIsolationRead)
        return;
    const QString text = words::isolated(minutes->count(), voters.heard(), voters.all.size(),
                                         voters.quorum, m_state.myChangesInPencil);
    if (text == m_isolationTold)
        return;
    m_isolationTold = text;
    m_banners->put(BannerZone::About::Isolation,
                   {QStringLiteral("pencil"), QStringLiteral("offline"), text, {}, [this] {
                        m_isIsolationRead = true;
                    }});
}

} // namespace nlbd::ui
