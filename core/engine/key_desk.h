#pragma once

#include "core/consensus/decision.h"
#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// The workspace keys that this engine holds, and how it comes by those that it lacks (PROTOCOL
/// C17). A key that was decided while its reader stood in the member list lies in the decision. A
/// newcomer is given the present one by any member, sealed to its device; whoever holds it goes
/// back to the first by the chain that the decisions carry. Every key is checked against its
/// decided commitment, so that a wrong one can only delay.
class KeyDesk {
public:
    explicit KeyDesk(Engine::State &state)
        : m_state(state)
    {
    }

    /// What members say about texts can be read here.
    [[nodiscard]] bool isReady() const;
    /// A decision was taken up into the log, which stands at what it made of `before`. Gives the
    /// rows to be stored with it.
    [[nodiscard]] store::Rows decided(const consensus::Decision &decision,
                                      const identity::Configuration &before);
    /// After the stored decisions and keys were taken up.
    void loaded() { followChain(); }

    void receive(PeerId from, const gossip::PullKey &message);
    void receive(PeerId from, const gossip::SealedKey &message);
    void tick();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

private:
    [[nodiscard]] bool isMissing() const;
    [[nodiscard]] bool isAsking() const;
    [[nodiscard]] std::expected<keys::WorkspaceKey, Code> opened(ByteView sealed,
                                                                 const Hash &commitment) const;
    store::MetaRow hold(KeyEpoch epoch, keys::WorkspaceKey key);
    void followChain();

    Engine::State &m_state;
    MonoTime m_askAt{};
    bool m_mayLackPast = false;
};

} // namespace nlbd::engine
