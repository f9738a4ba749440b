#pragma once

#include "core/api/event.h"

#include <QFrame>

class QLabel;

namespace nlbd::ui {

/// Says above the page whom its person follows, in words and with that person's disc, and how to
/// stop. Hidden while nobody is followed.
class FollowSign : public QFrame {
    Q_OBJECT

public:
    explicit FollowSign(QWidget *parent = nullptr);

    /// Nobody: null. `isHere`: the followed caret is in the document on the page.
    void show(const api::Person *person, bool isHere);
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void stopAsked();

private:
    class Disc;
    Disc *m_disc = nullptr;
    QLabel *m_text = nullptr;
};

} // namespace nlbd::ui
