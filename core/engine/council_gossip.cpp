// Records about the next decision: told, compared, asked for (PROTOCOL C18).

#include "core/base/codec.h"
#include "core/consensus/record_domains.h"
#include "core/engine/care_keys.h"
#include "core/engine/caretaker.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

namespace {

using gossip::ControlKind;
using gossip::ControlSummary;

constexpr std::size_t kAnswerBytes = 256 * 1024; // of one message
constexpr std::size_t kVotesHeldMax = 8192;      // unheard: until this computer may speak
constexpr std::size_t kValuesMax = 512;          // two rounds of a full group, and their changes

void setBit(Bytes &bits, std::size_t at)
{
    if (bits.size() <= at / 8)
        bits.resize(at / 8 + 1);
    bits[at / 8] |= std::byte{1} << (at % 8);
}

bool hasBit(const Bytes &bits, std::size_t at)
{
    return at / 8 < bits.size() && (bits[at / 8] & std::byte{1} << (at % 8)) != std::byte{0};
}

/// Whether the set `mine` has something that `theirs` lacks.
bool hasMore(const Bytes &mine, const Bytes &theirs)
{
    for (std::size_t i = 0; i < mine.size(); ++i) {
        const std::byte other = i < theirs.size() ? theirs[i] : std::byte{0};
        if ((mine[i] & ~other) != std::byte{0})
            return true;
    }
    return false;
}

const ControlSummary::Proposal *find(const ControlSummary &summary, std::uint64_t id)
{
    const auto found = std::ranges::find(summary.proposals, id, &ControlSummary::Proposal::id);
    return found == summary.proposals.end() ? nullptr : &*found;
}

const ControlSummary::Round *find(const ControlSummary &summary, consensus::Round round)
{
    const auto found =
        std::ranges::find(summary.rounds, round.value, &ControlSummary::Round::round);
    return found == summary.rounds.end() ? nullptr : &*found;
}

bool hasAnswer(const ControlSummary::Proposal *proposal,
               const ControlSummary::Proposal::Answer &answer)
{
    return proposal != nullptr && std::ranges::binary_search(proposal->answers, answer);
}

Bytes &bitsOf(ControlSummary::Round &round, consensus::Phase phase)
{
    switch (phase) {
    case consensus::Phase::Propose:
        return round.proposed;
    case consensus::Phase::Prevote:
        return round.prevoted;
    case consensus::Phase::Precommit:
        break;
    }
    return round.precommitted;
}

} // namespace

std::vector<Council::Tagged> Council::tagged(std::uint64_t salt) const
{
    std::vector<Tagged> result;
    for (const auto &[hash, proposal] : m_proposals.openByHash()) {
        Tagged &entry = result.emplace_back(Tagged{hash, proposal, {}});
        for (const auto &[answer, answerHash] : m_proposals.answers(hash))
            entry.answers.emplace_back(&answer, gossip::tagOf(answerHash, salt));
    }
    return result;
}

ControlSummary Council::summary(std::uint64_t salt, const std::vector<Tagged> &open) const
{
    ControlSummary summary;
    summary.salt = salt;
    summary.epoch = m_state.configuration.epoch;
    std::map<std::uint64_t, ControlSummary::Proposal> proposals;
    for (const Tagged &proposal : open) {
        ControlSummary::Proposal entry{gossip::headPrefix(proposal.hash), true, {}};
        // A yes that was taken back as well: it may have let somebody close the epoch.
        for (const auto &[answer, tag] : proposal.answers)
            entry.answers.push_back({answer->device, tag});
        std::ranges::sort(entry.answers);
        const auto repeated = std::ranges::unique(entry.answers);
        entry.answers.erase(repeated.begin(), repeated.end());
        proposals[entry.id] = std::move(entry);
    }
    for (auto &[id, entry] : proposals)
        summary.proposals.push_back(std::move(entry));
    for (const consensus::Close *close : m_closes.undisputed())
        setBit(summary.closes, close->seat.value);
    std::map<std::uint32_t, ControlSummary::Round> rounds;
    for (const auto &[key, vote] : m_votes)
        setBit(bitsOf(rounds[vote.round.value], vote.phase), vote.seat.value);
    for (const auto &[round, polka] : m_polkas)
        rounds[round.value].hasPolka = true;
    for (auto &[round, entry] : rounds) {
        entry.round = round;
        summary.rounds.push_back(std::move(entry));
    }
    return summary;
}

