// The agreement of one epoch: what the Roundtable wants done, values judged and built.

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/engine/attestor.h"
#include "core/engine/care_keys.h"
#include "core/engine/caretaker.h"
#include "core/engine/checkpoints.h"
#include "core/engine/council.h"
#include "core/engine/epochs.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/key_desk.h"

namespace nlbd::engine {

namespace {

constexpr Millis kKeyPatience{4'000}; // for an offer of the next key; then what needs one waits
constexpr std::size_t kOfferingSeats = 4;
constexpr Millis kOfferTurn{300};
constexpr Millis kOfferTurnMax{2'000};
constexpr Millis kBodyPatience{250}; // whoever built a value sends it with its proposal

consensus::Verdict verdictOf(consensus::Judgement::Verdict verdict)
{
    switch (verdict) {
    case consensus::Judgement::Verdict::Valid:
        return consensus::Verdict::Valid;
    case consensus::Judgement::Verdict::Invalid:
        return consensus::Verdict::Invalid;
    case consensus::Judgement::Verdict::Unknown:
        break;
    }
    return consensus::Verdict::Unknown;
}

} // namespace

/// One function per effect.
struct Council::EffectHandler {
    Council &council;

    void operator()(const consensus::effect::Sign &effect) const
    {
        auto &state = council.m_state;
        const consensus::Vote vote = consensus::signVote(state.config.scheme, state.config.device,
                                                         state.configuration, effect.vote);
        Writer out;
        out.blob(vote.encode());
        out.blob(effect.state.encode());
        const trust::SignJournal::Row row{
            {consensus::planeOf(vote.phase), vote.epoch, vote.round.value, 0}, copyOf(out.bytes())};
        CHECK(state.journal.enter(row));
        council.keep(gossip::ControlKind::Vote, vote.epoch, vote.encode(),
                     {store::JournalRow{static_cast<std::uint8_t>(row.key.plane), vote.epoch,
                                        vote.round.value, 0, row.bytes}},
                     store::Sync::Full);
        council.m_unsaved.emplace_back(state.out.lastToken(), vote);
        gossip::ControlRecords told{{{gossip::ControlKind::Vote, vote.encode()}}};
        if (vote.phase == consensus::Phase::Propose && vote.value == council.m_built)
            told.records.push_back(
                {gossip::ControlKind::Value, council.m_values.at(*vote.value).value.encode()});
        state.exchange->publish(told, state.out.lastToken());
    }
    void operator()(const consensus::effect::Resend &effect) const
    {
        council.tell(gossip::ControlKind::Vote, effect.vote.encode());
    }
    void operator()(const consensus::effect::ArmTimer &effect) const
    {
        council.m_timer =
            Timer{effect.round, effect.step, council.m_state.now.mono + effect.after, std::nullopt};
        council.sessionsChanged();
    }
    void operator()(const consensus::effect::AskBody &effect) const
    {
        const auto known = council.m_values.find(effect.value);
        if (known == council.m_values.end())
            council.ask(effect.value, council.m_speaker, kBodyPatience);
        council.m_isDirty = true;
    }
    void operator()(const consensus::effect::NeedValue &) const
    {
        council.m_needsValue = council.m_isDirty = true;
        council.m_buildableSince.reset();
        council.m_buildAt.reset();
    }
    void operator()(const consensus::effect::SharePolka &effect) const
    {
        council.m_polkas[effect.polka->round] = effect.polka;
        council.m_polkaValues.insert(effect.polka->value);
        council.keep(gossip::ControlKind::Polka, effect.polka->epoch, effect.polka->encode());
        council.m_untold[effect.polka->round] = council.m_state.now.mono + limits::kOnItsWay;
    }
    void operator()(const consensus::effect::EnterRound &effect) const
    {
        std::erase_if(council.m_votes, [&](const auto &entry) {
            return std::get<0>(entry.first).value + 1 < effect.round.value;
        });
        council.m_controlRoot.reset();
        council.m_isNews = true;
        council.sharePolkasDue(true); // proposals name them from now on
        for (const PeerId peer :
             gossip::choosePartners(council.m_state.exchange->sessions(), limits::kPullPeers,
                                    council.m_state.config.random))
            council.sendSummary(peer, false);
    }
    void operator()(const consensus::effect::Accuse &effect) const
    {
        council.m_state.evidence->accuse({effect.evidence}, {}, council.m_speaker);
    }
    void operator()(const consensus::effect::Decide &effect) const
    {
        council.decided(effect.certificate);
    }
};

void Council::carryOut(consensus::Effects effects)
{
    for (const consensus::Effect &effect : effects)
        if (m_table) // a decision may have ended the epoch in between
            std::visit(EffectHandler{*this}, effect);
}

std::chrono::milliseconds Council::firstWait() const
{
    return consensus::firstWaitAt(m_state.attestor->spread().tail());
}

void Council::resume()
{
    withTable([](consensus::Roundtable &table, consensus::Effects &out) { table.resume(out); });
    withTable([](consensus::Roundtable &table, consensus::Effects &out) { table.start(out); });
    hearAgain();
}

void Council::hearAgain()
{
    const auto polkas = m_polkas;
    for (const auto &[round, polka] : polkas)
        withTable([&kept = polka](consensus::Roundtable &table, consensus::Effects &out) {
            static_cast<void>(table.received(*kept, out));
        });
    const auto votes = m_votes;
    for (const auto &[key, vote] : votes) {
        if (vote.seat == m_state.mySeat)
            continue;
        auto intake = consensus::Roundtable::Intake::Ignored;
        withTable([&](consensus::Roundtable &table, consensus::Effects &out) {
            intake = table.received(vote, out);
        });
        // Of a round that is not kept yet: who tells others that it is here would never get it
        // again.
        if (m_table && intake == consensus::Roundtable::Intake::Ignored) {
            m_votes.erase(key);
            m_controlRoot.reset();
        }
    }
}

void Council::persisted(PersistToken token)
{
    // An own word counts once it cannot be forgotten.
    while (!m_unsaved.empty() && m_unsaved.front().first <= token) {
        const consensus::Vote vote = m_unsaved.front().second;
        m_unsaved.pop_front();
        m_votes.try_emplace({vote.round, vote.phase, vote.seat}, vote);
        m_controlRoot.reset();
        withTable([&](consensus::Roundtable &table, consensus::Effects &out) {
            static_cast<void>(table.received(vote, out));
        });
    }
}

consensus::EpochView Council::view() const
{
    return {m_state.configuration, m_proposals, m_closes, *this, m_state.me};
}

void Council::judgeWaiting()
{
    std::vector<Hash> waiting;
    for (const auto &[hash, open] : m_values)
        if (open.verdict == consensus::Verdict::Unknown)
            waiting.push_back(hash);
    for (const Hash &hash : waiting) {
        const auto found = m_values.find(hash);
        if (found == m_values.end())
            return; // decided meanwhile
        const auto answers = m_polkaValues.contains(hash)
            ? consensus::ProposalBook::Answers::EverGiven
            : consensus::ProposalBook::Answers::Standing;
        const consensus::Judgement judgement =
            consensus::judge(found->second.value, view(), answers);
        for (const Hash &missing : judgement.missingProposals)
            ask(missing, found->second.source);
        for (const Hash &missing : judgement.missingCloses) {
            m_courier.settle(missing);
            ask(missing, found->second.source);
        }
        if (judgement.missingOffer)
            ask(*judgement.missingOffer, found->second.source);
        found->second.verdict = verdictOf(judgement.verdict);
        if (found->second.verdict == consensus::Verdict::Unknown)
            continue;
        if (found->second.verdict == consensus::Verdict::Invalid)
            valueDied(found->second, judgement);
        withTable([&, verdict = found->second.verdict](consensus::Roundtable &table,
                                                       consensus::Effects &out) {
            table.judged(hash, verdict, out);
        });
    }
}

void Council::build()
{
    if (m_closes.undisputed().size() < m_table->order().quorum() || waitsForLead())
        return;
    auto built = consensus::buildValue(view(), consensus::NewKeys::Await);
    const bool isLeaving =
        std::ranges::find(built.change.departing, *m_state.mySeat) != built.change.departing.end();
    if (built.lack == consensus::BuiltValue::Lack::KeyOffer && !m_postponeKeys)
        m_postponeKeys = m_state.now.mono + kKeyPatience;
    const bool isPatient = !m_postponeKeys || m_state.now.mono < *m_postponeKeys;
    // Whoever leaves must not know the next key, and waits for an offer like everybody: were it the
    // first of the round's order, what it proposes without one would be decided.
    if (built.lack == consensus::BuiltValue::Lack::KeyOffer && !isLeaving) {
        // One good offer is enough: the seats offer in turn.
        const auto place = static_cast<int>(offeringPlace(*m_state.mySeat).value_or(0));
        const MonoTime turn =
            *m_postponeKeys - kKeyPatience + std::min(kOfferTurn * place, kOfferTurnMax);
        if (m_state.now.mono < turn) {
            m_buildAt = turn;
            return;
        }
        offerKey(built.change);
        built = consensus::buildValue(view(), consensus::NewKeys::Await);
    }
    if (built.lack == consensus::BuiltValue::Lack::KeyOffer && !isPatient)
        built = consensus::buildValue(view(), consensus::NewKeys::Postpone);
    if (built.lack != consensus::BuiltValue::Lack::Nothing)
        return;
    if (!m_buildableSince)
        m_buildableSince = m_state.now.mono;
    const Lead lead = leadFor(&*built.value);
    m_buildAt = lead.waitUntil;
    if (lead.value)
        propose(*lead.value);
    if (lead.value || lead.waitUntil)
        return;
    const Hash hash = built.value->hash();
    m_built = hash;
    auto [open, isNew] = m_values.try_emplace(hash, OpenValue{*built.value, {}, std::nullopt});
    open->second.verdict = consensus::Verdict::Valid;
    if (isNew) {
        keepNamed(*built.value);
        keep(gossip::ControlKind::Value, m_state.configuration.epoch, built.value->encode());
    }
    propose(hash);
}

// Of several fences for one device only one stays open. Those that a value names stay as well:
// whoever is locked on the value waits until everybody has judged it.
void Council::keepNamed(const consensus::Value &value)
{
    for (const Hash &proposal : value.proposals)
        m_proposals.named(proposal);
}

bool Council::isNamed(const Hash &proposal) const
{
    return std::ranges::any_of(m_values, [&proposal](const auto &entry) {
        return std::ranges::binary_search(entry.second.value.proposals, proposal);
    });
}

std::optional<std::size_t> Council::offeringPlace(SeatIndex seat) const
{
    // C17 has the first four offer; with more than three hostile seats none of these need be
    // honest, and the epoch would never end.
    const consensus::SeatOrder order(m_state.configuration);
    const std::size_t count = std::min(std::max(kOfferingSeats, order.faults() + 1), order.seats());
    for (std::size_t i = 0; i < count; ++i)
        if (order.at(consensus::Round(0), i) == seat)
            return i;
    return std::nullopt;
}

std::size_t Council::offersOf(SeatIndex seat) const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        m_offers, [seat](const auto &entry) { return entry.second.seat == seat; }));
}

