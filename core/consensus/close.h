#pragma once

#include "core/trust/ack.h"

namespace nlbd::consensus {

/// A seat's last word in an epoch: it stops acknowledging and reports what it acknowledged
/// (PROTOCOL C8). Because it comes after all acks of its seat, whatever a quorum acknowledged is in
/// some honest report of every quorum of reports.
struct Close {
    Epoch epoch;
    SeatIndex seat;
    std::uint64_t lastAckNo = 0; ///< 0: the seat acknowledged nothing in this epoch
    trust::Frontier frontier;    ///< of that ack; else what it held when the epoch began
    Signature signature;
    friend bool operator==(const Close &, const Close &) = default;

    [[nodiscard]] Hash root() const { return trust::rootOf(frontier); }
    /// H("rt1.close", epoch | seat | lastAckNo | root): what is signed and what values name.
    [[nodiscard]] Hash hash() const;

    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<Close, Code> decode(ByteView bytes);

    /// The same with only the entries that differ from a frontier that the receiver holds as well,
    /// in practice the closing one of the epoch before. 110 bytes and 35 to 44 per entry.
    [[nodiscard]] Bytes encodeAgainst(const trust::Frontier &base) const;
    /// Errors: E_CANON, E_BOUNDS; BUFFERED if the entries do not lead from `base` to the signed
    /// root: ask for the full form.
    [[nodiscard]] static std::expected<Close, Code> decodeAgainst(const trust::Frontier &base,
                                                                  ByteView bytes);
};

[[nodiscard]] Close signClose(const identity::SignatureScheme &scheme,
                              const identity::SecretKey &key,
                              const identity::Configuration &configuration, SeatIndex seat,
                              std::uint64_t lastAckNo, trust::Frontier frontier);

/// Of this epoch, signed by its seat, and about devices that may write in it. Errors: E_NOT_MEMBER
/// (another epoch or no such seat: no blame), E_SIG, E_STRUCT.
[[nodiscard]] std::expected<void, Code> verify(const Close &close,
                                               const identity::Configuration &configuration,
                                               const identity::SignatureScheme &scheme);

} // namespace nlbd::consensus
