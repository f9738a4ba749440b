// Evidence against a member who signed nothing: no bytes may ever prove anything.
#include "core/trust/evidence.h"

#include <algorithm>
#include <cstdlib>

using namespace nlbd;

namespace {

/// A group whose devices signed nothing: their secret keys were thrown away.
identity::Configuration silentGroup()
{
    SeededRandom random(20'251'124);
    identity::Configuration configuration;
    random.fill(configuration.workspace.value);
    for (std::uint16_t i = 0; i < 4; ++i) {
        const PublicKey key = identity::SecretKey::generate(random).publicKey();
        configuration.members.push_back({key, "Member"});
        configuration.devices.push_back({key, MemberIndex(i), true, true, Hash{}});
        configuration.seats.emplace_back(i);
    }
    return configuration;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const identity::Configuration kSilent = silentGroup();
    static const identity::Ed25519 kScheme;
    const ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto evidence = trust::Evidence::decode(bytes)) {
        if (!std::ranges::equal(evidence->encode(), bytes))
            std::abort();
        if (trust::check(*evidence, kSilent, kScheme).result
            != trust::CheckedEvidence::Result::DoesNotHold)
            std::abort();
    }
    return 0;
}
