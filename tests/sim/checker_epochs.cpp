// What must hold across decisions (PROTOCOL D4: I5, I6, I8; C15, C17).

#include "core/consensus/close.h"
#include "core/consensus/vote.h"
#include "core/history/void_rule.h"
#include "core/trust/sign_journal.h"
#include "tests/sim/checker.h"

#include <charconv>

namespace nlbd::sim {

namespace {

std::uint8_t planeOf(consensus::Phase phase)
{
    using Plane = trust::SignJournal::Plane;
    switch (phase) {
    case consensus::Phase::Propose:
        return static_cast<std::uint8_t>(Plane::Propose);
    case consensus::Phase::Prevote:
        return static_cast<std::uint8_t>(Plane::Prevote);
    case consensus::Phase::Precommit:
        break;
    }
    return static_cast<std::uint8_t>(Plane::Precommit);
}

std::optional<KeyEpoch> keyEpochOf(std::string_view name)
{
    constexpr std::string_view kPrefix = "key.";
    std::uint16_t epoch = 0;
    if (!name.starts_with(kPrefix))
        return std::nullopt;
    const char *end = name.data() + name.size();
    return std::from_chars(name.data() + kPrefix.size(), end, epoch).ptr == end
        ? std::optional(KeyEpoch(epoch))
        : std::nullopt;
}

} // namespace

bool Checker::stays(const PeerShell &peer) const
{
    return m_epochs.newest().devices[peer.device().value].mayRead;
}

/// At the start of an epoch every frontier is what was closed in, and goes on from there: the one
/// exception to A2.
std::map<DeviceIndex, Hash> Checker::ackedBefore(const Memory &memory, Epoch epoch) const
{
    const identity::Configuration *configuration = m_epochs.at(epoch);
    if (memory.ackedIn == epoch || configuration == nullptr)
        return memory.acked;
    std::map<DeviceIndex, Hash> heads;
    for (const identity::ChainHead &head : configuration->closing)
        if (configuration->devices[head.device.value].mayWrite)
            heads.emplace(head.device, head.head);
    return heads;
}

void Checker::checkKeyRow(PeerShell &peer, const store::MetaRow &row)
{
    const auto epoch = keyEpochOf(row.key);
    if (!epoch)
        return;
    if (const auto fault = m_epochs.keyStored(*epoch, row.value))
        fail("key", &peer, *fault);
}

/// A computer took up a decision. What anybody honest had seen ratified before is closed in.
void Checker::entered(PeerShell &peer)
{
    const identity::Configuration &configuration = peer.engine().configuration();
    m_world.note(peer.number(), "epoch", configuration.epoch.value);
    if (!isWithinTolerance())
        return;
    if (const auto fault = m_epochs.entered(configuration))
        fail("I6", &peer, *fault);
    const history::CausalGraph &graph = peer.engine().graph();
    for (const auto &[place, ratified] : m_ratified) {
        const auto &[hash, when] = ratified;
        if (when >= configuration.epoch)
            continue;
        const ChangeHandle held = graph.find(hash);
        if (held == ChangeHandle())
            fail("I5", &peer, "took up a decision without a change that was ratified before it");
        else if (!peer.engine().isRatified(held)
                 || history::footingOf(configuration, graph, place.first, place.second, hash)
                     == history::Footing::Beyond)
            fail("I5", &peer, "a decision takes back a change that was ratified before it");
    }
}

void Checker::checkSentControl(PeerShell &peer, const gossip::ControlRecords &records)
{
    using gossip::ControlKind;
    const auto isMine = [&](Epoch epoch, SeatIndex seat) {
        return m_epochs.deviceOf(epoch, seat) == peer.device();
    };
    for (const gossip::ControlRecords::Record &record : records.records) {
        if (record.kind == ControlKind::Vote) {
            const auto vote = consensus::Vote::decode(record.bytes);
            if (vote && isMine(vote->epoch, vote->seat))
                signedAndSent(
                    peer, {peer.device(), planeOf(vote->phase), vote->epoch, vote->round.value, 0},
                    vote->hash());
        } else if (record.kind == ControlKind::Close) {
            const auto close = consensus::Close::decode(record.bytes);
            if (close && isMine(close->epoch, close->seat))
                signedAndSent(peer,
                              {peer.device(),
                               static_cast<std::uint8_t>(trust::SignJournal::Plane::Close),
                               close->epoch, 0, 0},
                              close->hash());
        }
    }
}

/// The removed write no more: what they signed later is held where honest work stands on it only.
void Checker::checkGhosts(PeerShell &peer)
{
    const history::CausalGraph &graph = peer.engine().graph();
    const auto isVoid = [&](ChangeHandle change) {
        const auto &entry = graph.entry(change);
        return history::footingOf(peer.engine().configuration(), graph, entry.device, entry.seq,
                                  entry.hash)
            == history::Footing::Beyond;
    };
    std::set<ChangeHandle> isHeld; // something that counts stands on it
    for (auto i = static_cast<std::uint32_t>(graph.size()); i >= 1; --i) {
        const ChangeHandle change(i);
        if (isVoid(change) && !isHeld.contains(change)) {
            fail("C15", &peer, "holds a void change that nothing stands on");
            return;
        }
        const auto &entry = graph.entry(change);
        isHeld.insert(entry.prev);
        isHeld.insert(entry.deps.begin(), entry.deps.end());
    }
}

/// Who was removed does not get the key that was made because of it.
void Checker::checkRemoved(PeerShell &peer)
{
    if (stays(peer))
        return;
    const auto stored = peer.store().load();
    for (const store::MetaRow &row : stored->meta)
        if (const auto epoch = keyEpochOf(row.key))
            if (*epoch >= m_epochs.newest().keyEpoch)
                fail("key", &peer, "was removed and holds the key made after it");
}

} // namespace nlbd::sim
