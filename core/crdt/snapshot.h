#pragma once

#include "core/crdt/columns.h"
#include "core/crdt/document.h"

/// A document on disk (SNAPSHOT.md draws it): its text, who wrote each letter, everything that was
/// deleted and every op, without headers and signatures. It opens without replaying history, and
/// its text is readable before anything else of it is looked at.
namespace nlbd::crdt {

/// How a snapshot names a change. The hash is told only where (device, seq) does not say which: of
/// a device that forked.
struct SnapshotName {
    DeviceIndex device;
    Seq seq;
    std::optional<Hash> hash;
    friend bool operator==(const SnapshotName &, const SnapshotName &) = default;
};

/// `note` is the caller's: the frontier that the document stands for, say. No change may be open.
/// Equal documents that came to be in another order give other bytes. Error: E_BOUNDS for more
/// letters, or more of all else, than unfold to `bytesMax`: nobody opens more than kColumnBytesMax.
/// @complexity linear.
[[nodiscard]] std::expected<Bytes, Code>
saveSnapshot(const Document &document, const std::function<SnapshotName(ChangeHandle)> &nameOf,
             ByteView note = {}, std::size_t bytesMax = kColumnBytesMax);

/// A snapshot whose text can be read; the rest is decoded when it becomes a document.
class Snapshot {
public:
    /// Errors: E_CANON for bytes that are damaged, no snapshot or of a later format; E_BOUNDS.
    [[nodiscard]] static std::expected<Snapshot, Code> open(Bytes bytes);

    [[nodiscard]] TextOffset length() const noexcept { return m_length; }
    [[nodiscard]] std::string_view text() const noexcept
    {
        return viewOf(ByteView(m_letters).first(m_seen));
    }
    [[nodiscard]] std::string text(TextOffset from, TextOffset count) const;
    [[nodiscard]] ByteView note() const noexcept
    {
        return ByteView(m_bytes).subspan(m_noteAt, m_noteSize);
    }

    /// The handle of a change that the caller's history has; no two names have one.
    using Resolve = std::function<std::optional<ChangeHandle>(const SnapshotName &)>;

    /// Everything is looked at before the document is there: every target, every count. Where
    /// letters stand is not stored but follows from the ops and the tie order, so that no bytes can
    /// contradict it. Errors: E_CANON; E_BOUNDS; E_OP_TARGET for a change that `resolve` does not
    /// know or an op that no check would have let pass.
    /// @complexity O(n log n) at worst, linear where few wrote at one place at once.
    [[nodiscard]] std::expected<Document, Code> document(const ChangeOrder &order,
                                                         const Resolve &resolve) const;

private:
    Snapshot() = default;

    Bytes m_bytes;
    std::size_t m_noteAt = 0;
    std::size_t m_noteSize = 0;
    std::size_t m_columnsAt = 0;
    TextOffset m_length = 0;
    Bytes m_letters;        ///< what is seen of the text, then what is not
    std::size_t m_seen = 0; ///< bytes
};

} // namespace nlbd::crdt
