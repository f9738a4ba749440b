#include "core/identity/secret_key.h"

#include "core/base/check.h"

#include <cstring>
#include <sodium.h>
#include <utility>

namespace nlbd::identity {

SecretBytes::SecretBytes(std::size_t size)
    : m_size(size)
{
    CHECK(sodium_init() >= 0);
    m_data = static_cast<std::byte *>(sodium_malloc(size));
    CHECK(m_data != nullptr);
    sodium_memzero(m_data, size);
}

SecretBytes SecretBytes::copyOf(ByteView bytes)
{
    SecretBytes result(bytes.size());
    if (!bytes.empty())
        std::memcpy(result.m_data, bytes.data(), bytes.size());
    return result;
}

SecretBytes::~SecretBytes()
{
    if (m_data != nullptr)
        sodium_free(m_data);
}

SecretBytes::SecretBytes(SecretBytes &&other) noexcept
    : m_data(std::exchange(other.m_data, nullptr))
    , m_size(std::exchange(other.m_size, 0))
{
}

SecretBytes &SecretBytes::operator=(SecretBytes &&other) noexcept
{
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

std::span<const std::byte, 32> SecretBytes::view32() const
{
    CHECK(m_size == 32);
    return std::span<const std::byte, 32>(m_data, 32);
}

SecretKey SecretKey::generate(Random &random)
{
    SecretBytes seed(crypto_sign_SEEDBYTES);
    random.fill(seed.bytes());
    return fromSeed(seed.view32());
}

SecretKey SecretKey::fromSeed(std::span<const std::byte, 32> seed)
{
    SecretKey key;
    key.m_secret = SecretBytes(crypto_sign_SECRETKEYBYTES);
    crypto_sign_seed_keypair(ucharsOut(key.m_public.value), ucharsOut(key.m_secret.bytes()),
                             uchars(seed));
    return key;
}

SecretBytes SecretKey::seed() const
{
    return SecretBytes::copyOf(m_secret.view().first(crypto_sign_SEEDBYTES));
}

SecretKey SecretKey::clone() const
{
    SecretKey key;
    key.m_secret = m_secret.clone();
    key.m_public = m_public;
    return key;
}

TransportKeys transportKeysOf(const SecretKey &key)
{
    TransportKeys keys;
    keys.secret = SecretBytes(crypto_scalarmult_curve25519_BYTES);
    crypto_sign_ed25519_sk_to_curve25519(ucharsOut(keys.secret.bytes()), uchars(key.expanded()));
    crypto_scalarmult_base(ucharsOut(keys.publicKey), uchars(keys.secret.view()));
    return keys;
}

std::optional<ByteArray<32>> transportKeyOf(const PublicKey &key)
{
    ByteArray<32> result{};
    if (crypto_sign_ed25519_pk_to_curve25519(ucharsOut(result), uchars(key.view())) != 0)
        return std::nullopt;
    return result;
}

} // namespace nlbd::identity
