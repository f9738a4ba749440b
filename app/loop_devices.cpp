// Devices of the person whose profile this is.

#include "app/device_desk.h"

namespace nlbd::app {

using TroubleKind = api::LobbyTrouble::Kind;

// ---- A key that may not be used any more, a device that is given up -----------------------------

void Loop::obey(const api::RenewDevice &command)
{
    tell(renewDevice(*this, command.workspace));
}

void Loop::obey(const api::RevokeDevice &command)
{
    tell(revokeDevice(*this, command.workspace, command.device));
}

void Loop::obey(const api::GiveSeat &command)
{
    tell(giveSeat(*this, command.workspace, command.device));
}

// ---- A second computer --------------------------------------------------------------------------

std::optional<std::string> Loop::lineToLink()
{
    if (m_profile.self() != nullptr) {
        tell(TroubleKind::HasIdentity, m_profile.self()->name);
        return std::nullopt;
    }
    const auto key = m_profile.keyToLink(m_random);
    if (key)
        return deviceLine(key->publicKey());
    tell(key.error());
    return std::nullopt;
}

std::optional<std::string> Loop::passFor(const std::string &line)
{
    const auto device = readDeviceLine(line);
    const Self *self = m_profile.self();
    if (self == nullptr || !device || *device == self->device.publicKey()) {
        tell(TroubleKind::BadLink, {});
        return std::nullopt;
    }
    if (!self->identity) {
        tell(TroubleKind::NotThePerson, {});
        return std::nullopt;
    }
    Pass pass{
        self->person(), self->name, *device, certifyDevice(m_scheme, *self->identity, *device), {}};
    for (const auto &[id, workspace] : m_hosts) {
        if (pass.invitations.size() == kPassInvitationsMax)
            break;
        if (auto invitation = askForCompanion(*this, *workspace, pass))
            pass.invitations.push_back(std::move(*invitation));
    }
    return passLine(pass);
}

void Loop::obey(const api::ShowDevice &)
{
    if (auto line = lineToLink())
        tell(api::DeviceShown{std::move(*line)});
}

void Loop::obey(const api::LinkDevice &command)
{
    if (auto pass = passFor(command.text))
        tell(api::DeviceLinked{*readDeviceLine(command.text), std::move(*pass)});
}

void Loop::obey(const api::UsePass &command)
{
    const auto pass = readPass(command.text);
    const bool isRenewal = pass && std::ranges::any_of(m_hosts, [&pass](const auto &entry) {
                               const auto &own = entry.second->ownKey();
                               return own && own->publicKey() == pass->device;
                           });
    if (isRenewal)
        return; // of a copied companion: the members are asked, and the workspace is here
    if (m_profile.self() != nullptr) {
        tell(TroubleKind::HasIdentity, m_profile.self()->name);
        return;
    }
    const auto key = m_profile.keyToLink(m_random);
    if (!key) {
        tell(key.error());
        return;
    }
    if (!pass || pass->device != key->publicKey()) {
        tell(TroubleKind::BadLink, {});
        return;
    }
    if (const auto done =
            m_profile.becomeCompanion(pass->name, pass->person, pass->certificate, m_random);
        !done) {
        tell(done.error());
        return;
    }
    beginIdentity();
    tellProfile();
    if (m_options.isDoorOpen)
        ensureNetwork();
    for (const identity::Invitation &invitation : pass->invitations)
        use(invitation);
}

// Others let in whoever holds the key of a device that may read. The old key of a renewed device is
// revoked one day, and it may be a thief's.
void Loop::connectAsRenewed()
{
    const auto key = renewedKey(*this);
    const Self *self = m_profile.self();
    const auto certificate = key ? certificateOf(*this, key->publicKey()) : std::nullopt;
    if (!key || (!self->identity && !certificate))
        return;
    if (const auto done = m_profile.setDevice(*key, certificate.value_or(Signature())); !done) {
        tell(done.error());
        return; // the old key still serves
    }
    beginIdentity();
}

} // namespace nlbd::app
