#include "core/engine/attestor.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/engine/caretaker.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

namespace {

/// The journal keeps ack and frontier together: after a crash both are needed to go on from there.
Bytes encodeSigned(const trust::Ack &ack, const trust::Frontier &frontier)
{
    Writer out;
    out.blob(ack.encode());
    out.blob(trust::encodeFrontier(frontier));
    return std::move(out).take();
}

std::optional<std::pair<trust::Ack, trust::Frontier>> decodeSigned(ByteView bytes)
{
    Reader in(bytes);
    const auto ack = trust::Ack::decode(in.blob(limits::kFrameBytesMax));
    const auto frontier = trust::decodeFrontier(in.blob(limits::kFrameBytesMax));
    if (!in.done() || !ack || !frontier)
        return std::nullopt;
    return std::pair(*ack, *frontier);
}

} // namespace

Attestor::Attestor(Engine::State &state)
    : m_state(state)
    , m_ratification(state.seatCount())
{
}

// ---- my frontier --------------------------------------------------------------------------------

bool Attestor::isCovered(ChangeHandle change) const
{
    // A device that writes no more has no entry (A3): what it wrote is closed in, or a ghost that
    // the hash of honest work implies.
    if (!m_state.mayWriteNow(m_state.graph.entry(change).device))
        return true;
    const auto head = m_covered.find(m_state.graph.entry(change).device);
    return head != m_covered.end() && m_state.graph.descendsOnChain(head->second, change);
}

bool Attestor::mayFollow(ChangeHandle change) const
{
    // A2 over a restart: what was acknowledged before must stay inside. While its head is not held
    // here again, a place that it already fills can take no other change.
    const auto &entry = m_state.graph.entry(change);
    const Held *mine = m_state.mySeat ? of(*m_state.mySeat) : nullptr;
    if (mine == nullptr)
        return true;
    for (const trust::FrontierEntry &acked : mine->frontier) {
        if (acked.device != entry.device || acked.seq < entry.seq)
            continue;
        const ChangeHandle head = m_state.graph.find(acked.head);
        return head == ChangeHandle() ? acked.seq != entry.seq
                                      : m_state.graph.descendsOnChain(head, change);
    }
    return true;
}

/// What must be covered before something that builds on `dep`; nothing if all is.
ChangeHandle Attestor::firstUncovered(ChangeHandle dep) const
{
    if (!isCovered(dep))
        return dep;
    if (m_state.mayWriteNow(m_state.graph.entry(dep).device))
        return {};
    // A ghost has no entry of its own, but what it builds on may: a frontier without that would not
    // be closed, and nobody could take the report that names it (A1).
    const history::Clock past = m_state.graph.merged(ChangeHandle(), {dep});
    for (std::size_t i = 0; i < past.size(); ++i) {
        const history::ChainId chain(static_cast<std::uint16_t>(i));
        if (past[i] == 0)
            continue;
        const ChangeHandle top = m_state.graph.onChain(chain, Seq(past[i]));
        if (!isCovered(top))
            return top;
    }
    return {};
}

bool Attestor::tryCover(ChangeHandle change)
{
    const auto &entry = m_state.graph.entry(change);
    if (!m_state.mayWriteNow(entry.device))
        return false;
    const auto head = m_covered.find(entry.device);
    const ChangeHandle current = head == m_covered.end() ? ChangeHandle() : head->second;
    if (isCovered(change) || !mayFollow(change))
        return false;
    if (entry.prev != current) {
        // Another branch of a fork stays outside for ever (A3); a later link waits for its turn.
        if (entry.prev != ChangeHandle() && !isCovered(entry.prev))
            m_blockedOn.emplace(entry.prev, change);
        return false;
    }
    for (const ChangeHandle dep : entry.deps) {
        const ChangeHandle missing = firstUncovered(dep);
        if (missing != ChangeHandle()) {
            m_blockedOn.emplace(missing, change);
            return false;
        }
    }
    m_covered[entry.device] = change;
    m_myRoot.reset();
    return true;
}

