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
    const bool isOurs = viewOf(in.raw(kSnapshotMagic.size())) == kSnapshotMagic
        && in.u8() == kSnapshotLevel;
    const std::uint64_t sum = in.u64();
    if (!isOurs || !in.ok() || sum != checksumOf(all.subspan(at())))
        return std::unexpected(Code::E_CANON);
    it.m_noteSize = in.blob(in.left()).size();
    it.m_noteAt = at() - it.m_noteSize;
    it.m_textAt = at();
    it.m_length = static_cast<TextOffset>(in.varint(kLocalIdsMax));
    const std::size_t seen = in.varint(kColumnBytesMax);
    const PackedColumn column = readPacked(in);
    if (!in.ok() || seen > column.size)
        return std::unexpected(Code::E_CANON);
    it.m_columnsAt = at();
    const auto text = unpack(column, seen);
    if (!text)
        return std::unexpected(Code::E_CANON);
    it.m_text = viewOf(*text);
    if (!utf8::isValid(it.m_text) || utf8::length(it.m_text) != it.m_length)
        return std::unexpected(Code::E_CANON);
    return it;
}

std::string Snapshot::text(TextOffset from, TextOffset count) const
{
    if (m_text.size() != m_length)
        return std::string(utf8::slice(m_text, from, count));
    return from >= m_length ? std::string() : m_text.substr(from, count);
}

std::expected<Document, Code> Snapshot::document(const ChangeOrder &order,
                                                 const Resolve &resolve) const
{
    Reader in(ByteView(m_bytes).subspan(m_textAt));
    static_cast<void>(in.varint());
    static_cast<void>(in.varint());
    const auto text = unpack(readPacked(in));
    if (!text)
        return std::unexpected(Code::E_CANON);
    const std::string_view hidden = viewOf(*text).substr(m_text.size());
    if (!utf8::isValid(hidden))
        return std::unexpected(Code::E_CANON);
    return SnapshotBuilder(viewOf(*text), m_text.size(), order, resolve)
        .run(ByteView(m_bytes).subspan(m_columnsAt));
}

} // namespace nlbd::crdt
