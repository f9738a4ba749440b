#include "tests/malory/mouth.h"

#include "app/control_socket.h"
#include "app/loop.h"
#include "app/runtime.h"
#include "app/verb_parts.h"

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>
#include <thread>

namespace nlbd::malory {

namespace {

/// Sends what a mouth holds back for a while, from a thread of its own. Of one listener nothing
/// overtakes anything.
class Later {
public:
    using Send = std::function<void()>;

    Later()
        : m_thread([this](const std::stop_token &stop) { run(stop); })
    {
    }
    void add(PeerId listener, Millis pause, Send send)
    {
        const std::lock_guard lock(m_mutex);
        Due &last = m_last[listener];
        last = std::max(last, std::chrono::steady_clock::now() + pause);
        m_queue.emplace(last, std::move(send));
        m_changed.notify_all();
    }

private:
    using Due = std::chrono::steady_clock::time_point;

    void run(const std::stop_token &stop)
    {
        std::unique_lock lock(m_mutex);
        while (!stop.stop_requested()) {
            if (m_queue.empty()) {
                m_changed.wait(lock, stop, [this] { return !m_queue.empty(); });
                continue;
            }
            const Due due = m_queue.begin()->first;
            if (due > std::chrono::steady_clock::now()) {
                m_changed.wait_until(lock, stop, due, [&] { return m_queue.begin()->first < due; });
                continue;
            }
            const Send send = std::move(m_queue.extract(m_queue.begin()).mapped());
            lock.unlock();
            send();
            lock.lock();
        }
    }

    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::multimap<Due, Send> m_queue;
    std::map<PeerId, Due> m_last;
    std::jthread m_thread; ///< last: ends before what it uses
};

class MouthNetwork final : public app::Network {
public:
    explicit MouthNetwork(MakeMouth make)
        : m_make(make)
    {
    }
    std::expected<std::uint16_t, api::LobbyTrouble>
    open(const identity::SecretKey &device, const app::NetworkOptions &options, Sink sink) override
    {
        m_mouth = m_make(device);
        return m_network->open(device, options, std::move(sink));
    }
    void setAllowed(std::vector<PublicKey> devices) override
    {
        m_network->setAllowed(std::move(devices));
    }
    void setDoorOpen(bool isOpen) override { m_network->setDoorOpen(isOpen); }
    void setWorkspaces(std::vector<net::WorkspaceTag> workspaces) override
    {
        m_network->setWorkspaces(std::move(workspaces));
    }
    void setVisible(std::optional<net::Card> card) override
    {
        m_network->setVisible(std::move(card));
    }
    void dial(const net::Endpoint &endpoint, const PublicKey &device,
              net::Dialler::Persistence persistence, bool isInvited, FoundBy by) override
    {
        m_network->dial(endpoint, device, persistence, isInvited, by);
    }
    void ask(const net::Endpoint &endpoint) override { m_network->ask(endpoint); }
    void forget(const PublicKey &device) override { m_network->forget(device); }
    void reach(const PublicKey &device) override { m_network->reach(device); }
    void send(PeerId peer, std::optional<WorkspaceId> workspace, std::uint8_t kind, Bytes body,
              net::Lane lane) override
    {
        if (!workspace) {
            m_network->send(peer, workspace, kind, std::move(body), lane);
            return;
        }
        auto said = m_mouth(
            {static_cast<gossip::Kind>(kind), std::move(body), peer.value % 2 == 0, *workspace});
        if (!said)
            return;
        if (said->later == Millis(0)) {
            m_network->send(peer, workspace, kind, std::move(said->body), lane);
            for (hostile::Frame &frame : said->also)
                m_network->send(peer, workspace, frame.kind, std::move(frame.body), lane);
            return;
        }
        m_later.add(peer, said->later,
                    [this, peer, workspace, kind, body = std::move(said->body), lane]() mutable {
                        m_network->send(peer, workspace, kind, std::move(body), lane);
                    });
    }
    void close(PeerId peer) override { m_network->close(peer); }
    void mute(const PublicKey &device, Millis time) override { m_network->mute(device, time); }
    void dismiss(const PublicKey &device, Millis time) override
    {
        m_network->dismiss(device, time);
    }
    void setPortMapped(bool isWanted) override { m_network->setPortMapped(isWanted); }
    void askReport() override { m_network->askReport(); }
    void setWatched(bool isWatched) override { m_network->setWatched(isWatched); }
    void stop() override { m_network->stop(); }

private:
    MakeMouth m_make;
    Mouth m_mouth;
    std::unique_ptr<app::Network> m_network = app::makeNetwork();
    Later m_later; ///< last: it sends through the network
};

} // namespace

std::unique_ptr<app::Network> networkThrough(std::string_view mouth)
{
    return std::make_unique<MouthNetwork>(mouthCalled(mouth));
}

int speakThrough(std::string_view mouth, app::Profile profile, const std::filesystem::path &folder,
                 const net::Endpoint &listen)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr); // before any thread, so that all inherit it
    app::RuntimeOptions options;
    options.network = {.listen = listen, .isLoopbackOnly = true};
    options.isDoorOpen = true;
    app::Runtime runtime(std::move(profile), options, networkThrough(mouth));
    const auto server = app::ControlServer::open(folder, [&runtime](const std::string &line) {
        const auto request = app::decodeRequest(line);
        return app::encodeReply(request ? app::perform(runtime, *request)
                                        : app::failure(app::Exit::Usage, "This is no request."));
    });
    const auto isOnline = [](app::Loop &loop) { return loop.port() != 0; };
    if (!server || !app::waitUntil(runtime, isOnline, Millis{10'000}))
        return static_cast<int>(app::Exit::Network);
    const auto said = runtime.ask<std::string>(
        [](app::Loop &loop) {
            return app::lineOf({{"online", true},
                                {"port", loop.port()},
                                {"device", loop.profile().self()->device.publicKey().hex()}});
        },
        {});
    std::printf("%s\n", said.c_str());
    std::fflush(stdout);
    int signal = 0;
    (void)sigwait(&ends, &signal);
    return static_cast<int>(app::storeLast(runtime).exit);
}

} // namespace nlbd::malory
