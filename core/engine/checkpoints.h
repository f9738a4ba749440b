#pragma once

#include "core/engine/engine_state.h"
#include "core/history/change_codec.h"

namespace nlbd::engine {

/// What a checkpoint is taken of (PROTOCOL C20; core/history/CHECKPOINT.md): when one is due, the
/// root over everything that is closed in, and the snapshot that newcomers are given.
class Checkpoints {
public:
    explicit Checkpoints(Engine::State &state)
        : m_state(state)
    {
    }

    /// As many changes or bytes came since the last one as the policy asks for. What counts is what
    /// this computer holds: each seat answers from its own observation.
    [[nodiscard]] bool isDue() const;

    /// Root over what the epochs so far and these heads close in; nothing if not all of it is here.
    /// The open change is signed before. Remembered while the epoch lasts.
    /// @complexity for what came since the last root: each change is opened once; linear in the
    /// documents.
    [[nodiscard]] std::optional<Hash> root(const identity::ChainHeads &heads);

    /// Snapshot of the newest decided checkpoint; nothing if it closed another epoch, or if what is
    /// here is not what was decided: nobody is given what he would blame me for.
    [[nodiscard]] const Bytes *snapshot(Epoch closed);

    // ---- what other parts tell ----
    void changeTaken(std::size_t bytes)
    {
        ++m_changesSince;
        m_bytesSince += bytes;
    }
    /// An epoch began, or a stored history was read.
    void epochBegins();
    /// Handles of changes mean others than before.
    void handlesChanged();

private:
    void count();
    [[nodiscard]] std::optional<Hash> contentOf(ChangeHandle change);
    [[nodiscard]] std::optional<std::vector<history::DecidedChange>>
    decidedIn(const history::Clock &closed) const;

    Engine::State &m_state;
    std::size_t m_changesSince = 0; ///< the last checkpoint
    std::size_t m_bytesSince = 0;
    std::optional<identity::Checkpoint> m_counted; ///< since which it is counted
    std::vector<Hash> m_contents;                  ///< by handle - 1; zeros: not asked for yet
    std::map<identity::ChainHeads, Hash> m_roots;  ///< one per value that is talked about
    std::optional<Epoch> m_packedOf;
    std::optional<Bytes> m_packed; ///< of that checkpoint, unless it cannot be given
};

} // namespace nlbd::engine
