#include "core/engine/evidence_book.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/mutant.h"
#include "core/consensus/evidence_file.h"
#include "core/engine/attestor.h"
#include "core/engine/comments.h"
#include "core/engine/council.h"
#include "core/engine/exchange.h"
#include "core/engine/presence.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kRefusedBytesShown =
    4096; // enough to look at; a flood must not fill the disk
constexpr std::size_t kRuleBytesMax = 1024;

/// What is only counted is written down so many at a time, or with what people hear of: a write of
/// its own is worth more than such a count.
constexpr std::size_t kCountedTogether = 16;

/// A flood is written down once per doubling, not once per frame.
bool isDoubling(const api::Refusal &refusal)
{
    return (refusal.count & (refusal.count - 1)) == 0;
}

/// E_ codes are refusals that people hear of; the rest is counted only.
bool isWorthTelling(Code code)
{
    return code < Code::DUPLICATE && code != Code::E_RATE;
}

void writeDevice(Writer &out, std::optional<DeviceIndex> device)
{
    out.varint(device ? device->value + std::uint64_t{1} : 0);
}

std::optional<DeviceIndex> readDevice(Reader &in)
{
    const auto value = in.varint(UINT16_MAX + std::uint64_t{1});
    return value == 0 ? std::nullopt
                      : std::optional(DeviceIndex(static_cast<std::uint16_t>(value - 1)));
}

Bytes encodeRefusal(const api::Refusal &refusal)
{
    Writer out;
    out.u8(static_cast<std::uint8_t>(refusal.code));
    writeDevice(out, refusal.from);
    writeDevice(out, refusal.claimed);
    out.varint(refusal.seq);
    out.i64(refusal.when.time_since_epoch().count());
    out.text(refusal.rule);
    out.blob(refusal.record);
    out.varint(refusal.count);
    return std::move(out).take();
}

std::optional<api::Refusal> decodeRefusal(const store::RefusalRow &row)
{
    Reader in(row.record);
    api::Refusal refusal;
    refusal.number = row.number;
    const auto code = codeFromNumber(in.u8());
    refusal.from = readDevice(in);
    refusal.claimed = readDevice(in);
    refusal.seq = in.varint();
    refusal.when = WallTime(Millis(in.i64()));
    refusal.rule = std::string(in.text(kRuleBytesMax));
    refusal.record = copyOf(in.blob(kRefusedBytesShown));
    refusal.count = in.varint();
    if (!in.done() || !code)
        return std::nullopt;
    refusal.code = *code;
    return refusal;
}

} // namespace

void EvidenceBook::refuse(const Cause &cause)
{
    // Whom a record claims to come from is the sender's to choose: names that nobody bears are one,
    // and no sender fills the list for all others.
    const bool isClaimKnown =
        cause.claimed && m_state.configuration.device(*cause.claimed) != nullptr;
    const auto claimed = isClaimKnown ? cause.claimed : std::nullopt;
    const auto key = std::tuple(cause.code, cause.from, claimed);
    const auto known = m_refusalIndex.find(key);
    const bool isFull = m_refusals.size() >= limits::kRefusalsMax
        || m_refusalsOf[cause.from] >= limits::kRefusalsPerSenderMax;
    if (known == m_refusalIndex.end() && isFull)
        return;
    std::size_t index = m_refusals.size();
    if (known != m_refusalIndex.end()) {
        index = known->second;
        ++m_refusals[index].count;
        m_refusals[index].when = m_state.now.wall;
    } else {
        api::Refusal refusal;
        refusal.number = index + 1;
        refusal.code = cause.code;
        refusal.from = cause.from;
        refusal.claimed = claimed;
        refusal.seq = cause.seq.value;
        refusal.when = m_state.now.wall;
        refusal.rule = cause.rule.substr(0, kRuleBytesMax);
        refusal.record =
            copyOf(cause.record.first(std::min(cause.record.size(), kRefusedBytesShown)));
        ++m_refusalsOf[refusal.from];
        m_refusals.push_back(std::move(refusal));
        m_refusalIndex.emplace(key, index);
    }
    const bool isTold = isWorthTelling(cause.code);
    if (isTold || isDoubling(m_refusals[index]))
        m_changedRefusals.insert(index);
    if (isTold)
        ++m_unread;
}

bool EvidenceBook::isNeeded(const Place &place, const Hash &id) const
{
    const auto known = m_places.find(place);
    return known == m_places.end() ? m_evidence.size() < limits::kEvidenceMax : id < known->second;
}

