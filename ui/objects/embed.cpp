#include "ui/objects/embed.h"

#include <QTextCharFormat>

#include <charconv>
#include <string_view>

namespace nlbd::ui {

namespace {

constexpr std::string_view kMember = "member:";
constexpr int kKindProperty = QTextFormat::UserProperty + 1;
constexpr int kMemberProperty = QTextFormat::UserProperty + 2;
constexpr qsizetype kNameUnitsMax = 40;

} // namespace

std::optional<Embed> embedOf(const Attributes &attributes)
{
    const auto found = attributes.find(kEmbed);
    if (found == attributes.end())
        return std::nullopt;
    const std::string_view value = found->second;
    Embed embed;
    if (!value.starts_with(kMember))
        return embed;
    const std::string_view digits = value.substr(kMember.size());
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), embed.member);
    if (read.ec == std::errc() && read.ptr == digits.data() + digits.size())
        embed.kind = Embed::Kind::Member;
    return embed;
}

std::string valueOf(const Embed &embed)
{
    return embed.kind == Embed::Kind::Member ? std::string(kMember) + std::to_string(embed.member)
                                             : std::string();
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
}

Embed embedOf(const QTextFormat &format)
{
    Embed embed;
    if (format.objectType() != objectType())
        return embed;
    embed.kind = static_cast<Embed::Kind>(format.intProperty(kKindProperty));
    embed.member = static_cast<std::uint16_t>(format.intProperty(kMemberProperty));
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
