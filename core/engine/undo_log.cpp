#include "core/engine/undo_log.h"

#include "core/base/check.h"
#include "core/base/utf8.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

constexpr Millis kGroupPause{1000};
constexpr std::size_t kGroupsMax = 1000; // far more than anybody steps back
constexpr TextOffset kShownScalars = 24;
constexpr std::size_t kReadBytes = 1024; // of a group, at each key: its beginning names it

using Kind = crdt::Deed::Kind;

/// The beginning of what was inserted or of what was deleted, as one text.
class Beginning {
public:
    /// Who deletes backwards takes the last letter first.
    void add(const crdt::Deed &deed)
    {
        const bool isBefore =
            m_last.change == deed.first.change && deed.first.index + deed.length == m_last.index;
        m_text = isBefore ? deed.text + m_text : m_text + deed.text;
        m_text.resize(utf8::slice(m_text, 0, kShownScalars).size()); // no more is ever shown
        m_last = deed.first;
    }
    [[nodiscard]] bool isEmpty() const { return m_text.empty(); }
    [[nodiscard]] std::string take() { return std::move(m_text); }

private:
    std::string m_text;
    crdt::OpId m_last;
};

/// `typed` is what typing did: a group that waits to be done again holds what undo did, so there it
/// is the opposite.
UndoLog::Name nameOf(const UndoLog::Group &group, Kind typed, const crdt::Document &document)
{
    Beginning typing;
    Beginning deleting;
    std::size_t left = kReadBytes;
    for (const crdt::IdRange &range : group) {
        for (const crdt::Deed &deed : document.deedsOf(range, left)) {
            (deed.kind == typed ? typing : deleting).add(deed);
            left -= std::min(left, deed.text.size());
        }
        if (left == 0)
            break;
    }
    using What = UndoLog::Name::What;
    if (!typing.isEmpty())
        return {What::Typing, typing.take()};
    if (!deleting.isEmpty())
        return {What::Deleting, deleting.take()};
    return {What::Formatting, {}, group.empty() ? ChangeHandle() : group.front().change};
}

} // namespace

bool UndoLog::startsGroup(MonoTime now) const noexcept
{
    return !m_isOpen || now - m_last > kGroupPause || m_undo.empty();
}

void UndoLog::goOn(MonoTime now) noexcept
{
    if (!m_isNewest)
        return;
    m_isOpen = true;
    m_last = now;
}

void UndoLog::record(ChangeHandle change, MonoTime now)
{
    const bool isSame = knows(change);
    if (startsGroup(now)) {
        CHECK(!isSame);
        m_undo.emplace_back();
    }
    m_isOpen = true;
    m_isNewest = true;
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
    m_isNewest = false;
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
