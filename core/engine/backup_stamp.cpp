#include "core/engine/backup_stamp.h"

#include "core/base/codec.h"
#include "core/identity/secret_key.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

constexpr std::uint8_t kUnknown = 2; // SelfGuard::Reason::Unknown: put back elsewhere

const Bytes *valueOf(const std::vector<store::MetaRow> &meta, std::string_view key)
{
    const auto row = std::ranges::find(meta, key, &store::MetaRow::key);
    return row == meta.end() ? nullptr : &row->value;
}

/// The key that signs in that folder, as SelfGuard::signer has it after a start.
PublicKey signerOf(const std::vector<store::MetaRow> &meta, const PublicKey &first)
{
    for (const char *key : {"device", "device.0"}) // gone on with; begun with
        if (const Bytes *seed = valueOf(meta, key); seed != nullptr && seed->size() == 32)
            return identity::SecretKey::fromSeed(ByteView(*seed).first<32>()).publicKey();
    return first;
}

} // namespace

std::vector<store::MetaRow> stampOfCopy(const std::vector<store::MetaRow> &meta,
                                        const PublicKey &first, Random &random)
{
    const PublicKey signer = signerOf(meta, first);
    Writer copy;
    copy.fixedBytes(signer);
    copy.u8(kUnknown);
    BootRow boot;
    if (const Bytes *stored = valueOf(meta, "boot"))
        boot = BootRow::decode(*stored).value_or(boot);
    boot.now.device = signer;
    boot.isKept = true;
    random.fill(boot.now.mark);
    random.fill(boot.previous);
    return {store::MetaRow{"copy", std::move(copy).take()}, store::MetaRow{"boot", boot.encode()}};
}

} // namespace nlbd::engine
