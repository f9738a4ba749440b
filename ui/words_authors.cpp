#include "ui/words_authors.h"

#include "ui/words_decisions.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace nlbd::ui::words {

namespace {

constexpr std::size_t kWritersMax = 3; ///< of a word
constexpr qsizetype kNamesMax = 12;    ///< in one sentence

QString tr(const char *text)
{
    return QCoreApplication::translate("words", text);
}

/// All of them: it is for accountability that they are named.
QString allNames(const std::vector<MemberIndex> &members, const People &people)
{
    QStringList known;
    for (const MemberIndex member : members)
        known.append(nameOfMember(people, member));
    if (known.size() > kNamesMax) {
        const qsizetype more = known.size() - kNamesMax;
        return tr("%1 and %2 others").arg(known.mid(0, kNamesMax).join(tr(", "))).arg(more);
    }
    if (known.size() < 2)
        return known.join(QString());
    const QString last = known.takeLast();
    return tr("%1 and %2").arg(known.join(tr(", ")), last);
}

QString named(const Counted &what)
{
    if (what.words == 1)
        return tr("this word");
    if (what.words > 1)
        return tr("these %1 words").arg(QLocale().toString(what.words));
    return what.letters == 1 ? tr("this letter")
                             : tr("these %1 letters").arg(QLocale().toString(what.letters));
}

} // namespace

QString moment(WallTime time, const QDateTime &now)
{
    const QDateTime local = QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count());
    const bool isThisYear = local.date().year() == now.date().year();
    return QLocale().toString(
        local, isThisYear ? QStringLiteral("d MMM HH:mm") : QStringLiteral("d MMM yyyy HH:mm"));
}

QString standing(api::Agreement state, std::uint16_t signedBy, std::uint16_t seats)
{
    switch (state) {
    case api::Agreement::Disputed:
        return tr("disputed: that computer told two different stories");
    case api::Agreement::Unsent:
        return tr("just typed");
    case api::Agreement::Agreed:
        return seats > 1 ? tr("agreed by %1 of %2").arg(signedBy).arg(seats) : QString();
    case api::Agreement::Pencil:
        return seats > 1 ? tr("in pencil: %1 of %2 have it").arg(signedBy).arg(seats) : QString();
    }
    return {};
}

QString wrote(const PageAuthors::Span &span, const QString &name, std::uint16_t seats,
              const QDateTime &now)
{
    QStringList parts;
    parts.append(span.quoted.isEmpty() ? name : tr("%1 (quoted by %2)").arg(span.quoted, name));
    if (span.when)
        parts.append(moment(*span.when, now));
    if (const QString end = standing(span.state, span.signedBy, seats); !end.isEmpty())
        parts.append(end);
    return parts.join(tr(", "));
}

QString wroteAll(const std::vector<PageAuthors::Span> &spans, const People &people,
                 std::uint16_t seats, const QDateTime &now)
{
    // Of what one person wrote the newest is told, with the standing that is least settled.
    std::vector<PageAuthors::Span> writers;
    for (const PageAuthors::Span &span : spans) {
        const auto known = std::ranges::find_if(writers, [&](const PageAuthors::Span &it) {
            return it.member == span.member && it.quoted == span.quoted;
        });
        if (known == writers.end()) {
            writers.push_back(span);
            continue;
        }
        const bool isDisputed = known->state == api::Agreement::Disputed;
        if (!isDisputed && (span.state == api::Agreement::Disputed || span.state < known->state))
            known->state = span.state;
        known->signedBy = std::min(known->signedBy, span.signedBy);
        known->when = known->when && span.when ? std::max(known->when, span.when) : std::nullopt;
    }
    QStringList sentences;
    for (const PageAuthors::Span &writer : writers)
        if (static_cast<std::size_t>(sentences.size()) < kWritersMax)
            sentences.append(wrote(writer, nameOfMember(people, writer.member), seats, now));
    return sentences.join(tr("; "));
}

Counted counted(QStringView text)
{
    Counted result;
    bool isInWord = false;
    for (const QChar unit : text) {
        const bool isWord = unit.isLetterOrNumber() || unit.isMark() || unit.isSurrogate()
            || (isInWord && (unit == u'\'' || unit == QChar(0x2019)));
        result.words += isWord && !isInWord ? 1 : 0;
        isInWord = isWord;
        result.letters += unit.isLowSurrogate() ? 0 : 1;
    }
    return result;
}

WhoHas whoHas(const WhoHasAnswer &answer, const Counted &what, const People &people)
{
    const bool isOne = what.words == 1 || (what.words == 0 && what.letters == 1);
    const QString them = isOne ? tr("it") : tr("them");
    WhoHas result;
    const bool isAll = answer.lack.empty() && answer.have.size() > 1;
    if (isAll)
        result.have = tr("Everyone has %1: %2").arg(named(what), allNames(answer.have, people));
    else if (answer.have.size() == 1)
        result.have = answer.lack.empty()
            ? tr("Only you have %1").arg(named(what))
            : tr("%1 has %2").arg(allNames(answer.have, people), named(what));
    else if (!answer.have.empty())
        result.have = tr("%1 have %2").arg(allNames(answer.have, people), named(what));
    if (answer.lack.size() == 1)
        result.lack = tr("%1 does not have %2 yet").arg(allNames(answer.lack, people), them);
    else if (!answer.lack.empty())
        result.lack = tr("%1 do not have %2 yet").arg(allNames(answer.lack, people), them);
    return result;
}

} // namespace nlbd::ui::words
