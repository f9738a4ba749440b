#pragma once

#include "tests/support/group.h"

#include <map>

namespace nlbd::sim {

/// What all honest computers of a run have shown of decisions and keys: there is one configuration
/// per epoch and one key per key epoch, for everybody and for ever (PROTOCOL D4, I6; C17).
class EpochsSeen {
public:
    explicit EpochsSeen(const test::FoundedGroup &group);

    /// Each says what contradicts something seen before; nothing if all is well.
    [[nodiscard]] std::optional<std::string> entered(const identity::Configuration &configuration);
    [[nodiscard]] std::optional<std::string> keyStored(KeyEpoch epoch, ByteView secret);

    [[nodiscard]] const identity::Configuration *at(Epoch epoch) const;
    [[nodiscard]] const identity::Configuration &newest() const
    {
        return m_epochs.rbegin()->second;
    }
    [[nodiscard]] const keys::WorkspaceKey *key(KeyEpoch epoch) const;
    [[nodiscard]] const std::map<KeyEpoch, keys::WorkspaceKey> &keys() const { return m_keys; }

    /// The device of a seat in an epoch, if the epoch was seen and has the seat.
    [[nodiscard]] std::optional<DeviceIndex> deviceOf(Epoch epoch, SeatIndex seat) const;
    /// No decision closed it in, and its device's right to write has ended: by `configuration`.
    [[nodiscard]] static bool isBeyond(const identity::Configuration &configuration,
                                       DeviceIndex device, Seq seq);

private:
    std::map<Epoch, identity::Configuration> m_epochs;
    std::map<KeyEpoch, keys::WorkspaceKey> m_keys;
};

} // namespace nlbd::sim
