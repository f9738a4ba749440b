#pragma once

#include "core/engine/engine_state.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

/// How somebody who lacks the past comes to the state of the newest decided checkpoint without it
/// (PROTOCOL C12, C20): the decisions say the root, any member gives the snapshot, and only what
/// has that root is taken.
///
/// A newcomer begins here, and takes nothing else meanwhile. Who was away a long time pulls what it
/// missed as always, and comes here if that leads nowhere: what closed the epoch may be kept by
/// nobody any more. Its own changes stay, for the hashes that they name are in every snapshot.
class Landing {
public:
    explicit Landing(Engine::State &state)
        : m_state(state)
    {
    }

    /// Texts would be in the way: they come again.
    [[nodiscard]] bool isHolding() const;

    void receive(PeerId from, const gossip::PullSnapshot &message);
    void receive(PeerId from, const gossip::SnapshotPiece &message);
    void peerDown(PeerId peer);
    void tick();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

private:
    struct Fetch {
        PeerId peer;
        Epoch epoch;
        std::uint64_t size = 0;  ///< as the first piece says
        Bytes held;              ///< grows as pieces come, whatever was announced
        std::uint64_t asked = 0; ///< up to there
        MonoTime begun{};
        MonoTime deadline{};
        int unanswered = 0;
    };
    [[nodiscard]] bool isBehind() const;
    [[nodiscard]] bool isNew() const;
    [[nodiscard]] bool isWanted() const;
    [[nodiscard]] std::optional<PeerId> somebody() const;
    void ask();
    /// Asks somebody else; this one may be asked again later.
    void giveUp(Millis pause);
    [[nodiscard]] bool isTooSlow() const;
    void finish();
    void land(const std::vector<history::DecidedChange> &changes,
              const identity::Configuration &at);
    void take(const std::vector<history::DecidedChange> &changes);

    Engine::State &m_state;
    std::optional<Fetch> m_fetch;
    std::map<DeviceIndex, MonoTime> m_inVain; ///< not to be asked until then
    std::pair<Epoch, std::size_t> m_stuckAt;  ///< epoch and changes held
    std::optional<MonoTime> m_stuckSince;
};

} // namespace nlbd::engine
