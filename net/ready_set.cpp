#include "net/ready_set.h"

#include <array>
#include <poll.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <unistd.h>
#endif

namespace nlbd::net {

#ifdef __linux__

ReadySet::ReadySet()
    : m_epoll(epoll_create1(EPOLL_CLOEXEC))
{
}

ReadySet::~ReadySet()
{
    if (m_epoll >= 0)
        close(m_epoll);
}

bool ReadySet::isOpen() const noexcept
{
    return m_epoll >= 0;
}

bool ReadySet::add(int fd, std::uint64_t tag)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = tag;
    return epoll_ctl(m_epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

void ReadySet::remove(int fd)
{
    epoll_ctl(m_epoll, EPOLL_CTL_DEL, fd, nullptr);
}

#else

ReadySet::ReadySet() = default;
ReadySet::~ReadySet() = default;

bool ReadySet::isOpen() const noexcept
{
    return true;
}

bool ReadySet::add(int fd, std::uint64_t tag)
{
    if (fd >= 0)
        m_tags[fd] = tag;
    return fd >= 0;
}

void ReadySet::remove(int fd)
{
    m_tags.erase(fd);
}

#endif

std::vector<std::uint64_t> ReadySet::wait(std::chrono::milliseconds timeout,
                                          const std::vector<int> &others,
                                          const std::vector<int> &writable)
{
    std::vector<pollfd> items;
    for (const int fd : others)
        items.push_back({fd, POLLIN, 0});
    for (const int fd : writable)
        items.push_back({fd, POLLOUT, 0});
    const std::size_t own = items.size();
#ifdef __linux__
    items.push_back({m_epoll, POLLIN, 0});
#else
    for (const auto &[fd, tag] : m_tags)
        items.push_back({fd, POLLIN, 0});
#endif
    std::vector<std::uint64_t> ready;
    if (::poll(items.data(), items.size(), static_cast<int>(timeout.count())) <= 0)
        return ready;
#ifdef __linux__
    if (items[own].revents == 0)
        return ready;
    // What does not fit is still ready next time: epoll takes turns among them.
    std::array<epoll_event, 256> events{};
    const int count = epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i)
        ready.push_back(events[static_cast<std::size_t>(i)].data.u64);
#else
    for (std::size_t i = own; i < items.size(); ++i)
        if (items[i].revents != 0)
            ready.push_back(m_tags.at(items[i].fd));
#endif
    return ready;
}

} // namespace nlbd::net
