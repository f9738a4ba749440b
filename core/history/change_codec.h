#pragma once

#include "core/history/change.h"

#include <functional>

namespace nlbd::history {

/// More than any signed header takes, with as many deps as the decoder reads: what a blob around
/// one is bounded by.
inline constexpr std::size_t kSignedHeaderBytesMax = 4096;

/// Full form: header, signature, payload, and rarely a cover; nothing has to be known to read it.
[[nodiscard]] Bytes encodeFull(const UnverifiedChange &change);

/// Errors: E_CANON for anything but the one encoding, E_BOUNDS beyond a limit of the format.
[[nodiscard]] std::expected<UnverifiedChange, Code> decodeFull(ByteView bytes);

[[nodiscard]] Bytes encodeSignedHeader(const SignedHeader &header);
[[nodiscard]] std::expected<SignedHeader, Code> decodeSignedHeader(ByteView bytes);

/// Short form: without prev, dep hashes, lamport and payload hash, which a receiver that holds the
/// parents recomputes. About 120 bytes around the payload's text. What comes out hashes to what was
/// signed, or its signature fails; then only the full form may be judged.
[[nodiscard]] Bytes encodeShort(const UnverifiedChange &change);

/// Finds a parent by place: hash and lamport of the one change that the reader holds there; nothing
/// if it holds none, or more than one.
struct KnownParent {
    Hash hash;
    Lamport lamport;
};
using ParentLookup = std::function<std::optional<KnownParent>(DeviceIndex, Seq)>;

/// Errors: E_CANON, E_BOUNDS; BUFFERED if a parent is not held: ask for the full form.
/// `admittedBy` answers with the decision hash for the first change of a device.
[[nodiscard]] std::expected<UnverifiedChange, Code>
decodeShort(ByteView bytes, const ParentLookup &parent,
            const std::function<std::optional<Hash>(DeviceIndex)> &admittedBy);

/// A change as a decided checkpoint vouches for it (CHECKPOINT.md): no signature and no cipher any
/// more, what its author wrote lies in the clear.
struct DecidedChange {
    ChangeHeader header;
    Bytes content; ///< the payload's plaintext
    Hash hash;     ///< recomputed from the header
    friend bool operator==(const DecidedChange &, const DecidedChange &) = default;
};

/// How such a change is kept on a disk: its header, the highest bit of the kind set, and a blob.
/// Never sent: who holds the signature does not need it, who does not must not believe it.
[[nodiscard]] Bytes encodeDecided(const DecidedChange &change);
[[nodiscard]] bool isDecidedForm(ByteView record) noexcept;
/// Errors as decodeFull.
[[nodiscard]] std::expected<DecidedChange, Code> decodeDecided(ByteView bytes);

/// Where a short form says it stands, to ask for its full form; nothing if it says no place.
[[nodiscard]] std::optional<std::pair<DeviceIndex, Seq>> placeOfShort(ByteView bytes) noexcept;

} // namespace nlbd::history
