#include "app/system_clock.h"
#include "core/base/check.h"
#include "core/base/utf8.h"
#include "core/gossip/message.h"
#include "core/store/memory_store.h"
#include "core/store/sqlite_store.h"
#include "crowd.h"

#include <sched.h>

namespace nlbd::bench {

namespace {

constexpr std::uint64_t kView = 1;
constexpr std::size_t kWritesAtOnce = 16; ///< so that sessions are served in between

/// The present start is the only one: nothing is copied here.
class NoSecondPlace final : public app::SecondPlace {
public:
    std::expected<std::optional<engine::BootMark>, app::ProfileError>
    read(const WorkspaceId &, const PublicKey &) const override
    {
        return std::nullopt;
    }
    std::expected<void, app::ProfileError> write(const WorkspaceId &,
                                                 const engine::BootMark &) override
    {
        return {};
    }
};

std::unique_ptr<store::Store> storeIn(const std::filesystem::path &folder)
{
    if (folder.empty())
        return std::make_unique<store::MemoryStore>();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    auto opened = store::SqliteStore::open(folder);
    return opened ? std::move(*opened) : nullptr;
}

} // namespace

struct CrowdMember::Running {
    SystemRandom random;
    identity::Ed25519 scheme;
    NoSecondPlace secondPlace;
    std::unique_ptr<app::StoreThread> storage;
    std::unique_ptr<app::Network> network = app::makeNetwork();
    std::unique_ptr<app::WorkspaceHost> host;
    std::map<PeerId, PublicKey> peers;
    bool wantsToOpen = false;
};

CrowdMember::CrowdMember(const test::FoundedGroup &group, std::size_t number, Place place,
                         std::filesystem::path folder)
    : m_group(group)
    , m_number(number)
    , m_place(std::move(place))
    , m_folder(std::move(folder))
{
}

CrowdMember::~CrowdMember()
{
    stop();
}

bool CrowdMember::start()
{
    m_inputs = std::make_shared<app::Mailbox<Input>>(4096);
    m_opened = 0;
    m_doc.reset();
    m_isOpen = false;
    m_thread = std::jthread([this](const std::stop_token &stop) { run(stop); });
    m_opened.wait(0);
    return m_opened == 1;
}

void CrowdMember::beginToStop()
{
    m_thread.request_stop();
    if (m_inputs)
        m_inputs->wake();
}

void CrowdMember::stop()
{
    if (!m_thread.joinable())
        return;
    beginToStop();
    m_thread.join();
    m_sessions = 0;
}

bool CrowdMember::open()
{
    if (m_place.networkNamespace >= 0 && setns(m_place.networkNamespace, CLONE_NEWNET) != 0)
        return false;
    auto storage = storeIn(m_folder);
    auto stored = storage ? storage->load() : std::unexpected(store::StoreError{});
    if (!stored)
        return false;
    Running &all = *m_running;
    app::NetworkOptions options;
    options.listen = net::Endpoint{m_place.host, 0};
    options.isLoopbackOnly = m_place.networkNamespace < 0;
    const auto port =
        all.network->open(m_group.devices[m_number], options,
                          [box = m_inputs](auto events) { box->put(std::move(events)); });
    if (!port)
        return false;
    m_port = *port;
    const WorkspaceId id = m_group.configuration.workspace;
    all.storage = std::make_unique<app::StoreThread>(
        [box = m_inputs](app::StoreThread::Outcome outcome) { box->post(std::move(outcome)); });
    all.storage->add(id, std::move(storage));
    engine::EngineConfig config{m_group.genesis, m_group.devices[m_number].clone(),
                                m_group.key.clone(), all.scheme, all.random};
    all.host = std::make_unique<app::WorkspaceHost>(
        engine::Engine(std::move(config)), std::move(*stored), *all.storage, all.network.get(),
        all.secondPlace, std::make_shared<app::WorkspaceSlot>(), app::readClocks());
    net::WorkspaceTag tag;
    tag.id = id;
    tag.discoveryKey = m_group.key.discoveryKey();
    std::vector<PublicKey> others;
    for (const identity::SecretKey &device : m_group.devices) {
        tag.members.push_back(device.publicKey());
        if (device.publicKey() != m_group.devices[m_number].publicKey())
            others.push_back(device.publicKey());
    }
    all.network->setAllowed(std::move(others));
    all.network->setWorkspaces({std::move(tag)});
    const auto ticket = all.host->slot->set([this](std::vector<api::Event> events) {
        for (const api::Event &event : events)
            look(event);
    });
    all.host->subscribe(ticket, app::readClocks());
    return true;
}

void CrowdMember::run(const std::stop_token &stop)
{
    m_running = std::make_unique<Running>();
    m_opened = open() ? 1 : -1;
    m_opened.notify_all();
    while (m_opened == 1 && !stop.stop_requested()) {
        app::WorkspaceHost &host = *m_running->host;
        const Millis left = host.wakeAt() - app::readClocks().mono;
        for (Input &input : m_inputs->takeAll(std::clamp(left, Millis{0}, Millis{1000})))
            take(std::move(input));
        if (host.wakeAt() <= app::readClocks().mono)
            host.step(engine::Tick{}, app::readClocks());
        if (std::exchange(m_running->wantsToOpen, false))
            host.step(api::Command{api::OpenDocument{*m_doc, kView}}, app::readClocks());
        if (const std::size_t held = host.engine().graph().size(); held != m_held) {
            m_heldAt = nowNs();
            m_held = held;
        }
    }
    m_inputs->close(); // the mesh's thread may be waiting for room in it
    m_running->network->stop();
    m_running->storage.reset();
    m_running.reset();
}

void CrowdMember::take(Input input)
{
    if (const auto *events = std::get_if<std::vector<net::MeshEvent>>(&input)) {
        for (const net::MeshEvent &event : *events)
            take(event);
    } else if (const auto *outcome = std::get_if<app::StoreThread::Outcome>(&input)) {
        m_running->host->stored(*outcome, app::readClocks());
    } else {
        std::get<Work>(input)(*this);
    }
}

void CrowdMember::take(const net::MeshEvent &event)
{
    const auto hasOurs = [this](const std::vector<WorkspaceId> &shared) {
        return std::ranges::count(shared, m_group.configuration.workspace) > 0;
    };
    if (const auto *up = std::get_if<net::SessionUp>(&event)) {
        share(up->peer, up->device, hasOurs(up->shared));
    } else if (const auto *shares = std::get_if<net::SessionShares>(&event)) {
        share(shares->peer, shares->device, hasOurs(shares->shared));
    } else if (const auto *down = std::get_if<net::SessionDown>(&event)) {
        m_lostAt = nowNs();
        share(down->peer, down->device, false);
    } else if (const auto *lost = std::get_if<net::Overflowed>(&event)) {
        m_running->host->step(engine::Overflowed{lost->peer}, app::readClocks());
    } else if (const auto *frame = std::get_if<net::FrameReceived>(&event)) {
        if (!frame->workspace || m_isSilent)
            return;
        countCopies(*frame);
        m_running->host->step(engine::FrameIn{frame->peer, frame->kind, frame->body},
                              app::readClocks());
    }
}

void CrowdMember::countCopies(const net::FrameReceived &frame)
{
    if (frame.kind != static_cast<std::uint8_t>(gossip::Kind::Push)
        && frame.kind != static_cast<std::uint8_t>(gossip::Kind::Changes))
        return;
    const auto message = gossip::decode(frame.kind, frame.body);
    if (!message)
        return;
    if (const auto *push = std::get_if<gossip::Push>(&*message))
        m_copies += push->changes.size();
    else if (const auto *changes = std::get_if<gossip::Changes>(&*message))
        m_copies += changes->changes.size();
}

void CrowdMember::share(PeerId peer, const PublicKey &device, bool isShared)
{
    auto &peers = m_running->peers;
    if (isShared)
        peers[peer] = device;
    else
        peers.erase(peer);
    m_sessions = peers.size();
    if (m_isSilent)
        return;
    if (isShared)
        m_running->host->peerUp(peer, device, app::readClocks());
    else
        m_running->host->peerDown(peer, app::readClocks());
}

// ---- what its view shows ----

void CrowdMember::note(std::array<std::atomic<std::int64_t>, kKeys> &times,
                       std::string_view letters)
{
    const std::size_t size = letterOf(0).size();
    for (std::size_t at = 0; at + size <= letters.size(); at += size) {
        const auto byte = [&](std::size_t i) {
            return static_cast<unsigned char>(letters[at + i]);
        };
        if ((byte(0) & 0xF0U) != 0xE0U)
            return; // no key of ours
        const char32_t scalar = (static_cast<char32_t>(byte(0) & 0x0FU) << 12U)
            | (static_cast<char32_t>(byte(1) & 0x3FU) << 6U)
            | static_cast<char32_t>(byte(2) & 0x3FU);
        const std::size_t key = scalar - kFirstLetter;
        std::int64_t none = 0;
        if (scalar >= kFirstLetter && key < kKeys)
            times[key].compare_exchange_strong(none, nowNs());
    }
}

void CrowdMember::look(const api::Event &event)
{
    if (const auto *list = std::get_if<api::DocumentsChanged>(&event)) {
        if (list->documents.empty() || m_doc || m_isSilent)
            return;
        m_doc = list->documents.front().doc;
        m_running->wantsToOpen = true;
    } else if (const auto *opened = std::get_if<api::DocumentOpened>(&event)) {
        m_patch = m_serial = 0;
        m_length = static_cast<std::int64_t>(utf8::length(opened->text));
        note(m_shown, opened->text);
        note(m_merged, opened->text);
        m_isOpen = true;
    } else if (const auto *patched = std::get_if<api::TextPatched>(&event)) {
        m_patch = patched->patch;
        for (const TextPatch &patch : patched->patches) {
            m_length += static_cast<std::int64_t>(utf8::length(patch.inserted));
            m_length -= static_cast<std::int64_t>(patch.removed);
            note(m_shown, patch.inserted);
            note(m_merged, patch.inserted);
        }
    } else if (const auto *caret = std::get_if<api::CaretMoved>(&event)) {
        if (caret->preview)
            note(m_shown, caret->preview->text);
    }
}

// ---- what it is told ----

void CrowdMember::dial(const CrowdMember &other)
{
    const net::Endpoint endpoint{other.m_place.host, other.m_port};
    const PublicKey device = m_group.devices[other.m_number].publicKey();
    m_inputs->post(Work([endpoint, device](CrowdMember &me) {
        me.m_running->network->dial(endpoint, device, net::Dialler::Persistence::UntilForgotten,
                                    false, FoundBy::Given);
    }));
}

void CrowdMember::createDocument()
{
    m_inputs->post(Work([](CrowdMember &me) {
        me.m_running->host->step(api::Command{api::CreateDocument{1, "Bench", {}}},
                                 app::readClocks());
    }));
}

void CrowdMember::type(std::size_t key)
{
    m_typed[key] = nowNs();
    m_inputs->post(Work([key](CrowdMember &me) {
        api::EditText edit{*me.m_doc,
                           kView,
                           me.m_patch,
                           ++me.m_serial,
                           {{static_cast<TextOffset>(me.m_length), 0, letterOf(key)}},
                           api::EditText::Cause::Typing};
        ++me.m_length;
        me.m_shown[key] = me.m_merged[key] = nowNs();
        me.m_running->host->step(api::Command{std::move(edit)}, app::readClocks());
    }));
}

void CrowdMember::write(std::shared_ptr<const Writing> writing)
{
    struct Pen {
        std::shared_ptr<const Writing> writing;
        std::size_t next = 0;
        static void go(CrowdMember &me, Pen pen)
        {
            const std::size_t end = std::min(pen.next + kWritesAtOnce, pen.writing->changes.size());
            for (; pen.next < end; ++pen.next)
                me.m_running->host->step(
                    engine::EditAsOf{*me.m_doc, {}, pen.writing->changes[pen.next]},
                    app::readClocks());
            if (end < pen.writing->changes.size())
                me.m_inputs->post(
                    Work([pen = std::move(pen)](CrowdMember &self) { go(self, pen); }));
        }
    };
    m_inputs->post(Work([pen = Pen{std::move(writing)}](CrowdMember &me) { Pen::go(me, pen); }));
}

std::string CrowdMember::text()
{
    constexpr Millis kPatience{60'000};
    const auto answer = std::make_shared<app::Answer<std::string>>();
    m_inputs->post(Work([answer](CrowdMember &me) {
        const auto text = me.m_doc ? me.m_running->host->engine().text(*me.m_doc) : std::nullopt;
        answer->set(text.value_or(""));
    }));
    std::string text;
    return answer->wait(kPatience, text) ? text : "no answer";
}

} // namespace nlbd::bench
