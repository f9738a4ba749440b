#include "core/history/archive_ops.h"

#include "core/base/codec.h"

namespace nlbd::history {

namespace {

constexpr std::uint64_t kIdsMax = 1U << 30U; // what a batch may hold

ChangeHandle handleOf(std::size_t place)
{
    return ChangeHandle(static_cast<std::uint32_t>(place + 1));
}

crdt::ChangeName nameInBatch(ChangeHandle handle)
{
    return {DeviceIndex(0), Seq(handle.value), 0};
}

} // namespace

bool ArchiveOpsWriter::add(const ChangeHeader &header, ByteView plaintext)
{
    const crdt::OwnChange own{handleOf(m_changes.size()), header.device, header.seq};
    const ArchiveNames names(*m_index);
    auto ops = crdt::decodeOps(plaintext, own, names);
    // To be encoded again is what counts; that a name leads to the right change does not, since the
    // reader goes the same way back.
    if (!ops || ops->size() != header.opCount || !fits(*ops)
        || crdt::encodeOps(*ops, own, names) != Bytes(plaintext.begin(), plaintext.end())) {
        addWithoutOps();
        return false;
    }
    push(std::move(*ops));
    return true;
}

void ArchiveOpsWriter::push(crdt::Ops ops)
{
    m_idCounts.push_back(crdt::idsTakenBy(ops));
    m_ids += m_idCounts.back();
    const ChangeHandle handle = handleOf(m_changes.size());
    m_changes.push_back({handle, nameInBatch(handle), std::move(ops)});
}

/// Valid ops always do, unless the archive is incomplete or huge.
bool ArchiveOpsWriter::fits(const crdt::Ops &ops) const
{
    const std::size_t own = m_changes.size();
    const auto isThere = [&](crdt::OpId id) {
        const std::size_t place = id.change.value - 1UL;
        return place == own || id.index < m_idCounts[place];
    };
    for (const crdt::Op &op : ops) {
        if (const auto *insertion = std::get_if<crdt::InsertText>(&op)) {
            if (insertion->parent != crdt::kRoot && !isThere(insertion->parent))
                return false;
        } else if (const auto *deletion = std::get_if<crdt::DeleteText>(&op)) {
            if (deletion->first == crdt::kRoot || deletion->length >= kIdsMax
                || !isThere(deletion->first))
                return false;
        }
    }
    return m_ids + crdt::idsTakenBy(ops) < kIdsMax;
}

Bytes ArchiveOpsWriter::finish() const
{
    const auto names = [](std::size_t, ChangeHandle change) { return nameInBatch(change); };
    return crdt::encodeBatch(m_changes, names, crdt::ColumnPacker::Effort::Smallest);
}

std::expected<std::vector<crdt::BatchChange>, Code> readArchiveOps(ByteView batch,
                                                                   std::size_t count)
{
    // A batch says its count behind its level; looked at first, because memory follows from it.
    Reader in(batch);
    static_cast<void>(in.u8());
    if (in.varint() != count)
        return std::unexpected(Code::E_CANON);
    const auto own = [](std::size_t place, const crdt::ChangeName &name) {
        const ChangeHandle handle = handleOf(place);
        return name == nameInBatch(handle) ? std::optional(handle) : std::nullopt;
    };
    const auto other = [](std::size_t referring,
                          const crdt::ChangeName &name) -> std::optional<ChangeHandle> {
        if (name.device != DeviceIndex(0) || name.branch != 0 || name.seq == Seq(0)
            || name.seq.value > referring)
            return std::nullopt;
        return handleOf(name.seq.value - 1);
    };
    return crdt::decodeBatch(batch, {own, other});
}

} // namespace nlbd::history
