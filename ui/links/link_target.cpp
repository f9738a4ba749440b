#include "ui/links/link_target.h"

#include <QRegularExpression>
#include <QUrl>

#include <algorithm>
#include <array>

namespace nlbd::ui {

namespace {

constexpr qsizetype kShownHead = 220; // of an address that is longer than both
constexpr qsizetype kShownTail = 60;
constexpr qsizetype kWordsMax = 2048; // looked at, of what is linked

/// Not seen, or making others look otherwise than they are.
bool isHidden(QChar unit)
{
    switch (unit.category()) {
    case QChar::Other_Control:
    case QChar::Other_Format:
    case QChar::Other_PrivateUse:
    case QChar::Other_NotAssigned:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
    case QChar::Separator_Space:
        return true;
    default:
        return false;
    }
}

bool startsWith(QStringView text, const char *prefix)
{
    return text.startsWith(QLatin1String(prefix), Qt::CaseInsensitive);
}

/// Somebody's mail: one sign in the middle and a dot behind it.
bool isMail(QStringView text)
{
    const qsizetype at = text.indexOf(u'@');
    const qsizetype dot = text.lastIndexOf(u'.');
    if (at < 1 || text.indexOf(u'@', at + 1) >= 0 || dot < at + 2 || dot + 2 >= text.size())
        return false;
    return std::ranges::all_of(text, [](QChar unit) {
        return unit.isLetterOrNumber() || QStringView(u"@.-_+%").contains(unit);
    });
}

/// "example.org", with a path or without one.
bool isHost(QStringView text)
{
    const qsizetype end = text.indexOf(u'/') < 0 ? text.size() : text.indexOf(u'/');
    QStringView host = text.first(end);
    if (const qsizetype port = host.indexOf(u':'); port > 0)
        host = host.first(port);
    const qsizetype dot = host.lastIndexOf(u'.');
    if (dot < 1 || host.size() - dot < 3 || host.contains(QStringLiteral("..")))
        return false;
    const QStringView top = host.sliced(dot + 1);
    return std::ranges::all_of(top, [](QChar unit) { return unit.isLetter(); })
        && std::ranges::all_of(host, [](QChar unit) {
               return unit.isLetterOrNumber() || unit == u'.' || unit == u'-';
           });
}

bool hasScheme(QStringView text)
{
    static const QRegularExpression scheme(QStringLiteral("^[A-Za-z][A-Za-z0-9+.-]{1,20}:\\S"));
    return scheme.match(text.first(std::min<qsizetype>(text.size(), 40)).toString()).hasMatch();
}

bool isWeb(QStringView text)
{
    return startsWith(text, "http://") || startsWith(text, "https://");
}

/// A name of a file reads like a host: "notes.md" leads nowhere.
bool isFileName(QStringView host)
{
    static constexpr std::array kEndings{"md",  "js",   "ts",  "py",  "rs",   "sh",   "pl",
                                         "txt", "pdf",  "zip", "png", "html", "json", "cpp",
                                         "css", "java", "doc", "odt", "csv",  "xml",  "exe"};
    const QStringView top = host.sliced(host.lastIndexOf(u'.') + 1);
    return std::ranges::any_of(kEndings, [top](const char *ending) {
        return top.compare(QLatin1String(ending), Qt::CaseInsensitive) == 0;
    });
}

QString hostOf(const QString &target)
{
    const QUrl url(target);
    const QString host = QString::fromLatin1(QUrl::toAce(url.host())).toLower();
    return host.startsWith(QLatin1String("www.")) ? host.mid(4) : host;
}

/// What stands around an address in a sentence.
QStringView withoutSigns(QStringView text)
{
    while (!text.isEmpty() && QStringView(u"([{<\"'\u201C\u2018\u00AB").contains(text.front()))
        text = text.sliced(1);
    while (!text.isEmpty()) {
        const QChar last = text.back();
        const bool isClosed = last == u')' && text.count(u'(') >= text.count(u')');
        if (isClosed || !QStringView(u".,;:!?)]}>\"'\u201D\u2019\u00BB\u2026").contains(last))
            break;
        text.chop(1);
    }
    return text;
}

/// The address that a word looks like.
std::optional<QString> addressIn(QStringView word)
{
    word = withoutSigns(word);
    if (isWeb(word) || startsWith(word, "mailto:"))
        return word.toString();
    if (isMail(word))
        return QStringLiteral("mailto:") + word.toString();
    if (startsWith(word, "www.") || (isHost(word) && !isFileName(word)))
        return QStringLiteral("https://") + word.toString();
    return std::nullopt;
}

bool leadTogether(const QString &said, const QString &target)
{
    if (startsWith(said, "mailto:") || startsWith(target, "mailto:"))
        return QUrl(said).path().compare(QUrl(target).path(), Qt::CaseInsensitive) == 0
            && startsWith(said, "mailto:") == startsWith(target, "mailto:");
    const QString one = hostOf(said);
    const QString other = hostOf(target);
    const auto isPartOf = [](const QString &part, const QString &whole) {
        return part == whole || part.endsWith(u'.' + whole);
    };
    return isPartOf(one, other) || isPartOf(other, one);
}

} // namespace

std::optional<QString> targetTyped(const QString &text)
{
    const QString address = text.trimmed();
    const bool isWhole = !address.isEmpty() && address.toUtf8().size() <= kTargetBytesMax
        && address.isValidUtf16() && std::ranges::none_of(address, isHidden);
    if (!isWhole)
        return std::nullopt;
    if (isMail(address))
        return QStringLiteral("mailto:") + address;
    if (isHost(address) || startsWith(address, "www.") || startsWith(address, "localhost"))
        return QStringLiteral("https://") + address;
    return hasScheme(address) ? std::optional(address) : std::nullopt;
}

std::optional<AddressFound> addressBefore(QStringView line, qsizetype end)
{
    qsizetype from = end;
    while (from > 0 && end - from <= kTargetBytesMax && !line[from - 1].isSpace())
        --from;
    const QStringView word = withoutSigns(line.sliced(from, end - from));
    if (word.isEmpty() || word.size() > kTargetBytesMax)
        return std::nullopt;
    const bool isMeant = isWeb(word) || startsWith(word, "mailto:") || startsWith(word, "nlbd:")
        || (startsWith(word, "www.") && isHost(word)) || isMail(word);
    const std::optional<QString> target = isMeant ? targetTyped(word.toString()) : std::nullopt;
    if (!target || !mayOpen(*target))
        return std::nullopt;
    const qsizetype at = word.data() - line.data();
    return AddressFound{at, at + word.size(), *target};
}

QString shownTarget(const QString &target)
{
    QString cut = target;
    if (cut.size() > kShownHead + kShownTail) {
        qsizetype head = kShownHead;
        qsizetype tail = cut.size() - kShownTail;
        head -= cut[head - 1].isHighSurrogate() ? 1 : 0;
        tail += cut[tail].isLowSurrogate() ? 1 : 0;
        cut = cut.first(head) + QChar(0x2026) + cut.mid(tail);
    }
    QString shown;
    for (qsizetype i = 0; i < cut.size(); ++i) {
        const bool isPair =
            cut[i].isHighSurrogate() && i + 1 < cut.size() && cut[i + 1].isLowSurrogate();
        const qsizetype units = isPair ? 2 : 1;
        const QString letter = cut.mid(i, units);
        const bool isPlain = isPair ? QChar::isPrint(QChar::surrogateToUcs4(cut[i], cut[i + 1]))
                                    : !cut[i].isSurrogate() && !isHidden(cut[i]);
        shown += isPlain ? letter : QString::fromLatin1(letter.toUtf8().toPercentEncoding());
        i += units - 1;
    }
    return shown;
}

QString plainHost(const QString &target)
{
    const QUrl url(target.left(kTargetBytesMax));
    const bool isPlain =
        std::ranges::all_of(url.host(), [](QChar unit) { return unit.unicode() < 0x80; });
    return isPlain ? QString() : QString::fromLatin1(QUrl::toAce(url.host()));
}

std::optional<QString> pretended(const QString &words, const QString &target)
{
    const QString looked = words.left(kWordsMax);
    const QStringList each =
        looked.split(QRegularExpression(QStringLiteral("\\s+")), Qt::SkipEmptyParts);
    for (const QString &word : each) {
        const std::optional<QString> said = addressIn(word);
        if (said && !leadTogether(*said, target))
            return shownTarget(withoutSigns(word).toString());
    }
    return std::nullopt;
}

std::optional<QUrl> mayOpen(const QString &target)
{
    if (target.size() > 2 * kTargetBytesMax)
        return std::nullopt;
    const QUrl url(target, QUrl::TolerantMode);
    const QString scheme = url.scheme().toLower();
    const bool isPage = (scheme == QLatin1String("http") || scheme == QLatin1String("https"))
        && !url.host().isEmpty();
    const bool isOther = (scheme == QLatin1String("mailto") || scheme == QLatin1String("nlbd"))
        && !url.path().isEmpty();
    return url.isValid() && (isPage || isOther) ? std::optional(url) : std::nullopt;
}

} // namespace nlbd::ui
