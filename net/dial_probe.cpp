#include "net/dial_probe.h"

#include <cerrno>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace nlbd::net {

namespace {

/// The address in the system's form, if it is one in numbers.
class Numeric {
public:
    Numeric(const Endpoint &endpoint, int kind)
    {
        addrinfo hints{};
        hints.ai_socktype = kind;
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        const std::string port = std::to_string(endpoint.port);
        if (getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &m_found) != 0)
            m_found = nullptr;
    }
    ~Numeric()
    {
        if (m_found != nullptr)
            freeaddrinfo(m_found);
    }
    Numeric(const Numeric &) = delete;
    Numeric &operator=(const Numeric &) = delete;

    [[nodiscard]] bool isValid() const noexcept { return m_found != nullptr; }
    [[nodiscard]] int open() const noexcept
    {
        return socket(m_found->ai_family, m_found->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    [[nodiscard]] int connect(int fd) const noexcept
    {
        return ::connect(fd, m_found->ai_addr, m_found->ai_addrlen) == 0 ? 0 : errno;
    }

private:
    addrinfo *m_found = nullptr;
};

std::optional<LinkEnd> endOf(int error) noexcept
{
    switch (error) {
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL: // no address of that family here
        return LinkEnd::NoNetwork;
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case EACCES: // a route or a firewall that forbids it
    case EPERM:
        return LinkEnd::Unreachable;
    case ECONNREFUSED:
        return LinkEnd::Refused;
    case ETIMEDOUT:
        return LinkEnd::Timeout;
    default:
        return std::nullopt;
    }
}

} // namespace

std::optional<LinkEnd> DialProbe::wayTo(const Endpoint &endpoint)
{
    const Numeric address(endpoint, SOCK_DGRAM);
    if (!address.isValid())
        return std::nullopt;
    const int fd = address.open();
    if (fd < 0)
        return std::nullopt;
    const int error = address.connect(fd);
    ::close(fd);
    return endOf(error);
}

DialProbe::DialProbe(const Endpoint &endpoint, MonoTime now)
    : m_until(now + kPatience)
{
    const Numeric address(endpoint, SOCK_STREAM);
    if (address.isValid())
        m_fd = address.open();
    if (m_fd < 0) {
        m_answer = LinkEnd::Refused; // as libzmq told, and no more is known
        return;
    }
    const int error = address.connect(m_fd);
    if (error == EINPROGRESS)
        return;
    m_answer = endOf(error).value_or(LinkEnd::Refused);
    close();
}

DialProbe::~DialProbe()
{
    close();
}

DialProbe::DialProbe(DialProbe &&other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
    , m_until(other.m_until)
    , m_answer(other.m_answer)
{
}

DialProbe &DialProbe::operator=(DialProbe &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    m_until = other.m_until;
    m_answer = other.m_answer;
    return *this;
}

void DialProbe::close() noexcept
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
}

std::optional<LinkEnd> DialProbe::answer(MonoTime now)
{
    if (m_answer)
        return m_answer;
    pollfd item{m_fd, POLLOUT, 0};
    if (::poll(&item, 1, 0) > 0) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(m_fd, SOL_SOCKET, SO_ERROR, &error, &size);
        m_answer = endOf(error).value_or(LinkEnd::Refused);
    } else if (now >= m_until) {
        m_answer = LinkEnd::Unreachable; // refused within seconds, and silent now
    }
    if (m_answer)
        close();
    return m_answer;
}

} // namespace nlbd::net
