#pragma once

#include <QApplication>

#include <functional>
#include <vector>

class QAbstractScrollArea;

namespace nlbd::bench {

/// Milliseconds of the wall and of this thread's processor time.
struct Took {
    double wall = 0;
    double cpu = 0;
};

/// Of this thread, in milliseconds, from any beginning.
[[nodiscard]] Took presentMoment();

/// An application that knows when a page has been painted: the whole update of its window, with
/// what the platform does with it.
class PaintClock : public QApplication {
public:
    PaintClock(int &argc, char **argv);

    bool notify(QObject *receiver, QEvent *event) override;

    /// Does something, and goes on with the window's work until a paint of the page is finished
    /// that began after it and with `isThere`.
    Took untilPainted(QAbstractScrollArea &page, const std::function<void()> &act,
                      const std::function<bool()> &isThere = {});

    /// Processor time of the longest turn of the loop until then: nothing else is done meanwhile.
    [[nodiscard]] double longestTurn() const noexcept { return m_longest; }

    /// The window's work goes on for so long.
    static void pass(double milliseconds);
    /// Until something is so; false after a minute.
    static bool waitFor(const std::function<bool()> &isSo);

private:
    QObject *m_awaited = nullptr;
    std::function<bool()> m_isThere;
    bool m_isSeen = false;
    bool m_isDone = false;
    Took m_end;
    int m_depth = 0; ///< of notify()
    double m_longest = 0;
};

/// The value below which that share of them lies.
[[nodiscard]] double quantile(std::vector<double> values, double share);

} // namespace nlbd::bench
