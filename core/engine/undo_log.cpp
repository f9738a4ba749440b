#include "core/engine/undo_log.h"

#include "core/base/utf8.h"

namespace nlbd::engine {

namespace {

constexpr Millis kGroupPause{1000};
constexpr std::size_t kGroupsMax = 1000; // far more than anybody steps back
constexpr TextOffset kShownScalars = 24;
constexpr std::size_t kShownBytes = 1024; // a long group is not gathered to show its beginning

bool continues(const UndoLog::Step &last, const UndoLog::Step &next)
{
    return last.kind == UndoLog::Step::Kind::Inserted && next.kind == UndoLog::Step::Kind::Inserted
        && last.first.change == next.first.change
        && last.first.index + last.length == next.first.index;
}

/// The steps of one kind as one text. Who deletes backwards takes the last letter first.
std::string textOf(const UndoLog::Group &group, UndoLog::Step::Kind kind)
{
    std::string text;
    const UndoLog::Step *last = nullptr;
    for (const UndoLog::Step &step : group) {
        if (step.kind != kind)
            continue;
        const bool isBefore = last != nullptr && step.first.change == last->first.change
            && step.first.index + step.length == last->first.index;
        text = isBefore ? step.text + text : text + step.text;
        last = &step;
        if (text.size() > kShownBytes)
            break;
    }
    return std::string(utf8::slice(text, 0, kShownScalars));
}

/// `typed` is the kind of step that typing made: a group that waits to be done again holds what
/// undo did, so there it is the opposite.
UndoLog::Name nameOf(const UndoLog::Group &group, UndoLog::Step::Kind typed)
{
    using Kind = UndoLog::Step::Kind;
    std::string text = textOf(group, typed);
    if (!text.empty())
        return {false, std::move(text)};
    return {true, textOf(group, typed == Kind::Inserted ? Kind::Deleted : Kind::Inserted)};
}

} // namespace

void UndoLog::record(Step step, MonoTime now)
{
    if (!m_isOpen || now - m_last > kGroupPause || m_undo.empty())
        m_undo.emplace_back();
    m_isOpen = true;
    m_last = now;
    Group &group = m_undo.back();
    if (!group.empty() && continues(group.back(), step)) {
        group.back().length += step.length;
        group.back().text += step.text;
    } else {
        group.push_back(std::move(step));
    }
    if (m_undo.size() > kGroupsMax)
        m_undo.erase(m_undo.begin());
}

UndoLog::Group UndoLog::takeUndo()
{
    m_isOpen = false;
    if (m_undo.empty())
        return {};
    Group group = std::move(m_undo.back());
    m_undo.pop_back();
    return group;
}

UndoLog::Group UndoLog::takeRedo()
{
    m_isOpen = false;
    if (m_redo.empty())
        return {};
    Group group = std::move(m_redo.back());
    m_redo.pop_back();
    return group;
}

void UndoLog::pushUndo(Group group)
{
    m_isOpen = false;
    m_undo.push_back(std::move(group));
}

UndoLog::Name UndoLog::undoName() const
{
    return m_undo.empty() ? Name() : nameOf(m_undo.back(), Step::Kind::Inserted);
}

UndoLog::Name UndoLog::redoName() const
{
    return m_redo.empty() ? Name() : nameOf(m_redo.back(), Step::Kind::Deleted);
}

} // namespace nlbd::engine
