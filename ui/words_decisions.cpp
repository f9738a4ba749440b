#include "ui/words_decisions.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace nlbd::ui::words {

namespace {

using Kind = api::Wish::Kind;

QString tr(const char *text)
{
    return QCoreApplication::translate("words", text);
}

/// What others wrote, in one line.
QString plain(const std::string &text)
{
    return QString::fromUtf8(text).simplified();
}

/// A rule may be as long as a page; a row of a list is not.
QString shortened(const QString &text)
{
    constexpr qsizetype kMost = 200;
    if (text.size() <= kMost)
        return text;
    const qsizetype end = text[kMost - 1].isHighSurrogate() ? kMost - 1 : kMost;
    return text.left(end) + QChar(0x2026);
}

} // namespace

QString nameOfMember(const People &people, MemberIndex member)
{
    const auto it = std::ranges::find(people, member, &api::Person::member);
    return it == people.end() ? tr("someone unknown") : QString::fromUtf8(it->name);
}

QString question(const api::Wish &wish, const People &people)
{
    const QString member = nameOfMember(people, wish.member);
    switch (wish.kind) {
    case Kind::Admit:
        return (wish.isReader ? tr("Let %1 in, to read?") : tr("Let %1 in?")).arg(plain(wish.name));
    case Kind::ChangeRole:
        return (wish.isReader ? tr("Let %1 read only?") : tr("Let %1 write?")).arg(member);
    case Kind::SetPolicy:
        return tr("Agree on this rule?");
    case Kind::MoveSeat:
        return tr("%1 votes from another computer").arg(member);
    case Kind::MakeDormant:
        return tr("Count on without %1, who is away?").arg(member);
    case Kind::Wake:
        return tr("%1 is back and counts again").arg(member);
    case Kind::Leave:
        return tr("%1 leaves").arg(member);
    case Kind::RemoveMember:
        return tr("Remove %1?").arg(member);
    case Kind::RemoveDevice:
        return tr("Stop a computer of %1?").arg(member);
    case Kind::Fence:
        return tr("A computer of %1 is stopped").arg(member);
    case Kind::Checkpoint:
        return tr("Keep a checkpoint?");
    case Kind::NewKey:
        return tr("Change the key?");
    case Kind::TurnKey:
        return tr("A computer of %1 draws a new key of its own").arg(member);
    }
    return {};
}

QString consequence(const api::Wish &wish, const People &people)
{
    const QString member = nameOfMember(people, wish.member);
    switch (wish.kind) {
    case Kind::Admit:
        return wish.isReader ? tr("Gets every text and a vote, and writes nothing.")
                             : tr("Gets every text, writes, and has a vote like everyone.");
    case Kind::ChangeRole:
        return wish.isReader
            ? tr("%1 keeps every text and the vote. What that computer writes from then on is "
                 "refused, and it can't be given the pen again.")
                  .arg(member)
            : tr("What %1 writes from then on is taken in.").arg(member);
    case Kind::RemoveMember:
        return tr("What %1 wrote stays, with the name. What comes later is refused by everyone, "
                  "and the others change the key. %1 keeps the texts up to that day.")
            .arg(member);
    case Kind::Leave:
        return tr("The texts stay with everyone, with the name. %1 keeps them up to that day.")
            .arg(member);
    case Kind::RemoveDevice:
        return tr("It gets nothing new, and what it writes from then on is refused.");
    case Kind::MakeDormant:
        return tr("%1 keeps the texts and counts again on coming back. Until then the others "
                  "decide without.")
            .arg(member);
    case Kind::Fence:
        return tr("It wrote two different changes in one place: that is proven, and takes no vote. "
                  "It may be a copy that was put back. What was agreed stays.");
    case Kind::Checkpoint:
        return tr("Everyone's computer adds up the texts, so that newcomers need not read all of "
                  "the past. Computers answer this by themselves.");
    case Kind::NewKey:
        return tr("What is written from then on is locked with a new key, for the members only.");
    case Kind::TurnKey:
        return tr(
            "New keys of the workspace come to it under the new one. Who once had the old one "
            "can't open them any more.");
    case Kind::MoveSeat:
        return tr("Said with %1's own key: it takes no vote. The computer before it stops.")
            .arg(member);
    case Kind::SetPolicy:
    case Kind::Wake:
        break;
    }
    return {};
}

