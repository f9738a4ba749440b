#pragma once

#include "core/identity/secret_key.h"

#include <map>

namespace nlbd::keys {

/// The secret half of a care key (PROTOCOL C17, KEYCARE): an X25519 key that a device drew so that
/// the next workspace keys are sealed to it and no more to its signing key, which never turns.
class CareSecret {
public:
    [[nodiscard]] static CareSecret generate(Random &random);
    [[nodiscard]] static CareSecret from(std::span<const std::byte, 32> bytes);

    [[nodiscard]] const CareKey &publicKey() const noexcept { return m_public; }
    /// The 32 bytes to store; whoever has them opens what is sealed to the key.
    [[nodiscard]] const identity::SecretBytes &secret() const noexcept { return m_secret; }

private:
    CareSecret() = default;
    identity::SecretBytes m_secret; ///< wiped when it goes
    CareKey m_public;
};

/// False for a point of small order, to which nothing is sealed that others could not open, and for
/// one that is not written in its one canonical way.
[[nodiscard]] bool isUsable(const CareKey &key);

/// What a device has before it announced one: its signing key, converted. Nothing if that is no
/// point that anything can be sealed to.
[[nodiscard]] std::optional<CareKey> firstCareKeyOf(const PublicKey &device);

/// The secrets of one device: that of its signing key, and those that it drew. Borrows both.
class KeyHolder {
public:
    using Secrets = std::map<CareKey, CareSecret>;

    // NOLINTNEXTLINE(google-explicit-constructor): whoever never turned a key is its signing key
    KeyHolder(const identity::SecretKey &device)
        : m_device(device)
    {
    }
    KeyHolder(const identity::SecretKey &device, const Secrets &drawn)
        : m_device(device)
        , m_drawn(&drawn)
    {
    }

    [[nodiscard]] const PublicKey &device() const noexcept { return m_device.publicKey(); }
    [[nodiscard]] bool holds(const CareKey &key) const;
    /// X25519 with the secret of `key`; nothing if that is not held, or the point is of small
    /// order.
    [[nodiscard]] std::optional<identity::SecretBytes> shared(const CareKey &key,
                                                              const CareKey &point) const;

private:
    const identity::SecretKey &m_device;
    const Secrets *m_drawn = nullptr;
};

} // namespace nlbd::keys
