#pragma once

#include "core/history/change_codec.h"
#include "core/trust/ack.h"

#include <variant>

namespace nlbd::trust {

/// Two signed headers at one (device, seq).
struct ForkProof {
    history::SignedHeader first; ///< the smaller hash
    history::SignedHeader second;
    friend bool operator==(const ForkProof &, const ForkProof &) = default;
};

/// Two signed acks of one seat that exclude each other, with the frontiers that their roots digest:
/// the same number with two roots, a height that fell, or two heads at one (device, seq).
struct DoubleAckProof {
    Ack first; ///< the smaller (no, root)
    Ack second;
    Frontier firstFrontier;
    Frontier secondFrontier;
    friend bool operator==(const DoubleAckProof &, const DoubleAckProof &) = default;
};

/// One well-signed change that breaks a rule, with the signed headers of its parents, from which
/// E_LAMPORT and E_STRUCT can be recomputed alone. A rule about its content needs the key and the
/// causal past: members check it, others are told so.
struct InvalidProof {
    Code rule = Code::E_LAMPORT;
    history::UnverifiedChange change;
    std::vector<history::SignedHeader>
        parents; ///< all that the change names and no others, by hash
    friend bool operator==(const InvalidProof &, const InvalidProof &) = default;
};

/// A self-contained bundle: anyone can check it alone, and it can never accuse from bytes that the
/// accused did not sign.
struct Evidence {
    std::variant<ForkProof, DoubleAckProof, InvalidProof> proof;
    friend bool operator==(const Evidence &, const Evidence &) = default;

    [[nodiscard]] Code code() const noexcept;
    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static std::expected<Evidence, Code> decode(ByteView bytes);
    [[nodiscard]] Hash id() const; ///< digest of encode(); the same proof found twice is one
};

/// Puts the two records in their canonical order.
[[nodiscard]] Evidence forkEvidence(history::SignedHeader a, history::SignedHeader b);
[[nodiscard]] Evidence doubleAckEvidence(Ack a, Frontier fa, Ack b, Frontier fb);

/// A rule about the header needs no content: it is left out, so that one fault has one proof.
[[nodiscard]] Evidence invalidEvidence(Code rule, history::UnverifiedChange change,
                                       std::vector<history::SignedHeader> parents);

/// What checking found.
struct CheckedEvidence {
    enum class Result : std::uint8_t {
        Holds,
        DoesNotHold,  ///< it proves nothing: whoever made it is at fault
        NeedsHistory, ///< well signed, but the rule can only be checked by a member
    } result = Result::DoesNotHold;
    std::optional<DeviceIndex> accused;
    std::string sentence; ///< for people
};

/// Checks from the bytes and the configuration alone.
[[nodiscard]] CheckedEvidence check(const Evidence &evidence,
                                    const identity::Configuration &configuration,
                                    const identity::SignatureScheme &scheme);

/// If the two acks exclude each other: one number and two roots, something that the later one takes
/// back, or two heads at one place. Acks of different seats or epochs never do.
[[nodiscard]] bool areContradictory(const Ack &a, const Frontier &fa, const Ack &b,
                                    const Frontier &fb);

} // namespace nlbd::trust
