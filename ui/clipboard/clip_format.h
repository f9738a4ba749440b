#pragma once

#include "ui/clipboard/fragment.h"

#include <QByteArray>

namespace nlbd::ui {

/// How the text on the clipboard looks, beside it in a format of our own. JSON, places in UTF-16
/// units of text/plain:
///
///     {"version": 1, "text": "SHA-256 of its UTF-8, hex",
///      "runs": [[0, 5, {"bold": "1"}], ...],
///      "blocks": [{"block": "task", "done": "1"}, null, ...],
///      "letters": "the text itself, where text/plain has words for objects"}
///
/// A block of which nothing is said is null; places are in "letters" if there are any. Version 1
/// readers pass over keys that they do not know; what they must not pass over gets another version.
inline constexpr const char *kFragmentMime = "application/x-nlbd-fragment";

/// `told`: what stands as text/plain, which has words where the fragment has objects.
[[nodiscard]] QByteArray toClipFormat(const Fragment &fragment, const QString &told);

/// Any program may have put it there: nothing if it is too large, not in form or of another text.
/// What comes back holds to what a Fragment promises. @complexity linear.
[[nodiscard]] std::optional<Fragment> fromClipFormat(const QByteArray &bytes, const QString &told);

} // namespace nlbd::ui
