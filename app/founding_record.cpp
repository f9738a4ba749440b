#include "app/founding.h"

#include "core/base/codec.h"

namespace nlbd::app {

// A kept draft:
//     u8 1 | u8 stage | u8 is mine | 32 asker | blob genesis | blob key offer
//     varint founders, then per founder: u8 answer | 64 signature | u8 was seen
//     varint hints, then per hint: 32 device | text host:port
Bytes FoundingDesk::encodeDraft(const Draft &draft)
{
    Writer out;
    out.u8(1);
    out.u8(static_cast<std::uint8_t>(draft.stage));
    out.u8(draft.isMine ? 1 : 0);
    out.fixedBytes(draft.asker);
    out.blob(draft.genesis.encode());
    out.blob(draft.keyOffer);
    out.varint(draft.answers.size());
    for (std::size_t i = 0; i < draft.answers.size(); ++i) {
        out.u8(static_cast<std::uint8_t>(draft.answers[i]));
        out.fixedBytes(draft.signatures[i]);
        out.u8(draft.seen.contains(draft.genesis.founders[i].device) ? 1 : 0);
    }
    out.varint(draft.hints.size());
    for (const Hint &hint : draft.hints) {
        out.fixedBytes(hint.device);
        out.text(hint.endpoint.text());
    }
    return std::move(out).take();
}

std::optional<FoundingDesk::Draft> FoundingDesk::decodeDraft(ByteView bytes)
{
    constexpr std::size_t kPartMax = 64 * 1024;
    Reader in(bytes);
    Draft draft;
    const std::uint8_t version = in.u8();
    const std::uint8_t stage = in.u8();
    draft.isMine = in.u8() == 1;
    draft.asker = in.fixedBytes<PublicKey>();
    auto genesis = identity::Genesis::decode(in.blob(kPartMax));
    draft.keyOffer = copyOf(in.blob(kPartMax));
    if (!genesis || version != 1 || stage < 1 || stage > 5)
        return std::nullopt;
    draft.stage = static_cast<Stage>(stage);
    draft.genesis = std::move(*genesis);
    if (in.varint(limits::kMembersMax) != draft.genesis.founders.size())
        return std::nullopt;
    for (const identity::Founder &founder : draft.genesis.founders) {
        const std::uint8_t answer = in.u8();
        if (answer > 3)
            return std::nullopt;
        draft.answers.push_back(static_cast<api::FoundingInfo::Answer>(answer));
        draft.signatures.push_back(in.fixedBytes<Signature>());
        if (in.u8() == 1)
            draft.seen.insert(founder.device);
    }
    const auto hints = in.varint(kHintsMax);
    for (std::uint64_t i = 0; i < hints && in.ok(); ++i) {
        const auto device = in.fixedBytes<PublicKey>();
        if (const auto endpoint = net::parseEndpoint(in.text(300)); endpoint)
            draft.hints.push_back({device, *endpoint});
    }
    if (!in.done())
        return std::nullopt;
    return draft;
}

// What a disk gives back is no better than what a peer sends: a seal that does not hold would open
// a workspace that nobody founded.
bool FoundingDesk::isSigned(const Hash &hash, const Draft &draft) const
{
    const bool mayLack = draft.stage != Stage::Sealing && draft.stage != Stage::Sealed;
    for (std::size_t i = 0; i < draft.signatures.size(); ++i) {
        const identity::Founder &founder = draft.genesis.founders[i];
        const Signature &signature = draft.signatures[i];
        const bool holds = signature.isZero()
            ? mayLack
            : m_scheme.verify(founder.identity, domains::kFound, draft.genesis.id(), hash,
                              signature);
        if (!holds || !isCertified(m_scheme, founder.identity, founder.device, founder.certificate))
            return false;
    }
    return true;
}

void FoundingDesk::keep(const Hash &hash, const Draft &draft)
{
    m_steps.emplace_back(Keep{hash, encodeDraft(draft)});
}

void FoundingDesk::restore(const std::map<Hash, Bytes> &kept)
{
    for (const auto &[hash, bytes] : kept) {
        auto draft = decodeDraft(bytes);
        const bool isMyBusiness = draft && Hash{draft->genesis.id().value} == hash
            && placeOf(*draft, m_self.device.publicKey()) && isSigned(hash, *draft);
        if (!isMyBusiness) {
            m_steps.emplace_back(Drop{hash});
            continue;
        }
        if (!draft->hints.empty())
            m_steps.emplace_back(Reach{draft->hints});
        Draft &restored = m_drafts.insert_or_assign(hash, std::move(*draft)).first->second;
        if (restored.isMine) // complete, but a crash came before it was sealed
            sealIfComplete(hash, restored);
    }
    repeat();
}

} // namespace nlbd::app