void Council::offerKey(const consensus::EpochChange &change)
{
    const keys::WorkspaceKey *present = m_state.keyOf(m_state.configuration.keyEpoch);
    if (!mayOfferKey(*m_state.mySeat) || present == nullptr
        || offersOf(*m_state.mySeat) >= kOffersPerSeatMax)
        return;
    const auto key = keys::WorkspaceKey::generate(m_state.config.random);
    const auto offer =
        consensus::offerNextKey(m_state.config.scheme, m_state.config.device, m_state.configuration,
                                *m_state.mySeat, change.next, key, *present);
    if (!offer)
        return;
    m_offers.emplace(offer->hash(), *offer);
    keep(gossip::ControlKind::Offer, m_state.configuration.epoch, offer->encode());
    tell(gossip::ControlKind::Offer, offer->encode());
}

// ---- the decision -------------------------------------------------------------------------------

void Council::decided(const consensus::Certificate &certificate)
{
    // What is still missing was asked for. Perhaps nobody else ever sees this quorum: a hostile
    // seat may have shown its part of it here only.
    m_commit = certificate;
    if (const auto decision = wholeDecision(certificate)) {
        m_commit.reset();
        static_cast<void>(takeDecision(*decision));
    }
}

std::optional<consensus::Decision>
Council::wholeDecision(const consensus::Certificate &certificate) const
{
    const auto found = m_values.find(certificate.value);
    if (found == m_values.end())
        return std::nullopt;
    consensus::Decision decision{.value = found->second.value,
                                 .proposals = {},
                                 .closing = {},
                                 .offer = {},
                                 .certificate = certificate.encode()};
    for (const Hash &hash : decision.value.proposals) {
        const consensus::Proposal *proposal = m_proposals.find(hash);
        if (proposal == nullptr)
            return std::nullopt;
        decision.proposals.push_back(*proposal);
    }
    std::vector<const consensus::Close *> reports;
    for (const consensus::Value::Report &report : decision.value.reports) {
        const consensus::Close *close = m_closes.find(report.close);
        if (close == nullptr)
            return std::nullopt;
        reports.push_back(close);
    }
    const auto closing = consensus::closingFrontier(m_state.configuration, reports, m_chains);
    if (!closing)
        return std::nullopt;
    decision.closing = *closing;
    if (decision.value.keyOffer) {
        const consensus::OfferedKey *offer = this->offer(*decision.value.keyOffer);
        if (offer == nullptr)
            return std::nullopt;
        decision.offer = *offer;
    }
    return decision;
}

