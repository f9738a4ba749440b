#include "core/gossip/snapshot_message.h"

#include "core/base/codec.h"

namespace nlbd::gossip {

void write(Writer &out, const PullSnapshot &m)
{
    out.u32(m.epoch.value);
    out.varint(m.from);
}
PullSnapshot readPullSnapshot(Reader &in)
{
    PullSnapshot m;
    m.epoch = Epoch(in.u32());
    m.from = in.varint(kSnapshotBytesMax);
    return m;
}

void write(Writer &out, const SnapshotPiece &m)
{
    out.u32(m.epoch.value);
    out.varint(m.size);
    out.varint(m.from);
    out.blob(m.bytes);
}
SnapshotPiece readSnapshotPiece(Reader &in)
{
    SnapshotPiece m;
    m.epoch = Epoch(in.u32());
    m.size = in.varint(kSnapshotBytesMax);
    m.from = in.varint(kSnapshotBytesMax);
    m.bytes = copyOf(in.blob(kSnapshotPieceBytes));
    // A piece lies inside of the whole and is not empty, unless there is nothing.
    if (m.from + m.bytes.size() > m.size || m.bytes.empty() != (m.size == 0))
        in.fail();
    return m;
}

} // namespace nlbd::gossip
