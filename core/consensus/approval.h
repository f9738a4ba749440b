#pragma once

#include "core/base/codes.h"
#include "core/identity/configuration.h"
#include "core/identity/signature_scheme.h"

#include <expected>

namespace nlbd::consensus {

enum class Answer : std::uint8_t { No = 0, Yes = 1 };

/// A seat's answer to a proposal. It makes a proposal eligible and decides nothing, hence it may be
/// given to many proposals, taken back by a higher counter, and counts in later epochs too. It
/// names the seat's device: places among the seats change with every epoch, rows of devices never.
struct Approval {
    Hash proposal;
    DeviceIndex device;
    std::uint64_t counter = 0; ///< 1, 2, 3, ... per device and proposal
    Answer answer = Answer::No;
    Epoch untilEpoch; ///< the last epoch in which it counts
    Signature signature;
    friend bool operator==(const Approval &, const Approval &) = default;

    [[nodiscard]] Hash hash() const;    ///< H("rt1.approval", all but the signature)
    [[nodiscard]] Bytes encode() const; ///< 111 bytes
    [[nodiscard]] static std::expected<Approval, Code> decode(ByteView bytes);
};

[[nodiscard]] Approval signApproval(const identity::SignatureScheme &scheme,
                                    const identity::SecretKey &key, const WorkspaceId &workspace,
                                    Approval approval);

/// Errors: E_NOT_MEMBER, E_SIG.
[[nodiscard]] std::expected<void, Code> verify(const Approval &approval,
                                               const identity::Configuration &configuration,
                                               const identity::SignatureScheme &scheme);

/// Whether `a` supersedes `b` of the same device and proposal. Two with one counter are a fault of
/// their signer; the larger hash counts, so that all who hold both agree.
[[nodiscard]] bool supersedes(const Approval &a, const Approval &b);

} // namespace nlbd::consensus
