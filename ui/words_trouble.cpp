// What went wrong, in sentences: what happened, whether the text is safe, what to do.

#include "ui/words.h"

#include <QCoreApplication>
#include <QLocale>

namespace nlbd::ui::words {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("words", text);
}

QString sentence(const QString &head, const QString &body)
{
    return QStringLiteral("<b>%1</b> %2").arg(head, body);
}

} // namespace

QString trouble(const api::Trouble &trouble)
{
    using Kind = api::Trouble::Kind;
    const QString detail = QString::fromUtf8(trouble.detail).toHtmlEscaped();
    switch (trouble.kind) {
    case Kind::DiskFull:
        return sentence(
            tr("The disk is full."),
            tr("What you type is kept in memory only and others do not get it. Free some "
               "space, then try again."));
    case Kind::DiskReadOnly:
        return sentence(
            tr("The disk cannot be written."),
            tr("What you type is kept in memory only and others do not get it. Make the "
               "folder writable, then try again."));
    case Kind::DiskFailed:
        return sentence(
            tr("The disk reports an error."),
            tr("What was stored before is safe; what you type now is in memory only. Export "
               "this document to another disk. %1")
                .arg(detail));
    case Kind::StoreRecovered:
        return sentence(tr("A damaged file was set aside."),
                        tr("Everything that could be read is here; the rest comes back from the "
                           "others. %1")
                            .arg(detail));
    case Kind::DocumentTooLong:
        return sentence(tr("This document is as long as a document may be."),
                        tr("Your last words were not added; all others are safe. Go on in a new "
                           "document."));
    case Kind::TextNotValid:
        return sentence(tr("Some characters could not be read."),
                        tr("They were left out; the rest is safe. %1").arg(detail));
    case Kind::MyDeviceDisputed:
        return sentence(
            tr("This computer told two different stories."),
            tr("Perhaps its folder was copied or restored. Others keep your earlier words, "
               "but take no new ones. Export what you need."));
    case Kind::MayNotWrite:
        return sentence(
            tr("You may read here, but not write."),
            tr("The members decided so. Your last words were not added; earlier ones stay."));
    case Kind::DecisionsConflict:
        return sentence(
            tr("Two different decisions were signed."),
            tr("More members signed both than the group can bear. Everybody can write on and "
               "nothing is lost, but nothing is decided here any more: look at the evidence, and "
               "found a new workspace with those you trust."));
    case Kind::OwnChangesMissing:
        return sentence(
            tr("Your earlier words are not back yet."),
            tr("A damaged file was set aside, and they stand on what others wrote. Your last words "
               "were not added; write on as soon as somebody else is online."));
    case Kind::FolderIsACopy:
        return sentence(
            tr("This folder is a copy."),
            tr("Your text is safe. What you type stays here until the members let this folder "
               "write with a key of its own: \"nlbd-peer devices renew\" asks them. %1")
                .arg(detail));
    case Kind::KeySecretMissing:
        return sentence(
            tr("A new key of the workspace can't be opened here."),
            tr("It came locked for a key of this computer that its folder does not hold: a backup "
               "was put back, or somebody else uses this computer's key. If you put no backup "
               "back, let another computer of yours take this one's place. Your text is safe."));
    }
    return {};
}

