#include "core/keys/care_key.h"

#include <sodium.h>

namespace nlbd::keys {

namespace {

static_assert(crypto_scalarmult_SCALARBYTES == CareKey::kSize);
static_assert(crypto_scalarmult_BYTES == CareKey::kSize);

std::optional<identity::SecretBytes> multiply(ByteView secret, const CareKey &point)
{
    identity::SecretBytes shared(crypto_scalarmult_BYTES);
    if (crypto_scalarmult(ucharsOut(shared.bytes()), uchars(secret), uchars(point.view())) != 0)
        return std::nullopt;
    return shared;
}

/// Below 2^255 - 19, little-endian.
bool isCanonical(const CareKey &key)
{
    constexpr std::byte kTop{0x7f};
    constexpr std::byte kFull{0xff};
    constexpr std::byte kLowest{0xed};
    const auto &bytes = key.value;
    if (bytes[31] != kTop)
        return bytes[31] < kTop;
    for (std::size_t i = 30; i > 0; --i)
        if (bytes[i] != kFull)
            return true;
    return bytes[0] < kLowest;
}

} // namespace

CareSecret CareSecret::generate(Random &random)
{
    identity::SecretBytes drawn(CareKey::kSize);
    random.fill(drawn.bytes());
    return from(drawn.view32());
}

CareSecret CareSecret::from(std::span<const std::byte, 32> bytes)
{
    CareSecret result;
    result.m_secret = identity::SecretBytes::copyOf(bytes);
    crypto_scalarmult_base(ucharsOut(result.m_public.value), uchars(result.m_secret.view()));
    return result;
}

bool isUsable(const CareKey &key)
{
    // A clamped scalar is a multiple of the cofactor: it sends every point of small order to zero,
    // which libsodium refuses. Which scalar does not matter.
    constexpr ByteArray<32> kAnyScalar{std::byte{8}};
    return isCanonical(key) && multiply(kAnyScalar, key).has_value();
}

std::optional<CareKey> firstCareKeyOf(const PublicKey &device)
{
    const auto point = identity::transportKeyOf(device);
    return point ? CareKey::from(*point) : std::nullopt;
}

bool KeyHolder::holds(const CareKey &key) const
{
    return (m_drawn != nullptr && m_drawn->contains(key)) || firstCareKeyOf(device()) == key;
}

std::optional<identity::SecretBytes> KeyHolder::shared(const CareKey &key,
                                                       const CareKey &point) const
{
    if (m_drawn != nullptr)
        if (const auto found = m_drawn->find(key); found != m_drawn->end())
            return multiply(found->second.secret().view(), point);
    if (firstCareKeyOf(device()) != key)
        return std::nullopt;
    return multiply(identity::transportKeysOf(m_device).secret.view(), point);
}

} // namespace nlbd::keys
