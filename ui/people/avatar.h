#pragma once

#include "core/api/event.h"

#include <QWidget>

class QAbstractButton;
class QHBoxLayout;
class QPainter;

namespace nlbd::ui {

/// Up to two initials of a name.
[[nodiscard]] QString initialsOf(const QString &name);

/// Members beyond the eighth have the colours of the first ones again, with a second ring.
[[nodiscard]] bool hasSecondRing(const api::Person &person);

/// Whether all signs of both look the same: their discs, and what is drawn beside their names.
[[nodiscard]] bool isDrawnAlike(const api::Person &a, const api::Person &b);

/// A person's disc: colour, initials and a dot for "here"; a dashed ring for who is away.
/// `around` is the colour behind it.
void paintAvatar(QPainter &painter, const QRectF &place, const api::Person &person,
                 const QColor &around);

/// The discs of those who are here, in the toolbar, a button each.
class AvatarRow : public QWidget {
    Q_OBJECT

public:
    static constexpr int kShownMax = 5;

    explicit AvatarRow(QWidget *parent = nullptr);
    /// `doc`: the document on the page, for what is said of each.
    void setPeople(const std::vector<api::Person> &people, std::optional<DocIndex> doc);

Q_SIGNALS:
    /// Somebody else's disc was pressed.
    void personPressed(nlbd::DeviceIndex device);
    /// My own, or the number of those for whom there was no room.
    void morePressed();

private:
    class Disc;
    class More;
    void tell(const Disc &disc);

    std::vector<Disc *> m_discs;
    More *m_more = nullptr;
};

} // namespace nlbd::ui
