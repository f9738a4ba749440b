#include "ui/words.h"

#include "core/base/limits.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace nlbd::ui::words {

namespace {

QString tr(const char *text, int n = -1)
{
    return QCoreApplication::translate("words", text, nullptr, n);
}

QDateTime localOf(WallTime time)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count());
}

QString changes(std::uint64_t count)
{
    return count == 1 ? tr("1 change")
                      : tr("%1 changes").arg(QLocale().toString(qulonglong(count)));
}

/// In one line, and an ampersand is a letter, not a mark for a key.
QString shortened(const std::string &text)
{
    return QString::fromUtf8(text).simplified().replace(QChar(u'&'), QStringLiteral("&&"));
}

bool isAre(const QStringList &people)
{
    return people.size() != 1;
}

} // namespace

QString names(const QStringList &people)
{
    if (people.isEmpty())
        return tr("nobody");
    if (people.size() == 1)
        return people.front();
    if (people.size() <= 3)
        return tr("%1 and %2")
            .arg(QStringList(people.mid(0, people.size() - 1)).join(tr(", ")), people.back());
    return tr("%1, %2 and %3 others").arg(people[0], people[1]).arg(people.size() - 2);
}

QString nameOf(const People &people, std::optional<DeviceIndex> device)
{
    if (!device)
        return tr("someone unknown");
    const auto it = std::find_if(people.begin(), people.end(),
                                 [&](const api::Person &p) { return p.device == *device; });
    return it == people.end() ? tr("someone unknown") : QString::fromUtf8(it->name);
}

QStringList namesOf(const People &people, const std::vector<MemberIndex> &members)
{
    QStringList result;
    for (const MemberIndex member : members) {
        const auto it = std::find_if(people.begin(), people.end(),
                                     [&](const api::Person &p) { return p.member == member; });
        if (it != people.end())
            result.append(QString::fromUtf8(it->name).section(QChar(u' '), 0, 0));
    }
    return result;
}

QString when(WallTime time, const QDateTime &now)
{
    const QDateTime local = localOf(time);
    const qint64 days = local.date().daysTo(now.date());
    const QLocale locale;
    if (days <= 0)
        return locale.toString(local.time(), QStringLiteral("HH:mm"));
    if (days == 1)
        return tr("yesterday");
    if (days < 7)
        return locale.dayName(local.date().dayOfWeek());
    return locale.toString(local.date(), QStringLiteral("d MMM"));
}

QString whenExactly(WallTime time)
{
    return QLocale().toString(localOf(time), QStringLiteral("d MMM yyyy, HH:mm:ss"));
}

QString personState(const api::Person &person, std::optional<DocIndex> here, const QDateTime &now)
{
    QStringList parts;
    if (person.isDisputed)
        parts.append(tr("Told two different stories"));
    if (person.standing == api::Person::Standing::Reads)
        parts.append(tr("Reads only"));
    else if (person.standing == api::Person::Standing::Dormant)
        parts.append(tr("Not counted while away"));
    if (person.isMe) {
        parts.append(person.writingIn && person.writingIn == here ? tr("Writing here")
                                                                  : tr("This computer"));
        return parts.join(tr(" \xC2\xB7 "));
    }
    if (!person.isOnline)
        parts.append(person.lastHeard ? tr("Away since %1").arg(when(*person.lastHeard, now))
                                      : tr("Not here yet"));
    else if (person.writingIn && person.writingIn == here)
        parts.append(tr("Writing here"));
    else
        parts.append(person.writingIn ? tr("In another document") : tr("Here"));
    parts.append(person.changesBehind == 0 ? tr("has everything")
                                           : tr("%1 behind").arg(changes(person.changesBehind)));
    return parts.join(tr(" \xC2\xB7 "));
}

