#pragma once

#include "core/consensus/close_evidence.h"
#include "core/consensus/decision.h"
#include "core/consensus/vote_evidence.h"

namespace nlbd::consensus {

/// Any of the bundles by which members prove that a record breaks the rules (PROTOCOL B): the first
/// byte tells which. All of them accuse by signatures of the accused alone.
struct Proof {
    std::variant<trust::Evidence, VoteEvidence, CloseEvidence, DecisionConflict> bundle;

    [[nodiscard]] Code code() const noexcept;
    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<Proof, Code> decode(ByteView bytes);
    [[nodiscard]] Hash id() const; ///< digest of encode(); the same proof found twice is one

    /// The epoch whose seats the bundle names: it is checked with that epoch's configuration.
    /// Nothing if it names a device: rows of devices stay, any configuration that has it will do.
    [[nodiscard]] std::optional<Epoch> seatEpoch() const noexcept;
    /// The device of a bundle that names one.
    [[nodiscard]] std::optional<DeviceIndex> device() const noexcept;
    /// The seat of one that names a single seat.
    [[nodiscard]] std::optional<SeatIndex> seat() const noexcept;
    /// Proofs of one kind say the same of whoever they accuse: the code, and for EV_INVALID the
    /// rule.
    [[nodiscard]] std::pair<Code, Code> kind() const noexcept;
    /// The signed records in it, for people who want to see the bytes.
    [[nodiscard]] std::vector<Bytes> records() const;
};

/// Checks from the bytes and a configuration alone, see seatEpoch(). Two conflicting decisions
/// accuse no single device: `accused` is empty though it holds, and the sentence names who signed
/// for both.
[[nodiscard]] trust::CheckedEvidence check(const Proof &proof,
                                           const identity::Configuration &configuration,
                                           const identity::SignatureScheme &scheme);

/// What a certificate looks like: the precommits of a quorum.
[[nodiscard]] CertificateCheck quorumCertificates(const identity::SignatureScheme &scheme);

inline constexpr std::size_t kProofBytesMax = 512 * 1024;

} // namespace nlbd::consensus
