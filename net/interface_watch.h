#pragma once

namespace nlbd::net {

/// Tells when this computer's interfaces or addresses change, where the system does: Linux by a
/// socket of NETLINK_ROUTE (rtnetlink(7)). Of which network: that of the thread that made it.
class InterfaceWatch {
public:
    InterfaceWatch();
    ~InterfaceWatch();
    InterfaceWatch(const InterfaceWatch &) = delete;
    InterfaceWatch &operator=(const InterfaceWatch &) = delete;

    /// Can be read when something changed; -1: nobody tells, so look again and again.
    [[nodiscard]] int fd() const noexcept { return m_fd; }
    /// Whether something changed since the last call. What exactly is to be looked up.
    [[nodiscard]] bool hasChanged() const;

private:
    int m_fd = -1;
};

} // namespace nlbd::net
