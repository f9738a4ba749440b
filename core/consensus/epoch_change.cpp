#include "core/consensus/epoch_change.h"

#include "core/base/check.h"
#include "core/base/mutant.h"
#include "core/consensus/closing_frontier.h"
#include "core/consensus/configuration_codec.h"
#include "core/consensus/newcomer_rule.h"

#include <limits>
#include <set>

namespace nlbd::consensus {

namespace {

using identity::ChainHeads;
using identity::Configuration;
using identity::Device;
using identity::Member;
using identity::Role;
using identity::Standing;

constexpr std::size_t kRowsMax = std::numeric_limits<std::uint16_t>::max();

char lowered(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// A configuration on which proposals are tried one after the other.
class Draft {
public:
    Draft(const Configuration &now, const ChainHeads &closing)
        : m_next(now)
        , m_closing(closing)
        , m_nextEpoch(now.epoch.next())
    {
    }

    /// False if the proposal is moot.
    bool apply(const Proposal &proposal)
    {
        m_author = proposal.author;
        m_signer = proposal.device;
        return std::visit(*this, proposal.wish);
    }

    bool operator()(const Admit &wish)
    {
        if (m_next.indexOf(wish.device) || m_next.devices.size() >= kRowsMax
            || isKeptOut(wish, m_next))
            return false;
        const auto known = m_next.memberWith(wish.identity);
        if (known && member(*known).standing != Standing::Gone)
            return addCompanion(*known, wish.device);
        if (isNameTaken(wish.name, m_next) || countHere() >= limits::kMembersMax
            || m_next.members.size() >= kRowsMax)
            return false;
        const Member row{
            .identity = wish.identity, .name = wish.name, .role = wish.role, .invitedBy = m_author};
        const MemberIndex place =
            known.value_or(MemberIndex(static_cast<std::uint16_t>(m_next.members.size())));
        if (known)
            member(*known) = row;
        else
            m_next.members.push_back(row);
        addDevice(place, wish.device, true);
        return true;
    }

    bool operator()(const ChangeRole &wish)
    {
        Member &row = member(wish.member);
        if (row.standing == Standing::Gone || row.role == wish.role)
            return false;
        row.role = wish.role;
        for (DeviceIndex index : devicesOf(wish.member)) {
            if (wish.role == Role::Reader)
                endPen(index);
            else
                grantPen(device(index));
        }
        return true;
    }

    bool operator()(const SetPolicy &wish)
    {
        if (m_next.policy == wish.policy)
            return false;
        m_next.policy = wish.policy;
        return true;
    }

    bool operator()(const MoveSeat &wish)
    {
        if (member(m_author).standing == Standing::Gone || m_moved.contains(m_author))
            return false;
        const auto old = seatDeviceOf(m_author);
        auto target = m_next.indexOf(wish.device);
        if (target) {
            const Device &known = device(*target);
            if (known.member != m_author || !known.mayRead || known.penEnd || target == old)
                return false;
        } else if (m_next.devices.size() >= kRowsMax || isFull(m_author)) {
            return false;
        }
        if (old) {
            endPen(*old);
            device(*old).hasSeat = false;
        }
        if (target)
            device(*target).hasSeat = true;
        else
            addDevice(m_author, wish.device, true);
        m_moved.insert(m_author);
        return true;
    }

    bool operator()(const MakeDormant &wish)
    {
        Member &row = member(wish.member);
        if (row.standing != Standing::Active || !seatDeviceOf(wish.member)
            || seatsBeside(wish.member) == 0)
            return false;
        row.standing = Standing::Dormant;
        return true;
    }

    bool operator()(const Wake &)
    {
        Member &row = member(m_author);
        if (row.standing != Standing::Dormant || (m_signer && !device(*m_signer).hasSeat))
            return false;
        row.standing = Standing::Active;
        return true;
    }

    bool operator()(const Leave &)
    {
        if (m_signer && !device(*m_signer).hasSeat)
            return false;
        return removeMember(m_author);
    }

    bool operator()(const RemoveMember &wish) { return removeMember(wish.member); }

    bool operator()(const RemoveDevice &wish)
    {
        Device &row = device(wish.device);
        if (!row.mayRead || (row.hasSeat && seatsBeside(row.member) == 0))
            return false;
        removeDevice(wish.device);
        return true;
    }

    bool operator()(const Fence &wish)
    {
        if (!device(wish.device).mayWrite)
            return false;
        fence(wish.device);
        return true;
    }

    bool operator()(const TakeCheckpoint &)
    {
        m_needsStateRoot = true;
        return true;
    }

    bool operator()(const Rekey &)
    {
        m_needsKey = true;
        return true;
    }

    /// Of two in one value the first counts: which one must not hang on the order of arrival.
    bool operator()(const TurnKey &wish)
    {
        Device &row = device(wish.device);
        if (!row.mayRead || row.careKey == wish.key || !m_turned.insert(wish.device).second)
            return false;
        row.careKey = wish.key;
        return true;
    }

    /// The pen ends; the seat too, unless nobody else could decide anything afterwards.
    void fence(DeviceIndex index)
    {
        if (!NLBD_MUTANT("fence-blunt"))
            endPen(index);
        Device &row = device(index);
        if (row.hasSeat && seatsBeside(row.member) > 0)
            row.hasSeat = false;
    }

    [[nodiscard]] const Configuration &next() const { return m_next; }
    [[nodiscard]] Configuration take() && { return std::move(m_next); }
    [[nodiscard]] bool needsKey() const { return m_needsKey; }
    [[nodiscard]] bool needsStateRoot() const { return m_needsStateRoot; }

private:
    Member &member(MemberIndex index)
    {
        CHECK(index.value < m_next.members.size());
        return m_next.members[index.value];
    }
    Device &device(DeviceIndex index)
    {
        CHECK(index.value < m_next.devices.size());
        return m_next.devices[index.value];
    }

    [[nodiscard]] std::vector<DeviceIndex> devicesOf(MemberIndex member) const
    {
        std::vector<DeviceIndex> result;
        for (std::size_t i = 0; i < m_next.devices.size(); ++i)
            if (m_next.devices[i].member == member)
                result.emplace_back(static_cast<std::uint16_t>(i));
        return result;
    }

    [[nodiscard]] std::optional<DeviceIndex> seatDeviceOf(MemberIndex member) const
    {
        for (DeviceIndex index : devicesOf(member))
            if (m_next.devices[index.value].hasSeat)
                return index;
        return std::nullopt;
    }

    [[nodiscard]] std::size_t seatsBeside(MemberIndex member) const
    {
        std::size_t count = 0;
        for (DeviceIndex seat : seatsOf(m_next))
            count += m_next.devices[seat.value].member == member ? 0 : 1;
        return count;
    }

    [[nodiscard]] std::size_t countHere() const
    {
        return static_cast<std::size_t>(std::ranges::count_if(
            m_next.members, [](const Member &row) { return row.standing != Standing::Gone; }));
    }

    [[nodiscard]] bool isFull(MemberIndex member) const
    {
        std::size_t used = 0;
        for (DeviceIndex index : devicesOf(member))
            used += m_next.devices[index.value].mayRead ? 1 : 0;
        return used >= 1 + limits::kCompanionsMax;
    }

    bool addCompanion(MemberIndex index, const PublicKey &key)
    {
        if (isFull(index))
            return false;
        addDevice(index, key, !seatDeviceOf(index));
        return true;
    }

    void addDevice(MemberIndex index, const PublicKey &key, bool hasSeat)
    {
        Device row{
            .key = key, .member = index, .hasSeat = hasSeat, .mayWrite = false, .admittedBy = {}};
        if (member(index).role == Role::Writer)
            grantPen(row);
        m_next.devices.push_back(std::move(row));
    }

    void grantPen(Device &row) const
    {
        if (row.penEnd || !row.mayRead || row.mayWrite)
            return;
        row.mayWrite = true;
        row.writesSince = m_nextEpoch;
    }

    void endPen(DeviceIndex index)
    {
        Device &row = device(index);
        if (!row.mayWrite)
            return;
        row.mayWrite = false;
        if (row.writesSince == m_nextEpoch) {
            row.writesSince = {}; // granted by this very decision: it never wrote
            return;
        }
        row.penEnd = identity::PenEnd{m_next.epoch, headsOf(m_closing, index)};
    }

    void removeDevice(DeviceIndex index)
    {
        endPen(index);
        Device &row = device(index);
        m_needsKey = m_needsKey || row.mayRead;
        row.mayRead = false;
        row.hasSeat = false;
        row.careKey.reset();
    }

    bool removeMember(MemberIndex index)
    {
        Member &row = member(index);
        if (row.standing == Standing::Gone || seatsBeside(index) == 0)
            return false;
        row.standing = Standing::Gone;
        for (DeviceIndex each : devicesOf(index))
            removeDevice(each);
        return true;
    }

    Configuration m_next; ///< its epoch stays that of now until the end
    const ChainHeads &m_closing;
    Epoch m_nextEpoch;
    MemberIndex m_author;
    std::optional<DeviceIndex> m_signer;
    std::set<MemberIndex> m_moved;  ///< whose seat moved: once per epoch
    std::set<DeviceIndex> m_turned; ///< whose care key turned: once per epoch
    bool m_needsKey = false;
    bool m_needsStateRoot = false;
};

void sortToApply(std::vector<const Proposal *> &proposals)
{
    std::vector<std::tuple<std::uint8_t, Hash, const Proposal *>> keyed;
    for (const Proposal *proposal : proposals)
        keyed.emplace_back(proposal->kind(), proposal->hash(), proposal);
    std::ranges::sort(keyed, [](const auto &a, const auto &b) {
        return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
    });
    std::ranges::transform(keyed, proposals.begin(),
                           [](const auto &key) { return std::get<2>(key); });
}

void fenceForkers(Draft &draft, const ChainHeads &closing)
{
    for (std::size_t i = 1; i < closing.size(); ++i)
        if (closing[i - 1].device == closing[i].device)
            draft.fence(closing[i].device);
}

/// Decided proposals stay known until they expire by themselves.
std::vector<identity::SpentProposal> spentAfter(const Configuration &now,
                                                const std::vector<const Proposal *> &proposals)
{
    std::vector<identity::SpentProposal> spent = now.spent;
    for (const Proposal *proposal : proposals)
        spent.push_back({proposal->hash(), proposal->lastEpoch});
    std::erase_if(spent, [&](const auto &entry) { return entry.lastEpoch <= now.epoch; });
    std::ranges::sort(spent);
    const auto repeated = std::ranges::unique(spent);
    spent.erase(repeated.begin(), repeated.end());
    return spent;
}

} // namespace

EpochChange planChange(const Configuration &now, std::vector<const Proposal *> proposals,
                       const ChainHeads &closing)
{
    sortToApply(proposals);
    Draft draft(now, closing);
    EpochChange change;
    for (const Proposal *proposal : proposals)
        if (!draft.apply(*proposal))
            change.moot.push_back(proposal->hash());
    std::ranges::sort(change.moot);
    fenceForkers(draft, closing);

    change.needsKey = draft.needsKey();
    change.needsStateRoot = draft.needsStateRoot();
    for (std::size_t i = 0; i < now.seats.size(); ++i)
        if (!draft.next().devices[now.seats[i].value].mayRead)
            change.departing.emplace_back(static_cast<std::uint16_t>(i));
    change.next = std::move(draft).take();
    change.next.epoch = now.epoch.next();
    change.next.previousDecision = now.decision;
    change.next.decision = {};
    change.next.closing = closing;
    change.next.spent = spentAfter(now, proposals);
    change.next.seats = seatsOf(change.next);
    return change;
}

Configuration finished(EpochChange change, const std::optional<Hash> &keyCommitment,
                       const std::optional<Hash> &stateRoot)
{
    CHECK(change.needsKey == keyCommitment.has_value());
    CHECK(change.needsStateRoot == stateRoot.has_value());
    if (keyCommitment) {
        change.next.keyEpoch = change.next.keyEpoch.next();
        change.next.keyCommit = *keyCommitment;
    }
    if (stateRoot)
        change.next.checkpoint =
            identity::Checkpoint{Epoch(change.next.epoch.value - 1), *stateRoot};
    return std::move(change.next);
}

bool isMoot(const Proposal &proposal, const Configuration &configuration)
{
    static const ChainHeads kNoHeads;
    return !Draft(configuration, kNoHeads).apply(proposal);
}

bool isNameTaken(std::string_view name, const Configuration &configuration)
{
    const auto isLike = [&](const Member &member) {
        return member.standing != Standing::Gone
            && std::ranges::equal(member.name, name, {}, lowered, lowered);
    };
    return std::ranges::any_of(configuration.members, isLike);
}

} // namespace nlbd::consensus
