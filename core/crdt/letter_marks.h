#pragma once

#include "core/crdt/document.h"

namespace nlbd::crdt {

/// The mark of one key that shows of a letter, also of one that is deleted: its value and whose it
/// is (`from` and `length` say nothing). Nothing without one, and of a letter that is not here.
/// O(log n).
[[nodiscard]] std::optional<MarkedRun> markOver(const Document &document, OpId letter,
                                                std::string_view key);

} // namespace nlbd::crdt