Hash Council::controlRoot() const
{
    if (!m_controlRoot) {
        // Proposals and answers by their whole hashes: a tag is for one comparison.
        Writer out;
        out.blob(gossip::encode(summary(0, {})));
        for (const auto &[hash, proposal] : m_proposals.openByHash()) {
            const auto answers = m_proposals.answers(hash);
            out.fixedBytes(hash);
            out.varint(answers.size());
            for (const auto &[answer, answerHash] : answers)
                out.fixedBytes(answerHash);
        }
        m_controlRoot = digest(domains::kControl, out.bytes());
    }
    return *m_controlRoot;
}

void Council::sendSummary(PeerId to, bool isReply)
{
    const std::uint64_t salt = m_state.config.random.next64();
    ControlSummary mine = summary(salt, tagged(salt));
    mine.isReply = isReply;
    m_state.exchange->answer(to, mine, m_state.out.lastToken());
}

void Council::receive(PeerId from, const ControlSummary &message)
{
    if (message.epoch != m_state.configuration.epoch)
        return; // whoever is behind asks for decisions first
    const std::vector<Tagged> open = tagged(message.salt);
    gossip::ControlRecords records;
    std::size_t bytes = 0;
    const auto add = [&](ControlKind kind, Bytes record) {
        if (bytes > kAnswerBytes || isOnItsWay(kind, record))
            return;
        bytes += record.size();
        records.records.push_back({kind, std::move(record)});
    };
    for (const Tagged &mine : open) {
        const auto *theirs = find(message, gossip::headPrefix(mine.hash));
        if (theirs == nullptr || !theirs->isHeld)
            add(ControlKind::Proposal, mine.proposal->encode());
        for (const auto &[answer, tag] : mine.answers)
            if (!hasAnswer(theirs, {answer->device, tag}))
                add(ControlKind::Approval, answer->encode());
    }
    for (const consensus::Close *close : m_closes.undisputed())
        if (!hasBit(message.closes, close->seat.value)
            && !isOnItsWay(ControlKind::Close, close->encode())) {
            const auto told = m_courier.told(*close);
            add(told.kind, told.bytes);
        }
    for (const auto &[round, polka] : m_polkas)
        if (const auto *theirs = find(message, round); theirs == nullptr || !theirs->hasPolka)
            add(ControlKind::Polka, polka->encode());
    for (const auto &[key, vote] : m_votes) {
        const auto *theirs = find(message, vote.round);
        ControlSummary::Round none;
        ControlSummary::Round known = theirs == nullptr ? none : *theirs;
        if (!hasBit(bitsOf(known, vote.phase), vote.seat.value))
            add(ControlKind::Vote, vote.encode());
    }
    if (!records.records.empty())
        m_state.exchange->answer(from, records, m_state.out.lastToken());
    if (message.isReply)
        return;
    // Does the peer have what is missing here?
    const ControlSummary mine = summary(message.salt, open);
    bool wants = hasMore(message.closes, mine.closes);
    for (const ControlSummary::Proposal &theirs : message.proposals) {
        const auto *known = find(mine, theirs.id);
        wants = wants || known == nullptr;
        for (const auto &answer : theirs.answers)
            wants = wants || !hasAnswer(known, answer);
    }
    for (const ControlSummary::Round &theirs : message.rounds) {
        const auto *known = find(mine, consensus::Round(theirs.round));
        wants = wants || known == nullptr || (theirs.hasPolka && !known->hasPolka)
            || hasMore(theirs.proposed, known->proposed)
            || hasMore(theirs.prevoted, known->prevoted)
            || hasMore(theirs.precommitted, known->precommitted);
    }
    if (wants)
        sendSummary(from, true);
}

void Council::receive(PeerId from, const gossip::ControlRecords &message)
{
    m_arriving.clear();
    for (const gossip::ControlRecords::Record &record : message.records)
        if (record.kind == ControlKind::Value)
            m_arriving.insert(digest(domains::kValue, record.bytes));
    for (const gossip::ControlRecords::Record &record : message.records) {
        const auto offence = takeRecord(from, record);
        if (!offence)
            continue;
        m_state.evidence->refuse({*offence,
                                  "A record about a decision was not signed by whom it names, or "
                                  "not in the one form that it has.",
                                  m_state.exchange->deviceOf(from),
                                  {},
                                  Seq(),
                                  record.bytes});
        m_state.exchange->cut(from, *offence);
        return;
    }
}

