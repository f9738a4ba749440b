#include "net/beacon.h"

/// A datagram from anybody. Cards and goodbyes are signed: mutations of a good one end at the
/// signature, what comes before it must be read all the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace nlbd;
    const auto beacon = net::decodeBeacon(std::as_bytes(std::span(data, size)));
    if (!beacon)
        return 0;
    ByteArray<32> key{};
    if (const auto *sealed = std::get_if<net::SealedBeacon>(&*beacon))
        static_cast<void>(net::openSealed(*sealed, key));
    return 0;
}
