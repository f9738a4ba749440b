#pragma once

#include "core/consensus/decision.h"

namespace nlbd::consensus {

/// The chain of decisions from the genesis record, or from a checkpoint, to the present
/// configuration (PROTOCOL C12). It only grows: a member never goes back in epochs.
class DecisionLog {
public:
    /// `scheme` must outlive the log.
    DecisionLog(identity::Configuration start, const identity::SignatureScheme &scheme,
                CertificateCheck isCertified);

    /// What a newcomer is told to begin with: epoch 0 of a genesis record, or a configuration and
    /// the value that made it.
    struct Beginning {
        identity::Configuration configuration;
        std::optional<Value> madeBy; ///< not for epoch 0
    };
    /// A newcomer's log. Nothing of it need be trusted: hashes chain the beginning and all
    /// decisions to the one that the invitation names. Errors: those of append(), E_STRUCT if the
    /// chain does not reach the anchor or the beginning is not what its value made.
    [[nodiscard]] static std::expected<DecisionLog, Code>
    anchored(Beginning beginning, const std::vector<Decision> &decisions, const Hash &anchor,
             const identity::SignatureScheme &scheme, CertificateCheck isCertified);

    enum class Added : std::uint8_t { New, Known };

    /// Errors: those of follow(); BUFFERED if decisions before it are missing; E_NOT_MEMBER if it
    /// is older than where this log begins; EV_CONFLICT_DECISION if another one of that epoch is
    /// certified as well: decisions stop, see conflict().
    [[nodiscard]] std::expected<Added, Code> append(const Decision &decision);

    [[nodiscard]] const identity::Configuration &now() const noexcept { return m_now; }
    [[nodiscard]] Epoch first() const noexcept { return m_start.epoch; } ///< where it begins

    /// The decision that closed an epoch, encoded; nothing if it is not in the log.
    [[nodiscard]] std::optional<ByteView> decision(Epoch closed) const;
    /// The configuration of an epoch, computed again from the start; nothing outside the log.
    /// @complexity linear in the epochs before it, without signatures; the last two are at hand.
    [[nodiscard]] std::optional<identity::Configuration> at(Epoch epoch) const;
    [[nodiscard]] bool contains(const Hash &decision) const;
    /// Who sat in an epoch that is closed, by SeatIndex. @pre first() <= closed < now().epoch
    [[nodiscard]] const std::vector<DeviceIndex> &seatsOf(Epoch closed) const;

    [[nodiscard]] const std::optional<DecisionConflict> &conflict() const { return m_conflict; }
    /// A proof that was checked elsewhere: decisions stop here as well.
    void note(const DecisionConflict &conflict);

private:
    [[nodiscard]] std::expected<Added, Code> compare(const Decision &other);

    identity::Configuration m_start;
    identity::Configuration m_now;
    std::optional<identity::Configuration> m_before; ///< the epoch that ended last
    const identity::SignatureScheme &m_scheme;
    CertificateCheck m_isCertified;
    std::vector<Bytes> m_decisions;                ///< [i] closed epoch first() + i
    std::vector<Hash> m_hashes;                    ///< likewise
    std::vector<std::vector<DeviceIndex>> m_seats; ///< likewise
    std::optional<DecisionConflict> m_conflict;
};

} // namespace nlbd::consensus
