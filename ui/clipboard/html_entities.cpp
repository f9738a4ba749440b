#include "ui/clipboard/html_entities.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace nlbd::ui {

namespace {

constexpr qsizetype kNameUnitsMax = 12; ///< of a reference, "&" and ";" not counted

/// U+00A0 to U+00FF in order (HTML 4.01, section 24.2).
constexpr std::array<const char *, 96> kLatin1{
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

struct Named {
    const char *name;
    char16_t letter;
};
/// Others that office programs and browsers write.
constexpr std::array<Named, 28> kNamed{
    {{"amp", u'&'},        {"lt", u'<'},          {"gt", u'>'},          {"quot", u'"'},
     {"apos", u'\''},      {"hellip", u'\u2026'}, {"mdash", u'\u2014'},  {"ndash", u'\u2013'},
     {"lsquo", u'\u2018'}, {"rsquo", u'\u2019'},  {"sbquo", u'\u201A'},  {"ldquo", u'\u201C'},
     {"rdquo", u'\u201D'}, {"bdquo", u'\u201E'},  {"lsaquo", u'\u2039'}, {"rsaquo", u'\u203A'},
     {"bull", u'\u2022'},  {"euro", u'\u20AC'},   {"trade", u'\u2122'},  {"ensp", u'\u2002'},
     {"emsp", u'\u2003'},  {"thinsp", u'\u2009'}, {"zwnj", u'\u200C'},   {"zwj", u'\u200D'},
     {"lrm", u'\u200E'},   {"rlm", u'\u200F'},    {"larr", u'\u2190'},   {"rarr", u'\u2192'}}};

QString letterOf(char32_t scalar)
{
    const bool isNone = scalar == 0 || scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF);
    const char32_t letter = isNone ? 0xFFFD : scalar;
    return QString::fromUcs4(&letter, 1);
}

HtmlReference numbered(QStringView text)
{
    const bool isHex = text.size() > 2 && (text[2] == u'x' || text[2] == u'X');
    qsizetype at = isHex ? 3 : 2;
    const qsizetype first = at;
    char32_t scalar = 0;
    for (; at < text.size(); ++at) {
        const char16_t unit = text[at].unicode();
        const bool isDigit = unit >= u'0' && unit <= u'9';
        const char16_t low = static_cast<char16_t>(unit | 0x20U);
        const bool isLetter = isHex && low >= u'a' && low <= u'f';
        if (!isDigit && !isLetter)
            break;
        const auto digit = static_cast<char32_t>(isDigit ? unit - u'0' : low - u'a' + 10);
        scalar = std::min<char32_t>(scalar * (isHex ? 16 : 10) + digit, 0x110000);
    }
    if (at == first)
        return {QStringLiteral("&"), 1};
    if (at < text.size() && text[at] == u';')
        ++at;
    return {letterOf(scalar), at};
}

} // namespace

HtmlReference htmlReference(QStringView text)
{
    if (text.size() > 1 && text[1] == u'#')
        return numbered(text);
    qsizetype end = 1;
    while (end < text.size() && end <= kNameUnitsMax && text[end].unicode() < 128
           && text[end].isLetterOrNumber())
        ++end;
    if (end >= text.size() || text[end] != u';')
        return {QStringLiteral("&"), 1};
    const QByteArray name = text.sliced(1, end - 1).toLatin1();
    const std::string_view wanted(name.constData(), static_cast<std::size_t>(name.size()));
    for (std::size_t i = 0; i < kLatin1.size(); ++i)
        if (wanted == kLatin1[i])
            return {QString(QChar(static_cast<char16_t>(0xA0 + i))), end + 1};
    for (const Named &each : kNamed)
        if (wanted == each.name)
            return {QString(QChar(each.letter)), end + 1};
    return {QStringLiteral("&"), 1};
}

QString withoutReferences(QStringView text)
{
    QString result;
    for (qsizetype at = 0; at < text.size();) {
        if (text[at] != u'&') {
            result += text[at++];
            continue;
        }
        const HtmlReference found = htmlReference(text.sliced(at));
        result += found.letters;
        at += found.units;
    }
    return result;
}

} // namespace nlbd::ui
