#include "app/doors.h"
#include "app/loop.h"

#include "app/system_clock.h"
#include "core/identity/name_likeness.h"
#include "core/identity/name_rules.h"
#include "core/identity/words.h"

#include <algorithm>

namespace nlbd::app {

namespace {

using TroubleKind = api::LobbyTrouble::Kind;

constexpr Domain kSecretDigest{"rt1.invited"};
constexpr std::size_t kTroublesKept = 20;
constexpr std::size_t kNeighboursMax = 256; ///< more cannot be shown; the first ones stay

Hash digestOf(const ByteArray<16> &secret)
{
    return digest(kSecretDigest, ByteView(secret));
}

} // namespace

void Loop::take(api::LobbyCommand command)
{
    std::visit([this](const auto &what) { obey(what); }, command);
}

// ---- Who I am

void Loop::obey(const api::SetName &command)
{
    const std::string name = identity::composedName(command.name);
    if (!identity::isValidName(name)) {
        tell(TroubleKind::BadName, command.name);
        return;
    }
    const bool isFirst = m_profile.self() == nullptr;
    if (const auto done = m_profile.setName(name, m_random); !done) {
        tell(done.error());
        return;
    }
    beginIdentity();
    if (isFirst && m_options.isDoorOpen)
        ensureNetwork();
    showCard();
    tellProfile();
}

void Loop::obey(const api::SetVisible &command)
{
    if (const auto done = m_profile.setVisible(command.isVisible); !done)
        tell(done.error());
    if (command.isVisible)
        ensureNetwork();
    showCard();
    tellProfile();
}

// Strangers may knock while somebody expects them.
void Loop::showCard()
{
    if (!m_isNetworkOpen)
        return;
    std::optional<net::Card> card;
    const Self &self = *m_profile.self();
    if (m_profile.isVisible() && self.identity) // nobody founds with a companion
        card = net::Card{self.name, self.device.publicKey(), self.person(), self.certificate};
    m_network->setVisible(std::move(card));
    const WallTime now = readClocks().wall;
    const bool isExpected =
        std::ranges::any_of(m_profile.invitations(), [&](const IssuedInvitation &issued) {
            const WorkspaceHost *room = issued.workspace ? host(*issued.workspace) : nullptr;
            const bool isOver = Doorkeeper::isOver(
                issued, room == nullptr ? nullptr : &room->engine().configuration(), now);
            if (!issued.isUsed || isOver)
                return !isOver;
            return room != nullptr
                && !room->engine().configuration().indexOf(issued.usedBy); // asks, and is not in
        });
    m_network->setDoorOpen(m_profile.isVisible() || m_options.isDoorOpen || isExpected
                           || (m_desk && !m_desk->isEmpty()));
}

Contact Loop::contact() const
{
    return {m_profile.self()->founder(), addresses()};
}

// ---- Meeting

void Loop::obey(const api::ConnectTo &command)
{
    const auto endpoint = net::parseEndpoint(command.address);
    if (!endpoint) {
        tell(TroubleKind::BadAddress, command.address);
        return;
    }
    ensureNetwork();
    if (!m_isNetworkOpen)
        return;
    std::size_t answers = 1;             // of whoever shows itself there
    for (const auto &[id, tag] : m_tags) // a member may have moved there
        for (const PublicKey &device : tag.members)
            if (device != m_profile.self()->device.publicKey()
                && std::ranges::none_of(m_sessions,
                                        [&](const auto &s) { return s.second.device == device; })) {
                m_network->dial(*endpoint, device, net::Dialler::Persistence::Once, false,
                                FoundBy::Typed);
                ++answers;
            }
    m_view.reaching.begin(*endpoint, FoundBy::Typed, answers, readClocks().mono);
    tellReaching();
    m_network->ask(*endpoint);
}

std::optional<identity::Invitation>
Loop::makeInvitation(const std::optional<WorkspaceId> &workspace)
{
    constexpr Millis kLife = std::chrono::hours(24);
    const WorkspaceHost *room = workspace ? host(*workspace) : nullptr;
    const identity::Device *mine = room != nullptr ? room->engine().myDevice() : nullptr;
    if (workspace && (mine == nullptr || !mine->mayRead)) {
        tell(TroubleKind::NotAMember, {});
        return std::nullopt;
    }
    ensureNetwork();
    if (!m_isNetworkOpen)
        return std::nullopt;
    const Contact me = contact();
    identity::Invitation invitation;
    invitation.device = me.person.device;
    invitation.identity = me.person.identity;
    invitation.certificate = me.person.certificate;
    invitation.name = me.person.name;
    for (const net::Endpoint &endpoint : me.endpoints)
        if (invitation.addresses.size() < identity::kInvitationAddressesMax)
            invitation.addresses.push_back(endpoint.text());
    if (invitation.addresses.empty()) {
        tell(TroubleKind::NoNetwork, {});
        return std::nullopt;
    }
    if (room != nullptr) {
        const identity::Configuration &now = room->engine().configuration();
        invitation.room = identity::InvitedRoom{*workspace, now.epoch, now.decision, now.name};
    }
    m_random.fill(invitation.secret);
    invitation.expires = readClocks().wall + kLife;
    IssuedInvitation issued{digestOf(invitation.secret), invitation.expires, false, workspace};
    if (invitation.room)
        issued.lastEpoch = Epoch(invitation.room->epoch.value + Doorkeeper::kLifeEpochs);
    if (const auto kept = m_profile.addInvitation(issued); !kept) {
        tell(kept.error());
        return std::nullopt;
    }
    showCard();
    return signInvitation(m_scheme, m_profile.self()->device, std::move(invitation));
}

void Loop::obey(const api::MakeInvitation &command)
{
    if (const auto invitation = makeInvitation(command.workspace); invitation)
        tell(api::InvitationMade{invitation->text(), invitation->expires});
}

void Loop::obey(const api::UseInvitation &command)
{
    const auto invitation = identity::readInvitation(command.text, m_scheme);
    if (!invitation) {
        const bool isNewer = invitation.error() == identity::InvitationError::WrongVersion;
        const bool isCut = invitation.error() == identity::InvitationError::Damaged;
        tell(isNewer ? TroubleKind::WrongVersion : TroubleKind::BadInvitation,
             isCut ? "it is not complete" : "");
        return;
    }
    if (m_profile.self() != nullptr && invitation->device == m_profile.self()->device.publicKey()) {
        tell(TroubleKind::BadInvitation, "you made it yourself; it is for somebody else");
        return;
    }
    if (isExpired(*invitation, readClocks().wall)) {
        tell(TroubleKind::InvitationExpired, invitation->name);
        return;
    }
    if (invitation->room) {
        use(*invitation);
        return;
    }
    ensureNetwork();
    if (!m_isNetworkOpen)
        return;
    m_knocking.insert_or_assign(invitation->device, UsedInvitation{*invitation, 0});
    for (const auto &[peer, session] : m_sessions)
        if (session.device == invitation->device) {
            say(session.device, Knock{contact(), invitation->secret});
            return;
        }
    bool hasAddress = false;
    for (const std::string &address : invitation->addresses)
        if (const auto endpoint = net::parseEndpoint(address); endpoint) {
            hasAddress = true;
            m_view.reaching.begin(*endpoint, FoundBy::Invitation, 1, readClocks().mono);
            m_network->dial(*endpoint, invitation->device, net::Dialler::Persistence::Once, true,
                            FoundBy::Invitation);
        }
    tellReaching();
    if (!hasAddress)
        tell(TroubleKind::BadAddress, invitation->name);
}

void Loop::takeLobbyFrame(const net::FrameReceived &event)
{
    const auto session = m_sessions.find(event.peer);
    if (session == m_sessions.end() || !m_desk)
        return;
    const PublicKey from = session->second.device;
    const auto frame = decodeLobbyFrame(event.kind, event.body);
    if (!frame) {
        ++m_refusedByMesh[frame.error()];
        m_network->close(event.peer);
        return;
    }
    if (const auto *knock = std::get_if<Knock>(&*frame))
        knocked(from, *knock);
    else if (const auto *welcome = std::get_if<Welcome>(&*frame))
        welcomed(from, *welcome);
    else if (const auto *ask = std::get_if<Ask>(&*frame))
        takeAsk(event.peer, from, *ask);
    else if (const auto *reply = std::get_if<DoorAnswer>(&*frame))
        takeAnswer(from, *reply);
    else if (const auto *entry = std::get_if<Entry>(&*frame))
        takeEntry(from, *entry);
    else if (const auto *known = std::get_if<Known>(&*frame))
        takeKnown(from, *known);
    else if (const auto *claim = std::get_if<Claim>(&*frame))
        takeClaim(event.peer, from, *claim);
    else if (const auto *hints = std::get_if<Met>(&*frame)) {
        if (event.isMember)
            met(from, *hints);
    } else {
        m_desk->take(from, *frame);
        carryOutFounding();
    }
}

void Loop::knocked(const PublicKey &from, const Knock &knock)
{
    const identity::Founder &person = knock.contact.person;
    if (person.device != from
        || !isCertified(m_scheme, person.identity, person.device, person.certificate)) {
        ++m_refusedByMesh[Code::E_SIG];
        return;
    }
    const Hash secret = digestOf(knock.secret);
    const IssuedInvitation *issued = issuedWith(knock.secret);
    Welcome answer;
    if (issued == nullptr || issued->workspace)
        answer.verdict = Welcome::Verdict::Unknown;
    else if (issued->isUsed)
        answer.verdict = Welcome::Verdict::Used;
    else if (issued->expires <= readClocks().wall)
        answer.verdict = Welcome::Verdict::Expired;
    else
        answer.contact = contact();
    if (answer.verdict == Welcome::Verdict::Come) {
        if (const auto kept = m_profile.markUsed(secret); !kept) {
            tell(kept.error()); // not marked, not used: it can knock again
            return;
        }
        Contact guest = knock.contact;
        for (const auto &[peer, session] : m_sessions)
            if (session.device == from && session.endpoint)
                guest.endpoints.insert(guest.endpoints.begin(), *session.endpoint);
        const net::Endpoint at =
            guest.endpoints.empty() ? net::Endpoint{} : guest.endpoints.front();
        addNeighbour(guest, at, true);
    }
    say(from, answer);
}

const IssuedInvitation *Loop::issuedWith(const ByteArray<16> &secret) const
{
    const auto &all = m_profile.invitations();
    const auto issued = std::ranges::find(all, digestOf(secret), &IssuedInvitation::secret);
    return issued == all.end() ? nullptr : &*issued;
}

void Loop::welcomed(const PublicKey &from, const Welcome &welcome)
{
    const auto used = m_knocking.find(from);
    if (used == m_knocking.end())
        return;
    const std::string name = used->second.invitation.name;
    m_knocking.erase(used);
    switch (welcome.verdict) {
    case Welcome::Verdict::Come: {
        const identity::Founder &person = welcome.contact.person;
        if (person.device == from
            && isCertified(m_scheme, person.identity, person.device, person.certificate)
            && !welcome.contact.endpoints.empty())
            addNeighbour(welcome.contact, welcome.contact.endpoints.front(), true);
        return;
    }
    case Welcome::Verdict::Expired:
        tell(TroubleKind::InvitationExpired, name);
        return;
    case Welcome::Verdict::Used:
        tell(TroubleKind::InvitationUsed, name);
        return;
    case Welcome::Verdict::Unknown:
        tell(TroubleKind::BadInvitation, name);
        return;
    }
}

void Loop::addNeighbour(const Contact &contact, const net::Endpoint &, bool hasSameVersion)
{
    if (!identity::isValidName(contact.person.name)
        || (m_nearBy.size() >= kNeighboursMax && !m_nearBy.contains(contact.person.device)))
        return;
    m_nearBy.insert_or_assign(contact.person.device, NearBy{contact, hasSameVersion});
    tellNeighbours();
}

// ---- Founding

std::expected<Hash, Code> Loop::found(std::string_view name, const std::vector<Contact> &others)
{
    if (!m_desk)
        return std::unexpected(Code::E_NOT_MEMBER);
    if (!others.empty())
        ensureNetwork();
    auto draft = m_desk->begin(name, others);
    carryOutFounding();
    showCard();
    return draft;
}

void Loop::obey(const api::FoundWorkspace &command)
{
    std::vector<Contact> others;
    for (const PublicKey &device : command.with) {
        const auto near = m_nearBy.find(device);
        if (near == m_nearBy.end()) {
            tell(TroubleKind::NoAnswer, {});
            return;
        }
        others.push_back(near->second.contact);
    }
    const std::string name = identity::composedName(command.name);
    if (!identity::isValidName(name)) {
        tell(TroubleKind::BadName, command.name);
        return;
    }
    const auto draft = found(name, others);
    if (!draft && draft.error() == Code::E_NAME_CONFUSABLE)
        tell(TroubleKind::NamesAlike, {});
    else if (!draft)
        tell(TroubleKind::FoundingFailed, name);
}

void Loop::obey(const api::AnswerFounding &command)
{
    if (m_desk)
        m_desk->answer(command.draft, command.accept);
    carryOutFounding();
}

void Loop::obey(const api::WithdrawFounding &command)
{
    if (m_desk)
        m_desk->withdraw(command.draft);
    carryOutFounding();
}

void Loop::carryOutFounding()
{
    if (!m_desk)
        return;
    for (auto steps = m_desk->takeSteps(); !steps.empty(); steps = m_desk->takeSteps())
        for (FoundingStep &step : steps)
            if (!carryOut(step))
                return; // what was not kept must not be promised
}

bool Loop::carryOut(FoundingStep &step)
{
    if (auto *send = std::get_if<SendTo>(&step)) {
        say(send->device, send->frame);
    } else if (const auto *keep = std::get_if<Keep>(&step)) {
        if (const auto kept = m_profile.keepFounding(keep->draft, keep->bytes); !kept) {
            tell(kept.error());
            return false;
        }
    } else if (const auto *drop = std::get_if<Drop>(&step)) {
        m_profile.dropFounding(drop->draft);
    } else if (auto *founding = std::get_if<Found>(&step)) {
        const WorkspaceId id = founding->genesis.genesis.id();
        if (!storeFounded(*founding))
            return false;
        m_desk->founded(id);
    } else if (const auto *reach = std::get_if<Reach>(&step)) {
        ensureNetwork();
        for (const Hint &hint : reach->hints)
            if (m_isNetworkOpen && hint.device != m_profile.self()->device.publicKey())
                m_network->dial(hint.endpoint, hint.device,
                                net::Dialler::Persistence::UntilForgotten, true,
                                FoundBy::Invitation);
    } else if (auto *news = std::get_if<Tell>(&step)) {
        const bool isOpen =
            news->info.state == api::FoundingInfo::State::Asking && !news->info.isMine;
        const bool isUnanswered = std::ranges::any_of(news->info.founders, [](const auto &founder) {
            return founder.isMe && founder.answer == api::FoundingInfo::Answer::Waiting;
        });
        const Hash draft = news->info.draft;
        tell(api::FoundingChanged{std::move(news->info)});
        if (m_options.acceptsFoundings && isOpen && isUnanswered)
            m_desk->answer(draft, true);
    } else if (const auto *offence = std::get_if<Offence>(&step)) {
        ++m_refusedByMesh[offence->code];
    }
    return true;
}

std::vector<api::FoundingInfo> Loop::foundings() const
{
    return m_desk ? m_desk->present() : std::vector<api::FoundingInfo>{};
}

// ---- Workspaces

void Loop::obey(const api::OpenWorkspace &command)
{
    WorkspaceHost *workspace = host(command.id);
    if (workspace == nullptr) {
        const auto why = m_closed.find(command.id);
        if (why != m_closed.end())
            tell(why->second.kind, why->second.detail);
        return;
    }
    workspace->lastUsed = readClocks().wall;
    tell(api::WorkspaceOpened{
        command.id, std::make_shared<WorkspaceDoor>(command.id, m_mailbox, workspace->slot)});
}

// The workspace goes on: others still need what is held here. Only its view is gone.
void Loop::obey(const api::CloseWorkspace &command)
{
    if (WorkspaceHost *workspace = host(command.id); workspace != nullptr)
        workspace->step(api::Command{api::Flush{}}, readClocks());
}

// ---- Telling

void Loop::tell(api::LobbyEvent event)
{
    std::vector<api::LobbyEvent> batch;
    batch.push_back(std::move(event));
    m_slot->deliver(std::move(batch));
}

void Loop::tell(api::LobbyTrouble::Kind kind, std::string detail)
{
    const auto keep = [&](std::vector<api::LobbyTrouble> &list) {
        if (list.size() >= kTroublesKept)
            list.erase(list.begin());
        list.push_back({kind, detail});
    };
    ++m_troubleCount;
    keep(m_troubles);
    if (!m_slot->isServed())
        keep(m_untold);
    tell(api::LobbyEvent(api::LobbyTrouble{kind, std::move(detail)}));
}

void Loop::tell(const ProfileError &error)
{
    switch (error.kind) {
    case ProfileError::Kind::Full:
        tell(TroubleKind::DiskFull, error.detail);
        return;
    case ProfileError::Kind::ReadOnly:
        tell(TroubleKind::DiskReadOnly, error.detail);
        return;
    case ProfileError::Kind::InUse:
        tell(TroubleKind::ProfileInUse, error.detail);
        return;
    case ProfileError::Kind::Damaged:
        tell(TroubleKind::StoreDamaged, error.detail);
        return;
    case ProfileError::Kind::Failed:
        tell(TroubleKind::DiskFailed, error.detail);
        return;
    }
}

} // namespace nlbd::app
