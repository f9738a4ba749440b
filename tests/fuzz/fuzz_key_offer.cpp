// The workspace key sealed to founders: either my box opens and all boxes give the same key, or
// the offer is refused.
#include "core/keys/sealing.h"

#include "core/base/check.h"

#include <algorithm>

using namespace nlbd;

namespace {

struct World {
    std::vector<identity::SecretKey> devices;
    std::vector<keys::Recipient> recipients;
    Hash commitment;
};

/// Three devices and a key, the same ones that the corpus was made with.
World makeWorld()
{
    SeededRandom random(20'251'126);
    World world;
    for (int i = 0; i < 3; ++i) {
        world.devices.push_back(identity::SecretKey::generate(random));
        world.recipients.push_back(keys::recipientsAt({world.devices.back().publicKey()}).front());
    }
    world.commitment = keys::WorkspaceKey::generate(random).commitment();
    return world;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const World kWorld = makeWorld();
    const ByteView bytes = std::as_bytes(std::span(data, size));
    const auto offer = keys::KeyOffer::decode(bytes);
    if (!offer)
        return 0;
    CHECK(std::ranges::equal(offer->encode(), bytes));
    std::size_t opened = 0;
    for (const identity::SecretKey &device : kWorld.devices) {
        const auto key = keys::openOffer(*offer, kWorld.recipients, device, kWorld.commitment);
        opened += key ? 1U : 0U;
        CHECK(!key || keys::offerKey(*key, kWorld.recipients)->encode() == offer->encode());
    }
    CHECK(opened == 0 || opened == kWorld.devices.size());
    return 0;
}
