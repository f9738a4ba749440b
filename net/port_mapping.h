#pragma once

#include "net/mesh_event.h"

#include <memory>
#include <optional>

namespace nlbd::net {

/// Asks the router to pass our port on, so that people elsewhere reach this computer (NAT-PMP,
/// RFC 6886; Debian's libnatpmp). Only while its owner wants it, and it is taken back at the end.
/// UPnP is not spoken: NET_NOTES 7. One thread uses it; the caller waits on fd().
///
/// What the router says is believed by nobody: an address is told to members as one to try, and
/// whoever answers there proves who he is.
class PortMapping {
public:
    static constexpr std::chrono::seconds kLifetime{3600};
    static constexpr Millis kRenewAfter{1'800'000}; ///< half of it; sooner if less was granted
    static constexpr Millis kRenewMin{30'000};
    static constexpr Millis kPatience{8'000};        ///< the fifth question is out by then
    static constexpr Millis kTryAgainAfter{600'000}; ///< a router that said no, or nothing
    static constexpr Millis kWakeMin{50};

    /// `gateway`: the router's IPv4 address; that of the default route if empty.
    explicit PortMapping(std::uint16_t port, std::string gateway = {});
    ~PortMapping();
    PortMapping(const PortMapping &) = delete;
    PortMapping &operator=(const PortMapping &) = delete;

    void setWanted(bool isWanted, MonoTime now);
    /// Another network has another router.
    void networkChanged(MonoTime now);

    /// Reads what came and asks what is due. Never waits.
    [[nodiscard]] std::vector<MeshEvent> turn(MonoTime now);
    [[nodiscard]] std::optional<int> fd() const;
    [[nodiscard]] MonoTime wakeAt() const noexcept { return m_wakeAt; }

private:
    struct Question; ///< libnatpmp's state of one conversation

    void begin(MonoTime now, std::vector<MeshEvent> &events);
    void proceed(MonoTime now, std::vector<MeshEvent> &events);
    void end(PortMapped::Result result, MonoTime now, std::vector<MeshEvent> &events);
    void granted(std::uint16_t port, std::chrono::seconds lifetime, MonoTime now,
                 std::vector<MeshEvent> &events);
    void tell(PortMapped event, std::vector<MeshEvent> &events);
    void release();

    std::uint16_t m_port;
    std::string m_gateway;
    bool m_isWanted = false;
    bool m_isGranted = false; ///< and so to be given back
    std::unique_ptr<Question> m_question;
    std::optional<PortMapped> m_told;
    MonoTime m_due = MonoTime::max(); ///< the next question
    MonoTime m_wakeAt = MonoTime::max();
};

} // namespace nlbd::net
