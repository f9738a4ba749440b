#include "ui/decisions/voters.h"

#include <algorithm>

namespace nlbd::ui {

namespace {

using Kind = api::Wish::Kind;

bool holds(const std::vector<MemberIndex> &members, MemberIndex member)
{
    return std::ranges::find(members, member) != members.end();
}

QString firstName(const QString &name)
{
    return name.section(QChar(u' '), 0, 0);
}

} // namespace

std::size_t Voters::heard() const
{
    return static_cast<std::size_t>(std::ranges::count_if(all, &Voter::isHere));
}

bool Voters::haveMe() const
{
    return std::ranges::any_of(all, &Voter::isMe);
}

bool Voters::haveMe(MemberIndex member) const
{
    return std::ranges::any_of(
        all, [member](const Voter &voter) { return voter.isMe && voter.member == member; });
}

Voters votersOf(const words::People &people, const api::DecisionsChanged &now)
{
    using Standing = api::Person::Standing;
    Voters voters{{}, now.quorum, now.epoch, now.round, now.limits};
    for (const api::Person &person : people) {
        const bool isCounted = person.hasSeat && person.standing != Standing::Gone
            && person.standing != Standing::Dormant;
        if (isCounted)
            voters.all.push_back({person.member, QString::fromUtf8(person.name), person.isMe,
                                  person.isMe || person.isOnline});
    }
    std::ranges::sort(voters.all, {}, [](const Voter &voter) { return voter.member.value; });
    return voters;
}

std::vector<Stand> standsOf(const api::ProposalInfo &info, const Voters &voters)
{
    std::vector<Stand> stands;
    for (const Voter &voter : voters.all) {
        Stand stand{Stand::Says::Open, voter.name, voter.isHere};
        if (info.wish.kind == Kind::RemoveMember && info.wish.member == voter.member)
            stand.says = Stand::Says::Nothing;
        else if (holds(info.saidYes, voter.member))
            stand.says = Stand::Says::Yes;
        else if (holds(info.saidNo, voter.member))
            stand.says = Stand::Says::No;
        stands.push_back(std::move(stand));
    }
    return stands;
}

Outlook outlookOf(const api::ProposalInfo &info, const Voters &voters)
{
    using State = Outlook::State;
    Outlook outlook;
    if (info.isEligible) {
        outlook.state = voters.heard() >= voters.quorum ? State::Signing : State::Stuck;
        for (const Voter &voter : voters.all)
            if (!voter.isHere)
                outlook.missing.append(firstName(voter.name));
        return outlook;
    }
    std::size_t possible = 0;
    std::size_t reachable = 0;
    for (const Stand &stand : standsOf(info, voters)) {
        const bool isOpen = stand.says == Stand::Says::Open;
        const bool isYes = stand.says == Stand::Says::Yes;
        possible += isOpen || isYes ? 1 : 0;
        reachable += isYes || (isOpen && stand.isHere) ? 1 : 0;
        if (isOpen && !stand.isHere)
            outlook.missing.append(firstName(stand.name));
    }
    if (possible < info.needed)
        outlook.state = State::Blocked;
    else if (reachable < info.needed)
        outlook.state = State::Unreachable;
    return outlook;
}

bool mayAnswer(const api::ProposalInfo &info, const Voters &voters)
{
    const bool isAboutMe = info.wish.kind == Kind::RemoveMember && voters.haveMe(info.wish.member);
    return info.needed > 0 && voters.haveMe() && !isAboutMe;
}

bool waitsForMe(const api::ProposalInfo &info, const Voters &voters)
{
    // Computers add up a checkpoint, and count who is silent: they answer by themselves. With four
    // the yes to count on without somebody is left to people (core/engine/SEATS.md).
    const bool isForComputers = info.wish.kind == Kind::Checkpoint
        || (info.wish.kind == Kind::MakeDormant && voters.all.size() > 4);
    return mayAnswer(info, voters) && !info.mine && !isForComputers;
}

} // namespace nlbd::ui