void Attestor::epochBegins()
{
    m_held.clear();
    m_ackRoot.reset();
    m_isFrozen = false;
    m_isChanged = true;
    handlesChanged();
}

void Attestor::handlesChanged()
{
    countAcks();
    rebuild();
}

void Attestor::countAcks()
{
    const std::size_t seats = m_state.seatCount();
    m_ratification = trust::Ratification(seats);
    trust::Frontier opening;
    for (const identity::ChainHead &closing : m_state.configuration.closing)
        if (m_state.mayWriteNow(closing.device))
            opening.push_back({closing.device, closing.seq, closing.head});
    for (std::size_t i = 0; i < seats; ++i) {
        const SeatIndex seat(static_cast<std::uint16_t>(i));
        m_ratification.acknowledged(seat, opening, m_state.graph);
        if (const Held *held = of(seat))
            m_ratification.acknowledged(seat, held->frontier, m_state.graph);
    }
}

std::uint64_t Attestor::behind(SeatIndex seat) const
{
    std::uint64_t settled = 0; // of devices that write no more: nobody signs for them
    for (std::size_t i = 0; i < m_state.graph.chainCount(); ++i) {
        const history::ChainId chain(static_cast<std::uint16_t>(i));
        const ChangeHandle head = m_state.graph.headOf(chain);
        if (head != ChangeHandle() && !m_state.mayWriteNow(m_state.graph.deviceOf(chain)))
            settled += m_state.graph.entry(head).seq.value - m_state.graph.firstOf(chain).value + 1;
    }
    return m_ratification.behind(seat, m_state.graph) - settled;
}

void Attestor::changeAdded(ChangeHandle change)
{
    m_ratification.changeAdded(change, m_state.graph);
    if (!m_state.mySeat || m_state.isAlone() || m_state.isLoading)
        return;
    const Held *mine = of(*m_state.mySeat);
    const Hash &hash = m_state.graph.entry(change).hash;
    const auto isAckedHead = [&hash](const trust::FrontierEntry &acked) {
        return acked.head == hash;
    };
    if (mine != nullptr && std::ranges::any_of(mine->frontier, isAckedHead)) {
        rebuild();
        return;
    }
    cover(change);
}

void Attestor::cover(ChangeHandle change)
{
    std::vector<ChangeHandle> ready{change};
    while (!ready.empty()) {
        const ChangeHandle next = ready.back();
        ready.pop_back();
        if (!tryCover(next))
            continue;
        const auto [first, last] = m_blockedOn.equal_range(next);
        for (auto waiting = first; waiting != last; ++waiting)
            ready.push_back(waiting->second);
        m_blockedOn.erase(first, last);
    }
}

void Attestor::rebuild()
{
    m_covered.clear();
    m_blockedOn.clear();
    m_myRoot.reset();
    // An epoch begins at what the last one closed in, whichever branch I stood on before (C8).
    for (const identity::ChainHead &closing : m_state.configuration.closing)
        if (const ChangeHandle head = m_state.graph.find(closing.head);
            head != ChangeHandle() && m_state.mayWriteNow(closing.device))
            m_covered[closing.device] = head;
    for (std::uint32_t i = 1; i <= m_state.graph.size(); ++i)
        cover(ChangeHandle(i));
}

trust::Frontier Attestor::myFrontier() const
{
    trust::Frontier frontier;
    for (const auto &[device, head] : m_covered) {
        const auto &entry = m_state.graph.entry(head);
        frontier.push_back({device, entry.seq, entry.hash});
    }
    return frontier;
}

Hash Attestor::myRoot() const
{
    if (!m_myRoot)
        m_myRoot = trust::rootOf(myFrontier());
    return *m_myRoot;
}

