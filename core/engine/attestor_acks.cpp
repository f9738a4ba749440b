// Everybody's acknowledgements: taken, compared, counted (PROTOCOL C5, C6).

#include "core/engine/attestor.h"

#include "core/base/codec.h"
#include "core/engine/agreed_times.h"
#include "core/engine/caretaker.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

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

/// Mine, as it is now, or what some seat said: whoever sends no list takes mine for what I said
/// last. @complexity O(seats).
std::optional<trust::Frontier> Attestor::withRoot(const Hash &root) const
{
    if (root == myRoot())
        return myFrontier();
    const auto said = std::ranges::find_if(
        m_held, [&root](const auto &entry) { return entry.second.ack.root == root; });
    return said == m_held.end() ? std::nullopt : std::optional(said->second.frontier);
}

std::optional<trust::Frontier> Attestor::frontierOf(const gossip::AckMessage &message,
                                                    const trust::Ack &ack) const
{
    if (message.form == gossip::AckMessage::Form::Bare)
        return withRoot(ack.root);
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
    Bytes encoded = frontier ? trust::encodeFrontier(*frontier) : Bytes();
    const bool isMatching = frontier && trust::rootOfEncoded(encoded) == ack->root;
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
    m_state.out.persist({store::AckRow{ack->seat, ack->encode(), std::move(encoded)}},
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
    const Held *before = of(ack.seat);
    if (before != nullptr) {
        held.changed = trust::changedEntries(before->frontier, held.frontier);
        held.baseNo = before->ack.no;
    }
    m_ratification.acknowledged(ack.seat, before != nullptr ? held.changed : held.frontier,
                                m_state.graph);
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
    if (m_state.disputed.empty())
        return missing;
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

/// How long a quorum's turns (turn()) take, and the gathering. Rounds wait for networks (C11.3),
/// not for these.
Millis Attestor::usualWait() const
{
    const std::size_t seats = m_state.seatCount();
    return turnMax() * static_cast<int>(identity::quorumOf(seats)) / static_cast<int>(seats + 1)
        + m_state.exchange->gatheringTime();
}

void Attestor::measure(ChangeHandle ratified)
{
    while (!m_ownNews.empty() && m_ownNews.front().first <= ratified) {
        const auto &[change, since] = m_ownNews.front();
        if (change == ratified)
            m_spread.add(std::max(Millis{0},
                                  std::chrono::duration_cast<Millis>(m_state.now.mono - since)
                                      - usualWait()));
        m_ownNews.pop_front();
    }
}

bool Attestor::settleRatified()
{
    const bool hasNews = m_ratification.takeChanged();
    for (const auto &[chain, before] : m_ratification.takeGrown()) {
        const Seq height = m_ratification.ratifiedHeight(chain);
        if (const ChangeHandle last = m_state.graph.onChain(chain, height); last != ChangeHandle())
            m_state.agreedTimes->agreed(last);
        for (Seq seq = before.next(); seq <= height; seq = seq.next()) {
            const ChangeHandle change = m_state.graph.onChain(chain, seq);
            if (change == ChangeHandle())
                continue;
            if (m_state.graph.entry(change).device == m_state.me)
                measure(change);
            const auto document = m_state.documents.find(m_state.graph.entry(change).doc);
            if (document != m_state.documents.end())
                document->second.unratified.erase(change);
        }
    }
    return std::exchange(m_isChanged, false) || hasNews;
}

} // namespace nlbd::engine
