#include "net/interface_watch.h"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#endif

namespace nlbd::net {

InterfaceWatch::InterfaceWatch()
{
#ifdef __linux__
    m_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (m_fd < 0)
        return;
    sockaddr_nl groups{};
    groups.nl_family = AF_NETLINK;
    groups.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
    if (bind(m_fd, reinterpret_cast<const sockaddr *>(&groups), sizeof groups) != 0) {
        close(m_fd);
        m_fd = -1;
    }
#endif
}

InterfaceWatch::~InterfaceWatch()
{
    if (m_fd >= 0)
        close(m_fd);
}

// Only the kernel sends to these groups. What it says is not read: whoever is told looks himself,
// and more than was read here is told by ENOBUFS.
bool InterfaceWatch::hasChanged() const
{
    constexpr int kReadsMax = 256; // then the caller has other things to do
    std::array<char, 8192> message{};
    bool isTold = false;
    for (int i = 0; m_fd >= 0 && i < kReadsMax; ++i) {
        if (recv(m_fd, message.data(), message.size(), MSG_DONTWAIT) < 0 && errno != ENOBUFS)
            break;
        isTold = true;
    }
    return isTold;
}

} // namespace nlbd::net