namespace {

QString counted(std::uint64_t count, const char *one, const char *many)
{
    return count == 1 ? tr(one) : tr(many).arg(QLocale().toString(qulonglong(count)));
}

QString sizeOf(std::uint32_t bytes)
{
    constexpr std::uint32_t kMiB = 1024 * 1024;
    return bytes % kMiB == 0 ? tr("%1 MiB").arg(bytes / kMiB)
                             : counted(bytes, "1 byte", "%1 bytes");
}

QString checkpointWords(const api::Limits &limits)
{
    const QString changes = counted(limits.checkpointChanges, "1 change", "%1 changes");
    const QString bytes = sizeOf(limits.checkpointBytes);
    if (limits.checkpointChanges == 0 && limits.checkpointBytes == 0)
        return tr("no checkpoint is asked for");
    if (limits.checkpointBytes == 0)
        return tr("a checkpoint is asked for after %1").arg(changes);
    if (limits.checkpointChanges == 0)
        return tr("a checkpoint is asked for after %1").arg(bytes);
    return tr("a checkpoint is asked for after %1 or %2").arg(changes, bytes);
}

} // namespace

QString limitsChange(const api::Limits &asked, const api::Limits &now)
{
    QStringList parts;
    if (asked.silentDays != now.silentDays)
        parts.append(asked.silentDays == 0
                         ? tr("nobody is counted on without")
                         : tr("who is silent for %1 is counted on without")
                               .arg(counted(asked.silentDays, "1 day", "%1 days")));
    if (asked.keyDays != now.keyDays)
        parts.append(
            asked.keyDays == 0
                ? tr("the key stays")
                : tr("the key changes every %1").arg(counted(asked.keyDays, "day", "%1 days")));
    if (asked.checkpointChanges != now.checkpointChanges
        || asked.checkpointBytes != now.checkpointBytes)
        parts.append(checkpointWords(asked));
    if (asked.newcomersReadPast != now.newcomersReadPast)
        parts.append(asked.newcomersReadPast
                         ? tr("newcomers are let in, and read what is older")
                         : tr("nobody new is let in, so that nobody new reads what is older"));
    return parts.isEmpty()
        ? QString()
        : tr("It also changes what computers do by themselves: %1.").arg(parts.join(tr("; ")));
}

QString whoAsks(const api::ProposalInfo &info, const People &people, std::uint16_t seats)
{
    const QString author = nameOfMember(people, info.author);
    const QString who = info.isNoticed  ? tr("%1's computer asks.").arg(author)
        : info.wish.kind == Kind::Leave ? tr("Said by %1.").arg(author)
                                        : tr("%1 asks.").arg(author);
    const QString needs =
        info.needed == 0 ? tr("Needs no vote.") : tr("Needs %1 of %2.").arg(info.needed).arg(seats);
    return QStringLiteral("%1 %2").arg(who, needs);
}

QString result(const api::Wish &wish, const People &people)
{
    const QString member = nameOfMember(people, wish.member);
    switch (wish.kind) {
    case Kind::Admit:
        return (wish.isReader ? tr("%1 was let in, to read") : tr("%1 was let in"))
            .arg(plain(wish.name));
    case Kind::ChangeRole:
        return (wish.isReader ? tr("%1 reads only") : tr("%1 writes")).arg(member);
    case Kind::SetPolicy:
        return wish.text.empty() ? tr("No rule holds any more")
                                 : tr("The rule \u201c%1\u201d").arg(shortened(plain(wish.text)));
    case Kind::MoveSeat:
        return tr("%1 votes from another computer").arg(member);
    case Kind::MakeDormant:
        return tr("The others count on without %1").arg(member);
    case Kind::Wake:
        return tr("%1 counts again").arg(member);
    case Kind::Leave:
        return tr("%1 left").arg(member);
    case Kind::RemoveMember:
        return tr("%1 is no longer a member").arg(member);
    case Kind::RemoveDevice:
    case Kind::Fence:
        return tr("A computer of %1 was stopped").arg(member);
    case Kind::Checkpoint:
        return tr("A checkpoint was kept");
    case Kind::NewKey:
        return tr("The key was changed");
    case Kind::TurnKey:
        return tr("A computer of %1 drew a new key of its own").arg(member);
    }
    return {};
}

QString decidedBy(const api::DecisionInfo &info)
{
    const QString signatures =
        info.signatures == 1 ? tr("1 signature") : tr("%1 signatures").arg(info.signatures);
    return tr("Decided in round %1 by %2").arg(info.round + 1).arg(signatures);
}

