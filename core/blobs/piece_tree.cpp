#include "core/blobs/piece_tree.h"

#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/digest.h"

namespace nlbd::blobs {

namespace {

constexpr Domain kPieceDomain{"rt1.blob.leaf"};
constexpr Domain kNodeDomain{"rt1.blob.node"};
constexpr Domain kRootDomain{"rt1.blob.root"};

Hash nodeOf(const Hash &left, const Hash &right)
{
    return digest(kNodeDomain, {left.view(), right.view()});
}

/// Calls visit(isRight) for each level at which a piece has a neighbour: whether it is the right
/// one of the two. Who is left over at the end of a level goes up as it is.
template <typename Visit>
void climb(std::uint32_t index, std::uint32_t count, Visit visit)
{
    for (; count > 1; index /= 2, count = (count + 1) / 2)
        if (index % 2 == 1 || index + 1 < count)
            visit(index % 2 == 1);
}

} // namespace

Shape::Shape(std::uint64_t size)
    : m_size(size)
    , m_pieces(static_cast<std::uint32_t>((size + limits::kBlobPieceBytes - 1)
                                          / limits::kBlobPieceBytes))
{
    CHECK(size <= limits::kBlobBytesMax);
    m_pieces = std::max(m_pieces, 1U);
}

std::size_t Shape::plainBytes(std::uint32_t index) const noexcept
{
    const std::uint64_t from = std::uint64_t{index} * limits::kBlobPieceBytes;
    return static_cast<std::size_t>(
        std::min<std::uint64_t>(limits::kBlobPieceBytes, m_size - from));
}

std::size_t Shape::branchBytes(std::uint32_t index) const noexcept
{
    std::size_t bytes = 0;
    climb(index, m_pieces, [&bytes](bool) { bytes += Hash::kSize; });
    return bytes;
}

Hash rootOf(std::uint64_t size, const Hash &top)
{
    Writer out;
    out.u64(size);
    return digest(kRootDomain, {out.bytes(), top.view()});
}

Hash leafOf(std::uint32_t index, ByteView sealed)
{
    Writer place;
    place.u32(index);
    return digest(kPieceDomain, {place.bytes(), sealed});
}

PieceTree::PieceTree(const Shape &shape, std::vector<Hash> leaves)
{
    CHECK(leaves.size() == shape.pieces());
    m_levels.push_back(std::move(leaves));
    while (m_levels.back().size() > 1) {
        const std::vector<Hash> &below = m_levels.back();
        std::vector<Hash> level;
        level.reserve((below.size() + 1) / 2);
        for (std::size_t i = 0; i + 1 < below.size(); i += 2)
            level.push_back(nodeOf(below[i], below[i + 1]));
        if (below.size() % 2 == 1)
            level.push_back(below.back());
        m_levels.push_back(std::move(level));
    }
}

Bytes PieceTree::branch(std::uint32_t index) const
{
    Writer out;
    for (std::size_t level = 0; level + 1 < m_levels.size(); ++level, index /= 2) {
        const std::size_t neighbour = index ^ 1U;
        if (neighbour < m_levels[level].size())
            out.fixedBytes(m_levels[level][neighbour]);
    }
    return std::move(out).take();
}

ByteView openProved(const Hash &root, const Shape &shape, std::uint32_t index, ByteView proved)
{
    if (index >= shape.pieces() || proved.size() != shape.provedBytes(index))
        return {};
    const ByteView sealed = proved.last(shape.sealedBytes(index));
    Reader branch(proved.first(proved.size() - sealed.size()));
    Hash top = leafOf(index, sealed);
    climb(index, shape.pieces(), [&](bool isRight) {
        const Hash neighbour = branch.fixedBytes<Hash>();
        top = isRight ? nodeOf(neighbour, top) : nodeOf(top, neighbour);
    });
    return rootOf(shape.size(), top) == root ? sealed : ByteView{};
}

} // namespace nlbd::blobs
