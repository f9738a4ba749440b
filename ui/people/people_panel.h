#pragma once

#include "core/api/event.h"

#include <QWidget>

class QLabel;
class QListWidget;

namespace nlbd::ui {

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

private:
    api::PeopleChanged m_people;
    std::optional<DocIndex> m_doc;
    QListWidget *m_list = nullptr;
    QLabel *m_note = nullptr;
};

} // namespace nlbd::ui
