#pragma once

#include "core/base/time.h"
#include "net/transport.h"

namespace nlbd::net {

/// Why a connection does not come about, asked of the system: libzmq tells that, and not why.
/// Addresses in numbers only, since looking up a name would hold the thread.
class DialProbe {
public:
    static constexpr Millis kPatience{500}; ///< a refusal comes within a round trip

    /// Sends nothing: NoNetwork or Unreachable if this computer knows no way there, else nothing.
    [[nodiscard]] static std::optional<LinkEnd> wayTo(const Endpoint &endpoint);

    /// Connects once more, to learn what the system answers; hangs up at once if it is let in.
    DialProbe(const Endpoint &endpoint, MonoTime now);
    ~DialProbe();
    DialProbe(DialProbe &&other) noexcept;
    DialProbe &operator=(DialProbe &&other) noexcept;

    /// Can be written to once the answer is there; -1 if it is there already.
    [[nodiscard]] int fd() const noexcept { return m_fd; }

    /// Nothing: not known yet.
    [[nodiscard]] std::optional<LinkEnd> answer(MonoTime now);

private:
    void close() noexcept;

    int m_fd = -1;
    MonoTime m_until{};
    std::optional<LinkEnd> m_answer;
};

} // namespace nlbd::net
