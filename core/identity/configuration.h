#pragma once

#include "core/base/digest.h"
#include "core/base/limits.h"

namespace nlbd::identity {

/// A person, decided into the member list.
struct Member {
    PublicKey identity;
    std::string name; ///< valid by name_rules
    friend bool operator==(const Member &, const Member &) = default;
};

/// A key that writes one hash chain in the workspace, certified by its member.
struct Device {
    PublicKey key;
    MemberIndex member;
    bool hasSeat = true;  ///< the one device of its member that acknowledges and votes
    bool mayWrite = true; ///< writers and readers; a removed device stays in the table without it
    Hash admittedBy;      ///< the decision that admitted it: `prev` of its first change
    friend bool operator==(const Device &, const Device &) = default;
};

/// What is decided at an epoch: the numbers that every record names are places in these tables.
struct Configuration {
    WorkspaceId workspace;
    Epoch epoch;
    Hash decision; ///< hash of the decision that made this configuration; epoch 0: the genesis hash
    std::string name;
    std::vector<Member> members;    ///< by MemberIndex
    std::vector<Device> devices;    ///< by DeviceIndex, never reused
    std::vector<DeviceIndex> seats; ///< by SeatIndex
    KeyEpoch keyEpoch;
    Hash keyCommit; ///< commitment to the workspace key of keyEpoch

    [[nodiscard]] const Device *device(DeviceIndex index) const noexcept
    {
        return index.value < devices.size() ? &devices[index.value] : nullptr;
    }
    [[nodiscard]] const Member *memberOf(DeviceIndex index) const noexcept
    {
        const Device *d = device(index);
        return d != nullptr && d->member.value < members.size() ? &members[d->member.value]
                                                                : nullptr;
    }
    [[nodiscard]] std::optional<DeviceIndex> indexOf(const PublicKey &key) const noexcept;
    [[nodiscard]] std::optional<SeatIndex> seatOf(DeviceIndex device) const noexcept;
};

/// n seats tolerate f = floor((n-1)/3) hostile ones.
[[nodiscard]] constexpr std::size_t toleratedFaults(std::size_t seats) noexcept
{
    return seats == 0 ? 0 : (seats - 1) / 3;
}

/// Q = floor(2n/3) + 1: two quorums share at least one honest seat (PROTOCOL 1).
[[nodiscard]] constexpr std::size_t quorumOf(std::size_t seats) noexcept
{
    return seats * 2 / 3 + 1;
}

} // namespace nlbd::identity
