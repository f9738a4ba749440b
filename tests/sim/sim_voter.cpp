#include "tests/sim/sim_voter.h"

#include "core/identity/configuration.h"
#include "tests/sim/newcomers.h"

namespace nlbd::sim {

namespace {

/// How many honest members may go: the hostile must stay a tolerated part of the rest, and two
/// members at least are left.
std::size_t spareMembers(const Profile &profile)
{
    std::size_t spare = 0;
    const std::size_t lost = profile.hostile + profile.putBack; // some of them silent only
    while (profile.peers - spare > 2 && spare + 1 + lost < profile.peers
           && identity::toleratedFaults(profile.peers - spare - 1) >= lost)
        ++spare;
    return std::min(spare, profile.peers / 2);
}

DeviceIndex deviceAt(std::size_t index)
{
    return DeviceIndex(static_cast<std::uint16_t>(index));
}

/// Another one for each person of each world.
std::uint64_t turnSeed(PeerShell &shell)
{
    std::uint64_t seed = shell.number();
    for (std::size_t i = 0; i < 8; ++i)
        seed = seed << 7U
            ^ static_cast<std::uint64_t>(shell.world().group.configuration.workspace.value[i]);
    return seed;
}

} // namespace

Plan Plan::drawn(World &world)
{
    Plan plan;
    if (world.profile.proposeEvery == Millis(0))
        return plan;
    const std::size_t honest = world.profile.peers - world.profile.hostile;
    for (std::size_t i = honest; i < world.profile.peers; ++i) {
        plan.mayGo.insert(deviceAt(i));
        plan.mayFall.insert(deviceAt(i));
    }
    for (std::size_t i = spareMembers(world.profile); i > 0; --i)
        plan.mayGo.insert(deviceAt(world.random.below(honest)));
    for (std::size_t i = honest / 3; i > 0; --i)
        plan.mayFall.insert(deviceAt(world.random.below(honest)));
    return plan;
}

SimVoter::SimVoter(PeerShell &shell, const Plan &plan)
    : m_shell(shell)
    , m_plan(plan)
    , m_turns(turnSeed(shell))
{
}

api::Wish SimVoter::someWish()
{
    using Kind = api::Wish::Kind;
    const auto oneOf = [this](const std::set<DeviceIndex> &some) {
        const auto at = static_cast<std::ptrdiff_t>(world().random.below(some.size()));
        return MemberIndex(std::next(some.begin(), at)->value); // founders: one device each
    };
    api::Wish wish;
    const std::uint64_t draw = world().random.below(100);
    if (draw < 35 || m_plan.mayGo.empty() || world().profile.isSplit) {
        wish.kind = Kind::SetPolicy;
        const std::uint64_t number = world().random.below(1000);
        wish.text = "Rule " + std::to_string(number);
        wish.limits = api::Limits{.newcomersReadPast = number % 5 != 0};
    } else if (draw < 60) {
        wish.kind = Kind::NewKey;
    } else if (draw < 80) {
        wish.kind = Kind::RemoveMember;
        wish.member = oneOf(m_plan.mayGo);
    } else if (draw < 92 && !m_plan.mayFall.empty()) {
        wish.kind = Kind::ChangeRole;
        wish.member = oneOf(m_plan.mayFall);
        wish.isReader = true;
    } else if (m_plan.mayGo.contains(m_shell.device())) {
        wish.kind = Kind::Leave;
    }
    return wish;
}

void SimVoter::ask()
{
    if (isInTheMoodToTurn()) {
        api::Wish turn;
        turn.kind = api::Wish::Kind::TurnKey;
        propose(std::move(turn));
    }
    propose(someWish());
}

void SimVoter::askAway(DeviceIndex other)
{
    api::Wish wish;
    wish.kind = api::Wish::Kind::RemoveMember;
    wish.member = MemberIndex(other.value);
    propose(std::move(wish));
}

void SimVoter::propose(api::Wish wish)
{
    // Whoever asks says yes at once: an honest person does not ask for what must not be.
    if (!m_shell.isReachable() || (m_shell.isHonest() && !likes(wish)))
        return;
    m_shell.step(api::Command(api::Propose{++m_requests, std::move(wish)}));
}

bool SimVoter::likes(const api::Wish &wish) const
{
    using Kind = api::Wish::Kind;
    const DeviceIndex member(wish.member.value);
    if (wish.kind == Kind::RemoveMember)
        return m_plan.mayGo.contains(member);
    if (wish.kind == Kind::ChangeRole)
        return m_plan.mayFall.contains(member);
    if (wish.kind == Kind::Admit)
        return wish.name.starts_with(kGuestName);
    return wish.kind == Kind::SetPolicy || wish.kind == Kind::NewKey || wish.kind == Kind::Leave
        || wish.kind == Kind::TurnKey;
}

void SimVoter::receive(const api::Event &event)
{
    const auto *news = std::get_if<api::DecisionsChanged>(&event);
    if (news == nullptr || world().profile.proposeEvery == Millis(0))
        return;
    for (const api::ProposalInfo &proposal : news->open) {
        if (proposal.needed == 0 || proposal.mine || !m_heard.insert(proposal.id).second)
            continue;
        const bool isMoody =
            (!m_shell.isHonest() && !world().profile.isSplit) || world().random.below(8) == 0;
        const bool isYes = isMoody ? world().random.below(2) == 0 : true;
        const bool mayPass = !m_shell.isHonest() || likes(proposal.wish);
        answer(proposal.id, isYes && mayPass, Millis(800));
        if (world().random.below(10) == 0) // thinks better of it
            answer(proposal.id, !isYes && mayPass, Millis(3000));
    }
}

void SimVoter::answer(const Hash &proposal, bool isYes, Millis within)
{
    world().queue.after(world().between(Millis(20), within), [this, proposal, isYes] {
        if (m_shell.isReachable())
            m_shell.step(api::Command(api::Vote{++m_requests, proposal, isYes}));
    });
}

} // namespace nlbd::sim
