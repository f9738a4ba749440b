#include "core/engine/boot_mark.h"

#include "core/base/codec.h"

#include <algorithm>

namespace nlbd::engine {

namespace {

void read(Reader &in, ByteArray<16> &mark)
{
    const ByteView bytes = in.raw(mark.size());
    if (in.ok())
        std::ranges::copy(bytes, mark.begin());
}

} // namespace

Bytes BootMark::encode() const
{
    Writer out;
    out.fixedBytes(device);
    out.u64(counter);
    out.raw(mark);
    return std::move(out).take();
}

std::optional<BootMark> BootMark::decode(ByteView bytes)
{
    Reader in(bytes);
    BootMark result;
    result.device = in.fixedBytes<PublicKey>();
    result.counter = in.u64();
    read(in, result.mark);
    return in.done() ? std::optional(result) : std::nullopt;
}

Bytes BootRow::encode() const
{
    Writer out;
    out.blob(now.encode());
    out.raw(previous);
    out.u8(isKept ? 1 : 0);
    return std::move(out).take();
}

std::optional<BootRow> BootRow::decode(ByteView bytes)
{
    constexpr std::size_t kMarkBytes = 56;
    Reader in(bytes);
    const auto mark = BootMark::decode(in.blob(kMarkBytes));
    BootRow result;
    read(in, result.previous);
    result.isKept = in.u8() == 1;
    if (!in.done() || !mark)
        return std::nullopt;
    result.now = *mark;
    return result;
}

bool doAgree(const std::optional<BootRow> &row, const std::optional<BootMark> &second)
{
    if (!row)
        return !second;
    if (row->isKept)
        return second && second->mark == row->now.mark;
    if (!second)
        return row->previous
            == ByteArray<16>{}; // the very first start ended before its second write
    return second->mark == row->now.mark || second->mark == row->previous;
}

} // namespace nlbd::engine
