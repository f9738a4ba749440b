#pragma once

#include "core/base/codes.h"
#include "core/identity/configuration.h"
#include "core/identity/signature_scheme.h"

#include <expected>

namespace nlbd::identity {

/// A founder's line in the genesis record: who he is, the device he writes with, and his
/// certificate for it.
struct Founder {
    PublicKey identity;
    std::string name;
    PublicKey device;
    Signature certificate; ///< by identity, see certifyDevice()
    friend bool operator==(const Founder &, const Founder &) = default;
};

/// The first decision of a workspace: made by its founders together, signed by each. Founders stand
/// sorted by identity key: who asked the others is not recorded, for it gives no power.
///
///     u8  format level (1)
///     32  random
///     text name
///     varint count, then per founder: 32 identity | text name | 32 device | 64 certificate
///     32  commitment to the first workspace key
struct Genesis {
    ByteArray<32> random{};
    std::string name;
    std::vector<Founder> founders;
    Hash keyCommit;
    friend bool operator==(const Genesis &, const Genesis &) = default;

    [[nodiscard]] Bytes encode() const;

    /// Strict: canonical, sorted, distinct keys, valid names, 1 to kMembersMax founders.
    /// Certificates are checked by verify(). Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<Genesis, Code> decode(ByteView bytes);

    /// The workspace is named by the hash of its genesis record.
    [[nodiscard]] WorkspaceId id() const;

    /// Epoch 0: founder i is member i, device i and seat i.
    [[nodiscard]] Configuration configuration() const;
};

/// A genesis record with every founder's signature: what a workspace begins with on disk.
struct SignedGenesis {
    Genesis genesis;
    std::vector<Signature> signatures; ///< by founder, each with the identity key

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static std::expected<SignedGenesis, Code> decode(ByteView bytes);

    /// All certificates and all signatures hold. Errors: E_SIG.
    [[nodiscard]] std::expected<void, Code> verify(const SignatureScheme &scheme) const;
};

/// The identity's word that a device writes for it; the same in every workspace.
[[nodiscard]] Signature certifyDevice(const SignatureScheme &scheme, const SecretKey &identity,
                                      const PublicKey &device);
[[nodiscard]] bool isCertified(const SignatureScheme &scheme, const PublicKey &identity,
                               const PublicKey &device, const Signature &certificate);

/// A founder's signature under the genesis record.
[[nodiscard]] Signature signGenesis(const SignatureScheme &scheme, const SecretKey &identity,
                                    const Genesis &genesis);

} // namespace nlbd::identity
