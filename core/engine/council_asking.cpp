// Records that others name, asked for by hash (PROTOCOL C11.1: bodies of values are fetched once).

#include "core/engine/council.h"
#include "core/engine/exchange.h"

namespace nlbd::engine {

namespace {

constexpr Millis kAskPatience{1'000};
constexpr std::size_t kAskedMax = 4096;
constexpr std::size_t kHashesOfPullMax = 1024;
constexpr std::size_t kAnswerBytes = 256 * 1024; // of one message

} // namespace

void Council::ask(const Hash &hash, std::optional<PeerId> source, Millis patience)
{
    const auto known = m_asked.find(hash);
    if (m_state.isLoading || (known != m_asked.end() && known->second.due > m_state.now.mono))
        return;
    // Hostile values may name more than can be asked for: the oldest question makes room.
    if (known == m_asked.end() && m_asked.size() >= kAskedMax)
        m_asked.erase(std::ranges::min_element(m_asked, {},
                                               [](const auto &entry) { return entry.second.due; }));
    const MonoTime due = m_state.now.mono + (m_arriving.contains(hash) ? kAskPatience : patience);
    m_asked.insert_or_assign(hash, Asked{due, source});
    m_nextAsk = m_nextAsk ? std::min(*m_nextAsk, due) : due;
}

bool Council::wasAsked(const Hash &hash) const
{
    return m_asked.contains(hash);
}

bool Council::isHere(const Hash &hash) const
{
    return m_values.contains(hash) || m_offers.contains(hash) || m_closes.find(hash) != nullptr
        || m_proposals.find(hash) != nullptr;
}

// What one moment asks of one peer shares a frame: a value names many reports.
void Council::askDue()
{
    if (!m_nextAsk || *m_nextAsk > m_state.now.mono)
        return;
    m_nextAsk.reset();
    std::vector<Hash> givenUp;
    std::map<PeerId, gossip::PullControl> pulls;
    const auto sessions = m_state.exchange->sessions();
    for (auto &[hash, asked] : m_asked) {
        if (isHere(hash))
            continue;
        if (asked.due <= m_state.now.mono) {
            std::vector<PeerId> peers;
            if (asked.source && std::ranges::find(sessions, *asked.source) != sessions.end())
                peers.push_back(*asked.source);
            else
                peers = gossip::choosePartners(sessions, limits::kPullPeers, m_state.config.random);
            asked.source.reset();
            asked.due = m_state.now.mono + kAskPatience;
            for (const PeerId peer : peers)
                if (pulls[peer].hashes.size() < kHashesOfPullMax) // the others' turn comes again
                    pulls[peer].hashes.push_back(hash);
            if (!peers.empty() && m_courier.isGivenUp(hash)) {
                givenUp.push_back(hash);
                continue;
            }
        }
        m_nextAsk = m_nextAsk ? std::min(*m_nextAsk, asked.due) : asked.due;
    }
    for (const Hash &hash : givenUp)
        m_asked.erase(hash);
    for (const auto &[peer, pull] : pulls)
        m_state.out.send(peer, pull);
}

void Council::receive(PeerId from, const gossip::PullControl &message)
{
    gossip::ControlRecords records;
    std::size_t bytes = 0; // small questions must not call forth more than a frame holds
    for (const Hash &hash : std::set<Hash>(message.hashes.begin(), message.hashes.end())) {
        if (bytes > kAnswerBytes)
            break;
        const std::size_t before = records.records.size();
        if (const auto value = m_values.find(hash); value != m_values.end())
            records.records.push_back({gossip::ControlKind::Value, value->second.value.encode()});
        if (const auto *known = offer(hash))
            records.records.push_back({gossip::ControlKind::Offer, known->encode()});
        if (const auto *close = m_closes.find(hash))
            records.records.push_back({gossip::ControlKind::Close, close->encode()});
        else if (const auto late = m_before.closes.find(hash); late != m_before.closes.end())
            records.records.push_back({gossip::ControlKind::Close, late->second.encode()});
        if (const auto *proposal = m_proposals.find(hash))
            records.records.push_back({gossip::ControlKind::Proposal, proposal->encode()});
        for (std::size_t i = before; i < records.records.size(); ++i)
            bytes += records.records[i].bytes.size();
    }
    if (!records.records.empty())
        m_state.exchange->answer(from, records, m_state.out.lastToken());
}

} // namespace nlbd::engine
