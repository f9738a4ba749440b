#include "core/crdt/text.h"

#include "core/base/check.h"
#include "core/base/utf8.h"

namespace nlbd::crdt {

// ---- Local edits

InsertText Text::insertLocally(TextOffset at, std::string_view utf8, OpId first)
{
    CHECK(at <= length());
    CHECK(!utf8.empty() && utf8::isValid(utf8));
    SpanIndex before = kRootSpan;
    std::uint32_t offset = 0;
    if (at > 0) {
        const SpanTree::Hit hit = m_tree.find(at - 1);
        before = hit.span;
        offset = at - 1 - hit.start;
    }
    // Weidner and Kleppmann 2023, algorithm 1: the right child of the left neighbour if that has
    // none, else the left child of the next character, tombstones included.
    InsertText op{{}, Side::Right, std::string(utf8)};
    const Span &left = m_store.span(before);
    if (offset + 1 < left.length) {
        op.parent = {left.first.change, left.first.index + offset + 1};
        op.side = Side::Left;
    } else if (left.right.isEmpty()) {
        op.parent = left.last();
    } else {
        op.parent = m_store.span(m_tree.next(before)).first;
        op.side = Side::Left;
    }
    const Inserted inserted = integrate(op, first, Origin::Local);
    CHECK(inserted.at == at);
    return op;
}

InsertText Text::insertLocallyBefore(OpId next, std::string_view utf8, OpId first)
{
    CHECK(!utf8.empty() && utf8::isValid(utf8));
    const SpanStore::Place place = placeOf(next);
    InsertText op{next, Side::Left, std::string(utf8)};
    if (place.offset == 0 && !m_store.span(place.span).left.isEmpty()) {
        // The character just before it has no right child: it is the last of a left subtree.
        SpanIndex before = m_store.list(m_store.span(place.span).left).back();
        while (!m_store.span(before).right.isEmpty())
            before = m_store.list(m_store.span(before).right).back();
        op = {m_store.span(before).last(), Side::Right, std::string(utf8)};
    }
    static_cast<void>(integrate(op, first, Origin::Local));
    return op;
}

Ops Text::eraseLocally(TextOffset at, TextOffset count, OpId firstOp)
{
    CHECK(at <= length() && count <= length() - at);
    Ops ops;
    forEachVisible(at, at + count, [&](OpId first, TextOffset, TextOffset length) {
        if (!ops.empty()) {
            auto &last = std::get<DeleteText>(ops.back());
            if (last.first.change == first.change
                && last.first.index + last.length == first.index) {
                last.length += length;
                return;
            }
        }
        ops.emplace_back(DeleteText{first, length});
    });
    PatchLog unread;
    for (const Op &op : ops)
        erase(std::get<DeleteText>(op), firstOp.change, unread);
    return ops;
}

// ---- Insertion

void Text::insert(const InsertText &op, OpId first, PatchLog &log)
{
    const Inserted inserted = integrate(op, first, Origin::Applied);
    if (inserted.length > 0)
        log.inserted(inserted.at, op.text, inserted.length);
}

Text::Inserted Text::integrate(const InsertText &op, OpId first, Origin origin)
{
    SpanStore::Place parent = placeOf(op.parent);
    if (const auto extended = extendRun(op, first, parent))
        return *extended;

    if (op.side == Side::Right && parent.offset + 1 < m_store.span(parent.span).length)
        split(parent.span, parent.offset + 1);
    if (op.side == Side::Left && parent.offset > 0)
        parent.span = split(parent.span, parent.offset);

    const SpanIndex added = m_store.add(op, first);
    Span &it = m_store.span(added);
    it.isVisible = !isVoid(first.change);
    const TextOffset weight = it.isVisible ? it.length : 0;
    place(added, parent.span, weight, origin);
    return {m_tree.offsetOf(added), weight};
}

/// The next letter of a word: the span grows and nothing else happens.
std::optional<Text::Inserted> Text::extendRun(const InsertText &op, OpId first,
                                              SpanStore::Place parent)
{
    const Span &run = m_store.span(parent.span);
    const bool isNext = op.side == Side::Right && op.parent == run.last()
        && first == OpId{op.parent.change, op.parent.index + 1};
    if (!isNext || run.deleters != DeleterSets::kNobody || !m_store.canExtend(parent.span))
        return std::nullopt;
    const TextOffset before = run.length;
    const TextOffset added = utf8::length(op.text);
    const TextOffset weight = run.isVisible ? added : 0;
    m_store.extend(parent.span, op.text, added);
    if (weight > 0)
        m_tree.setWeight(parent.span, before + added);
    return Inserted{m_tree.offsetOf(parent.span) + (run.isVisible ? before : 0), weight};
}

/// Makes `added` a child of the span's character on its side, and gives it its place in the order.
void Text::place(SpanIndex added, SpanIndex parent, TextOffset weight, Origin origin)
{
    const Span &child = m_store.span(added);
    const bool isRight = child.side == Side::Right;
    CHECK(isRight || parent != kRootSpan);
    Kids &kids = isRight ? m_store.span(parent).right : m_store.span(parent).left;
    const std::span<const SpanIndex> siblings = m_store.list(kids);
    // The change of a local edit is not signed yet, so nothing may be asked about its order.
    CHECK(origin == Origin::Applied || siblings.empty());
    const auto next = std::ranges::lower_bound(
        siblings, child.first, [this](OpId a, OpId b) { return isSiblingBefore(a, b); },
        [this](SpanIndex index) { return m_store.span(index).first; });
    const bool isFirst = next == siblings.begin();
    const bool isLast = next == siblings.end();

    if (!isFirst && !isLast)
        placeBetween(added, *(next - 1), *next, weight);
    else if (isRight && isFirst)
        m_tree.insertAfter(parent, added, weight);
    else if (!isRight && isLast)
        m_tree.insertBefore(parent, added, weight);
    else if (isRight)
        placeAfterSubtree(added, siblings.back(), weight);
    else
        placeBeforeSubtree(added, siblings.front(), weight);
    m_store.insertKid(kids, static_cast<std::size_t>(next - siblings.begin()), added);
}

/// After all that hangs at `before` and ahead of all that hangs at `after`: one gap with two ends.
/// Both are walked in turns, so that the shorter way decides.
void Text::placeBetween(SpanIndex added, SpanIndex before, SpanIndex after, TextOffset weight)
{
    for (;;) {
        const auto right = m_store.list(m_store.span(before).right);
        if (right.empty())
            return m_tree.insertAfter(before, added, weight);
        before = right.back();
        const auto left = m_store.list(m_store.span(after).left);
        if (left.empty())
            return m_tree.insertBefore(after, added, weight);
        after = left.front();
    }
}

void Text::placeAfterSubtree(SpanIndex added, SpanIndex sibling, TextOffset weight)
{
    while (!m_store.span(sibling).right.isEmpty())
        sibling = m_store.list(m_store.span(sibling).right).back();
    m_tree.insertAfter(sibling, added, weight);
}

void Text::placeBeforeSubtree(SpanIndex added, SpanIndex sibling, TextOffset weight)
{
    while (!m_store.span(sibling).left.isEmpty())
        sibling = m_store.list(m_store.span(sibling).left).front();
    m_tree.insertBefore(sibling, added, weight);
}

bool Text::isSiblingBefore(OpId a, OpId b) const
{
    if (a.change == b.change)
        return a.index < b.index;
    return m_order->isBefore(a.change, b.change);
}

SpanStore::Place Text::placeOf(OpId id) const
{
    const auto found = m_store.find(id);
    CHECK(found.has_value());
    return *found;
}

/// Cuts a span in the store and in the order; returns the second part.
SpanIndex Text::split(SpanIndex index, std::uint32_t offset)
{
    const SpanIndex second = m_store.split(index, offset);
    const Span &it = m_store.span(index);
    if (it.isVisible)
        m_tree.setWeight(index, it.length);
    m_tree.insertAfter(index, second, it.isVisible ? m_store.span(second).length : 0);
    return second;
}

// ---- Deletion and void changes

void Text::erase(const DeleteText &op, ChangeHandle deleter, PatchLog &log)
{
    for (const SpanIndex index : isolate(op)) {
        Span &it = m_store.span(index);
        it.deleters = m_deleters.with(it.deleters, deleter);
        refresh(index, log);
    }
    remember(deleter, op);
}

/// The spans that are exactly the characters of the range; cuts those that reach beyond it.
std::vector<SpanIndex> Text::isolate(const DeleteText &range)
{
    std::vector<SpanIndex> spans;
    std::uint32_t done = 0;
    while (done < range.length) {
        const OpId next{range.first.change, range.first.index + done};
        SpanStore::Place place = placeOf(next);
        if (place.offset > 0)
            place.span = split(place.span, place.offset);
        const std::uint32_t rest = range.length - done;
        if (m_store.span(place.span).length > rest)
            split(place.span, rest);
        done += m_store.span(place.span).length;
        spans.push_back(place.span);
    }
    return spans;
}

void Text::remember(ChangeHandle deleter, const DeleteText &range)
{
    std::vector<DeleteText> &known = m_deletions[deleter];
    if (!known.empty() && known.back().first.change == range.first.change) {
        DeleteText &last = known.back();
        if (last.first.index + last.length == range.first.index) {
            last.length += range.length;
            return;
        }
        if (range.first.index + range.length == last.first.index) {
            last = {range.first, last.length + range.length};
            return;
        }
    }
    known.push_back(range);
}

bool Text::shouldBeVisible(const Span &span) const
{
    if (m_void.empty())
        return span.deleters == DeleterSets::kNobody;
    return !isVoid(span.first.change)
        && !m_deleters.any(span.deleters, [this](ChangeHandle by) { return !isVoid(by); });
}

void Text::refresh(SpanIndex index, PatchLog &log)
{
    Span &it = m_store.span(index);
    const bool isVisible = shouldBeVisible(it);
    if (isVisible == it.isVisible)
        return;
    it.isVisible = isVisible;
    const TextOffset at = m_tree.offsetOf(index);
    m_tree.setWeight(index, isVisible ? it.length : 0);
    if (isVisible)
        log.inserted(at, m_store.text(index), it.length);
    else
        log.removed(at, it.length);
}

void Text::setVoid(ChangeHandle change, bool isVoid, PatchLog &log)
{
    CHECK(change != kRoot.change);
    if (isVoid)
        m_void.insert(change);
    else
        m_void.erase(change);
    for (const SpanIndex index : m_store.spansOf(change))
        refresh(index, log);
    const auto deletions = m_deletions.find(change);
    if (deletions == m_deletions.end())
        return;
    for (const DeleteText &range : deletions->second) {
        for (const SpanIndex index : isolate(range))
            refresh(index, log);
    }
}

// ---- Reading

std::string Text::text(TextOffset from, TextOffset count) const
{
    std::string result;
    const TextOffset to = count > length() || from > length() - count ? length() : from + count;
    m_tree.forEachVisible(from, to, [&](SpanIndex index, TextOffset start) {
        const TextOffset skipped = from > start ? from - start : 0;
        const TextOffset end = std::min(to, start + m_store.span(index).length);
        const std::string_view all = m_store.text(index);
        if (skipped == 0 && end - start == m_store.span(index).length)
            result += all;
        else
            result += utf8::slice(all, skipped, end - start - skipped);
    });
    return result;
}

OpId Text::characterBefore(TextOffset at) const
{
    CHECK(at <= length());
    if (at == 0)
        return kRoot;
    const SpanTree::Hit hit = m_tree.find(at - 1);
    const OpId first = m_store.span(hit.span).first;
    return {first.change, first.index + (at - 1 - hit.start)};
}

std::optional<TextOffset> Text::offsetOf(OpId id, Side side) const
{
    const auto place = m_store.find(id);
    if (!place)
        return std::nullopt;
    const TextOffset start = m_tree.offsetOf(place->span);
    if (!m_store.span(place->span).isVisible)
        return start;
    return start + place->offset + (side == Side::Right ? 1 : 0);
}

// ---- Invariants

/// The spans as the definition lists them: left children, self, right children. Iterative, because
/// a chain of children can be as long as the document.
std::vector<SpanIndex> Text::treeOrder() const
{
    struct Visit {
        SpanIndex span;
        bool isOpened = false;
    };
    std::vector<SpanIndex> order;
    std::vector<Visit> pending{{kRootSpan}};
    const auto pushReversed = [&](const Kids &kids) {
        const auto list = m_store.list(kids);
        for (std::size_t i = list.size(); i-- > 0;)
            pending.push_back({list[i]});
    };
    while (!pending.empty()) {
        const Visit visit = pending.back();
        pending.pop_back();
        if (visit.isOpened) {
            order.push_back(visit.span);
            pushReversed(m_store.span(visit.span).right);
        } else {
            pending.push_back({visit.span, true});
            pushReversed(m_store.span(visit.span).left);
        }
    }
    return order;
}

void Text::checkInvariants() const
{
    m_tree.checkInvariants();
    SpanIndex current = kRootSpan;
    const std::vector<SpanIndex> order = treeOrder();
    std::size_t children = 0;
    CHECK(order.size() == m_store.size());
    CHECK(order.front() == kRootSpan);
    for (std::size_t i = 1; i < order.size(); ++i) {
        current = m_tree.next(current);
        CHECK(current == order[i]);
        const Span &it = m_store.span(current);
        CHECK(it.isVisible == shouldBeVisible(it));
        CHECK(m_tree.weight(current) == (it.isVisible ? it.length : 0));
        CHECK(utf8::length(m_store.text(current)) == it.length);
        const auto found = m_store.find(it.last());
        CHECK(found && found->span == current && found->offset + 1 == it.length);
    }
    CHECK(m_tree.next(current) == kRootSpan);
    for (const SpanIndex index : order)
        children += checkedChildren(index);
    CHECK(children + 1 == order.size());
}

/// How many spans hang at this one, each at the right place and after its sibling.
std::size_t Text::checkedChildren(SpanIndex index) const
{
    const Span &parent = m_store.span(index);
    const auto check = [this](std::span<const SpanIndex> list, OpId at, Side side) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            const Span &child = m_store.span(list[i]);
            CHECK(child.parent == at && child.side == side);
            CHECK(i == 0 || isSiblingBefore(m_store.span(list[i - 1]).first, child.first));
        }
        return list.size();
    };
    return check(m_store.list(parent.left), parent.first, Side::Left)
        + check(m_store.list(parent.right), parent.last(), Side::Right);
}

} // namespace nlbd::crdt
