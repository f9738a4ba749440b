// What is to be decided and was, as values for the view, and what the view asks for.

#include "core/base/check.h"
#include "core/consensus/epoch_change.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/shown_wish.h"

namespace nlbd::engine {

namespace {

identity::Policy policyOf(const api::Wish &wish, identity::Policy policy)
{
    policy.text = wish.text;
    if (!wish.limits)
        return policy;
    policy.dormantDays = wish.limits->silentDays;
    policy.rekeyDays = wish.limits->keyDays;
    policy.checkpointChanges = wish.limits->checkpointChanges;
    policy.checkpointBytes = wish.limits->checkpointBytes;
    policy.newcomersReadPast = wish.limits->newcomersReadPast;
    return policy;
}

} // namespace

std::optional<consensus::Wish> Council::wishOf(const api::Wish &wish) const
{
    using Kind = api::Wish::Kind;
    const auto role = wish.isReader ? identity::Role::Reader : identity::Role::Writer;
    switch (wish.kind) {
    case Kind::Admit:
        return consensus::Admit{wish.identity, wish.name, wish.key, wish.certificate, role};
    case Kind::ChangeRole:
        return consensus::ChangeRole{wish.member, role};
    case Kind::SetPolicy:
        return consensus::SetPolicy{policyOf(wish, m_state.configuration.policy)};
    case Kind::MakeDormant:
        return consensus::MakeDormant{wish.member};
    case Kind::Wake:
        return consensus::Wake{};
    case Kind::Leave:
        return consensus::Leave{};
    case Kind::RemoveMember:
        return consensus::RemoveMember{wish.member, wish.text};
    case Kind::RemoveDevice:
        return consensus::RemoveDevice{wish.device};
    case Kind::NewKey:
        return consensus::Rekey{};
    case Kind::Checkpoint:
        return consensus::TakeCheckpoint{};
    case Kind::Fence:
        if (auto proof = m_state.evidence->proofToFence(wish.device))
            return consensus::Fence{wish.device, std::move(*proof)};
        break;
    case Kind::MoveSeat: // needs the identity key, which no workspace has
    case Kind::TurnKey:  // draws its key first, see care_keys.h
        break;
    }
    return std::nullopt;
}

/// What was decided last, newest first.
const std::vector<api::DecisionInfo> &Council::made() const
{
    if (m_reckoned.made)
        return *m_reckoned.made;
    const auto memberOf = [this](DeviceIndex device) {
        return m_state.configuration.devices[device.value].member;
    };
    std::vector<api::DecisionInfo> &result = m_reckoned.made.emplace();
    Epoch closed = m_state.configuration.epoch;
    while (closed > m_log.first() && result.size() < api::DecisionsChanged::kDecisionsShown) {
        closed = Epoch(closed.value - 1);
        const auto decision = consensus::Decision::decode(*m_log.decision(closed));
        CHECK(decision.has_value());
        const auto certificate = consensus::Certificate::decode(decision->certificate);
        api::DecisionInfo info{closed, decision->value.hash(), 0, 0, {}, {}};
        if (certificate) {
            info.round = certificate->round.value;
            info.signatures = static_cast<std::uint16_t>(certificate->lines.size());
            for (const consensus::CommitLine &line : certificate->lines)
                info.signers.push_back(memberOf(m_log.seatsOf(closed)[line.seat.value]));
        }
        for (const consensus::Proposal &proposal : decision->proposals)
            info.wishes.push_back(shown(proposal, m_state.configuration));
        result.push_back(std::move(info));
    }
    return result;
}

std::vector<const consensus::Proposal *> Council::open() const
{
    return m_proposals.open();
}

bool Council::isAsked(const consensus::Wish &wish) const
{
    return m_proposals.isOpen(wish);
}

std::size_t Council::seatsAfter(const consensus::Proposal &proposal) const
{
    return consensus::planChange(m_state.configuration, {&proposal}, {}).next.seats.size();
}

std::size_t Council::seatsAfter(const api::Wish &wish) const
{
    const identity::Device *mine = m_state.configuration.device(m_state.me);
    auto asked = wishOf(wish);
    consensus::Proposal proposal;
    if (mine == nullptr || !asked || wish.member.value >= m_state.configuration.members.size()
        || wish.device.value >= m_state.configuration.devices.size())
        return m_state.seatCount();
    proposal.author = mine->member;
    proposal.device = m_state.me;
    proposal.wish = std::move(*asked);
    return seatsAfter(proposal);
}

void Council::consider(const api::Consider &command)
{
    m_state.out.notify(api::Considered{command.request,
                                       static_cast<std::uint16_t>(m_state.seatCount()),
                                       static_cast<std::uint16_t>(seatsAfter(command.wish))});
}

api::DecisionsChanged Council::present() const
{
    const auto memberOf = [this](DeviceIndex device) {
        return m_state.configuration.devices[device.value].member;
    };
    api::DecisionsChanged result;
    const std::size_t seats = m_state.seatCount();
    result.seats = static_cast<std::uint16_t>(seats);
    result.quorum = static_cast<std::uint16_t>(identity::quorumOf(seats));
    result.tolerated = static_cast<std::uint16_t>(identity::toleratedFaults(seats));
    result.epoch = m_state.configuration.epoch;
    result.isMember = !m_state.wasLetGo(); // who is on the way in was not
    result.rule = m_state.configuration.policy.text;
    result.limits = limitsOf(m_state.configuration.policy);
    if (m_ownClose && m_table)
        result.round = m_table->round().value;
    for (const auto &[hash, proposal] : m_proposals.openByHash()) {
        if (!proposal->isReasonToClose())
            continue; // nobody has a say in it, and it waits for what others ask
        api::ProposalInfo info;
        info.id = hash;
        info.wish = shown(*proposal, m_state.configuration);
        info.author = proposal->author;
        info.lastEpoch = proposal->lastEpoch;
        info.isNoticed = proposal->origin() == consensus::Origin::Computer;
        const auto [after, isNew] = m_reckoned.seatsAfter.try_emplace(hash, 0);
        if (isNew)
            after->second = seatsAfter(*proposal);
        info.seatsAfter = static_cast<std::uint16_t>(after->second);
        for (const auto &[device, answer] : m_proposals.counted(info.id))
            (answer == consensus::Answer::Yes ? info.saidYes : info.saidNo)
                .push_back(memberOf(device));
        info.yes = static_cast<std::uint16_t>(info.saidYes.size());
        info.no = static_cast<std::uint16_t>(info.saidNo.size());
        if (proposal->need(m_state.configuration) == consensus::Need::Approvals)
            info.needed = result.quorum;
        info.isEligible =
            m_proposals.eligibility(info.id) == consensus::ProposalBook::Eligibility::Eligible;
        if (const auto said = myAnswer(hash))
            info.mine = *said == consensus::Answer::Yes;
        result.open.push_back(std::move(info));
    }
    result.made = made();
    return result;
}

void Council::sendAll()
{
    m_shown.reset();
    m_isNews = true;
    sendNews();
    tellConflict();
}

void Council::sendNews()
{
    if (!m_state.out.hasListener() || !std::exchange(m_isNews, false))
        return;
    auto now = present();
    if (m_shown == now)
        return;
    m_shown = now;
    m_state.out.notify(std::move(now));
}

} // namespace nlbd::engine
