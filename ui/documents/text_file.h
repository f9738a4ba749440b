#pragma once

#include "ui/documents/markdown.h"
#include "ui/editor/page_looks.h"

#include <QByteArrayView>
#include <QObject>
#include <QStringList>

#include <functional>
#include <string>

/// Text files are read and written on a thread of the pool; the answer comes back on the GUI's loop
/// and is dropped if `context` is gone by then.
namespace nlbd::ui {

inline constexpr qint64 kImportBytesMax = 10 * 1024 * 1024; ///< as much as may be pasted

/// A line is laid out anew with each key that is typed in it: beyond this, typing stutters.
inline constexpr qsizetype kLineUnitsMax = 200'000;
[[nodiscard]] bool hasLongLine(QByteArrayView text);

struct TextFile {
    QString title;    ///< from the file's name
    std::string text; ///< valid UTF-8, line breaks as the core has them
    QString sentence; ///< why not, if not empty
};

/// What a file of text is taken for: UTF-8, or UTF-16 with a mark. Anything else is refused.
[[nodiscard]] TextFile textFrom(const QString &path, const QByteArray &bytes);

void readTextFile(const QString &path, QObject *context, std::function<void(TextFile)> done);

/// Writes the whole file or leaves the old one alone. `done` gets a sentence if it failed.
void writeTextFile(const QString &path, const QStringList &pieces, QObject *context,
                   std::function<void(QString)> done);
/// The same as Markdown, if the page has looks; a plain one may be Markdown as it stands.
void writeMarkdownFile(const QString &path, const QStringList &pieces, const PageLooks &looks,
                       const MarkdownPictures &pictures, QObject *context,
                       std::function<void(QString)> done);
void writeBytes(const QString &path, const QByteArray &bytes, QObject *context,
                std::function<void(QString)> done);

/// How long a text is, as people count: letters are what is neither blank nor a mark on a letter.
struct TextSize {
    qint64 words = 0;
    qint64 letters = 0;
};
/// Counts a text given in pieces; the second one only [from, to) of it, in UTF-16 units.
void countWords(const QStringList &pieces, QObject *context, std::function<void(TextSize)> done);
void countWordsBetween(const QStringList &pieces, qsizetype from, qsizetype to, QObject *context,
                       std::function<void(TextSize)> done);

} // namespace nlbd::ui
