#pragma once

#include <QObject>

#include <utility>
#include <vector>

namespace nlbd::ui {

/// Whether things may move by themselves: not where the desktop asks for less motion, and not where
/// this person does. Then the caret does not blink and nothing fades.
class Motion : public QObject {
    Q_OBJECT

public:
    static Motion &instance();

    [[nodiscard]] bool isReduced() const;
    /// This person's own wish, remembered; the desktop's holds besides.
    [[nodiscard]] bool isReducedHere() const { return m_isReducedHere; }
    void setReducedHere(bool isReduced);

Q_SIGNALS:
    void changed();

private:
    Motion();
    void apply();

    bool m_isReducedHere = false;
    int m_blinkMillis = 0;                                ///< of the desktop
    std::vector<std::pair<Qt::UIEffect, bool>> m_effects; ///< as the desktop has them
};

} // namespace nlbd::ui
