#pragma once

#include "core/crdt/document.h"
#include "core/history/causal_graph.h"
#include "core/history/validation.h"

namespace nlbd::history {

/// What a root is computed over, as one computer holds it. `isInside` says which changes count:
/// with each of them all that it stands on. All are asked again and again while it is computed, and
/// no change may be open.
struct StateView {
    const CausalGraph &graph;
    DocumentLookup document; ///< of every change inside
    std::function<bool(ChangeHandle)> isInside;
    std::function<bool(ChangeHandle)> isVoid; ///< as the documents have it (PROTOCOL C15)
    /// contentHash() of a change inside; nothing if it cannot be read here.
    std::function<std::optional<Hash>(ChangeHandle)> content;
};

/// Of what a change says, in the clear.
[[nodiscard]] Hash contentHash(ByteView content);

/// The root of PROTOCOL C20, byte by byte in CHECKPOINT.md: over the changes inside, in their tie
/// order, with what each says and whether it is void, and over the text that they make, with its
/// formats; documents are the leaves of a Merkle tree. A function of the set of changes, of what is
/// void and of nothing else. Nothing if a content is not known.
/// @complexity O(n log n) in changes held, linear in letters and ops of the documents.
[[nodiscard]] std::optional<Hash> stateRoot(const StateView &view);

} // namespace nlbd::history