bool Attestor::holdsAllAcked() const
{
    const Held *mine = of(*m_state.mySeat);
    if (mine == nullptr)
        return true;
    return std::ranges::all_of(mine->frontier, [this](const trust::FrontierEntry &acked) {
        const ChangeHandle head = m_state.graph.find(acked.head);
        return head != ChangeHandle() && isCovered(head);
    });
}

Millis Attestor::interval() const
{
    return std::clamp(limits::kAckIntervalPerSeat * static_cast<int>(m_state.seatCount()),
                      limits::kAckIntervalMin, limits::kAckIntervalMax);
}

bool Attestor::maySign() const
{
    return m_state.mySeat && !m_state.isAlone() && !m_covered.empty() && !m_isFrozen
        && m_state.guard->maySign();
}

bool Attestor::hasNews() const
{
    if (!maySign())
        return false;
    const Held *mine = of(*m_state.mySeat);
    return mine == nullptr || mine->ack.root != myRoot();
}

std::optional<MonoTime> Attestor::signIfDue()
{
    if (!hasNews())
        return beatIfDue();
    const MonoTime due = m_lastSigned + interval();
    if (m_hasSigned && m_state.now.mono < due)
        return due;
    if (holdsAllAcked())
        sign();
    return std::nullopt;
}

// Where nobody writes nobody has news, and still everybody should be heard (caretaker.h): the same
// frontier is signed anew twice a day, and once soon after a start.
std::optional<MonoTime> Attestor::beatIfDue()
{
    if (!m_begun)
        m_begun = m_state.now.mono;
    if (!maySign() || !holdsAllAcked())
        return std::nullopt;
    const Millis day = m_state.config.dayLength;
    const MonoTime due = m_hasSigned ? m_lastSigned + day / 2 : *m_begun + day / 96;
    if (m_state.now.mono < due)
        return due;
    sign();
    return std::nullopt;
}

void Attestor::signNow()
{
    if (hasNews() && holdsAllAcked())
        sign();
}

void Attestor::sign()
{
    const std::uint64_t last =
        m_state.journal.lastPhase(trust::SignJournal::Plane::Ack, m_state.configuration.epoch);
    const trust::Frontier frontier = myFrontier();
    const trust::Ack ack =
        trust::signAck(m_state.config.scheme, m_state.config.device, m_state.configuration,
                       *m_state.mySeat, last + 1, trust::rootOf(frontier));
    const trust::SignJournal::Row row{{trust::SignJournal::Plane::Ack, ack.epoch, 0, ack.no},
                                      encodeSigned(ack, frontier)};
    CHECK(m_state.journal.enter(row));
    hold(ack, frontier);
    const PersistToken token = m_state.out.persist(
        {store::JournalRow{static_cast<std::uint8_t>(row.key.plane), ack.epoch, 0, ack.no,
                           row.bytes},
         store::AckRow{ack.seat, ack.encode(), trust::encodeFrontier(frontier)}},
        store::Sync::Full);
    m_lastSigned = m_state.now.mono;
    m_hasSigned = true;
    m_state.exchange->ackSigned(ack.seat, token);
}

// ---- everybody's acknowledgements ---------------------------------------------------------------

const Attestor::Held *Attestor::of(SeatIndex seat) const
{
    const auto found = m_held.find(seat);
    return found == m_held.end() ? nullptr : &found->second;
}

Hash Attestor::ackRoot() const
{
    if (!m_ackRoot) {
        Writer out;
        for (const auto &[seat, held] : m_held) {
            out.varint(seat.value);
            out.varint(held.ack.no);
            out.fixedBytes(held.ack.root);
        }
        m_ackRoot = digest(domains::kAck, out.bytes());
    }
    return *m_ackRoot;
}

std::optional<trust::Frontier> Attestor::frontierOf(const gossip::AckMessage &message,
                                                    const trust::Ack &ack) const
{
    if (message.form == gossip::AckMessage::Form::Bare)
        return ack.root == myRoot() ? std::optional(myFrontier()) : std::nullopt;
    const auto entries = trust::decodeFrontier(message.entries);
    if (!entries)
        return std::nullopt;
    if (message.form == gossip::AckMessage::Form::Full)
        return *entries;
    const Held *base = of(ack.seat);
    if (base == nullptr || base->ack.no != message.baseNo)
        return std::nullopt;
    return trust::withChanges(base->frontier, *entries);
}

