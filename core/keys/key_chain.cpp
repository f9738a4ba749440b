#include "core/keys/key_chain.h"

#include "core/base/digest.h"

#include <sodium.h>

namespace nlbd::keys {

namespace {

constexpr ByteArray<crypto_secretbox_NONCEBYTES> kNonce{};
static_assert(std::tuple_size_v<PastKey> == 32 + crypto_secretbox_MACBYTES);

identity::SecretBytes linkKey(const WorkspaceKey &after)
{
    const Hash key = keyedDigest(domains::kSeal, after.view(), {bytesOf("past")});
    return identity::SecretBytes::copyOf(key.view());
}

} // namespace

PastKey sealPastKey(const WorkspaceKey &after, const WorkspaceKey &before)
{
    PastKey sealed{};
    crypto_secretbox_easy(ucharsOut(sealed), uchars(before.view()), before.view().size(),
                          uchars(kNonce), uchars(linkKey(after).view()));
    return sealed;
}

std::expected<WorkspaceKey, Code> openPastKey(const WorkspaceKey &after, const PastKey &sealed,
                                              const Hash &commitmentBefore)
{
    identity::SecretBytes opened(32);
    if (crypto_secretbox_open_easy(ucharsOut(opened.bytes()), uchars(sealed), sealed.size(),
                                   uchars(kNonce), uchars(linkKey(after).view()))
        != 0)
        return std::unexpected(Code::E_KEY_OFFER);
    WorkspaceKey before = WorkspaceKey::from(opened.view32());
    if (before.commitment() != commitmentBefore)
        return std::unexpected(Code::E_KEY_COMMIT);
    return before;
}

} // namespace nlbd::keys
