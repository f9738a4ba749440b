#pragma once

#include "core/consensus/vote.h"

namespace nlbd::consensus {

/// One seat's line in a certificate.
struct CommitLine {
    SeatIndex seat;
    Signature signature; ///< under PRECOMMIT(round, value)
    friend bool operator==(const CommitLine &, const CommitLine &) = default;
};

/// What shows to anyone, alone and for ever, that an epoch decided a value: the precommits of a
/// quorum in one round. Two certificates of one decision may name other seats.
struct Certificate {
    Epoch epoch;
    Round round;
    Hash value;
    std::vector<CommitLine> lines; ///< sorted by seat
    friend bool operator==(const Certificate &, const Certificate &) = default;

    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS. Signatures are for verify().
    [[nodiscard]] static std::expected<Certificate, Code> decode(ByteView bytes);

    /// Errors: E_STRUCT (another epoch, no quorum, a seat that is not there or there twice), E_SIG.
    [[nodiscard]] std::expected<void, Code>
    verify(const identity::SignatureScheme &scheme,
           const identity::Configuration &configuration) const;
    [[nodiscard]] std::vector<Vote> votes() const;
};

/// One seat's line in a polka.
struct PolkaLine {
    SeatIndex seat;
    std::optional<Round> polka; ///< `jr` of its prevote
    Signature signature;        ///< under PREVOTE(round, value, polka)
    friend bool operator==(const PolkaLine &, const PolkaLine &) = default;
};

/// The prevotes of a quorum for one value in one round. It travels whole: whoever saw it can show
/// it to all, even if some of its seats signed other prevotes in the same round and the receiver
/// saw those first. Without that, one seat that shows two faces and then falls silent could keep a
/// lock alive that nobody else may accept, and nothing would be decided any more.
struct Polka {
    Epoch epoch;
    Round round;
    Hash value;
    std::vector<PolkaLine> lines; ///< sorted by seat
    friend bool operator==(const Polka &, const Polka &) = default;

    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<Polka, Code> decode(ByteView bytes);
    /// Errors: as Certificate::verify. That the polkas named by its lines exist is for PolkaBook.
    [[nodiscard]] std::expected<void, Code>
    verify(const identity::SignatureScheme &scheme,
           const identity::Configuration &configuration) const;
    [[nodiscard]] std::vector<Vote> votes() const;
};

inline constexpr std::size_t kPolkaBytesMax = 4 + 4 + 32 + 2 + 128 * (2 + 4 + 64);

} // namespace nlbd::consensus
