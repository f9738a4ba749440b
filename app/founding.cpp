#include "app/founding.h"

#include "app/founding_rules.h"
#include "core/base/codec.h"
#include "core/identity/name_rules.h"
#include "core/identity/words.h"

#include <algorithm>

namespace nlbd::app {

using Answered = api::FoundingInfo::Answer;

namespace {

Hash hashOf(const identity::Genesis &genesis)
{
    return Hash{genesis.id().value};
}

} // namespace

FoundingDesk::FoundingDesk(const Self &self, const identity::SignatureScheme &scheme,
                           Random &random)
    : m_self(self)
    , m_scheme(scheme)
    , m_random(random)
{
}

std::optional<std::size_t> FoundingDesk::placeOf(const Draft &draft, const PublicKey &device) const
{
    const auto &founders = draft.genesis.founders;
    const auto found = std::ranges::find(founders, device, &identity::Founder::device);
    if (found == founders.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - founders.begin());
}

// ---- Asking ------------------------------------------------------------------------------------

std::expected<Hash, Code> FoundingDesk::begin(std::string_view name,
                                              const std::vector<Contact> &others)
{
    if (!m_self.identity) // a companion: founding is the person's own word
        return std::unexpected(Code::E_NOT_MEMBER);
    if (others.size() + 1 > kFoundersMax || !identity::isValidName(name))
        return std::unexpected(Code::E_BOUNDS);
    Draft draft;
    draft.isMine = true;
    draft.asker = m_self.device.publicKey();
    draft.genesis.name = name;
    m_random.fill(draft.genesis.random);
    draft.genesis.founders.push_back(m_self.founder());
    for (const Contact &contact : others) {
        draft.genesis.founders.push_back(contact.person);
        for (const net::Endpoint &endpoint : contact.endpoints)
            draft.hints.push_back({contact.person.device, endpoint});
    }
    if (!areDistinct(draft.genesis.founders))
        return std::unexpected(Code::E_CANON);
    if (!haveTellingNames(draft.genesis.founders))
        return std::unexpected(Code::E_NAME_CONFUSABLE);
    std::ranges::sort(draft.genesis.founders, {}, &identity::Founder::identity);

    const auto key = keys::WorkspaceKey::generate(m_random);
    draft.genesis.keyCommit = key.commitment();
    const auto offer = keys::offerKey(key, keys::recipientsAt(devicesOf(draft.genesis)));
    if (!offer)
        return std::unexpected(offer.error());
    draft.keyOffer = offer->encode();

    draft.answers.resize(draft.genesis.founders.size(), Answered::Waiting);
    draft.signatures.resize(draft.genesis.founders.size());
    const std::size_t me = *placeOf(draft, m_self.device.publicKey());
    draft.answers[me] = Answered::Accepted;
    draft.signatures[me] = signGenesis(m_scheme, *m_self.identity, draft.genesis);

    const Hash hash = hashOf(draft.genesis);
    Draft &kept = m_drafts.insert_or_assign(hash, std::move(draft)).first->second;
    keep(hash, kept);
    tell(hash, kept);
    if (!kept.hints.empty())
        m_steps.emplace_back(Reach{kept.hints});
    for (const identity::Founder &founder : kept.genesis.founders)
        say(hash, kept, founder.device);
    sealIfComplete(hash, kept);
    return hash;
}

// Whatever the device has to hear about the draft now.
void FoundingDesk::say(const Hash &hash, const Draft &draft, const PublicKey &device)
{
    const auto place = placeOf(draft, device);
    if (!place || device == m_self.device.publicKey())
        return;
    const std::size_t me = *placeOf(draft, m_self.device.publicKey());
    switch (draft.stage) {
    case Stage::Asking:
        if (draft.isMine && draft.signatures[*place].isZero())
            m_steps.emplace_back(
                SendTo{device, Offer{draft.genesis.encode(), draft.keyOffer, draft.hints}});
        else if (!draft.isMine && device == draft.asker && !draft.signatures[me].isZero())
            m_steps.emplace_back(SendTo{device, Reply{hash, true, draft.signatures[me]}});
        return;
    case Stage::Sealed:
        if (!draft.seen.contains(device))
            m_steps.emplace_back(
                SendTo{device,
                       Seal{identity::SignedGenesis{draft.genesis, draft.signatures}.encode(),
                            draft.keyOffer, draft.hints}});
        return;
    case Stage::Declined:
        if (!draft.isMine && device == draft.asker)
            m_steps.emplace_back(SendTo{device, Reply{hash, false, {}}});
        else if (draft.isMine)
            m_steps.emplace_back(SendTo{device, Withdraw{hash}});
        return;
    case Stage::Withdrawn:
        if (draft.isMine)
            m_steps.emplace_back(SendTo{device, Withdraw{hash}});
        return;
    case Stage::Sealing:
        return;
    }
}

void FoundingDesk::sealIfComplete(const Hash &hash, Draft &draft)
{
    const auto isMissing = [](const Signature &signature) { return signature.isZero(); };
    if (draft.stage != Stage::Asking || std::ranges::any_of(draft.signatures, isMissing))
        return;
    draft.stage = Stage::Sealing;
    keep(hash, draft);
    askToFound(draft);
}

void FoundingDesk::askToFound(const Draft &draft)
{
    const auto offer = keys::KeyOffer::decode(draft.keyOffer);
    if (!offer)
        return;
    auto key = keys::openOffer(*offer, keys::recipientsAt(devicesOf(draft.genesis)), m_self.device,
                               draft.genesis.keyCommit);
    if (key)
        m_steps.emplace_back(
            Found{{draft.genesis, draft.signatures}, std::move(*key), draft.hints});
}

void FoundingDesk::founded(const WorkspaceId &workspace)
{
    const Hash hash{workspace.value};
    m_known.insert(workspace);
    const auto found = m_drafts.find(hash);
    if (found == m_drafts.end() || found->second.stage != Stage::Sealing)
        return;
    Draft &draft = found->second;
    draft.stage = Stage::Sealed;
    draft.seen.insert(m_self.device.publicKey());
    tell(hash, draft);
    if (draft.genesis.founders.size() == 1) {
        m_steps.emplace_back(Drop{hash});
        m_drafts.erase(found);
        return;
    }
    keep(hash, draft);
    m_steps.emplace_back(Reach{draft.hints});
    for (const identity::Founder &founder : draft.genesis.founders)
        say(hash, draft, founder.device);
}

void FoundingDesk::seen(const WorkspaceId &workspace, const PublicKey &device)
{
    const Hash hash{workspace.value};
    const auto found = m_drafts.find(hash);
    if (found == m_drafts.end() || found->second.stage != Stage::Sealed
        || !placeOf(found->second, device))
        return;
    Draft &draft = found->second;
    if (!draft.seen.insert(device).second)
        return;
    if (draft.seen.size() == draft.genesis.founders.size()) {
        m_steps.emplace_back(Drop{hash});
        m_drafts.erase(found);
        return;
    }
    keep(hash, draft);
}

void FoundingDesk::withdraw(const Hash &hash)
{
    const auto found = m_drafts.find(hash);
    if (found == m_drafts.end() || !found->second.isMine || found->second.stage != Stage::Asking)
        return;
    finish(hash, found->second, Stage::Withdrawn);
}

void FoundingDesk::finish(const Hash &hash, Draft &draft, Stage stage)
{
    draft.stage = stage;
    m_steps.emplace_back(Drop{hash});
    tell(hash, draft);
    for (const identity::Founder &founder : draft.genesis.founders)
        say(hash, draft, founder.device);
    m_done.push_back(hash);
    forgetOldest();
}

void FoundingDesk::forgetOldest()
{
    while (m_done.size() > kDoneMax) {
        m_drafts.erase(m_done.front());
        m_done.erase(m_done.begin());
    }
}

// ---- Answering ---------------------------------------------------------------------------------

void FoundingDesk::answer(const Hash &hash, bool accepts)
{
    const auto found = m_drafts.find(hash);
    if (found == m_drafts.end() || found->second.isMine || found->second.stage != Stage::Asking
        || !m_self.identity)
        return;
    Draft &draft = found->second;
    const std::size_t me = *placeOf(draft, m_self.device.publicKey());
    if (!draft.signatures[me].isZero())
        return; // a signature cannot be taken back by saying no afterwards
    draft.answers[me] = accepts ? Answered::Accepted : Answered::Declined;
    if (!accepts) {
        finish(hash, draft, Stage::Declined);
        return;
    }
    draft.signatures[me] = signGenesis(m_scheme, *m_self.identity, draft.genesis);
    keep(hash, draft); // before the signature leaves
    tell(hash, draft);
    say(hash, draft, draft.asker);
}

std::expected<void, Code> FoundingDesk::check(const identity::Genesis &genesis, ByteView keyOffer,
                                              const PublicKey &from) const
{
    const auto &founders = genesis.founders;
    if (founders.size() < 2 || founders.size() > kFoundersMax)
        return std::unexpected(Code::E_BOUNDS);
    const auto isMyLine = [this](const identity::Founder &founder) {
        return m_self.identity && founder.device == m_self.device.publicKey()
            && founder.identity == m_self.person();
    };
    if (std::ranges::none_of(founders, isMyLine) || from == m_self.device.publicKey()
        || std::ranges::find(founders, from, &identity::Founder::device) == founders.end())
        return std::unexpected(Code::E_NOT_MEMBER);
    for (const identity::Founder &founder : founders) {
        if (!isCertified(m_scheme, founder.identity, founder.device, founder.certificate))
            return std::unexpected(Code::E_SIG);
        if (isMyLine(founder) && founder.name != m_self.name)
            return std::unexpected(Code::E_NAME_CONFUSABLE);
    }
    if (!haveTellingNames(founders))
        return std::unexpected(Code::E_NAME_CONFUSABLE);
    const auto offer = keys::KeyOffer::decode(keyOffer);
    if (!offer)
        return std::unexpected(offer.error());
    const auto key = keys::openOffer(*offer, keys::recipientsAt(devicesOf(genesis)), m_self.device,
                                     genesis.keyCommit);
    if (!key)
        return std::unexpected(key.error());
    return {};
}

void FoundingDesk::take(const PublicKey &from, const LobbyFrame &frame)
{
    if (const auto *offer = std::get_if<Offer>(&frame))
        takeOffer(from, *offer);
    else if (const auto *reply = std::get_if<Reply>(&frame))
        takeReply(from, *reply);
    else if (const auto *seal = std::get_if<Seal>(&frame))
        takeSeal(from, *seal);
    else if (const auto *withdraw = std::get_if<Withdraw>(&frame))
        takeWithdraw(from, *withdraw);
}

void FoundingDesk::takeOffer(const PublicKey &from, const Offer &offer)
{
    auto genesis = identity::Genesis::decode(offer.genesis);
    if (!genesis) {
        m_steps.emplace_back(Offence{from, genesis.error()});
        return;
    }
    const Hash hash = hashOf(*genesis);
    if (const auto known = m_drafts.find(hash); known != m_drafts.end()) {
        if (!known->second.isMine && from == known->second.asker)
            say(hash, known->second, from); // it missed my answer
        return;
    }
    if (const auto sound = check(*genesis, offer.keyOffer, from); !sound) {
        m_steps.emplace_back(Offence{from, sound.error()});
        return;
    }
    const auto isPending = [](const auto &entry) {
        return !entry.second.isMine && entry.second.stage == Stage::Asking;
    };
    const auto isTheirs = [&](const auto &entry) {
        return isPending(entry) && entry.second.asker == from;
    };
    if (std::ranges::count_if(m_drafts, isTheirs) >= static_cast<std::ptrdiff_t>(kPendingPerDevice)
        || std::ranges::count_if(m_drafts, isPending) >= static_cast<std::ptrdiff_t>(kPendingMax))
        return; // it asks again when there is room
    Draft draft;
    draft.asker = from;
    draft.genesis = std::move(*genesis);
    draft.keyOffer = offer.keyOffer;
    draft.hints = offer.hints;
    draft.answers.resize(draft.genesis.founders.size(), Answered::Waiting);
    draft.signatures.resize(draft.genesis.founders.size());
    draft.answers[*placeOf(draft, from)] = Answered::Accepted;
    const Draft &kept = m_drafts.insert_or_assign(hash, std::move(draft)).first->second;
    tell(hash, kept);
}

void FoundingDesk::takeReply(const PublicKey &from, const Reply &reply)
{
    const auto found = m_drafts.find(reply.draft);
    if (found == m_drafts.end() || !found->second.isMine)
        return;
    Draft &draft = found->second;
    const auto place = placeOf(draft, from);
    if (!place) {
        m_steps.emplace_back(Offence{from, Code::E_NOT_MEMBER});
        return;
    }
    if (draft.stage != Stage::Asking) {
        say(reply.draft, draft, from);
        return;
    }
    if (!draft.signatures[*place].isZero())
        return;
    if (!reply.accepts) {
        draft.answers[*place] = Answered::Declined;
        finish(reply.draft, draft, Stage::Declined);
        return;
    }
    if (!m_scheme.verify(draft.genesis.founders[*place].identity, domains::kFound,
                         draft.genesis.id(), reply.draft, reply.signature)) {
        m_steps.emplace_back(Offence{from, Code::E_SIG});
        return;
    }
    draft.answers[*place] = Answered::Accepted;
    draft.signatures[*place] = reply.signature;
    keep(reply.draft, draft);
    tell(reply.draft, draft);
    sealIfComplete(reply.draft, draft);
}

// A seal that bears my signature is one that I agreed to, whatever was lost here since.
void FoundingDesk::takeSeal(const PublicKey &from, const Seal &seal)
{
    auto record = identity::SignedGenesis::decode(seal.genesis);
    if (!record) {
        m_steps.emplace_back(Offence{from, record.error()});
        return;
    }
    const Hash hash = hashOf(record->genesis);
    const auto known = m_drafts.find(hash);
    if (m_known.contains(record->genesis.id()))
        return;
    if (known != m_drafts.end() && known->second.stage != Stage::Asking
        && known->second.stage != Stage::Withdrawn)
        return; // sealed already, or about to be
    auto sound = check(record->genesis, seal.keyOffer, from);
    if (sound)
        sound = record->verify(m_scheme);
    if (!sound) {
        m_steps.emplace_back(Offence{from, sound.error()});
        return;
    }
    Draft draft;
    draft.stage = Stage::Sealing;
    draft.isMine = known != m_drafts.end() && known->second.isMine;
    draft.asker = known != m_drafts.end() ? known->second.asker : from;
    draft.genesis = std::move(record->genesis);
    draft.keyOffer = seal.keyOffer;
    draft.hints = seal.hints;
    draft.answers.resize(draft.genesis.founders.size(), Answered::Accepted);
    draft.signatures = std::move(record->signatures);
    std::erase(m_done, hash);
    Draft &kept = m_drafts.insert_or_assign(hash, std::move(draft)).first->second;
    keep(hash, kept);
    askToFound(kept);
}

void FoundingDesk::takeWithdraw(const PublicKey &from, const Withdraw &withdraw)
{
    const auto found = m_drafts.find(withdraw.draft);
    if (found == m_drafts.end() || found->second.isMine || found->second.asker != from
        || found->second.stage != Stage::Asking)
        return;
    finish(withdraw.draft, found->second, Stage::Withdrawn);
}

// ---- Repeating and showing

void FoundingDesk::up(const PublicKey &device)
{
    for (auto &[hash, draft] : m_drafts) {
        const auto place = placeOf(draft, device);
        if (!place)
            continue;
        if (draft.answers[*place] == Answered::Unreachable) {
            draft.answers[*place] = Answered::Waiting;
            tell(hash, draft);
        }
        say(hash, draft, device);
    }
}

void FoundingDesk::unreachable(const PublicKey &device)
{
    for (auto &[hash, draft] : m_drafts) {
        const auto place = placeOf(draft, device);
        if (!place || !draft.isMine || draft.stage != Stage::Asking
            || draft.answers[*place] != Answered::Waiting)
            continue;
        draft.answers[*place] = Answered::Unreachable;
        tell(hash, draft);
    }
}

void FoundingDesk::repeat()
{
    for (const auto &[hash, draft] : m_drafts) {
        if (draft.stage == Stage::Sealing)
            askToFound(draft);
        if (draft.stage != Stage::Asking && draft.stage != Stage::Sealed)
            continue;
        for (const identity::Founder &founder : draft.genesis.founders)
            say(hash, draft, founder.device);
    }
}

bool FoundingDesk::expects(const PublicKey &device) const
{
    return std::ranges::any_of(
        m_drafts, [&](const auto &entry) { return placeOf(entry.second, device).has_value(); });
}

std::vector<api::FoundingInfo> FoundingDesk::present() const
{
    std::vector<api::FoundingInfo> result;
    for (const auto &[hash, draft] : m_drafts)
        if (draft.stage == Stage::Asking || draft.stage == Stage::Sealing)
            result.push_back(infoOf(hash, draft));
    return result;
}

void FoundingDesk::tell(const Hash &hash, const Draft &draft)
{
    m_steps.emplace_back(Tell{infoOf(hash, draft)});
}

api::FoundingInfo FoundingDesk::infoOf(const Hash &hash, const Draft &draft) const
{
    using State = api::FoundingInfo::State;
    api::FoundingInfo info;
    info.draft = hash;
    info.workspace = draft.genesis.name;
    info.isMine = draft.isMine;
    for (std::size_t i = 0; i < draft.genesis.founders.size(); ++i) {
        const identity::Founder &founder = draft.genesis.founders[i];
        info.founders.push_back({founder.name, identity::fourWords(founder.identity),
                                 draft.answers[i], founder.device == m_self.device.publicKey(),
                                 founder.device == draft.asker});
    }
    switch (draft.stage) {
    case Stage::Asking:
    case Stage::Sealing:
        break; // as it begins
    case Stage::Sealed:
        info.state = State::Founded;
        info.id = draft.genesis.id();
        break;
    case Stage::Declined:
        info.state = State::Declined;
        break;
    case Stage::Withdrawn:
        info.state = State::Failed;
        break;
    }
    return info;
}

} // namespace nlbd::app
