// What a seat proposes: the same as others, if it can. Where all proposals of a round are one,
// nobody waits for its timer (PROTOCOL C11.2).

#include "core/engine/council.h"
#include "core/engine/exchange.h"

namespace nlbd::engine {

namespace {

// The first seat of the round's order had its quorum of reports about when this one had; its
// value is a hop away. Who stays silent is waited for once, and those after it hardly at all.
constexpr Millis kLeadPatience{500};
constexpr Millis kLeadStep{50};
constexpr Millis kLeadPatienceMax{1'000};
constexpr Millis kJudgePatience{1'200}; // for what a value names and is not here yet

} // namespace

/// The order only says whose value everybody takes if several are there. A value that leaves out
/// what is eligible here is nobody's lead: the union of all proposals is to be decided. What only
/// rides along can ride with the next as well.
Council::Lead Council::leadFor(const consensus::Value *mine) const
{
    const MonoTime since = *m_buildableSince;
    const MonoTime now = m_state.now.mono;
    const auto bringsAll = [&](const consensus::Value &value) {
        return std::ranges::all_of(mine->proposals, [&](const Hash &hash) {
            const consensus::Proposal *known = m_proposals.find(hash);
            return known == nullptr || !known->isReasonToClose()
                || std::ranges::binary_search(value.proposals, hash);
        });
    };
    const consensus::SeatOrder &order = m_table->order();
    for (std::size_t i = 0; i < order.seats(); ++i) {
        const SeatIndex seat = order.at(m_table->round(), i);
        if (seat == m_state.mySeat)
            break;
        const auto proposal = m_votes.find({m_table->round(), consensus::Phase::Propose, seat});
        if (proposal == m_votes.end()) {
            const MonoTime until =
                since + std::min(kLeadPatience + kLeadStep * static_cast<int>(i), kLeadPatienceMax);
            if (now < until)
                return {std::nullopt, until};
            continue;
        }
        const auto open = m_values.find(*proposal->second.value);
        if (open == m_values.end() || open->second.verdict == consensus::Verdict::Unknown) {
            if (now < since + kJudgePatience)
                return {std::nullopt, since + kJudgePatience};
            continue;
        }
        if (open->second.verdict == consensus::Verdict::Valid && mine != nullptr
            && bringsAll(open->second.value))
            return {open->first, std::nullopt};
        if (mine == nullptr)
            break;
    }
    return {};
}

/// Without building anything: most of what comes in meanwhile changes nothing.
bool Council::waitsForLead()
{
    if (!m_buildableSince)
        return false;
    m_buildAt = leadFor(nullptr).waitUntil;
    return m_buildAt.has_value();
}

void Council::propose(const Hash &value)
{
    m_needsValue = false;
    m_postponeKeys.reset();
    m_buildAt.reset();
    withTable([&](consensus::Roundtable &table, consensus::Effects &out) {
        table.judged(value, consensus::Verdict::Valid, out);
    });
    withTable(
        [&](consensus::Roundtable &table, consensus::Effects &out) { table.built(value, out); });
}

// A quorum's votes make the same polka everywhere; it is shown to those who seem to lack it. Some
// seat may have shown its vote here only.
void Council::sharePolkasDue(bool isNow)
{
    for (auto untold = m_untold.begin(); untold != m_untold.end();) {
        const auto polka = m_polkas.find(untold->first);
        if (!isNow && untold->second > m_state.now.mono) {
            ++untold;
            continue;
        }
        untold = m_untold.erase(untold);
        if (polka == m_polkas.end())
            continue;
        std::vector<PeerId> targets = m_state.exchange->sessions();
        std::erase_if(targets, [&](PeerId peer) {
            const auto device = m_state.exchange->deviceOf(peer);
            const auto seat = device ? m_state.configuration.seatOf(*device) : std::nullopt;
            if (!seat)
                return false;
            const auto vote = m_votes.find({polka->first, consensus::Phase::Precommit, *seat});
            return vote != m_votes.end() && vote->second.value == polka->second->value;
        });
        const gossip::ControlRecords records{
            {{gossip::ControlKind::Polka, polka->second->encode()}}};
        m_state.exchange->spread(records, m_state.out.lastToken(), std::move(targets));
    }
}

} // namespace nlbd::engine
