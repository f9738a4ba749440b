#pragma once

#include "core/api/event.h"

#include <QWidget>

class QLabel;
class QListWidget;
class QMenu;

namespace nlbd::ui {

class QuorumMeter;
struct Voters;

/// Who belongs to the workspace, who is here, and how much each of them has.
class PeoplePanel : public QWidget {
    Q_OBJECT

public:
    explicit PeoplePanel(QWidget *parent = nullptr);

    void setPeople(const api::PeopleChanged &people);
    /// The document on the page: who writes in it is "here".
    void setDocument(std::optional<DocIndex> doc);
    /// Says the times anew ("Away since ..."), as midnight passes.
    void refresh();
    /// Who decides, and how many of them are heard.
    void setVoters(const Voters &voters);
    /// Whom the page follows, if anybody.
    void setFollowed(std::optional<DeviceIndex> device) { m_followed = device; }
    /// Whether this computer may write: who may not takes nothing back.
    void setMayWrite(bool mayWrite) { m_mayWrite = mayWrite; }
    [[nodiscard]] const std::vector<api::Person> &people() const { return m_people.people; }
    /// What can be asked about a person, as a menu; null if nothing can.
    [[nodiscard]] QMenu *menuFor(const api::Person &person);

Q_SIGNALS:
    /// Something about a person, or leaving, is to be put to the others.
    void wishAsked(const nlbd::api::Wish &wish);
    /// Its person wants to see where somebody writes, once or from now on.
    void goToAsked(nlbd::DeviceIndex device);
    void followAsked(nlbd::DeviceIndex device);
    void stopFollowingAsked();
    /// What this device wrote is to be taken back.
    void takeBackAsked(nlbd::DeviceIndex device);

private:
    void showMenu(int row, QPoint place);
    void stayAt(std::optional<int> device);
    void addWishes(QMenu *menu, const api::Person &person);
    void addTakingBack(QMenu *menu, const api::Person &person);
    void addGoing(QMenu *menu, const api::Person &person);

    api::PeopleChanged m_people;
    std::optional<DocIndex> m_doc;
    bool m_mayAsk = false; ///< I have a vote, and am not alone
    bool m_mayWrite = false;
    std::optional<DeviceIndex> m_followed;
    QListWidget *m_list = nullptr;
    QuorumMeter *m_meter = nullptr;
    QLabel *m_heard = nullptr;
    QLabel *m_note = nullptr;
};

} // namespace nlbd::ui
