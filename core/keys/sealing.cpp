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

/// `recipient`: the key that the box is sealed to.
identity::SecretBytes boxKey(const identity::SecretBytes &shared, ByteView ephemeral,
                             const CareKey &recipient)
{
    const Hash key = keyedDigest(domains::kSeal, shared.view32(), {ephemeral, recipient.view()});
    return identity::SecretBytes::copyOf(key.view());
}

/// Nothing if the recipient's point is of small order.
std::optional<ByteArray<kBoxBytes>> sealBox(const WorkspaceKey &key,
                                            const identity::SecretBytes &secret, ByteView ephemeral,
                                            const CareKey &recipient)
{
    identity::SecretBytes shared(crypto_scalarmult_BYTES);
    if (crypto_scalarmult(ucharsOut(shared.bytes()), uchars(secret.view()),
                          uchars(recipient.view()))
        != 0)
        return std::nullopt;
    ByteArray<kBoxBytes> sealed;
    crypto_secretbox_easy(ucharsOut(sealed), uchars(key.view()), key.view().size(), uchars(kNonce),
                          uchars(boxKey(shared, ephemeral, recipient).view()));
    return sealed;
}

std::optional<WorkspaceKey> openBox(const KeyOffer &offer, const ByteArray<kBoxBytes> &box,
                                    const KeyHolder &me, const CareKey &mine)
{
    const auto shared = me.shared(mine, CareKey{offer.ephemeral});
    if (!shared)
        return std::nullopt;
    identity::SecretBytes opened(32);
    if (crypto_secretbox_open_easy(ucharsOut(opened.bytes()), uchars(box), box.size(),
                                   uchars(kNonce),
                                   uchars(boxKey(*shared, offer.ephemeral, mine).view()))
        != 0)
        return std::nullopt;
    return WorkspaceKey::from(opened.view32());
}

/// Whether the box is one that an honest maker of the key may have sealed.
bool isGood(const ByteArray<kBoxBytes> &box, const Recipient &recipient, const WorkspaceKey &key,
            const identity::SecretBytes &secret, ByteView ephemeral)
{
    if (sealBox(key, secret, ephemeral, recipient.key) == box)
        return true;
    return recipient.before && sealBox(key, secret, ephemeral, *recipient.before) == box;
}

ByteArray<32> ephemeralPoint(const identity::SecretBytes &secret)
{
    ByteArray<32> point;
    crypto_scalarmult_base(ucharsOut(point), uchars(secret.view()));
    return point;
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

std::vector<Recipient> recipientsAt(const std::vector<PublicKey> &devices)
{
    std::vector<Recipient> recipients;
    recipients.reserve(devices.size());
    for (const PublicKey &device : devices)
        recipients.push_back({device, firstCareKeyOf(device).value_or(CareKey{})});
    return recipients;
}

std::expected<KeyOffer, Code> offerKey(const WorkspaceKey &key,
                                       const std::vector<Recipient> &recipients)
{
    if (recipients.empty() || recipients.size() > kRecipientsMax)
        return std::unexpected(Code::E_KEY_OFFER);
    const identity::SecretBytes secret = ephemeralSecret(key);
    KeyOffer offer{.ephemeral = ephemeralPoint(secret), .boxes = {}};
    for (const Recipient &recipient : recipients) {
        const auto box = sealBox(key, secret, offer.ephemeral, recipient.key);
        if (!box)
            return std::unexpected(Code::E_KEY_OFFER);
        offer.boxes.push_back(*box);
    }
    return offer;
}

std::expected<WorkspaceKey, Code> openOwnBox(const KeyOffer &offer,
                                             const std::vector<Recipient> &recipients,
                                             const KeyHolder &me, const Hash &commitment)
{
    const auto mine = std::ranges::find(recipients, me.device(), &Recipient::device);
    if (mine == recipients.end() || offer.boxes.size() != recipients.size())
        return std::unexpected(Code::E_KEY_OFFER);
    const auto &box = offer.boxes[static_cast<std::size_t>(mine - recipients.begin())];
    std::optional<WorkspaceKey> key = openBox(offer, box, me, mine->key);
    if (!key && mine->before)
        key = openBox(offer, box, me, *mine->before);
    if (!key)
        return std::unexpected(Code::E_KEY_OFFER);
    if (key->commitment() != commitment)
        return std::unexpected(Code::E_KEY_COMMIT);
    return std::move(*key);
}

std::expected<WorkspaceKey, Code> openOffer(const KeyOffer &offer,
                                            const std::vector<Recipient> &recipients,
                                            const KeyHolder &me, const Hash &commitment)
{
    auto key = openOwnBox(offer, recipients, me, commitment);
    if (!key)
        return key;
    const identity::SecretBytes secret = ephemeralSecret(*key);
    if (offer.ephemeral != ephemeralPoint(secret))
        return std::unexpected(Code::E_KEY_OFFER);
    for (std::size_t i = 0; i < recipients.size(); ++i)
        if (!isGood(offer.boxes[i], recipients[i], *key, secret, offer.ephemeral))
            return std::unexpected(Code::E_KEY_OFFER);
    return std::move(*key);
}

} // namespace nlbd::keys
