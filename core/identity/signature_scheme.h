#pragma once

#include "core/base/digest.h"
#include "core/identity/secret_key.h"

namespace nlbd::identity {

/// How records are signed: over context (16) | workspace id (32) | hash (32), 80 bytes, so that no
/// signature serves another kind of record or another workspace (PROTOCOL C2).
///
/// Two implementations: Ed25519 below, and a fast unforgeable one for the volume runs of the
/// simulator, which lives with the tests (PROTOCOL D1).
class SignatureScheme {
public:
    virtual ~SignatureScheme() = default;

    [[nodiscard]] virtual Signature sign(const SecretKey &key, const Domain &context,
                                         const WorkspaceId &workspace, const Hash &hash) const = 0;

    [[nodiscard]] virtual bool verify(const PublicKey &key, const Domain &context,
                                      const WorkspaceId &workspace, const Hash &hash,
                                      const Signature &signature) const = 0;
};

/// libsodium's strict Ed25519: refuses non-canonical S, small-order R and small-order keys.
class Ed25519 final : public SignatureScheme {
public:
    [[nodiscard]] Signature sign(const SecretKey &key, const Domain &context,
                                 const WorkspaceId &workspace, const Hash &hash) const override;
    [[nodiscard]] bool verify(const PublicKey &key, const Domain &context,
                              const WorkspaceId &workspace, const Hash &hash,
                              const Signature &signature) const override;
};

} // namespace nlbd::identity
