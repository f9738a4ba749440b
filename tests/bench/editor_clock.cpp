#include "editor_clock.h"

#include "core/base/check.h"

#include <QAbstractScrollArea>
#include <QElapsedTimer>
#include <QEvent>
#include <QTimer>

#include <algorithm>
#include <ctime>

namespace nlbd::bench {

namespace {

constexpr double kPatience = 60'000; // milliseconds

double read(clockid_t clock)
{
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// The loop sleeps until there is something to do, or this is over.
void sleepInLoop(double milliseconds)
{
    QTimer::singleShot(std::max(1, static_cast<int>(milliseconds)), Qt::PreciseTimer, qApp, [] {});
    QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

} // namespace

Took presentMoment()
{
    return {read(CLOCK_MONOTONIC), read(CLOCK_THREAD_CPUTIME_ID)};
}

PaintClock::PaintClock(int &argc, char **argv)
    : QApplication(argc, argv)
{
}

bool PaintClock::notify(QObject *receiver, QEvent *event)
{
    const QEvent::Type type = event->type();
    const bool isTurn = m_awaited != nullptr && !m_isDone && m_depth == 0;
    const double begun = isTurn ? read(CLOCK_THREAD_CPUTIME_ID) : 0;
    ++m_depth;
    const bool result = QApplication::notify(receiver, event);
    --m_depth;
    if (isTurn)
        m_longest = std::max(m_longest, read(CLOCK_THREAD_CPUTIME_ID) - begun);
    if (m_isDone || m_awaited == nullptr)
        return result;
    if (type == QEvent::Paint && receiver == m_awaited && (!m_isThere || m_isThere()))
        m_isSeen = true;
    if (type == QEvent::UpdateRequest && m_isSeen) {
        m_end = presentMoment();
        m_isDone = true;
    }
    return result;
}

Took PaintClock::untilPainted(QAbstractScrollArea &page, const std::function<void()> &act,
                              const std::function<bool()> &isThere)
{
    m_awaited = page.viewport();
    m_isThere = isThere;
    m_isSeen = m_isDone = false;
    m_longest = 0;
    const Took begin = presentMoment();
    act();
    while (!m_isDone) {
        CHECK(presentMoment().wall - begin.wall < kPatience);
        processEvents();
        if (!m_isDone)
            sleepInLoop(20);
    }
    m_awaited = nullptr;
    return {m_end.wall - begin.wall, m_end.cpu - begin.cpu};
}

void PaintClock::pass(double milliseconds)
{
    const double end = presentMoment().wall + milliseconds;
    for (double rest = milliseconds; rest > 0; rest = end - presentMoment().wall)
        sleepInLoop(rest);
}

bool PaintClock::waitFor(const std::function<bool()> &isSo)
{
    const double end = presentMoment().wall + kPatience;
    while (!isSo()) {
        if (presentMoment().wall > end)
            return false;
        sleepInLoop(10);
    }
    return true;
}

double quantile(std::vector<double> values, double share)
{
    if (values.empty())
        return 0;
    std::ranges::sort(values);
    const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
    return values[std::min(at, values.size() - 1)];
}

} // namespace nlbd::bench
