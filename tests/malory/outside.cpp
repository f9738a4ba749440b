#include "tests/malory/outside.h"

#include "app/lobby_frames.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace nlbd::malory {

namespace {

constexpr std::size_t kFalsePerDevice = 64; // eight times what a dialler keeps of one device
constexpr std::uint16_t kFirstPort = 20'000;
constexpr int kStrangers = 4;
constexpr std::size_t kSilentPerTarget = 64; // more than may wait for their handshake at once

/// Of one stranger: how many targets turned it away.
struct Stranger {
    std::unique_ptr<app::Network> network = app::makeNetwork();
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t refusals = 0;

    void take(const std::vector<net::MeshEvent> &events)
    {
        const std::lock_guard lock(mutex);
        for (const net::MeshEvent &event : events)
            refusals += std::holds_alternative<net::DialFailed>(event) ? 1 : 0;
        changed.notify_all();
    }
};

/// -1: there is no such connection to be had.
int connectionTo(const net::Endpoint &endpoint)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    if (inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr) != 1)
        return -1;
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket >= 0
        && ::connect(socket, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return socket;
    if (socket >= 0)
        ::close(socket);
    return -1;
}

} // namespace

const std::vector<hostile::Attack> &networkAttacks()
{
    static const std::vector<hostile::Attack> kAll{
        {"poison-addresses", 36, std::nullopt,
         "More false addresses of every member than anybody keeps."},
        {"strangers", 37, Code::E_ZAP, "Connections by devices that nobody knows."},
        {"silent-connections", 37, Code::E_RATE,
         "More connections than may wait at once, and none of them says a word."},
        {"false-beacons", 45, std::nullopt,
         "Beacons of people who do not exist, and of members who are elsewhere."}};
    return kAll;
}

std::vector<hostile::Frame> poisonFor(const PublicKey &victim,
                                      const identity::Configuration &configuration, Random &random)
{
    std::vector<hostile::Frame> frames;
    for (const identity::Device &member : configuration.devices) {
        if (member.key == victim)
            continue;
        app::Met met;
        for (std::size_t i = 0; i < kFalsePerDevice; ++i) {
            const std::uint64_t port = kFirstPort + random.below(UINT16_MAX - kFirstPort);
            met.hints.push_back(
                {member.key,
                 {"127.0.0." + std::to_string(2 + i), static_cast<std::uint16_t>(port)}});
        }
        const app::LobbyFrame frame = std::move(met);
        frames.push_back({app::kindOf(frame), app::encode(frame)});
    }
    return frames;
}

bool knockAsStrangers(const std::vector<Target> &targets, Random &random, Millis patience)
{
    std::vector<std::unique_ptr<Stranger>> strangers;
    for (int i = 0; i < kStrangers; ++i) {
        Stranger &stranger = *strangers.emplace_back(std::make_unique<Stranger>());
        const auto device = identity::SecretKey::generate(random);
        const auto port = stranger.network->open(
            device, {.listen = std::nullopt, .isLoopbackOnly = true},
            [&stranger](const std::vector<net::MeshEvent> &events) { stranger.take(events); });
        if (!port)
            return false;
        for (const Target &target : targets)
            stranger.network->dial(target.endpoint, target.device, net::Dialler::Persistence::Once,
                                   true, FoundBy::Given);
    }
    bool isTurnedAway = true;
    for (const auto &stranger : strangers) {
        std::unique_lock lock(stranger->mutex);
        isTurnedAway = stranger->changed.wait_for(lock, patience, [&] {
            return stranger->refusals >= targets.size();
        }) && isTurnedAway;
    }
    for (const auto &stranger : strangers)
        stranger->network->stop();
    return isTurnedAway;
}

std::size_t holdSilentConnections(const std::vector<Target> &targets, Millis time)
{
    std::vector<int> held;
    for (const Target &target : targets)
        for (std::size_t i = 0; i < kSilentPerTarget; ++i)
            if (const int socket = connectionTo(target.endpoint); socket >= 0)
                held.push_back(socket);
    std::this_thread::sleep_for(time);
    for (const int socket : held)
        ::close(socket);
    return held.size();
}

} // namespace nlbd::malory
