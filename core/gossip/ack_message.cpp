#include "core/gossip/ack_message.h"

#include "core/base/limits.h"
#include "core/gossip/message_parts.h"

namespace nlbd::gossip {

namespace {

constexpr std::size_t kAckBytesMax = 256;
constexpr std::size_t kFrontierBytesMax = 64 * 1024;

SeatIndex readSeat(Reader &in)
{
    return SeatIndex(static_cast<std::uint16_t>(in.varint(limits::kMembersMax)));
}

} // namespace

void write(Writer &out, const AckMessage &m)
{
    out.blob(m.ack);
    out.u8(static_cast<std::uint8_t>(m.form));
    out.varint(m.baseNo);
    out.blob(m.entries);
}
AckMessage readAck(Reader &in)
{
    AckMessage m;
    m.ack = copyOf(in.blob(kAckBytesMax));
    const std::uint8_t form = in.u8();
    if (form > static_cast<std::uint8_t>(AckMessage::Form::Full))
        in.fail();
    m.form = static_cast<AckMessage::Form>(form);
    m.baseNo = in.varint();
    m.entries = copyOf(in.blob(kFrontierBytesMax));
    const bool isDelta = m.form == AckMessage::Form::Delta;
    if (isDelta != (m.baseNo != 0) || (m.form == AckMessage::Form::Bare && !m.entries.empty()))
        in.fail();
    return m;
}

void write(Writer &out, const Acks &m)
{
    out.varint(m.acks.size());
    for (const AckMessage &ack : m.acks)
        write(out, ack);
}
Acks readAcks(Reader &in)
{
    constexpr std::size_t kSmallest = 4;
    Acks m{readList<AckMessage>(in, limits::kMembersMax, kSmallest, readAck)};
    if (m.acks.empty())
        in.fail();
    return m;
}

void write(Writer &out, const PullAcks &m)
{
    out.varint(m.seats.size());
    for (const SeatIndex seat : m.seats)
        out.varint(seat.value);
}
PullAcks readPullAcks(Reader &in)
{
    return PullAcks{readList<SeatIndex>(in, limits::kMembersMax, 1, readSeat)};
}

void write(Writer &out, const AckNumbers &m)
{
    out.varint(m.places.size());
    for (const AckPlace &place : m.places) {
        out.varint(place.seat.value);
        out.varint(place.no);
        out.u64(place.root);
    }
    writeBool(out, m.isReply);
}
AckNumbers readAckNumbers(Reader &in)
{
    AckNumbers m;
    m.places = readList<AckPlace>(in, limits::kMembersMax, 10, [](Reader &r) {
        AckPlace place;
        place.seat = readSeat(r);
        place.no = r.varint();
        place.root = r.u64();
        return place;
    });
    m.isReply = readBool(in);
    return m;
}

} // namespace nlbd::gossip
