#pragma once

#include "core/api/event.h"

#include <QObject>

#include <optional>
#include <vector>

namespace nlbd::ui {

class DocumentView;
class ScrollMarks;

/// The others on a page, as one goes to them: their marks in the scroll bar, the way to somebody's
/// caret, also in another document, and following somebody, which lasts until its person types,
/// scrolls, presses a key on the page or says so.
class Companions : public QObject {
    Q_OBJECT

public:
    /// The page is borrowed and must outlive it.
    explicit Companions(DocumentView &page, QObject *parent = nullptr);

    void setPeople(const std::vector<api::Person> &people);
    /// Layers of others' making may be added.
    [[nodiscard]] ScrollMarks &scrollMarks() { return *m_bar; }

    /// Whether this person writes anywhere that one could go to.
    [[nodiscard]] bool canGoTo(const api::Person &person) const;
    /// Puts my caret where that person's is, as soon as its document is on the page.
    void goTo(DeviceIndex device);

    void follow(DeviceIndex device);
    void stop();
    [[nodiscard]] const api::Person *followed() const;

Q_SIGNALS:
    /// Where somebody whom its person goes to or follows writes.
    void documentWanted(nlbd::DocIndex doc);
    /// Whom its person follows, or what is to be said of that, may differ.
    void followedChanged();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void showCarets();
    void caretsTouched();
    void goThere();
    void keepUp();
    [[nodiscard]] const api::Person *person(std::optional<DeviceIndex> device) const;
    [[nodiscard]] std::optional<qsizetype> caretOf(DeviceIndex device) const;

    DocumentView &m_page;
    ScrollMarks *m_bar = nullptr; ///< owned by the page
    std::vector<api::Person> m_people;
    std::optional<DeviceIndex> m_goal; ///< whose caret has not come yet
    std::optional<DeviceIndex> m_followed;
    std::optional<DocIndex> m_followedTo; ///< asked for last, so that a person may look elsewhere
    std::optional<qsizetype> m_seenAt;    ///< the followed caret when it was last shown
};

} // namespace nlbd::ui