bool EvidenceBook::keep(const Hash &id, Entry entry)
{
    const Place place{entry.accused, entry.proof.kind()};
    if (!isNeeded(place, id))
        return false;
    if (const auto known = m_places.find(place); known != m_places.end()) {
        entry.replaces = known->second;
        m_evidence.erase(known->second);
        std::erase(m_newEvidence, known->second);
    }
    m_places[place] = id;
    m_evidence.emplace(id, std::move(entry));
    m_controlRoot.reset();
    return true;
}

void EvidenceBook::add(consensus::Proof proof, std::optional<DeviceIndex> accused, std::string rule,
                       std::optional<PeerId> from)
{
    const Hash id = proof.id();
    const Bytes record = proof.encode();
    if (!keep(id, {proof, record, accused, std::move(rule), m_state.now.wall, std::nullopt}))
        return;
    m_newEvidence.push_back(id);
    takeEffect(proof, accused);
    const PersistToken token =
        m_state.out.persist({store::EvidenceRow{id, m_state.now.wall, record}}, store::Sync::Full);
    m_state.exchange->broadcast(gossip::EvidenceMessage{record}, token, from);
}

bool EvidenceBook::accuse(consensus::Proof proof, std::string rule, std::optional<PeerId> from)
{
    const auto place = placeOf(proof);
    const identity::Configuration *then = configurationFor(proof);
    if (then == nullptr || !place || !isNeeded(*place, proof.id()))
        return false;
    const trust::CheckedEvidence checked = check(proof, *then, m_state.config.scheme);
    if (checked.result == trust::CheckedEvidence::Result::DoesNotHold)
        return false;
    add(std::move(proof), checked.accused, rule.empty() ? checked.sentence : std::move(rule), from);
    return true;
}

void EvidenceBook::takeEffect(const consensus::Proof &proof, std::optional<DeviceIndex> accused)
{
    if (const auto *conflict = std::get_if<consensus::DecisionConflict>(&proof.bundle))
        m_state.council->conflictProven(*conflict);
    const auto *evidence = std::get_if<trust::Evidence>(&proof.bundle);
    if (evidence == nullptr || !accused)
        return;
    if (std::holds_alternative<trust::ForkProof>(evidence->proof)) {
        m_state.disputed.insert(*accused);
        m_state.exchange->deviceDisputed(*accused);
        m_state.presence->deviceDisputed(*accused);
        m_state.comments->historyChanged();
        m_state.council->misusedPen(*accused, evidence->encode());
        if (accused == m_state.me)
            m_state.out.notify(api::Trouble{api::Trouble::Kind::MyDeviceDisputed, {}, false});
    }
    // Only what everybody can tell from the proof and the tables: a fence that needs the history to
    // be judged would be refused by whoever lacks it (ProposalBook::checkFence).
    if (std::holds_alternative<trust::InvalidProof>(evidence->proof) && !NLBD_MUTANT("fence-never")
        && trust::check(*evidence, m_state.configuration, m_state.config.scheme).result
            == trust::CheckedEvidence::Result::Holds)
        m_state.council->misusedPen(*accused, evidence->encode());
    const auto *acks = std::get_if<trust::DoubleAckProof>(&evidence->proof);
    if (acks != nullptr && acks->first.epoch == m_state.configuration.epoch)
        m_state.attestor->contradicted(*acks);
}

std::expected<void, Code> EvidenceBook::receive(ByteView bytes, PeerId from,
                                                std::optional<DeviceIndex> fromDevice)
{
    const auto proof = consensus::Proof::decode(bytes);
    if (!proof) {
        refuse({proof.error(),
                "The proof is not in the one form that proofs have.",
                fromDevice,
                {},
                {},
                bytes});
        return std::unexpected(proof.error());
    }
    // What says nothing new costs no signature: the accused may sign as many proofs as he likes.
    if (const auto place = placeOf(*proof); place && !isNeeded(*place, proof->id()))
        return {};
    const trust::CheckedEvidence checked = checkWithHistory(*proof);
    switch (checked.result) {
    case trust::CheckedEvidence::Result::Holds:
        add(*proof, checked.accused, checked.sentence, from);
        return {};
    case trust::CheckedEvidence::Result::NeedsHistory:
        return {}; // it comes again with the next comparison, when the history may be here
    case trust::CheckedEvidence::Result::DoesNotHold:
        break;
    }
    refuse({Code::E_SIG,
            "The accusation does not hold: " + checked.sentence,
            fromDevice,
            checked.accused,
            {},
            bytes});
    return std::unexpected(Code::E_SIG);
}

