#pragma once

#include "core/base/limits.h"
#include "core/base/time.h"
#include "core/crdt/op.h"

namespace nlbd::engine {

/// What I did to one document, in groups as people think of them, so that it can be taken back
/// without touching what others did. Ids, not positions: others may edit in between.
class UndoLog {
public:
    struct Step {
        enum class Kind : std::uint8_t { Inserted, Deleted } kind = Kind::Inserted;
        crdt::OpId first;
        std::uint32_t length = 0;
        std::string text; ///< what was inserted or deleted
    };
    using Group = std::vector<Step>;

    /// Adds to the open group, or opens one if the last was ended or a second has passed.
    void record(Step step, MonoTime now);

    /// The next edit starts a new group.
    void endGroup() noexcept { m_isOpen = false; }

    /// The newest group of mine, taken out; empty if there is none.
    [[nodiscard]] Group takeUndo();
    [[nodiscard]] Group takeRedo();
    void pushRedo(Group group) { m_redo.push_back(std::move(group)); }
    void pushUndo(Group group);
    void clearRedo() { m_redo.clear(); }

    [[nodiscard]] bool canUndo() const noexcept { return !m_undo.empty(); }
    [[nodiscard]] bool canRedo() const noexcept { return !m_redo.empty(); }

    /// What a person calls a group: what was typed, up to 24 scalars; if nothing was, what was
    /// deleted.
    struct Name {
        bool isDeletion = false;
        std::string text;
    };
    [[nodiscard]] Name undoName() const;
    [[nodiscard]] Name redoName() const;

private:
    std::vector<Group> m_undo;
    std::vector<Group> m_redo;
    MonoTime m_last{};
    bool m_isOpen = false;
};

} // namespace nlbd::engine
