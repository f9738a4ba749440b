#include "core/consensus/configuration_codec.h"

#include "core/base/limits.h"
#include "core/consensus/parts_codec.h"
#include "core/consensus/record_domains.h"
#include "core/identity/name_rules.h"

#include <limits>

namespace nlbd::consensus {

namespace {

using identity::Configuration;
using identity::Device;
using identity::Member;
using identity::PenEnd;
using identity::Standing;

constexpr std::size_t kConfigurationBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kMemberBytesMin = 32 + 2 + 1 + 1 + 2;
constexpr std::size_t kDeviceBytesMin = 32 + 2 + 1 + 32 + 4;
constexpr std::size_t kSpentBytes = 32 + 4;
constexpr std::size_t kRowsMax = std::numeric_limits<std::uint16_t>::max();

enum Flag : std::uint8_t {
    Seat = 1,
    Writes = 2,
    Reads = 4,
    PenEnded = 8,
    HasCareKey = 16,
    All = 31
};

void writeMember(Writer &out, const Member &member)
{
    out.fixedBytes(member.identity);
    out.text(member.name);
    out.u8(static_cast<std::uint8_t>(member.role));
    out.u8(static_cast<std::uint8_t>(member.standing));
    out.u16(member.invitedBy.value);
}

Member readMember(Reader &in)
{
    Member member;
    member.identity = in.fixedBytes<PublicKey>();
    member.name = in.text(limits::kNameBytesMax);
    member.role = readRole(in);
    const std::uint8_t standing = in.u8();
    if (standing < 1 || standing > 3 || !identity::isValidName(member.name))
        in.fail();
    member.standing = static_cast<Standing>(standing);
    member.invitedBy = MemberIndex(in.u16());
    return member;
}

void writeDevice(Writer &out, const Device &device, const Hash &decision)
{
    out.fixedBytes(device.key);
    out.u16(device.member.value);
    out.u8(static_cast<std::uint8_t>((device.hasSeat ? Seat : 0) | (device.mayWrite ? Writes : 0)
                                     | (device.mayRead ? Reads : 0) | (device.penEnd ? PenEnded : 0)
                                     | (device.careKey ? HasCareKey : 0)));
    out.fixedBytes(device.admittedBy == decision ? Hash{} : device.admittedBy);
    out.u32(device.writesSince.value);
    if (device.penEnd) {
        out.u32(device.penEnd->epoch.value);
        writeHeads(out, device.penEnd->heads);
    }
    if (device.careKey)
        out.fixedBytes(*device.careKey);
}

Device readDevice(Reader &in)
{
    Device device;
    device.key = in.fixedBytes<PublicKey>();
    device.member = MemberIndex(in.u16());
    const std::uint8_t flags = in.u8();
    device.hasSeat = (flags & Seat) != 0;
    device.mayWrite = (flags & Writes) != 0;
    device.mayRead = (flags & Reads) != 0;
    device.admittedBy = in.fixedBytes<Hash>();
    device.writesSince = Epoch(in.u32());
    const bool isEnded = (flags & PenEnded) != 0;
    const bool hasCareKey = (flags & HasCareKey) != 0;
    if (flags > All || (isEnded && device.mayWrite) || (device.mayWrite && !device.mayRead)
        || (hasCareKey && !device.mayRead))
        in.fail();
    if (isEnded) {
        PenEnd end{Epoch(in.u32())};
        end.heads = readHeads(in);
        device.penEnd = std::move(end);
    }
    if (hasCareKey)
        device.careKey = in.fixedBytes<CareKey>();
    return device;
}

void readTables(Reader &in, Configuration &configuration)
{
    const std::uint64_t members = in.varint(std::min(kRowsMax, in.left() / kMemberBytesMin));
    for (std::uint64_t i = 0; i < members && in.ok(); ++i)
        configuration.members.push_back(readMember(in));
    const std::uint64_t devices = in.varint(std::min(kRowsMax, in.left() / kDeviceBytesMin));
    for (std::uint64_t i = 0; i < devices && in.ok(); ++i)
        configuration.devices.push_back(readDevice(in));
}

void readSpent(Reader &in, Configuration &configuration)
{
    const std::uint64_t count = in.varint(in.left() / kSpentBytes);
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        identity::SpentProposal spent;
        spent.proposal = in.fixedBytes<Hash>();
        spent.lastEpoch = Epoch(in.u32());
        if (!configuration.spent.empty() && configuration.spent.back().proposal >= spent.proposal)
            in.fail();
        configuration.spent.push_back(spent);
    }
}

/// Every index leads into its table, and a member has one seat at most.
bool isSound(const Configuration &configuration)
{
    std::vector<bool> isSeated(configuration.members.size());
    for (const Member &member : configuration.members)
        if (member.invitedBy.value >= configuration.members.size())
            return false;
    for (const Device &device : configuration.devices) {
        if (device.member.value >= isSeated.size())
            return false;
        if (device.hasSeat && isSeated[device.member.value])
            return false;
        isSeated[device.member.value] = isSeated[device.member.value] || device.hasSeat;
    }
    const auto isKnown = [&](const identity::ChainHead &head) {
        return configuration.device(head.device) != nullptr;
    };
    return std::ranges::all_of(configuration.closing, isKnown) && !configuration.seats.empty()
        && configuration.seats.size() <= limits::kMembersMax
        && identity::isValidName(configuration.name);
}

} // namespace

