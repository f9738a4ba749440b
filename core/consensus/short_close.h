#pragma once

#include "core/consensus/close.h"

namespace nlbd::consensus {

/// A report as it travels (PROTOCOL C8: root and delta): the frontier's root, and the entries in
/// which the frontier differs from one that the receiver holds as well. Root and signature are
/// those of the whole report, so that it can be checked and asked for by hash before its frontier
/// is known. 112 bytes, and 35 to 44 per entry.
struct ShortClose {
    Epoch epoch;
    SeatIndex seat;
    std::uint64_t lastAckNo = 0;
    Hash root;
    trust::Frontier entries;
    Signature signature;
    friend bool operator==(const ShortClose &, const ShortClose &) = default;

    [[nodiscard]] Hash hash() const; ///< that of the whole report

    [[nodiscard]] Bytes encode() const;
    /// Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<ShortClose, Code> decode(ByteView bytes);

    /// The whole report, if the entries lead from `base` to the root. Nothing otherwise, and nobody
    /// is at fault: whoever passes it on may hold another base, and a seat may sign any root.
    [[nodiscard]] std::optional<Close> whole(const trust::Frontier &base) const;
};

/// Against what the receiver is likely to hold; the frontier itself leaves no entries.
[[nodiscard]] ShortClose shortened(const Close &close, const trust::Frontier &base);

/// The seat's word, whatever its root digests. Errors: E_NOT_MEMBER (another epoch or no such seat:
/// no blame), E_SIG.
[[nodiscard]] std::expected<void, Code> verify(const ShortClose &close,
                                               const identity::Configuration &configuration,
                                               const identity::SignatureScheme &scheme);

} // namespace nlbd::consensus
