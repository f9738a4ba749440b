#include "core/engine/archivist.h"

#include "core/base/check.h"
#include "core/engine/attestor.h"
#include "core/engine/council.h"
#include "core/engine/epochs.h"
#include "core/engine/intake.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

namespace {

constexpr Domain kPackId{"rt1.packid"};

// What the engine's thread packs in one go: a few milliseconds, and a row that the store takes.
constexpr std::size_t kPieceChanges = 128;
constexpr std::size_t kPieceBytes = 48 * 1024;
// Changes that are looked at in one go where little is to be put away among many.
constexpr std::uint32_t kLookedAt = 16 * 1024;

/// A change and what it stands on.
struct Standing {
    Hash hash;
    std::vector<Hash> parents;
};

void note(const Bytes &record, std::vector<Standing> &all)
{
    const auto add = [&all](const Hash &hash, const history::ChangeHeader &header) {
        Standing &it = all.emplace_back(hash, std::vector<Hash>());
        if (header.seq > Seq(1))
            it.parents.push_back(header.prev);
        for (const history::DepRef &dep : header.deps)
            it.parents.push_back(dep.hash);
    };
    if (history::isDecidedForm(record)) {
        if (const auto decided = history::decodeDecided(record))
            add(decided->hash, decided->header);
    } else if (const auto change = history::decodeFull(record)) {
        add(change->hash, change->header);
    }
}

/// One pass where causes stand before effects; more where a disk lost something in between.
std::unordered_set<Hash> wholeOf(std::vector<Standing> all)
{
    std::unordered_set<Hash> whole;
    for (std::size_t before = SIZE_MAX; !all.empty() && all.size() < before;) {
        before = all.size();
        std::erase_if(all, [&whole](const Standing &it) {
            const bool isWhole = std::ranges::all_of(
                it.parents, [&whole](const Hash &parent) { return whole.contains(parent); });
            if (isWhole)
                whole.insert(it.hash);
            return isWhole;
        });
    }
    return whole;
}

} // namespace

// ---- at the start -------------------------------------------------------------------------------

std::unordered_set<Hash> Archivist::unpack(const store::StoredWorkspace &stored)
{
    const auto key = [this](KeyEpoch epoch) { return m_state.keyOf(epoch); };
    std::vector<Standing> all;
    for (const store::PackRow &row : stored.packs) {
        auto changes = history::decodePack(row.record, m_state.known(), key);
        for (std::size_t i = 0; changes && i < changes->size(); ++i) {
            note((*changes)[i].record, all);
            m_unpacked.push_back(std::move((*changes)[i]));
        }
    }
    for (const store::ChangeRow &row : stored.changes)
        note(row.record, all);
    for (const store::JournalRow &row : stored.journal)
        if (row.plane == static_cast<std::uint8_t>(trust::SignJournal::Plane::Edit))
            note(row.bytes, all);
    return wholeOf(std::move(all));
}

// What a damaged pack held may have come again as rows, behind packs that stand on it: whatever
// found no place is tried again until nothing more does.
void Archivist::restore(const std::vector<store::ChangeRow> &rows)
{
    std::vector<history::PackedChange> waiting;
    const auto take = [this](const history::PackedChange &change, bool isPacked) {
        const bool isTaken = m_state.intake->restore(change.record, change.isSignatureChecked);
        if (isTaken)
            m_state.isPacked.back() = isPacked;
        return isTaken;
    };
    for (history::PackedChange &change : m_unpacked)
        if (!take(change, true))
            waiting.push_back(std::move(change));
    m_unpacked = {};
    std::vector<const store::ChangeRow *> rowsWaiting;
    for (const store::ChangeRow &row : rows)
        if (!m_state.intake->restore(row.record, row.isSignatureChecked))
            rowsWaiting.push_back(&row);
    for (std::size_t before = SIZE_MAX; !waiting.empty() && waiting.size() < before;) {
        before = waiting.size();
        std::erase_if(waiting, [&](const auto &change) { return take(change, true); });
        std::erase_if(rowsWaiting, [this](const store::ChangeRow *row) {
            return m_state.intake->restore(row->record, row->isSignatureChecked);
        });
    }
}

// ---- while it runs ------------------------------------------------------------------------------

void Archivist::handlesChanged()
{
    m_goal.reset();
    m_done.reset();
}

void Archivist::persisted(PersistToken token)
{
    if (m_waitsFor && token >= *m_waitsFor)
        m_waitsFor.reset();
}

/// Whether the stable frontier is past the newest checkpoint: a seat that signs for anything in an
/// epoch after it signs for all that it closed in (PROTOCOL C8, A2).
bool Archivist::isStable() const
{
    if (m_state.isAlone())
        return true;
    for (std::size_t i = 0; i < m_state.seatCount(); ++i)
        if (m_state.attestor->of(SeatIndex(static_cast<std::uint16_t>(i))) == nullptr)
            return false;
    return true;
}

std::optional<Archivist::Goal> Archivist::findGoal() const
{
    const auto &checkpoint = m_state.configuration.checkpoint;
    if (!checkpoint || m_done == checkpoint->epoch
        || m_state.configuration.epoch <= checkpoint->epoch || !isStable())
        return std::nullopt;
    return Goal{checkpoint->epoch, m_state.epochs->closedThrough(checkpoint->epoch)};
}

std::vector<ChangeHandle> Archivist::nextPiece()
{
    std::vector<ChangeHandle> piece;
    std::size_t bytes = 0;
    for (std::uint32_t looked = 0; m_goal->next <= m_state.graph.size() && looked < kLookedAt;
         ++looked, ++m_goal->next) {
        const ChangeHandle change(m_goal->next);
        // Packs hold no covers.
        if (m_state.isPacked[change.value - 1] || m_state.covered.contains(change)
            || !m_state.graph.contains(m_goal->inside, change))
            continue;
        bytes += m_state.records[change.value - 1].size();
        const bool isOfOneForm =
            piece.empty() || m_state.isDecidedForm(piece.front()) == m_state.isDecidedForm(change);
        if (piece.size() == kPieceChanges || (bytes > kPieceBytes && !piece.empty())
            || !isOfOneForm)
            return piece;
        piece.push_back(change);
    }
    return piece;
}

void Archivist::pack(const std::vector<ChangeHandle> &piece)
{
    const auto key = [this](KeyEpoch epoch) { return m_state.keyOf(epoch); };
    std::vector<history::PackedChange> changes;
    store::PackRow row;
    for (const ChangeHandle change : piece) {
        const std::size_t at = change.value - 1;
        row.instead.push_back(m_state.graph.entry(change).hash);
        changes.push_back(
            {row.instead.back(), m_state.records[at], m_state.isSignatureChecked[at]});
    }
    auto packed = history::encodePack(changes, m_state.configuration, key);
    if (!packed)
        return; // they stay as they are
    row.id = digest(kPackId, *packed);
    row.record = std::move(*packed);
    for (const ChangeHandle change : piece)
        m_state.isPacked[change.value - 1] = true;
    m_waitsFor = m_state.out.persist({std::move(row)}, store::Sync::Lazy);
}

bool Archivist::putAway()
{
    if (m_waitsFor)
        return false;
    if (!m_goal)
        m_goal = findGoal();
    if (!m_goal)
        return false;
    const std::vector<ChangeHandle> piece = nextPiece();
    if (!piece.empty()) {
        pack(piece);
    } else if (m_goal->next > m_state.graph.size()) {
        m_done = m_goal->checkpoint;
        m_goal.reset();
    }
    return m_goal && !m_waitsFor;
}

} // namespace nlbd::engine
