#include "core/base/limits.h"
#include "core/base/random.h"
#include "core/gossip/anti_entropy.h"
#include "core/gossip/spreading.h"
#include "core/gossip/wants.h"
#include "tests/sim/dissemination.h"
#include "tests/sim/event_queue.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace nlbd::sim {

namespace {

constexpr Millis kLatencyMin{10};
constexpr std::uint64_t kLatencySpread = 40;
constexpr Millis kPatience{120'000};   // with a record
constexpr Millis kPullPatience{3'000}; // as core/engine/exchange has it
constexpr std::size_t kAllLinked = 128;
constexpr std::size_t kDials = 8;
constexpr std::size_t kLinksMax = 24;

// Bodies as engines send them, and the ten bytes before each. A summary names every chain.
constexpr double kHead = 10;
constexpr double kPayloadBytes = 250;
constexpr double kPlaceBytes = 13;
constexpr double kWantBytes = 20;
constexpr double kDigestBytes = 140;

enum class Kind : std::uint8_t { Push, Have, Want, Payload, Digest, Summary, Ask };

struct Frame {
    Kind kind = Kind::Push;
    std::size_t from = 0;
    std::uint32_t number = 0;
    bool holds = false; ///< digest, summary: the sender has it
    bool isReply = false;
    std::uint32_t depth = 0; ///< frames one after the other since it was written
};

/// One peer: core/gossip decides, and a flag stands for the record.
struct Peer {
    gossip::Spreading spreading;
    gossip::Wants wants;
    std::uint32_t number = 0;
    std::vector<PeerId> links; ///< ids are places in the table, and one
    std::map<PeerId, MonoTime> compared;
    bool isSilent = false;
    bool holds = false;
    std::uint32_t depth = 0; ///< of what it knows of the record
    std::optional<MonoTime> came;
    std::uint32_t rounds = 0;
    MonoTime pullUntil{};
    std::uint64_t wake = 0; ///< the newest; older ones in the queue are stale
    MonoTime wakeAt = MonoTime::max();
    bool hasBatchDue = false;
};

class StubMesh {
public:
    StubMesh(const NewsOptions &asked, std::uint64_t run)
        : m_asked(asked)
        , m_random(asked.seed * 1'000'003 + run)
        , m_peers(asked.peers)
        , m_fanout(
              gossip::fanoutOf(asked.peers, asked.peers <= kAllLinked ? asked.peers - 1 : kDials))
        , m_place{DeviceIndex(0), Seq(1), 1}
    {
        if (asked.have != 0)
            m_fanout.have = asked.have;
        link();
        for (std::size_t i = 0; i < asked.peers; ++i)
            m_known.emplace_back(static_cast<std::uint16_t>(i));
        silenceAThird();
        if (asked.scheme == NewsOptions::Scheme::Whole)
            for (std::size_t i = 0; i < m_peers.size(); ++i)
                m_queue.after(Millis(m_random.below(1250)), [this, i] { tick(i); });
    }

    void run(NewsSpread &result)
    {
        m_queue.runNext(MonoTime(Millis(2000)));
        while (m_queue.runNext(MonoTime(Millis(2000)))) // links are old when it is written
            continue;
        m_isCounting = true;
        m_begin = m_queue.now();
        take(0, std::nullopt, true, 0);
        const std::size_t all = static_cast<std::size_t>(
            std::ranges::count_if(m_peers, [](const Peer &peer) { return !peer.isSilent; }));
        while (m_informed < all && m_queue.runNext(m_begin + kPatience))
            continue;
        const MonoTime end = m_queue.now() + Millis(1000); // what is on its way still
        while (m_queue.runNext(end))
            continue;
        report(result, all);
    }

private:
    // ---- the table ----
    void link()
    {
        const auto join = [this](std::size_t a, std::size_t b) {
            m_peers[a].links.emplace_back(b + 1);
            m_peers[b].links.emplace_back(a + 1);
        };
        const std::size_t n = m_peers.size();
        for (std::size_t a = 0; n <= kAllLinked && a < n; ++a)
            for (std::size_t b = a + 1; b < n; ++b)
                join(a, b);
        for (std::size_t a = 0; n > kAllLinked && a < n; ++a)
            for (std::size_t dialled = 0; dialled < kDials;) {
                const std::size_t b = m_random.below(n);
                const auto &links = m_peers[a].links;
                if (b == a || m_peers[b].links.size() >= kLinksMax
                    || std::ranges::find(links, PeerId(b + 1)) != links.end())
                    continue;
                join(a, b);
                ++dialled;
            }
    }

    void silenceAThird()
    {
        std::size_t left = m_asked.isThirdSilent ? m_peers.size() / 3 : 0;
        constexpr std::size_t kVictim = 1; // the author is another one
        if (m_asked.isOneSurrounded) {
            std::erase(m_peers[kVictim].links, PeerId(1));
            std::erase(m_peers[0].links, PeerId(kVictim + 1));
        }
        for (const PeerId link : m_peers[kVictim].links)
            if (m_asked.isOneSurrounded && left > 0) {
                m_peers[link.value - 1].isSilent = true;
                --left;
            }
        while (left > 0) {
            const std::size_t first = m_asked.isOneSurrounded ? kVictim + 1 : 1;
            Peer &peer = m_peers[first + m_random.below(m_peers.size() - first)];
            left -= peer.isSilent ? 0 : 1;
            peer.isSilent = true;
        }
    }

    // ---- wires ----
    void send(std::size_t from, PeerId to, Frame frame)
    {
        if (m_peers[from].isSilent)
            return;
        frame.from = from;
        count(frame);
        if (m_random.below(100) < m_asked.lossPercent)
            return;
        m_queue.after(kLatencyMin + Millis(m_random.below(kLatencySpread + 1)),
                      [this, to, frame] { receive(to.value - 1, frame); });
    }

    void count(const Frame &frame)
    {
        if (!m_isCounting)
            return;
        const auto add = [this](const char *kind, double bytes) {
            m_frames[kind] += 1;
            m_bytes[kind] += kHead + bytes;
        };
        switch (frame.kind) {
        case Kind::Push:
        case Kind::Payload:
            return add("payload", kPayloadBytes);
        case Kind::Have:
            return add("news", kPlaceBytes);
        case Kind::Want:
            return add("news", kWantBytes);
        case Kind::Digest:
            return add("repair", kDigestBytes);
        case Kind::Summary:
            return add("repair", kPlaceBytes * static_cast<double>(m_peers.size()));
        case Kind::Ask:
            return add("repair", kWantBytes);
        }
    }

    void receive(std::size_t at, const Frame &frame)
    {
        Peer &peer = m_peers[at];
        const PeerId from(frame.from + 1);
        const std::uint32_t depth = std::max(frame.depth, peer.holds ? peer.depth : 0);
        switch (frame.kind) {
        case Kind::Push:
            if (peer.holds)
                peer.spreading.holds(from, m_place);
            return arrived(at, from, true, frame.depth);
        case Kind::Have:
            return heard(at, from, frame.depth);
        case Kind::Payload:
            static_cast<void>(peer.wants.answered(from, frame.number, m_queue.now()));
            return arrived(at, from, frame.number != 0, frame.depth);
        case Kind::Want:
        case Kind::Ask:
            if (peer.holds)
                send(at, from, {Kind::Payload, 0, frame.number, true, false, depth + 1});
            return;
        case Kind::Digest:
            peer.compared[from] = m_queue.now();
            if (frame.holds != peer.holds)
                send(at, from, {Kind::Summary, 0, 0, peer.holds, false, depth + 1});
            return;
        case Kind::Summary:
            if (frame.holds && !peer.holds && m_queue.now() >= peer.pullUntil) {
                peer.pullUntil = m_queue.now() + kPullPatience;
                send(at, from, {Kind::Ask, 0, 0, false, false, frame.depth + 1});
            } else if (peer.holds && !frame.holds && !frame.isReply) {
                send(at, from, {Kind::Summary, 0, 0, true, true, depth + 1});
            }
            return;
        }
    }

    // ---- as core/engine/exchange does ----
    void arrived(std::size_t at, PeerId from, bool isNews, std::uint32_t depth)
    {
        m_copies += m_peers[at].isSilent ? 0 : 1;
        take(at, from, isNews, depth);
    }

    void take(std::size_t at, std::optional<PeerId> from, bool isNews, std::uint32_t depth)
    {
        Peer &peer = m_peers[at];
        if (peer.holds)
            return;
        peer.holds = true;
        peer.depth = depth;
        peer.rounds = depth;
        peer.came = m_queue.now();
        m_informed += peer.isSilent ? 0 : 1;
        peer.wants.settle(m_place.device, [](const gossip::HeadPlace &) { return true; });
        const bool isPushed = from ? m_fanout.push > 0 && isNews : true;
        for (const PeerId target :
             peer.spreading.fresh({m_place, from, isPushed}, peer.links, m_fanout, m_random))
            send(at, target, {Kind::Push, 0, 0, true, false, depth + 1});
        if (m_asked.scheme == NewsOptions::Scheme::Whole && !std::exchange(peer.hasBatchDue, true))
            m_queue.after(Millis(10 + m_random.below(21)), [this, at] { announce(at); });
    }

    void announce(std::size_t at)
    {
        Peer &peer = m_peers[at];
        peer.hasBatchDue = false;
        for (const auto &batch : peer.spreading.announce(peer.links, m_fanout, m_random))
            send(at, batch.to, {Kind::Have, 0, 0, true, false, peer.depth + 1});
    }

    void heard(std::size_t at, PeerId from, std::uint32_t depth)
    {
        Peer &peer = m_peers[at];
        peer.spreading.holds(from, m_place);
        if (peer.holds)
            return;
        peer.depth = peer.depth == 0 ? depth : std::min(peer.depth, depth);
        peer.wants.heard(m_place, from, m_queue.now());
        wakeLater(at);
    }

    void wakeLater(std::size_t at)
    {
        Peer &peer = m_peers[at];
        const auto due = peer.wants.deadline();
        if (!due || *due >= peer.wakeAt)
            return;
        peer.wakeAt = *due;
        m_queue.at(*due, [this, at, wake = ++peer.wake] {
            Peer &woken = m_peers[at];
            if (wake != woken.wake)
                return;
            woken.wakeAt = MonoTime::max();
            for (const auto &request : woken.wants.due(m_queue.now(), woken.number))
                send(at, request.peer,
                     {Kind::Want, 0, request.number, false, false, woken.depth + 1});
            wakeLater(at);
        });
    }

    void tick(std::size_t at)
    {
        Peer &peer = m_peers[at];
        m_queue.after(Millis(750 + m_random.below(501)), [this, at] { tick(at); });
        std::vector<gossip::Candidate> candidates;
        for (const PeerId link : peer.links)
            candidates.push_back({link, peer.compared[link],
                                  DeviceIndex(static_cast<std::uint16_t>(link.value - 1))});
        const gossip::Partners partners =
            gossip::drawPartners(candidates, m_known, limits::kPullPeers, m_random);
        for (const PeerId partner : partners.compare)
            compare(at, partner);
        for (const DeviceIndex device : partners.reach)
            if (device.value != at) // a session takes three messages, and begins with this
                m_queue.after(3 * kLatencyMin + Millis(m_random.below(3 * kLatencySpread)),
                              [this, at, device] { compare(at, PeerId(device.value + 1U)); });
    }

    void compare(std::size_t at, PeerId with)
    {
        Peer &peer = m_peers[at];
        peer.compared[with] = m_queue.now();
        send(at, with, {Kind::Digest, 0, 0, peer.holds, false, peer.holds ? peer.depth + 1 : 0});
    }

    // ---- what came of it ----
    void report(NewsSpread &result, std::size_t all) const
    {
        double last = 0;
        double lastRounds = 0;
        for (std::size_t i = 1; i < m_peers.size(); ++i) {
            const Peer &peer = m_peers[i];
            if (peer.isSilent || !peer.came)
                continue;
            const std::chrono::duration<double, std::milli> took = *peer.came - m_begin;
            result.milliseconds.push_back(took.count());
            result.rounds.push_back(peer.rounds);
            last = std::max(last, took.count());
            lastRounds = std::max(lastRounds, static_cast<double>(peer.rounds));
        }
        result.missing += all - m_informed;
        result.last.push_back(last);
        result.lastRounds.push_back(lastRounds);
        const double each = static_cast<double>(all - 1) * static_cast<double>(m_asked.records);
        result.copies += static_cast<double>(m_copies) / each;
        for (const auto &[kind, frames] : m_frames)
            result.frames[kind] += frames / each;
        for (const auto &[kind, bytes] : m_bytes)
            result.bytes[kind] += bytes / each;
    }

    NewsOptions m_asked;
    SeededRandom m_random;
    EventQueue m_queue;
    std::vector<Peer> m_peers;
    std::vector<DeviceIndex> m_known;
    gossip::Fanout m_fanout;
    gossip::HeadPlace m_place;
    MonoTime m_begin{};
    bool m_isCounting = false;
    std::size_t m_informed = 0;
    std::uint64_t m_copies = 0;
    std::map<std::string, double> m_frames;
    std::map<std::string, double> m_bytes;
};

} // namespace

NewsSpread spreadStubs(const NewsOptions &asked)
{
    NewsSpread result;
    for (std::size_t record = 0; record < asked.records; ++record)
        StubMesh(asked, record).run(result);
    for (auto *list : {&result.milliseconds, &result.rounds, &result.last, &result.lastRounds})
        std::ranges::sort(*list);
    return result;
}

std::size_t classicRounds(std::size_t peers, std::uint64_t seed)
{
    SeededRandom random(seed);
    std::vector<bool> knows(peers);
    knows[0] = true;
    std::size_t count = 1;
    std::size_t rounds = 0;
    for (; count < peers; ++rounds) {
        const std::vector<bool> before = knows;
        for (std::size_t i = 0; i < peers; ++i) {
            if (!before[i])
                continue;
            const std::size_t other = (i + 1 + random.below(peers - 1)) % peers;
            count += knows[other] ? 0 : 1;
            knows[other] = true;
        }
    }
    return rounds;
}

double quantile(const std::vector<double> &sorted, double share)
{
    if (sorted.empty())
        return 0;
    const auto place =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::clamp<std::size_t>(place, 1, sorted.size()) - 1];
}

} // namespace nlbd::sim