std::expected<void, Code> Council::takeDecision(const consensus::Decision &decision)
{
    const identity::Configuration before = m_log.now();
    const auto added = m_log.append(decision);
    if (!added) {
        m_isNews = true;
        return std::unexpected(added.error());
    }
    if (*added == consensus::DecisionLog::Added::Known)
        return {};
    m_isNews = true;
    m_controlRoot.reset();
    m_state.attestor->freeze(); // this epoch is over, also where nobody asked this seat
    const Bytes record = decision.encode();
    if (m_state.me == Engine::State::kNobody)
        m_state.findMe(m_log.now());
    store::Rows rows = m_state.keyDesk->decided(decision, before); // one with the other, or neither
    rows.emplace_back(store::DecisionRow{decision.value.epoch, record});
    m_state.out.persist(std::move(rows), store::Sync::Full);
    m_state.careKeys->decided(decision.proposals);
    m_state.caretaker->decided(decision);
    m_state.exchange->tellOnlookers(record, m_state.out.lastToken());
    // Most others decide by themselves about now; those who do not hear that they are behind.
    m_epochTold = m_state.now.mono + limits::kOnItsWay;
    return {};
}

// ---- what judging and building ask --------------------------------------------------------------

consensus::Ground::Holding Council::holding(const trust::Frontier &report) const
{
    std::vector<ChangeHandle> heads;
    std::map<DeviceIndex, ChangeHandle> headOf;
    for (const trust::FrontierEntry &entry : report) {
        const ChangeHandle head = m_state.graph.find(entry.head);
        if (head == ChangeHandle())
            return Holding::NotYet;
        const auto &held = m_state.graph.entry(head);
        if (held.device != entry.device || held.seq != entry.seq)
            return Holding::NotClosed;
        heads.push_back(head);
        headOf[entry.device] = head;
    }
    // What the heads have in their past of devices that may write is below the report's entries.
    const history::Clock past = m_state.graph.merged(ChangeHandle(), heads);
    for (std::size_t i = 0; i < past.size(); ++i) {
        const history::ChainId chain(static_cast<std::uint16_t>(i));
        const DeviceIndex device = m_state.graph.deviceOf(chain);
        if (past[i] == 0 || !m_state.mayWriteNow(device))
            continue;
        const ChangeHandle top = m_state.graph.onChain(chain, Seq(past[i]));
        const auto head = headOf.find(device);
        if (head == headOf.end() || !m_state.graph.descendsOnChain(head->second, top))
            return Holding::NotClosed;
    }
    return Holding::All;
}

