#include "core/engine/care_keys.h"

#include "core/base/codec.h"
#include "core/base/mutant.h"
#include "core/consensus/offered_key.h"
#include "core/engine/council.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

namespace {

constexpr std::string_view kPrefix = "care.";

std::string rowOf(const CareKey &key)
{
    return std::string(kPrefix) + key.hex();
}

const consensus::TurnKey *turnOf(const consensus::Proposal &proposal, DeviceIndex device)
{
    const auto *turn = std::get_if<consensus::TurnKey>(&proposal.wish);
    return turn != nullptr && turn->device == device ? turn : nullptr;
}

} // namespace

// ---- the disk: 32 secret | 32 proposal | u32 last epoch | u16 key epoch ---------------------

void CareKeys::load(const store::StoredWorkspace &stored)
{
    for (const store::MetaRow &row : stored.meta) {
        if (!row.key.starts_with(kPrefix))
            continue;
        Reader in(row.value);
        const ByteView secret = in.raw(CareKey::kSize);
        Told told;
        told.proposal = in.fixedBytes<Hash>();
        told.lastEpoch = Epoch(in.u32());
        told.drawnIn = KeyEpoch(in.u16());
        if (!in.done())
            continue;
        auto drawn = keys::CareSecret::from(std::span<const std::byte, 32>(secret.data(), 32));
        if (rowOf(drawn.publicKey()) != row.key)
            continue;
        const CareKey key = drawn.publicKey();
        m_drawn.insert_or_assign(key, std::move(drawn));
        m_told.insert_or_assign(key, told);
    }
    m_mayWipe = true; // what was decided before the power went is on the disk
}

store::MetaRow CareKeys::hold(keys::CareSecret secret, const Told &told)
{
    const CareKey key = secret.publicKey();
    Writer out;
    out.raw(secret.secret().view());
    out.fixedBytes(told.proposal);
    out.u32(told.lastEpoch.value);
    out.u16(told.drawnIn.value);
    m_drawn.insert_or_assign(key, std::move(secret));
    m_told.insert_or_assign(key, told);
    return {rowOf(key), std::move(out).take()};
}

// ---- a new one ------------------------------------------------------------------------------

std::expected<Hash, Code> CareKeys::turn()
{
    const identity::Device *mine = m_state.configuration.device(m_state.me);
    if (mine == nullptr || !mine->mayRead || !m_state.guard->maySign())
        return std::unexpected(Code::E_NOT_MEMBER);
    if (isTold())
        return std::unexpected(Code::DUPLICATE);
    consensus::Proposal like;
    like.author = mine->member;
    like.device = m_state.me;
    like.wish = consensus::TurnKey{m_state.me, {}};
    if (!NLBD_MUTANT("care-tireless") && m_state.council->waits(like))
        return std::unexpected(Code::E_RATE);
    auto secret = keys::CareSecret::generate(m_state.config.random);
    const CareKey key = secret.publicKey();
    return m_state.council->makeProposal(
        consensus::TurnKey{m_state.me, key}, [&](const consensus::Proposal &proposal) {
            const Told told{proposal.hash(), proposal.lastEpoch, m_state.configuration.keyEpoch};
            store::Rows rows{hold(std::move(secret), told)};
            if (NLBD_MUTANT("care-unstored"))
                rows.clear();
            return rows;
        });
}

bool CareKeys::isTold() const
{
    const auto isMine = [this](const consensus::Proposal *proposal) {
        const auto *turn = turnOf(*proposal, m_state.me);
        return turn != nullptr && m_drawn.contains(turn->key);
    };
    return std::ranges::any_of(m_state.council->open(), isMine);
}

std::optional<KeyEpoch> CareKeys::turnedIn() const
{
    std::optional<KeyEpoch> newest;
    for (const auto &[key, told] : m_told)
        newest = std::max(newest, std::optional(told.drawnIn));
    return newest;
}

// ---- what is sealed to me -------------------------------------------------------------------

const identity::SecretKey &CareKeys::deviceKey() const
{
    const identity::SecretKey &newest = m_state.guard->newestKey();
    return m_state.known().indexOf(newest.publicKey()) ? newest : m_state.config.device;
}

