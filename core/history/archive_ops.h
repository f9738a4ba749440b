#pragma once

#include "core/crdt/op_batch.h"
#include "core/history/archive_index.h"
#include "core/keys/payload_cipher.h"

/// The ops of an archive's changes as one batch (core/crdt/SNAPSHOT.md). In it a change is called
/// (device 0, seq = handle): what an op points at is told by its place in the archive, so that real
/// names are told once, by the archive.
namespace nlbd::history {

[[nodiscard]] inline keys::PayloadContext payloadContextOf(const ChangeHeader &header)
{
    return {header.doc, header.device, header.seq, header.associated()};
}

class ArchiveOpsWriter {
public:
    explicit ArchiveOpsWriter(const ArchiveIndex &index)
        : m_index(&index)
    {
    }

    /// For the change that the index gets next. False if the batch cannot say what its author wrote
    /// bit for bit; then it has no ops there, and `plaintext` must be kept elsewhere.
    [[nodiscard]] bool add(const ChangeHeader &header, ByteView plaintext);
    void addWithoutOps() { push({}); }

    [[nodiscard]] Bytes finish() const;

private:
    void push(crdt::Ops ops);
    [[nodiscard]] bool fits(const crdt::Ops &ops) const;

    const ArchiveIndex *m_index;
    std::vector<crdt::BatchChange> m_changes;
    std::vector<std::uint32_t> m_idCounts; ///< by place
    std::uint64_t m_ids = 0;
};

/// What it wrote, for exactly `count` changes. Errors as decodeBatch.
[[nodiscard]] std::expected<std::vector<crdt::BatchChange>, Code> readArchiveOps(ByteView batch,
                                                                                 std::size_t count);

} // namespace nlbd::history
