#include "core/gossip/message.h"
#include "tests/sim/checker.h"
#include "tests/sim/dissemination.h"
#include "tests/sim/network.h"
#include "tests/support/fast_signatures.h"

#include <algorithm>
#include <utility>

namespace nlbd::sim {

namespace {

constexpr Millis kPatience{120'000};
constexpr Millis kLookEvery{2};
constexpr Millis kHour{3'600'000};
constexpr double kHead = 10; // before each body

Profile profileOf(const NewsOptions &asked)
{
    Profile profile;
    profile.peers = asked.peers;
    profile.isWatched = false;
    profile.latencyMin = Millis(10);
    profile.latencyMax = Millis(50);
    profile.stragglers = 0;
    profile.silentLoss = asked.lossPercent * 100;
    return profile;
}

const char *nameOf(std::uint8_t kind)
{
    switch (static_cast<gossip::Kind>(kind)) {
    case gossip::Kind::Push:
    case gossip::Kind::Changes:
        return "payload";
    case gossip::Kind::Have:
    case gossip::Kind::PullRanges:
    case gossip::Kind::PullHashes:
        return "news";
    case gossip::Kind::Digest:
    case gossip::Kind::Summary:
        return "repair";
    default:
        return "rest";
    }
}

/// Whole engines, all connected; a third of them hear everything and say nothing.
class EngineMesh {
public:
    explicit EngineMesh(const NewsOptions &asked)
        : m_asked(asked)
        , m_random(asked.seed)
        , m_scheme(m_random)
        , m_world(asked.seed, profileOf(asked), m_scheme,
                  test::FoundedGroup::found(asked.peers, m_scheme, m_random), false)
        , m_checker(m_world)
        , m_isSilent(asked.peers, false)
    {
        for (std::size_t i = 0; i < asked.peers; ++i)
            addPeer(i);
        m_network = std::make_unique<Network>(m_world, m_peers);
        m_network->setTap(
            [this](std::size_t, std::size_t to, std::uint8_t kind, const Bytes &body) {
                count(to, kind, body);
                return true;
            });
        for (const auto &peer : m_peers)
            peer->start();
        m_network->start();
        run(Millis(3000));
        m_peers[0]->step(engine::Event(api::Command(api::CreateDocument{1, "Notes", "x"})));
        run(Millis(20'000));
        m_doc = *m_peers[0]->engine().findDocument("Notes");
    }

    void silenceAThird()
    {
        for (std::size_t left = m_asked.peers / 3; left > 0;) {
            const std::size_t i = m_random.below(m_asked.peers);
            left -= m_isSilent[i] ? 0 : 1;
            m_isSilent[i] = true;
        }
        run(Millis(5000));
    }

    void spreadOne(NewsSpread &result)
    {
        std::size_t author = m_random.below(m_asked.peers);
        while (m_isSilent[author])
            author = m_random.below(m_asked.peers);
        m_isCounting = true;
        const Hash letter = typeLetter(*m_peers[author]);
        const MonoTime begin = m_world.queue.now();
        std::vector<std::size_t> left;
        for (std::size_t i = 0; i < m_asked.peers; ++i)
            if (i != author && !m_isSilent[i])
                left.push_back(i);
        const auto all = left.size();
        while (!left.empty() && m_world.queue.now() < begin + kPatience) {
            run(kLookEvery);
            const std::chrono::duration<double, std::milli> passed = m_world.queue.now() - begin;
            const auto came = std::erase_if(left, [&](std::size_t i) {
                return m_peers[i]->engine().graph().find(letter) != ChangeHandle();
            });
            result.milliseconds.insert(result.milliseconds.end(), came, passed.count());
            if (left.empty())
                result.last.push_back(passed.count());
        }
        result.missing += left.size();
        run(Millis(1000)); // what was on its way still
        m_isCounting = false;
        const double each = static_cast<double>(all) * static_cast<double>(m_asked.records);
        result.copies += std::exchange(m_copies, 0) / each;
        for (const auto &[kind, frames] : std::exchange(m_frames, {}))
            result.frames[kind] += frames / each;
        for (const auto &[kind, bytes] : std::exchange(m_bytes, {}))
            result.bytes[kind] += bytes / each;
        run(Millis(5000));
    }

    [[nodiscard]] double idle()
    {
        run(Millis(120'000)); // all is acknowledged, and the ticks are slow
        const std::uint64_t bytes = m_network->bytesSent();
        const std::uint64_t frames = m_network->framesSent();
        run(kHour);
        return (static_cast<double>(m_network->bytesSent() - bytes)
                + kHead * static_cast<double>(m_network->framesSent() - frames))
            / static_cast<double>(m_asked.peers);
    }

private:
    void addPeer(std::size_t i)
    {
        const DeviceIndex device(static_cast<std::uint16_t>(i));
        m_peers.push_back(std::make_unique<PeerShell>(m_world, m_checker, i, device, true));
        PeerShell::Outlet outlet;
        outlet.send = [this, i](PeerId to, std::uint8_t kind, Bytes body) {
            if (!m_isSilent[i])
                m_network->send(i, to, kind, std::move(body));
        };
        outlet.disconnect = [this, i](PeerId peer, Code, Millis pause) {
            m_network->disconnect(i, peer, pause);
        };
        outlet.reach = [this, i](const PublicKey &device_) { m_network->reach(i, device_); };
        outlet.notify = [](const api::Event &) {};
        outlet.crashed = [] {};
        m_peers[i]->setOutlet(std::move(outlet));
    }

    void run(Millis time)
    {
        const MonoTime until = m_world.queue.now() + time;
        while (m_world.queue.runNext(until))
            continue;
    }

    void count(std::size_t to, std::uint8_t kind, const Bytes &body)
    {
        if (!m_isCounting || m_isSilent[to])
            return;
        m_frames[nameOf(kind)] += 1;
        m_bytes[nameOf(kind)] += kHead + static_cast<double>(body.size());
        const auto message = gossip::decode(kind, body);
        if (!message)
            return;
        if (const auto *push = std::get_if<gossip::Push>(&*message))
            m_copies += static_cast<double>(push->changes.size());
        else if (const auto *changes = std::get_if<gossip::Changes>(&*message))
            m_copies += static_cast<double>(changes->changes.size());
    }

    Hash typeLetter(PeerShell &author)
    {
        const std::uint64_t view = ++m_requests;
        const auto type = [&author](api::Command command) {
            author.step(engine::Event(std::move(command)));
        };
        type(api::OpenDocument{m_doc, view});
        type(api::EditText{m_doc, view, 0, 1, {{0, 0, "a"}}, api::EditText::Cause::Typing});
        type(api::Flush{});
        type(api::CloseDocument{m_doc, view});
        const auto &graph = author.engine().graph();
        return graph.entry(ChangeHandle(static_cast<std::uint32_t>(graph.size()))).hash;
    }

    NewsOptions m_asked;
    SeededRandom m_random;
    test::FastSignatures m_scheme;
    World m_world;
    Checker m_checker;
    std::vector<std::unique_ptr<PeerShell>> m_peers;
    std::unique_ptr<Network> m_network;
    std::vector<bool> m_isSilent;
    bool m_isCounting = false;
    double m_copies = 0;
    std::map<std::string, double> m_frames;
    std::map<std::string, double> m_bytes;
    std::uint64_t m_requests = 0;
    DocIndex m_doc;
};

} // namespace

NewsSpread spreadEngines(const NewsOptions &asked)
{
    NewsSpread result;
    EngineMesh mesh(asked);
    if (asked.isThirdSilent)
        mesh.silenceAThird();
    for (std::size_t record = 0; record < asked.records; ++record)
        mesh.spreadOne(result);
    std::ranges::sort(result.milliseconds);
    std::ranges::sort(result.last);
    return result;
}

double idleBytesPerHour(std::size_t peers, std::uint64_t seed)
{
    NewsOptions asked;
    asked.peers = peers;
    asked.seed = seed;
    return EngineMesh(asked).idle();
}

} // namespace nlbd::sim