std::optional<Code> Council::takeRecord(PeerId from, const gossip::ControlRecords::Record &record)
{
    switch (record.kind) {
    case ControlKind::Proposal:
        return takeProposal(from, record.bytes);
    case ControlKind::Approval:
        return takeApproval(from, record.bytes);
    case ControlKind::Close:
        return takeClose(from, record.bytes);
    case ControlKind::Vote:
        return takeVote(from, record.bytes);
    case ControlKind::Polka:
        return takePolka(from, record.bytes);
    case ControlKind::Value:
        return takeValue(from, record.bytes);
    case ControlKind::Offer:
        return takeOffer(from, record.bytes);
    case ControlKind::ShortClose:
        return takeShortClose(from, record.bytes);
    }
    return Code::E_CANON;
}

// Every taken record is stored and, where its author reaches few, passed on.
void Council::took(ControlKind kind, Epoch until, const Bytes &record, PeerId from)
{
    if (m_state.isLoading) {
        m_controlRoot.reset();
        return;
    }
    if (kind == ControlKind::Proposal)
        m_state.caretaker->proposalsChanged();
    keep(kind, until, record);
    if (!m_state.exchange->isWide())
        m_state.exchange->broadcast(gossip::ControlRecords{{m_courier.told(kind, record)}},
                                    m_state.out.lastToken(), from);
}

std::optional<Code> Council::takeProposal(PeerId from, const Bytes &bytes)
{
    auto proposal = consensus::Proposal::decode(bytes);
    if (!proposal)
        return proposal.error();
    const Epoch until = proposal->lastEpoch;
    const auto signer = proposal->device;
    const Hash hash = proposal->hash();
    const bool isWanted = wasAsked(hash) || isNamed(hash);
    const auto reason = isWanted ? consensus::ProposalBook::Reason::Named
                                 : consensus::ProposalBook::Reason::Offered;
    const auto taken = m_proposals.add(std::move(*proposal), reason);
    if (!taken)
        return isNoFault(taken.error()) ? notNow(from, signer, taken.error(), bytes)
                                        : std::optional(taken.error());
    if (*taken == consensus::ProposalBook::Taken::New) {
        took(ControlKind::Proposal, until, bytes, from);
        if (const auto *known = m_proposals.find(hash); known != nullptr && !m_state.isLoading)
            m_state.careKeys->heard(*known);
    }
    return std::nullopt;
}

std::optional<Code> Council::takeApproval(PeerId from, const Bytes &bytes)
{
    const auto approval = consensus::Approval::decode(bytes);
    if (!approval)
        return approval.error();
    const auto taken = m_proposals.add(*approval);
    if (!taken)
        return isNoFault(taken.error()) ? std::nullopt : std::optional(taken.error());
    if (*taken != consensus::ProposalBook::Taken::New)
        return std::nullopt;
    took(ControlKind::Approval, approval->untilEpoch, bytes, from);
    // Whoever tells an answer holds what it answers. Once for each of the first answers; if nothing
    // comes, the next comparison finds it. It needs room like any other (ProposalBook::hasRoom).
    const bool isWanted = !m_state.isLoading && m_proposals.find(approval->proposal) == nullptr
        && approval->untilEpoch >= m_state.configuration.epoch;
    if (isWanted && m_proposals.answers(approval->proposal).size() <= limits::kPullPeers)
        m_state.out.send(from, gossip::PullControl{{approval->proposal}});
    return std::nullopt;
}

