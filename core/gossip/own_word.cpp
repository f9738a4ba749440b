#include "core/gossip/own_word.h"

#include "core/base/codec.h"
#include "core/base/limits.h"

namespace nlbd::gossip {

namespace {

constexpr std::size_t kRecordBytesMax = limits::kPayloadBytesMax + 4096; // a payload and its header
constexpr std::size_t kAckBytesMax = 256;
constexpr std::size_t kVoteBytesMax = 256;

} // namespace

void write(Writer &out, const AskOwn &m)
{
    out.u16(m.device.value);
}
AskOwn readAskOwn(Reader &in)
{
    return AskOwn{DeviceIndex(in.u16())};
}

void write(Writer &out, const Own &m)
{
    out.u16(m.device.value);
    out.blob(m.change);
    out.blob(m.ack);
    out.u32(m.epoch.value);
    out.blob(m.close);
    out.blob(m.vote);
}
Own readOwn(Reader &in)
{
    Own m;
    m.device = DeviceIndex(in.u16());
    m.change = copyOf(in.blob(kRecordBytesMax));
    m.ack = copyOf(in.blob(kAckBytesMax));
    m.epoch = Epoch(in.u32());
    m.close = copyOf(in.blob(kRecordBytesMax));
    m.vote = copyOf(in.blob(kVoteBytesMax));
    return m;
}

} // namespace nlbd::gossip
