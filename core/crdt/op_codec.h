#pragma once

#include "core/crdt/op.h"

#include <expected>
#include <optional>

/// The ops of a change as bytes, inside its payload (FORMAT.md draws them). Ids leave the process
/// as (device, seq, index), an id of the change itself as a distance back.
namespace nlbd::crdt {

/// How other computers name a change. `branch` is 0 unless the referring change's past holds
/// several branches of that device (PROTOCOL C3): then its place in the sorted list of branch
/// hashes.
struct ChangeName {
    DeviceIndex device;
    Seq seq;
    std::uint32_t branch = 0;
    friend constexpr auto operator<=>(const ChangeName &, const ChangeName &) = default;
};

/// Names for the handles of this process: implemented by history, once per referring change,
/// because a branch ordinal is relative to its past.
class ChangeNames {
public:
    virtual ~ChangeNames() = default;
    [[nodiscard]] virtual ChangeName nameOf(ChangeHandle change) const = 0;
};

/// The inverse. Never two names for one handle: the encoding is canonical only if this is.
class ChangeResolver {
public:
    virtual ~ChangeResolver() = default;

    /// The change of that name in the referring change's past; nothing if there is none.
    [[nodiscard]] virtual std::optional<ChangeHandle> resolve(const ChangeName &name) const = 0;
};

/// The change that holds the ops: its handle in this process and its name outside.
struct OwnChange {
    ChangeHandle handle;
    DeviceIndex device;
    Seq seq;
};

/// Encodes ops as Document made or checked them. Precondition: own references point back, deletions
/// have a length: the format cannot say anything else.
/// `next` is the first number of the first op, for a part of a change.
[[nodiscard]] Bytes encodeOps(const Ops &ops, const OwnChange &own, const ChangeNames &names,
                              std::uint32_t next = 0);

/// Decodes hostile bytes. Errors, the first in the order of the bytes, E_OP_TARGET after all
/// others:
/// - E_BOUNDS: more ops or bytes than a change may have, a number beyond its type;
/// - E_CANON: anything that encodeOps would not have written;
/// - E_OP_TARGET: well-formed, but a reference that the resolver does not know, or that points
///   before the change's own first id.
/// What the targets are is not looked at: Document::check does. The memory of `room`, ops that
/// nobody needs any more, is used again.
[[nodiscard]] std::expected<Ops, Code> decodeOps(ByteView bytes, const OwnChange &own,
                                                 const ChangeResolver &resolver,
                                                 std::uint32_t next = 0, Ops room = {});

} // namespace nlbd::crdt