std::optional<EvidenceBook::Place> EvidenceBook::placeOf(const consensus::Proof &proof) const
{
    if (std::holds_alternative<consensus::DecisionConflict>(proof.bundle))
        return Place{std::nullopt, proof.kind()};
    if (const auto device = proof.device())
        return Place{device, proof.kind()};
    const auto seat = proof.seat();
    const identity::Configuration *then = configurationFor(proof);
    if (!seat || then == nullptr || seat->value >= then->seats.size())
        return std::nullopt;
    return Place{then->seats[seat->value], proof.kind()};
}

const identity::Configuration *EvidenceBook::configurationFor(const consensus::Proof &proof) const
{
    // Seats have their places for one epoch; everything else is named by rows that stay.
    const Epoch epoch = proof.seatEpoch().value_or(m_state.configuration.epoch);
    if (epoch == m_state.configuration.epoch)
        return &m_state.configuration;
    if (!m_past || m_past->epoch != epoch)
        m_past = m_state.council->log().at(epoch);
    return m_past ? &*m_past : nullptr;
}

trust::CheckedEvidence EvidenceBook::checkWithHistory(const consensus::Proof &proof) const
{
    const identity::Configuration *then = configurationFor(proof);
    if (then == nullptr)
        return {trust::CheckedEvidence::Result::NeedsHistory, {}, {}};
    trust::CheckedEvidence checked = check(proof, *then, m_state.config.scheme);
    // Who lags may not know the accused yet: the bringer is not at fault.
    if (checked.result == trust::CheckedEvidence::Result::DoesNotHold
        && m_state.council->knownEpoch() > m_state.configuration.epoch)
        return {trust::CheckedEvidence::Result::NeedsHistory, {}, {}};
    const auto *evidence = std::get_if<trust::Evidence>(&proof.bundle);
    const auto *invalid =
        evidence == nullptr ? nullptr : std::get_if<trust::InvalidProof>(&evidence->proof);
    if (checked.result != trust::CheckedEvidence::Result::NeedsHistory || invalid == nullptr)
        return checked;
    const auto verdict = m_state.validator.validate(invalid->change);
    if (verdict || verdict.error().kind == history::Refused::Kind::Duplicate) {
        checked.result = trust::CheckedEvidence::Result::DoesNotHold;
        checked.sentence = "The change breaks no rule.";
    } else if (verdict.error().kind == history::Refused::Kind::Invalid
               && verdict.error().code == invalid->rule) {
        checked.result = trust::CheckedEvidence::Result::Holds;
        checked.sentence = verdict.error().rule;
    }
    return checked;
}

Bytes EvidenceBook::fileOf(const consensus::Proof &proof) const
{
    const consensus::DecisionLog &log = m_state.council->log();
    std::vector<Bytes> decisions;
    const Epoch until = consensus::epochToShow(proof, log.now());
    for (Epoch epoch = log.first(); epoch < until; epoch = epoch.next())
        decisions.push_back(copyOf(*log.decision(epoch)));
    return consensus::encodeEvidenceFile(m_state.config.genesis, decisions, proof);
}

/// What its author's own records say of how it came about, for people: it proves nothing.
static std::optional<api::ForkFacts> forkFactsOf(const consensus::Proof &proof)
{
    const auto *evidence = std::get_if<trust::Evidence>(&proof.bundle);
    const auto *fork =
        evidence == nullptr ? nullptr : std::get_if<trust::ForkProof>(&evidence->proof);
    if (fork == nullptr)
        return std::nullopt;
    const history::ChangeHeader &first = fork->first.header;
    const history::ChangeHeader &second = fork->second.header;
    const auto [early, late] = std::minmax(first.wallMs, second.wallMs);
    // Any two times may stand in them: their distance need not fit into a number with a sign.
    const auto apart = static_cast<std::uint64_t>(late) - static_cast<std::uint64_t>(early);
    return api::ForkFacts{
        Millis(static_cast<std::int64_t>(std::min<std::uint64_t>(apart, INT64_MAX))),
        first.payloadHash == second.payloadHash, first.prev == second.prev};
}

api::EvidenceInfo EvidenceBook::infoOf(const Entry &entry) const
{
    api::EvidenceInfo info;
    info.id = entry.proof.id();
    info.code = entry.proof.code();
    info.accused = entry.accused;
    info.when = entry.when;
    info.rule = entry.rule;
    info.records = entry.proof.records();
    info.file = fileOf(entry.proof);
    info.replaces = entry.replaces;
    info.fork = forkFactsOf(entry.proof);
    return info;
}

