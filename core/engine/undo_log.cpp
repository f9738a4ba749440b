#include "core/engine/undo_log.h"

#include "core/base/check.h"
#include "core/base/utf8.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

constexpr Millis kGroupPause{1000};
constexpr std::size_t kGroupsMax = 1000; // far more than anybody steps back
constexpr TextOffset kShownScalars = 24;
constexpr std::size_t kShownBytes = 1024; // a long group is not gathered to show its beginning

using Kind = crdt::Deed::Kind;

/// What was inserted or deleted, as one text. Who deletes backwards takes the last letter first.
std::string textOf(const UndoLog::Group &group, Kind kind, const crdt::Document &document)
{
    std::string text;
    std::optional<crdt::Deed> last;
    for (const crdt::IdRange &range : group) {
        for (crdt::Deed &deed : document.deedsOf(range, kShownBytes)) {
            if (deed.kind != kind)
                continue;
            const bool isBefore = last && deed.first.change == last->first.change
                && deed.first.index + deed.length == last->first.index;
            text = isBefore ? deed.text + text : text + deed.text;
            last = std::move(deed);
        }
        if (text.size() > kShownBytes)
            break;
    }
    return std::string(utf8::slice(text, 0, kShownScalars));
}

/// `typed` is what typing did: a group that waits to be done again holds what undo did, so there it
/// is the opposite.
UndoLog::Name nameOf(const UndoLog::Group &group, Kind typed, const crdt::Document &document)
{
    std::string text = textOf(group, typed, document);
    if (!text.empty())
        return {false, std::move(text)};
    return {true,
            textOf(group, typed == Kind::Inserted ? Kind::Deleted : Kind::Inserted, document)};
}

} // namespace

bool UndoLog::startsGroup(MonoTime now) const noexcept
{
    return !m_isOpen || now - m_last > kGroupPause || m_undo.empty();
}

void UndoLog::record(ChangeHandle change, MonoTime now)
{
    const bool isSame = knows(change);
    if (startsGroup(now)) {
        CHECK(!isSame);
        m_undo.emplace_back();
    }
    m_isOpen = true;
    m_last = now;
    m_redo.clear();
    if (isSame)
        return;
    m_mine.push_back(change);
    m_undo.back().push_back(crdt::IdRange::whole(change));
    if (m_undo.size() > kGroupsMax)
        m_undo.erase(m_undo.begin());
}

UndoLog::Group UndoLog::take(std::vector<Group> &groups)
{
    m_isOpen = false;
    if (groups.empty())
        return {};
    Group group = std::move(groups.back());
    groups.pop_back();
    return group;
}

void UndoLog::push(std::vector<Group> &groups, const std::vector<ChangeHandle> &changes)
{
    if (changes.empty())
        return;
    Group group;
    for (const ChangeHandle change : changes)
        group.push_back(crdt::IdRange::whole(change));
    groups.push_back(std::move(group));
    m_mine.insert(m_mine.end(), changes.begin(), changes.end());
}

void UndoLog::replay(ChangeHandle change, Turn turn)
{
    if (turn == Turn::More) {
        std::vector<Group> &groups = m_wasUndo ? m_redo : m_undo;
        if (!groups.empty())
            groups.back().push_back(crdt::IdRange::whole(change));
        m_mine.push_back(change);
        return;
    }
    m_wasUndo = turn == Turn::Undo;
    static_cast<void>(m_wasUndo ? takeUndo() : takeRedo());
    push(m_wasUndo ? m_redo : m_undo, {change});
}

bool UndoLog::knows(ChangeHandle change) const noexcept
{
    return std::ranges::binary_search(m_mine, change);
}

std::set<ChangeHandle> UndoLog::since(const Group &group) const
{
    return {std::ranges::lower_bound(m_mine, group.front().change), m_mine.end()};
}

UndoLog::Name UndoLog::undoName(const crdt::Document &document) const
{
    return m_undo.empty() ? Name() : nameOf(m_undo.back(), Kind::Inserted, document);
}

UndoLog::Name UndoLog::redoName(const crdt::Document &document) const
{
    return m_redo.empty() ? Name() : nameOf(m_redo.back(), Kind::Deleted, document);
}

} // namespace nlbd::engine