std::optional<Code> Council::takeVote(std::optional<PeerId> from, const Bytes &bytes)
{
    const auto vote = consensus::Vote::decode(bytes);
    if (!vote)
        return vote.error();
    if (vote->epoch == m_before.epoch)
        compareLate(*vote, from);
    if (vote->epoch != m_state.configuration.epoch
        || vote->seat.value >= m_state.configuration.seats.size() || !isOpen())
        return std::nullopt;
    const VoteKey key{vote->round, vote->phase, vote->seat};
    const auto known = m_votes.find(key);
    if (known != m_votes.end() && consensus::saySame(known->second, *vote))
        return std::nullopt;
    if (!consensus::isSigned(m_state.config.scheme, m_state.configuration, *vote))
        return Code::E_SIG;
    if (vote->seat == m_state.mySeat && !m_state.isLoading) {
        m_state.guard->heard({consensus::planeOf(vote->phase), vote->epoch, vote->round.value, 0});
        return std::nullopt; // my own word comes from my own disk
    }
    if (vote->value && from)
        if (const auto open = m_values.find(*vote->value); open != m_values.end())
            open->second.source = from;
    if (m_state.isLoading || m_mustResume || (m_table && !maySpeak())) {
        if (m_votes.size() < kVotesHeldMax)
            m_votes.try_emplace(key, *vote);
        return std::nullopt;
    }
    auto intake =
        consensus::Roundtable::Intake::Ignored; // also where no seat is: rounds are endless
    m_speaker = from;
    if (m_table && vote->value && !m_values.contains(*vote->value))
        ask(*vote->value, from);
    withTable([&](consensus::Roundtable &table, consensus::Effects &out) {
        intake = table.received(*vote, out);
    });
    m_speaker.reset();
    if (intake == consensus::Roundtable::Intake::Ignored && m_table && from
        && vote->round > m_table->round())
        return notNow(*from, m_state.configuration.seats[vote->seat.value], Code::E_RATE, bytes);
    if (intake == consensus::Roundtable::Intake::New && m_votes.try_emplace(key, *vote).second
        && isOpen())
        took(ControlKind::Vote, vote->epoch, bytes, from.value_or(PeerId()));
    return std::nullopt;
}

std::optional<Code> Council::takePolka(PeerId from, const Bytes &bytes)
{
    const auto polka = consensus::Polka::decode(bytes);
    if (!polka)
        return polka.error();
    if (polka->epoch != m_state.configuration.epoch || !isOpen() || m_polkas.contains(polka->round))
        return std::nullopt;
    if (const auto held = polka->verify(m_state.config.scheme, m_state.configuration); !held)
        return held.error();
    if (m_state.isLoading || m_mustResume || !maySpeak()) {
        m_polkas[polka->round] = std::make_shared<const consensus::Polka>(*polka);
        m_polkaValues.insert(polka->value);
        return std::nullopt;
    }
    if (!m_values.contains(polka->value))
        ask(polka->value, from);
    m_polkaValues.insert(polka->value);
    m_isDirty = true;
    withTable([&](consensus::Roundtable &table, consensus::Effects &out) {
        static_cast<void>(table.received(*polka, out));
    });
    return std::nullopt;
}

std::optional<Code> Council::takeValue(PeerId from, const Bytes &bytes)
{
    auto value = consensus::Value::decode(bytes);
    if (!value)
        return value.error();
    const Hash hash = value->hash();
    const bool isWanted = m_state.isLoading || wasAsked(hash);
    if (value->epoch != m_state.configuration.epoch || !isWanted || m_values.contains(hash)
        || m_values.size() >= kValuesMax)
        return std::nullopt;
    keepNamed(*value);
    m_values.emplace(hash, OpenValue{std::move(*value), {}, from});
    if (!m_state.isLoading)
        keep(ControlKind::Value, m_state.configuration.epoch, bytes);
    m_isDirty = true;
    return std::nullopt;
}

std::optional<Code> Council::takeOffer(PeerId from, const Bytes &bytes)
{
    auto offer = consensus::OfferedKey::decode(bytes);
    if (!offer)
        return offer.error();
    const Hash hash = offer->hash();
    if (offer->epoch != m_state.configuration.epoch || m_offers.contains(hash)
        || (!wasAsked(hash)
            && (!mayOfferKey(offer->seat) || offersOf(offer->seat) >= kOffersPerSeatMax)))
        return std::nullopt;
    if (const auto held = consensus::verify(*offer, m_state.configuration, m_state.config.scheme);
        !held)
        return isNoFault(held.error()) ? std::nullopt : std::optional(held.error());
    const Epoch epoch = offer->epoch;
    m_offers.emplace(hash, std::move(*offer));
    took(ControlKind::Offer, epoch, bytes, from);
    m_isDirty = true;
    return std::nullopt;
}

// ---- decisions ----------------------------------------------------------------------------------

void Council::receive(PeerId from, const gossip::PullDecisions &message)
{
    gossip::Decisions reply;
    std::size_t bytes = 0;
    for (Epoch epoch = message.from; epoch < m_log.now().epoch && bytes < kAnswerBytes;
         epoch = epoch.next()) {
        const auto decision = m_log.decision(epoch);
        if (!decision)
            return;
        bytes += decision->size();
        reply.decisions.push_back(copyOf(*decision));
    }
    if (!reply.decisions.empty())
        m_state.exchange->answer(from, reply, m_state.out.lastToken());
}

} // namespace nlbd::engine
