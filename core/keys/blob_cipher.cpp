#include "core/keys/blob_cipher.h"

#include "core/base/codec.h"

#include <sodium.h>

namespace nlbd::keys {

namespace {

constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

ByteArray<crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonceOf(std::uint32_t index)
{
    Writer out;
    out.u32(index);
    ByteArray<crypto_aead_xchacha20poly1305_ietf_NPUBBYTES> nonce{};
    std::copy(out.bytes().begin(), out.bytes().end(), nonce.begin());
    return nonce;
}

Bytes associatedOf(std::uint64_t size)
{
    Writer out;
    out.u64(size);
    return std::move(out).take();
}

} // namespace

Bytes sealPiece(BlobKey key, std::uint32_t index, std::uint64_t size, ByteView plain)
{
    Bytes sealed(plain.size() + kTagBytes);
    const auto nonce = nonceOf(index);
    const Bytes associated = associatedOf(size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(ucharsOut(sealed), nullptr, uchars(plain),
                                               plain.size(), uchars(associated), associated.size(),
                                               nullptr, uchars(nonce), uchars(key));
    return sealed;
}

std::expected<Bytes, Code> openPiece(BlobKey key, std::uint32_t index, std::uint64_t size,
                                     ByteView sealed)
{
    if (sealed.size() < kTagBytes)
        return std::unexpected(Code::E_PAYLOAD_HASH);
    Bytes plain(sealed.size() - kTagBytes);
    const auto nonce = nonceOf(index);
    const Bytes associated = associatedOf(size);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            ucharsOut(plain), nullptr, nullptr, uchars(sealed), sealed.size(), uchars(associated),
            associated.size(), uchars(nonce), uchars(key))
        != 0)
        return std::unexpected(Code::E_PAYLOAD_HASH);
    return plain;
}

} // namespace nlbd::keys
