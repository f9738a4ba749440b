#pragma once

#include "core/consensus/decision_log.h"
#include "core/engine/engine_state.h"
#include "core/gossip/budget.h"

namespace nlbd::engine {

/// The first steps of a newcomer (PROTOCOL C12): until the decision that its invitation names is
/// reached, everybody is a stranger who may tell decisions and nothing else.
///
/// Each session's decisions stand in a log of their own, because nothing says yet whose are true: a
/// past that old keys signed anew ends with another decision at the anchor's epoch, and then its
/// bringer is cut and its log forgotten. The first log that holds the anchor becomes the engine's,
/// and from there on only certified successors follow. Nothing is stored before.
class Arrival {
public:
    explicit Arrival(Engine::State &state);

    /// The anchor is held: from now on the engine is a member like others, if an early one.
    [[nodiscard]] bool isOver() const noexcept { return m_isOver; }
    /// After stored decisions were taken up.
    void loaded();

    void peerUp(PeerId peer, const PublicKey &device);
    void peerDown(PeerId peer);
    void frame(const FrameIn &frame);
    void tick();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

private:
    struct Guide {
        PublicKey device;
        std::unique_ptr<consensus::DecisionLog> log;
        gossip::Budget bytes;
        MonoTime askAt{}; ///< again, if nothing came
        std::size_t held = 0;
    };
    void ask(PeerId peer, Guide &guide) const;
    /// False: the guide is gone.
    [[nodiscard]] bool take(PeerId peer, Guide &guide, ByteView record);
    void cut(PeerId peer, Code code, std::string rule, ByteView record);
    void takeOver(const consensus::DecisionLog &log);
    [[nodiscard]] bool isReached(const consensus::DecisionLog &log) const;
    [[nodiscard]] std::unique_ptr<consensus::DecisionLog> freshLog() const;

    Engine::State &m_state;
    std::map<PeerId, Guide> m_guides;
    bool m_isOver = true;
};

} // namespace nlbd::engine
