#pragma once

#include "core/base/ids.h"

namespace nlbd {
class Reader;
class Writer;
} // namespace nlbd

/// What a computer asks after a start, before it signs anything (PROTOCOL C13).
namespace nlbd::gossip {

/// "What is the last that you hold of this device of mine?"
struct AskOwn {
    DeviceIndex device;
    friend bool operator==(const AskOwn &, const AskOwn &) = default;
};
/// The answer: all signed by the device itself, so that nobody can make it believe what it never
/// said. Empty if nothing is held.
struct Own {
    DeviceIndex device;
    Bytes change{}; ///< of its highest seq, history::encodeFull
    Bytes ack{};    ///< its seat's newest, trust::Ack
    Epoch epoch{};  ///< in which the sender is: of that are the acks, and what follows
    Bytes close{};  ///< its seat's report, consensus::Close
    Bytes vote{};   ///< its seat's newest, consensus::Vote
    friend bool operator==(const Own &, const Own &) = default;
};

void write(Writer &out, const AskOwn &m);
void write(Writer &out, const Own &m);

[[nodiscard]] AskOwn readAskOwn(Reader &in);
[[nodiscard]] Own readOwn(Reader &in);

} // namespace nlbd::gossip
