#pragma once

#include "core/base/digest.h"
#include "core/identity/signature_scheme.h"

#include <unordered_map>

namespace nlbd::test {

/// Another scheme that verifies each signature once: in a simulation every member asks the same.
/// Whether a signature holds depends on nothing else.
class RememberingSignatures final : public identity::SignatureScheme {
public:
    explicit RememberingSignatures(const identity::SignatureScheme &scheme)
        : m_scheme(scheme)
    {
    }

    [[nodiscard]] Signature sign(const identity::SecretKey &key, const Domain &context,
                                 const WorkspaceId &workspace, const Hash &hash) const override
    {
        return m_scheme.sign(key, context, workspace, hash);
    }

    [[nodiscard]] bool verify(const PublicKey &key, const Domain &context,
                              const WorkspaceId &workspace, const Hash &hash,
                              const Signature &signature) const override
    {
        const Hash question =
            digest(context, {key.view(), workspace.view(), hash.view(), ByteView(signature.value)});
        const auto [answer, isNew] = m_answers.try_emplace(question, false);
        if (isNew)
            answer->second = m_scheme.verify(key, context, workspace, hash, signature);
        return answer->second;
    }

private:
    const identity::SignatureScheme &m_scheme;
    mutable std::unordered_map<Hash, bool> m_answers;
};

} // namespace nlbd::test
