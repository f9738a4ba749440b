// Kept drafts of foundings, as a profile gives them back at the next start.
#include "app/founding.h"

#include "core/base/check.h"
#include "core/base/codec.h"

#include <algorithm>

using namespace nlbd;

namespace {

/// The person of the corpus: every key from one seed.
app::Self makeSelf()
{
    SeededRandom random(20'251'126);
    app::Self self{
        "Ann", identity::SecretKey::generate(random), identity::SecretKey::generate(random), {}};
    self.certificate = certifyDevice(identity::Ed25519{}, *self.identity, self.device.publicKey());
    return self;
}

/// The draft's name: without the right one it is dropped at once. It stands in no file, so it is
/// found where the genesis record should be: u8 version, u8 stage, u8 is mine, 32 asker, then the
/// record as a blob.
Hash nameOf(ByteView bytes)
{
    Reader in(bytes);
    (void)in.raw(35);
    const auto genesis = identity::Genesis::decode(in.blob(64 * 1024));
    return genesis ? Hash{genesis->id().value} : Hash{};
}

/// Carries out what can be without a disk, and answers what was kept last.
std::map<Hash, Bytes> follow(app::FoundingDesk &desk)
{
    const identity::Ed25519 scheme;
    std::map<Hash, Bytes> kept;
    for (auto steps = desk.takeSteps(); !steps.empty(); steps = desk.takeSteps())
        for (app::FoundingStep &step : steps) {
            if (auto *keep = std::get_if<app::Keep>(&step))
                kept[keep->draft] = std::move(keep->bytes);
            else if (const auto *drop = std::get_if<app::Drop>(&step))
                kept.erase(drop->draft);
            else if (const auto *found = std::get_if<app::Found>(&step)) {
                CHECK(found->genesis.verify(scheme).has_value());
                CHECK(found->key.commitment() == found->genesis.genesis.keyCommit);
                desk.founded(found->genesis.genesis.id());
            }
        }
    return kept;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    static const app::Self kSelf = makeSelf();
    static const identity::Ed25519 kScheme;
    SeededRandom random(1);
    const Bytes bytes = copyOf(std::as_bytes(std::span(data, size)));
    const Hash name = nameOf(bytes);

    app::FoundingDesk desk(kSelf, kScheme, random);
    desk.restore({{name, bytes}});
    std::map<Hash, Bytes> kept = follow(desk);
    const auto present = desk.present();
    for (const api::FoundingInfo &info : present) {
        desk.answer(info.draft, true);
        kept.merge(follow(desk));
    }
    desk.repeat();
    (void)follow(desk);

    // What a desk keeps, the next one takes up.
    for (const auto &[draft, record] : kept) {
        app::FoundingDesk next(kSelf, kScheme, random);
        next.restore({{draft, record}});
        CHECK(std::ranges::none_of(next.takeSteps(), [](const app::FoundingStep &step) {
            return std::holds_alternative<app::Drop>(step);
        }));
        CHECK(!next.isEmpty());
    }
    return 0;
}
