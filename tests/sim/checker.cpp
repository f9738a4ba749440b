#include "tests/sim/checker.h"

#include "core/base/check.h"
#include "core/gossip/message.h"
#include "core/trust/ack.h"
#include "core/trust/sign_journal.h"
#include "tests/sim/rebuild.h"
#include "tests/support/acks_of.h"

#include <cstring>

namespace nlbd::sim {

namespace {

constexpr auto kEditPlane = static_cast<std::uint8_t>(trust::SignJournal::Plane::Edit);
constexpr auto kAckPlane = static_cast<std::uint8_t>(trust::SignJournal::Plane::Ack);

bool isSame(ByteView a, ByteView b)
{
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

std::map<DeviceIndex, Hash> headsOf(const trust::Frontier &frontier)
{
    std::map<DeviceIndex, Hash> heads;
    for (const trust::FrontierEntry &entry : frontier)
        heads.emplace(entry.device, entry.head);
    return heads;
}

} // namespace

void Checker::fail(std::string_view invariant, const PeerShell *peer, std::string_view what)
{
    if (m_failure)
        return;
    m_failure = std::string(invariant) + ": " + std::string(what);
    if (peer != nullptr)
        *m_failure += " (peer " + std::to_string(peer->number()) + ")";
    *m_failure += " at " + std::to_string(m_world.queue.now().time_since_epoch().count()) + " ms";
}

bool Checker::isHonest(DeviceIndex device) const
{
    // Whoever came later is honest.
    return device.value < m_world.profile.peers - m_world.profile.hostile
        || device.value >= m_world.profile.peers;
}

bool Checker::isWithinTolerance() const
{
    return m_world.profile.hostile <= identity::toleratedFaults(m_world.profile.peers);
}

void Checker::madeByHostile(const history::UnverifiedChange &change)
{
    if (m_hostile.size() < 64)
        m_hostile.push_back(change);
}

// ---- I1: every change that an engine takes ---------------------------------------------------

std::optional<std::string> Checker::faultIn(const history::UnverifiedChange &change,
                                            bool isSignatureTried) const
{
    const history::ChangeHeader &header = change.header;
    // The newest decision has the rows of all who ever came; who lost the pen had it once.
    const identity::Configuration &configuration = m_epochs.newest();
    const identity::Device *device = configuration.device(header.device);
    if (device == nullptr || (!device->mayWrite && !device->penEnd))
        return "a device without the right to write";
    const auto holds = [&](const Hash &hash, const Signature &signature) {
        return m_world.scheme.verify(device->key, domains::kChange, configuration.workspace, hash,
                                     signature);
    };
    // Its own, or that of a later link which it carries along as a cover.
    const auto isSigned = [&] {
        if (holds(change.hash, change.signature))
            return true;
        Hash last = change.hash;
        for (const history::SignedHeader &link : change.cover)
            if (link.header.prev != std::exchange(last, link.header.hash()))
                return false;
        return !change.cover.empty() && holds(last, change.cover.back().signature);
    };
    if (header.hash() != change.hash || (isSignatureTried && !isSigned()))
        return "a change that its device did not sign";
    std::uint64_t highest = 0;
    if (header.seq > Seq(1)) {
        const auto prev = m_changes.find(header.prev);
        if (prev == m_changes.end() || prev->second.header.device != header.device
            || prev->second.header.seq.next() != header.seq)
            return "a change that breaks its chain";
        highest = prev->second.header.lamport.value;
    }
    for (const history::DepRef &dep : header.deps) {
        const auto held = m_changes.find(dep.hash);
        if (held == m_changes.end())
            return "a change whose parents nobody holds";
        highest = std::max(highest, held->second.header.lamport.value);
    }
    if (header.lamport.value != highest + 1)
        return "a change with a wrong logical time";
    if (digest(domains::kPayload, change.payload) != header.payloadHash)
        return "a change with another content than was signed";
    const keys::PayloadContext context{header.doc, header.device, header.seq, header.associated()};
    const keys::WorkspaceKey *key = m_epochs.key(header.keyEpoch);
    if (key == nullptr || !keys::openPayload(*key, context, change.payload))
        return "a change that cannot be decrypted";
    return std::nullopt;
}

void Checker::checkRecord(PeerShell &peer, const store::ChangeRow &row)
{
    if (const auto decided = history::decodeDecided(row.record)) {
        if (decided->hash != row.hash || !m_changes.contains(row.hash))
            fail("I14", &peer, "took from a snapshot what nobody signed");
        return;
    }
    // The same bytes as before can be found no other way now.
    const auto seen = m_records.find(row.hash);
    if (seen != m_records.end() && isSame(seen->second, row.record))
        return;
    const auto change = history::decodeFull(row.record);
    if (!change || change->hash != row.hash) {
        fail("I1", &peer, "stored a record that is not the change it is filed under");
        return;
    }
    const auto known = m_changes.find(row.hash);
    // A run's later signature vouches for its earlier ones by hash: those may come altered.
    if (known != m_changes.end()) {
        if (known->second.header != change->header || known->second.payload != change->payload)
            fail("I1", &peer, "two records of one hash");
        if (known->second.signature == change->signature || !row.isSignatureChecked)
            return;
    }
    if (const auto fault = faultIn(*change, row.isSignatureChecked)) {
        fail("I1", &peer, "took " + *fault);
        return;
    }
    if (row.isSignatureChecked)
        m_covered.erase(row.hash);
    else if (known == m_changes.end())
        m_covered.insert(row.hash);
    m_places[{change->header.device, change->header.seq}].insert(row.hash);
    m_followed.insert(change->header.prev);
    m_changes.insert_or_assign(row.hash, *change);
    m_records.insert_or_assign(row.hash, row.record);
}

void Checker::persisting(PeerShell &peer, const store::Rows &rows)
{
    if (!m_world.profile.isWatched)
        return;
    enterIfNew(peer); // a decision may have let in whose changes are stored now
    for (const store::Row &row : rows) {
        if (const auto *change = std::get_if<store::ChangeRow>(&row))
            checkRecord(peer, *change);
        else if (const auto *ack = std::get_if<store::AckRow>(&row);
                 ack != nullptr && peer.isHonest() && peer.folder() == PeerShell::Folder::Own)
            checkOwnAck(peer, *ack);
        else if (const auto *meta = std::get_if<store::MetaRow>(&row))
            checkKeyRow(peer, *meta);
        if (peer.isHonest())
            noteRow(peer, row);
    }
}

// ---- A1, A2, A3: what an honest seat signs for -----------------------------------------------

bool Checker::isOnBranch(const Hash &head, const Hash &below) const
{
    const auto target = m_changes.find(below);
    auto at = m_changes.find(head);
    while (at != m_changes.end() && target != m_changes.end()) {
        if (at->first == below)
            return true;
        if (at->second.header.seq <= target->second.header.seq)
            return false;
        at = m_changes.find(at->second.header.prev);
    }
    return false;
}

bool Checker::isClosed(const std::map<DeviceIndex, Hash> &frontier, const Hash &from,
                       const Hash &until, const identity::Configuration &configuration) const
{
    std::vector<Hash> open{from};
    std::set<Hash> ghosts; ///< have no entry, but what is below them counts
    while (!open.empty()) {
        const auto at = m_changes.find(open.back());
        open.pop_back();
        if (at == m_changes.end() || at->first == until)
            continue;
        std::vector<history::DepRef> below = at->second.header.deps;
        const history::ChangeHeader &header = at->second.header;
        below.push_back({header.device, Seq(header.seq.value - 1), header.prev});
        for (const history::DepRef &dep : below) {
            const auto head = frontier.find(dep.device);
            const bool isOver = configuration.devices[dep.device.value].penEnd.has_value();
            const bool isNext = dep.hash == header.prev;
            if (!isOver && !isNext
                && (head == frontier.end() || !isOnBranch(head->second, dep.hash)))
                return false;
            const bool isGhost = isOver && EpochsSeen::isBeyond(configuration, dep.device, dep.seq);
            if ((isNext && !isOver) || (isGhost && ghosts.insert(dep.hash).second))
                open.push_back(dep.hash);
        }
    }
    return true;
}

void Checker::checkOwnAck(PeerShell &peer, const store::AckRow &row)
{
    const auto ack = trust::Ack::decode(row.ack);
    if (ack && m_epochs.deviceOf(ack->epoch, row.seat) != peer.device())
        return;
    const auto frontier = trust::decodeFrontier(row.frontier);
    if (!ack || !frontier || trust::rootOf(*frontier) != ack->root) {
        fail("A4", &peer, "signed an acknowledgement that does not decode");
        return;
    }
    const std::map<DeviceIndex, Hash> heads = headsOf(*frontier);
    const std::map<DeviceIndex, Hash> acked = ackedBefore(m_memory[peer.number()], ack->epoch);
    for (const auto &[device, head] : heads) {
        if (peer.engine().graph().find(head) == ChangeHandle() || !m_changes.contains(head))
            fail("A1", &peer, "signed for a change that it does not hold");
        const auto before = acked.find(device);
        const Hash until = before == acked.end() ? Hash{} : before->second;
        if (before != acked.end() && !isOnBranch(head, until))
            fail("A2", &peer,
                 "left the branch of " + std::to_string(device.value) + " that it signed for in "
                     + std::to_string(ack->epoch.value));
        if (!isClosed(heads, head, until, *m_epochs.at(ack->epoch)))
            fail("A1", &peer, "signed for a frontier that is not causally closed");
    }
}

// ---- I8: nothing signed twice, nothing sent before it is durable ------------------------------

void Checker::stored(PeerShell &peer, const std::expected<void, store::StoreError> &result)
{
    if (!result)
        fail("I8", &peer, "the store refused a batch: " + result.error().detail);
}

void Checker::committed(PeerShell &peer, const store::Rows &rows, store::Sync)
{
    if (!m_world.profile.isWatched)
        return;
    for (const store::Row &row : rows) {
        if (const auto *journal = std::get_if<store::JournalRow>(&row)) {
            checkSignedBy(peer);
            m_durable.insert(
                {peer.device(), journal->plane, journal->epoch, journal->round, journal->phase});
            if (journal->plane != kEditPlane)
                continue;
            if (const auto change = history::decodeFull(journal->bytes))
                m_memory[peer.number()].own.insert(change->hash);
        } else if (const auto *ack = std::get_if<store::AckRow>(&row)) {
            // Only what is durable binds: an acknowledgement lost with its power was never sent.
            const auto signedAck = trust::Ack::decode(ack->ack);
            const auto frontier = trust::decodeFrontier(ack->frontier);
            if (!signedAck || !frontier
                || m_epochs.deviceOf(signedAck->epoch, ack->seat) != peer.device())
                continue;
            Memory &memory = m_memory[peer.number()];
            memory.acked = headsOf(*frontier);
            memory.ackedIn = signedAck->epoch;
        }
    }
}

void Checker::signedAndSent(PeerShell &peer, const JournalKey &key, const Hash &what)
{
    if (!peer.isHonest())
        return;
    if (!m_durable.contains(key))
        fail("I8", &peer, "sent a signature before it was durable");
    if (m_sent.try_emplace(key, what).first->second != what)
        fail("I8", &peer, "signed two records for one journal key");
}

void Checker::checkSentAck(PeerShell &peer, const gossip::AckMessage &message)
{
    const auto ack = trust::Ack::decode(message.ack);
    if (ack && m_epochs.deviceOf(ack->epoch, ack->seat) == peer.device())
        signedAndSent(peer, {peer.device(), kAckPlane, ack->epoch, 0, ack->no}, ack->root);
}

void Checker::checkSentChange(PeerShell &peer, const history::UnverifiedChange &change)
{
    if (change.header.device == peer.device())
        signedAndSent(peer, {peer.device(), kEditPlane, Epoch(0), 0, change.header.seq.value},
                      change.hash);
}

void Checker::sending(PeerShell &peer, std::uint8_t kind, ByteView body)
{
    if (!peer.isHonest() || !peer.isUp() || !m_world.profile.isWatched)
        return;
    if (m_lastSender == peer.number() && isSame(body, m_lastBody))
        return;
    m_lastSender = peer.number();
    m_lastBody = copyOf(body);
    const auto message = gossip::decode(kind, body);
    if (!message) {
        fail("C2", &peer,
             "sent a frame of kind " + std::to_string(kind)
                 + " that does not decode: " + std::string(codeName(message.error())) + ", "
                 + toHex(body.first(std::min<std::size_t>(body.size(), 64))));
        return;
    }
    if (const auto *push = std::get_if<gossip::Push>(&*message)) {
        for (const Bytes &record : push->changes) {
            const auto change = rebuiltShort(peer.engine().graph(), m_epochs.newest(), record);
            if (change)
                checkSentChange(peer, *change);
        }
    } else if (const auto *changes = std::get_if<gossip::Changes>(&*message)) {
        for (const Bytes &record : changes->changes) {
            if (const auto change = history::decodeFull(record))
                checkSentChange(peer, *change);
        }
    } else if (const auto *control = std::get_if<gossip::ControlRecords>(&*message)) {
        checkSentControl(peer, *control);
    }
    for (const gossip::AckMessage &ack : testing::acksOf(*message))
        checkSentAck(peer, ack);
}

} // namespace nlbd::sim
