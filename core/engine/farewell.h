#pragma once

#include "core/engine/engine_state.h"
#include "core/gossip/budget.h"

namespace nlbd::engine {

/// Tells devices that were let go while they were away that they were (PROTOCOL C12, C15).
///
/// Members do not talk to a device that may not read. One that was not there when this was decided
/// would take itself for a member for ever. So it may come for a moment, and gets what it can check
/// alone: the decisions from where it stands up to the one that let it go. Nothing later is told or
/// shown by it: no digest, no text, no key. Of what it sends, only where it stands is read.
class Farewell {
public:
    explicit Farewell(Engine::State &state)
        : m_state(state)
    {
    }

    /// False: it is no former device, and the session is somebody else's business.
    bool peerUp(PeerId peer, const PublicKey &device);
    void peerDown(PeerId peer) { m_guests.erase(peer); }
    /// False: the session is none of these.
    bool frame(const FrameIn &frame);
    void tick();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

    static constexpr std::size_t kGuestsMax = 4; ///< at once: nobody waits for them
    static constexpr Millis kStay{10'000};       ///< of one visit, whatever it does
    static constexpr Millis kPause{10'000};      ///< after a visit; doubled with each
    static constexpr Millis kPauseMax{3'600'000};

private:
    struct Guest {
        DeviceIndex device;
        gossip::Budget bytes;
        MonoTime until{};
        Epoch next{}; ///< what was told is not told twice
    };
    /// What is remembered of a former device while this program runs.
    struct Past {
        Epoch last; ///< its last as a member: the decision that closed it let it go
        int visits = 0;
    };
    void tell(PeerId peer, Guest &guest, Epoch from);
    void end(PeerId peer, DeviceIndex device, Millis pause);
    [[nodiscard]] Past &pastOf(DeviceIndex device);
    [[nodiscard]] Epoch lastEpochOf(DeviceIndex device) const;

    Engine::State &m_state;
    std::map<PeerId, Guest> m_guests;
    std::map<DeviceIndex, Past> m_past;
};

} // namespace nlbd::engine
