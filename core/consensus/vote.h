#pragma once

#include "core/base/codes.h"
#include "core/identity/configuration.h"
#include "core/identity/signature_scheme.h"
#include "core/trust/sign_journal.h"

#include <expected>

namespace nlbd::consensus {

/// One try to agree within an epoch: 0, 1, 2, ...
using Round = Strong<struct RoundTag, std::uint32_t>;

/// The three things that a seat signs in a round, each at most once (PROTOCOL C11.1).
enum class Phase : std::uint8_t { Propose = 1, Prevote = 2, Precommit = 3 };

/// A seat's signed word in one phase of one round. What a value is does not matter here: it goes by
/// its hash.
struct Vote {
    Phase phase = Phase::Propose;
    Epoch epoch;
    Round round;
    SeatIndex seat;
    std::optional<Hash> value; ///< none is nil; a proposal always has one

    /// Of a proposal: the highest round whose polka for the value the proposer knows (`vr`). Of a
    /// prevote: the round whose polka for the value lets this seat vote for it in spite of what it
    /// precommitted before (`jr`). Earlier than `round`; a precommit has none.
    std::optional<Round> polka;
    Signature signature;
    friend bool operator==(const Vote &, const Vote &) = default;

    [[nodiscard]] Bytes signedPart() const;
    [[nodiscard]] Hash hash() const; ///< of signedPart() under the phase's domain: what is signed
    [[nodiscard]] Bytes encode() const;

    /// Strict: canonical, polka < round, no polka without a value. Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<Vote, Code> decode(ByteView bytes);
};

inline constexpr std::size_t kVoteBytesMax = 1 + 4 + 4 + 2 + 1 + 32 + 4 + 64;

/// If both say the same, whoever made the signatures: a signer can make many for one record.
[[nodiscard]] bool saySame(const Vote &a, const Vote &b) noexcept;

/// @pre seat is one of the configuration's, epoch its epoch.
[[nodiscard]] Vote signVote(const identity::SignatureScheme &scheme, const identity::SecretKey &key,
                            const identity::Configuration &configuration, Vote vote);

/// If the seat's device signed it in this workspace and epoch.
[[nodiscard]] bool isSigned(const identity::SignatureScheme &scheme,
                            const identity::Configuration &configuration, const Vote &vote);

/// Where the sign journal keeps votes of a phase.
[[nodiscard]] trust::SignJournal::Plane planeOf(Phase phase) noexcept;

/// The domain of a phase, for hash and signature.
[[nodiscard]] const Domain &domainOf(Phase phase) noexcept;

} // namespace nlbd::consensus