Attestor::Outcome Attestor::receive(const gossip::AckMessage &message,
                                    std::optional<DeviceIndex> from, std::optional<PeerId> peer)
{
    const auto ack = trust::Ack::decode(message.ack);
    const auto refuse = [&](Code code, std::string rule, std::optional<DeviceIndex> claimed) {
        m_state.evidence->refuse({code, std::move(rule), from, claimed, Seq(), message.ack});
        return Outcome{false, false, code};
    };
    if (!ack)
        return refuse(ack.error(), "The acknowledgement is not in the one form that they have.",
                      std::nullopt);
    if (ack->epoch != m_state.configuration.epoch)
        return {};
    if (ack->seat.value >= m_state.seatCount())
        return refuse(Code::E_NOT_MEMBER,
                      "The acknowledgement names a seat that was never decided.", std::nullopt);
    const DeviceIndex device = m_state.configuration.seats[ack->seat.value];
    const Held *known = of(ack->seat);
    if (known != nullptr && known->ack == *ack)
        return {};
    if (!trust::isSigned(m_state.config.scheme, m_state.configuration, *ack))
        return refuse(Code::E_SIG, "The acknowledgement is not signed with the key of its seat.",
                      device);
    if (ack->seat == m_state.mySeat)
        m_state.guard->heard(*ack);
    const auto frontier = frontierOf(message, *ack);
    const bool isMatching = frontier && trust::rootOf(*frontier) == ack->root;
    if (!isMatching) {
        if (message.form == gossip::AckMessage::Form::Full)
            return refuse(Code::E_CANON, "The acknowledgement's list does not match its signature.",
                          device);
        const bool isNewer = known == nullptr || ack->no > known->ack.no;
        return Outcome{false, isNewer, std::nullopt};
    }
    const auto isUnknown = [this](const trust::FrontierEntry &entry) {
        return m_state.configuration.device(entry.device) == nullptr;
    };
    if (std::ranges::any_of(*frontier, isUnknown))
        return refuse(Code::E_NOT_MEMBER,
                      "The acknowledgement speaks of a device that nobody admitted.", device);
    findContradiction(*ack, *frontier, peer);
    m_state.council->ackTaken({*ack, *frontier}, peer);
    if (known != nullptr && ack->no <= known->ack.no)
        return {};
    hold(*ack, *frontier);
    m_state.caretaker->heard(device);
    m_state.out.persist({store::AckRow{ack->seat, ack->encode(), trust::encodeFrontier(*frontier)}},
                        store::Sync::Lazy);
    return Outcome{true, false, std::nullopt};
}

void Attestor::findContradiction(const trust::Ack &ack, const trust::Frontier &frontier,
                                 std::optional<PeerId> peer)
{
    const Held *known = of(ack.seat);
    if (known == nullptr || !trust::areContradictory(known->ack, known->frontier, ack, frontier))
        return;
    const trust::Evidence proof =
        trust::doubleAckEvidence(known->ack, known->frontier, ack, frontier);
    contradicted(std::get<trust::DoubleAckProof>(proof.proof)); // also if such a proof is known
    m_state.evidence->accuse({proof}, {}, peer);
}

void Attestor::hold(const trust::Ack &ack, trust::Frontier frontier)
{
    Held held{ack, std::move(frontier), {}, 0, m_state.now.mono};
    if (const Held *before = of(ack.seat)) {
        held.changed = trust::changedEntries(before->frontier, held.frontier);
        held.baseNo = before->ack.no;
    }
    m_ratification.acknowledged(ack.seat, held.frontier, m_state.graph);
    m_held.insert_or_assign(ack.seat, std::move(held));
    m_ackRoot.reset();
    m_isChanged = true;
}

