#pragma once

#include "net/zmq_transport.h"

#include <atomic>
#include <mutex>
#include <thread>

namespace nlbd::net {

/// The real transport on a thread of its own: it gives every message back to whoever sent it, and
/// remembers whom it turned away and who opened a link.
class Victim {
public:
    explicit Victim(const identity::SecretKey &device, std::vector<TransportKey> allowed)
    {
        auto listening = ZmqTransport::listen(device, {"127.0.0.1", 0, false});
        if (!listening)
            return;
        m_port = (*listening)->port();
        Admission admission;
        admission.allowed = {allowed.begin(), allowed.end()};
        (*listening)->setAdmission(std::move(admission));
        m_thread =
            std::jthread([this, transport = std::move(*listening)](const std::stop_token &stop) {
                while (!stop.stop_requested())
                    for (const LinkEvent &event : transport->wait(Millis{50}, {}))
                        take(*transport, event);
            });
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return m_port; }

    [[nodiscard]] std::size_t timesRefused(Code code) const
    {
        const std::lock_guard lock(m_mutex);
        return static_cast<std::size_t>(std::ranges::count(m_refused, code));
    }
    [[nodiscard]] std::vector<TransportKey> opened() const
    {
        const std::lock_guard lock(m_mutex);
        return m_opened;
    }
    [[nodiscard]] std::size_t messages() const noexcept { return m_messages; }

private:
    void take(ZmqTransport &transport, const LinkEvent &event)
    {
        const std::lock_guard lock(m_mutex);
        if (const auto *refused = std::get_if<LinkRefused>(&event)) {
            m_refused.push_back(refused->code);
        } else if (const auto *opened = std::get_if<LinkOpened>(&event)) {
            m_opened.push_back(opened->theirs);
        } else if (const auto *frame = std::get_if<LinkFrame>(&event)) {
            ++m_messages;
            (void)transport.send(frame->link, frame->message);
        }
    }

    std::uint16_t m_port = 0;
    mutable std::mutex m_mutex;
    std::vector<Code> m_refused;
    std::vector<TransportKey> m_opened;
    std::atomic<std::size_t> m_messages = 0;
    std::jthread m_thread; ///< the first to end
};

/// A real dial by somebody who is allowed: a message goes there and comes back in time. Tries
/// again, as the dialler does, when it is turned away.
[[nodiscard]] inline bool isServed(const identity::SecretKey &device,
                                   const identity::SecretKey &victim, std::uint16_t port,
                                   Millis patience)
{
    const auto transport = ZmqTransport::listen(device, {"127.0.0.1", 0, false});
    const auto key = identity::transportKeyOf(victim.publicKey());
    if (!transport || !key)
        return false;
    const auto end = std::chrono::steady_clock::now() + patience;
    const Bytes question(100, std::byte{0x2A});
    LinkId link = (*transport)->dial({"127.0.0.1", port}, TransportKey{*key});
    while (std::chrono::steady_clock::now() < end)
        for (const LinkEvent &event : (*transport)->wait(Millis{50}, {})) {
            if (std::holds_alternative<LinkOpened>(event))
                (void)(*transport)->send(link, question);
            else if (const auto *frame = std::get_if<LinkFrame>(&event))
                return frame->message == question;
            else if (std::holds_alternative<LinkClosed>(event))
                link = (*transport)->dial({"127.0.0.1", port}, TransportKey{*key});
        }
    return false;
}

} // namespace nlbd::net
