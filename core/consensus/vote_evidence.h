#pragma once

#include "core/consensus/vote.h"
#include "core/trust/evidence.h"

namespace nlbd::consensus {

/// Two signed votes of one seat that no honest seat signs both (PROTOCOL B 12, 13, C11.5):
/// - EV_DOUBLE_VOTE: different words in one phase of one round.
/// - EV_AMNESIA: PRECOMMIT(v, r) and PREVOTE(w, r' > r) whose polka is not later than r.
struct VoteEvidence {
    Code code = Code::EV_DOUBLE_VOTE;
    Vote first; ///< double vote: the smaller hash; amnesia: the precommit
    Vote second;
    friend bool operator==(const VoteEvidence &, const VoteEvidence &) = default;

    [[nodiscard]] Bytes encode() const;
    /// Only what could hold if it were signed. Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<VoteEvidence, Code> decode(ByteView bytes);
    [[nodiscard]] Hash id() const; ///< the same proof found twice is one
};

/// The proof in two votes, signatures aside; nothing if an honest seat may have signed both.
[[nodiscard]] std::optional<VoteEvidence> contradiction(const Vote &a, const Vote &b);

/// Checks from the bytes and the configuration of the votes' epoch alone.
[[nodiscard]] trust::CheckedEvidence check(const VoteEvidence &evidence,
                                           const identity::Configuration &configuration,
                                           const identity::SignatureScheme &scheme);

/// One proof per seat that contradicts itself among `votes`, by seat: what two conflicting
/// certificates, with the polkas that led to them, give away.
/// @complexity quadratic in the votes of one seat.
[[nodiscard]] std::vector<VoteEvidence> contradictionsAmong(std::span<const Vote> votes);

} // namespace nlbd::consensus
