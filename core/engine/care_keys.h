#pragma once

#include "core/consensus/proposal.h"
#include "core/engine/engine_state.h"
#include "core/keys/care_key.h"

namespace nlbd::engine {

/// The secrets that this device drew for what is sealed to it (PROTOCOL C17, KEYCARE): from drawing
/// one over the decision that makes others use it to the day when it is of no use any more.
///
/// A secret is on the disk before its public half leaves the computer. It goes, in memory and on
/// the disk, when a newer one is decided, that decision is durable, all workspace keys so far are
/// held, and no decision can come any more that names it.
class CareKeys {
public:
    explicit CareKeys(Engine::State &state)
        : m_state(state)
    {
    }

    void load(const store::StoredWorkspace &stored);

    /// Draws a key and tells the others to seal what comes to it. Errors: DUPLICATE while one is
    /// told and not decided yet; E_RATE after three decided ones in a day; E_NOT_MEMBER.
    [[nodiscard]] std::expected<Hash, Code> turn();

    /// The row that keys are sealed to, by the newest decision that is known here. Of a folder that
    /// goes on with a key of its own it is that key's, as soon as there is one: what was sealed to
    /// the device before may be out of its reach (COPIES.md).
    [[nodiscard]] const identity::Device *row() const;
    /// All secrets of that device; borrowed.
    [[nodiscard]] keys::KeyHolder holder() const { return {deviceKey(), m_drawn}; }
    /// What others seal to it.
    [[nodiscard]] std::optional<CareKey> decidedKey() const;
    /// It was told by another folder with my keys, or by this one before a backup was put back:
    /// what is sealed to me can't be opened.
    [[nodiscard]] bool isLost() const;
    /// One of mine waits for its decision.
    [[nodiscard]] bool isTold() const;
    /// The key epoch in which the newest that is here was drawn.
    [[nodiscard]] std::optional<KeyEpoch> turnedIn() const;
    /// What may have been sealed to me by somebody who is ahead, or behind: the decided one first.
    [[nodiscard]] std::vector<CareKey> candidates() const;

    /// A proposal of somebody else's came that speaks for this device.
    void heard(const consensus::Proposal &proposal);
    /// The decision is in the log and in the rows of the newest Persist.
    void decided(const std::vector<consensus::Proposal> &proposals);
    void persisted(PersistToken token);
    void tick();
    /// Tells the view what stands in the way.
    void sendAll();

private:
    struct Told {
        Hash proposal;
        Epoch lastEpoch; ///< it can be decided up to this epoch
        KeyEpoch drawnIn;
    };
    [[nodiscard]] const identity::SecretKey &deviceKey() const;
    store::MetaRow hold(keys::CareSecret secret, const Told &told);
    [[nodiscard]] bool isSettled(const Told &told) const;
    [[nodiscard]] bool holdsAllKeys() const;
    void wipeOld();

    Engine::State &m_state;
    keys::KeyHolder::Secrets m_drawn;
    std::map<CareKey, Told> m_told; ///< of each that was drawn
    std::optional<PersistToken> m_waitsFor;
    bool m_mayWipe = false;
    bool m_isLossTold = false;
};

} // namespace nlbd::engine
