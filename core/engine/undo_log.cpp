#include "core/engine/undo_log.h"

#include "core/base/utf8.h"

namespace nlbd::engine {

namespace {

constexpr Millis kGroupPause{1000};
constexpr std::size_t kGroupsMax = 1000; // far more than anybody steps back
constexpr TextOffset kShownScalars = 24;

bool continues(const UndoLog::Step &last, const UndoLog::Step &next)
{
    return last.kind == UndoLog::Step::Kind::Inserted && next.kind == UndoLog::Step::Kind::Inserted
        && last.first.change == next.first.change
        && last.first.index + last.length == next.first.index;
}

std::string shown(const UndoLog::Group &group)
{
    std::string text;
    for (const UndoLog::Step &step : group)
        text += step.text;
    return std::string(utf8::slice(text, 0, kShownScalars));
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

std::string UndoLog::undoText() const
{
    return m_undo.empty() ? std::string() : shown(m_undo.back());
}

std::string UndoLog::redoText() const
{
    return m_redo.empty() ? std::string() : shown(m_redo.back());
}

} // namespace nlbd::engine
