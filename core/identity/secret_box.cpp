#include "core/identity/secret_box.h"

#include <sodium.h>

namespace nlbd::identity {

Bytes sealBox(std::span<const std::byte, 32> key, std::span<const std::byte, 24> nonce,
              ByteView plaintext)
{
    Bytes box(plaintext.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(ucharsOut(box), nullptr, uchars(plaintext),
                                               plaintext.size(), nullptr, 0, nullptr, uchars(nonce),
                                               uchars(key));
    return box;
}

std::optional<Bytes> openBox(std::span<const std::byte, 32> key,
                             std::span<const std::byte, 24> nonce, ByteView box)
{
    if (box.size() < crypto_aead_xchacha20poly1305_ietf_ABYTES)
        return std::nullopt;
    Bytes plaintext(box.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(ucharsOut(plaintext), nullptr, nullptr,
                                                   uchars(box), box.size(), nullptr, 0,
                                                   uchars(nonce), uchars(key))
        != 0)
        return std::nullopt;
    return plaintext;
}

} // namespace nlbd::identity
