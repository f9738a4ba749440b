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
    [[nodiscard]] Hash hash() const { return hashOf(epoch, seat, lastAckNo, root()); }
    [[nodiscard]] static Hash hashOf(Epoch epoch, SeatIndex seat, std::uint64_t lastAckNo,
                                     const Hash &root);

    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<Close, Code> decode(ByteView bytes);
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
