#include "core/crdt/columns.h"

#include "core/base/check.h"

#include <zstd.h>

namespace nlbd::crdt {

namespace {

/// Shorter columns gain nothing.
constexpr std::size_t kPackedFrom = 48;

/// One block of 128 KiB takes four bytes at the least.
constexpr std::size_t kRatioMax = 64 * 1024;

/// What zstd is told; 0 leaves it to the level.
struct PackSettings {
    int level = 0;
    int hashLog = 0;
    int minMatch = 0;
};

/// Chosen by measurement (SNAPSHOT.md): of long columns, which are mostly text, a table of places
/// that fits the first cache and matches of seven bytes; short ones have hardly anything to match.
constexpr std::size_t kLongFrom = 64UL * 1024;
constexpr PackSettings kQuickLong{1, 13, 7};
constexpr PackSettings kQuickShort{1, 8, 7};
constexpr PackSettings kSmall{6, 0, 0};
constexpr PackSettings kSmallest{19, 0, 0}; ///< for what is written once and kept; much slower

const PackSettings &packSettingsFor(ColumnPacker::Effort effort, std::size_t bytes)
{
    switch (effort) {
    case ColumnPacker::Effort::Quick:
        return bytes >= kLongFrom ? kQuickLong : kQuickShort;
    case ColumnPacker::Effort::Small:
        return kSmall;
    case ColumnPacker::Effort::Smallest:
        break;
    }
    return kSmallest;
}

void applyTo(const PackSettings &settings, ZSTD_CCtx *zstd)
{
    const auto set = [&](ZSTD_cParameter parameter, int value) {
        CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(zstd, parameter, value)) == 0);
    };
    set(ZSTD_c_compressionLevel, settings.level);
    set(ZSTD_c_hashLog, settings.hashLog);
    set(ZSTD_c_minMatch, settings.minMatch);
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
    std::unique_ptr<std::byte[]> room;
    std::size_t roomBytes = 0;

    [[nodiscard]] ByteView compress(ByteView column)
    {
        const std::size_t most = ZSTD_compressBound(column.size());
        if (most > roomBytes) {
            room = std::make_unique_for_overwrite<std::byte[]>(most);
            roomBytes = most;
        }
        applyTo(packSettingsFor(effort, column.size()), zstd);
        const std::size_t size =
            ZSTD_compress2(zstd, room.get(), roomBytes, column.data(), column.size());
        CHECK(ZSTD_isError(size) == 0);
        return {room.get(), size};
    }

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
    out.varint(column.size());
    CHECK(column.size() <= kColumnBytesMax);
    const ByteView packed = column.size() < kPackedFrom ? column : m_context->compress(column);
    out.blob(packed.size() < column.size() ? packed : column);
}

void ColumnPacker::store(ByteView column, Writer &out)
{
    CHECK(column.size() <= kColumnBytesMax);
    out.varint(column.size());
    out.blob(column);
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

ColumnUnpacker::ColumnUnpacker(std::size_t budget)
    : m_context(std::make_unique<Context>())
    , m_budget(budget)
{
}

ColumnUnpacker::~ColumnUnpacker() = default;

std::optional<Bytes> ColumnUnpacker::unpack(const PackedColumn &column)
{
    if (column.size > m_budget)
        return std::nullopt;
    m_budget -= column.size;
    if (column.isPlain())
        return copyOf(column.stored);
    const ByteView frame = column.stored;
    const bool isOneFrame = ZSTD_findFrameCompressedSize(frame.data(), frame.size()) == frame.size()
        && ZSTD_getFrameContentSize(frame.data(), frame.size()) == column.size;
    if (!isOneFrame)
        return std::nullopt;
    Bytes bytes(column.size);
    const std::size_t size = ZSTD_decompressDCtx(m_context->zstd, bytes.data(), bytes.size(),
                                                 column.stored.data(), column.stored.size());
    if (size != bytes.size()) // an error is a huge number
        return std::nullopt;
    return bytes;
}

} // namespace nlbd::crdt
