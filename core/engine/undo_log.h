#pragma once

#include "core/base/limits.h"
#include "core/base/time.h"
#include "core/crdt/document.h"

namespace nlbd::engine {

/// What I did to one document, in groups as people think of them, so that it can be taken back
/// without touching what others did. Nothing but which of my changes belong together: what they did
/// and what is left of it the document knows.
class UndoLog {
public:
    using Group = std::vector<crdt::IdRange>;

    /// True if an edit at this time does not belong to what was done last: the last group was ended
    /// or a second has passed.
    [[nodiscard]] bool startsGroup(MonoTime now) const noexcept;

    /// An edit in a change of mine, which must be a new one if it starts a group. What was taken
    /// back cannot be done again any more.
    void record(ChangeHandle change, MonoTime now);

    /// The next edit starts a new group.
    void endGroup() noexcept { m_isOpen = false; }

    /// The next edit goes on with the newest group whatever came in between, unless something was
    /// taken back since.
    void goOn(MonoTime now) noexcept;

    /// The newest group, taken out; empty if there is none.
    [[nodiscard]] Group takeUndo() { return take(m_undo); }
    [[nodiscard]] Group takeRedo() { return take(m_redo); }

    /// Changes that took back what takeUndo or takeRedo gave.
    void pushRedo(const std::vector<ChangeHandle> &changes) { push(m_redo, changes); }
    void pushUndo(const std::vector<ChangeHandle> &changes) { push(m_undo, changes); }

    /// What a change says of itself that takes something back, read from its ops.
    enum class Turn : std::uint8_t { Undo, Redo, More };
    /// The same from the chain, in its order.
    void replay(ChangeHandle change, Turn turn);

    [[nodiscard]] bool canUndo() const noexcept { return !m_undo.empty(); }
    [[nodiscard]] bool canRedo() const noexcept { return !m_redo.empty(); }
    [[nodiscard]] bool knows(ChangeHandle change) const noexcept;

    /// My changes from the first of a group on.
    [[nodiscard]] std::set<ChangeHandle> since(const Group &group) const;
    [[nodiscard]] crdt::Copies &copies() noexcept { return m_copies; }

    /// What a person calls a group: what was typed, up to 24 scalars; if nothing was, what was
    /// deleted; if that was nothing either, it was formatted.
    struct Name {
        enum class What : std::uint8_t { Typing, Deleting, Formatting };
        What what = What::Typing;
        std::string text;
        ChangeHandle first{}; ///< change of the group
    };
    [[nodiscard]] Name undoName(const crdt::Document &document) const;
    [[nodiscard]] Name redoName(const crdt::Document &document) const;

private:
    [[nodiscard]] Group take(std::vector<Group> &groups);
    void push(std::vector<Group> &groups, const std::vector<ChangeHandle> &changes);

    std::vector<Group> m_undo;
    std::vector<Group> m_redo;
    std::vector<ChangeHandle> m_mine; ///< ascending
    crdt::Copies m_copies;
    MonoTime m_last{};
    bool m_isOpen = false;
    bool m_isNewest = false; ///< the newest group is what was done last
    bool m_wasUndo = false;  ///< what was taken back last
};

} // namespace nlbd::engine
