#include "core/crdt/span_tree.h"

#include "core/base/check.h"

#include <numeric>

namespace nlbd::crdt {

namespace {

constexpr std::uint32_t kLeafMax = 64;
constexpr std::uint32_t kInnerMax = 32;

/// Opens a gap at `slot` in the first `count` entries.
template <typename Array>
void openGap(Array &array, std::uint32_t slot, std::uint32_t count)
{
    std::move_backward(array.begin() + slot, array.begin() + count, array.begin() + count + 1);
}

template <typename Array>
TextOffset sumOf(const Array &weights, std::uint32_t count)
{
    return std::accumulate(weights.begin(), weights.begin() + count, TextOffset(0));
}

} // namespace

struct SpanTree::Node {
    Inner *parent = nullptr;
    std::uint32_t count = 0;
    bool isLeaf = false;
};

struct SpanTree::Leaf : Node {
    Leaf *next = nullptr;
    std::array<std::uint32_t, kLeafMax> spans{};
    std::array<TextOffset, kLeafMax> weights{};

    [[nodiscard]] std::uint32_t slotOf(SpanIndex span) const noexcept
    {
        std::uint32_t slot = 0;
        while (spans[slot] != span.value)
            ++slot;
        return slot;
    }
};

struct SpanTree::Inner : Node {
    std::array<Node *, kInnerMax> children{};
    std::array<TextOffset, kInnerMax> weights{};

