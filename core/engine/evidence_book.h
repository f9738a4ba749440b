#pragma once

#include "core/engine/engine_state.h"
#include "core/trust/evidence.h"

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

    /// Takes a proof that was checked. New ones are stored and told to everybody.
    /// Returns false if it was known or the accused has more than enough against it.
    bool add(const trust::Evidence &evidence, DeviceIndex accused, std::string rule,
             std::optional<PeerId> from);

    /// Takes a proof of my own making, if it holds: a record that only a later signature of its run
    /// vouches for may bear an altered one, and whoever told others would be the one to blame.
    bool accuse(const trust::Evidence &evidence, std::string rule, std::optional<PeerId> from);

    /// A proof from a peer: checks it; one that does not hold is the peer's own fault.
    /// Errors: the code with which the peer is cut.
    [[nodiscard]] std::expected<void, Code> receive(ByteView bytes, PeerId from,
                                                    std::optional<DeviceIndex> fromDevice);

    void load(const std::vector<store::EvidenceRow> &evidence,
              const std::vector<store::RefusalRow> &refusals);

    [[nodiscard]] std::vector<Hash> ids() const;
    [[nodiscard]] const Bytes *find(const Hash &id) const;
    [[nodiscard]] Hash controlRoot() const;
    [[nodiscard]] std::vector<api::Refusal> refusals() const;
    [[nodiscard]] std::vector<api::EvidenceInfo> list() const;

    void acknowledgeRefusals();
    void checkAgain(const Hash &id);
    void sendAll();  ///< the present state, for a new subscriber
    void sendNews(); ///< what changed since the last time, at the end of a step

private:
    struct Entry {
        api::EvidenceInfo info;
        trust::Evidence evidence;
        Bytes record;
    };
    [[nodiscard]] Epoch epochOf(const trust::Evidence &evidence) const;
    [[nodiscard]] identity::Configuration configurationFor(const trust::Evidence &evidence) const;
    [[nodiscard]] trust::CheckedEvidence checkWithHistory(const trust::Evidence &evidence) const;
    void takeEffect(const trust::Evidence &evidence, DeviceIndex accused);
    [[nodiscard]] api::EvidenceInfo infoOf(const trust::Evidence &evidence, DeviceIndex accused,
                                           std::string rule, WallTime when) const;

    Engine::State &m_state;
    std::map<Hash, Entry> m_evidence;
    std::map<std::pair<DeviceIndex, Code>, std::size_t>
        m_perDevice; ///< counted by code: a flood of one kind must not hide another
    std::vector<api::Refusal> m_refusals;
    std::map<std::tuple<Code, std::optional<DeviceIndex>, std::optional<DeviceIndex>>, std::size_t>
        m_refusalIndex;
    std::map<std::optional<DeviceIndex>, std::size_t> m_refusalsOf; ///< entries by sender
    std::set<std::size_t> m_changedRefusals;
    std::vector<Hash> m_newEvidence;
    std::uint64_t m_unread = 0;
};

} // namespace nlbd::engine
