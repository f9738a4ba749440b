#pragma once

#include "core/identity/signature_scheme.h"

namespace nlbd::history {

/// Looks at no signature and says the same of all: true of what was tried before the own disk took
/// it, false where there are none.
class UntriedSignatures : public identity::SignatureScheme {
public:
    explicit UntriedSignatures(bool answer)
        : m_answer(answer)
    {
    }

    [[nodiscard]] Signature sign(const identity::SecretKey &, const Domain &, const WorkspaceId &,
                                 const Hash &) const override
    {
        return {};
    }
    [[nodiscard]] bool verify(const PublicKey &, const Domain &, const WorkspaceId &, const Hash &,
                              const Signature &) const override
    {
        return m_answer;
    }

private:
    bool m_answer;
};

} // namespace nlbd::history
