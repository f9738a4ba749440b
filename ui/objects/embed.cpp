#include "ui/objects/embed.h"

#include <QTextCharFormat>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace nlbd::ui {

namespace {

constexpr std::string_view kMember = "member:";
constexpr std::string_view kPicture = "image:";
constexpr std::size_t kHexUnits = 64;
constexpr int kKindProperty = QTextFormat::UserProperty + 1;
constexpr int kMemberProperty = QTextFormat::UserProperty + 2;
constexpr int kBlobProperty = QTextFormat::UserProperty + 3;
constexpr int kWidthProperty = QTextFormat::UserProperty + 4;
constexpr int kHeightProperty = QTextFormat::UserProperty + 5;
constexpr qsizetype kNameUnitsMax = 40;

/// All of `digits`, or nothing.
template <typename Number>
std::optional<Number> numberOf(std::string_view digits)
{
    Number number{};
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool isWhole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
    return isWhole ? std::optional(number) : std::nullopt;
}

std::optional<Hash> hashOf(std::string_view hex)
{
    const QByteArray bytes = QByteArray::fromHex(
        QByteArray::fromRawData(hex.data(), static_cast<qsizetype>(hex.size())));
    Hash hash;
    if (hex.size() != kHexUnits || bytes.size() != static_cast<qsizetype>(hash.value.size()))
        return std::nullopt;
    std::ranges::transform(bytes, hash.value.begin(), [](char c) { return std::byte(c); });
    return hash;
}

/// "<hash>:<width>x<height>"
Embed pictureOf(std::string_view value)
{
    const std::size_t colon = value.find(':');
    const std::size_t cross = value.find('x', colon == value.npos ? 0 : colon);
    if (colon == value.npos || cross == value.npos)
        return {};
    const auto blob = hashOf(value.substr(0, colon));
    const auto width = numberOf<int>(value.substr(colon + 1, cross - colon - 1));
    const auto height = numberOf<int>(value.substr(cross + 1));
    const auto isSide = [](const std::optional<int> &side) {
        return side && *side >= 1 && *side <= Embed::kSideMax;
    };
    if (!blob || !isSide(width) || !isSide(height))
        return {};
    return {Embed::Kind::Picture, 0, *blob, {*width, *height}};
}

} // namespace

std::optional<Embed> embedOf(const Attributes &attributes)
{
    const auto found = attributes.find(kEmbed);
    if (found == attributes.end())
        return std::nullopt;
    const std::string_view value = found->second;
    if (value.starts_with(kPicture))
        return pictureOf(value.substr(kPicture.size()));
    const auto member = value.starts_with(kMember)
        ? numberOf<std::uint16_t>(value.substr(kMember.size()))
        : std::nullopt;
    return member ? Embed{Embed::Kind::Member, *member} : Embed();
}

std::string valueOf(const Embed &embed)
{
    switch (embed.kind) {
    case Embed::Kind::Member:
        return std::string(kMember) + std::to_string(embed.member);
    case Embed::Kind::Picture:
        return std::string(kPicture) + embed.blob.hex() + ':' + std::to_string(embed.size.width())
            + 'x' + std::to_string(embed.size.height());
    case Embed::Kind::Unknown:
        break;
    }
    return {};
}

int objectType()
{
    return QTextFormat::UserObject + 1;
}

void putEmbed(QTextCharFormat &format, const Embed &embed)
{
    format.setObjectType(objectType());
    format.setProperty(kKindProperty, static_cast<int>(embed.kind));
    format.setProperty(kMemberProperty, static_cast<int>(embed.member));
    if (embed.kind != Embed::Kind::Picture)
        return;
    format.setProperty(kBlobProperty, QByteArray::fromStdString(embed.blob.hex()));
    format.setProperty(kWidthProperty, embed.size.width());
    format.setProperty(kHeightProperty, embed.size.height());
}

Embed embedOf(const QTextFormat &format)
{
    Embed embed;
    if (format.objectType() != objectType())
        return embed;
    embed.kind = static_cast<Embed::Kind>(format.intProperty(kKindProperty));
    embed.member = static_cast<std::uint16_t>(format.intProperty(kMemberProperty));
    if (embed.kind == Embed::Kind::Picture) {
        const QByteArray hex = format.property(kBlobProperty).toByteArray();
        embed.blob = hashOf({hex.data(), static_cast<std::size_t>(hex.size())}).value_or(Hash());
        embed.size = {format.intProperty(kWidthProperty), format.intProperty(kHeightProperty)};
    }
    return embed;
}

QString quietName(const QString &name)
{
    QString quiet;
    for (const QChar unit : name.left(4 * kNameUnitsMax)) {
        const auto category = unit.category();
        const bool isActing = category == QChar::Other_Control || category == QChar::Other_Format
            || category == QChar::Separator_Line || category == QChar::Separator_Paragraph;
        if (!isActing)
            quiet += unit;
    }
    quiet = quiet.simplified();
    if (quiet.size() <= kNameUnitsMax)
        return quiet;
    const qsizetype end =
        quiet[kNameUnitsMax - 1].isHighSurrogate() ? kNameUnitsMax - 2 : kNameUnitsMax - 1;
    return quiet.left(end) + QChar(0x2026);
}

} // namespace nlbd::ui
