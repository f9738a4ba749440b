#include "ui/editor/authors_clip.h"

#include "core/base/limits.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMimeData>

#include <algorithm>
#include <cmath>
#include <optional>

namespace nlbd::ui {

namespace {

constexpr qsizetype kBytesMax = 256 * 1024; ///< of what somebody put on the clipboard
constexpr qsizetype kAuthorsMax = 2'000;    ///< more parts than a page of many writers has

QString digestOf(const QString &text)
{
    return QString::fromLatin1(
        QCryptographicHash::hash(text.toUtf8(), QCryptographicHash::Sha256).toHex());
}

/// A whole number of units within a text.
std::optional<qsizetype> unitsIn(const QJsonValue &value, qsizetype most)
{
    const double number = value.toDouble(-1);
    if (!(number >= 0) || number > static_cast<double>(most) || std::floor(number) != number)
        return std::nullopt;
    return static_cast<qsizetype>(number);
}

} // namespace

QString plainName(const QString &name)
{
    QString plain;
    for (const QChar unit : name.left(4096)) {
        const bool isHidden = unit.category() == QChar::Other_Format
            || unit.category() == QChar::Other_PrivateUse
            || unit.category() == QChar::Other_NotAssigned;
        if (!isHidden)
            plain += unit.category() == QChar::Other_Control ? QChar(u' ') : unit;
    }
    plain = plain.simplified();
    if (!plain.isValidUtf16())
        return {};
    qsizetype most = static_cast<qsizetype>(limits::kNameScalarsMax);
    if (plain.size() > most && plain[most].isLowSurrogate())
        --most;
    return plain.left(most).trimmed();
}

QByteArray toAuthorsMime(const QString &text, const std::vector<ClippedAuthor> &authors)
{
    QJsonArray list;
    for (const ClippedAuthor &author : authors) {
        if (list.size() >= kAuthorsMax)
            break;
        list.append(QJsonObject{{QStringLiteral("from"), author.from},
                                {QStringLiteral("length"), author.length},
                                {QStringLiteral("name"), author.name},
                                {QStringLiteral("words"), author.words}});
    }
    return QJsonDocument(QJsonObject{{QStringLiteral("version"), 1},
                                     {QStringLiteral("text"), digestOf(text)},
                                     {QStringLiteral("authors"), list}})
        .toJson(QJsonDocument::Compact);
}

std::vector<ClippedAuthor> fromAuthorsMime(const QMimeData &source, const QString &text)
{
    const QByteArray bytes = source.data(QString::fromLatin1(kAuthorsMime));
    if (bytes.isEmpty() || bytes.size() > kBytesMax)
        return {};
    const QJsonObject all = QJsonDocument::fromJson(bytes).object();
    if (all.value(QStringLiteral("version")).toInt() != 1
        || all.value(QStringLiteral("text")).toString() != digestOf(text))
        return {};
    std::vector<ClippedAuthor> authors;
    qsizetype end = 0;
    const QJsonArray list = all.value(QStringLiteral("authors")).toArray();
    for (qsizetype i = 0; i < std::min(list.size(), kAuthorsMax); ++i) {
        const QJsonObject entry = list[i].toObject();
        const auto from = unitsIn(entry.value(QStringLiteral("from")), text.size());
        const auto length = unitsIn(entry.value(QStringLiteral("length")), text.size());
        const QString name = plainName(entry.value(QStringLiteral("name")).toString());
        const auto isInPair = [&text](qsizetype at) {
            return at > 0 && at < text.size() && text[at].isLowSurrogate();
        };
        if (!from || !length || *length == 0 || *from < end || *length > text.size() - *from
            || isInPair(*from) || isInPair(*from + *length) || name.isEmpty())
            continue;
        end = *from + *length;
        authors.push_back(
            {*from, *length, name, plainName(entry.value(QStringLiteral("words")).toString())});
    }
    return authors;
}

} // namespace nlbd::ui
