#pragma once

#include "core/history/validation.h"

#include <span>

/// A signed history in about the bytes of an unsigned one (ARCHIVE.md draws it). Ops lie in the
/// clear, as columns; since sealing is deterministic (PROTOCOL C17), ciphertexts, hashes and chains
/// are not stored but made again, and the signatures at the ends of the chains say whether they are
/// the true ones. Whoever has an archive can read it: it is as secret as the text.
namespace nlbd::history {

/// Which signatures an archive keeps.
enum class ArchiveSignatures : std::uint8_t {
    /// Where no later change of the same device in the archive vouches by hash (PROTOCOL C3, run
    /// verification), and of several changes at one place, so that a known fork stays provable.
    /// What is lost: should a second branch turn up later at a change whose signature was left out,
    /// this archive alone does not prove it.
    Tails,
    All,
};

/// More are refused, so that a few crafted bytes cannot unfold into all memory.
inline constexpr std::size_t kArchiveChangesMax = std::size_t(1) << 22U;

/// `changes` in an order in which causes come before effects, as the graph has them. Everything
/// that validation lets pass comes out as it was, also what an unusual author sealed with another
/// nonce; parents that are not among the changes are told with their hashes. A change whose key
/// `key` does not have is kept as ciphertext.
///
/// Errors: E_PAYLOAD_HASH for a change whose payload or hash is not that of its header; DUPLICATE;
/// E_NOT_MEMBER for a device that nobody admitted; E_BOUNDS for more than kArchiveChangesMax, or a
/// header beyond what validation lets pass.
/// @complexity O(n log n).
[[nodiscard]] std::expected<Bytes, Code> encodeArchive(std::span<const UnverifiedChange> changes,
                                                       const identity::Configuration &configuration,
                                                       const KeyLookup &key,
                                                       ArchiveSignatures signatures);

struct ArchivedChange {
    UnverifiedChange change;
    /// Its own signature is in the archive and holds. Otherwise the signature is zero, a later
    /// change of its device vouches for it, and validation takes it as SignatureNeed::Covered.
    bool isSigned = true;
};

/// Makes every record again, bit for bit, in the order of the archive, and believes none before all
/// signatures held: a change that comes out is the one its device signed. What a change says is not
/// judged: that is validation.
///
/// Errors: E_CANON and E_BOUNDS for bytes that are no archive; E_NOT_MEMBER for another workspace
/// or a device that nobody admitted; E_KEY_COMMIT where `key` lacks one; E_SIG if what was made
/// again is not what was signed.
/// @complexity O(n log n), a signature per device and not per change.
[[nodiscard]] std::expected<std::vector<ArchivedChange>, Code>
decodeArchive(ByteView bytes, const identity::Configuration &configuration,
              const identity::SignatureScheme &scheme, const KeyLookup &key);

} // namespace nlbd::history
