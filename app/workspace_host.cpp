#include "app/workspace_host.h"

#include "app/blob_desk.h"

#include <algorithm>

namespace nlbd::app {

WorkspaceHost::WorkspaceHost(engine::Engine engine, store::StoredWorkspace stored,
                             StoreThread &storage, Network *network, SecondPlace &secondPlace,
                             std::shared_ptr<WorkspaceSlot> viewSlot, Now now)
    : slot(std::move(viewSlot))
    , m_engine(std::move(engine))
    , m_storage(storage)
    , m_secondPlace(secondPlace)
    , m_network(network)
    , m_repairs(stored.repairs)
{
    const auto seed = std::ranges::find(stored.meta, "device", &store::MetaRow::key);
    if (seed != stored.meta.end() && seed->value.size() == 32)
        m_ownKey = identity::SecretKey::fromSeed(ByteView(seed->value).first<32>());
    carryOut(m_engine.load(stored, now));
    const auto mark = m_secondPlace.read(id(), m_engine.signer());
    step(engine::KeychainCounter{mark.value_or(std::nullopt), mark.has_value(),
                                 m_network != nullptr},
         now);
}

WorkspaceHost::~WorkspaceHost() = default;

void WorkspaceHost::keepBlobs(std::unique_ptr<BlobDesk> desk)
{
    m_blobs = std::move(desk);
}

void WorkspaceHost::tell(api::Event event)
{
    std::vector<api::Event> events;
    events.push_back(std::move(event));
    slot->deliver(std::move(events));
}

void WorkspaceHost::keepCounters(Now now)
{
    while (!m_counters.empty() && m_counters.front().after <= m_durable) {
        const engine::BootMark mark = m_counters.front().mark;
        m_counters.erase(m_counters.begin());
        const bool isKept = m_secondPlace.write(id(), mark).has_value();
        step(engine::CounterKept{mark, isKept}, now);
    }
}

void WorkspaceHost::step(engine::Event event, Now now)
{
    if (const auto *renewal = std::get_if<engine::ContinueAs>(&event)) {
        m_ownKey = renewal->device.clone();
        m_isRenewing = true;
    }
    const auto *command = std::get_if<api::Command>(&event);
    if (command != nullptr && m_blobs) {
        if (const auto *attach = std::get_if<api::AttachFile>(command))
            static_cast<void>(m_blobs->attach(*attach));
        else if (const auto *save = std::get_if<api::SaveAttachment>(command))
            static_cast<void>(m_blobs->save(*save));
        else if (const auto *read = std::get_if<api::ReadAttachment>(command))
            m_blobs->read(*this, *read);
    }
    carryOut(m_engine.step(std::move(event), now));
}

void WorkspaceHost::subscribe(WorkspaceSlot::Ticket ticket, Now now)
{
    slot->begin(ticket);
    step(engine::Subscribe{}, now);
    std::vector<api::Event> events;
    for (const std::string &repair : m_repairs)
        events.emplace_back(api::Trouble{api::Trouble::Kind::StoreRecovered, repair, false});
    slot->deliver(std::move(events));
}

void WorkspaceHost::stored(const StoreThread::Outcome &outcome, Now now)
{
    if (outcome.read) {
        step(engine::RowsRead{*outcome.read}, now);
        return;
    }
    if (!outcome.result) {
        m_storeError = outcome.result.error();
        step(engine::PersistFailed{outcome.token, outcome.result.error()}, now);
        return;
    }
    m_storeError.reset();
    m_durable = std::max(m_durable, outcome.token);
    while (!m_held.empty() && m_held.front().after <= m_durable) {
        const engine::Send next = std::move(m_held.front());
        m_held.pop_front();
        send(next);
    }
    if (m_held.empty())
        for (const engine::Disconnect &end : std::exchange(m_ends, {}))
            disconnect(end);
    step(engine::Persisted{outcome.token}, now);
    keepCounters(now);
}

void WorkspaceHost::peerUp(PeerId peer, const PublicKey &device, Now now)
{
    if (!m_peers.try_emplace(peer, device).second)
        return;
    const identity::Configuration &known = m_engine.knownConfiguration();
    const auto row = known.indexOf(device);
    if (row && !known.device(*row)->mayRead)
        m_guests.insert(peer);
    step(engine::PeerUp{peer, device}, now);
}

void WorkspaceHost::peerDown(PeerId peer, Now now)
{
    if (m_peers.erase(peer) == 0)
        return;
    m_guests.erase(peer);
    std::erase_if(m_held, [peer](const engine::Send &held) { return held.peer == peer; });
    step(engine::PeerDown{peer}, now);
}

void WorkspaceHost::send(const engine::Send &what)
{
    if (m_network != nullptr && m_peers.contains(what.peer))
        m_network->send(what.peer, id(), what.kind, what.body,
                        what.isBulk ? net::Lane::Bulk : net::Lane::Live);
}

void WorkspaceHost::carryOut(engine::Actions actions)
{
    std::vector<api::Event> events;
    for (engine::Action &action : actions) {
        if (auto *what = std::get_if<engine::Send>(&action)) {
            if (what->after <= m_durable)
                send(*what);
            else
                m_held.push_back(std::move(*what));
        } else if (auto *persist = std::get_if<engine::Persist>(&action)) {
            m_asked = persist->token;
            m_storage.commit(id(), std::move(*persist));
        } else if (const auto *keep = std::get_if<engine::KeepCounter>(&action)) {
            m_counters.push_back(*keep);
        } else if (auto *notice = std::get_if<engine::Notify>(&action)) {
            events.push_back(std::move(notice->event));
        } else if (const auto *wake = std::get_if<engine::WakeAt>(&action)) {
            m_wakeAt = wake->when;
        } else if (carryOutBlob(action)) {
            continue;
        } else if (auto *doubt = std::get_if<engine::ReadBack>(&action)) {
            m_storage.readBack(id(), std::move(doubt->changes));
        } else if (const auto *absent = std::get_if<engine::Reach>(&action)) {
            if (m_network != nullptr)
                m_network->reach(absent->device);
        } else if (const auto *end = std::get_if<engine::Disconnect>(&action)) {
            const auto isForIt = [end](const engine::Send &held) { return held.peer == end->peer; };
            if (end->code == Code::E_NOT_MEMBER && std::ranges::any_of(m_held, isForIt))
                m_ends.push_back(*end); // a revoked device still hears that it was
            else
                disconnect(*end);
        }
    }
    slot->deliver(std::move(events));
}

bool WorkspaceHost::carryOutBlob(engine::Action &action)
{
    if (!m_blobs)
        return false;
    if (const auto *read = std::get_if<engine::ReadPiece>(&action))
        m_blobs->carryOut(*read);
    else if (auto *keep = std::get_if<engine::KeepPiece>(&action))
        m_blobs->carryOut(std::move(*keep));
    else if (const auto *begin = std::get_if<engine::BeginBlob>(&action))
        m_blobs->carryOut(*begin);
    else if (const auto *drop = std::get_if<engine::DropBlob>(&action))
        m_blobs->carryOut(*drop);
    else
        return false;
    return true;
}

void WorkspaceHost::disconnect(const engine::Disconnect &end)
{
    const auto peer = m_peers.find(end.peer);
    if (m_network == nullptr || peer == m_peers.end())
        return;
    if (m_guests.contains(end.peer)) { // another workspace may still be shared
        m_network->dismiss(peer->second, end.pause);
        return;
    }
    if (end.pause > Millis{0})
        m_network->mute(peer->second, end.pause);
    m_network->close(end.peer);
}

} // namespace nlbd::app
