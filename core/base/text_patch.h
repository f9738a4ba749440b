#pragma once

#include "core/base/ids.h"

#include <string_view>

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
///
/// The rule that both ends keep, so that they meet: the view's edit is always `left` and what the
/// engine sends is always `right`, with Precedence::First (what I type stands before what others
/// put at the same offset). Each end keeps what the other has not confirmed and rewrites it as
/// traffic crosses: the engine carries an EditText with basePatch b over its patches b+1.. one
/// after the other, and replaces each of them by its own `right`, so that the next EditText with an
/// old basePatch meets patches that hold this edit already. The view does the mirror image with
/// includesSerial (ui/editor/pending_edits).
/// @complexity |left| x |right|.
struct Transformed {
    TextPatches left;  ///< `left`, to be applied after `right`
    TextPatches right; ///< `right`, to be applied after `left`
};
[[nodiscard]] Transformed transform(const TextPatches &left, const TextPatches &right,
                                    Precedence precedence);

/// Applies patches to valid UTF-8. For tests and small texts: linear in the text per patch.
void applyTo(std::string &text, const TextPatches &patches);

/// The one replacement that makes `after` of `before`, both valid UTF-8: between what both begin
/// with and what both end with. Removes and inserts nothing where they are the same.
/// @complexity linear in the texts.
[[nodiscard]] TextPatch differenceOf(std::string_view before, std::string_view after);

/// True if every patch stays inside a text of `length` scalars and carries valid UTF-8.
[[nodiscard]] bool fits(const TextPatches &patches, TextOffset length);

/// Where a caret at `offset` stands after the patch. A caret at the place of an insertion stays
/// before it (left-biased), so that what others type at my caret comes after it.
[[nodiscard]] TextOffset caretAfter(const TextPatch &patch, TextOffset offset) noexcept;

} // namespace nlbd
