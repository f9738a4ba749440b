#pragma once

#include "core/base/time.h"
#include "core/identity/secret_key.h"
#include "net/mesh.h"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace nlbd::bench {

/// A mesh alone, without a workspace's engine: it shows itself, meets one other and passes frames.
class Neighbour {
public:
    /// In the network namespace of that open file; -1: on this computer's loopback device.
    explicit Neighbour(const std::string &name, int networkNamespace = -1);

    [[nodiscard]] bool isOpen() const noexcept { return m_mesh != nullptr; }
    void appear() { m_mesh->setVisible(m_card); }
    /// Somebody who shows himself.
    [[nodiscard]] bool sees(Millis patience);

    /// Both have a session, in a workspace that is nobody else's. Once.
    [[nodiscard]] bool meets(Neighbour &other, const std::string &host);
    void send(Bytes body, net::Lane lane);
    /// So many live frames have come.
    [[nodiscard]] bool takes(std::size_t live, Millis patience);
    [[nodiscard]] std::vector<std::int64_t> liveTimes() const; ///< nowNs(), as they came
    [[nodiscard]] std::size_t bulkTaken() const;               ///< bytes

private:
    void open(int networkNamespace);
    void take(const net::MeshEvent &event);
    template <typename Condition>
    [[nodiscard]] bool wait(Millis patience, Condition condition);

    SystemRandom m_random;
    identity::SecretKey m_device;
    net::Card m_card;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_hasSeen = false;
    std::optional<PeerId> m_peer;
    std::optional<WorkspaceId> m_shared;
    std::vector<std::int64_t> m_live;
    std::size_t m_bulk = 0;
    std::unique_ptr<net::Mesh> m_mesh; ///< the first to end
};

} // namespace nlbd::bench
