#include "core/consensus/parts_codec.h"

#include "core/consensus/proposal.h"

namespace nlbd::consensus {

namespace {

constexpr std::size_t kHeadBytesMin = 2 + 1 + 32;

} // namespace

void writePolicy(Writer &out, const identity::Policy &policy)
{
    out.text(policy.text);
    out.u16(policy.dormantDays);
    out.u16(policy.rekeyDays);
    out.u32(policy.checkpointChanges);
    out.u32(policy.checkpointBytes);
    out.u8(policy.newcomersReadPast ? 1 : 0);
}

identity::Policy readPolicy(Reader &in)
{
    identity::Policy policy;
    policy.text = in.text(kPolicyTextBytesMax);
    policy.dormantDays = in.u16();
    policy.rekeyDays = in.u16();
    policy.checkpointChanges = in.u32();
    policy.checkpointBytes = in.u32();
    policy.newcomersReadPast = readFlag(in);
    return policy;
}

bool readFlag(Reader &in)
{
    const std::uint8_t flag = in.u8();
    if (flag > 1)
        in.fail();
    return flag == 1;
}

identity::Role readRole(Reader &in)
{
    const std::uint8_t role = in.u8();
    if (role < 1 || role > 2)
        in.fail();
    return role == 2 ? identity::Role::Reader : identity::Role::Writer;
}

void writeHeads(Writer &out, const identity::ChainHeads &heads)
{
    out.varint(heads.size());
    for (const identity::ChainHead &head : heads) {
        out.u16(head.device.value);
        out.varint(head.seq.value);
        out.fixedBytes(head.head);
    }
}

identity::ChainHeads readHeads(Reader &in)
{
    const std::uint64_t count = in.varint(in.left() / kHeadBytesMin);
    identity::ChainHeads heads;
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
        identity::ChainHead head;
        head.device = DeviceIndex(in.u16());
        head.seq = Seq(in.varint());
        head.head = in.fixedBytes<Hash>();
        if (head.seq == Seq(0) || (!heads.empty() && heads.back() >= head))
            in.fail();
        heads.push_back(head);
    }
    return heads;
}

} // namespace nlbd::consensus
