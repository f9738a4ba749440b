#include "ui/words_history.h"

#include "ui/words_authors.h"

#include <QCoreApplication>
#include <QLocale>

namespace nlbd::ui::words {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("words", text);
}

QDateTime localOf(WallTime time)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count());
}

QString number(std::uint64_t count)
{
    return QLocale().toString(static_cast<qulonglong>(count));
}

QString letters(std::uint64_t count)
{
    return count == 1 ? tr("1 letter") : tr("%1 letters").arg(number(count));
}

/// A few words on one line, with a sign where there is more.
QString piece(const QString &text)
{
    constexpr qsizetype kShown = 120;
    const QString line = text.simplified();
    return line.size() > kShown ? line.left(kShown) + QChar(0x2026) : line;
}

/// Nobody's signature says when it was given: a computer knows when it learned of enough of them.
QString standingOf(const api::PastGroup &group, std::uint16_t seats, const QDateTime &now)
{
    const QString standing = words::standing(group.state, group.signedBy, seats);
    const bool isDated = group.state == api::Agreement::Agreed && group.agreedSince;
    return isDated && !standing.isEmpty()
        ? tr("%1, known here since %2").arg(standing, moment(*group.agreedSince, now))
        : standing;
}

} // namespace

QString pastTime(const api::PastGroup &group, const QDateTime &now)
{
    const QDateTime from = localOf(group.from);
    const QDateTime to = localOf(group.to);
    const QString begin = moment(group.from, now);
    const QString end = QLocale().toString(to, QStringLiteral("HH:mm"));
    if (from.date() != to.date())
        return tr("%1 to %2").arg(begin, moment(group.to, now));
    return QLocale().toString(from, QStringLiteral("HH:mm")) == end
        ? begin
        : tr("%1 to %2").arg(begin, end);
}

QString pastAmount(const api::PastGroup &group)
{
    if (group.added == 0 && group.removed == 0)
        return tr("formats or a name");
    if (group.removed == 0)
        return tr("%1 more").arg(letters(group.added));
    if (group.added == 0)
        return tr("%1 fewer").arg(letters(group.removed));
    return tr("%1 more, %2 fewer").arg(letters(group.added), number(group.removed));
}

QString pastGroup(const api::PastGroup &group, std::uint16_t seats, const People &people,
                  const QDateTime &now)
{
    const QString standing = standingOf(group, seats, now);
    const QString head =
        tr("%1, %2: %3")
            .arg(names(namesOf(people, group.members)), pastTime(group, now), pastAmount(group));
    return standing.isEmpty() ? tr("%1.").arg(head) : tr("%1, %2.").arg(head, standing);
}

QString pastRun(const api::PastRun &run, const QString &name, const QString &text,
                const QDateTime &now)
{
    const QString when = moment(run.when, now);
    const QString what = text.trimmed().isEmpty() ? tr("a space or a line break")
                                                  : tr("\u201C%1\u201D").arg(piece(text));
    switch (run.what) {
    case api::PastRun::What::Added:
        return tr("Added by %1, %2: %3").arg(name, when, what);
    case api::PastRun::What::Removed:
        return tr("Removed by %1, %2: %3").arg(name, when, what);
    case api::PastRun::What::Formatted:
        return tr("Formatted by %1, %2: %3").arg(name, when, what);
    }
    return {};
}

QString restoreAll(const api::PastGroup &group, const QDateTime &now)
{
    return tr("Restoring makes the page what it was on %1, or the selected part of it. That is an "
              "edit of yours: everybody sees it, nothing is lost, and Undo takes it back.")
        .arg(moment(group.to, now));
}

QString restored(const api::PastRestored &event)
{
    switch (event.result) {
    case api::PastRestored::Result::Done:
        return tr("Restored, as an edit of yours: %1 came and %2 went. Undo takes it back.")
            .arg(letters(event.added), letters(event.removed));
    case api::PastRestored::Result::Same:
        return tr("It is so already: nothing was changed.");
    case api::PastRestored::Result::MayNot:
        return tr("Nothing may be written here now. The page is as it was.");
    case api::PastRestored::Result::NotKnown:
        break;
    }
    return tr("That part of the past is not known here any more. Nothing was changed.");
}

QString apart(const api::ApartInfo &info, const People &people)
{
    const QString who = names(namesOf(people, info.members));
    const QString changes =
        info.changes == 1 ? tr("1 change") : tr("%1 changes").arg(number(info.changes));
    const QString places =
        info.places == 1 ? tr("1 place") : tr("%1 places").arg(number(info.places));
    return tr("%1: %2 in %3").arg(who, changes, places);
}

QString apartPlace(const api::ApartPlace &place, std::size_t index, std::size_t count,
                   const People &people, const QDateTime &now)
{
    const QString head = tr("%1 of %2: %3, %4.")
                             .arg(number(index + 1), number(count),
                                  names(namesOf(people, place.members)), moment(place.when, now));
    const QString before = piece(QString::fromUtf8(place.before));
    const QString after = piece(QString::fromUtf8(place.now));
    if (place.isFormat)
        return tr("%1 Looks different: \u201C%2\u201D").arg(head, after);
    if (before.isEmpty())
        return tr("%1 New: \u201C%2\u201D").arg(head, after);
    if (after.isEmpty())
        return tr("%1 Removed: \u201C%2\u201D").arg(head, before);
    return tr("%1 Before: \u201C%2\u201D. Now: \u201C%3\u201D").arg(head, before, after);
}

} // namespace nlbd::ui::words
