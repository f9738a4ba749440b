#include "app/clerk.h"

namespace nlbd::app {

Clerk::~Clerk()
{
    m_work.close();
    if (m_thread.joinable())
        m_thread.join();
}

void Clerk::give(Work work)
{
    m_work.post(std::move(work));
    if (!m_thread.joinable())
        m_thread = std::thread([this] { run(); });
}

void Clerk::run()
{
    constexpr Millis kLong{60'000};
    while (!m_work.isClosed())
        for (Work &work : m_work.takeAll(kLong))
            if (!m_work.isClosed())
                work();
}

} // namespace nlbd::app
