#include "ui/words_rejected.h"

#include "ui/words_decisions.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>

namespace nlbd::ui::words {

namespace {

using Kind = api::Wish::Kind;

constexpr std::size_t kPreviewBytesMax = 400; // a row shows less than that

// What a part may hold, so that no writer makes a text that a window is long busy with: a change
// has up to 200 letters, or many more if it is cut.
constexpr std::size_t kChangesInPart = 200;
constexpr int kCutInPart = 4;

QString tr(const char *text)
{
    return QCoreApplication::translate("words", text);
}

QString number(std::uint64_t count)
{
    return QLocale().toString(qulonglong(count));
}

QString edits(std::uint64_t count)
{
    return count == 1 ? tr("1 edit") : tr("%1 edits").arg(number(count));
}

const api::Person *personOf(const People &people, DeviceIndex device)
{
    const auto it = std::ranges::find(people, device, &api::Person::device);
    return it == people.end() ? nullptr : &*it;
}

/// Whether this wish ends what a device of a member may write.
bool endsPen(const api::Wish &wish, const api::Person *writer, DeviceIndex device)
{
    switch (wish.kind) {
    case Kind::RemoveDevice:
    case Kind::Fence:
        return wish.device == device;
    case Kind::RemoveMember:
    case Kind::Leave:
    case Kind::MoveSeat:
        return writer != nullptr && wish.member == writer->member;
    case Kind::ChangeRole:
        return writer != nullptr && wish.member == writer->member && wish.isReader;
    case Kind::Admit:
    case Kind::SetPolicy:
    case Kind::MakeDormant:
    case Kind::Wake:
    case Kind::Checkpoint:
    case Kind::NewKey:
    case Kind::TurnKey:
        return false;
    }
    return false;
}

} // namespace

std::vector<RejectedPart> partsOf(const std::vector<api::RejectedInfo> &rejected)
{
    std::vector<RejectedPart> parts;
    std::uint64_t last = 0;
    int cut = 0;
    for (const api::RejectedInfo &info : rejected) {
        const bool goesOn = !parts.empty() && parts.back().device == info.device
            && parts.back().doc == info.doc && info.seq == last + 1
            && parts.back().changes.size() < kChangesInPart && cut < kCutInPart;
        last = info.seq;
        cut = (goesOn ? cut : 0) + (info.isCut ? 1 : 0);
        if (!goesOn)
            parts.push_back({{}, info.device, info.doc, info.when, {}, false, 0, 0, info.by});
        RejectedPart &part = parts.back();
        part.changes.push_back(info.change);
        if (part.text.size() < kPreviewBytesMax)
            part.text += info.text;
        part.deletes = part.deletes || info.deletes;
        part.mine += info.mine;
        part.others += info.others;
    }
    return parts;
}

bool isMine(const People &people, DeviceIndex device)
{
    const api::Person *writer = personOf(people, device);
    return writer != nullptr && std::ranges::any_of(people, [writer](const api::Person &person) {
               return person.isMe && person.member == writer->member;
           });
}

QString rejectedHead(const RejectedPart &part, const People &people)
{
    const bool hasWords = !part.text.empty();
    if (isMine(people, part.device))
        return hasWords ? tr("Words of yours were left out")
                        : tr("A deletion of yours was left out");
    const QString name = nameOf(people, part.device);
    return (hasWords ? tr("Words of %1 were left out") : tr("A deletion by %1 was left out"))
        .arg(name);
}

QString rejectedBy(const RejectedPart &part, const People &people,
                   const std::vector<api::DecisionInfo> &made)
{
    const api::Person *writer = personOf(people, part.device);
    for (const api::DecisionInfo &info : made) {
        if (info.closed != part.by)
            continue;
        for (const api::Wish &wish : info.wishes)
            if (endsPen(wish, writer, part.device))
                return tr("%1. %2.").arg(result(wish, people), decidedBy(info));
    }
    return tr("An earlier one, which is not listed here any more.");
}

QString standsOnIt(const RejectedPart &part)
{
    if (part.mine == 0 && part.others == 0)
        return tr("Nothing. Nobody else has these words; this computer keeps them for you.");
    if (part.others == 0)
        return part.mine == 1 ? tr("1 edit of yours, which stays as it is.")
                              : tr("%1 of yours, which stay as they are.").arg(edits(part.mine));
    if (part.mine == 0)
        return part.others == 1
            ? tr("1 edit of others, which stays as it is.")
            : tr("%1 of others, which stay as they are.").arg(edits(part.others));
    return tr("%1 of yours and %2 of others, which stay as they are.")
        .arg(edits(part.mine), number(part.others));
}

QString rejectedBanner(const std::vector<RejectedPart> &parts, const People &people)
{
    std::uint64_t mine = 0;
    bool isOwn = false;
    for (const RejectedPart &part : parts) {
        mine += part.mine;
        isOwn = isOwn || (isMine(people, part.device) && !part.text.empty());
    }
    if (isOwn)
        return tr("<b>Words of yours were left out by a decision.</b> This computer keeps them: "
                  "look at them, copy them, or put them back.");
    if (mine == 0)
        return {};
    const QString head = mine == 1
        ? tr("1 edit of yours stands on content that was rejected.")
        : tr("%1 of yours stand on content that was rejected.").arg(edits(mine));
    return tr("<b>%1</b> What you wrote stays. You can see what it stood on, and write that again.")
        .arg(head);
}

QString changesIn(std::uint64_t changes, std::uint64_t documents)
{
    const QString what = changes == 1 ? tr("1 change") : tr("%1 changes").arg(number(changes));
    const QString where =
        documents == 1 ? tr("1 document") : tr("%1 documents").arg(number(documents));
    return tr("%1 in %2").arg(what, where);
}

QString sitting(const api::Sitting &sitting, bool isAll)
{
    const QString what = changesIn(sitting.changes, sitting.documents);
    const QString since = whenExactly(sitting.from);
    return isAll ? tr("Everything: %1, since %2").arg(what, since)
                 : tr("Since %1: %2").arg(since, what);
}

QString tookBack(const api::TookBack &event)
{
    if (event.changes == 0)
        return tr("Nothing of that shows in any text any more, or nothing may be written from "
                  "here. Nothing was changed.");
    return event.documents == 1
        ? tr("Taken back, in 1 document. Undo there puts it back.")
        : tr("Taken back, in %1 documents. Undo puts it back, in each of them.")
              .arg(number(event.documents));
}

} // namespace nlbd::ui::words
