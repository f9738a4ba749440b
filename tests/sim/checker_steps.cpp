// What is looked at after every step of an honest computer: texts (I2), what is ratified (I4, I5),
// own changes (I7), queues (I11). A step that stored nothing can have altered none of it, except
// where records are forgotten or read anew; those are noticed by their number.

#include "core/consensus/proposal_book.h"
#include "tests/sim/checker.h"

#include <functional>
#include <utility>

namespace nlbd::sim {

namespace {

constexpr Millis kQueuesEvery{2'000};

// What waits in memory and lies on a disk beside the texts. A few open wishes with everybody's
// answers, and the records of one epoch; each of these goes with it.
constexpr std::size_t kControlRowsPerDevice = 64;
/// Asked for by its owner, by its computer, named by others, and a fence.
constexpr std::size_t kWishesPerDevice = consensus::ProposalBook::kOpenPerMemberMax
    + consensus::ProposalBook::kNoticedPerMemberMax + consensus::ProposalBook::kNamedPerMemberMax
    + 1;
constexpr std::size_t kWritesPerDevice = 64; ///< steps while one write lasts

/// No digest: nobody attacks the checker, and it looks at every step.
std::uint64_t fingerprintOf(const engine::Snapshot::DocumentText &document)
{
    std::uint64_t result = 0;
    const auto mix = [&result](std::uint64_t value) {
        result = (result ^ value) * 0x9E37'79B9'7F4A'7C15U;
        result ^= result >> 29U;
    };
    mix(document.doc.value);
    mix(std::hash<std::string>()(document.title));
    mix(std::hash<std::string>()(document.text));
    return result;
}

} // namespace

void Checker::stepped(PeerShell &peer)
{
    if (!peer.isHonest() || !peer.isUp() || !m_world.profile.isWatched)
        return;
    enterIfNew(peer);
    Memory &memory = m_memory[peer.number()];
    noteRewritten(peer, memory);
    if (std::exchange(memory.mayRatify, false))
        checkRatified(peer);
    // What is typed and not signed yet is shown, and no record says so.
    if ((memory.areTextsNew || !memory.newTexts.empty()) && !peer.engine().hasOpenChange())
        checkSnapshot(peer);
    if (m_world.queue.now() >= memory.queuesSeen + kQueuesEvery) {
        memory.queuesSeen = m_world.queue.now();
        checkQueues(peer);
    }
}

/// After a start, a decision, or when void changes were forgotten, everything is looked at anew.
void Checker::noteRewritten(PeerShell &peer, Memory &memory)
{
    const std::size_t held = peer.engine().graph().size();
    const Epoch epoch = peer.engine().configuration().epoch;
    const bool isRestarted =
        std::exchange(memory.generation, peer.generation()) != peer.generation();
    const bool isDecided = std::exchange(memory.epoch, epoch) != epoch;
    const bool isAsTaken =
        std::exchange(memory.held, held) + std::exchange(memory.taken, 0) == held;
    if (!isRestarted && !isDecided && isAsTaken)
        return;
    if (isRestarted)
        memory.provenForks.clear();
    memory.ratified.clear();
    memory.mayRatify = memory.areTextsNew = true;
    checkOwnKept(peer);
}

// ---- I2 ----------------------------------------------------------------------------------------

void Checker::lookAtTexts(PeerShell &peer, Memory &memory)
{
    if (std::exchange(memory.areTextsNew, false)) {
        memory.texts.clear();
        for (const auto &document : peer.engine().snapshot().documents)
            memory.texts[document.doc] = fingerprintOf(document);
    } else {
        for (const DocIndex doc : memory.newTexts)
            if (const auto document = peer.engine().document(doc))
                memory.texts[doc] = fingerprintOf(*document);
    }
    memory.newTexts.clear();
}

void Checker::checkSnapshot(PeerShell &peer)
{
    Memory &memory = m_memory[peer.number()];
    lookAtTexts(peer, memory);
    std::uint64_t documents = memory.texts.size();
    for (const auto &[doc, fingerprint] : memory.texts)
        documents += fingerprint;
    auto &texts = m_snapshots[peer.engine().configuration().decision];
    if (texts.try_emplace(peer.engine().frontierRoot(), documents).first->second != documents)
        fail("I2", &peer, "shows another text than somebody else with the same records");
}

// ---- I4, I5 ------------------------------------------------------------------------------------

/// Along every chain what is ratified is a beginning of it, which only grows.
void Checker::checkRatified(PeerShell &peer)
{
    if (!isWithinTolerance())
        return;
    std::vector<Seq> &seen = m_memory[peer.number()].ratified;
    const history::CausalGraph &graph = peer.engine().graph();
    for (std::size_t i = 0; i < graph.chainCount(); ++i) {
        const history::ChainId chain(static_cast<std::uint16_t>(i));
        if (i == seen.size())
            seen.emplace_back(graph.firstOf(chain).value - 1);
        const Seq head = graph.entry(graph.headOf(chain)).seq;
        while (seen[i] < head) {
            const ChangeHandle next = graph.onChain(chain, seen[i].next());
            if (!peer.engine().isRatified(next))
                break;
            isNowRatified(peer, next);
            seen[i] = seen[i].next();
        }
    }
}

void Checker::isNowRatified(PeerShell &peer, ChangeHandle change)
{
    const auto &entry = peer.engine().graph().entry(change);
    const identity::Configuration &configuration = peer.engine().configuration();
    // A decision may have let both branches of a fork in (PROTOCOL C6).
    if (configuration.devices[entry.device.value].penEnd)
        return;
    const Place place{entry.device, entry.seq};
    const auto [known, isNew] =
        m_ratified.try_emplace(place, std::pair(entry.hash, configuration.epoch));
    if (known->second.first != entry.hash)
        fail("I4", &peer, "two changes at one place are ratified");
    // Whoever has taken up the decision by now was not asked about it then.
    if (isNew && configuration.epoch < m_epochs.newest().epoch
        && !isClosedIn(place, entry.hash, configuration.epoch.next()))
        fail("I5", &peer, "ratified what the decision that others took up left out");
}

/// By the decisions up to the one that began `last`.
bool Checker::isClosedIn(Place place, const Hash &change, Epoch last) const
{
    for (Epoch epoch(1); epoch <= last; epoch = epoch.next()) {
        const identity::Configuration *configuration = m_epochs.at(epoch);
        if (configuration == nullptr)
            continue;
        const auto isInside = [&](const identity::ChainHead &head) {
            return head.device == place.first && isOnBranch(head.head, change);
        };
        if (std::ranges::any_of(configuration->closing, isInside))
            return true;
    }
    return false;
}

// ---- I7 ----------------------------------------------------------------------------------------

std::optional<Hash> Checker::lostOwn(const PeerShell &peer) const
{
    const auto memory = m_memory.find(peer.number());
    if (memory == m_memory.end())
        return std::nullopt;
    const history::CausalGraph &graph = peer.engine().graph();
    for (const Hash &own : memory->second.own) {
        const auto change = m_changes.find(own);
        const bool isBeyond = change != m_changes.end()
            && EpochsSeen::isBeyond(peer.engine().configuration(), peer.device(),
                                    change->second.header.seq);
        if (graph.find(own) == ChangeHandle() && !isBeyond)
            return own;
    }
    return std::nullopt;
}

/// What the journal holds may stand on what went with the power; then nothing is written on top.
void Checker::checkOwnKept(PeerShell &peer)
{
    if (!peer.engine().isBehindJournal() && lostOwn(peer))
        fail("I7", &peer, "lost a change of its own that was durable");
}

// ---- I11 ---------------------------------------------------------------------------------------

void Checker::checkQueues(PeerShell &peer)
{
    const engine::Engine &engine = peer.engine();
    const identity::Configuration &configuration = engine.configuration();
    if (engine.orphans() > limits::kOrphansPerDevice * configuration.devices.size())
        fail("I11", &peer, "holds too many changes that wait for others");
    if (peer.writesWaiting() > kWritesPerDevice * configuration.devices.size() && peer.isDiskGood())
        fail("I11", &peer, "has a disk that does not follow");
    if (engine.decisions().open.size() > kWishesPerDevice * configuration.devices.size())
        fail("I11", &peer, "holds too many open wishes");
}

void Checker::checkDisk(PeerShell &peer)
{
    const auto stored = peer.store().load();
    const identity::Configuration &newest = m_epochs.newest();
    if (stored->control.size() > kControlRowsPerDevice * newest.devices.size())
        fail("I11", &peer,
             "stores " + std::to_string(stored->control.size()) + " records about one decision");
    if (stored->acks.size() > newest.devices.size()
        || stored->refusals.size() > limits::kRefusalsMax
        || stored->evidence.size() > limits::kEvidenceMax)
        fail("I11", &peer, "stores more than the limits say");
    if (stored->changes.size() > m_changes.size())
        fail("I11", &peer, "stores changes that nobody made");
    if (peer.folder() != PeerShell::Folder::Own)
        return; // what it signed elsewhere came back to it from others
    // The journal has a row for whatever this device signed, and nothing else.
    std::size_t mine = 0;
    for (const store::ChangeRow &row : stored->changes)
        mine += row.device == peer.device() ? 1 : 0;
    if (mine > stored->journal.size())
        fail("I11", &peer, "stores more changes of its own than it signed");
}

} // namespace nlbd::sim
