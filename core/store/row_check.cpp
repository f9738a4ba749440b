#include "core/store/row_check.h"

#include "core/base/codec.h"
#include "core/base/digest.h"

namespace nlbd::store {

namespace {

constexpr Domain kStored{"rt1.stored"};

// One letter per kind of row, so that a row never passes for one of another table.
Bytes shortened(const Writer &out)
{
    const Hash full = digest(kStored, out.bytes());
    return {full.value.begin(), full.value.begin() + 8};
}

} // namespace

// isSignatureChecked is left out: it is the one column that changes in place.
Bytes rowDigest(const ChangeRow &row)
{
    Writer out;
    out.u8('c');
    out.fixedBytes(row.hash);
    out.u16(row.device.value);
    out.u64(row.seq.value);
    out.u32(row.doc.value);
    out.blob(row.record);
    return shortened(out);
}

Bytes rowDigest(const PackRow &row)
{
    Writer out;
    out.u8('p');
    out.fixedBytes(row.id);
    out.blob(row.record);
    return shortened(out);
}

Bytes rowDigest(const AckRow &row)
{
    Writer out;
    out.u8('a');
    out.u16(row.seat.value);
    out.blob(row.ack);
    out.blob(row.frontier);
    return shortened(out);
}

Bytes rowDigest(const EvidenceRow &row)
{
    Writer out;
    out.u8('e');
    out.fixedBytes(row.id);
    out.i64(row.when.time_since_epoch().count());
    out.blob(row.record);
    return shortened(out);
}

Bytes rowDigest(const RefusalRow &row)
{
    Writer out;
    out.u8('r');
    out.u64(row.number);
    out.blob(row.record);
    return shortened(out);
}

Bytes rowDigest(const JournalRow &row)
{
    Writer out;
    out.u8('j');
    out.u8(row.plane);
    out.u32(row.epoch.value);
    out.u32(row.round);
    out.u64(row.phase);
    out.blob(row.bytes);
    return shortened(out);
}

Bytes rowDigest(const MetaRow &row)
{
    Writer out;
    out.u8('m');
    out.text(row.key);
    out.blob(row.value);
    return shortened(out);
}

Bytes rowDigest(const ControlRow &row)
{
    Writer out;
    out.u8('o');
    out.fixedBytes(row.id);
    out.u8(row.kind);
    out.u32(row.until.value);
    out.blob(row.record);
    return shortened(out);
}

Bytes rowDigest(const DecisionRow &row)
{
    Writer out;
    out.u8('d');
    out.u32(row.closed.value);
    out.blob(row.record);
    return shortened(out);
}

std::size_t sizeOf(const Row &row)
{
    struct Size {
        std::size_t operator()(const ChangeRow &r) const { return r.record.size(); }
        std::size_t operator()(const PackRow &r) const { return r.record.size(); }
        std::size_t operator()(const AckRow &r) const { return r.ack.size() + r.frontier.size(); }
        std::size_t operator()(const EvidenceRow &r) const { return r.record.size(); }
        std::size_t operator()(const RefusalRow &r) const { return r.record.size(); }
        std::size_t operator()(const JournalRow &r) const { return r.bytes.size(); }
        std::size_t operator()(const MetaRow &r) const { return r.key.size() + r.value.size(); }
        std::size_t operator()(const ControlRow &r) const { return r.record.size(); }
        std::size_t operator()(const DecisionRow &r) const { return r.record.size(); }
    };
    return std::visit(Size{}, row);
}

} // namespace nlbd::store