namespace {

using LobbyKind = api::LobbyTrouble::Kind;

QString withDetail(const QString &detail, const QString &text)
{
    return detail.isEmpty() ? text : text + QStringLiteral(" (%1)").arg(detail);
}

QString ofDisk(LobbyKind kind, const QString &detail)
{
    using Kind = LobbyKind;
    if (kind == Kind::DiskFull)
        return sentence(
            tr("The disk is full."),
            withDetail(detail, tr("What is stored is safe. Free some space, then try again.")));
    if (kind == Kind::DiskReadOnly)
        return sentence(
            tr("The folder of your workspaces cannot be written."),
            withDetail(detail, tr("What is stored is safe. Make it writable, then try again.")));
    if (kind == Kind::DiskFailed)
        return sentence(tr("A workspace on this computer cannot be opened."),
                        withDetail(detail,
                                   tr("Its files were left as they are. See whether the disk works "
                                      "and No Leader is the newest.")));
    return sentence(tr("A workspace on this computer is damaged."),
                    withDetail(detail,
                               tr("It stays closed, and its files were left as they are. Restore "
                                  "them from a backup; its other members hold the text too.")));
}

QString ofInvitation(LobbyKind kind, const QString &detail)
{
    using Kind = LobbyKind;
    if (kind == Kind::BadInvitation)
        return sentence(
            tr("This invitation cannot be used."),
            withDetail(detail,
                       tr("It may be cut short. Nothing was changed. Copy it whole, or ask for a "
                          "new one.")));
    if (kind == Kind::InvitationExpired)
        return sentence(
            detail.isEmpty() ? tr("This invitation is too old.")
                             : tr("%1's invitation is too old.").arg(detail),
            tr("Invitations work for 24 hours. Nothing was changed. Ask for a new one."));
    return sentence(detail.isEmpty() ? tr("This invitation has been used.")
                                     : tr("%1's invitation has been used.").arg(detail),
                    tr("Each works once. Nothing was changed. Ask for a new one."));
}

QString ofClocks(const QString &detail)
{
    return sentence(
        detail.isEmpty() ? tr("The clocks of two computers differ.")
                         : tr("The clocks of two computers differ by %1.").arg(detail),
        tr("Your words are safe and shared; only the times shown may be wrong. Set the clock "
           "that is off."));
}

QString ofAddress(LobbyKind kind, const QString &detail)
{
    if (kind == LobbyKind::BadAddress)
        return sentence(tr("That address cannot be read."),
                        withDetail(detail, tr("Nothing was sent. Type it as 192.168.1.20:47474.")));
    if (kind == LobbyKind::NoAnswer)
        return sentence(
            tr("Nobody answered."),
            withDetail(detail,
                       tr("Your words are safe here. Check that the other computer is on and "
                          "lets itself be seen, then try again.")));
    return sentence(tr("That computer did not answer as it should."),
                    withDetail(detail,
                               tr("Your words are safe here, and it was told nothing. If its "
                                  "address has changed, ask for a new invitation.")));
}

QString ofLinking(LobbyKind kind, const QString &detail)
{
    if (kind == LobbyKind::BadLink)
        return sentence(tr("This line does not link these two computers."),
                        tr("It is cut short, or for another one. Nothing was changed."));
    if (kind == LobbyKind::NotThePerson)
        return sentence(tr("Only the computer that linked this one can do that."),
                        tr("Nothing was changed."));
    return sentence(tr("%1 works with this folder already.").arg(detail),
                    tr("Nothing was changed. Link a computer before it has a name."));
}

QString ofRecovery(LobbyKind kind, const QString &detail)
{
    if (kind == LobbyKind::BackupFailed)
        return sentence(tr("No backup was written."),
                        tr("%1 Your words are safe here.").arg(detail));
    if (kind == LobbyKind::BadBackup)
        return sentence(tr("This backup was not restored."),
                        tr("%1 Nothing was changed.").arg(detail));
    return sentence(tr("These are no recovery words."), tr("%1 Nothing was changed.").arg(detail));
}

QString ofJoining(LobbyKind kind, const QString &detail)
{
    if (kind == LobbyKind::NameTaken)
        return sentence(
            tr("A member there has a name that looks like yours."),
            tr("Nothing was asked. Change your name, then use the invitation again. If it "
               "is you, one of your recovery words was another."));
    if (kind == LobbyKind::AsksTwice)
        return sentence(tr("Another computer of yours asks already."),
                        tr("Nothing was changed. Once it is in, ask for another invitation."));
    return sentence(tr("You ask to be let in at too many places."),
                    withDetail(detail, tr("Nothing was asked. Wait until others have answered.")));
}

QString ofNames(LobbyKind kind, const QString &detail)
{
    if (kind == LobbyKind::BadName)
        return sentence(tr("That name cannot be used."),
                        tr("Nothing was changed. Use 1 to 64 letters that others can tell apart."));
    if (kind != LobbyKind::NamesAlike)
        return ofJoining(kind, detail);
    return sentence(
        tr("Two of these people have names that look alike."),
        tr("Nothing was founded. One of them changes the name first, then you ask again."));
}

/// Files that are attached and were not on this computer.
QString notInBackup(const api::BackedUp &event)
{
    if (event.missingCount == 0)
        return {};
    QStringList names;
    for (const std::string &name : event.missing)
        names.append(QString::fromUtf8(name).toHtmlEscaped());
    if (event.missing.size() < event.missingCount)
        names.append(tr("and others"));
    return QLatin1Char(' ')
        + tr("Not in it, because not on this computer: %1.").arg(names.join(QStringLiteral(", ")));
}

} // namespace

