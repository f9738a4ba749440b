#pragma once

#include "core/consensus/proof.h"
#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// What was refused, and what is proven against whom. Both are kept; neither touches a document.
class EvidenceBook {
public:
    explicit EvidenceBook(Engine::State &state)
        : m_state(state)
    {
    }

    struct Cause {
        Code code = Code::E_CANON;
        std::string rule;
        std::optional<DeviceIndex> from;
        std::optional<DeviceIndex> claimed;
        Seq seq;
        ByteView record;
    };
    /// Lists a refusal; the same code from and about the same device is one entry with a count.
    void refuse(const Cause &cause);

    /// Takes a proof of my own making, if it holds: a record that only a later signature of its run
    /// vouches for may bear an altered one, and whoever told others would be the one to blame. New
    /// ones are stored and told to everybody. Without a rule, what checking says. Returns false if
    /// it does not hold, or proves what is proven.
    bool accuse(consensus::Proof proof, std::string rule, std::optional<PeerId> from);

    /// A proof from a peer: checks it; one that does not hold is the peer's own fault.
    /// Errors: the code with which the peer is cut.
    [[nodiscard]] std::expected<void, Code> receive(ByteView bytes, PeerId from,
                                                    std::optional<DeviceIndex> fromDevice);

    void load(const std::vector<store::EvidenceRow> &evidence,
              const std::vector<store::RefusalRow> &refusals);

    [[nodiscard]] std::vector<Hash> ids() const;
    [[nodiscard]] const Bytes *find(const Hash &id) const;
    /// A proof by which the device's pen may be taken (PROTOCOL C6); nothing if none is held.
    [[nodiscard]] std::optional<Bytes> proofToFence(DeviceIndex device) const;
    [[nodiscard]] Hash controlRoot() const;
    [[nodiscard]] std::vector<api::Refusal> refusals() const;
    [[nodiscard]] std::vector<api::EvidenceInfo> list() const;
    [[nodiscard]] std::size_t count() const noexcept { return m_evidence.size(); }

    void acknowledgeRefusals();
    void checkAgain(const Hash &id);
    void sendAll();  ///< the present state, for a new subscriber
    void sendNews(); ///< what changed since the last time, at the end of a step

private:
    struct Entry {
        consensus::Proof proof;
        Bytes record;
        std::optional<DeviceIndex> accused; ///< nothing: two decisions, which name several
        std::string rule;
        WallTime when;
        std::optional<Hash> replaces;
    };
    /// Of the proofs that say the same of one device the one with the smallest id is kept, so that
    /// all members come to hold the same ones, however many the accused signs.
    using Place = std::pair<std::optional<DeviceIndex>, std::pair<Code, Code>>;
    void add(consensus::Proof proof, std::optional<DeviceIndex> accused, std::string rule,
             std::optional<PeerId> from);
    bool keep(const Hash &id, Entry entry);
    [[nodiscard]] bool isNeeded(const Place &place, const Hash &id) const;
    /// Whom the proof accuses if it holds; nothing if that is not known here.
    [[nodiscard]] std::optional<Place> placeOf(const consensus::Proof &proof) const;
    [[nodiscard]] const identity::Configuration *
    configurationFor(const consensus::Proof &proof) const;
    [[nodiscard]] trust::CheckedEvidence checkWithHistory(const consensus::Proof &proof) const;
    void sendRefusals();
    void takeEffect(const consensus::Proof &proof, std::optional<DeviceIndex> accused);
    [[nodiscard]] api::EvidenceInfo infoOf(const Entry &entry) const;
    [[nodiscard]] Bytes fileOf(const consensus::Proof &proof) const;

    Engine::State &m_state;
    std::map<Hash, Entry> m_evidence;
    mutable std::optional<Hash> m_controlRoot; ///< over their ids
    std::map<Place, Hash> m_places;
    mutable std::optional<identity::Configuration> m_past; ///< of the epoch asked for last
    std::vector<api::Refusal> m_refusals;
    std::map<std::tuple<Code, std::optional<DeviceIndex>, std::optional<DeviceIndex>>, std::size_t>
        m_refusalIndex;
    std::map<std::optional<DeviceIndex>, std::size_t> m_refusalsOf; ///< entries by sender
    std::set<std::size_t> m_changedRefusals;
    std::vector<Hash> m_newEvidence;
    std::uint64_t m_unread = 0;
};

} // namespace nlbd::engine
