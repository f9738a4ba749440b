// Being let into a workspace that others founded, and letting others in.

#include "app/loop.h"
#include "app/system_clock.h"
#include "core/base/codec.h"

#include <algorithm>

namespace nlbd::app {

namespace {

using TroubleKind = api::LobbyTrouble::Kind;
using Verdict = DoorAnswer::Verdict;

constexpr Millis kAskAgain{3'000};
constexpr Millis kAskPauseMin{300}; // faster ones are not looked at
constexpr std::size_t kHintsInEntry = 64;

/// What a refusal says to whoever asked; nothing: it goes on asking.
std::optional<TroubleKind> troubleOf(Verdict verdict)
{
    switch (verdict) {
    case Verdict::Waiting:
    case Verdict::Voting:
    case Verdict::TooMany:
        return std::nullopt;
    case Verdict::Expired:
        return TroubleKind::InvitationExpired;
    case Verdict::Used:
        return TroubleKind::InvitationUsed;
    case Verdict::Unknown:
        return TroubleKind::BadInvitation;
    case Verdict::NotHere:
    case Verdict::Gone:
        return TroubleKind::NotAMember;
    case Verdict::NameTaken:
        return TroubleKind::NameTaken;
    case Verdict::Twice:
        return TroubleKind::AsksTwice;
    }
    return std::nullopt;
}

} // namespace

// ---- Asking to be let in ------------------------------------------------------------------------

void Loop::restoreArrivals()
{
    for (const auto &[id, bytes] : m_profile.arrivals()) {
        const auto invitation = identity::decodeInvitation(bytes, m_scheme);
        const bool isOpen = invitation && invitation->room && invitation->room->workspace == id
            && !m_hosts.contains(id);
        if (isOpen && m_arrivals.size() < Profile::kArrivalsMax)
            beginArrival(*invitation);
        else
            m_profile.dropArrival(id);
    }
}

void Loop::use(const identity::Invitation &invitation)
{
    const WorkspaceId id = invitation.room->workspace;
    if (m_profile.self() == nullptr || m_hosts.contains(id))
        return; // who is in needs no invitation
    if (!m_arrivals.contains(id) && m_arrivals.size() >= Profile::kArrivalsMax) {
        tell(TroubleKind::DoorCrowded, invitation.room->name);
        return;
    }
    if (const auto kept = m_profile.keepArrival(id, invitation.encode()); !kept) {
        tell(kept.error());
        return;
    }
    beginArrival(invitation);
}

void Loop::beginArrival(const identity::Invitation &invitation)
{
    ensureNetwork();
    const identity::InvitedRoom &room = *invitation.room;
    Arrival &arrival = m_arrivals[room.workspace];
    arrival = {invitation,
               {room.workspace, room.name, invitation.name, api::JoinInfo::State::Asking, 0, 0},
               {}};
    tell(api::JoinChanged{arrival.info});
    if (!m_isNetworkOpen)
        return;
    for (const std::string &address : invitation.addresses)
        if (const auto endpoint = net::parseEndpoint(address); endpoint) {
            if (const auto kept = m_profile.rememberAddress(invitation.device, *endpoint); !kept)
                tell(kept.error());
            m_view.reaching.begin(*endpoint, FoundBy::Invitation, 1, readClocks().mono);
            m_network->dial(*endpoint, invitation.device, net::Dialler::Persistence::UntilForgotten,
                            true, FoundBy::Invitation);
        }
    tellReaching();
    askAt(arrival);
}

void Loop::askAt(Arrival &arrival)
{
    arrival.askAt = readClocks().mono + kAskAgain;
    say(arrival.invitation.device,
        Ask{arrival.info.workspace, contact(), arrival.invitation.secret});
}

void Loop::askAgain(Now now)
{
    for (auto &[id, arrival] : m_arrivals)
        if (arrival.askAt <= now.mono)
            askAt(arrival);
}

void Loop::metInviter(const PublicKey &device)
{
    for (auto &[id, arrival] : m_arrivals)
        if (arrival.invitation.device == device)
            askAt(arrival);
}

void Loop::endArrival(const WorkspaceId &id, api::JoinInfo::State state)
{
    const auto found = m_arrivals.find(id);
    if (found == m_arrivals.end())
        return;
    Arrival ended = std::move(found->second);
    m_arrivals.erase(found);
    m_profile.dropArrival(id);
    const auto needs = [&ended](const auto &entry) {
        return entry.second.invitation.device == ended.invitation.device;
    };
    if (state != api::JoinInfo::State::Inside && m_network
        && !std::ranges::any_of(m_arrivals, needs))
        m_network->forget(ended.invitation.device);
    ended.info.state = state;
    tell(api::JoinChanged{std::move(ended.info)});
}

void Loop::obey(const api::WithdrawJoin &command)
{
    endArrival(command.workspace, api::JoinInfo::State::Refused);
}

void Loop::takeAnswer(const PublicKey &from, const DoorAnswer &answer)
{
    const auto found = m_arrivals.find(answer.workspace);
    if (found == m_arrivals.end() || found->second.invitation.device != from)
        return;
    Arrival &arrival = found->second;
    if (const auto trouble = troubleOf(answer.verdict)) {
        const std::string detail =
            *trouble == TroubleKind::NameTaken ? m_profile.self()->name : arrival.invitation.name;
        endArrival(answer.workspace, api::JoinInfo::State::Refused);
        tell(*trouble, detail);
        return;
    }
    api::JoinInfo info = arrival.info;
    info.state = answer.verdict == Verdict::Voting ? api::JoinInfo::State::Voting
        : arrival.claim.empty()                    ? api::JoinInfo::State::Waiting
                                                   : api::JoinInfo::State::Returning;
    info.yes = answer.yes;
    info.needed = answer.needed;
    if (info == arrival.info)
        return;
    arrival.info = info;
    tell(api::JoinChanged{std::move(info)});
}

void Loop::takeEntry(const PublicKey &from, const Entry &entry)
{
    const auto genesis = identity::SignedGenesis::decode(entry.genesis);
    if (!genesis)
        return;
    const WorkspaceId id = genesis->genesis.id();
    const auto found = m_arrivals.find(id);
    // The workspace's name is the record's hash: nobody can bring another record.
    if (found == m_arrivals.end() || found->second.invitation.device != from
        || !genesis->verify(m_scheme))
        return;
    const identity::InvitedRoom &room = *found->second.invitation.room;
    const Entrance entrance{{room.epoch, room.decision}, from, entry.discoveryKey};
    const store::Rows rows{store::MetaRow{"genesis", entry.genesis},
                           store::MetaRow{"entrance", entrance.encode()}};
    if (!storeWorkspace(id, rows, entry.hints))
        return; // told; it is asked for again
    endArrival(id, api::JoinInfo::State::Inside);
}

std::vector<api::JoinInfo> Loop::joins() const
{
    std::vector<api::JoinInfo> result;
    for (const auto &[id, arrival] : m_arrivals)
        result.push_back(arrival.info);
    return result;
}

// ---- Letting in ---------------------------------------------------------------------------------

void Loop::takeAsk(PeerId peer, const PublicKey &from, const Ask &ask)
{
    const Now now = readClocks();
    Session &session = m_sessions.at(peer);
    if (session.askedAt && now.mono - *session.askedAt < kAskPauseMin)
        return;
    session.askedAt = now.mono;
    const IssuedInvitation *issued = issuedWith(ask.secret);
    const WorkspaceHost *room = host(ask.workspace);
    const bool isMember = room != nullptr && room->engine().myDevice() != nullptr
        && room->engine().myDevice()->mayRead;
    const auto ruling = m_doorkeeper.judge(
        from, ask, issued, isMember ? &room->engine().configuration() : nullptr, now.wall);
    if (!ruling) {
        ++m_refusedByMesh[ruling.error()];
        m_network->close(peer);
        return;
    }
    if (ruling->mayEnter) {
        say(from, entryInto(ask.workspace, from));
        return;
    }
    if (ruling->isNew) {
        if (const auto kept = m_profile.markUsed(issued->secret, from); !kept) {
            tell(kept.error()); // not marked, not used: it asks again
            return;
        }
        m_doorkeeper.keep(ask);
    }
    // Nobody is asked about a member whose own word is on its way: if it is not, at its next try.
    if (ruling->isNew != ruling->member.has_value())
        tellRequests();
    if (ruling->member) {
        m_doorkeeper.invites(ask.workspace, from);
        say(from, Known{ask.workspace, *ruling->member, room->engine().configuration().epoch});
    }
    say(from, answerTo(ask, ruling->verdict));
}

DoorAnswer Loop::answerTo(const Ask &ask, DoorAnswer::Verdict verdict)
{
    DoorAnswer answer{ask.workspace, verdict, 0, 0};
    const WorkspaceHost *room = host(ask.workspace);
    if (verdict != Verdict::Waiting || room == nullptr)
        return answer;
    for (const api::ProposalInfo &info : room->engine().decisions().open)
        if (info.wish.kind == api::Wish::Kind::Admit
            && info.wish.key == ask.contact.person.device) {
            answer.verdict = Verdict::Voting;
            answer.yes = info.yes;
            answer.needed = info.needed;
        }
    return answer;
}

Entry Loop::entryInto(const WorkspaceId &id, const PublicKey &guest)
{
    const net::WorkspaceTag &tag = m_tags.at(id);
    Entry entry{m_records.at(id), tag.discoveryKey, {}};
    const auto add = [&](const PublicKey &device, const net::Endpoint &endpoint) {
        if (device != guest && entry.hints.size() < kHintsInEntry)
            entry.hints.push_back({device, endpoint});
    };
    for (const PublicKey &device : tag.members) {
        const auto known = m_profile.addresses().find(device);
        if (known != m_profile.addresses().end() && !known->second.empty())
            add(device, known->second.front());
    }
    return entry;
}

void Loop::settleDoor(const WorkspaceHost &workspace)
{
    const identity::Configuration &room = workspace.engine().configuration();
    const auto settled = m_doorkeeper.settle(room);
    for (const PublicKey &device : settled)
        if (room.devices[room.indexOf(device)->value].mayRead)
            say(device, entryInto(room.workspace, device)); // without waiting until it asks again
    if (!settled.empty())
        tellRequests();
}

std::vector<api::JoinRequest> Loop::requests() const
{
    return m_doorkeeper.requests();
}

void Loop::tellRequests()
{
    tell(api::JoinRequestsChanged{requests()});
    showCard();
}

// ---- What a newcomer's workspace begins with
// ------------------------------------------------------

Bytes Entrance::encode() const
{
    Writer out;
    out.u32(anchor.epoch.value);
    out.fixedBytes(anchor.decision);
    out.fixedBytes(guide);
    out.raw(discoveryKey);
    return std::move(out).take();
}

std::optional<Entrance> Entrance::decode(ByteView bytes)
{
    Reader in(bytes);
    Entrance result;
    result.anchor.epoch = Epoch(in.u32());
    result.anchor.decision = in.fixedBytes<Hash>();
    result.guide = in.fixedBytes<PublicKey>();
    const ByteView key = in.raw(result.discoveryKey.size());
    if (!in.done())
        return std::nullopt;
    std::ranges::copy(key, result.discoveryKey.begin());
    return result;
}

} // namespace nlbd::app
