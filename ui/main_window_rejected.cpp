// What decisions left out of the texts, as the main window tells it.

#include "ui/attachments/attachments_window.h"
#include "ui/banner_zone.h"
#include "ui/editor/document_view.h"
#include "ui/main_window.h"
#include "ui/people/people_panel.h"
#include "ui/rejected/only_here.h"
#include "ui/rejected/rejected_window.h"
#include "ui/settings.h"

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr qsizetype kReadMax = 200; ///< parts that are remembered as told, of all workspaces

QString readKey()
{
    return QStringLiteral("rejectedRead");
}

/// Own words that were put back, or whose box below the page was closed.
QString doneKey()
{
    return QStringLiteral("onlyHereDone");
}

/// So many are remembered, the latest.
void keep(const QString &key, QStringList &names)
{
    if (names.size() > kReadMax)
        names = names.mid(names.size() - kReadMax);
    settings::keep(key, names);
}

/// What is told once: a part that has grown is another one.
QString nameOf(const words::RejectedPart &part)
{
    return QString::fromStdString(part.changes.back().hex()).left(16);
}

std::vector<words::RejectedPart> unread(const std::vector<words::RejectedPart> &parts,
                                        const QStringList &read)
{
    std::vector<words::RejectedPart> result;
    std::ranges::copy_if(parts, std::back_inserter(result),
                         [&read](const auto &part) { return !read.contains(nameOf(part)); });
    return result;
}

} // namespace

void MainWindow::connectRejected()
{
    m_rejectedRead = settings::value(readKey()).toStringList();
    connect(&m_bridge, &WorkspaceBridge::devicesChanged, this, &MainWindow::devicesChanged);
    connect(m_rejected, &RejectedWindow::changed, this, &MainWindow::showRejectedBanner);
    connect(m_onlyHere, &OnlyHere::lookAsked, this, &MainWindow::showRejected);
    connect(m_onlyHere, &OnlyHere::done, this, [this](const words::RejectedPart &part) {
        QStringList done = settings::value(doneKey()).toStringList();
        done.append(nameOf(part));
        keep(doneKey(), done);
        showOnlyHere();
        goToPage();
    });
    connect(m_page, &DocumentView::opened, this, &MainWindow::showOnlyHere);
    connect(m_panel, &PeoplePanel::takeBackAsked, this,
            [this](DeviceIndex device) { m_rejected->askTakeBack(device, this); });
}

void MainWindow::devicesChanged(const api::DevicesChanged &event)
{
    const bool mayWrite = std::ranges::any_of(event.devices, [](const api::DeviceInfo &device) {
        return device.isHere && device.mayWrite && !device.isCopy;
    });
    m_rejected->setMayWrite(mayWrite);
    m_attachments->setMayWrite(mayWrite);
    m_panel->setMayWrite(mayWrite);
    showOnlyHere();
    showReplaced(event);
}

/// This person's own words of the text on the page, which nobody else has.
void MainWindow::showOnlyHere()
{
    const QStringList done = settings::value(doneKey()).toStringList();
    std::vector<words::RejectedPart> mine;
    for (const words::RejectedPart &part : m_rejected->parts())
        if (part.doc == m_page->shownDocument() && !part.text.empty()
            && words::isMine(m_people.people, part.device) && !done.contains(nameOf(part)))
            mine.push_back(part);
    const QString why = mine.empty() ? QString() : m_rejected->reasonOf(mine.front());
    m_onlyHere->showParts(mine, why, m_rejected->mayWrite());
}

void MainWindow::showRejectedBanner()
{
    showOnlyHere();
    const QString text =
        words::rejectedBanner(unread(m_rejected->parts(), m_rejectedRead), m_people.people);
    if (text.isEmpty()) {
        m_rejectedTold.clear();
        m_banners->remove(BannerZone::About::Rejected);
        return;
    }
    if (text == m_rejectedTold)
        return;
    m_rejectedTold = text;
    m_banners->put(BannerZone::About::Rejected,
                   {QStringLiteral("pencil"),
                    QStringLiteral("warning"),
                    text,
                    {{tr("Look"),
                      [this] {
                          rejectedRead();
                          showRejected();
                      }}},
                    [this] { rejectedRead(); }});
}

/// Closed or looked at: told no more, also after the next start.
void MainWindow::rejectedRead()
{
    QStringList &read = m_rejectedRead;
    for (const words::RejectedPart &part : m_rejected->parts())
        if (const QString name = nameOf(part); !read.contains(name))
            read.append(name);
    keep(readKey(), read);
    showRejectedBanner();
}

void MainWindow::showRejected()
{
    m_rejected->show();
    m_rejected->raise();
    m_rejected->activateWindow();
}

} // namespace nlbd::ui