void EvidenceBook::load(const std::vector<store::EvidenceRow> &evidence,
                        const std::vector<store::RefusalRow> &refusals)
{
    for (const store::EvidenceRow &row : evidence) {
        const auto decoded = consensus::Proof::decode(row.record);
        if (!decoded || decoded->id() != row.id)
            continue;
        const trust::CheckedEvidence checked = checkWithHistory(*decoded);
        if (checked.result != trust::CheckedEvidence::Result::DoesNotHold
            && keep(row.id,
                    {*decoded, row.record, checked.accused, checked.sentence, row.when, {}}))
            takeEffect(*decoded, checked.accused);
    }
    for (const store::RefusalRow &row : refusals) {
        auto refusal = decodeRefusal(row);
        if (!refusal || m_refusals.size() >= limits::kRefusalsMax)
            continue;
        refusal->number = m_refusals.size() + 1;
        m_refusalIndex.emplace(std::tuple(refusal->code, refusal->from, refusal->claimed),
                               m_refusals.size());
        ++m_refusalsOf[refusal->from];
        m_refusals.push_back(std::move(*refusal));
    }
}

std::vector<Hash> EvidenceBook::ids() const
{
    std::vector<Hash> ids;
    for (const auto &[id, entry] : m_evidence)
        ids.push_back(id);
    return ids;
}

const Bytes *EvidenceBook::find(const Hash &id) const
{
    const auto found = m_evidence.find(id);
    return found == m_evidence.end() ? nullptr : &found->second.record;
}

std::optional<Bytes> EvidenceBook::proofToFence(DeviceIndex device) const
{
    for (const auto &[id, entry] : m_evidence) {
        const auto *evidence = std::get_if<trust::Evidence>(&entry.proof.bundle);
        const bool isAboutPen = evidence != nullptr && entry.accused == device
            && (evidence->code() == Code::EV_FORK || evidence->code() == Code::EV_INVALID);
        if (isAboutPen)
            return evidence->encode();
    }
    return std::nullopt;
}

Hash EvidenceBook::controlRoot() const
{
    if (!m_controlRoot) {
        Writer out;
        for (const auto &[id, entry] : m_evidence)
            out.fixedBytes(id);
        m_controlRoot = digest(domains::kEvidence, out.bytes());
    }
    return *m_controlRoot;
}

std::vector<api::Refusal> EvidenceBook::refusals() const
{
    return m_refusals;
}

std::vector<api::EvidenceInfo> EvidenceBook::list() const
{
    std::vector<api::EvidenceInfo> list;
    for (const auto &[id, entry] : m_evidence)
        list.push_back(infoOf(entry));
    return list;
}

void EvidenceBook::acknowledgeRefusals()
{
    m_unread = 0;
    m_state.out.notify(api::Refused{{}, 0});
}

void EvidenceBook::checkAgain(const Hash &id)
{
    const auto found = m_evidence.find(id);
    api::EvidenceChecked answer{id, false, "This proof is not held here."};
    if (found != m_evidence.end()) {
        const trust::CheckedEvidence checked = checkWithHistory(found->second.proof);
        answer.holds = checked.result == trust::CheckedEvidence::Result::Holds;
        answer.result = checked.sentence;
    }
    m_state.out.notify(answer);
}

void EvidenceBook::sendAll()
{
    std::vector<api::Refusal> told;
    for (const api::Refusal &refusal : m_refusals)
        if (isWorthTelling(refusal.code))
            told.push_back(refusal);
    m_state.out.notify(api::Refused{std::move(told), m_unread});
    m_state.out.notify(api::EvidenceFound{list()});
}

void EvidenceBook::sendRefusals()
{
    api::Refused news{{}, m_unread};
    store::Rows rows;
    for (const std::size_t index : std::exchange(m_changedRefusals, {})) {
        const api::Refusal &refusal = m_refusals[index];
        const bool isTold = isWorthTelling(refusal.code);
        if (!isTold || isDoubling(refusal))
            rows.emplace_back(store::RefusalRow{refusal.number, encodeRefusal(refusal)});
        if (isTold)
            news.refusals.push_back(refusal);
    }
    if (!rows.empty())
        m_state.out.persist(std::move(rows), store::Sync::Lazy);
    if (!news.refusals.empty())
        m_state.out.notify(std::move(news));
}

void EvidenceBook::sendNews()
{
    const bool isAnyTold = std::ranges::any_of(m_changedRefusals, [this](std::size_t index) {
        return isWorthTelling(m_refusals[index].code);
    });
    if (isAnyTold || m_changedRefusals.size() >= kCountedTogether)
        sendRefusals();
    api::EvidenceFound found;
    for (const Hash &id : std::exchange(m_newEvidence, {}))
        found.evidence.push_back(infoOf(m_evidence.at(id)));
    if (!found.evidence.empty())
        m_state.out.notify(std::move(found));
}

} // namespace nlbd::engine
