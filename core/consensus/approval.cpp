#include "core/consensus/approval.h"

#include "core/base/codec.h"
#include "core/consensus/parts_codec.h"
#include "core/consensus/record_domains.h"

namespace nlbd::consensus {

namespace {

Bytes signedPart(const Approval &approval)
{
    Writer out;
    out.fixedBytes(approval.proposal);
    out.u16(approval.device.value);
    out.u64(approval.counter);
    out.u8(static_cast<std::uint8_t>(approval.answer));
    out.u32(approval.untilEpoch.value);
    return std::move(out).take();
}

} // namespace

Hash Approval::hash() const
{
    return digest(domains::kApproval, signedPart(*this));
}

Bytes Approval::encode() const
{
    Writer out;
    out.raw(signedPart(*this));
    out.fixedBytes(signature);
    return std::move(out).take();
}

std::expected<Approval, Code> Approval::decode(ByteView bytes)
{
    Reader in(bytes);
    Approval approval;
    approval.proposal = in.fixedBytes<Hash>();
    approval.device = DeviceIndex(in.u16());
    approval.counter = in.u64();
    approval.answer = readFlag(in) ? Answer::Yes : Answer::No;
    approval.untilEpoch = Epoch(in.u32());
    approval.signature = in.fixedBytes<Signature>();
    if (!in.done() || approval.counter == 0)
        return std::unexpected(Code::E_CANON);
    return approval;
}

Approval signApproval(const identity::SignatureScheme &scheme, const identity::SecretKey &key,
                      const WorkspaceId &workspace, Approval approval)
{
    approval.signature = scheme.sign(key, domains::kApproval, workspace, approval.hash());
    return approval;
}

std::expected<void, Code> verify(const Approval &approval,
                                 const identity::Configuration &configuration,
                                 const identity::SignatureScheme &scheme)
{
    const identity::Device *device = configuration.device(approval.device);
    if (device == nullptr)
        return std::unexpected(Code::E_NOT_MEMBER);
    if (!scheme.verify(device->key, domains::kApproval, configuration.workspace, approval.hash(),
                       approval.signature))
        return std::unexpected(Code::E_SIG);
    return {};
}

bool supersedes(const Approval &a, const Approval &b)
{
    return a.counter != b.counter ? a.counter > b.counter : a.hash() > b.hash();
}

} // namespace nlbd::consensus
