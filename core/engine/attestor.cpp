#include "core/engine/attestor.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kOwnNewsMax = 64; // of a long time alone a few are enough to measure

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
    m_ownNews.clear();
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
    if (m_state.graph.entry(change).device == m_state.me && m_ownNews.size() < kOwnNewsMax)
        m_ownNews.emplace_back(change, m_state.now.mono);
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

/// A of rule A6. Among many who type without a pause it is twice that: each word is tried and kept
/// by each, and of a hundred members that was most of what all of them did. Who has been quiet for
/// so long speaks no later for it.
Millis Attestor::interval() const
{
    constexpr int kAmongMany = 2;
    const Millis all = limits::kAckIntervalPerSeat * static_cast<int>(m_state.seatCount())
        * (m_state.exchange->isClustered() ? kAmongMany : 1);
    return std::clamp(all, limits::kAckIntervalMin, limits::kAckIntervalMax);
}

Millis Attestor::turnMax() const
{
    return m_state.exchange->isSmall() ? Millis{0} : interval() / 2;
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
    // Something was covered since the root was reckoned: that can wait until it is needed.
    if (!m_myRoot && maySign() && m_state.now.mono < turn())
        return turn();
    if (!hasNews()) {
        m_turn.reset();
        return beatIfDue();
    }
    if (m_state.now.mono < turn())
        return turn();
    if (holdsAllAcked())
        m_state.exchange->ackSigned(*m_state.mySeat, sign());
    return std::nullopt;
}

/// When what is new now may be acknowledged (A6). All hear of a change at once, and all of a large
/// group would acknowledge it at once, again and again: a hundred times a hundred frames, and
/// whoever types meanwhile waits. So each draws when it is his turn, anew each time.
MonoTime Attestor::turn()
{
    if (!m_turn) {
        m_turn =
            m_hasSigned ? std::max(m_state.now.mono, m_lastSigned + interval()) : m_state.now.mono;
        if (const auto most = static_cast<std::uint64_t>(turnMax().count()); most > 0)
            *m_turn += Millis(m_state.config.random.below(most));
    }
    return *m_turn;
}

// Where nobody writes nobody has news, and still everybody should be heard (caretaker.h): the same
// frontier is signed anew twice a day, and once soon after a start.
std::optional<MonoTime> Attestor::beatIfDue()
{
    if (!m_begun)
        m_begun = m_state.now.mono;
    if (!maySign())
        return std::nullopt;
    const Millis day = m_state.config.dayLength;
    const MonoTime due = m_hasSigned ? m_lastSigned + day / 2 : *m_begun + day / 96;
    if (m_state.now.mono < due)
        return due;
    if (!holdsAllAcked())
        return std::nullopt;
    m_state.exchange->ackSigned(*m_state.mySeat, sign());
    return std::nullopt;
}

void Attestor::signNow()
{
    if (hasNews() && holdsAllAcked())
        m_state.exchange->lastAckSigned(*m_state.mySeat, sign());
}

PersistToken Attestor::sign()
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
    m_turn.reset();
    return token;
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
