#pragma once

#include "core/history/archive.h"

#include <span>

/// A piece of a history as it is put away on the disk of one member (CHECKPOINT.md draws it):
/// records that went in come out bit for bit, in a third of the bytes or less.
namespace nlbd::history {

/// A record as the engine holds it: a change in its full form or in its decided form.
struct PackedChange {
    Hash hash;
    Bytes record;
    bool isSignatureChecked = true; ///< see Change; of decided forms always
    friend bool operator==(const PackedChange &, const PackedChange &) = default;
};

/// `changes`: all of one form, in an order in which causes come before effects; what they stand on
/// may lie outside. What was packed is opened again before it is given: nobody deletes a record for
/// a pack that would not bring it back.
///
/// Errors: E_CANON if the forms are mixed, or a record is none; those of encodeArchive and
/// encodeCheckpoint; E_STRUCT if it does not come out as it went in.
/// @complexity of both ways; 128 changes of some letters take a few milliseconds.
[[nodiscard]] std::expected<Bytes, Code> encodePack(std::span<const PackedChange> changes,
                                                    const identity::Configuration &configuration,
                                                    const KeyLookup &key);

/// Makes the records again and holds their hashes against the digest that was packed with them.
/// Signatures are there, but are not tried: what a computer's own disk gives back was tried before
/// it was stored, as with single records.
///
/// Errors: E_CANON for bytes that are no pack, or whose hashes are others than then; those of
/// decodeArchive and decodeCheckpoint.
[[nodiscard]] std::expected<std::vector<PackedChange>, Code>
decodePack(ByteView bytes, const identity::Configuration &configuration, const KeyLookup &key);

} // namespace nlbd::history
