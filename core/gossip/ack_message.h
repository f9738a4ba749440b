#pragma once

#include "core/base/ids.h"

#include <vector>

namespace nlbd {
class Reader;
class Writer;
} // namespace nlbd

/// How acknowledgements travel (PROTOCOL C5, C18).
namespace nlbd::gossip {

/// An ack travels bare if the receiver is believed to hold the same frontier, as the entries that
/// changed since the seat's ack `baseNo`, or with the full frontier (baseNo 0).
struct AckMessage {
    Bytes ack; ///< trust::Ack
    enum class Form : std::uint8_t { Bare = 0, Delta = 1, Full = 2 } form = Form::Full;
    std::uint64_t baseNo = 0;
    Bytes entries; ///< trust::Frontier; empty if bare
    friend bool operator==(const AckMessage &, const AckMessage &) = default;
};
/// What was gathered from others, or is missed: one frame for all of it.
struct Acks {
    std::vector<AckMessage> acks; ///< not empty; kMembersMax at most
    friend bool operator==(const Acks &, const Acks &) = default;
};
struct PullAcks {
    std::vector<SeatIndex> seats;
    friend bool operator==(const PullAcks &, const PullAcks &) = default;
};
/// A seat's newest ack: two with one number and different roots contradict each other.
struct AckPlace {
    SeatIndex seat;
    std::uint64_t no = 0;
    std::uint64_t root = 0; ///< first 8 bytes of the root
    friend bool operator==(const AckPlace &, const AckPlace &) = default;
};
struct AckNumbers {
    std::vector<AckPlace> places;
    bool isReply = false;
    friend bool operator==(const AckNumbers &, const AckNumbers &) = default;
};

void write(Writer &out, const AckMessage &m);
void write(Writer &out, const Acks &m);
void write(Writer &out, const PullAcks &m);
void write(Writer &out, const AckNumbers &m);

// Strict; what is wrong fails the reader.
[[nodiscard]] AckMessage readAck(Reader &in);
[[nodiscard]] Acks readAcks(Reader &in);
[[nodiscard]] PullAcks readPullAcks(Reader &in);
[[nodiscard]] AckNumbers readAckNumbers(Reader &in);

} // namespace nlbd::gossip
