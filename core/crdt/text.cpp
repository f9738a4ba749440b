#include "core/crdt/text.h"

#include "core/base/utf8.h"

namespace nlbd::crdt {

namespace {

std::uint32_t lengthOf(std::string_view utf8) noexcept
{
    return utf8.size() == 1 ? 1 : utf8::length(utf8);
}

bool isTypable(std::string_view utf8) noexcept
{
    return utf8.size() == 1 ? static_cast<unsigned char>(utf8[0]) < 0x80
                            : !utf8.empty() && utf8::isValid(utf8);
}

} // namespace

LocalId Text::localOf(OpId id) const
{
    const auto found = m_numbers.find(id);
    CHECK(found.has_value());
    return found->first;
}

/// Local ids for new numbers. What was given to deletions that the open change has since joined is
/// taken back.
LocalId Text::number(OpId first, std::uint32_t count)
{
    if (m_numbers.isGiven(first)) [[unlikely]]
        m_log.rewindTo(m_numbers.rewindTo(first));
    return m_numbers.add(first, count);
}

// ---- Local edits

Text::Placed Text::insertLocally(TextOffset at, std::string_view utf8, OpId first)
{
    CHECK(!m_isPostponed && at <= length());
    CHECK(isTypable(utf8));
    const LocalId next = m_numbers.next();
    if (m_tree.isTyping(at, next) && m_numbers.isOfLatest(first.change) && m_log.canContinue(next)
        && !isVoid(first.change)) {
        // The letter before is the latest of all: nothing hangs there.
        const Placed placed{m_numbers.idOf(next - 1), Side::Right, m_numbers.isNext(first)};
        const std::uint32_t count = lengthOf(utf8);
        static_cast<void>(m_numbers.add(first, count));
        m_log.addInsertion(next, count, next - 1, Side::Right, utf8, true);
        m_tree.extend(count, utf8);
        return placed;
    }
    // Weidner and Kleppmann 2023, algorithm 1: the right child of the left neighbour if that has
    // none, else the left child of the next character, tombstones included.
    const SpanTree::Spot before = letterBefore(at);
    LocalId parent = before.id();
    Side side = Side::Right;
    if (hasRightChild(parent)) {
        parent = m_tree.after(before);
        side = Side::Left;
        CHECK(parent != kRootId && m_children.of(parent, Side::Left).empty());
    }
    const Placed placed{m_numbers.idOf(parent), side, false};
    addLocally(before, Side::Right, parent, side, utf8, first);
    return placed;
}

Text::Placed Text::insertLocallyBefore(OpId next, std::string_view utf8, OpId first)
{
    CHECK(isTypable(utf8));
    LocalId parent = localOf(next);
    Side side = Side::Left;
    const auto left = m_children.of(parent, Side::Left);
    if (!left.empty()) {
        // The character just before it has no right child: it is the last of a left subtree.
        parent = lastBelow(left.back());
        side = Side::Right;
    }
    const Placed placed{m_numbers.idOf(parent), side, false};
    addLocally(m_tree.spotOf(parent), side, parent, side, utf8, first);
    m_tree.endTyping(); // who types behind it asks letterBefore where
    return placed;
}

/// A letter that hangs where nothing hangs. Its change is not signed yet, so nothing may be asked
/// about its order.
void Text::addLocally(const SpanTree::Spot &beside, Side where, LocalId parent, Side side,
                      std::string_view utf8, OpId first)
{
    const std::uint32_t count = lengthOf(utf8);
    const LocalId added = number(first, count);
    const bool continues = side == Side::Right && parent + 1 == added && m_log.canContinue(added);
    m_log.addInsertion(added, count, parent, side, utf8, continues);
    if (!continues)
        m_children.insertFirst(parent, side, added);
    m_tree.insertBeside(beside, where, {added, count, isVoid(first.change) ? kVoidBit : 0}, utf8);
}

// ---- Insertion

/// A word goes on at the letter before also where a format came in between.
LocalId Text::parentOf(const InsertText &op, ChangeHandle change, Located &located) const
{
    if (op.parent.change == change && m_numbers.isLatest(op.parent))
        return m_numbers.next() - 1;
    return op.parent == kRoot ? kRootId : located.take(op.parent, m_numbers).first;
}

std::uint32_t Text::insert(const InsertText &op, OpId first, Located &located, PatchLog *log)
{
    const LocalId parent = parentOf(op, first.change, located);
    const std::uint32_t count = lengthOf(op.text);
    const LocalId added = number(first, count);
    const std::uint32_t hidden = isVoid(first.change) ? kVoidBit : 0;
    const bool isRight = op.side == Side::Right;
    // At the latest letter of all nothing hangs yet.
    const bool continues = isRight && parent + 1 == added && m_log.canContinue(added);
    CHECK(isRight || parent != kRootId);
    if (m_isPostponed) {
        m_log.addInsertion(added, count, parent, op.side, op.text, continues);
        return count;
    }
    Gap gap{parent, op.side};
    const bool isAlone = continues
        || (!(isRight && m_log.isContinued(parent))
            && m_children.insertIfFirst(parent, op.side, added));
    if (!isAlone) {
        const Neighbours siblings = neighboursOf(added, parent, op.side);
        gap = gapFor(siblings, parent, op.side);
        if (isRight && m_log.isContinued(parent))
            m_children.addFork(parent);
        m_children.insert(parent, op.side, siblings.position, added);
    }
    m_log.addInsertion(added, count, parent, op.side, op.text, continues);
    const SpanTree::Spot beside = m_tree.spotOf(gap.letter);
    if (log != nullptr && hidden == 0) {
        const bool isSeenBefore = gap.side == Side::Right && beside.span().hidden == 0;
        log->inserted(m_tree.offsetOf(beside) + (isSeenBefore ? 1 : 0), op.text, count);
    }
    m_tree.insertBeside(beside, gap.side, {added, count, hidden}, op.text);
    return count;
}

/// The siblings between which a new child stands. The rest of the parent's run is one of them.
Text::Neighbours Text::neighboursOf(LocalId added, LocalId parent, Side side) const
{
    const std::span<const LocalId> runs = m_children.of(parent, side);
    const auto next = std::ranges::lower_bound(
        runs, added, [this](LocalId a, LocalId b) { return isSiblingBefore(a, b); });
    Neighbours result;
    result.position = static_cast<std::size_t>(next - runs.begin());
    if (next != runs.begin())
        result.before = *(next - 1);
    if (next != runs.end())
        result.after = *next;
    if (side == Side::Right && m_log.isContinued(parent)) {
        const LocalId rest = parent + 1;
        if (!isSiblingBefore(rest, added)) {
            if (!result.after || isSiblingBefore(rest, *result.after))
                result.after = rest;
        } else if (!result.before || isSiblingBefore(*result.before, rest)) {
            result.before = rest;
        }
    }
    return result;
}

Text::Gap Text::gapFor(const Neighbours &siblings, LocalId parent, Side side) const
{
    CHECK(side == Side::Right || parent != kRootId);
    if (siblings.before && siblings.after)
        return gapBetween(*siblings.before, *siblings.after);
    if (side == Side::Right)
        return {siblings.before ? lastBelow(*siblings.before) : parent, Side::Right};
    return {siblings.after ? firstBelow(*siblings.after) : parent, Side::Left};
}

/// After all that hangs at `before` and ahead of all that hangs at `after`: one gap with two ends.
/// Both are walked in turns, so that the shorter way decides.
Text::Gap Text::gapBetween(LocalId before, LocalId after) const
{
    for (;;) {
        const auto right = lastRightChild(before);
        if (!right)
            return {before, Side::Right};
        before = *right;
        const auto left = m_children.of(after, Side::Left);
        if (left.empty())
            return {after, Side::Left};
        after = left.front();
    }
}

/// Goes on from a letter to the end of its run, or to where something hangs beside the rest of it:
/// `letter` becomes that. The last of its right children, or nothing.
std::optional<LocalId> Text::lastRightChild(LocalId &letter) const
{
    const LocalId end = m_log.lastOfRun(letter);
    while (const auto fork = m_children.forkIn(letter, end)) {
        letter = *fork;
        const LocalId last = m_children.of(letter, Side::Right).back();
        if (isSiblingBefore(letter + 1, last))
            return last;
        ++letter;
    }
    letter = end;
    const auto children = m_children.of(letter, Side::Right);
    return children.empty() ? std::nullopt : std::optional(children.back());
}

/// The last character of all that hangs at a letter, itself included.
LocalId Text::lastBelow(LocalId letter) const
{
    while (const auto child = lastRightChild(letter))
        letter = *child;
    return letter;
}

LocalId Text::firstBelow(LocalId letter) const
{
    for (;;) {
        const auto left = m_children.of(letter, Side::Left);
        if (left.empty())
            return letter;
        letter = left.front();
    }
}

bool Text::isSiblingBefore(LocalId a, LocalId b) const
{
    const OpId left = m_numbers.idOf(a);
    const OpId right = m_numbers.idOf(b);
    if (left.change == right.change)
        return left.index < right.index;
    return m_order->isBefore(left.change, right.change);
}

// ---- Reading

std::string Text::text(TextOffset from, TextOffset count) const
{
    CHECK(!m_isPostponed);
    std::string result;
    const TextOffset to = count > length() || from > length() - count ? length() : from + count;
    m_tree.appendText(from, to, result);
    return result;
}

OpId Text::characterBefore(TextOffset at) const
{
    CHECK(at <= length());
    return at == 0 ? kRoot : m_numbers.idOf(m_tree.find(at - 1).id());
}

std::optional<TextOffset> Text::offsetOf(OpId id, Side side) const
{
    const auto letter = m_numbers.find(id);
    if (!letter || !m_log.areLetters(letter->first, 1))
        return std::nullopt;
    const SpanTree::Spot spot = m_tree.spotOf(letter->first);
    const bool isPassed = spot.span().hidden == 0 && side == Side::Right;
    return m_tree.offsetOf(spot) + (isPassed ? 1 : 0);
}

} // namespace nlbd::crdt
