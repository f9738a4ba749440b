#include "core/identity/sealed_stream.h"

#include "core/base/check.h"

#include <algorithm>
#include <sodium.h>

namespace nlbd::identity {

namespace {

constexpr std::string_view kMagic = "nlbd-backup 1\n";

using State = crypto_secretstream_xchacha20poly1305_state;

static_assert(kStreamHeadBytes == kMagic.size() + 16 + 24);
static_assert(crypto_pwhash_SALTBYTES == 16);
static_assert(crypto_secretstream_xchacha20poly1305_HEADERBYTES == 24);
static_assert(kSealedPieceBytes - kPieceBytes == crypto_secretstream_xchacha20poly1305_ABYTES);
static_assert(alignof(State) == 1); // bytes only, so it stands anywhere in locked memory

/// The state holds the key, so it stands in locked memory.
State *stateOf(SecretBytes &bytes)
{
    return reinterpret_cast<State *>(bytes.bytes().data());
}

} // namespace

Bytes StreamHead::encode() const
{
    Bytes out;
    const auto add = [&out](ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
    add(bytesOf(kMagic));
    add(salt);
    add(stream);
    return out;
}

std::optional<StreamHead> StreamHead::decode(ByteView bytes)
{
    if (bytes.size() < kStreamHeadBytes || viewOf(bytes.first(kMagic.size())) != kMagic)
        return std::nullopt;
    StreamHead head;
    std::ranges::copy(bytes.subspan(kMagic.size(), head.salt.size()), head.salt.begin());
    std::ranges::copy(bytes.subspan(kMagic.size() + head.salt.size(), head.stream.size()),
                      head.stream.begin());
    return head;
}

std::optional<SecretBytes> keyFromPassphrase(std::string_view passphrase, const ByteArray<16> &salt)
{
    SecretBytes key(crypto_secretstream_xchacha20poly1305_KEYBYTES);
    if (crypto_pwhash(ucharsOut(key.bytes()), key.bytes().size(), passphrase.data(),
                      passphrase.size(), uchars(salt), crypto_pwhash_OPSLIMIT_MODERATE,
                      crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13)
        != 0)
        return std::nullopt;
    return key;
}

StreamSealer::StreamSealer(const SecretBytes &key)
    : m_state(sizeof(State))
{
    CHECK(key.view().size() == crypto_secretstream_xchacha20poly1305_KEYBYTES);
    crypto_secretstream_xchacha20poly1305_init_push(stateOf(m_state), ucharsOut(m_header),
                                                    uchars(key.view()));
}

Bytes StreamSealer::seal(ByteView plain, Piece piece)
{
    CHECK(plain.size() <= kPieceBytes);
    Bytes sealed(plain.size() + crypto_secretstream_xchacha20poly1305_ABYTES);
    const auto tag = static_cast<unsigned char>(
        piece == Piece::Last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                             : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
    crypto_secretstream_xchacha20poly1305_push(stateOf(m_state), ucharsOut(sealed), nullptr,
                                               uchars(plain), plain.size(), nullptr, 0, tag);
    return sealed;
}

std::optional<StreamOpener> StreamOpener::begin(const SecretBytes &key, const ByteArray<24> &header)
{
    CHECK(key.view().size() == crypto_secretstream_xchacha20poly1305_KEYBYTES);
    StreamOpener opener;
    opener.m_state = SecretBytes(sizeof(State));
    if (crypto_secretstream_xchacha20poly1305_init_pull(stateOf(opener.m_state), uchars(header),
                                                        uchars(key.view()))
        != 0)
        return std::nullopt;
    return opener;
}

std::optional<StreamOpener::Opened> StreamOpener::open(ByteView sealed)
{
    if (sealed.size() < crypto_secretstream_xchacha20poly1305_ABYTES
        || sealed.size() > kSealedPieceBytes)
        return std::nullopt;
    Opened opened;
    opened.plain.resize(sealed.size() - crypto_secretstream_xchacha20poly1305_ABYTES);
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(stateOf(m_state), ucharsOut(opened.plain),
                                                   nullptr, &tag, uchars(sealed), sealed.size(),
                                                   nullptr, 0)
        != 0)
        return std::nullopt;
    opened.piece =
        tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL ? Piece::Last : Piece::More;
    return opened;
}

} // namespace nlbd::identity
