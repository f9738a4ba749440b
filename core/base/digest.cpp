#include "core/base/digest.h"

#include "core/base/check.h"

#include <sodium.h>

namespace nlbd {

namespace {

Hash digestParts(const Domain &domain, ByteView key, std::initializer_list<ByteView> parts)
{
    crypto_generichash_blake2b_state state;
    const int began = crypto_generichash_blake2b_init_salt_personal(
        &state, key.empty() ? nullptr : uchars(key), key.size(), Hash::kSize, nullptr,
        uchars(domain.value));
    CHECK(began == 0);
    for (const ByteView part : parts)
        crypto_generichash_blake2b_update(&state, uchars(part), part.size());
    Hash result;
    crypto_generichash_blake2b_final(&state, ucharsOut(std::span(result.value)), Hash::kSize);
    return result;
}

} // namespace

Hash digest(const Domain &domain, std::initializer_list<ByteView> parts)
{
    return digestParts(domain, {}, parts);
}

Hash digest(const Domain &domain, ByteView bytes)
{
    return digestParts(domain, {}, {bytes});
}

Hash keyedDigest(const Domain &domain, std::span<const std::byte, 32> key,
                 std::initializer_list<ByteView> parts)
{
    return digestParts(domain, key, parts);
}

} // namespace nlbd
