// What must hold across decisions (PROTOCOL D4: I5, I6, I8; C15, C17).

#include "core/consensus/proposal.h"
#include "core/consensus/short_close.h"
#include "core/consensus/vote.h"
#include "core/history/void_rule.h"
#include "core/trust/ack.h"
#include "core/trust/sign_journal.h"
#include "tests/sim/checker.h"

#include <charconv>
#include <utility>

namespace nlbd::sim {

namespace {

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
    const identity::Configuration &newest = m_epochs.newest();
    const auto index = newest.indexOf(peer.key());
    return index && newest.device(*index)->mayRead;
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
    if (!epoch || !isWithinTolerance())
        return;
    if (const auto fault = m_epochs.keyStored(*epoch, row.value))
        fail("key", &peer, *fault);
}

void Checker::enterIfNew(PeerShell &peer)
{
    if (!peer.isHonest() || !peer.isUp())
        return;
    const Epoch epoch = peer.engine().configuration().epoch;
    if (std::exchange(m_memory[peer.number()].entered, epoch) != epoch)
        entered(peer);
}

/// A folder that was copied or put back never signs, where the second place tells (PROTOCOL C13).
void Checker::checkSignedBy(PeerShell &peer)
{
    if (peer.folder() == PeerShell::Folder::KnownCopy)
        fail("I8", &peer, "a copied folder signed with the key of its device");
}

void Checker::putBack(PeerShell &peer)
{
    Memory &memory = m_memory[peer.number()];
    memory.own.clear();
    memory.acked.clear();
    memory.ackedIn = {};
}

bool Checker::holdsWord(PeerShell &other, const JournalKey &key, const Hash &what) const
{
    using Plane = trust::SignJournal::Plane;
    const auto plane = static_cast<Plane>(key.plane);
    if (plane == Plane::Edit)
        return other.engine().graph().find(what) != ChangeHandle();
    const Epoch epoch = other.engine().configuration().epoch;
    if (key.epoch != epoch)
        return key.epoch < epoch; // what was said before it is over
    const auto stored = other.store().load();
    if (plane == Plane::Ack)
        return std::ranges::any_of(stored->acks, [&](const store::AckRow &row) {
            const auto ack = trust::Ack::decode(row.ack);
            return ack && ack->epoch == epoch && m_epochs.deviceOf(epoch, ack->seat) == key.device
                && ack->no >= key.phase;
        });
    return std::ranges::any_of(stored->control, [&](const store::ControlRow &row) {
        const auto vote = consensus::Vote::decode(row.record);
        const auto close = consensus::Close::decode(row.record);
        return (vote && vote->hash() == what) || (close && close->hash() == what);
    });
}

bool Checker::isLastWordKnown(const PeerShell &peer, const Peers &peers) const
{
    std::map<std::pair<std::uint8_t, Epoch>, std::pair<JournalKey, Hash>> newest;
    for (const auto &[key, what] : m_sent)
        if (key.device == peer.device())
            newest[{key.plane, key.epoch}] = {key, what}; // ascending: the last one stays
    for (const auto &other : peers) {
        if (!other->isHonest() || !stays(*other) || other->device() == peer.device())
            continue;
        const auto holds = [&](const auto &word) {
            return holdsWord(*other, word.second.first, word.second.second);
        };
        if (!other->isReachable() || !std::ranges::all_of(newest, holds))
            return false;
    }
    return true;
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
    checkRoot(peer);
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
    const auto closeSent = [&](const auto &close) {
        if (close && isMine(close->epoch, close->seat))
            signedAndSent(peer,
                          {peer.device(),
                           static_cast<std::uint8_t>(trust::SignJournal::Plane::Close),
                           close->epoch, 0, 0},
                          close->hash());
    };
    for (const gossip::ControlRecords::Record &record : records.records) {
        if (record.kind == ControlKind::Vote) {
            const auto vote = consensus::Vote::decode(record.bytes);
            if (vote && isMine(vote->epoch, vote->seat))
                signedAndSent(peer,
                              {peer.device(),
                               static_cast<std::uint8_t>(consensus::planeOf(vote->phase)),
                               vote->epoch, vote->round.value, 0},
                              vote->hash());
        } else if (record.kind == ControlKind::Close) {
            closeSent(consensus::Close::decode(record.bytes));
        } else if (record.kind == ControlKind::ShortClose) {
            closeSent(consensus::ShortClose::decode(record.bytes));
        } else if (record.kind == ControlKind::Proposal) {
            checkSentTurn(peer, record.bytes);
        }
    }
}

/// Nobody hears of a key whose secret a power cut could still take (C17, KEYCARE).
void Checker::checkSentTurn(PeerShell &peer, const Bytes &record)
{
    const auto proposal = consensus::Proposal::decode(record);
    const auto *turn = proposal ? std::get_if<consensus::TurnKey>(&proposal->wish) : nullptr;
    const bool isMine = turn != nullptr && turn->device == peer.device()
        && peer.folder() == PeerShell::Folder::Own && m_turned.insert(turn->key).second;
    if (isMine && !holdsSecret(peer, turn->key))
        fail("key", &peer, "told of a key whose secret was not on the disk");
}

bool Checker::holdsSecret(PeerShell &peer, const CareKey &key)
{
    const auto stored = peer.store().load();
    return std::ranges::any_of(stored->meta, [name = "care." + key.hex()](const auto &row) {
        return row.key == name && !row.value.empty();
    });
}

/// Whoever may read can open what the next decision brings; of older secrets none stays for ever.
void Checker::checkSecrets(PeerShell &peer)
{
    const identity::Device *row = peer.engine().myDevice();
    if (row == nullptr || !row->mayRead || peer.folder() != PeerShell::Folder::Own
        || peer.engine().standing() == engine::Engine::Standing::Copy)
        return;
    if (peer.engine().lacksKeySecret())
        fail("key", &peer, "lost the secret of the key that was decided for it");
    if (row->careKey && !holdsSecret(peer, *row->careKey))
        fail("key", &peer, "does not hold the secret of the key that was decided for it");
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
