#include "app/loop.h"

#include "app/blob_desk.h"
#include "app/system_clock.h"
#include "core/store/sqlite_store.h"

#include <algorithm>
#include <set>

namespace nlbd::app {

Loop::Loop(Profile profile, RuntimeOptions options, std::unique_ptr<Network> network,
           std::shared_ptr<LoopMailbox> mailbox, std::shared_ptr<LobbySlot> slot)
    : m_profile(std::move(profile))
    , m_options(std::move(options))
    , m_network(std::move(network))
    , m_mailbox(std::move(mailbox))
    , m_slot(std::move(slot))
    , m_secondPlace(m_options.secondPlace != nullptr
                        ? m_options.secondPlace
                        : std::make_shared<StateFolder>(StateFolder::ofThisComputer()))
    , m_storage(std::make_unique<StoreThread>(
          [box = m_mailbox](StoreThread::Outcome outcome) { box->post(std::move(outcome)); }))
    , m_blobClerks(std::make_unique<BlobClerks>())
{
    m_view.isPortWanted = m_options.network.isPortMapped || m_profile.isPortMapped();
}

Loop::~Loop() = default;

void Loop::run()
{
    beginIdentity();
    openStored();
    connectAsRenewed();
    m_pasts = m_profile.pasts();
    if (m_options.isDoorOpen || m_profile.isVisible()
        || std::ranges::any_of(m_tags,
                               [](const auto &entry) { return entry.second.members.size() > 1; }))
        ensureNetwork();
    if (m_desk) {
        m_desk->restore(m_profile.foundings());
        carryOutFounding();
        restoreArrivals();
    }
    std::optional<MonoTime> stopBy;
    for (;;) {
        Now now = readClocks();
        if (m_isStopping && !stopBy) {
            stopBy = now.mono + kStopTime;
            for (auto &[id, workspace] : m_hosts)
                workspace->step(api::Command{api::Flush{}}, now);
        }
        if (stopBy && (isSettled() || now.mono >= *stopBy))
            break;
        for (LoopInput &input : m_mailbox->takeAll(pause(now)))
            handle(std::move(input));
        tick(readClocks());
        if (m_afterRound && m_afterRound())
            m_mailbox->wake();
    }
    m_afterRound = {};
    m_mailbox->close(); // first: the mesh's thread may be waiting for room in it
    if (m_network)
        m_network->stop();
    m_files.stop();
    m_blobClerks.reset();
    m_storage.reset();
    m_hosts.clear();
}

bool Loop::isSettled() const
{
    return std::ranges::all_of(m_hosts, [](const auto &entry) { return entry.second->isStored(); });
}

Millis Loop::pause(Now now) const
{
    constexpr Millis kLong{1000};
    MonoTime next = now.mono + kLong;
    for (const auto &[id, workspace] : m_hosts)
        next = std::min(next, workspace->wakeAt());
    next = std::min(next, m_view.reaching.wakeAt());
    return std::max(Millis{0}, next - now.mono);
}

void Loop::tick(Now now)
{
    for (auto &[id, workspace] : m_hosts)
        if (workspace->wakeAt() <= now.mono)
            workspace->step(engine::Tick{}, now);
    for (const auto &[id, workspace] : m_hosts)
        followMembers(*workspace);
    askAgain(now);
    m_view.reaching.tick(now.mono);
    tellReaching();
    takeOverPasts();
    if (now.mono >= m_nextRepeat && m_desk) {
        m_nextRepeat = now.mono + kRepeat;
        m_desk->repeat();
        carryOutFounding();
    }
}

void Loop::handle(LoopInput input)
{
    dispatch(std::move(input));
    for (const auto &[id, workspace] : m_hosts)
        followMembers(*workspace);
}

void Loop::dispatch(LoopInput input)
{
    const Now now = readClocks();
    if (auto *command = std::get_if<WorkspaceCommand>(&input)) {
        if (std::holds_alternative<api::RetryStore>(command->command))
            m_storage->retry();
        step(command->workspace, std::move(command->command));
    } else if (const auto *subscribed = std::get_if<WorkspaceSubscribed>(&input)) {
        if (WorkspaceHost *workspace = host(subscribed->workspace); workspace != nullptr)
            workspace->subscribe(subscribed->ticket, now);
    } else if (auto *wish = std::get_if<api::LobbyCommand>(&input)) {
        take(std::move(*wish));
    } else if (const auto *listener = std::get_if<LobbySubscribed>(&input)) {
        tellEverything(listener->ticket);
    } else if (auto *events = std::get_if<std::vector<net::MeshEvent>>(&input)) {
        take(std::move(*events));
    } else if (const auto *outcome = std::get_if<StoreThread::Outcome>(&input)) {
        if (WorkspaceHost *workspace = host(outcome->workspace); workspace != nullptr)
            workspace->stored(*outcome, now);
    } else if (auto *work = std::get_if<std::function<void(Loop &)>>(&input)) {
        (*work)(*this);
    }
}

WorkspaceHost *Loop::host(const WorkspaceId &id)
{
    const auto found = m_hosts.find(id);
    return found == m_hosts.end() ? nullptr : found->second.get();
}

void Loop::step(const WorkspaceId &id, engine::Event event)
{
    if (WorkspaceHost *workspace = host(id); workspace != nullptr)
        workspace->step(std::move(event), readClocks());
}

void Loop::beginIdentity()
{
    const Self *self = m_profile.self();
    if (self == nullptr)
        return;
    if (m_founder) { // renamed, or its device renewed: the desk goes on
        *m_founder = self->clone();
        return;
    }
    m_founder.emplace(self->clone());
    m_desk = std::make_unique<FoundingDesk>(*m_founder, m_scheme, m_random);
}

// ---- Workspaces --------------------------------------------------------------------------------

void Loop::openStored()
{
    if (m_profile.self() == nullptr)
        return;
    for (const WorkspaceId &id : m_profile.workspaces())
        openWorkspace(id);
    tellWorkspaces();
}

namespace {

api::LobbyTrouble::Kind troubleOf(store::StoreError::Kind kind)
{
    using Kind = api::LobbyTrouble::Kind;
    switch (kind) {
    case store::StoreError::Kind::Full:
        return Kind::DiskFull;
    case store::StoreError::Kind::ReadOnly:
        return Kind::DiskReadOnly;
    case store::StoreError::Kind::InUse:
        return Kind::ProfileInUse;
    case store::StoreError::Kind::Damaged:
    case store::StoreError::Kind::Conflict:
        return Kind::StoreDamaged;
    case store::StoreError::Kind::Failed:
        return Kind::DiskFailed;
    }
    return Kind::StoreDamaged;
}

const Bytes *metaOf(const store::StoredWorkspace &stored, std::string_view key)
{
    const auto found = std::ranges::find(stored.meta, key, &store::MetaRow::key);
    return found == stored.meta.end() ? nullptr : &found->value;
}

} // namespace

void Loop::keepClosed(const WorkspaceId &id, api::LobbyTrouble trouble)
{
    trouble.detail = m_profile.workspaceFolder(id).string() + ": " + trouble.detail;
    m_closed[id] = trouble;
    tell(trouble.kind, std::move(trouble.detail));
}

void Loop::openWorkspace(const WorkspaceId &id)
{
    m_closed.erase(id);
    auto opened = store::SqliteStore::open(m_profile.workspaceFolder(id));
    if (!opened) {
        keepClosed(id, {troubleOf(opened.error().kind), opened.error().detail});
        return;
    }
    auto stored = (*opened)->load();
    if (!stored) {
        keepClosed(id, {troubleOf(stored.error().kind), stored.error().detail});
        return;
    }
    const Bytes *record = metaOf(*stored, "genesis");
    const Bytes *keyBytes = metaOf(*stored, "key.0");
    if (record == nullptr && keyBytes == nullptr && stored->changes.empty())
        return; // a founding that stopped before anything was written: it is asked for again
    auto genesis = record != nullptr ? identity::SignedGenesis::decode(*record)
                                     : std::unexpected(Code::E_CANON);
    const Bytes *way = metaOf(*stored, "entrance");
    const auto entrance = way != nullptr ? Entrance::decode(*way) : std::nullopt;
    const bool isWhole = genesis && genesis->verify(m_scheme) && genesis->genesis.id() == id
        && (keyBytes != nullptr ? keyBytes->size() == 32 : entrance.has_value());
    if (!isWhole) {
        keepClosed(id,
                   {api::LobbyTrouble::Kind::StoreDamaged,
                    "the founding record in journal.db is missing or altered"});
        return;
    }
    std::optional<keys::WorkspaceKey> key;
    if (keyBytes != nullptr)
        key = keys::WorkspaceKey::from(ByteView(*keyBytes).first<32>());
    const Bytes *first = metaOf(*stored, "device.0"); // that the workspace began with here
    const auto device = first != nullptr && first->size() == 32
        ? identity::SecretKey::fromSeed(ByteView(*first).first<32>())
        : m_profile.self()->device.clone();
    const bool isMine = entrance || genesis->genesis.configuration().indexOf(device.publicKey());
    if (!isMine || (key && key->commitment() != genesis->genesis.keyCommit)) {
        keepClosed(id,
                   {api::LobbyTrouble::Kind::StoreDamaged,
                    "the key in journal.db belongs to other people or another computer"});
        return;
    }
    host(*genesis, device, std::move(key), entrance, std::move(*opened), std::move(*stored));
}

void Loop::host(const identity::SignedGenesis &genesis, const identity::SecretKey &device,
                std::optional<keys::WorkspaceKey> key, const std::optional<Entrance> &entrance,
                std::unique_ptr<store::Store> storage, store::StoredWorkspace stored)
{
    const Now now = readClocks();
    const WorkspaceId id = genesis.genesis.id();
    net::WorkspaceTag tag;
    tag.id = id;
    tag.discoveryKey = key ? key->discoveryKey() : entrance->discoveryKey;
    m_tags[id] = std::move(tag);
    m_records[id] = genesis.encode();
    if (entrance)
        m_guides[id] = entrance->guide;
    m_storage->add(id, std::move(storage));
    m_desk->know(id);
    const auto anchor = entrance ? std::optional(entrance->anchor) : std::nullopt;
    engine::EngineConfig config{genesis,  device.clone(), std::move(key),
                                m_scheme, m_random,       engine::BootGuard::On,
                                anchor,   std::nullopt,   m_options.dayLength};
    m_hosts[id] = std::make_unique<WorkspaceHost>(
        engine::Engine(std::move(config)), std::move(stored), *m_storage, m_network.get(),
        *m_secondPlace, std::make_shared<WorkspaceSlot>(), now);
    m_hosts[id]->keepBlobs(std::make_unique<BlobDesk>(id, m_profile.workspaceFolder(id) / "blobs",
                                                      *m_blobClerks, m_mailbox));
    std::error_code error;
    const auto written =
        std::filesystem::last_write_time(m_profile.workspaceFolder(id) / "lock", error);
    if (!error)
        m_hosts[id]->lastUsed =
            std::chrono::time_point_cast<Millis>(std::chrono::file_clock::to_sys(written));
    followMembers(*m_hosts[id]);
}

void Loop::followMembers(const WorkspaceHost &workspace)
{
    // Whoever may read belongs to the workspace; decisions change who that is. A newcomer knows the
    // newest of them long before it has all that was written in between.
    const engine::Engine &engine = workspace.engine();
    const identity::Configuration &present = engine.configuration();
    const identity::Configuration &newest = engine.knownConfiguration();
    const std::pair now{present.epoch, newest.epoch};
    const auto known = m_epochs.find(workspace.id());
    // A device that was revoked hears why before its session ends: what tells it waits for the
    // disk.
    if (known != m_epochs.end() && (known->second == now || !workspace.isStored()))
        return;
    m_epochs[workspace.id()] = now;
    std::set<PublicKey> members;
    for (const identity::Configuration *tables : {&present, &newest})
        for (const DeviceIndex reader : tables->readers())
            members.insert(tables->devices[reader.value].key);
    std::set<PublicKey> former;
    for (const identity::Device &device : newest.devices)
        if (!members.contains(device.key))
            former.insert(device.key);
    if (const identity::Device *mine = engine.myDevice(); mine != nullptr && !mine->mayRead) {
        members.clear(); // nobody talks to a device that was let go, and it need not ask
        former.clear();
    }
    const auto guide = m_guides.find(workspace.id());
    if (guide != m_guides.end() && engine.myDevice() == nullptr)
        members.insert(guide->second);
    net::WorkspaceTag &tag = m_tags.at(workspace.id());
    const std::vector<PublicKey> before = std::move(tag.members);
    tag.members.assign(members.begin(), members.end());
    tag.former.assign(former.begin(), former.end());
    forgetStrangers(before);
    applyMembers();
    dialMembers();
    settleDoor(workspace);
}

bool Loop::storeFounded(const Found &found)
{
    const WorkspaceId id = found.genesis.genesis.id();
    if (m_hosts.contains(id))
        return true;
    const store::Rows rows{store::MetaRow{"genesis", found.genesis.encode()},
                           store::MetaRow{"key.0", copyOf(found.key.view())}};
    return storeWorkspace(id, rows, found.hints);
}

bool Loop::storeWorkspace(const WorkspaceId &id, const store::Rows &rows, const Hints &hints)
{
    const std::filesystem::path folder = m_profile.workspaceFolder(id);
    std::error_code error;
    const bool isNew = !std::filesystem::exists(folder, error);
    auto opened = store::SqliteStore::open(folder);
    if (!opened) {
        if (isNew) // nothing was founded, and nothing of it stays
            std::filesystem::remove_all(folder, error);
        tell(troubleOf(opened.error().kind), opened.error().detail);
        return false;
    }
    if (const auto done = (*opened)->commit(rows, store::Sync::Full); !done) {
        tell(troubleOf(done.error().kind), done.error().detail);
        return false;
    }
    for (const Hint &hint : hints)
        if (hint.device != m_profile.self()->device.publicKey())
            (void)m_profile.rememberAddress(hint.device, hint.endpoint);
    opened->reset(); // closed, so that it is opened like any other
    openWorkspace(id);
    const auto opening = m_hosts.find(id);
    if (opening == m_hosts.end())
        return false;
    if (m_tags.at(id).members.size() > 1)
        ensureNetwork();
    dialMembers();
    tellWorkspaces();
    return true;
}

} // namespace nlbd::app