    [[nodiscard]] std::uint32_t slotOf(const Node &child) const noexcept
    {
        std::uint32_t slot = 0;
        while (children[slot] != &child)
            ++slot;
        return slot;
    }
};

SpanTree::SpanTree()
{
    Leaf &leaf = m_leaves.emplace_back();
    leaf.isLeaf = true;
    leaf.count = 1;
    m_leafOf.push_back(&leaf);
    m_root = &leaf;
}

SpanTree::~SpanTree() = default;

void SpanTree::insertAfter(SpanIndex existing, SpanIndex added, TextOffset weight)
{
    Leaf &leaf = *m_leafOf[existing.value];
    insertAt(leaf, leaf.slotOf(existing) + 1, added, weight);
}

void SpanTree::insertBefore(SpanIndex existing, SpanIndex added, TextOffset weight)
{
    CHECK(existing != kRootSpan);
    Leaf &leaf = *m_leafOf[existing.value];
    insertAt(leaf, leaf.slotOf(existing), added, weight);
}

void SpanTree::insertAt(Leaf &leaf, std::uint32_t slot, SpanIndex added, TextOffset weight)
{
    CHECK(added.value == m_leafOf.size());
    Leaf *target = &leaf;
    if (leaf.count == kLeafMax) {
        // Text that grows at its end leaves full leaves behind.
        const bool isAppend = slot == kLeafMax && leaf.next == nullptr;
        const std::uint32_t keep = isAppend ? kLeafMax : kLeafMax / 2;
        Leaf &right = splitLeaf(leaf, keep);
        if (slot > keep || isAppend) {
            target = &right;
            slot -= keep;
        }
    }
    openGap(target->spans, slot, target->count);
    openGap(target->weights, slot, target->count);
    ++target->count;
    target->spans[slot] = added.value;
    target->weights[slot] = 0;
    m_leafOf.push_back(target);
    addWeight(*target, slot, weight);
}

SpanTree::Leaf &SpanTree::splitLeaf(Leaf &leaf, std::uint32_t keep)
{
    Leaf &right = m_leaves.emplace_back();
    right.isLeaf = true;
    right.count = leaf.count - keep;
    right.next = leaf.next;
    leaf.next = &right;
    std::copy(leaf.spans.begin() + keep, leaf.spans.begin() + leaf.count, right.spans.begin());
    std::copy(leaf.weights.begin() + keep, leaf.weights.begin() + leaf.count,
              right.weights.begin());
    leaf.count = keep;
    for (std::uint32_t i = 0; i < right.count; ++i)
        m_leafOf[right.spans[i]] = &right;
    insertBeside(leaf, right, sumOf(right.weights, right.count));
    return right;
}

void SpanTree::insertBeside(Node &left, Node &right, TextOffset rightWeight)
{
    Node *before = &left;
    Node *added = &right;
    TextOffset moved = rightWeight;
    while (Inner *parent = before->parent) {
        Inner *spill = nullptr;
        Inner *target = parent;
        std::uint32_t slot = parent->slotOf(*before);
        parent->weights[slot] -= moved;
        TextOffset spillWeight = 0;
        if (parent->count == kInnerMax) {
            spill = &m_inners.emplace_back();
            const std::uint32_t keep = slot == kInnerMax - 1 ? kInnerMax - 1 : kInnerMax / 2;
            spill->count = kInnerMax - keep;
            std::copy(parent->children.begin() + keep, parent->children.end(),
                      spill->children.begin());
            std::copy(parent->weights.begin() + keep, parent->weights.end(),
                      spill->weights.begin());
            parent->count = keep;
            for (std::uint32_t i = 0; i < spill->count; ++i)
                spill->children[i]->parent = spill;
            if (slot >= keep) {
                target = spill;
                slot -= keep;
            }
        }
        openGap(target->children, slot + 1, target->count);
        openGap(target->weights, slot + 1, target->count);
        ++target->count;
        target->children[slot + 1] = added;
        target->weights[slot + 1] = moved;
        added->parent = target;
        if (spill == nullptr)
            return;
        spillWeight = sumOf(spill->weights, spill->count);
        before = parent;
        added = spill;
        moved = spillWeight;
    }
    growRoot(*before, *added, moved);
}

void SpanTree::growRoot(Node &left, Node &right, TextOffset rightWeight)
{
    Inner &root = m_inners.emplace_back();
    root.count = 2;
    root.children[0] = &left;
    root.children[1] = &right;
    root.weights[0] = m_length - rightWeight;
    root.weights[1] = rightWeight;
    left.parent = &root;
    right.parent = &root;
    m_root = &root;
}

void SpanTree::addWeight(Leaf &leaf, std::uint32_t slot, TextOffset weight)
{
    // Unsigned arithmetic wraps, so that a smaller weight is the addition of a large one.
    const TextOffset delta = weight - leaf.weights[slot];
    leaf.weights[slot] = weight;
    if (delta == 0)
        return;
    m_length += delta;
    if (m_warm != &leaf)
        m_warm = nullptr;
    const Node *child = &leaf;
    while (Inner *parent = child->parent) {
        parent->weights[parent->slotOf(*child)] += delta;
        child = parent;
    }
}

void SpanTree::setWeight(SpanIndex span, TextOffset weight)
{
    Leaf &leaf = *m_leafOf[span.value];
    addWeight(leaf, leaf.slotOf(span), weight);
}

TextOffset SpanTree::weight(SpanIndex span) const noexcept
{
    const Leaf &leaf = *m_leafOf[span.value];
    return leaf.weights[leaf.slotOf(span)];
}

SpanTree::Leaf &SpanTree::leafFor(TextOffset at) const
{
    CHECK(at < m_length);
    if (m_warm != nullptr && at >= m_warmStart
        && at - m_warmStart < sumOf(m_warm->weights, m_warm->count)) {
        return *m_warm;
    }
    Node *node = m_root;
    TextOffset rest = at;
    while (!node->isLeaf) {
        const auto &inner = static_cast<const Inner &>(*node);
        std::uint32_t slot = 0;
        for (; rest >= inner.weights[slot]; ++slot)
            rest -= inner.weights[slot];
        node = inner.children[slot];
    }
    m_warm = static_cast<Leaf *>(node);
    m_warmStart = at - rest;
    return *m_warm;
}

SpanTree::Walk SpanTree::walkFrom(TextOffset at) const
{
    const Leaf &leaf = leafFor(at);
    Walk walk{leaf.spans.data(), leaf.weights.data(), 0, leaf.count, m_warmStart};
    while (at - walk.start >= leaf.weights[walk.slot])
        walk.start += leaf.weights[walk.slot++];
    return walk;
}

SpanTree::Hit SpanTree::find(TextOffset at) const
{
    const Walk walk = walkFrom(at);
    return {SpanIndex(walk.spans[walk.slot]), walk.start};
}

TextOffset SpanTree::startOf(const Leaf &leaf) const
{
    TextOffset start = 0;
    const Node *child = &leaf;
    while (const Inner *parent = child->parent) {
        start += sumOf(parent->weights, parent->slotOf(*child));
        child = parent;
    }
    return start;
}

TextOffset SpanTree::offsetOf(SpanIndex span) const
{
    Leaf &leaf = *m_leafOf[span.value];
    if (m_warm != &leaf) {
        m_warmStart = startOf(leaf);
        m_warm = &leaf;
    }
    return m_warmStart + sumOf(leaf.weights, leaf.slotOf(span));
}

SpanIndex SpanTree::next(SpanIndex span) const noexcept
{
    const Leaf &leaf = *m_leafOf[span.value];
    const std::uint32_t slot = leaf.slotOf(span) + 1;
    if (slot < leaf.count)
        return SpanIndex(leaf.spans[slot]);
    return leaf.next == nullptr ? kRootSpan : SpanIndex(leaf.next->spans[0]);
}

void SpanTree::checkInvariants() const
{
    std::size_t spans = 0;
    const Leaf *expected = &m_leaves.front();
    TextOffset start = 0;
    for (; expected != nullptr; expected = expected->next) {
        CHECK(expected->count > 0 && expected->count <= kLeafMax);
        CHECK(startOf(*expected) == start);
        for (std::uint32_t slot = 0; slot < expected->count; ++slot)
            CHECK(m_leafOf[expected->spans[slot]] == expected);
        start += sumOf(expected->weights, expected->count);
        spans += expected->count;
    }
    CHECK(start == m_length);
    CHECK(spans == m_leafOf.size());
    CHECK(m_warm == nullptr || startOf(*m_warm) == m_warmStart);
    for (const Inner &inner : m_inners) {
        const TextOffset sum = sumOf(inner.weights, inner.count);
        if (inner.parent != nullptr)
            CHECK(inner.parent->weights[inner.parent->slotOf(inner)] == sum);
        for (std::uint32_t slot = 0; slot < inner.count; ++slot)
            CHECK(inner.children[slot]->parent == &inner);
    }
}

} // namespace nlbd::crdt
