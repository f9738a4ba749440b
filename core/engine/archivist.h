#pragma once

#include "core/engine/engine_state.h"
#include "core/history/pack.h"

#include <unordered_set>

namespace nlbd::engine {

/// Puts away on the disk what a decided checkpoint has closed in and every seat holds: rows of
/// single changes become packs (PROTOCOL C20; core/history/CHECKPOINT.md). In memory nothing
/// changes: records are served, proven and read in time as before.
///
/// One piece at a time: the next is packed when the one before is on the disk. What a crash takes
/// is packed again, for a pack and the rows that it stands for change places in one transaction.
class Archivist {
public:
    explicit Archivist(Engine::State &state)
        : m_state(state)
    {
    }

    // ---- at the start ----
    /// Opens what is packed, with the tables of the newest decision that is known. A pack that
    /// cannot be opened is left out: its changes are fetched again. Which changes are stored with
    /// all that they stand on, whatever form they have: the others find no place.
    [[nodiscard]] std::unordered_set<Hash> unpack(const store::StoredWorkspace &stored);
    /// Takes up what was unpacked, then the rows.
    void restore(const std::vector<store::ChangeRow> &rows);

    // ---- while it runs ----
    /// Packs the next piece, if there is one; true if it should go on soon without an event.
    /// @complexity a few milliseconds (kPieceChanges, kPieceBytes).
    [[nodiscard]] bool putAway();
    void persisted(PersistToken token);
    /// Handles of changes mean others than before.
    void handlesChanged();

private:
    struct Goal {
        Epoch checkpoint; ///< what it closed in is put away
        history::Clock inside;
        std::uint32_t next = 1; ///< handle that is looked at next
    };
    [[nodiscard]] std::optional<Goal> findGoal() const;
    [[nodiscard]] bool isStable() const;
    [[nodiscard]] std::vector<ChangeHandle> nextPiece();
    void pack(const std::vector<ChangeHandle> &piece);

    Engine::State &m_state;
    std::optional<Goal> m_goal;
    std::optional<Epoch> m_done; ///< the checkpoint whose changes are all put away
    std::optional<PersistToken> m_waitsFor;
    std::vector<history::PackedChange> m_unpacked; ///< between unpack and restore
};

} // namespace nlbd::engine
