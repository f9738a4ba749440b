#include "net/port_mapping.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <natpmp.h>
#include <utility>

namespace nlbd::net {

/// Two questions, one after the other: the outside address, then the port.
struct PortMapping::Question {
    natpmp_t library{};
    MonoTime since{};
    std::string outside;
    bool isOpen = false;
    bool asksForPort = false;

    ~Question()
    {
        if (isOpen)
            closenatpmp(&library);
    }
};

namespace {

/// What a router answers that is itself behind another one: nobody outside can use it.
bool isPublic(in_addr address)
{
    const std::uint32_t host = ntohl(address.s_addr);
    const auto isIn = [host](std::uint32_t network, int bits) {
        return (host >> (32 - bits)) == (network >> (32 - bits));
    };
    constexpr std::array kInside{std::pair(0x00000000U, 8),  std::pair(0x0A000000U, 8),
                                 std::pair(0x64400000U, 10), std::pair(0x7F000000U, 8),
                                 std::pair(0xA9FE0000U, 16), std::pair(0xAC100000U, 12),
                                 std::pair(0xC0A80000U, 16), std::pair(0xE0000000U, 3)};
    return std::ranges::none_of(kInside, [&](const auto &n) { return isIn(n.first, n.second); });
}

std::string textOf(in_addr address)
{
    std::array<char, INET_ADDRSTRLEN> text{};
    inet_ntop(AF_INET, &address, text.data(), text.size());
    return text.data();
}

PortMapped::Result resultOf(int error)
{
    switch (error) {
    case NATPMP_ERR_NOGATEWAYSUPPORT:
    case NATPMP_ERR_RECVFROM:
        return PortMapped::Result::NoAnswer;
    case NATPMP_ERR_CANNOTGETGATEWAY:
    case NATPMP_ERR_SOCKETERROR:
    case NATPMP_ERR_CONNECTERR:
    case NATPMP_ERR_SENDERR:
        return PortMapped::Result::NoRouter;
    default:
        return PortMapped::Result::Refused;
    }
}

} // namespace

PortMapping::PortMapping(std::uint16_t port, std::string gateway)
    : m_port(port)
    , m_gateway(std::move(gateway))
{
}

PortMapping::~PortMapping()
{
    release();
}

/// Says so once and waits for nothing: a mapping that stays ends by itself within the hour.
void PortMapping::release()
{
    m_question.reset();
    if (!std::exchange(m_isGranted, false))
        return;
    Question question;
    question.isOpen =
        initnatpmp(&question.library, m_gateway.empty() ? 0 : 1, inet_addr(m_gateway.c_str())) == 0;
    if (question.isOpen)
        sendnewportmappingrequest(&question.library, NATPMP_PROTOCOL_TCP, m_port, 0, 0);
}

void PortMapping::setWanted(bool isWanted, MonoTime now)
{
    if (std::exchange(m_isWanted, isWanted) == isWanted)
        return;
    if (!isWanted)
        release();
    m_due = m_wakeAt = now;
}

void PortMapping::networkChanged(MonoTime now)
{
    if (!m_isWanted)
        return;
    m_question.reset();
    m_isGranted = false;
    m_due = m_wakeAt = now;
}

std::optional<int> PortMapping::fd() const
{
    return m_question ? std::optional(m_question->library.s) : std::nullopt;
}

std::vector<MeshEvent> PortMapping::turn(MonoTime now)
{
    std::vector<MeshEvent> events;
    if (!m_isWanted) {
        if (m_told && m_told->result != PortMapped::Result::Off)
            tell({}, events);
        m_due = m_wakeAt = MonoTime::max();
        return events;
    }
    if (!m_question && now >= m_due)
        begin(now, events);
    if (m_question)
        proceed(now, events);
    return events;
}

void PortMapping::begin(MonoTime now, std::vector<MeshEvent> &events)
{
    if (!m_isGranted)
        tell({PortMapped::Result::Asking, {}, {}}, events);
    m_question = std::make_unique<Question>();
    m_question->since = now;
    const int opened =
        initnatpmp(&m_question->library, m_gateway.empty() ? 0 : 1, inet_addr(m_gateway.c_str()));
    m_question->isOpen = opened == 0;
    if (opened < 0)
        end(resultOf(opened), now, events);
    else if (const int sent = sendpublicaddressrequest(&m_question->library); sent < 0)
        end(resultOf(sent), now, events);
}

void PortMapping::proceed(MonoTime now, std::vector<MeshEvent> &events)
{
    natpmpresp_t answer{};
    const int read = readnatpmpresponseorretry(&m_question->library, &answer);
    const bool isLate = now - m_question->since >= kPatience;
    if (read == NATPMP_TRYAGAIN && !isLate) {
        timeval pause{};
        getnatpmprequesttimeout(&m_question->library, &pause);
        const Millis left(static_cast<std::int64_t>(pause.tv_sec) * 1000 + pause.tv_usec / 1000);
        m_wakeAt = std::min(now + std::max(left, kWakeMin), m_question->since + kPatience);
        return;
    }
    if (read != 0) {
        end(read == NATPMP_TRYAGAIN ? PortMapped::Result::NoAnswer : resultOf(read), now, events);
        return;
    }
    if (!m_question->asksForPort) {
        const in_addr outside = answer.pnu.publicaddress.addr;
        m_question->outside = textOf(outside);
        m_question->asksForPort = true;
        if (!isPublic(outside))
            end(PortMapped::Result::BehindAnother, now, events);
        else if (const int sent = sendnewportmappingrequest(
                     &m_question->library, NATPMP_PROTOCOL_TCP, m_port, m_port,
                     static_cast<std::uint32_t>(kLifetime.count()));
                 sent < 0)
            end(resultOf(sent), now, events);
        else
            m_wakeAt = now + kWakeMin;
        return;
    }
    granted(answer.pnu.newportmapping.mappedpublicport,
            std::chrono::seconds(answer.pnu.newportmapping.lifetime), now, events);
}

/// The router decides for how long. It is asked again after half of that.
void PortMapping::granted(std::uint16_t port, std::chrono::seconds lifetime, MonoTime now,
                          std::vector<MeshEvent> &events)
{
    if (lifetime.count() == 0) { // "yes, for no time"
        end(PortMapped::Result::Refused, now, events);
        return;
    }
    m_isGranted = true;
    tell({PortMapped::Result::Mapped, {m_question->outside, port}, lifetime}, events);
    m_question.reset();
    const Millis half = std::chrono::duration_cast<Millis>(lifetime) / 2;
    m_due = m_wakeAt = now + std::clamp(half, kRenewMin, kRenewAfter);
}

void PortMapping::end(PortMapped::Result result, MonoTime now, std::vector<MeshEvent> &events)
{
    m_question.reset();
    m_isGranted = false;
    tell({result, {}, {}}, events);
    m_due = m_wakeAt = now + kTryAgainAfter;
}

void PortMapping::tell(PortMapped event, std::vector<MeshEvent> &events)
{
    if (m_told == event)
        return;
    m_told = event;
    events.emplace_back(std::move(event));
}

} // namespace nlbd::net
