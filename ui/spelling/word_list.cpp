#include "ui/spelling/word_list.h"

#include "ui/spelling/dictionary.h"

#include <QFile>
#include <QSaveFile>
#include <QStringList>

#include <algorithm>

namespace nlbd::ui {

namespace {

bool isApostrophe(QChar unit)
{
    return unit == u'\'' || unit == QChar(0x2019);
}

/// "someone@example.org", "https://example.org": between blanks, with a sign that words lack.
bool isAddress(QStringView piece)
{
    return piece.contains(u'@') || piece.contains(QStringLiteral("://"))
        || piece.startsWith(QStringLiteral("www."), Qt::CaseInsensitive) || piece.contains(u'_');
}

void addWords(QStringView line, qsizetype from, qsizetype to,
              std::vector<std::pair<qsizetype, qsizetype>> &words)
{
    qsizetype at = from;
    while (at < to) {
        if (!line[at].isLetterOrNumber()) {
            ++at;
            continue;
        }
        qsizetype end = at;
        bool hasDigit = false;
        while (end < to
               && (line[end].isLetterOrNumber() || line[end].isMark()
                   || (isApostrophe(line[end]) && end + 1 < to && line[end + 1].isLetter()))) {
            hasDigit = hasDigit || line[end].isNumber();
            ++end;
        }
        if (!hasDigit && end - at > 1)
            words.emplace_back(at, end);
        at = end;
    }
}

} // namespace

std::vector<std::pair<qsizetype, qsizetype>> wordsOf(QStringView line)
{
    std::vector<std::pair<qsizetype, qsizetype>> words;
    for (qsizetype from = 0; from < line.size();) {
        if (line[from].isSpace()) {
            ++from;
            continue;
        }
        qsizetype to = from;
        while (to < line.size() && !line[to].isSpace())
            ++to;
        if (!isAddress(line.mid(from, to - from)))
            addWords(line, from, to, words);
        from = to;
    }
    return words;
}

QSet<QString> WordList::read(const QString &path)
{
    QSet<QString> words;
    QFile file(path);
    if (path.isEmpty() || !file.open(QIODevice::ReadOnly))
        return words;
    for (const QString &line : QString::fromUtf8(file.read(kBytesMax)).split(u'\n')) {
        const QString word = line.trimmed();
        if (!word.isEmpty() && word.size() <= Dictionary::kWordUnitsMax && words.size() < kWordsMax)
            words.insert(word);
    }
    return words;
}

bool WordList::write(const QString &path, const QSet<QString> &words)
{
    QStringList sorted(words.begin(), words.end());
    sorted.sort();
    QSaveFile file(path);
    if (path.isEmpty() || !file.open(QIODevice::WriteOnly))
        return false;
    for (const QString &word : std::as_const(sorted))
        file.write(word.toUtf8() + '\n');
    return file.commit();
}

} // namespace nlbd::ui