void Attestor::contradicted(const trust::DoubleAckProof &proof)
{
    // About each device on its own: what the first ack says and the second takes back, or, under
    // one number, what either says otherwise. A device that is named in one only is taken back too.
    using Entries = std::map<DeviceIndex, trust::FrontierEntry>;
    const auto byDevice = [](const trust::Frontier &frontier) {
        Entries entries;
        for (const trust::FrontierEntry &entry : frontier)
            entries.emplace(entry.device, entry);
        return entries;
    };
    const bool isOneNumber = proof.first.no == proof.second.no;
    const auto ignoreWhere = [&](const Entries &said, const Entries &other) {
        for (const auto &[device, entry] : said) {
            const auto place = other.find(device);
            const bool isSame = place != other.end() && place->second.head == entry.head;
            const bool isBeyond = place != other.end() && place->second.seq > entry.seq;
            if (!isSame && (isOneNumber || !isBeyond))
                m_ratification.ignore(proof.first.seat, device);
        }
    };
    const Entries first = byDevice(proof.firstFrontier);
    const Entries second = byDevice(proof.secondFrontier);
    ignoreWhere(first, second);
    if (isOneNumber)
        ignoreWhere(second, first);
    m_isChanged = true;
}

std::vector<trust::FrontierEntry> Attestor::claimedAndMissing() const
{
    std::vector<trust::FrontierEntry> missing;
    for (const auto &[seat, held] : m_held) {
        const DeviceIndex claimant = m_state.configuration.seats[seat.value];
        for (const trust::FrontierEntry &entry : held.frontier) {
            // A fork's author cannot vouch for its own branches.
            const bool isHonestClaim =
                m_state.isDisputed(entry.device) && !m_state.isDisputed(claimant);
            if (isHonestClaim && m_state.graph.find(entry.head) == ChangeHandle())
                missing.push_back(entry);
        }
    }
    std::ranges::sort(missing);
    missing.erase(std::ranges::unique(missing).begin(), missing.end());
    return missing;
}

bool Attestor::settleRatified()
{
    const bool hasNews = m_ratification.takeChanged();
    for (const auto &[chain, before] : m_ratification.takeGrown()) {
        const Seq height = m_ratification.ratifiedHeight(chain);
        for (Seq seq = before.next(); seq <= height; seq = seq.next()) {
            const ChangeHandle change = m_state.graph.onChain(chain, seq);
            if (change == ChangeHandle())
                continue;
            const auto document = m_state.documents.find(m_state.graph.entry(change).doc);
            if (document != m_state.documents.end())
                document->second.unratified.erase(change);
        }
    }
    return std::exchange(m_isChanged, false) || hasNews;
}

void Attestor::load(const std::vector<store::AckRow> &acks,
                    const std::vector<store::JournalRow> &journal)
{
    countAcks();
    for (const store::AckRow &row : acks) {
        const auto ack = trust::Ack::decode(row.ack);
        const auto frontier = trust::decodeFrontier(row.frontier);
        if (ack && frontier && ack->seat == row.seat && row.seat.value < m_state.seatCount()
            && ack->epoch == m_state.configuration.epoch && trust::rootOf(*frontier) == ack->root
            && trust::isSigned(m_state.config.scheme, m_state.configuration, *ack))
            hold(*ack, *frontier);
    }
    for (const store::JournalRow &row : journal) {
        if (row.plane != static_cast<std::uint8_t>(trust::SignJournal::Plane::Ack))
            continue;
        const auto decoded = decodeSigned(row.bytes);
        if (!decoded || !m_state.mySeat || decoded->first.seat != *m_state.mySeat
            || decoded->first.epoch != m_state.configuration.epoch)
            continue;
        const Held *mine = of(*m_state.mySeat);
        if (mine == nullptr || decoded->first.no > mine->ack.no)
            hold(decoded->first, decoded->second);
    }
    rebuild();
}

} // namespace nlbd::engine
