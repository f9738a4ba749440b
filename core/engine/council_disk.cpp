// What of decisions is on the disk.

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/engine/archivist.h"
#include "core/engine/attestor.h"
#include "core/engine/council.h"
#include "core/engine/self_guard.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

namespace {

constexpr std::string_view kOwnWishes = "ownwishes";

Hash idOf(gossip::ControlKind kind, const Bytes &record)
{
    Writer named;
    named.u8(static_cast<std::uint8_t>(kind));
    named.blob(record);
    return digest(domains::kControl, named.bytes());
}

} // namespace

void Council::keep(gossip::ControlKind kind, Epoch until, const Bytes &record, store::Rows with,
                   store::Sync sync)
{
    m_controlRoot.reset();
    m_isDirty = m_isNews = m_mayClose = true;
    const Hash id = idOf(kind, record);
    with.emplace_back(store::ControlRow{id, static_cast<std::uint8_t>(kind), until, record});
    forgetStale();
    m_fresh.ids.emplace(id);
    m_fresh.inOrder.emplace_back(m_state.now.mono, id);
    m_state.out.persist(std::move(with), sync);
}

void Council::forgetStale()
{
    while (!m_fresh.inOrder.empty()
           && m_fresh.inOrder.front().first + limits::kOnItsWay <= m_state.now.mono) {
        m_fresh.ids.erase(m_fresh.inOrder.front().second);
        m_fresh.inOrder.pop_front();
    }
}

// Its author sent it to everybody, about when it came here: whoever lacks it has it soon.
bool Council::isOnItsWay(gossip::ControlKind kind, const Bytes &record)
{
    forgetStale();
    return m_fresh.ids.contains(idOf(kind, record));
}

std::vector<identity::ChainHeads> Council::loadDecisions(const store::StoredWorkspace &stored)
{
    // All of them first: what is packed is read with the tables of the newest.
    for (const store::DecisionRow &row : stored.decisions) {
        const auto decision = consensus::Decision::decode(row.record);
        if (!decision || !m_log.append(*decision))
            break;
    }
    const std::unordered_set<Hash> held = m_state.archivist->unpack(stored);
    std::vector<identity::ChainHeads> closings;
    const auto isHeld = [&held](const identity::ChainHead &head) {
        return held.contains(head.head);
    };
    Epoch epoch = m_log.first();
    for (; epoch < m_log.now().epoch; epoch = epoch.next()) {
        const auto decision = consensus::Decision::decode(*m_log.decision(epoch));
        CHECK(decision.has_value());
        if (!std::ranges::all_of(decision->closing, isHeld))
            break; // what a disk lost is fetched again before a decision counts here
        closings.push_back(decision->closing);
    }
    if (!closings.empty())
        m_state.configuration = *m_log.at(epoch);
    if (m_state.me == Engine::State::kNobody)
        m_state.findMe(m_log.now());
    m_state.guard->settleDevice();
    m_state.mySeat = m_state.configuration.seatOf(m_state.me);
    m_proposals.enter(m_state.configuration);
    m_closes.enter(m_state.configuration);
    beginEpoch();
    return closings;
}

void Council::begin(const consensus::DecisionLog &log)
{
    for (Epoch epoch = log.first(); epoch < log.now().epoch; epoch = epoch.next()) {
        const auto decision = consensus::Decision::decode(*log.decision(epoch));
        CHECK(decision.has_value());
        CHECK(takeDecision(*decision).has_value());
    }
}

void Council::noteOwnWishes(const consensus::Decision &decision)
{
    bool isOne = false;
    for (const consensus::Proposal &proposal : decision.proposals)
        isOne = m_reasons.own.decided(proposal, m_state.configuration, m_state.now.wall) || isOne;
    if (isOne)
        m_state.out.persist({store::MetaRow{std::string(kOwnWishes), m_reasons.own.encode()}},
                            store::Sync::Lazy);
}

void Council::loadRecords(const store::StoredWorkspace &stored)
{
    const auto counted = std::ranges::find(stored.meta, kOwnWishes, &store::MetaRow::key);
    if (counted != stored.meta.end())
        m_reasons.own.load(counted->value);
    const Epoch epoch = m_state.configuration.epoch;
    // Values first: what they name stays. Then answers: what they are about stays, too.
    using Kind = gossip::ControlKind;
    const auto turnOf = [](Kind kind) {
        return kind == Kind::Value ? 0 : kind == Kind::Approval ? 1 : 2;
    };
    for (const int turn : {0, 1, 2}) {
        for (const store::ControlRow &row : stored.control) {
            const auto kind = static_cast<Kind>(row.kind);
            if (turnOf(kind) == turn)
                static_cast<void>(takeRecord(PeerId(), {kind, row.record}));
        }
    }
    restoreOwn(stored.journal);
    // Decisions may have been lost with the texts: what was signed in later epochs binds as soon as
    // these are known again.
    for (const store::JournalRow &row : stored.journal)
        if (row.epoch > epoch)
            m_ahead.push_back(row);
}

void Council::restoreOwn(const std::vector<store::JournalRow> &journal)
{
    using Plane = trust::SignJournal::Plane;
    const Epoch epoch = m_state.configuration.epoch;
    consensus::SeatState state;
    std::vector<consensus::Vote> before;
    for (const store::JournalRow &row : journal) {
        const auto plane = static_cast<Plane>(row.plane);
        if (row.epoch != epoch)
            continue;
        if (plane == Plane::Close) {
            const auto close = consensus::Close::decode(row.bytes);
            if (!close)
                continue;
            m_ownClose = close->hash();
            static_cast<void>(m_closes.add(*close, consensus::CloseBook::Reason::Named));
            m_state.attestor->freeze();
        }
        if (plane != Plane::Propose && plane != Plane::Prevote && plane != Plane::Precommit)
            continue;
        Reader in(row.bytes);
        const auto vote = consensus::Vote::decode(in.blob(limits::kFrameBytesMax));
        const auto then = consensus::SeatState::decode(in.blob(limits::kFrameBytesMax));
        if (!in.done() || !vote || !then)
            continue;
        const bool isLater = before.empty() || then->round > state.round
            || (then->round == state.round && then->step >= state.step);
        if (isLater)
            state = *then;
        before.push_back(*vote);
    }
    if (m_ownClose && m_state.mySeat) {
        for (const consensus::Vote &vote : before)
            m_votes.try_emplace({vote.round, vote.phase, vote.seat}, vote);
        m_table.emplace(consensus::SeatOrder(m_state.configuration),
                        consensus::Roundtable::Setting{epoch, *m_state.mySeat}, state, before);
        m_mustResume = true;
    }
    m_isDirty = m_mayClose = true;
}

} // namespace nlbd::engine