std::vector<StatusPart> status(const api::StatusChanged &status, const People &people,
                               const QDateTime &now)
{
    using Kind = StatusPart::Kind;
    std::vector<StatusPart> parts;
    if (!status.isEverythingStored)
        parts.push_back({Kind::Waiting, tr("Not everything is on the disk yet")});
    if (people.size() <= 1) {
        parts.push_back({Kind::Alone, tr("Only you have this")});
        return parts;
    }
    if (status.agreedUpTo)
        parts.push_back({Kind::Agreed, tr("Agreed up to %1").arg(when(*status.agreedUpTo, now))});
    if (status.othersOnline == 0) {
        const QString waiting = status.myChangesInPencil == 0
            ? tr("0 changes waiting.")
            : tr("%1 will be shared when someone is near.").arg(changes(status.myChangesInPencil));
        parts.push_back({Kind::Offline, tr("You are on your own. %1").arg(waiting)});
        return parts;
    }
    if (status.changesInPencil > 0) {
        const QStringList missing = namesOf(people, status.missing);
        const QString head = tr("%1 in pencil").arg(changes(status.changesInPencil));
        const bool isOne = status.changesInPencil == 1;
        const QString what = isOne ? tr("it") : tr("them");
        parts.push_back({Kind::Pencil,
                         missing.isEmpty() ? head
                             : isAre(missing)
                             ? tr("%1: %2 do not have %3 yet").arg(head, names(missing), what)
                             : tr("%1: %2 does not have %3 yet").arg(head, names(missing), what)});
    }
    return parts;
}

QString agreementNeeds(std::size_t people)
{
    if (people < 2)
        return {};
    if (people < 4)
        return tr("With %1 people, agreement needs everyone. From 4 on, one may be away or cheat.")
            .arg(people);
    const std::size_t tolerated = (people - 1) / 3;
    return tr("Agreement needs %1 of %2: it holds even if %3 of you %4 away or %5.")
        .arg(2 * people / 3 + 1)
        .arg(people)
        .arg(tolerated)
        .arg(tolerated == 1 ? tr("is") : tr("are"), tolerated == 1 ? tr("cheats") : tr("cheat"));
}

QString whyRefused(Code code)
{
    switch (code) {
    case Code::E_SIG:
        return tr("was not signed with their key");
    case Code::E_PAYLOAD_HASH:
        return tr("its words are not the ones that were signed");
    case Code::E_NOT_MEMBER:
        return tr("it comes from a computer that nobody admitted");
    case Code::E_LAMPORT:
        return tr("it lies about what came before it");
    case Code::E_STRUCT:
        return tr("what it builds on is not in order");
    case Code::E_ROLE:
        return tr("that computer may not write here");
    case Code::E_VOID:
        return tr("that computer had lost its pen before");
    case Code::E_OP_TARGET:
        return tr("it changes words that its writer cannot have seen");
    case Code::E_BOUNDS:
        return tr("it is larger than a change may be");
    case Code::E_CANON:
        return tr("its bytes are not in the one agreed form");
    case Code::E_KEY_COMMIT:
        return tr("it is not locked with the key of this workspace");
    case Code::E_NAME_CONFUSABLE:
        return tr("it uses a name that looks like another's");
    case Code::E_STATE_ROOT:
    case Code::E_KEY_OFFER:
        return tr("its sums do not add up");
    case Code::E_BLOB_PIECE:
        return tr("a piece of a file is not the one that was attached");
    case Code::E_ZAP:
        return tr("its computer is not on the list");
    case Code::E_RATE:
    case Code::DUPLICATE:
    case Code::BUFFERED:
    case Code::CLOCK_CLAMPED:
    case Code::UNREPRESENTABLE:
        return tr("it could not be taken in");
    case Code::EV_FORK:
        return tr("that computer wrote two different changes in one place");
    case Code::EV_DOUBLE_ACK:
        return tr("that computer signed for two stories that exclude each other");
    case Code::EV_INVALID:
        return tr("it breaks a rule, well signed as it is");
    case Code::EV_DOUBLE_VOTE:
        return tr("that computer voted twice, differently");
    case Code::EV_AMNESIA:
        return tr("that computer denies what it signed before");
    case Code::EV_CONFLICT_DECISION:
        return tr("two different decisions were signed");
    case Code::EV_DOUBLE_CLOSE:
        return tr("that computer reported twice, differently");
    }
    return tr("it could not be taken in");
}

