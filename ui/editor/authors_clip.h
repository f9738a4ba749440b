#pragma once

#include <QByteArray>
#include <QString>

#include <vector>

class QMimeData;

namespace nlbd::ui {

/// A part of a text on the clipboard and who wrote it first.
struct ClippedAuthor {
    qsizetype from = 0; ///< units of the text
    qsizetype length = 0;
    QString name;  ///< one line, never empty
    QString words; ///< of the writer's key; empty: the name is one that the writer gave
    friend bool operator==(const ClippedAuthor &, const ClippedAuthor &) = default;
};

/// Beside the text on the clipboard: who wrote it, so that words keep the name of their first
/// author where they are pasted. JSON:
///
///     {"version": 1, "text": "SHA-256 of its UTF-8, hex",
///      "authors": [{"from": 0, "length": 5, "name": "Thea Kallas", "words": "olive gate ..."}]}
inline constexpr const char *kAuthorsMime = "application/x-nlbd-authors";

[[nodiscard]] QByteArray toAuthorsMime(const QString &text,
                                       const std::vector<ClippedAuthor> &authors);

/// What a source says of a text that comes from it. Any program may have put it there: what is too
/// large, of another text, or not in form is passed over. In order and apart, inside the text.
[[nodiscard]] std::vector<ClippedAuthor> fromAuthorsMime(const QMimeData &source,
                                                         const QString &text);

/// A name from elsewhere in one line: nothing invisible, nothing that turns the direction of what
/// stands around it, at most 64 characters.
[[nodiscard]] QString plainName(const QString &name);

} // namespace nlbd::ui
