#pragma once

#include "core/consensus/short_close.h"
#include "core/engine/engine_state.h"
#include "core/gossip/control_message.h"

namespace nlbd::engine {

/// Reports on their way between members (PROTOCOL C8): short, since the receiver nearly always
/// holds the frontier already, and whole for who asks by hash. What is asked for without anybody
/// naming it is bounded per seat, for a seat may sign any root.
class CloseCourier {
public:
    explicit CloseCourier(const Engine::State &state)
        : m_state(state)
    {
    }

    using Record = gossip::ControlRecords::Record;

    /// A record as it is told to others: of a report the short form, all others as they are.
    [[nodiscard]] Record told(gossip::ControlKind kind, const Bytes &record) const;
    [[nodiscard]] Record told(const consensus::Close &close) const;
    /// From what is held here of the epoch `then`, if it suffices.
    [[nodiscard]] std::optional<consensus::Close>
    wholeOf(const consensus::ShortClose &close, const identity::Configuration &then) const;

    // ---- whole ones that are asked for ----
    enum class Want : std::uint8_t { Now, Later };
    /// Later: enough of the seat's are asked for.
    [[nodiscard]] Want want(const consensus::ShortClose &close);
    /// Members were asked; true: that was the last time, unless somebody tells it again.
    [[nodiscard]] bool isGivenUp(const Hash &close);
    /// It came, or a value names it: what values name is asked for until it comes.
    void settle(const Hash &close) { m_wanted.erase(close); }
    void epochBegins() { m_wanted.clear(); }

    /// An honest seat has one; more are taken in turn.
    static constexpr std::size_t kWantedPerSeatMax = 2;
    /// Who told it at first, then others.
    static constexpr std::size_t kAsksMax = 6;

private:
    struct Wanted {
        SeatIndex seat;
        std::size_t asksLeft = 0;
    };

    const Engine::State &m_state;
    std::map<Hash, Wanted> m_wanted;
};

} // namespace nlbd::engine
