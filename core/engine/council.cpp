#include "core/engine/council.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/utf8.h"
#include "core/consensus/newcomer_rule.h"
#include "core/consensus/proof.h"
#include "core/engine/attestor.h"
#include "core/engine/author.h"
#include "core/engine/board.h"
#include "core/engine/care_keys.h"
#include "core/engine/caretaker.h"
#include "core/engine/checkpoints.h"
#include "core/engine/epochs.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"
#include "core/history/change_codec.h"
#include "core/identity/name_likeness.h"

namespace nlbd::engine {

namespace {

constexpr Millis kNoticeTurn{300};     // per place in the order of seats: one asking is enough
constexpr std::uint32_t kLastsFor = 8; // epochs that a wish stays open

} // namespace

Council::Council(Engine::State &state)
    : m_state(state)
    , m_chains(state.graph)
    , m_log(state.configuration, state.config.scheme,
            consensus::quorumCertificates(state.config.scheme))
    , m_proposals(state.configuration, state.config.scheme)
    , m_closes(state.configuration, state.config.scheme)
    , m_courier(state)
{
    beginEpoch();
}

Council::~Council() = default;

bool Council::isOpen() const
{
    return m_log.now().epoch == m_state.configuration.epoch && !m_log.conflict();
}

bool Council::maySpeak() const
{
    return m_state.guard->maySign() && !m_state.wasLetGo();
}

void Council::awake()
{
    m_isDirty = m_mayClose = true;
    if (m_ownClose)
        m_mustResume = true; // says again what is on the disk, then hears
    else
        hearAgain();
}

void Council::offer(const Bytes &proposal)
{
    if (!takeProposal(PeerId(), proposal))
        tell(gossip::ControlKind::Proposal, proposal);
}

// ---- what people ask ----------------------------------------------------------------------------

void Council::propose(const api::Propose &command)
{
    const auto wish = wishOf(command.wish);
    const bool isTurn = command.wish.kind == api::Wish::Kind::TurnKey;
    const auto made = isTurn ? m_state.careKeys->turn()
        : wish               ? makeProposal(*wish)
                             : std::unexpected(Code::UNREPRESENTABLE);
    say({command.request, made.value_or(Hash()),
         made ? std::nullopt : std::optional(made.error())});
    if (made && m_state.mySeat && !isTurn)
        static_cast<void>(answer(*made, consensus::Answer::Yes)); // whoever asks wants it
}

void Council::vote(const api::Vote &command)
{
    const auto done =
        answer(command.proposal, command.isYes ? consensus::Answer::Yes : consensus::Answer::No);
    say({command.request, command.proposal, done ? std::nullopt : std::optional(done.error())});
}

void Council::say(api::ProposalAnswered answer)
{
    m_lastAnswer = answer;
    m_state.out.notify(std::move(answer));
}

std::expected<Hash, Code> Council::makeProposal(consensus::Wish wish, const RowsWith &rowsWith)
{
    if (!maySpeak())
        return std::unexpected(Code::E_NOT_MEMBER);
    const identity::Configuration &configuration = m_state.configuration;
    const identity::Device *mine = configuration.device(m_state.me);
    if (mine == nullptr || !mine->mayRead)
        return std::unexpected(Code::E_NOT_MEMBER);
    if (const auto *admit = std::get_if<consensus::Admit>(&wish)) {
        if (consensus::isKeptOut(*admit, configuration))
            return std::unexpected(Code::E_ROLE);
        for (const identity::Member &member : configuration.members)
            if (member.standing != identity::Standing::Gone && member.identity != admit->identity
                && identity::areConfusable(member.name, admit->name))
                return std::unexpected(Code::E_NAME_CONFUSABLE);
    }
    consensus::Proposal proposal;
    m_state.config.random.fill(proposal.nonce);
    proposal.lastEpoch = Epoch(configuration.epoch.value + kLastsFor);
    proposal.author = mine->member;
    proposal.device = m_state.me;
    proposal.wish = std::move(wish);
    proposal = consensus::signProposal(m_state.config.scheme, m_state.config.device,
                                       configuration.workspace, std::move(proposal));
    // Others end the session of whoever sends what cannot be read: a text that is too long, say.
    if (const auto read = consensus::Proposal::decode(proposal.encode()); !read)
        return std::unexpected(read.error());
    // Rows that are not here: somebody whom a decision admitted that has not come here yet.
    if (const auto verified = consensus::verify(proposal, configuration, m_state.config.scheme);
        !verified)
        return std::unexpected(verified.error());
    // It would never be shown nor decided: a device that was here and went, a rule that is in
    // force.
    if (consensus::isMoot(proposal, configuration))
        return std::unexpected(Code::DUPLICATE);
    const auto taken = m_proposals.add(proposal, consensus::ProposalBook::Reason::Offered);
    if (!taken)
        return std::unexpected(taken.error());
    if (*taken == consensus::ProposalBook::Taken::Over)
        return std::unexpected(Code::DUPLICATE);
    store::Rows with = rowsWith ? rowsWith(proposal) : store::Rows();
    const store::Sync sync = with.empty() ? store::Sync::Lazy : store::Sync::Full;
    keep(gossip::ControlKind::Proposal, proposal.lastEpoch, proposal.encode(), std::move(with),
         sync);
    tell(gossip::ControlKind::Proposal, proposal.encode());
    return proposal.hash();
}

std::expected<void, Code> Council::answer(const Hash &proposal, consensus::Answer answer)
{
    const consensus::Proposal *known = m_proposals.find(proposal);
    if (known == nullptr || !m_state.mySeat || !maySpeak())
        return std::unexpected(Code::E_NOT_MEMBER);
    std::uint64_t counter = 0;
    for (const auto &[given, hash] : m_proposals.answers(proposal))
        if (given.device == m_state.me)
            counter = std::max(counter, given.counter);
    consensus::Approval approval{.proposal = proposal,
                                 .device = m_state.me,
                                 .counter = counter + 1,
                                 .answer = answer,
                                 .untilEpoch = known->lastEpoch,
                                 .signature = {}};
    approval = consensus::signApproval(m_state.config.scheme, m_state.config.device,
                                       m_state.configuration.workspace, std::move(approval));
    if (const auto taken = m_proposals.add(approval); !taken)
        return std::unexpected(taken.error());
    keep(gossip::ControlKind::Approval, approval.untilEpoch, approval.encode());
    tell(gossip::ControlKind::Approval, approval.encode());
    return {};
}

std::optional<consensus::Answer> Council::myAnswer(const Hash &proposal) const
{
    const consensus::Approval *newest = nullptr;
    for (const auto &[approval, hash] : m_proposals.answers(proposal))
        if (approval.device == m_state.me
            && (newest == nullptr || consensus::supersedes(approval, *newest)))
            newest = &approval;
    return newest == nullptr ? std::nullopt : std::optional(newest->answer);
}

void Council::misusedPen(DeviceIndex device, Bytes evidence)
{
    if (!m_state.mySeat || m_state.isClosedDevice(device)
        || m_state.configuration.device(device) == nullptr
        || m_state.configuration.devices[device.value].member
            == m_state.configuration.devices[m_state.me.value].member)
        return;
    const auto place = static_cast<int>(m_state.mySeat->value);
    m_fences.try_emplace(device, m_state.now.mono + kNoticeTurn * place, std::move(evidence));
}

void Council::fenceIfDue()
{
    for (auto fence = m_fences.begin(); fence != m_fences.end();) {
        const auto &device = fence->first;
        const auto &due = fence->second;
        const auto isFence = [&device](const consensus::Proposal *proposal) {
            const auto *wish = std::get_if<consensus::Fence>(&proposal->wish);
            return wish != nullptr && wish->device == device;
        };
        const bool isAsked = std::ranges::any_of(m_proposals.open(), isFence);
        if (due.first > m_state.now.mono && !isAsked) {
            ++fence;
            continue;
        }
        if (!isAsked && !m_state.isClosedDevice(device) && isOpen())
            static_cast<void>(makeProposal(consensus::Fence{device, due.second}));
        fence = m_fences.erase(fence);
    }
}

void Council::checkpointIfDue()
{
    // In this order: every step asks, and the first two cost nothing.
    if (!m_state.mySeat || !m_state.checkpoints->isDue() || !m_closes.undisputed().empty()) {
        m_checkpointAt.reset();
        return;
    }
    std::vector<Hash> unanswered;
    bool isAsked = false;
    for (const consensus::Proposal *proposal : m_proposals.open()) {
        if (!std::holds_alternative<consensus::TakeCheckpoint>(proposal->wish))
            continue;
        isAsked = true;
        const auto isMine = [this](const consensus::ProposalBook::Given &given) {
            return given.approval.device == m_state.me;
        };
        if (std::ranges::none_of(m_proposals.answers(proposal->hash()), isMine))
            unanswered.push_back(proposal->hash());
    }
    if (!isAsked && !m_checkpointAt)
        m_checkpointAt = m_state.now.mono + kNoticeTurn * static_cast<int>(m_state.mySeat->value);
    if (!isAsked && *m_checkpointAt <= m_state.now.mono)
        if (const auto made = makeProposal(consensus::TakeCheckpoint{}))
            unanswered.push_back(*made);
    if (isAsked || *m_checkpointAt <= m_state.now.mono)
        m_checkpointAt.reset();
    for (const Hash &proposal : unanswered)
        static_cast<void>(answer(proposal, consensus::Answer::Yes));
}

// ---- the end of an epoch ------------------------------------------------------------------------

void Council::tick()
{
    adoptWhatIsHeld();
    if (m_epochTold && *m_epochTold <= m_state.now.mono) {
        m_epochTold.reset();
        m_state.exchange->tellEpoch();
    }
    if (!isOpen() || !maySpeak())
        return;
    fenceIfDue();
    checkpointIfDue();
    if (m_reasons.hastyUntil && *m_reasons.hastyUntil <= m_state.now.mono) {
        m_reasons.hastyUntil.reset();
        m_mayClose = true;
    }
    closeIfDue();
    if (std::exchange(m_mustResume, false))
        resume();
    if (m_timer && !m_timer->left && m_timer->due <= m_state.now.mono) {
        const Timer timer = *std::exchange(m_timer, std::nullopt);
        withTable([&](consensus::Roundtable &table, consensus::Effects &out) {
            table.timeout(timer.round, timer.step, out);
        });
    }
    sharePolkasDue(false);
    const auto isDue = [this](std::optional<MonoTime> when) {
        return when && *when <= m_state.now.mono;
    };
    if (isDue(m_postponeKeys) || isDue(m_buildAt))
        m_isDirty = true;
    if (isDue(m_buildAt))
        m_buildAt.reset();
    while (isOpen() && std::exchange(m_isDirty, false)) {
        judgeWaiting();
        if (m_needsValue)
            build();
        if (const auto commit = m_commit)
            decided(*commit);
    }
    askDue();
    adoptWhatIsHeld();
}

std::optional<MonoTime> Council::nextDeadline() const
{
    std::optional<MonoTime> next = m_epochTold;
    if (!isOpen() || !maySpeak())
        return next; // what wakes the next epoch comes from others
    const auto consider = [&next](MonoTime when) { next = next ? std::min(*next, when) : when; };
    if (m_timer && !m_timer->left)
        consider(m_timer->due);
    if (m_postponeKeys && m_needsValue)
        consider(*m_postponeKeys);
    if (m_buildAt && m_needsValue)
        consider(*m_buildAt);
    if (m_nextAsk)
        consider(*m_nextAsk);
    for (const auto &[round, when] : m_untold)
        consider(when);
    for (const auto &[device, fence] : m_fences)
        consider(fence.first);
    if (m_checkpointAt)
        consider(*m_checkpointAt);
    if (m_reasons.hastyUntil)
        consider(*m_reasons.hastyUntil);
    return next;
}

std::optional<Millis> Council::waits(const consensus::Proposal &proposal) const
{
    return m_reasons.own.waits(proposal, m_state.configuration, m_state.now.wall,
                               m_state.config.dayLength);
}

bool Council::hasReasonToClose()
{
    m_reasons.hastyUntil.reset();
    // Whoever closed saw a quorum of yes, though one of them may have been taken back since: what
    // was begun must be ended, if need be with nothing decided. Else the epoch stays frozen there.
    const std::size_t closed = m_closes.undisputed().size();
    const auto answers = closed == 0 ? consensus::ProposalBook::Answers::Standing
                                     : consensus::ProposalBook::Answers::EverGiven;
    auto reasons = m_proposals.eligible(answers);
    std::erase_if(reasons, [](const auto *proposal) { return !proposal->isReasonToClose(); });
    const MonoTime now = m_state.now.mono;
    const Millis patience = m_state.config.dayLength / OwnWishes::kFollowPart;
    // A seat that closes for the sake of its own person's wish, which must wait, freezes nobody but
    // itself: else a hostile member would have an epoch end every hour by its word and its seat.
    const auto isForItself = [&](const consensus::Close *close) {
        const DeviceIndex seat = m_state.configuration.seats[close->seat.value];
        const MemberIndex member = m_state.configuration.devices[seat.value].member;
        return std::ranges::any_of(reasons, [&](const consensus::Proposal *reason) {
            return reason->author == member && waits(*reason).has_value();
        });
    };
    if (!m_reasons.closedSince && !std::ranges::all_of(m_closes.undisputed(), isForItself))
        m_reasons.closedSince = now;
    // One honest seat is among f + 1: it had a reason, and waits for the others.
    const std::size_t faults = identity::toleratedFaults(m_state.seatCount());
    if (faults == 0 || closed > faults
        || (m_reasons.closedSince && now >= *m_reasons.closedSince + patience))
        return !reasons.empty();
    for (const consensus::Proposal *reason : reasons) {
        const auto left = waits(*reason);
        if (!left)
            return true;
        MonoTime until = now + *left;
        if (m_reasons.closedSince)
            until = std::min(until, *m_reasons.closedSince + patience);
        m_reasons.hastyUntil =
            m_reasons.hastyUntil ? std::min(*m_reasons.hastyUntil, until) : until;
    }
    return false;
}

void Council::closeIfDue()
{
    if (!m_state.mySeat || m_ownClose || !std::exchange(m_mayClose, false))
        return;
    // Whoever else has this key told two: a third could not be told, and would not count.
    if (!hasReasonToClose() || m_closes.isContradicted(*m_state.mySeat))
        return;
    m_state.author->flush();
    m_state.attestor->signNow();
    const Attestor::Held *acked = m_state.attestor->of(*m_state.mySeat);
    trust::Frontier frontier =
        acked == nullptr ? consensus::openingFrontier(m_state.configuration) : acked->frontier;
    if (m_state.isAlone()) { // who acknowledges nothing closes in what it has
        m_state.attestor->rebuild();
        frontier = m_state.attestor->myFrontier();
    }
    const consensus::Close close =
        consensus::signClose(m_state.config.scheme, m_state.config.device, m_state.configuration,
                             *m_state.mySeat, acked == nullptr ? 0 : acked->ack.no, frontier);
    const Bytes record = close.encode();
    const trust::SignJournal::Row row{
        {trust::SignJournal::Plane::Close, m_state.configuration.epoch, 0, 0}, record};
    CHECK(m_state.journal.enter(row));
    m_ownClose = close.hash();
    m_state.attestor->freeze();
    CHECK(m_closes.add(close, consensus::CloseBook::Reason::Offered));
    keep(gossip::ControlKind::Close, close.epoch, record,
         {store::JournalRow{static_cast<std::uint8_t>(row.key.plane), row.key.epoch, 0, 0, record}},
         store::Sync::Full);
    tell(gossip::ControlKind::Close, record);
    m_isDirty = true;
    withTable([](consensus::Roundtable &table, consensus::Effects &out) { table.start(out); });
}

void Council::sessionsChanged()
{
    std::erase_if(m_compared, [this](PeerId peer) { return !m_state.exchange->deviceOf(peer); });
    if (!m_timer)
        return;
    const bool isConnected = !m_state.exchange->sessions().empty() || m_state.isAlone();
    if (isConnected && m_timer->left) {
        m_timer->due = m_state.now.mono + *m_timer->left;
        m_timer->left.reset();
    } else if (!isConnected && !m_timer->left) {
        m_timer->left = std::max(
            Millis(0), std::chrono::duration_cast<Millis>(m_timer->due - m_state.now.mono));
    }
}

std::vector<Hash> Council::closingMissing() const
{
    std::vector<Hash> missing;
    if (const auto bytes = m_log.decision(m_state.configuration.epoch)) {
        const auto decision = consensus::Decision::decode(*bytes);
        CHECK(decision.has_value());
        for (const identity::ChainHead &head : decision->closing)
            if (m_state.graph.find(head.head) == ChangeHandle())
                missing.push_back(head.head);
    }
    return missing;
}

void Council::adoptWhatIsHeld()
{
    // Whoever takes up a decision holds all that it closed in: what is void is known for ever then.
    while (m_log.now().epoch > m_state.configuration.epoch && closingMissing().empty()) {
        auto next = m_log.at(m_state.configuration.epoch.next());
        CHECK(next.has_value());
        adopt(std::move(*next));
    }
}

void Council::adopt(identity::Configuration next)
{
    m_state.author->flush();
    rememberWords();
    if (const auto bytes = m_log.decision(m_state.configuration.epoch))
        if (const auto decision = consensus::Decision::decode(*bytes))
            noteOwnWishes(*decision);
    m_proposals.enter(next);
    m_closes.enter(next);
    m_state.epochs->enter(std::move(next));
    m_state.caretaker->proposalsChanged();
    beginEpoch();
    if (!m_ahead.empty()) {
        m_state.attestor->load({}, m_ahead);
        restoreOwn(m_ahead);
    }
}

void Council::skipTo(const identity::Configuration &at)
{
    m_state.author->flush();
    m_proposals.enter(at);
    m_closes.enter(at);
    m_state.configuration = at;
    m_state.guard->settleDevice();
    m_state.mySeat = m_state.configuration.seatOf(m_state.me);
    beginEpoch();
}

void Council::beginEpoch()
{
    m_table.reset();
    m_ownClose.reset();
    m_values.clear();
    m_offers.clear();
    m_keyFaults.clear();
    m_votes.clear();
    m_polkas.clear();
    m_polkaValues.clear();
    m_unsaved.clear();
    m_asked.clear();
    m_courier.epochBegins();
    m_nextAsk.reset();
    m_untold.clear();
    m_built.reset();
    m_buildableSince.reset();
    m_buildAt.reset();
    m_commit.reset();
    m_timer.reset();
    m_postponeKeys.reset();
    m_reasons.hastyUntil.reset();
    m_reasons.closedSince.reset();
    m_needsValue = m_mustResume = false;
    m_mayClose = true;
    m_controlRoot.reset();
    m_isNews = true;
    m_reckoned = {};
    if (m_state.mySeat)
        m_table.emplace(
            consensus::SeatOrder(m_state.configuration),
            consensus::Roundtable::Setting{m_state.configuration.epoch, *m_state.mySeat});
}

// ---- records to disk and to others --------------------------------------------------------------

void Council::tell(gossip::ControlKind kind, const Bytes &record)
{
    m_state.exchange->publish(gossip::ControlRecords{{m_courier.told(kind, record)}},
                              m_state.out.lastToken());
}

} // namespace nlbd::engine
