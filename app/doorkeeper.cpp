#include "app/doorkeeper.h"

#include "core/consensus/proposal.h"
#include "core/identity/name_likeness.h"
#include "core/identity/words.h"

#include <algorithm>

namespace nlbd::app {

using Verdict = DoorAnswer::Verdict;

namespace {

bool isNameTaken(const identity::Founder &person, const identity::Configuration &room)
{
    return std::ranges::any_of(room.members, [&person](const identity::Member &member) {
        return member.standing != identity::Standing::Gone && member.identity != person.identity
            && identity::areConfusable(member.name, person.name);
    });
}

} // namespace

std::optional<Verdict> Doorkeeper::objectionTo(const PublicKey &from, const Ask &ask,
                                               const IssuedInvitation *issued,
                                               const identity::Configuration *room, WallTime now)
{
    if (issued == nullptr || issued->workspace != ask.workspace)
        return Verdict::Unknown;
    if (issued->isUsed && issued->usedBy != from)
        return Verdict::Used;
    if (isOver(*issued, room, now))
        return Verdict::Expired;
    return std::nullopt;
}

bool Doorkeeper::isOver(const IssuedInvitation &issued, const identity::Configuration *room,
                        WallTime now)
{
    const WallTime end = issued.isUsed ? issued.expires + kUsedLife : issued.expires;
    const std::uint32_t more = issued.isUsed ? kUsedLifeEpochs - kLifeEpochs : 0;
    const bool isPast = issued.lastEpoch && room != nullptr && room->epoch > *issued.lastEpoch
        && room->epoch.value - issued.lastEpoch->value > more;
    return isPast || now >= end;
}

std::expected<Doorkeeper::Ruling, Code> Doorkeeper::judge(const PublicKey &from, const Ask &ask,
                                                          const IssuedInvitation *issued,
                                                          const identity::Configuration *room,
                                                          WallTime now) const
{
    const identity::Founder &person = ask.contact.person;
    if (person.device != from
        || !isCertified(m_scheme, person.identity, person.device, person.certificate))
        return std::unexpected(Code::E_SIG);
    if (room != nullptr)
        if (const auto row = room->indexOf(from)) // whoever is in needs no invitation
            return room->devices[row->value].mayRead ? Ruling{Verdict::Waiting, true, false}
                                                     : Ruling{Verdict::Gone, false, false};
    if (const auto objection = objectionTo(from, ask, issued, room, now))
        return Ruling{*objection, false, false};
    if (room == nullptr)
        return Ruling{Verdict::NotHere, false, false};
    if (isNameTaken(person, *room))
        return Ruling{Verdict::NameTaken, false, false};
    auto member = room->memberWith(person.identity);
    if (member && room->members[member->value].standing == identity::Standing::Gone)
        member.reset();
    const auto known = m_asks.find({ask.workspace, from});
    const auto isSamePerson = [&](const auto &entry) {
        return entry.first.first == ask.workspace && entry.first.second != from
            && entry.second.identity == person.identity;
    };
    // A member that takes up its seat may do so again, if the computer of the first try is lost,
    // too.
    if (!member && std::ranges::any_of(m_asks, isSamePerson))
        return Ruling{Verdict::Twice, false, false};
    if (known == m_asks.end() && m_asks.size() >= kAsksMax)
        return Ruling{Verdict::TooMany, false, false};
    return Ruling{Verdict::Waiting, false, known == m_asks.end() || known->second != person,
                  member};
}

std::expected<void, Code> Doorkeeper::judge(const PublicKey &from, const Claim &claim,
                                            const identity::Configuration &room) const
{
    const auto asks = m_asks.find({claim.workspace, from});
    if (asks == m_asks.end())
        return std::unexpected(Code::E_NOT_MEMBER);
    const auto proposal = consensus::Proposal::decode(claim.proposal);
    if (!proposal)
        return std::unexpected(proposal.error());
    const auto *move = std::get_if<consensus::MoveSeat>(&proposal->wish);
    if (move == nullptr || move->device != from
        || room.memberWith(asks->second.identity) != proposal->author)
        return std::unexpected(Code::E_STRUCT);
    return consensus::verify(*proposal, room, m_scheme);
}

void Doorkeeper::keep(const Ask &ask)
{
    m_asks.insert_or_assign({ask.workspace, ask.contact.person.device}, ask.contact.person);
}

std::vector<PublicKey> Doorkeeper::settle(const identity::Configuration &room)
{
    std::vector<PublicKey> settled;
    std::erase_if(m_asks, [&](const auto &entry) {
        const auto &[workspace, device] = entry.first;
        const bool isIn = workspace == room.workspace && room.indexOf(device).has_value();
        if (isIn) {
            settled.push_back(device);
            m_returning.erase(entry.first);
            m_invited.erase(entry.first);
        }
        return isIn;
    });
    return settled;
}

std::vector<api::JoinRequest> Doorkeeper::requests() const
{
    std::vector<api::JoinRequest> result;
    for (const auto &[key, person] : m_asks)
        if (!m_returning.contains(key))
            result.push_back({key.first, person.identity, person.device, person.certificate,
                              person.name, identity::fourWords(person.identity)});
    return result;
}

} // namespace nlbd::app
