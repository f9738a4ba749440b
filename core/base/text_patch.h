#pragma once

#include "core/base/ids.h"

namespace nlbd {

/// One replacement in a text: at `at`, `removed` scalars go and `inserted` comes.
struct TextPatch {
    TextOffset at = 0;
    TextOffset removed = 0;
    std::string inserted; ///< UTF-8

    friend bool operator==(const TextPatch &, const TextPatch &) = default;
};

/// Applied one after the other: each speaks of the text that the one before left.
using TextPatches = std::vector<TextPatch>;

/// Who keeps the front place when two insertions meet at one offset.
enum class Precedence : std::uint8_t { First, Second };

/// Two patch sequences made on the same text, each rewritten to apply after the other:
/// text * left * transformed.right == text * right * transformed.left (the TP1 property of Ressel,
/// Nitsche-Ruhland and Gunzenhäuser, CSCW 1996). Text that one side inserted inside what the other
/// removes survives. `precedence` says whose insertion stands first when both insert at one offset.
/// Used only between the engine and its own view, which cross by milliseconds: documents merge by
/// identifiers (core/crdt).
/// @complexity |left| x |right|.
struct Transformed {
    TextPatches left;  ///< `left`, to be applied after `right`
    TextPatches right; ///< `right`, to be applied after `left`
};
[[nodiscard]] Transformed transform(const TextPatches &left, const TextPatches &right,
                                    Precedence precedence);

/// Applies patches to valid UTF-8. For tests and small texts: linear in the text per patch.
void applyTo(std::string &text, const TextPatches &patches);

/// True if every patch stays inside a text of `length` scalars and carries valid UTF-8.
[[nodiscard]] bool fits(const TextPatches &patches, TextOffset length);

/// Where a caret at `offset` stands after the patch. A caret at the place of an insertion stays
/// before it (left-biased), so that what others type at my caret comes after it.
[[nodiscard]] TextOffset caretAfter(const TextPatch &patch, TextOffset offset) noexcept;

} // namespace nlbd
