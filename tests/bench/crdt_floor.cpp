#include "crdt_floor.h"

#include <cstring>

namespace nlbd::bench {

Floor::Floor()
{
    m_leaves.push_back(std::make_unique<Leaf>());
}

/// Makes m_leaf the one that holds the byte before `at`, or the first.
void Floor::seek(std::size_t at)
{
    while (m_leaf > 0 && at <= m_start)
        m_start -= m_leaves[--m_leaf]->count;
    while (at > m_start + m_leaves[m_leaf]->count)
        m_start += m_leaves[m_leaf++]->count;
}

void Floor::record(std::size_t at, std::size_t removed, std::string_view inserted)
{
    m_inserted += inserted;
    if (!m_runs.empty()) {
        Run &last = m_runs.back();
        if (removed == 0 && last.removed == 0 && at == last.at + last.inserted) {
            last.inserted += inserted.size();
            return;
        }
        if (inserted.empty() && last.inserted == 0 && (at == last.at || at + removed == last.at)) {
            last.at = at;
            last.removed += removed;
            return;
        }
    }
    m_runs.push_back({at, removed, inserted.size()});
}

void Floor::insert(std::size_t at, std::string_view text)
{
    record(at, 0, text);
    while (!text.empty()) {
        const std::string_view piece = text.substr(0, kLeafBytes / 2);
        insertPiece(at, piece);
        at += piece.size();
        text.remove_prefix(piece.size());
    }
}

void Floor::insertPiece(std::size_t at, std::string_view text)
{
    seek(at);
    Leaf *leaf = m_leaves[m_leaf].get();
    std::size_t offset = at - m_start;
    if (leaf->count + text.size() > kLeafBytes) {
        const std::size_t keep = offset == leaf->count ? leaf->count : leaf->count / 2;
        auto right = std::make_unique<Leaf>();
        right->count = leaf->count - keep;
        std::memcpy(right->bytes.data(), leaf->bytes.data() + keep, right->count);
        leaf->count = keep;
        m_leaves.insert(m_leaves.begin() + static_cast<std::ptrdiff_t>(m_leaf + 1),
                        std::move(right));
        if (offset > keep || keep == offset) {
            m_start += leaf->count;
            offset -= keep;
            leaf = m_leaves[++m_leaf].get();
        }
    }
    char *place = leaf->bytes.data() + offset;
    std::memmove(place + text.size(), place, leaf->count - offset);
    std::memcpy(place, text.data(), text.size());
    leaf->count += text.size();
}

void Floor::erase(std::size_t at, std::size_t count)
{
    record(at, count, {});
    seek(at + 1);
    while (count > 0) {
        Leaf &leaf = *m_leaves[m_leaf];
        const std::size_t offset = at - m_start;
        const std::size_t here = std::min(count, leaf.count - offset);
        char *place = leaf.bytes.data() + offset;
        std::memmove(place, place + here, leaf.count - offset - here);
        leaf.count -= here;
        count -= here;
        if (count > 0)
            m_start += m_leaves[m_leaf++]->count;
    }
}

std::string Floor::text() const
{
    std::string result;
    for (const auto &leaf : m_leaves)
        result.append(leaf->bytes.data(), leaf->count);
    return result;
}

} // namespace nlbd::bench
