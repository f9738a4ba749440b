#pragma once

#include <QSet>
#include <QString>
#include <QStringView>

#include <utility>
#include <vector>

namespace nlbd::ui {

/// The words of a line that a dictionary may be asked about: from and to, in UTF-16 units.
/// Apostrophes inside belong to a word. Left out is what no dictionary has: what holds a digit, and
/// addresses of people and pages.
[[nodiscard]] std::vector<std::pair<qsizetype, qsizetype>> wordsOf(QStringView line);

/// The words that this person has added: a plain text file, one to a line, that may be edited by
/// hand. Read on any thread, once.
class WordList {
public:
    static constexpr qsizetype kWordsMax = 20'000;
    static constexpr qint64 kBytesMax = 1024 * 1024;

    /// Of a file that is too long, its beginning; of one that is not there, nothing.
    [[nodiscard]] static QSet<QString> read(const QString &path);
    /// Writes the whole file or leaves the old one alone. Sorted, so that it can be compared.
    static bool write(const QString &path, const QSet<QString> &words);
};

} // namespace nlbd::ui
