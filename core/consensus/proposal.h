#pragma once

#include "core/base/codes.h"
#include "core/identity/configuration.h"
#include "core/identity/signature_scheme.h"

#include <expected>
#include <variant>

namespace nlbd::consensus {

// ---- what can be asked for (PROTOCOL C7) ----

/// A new member with a first device; or, for an identity that is a member, one more device, which
/// takes the seat if the member has none.
struct Admit {
    PublicKey identity;
    std::string name;
    PublicKey device;
    Signature certificate; ///< by identity, see identity::certifyDevice()
    identity::Role role = identity::Role::Writer;
    friend bool operator==(const Admit &, const Admit &) = default;
};
struct ChangeRole {
    MemberIndex member;
    identity::Role role = identity::Role::Writer;
    friend bool operator==(const ChangeRole &, const ChangeRole &) = default;
};
struct SetPolicy {
    identity::Policy policy;
    friend bool operator==(const SetPolicy &, const SetPolicy &) = default;
};
/// The author's seat moves to another device; the pen of the old one ends.
struct MoveSeat {
    PublicKey device; ///< new, or one of the author's companions
    Signature certificate;
    friend bool operator==(const MoveSeat &, const MoveSeat &) = default;
};
struct MakeDormant {
    MemberIndex member;
    friend bool operator==(const MakeDormant &, const MakeDormant &) = default;
};
/// The author, dormant so far, is back.
struct Wake {
    friend bool operator==(const Wake &, const Wake &) = default;
};
/// The author goes. Signed by its seat or its identity key: a companion in a thief's hand must not
/// take its owner out of the group.
struct Leave {
    friend bool operator==(const Leave &, const Leave &) = default;
};
struct RemoveMember {
    MemberIndex member;
    std::string reason{}; ///< in the words of who asks; may be empty
    friend bool operator==(const RemoveMember &, const RemoveMember &) = default;
};
struct RemoveDevice {
    DeviceIndex device;
    friend bool operator==(const RemoveDevice &, const RemoveDevice &) = default;
};
/// The pen of a device ends because trust::Evidence proves that it forked its chain or broke a
/// rule.
struct Fence {
    DeviceIndex device;
    Bytes evidence; ///< trust::Evidence, encoded
    friend bool operator==(const Fence &, const Fence &) = default;
};
struct TakeCheckpoint {
    friend bool operator==(const TakeCheckpoint &, const TakeCheckpoint &) = default;
};
struct Rekey {
    friend bool operator==(const Rekey &, const Rekey &) = default;
};
/// From the next workspace key on, what the device is to read is sealed to this key (PROTOCOL C17,
/// KEYCARE). Its own word, or that of its member's identity key; it rides with the next decision.
struct TurnKey {
    DeviceIndex device;
    CareKey key;
    friend bool operator==(const TurnKey &, const TurnKey &) = default;
};

/// In the order in which a decision applies them: whoever is removed stays removed.
using Wish = std::variant<Admit, ChangeRole, SetPolicy, MoveSeat, MakeDormant, Wake, Leave,
                          RemoveMember, RemoveDevice, Fence, TakeCheckpoint, Rekey, TurnKey>;

/// What makes a proposal eligible.
enum class Need : std::uint8_t {
    Approvals, ///< of Q current seats
    Author,    ///< its signature says all
    Evidence,  ///< its evidence holds
};

/// People ask, computers notice.
enum class Origin : std::uint8_t { Person, Computer };

/// Anyone's wish, to all. Names members and devices by their rows, which never change their
/// meaning, so that it outlives the epoch in which it was made.
struct Proposal {
    ByteArray<16> nonce{}; ///< two equal wishes are two proposals
    Epoch lastEpoch;       ///< it can be decided up to this epoch
    MemberIndex author;
    std::optional<DeviceIndex> device; ///< that signs; nothing: the identity key signs
    Wish wish;
    Signature signature;
    friend bool operator==(const Proposal &, const Proposal &) = default;

    /// A member gives up its own device with its identity key alone; others need approvals for it.
    [[nodiscard]] Need need(const identity::Configuration &configuration) const noexcept;
    [[nodiscard]] Origin origin() const noexcept;
    /// On the wire. 1 to 12: its place in Wish; 13: a removal that says why; 14: TurnKey.
    [[nodiscard]] std::uint8_t kind() const noexcept;
    /// False: it is decided along with something else, and ends no epoch for itself.
    [[nodiscard]] bool isReasonToClose() const noexcept
    {
        return !std::holds_alternative<TurnKey>(wish);
    }

    /// H("rt1.proposal", all but the signature): what is signed and what everyone names it by.
    [[nodiscard]] Hash hash() const;
    [[nodiscard]] Bytes encode() const;
    /// Strict, with valid names and policies in their bounds. Errors: E_CANON, E_BOUNDS.
    [[nodiscard]] static std::expected<Proposal, Code> decode(ByteView bytes);
};

inline constexpr std::size_t kPolicyTextBytesMax = 4096;
inline constexpr std::size_t kReasonBytesMax = 512; ///< a sentence or two
/// A proof of two headers takes 2 KiB, of a broken rule up to 17 headers.
inline constexpr std::size_t kFenceEvidenceBytesMax = 32 * 1024;
inline constexpr std::size_t kProposalBytesMax = kFenceEvidenceBytesMax + 256;

/// Signs with the key that `proposal.device` names, or the identity key if it names none.
[[nodiscard]] Proposal signProposal(const identity::SignatureScheme &scheme,
                                    const identity::SecretKey &key, const WorkspaceId &workspace,
                                    Proposal proposal);

/// Signature of the proposal, and certificates in it, under the configuration's tables; the same in
/// every epoch that has the rows. Errors: E_NOT_MEMBER (rows that the tables do not have: an older
/// epoch than the author's), E_SIG; E_STRUCT if a seat is moved by a device: a seat moves when a
/// device is lost or stolen, so the key that sits in no device has to say so; if a new device's
/// key is one that nothing can be sealed to; or if another device turns a care key; E_KEY_OFFER if
/// the care key is one that anybody could open, or is written in another way than the canonical
/// one.
[[nodiscard]] std::expected<void, Code> verify(const Proposal &proposal,
                                               const identity::Configuration &configuration,
                                               const identity::SignatureScheme &scheme);

} // namespace nlbd::consensus
