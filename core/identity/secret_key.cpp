#include "core/identity/secret_key.h"

#include "core/base/check.h"

#include <cstring>
#include <map>
#include <sodium.h>
#include <utility>

namespace nlbd::identity {

namespace {

/// Each piece of locked memory has guarded pages of its own, which the kernel maps, locks and takes
/// back: 20 microseconds, several times for every box that is opened. A few pieces of each usual
/// size wait, wiped, for the next key of this thread. Nothing is to be destroyed, so that keys
/// which outlive their thread's other things find this whole.
class SpareMemory {
public:
    [[nodiscard]] std::byte *take(std::size_t size)
    {
        Shelf *shelf = shelfOf(size);
        if (shelf != nullptr && shelf->count > 0)
            return shelf->pieces[--shelf->count];
        return static_cast<std::byte *>(sodium_malloc(size));
    }

    void giveBack(std::byte *piece, std::size_t size)
    {
        Shelf *shelf = shelfOf(size);
        if (shelf == nullptr || shelf->count == shelf->pieces.size()) {
            sodium_free(piece);
            return;
        }
        sodium_memzero(piece, size);
        shelf->pieces[shelf->count++] = piece;
    }

private:
    struct Shelf {
        std::array<std::byte *, 8> pieces{};
        std::size_t count = 0;
    };
    [[nodiscard]] Shelf *shelfOf(std::size_t size)
    {
        if (size == 32)
            return &m_keys;
        return size == crypto_sign_SECRETKEYBYTES ? &m_signers : nullptr;
    }

    Shelf m_keys;
    Shelf m_signers;
};
static_assert(std::is_trivially_destructible_v<SpareMemory>);

thread_local constinit SpareMemory spare;

} // namespace

SecretBytes::SecretBytes(std::size_t size)
    : m_size(size)
{
    CHECK(sodium_init() >= 0);
    m_data = spare.take(size);
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
        spare.giveBack(m_data, m_size);
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
    // The same point as the base times the secret, and remembered.
    const auto point = transportKeyOf(key.publicKey());
    CHECK(point.has_value());
    keys.publicKey = *point;
    return keys;
}

std::optional<ByteArray<32>> transportKeyOf(const PublicKey &key)
{
    // Whether a point is of prime order costs as much as a signature, and every offer of a key asks
    // it again of everybody. Public, hence it may be remembered; bounded and ordered, since
    // keys come from outside.
    constexpr std::size_t kRememberedMax = 1024;
    thread_local std::map<PublicKey, std::optional<ByteArray<32>>> known;
    if (const auto found = known.find(key); found != known.end())
        return found->second;
    if (known.size() >= kRememberedMax)
        known.clear();
    std::optional<ByteArray<32>> result(std::in_place);
    if (crypto_sign_ed25519_pk_to_curve25519(ucharsOut(*result), uchars(key.view())) != 0)
        result.reset();
    known.emplace(key, result);
    return result;
}

} // namespace nlbd::identity
