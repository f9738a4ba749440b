#pragma once

#include "core/history/archive.h"
#include "core/history/change_codec.h"

/// The snapshot of a checkpoint (CHECKPOINT.md): all changes up to a decided frontier, without
/// signatures and ciphers, held against the root that a quorum signed before anybody believes it.
namespace nlbd::history {

/// In an order in which causes come before effects, with all that they stand on. The bytes follow
/// from that order and the version of zstd; the root does not.
///
/// Errors: E_PAYLOAD_HASH for a change whose hash is not that of its header; DUPLICATE;
/// E_NOT_MEMBER; E_BOUNDS.
[[nodiscard]] std::expected<Bytes, Code>
encodeCheckpoint(std::span<const DecidedChange> changes,
                 const identity::Configuration &configuration);

/// Nothing of it is believed yet. Errors: E_CANON and E_BOUNDS for bytes that are no such snapshot;
/// E_NOT_MEMBER for another workspace or a device that nobody admitted.
[[nodiscard]] std::expected<std::vector<DecidedChange>, Code>
decodeCheckpoint(ByteView bytes, const identity::Configuration &configuration);

/// The same, as far as the root bears it out: what comes out is what the quorum had. Everything is
/// laid out beside whatever is held, so that nothing false is ever shown.
/// `configuration`: of the epoch that the checkpoint closed.
///
/// Errors: those above, those of Validator::decided, E_STATE_ROOT for another state.
/// @complexity as reading the whole history.
[[nodiscard]] std::expected<std::vector<DecidedChange>, Code>
openCheckpoint(ByteView bytes, const identity::Configuration &configuration, const Hash &root);

} // namespace nlbd::history
