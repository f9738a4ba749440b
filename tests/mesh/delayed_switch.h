#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <QString>
#include <thread>
#include <vector>

namespace nlbd::mesh {

/// A switch whose cables are long: what a computer sends is at all others after a while. For
/// kernels that delay nothing themselves (no netem). Each computer gets one end of it, a TAP device
/// `eth0` in its network namespace; this process is the switch, on a thread of its own.
///
/// What waits is bounded: beyond kWaitingMax frames the newest are lost, as in any switch.
class DelayedSwitch {
public:
    static constexpr std::size_t kWaitingMax = 20'000;

    /// Says in a sentence what is missing: the right to make such devices, or /dev/net/tun.
    [[nodiscard]] static std::expected<std::unique_ptr<DelayedSwitch>, QString>
    open(const std::vector<int> &namespaces, std::chrono::milliseconds oneWay);
    ~DelayedSwitch();
    DelayedSwitch(const DelayedSwitch &) = delete;
    DelayedSwitch &operator=(const DelayedSwitch &) = delete;

private:
    explicit DelayedSwitch(std::chrono::milliseconds oneWay)
        : m_oneWay(oneWay)
    {
    }
    void run(const std::stop_token &stop) const;

    std::chrono::milliseconds m_oneWay;
    std::vector<int> m_ends;
    std::jthread m_thread;
};

} // namespace nlbd::mesh
