// What each mouth makes of what leaves it.

#include "core/base/check.h"
#include "core/base/random.h"
#include "core/consensus/offered_key.h"
#include "core/consensus/record_domains.h"
#include "core/consensus/short_close.h"
#include "core/consensus/value.h"
#include "tests/malory/mouth.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

namespace nlbd::malory {

namespace {

using gossip::ControlKind;
using gossip::Kind;

/// About when the first round of a roundtable ends (PROTOCOL C11.2).
constexpr Millis kLate{2'300};
constexpr Millis kSlow{1'500};
constexpr std::size_t kRemembered = 64;

gossip::Message messageOf(const Spoken &spoken)
{
    auto message = gossip::decode(static_cast<std::uint8_t>(spoken.kind), spoken.body);
    CHECK(message.has_value()); // my own engine made it
    return std::move(*message);
}

std::optional<Said> alteredSnapshot(Spoken spoken)
{
    if (spoken.kind != Kind::SnapshotPiece)
        return Said{std::move(spoken.body)};
    auto message = messageOf(spoken);
    auto &piece = std::get<gossip::SnapshotPiece>(message);
    if (!piece.bytes.empty() && piece.from + piece.bytes.size() == piece.size)
        piece.bytes.back() ^= std::byte{1}; // in a hash: no rule forbids any byte there
    return Said{gossip::encode(message)};
}

std::optional<Said> textsKeptBack(Spoken spoken)
{
    const bool isText =
        spoken.kind == Kind::Push || spoken.kind == Kind::Have || spoken.kind == Kind::Changes;
    return isText ? std::nullopt : std::optional(Said{std::move(spoken.body)});
}

/// A summary would tell those who hear no vote that there is one to be asked for.
std::optional<Said> votesForFew(Spoken spoken)
{
    if (spoken.isFavoured)
        return Said{std::move(spoken.body)};
    if (spoken.kind == Kind::ControlSummary)
        return std::nullopt;
    if (spoken.kind != Kind::ControlRecords)
        return Said{std::move(spoken.body)};
    auto message = messageOf(spoken);
    auto &records = std::get<gossip::ControlRecords>(message).records;
    std::erase_if(records, [](const gossip::ControlRecords::Record &record) {
        return record.kind == ControlKind::Vote || record.kind == ControlKind::Polka;
    });
    return records.empty() ? std::nullopt : std::optional(Said{gossip::encode(message)});
}

std::optional<Said> everythingLate(Spoken spoken)
{
    return Said{std::move(spoken.body), kSlow};
}

/// Reads along and stands for nothing: neither acks nor anything about a decision, nor that there
/// is any of it to be asked for.
std::optional<Said> nothingSigned(Spoken spoken)
{
    switch (spoken.kind) {
    case Kind::Ack:
    case Kind::Acks:
    case Kind::AckNumbers:
    case Kind::ControlRecords:
    case Kind::ControlSummary:
    case Kind::Own:
        return std::nullopt;
    default:
        return Said{std::move(spoken.body)};
    }
}

/// Whoever hears of changes from me hears of a thousand more by everybody, which nobody ever wrote;
/// my digest equals nobody's.
class FalseNews {
public:
    std::optional<Said> operator()(Spoken spoken)
    {
        const bool isNews = spoken.kind == Kind::Have || spoken.kind == Kind::Summary
            || spoken.kind == Kind::Digest;
        if (!isNews)
            return Said{std::move(spoken.body)};
        auto message = messageOf(spoken);
        if (auto *have = std::get_if<gossip::Have>(&message))
            exaggerate(have->places);
        else if (auto *summary = std::get_if<gossip::Summary>(&message))
            exaggerate(summary->heads);
        else
            randomBytes(std::get<gossip::Digest>(message).frontierRoot.value);
        return Said{gossip::encode(message)};
    }

private:
    static constexpr std::uint64_t kMore = 1'000;

    static void exaggerate(std::vector<gossip::HeadPlace> &places)
    {
        for (gossip::HeadPlace &place : places) {
            place.seq = Seq(place.seq.value + kMore);
            std::array<std::byte, sizeof place.head> head{};
            randomBytes(head);
            std::memcpy(&place.head, head.data(), sizeof place.head);
        }
        std::ranges::sort(places);
    }
    static void randomBytes(std::span<std::byte> bytes) { SystemRandom().fill(bytes); }
};

/// The entries of every report that I give or pass on lead nowhere, and nobody gets a whole one.
std::optional<Said> reportsThatLeadNowhere(Spoken spoken)
{
    if (spoken.kind != Kind::ControlRecords)
        return Said{std::move(spoken.body)};
    auto message = messageOf(spoken);
    auto &records = std::get<gossip::ControlRecords>(message).records;
    std::erase_if(records, [](const gossip::ControlRecords::Record &record) {
        return record.kind == ControlKind::Close;
    });
    for (gossip::ControlRecords::Record &record : records) {
        auto report = consensus::ShortClose::decode(record.bytes);
        if (record.kind != ControlKind::ShortClose || !report)
            continue;
        report->entries = {{DeviceIndex(0), Seq(99), report->root}};
        record.bytes = report->encode();
    }
    return records.empty() ? std::nullopt : std::optional(Said{gossip::encode(message)});
}

/// Every second one hears of my values when the round is nearly over for him.
std::optional<Said> proposalsLate(Spoken spoken)
{
    bool isProposal = false;
    if (spoken.kind == Kind::ControlRecords && !spoken.isFavoured) {
        const auto message = messageOf(spoken);
        const auto &records = std::get<gossip::ControlRecords>(message).records;
        isProposal = std::ranges::any_of(records, [](const gossip::ControlRecords::Record &record) {
            const auto vote = consensus::Vote::decode(record.bytes);
            return record.kind == ControlKind::Vote && vote
                && vote->phase == consensus::Phase::Propose;
        });
    }
    return Said{std::move(spoken.body), isProposal ? kLate : Millis(0)};
}

/// Of every key that I offer one box opens for nobody, and what I say about a value that names my
/// offer, I say about that one.
class BadBoxes {
public:
    explicit BadBoxes(const identity::SecretKey &device)
        : m_device(std::make_shared<identity::SecretKey>(device.clone()))
    {
    }

    std::optional<Said> operator()(Spoken spoken)
    {
        if (spoken.kind != Kind::ControlRecords)
            return Said{std::move(spoken.body)};
        auto message = messageOf(spoken);
        for (auto &record : std::get<gossip::ControlRecords>(message).records)
            alter(record, spoken.workspace);
        return Said{gossip::encode(message)};
    }

private:
    void alter(gossip::ControlRecords::Record &record, const WorkspaceId &workspace)
    {
        if (record.kind == ControlKind::Offer)
            alterOffer(record.bytes, workspace);
        else if (record.kind == ControlKind::Value)
            alterValue(record.bytes);
        else if (record.kind == ControlKind::Vote)
            alterVote(record.bytes, workspace);
    }
    void alterOffer(Bytes &bytes, const WorkspaceId &workspace)
    {
        auto offer = consensus::OfferedKey::decode(bytes);
        if (!offer || offer->boxes.boxes.empty()
            || !isMine(domains::kOffer, workspace, offer->hash(), offer->signature))
            return;
        const Hash good = offer->hash();
        offer->boxes.boxes.front()[0] ^= std::byte{1};
        offer->signature = m_scheme.sign(*m_device, domains::kOffer, workspace, offer->hash());
        remember(m_offers, good, offer->hash());
        bytes = offer->encode();
    }
    void alterValue(Bytes &bytes)
    {
        auto value = consensus::Value::decode(bytes);
        const auto known =
            value && value->keyOffer ? m_offers.find(*value->keyOffer) : m_offers.end();
        if (known == m_offers.end())
            return;
        const Hash good = value->hash();
        value->keyOffer = known->second;
        remember(m_values, good, value->hash());
        bytes = value->encode();
    }
    void alterVote(Bytes &bytes, const WorkspaceId &workspace)
    {
        auto vote = consensus::Vote::decode(bytes);
        const auto known = vote && vote->value ? m_values.find(*vote->value) : m_values.end();
        if (known == m_values.end()
            || !isMine(domainOf(vote->phase), workspace, vote->hash(), vote->signature))
            return;
        vote->value = known->second;
        vote->signature = m_scheme.sign(*m_device, domainOf(vote->phase), workspace, vote->hash());
        bytes = vote->encode();
    }
    [[nodiscard]] bool isMine(const Domain &domain, const WorkspaceId &workspace, const Hash &hash,
                              const Signature &signature) const
    {
        return m_scheme.verify(m_device->publicKey(), domain, workspace, hash, signature);
    }
    static void remember(std::map<Hash, Hash> &book, const Hash &good, const Hash &bad)
    {
        if (book.size() < kRemembered)
            book[good] = bad;
    }

    identity::Ed25519 m_scheme;
    std::shared_ptr<identity::SecretKey> m_device; ///< shared: a mouth can be copied
    std::map<Hash, Hash> m_offers;                 ///< mine: what is said instead
    std::map<Hash, Hash> m_values;
};

template <std::optional<Said> (*kMouth)(Spoken)>
Mouth plain(const identity::SecretKey &)
{
    return kMouth;
}

Mouth falseNews(const identity::SecretKey &)
{
    return FalseNews();
}

Mouth badBoxes(const identity::SecretKey &device)
{
    return BadBoxes(device);
}

using Entry = MouthEntry;

std::vector<Entry> allEntries()
{
    std::vector<Entry> all{
        {{"alter-snapshot", 41, Code::E_STATE_ROOT,
          "A member like others, whose snapshots of a checkpoint differ by one bit."},
         plain<alteredSnapshot>},
        {{"keep-texts", 38, std::nullopt,
          "A member like others, who passes no text on, neither mine nor others'."},
         plain<textsKeptBack>},
        {{"hide-votes", 38, std::nullopt,
          "A member like others, whose votes and those of others I show to every second only."},
         plain<votesForFew>},
        {{"slow", 38, std::nullopt, "A member like others, who says everything late."},
         plain<everythingLate>},
        {{"late-proposals", 38, std::nullopt,
          "A member like others, whose values reach every second only at the end of a round."},
         plain<proposalsLate>},
        {{"mute", 38, std::nullopt, "A member like others, who reads along and signs for nothing."},
         plain<nothingSigned>},
        {{"false-news", 19, std::nullopt,
          "A member like others, who tells everybody of changes that nobody wrote."},
         falseNews},
        {{"wrong-deltas", 20, std::nullopt,
          "A member like others, whose reports lead nowhere, and who gives nobody a whole one."},
         plain<reportsThatLeadNowhere>},
        {{"bad-box", 43, Code::E_KEY_OFFER,
          "A member like others, in whose offers of a key one box opens for nobody."},
         badBoxes},
    };
    const std::vector<Entry> ofBlobs = blobMouths();
    all.insert(all.end(), ofBlobs.begin(), ofBlobs.end());
    return all;
}

const std::vector<Entry> &entries()
{
    static const std::vector<Entry> kEntries = allEntries();
    return kEntries;
}

} // namespace

const std::vector<hostile::Attack> &mouths()
{
    static const std::vector<hostile::Attack> kMouths = [] {
        std::vector<hostile::Attack> list;
        for (const Entry &entry : entries())
            list.push_back(entry.attack);
        return list;
    }();
    return kMouths;
}

MakeMouth mouthCalled(std::string_view verb)
{
    const auto found =
        std::ranges::find(entries(), verb, [](const Entry &entry) { return entry.attack.verb; });
    CHECK(found != entries().end());
    return found->make;
}

} // namespace nlbd::malory