const identity::Device *CareKeys::row() const
{
    const identity::Configuration &known = m_state.known();
    // Every step asks, and nearly always it is the row that is known as mine.
    const identity::Device *mine = known.device(m_state.me);
    if (mine != nullptr && mine->key == m_state.guard->newestKey().publicKey())
        return mine;
    const auto index = known.indexOf(deviceKey().publicKey());
    return index ? known.device(*index) : nullptr;
}

std::optional<CareKey> CareKeys::decidedKey() const
{
    const identity::Device *mine = row();
    return mine == nullptr ? std::nullopt : std::optional(consensus::careKeyOf(*mine));
}

bool CareKeys::isLost() const
{
    const identity::Device *mine = row();
    return mine != nullptr && mine->careKey && !m_drawn.contains(*mine->careKey);
}

std::vector<CareKey> CareKeys::candidates() const
{
    std::vector<CareKey> result;
    if (const auto decided = decidedKey())
        result.push_back(*decided);
    for (const auto &[key, told] : m_told)
        result.push_back(key);
    if (const auto first = keys::firstCareKeyOf(deviceKey().publicKey()))
        result.push_back(*first);
    return result;
}

// ---- what others tell -----------------------------------------------------------------------

void CareKeys::heard(const consensus::Proposal &proposal)
{
    const auto *turn = turnOf(proposal, m_state.me);
    // Signed by the device, whose secrets are on this disk before anything is told.
    if (turn != nullptr && proposal.device == m_state.me && !m_drawn.contains(turn->key)
        && !NLBD_MUTANT("care-deaf"))
        m_state.guard->heardUnknownKey();
}

void CareKeys::decided(const std::vector<consensus::Proposal> &proposals)
{
    m_waitsFor = m_state.out.lastToken();
    // One that is here no more was wiped because it could not be decided any more.
    if (isLost())
        std::ranges::for_each(proposals, [this](const auto &proposal) { heard(proposal); });
}

void CareKeys::persisted(PersistToken token)
{
    if (!m_waitsFor || token < *m_waitsFor)
        return;
    m_waitsFor.reset();
    m_mayWipe = true;
}

bool CareKeys::isSettled(const Told &told) const
{
    const identity::Configuration &known = m_state.known();
    return told.lastEpoch < known.epoch
        || std::ranges::binary_search(known.spent, told.proposal, {},
                                      &identity::SpentProposal::proposal);
}

bool CareKeys::holdsAllKeys() const
{
    const KeyEpoch last = m_state.known().keyEpoch;
    for (KeyEpoch epoch = last; m_state.keyOf(epoch) != nullptr;
         epoch = KeyEpoch(static_cast<std::uint16_t>(epoch.value - 1)))
        if (epoch == KeyEpoch())
            return true;
    return false;
}

void CareKeys::wipeOld()
{
    const auto decided = decidedKey();
    store::Rows rows;
    for (auto told = m_told.begin(); told != m_told.end();) {
        if (told->first == decided
            || (!isSettled(told->second) && !NLBD_MUTANT("care-wipe-untold"))) {
            ++told;
            continue;
        }
        rows.emplace_back(store::MetaRow{rowOf(told->first), {}});
        m_drawn.erase(told->first);
        told = m_told.erase(told);
    }
    if (!rows.empty())
        m_state.out.persist(std::move(rows), store::Sync::Full);
}

void CareKeys::tick()
{
    if (isLost() != m_isLossTold)
        sendAll();
    if (!m_mayWipe || m_waitsFor || isLost() || !holdsAllKeys() || NLBD_MUTANT("care-hoard"))
        return;
    m_mayWipe = false;
    wipeOld();
}

void CareKeys::sendAll()
{
    const bool wasTold = std::exchange(m_isLossTold, isLost());
    if ((m_isLossTold || wasTold) && !NLBD_MUTANT("care-mute"))
        m_state.out.notify(api::Trouble{api::Trouble::Kind::KeySecretMissing, {}, !m_isLossTold});
}

} // namespace nlbd::engine
