#include "app/sentences.h"

namespace nlbd::app {

namespace {

std::string ofDisk(api::LobbyTrouble::Kind kind, const std::string &detail)
{
    using Kind = api::LobbyTrouble::Kind;
    if (kind == Kind::DiskFull)
        return "The disk is full (" + detail
            + "). What was stored before is safe; this was not done. Free some space, then try "
              "again.";
    if (kind == Kind::DiskReadOnly)
        return "The folder cannot be written (" + detail
            + "). What was stored before is safe; this was not done. Make it writable, or choose "
              "another folder with --profile.";
    if (kind == Kind::DiskFailed)
        return "A workspace on this computer cannot be opened (" + detail
            + "). Its files were left as they are. See whether the disk works and the program is "
              "the newest one; members who are with you hold the text as well.";
    return "A workspace on this computer is damaged (" + detail
        + "). Its files were left as they are, and it stays closed so that nothing is signed "
          "twice. Restore that folder from a backup; members who are with you hold the text as "
          "well.";
}

std::string ofInvitation(api::LobbyTrouble::Kind kind, const std::string &detail)
{
    using Kind = api::LobbyTrouble::Kind;
    if (kind == Kind::BadInvitation)
        return "This is not a usable invitation"
            + (detail.empty() ? std::string() : " (" + detail + ")")
            + ". Nothing was changed. Copy the whole line again, from nlbd:join/ to its end, or "
              "ask for a new one.";
    if (kind == Kind::InvitationExpired)
        return "The invitation from " + detail
            + " is too old. Nothing was changed. Ask for a new one; it is good "
              "for a day.";
    return "The invitation from " + detail
        + " was used before; each is good for one use. Nothing was changed. Ask for a new one.";
}

std::string ofJoining(api::LobbyTrouble::Kind kind, const std::string &detail)
{
    using Kind = api::LobbyTrouble::Kind;
    if (kind == Kind::NameTaken)
        return "A member there has a name that looks like yours (" + detail
            + "). Nothing was asked, and the invitation is still good. Choose another name with "
              "\"init\", then join again. If that member is you, one of the recovery words that "
              "you typed was another: begin again in an empty folder.";
    if (kind == Kind::AsksTwice)
        return "Another computer of yours asks already to be let in by " + detail
            + ". Nothing was changed. Once it is in, ask for an invitation for this one.";
    return "You ask to be let in at too many places. \"" + detail
        + "\" was not asked. Wait until others have answered.";
}

std::string ofNames(api::LobbyTrouble::Kind kind, const std::string &detail)
{
    if (kind == api::LobbyTrouble::Kind::NamesAlike)
        return "Two of these people have names that look alike. Nothing was founded. One of them "
               "changes the name first, then you ask again.";
    if (kind != api::LobbyTrouble::Kind::BadName)
        return ofJoining(kind, detail);
    return "\"" + detail
        + "\" cannot be used as a name. Nothing was changed. A name has 1 to 64 visible "
          "characters, without space at its ends.";
}

std::string ofLinking(api::LobbyTrouble::Kind kind, const std::string &detail)
{
    using Kind = api::LobbyTrouble::Kind;
    if (kind == Kind::BadLink)
        return "This line does not link these two computers: it is not complete, or was made for "
               "another one. Nothing was changed. Copy it again, whole.";
    if (kind == Kind::NotThePerson)
        return "This computer is a companion: the key that says so is on the computer that linked "
               "it. Nothing was changed. Say it there.";
    return "This folder is " + detail
        + "'s already. Nothing was changed. A new computer is linked before it has a name.";
}

std::string ofBackups(api::LobbyTrouble::Kind kind, const std::string &detail)
{
    if (kind == api::LobbyTrouble::Kind::BackupFailed)
        return "No backup was written. " + detail + " Your texts are safe here.";
    return detail + " Nothing was changed.";
}

} // namespace

std::string sentenceOf(const api::LobbyTrouble &trouble)
{
    using Kind = api::LobbyTrouble::Kind;
    const std::string &detail = trouble.detail;
    switch (trouble.kind) {
    case Kind::PortInUse:
        return "Another program listens at port " + detail
            + ". Your texts are safe and can be edited; nobody can "
              "reach you there. End the other program, or choose another port with --listen.";
    case Kind::NoNetwork:
        return "There is no network. Your texts are safe; edits are sent as soon as there is one.";
    case Kind::BadAddress:
        return "This address cannot be used: " + detail
            + ". Nothing was changed. An address looks like 192.168.1.7:47474.";
    case Kind::NoAnswer:
        return "Nobody answered at " + (detail.empty() ? "that address" : detail)
            + ". Your texts are safe. See "
              "whether the other program runs and whether a firewall stands between you.";
    case Kind::WrongAnswer:
        return "What answers at " + detail
            + " is not the computer that was looked for, or does not answer to the end. Your texts "
              "are safe, and it was told nothing. If the address has changed, ask for a new "
              "invitation.";
    case Kind::WrongVersion:
        return "The computer at " + detail
            + " runs another version. Your texts are safe. Install the same version "
              "on both computers.";
    case Kind::NotAMember:
        return "You are not a member there. Nothing was changed. Ask a member for an invitation.";
    case Kind::BadInvitation:
    case Kind::InvitationExpired:
    case Kind::InvitationUsed:
        return ofInvitation(trouble.kind, detail);
    case Kind::FoundingFailed:
        return "The workspace \"" + detail
            + "\" could not be founded. No text is touched. Try again with people who are online.";
    case Kind::ProfileInUse:
        return "Another program runs with this profile (" + detail
            + "). Your texts are safe. Use that one, or "
              "choose another folder with --profile.";
    case Kind::DiskFull:
    case Kind::DiskReadOnly:
    case Kind::DiskFailed:
    case Kind::StoreDamaged:
        return ofDisk(trouble.kind, detail);
    case Kind::ClockOff:
        return "This computer's clock and another member's differ by " + detail
            + ". Your texts are safe and shared; only the times shown may be wrong. Set the clock "
              "that is off.";
    case Kind::Flooded:
        return "Many connections came that no member makes, the last from " + detail
            + ". They were turned away; your texts are safe and unchanged. There is nothing to do, "
              "unless you want to ask whoever runs that computer.";
    case Kind::BadLink:
    case Kind::NotThePerson:
    case Kind::HasIdentity:
        return ofLinking(trouble.kind, detail);
    case Kind::BadWords:
    case Kind::BadBackup:
    case Kind::BackupFailed:
        return ofBackups(trouble.kind, detail);
    case Kind::NameTaken:
    case Kind::AsksTwice:
    case Kind::DoorCrowded:
    case Kind::NamesAlike:
    case Kind::BadName:
        return ofNames(trouble.kind, detail);
    }
    return detail;
}

std::string sentenceOf(const ProfileError &error)
{
    using Kind = api::LobbyTrouble::Kind;
    switch (error.kind) {
    case ProfileError::Kind::InUse:
        return sentenceOf(api::LobbyTrouble{Kind::ProfileInUse, error.detail});
    case ProfileError::Kind::ReadOnly:
        return sentenceOf(api::LobbyTrouble{Kind::DiskReadOnly, error.detail});
    case ProfileError::Kind::Full:
        return sentenceOf(api::LobbyTrouble{Kind::DiskFull, error.detail});
    case ProfileError::Kind::Damaged:
        return "A file of your profile is missing or damaged (" + error.detail
            + "). It was left as it is; your texts are not "
              "touched. Restore that file from a backup: it holds the key that is you.";
    case ProfileError::Kind::Failed:
        return "The profile cannot be used (" + error.detail
            + "). Your texts are not touched. See whether the "
              "folder is on a disk that works.";
    }
    return error.detail;
}

namespace {

std::string whatFailed(const store::StoreError &error)
{
    switch (error.kind) {
    case store::StoreError::Kind::Full:
        return "The disk is full (" + error.detail + "). ";
    case store::StoreError::Kind::ReadOnly:
        return "The folder cannot be written (" + error.detail + "). ";
    case store::StoreError::Kind::InUse:
        return "Another program holds the files of this workspace (" + error.detail + "). ";
    case store::StoreError::Kind::Damaged:
    case store::StoreError::Kind::Conflict:
    case store::StoreError::Kind::Failed:
        return "The disk did not take what was written (" + error.detail + "). ";
    }
    return error.detail;
}

std::string remedyFor(store::StoreError::Kind kind)
{
    switch (kind) {
    case store::StoreError::Kind::Full:
        return "Free some space";
    case store::StoreError::Kind::ReadOnly:
        return "Make the folder writable";
    case store::StoreError::Kind::InUse:
        return "End that program";
    case store::StoreError::Kind::Damaged:
    case store::StoreError::Kind::Conflict:
    case store::StoreError::Kind::Failed:
        return "See whether the disk works";
    }
    return {};
}

} // namespace

std::string sentenceOf(const store::StoreError &error, Fate fate)
{
    const std::string what = whatFailed(error);
    const std::string remedy = remedyFor(error.kind);
    switch (fate) {
    case Fate::Kept:
        return what
            + "What was stored before is safe; what came since is kept in memory only and is sent "
              "to nobody before it is stored. "
            + remedy + "; storing is tried again by itself.";
    case Fate::Gone:
        return what + "What was stored before is safe; this change was not stored. " + remedy
            + ", look with \"show\" at what is there, then say it again.";
    case Fate::Ending:
        return what
            + "What was stored before is safe; what came since could not be stored and is lost, as "
              "the program ends. "
            + remedy + " before you start again.";
    }
    return what;
}

std::string sentenceOf(const net::PortMapped &mapped)
{
    using Result = net::PortMapped::Result;
    const std::string byHand =
        " Members elsewhere do not reach this computer, but it reaches them. "
        "Let the router pass the port on by hand, or use a member's "
        "computer that can be reached.";
    switch (mapped.result) {
    case Result::Off:
        return {};
    case Result::Asking:
        return "The router is being asked to pass the port on.";
    case Result::Mapped:
        return "Members elsewhere reach this computer at " + mapped.outside.text() + ".";
    case Result::NoRouter:
        return "There is no router to ask: this network leads nowhere else.";
    case Result::NoAnswer:
        return "The router does not answer (it does not speak NAT-PMP, or that is switched off)."
            + byHand;
    case Result::Refused:
        return "The router refuses to pass the port on." + byHand;
    case Result::BehindAnother:
        return "The router has no public address: there is another one behind it, which this "
               "computer cannot ask."
            + byHand;
    }
    return {};
}

} // namespace nlbd::app
