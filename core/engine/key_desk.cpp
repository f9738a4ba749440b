#include "core/engine/key_desk.h"

#include "core/base/check.h"
#include "core/engine/care_keys.h"
#include "core/engine/council.h"
#include "core/engine/evidence_book.h"
#include "core/engine/exchange.h"
#include "core/engine/self_guard.h"
#include "core/gossip/anti_entropy.h"

namespace nlbd::engine {

namespace {

constexpr Millis kAskPause{1'000};

} // namespace

bool KeyDesk::isReady() const
{
    const identity::Configuration &now = m_state.configuration;
    const identity::Device *mine = now.device(m_state.me);
    return m_state.keyOf(now.keyEpoch) != nullptr || (mine != nullptr && !mine->mayRead);
}

bool KeyDesk::isMissing() const
{
    const identity::Device *mine = m_state.careKeys->row();
    return mine != nullptr && mine->mayRead && m_state.keyOf(m_state.known().keyEpoch) == nullptr;
}

/// Without the secret that it would come sealed to, nothing is asked for.
bool KeyDesk::isAsking() const
{
    return isMissing() && !m_state.careKeys->isLost();
}

store::MetaRow KeyDesk::hold(KeyEpoch epoch, keys::WorkspaceKey key)
{
    const ByteView secret = key.view();
    store::MetaRow row{"key." + std::to_string(epoch.value), copyOf(secret)};
    m_state.keyring.insert_or_assign(epoch, std::move(key));
    return row;
}

store::Rows KeyDesk::decided(const consensus::Decision &decision,
                             const identity::Configuration &before)
{
    const identity::Configuration &next = m_state.known();
    const identity::Device *mine = m_state.careKeys->row();
    if (!decision.offer || mine == nullptr || !mine->mayRead)
        return {};
    auto key = keys::openOwnBox(decision.offer->boxes, consensus::recipientsOf(before, next),
                                m_state.careKeys->holder(), next.keyCommit);
    if (!key)
        return {}; // the quorum let a bad box pass: others hold the key, and give it
    store::Rows rows;
    rows.emplace_back(hold(next.keyEpoch, std::move(*key)));
    m_mayLackPast = true;
    return rows;
}

void KeyDesk::followChain()
{
    const identity::Configuration &known = m_state.known();
    if (m_state.keyOf(known.keyEpoch) == nullptr)
        return;
    std::vector<consensus::OfferedKey> links; // [i] made key epoch i + 1
    const consensus::DecisionLog &log = m_state.council->log();
    for (Epoch epoch = log.first(); epoch < log.now().epoch; epoch = epoch.next()) {
        const auto decision = consensus::Decision::decode(*log.decision(epoch));
        CHECK(decision.has_value());
        if (decision->offer)
            links.push_back(*decision->offer);
    }
    store::Rows rows;
    for (std::size_t after = links.size(); after > 0; --after) {
        const KeyEpoch before(static_cast<std::uint16_t>(after - 1));
        const keys::WorkspaceKey *held = m_state.keyOf(before.next());
        if (held == nullptr || m_state.keyOf(before) != nullptr)
            continue;
        const Hash &commitment =
            after == 1 ? m_state.config.genesis.genesis.keyCommit : links[after - 2].commitment;
        auto key = keys::openPastKey(*held, links[after - 1].pastKey, commitment);
        if (key)
            rows.emplace_back(hold(before, std::move(*key)));
    }
    if (rows.empty())
        return;
    m_state.out.persist(std::move(rows), store::Sync::Full);
    m_state.exchange->compareNow();
}

void KeyDesk::receive(PeerId from, const gossip::PullKey &)
{
    const auto device = m_state.exchange->deviceOf(from);
    const identity::Configuration &known = m_state.known();
    const identity::Device *reader = device ? known.device(*device) : nullptr;
    const keys::WorkspaceKey *key = m_state.keyOf(known.keyEpoch);
    if (reader == nullptr || !reader->mayRead || key == nullptr)
        return;
    if (const auto sealed = keys::offerKey(*key, {{reader->key, consensus::careKeyOf(*reader)}}))
        m_state.exchange->answer(from, gossip::SealedKey{known.keyEpoch, sealed->encode()},
                                 m_state.out.lastToken());
}

/// Whoever sealed it may be a decision ahead of this computer, or behind it.
std::expected<keys::WorkspaceKey, Code> KeyDesk::opened(ByteView sealed,
                                                        const Hash &commitment) const
{
    const auto offer = keys::KeyOffer::decode(sealed);
    if (!offer)
        return std::unexpected(offer.error());
    Code fault = Code::E_KEY_OFFER;
    for (const CareKey &candidate : m_state.careKeys->candidates()) {
        const keys::KeyHolder holder = m_state.careKeys->holder();
        auto key = keys::openOffer(*offer, {{holder.device(), candidate}}, holder, commitment);
        if (key)
            return key;
        if (key.error() == Code::E_KEY_COMMIT)
            fault = key.error();
    }
    return std::unexpected(fault);
}

void KeyDesk::receive(PeerId from, const gossip::SealedKey &message)
{
    const identity::Configuration &known = m_state.known();
    if (!isMissing() || message.keyEpoch != known.keyEpoch)
        return; // another was faster, or a newer key was decided meanwhile
    if (m_state.careKeys->isLost())
        return; // nobody is to blame for a box that can't be opened here
    auto key = opened(message.offer, known.keyCommit);
    if (!key && m_state.guard->isCopy())
        return; // whoever meets it under its old key seals to what that device has elsewhere
    if (!key) {
        m_state.evidence->refuse({key.error(),
                                  "The key it gave is not the one that was decided.",
                                  m_state.exchange->deviceOf(from),
                                  {},
                                  Seq(),
                                  message.offer});
        m_state.exchange->cut(from, key.error());
        return;
    }
    store::Rows rows;
    rows.emplace_back(hold(known.keyEpoch, std::move(*key)));
    m_state.out.persist(std::move(rows), store::Sync::Full);
    followChain();
    m_state.exchange->compareNow();
}

void KeyDesk::tick()
{
    if (std::exchange(m_mayLackPast, false)) // once, after however many decisions came
        followChain();
    if (m_askAt > m_state.now.mono || !isAsking())
        return;
    const auto sessions =
        gossip::choosePartners(m_state.exchange->sessions(), 1, m_state.config.random);
    if (sessions.empty())
        return;
    m_askAt = m_state.now.mono + kAskPause;
    m_state.out.send(sessions.front(), gossip::PullKey{});
}

std::optional<MonoTime> KeyDesk::nextDeadline() const
{
    return isAsking() && !m_state.exchange->sessions().empty() ? std::optional(m_askAt)
                                                               : std::nullopt;
}

} // namespace nlbd::engine
