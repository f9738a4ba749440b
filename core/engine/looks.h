#pragma once

#include "core/api/looks.h"
#include "core/crdt/document.h"

namespace nlbd::engine {

/// How a document looks in some stretches, as views hear of it. A stretch that ends one beyond the
/// text means the last block, too. @complexity O(log n + what is in them).
[[nodiscard]] api::Looks looksOf(const crdt::Document &document, std::vector<Stretch> stretches);

/// The same after patches and in stretches that were formatted, for views that take what comes as
/// plain.
[[nodiscard]] api::Looks looksAfter(const crdt::Document &document, const TextPatches &patches,
                                    std::vector<Stretch> formatted);

/// Where ops that were applied format something, in the document as it is now.
[[nodiscard]] std::vector<Stretch> formattedBy(const crdt::Document &document,
                                               const crdt::Ops &ops);

/// What was inserted by patches, where it stands after all of them.
[[nodiscard]] std::vector<Stretch> insertedBy(const TextPatches &patches);

/// The line breaks and objects among [from, to), which have attributes of their own.
[[nodiscard]] std::vector<TextOffset> ownLettersIn(const crdt::Document &document, TextOffset from,
                                                   TextOffset to);

/// True if the letters of a stretch or one beside it are not plain: who typed them may not know how
/// they look.
[[nodiscard]] bool isStyledAround(const crdt::Document &document, const Stretch &stretch);

} // namespace nlbd::engine
