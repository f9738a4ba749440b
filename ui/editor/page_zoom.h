#pragma once

#include <QObject>

class QAbstractScrollArea;

namespace nlbd::ui {

/// How large pages are set: percent of the design's sizes, the same in all windows, remembered.
class PageZoom : public QObject {
    Q_OBJECT

public:
    static constexpr int kLeast = 50;
    static constexpr int kMost = 300;

    static PageZoom &instance();

    [[nodiscard]] int percent() const noexcept { return m_percent; }
    [[nodiscard]] double factor() const noexcept { return m_percent / 100.0; }
    /// A font's size in pixels: whole, and never too small to be drawn.
    [[nodiscard]] int pixels(int atHundred) const noexcept;

    void set(int percent);
    /// The next larger step, or with -1 the next smaller one.
    void step(int by);

    /// The wheel over a page with Ctrl held down sets it as well.
    void follow(QAbstractScrollArea &page);

Q_SIGNALS:
    void changed(int percent);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    PageZoom();

    int m_percent = 100;
    int m_turned = 0; ///< of the wheel, in eighths of a degree
};

} // namespace nlbd::ui
