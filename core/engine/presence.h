#pragma once

#include "core/engine/engine_state.h"
#include "core/gossip/budget.h"

#include <deque>

namespace nlbd::engine {

/// Carets, mine and others', and what is being typed at them (PROTOCOL C19): signed, counted, never
/// stored. Named by op ids, so that they hold while texts differ.
///
/// A preview is my text that others may not hold yet: the open change's, and that of signed ones
/// whose bytes still wait for the disk. It leaves with the key that made it and needs no disk,
/// because it binds nobody. Each part names the change that brings it; a computer that holds that
/// change no longer shows the part, so that no letter is ever seen twice, whatever comes first.
class PresenceBook {
public:
    explicit PresenceBook(Engine::State &state);

    void moved(const api::MoveCaret &command);
    /// My caret follows a key, and the key is told at once.
    void typed(DocIndex doc, TextOffset caret);
    /// A change of mine, which leaves when `token` is durable.
    void signedOwn(ChangeHandle change, DocIndex doc, PersistToken token);
    void persisted(PersistToken token);
    void left(DocIndex doc);
    void viewOpened(DocIndex doc);
    /// A link begins: whoever is at its other end tells anew what he is typing, or has forgotten it
    /// with his power.
    void peerUp(DeviceIndex device);
    /// Nobody brings its changes any more: what it was typing is forgotten.
    void disconnected(DeviceIndex device);
    void deviceDisputed(DeviceIndex device);
    /// Who belongs to the workspace no more is seen no more.
    void epochBegins();

    /// Errors: the code with which the peer is cut.
    [[nodiscard]] std::optional<Code> receive(const gossip::Presence &message, PeerId from);

    /// A caret may name a change that comes after it.
    void changeTaken(DeviceIndex device);

    /// Handles of changes mean others than before: my caret is told anew when it moves.
    void handlesChanged();

    void sendIfDue();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;
    [[nodiscard]] std::optional<DocIndex> writingIn(DeviceIndex device) const;

private:
    struct Other {
        gossip::Presence presence;
        MonoTime heard{};
        bool isShown = false;
        bool hasPreview = false; ///< shown
    };
    struct Mine {
        DocIndex doc;
        crdt::Document::Anchor caret;
        crdt::Document::Anchor other;
        friend bool operator==(const Mine &, const Mine &) = default;
    };
    /// A change of mine that others may not hold.
    struct Own {
        ChangeHandle change;
        DocIndex doc;
        PersistToken token;
        MonoTime when{};
    };
    [[nodiscard]] gossip::Presence::Anchor named(const crdt::Document::Anchor &anchor) const;
    [[nodiscard]] std::optional<TextOffset> resolved(DocIndex doc,
                                                     const gossip::Presence::Anchor &anchor) const;
    [[nodiscard]] std::vector<crdt::Document::Run> stretchTyped() const;
    [[nodiscard]] std::vector<gossip::Presence::Preview> myPreview() const;
    [[nodiscard]] std::optional<api::CaretMoved::Preview>
    previewOf(const gossip::Presence &presence) const;
    [[nodiscard]] gossip::Presence current();
    void send(const std::vector<PeerId> &peers, gossip::Presence presence);
    void forgetOwn();
    void show(DeviceIndex device, Other &other);
    void hide(DeviceIndex device, Other &other);
    void expire();
    [[nodiscard]] std::optional<MonoTime> firstExpiry() const;
    [[nodiscard]] Millis life() const;
    [[nodiscard]] Millis interval() const;
    [[nodiscard]] Millis repeatTime() const;

    Engine::State &m_state;
    std::map<DeviceIndex, Other> m_others;
    mutable std::optional<MonoTime> m_firstExpiry; ///< of a caret, if m_isExpiryKnown
    mutable bool m_isExpiryKnown = false;          ///< every step asks for it
    std::optional<Mine> m_mine;
    std::optional<Mine> m_typed; ///< where I stood after the last key
    std::uint64_t m_session = 0;
    std::uint64_t m_counter = 0;
    bool m_isDirty = false;
    MonoTime m_lastSent{};
    std::deque<Own> m_own; ///< in the order of their seqs
    PersistToken m_durable;
    bool m_isPreviewDirty = false;
    MonoTime m_lastPreview{};
    std::map<DeviceIndex, gossip::Budget> m_budgets; ///< by who brings them
};

} // namespace nlbd::engine
