#pragma once

#include "core/base/digest.h"
#include "core/base/limits.h"

namespace nlbd::identity {

/// A place in a device's hash chain.
struct ChainHead {
    DeviceIndex device;
    Seq seq;
    Hash head;
    friend constexpr auto operator<=>(const ChainHead &, const ChainHead &) = default;
};

/// Heads of a causally closed set of changes, ascending. Several of one device stand in it only
/// where the device forked.
using ChainHeads = std::vector<ChainHead>;

enum class Role : std::uint8_t { Writer = 1, Reader = 2 };

/// Dormant members keep their copy and their pen, but do not count in n. A row never leaves the
/// table: its index must keep its meaning for ever.
enum class Standing : std::uint8_t { Active = 1, Dormant = 2, Gone = 3 };

/// A person, decided into the member list.
struct Member {
    PublicKey identity;
    std::string name; ///< valid by name_rules
    Role role = Role::Writer;
    Standing standing = Standing::Active;
    MemberIndex invitedBy{}; ///< founders: themselves
    friend bool operator==(const Member &, const Member &) = default;
};

/// Where a device's right to write ended: what it wrote beyond these heads is void, whatever it
/// claims (PROTOCOL C15).
struct PenEnd {
    Epoch epoch; ///< the epoch that this decision closed
    ChainHeads heads{};
    friend bool operator==(const PenEnd &, const PenEnd &) = default;
};

/// A key that writes one hash chain in the workspace, certified by its member.
struct Device {
    PublicKey key;
    MemberIndex member;
    bool hasSeat = true;  ///< the one device of its member that acknowledges and votes
    bool mayWrite = true; ///< writers and readers; a removed device stays in the table without it
    Hash admittedBy;      ///< the decision that admitted it: `prev` of its first change
    Epoch writesSince{};  ///< the first epoch in which it may write, if it ever may
    bool mayRead = true;  ///< gets the next keys; false once it or its member was removed
    std::optional<PenEnd> penEnd{}; ///< set once and for ever
    /// What the next keys are sealed to, once it announced one; else its own key, converted.
    std::optional<CareKey> careKey{};
    friend bool operator==(const Device &, const Device &) = default;
};

/// What the members agreed on beside the tables. The numbers only make a seat approve; nothing is
/// decided by a clock.
struct Policy {
    std::string text;
    std::uint16_t dormantDays = 14;
    std::uint16_t rekeyDays = 30;
    std::uint32_t checkpointChanges = 5'000;
    std::uint32_t checkpointBytes = 8 * 1024 * 1024;
    bool newcomersReadPast = true; ///< false: nobody new comes in (newcomer_rule.h)
    friend bool operator==(const Policy &, const Policy &) = default;
};

/// A proposal that was decided, remembered until it expires by itself: it must not be decided
/// twice.
struct SpentProposal {
    Hash proposal;
    Epoch lastEpoch;
    friend constexpr auto operator<=>(const SpentProposal &, const SpentProposal &) = default;
};

/// The newest decided snapshot: the state at the closing frontier of `epoch`.
struct Checkpoint {
    Epoch epoch;
    Hash stateRoot;
    friend bool operator==(const Checkpoint &, const Checkpoint &) = default;
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
    Hash keyCommit;               ///< commitment to the workspace key of keyEpoch
    std::uint8_t formatLevel = 1; ///< never falls
    Policy policy{};
    Hash previousDecision{}; ///< epoch 0: zeros
    ChainHeads closing{};    ///< of the previous epoch, for every device that could write in it
    std::vector<SpentProposal> spent{}; ///< ascending
    std::optional<Checkpoint> checkpoint{};

    friend bool operator==(const Configuration &, const Configuration &) = default;

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
    /// The row of an identity, whatever its standing.
    [[nodiscard]] std::optional<MemberIndex> memberWith(const PublicKey &identity) const noexcept;
    /// Who gets a new key: devices that may read, ascending.
    [[nodiscard]] std::vector<DeviceIndex> readers() const;
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
