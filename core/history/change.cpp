#include "core/history/change.h"

#include "core/base/check.h"
#include "core/base/codec.h"

namespace nlbd::history {

namespace {

Bytes encodeWith(const ChangeHeader &header, const Hash &payloadHash)
{
    CHECK(header.deps.size() <= UINT8_MAX);
    Writer out;
    out.u8(static_cast<std::uint8_t>(header.kind));
    out.u16(header.device.value);
    out.varint(header.seq.value);
    out.fixedBytes(header.prev);
    out.u32(header.epoch.value);
    out.u8(static_cast<std::uint8_t>(header.deps.size()));
    for (const DepRef &dep : header.deps) {
        out.u16(dep.device.value);
        out.varint(dep.seq.value);
        out.fixedBytes(dep.hash);
    }
    out.varint(header.lamport.value);
    out.i64(header.wallMs);
    out.u32(header.doc.value);
    out.u16(header.keyEpoch.value);
    out.u16(header.opCount);
    out.u32(header.payloadBytes);
    out.fixedBytes(payloadHash);
    return std::move(out).take();
}

} // namespace

Bytes ChangeHeader::encode() const
{
    return encodeWith(*this, payloadHash);
}

Hash ChangeHeader::hash() const
{
    return digest(domains::kChange, encode());
}

Hash ChangeHeader::associated() const
{
    return digest(domains::kAssociated, encodeWith(*this, Hash{}));
}

} // namespace nlbd::history
