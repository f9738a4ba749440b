#pragma once

#include "core/crdt/document.h"

namespace nlbd::engine {

/// What makes one text of another, as small as can be: where letters came and went, what is the
/// same on both sides stays with its writers. Within a stretch that was written anew the shortest
/// edit script of its letters is taken (Myers, "An O(ND) Difference Algorithm and Its Variations",
/// Algorithmica 1986), up to kEditsMax; what differs more is replaced.
struct Rewrite {
    /// For a text as it is: a retention says what becomes of its looks, an insertion how it looks
    /// and who had written it. One retention beyond the end speaks of the last block.
    std::vector<crdt::AuthoredStep> steps;
    std::uint64_t added = 0;
    std::uint64_t removed = 0;
    [[nodiscard]] bool isEmpty() const;
    static constexpr std::size_t kEditsMax = 1'000;
};

/// [from, to) of the text as it was, or all of it.
struct RewritePart {
    TextOffset from = 0;
    TextOffset to = UINT32_MAX;
    bool isWhole = true;
};

/// Makes a part of the text `then` of what stands in its place `now`. `steps`: what leads from now
/// to then (crdt::Document::difference). What stands at the very ends of the part stays. Who is
/// quoted (`quoted`) is no matter of looks and stays as it is.
/// @complexity linear in the texts, and kEditsMax^2 for each stretch that was written anew.
[[nodiscard]] Rewrite rewriteTo(const crdt::Delta &now, const crdt::Delta &then,
                                const std::vector<crdt::AuthoredStep> &steps,
                                const RewritePart &part);

} // namespace nlbd::engine
