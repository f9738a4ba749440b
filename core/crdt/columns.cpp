#include "core/crdt/columns.h"

#include "core/base/check.h"

#include <zstd.h>

namespace nlbd::crdt {

namespace {

/// Shorter columns gain nothing.
constexpr std::size_t kPackedFrom = 48;

/// One block of 128 KiB takes four bytes at the least.
constexpr std::size_t kRatioMax = 64 * 1024;

/// Chosen by measurement (SNAPSHOT.md): level 1 with a table of places that fits the first cache
/// and matches of seven bytes.
constexpr int kQuickLevel = 1;
constexpr int kQuickHashLog = 13;
constexpr int kQuickMinMatch = 7;
constexpr std::size_t kQuickHashFrom = 64UL * 1024;
constexpr int kSmallLevel = 6;
constexpr int kSmallestLevel = 19; ///< for what is written once and kept; ten times slower

int levelOf(ColumnPacker::Effort effort)
{
    switch (effort) {
    case ColumnPacker::Effort::Quick:
        return kQuickLevel;
    case ColumnPacker::Effort::Small:
        return kSmallLevel;
    case ColumnPacker::Effort::Smallest:
        break;
    }
    return kSmallestLevel;
}

} // namespace

void Column::putRaw(ByteView bytes)
{
    if (m_bytes.size() - m_size < bytes.size())
        m_bytes.resize(m_bytes.size() * 2 + bytes.size());
    std::ranges::copy(bytes, m_bytes.begin() + static_cast<std::ptrdiff_t>(m_size));
    m_size += bytes.size();
}

struct ColumnPacker::Context {
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    Effort effort;
    Bytes room;

    explicit Context(Effort theEffort)
        : effort(theEffort)
    {
        CHECK(zstd != nullptr);
    }
    ~Context() { ZSTD_freeCCtx(zstd); }
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;
};

ColumnPacker::ColumnPacker(Effort effort)
    : m_context(std::make_unique<Context>(effort))
{
}

ColumnPacker::~ColumnPacker() = default;

void ColumnPacker::pack(ByteView column, Writer &out)
{
    CHECK(column.size() <= kColumnBytesMax);
    Context &it = *m_context;
    out.varint(column.size());
    std::size_t packed = column.size();
    if (column.size() >= kPackedFrom) {
        const bool isQuick = it.effort == Effort::Quick;
        const bool isLong = isQuick && column.size() >= kQuickHashFrom;
        const auto set = [&](ZSTD_cParameter parameter, int value) {
            CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(it.zstd, parameter, value)) == 0);
        };
        set(ZSTD_c_compressionLevel, levelOf(it.effort));
        set(ZSTD_c_hashLog, isLong ? kQuickHashLog : 0);
        set(ZSTD_c_minMatch, isQuick ? kQuickMinMatch : 0);
        it.room.resize(std::max(it.room.size(), ZSTD_compressBound(column.size())));
        packed =
            ZSTD_compress2(it.zstd, it.room.data(), it.room.size(), column.data(), column.size());
        CHECK(ZSTD_isError(packed) == 0);
    }
    const bool isPlain = packed >= column.size();
    const ByteView stored = isPlain ? column : ByteView(it.room).first(packed);
    out.blob(stored);
}

PackedColumn readPacked(Reader &in) noexcept
{
    PackedColumn column;
    column.size = in.varint(kColumnBytesMax);
    column.stored = in.blob(column.size);
    if (column.size > column.stored.size() * kRatioMax)
        in.fail();
    return column;
}

struct ColumnUnpacker::Context {
    ZSTD_DCtx *zstd = ZSTD_createDCtx();

    Context() { CHECK(zstd != nullptr); }
    ~Context() { ZSTD_freeDCtx(zstd); }
    Context(const Context &) = delete;
    Context &operator=(const Context &) = delete;
};

ColumnUnpacker::ColumnUnpacker()
    : m_context(std::make_unique<Context>())
{
}

ColumnUnpacker::~ColumnUnpacker() = default;

std::optional<Bytes> ColumnUnpacker::unpack(const PackedColumn &column)
{
    if (column.isPlain())
        return copyOf(column.stored);
    Bytes bytes(column.size);
    const std::size_t size = ZSTD_decompressDCtx(m_context->zstd, bytes.data(), bytes.size(),
                                                 column.stored.data(), column.stored.size());
    if (size != bytes.size()) // an error is a huge number
        return std::nullopt;
    return bytes;
}

} // namespace nlbd::crdt
