#pragma once

#include "core/base/random.h"
#include "core/identity/signature_scheme.h"

namespace nlbd::test {

/// Signatures for volume runs (PROTOCOL D1): a keyed digest under a secret of the run that names
/// the signer's public key. Nothing inside a simulation knows the secret, and sign() asks for the
/// secret key, so that nobody signs for another. About 200 times faster than Ed25519.
class FastSignatures final : public identity::SignatureScheme {
public:
    explicit FastSignatures(Random &random) { random.fill(m_secret); }

    [[nodiscard]] Signature sign(const identity::SecretKey &key, const Domain &context,
                                 const WorkspaceId &workspace, const Hash &hash) const override
    {
        return made(key.publicKey(), context, workspace, hash);
    }

    [[nodiscard]] bool verify(const PublicKey &key, const Domain &context,
                              const WorkspaceId &workspace, const Hash &hash,
                              const Signature &signature) const override
    {
        return made(key, context, workspace, hash) == signature;
    }

private:
    /// Both halves depend on every input, so that no bit of a signature is free.
    [[nodiscard]] Signature made(const PublicKey &key, const Domain &context,
                                 const WorkspaceId &workspace, const Hash &hash) const
    {
        const Hash first =
            keyedDigest(context, m_secret, {key.view(), workspace.view(), hash.view()});
        Signature signature;
        auto middle = std::copy(first.value.begin(), first.value.end(), signature.value.begin());
        std::transform(first.value.begin(), first.value.end(), middle,
                       [](std::byte b) { return ~b; });
        return signature;
    }

    ByteArray<32> m_secret{};
};

/// For tests that need no secret of their own.
[[nodiscard]] inline FastSignatures fastSignatures()
{
    SeededRandom random(99);
    return FastSignatures(random);
}

} // namespace nlbd::test
