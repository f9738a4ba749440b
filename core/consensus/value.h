#pragma once

#include "core/base/codes.h"
#include "core/base/ids.h"

#include <expected>

namespace nlbd::consensus {

/// What seats vote about: how an epoch ends (PROTOCOL C8). The hashes at its end are recomputed by
/// everybody before voting. Its own hash is the decision's hash.
struct Value {
    struct Report {
        SeatIndex seat;
        Hash close;
        friend constexpr auto operator<=>(const Report &, const Report &) = default;
    };

    Epoch epoch;
    Hash previousDecision;
    std::vector<Hash> proposals; ///< ascending
    std::vector<Report> reports; ///< ascending by seat, one each
    std::optional<Hash> keyOffer;
    Hash closing;
    Hash nextConfiguration;
    std::optional<Hash> stateRoot; ///< with a checkpoint
    friend bool operator==(const Value &, const Value &) = default;

    [[nodiscard]] Hash hash() const; ///< H("rt1.value", encode())
    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<Value, Code> decode(ByteView bytes);
};

/// More eligible proposals than this wait for the next epoch: a full group's three each.
inline constexpr std::size_t kProposalsPerValueMax = 384;

} // namespace nlbd::consensus
