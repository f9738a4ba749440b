#include "tests/malory/mouth.h"

#include "app/control_socket.h"
#include "app/loop.h"
#include "app/runtime.h"
#include "app/verb_parts.h"
#include "core/base/check.h"

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace nlbd::malory {

namespace {

using Kind = gossip::Kind;

/// What is sent instead of a frame; nothing: it is kept back.
using Mouth = std::optional<Bytes> (*)(Kind kind, Bytes body, bool isFavoured);

std::optional<Bytes> alteredSnapshot(Kind kind, Bytes body, bool)
{
    if (kind != Kind::SnapshotPiece)
        return body;
    auto message = gossip::decode(static_cast<std::uint8_t>(kind), body);
    CHECK(message.has_value());
    auto &piece = std::get<gossip::SnapshotPiece>(*message);
    if (!piece.bytes.empty() && piece.from + piece.bytes.size() == piece.size)
        piece.bytes.back() ^= std::byte{1}; // in a hash: no rule forbids any byte there
    return gossip::encode(*message);
}

std::optional<Bytes> textsKeptBack(Kind kind, Bytes body, bool)
{
    const bool isText = kind == Kind::Push || kind == Kind::Have || kind == Kind::Changes;
    return isText ? std::nullopt : std::optional(std::move(body));
}

/// A summary would tell those who hear no vote that there is one to be asked for.
std::optional<Bytes> votesForFew(Kind kind, Bytes body, bool isFavoured)
{
    if (isFavoured || kind == Kind::ControlSummary)
        return isFavoured ? std::optional(std::move(body)) : std::nullopt;
    if (kind != Kind::ControlRecords)
        return body;
    auto message = gossip::decode(static_cast<std::uint8_t>(kind), body);
    CHECK(message.has_value());
    auto &records = std::get<gossip::ControlRecords>(*message).records;
    std::erase_if(records, [](const gossip::ControlRecords::Record &record) {
        return record.kind == gossip::ControlKind::Vote
            || record.kind == gossip::ControlKind::Polka;
    });
    return records.empty() ? std::nullopt : std::optional(gossip::encode(*message));
}

struct Entry {
    hostile::Attack attack;
    Mouth mouth;
};

const std::vector<Entry> &entries()
{
    static const std::vector<Entry> kEntries{
        {{"alter-snapshot", 41, Code::E_STATE_ROOT,
          "A member like others, whose snapshots of a checkpoint differ by one bit."},
         alteredSnapshot},
        {{"keep-texts", 38, std::nullopt,
          "A member like others, who passes no text on, neither mine nor others'."},
         textsKeptBack},
        {{"hide-votes", 38, std::nullopt,
          "A member like others, whose votes and those of others I show to every second only."},
         votesForFew},
    };
    return kEntries;
}

class MouthNetwork final : public app::Network {
public:
    explicit MouthNetwork(Mouth mouth)
        : m_mouth(mouth)
    {
    }
    std::expected<std::uint16_t, api::LobbyTrouble>
    open(const identity::SecretKey &device, const app::NetworkOptions &options, Sink sink) override
    {
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
    void send(PeerId peer, std::optional<WorkspaceId> workspace, std::uint8_t kind, Bytes body,
              net::Lane lane) override
    {
        auto said = workspace
            ? m_mouth(static_cast<Kind>(kind), std::move(body), peer.value % 2 == 0)
            : std::optional(std::move(body));
        if (said)
            m_network->send(peer, workspace, kind, std::move(*said), lane);
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
    Mouth m_mouth;
    std::unique_ptr<app::Network> m_network = app::makeNetwork();
};

} // namespace

const std::vector<hostile::Attack> &mouths()
{
    static const std::vector<hostile::Attack> kMouths = [] {
        std::vector<hostile::Attack> list;
        for (const Entry &entry : entries())
            list.push_back(entry.attack);
        return list;
    }();
    return kMouths;
}

std::unique_ptr<app::Network> networkThrough(std::string_view mouth)
{
    const auto found =
        std::ranges::find(entries(), mouth, [](const Entry &entry) { return entry.attack.verb; });
    CHECK(found != entries().end());
    return std::make_unique<MouthNetwork>(found->mouth);
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