QString backedUp(const api::BackedUp &event)
{
    return sentence(tr("The backup is written, and was read again."),
                    tr("%1, %2. Only the passphrase opens it.")
                            .arg(QString::fromUtf8(event.file).toHtmlEscaped(),
                                 QLocale().formattedDataSize(static_cast<qint64>(event.bytes)))
                        + notInBackup(event));
}

QString restored(const api::BackupRestored &event)
{
    QStringList stuck;
    for (const std::string &name : event.stuck)
        stuck.append(QString::fromUtf8(name).toHtmlEscaped());
    const QString next =
        tr("All texts of the backup can be read. To write, open a workspace and go on with a key "
           "of this computer's own: the old one may have signed what the backup does not know.");
    if (stuck.isEmpty())
        return sentence(tr("You are back."), next);
    return sentence(tr("You are back."),
                    tr("%1 Not so in %2: fewer than four decide there, so no computer can take the "
                       "lost one's place. Read on there, and start anew with the texts.")
                        .arg(next, names(stuck)));
}

QString trouble(const api::LobbyTrouble &trouble)
{
    using Kind = api::LobbyTrouble::Kind;
    const QString detail = QString::fromUtf8(trouble.detail).toHtmlEscaped();
    switch (trouble.kind) {
    case Kind::PortInUse:
        return sentence(
            tr("Another program uses our network port."),
            withDetail(detail,
                       tr("Your words are safe here, but others cannot reach you. Close the "
                          "other program or choose another port.")));
    case Kind::NoNetwork:
        return sentence(tr("There is no network."),
                        tr("Your words are safe here. They will be shared when it is back."));
    case Kind::BadAddress:
    case Kind::NoAnswer:
    case Kind::WrongAnswer:
        return ofAddress(trouble.kind, detail);
    case Kind::WrongVersion:
        return sentence(
            tr("The other computer answered, but runs another version of No Leader."),
            withDetail(detail, tr("Your words are safe here. Update the older of the two.")));
    case Kind::NotAMember:
        return sentence(
            tr("You are not a member there."),
            withDetail(detail, tr("Your words are safe here. Ask the members to invite you.")));
    case Kind::BadInvitation:
    case Kind::InvitationExpired:
    case Kind::InvitationUsed:
        return ofInvitation(trouble.kind, detail);
    case Kind::FoundingFailed:
        return sentence(
            tr("The workspace was not founded."),
            withDetail(detail,
                       tr("Nothing was changed on any computer. Check that all are near, then "
                          "ask again.")));
    case Kind::ProfileInUse:
        return sentence(tr("No Leader is open already with these workspaces."),
                        tr("Your words are safe. Use the window that is open, or close it first."));
    case Kind::DiskFull:
    case Kind::DiskReadOnly:
    case Kind::DiskFailed:
    case Kind::StoreDamaged:
        return ofDisk(trouble.kind, detail);
    case Kind::ClockOff:
        return ofClocks(detail);
    case Kind::Flooded:
        return sentence(
            tr("Many connections came that no member makes."),
            withDetail(detail,
                       tr("They were turned away. Your words are safe; there is nothing to do.")));
    case Kind::BadLink:
    case Kind::NotThePerson:
    case Kind::HasIdentity:
        return ofLinking(trouble.kind, detail);
    case Kind::BadWords:
    case Kind::BadBackup:
    case Kind::BackupFailed:
        return ofRecovery(trouble.kind, detail);
    case Kind::NameTaken:
    case Kind::AsksTwice:
    case Kind::DoorCrowded:
    case Kind::NamesAlike:
    case Kind::BadName:
        return ofNames(trouble.kind, detail);
    }
    return {};
}

} // namespace nlbd::ui::words