QString tally(const api::ProposalInfo &info)
{
    QStringList parts;
    parts.append(info.yes == 0 ? tr("Nobody in favour yet") : tr("%1 in favour").arg(info.yes));
    if (info.no > 0)
        parts.append(tr("%1 against").arg(info.no));
    const QString said = parts.join(tr(", "));
    const int left = int{info.needed} - int{info.yes};
    if (left <= 0)
        return tr("%1 \u00B7 enough").arg(said);
    return left == 1 ? tr("%1 \u00B7 1 more decides it").arg(said)
                     : tr("%1 \u00B7 %2 more decide it").arg(said).arg(left);
}

QString myAnswer(const api::ProposalInfo &info)
{
    if (!info.mine)
        return {};
    return *info.mine ? tr("You are for it.") : tr("You are against it.");
}

QString protectionWarning(std::size_t seats, std::size_t seatsAfter)
{
    if (api::protectionOf(seats) != api::Protection::Quorum
        || api::protectionOf(seatsAfter) == api::Protection::Quorum)
        return {};
    return tr("With this, %1 who decide become %2. Then every one of them is needed for each "
              "decision, and none may cheat. Protection begins at four.")
        .arg(seats)
        .arg(seatsAfter);
}

QString whyNotAsked(Code code)
{
    switch (code) {
    case Code::E_RATE:
        return tr("Three questions of yours are open already. Nothing was asked: wait until one "
                  "of them is decided or lapses.");
    case Code::E_NAME_CONFUSABLE:
        return tr("The name looks like that of a member. Nothing was asked: another name is "
                  "needed.");
    case Code::E_ROLE:
        return tr("The rule keeps what is older from newcomers, so nobody new is let in. Nothing "
                  "was asked: found a new workspace with these texts, or ask for another rule.");
    case Code::DUPLICATE:
        return tr("That is so already. Nothing was asked.");
    case Code::E_NOT_MEMBER:
        return tr("This is no longer open, or this computer has no vote. Nothing was changed.");
    default:
        return tr("It was not taken. Nothing was changed, and your texts are as they were.");
    }
}

QString joining(const api::JoinInfo &join)
{
    using State = api::JoinInfo::State;
    const QString room = plain(join.name);
    const QString inviter = plain(join.inviter);
    switch (join.state) {
    case State::Asking:
        return tr("%1 was not met yet. Your question is kept, and asked while this program runs.")
            .arg(inviter);
    case State::Waiting:
        return tr("%1 sees that you ask to come into %2. Somebody there puts it to the members.")
            .arg(inviter, room);
    case State::Voting:
        return tr("The members of %1 decide: %2 of %3 are for it.")
            .arg(room, QString::number(join.yes), QString::number(join.needed));
    case State::Returning:
        return tr("%1 knows you. The members of %2 are told that this computer votes for you now.")
            .arg(inviter, room);
    case State::Inside:
        return tr("You are in %1. Its texts are on their way.").arg(room);
    case State::Refused:
        break;
    }
    return tr("You do not ask to come into %1 any more.").arg(room);
}

QString heard(std::size_t heard, std::size_t seats, std::size_t quorum)
{
    return tr("%1 of %2 heard, %3 needed").arg(heard).arg(seats).arg(quorum);
}

QString isolated(qint64 minutes, std::size_t heard, std::size_t seats, std::size_t quorum,
                 std::uint64_t changes)
{
    const QString waiting = changes == 1
        ? tr("1 change of yours waits here, safe on this computer")
        : tr("%1 changes of yours wait here, safe on this computer").arg(changes);
    return tr("<b>Nothing was agreed for %1 min.</b> You hear %2 of %3 who decide, and %4 are "
              "needed. %5.")
        .arg(minutes)
        .arg(heard)
        .arg(seats)
        .arg(quorum)
        .arg(waiting);
}

QString protection(std::size_t seats)
{
    const std::size_t tolerated = seats == 0 ? 0 : (seats - 1) / 3;
    switch (api::protectionOf(seats)) {
    case api::Protection::OnlyYou:
        return {};
    case api::Protection::Everyone:
        return tr("%1 decide: none may be away or cheat").arg(seats);
    case api::Protection::Quorum:
        return tr("%1 decide: %2 may be away or cheat").arg(seats).arg(tolerated);
    }
    return {};
}

} // namespace nlbd::ui::words
