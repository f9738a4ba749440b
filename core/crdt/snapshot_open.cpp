#include "core/base/utf8.h"
#include "core/crdt/document_parts.h"
#include "core/crdt/op_codec.h"
#include "core/crdt/snapshot.h"
#include "core/crdt/snapshot_builder.h"
#include "core/crdt/snapshot_format.h"

namespace nlbd::crdt {

std::expected<Snapshot, Code> Snapshot::open(Bytes bytes)
{
    Snapshot it;
    it.m_bytes = std::move(bytes);
    const ByteView all = it.m_bytes;
    Reader in(all);
    const auto at = [&] { return all.size() - in.left(); };
    const bool isOurs =
        viewOf(in.raw(kSnapshotMagic.size())) == kSnapshotMagic && in.u8() == kSnapshotLevel;
    const std::uint64_t sum = in.u64();
    if (!isOurs || !in.ok() || sum != checksumOf(all.subspan(at())))
        return std::unexpected(Code::E_CANON);
    it.m_noteSize = in.blob(in.left()).size();
    it.m_noteAt = at() - it.m_noteSize;
    it.m_length = static_cast<TextOffset>(in.varint(kLocalIdsMax));
    it.m_seen = in.varint(kColumnBytesMax);
    const PackedColumn column = readPacked(in);
    it.m_columnsAt = at();
    auto letters = in.ok() ? ColumnUnpacker().unpack(column) : std::nullopt;
    if (!letters || it.m_seen > letters->size())
        return std::unexpected(Code::E_CANON);
    it.m_letters = std::move(*letters);
    const std::string_view hidden = viewOf(ByteView(it.m_letters).subspan(it.m_seen));
    const bool isText = utf8::isValid(it.text()) && utf8::isValid(hidden);
    if (!isText || utf8::length(it.text()) != it.m_length)
        return std::unexpected(Code::E_CANON);
    return it;
}

std::string Snapshot::text(TextOffset from, TextOffset count) const
{
    return std::string(m_seen == m_length && from <= m_length ? text().substr(from, count)
                                                              : utf8::slice(text(), from, count));
}

std::expected<Document, Code> Snapshot::document(const ChangeOrder &order,
                                                 const Resolve &resolve) const
{
    return SnapshotBuilder({viewOf(m_letters), m_seen, m_length}, order, resolve)
        .run(ByteView(m_bytes).subspan(m_columnsAt));
}

} // namespace nlbd::crdt
