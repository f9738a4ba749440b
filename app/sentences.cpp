#include "app/sentences.h"

namespace nlbd::app {

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
    case Kind::WrongVersion:
        return "The computer at " + detail
            + " runs another version. Your texts are safe. Install the same version "
              "on both computers.";
    case Kind::NotAMember:
        return "You are not a member there. Nothing was changed. Ask a member for an invitation.";
    case Kind::BadInvitation:
        return "This is not a usable invitation"
            + (detail.empty() ? std::string() : " (" + detail + ")")
            + ". Nothing was changed. Copy the whole line again, from nlbd:join/ to its end, or "
              "ask for a new one.";
    case Kind::InvitationExpired:
        return "The invitation from " + detail
            + " is too old. Nothing was changed. Ask for a new one; it is good "
              "for a day.";
    case Kind::InvitationUsed:
        return "The invitation from " + detail
            + " was used before; each is good for one use. Nothing was changed. Ask for a new one.";
    case Kind::FoundingFailed:
        return "The workspace \"" + detail
            + "\" could not be founded. No text is touched. Try again with people who "
              "are online.";
    case Kind::ProfileInUse:
        return "Another program runs with this profile (" + detail
            + "). Your texts are safe. Use that one, or "
              "choose another folder with --profile.";
    case Kind::DiskFull:
        return "The disk is full (" + detail
            + "). What was stored is safe; what you type now is kept in memory only "
              "and is sent to nobody before it is stored. Free some space; storing is tried again "
              "by itself.";
    case Kind::DiskReadOnly:
        return "The folder cannot be written (" + detail
            + "). What was stored is safe; nothing new is. Make it "
              "writable, or choose another folder with --profile.";
    case Kind::StoreDamaged:
        return "Stored data is damaged (" + detail
            + "). It was left as it is, and this workspace stays closed so "
              "that nothing is signed twice. Restore the folder from a backup; the other members "
              "hold the text.";
    case Kind::ClockOff:
        return "This computer's clock differs by " + detail
            + " minutes from another member's. Your texts are safe; "
              "shown times may be wrong. Set the clock.";
    case Kind::BadName:
        return "\"" + detail
            + "\" cannot be used as a name. Nothing was changed. A name has 1 to 64 visible "
              "characters, without space at its ends.";
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
        return "A file of your profile is damaged (" + error.detail
            + "). It was left as it is; your texts are not "
              "touched. Restore that file from a backup: it holds the key that is you.";
    case ProfileError::Kind::Failed:
        return "The profile cannot be used (" + error.detail
            + "). Your texts are not touched. See whether the "
              "folder is on a disk that works.";
    }
    return error.detail;
}

std::string sentenceOf(const store::StoreError &error)
{
    using Kind = api::LobbyTrouble::Kind;
    switch (error.kind) {
    case store::StoreError::Kind::Full:
        return sentenceOf(api::LobbyTrouble{Kind::DiskFull, error.detail});
    case store::StoreError::Kind::ReadOnly:
        return sentenceOf(api::LobbyTrouble{Kind::DiskReadOnly, error.detail});
    case store::StoreError::Kind::InUse:
        return sentenceOf(api::LobbyTrouble{Kind::ProfileInUse, error.detail});
    case store::StoreError::Kind::Damaged:
    case store::StoreError::Kind::Conflict:
    case store::StoreError::Kind::Failed:
        return sentenceOf(api::LobbyTrouble{Kind::StoreDamaged, error.detail});
    }
    return error.detail;
}

} // namespace nlbd::app
