#include "core/base/check.h"
#include "core/crdt/span_tree.h"

#include <numeric>

/// How SpanTree is made at once of all that a document has.
namespace nlbd::crdt {

namespace {

/// So full is a leaf at first that what comes does not split it at once.
constexpr std::uint32_t kSpansAtFirst = SpanLeaf::kSpansMax * 3 / 4;
constexpr std::uint32_t kBytesAtFirst = LeafText::kBytesMax * 5 / 8;
constexpr std::uint32_t kChildrenAtFirst = SpanInner::kChildrenMax * 3 / 4;

} // namespace

void SpanTree::build(const Laid &laid, std::string_view text)
{
    CHECK(m_leaves.size() == 1 && length() == 0 && laid.spans.size() == laid.bytes.size());
    std::vector<std::uint32_t> leafOf(laid.spans.size());
    std::size_t at = 0;
    SpanLeaf *leaf = &m_leaves.front();
    for (std::size_t i = 0; i < laid.spans.size();) {
        std::uint32_t bytes = 0;
        for (; i < laid.spans.size() && leaf->count < kSpansAtFirst; ++i) {
            const Span &span = laid.spans[i];
            const std::uint32_t more = span.hidden == 0 ? laid.bytes[i] : 0;
            if (bytes + more > kBytesAtFirst && bytes > 0)
                break;
            bytes += more;
            leaf->visible += span.visible();
            leaf->spans[leaf->count++] = span;
            leafOf[i] = leaf->number;
        }
        if (bytes > 0)
            leaf->text.insert(0, text.substr(at, bytes));
        at += bytes;
        if (i == laid.spans.size())
            break;
        SpanLeaf &next = m_leaves.emplace_back();
        next.isLeaf = true;
        next.number = static_cast<std::uint32_t>(m_leaves.size() - 1);
        leaf->next = &next;
        leaf = &next;
    }
    CHECK(at == text.size());
    CHECK(m_leaves.size() < LeafIndex::kLeavesMax);
    m_index.appendAll(laid.byId.size(), [&](std::size_t i) {
        const Span &span = laid.spans[laid.byId[i]];
        return LeafIndex::Range{span.first, span.length, leafOf[laid.byId[i]]};
    });
    buildInner();
}

/// Levels of nodes over the leaves, until one holds all.
void SpanTree::buildInner()
{
    std::vector<SpanNode *> level;
    std::vector<TextOffset> visible;
    for (SpanLeaf &leaf : m_leaves) {
        level.push_back(&leaf);
        visible.push_back(leaf.visible);
    }
    while (level.size() > 1) {
        std::vector<SpanNode *> parents;
        std::vector<TextOffset> sums;
        for (std::size_t i = 0; i < level.size(); ++i) {
            if (i % kChildrenAtFirst == 0) {
                parents.push_back(&m_inners.emplace_back());
                sums.push_back(0);
            }
            auto &parent = static_cast<SpanInner &>(*parents.back());
            level[i]->parent = &parent;
            level[i]->place = parent.count;
            parent.children[parent.count] = level[i];
            parent.visible[parent.count++] = visible[i];
            sums.back() += visible[i];
        }
        level.swap(parents);
        visible.swap(sums);
    }
    m_root = level.front();
    m_settled = visible.front();
    m_hotKnown = m_hot->visible;
}

} // namespace nlbd::crdt
