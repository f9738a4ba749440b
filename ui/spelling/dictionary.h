#pragma once

#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace nlbd::ui {

/// A dictionary as Hunspell has them: a file of words (.dic) and one of their endings (.aff).
///
/// Dictionaries come from the system or from whoever put them into a folder: files that are too
/// large, or whose count of words cannot be true, are not opened, and what Hunspell throws is
/// caught here. One thread at a time.
class Dictionary {
public:
    struct Found {
        QString language; ///< "en_US"
        QString path;     ///< without .aff and .dic
    };
    /// Those in these folders, each language once, by name. Reads the folders.
    [[nodiscard]] static std::vector<Found> in(const QStringList &folders);
    /// Where dictionaries are looked for: the system's, the program's own, the profile's.
    [[nodiscard]] static QStringList folders();
    /// False where the program was built without Hunspell: nothing can be opened then.
    [[nodiscard]] static bool canBeRead();

    /// Null if it cannot be used.
    [[nodiscard]] static std::unique_ptr<Dictionary> open(const QString &path);
    ~Dictionary();

    /// Words that its encoding cannot write count as known: they are of another language.
    [[nodiscard]] bool knows(const QString &word);
    /// At most kSuggestionsMax, the best first.
    [[nodiscard]] QStringList suggestions(const QString &word);

    static constexpr qint64 kFileBytesMax = 40 * 1024 * 1024;
    static constexpr qsizetype kWordUnitsMax = 60; ///< longer ones are no words of a dictionary
    static constexpr qsizetype kSuggestionsMax = 6;

private:
    struct Parts;
    explicit Dictionary(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

} // namespace nlbd::ui
