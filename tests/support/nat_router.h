#pragma once

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace nlbd::test {

/// A router that speaks NAT-PMP (RFC 6886), on this computer's loopback device or in a network
/// namespace. Says what the test wants, whenever the test gives it a turn.
class NatRouter {
public:
    static constexpr std::uint16_t kPort = 5351; // the RFC's only one

    /// A namespace of -1 is ours. A socket stays in the one that it was made in.
    explicit NatRouter(const char *host = "127.0.0.1", int networkNamespace = -1)
    {
        std::thread maker([this, host, networkNamespace] {
            if (networkNamespace < 0 || ::setns(networkNamespace, CLONE_NEWNET) == 0)
                open(host);
        });
        maker.join();
    }
    ~NatRouter()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    NatRouter(const NatRouter &) = delete;
    NatRouter &operator=(const NatRouter &) = delete;

    [[nodiscard]] bool isThere() const { return m_isThere; }

    /// Answers what came.
    void turn()
    {
        std::array<unsigned char, 64> in{};
        sockaddr_in from{};
        socklen_t size = sizeof from;
        for (;;) {
            const ssize_t count = ::recvfrom(m_fd, in.data(), in.size(), 0,
                                             reinterpret_cast<sockaddr *>(&from), &size);
            if (count < 2)
                return;
            ++asked;
            if (isSilent)
                continue;
            if (in[1] == 0)
                send(from,
                     {0, 128, 0, static_cast<unsigned char>(error), 0, 0, 0, 1, outside[0],
                      outside[1], outside[2], outside[3]});
            else if (in[1] == 2 && count == 12)
                answerMapping(from, in);
        }
    }

    std::array<unsigned char, 4> outside{203, 0, 113, 7};
    int error = 0;
    bool isSilent = false;
    int asked = 0;
    std::uint32_t lifetime = 0; ///< of the last wish
    std::uint16_t mapped = 0;   ///< the port inside; 0: none
    std::uint16_t gives = 61000;
    std::uint32_t grantsMax = 65535; ///< seconds

private:
    [[nodiscard]] std::uint32_t granted(std::uint32_t wished) const
    {
        return std::min(wished, grantsMax);
    }
    void open(const char *host)
    {
        m_fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(kPort);
        inet_pton(AF_INET, host, &address.sin_addr);
        m_isThere = ::bind(m_fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    }
    void answerMapping(const sockaddr_in &from, const std::array<unsigned char, 64> &in)
    {
        lifetime = static_cast<std::uint32_t>(in[8] << 24 | in[9] << 16 | in[10] << 8 | in[11]);
        mapped = lifetime == 0 ? 0 : static_cast<std::uint16_t>(in[4] << 8 | in[5]);
        send(from,
             {0, 130, 0, 0, 0, 0, 0, 1, in[4], in[5], static_cast<unsigned char>(gives >> 8),
              static_cast<unsigned char>(gives & 255), 0, 0,
              static_cast<unsigned char>(granted(lifetime) >> 8),
              static_cast<unsigned char>(granted(lifetime) & 255)});
    }
    void send(const sockaddr_in &to, const std::vector<unsigned char> &bytes) const
    {
        ::sendto(m_fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr *>(&to),
                 sizeof to);
    }

    int m_fd = -1;
    bool m_isThere = false;
};

} // namespace nlbd::test
