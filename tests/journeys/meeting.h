#pragma once

#include "tests/journeys/person.h"
#include "ui/banner_zone.h"

#include <QLineEdit>
#include <QListWidget>

#include <vector>

namespace nlbd::testing {

inline constexpr int kMeetingPatienceMs = 30'000;

/// The host makes an invitation for each guest, who uses it: the host sees them all.
inline void meet(Person &host, const std::vector<Person *> &guests)
{
    QTRY_VERIFY_WITH_TIMEOUT(host.lobby().isVisible(), kMeetingPatienceMs);
    Person::press(host.lobby(), QStringLiteral("Start a workspace"));
    QString used;
    for (Person *guest : guests) {
        QTRY_VERIFY_WITH_TIMEOUT(guest->lobby().isVisible(), kMeetingPatienceMs);
        Person::press(host.lobby(), QStringLiteral("Show my invitation"));
        const auto invitation = [&host] {
            auto *field =
                Person::find<QPlainTextEdit>(host.lobby(), QStringLiteral("My invitation"));
            return field ? field->toPlainText() : QString();
        };
        QTRY_VERIFY_WITH_TIMEOUT(invitation().startsWith(QStringLiteral("nlbd:"))
                                     && invitation() != used,
                                 kMeetingPatienceMs);
        used = invitation();
        Person::press(guest->lobby(), QStringLiteral("Join with an invitation"));
        auto *field = Person::find<QPlainTextEdit>(guest->lobby(), QStringLiteral("Invitation"));
        QVERIFY(field);
        field->setPlainText(used);
        Person::press(guest->lobby(), QStringLiteral("Join"));
        Person::press(host.lobby(), QStringLiteral("Back"));
    }
}

/// The host asks all who are near, who accept: one workspace, and a window each.
inline void foundTogether(Person &host, const std::vector<Person *> &guests)
{
    ui::LobbyWindow &lobby = host.lobby();
    const auto people = [&lobby] {
        return Person::find<QListWidget>(lobby, QStringLiteral("People near you"));
    };
    const int count = static_cast<int>(guests.size());
    QTRY_VERIFY_WITH_TIMEOUT(people() && people()->count() == count, kMeetingPatienceMs);
    for (int i = 0; i < count; ++i)
        QTest::mouseClick(people()->viewport(), Qt::LeftButton, {},
                          people()->visualItemRect(people()->item(i)).center());
    QTest::keyClicks(Person::find<QLineEdit>(lobby, QStringLiteral("Name of the workspace")),
                     QStringLiteral("Agora"));
    Person::press(lobby, QStringLiteral("Found together"));
    for (Person *guest : guests) {
        QTRY_VERIFY_WITH_TIMEOUT(
            guest->lobby().banners().shownText().contains(QStringLiteral("asks you")),
            kMeetingPatienceMs);
        Person::press(guest->lobby(), QStringLiteral("Look"));
        Person::press(guest->lobby(), QStringLiteral("Accept"));
    }
    QTRY_VERIFY_WITH_TIMEOUT(
        host.window()
            && std::ranges::all_of(guests,
                                   [](Person *guest) { return guest->window() != nullptr; }),
        kMeetingPatienceMs);
}

} // namespace nlbd::testing
