#include "ui/spelling/dictionary.h"

#include "ui/settings.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStringDecoder>
#include <QStringEncoder>

#include <algorithm>
#include <optional>

#ifdef NLBD_HAS_HUNSPELL
#include <hunspell/hunspell.hxx>
#endif

namespace nlbd::ui {

namespace {

constexpr qsizetype kLanguagesMax = 200;

/// A file that may be given to Hunspell: a plain one, neither empty nor larger than any dictionary.
bool isSound(const QString &path)
{
    const QFileInfo info(path);
    return info.isFile() && info.size() > 0 && info.size() <= Dictionary::kFileBytesMax;
}

/// Its first line says how many words follow, and Hunspell takes room for as many: no more than
/// the file can hold.
bool hasTrueCount(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return false;
    QByteArray line = file.readLine(64);
    if (line.startsWith("\xEF\xBB\xBF"))
        line.remove(0, 3);
    bool isNumber = false;
    const qint64 count = line.trimmed().split(' ').front().toLongLong(&isNumber);
    return isNumber && count > 0 && count <= file.size();
}

} // namespace

std::vector<Dictionary::Found> Dictionary::in(const QStringList &folders)
{
    std::vector<Found> found;
    for (const QString &folder : folders) {
        const QStringList files =
            QDir(folder).entryList({QStringLiteral("*.dic")}, QDir::Files, QDir::Name);
        for (const QString &file : files.first(std::min(files.size(), kLanguagesMax))) {
            const QString language = QFileInfo(file).completeBaseName();
            const QString path = QDir(folder).filePath(language);
            const bool isKnown =
                std::ranges::find(found, language, &Found::language) != found.end();
            if (!isKnown && isSound(path + QStringLiteral(".aff")))
                found.push_back({language, path});
        }
    }
    std::ranges::sort(found, {}, &Found::language);
    return found;
}

QStringList Dictionary::folders()
{
    QStringList folders{
        QStringLiteral("/usr/share/hunspell"), QStringLiteral("/usr/share/myspell/dicts"),
        QDir(QCoreApplication::applicationDirPath()).filePath(QStringLiteral("dictionaries"))};
    if (const QString own = settings::fileBeside(QStringLiteral("dictionaries")); !own.isEmpty())
        folders.append(own);
    return folders;
}

#ifdef NLBD_HAS_HUNSPELL

struct Dictionary::Parts {
    std::unique_ptr<Hunspell> words;
    std::optional<QStringEncoder> encoder; ///< none for UTF-8
    std::optional<QStringDecoder> decoder;

    /// Nothing if the encoding has no letters for it.
    [[nodiscard]] std::optional<std::string> encoded(const QString &word)
    {
        if (!encoder)
            return word.toStdString();
        encoder->resetState();
        const QByteArray bytes = encoder->encode(word);
        decoder->resetState();
        if (encoder->hasError() || QString(decoder->decode(bytes)) != word)
            return std::nullopt;
        return bytes.toStdString();
    }
    [[nodiscard]] QString decoded(const std::string &bytes)
    {
        if (!decoder)
            return QString::fromStdString(bytes);
        decoder->resetState();
        return decoder->decode(QByteArrayView(bytes.data(), static_cast<qsizetype>(bytes.size())));
    }
};

bool Dictionary::canBeRead()
{
    return true;
}

std::unique_ptr<Dictionary> Dictionary::open(const QString &path)
{
    const QString endings = path + QStringLiteral(".aff");
    const QString words = path + QStringLiteral(".dic");
    if (!isSound(endings) || !isSound(words) || !hasTrueCount(words))
        return nullptr;
    auto parts = std::make_unique<Parts>();
    try {
        parts->words = std::make_unique<Hunspell>(QFile::encodeName(endings).constData(),
                                                  QFile::encodeName(words).constData());
        QByteArray encoding(parts->words->get_dict_encoding().c_str());
        if (encoding.startsWith("microsoft-"))
            encoding.remove(0, 10);
        if (encoding.compare("UTF-8", Qt::CaseInsensitive) != 0) {
            parts->encoder.emplace(encoding.constData());
            parts->decoder.emplace(encoding.constData());
            if (!parts->encoder->isValid() || !parts->decoder->isValid())
                return nullptr;
        }
    } catch (const std::exception &) {
        return nullptr;
    }
    return std::unique_ptr<Dictionary>(new Dictionary(std::move(parts)));
}

bool Dictionary::knows(const QString &word)
{
    if (word.size() > kWordUnitsMax)
        return true;
    // Dictionaries have the plain apostrophe.
    const auto bytes = m_parts->encoded(QString(word).replace(QChar(0x2019), QChar(u'\'')));
    if (!bytes)
        return true;
    try {
        return m_parts->words->spell(*bytes);
    } catch (const std::exception &) {
        return true;
    }
}

QStringList Dictionary::suggestions(const QString &word)
{
    QStringList result;
    const auto bytes = word.size() > kWordUnitsMax
        ? std::nullopt
        : m_parts->encoded(QString(word).replace(QChar(0x2019), QChar(u'\'')));
    if (!bytes)
        return result;
    try {
        for (const std::string &each : m_parts->words->suggest(*bytes)) {
            const QString text = m_parts->decoded(each);
            if (result.size() < kSuggestionsMax && !text.isEmpty()
                && text.size() <= 2 * kWordUnitsMax && !text.contains(u'\n'))
                result.append(text);
        }
    } catch (const std::exception &) {
        return result;
    }
    return result;
}

#else

struct Dictionary::Parts {};

bool Dictionary::canBeRead()
{
    return false;
}

std::unique_ptr<Dictionary> Dictionary::open(const QString &)
{
    return nullptr;
}

bool Dictionary::knows(const QString &)
{
    return true;
}

QStringList Dictionary::suggestions(const QString &)
{
    return {};
}

#endif

Dictionary::Dictionary(std::unique_ptr<Parts> parts)
    : m_parts(std::move(parts))
{
}

Dictionary::~Dictionary() = default;

} // namespace nlbd::ui
