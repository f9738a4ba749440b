#include "core/engine/archivist.h"

#include "core/base/check.h"
#include "core/engine/attestor.h"
#include "core/engine/council.h"
#include "core/engine/epochs.h"
#include "core/engine/intake.h"

namespace nlbd::engine {

namespace {

constexpr Domain kPackId{"rt1.packid"};

// What the engine's thread packs in one go: a few milliseconds, and a row that the store takes.
constexpr std::size_t kPieceChanges = 128;
constexpr std::size_t kPieceBytes = 48 * 1024;
// Changes that are looked at in one go where little is to be put away among many.
constexpr std::uint32_t kLookedAt = 16 * 1024;

} // namespace

// ---- at the start -------------------------------------------------------------------------------

std::set<Hash> Archivist::unpack(const std::vector<store::PackRow> &packs)
{
    const auto key = [this](KeyEpoch epoch) { return m_state.keyOf(epoch); };
    std::set<Hash> held;
    for (const store::PackRow &row : packs) {
        auto changes = history::decodePack(row.record, m_state.known(), key);
        if (!changes)
            continue;
        for (history::PackedChange &change : *changes) {
            held.insert(change.hash);
            m_unpacked.push_back(std::move(change));
        }
    }
    return held;
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
        if (m_state.isPacked[change.value - 1] || !m_state.graph.contains(m_goal->inside, change))
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
