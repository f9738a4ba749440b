#pragma once

#include "core/api/event.h"

#include <QAbstractButton>

class QPainter;

namespace nlbd::ui {

/// Up to two initials of a name.
[[nodiscard]] QString initialsOf(const QString &name);

/// A person's disc: colour, initials and a dot for "here"; a dashed ring for who is away.
/// `around` is the colour behind it.
void paintAvatar(QPainter &painter, QRectF place, const api::Person &person, const QColor &around);

/// The discs of those who are here, in the toolbar. Pressing it shows or hides the people panel.
class AvatarRow : public QAbstractButton {
    Q_OBJECT

public:
    static constexpr int kShownMax = 5;

    explicit AvatarRow(QWidget *parent = nullptr);
    void setPeople(const std::vector<api::Person> &people);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    [[nodiscard]] int shown() const;

    std::vector<api::Person> m_here;
};

} // namespace nlbd::ui
