#include "core/keys/payload_cipher.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/digest.h"

#include <cstring>
#include <sodium.h>

namespace nlbd::keys {

namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kPrefixBytes = 16;
static_assert(kNonceBytes + kPrefixBytes + kTagBytes == kPayloadOverhead);

using Nonce = ByteArray<kNonceBytes>;
using Prefix = ByteArray<kPrefixBytes>;

/// The key of one document, wiped when it leaves scope. On the stack: it lives for one call.
struct DocumentKey {
    Hash key;

    DocumentKey(const WorkspaceKey &workspaceKey, DocIndex doc)
    {
        Writer out;
        out.u32(doc.value);
        key = keyedDigest(domains::kDocumentKey, workspaceKey.view(), {out.bytes()});
    }
    ~DocumentKey() { sodium_memzero(key.value.data(), key.value.size()); }
    DocumentKey(const DocumentKey &) = delete;
    DocumentKey &operator=(const DocumentKey &) = delete;
};

/// Synthetic: two payloads share a nonce only if everything that goes into them is equal. The
/// header's digest takes part so that one Poly1305 key never authenticates two headers.
Nonce nonceOf(const DocumentKey &key, const PayloadContext &context, ByteView plaintext)
{
    Writer place;
    place.u16(context.device.value);
    place.u64(context.seq.value);
    const Hash full = keyedDigest(domains::kNonce, key.key.view(),
                                  {place.bytes(), context.associated.view(), plaintext});
    Nonce nonce;
    std::copy_n(full.value.begin(), nonce.size(), nonce.begin());
    return nonce;
}

Prefix committingPrefix(const DocumentKey &key, ByteView nonce)
{
    const Hash full = keyedDigest(domains::kCommit, key.key.view(), {nonce});
    Prefix prefix;
    std::copy_n(full.value.begin(), prefix.size(), prefix.begin());
    return prefix;
}

/// The first bytes of the plaintext before they are authenticated: they tell a wrong key from an
/// altered text. The data starts at block 1 of the stream; block 0 makes the Poly1305 key.
Prefix peekPrefix(const DocumentKey &key, ByteView nonce, ByteView ciphertext)
{
    Prefix prefix;
    crypto_stream_xchacha20_xor_ic(ucharsOut(prefix), uchars(ciphertext), prefix.size(),
                                   uchars(nonce), 1, uchars(key.key.view()));
    return prefix;
}

} // namespace

WorkspaceKey WorkspaceKey::generate(Random &random)
{
    WorkspaceKey result;
    result.m_key = identity::SecretBytes(32);
    random.fill(result.m_key.bytes());
    return result;
}

WorkspaceKey WorkspaceKey::from(std::span<const std::byte, 32> bytes)
{
    WorkspaceKey result;
    result.m_key = identity::SecretBytes::copyOf(bytes);
    return result;
}

Hash WorkspaceKey::commitment() const
{
    return digest(domains::kCommit, view());
}

ByteArray<32> WorkspaceKey::discoveryKey() const
{
    return keyedDigest(domains::kDiscovery, view(), {}).value;
}

Bytes sealPayload(const WorkspaceKey &key, const PayloadContext &context, ByteView plaintext)
{
    CHECK(plaintext.size() <= kPlaintextBytesMax);
    const DocumentKey documentKey(key, context.doc);
    const Nonce nonce = nonceOf(documentKey, context, plaintext);
    const Prefix prefix = committingPrefix(documentKey, nonce);

    Bytes committed(prefix.begin(), prefix.end());
    committed.insert(committed.end(), plaintext.begin(), plaintext.end());

    Bytes payload(nonce.begin(), nonce.end());
    payload.resize(kPayloadOverhead + plaintext.size());
    const std::span<std::byte> ciphertext = std::span(payload).subspan(kNonceBytes);
    const ByteView associated = context.associated.view();
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        ucharsOut(ciphertext), nullptr, uchars(committed), committed.size(), uchars(associated),
        associated.size(), nullptr, uchars(nonce), uchars(documentKey.key.view()));
    return payload;
}

std::expected<Bytes, Code> openPayload(const WorkspaceKey &key, const PayloadContext &context,
                                       ByteView payload)
{
    if (payload.size() < kPayloadOverhead || payload.size() > limits::kPayloadBytesMax)
        return std::unexpected(Code::E_BOUNDS);
    const DocumentKey documentKey(key, context.doc);
    const ByteView nonce = payload.first(kNonceBytes);
    const ByteView ciphertext = payload.subspan(kNonceBytes);
    const Prefix expected = committingPrefix(documentKey, nonce);
    const auto isExpected = [&expected](ByteView prefix) {
        return std::memcmp(prefix.data(), expected.data(), expected.size()) == 0;
    };

    Bytes committed(ciphertext.size() - kTagBytes);
    const ByteView associated = context.associated.view();
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            ucharsOut(committed), nullptr, nullptr, uchars(ciphertext), ciphertext.size(),
            uchars(associated), associated.size(), uchars(nonce), uchars(documentKey.key.view()))
        != 0)
        return std::unexpected(isExpected(peekPrefix(documentKey, nonce, ciphertext))
                                   ? Code::E_PAYLOAD_HASH
                                   : Code::E_KEY_COMMIT);
    if (!isExpected(ByteView(committed).first(kPrefixBytes)))
        return std::unexpected(Code::E_KEY_COMMIT);
    committed.erase(committed.begin(), committed.begin() + kPrefixBytes);
    return committed;
}

} // namespace nlbd::keys
