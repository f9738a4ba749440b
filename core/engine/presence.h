#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// Carets, mine and others' (PROTOCOL C19): signed, counted, never stored. Named by op ids, so that
/// they hold while texts differ.
class PresenceBook {
public:
    explicit PresenceBook(Engine::State &state);

    void moved(const api::MoveCaret &command);
    void left(DocIndex doc);
    void viewOpened(DocIndex doc);
    void peerUp(PeerId peer);

    /// Errors: the code with which the peer is cut.
    [[nodiscard]] std::optional<Code> receive(const gossip::Presence &message, PeerId from);

    /// A caret may name a change that comes after it.
    void changeTaken(DeviceIndex device);

    void sendIfDue();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;
    [[nodiscard]] std::optional<DocIndex> writingIn(DeviceIndex device) const;

private:
    struct Other {
        gossip::Presence presence;
        MonoTime heard{};
        bool isShown = false;
    };
    struct Mine {
        DocIndex doc;
        crdt::Document::Anchor caret;
        crdt::Document::Anchor other;
    };
    [[nodiscard]] gossip::Presence::Anchor named(const crdt::Document::Anchor &anchor) const;
    [[nodiscard]] std::optional<TextOffset> resolved(DocIndex doc,
                                                     const gossip::Presence::Anchor &anchor) const;
    [[nodiscard]] gossip::Presence current();
    void show(DeviceIndex device, Other &other);
    void hide(DeviceIndex device, Other &other);
    void expire();

    Engine::State &m_state;
    std::map<DeviceIndex, Other> m_others;
    std::optional<Mine> m_mine;
    std::uint64_t m_session = 0;
    std::uint64_t m_counter = 0;
    bool m_isDirty = false;
    MonoTime m_lastSent{};
};

} // namespace nlbd::engine
