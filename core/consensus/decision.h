#pragma once

#include "core/consensus/closing_frontier.h"
#include "core/consensus/offered_key.h"
#include "core/consensus/proposal.h"
#include "core/consensus/value.h"

namespace nlbd::consensus {

/// Whether the bytes are a certificate of the configuration's seats for a value. What a certificate
/// looks like is for others to know.
using CertificateCheck =
    std::function<bool(const identity::Configuration &, const Hash &value, ByteView certificate)>;

/// How an epoch ended, with all that a verifier needs to compute the next configuration from the
/// one before. The reports are not in it: the certificate vouches for their union.
struct Decision {
    Value value;
    std::vector<Proposal> proposals; ///< those of the value, in its order
    identity::ChainHeads closing;
    std::optional<OfferedKey> offer;
    Bytes certificate;

    [[nodiscard]] Bytes encode() const;
    /// Strict, and the bodies are those that the value names. Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<Decision, Code> decode(ByteView bytes);
};

/// The configuration that the decision makes of `now`; its certificate is checked first. Errors:
/// E_SIG (no certificate), E_STRUCT (does not follow: only more than f hostile seats can sign
/// that), and those of verify() for a proposal.
[[nodiscard]] std::expected<identity::Configuration, Code>
follow(const identity::Configuration &now, const Decision &decision,
       const identity::SignatureScheme &scheme, const CertificateCheck &isCertified);

/// Two certified values for one epoch (EV_CONFLICT_DECISION): more than f seats are hostile. Anyone
/// who has the configuration of that epoch can check it.
struct DecisionConflict {
    Value first; ///< the smaller hash
    Bytes firstCertificate;
    Value second;
    Bytes secondCertificate;

    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<DecisionConflict, Code> decode(ByteView bytes);
};
[[nodiscard]] DecisionConflict conflictOf(const Decision &a, const Decision &b);
[[nodiscard]] bool holds(const DecisionConflict &conflict,
                         const identity::Configuration &configuration,
                         const CertificateCheck &isCertified);

inline constexpr std::size_t kValueBytesMax = 32 * 1024;
/// Q seats with 66 bytes each, and what stands around them.
inline constexpr std::size_t kCertificateBytesMax = 16 * 1024;
inline constexpr std::size_t kOfferBytesMax = 64 * 1024;

} // namespace nlbd::consensus
