#pragma once

#include "core/consensus/close.h"
#include "core/trust/evidence.h"

namespace nlbd::consensus {

/// An ack with the frontier that its root digests.
struct ShownAck {
    trust::Ack ack;
    trust::Frontier frontier;
    friend bool operator==(const ShownAck &, const ShownAck &) = default;
};

/// A seat's report and something else that it signed in the same epoch and that no honest seat
/// signs beside it (EV_DOUBLE_CLOSE; PROTOCOL A5, C8): another report, an ack after the last one
/// that the report names, or an ack that the report takes back.
struct CloseEvidence {
    Close close; ///< of two reports the one with the smaller hash
    std::variant<Close, ShownAck> other;
    friend bool operator==(const CloseEvidence &, const CloseEvidence &) = default;

    [[nodiscard]] Bytes encode() const;
    /// Only what could hold if it were signed. Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<CloseEvidence, Code> decode(ByteView bytes);
};

/// The proof in two records, signatures aside; nothing if an honest seat may have signed both.
/// The ack's frontier must digest to its root.
[[nodiscard]] std::optional<CloseEvidence> contradiction(const Close &a, const Close &b);
[[nodiscard]] std::optional<CloseEvidence> contradiction(const Close &close, const ShownAck &shown);

/// Checks from the bytes and the configuration of the report's epoch alone.
[[nodiscard]] trust::CheckedEvidence check(const CloseEvidence &evidence,
                                           const identity::Configuration &configuration,
                                           const identity::SignatureScheme &scheme);

} // namespace nlbd::consensus
