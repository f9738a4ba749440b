#include "ui/clipboard/clip_format.h"

#include "ui/objects/embed.h"

#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cmath>

namespace nlbd::ui {

namespace {

constexpr qsizetype kBytesMax = 32 * 1024 * 1024;

QString digestOf(const QString &text)
{
    return QString::fromLatin1(
        QCryptographicHash::hash(text.toUtf8(), QCryptographicHash::Sha256).toHex());
}

QJsonObject toJson(const Attributes &attributes)
{
    QJsonObject object;
    for (const auto &[key, value] : attributes)
        object.insert(QString::fromStdString(key), QString::fromStdString(value));
    return object;
}

Attributes fromJson(const QJsonObject &object)
{
    Attributes attributes;
    for (auto it = object.begin(); it != object.end() && attributes.size() < 64; ++it)
        if (it.value().isString())
            attributes.emplace(it.key().toStdString(), it.value().toString().toStdString());
    return attributes;
}

Attributes attributesOf(const BlockStyle &style)
{
    Attributes attributes;
    for (const auto &[key, value] : changesTo(style, {}))
        if (value)
            attributes.emplace(key, *value);
    return attributes;
}

/// A place in a text, -1 if it is none.
qsizetype placeIn(const QJsonValue &value, const QString &text)
{
    const double number = value.toDouble(-1);
    if (!(number >= 0) || number > static_cast<double>(text.size()) || std::floor(number) != number)
        return -1;
    const auto at = static_cast<qsizetype>(number);
    const bool isInPair = at > 0 && at < text.size() && text[at].isLowSurrogate();
    return isInPair ? -1 : at;
}

bool isOfObjects(QStringView letters)
{
    return std::ranges::all_of(letters, [](QChar unit) { return unit == QChar(kObjectLetter); });
}

} // namespace

QByteArray toClipFormat(const Fragment &fragment, const QString &told)
{
    QJsonArray runs;
    for (const Fragment::Run &run : fragment.runs)
        runs.append(QJsonArray{run.from, run.to, toJson(run.marks)});
    QJsonArray blocks;
    for (const Fragment::Block &block : fragment.blocks)
        blocks.append(block ? QJsonValue(toJson(attributesOf(*block))) : QJsonValue());
    QJsonObject all{{QStringLiteral("version"), 1},
                    {QStringLiteral("text"), digestOf(told)},
                    {QStringLiteral("runs"), runs},
                    {QStringLiteral("blocks"), blocks}};
    if (told != fragment.text)
        all.insert(QStringLiteral("letters"), fragment.text);
    return QJsonDocument(all).toJson(QJsonDocument::Compact);
}

std::optional<Fragment> fromClipFormat(const QByteArray &bytes, const QString &told)
{
    if (bytes.isEmpty() || bytes.size() > kBytesMax)
        return std::nullopt;
    const QJsonObject all = QJsonDocument::fromJson(bytes).object();
    if (all.value(QStringLiteral("version")).toInt() != 1
        || all.value(QStringLiteral("text")).toString() != digestOf(told))
        return std::nullopt;
    const QString text = withWholePairs(all.value(QStringLiteral("letters")).toString(told));
    Fragment fragment;
    fragment.text = text;
    qsizetype end = 0;
    for (const QJsonValue &value : all.value(QStringLiteral("runs")).toArray()) {
        const QJsonArray run = value.toArray();
        const qsizetype from = placeIn(run.at(0), text);
        const qsizetype to = placeIn(run.at(1), text);
        Attributes marks = marksThatTravel(fromJson(run.at(2).toObject()));
        if (from >= 0 && from < to && !isOfObjects(QStringView(text).sliced(from, to - from)))
            marks.erase(kEmbed);
        if (run.size() != 3 || from < end || to <= from || marks.empty()
            || fragment.runs.size() >= Fragment::kRunsMax)
            continue;
        end = to;
        fragment.runs.push_back({from, to, std::move(marks)});
    }
    const QJsonArray blocks = all.value(QStringLiteral("blocks")).toArray();
    if (blocks.size() != text.count(u'\n') + 1)
        return fragment;
    for (const QJsonValue &value : blocks)
        fragment.blocks.push_back(value.isObject()
                                      ? Fragment::Block(blockStyleOf(fromJson(value.toObject())))
                                      : Fragment::Block());
    return fragment;
}

} // namespace nlbd::ui
