// Certificates and polkas. Every signature holds, so that only their shape decides: what verifies
// must be a quorum of different seats.
#include "core/consensus/certificate.h"
#include "tests/fuzz/any_signature.h"

#include <algorithm>
#include <cstdlib>
#include <set>

using namespace nlbd;

namespace {

identity::Configuration fourSeats()
{
    identity::Configuration configuration;
    configuration.epoch = Epoch(3);
    for (std::uint16_t i = 0; i < 4; ++i) {
        configuration.devices.push_back({PublicKey{}, MemberIndex(i), true, true, Hash{}});
        configuration.seats.emplace_back(i);
    }
    return configuration;
}

template <typename Record>
void tryRecord(ByteView bytes)
{
    static const identity::Configuration kFour = fourSeats();
    static const fuzz::AnySignature kScheme;
    const auto record = Record::decode(bytes);
    if (!record)
        return;
    if (!std::ranges::equal(record->encode(), bytes))
        std::abort();
    if (!record->verify(kScheme, kFour))
        return;
    std::set<std::uint16_t> seats;
    for (const consensus::Vote &vote : record->votes())
        if (vote.epoch == kFour.epoch && vote.value == record->value && vote.seat.value < 4)
            seats.insert(vote.seat.value);
    if (seats.size() < 3)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const ByteView bytes = std::as_bytes(std::span(data, size));
    tryRecord<consensus::Certificate>(bytes);
    tryRecord<consensus::Polka>(bytes);
    return 0;
}
