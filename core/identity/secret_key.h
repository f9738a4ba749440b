#pragma once

#include "core/base/ids.h"
#include "core/base/random.h"

#include <expected>

namespace nlbd::identity {

/// Bytes that nobody else may read: in locked memory, wiped at the end, movable, never copied by
/// accident, never printed, never compared with ==.
class SecretBytes {
public:
    SecretBytes() = default;
    explicit SecretBytes(std::size_t size);
    /// Copies `bytes`; the caller wipes its own.
    [[nodiscard]] static SecretBytes copyOf(ByteView bytes);
    ~SecretBytes();
    SecretBytes(SecretBytes &&other) noexcept;
    SecretBytes &operator=(SecretBytes &&other) noexcept;
    SecretBytes(const SecretBytes &) = delete;
    SecretBytes &operator=(const SecretBytes &) = delete;

    /// A second copy, asked for by name.
    [[nodiscard]] SecretBytes clone() const { return copyOf(view()); }

    [[nodiscard]] ByteView view() const noexcept { return {m_data, m_size}; }
    [[nodiscard]] std::span<std::byte> bytes() noexcept { return {m_data, m_size}; }
    [[nodiscard]] std::span<const std::byte, 32> view32() const;
    [[nodiscard]] bool isEmpty() const noexcept { return m_size == 0; }

private:
    std::byte *m_data = nullptr;
    std::size_t m_size = 0;
};

/// An Ed25519 key that signs. Move-only.
class SecretKey {
public:
    /// A fresh key from `random`.
    [[nodiscard]] static SecretKey generate(Random &random);

    /// From the 32-byte seed that seed() gave.
    [[nodiscard]] static SecretKey fromSeed(std::span<const std::byte, 32> seed);

    [[nodiscard]] const PublicKey &publicKey() const noexcept { return m_public; }

    /// The 32 bytes to store; whoever has them is this key.
    [[nodiscard]] SecretBytes seed() const;

    /// libsodium's 64-byte form (seed, then public key), borrowed.
    [[nodiscard]] ByteView expanded() const noexcept { return m_secret.view(); }

    [[nodiscard]] SecretKey clone() const;

private:
    SecretKey() = default;
    SecretBytes m_secret;
    PublicKey m_public;
};

/// Curve25519 keys for CURVE sessions, derived from a device key, so that whoever knows the device
/// knows how to reach it.
struct TransportKeys {
    ByteArray<32> publicKey{};
    SecretBytes secret;
};
[[nodiscard]] TransportKeys transportKeysOf(const SecretKey &key);

/// The transport key of another device; nothing if its bytes are no Ed25519 point of prime order.
[[nodiscard]] std::optional<ByteArray<32>> transportKeyOf(const PublicKey &key);

} // namespace nlbd::identity
