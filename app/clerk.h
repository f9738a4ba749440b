#pragma once

#include "app/mailbox.h"

#include <thread>

namespace nlbd::app {

/// A thread for what takes seconds and is asked for by a person once in a while: a backup sealed or
/// opened, a large file written. One piece of work after the other; each tells its result by
/// posting to the loop. Begins with the first.
class Clerk {
public:
    using Work = std::function<void()>;

    Clerk()
        : m_work(kWorkMax)
    {
    }
    /// Ends what is in hand; what waits behind it is not begun.
    ~Clerk();
    Clerk(const Clerk &) = delete;
    Clerk &operator=(const Clerk &) = delete;

    void give(Work work);

private:
    static constexpr std::size_t kWorkMax = 16;
    void run();

    Mailbox<Work> m_work;
    std::thread m_thread;
};

} // namespace nlbd::app
