#include "core/keys/sealing.h"

#include "core/base/check.h"
#include "core/base/digest.h"
#include "core/base/limits.h"

#include <sodium.h>

namespace nlbd::keys {

namespace {

/// A seat and up to five companions per member (PROTOCOL C9).
constexpr std::size_t kRecipientsMax = limits::kMembersMax * 6;
constexpr std::size_t kBoxBytes = 48;
static_assert(kBoxBytes == 32 + crypto_secretbox_MACBYTES);

/// A key per (ephemeral, recipient) that seals once, hence a fixed nonce is a fresh one.
constexpr ByteArray<crypto_secretbox_NONCEBYTES> kNonce{};

identity::SecretBytes ephemeralSecret(const WorkspaceKey &key)
{
    const Hash secret = keyedDigest(domains::kSeal, key.view(), {bytesOf("eph")});
    return identity::SecretBytes::copyOf(secret.view());
}

/// Nothing if the point is of small order.
std::optional<identity::SecretBytes> boxKey(const identity::SecretBytes &secret, ByteView point,
                                            ByteView ephemeral, ByteView recipient)
{
    identity::SecretBytes shared(crypto_scalarmult_BYTES);
    if (crypto_scalarmult(ucharsOut(shared.bytes()), uchars(secret.view()), uchars(point)) != 0)
        return std::nullopt;
    const Hash key = keyedDigest(domains::kSeal, shared.view32(), {ephemeral, recipient});
    return identity::SecretBytes::copyOf(key.view());
}

std::optional<WorkspaceKey> openBox(const KeyOffer &offer, const ByteArray<48> &box,
                                    const identity::SecretKey &me)
{
    const identity::TransportKeys mine = identity::transportKeysOf(me);
    const auto key = boxKey(mine.secret, offer.ephemeral, offer.ephemeral, mine.publicKey);
    if (!key)
        return std::nullopt;
    identity::SecretBytes opened(32);
    if (crypto_secretbox_open_easy(ucharsOut(opened.bytes()), uchars(box), box.size(),
                                   uchars(kNonce), uchars(key->view()))
        != 0)
        return std::nullopt;
    return WorkspaceKey::from(opened.view32());
}

} // namespace

Bytes KeyOffer::encode() const
{
    Bytes bytes(ephemeral.begin(), ephemeral.end());
    for (const auto &box : boxes)
        bytes.insert(bytes.end(), box.begin(), box.end());
    return bytes;
}

std::expected<KeyOffer, Code> KeyOffer::decode(ByteView bytes)
{
    KeyOffer offer;
    if (bytes.size() < offer.ephemeral.size() + kBoxBytes
        || (bytes.size() - offer.ephemeral.size()) % kBoxBytes != 0)
        return std::unexpected(Code::E_CANON);
    if (bytes.size() > offer.ephemeral.size() + kRecipientsMax * kBoxBytes)
        return std::unexpected(Code::E_BOUNDS);
    std::ranges::copy(bytes.first(offer.ephemeral.size()), offer.ephemeral.begin());
    for (ByteView rest = bytes.subspan(offer.ephemeral.size()); !rest.empty();
         rest = rest.subspan(kBoxBytes)) {
        ByteArray<kBoxBytes> box;
        std::ranges::copy(rest.first(kBoxBytes), box.begin());
        offer.boxes.push_back(box);
    }
    return offer;
}

std::expected<KeyOffer, Code> offerKey(const WorkspaceKey &key,
                                       const std::vector<PublicKey> &recipients)
{
    if (recipients.empty() || recipients.size() > kRecipientsMax)
        return std::unexpected(Code::E_KEY_OFFER);
    const identity::SecretBytes secret = ephemeralSecret(key);
    KeyOffer offer;
    crypto_scalarmult_base(ucharsOut(offer.ephemeral), uchars(secret.view()));
    for (const PublicKey &recipient : recipients) {
        const auto point = identity::transportKeyOf(recipient);
        if (!point)
            return std::unexpected(Code::E_KEY_OFFER);
        const auto box = boxKey(secret, *point, offer.ephemeral, *point);
        if (!box)
            return std::unexpected(Code::E_KEY_OFFER);
        ByteArray<kBoxBytes> sealed;
        crypto_secretbox_easy(ucharsOut(sealed), uchars(key.view()), key.view().size(),
                              uchars(kNonce), uchars(box->view()));
        offer.boxes.push_back(sealed);
    }
    return offer;
}

std::expected<WorkspaceKey, Code> openOwnBox(const KeyOffer &offer,
                                             const std::vector<PublicKey> &recipients,
                                             const identity::SecretKey &me, const Hash &commitment)
{
    const auto mine = std::ranges::find(recipients, me.publicKey());
    if (mine == recipients.end() || offer.boxes.size() != recipients.size())
        return std::unexpected(Code::E_KEY_OFFER);
    const auto place = static_cast<std::size_t>(mine - recipients.begin());
    std::optional<WorkspaceKey> key = openBox(offer, offer.boxes[place], me);
    if (!key)
        return std::unexpected(Code::E_KEY_OFFER);
    if (key->commitment() != commitment)
        return std::unexpected(Code::E_KEY_COMMIT);
    return std::move(*key);
}

std::expected<WorkspaceKey, Code> openOffer(const KeyOffer &offer,
                                            const std::vector<PublicKey> &recipients,
                                            const identity::SecretKey &me, const Hash &commitment)
{
    auto key = openOwnBox(offer, recipients, me, commitment);
    if (!key)
        return key;
    const auto recomputed = offerKey(*key, recipients);
    if (!recomputed || recomputed->ephemeral != offer.ephemeral || recomputed->boxes != offer.boxes)
        return std::unexpected(Code::E_KEY_OFFER);
    return std::move(*key);
}

} // namespace nlbd::keys
