#include "core/identity/signature_scheme.h"

#include <sodium.h>

namespace nlbd::identity {

namespace {

ByteArray<80> signedBytes(const Domain &context, const WorkspaceId &workspace, const Hash &hash)
{
    ByteArray<80> bytes{};
    auto end = std::copy(context.value.begin(), context.value.end(), bytes.begin());
    end = std::copy(workspace.value.begin(), workspace.value.end(), end);
    std::copy(hash.value.begin(), hash.value.end(), end);
    return bytes;
}

} // namespace

Signature Ed25519::sign(const SecretKey &key, const Domain &context, const WorkspaceId &workspace,
                        const Hash &hash) const
{
    const ByteArray<80> bytes = signedBytes(context, workspace, hash);
    Signature signature;
    crypto_sign_detached(ucharsOut(signature.value), nullptr, uchars(bytes), bytes.size(),
                         uchars(key.expanded()));
    return signature;
}

bool Ed25519::verify(const PublicKey &key, const Domain &context, const WorkspaceId &workspace,
                     const Hash &hash, const Signature &signature) const
{
    const ByteArray<80> bytes = signedBytes(context, workspace, hash);
    return crypto_sign_verify_detached(uchars(signature.view()), uchars(bytes), bytes.size(),
                                       uchars(key.view()))
        == 0;
}

} // namespace nlbd::identity
