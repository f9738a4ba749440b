// Words of seats that no honest seat signs both: found among what comes in, also late.

#include "core/consensus/proof.h"
#include "core/engine/attestor.h"
#include "core/engine/caretaker.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kPolkasRemembered = 64; // rounds; a lie about an older lock is hardly told
constexpr std::size_t kVotesOfSeatMax = 256;  // of an epoch that is over

} // namespace

std::optional<Code> Council::notNow(PeerId from, std::optional<DeviceIndex> author, Code code,
                                    const Bytes &record)
{
    // Whoever passes it on may hold fewer of them.
    const auto bringer = m_state.exchange->deviceOf(from);
    const bool isNamed = code == Code::E_NAME_CONFUSABLE;
    if (bringer && bringer == author && (isNamed || code == Code::E_RATE))
        m_state.evidence->refuse({code,
                                  isNamed ? "Somebody who is to come in bears a member's name."
                                          : "It asks for more, or for later rounds, than are kept.",
                                  bringer, author, Seq(), record});
    return std::nullopt;
}

void Council::valueDied(const OpenValue &open, const consensus::Judgement &why)
{
    const auto bringer = open.source ? m_state.exchange->deviceOf(*open.source) : std::nullopt;
    m_state.evidence->refuse(
        {why.code, std::string(why.why), bringer, {}, Seq(), open.value.encode()});
}

void Council::rememberWords()
{
    m_before = {m_state.configuration.epoch, {}, {}, {}};
    const auto add = [this](const std::vector<consensus::Vote> &votes) {
        m_before.votes.insert(m_before.votes.end(), votes.begin(), votes.end());
    };
    for (const auto &[key, vote] : m_votes)
        m_before.votes.push_back(vote);
    std::size_t left = kPolkasRemembered;
    for (auto polka = m_polkas.rbegin(); polka != m_polkas.rend() && left > 0; ++polka, --left)
        add(polka->second->votes());
    if (const auto bytes = m_log.decision(*m_before.epoch))
        if (const auto decision = consensus::Decision::decode(*bytes))
            if (const auto certificate = consensus::Certificate::decode(decision->certificate))
                add(certificate->votes());
    for (const consensus::Close *close : m_closes.undisputed())
        m_before.closes.emplace(close->hash(), *close);
}

void Council::compareLate(const consensus::Vote &vote, std::optional<PeerId> from)
{
    std::size_t held = 0;
    for (const consensus::Vote &known : m_before.votes) {
        if (const auto found = consensus::contradiction(known, vote)) {
            m_state.evidence->accuse({*found}, {}, from);
            return;
        }
        if (known == vote)
            return;
        held += known.seat == vote.seat ? 1 : 0;
    }
    // A quorum decided before it came: the seat's true word may be this one.
    const auto then = held < kVotesOfSeatMax ? m_log.at(vote.epoch) : std::nullopt;
    if (then && vote.seat.value < then->seats.size()
        && consensus::isSigned(m_state.config.scheme, *then, vote))
        m_before.votes.push_back(vote);
}

void Council::compareLate(const consensus::Close &close, PeerId from)
{
    for (const auto &[hash, known] : m_before.closes)
        if (const auto found = consensus::contradiction(known, close))
            m_state.evidence->accuse({*found}, {}, from);
}

Council::LastWords Council::lastWordsOf(DeviceIndex device) const
{
    LastWords words;
    const auto seat = m_state.configuration.seatOf(device);
    if (!seat)
        return words;
    for (const consensus::Close *close : m_closes.undisputed())
        if (close->seat == *seat)
            words.close = close->encode();
    for (const auto &[key, vote] : m_votes) // by round and phase: the last one is the newest
        if (vote.seat == *seat)
            words.vote = vote.encode();
    return words;
}

void Council::heardOwn(ByteView closeBytes, ByteView voteBytes) const
{
    const identity::Configuration &now = m_state.configuration;
    const auto close = consensus::Close::decode(closeBytes);
    if (close && close->epoch == now.epoch && close->seat == m_state.mySeat
        && consensus::verify(*close, now, m_state.config.scheme))
        m_state.guard->heard({trust::SignJournal::Plane::Close, now.epoch, 0, 0});
    const auto vote = consensus::Vote::decode(voteBytes);
    if (vote && vote->epoch == now.epoch && vote->seat == m_state.mySeat
        && consensus::isSigned(m_state.config.scheme, now, *vote))
        m_state.guard->heard({consensus::planeOf(vote->phase), now.epoch, vote->round.value, 0});
}

