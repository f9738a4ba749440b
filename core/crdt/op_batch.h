#pragma once

#include "core/crdt/columns.h"
#include "core/crdt/op_codec.h"

#include <functional>
#include <map>
#include <span>

/// The ops of many changes at once, for those who catch up (SNAPSHOT.md): columns of all of them,
/// compressed. Headers and signatures travel beside; what a change said by itself can be had again
/// from what comes out.
namespace nlbd::crdt {

struct BatchChange {
    ChangeHandle handle;
    ChangeName name; ///< as its receiver shall call it
    Ops ops;
    friend bool operator==(const BatchChange &, const BatchChange &) = default;
};

/// The name of a change outside of the batch for the change at a place in it.
using BatchNames = std::function<ChangeName(std::size_t referring, ChangeHandle)>;

/// Preconditions: no two have one handle; ops as a document made or checked them; in all fewer than
/// 2^30 numbers.
[[nodiscard]] Bytes encodeBatch(std::span<const BatchChange> changes, const BatchNames &names,
                                ColumnPacker::Effort effort = ColumnPacker::Effort::Small);

/// What a receiver knows. `own` gives a change of the batch its handle; `other` finds one that is
/// not in it, in the past of the referring one.
struct BatchResolver {
    std::function<std::optional<ChangeHandle>(std::size_t place, const ChangeName &)> own;
    std::function<std::optional<ChangeHandle>(std::size_t referring, const ChangeName &)> other;
};

/// The exact inverse, of hostile bytes. Errors: E_CANON for what encodeBatch would not have written
/// (but for the compression itself, which may differ between versions of zstd), E_BOUNDS,
/// E_OP_TARGET for a change that the resolver does not know. What the targets are is not looked at:
/// Document::check does, change by change.
[[nodiscard]] std::expected<std::vector<BatchChange>, Code>
decodeBatch(ByteView bytes, const BatchResolver &resolver);

} // namespace nlbd::crdt