std::optional<Hash> Council::stateRoot(const identity::ChainHeads &heads) const
{
    return m_state.checkpoints->root(heads);
}

const consensus::OfferedKey *Council::offer(const Hash &hash) const
{
    const auto found = m_offers.find(hash);
    return found == m_offers.end() ? nullptr : &found->second;
}

std::vector<const consensus::OfferedKey *> Council::offers() const
{
    std::vector<const consensus::OfferedKey *> offers;
    for (const auto &[hash, offer] : m_offers)
        offers.push_back(&offer);
    return offers;
}

std::optional<Code> Council::keyFault(const consensus::OfferedKey &offer,
                                      const identity::Configuration &next) const
{
    const keys::WorkspaceKey *present = m_state.keyOf(m_state.configuration.keyEpoch);
    if (present == nullptr)
        return Code::E_KEY_OFFER;
    const identity::Device *mine = next.device(m_state.me);
    const keys::KeyHolder holder = m_state.careKeys->holder();
    if (mine != nullptr && mine->careKey && !holder.holds(*mine->careKey))
        return Code::BUFFERED; // its secret is not in this folder: no fault of the offer's
    Writer readers;
    for (const keys::Recipient &reader : consensus::recipientsOf(m_state.configuration, next)) {
        readers.fixedBytes(reader.device);
        readers.fixedBytes(reader.key);
    }
    const auto [fault, isNew] =
        m_keyFaults.try_emplace({offer.hash(), digest(domains::kControl, readers.bytes())});
    if (!isNew)
        return fault->second;
    const auto key =
        consensus::openOfferedKey(offer, m_state.configuration, next, holder, *present);
    if (!key)
        fault->second = key.error();
    return fault->second;
}

} // namespace nlbd::engine
