#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// What decisions make of the changes that are held: which are closed in, which are void, and of
/// these which stay as ghosts because honest work stands on them (PROTOCOL C8, C15).
///
/// A void change that nothing stands on is forgotten, as if it had never come: an edit made here
/// must not find its hidden letters beside it, for others do not hold them.
class Epochs {
public:
    explicit Epochs(Engine::State &state)
        : m_state(state)
    {
    }

    /// Takes up a decided configuration, a successor of the present one. Preconditions: its closing
    /// frontier is held in full, and no change of mine is open.
    void enter(identity::Configuration next);

    /// After a stored history was read again under the last configuration.
    /// `closings`: of all epochs that are over, held in full.
    void load(const std::vector<identity::ChainHeads> &closings);

    /// What all epochs so far have closed in, per chain; and those up to one that is over.
    [[nodiscard]] const history::Clock &closed() const noexcept { return m_closed; }
    [[nodiscard]] history::Clock closedThrough(Epoch last) const;
    static void raise(history::Clock &clock, const history::Clock &other);

    /// Inside the closing frontier of an epoch that is over: as good as ratified, for ever.
    [[nodiscard]] bool isClosed(ChangeHandle change) const;
    [[nodiscard]] bool isVoid(ChangeHandle change) const { return m_void.contains(change); }

    [[nodiscard]] const std::set<ChangeHandle> &voids() const noexcept { return m_void; }
    /// Another one whenever another change is void, or handles mean others than before.
    [[nodiscard]] std::uint64_t revision() const noexcept { return m_revision; }

    /// The change was added to the graph. True if it is void: to be applied as a ghost.
    bool changeTaken(ChangeHandle change);

    /// Makes documents and history anew from the records held.
    void readAgain() { rebuildWithout({}); }

    /// Forgets ghosts whose reason did not come. True if all views were opened anew for it, on the
    /// same texts: ghosts are not seen.
    bool forgetLoose();

private:
    void close(const identity::ChainHeads &heads);
    /// Finds what is void and what of it is loose; gives the documents and the pencil marks the
    /// state that follows.
    void settle();
    [[nodiscard]] std::set<ChangeHandle> findVoid() const;
    [[nodiscard]] std::set<ChangeHandle> looseOf(const std::set<ChangeHandle> &voids) const;
    void hide(const std::set<ChangeHandle> &voids);
    void rebuildWithout(const std::set<ChangeHandle> &dropped);
    void settlePencil();

    Engine::State &m_state;
    std::vector<identity::ChainHeads> m_closings; ///< of all epochs that are over
    history::Clock m_closed;                      ///< what they hold, per chain
    std::set<ChangeHandle> m_void;
    std::uint64_t m_revision = 1;
    bool m_mayBeLoose = false;
};

} // namespace nlbd::engine
