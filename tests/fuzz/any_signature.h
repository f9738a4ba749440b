#pragma once

#include "core/identity/signature_scheme.h"

namespace nlbd::fuzz {

/// Every signature holds: real ones would stop every mutation at once, and a copied device signs
/// whatever it likes.
class AnySignature final : public identity::SignatureScheme {
public:
    [[nodiscard]] Signature sign(const identity::SecretKey &, const Domain &, const WorkspaceId &,
                                 const Hash &) const override
    {
        return {};
    }
    [[nodiscard]] bool verify(const PublicKey &, const Domain &, const WorkspaceId &, const Hash &,
                              const Signature &) const override
    {
        return true;
    }
};

} // namespace nlbd::fuzz
