#pragma once

#include "app/mailbox.h"
#include "app/network.h"
#include "app/second_place.h"
#include "app/store_thread.h"
#include "core/engine/engine.h"

#include <memory>
#include <set>

namespace nlbd::app {

class BlobDesk;
struct BlobClerks;

/// Where a workspace's view hangs on: shared by the view's thread and the engine loop.
using WorkspaceSlot = SinkSlot<api::Event>;

/// Drives one engine as engine/io.h asks: carries out its actions in order, holds back every Send
/// until the Persist that it depends on is durable, and wakes it in time. Lives on the engine loop.
class WorkspaceHost {
public:
    WorkspaceHost(engine::Engine engine, store::StoredWorkspace stored, StoreThread &storage,
                  Network *network, SecondPlace &secondPlace, std::shared_ptr<WorkspaceSlot> slot,
                  Now now);
    ~WorkspaceHost();

    void step(engine::Event event, Now now);
    void subscribe(WorkspaceSlot::Ticket ticket, Now now);
    void stored(const StoreThread::Outcome &outcome, Now now);

    void peerUp(PeerId peer, const PublicKey &device, Now now);
    void peerDown(PeerId peer, Now now);

    [[nodiscard]] const engine::Engine &engine() const noexcept { return m_engine; }
    /// Where attachments are kept; nothing: there are none.
    void keepBlobs(std::unique_ptr<BlobDesk> desk);
    [[nodiscard]] BlobDesk *blobs() const noexcept { return m_blobs.get(); }
    /// Beside what the engine tells.
    void tell(api::Event event);
    [[nodiscard]] const WorkspaceId &id() const { return m_engine.configuration().workspace; }
    /// The key that this folder goes on with in place of its first one, if it was renewed.
    [[nodiscard]] const std::optional<identity::SecretKey> &ownKey() const noexcept
    {
        return m_ownKey;
    }
    /// That key was drawn since the program started.
    [[nodiscard]] bool isRenewing() const noexcept { return m_isRenewing; }
    [[nodiscard]] MonoTime wakeAt() const noexcept { return m_wakeAt; }
    [[nodiscard]] const std::map<PeerId, PublicKey> &peers() const noexcept { return m_peers; }
    [[nodiscard]] const std::vector<std::string> &repairs() const noexcept { return m_repairs; }

    /// Everything asked of the store so far is durable.
    [[nodiscard]] bool isStored() const noexcept { return m_durable == m_asked; }
    /// Why it is not, if the disk refuses.
    [[nodiscard]] const std::optional<store::StoreError> &storeError() const noexcept
    {
        return m_storeError;
    }

    std::shared_ptr<WorkspaceSlot> slot;
    WallTime lastUsed{};

private:
    void carryOut(engine::Actions actions);
    [[nodiscard]] bool carryOutBlob(engine::Action &action);
    void send(const engine::Send &send);
    void disconnect(const engine::Disconnect &end);
    void keepCounters(Now now);

    engine::Engine m_engine;
    std::unique_ptr<BlobDesk> m_blobs;
    StoreThread &m_storage;
    SecondPlace &m_secondPlace;
    Network *m_network; ///< none: works alone on what is stored
    std::map<PeerId, PublicKey> m_peers;
    std::set<PeerId> m_guests;              ///< of these, devices that were let go before they came
    std::deque<engine::Send> m_held;        ///< wait for the disk, in order
    std::vector<engine::Disconnect> m_ends; ///< once what is held was sent
    std::vector<engine::KeepCounter> m_counters; ///< wait for the disk
    engine::PersistToken m_durable;
    engine::PersistToken m_asked;
    std::optional<store::StoreError> m_storeError;
    std::optional<identity::SecretKey> m_ownKey;
    bool m_isRenewing = false;
    std::vector<std::string> m_repairs;
    MonoTime m_wakeAt = MonoTime::max();
};

} // namespace nlbd::app