/// It says nothing of who is to blame: a disk that goes bad looks the same.
static QString pieceBody(const QString &lead, const api::Refusal &refusal, const People &people)
{
    QString body = tr("%1 was not a piece of the file that was attached.").arg(lead);
    if (refusal.from)
        body += tr(" It came from %1's computer: a damaged disk looks like that as well.")
                    .arg(nameOf(people, refusal.from));
    return body + tr(" Nothing of it was kept. The piece is fetched from others.");
}

/// Who is said to have written it, what is wrong, who brought it, and whether the text is safe.
static QString bodyOf(const QString &lead, const api::Refusal &refusal, const People &people)
{
    if (refusal.code == Code::E_BLOB_PIECE)
        return pieceBody(lead, refusal, people);
    const QString why = whyRefused(refusal.code);
    QString body = refusal.claimed ? tr("%1 claimed to be written by %2, but %3.")
                                         .arg(lead, nameOf(people, refusal.claimed), why)
                                   : tr("%1 did not say who wrote it: %2.").arg(lead, why);
    if (refusal.from)
        body += tr(" It came from %1's computer.").arg(nameOf(people, refusal.from));
    return body + tr(" Nothing in your documents changed.");
}

QString refused(const api::Refusal &latest, std::uint64_t unread, const People &people)
{
    const bool isPiece = latest.code == Code::E_BLOB_PIECE;
    const QString many = isPiece ? tr("%1 changes and pieces of files were refused.")
                                 : tr("%1 changes were refused.");
    const QString one =
        isPiece ? tr("A piece of a file was refused.") : tr("A change was refused.");
    const QString head = unread > 1 ? many.arg(QLocale().toString(qulonglong(unread))) : one;
    const QString lead = unread > 1 ? tr("The last one") : tr("It");
    return QStringLiteral("<b>%1</b> %2")
        .arg(head.toHtmlEscaped(), bodyOf(lead, latest, people).toHtmlEscaped());
}

QString refusedBody(const api::Refusal &refusal, const People &people)
{
    return bodyOf(tr("It"), refusal, people);
}

QString undo(const api::UndoChanged &event)
{
    const QString text = shortened(event.undoText);
    if (!event.canUndo)
        return tr("Undo");
    switch (event.undoes) {
    case api::UndoChanged::What::Formatting:
        return tr("Undo formatting");
    case api::UndoChanged::What::Commenting:
        return tr("Undo comment");
    case api::UndoChanged::What::Suggesting:
        return tr("Undo suggestion");
    case api::UndoChanged::What::Deleting:
        return text.isEmpty() ? tr("Undo deleting") : tr("Undo deleting \u201c%1\u201d").arg(text);
    case api::UndoChanged::What::Typing:
        break;
    }
    return text.isEmpty() ? tr("Undo typing") : tr("Undo typing \u201c%1\u201d").arg(text);
}

QString redo(const api::UndoChanged &event)
{
    const QString text = shortened(event.redoText);
    if (!event.canRedo)
        return tr("Redo");
    switch (event.redoes) {
    case api::UndoChanged::What::Formatting:
        return tr("Redo formatting");
    case api::UndoChanged::What::Commenting:
        return tr("Redo comment");
    case api::UndoChanged::What::Suggesting:
        return tr("Redo suggestion");
    case api::UndoChanged::What::Deleting:
        return text.isEmpty() ? tr("Redo deleting") : tr("Redo deleting \u201c%1\u201d").arg(text);
    case api::UndoChanged::What::Typing:
        break;
    }
    return text.isEmpty() ? tr("Redo typing") : tr("Redo typing \u201c%1\u201d").arg(text);
}

QString title(const std::string &title)
{
    return title.empty() ? tr("Untitled") : QString::fromUtf8(title);
}

QString titleFrom(const QString &firstLine)
{
    QString text = firstLine.simplified();
    while (text.startsWith(QChar(u'#')))
        text.remove(0, 1);
    text = text.trimmed();
    qsizetype most = static_cast<qsizetype>(limits::kNameScalarsMax);
    if (text.size() > most) {
        if (text[most].isLowSurrogate())
            --most;
        text = text.left(most).trimmed();
    }
    return text;
}

QString count(qint64 words)
{
    return words == 1 ? tr("1 word") : tr("%1 words").arg(QLocale().toString(words));
}

} // namespace nlbd::ui::words