Bytes encodeConfiguration(const Configuration &configuration)
{
    Writer out;
    out.u8(configuration.formatLevel);
    out.fixedBytes(configuration.workspace);
    out.u32(configuration.epoch.value);
    out.fixedBytes(configuration.previousDecision);
    out.text(configuration.name);
    out.varint(configuration.members.size());
    for (const Member &member : configuration.members)
        writeMember(out, member);
    out.varint(configuration.devices.size());
    for (const Device &device : configuration.devices)
        writeDevice(out, device, configuration.decision);
    out.u16(configuration.keyEpoch.value);
    out.fixedBytes(configuration.keyCommit);
    writePolicy(out, configuration.policy);
    writeHeads(out, configuration.closing);
    out.varint(configuration.spent.size());
    for (const identity::SpentProposal &spent : configuration.spent) {
        out.fixedBytes(spent.proposal);
        out.u32(spent.lastEpoch.value);
    }
    out.u8(configuration.checkpoint ? 1 : 0);
    if (configuration.checkpoint) {
        out.u32(configuration.checkpoint->epoch.value);
        out.fixedBytes(configuration.checkpoint->stateRoot);
    }
    return std::move(out).take();
}

std::expected<Configuration, Code> decodeConfiguration(ByteView bytes, const Hash &decision)
{
    if (bytes.size() > kConfigurationBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    Reader in(bytes);
    Configuration configuration;
    configuration.formatLevel = in.u8();
    configuration.workspace = in.fixedBytes<WorkspaceId>();
    configuration.epoch = Epoch(in.u32());
    configuration.previousDecision = in.fixedBytes<Hash>();
    configuration.name = in.text(limits::kNameBytesMax);
    readTables(in, configuration);
    configuration.keyEpoch = KeyEpoch(in.u16());
    configuration.keyCommit = in.fixedBytes<Hash>();
    configuration.policy = readPolicy(in);
    configuration.closing = readHeads(in);
    readSpent(in, configuration);
    if (readFlag(in)) {
        identity::Checkpoint checkpoint;
        checkpoint.epoch = Epoch(in.u32());
        checkpoint.stateRoot = in.fixedBytes<Hash>();
        configuration.checkpoint = checkpoint;
    }
    if (!in.done())
        return std::unexpected(Code::E_CANON);
    // A hash that stands spelled out where zeros have to would be a second spelling.
    const auto isSpelledOut = [&](const Device &device) { return device.admittedBy == decision; };
    configuration.seats = seatsOf(configuration);
    if (!isSound(configuration)
        || (!decision.isZero() && std::ranges::any_of(configuration.devices, isSpelledOut)))
        return std::unexpected(Code::E_CANON);
    return completed(std::move(configuration), decision);
}

Hash hashOf(const Configuration &configuration)
{
    return digest(domains::kConfiguration, encodeConfiguration(configuration));
}

Configuration completed(Configuration configuration, const Hash &decision)
{
    configuration.decision = decision;
    for (Device &device : configuration.devices)
        if (device.admittedBy.isZero())
            device.admittedBy = decision;
    return configuration;
}

std::vector<DeviceIndex> seatsOf(const Configuration &configuration)
{
    std::vector<std::optional<DeviceIndex>> byMember(configuration.members.size());
    for (std::size_t i = 0; i < configuration.devices.size(); ++i) {
        const Device &device = configuration.devices[i];
        if (device.hasSeat && device.member.value < byMember.size())
            byMember[device.member.value] = DeviceIndex(static_cast<std::uint16_t>(i));
    }
    std::vector<DeviceIndex> seats;
    for (std::size_t i = 0; i < byMember.size(); ++i)
        if (byMember[i] && configuration.members[i].standing == Standing::Active)
            seats.push_back(*byMember[i]);
    return seats;
}

} // namespace nlbd::consensus