void Council::compare(const consensus::Close &close, PeerId from)
{
    m_state.caretaker->heard(m_state.configuration.seats[close.seat.value]);
    for (const auto &[first, second] : m_closes.contradictions())
        if (first->seat == close.seat)
            if (const auto found = consensus::contradiction(*first, *second))
                m_state.evidence->accuse({*found}, {}, from);
    if (const Attestor::Held *held = m_state.attestor->of(close.seat))
        if (const auto found = consensus::contradiction(close, {held->ack, held->frontier}))
            m_state.evidence->accuse({*found}, {}, from);
}

void Council::ackTaken(const consensus::ShownAck &shown, std::optional<PeerId> from)
{
    for (const consensus::Close *close : m_closes.undisputed())
        if (const auto found = consensus::contradiction(*close, shown))
            m_state.evidence->accuse({*found}, {}, from);
}

void Council::heardOf(PeerId from, Epoch epoch, const Hash &decision)
{
    if (epoch > knownEpoch())
        m_state.out.send(from, gossip::PullDecisions{knownEpoch()});
    else if (epoch >= m_log.first() && !m_log.contains(decision))
        compareDecisions(from);
}

/// Of two histories of decisions somebody made both, and whoever tells of the other one need not
/// know: the first epoch where they part proves it.
void Council::compareDecisions(PeerId from)
{
    if (m_compared.insert(from).second)
        m_state.out.send(from, gossip::PullDecisions{m_log.first()});
}

void Council::receive(PeerId from, const gossip::Decisions &message)
{
    std::optional<Epoch> last;
    for (const Bytes &bytes : message.decisions) {
        const auto decision = consensus::Decision::decode(bytes);
        const auto taken = decision ? takeDecision(*decision)
                                    : std::expected<void, Code>(std::unexpected(decision.error()));
        const bool isLate =
            !taken && (taken.error() == Code::BUFFERED || taken.error() == Code::E_NOT_MEMBER);
        if (taken || isLate) {
            last = decision->value.epoch;
            continue;
        }
        if (taken.error() == Code::EV_CONFLICT_DECISION) { // not the bringer's fault
            foundConflict(*decision, from);
            return;
        }
        if (m_log.conflict())
            return; // since the first one nobody's decisions need follow from mine
        const bool isOfAnotherPast = decision && decision->value.epoch == knownEpoch()
            && decision->value.previousDecision != knownDecision();
        const bool isSamePast = // who tells another one need not know: only after that is it a lie
            knownEpoch() == m_log.first() || (last && last->next() == knownEpoch());
        if (isOfAnotherPast && !isSamePast) {
            compareDecisions(from);
            return;
        }
        m_state.evidence->refuse({taken.error(),
                                  "The decision does not follow from the one before, or no quorum "
                                  "signed it.",
                                  m_state.exchange->deviceOf(from),
                                  {},
                                  Seq(),
                                  bytes});
        m_state.exchange->cut(from, taken.error());
        return;
    }
    if (last && m_compared.contains(from) && !m_log.conflict() && last->next() < knownEpoch())
        m_state.out.send(from, gossip::PullDecisions{last->next()}); // an answer holds so many
}

void Council::foundConflict(const consensus::Decision &other, std::optional<PeerId> from)
{
    const auto bytes = m_log.decision(other.value.epoch);
    const auto held = bytes
        ? consensus::Decision::decode(*bytes)
        : std::expected<consensus::Decision, Code>(std::unexpected(Code::E_NOT_MEMBER));
    if (!held || held->value.hash() == other.value.hash())
        return; // a later one: nothing is decided after a conflict
    m_state.evidence->accuse({consensus::conflictOf(*held, other)}, {}, from);
    // Who is to blame: whoever signed both in one round, or left a lock without a reason (C11.5).
    std::vector<consensus::Vote> votes;
    if (m_before.epoch == other.value.epoch)
        votes = m_before.votes;
    for (const Bytes &proof : {held->certificate, other.certificate})
        if (const auto certificate = consensus::Certificate::decode(proof)) {
            const auto precommits = certificate->votes();
            votes.insert(votes.end(), precommits.begin(), precommits.end());
        }
    for (const consensus::VoteEvidence &found : consensus::contradictionsAmong(votes))
        m_state.evidence->accuse({found}, {}, from);
}

void Council::conflictProven(const consensus::DecisionConflict &conflict)
{
    m_log.note(conflict);
    m_isNews = true;
    if (!std::exchange(m_isConflictTold, true))
        tellConflict();
}

void Council::tellConflict()
{
    if (m_log.conflict())
        m_state.out.notify(api::Trouble{api::Trouble::Kind::DecisionsConflict, {}, false});
}

} // namespace nlbd::engine
