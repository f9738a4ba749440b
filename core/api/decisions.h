#pragma once

#include "core/base/codes.h"
#include "core/base/ids.h"
#include "core/base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace nlbd::api {

/// The numbers of a workspace's rule (PROTOCOL C7, POLICY): by them computers ask and say yes by
/// themselves. 0: never.
struct Limits {
    std::uint16_t silentDays = 14; ///< without a word, until a seat is counted on without
    std::uint16_t keyDays = 30;    ///< until a new key is asked for
    std::uint32_t checkpointChanges = 5'000;
    std::uint32_t checkpointBytes = 8 * 1024 * 1024;
    bool newcomersReadPast = true;
    friend bool operator==(const Limits &, const Limits &) = default;
};

/// What anybody may ask everybody to decide (PROTOCOL C7). Which fields count follows from `kind`.
struct Wish {
    enum class Kind : std::uint8_t {
        Admit = 1,       ///< identity, name, device key, certificate, isReader
        ChangeRole = 2,  ///< member, isReader
        SetPolicy = 3,   ///< text, limits: all of the rule, what stays as it is included
        MoveSeat = 4,    ///< device key, certificate; asked by the lobby: see GiveSeat, RenewDevice
        MakeDormant = 5, ///< member
        Wake = 6,        ///< nothing: I am back
        Leave = 7,       ///< nothing: I go
        RemoveMember = 8, ///< member, text: why; at most 512 bytes
        RemoveDevice = 9, ///< device
        Fence = 10,       ///< device; computers that hold a proof ask by themselves
        Checkpoint = 11,  ///< asked by computers
        NewKey = 12,
        TurnKey = 14, ///< nothing: this computer draws the key that new keys are sealed to anew
    } kind = Kind::NewKey;
    MemberIndex member; ///< where it is told: also whose seat moves, who wakes, who leaves
    DeviceIndex device; ///< where it is told: also whose key turns
    PublicKey identity;
    PublicKey key;
    Signature certificate;
    std::string name;
    std::string text;
    std::optional<Limits> limits; ///< nothing, where somebody asks: they stay as they are
    bool isReader = false;
    friend bool operator==(const Wish &, const Wish &) = default;
};

/// Signs the wish and tells it to all; answered by ProposalAnswered.
struct Propose {
    std::uint64_t request = 0;
    Wish wish;
};
/// My seat's yes or no to a proposal; a later one takes the place of an earlier.
struct Vote {
    std::uint64_t request = 0;
    Hash proposal;
    bool isYes = false;
};

/// What became of a Propose or Vote here: it was signed and stored, or the code says why not.
struct ProposalAnswered {
    std::uint64_t request = 0;
    Hash proposal;
    std::optional<Code> refused;
};

/// What a number of seats is good for (PROTOCOL C16).
enum class Protection : std::uint8_t {
    OnlyYou,  ///< 1: everything is agreed at once, which says nothing
    Everyone, ///< 2 or 3: nothing is decided without each of them, and no lie is outvoted
    Quorum,   ///< 4 and more: up to a third may be absent or hostile
};
[[nodiscard]] constexpr Protection protectionOf(std::size_t seats) noexcept
{
    return seats <= 1 ? Protection::OnlyYou
        : seats <= 3  ? Protection::Everyone
                      : Protection::Quorum;
}

/// How many would have a seat if this were decided now: what to warn of before somebody asks or
/// votes. Answered by Considered.
struct Consider {
    std::uint64_t request = 0;
    Wish wish;
};
struct Considered {
    std::uint64_t request = 0;
    std::uint16_t seats = 0;
    std::uint16_t seatsAfter = 0;
    friend bool operator==(const Considered &, const Considered &) = default;
};

/// An open proposal.
struct ProposalInfo {
    Hash id;
    Wish wish;
    MemberIndex author;
    std::uint16_t yes = 0;
    std::uint16_t no = 0;
    std::vector<MemberIndex> saidYes; ///< who they are
    std::vector<MemberIndex> saidNo;
    std::uint16_t needed = 0;     ///< quorum; 0: it needs no answers
    std::uint16_t seatsAfter = 0; ///< as Considered has it
    bool isEligible = false;      ///< it will stand in the next decision
    std::optional<bool> mine;     ///< what my seat said
    Epoch lastEpoch;              ///< open until the decision that closes this one
    bool isNoticed = false;       ///< of a kind that computers ask for by themselves
    friend bool operator==(const ProposalInfo &, const ProposalInfo &) = default;
};

/// How an epoch ended.
struct DecisionInfo {
    Epoch closed;
    Hash id;
    std::uint32_t round = 0;
    std::uint16_t signatures = 0;
    std::vector<MemberIndex> signers;
    std::vector<Wish> wishes;
    friend bool operator==(const DecisionInfo &, const DecisionInfo &) = default;
};

/// The decision that closed an epoch, as a file that anyone can check alone (`nlbd-peer
/// verify-decision`). Answered by DecisionRead.
struct ReadDecision {
    Epoch closed;
};
struct DecisionRead {
    Epoch closed;
    Bytes file; ///< empty: this decision is not here, or those that led to it do not fit in a file
};

/// The whole present state: sent on subscribe and whenever it differs.
struct DecisionsChanged {
    Epoch epoch;
    std::vector<ProposalInfo> open;
    std::vector<DecisionInfo> made;     ///< the newest first, at most kDecisionsShown
    std::optional<std::uint32_t> round; ///< an agreement is under way
    bool isMember = true;               ///< I still am one
    std::uint16_t seats = 0;
    std::uint16_t quorum = 0;    ///< of them decide
    std::uint16_t tolerated = 0; ///< of them may be hostile
    std::string rule;            ///< in force
    Limits limits;
    static constexpr std::size_t kDecisionsShown = 64;
    friend bool operator==(const DecisionsChanged &, const DecisionsChanged &) = default;
};

} // namespace nlbd::api
