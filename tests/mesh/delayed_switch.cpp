#include "tests/mesh/delayed_switch.h"

#include <array>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace nlbd::mesh {

namespace {

constexpr std::size_t kFrameBytesMax = 2048; // an Ethernet frame of 1,500 bytes and its heads
using Clock = std::chrono::steady_clock;

/// A TAP device of that name there. A namespace belongs to a thread: this one is for nothing else.
int openTap(int networkNamespace)
{
    int end = -1;
    std::thread([&end, networkNamespace] {
        if (setns(networkNamespace, CLONE_NEWNET) != 0)
            return;
        const int device = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
        ifreq wish{};
        wish.ifr_flags = IFF_TAP | IFF_NO_PI;
        std::strncpy(wish.ifr_name, "eth0", sizeof wish.ifr_name - 1);
        if (device >= 0 && ioctl(device, TUNSETIFF, &wish) != 0)
            ::close(device);
        else
            end = device;
    }).join();
    return end;
}

struct Waiting {
    Clock::time_point due;
    std::size_t from = 0;
    std::vector<char> frame;
};

} // namespace

std::expected<std::unique_ptr<DelayedSwitch>, QString>
DelayedSwitch::open(const std::vector<int> &namespaces, std::chrono::milliseconds oneWay)
{
    std::unique_ptr<DelayedSwitch> result(new DelayedSwitch(oneWay));
    for (const int networkNamespace : namespaces) {
        result->m_ends.push_back(openTap(networkNamespace));
        if (result->m_ends.back() < 0)
            return std::unexpected(QStringLiteral("no TAP device can be made here (/dev/net/tun)"));
    }
    result->m_thread =
        std::jthread([raw = result.get()](const std::stop_token &stop) { raw->run(stop); });
    return result;
}

DelayedSwitch::~DelayedSwitch()
{
    m_thread.request_stop();
    if (m_thread.joinable())
        m_thread.join();
    for (const int end : m_ends)
        if (end >= 0)
            ::close(end);
}

// Every frame goes to all others: whose it is not drops it. All wait equally long, so that the
// first that came is always the first that is due.
void DelayedSwitch::run(const std::stop_token &stop) const
{
    constexpr int kPauseMs = 5; // as exact as a delay has to be here
    std::deque<Waiting> waiting;
    std::vector<pollfd> items;
    for (const int end : m_ends)
        items.push_back({end, POLLIN, 0});
    std::array<char, kFrameBytesMax> buffer{};
    while (!stop.stop_requested()) {
        ::poll(items.data(), items.size(), kPauseMs);
        const auto now = Clock::now();
        for (std::size_t from = 0; from < m_ends.size(); ++from)
            for (ssize_t size = 0; (size = ::read(m_ends[from], buffer.data(), buffer.size())) > 0;)
                if (waiting.size() < kWaitingMax)
                    waiting.push_back(
                        {now + m_oneWay, from, {buffer.data(), buffer.data() + size}});
        while (!waiting.empty() && waiting.front().due <= now) {
            const Waiting &next = waiting.front();
            for (std::size_t to = 0; to < m_ends.size(); ++to)
                if (to != next.from)
                    static_cast<void>(
                        !::write(m_ends[to], next.frame.data(), next.frame.size())); // full: lost
            waiting.pop_front();
        }
    }
}

} // namespace nlbd::mesh
