#pragma once

#include "core/base/digest.h"
#include "core/base/limits.h"
#include "core/base/time.h"
#include "core/crdt/op.h"

#include <expected>

namespace nlbd::history {

enum class ChangeKind : std::uint8_t { Edit = 1, Undo = 2 };

/// A causal parent by its place and hash.
struct DepRef {
    DeviceIndex device;
    Seq seq;
    Hash hash;
    friend constexpr auto operator<=>(const DepRef &, const DepRef &) = default;
};

/// What is hashed and signed (PROTOCOL C3); byte by byte in this folder's README.
struct ChangeHeader {
    ChangeKind kind = ChangeKind::Edit;
    DeviceIndex device;
    Seq seq;   ///< 1, 2, 3, ...
    Hash prev; ///< hash of (device, seq - 1); for seq 1: the decision that admitted the device
    Epoch epoch;
    std::vector<DepRef> deps; ///< other heads: sorted, an antichain, not implied by prev
    Lamport lamport;          ///< exactly 1 + max over prev and deps
    std::int64_t wallMs = 0;  ///< advisory only
    DocIndex doc;             ///< creator's device index << 16 | number >= 1
    KeyEpoch keyEpoch;
    std::uint16_t opCount = 0;
    std::uint32_t payloadBytes = 0;
    Hash payloadHash; ///< over nonce | ciphertext

    friend bool operator==(const ChangeHeader &, const ChangeHeader &) = default;

    [[nodiscard]] Bytes encode() const;
    /// H("rt1.change", encode()).
    [[nodiscard]] Hash hash() const;
    /// The same bytes with a zero payload hash, digested: what the payload's AEAD binds.
    [[nodiscard]] Hash associated() const;
};

/// A header with its author's signature: enough to prove a fork.
struct SignedHeader {
    ChangeHeader header;
    Signature signature;
    friend bool operator==(const SignedHeader &, const SignedHeader &) = default;
};

/// A change as it came: decoded and within bounds, otherwise unchecked.
struct UnverifiedChange {
    ChangeHeader header;
    Signature signature;
    Bytes payload; ///< nonce | ciphertext
    Hash hash;     ///< recomputed from the header
    /// Usually none: what follows it on its device's chain, link by link up to one that is signed.
    /// It makes up for a signature that was altered on its way, where that link itself is not taken
    /// anywhere.
    std::vector<SignedHeader> cover;
    friend bool operator==(const UnverifiedChange &, const UnverifiedChange &) = default;
};

/// A change that passed every step of validation. Only validation makes one.
class Change {
public:
    [[nodiscard]] const ChangeHeader &header() const noexcept { return m_raw.header; }
    [[nodiscard]] const Hash &hash() const noexcept { return m_raw.hash; }
    [[nodiscard]] const Signature &signature() const noexcept { return m_raw.signature; }
    [[nodiscard]] const Bytes &payload() const noexcept { return m_raw.payload; }
    [[nodiscard]] const UnverifiedChange &raw() const noexcept { return m_raw; }

    /// Decoded ops; ids of the change itself carry handle().
    [[nodiscard]] const crdt::Ops &ops() const noexcept { return m_ops; }

    /// The handle it takes in the graph it was validated for: it must be added next.
    [[nodiscard]] ChangeHandle handle() const noexcept { return m_handle; }

    [[nodiscard]] ChangeHandle prev() const noexcept { return m_prev; } ///< 0 for seq 1
    [[nodiscard]] const std::vector<ChangeHandle> &deps() const noexcept { return m_deps; }

    /// False while it is covered only by a later signature of its run (C3) and its own was not
    /// tried.
    [[nodiscard]] bool isSignatureChecked() const noexcept { return m_isSignatureChecked; }

private:
    friend class Validator;
    Change() = default;

    UnverifiedChange m_raw;
    crdt::Ops m_ops;
    ChangeHandle m_handle;
    ChangeHandle m_prev;
    std::vector<ChangeHandle> m_deps;
    bool m_isSignatureChecked = true;
};

/// The creator of a document is written in its index, so that two devices never create the same.
[[nodiscard]] constexpr DocIndex docIndexOf(DeviceIndex creator, std::uint16_t number) noexcept
{
    return DocIndex(static_cast<std::uint32_t>(creator.value) << 16U | number);
}
[[nodiscard]] constexpr DeviceIndex creatorOf(DocIndex doc) noexcept
{
    return DeviceIndex(static_cast<std::uint16_t>(doc.value >> 16U));
}

} // namespace nlbd::history
