#pragma once

#include <QString>

class QBoxLayout;
class QLabel;
class QScrollArea;
class QWidget;

/// What the panels beside the page have in common: a head with a count, and cards that scroll.
namespace nlbd::ui {

struct PanelHead {
    QBoxLayout *row = nullptr; ///< the caption, room, the badge
    QLabel *badge = nullptr;
};
/// The first row of a panel's column, which owns it.
[[nodiscard]] PanelHead addPanelHead(QBoxLayout *column, const QString &caption);

/// What scrolls up and down below the head; takes `content`. The column owns the area.
[[nodiscard]] QScrollArea *addPanelArea(QBoxLayout *column, QWidget *content, const QString &name);

} // namespace nlbd::ui
