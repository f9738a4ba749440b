#pragma once

#include "core/base/ids.h"

#include <cstdint>
#include <vector>

namespace nlbd {
class Reader;
class Writer;
} // namespace nlbd

/// Messages about what is to be decided.
namespace nlbd::gossip {

/// What is to be decided, in records of one epoch: whose answers, reports and votes the sender
/// holds, in about a bit each (PROTOCOL C18). Values and key offers are asked for by hash.
struct ControlSummary {
    Epoch epoch;
    std::uint64_t salt = 0; ///< drawn for this summary; tags are of no use with another
    struct Proposal {
        std::uint64_t id = 0; ///< first 8 bytes of its hash
        bool isHeld = false;  ///< or only answers to it
        struct Answer {
            DeviceIndex device;
            std::uint32_t tag = 0; ///< of the newest that is held, or of the yes that lasts
            friend constexpr auto operator<=>(const Answer &, const Answer &) = default;
        };
        std::vector<Answer> answers; ///< by device, then tag; at most two of one
        friend bool operator==(const Proposal &, const Proposal &) = default;
    };
    std::vector<Proposal> proposals; ///< by id
    Bytes closes;                    ///< a bit per seat, the first lowest; no zero byte at its end
    struct Round {
        std::uint32_t round = 0;
        Bytes proposed; ///< likewise, and below
        Bytes prevoted;
        Bytes precommitted;
        bool hasPolka = false;
        friend bool operator==(const Round &, const Round &) = default;
    };
    std::vector<Round> rounds; ///< ascending
    bool isReply = false;
    friend bool operator==(const ControlSummary &, const ControlSummary &) = default;
};

/// Stands for an answer in a summary. Its counter would not do: a hostile seat gives two answers
/// one counter, and shows each to some; nor would a part of its hash, of which two can be made
/// alike.
[[nodiscard]] std::uint32_t tagOf(const Hash &answer, std::uint64_t salt);

/// What a control record is; the bytes are those of core/consensus.
enum class ControlKind : std::uint8_t {
    Proposal = 1,
    Approval = 2,
    Close = 3,
    Vote = 4,
    Polka = 5,
    Value = 6,
    Offer = 7,
    ShortClose = 8 ///< a report as it travels; whole (3) when it was asked for by its hash
};
struct ControlRecords {
    struct Record {
        ControlKind kind = ControlKind::Proposal;
        Bytes bytes;
        friend bool operator==(const Record &, const Record &) = default;
    };
    std::vector<Record> records;
    friend bool operator==(const ControlRecords &, const ControlRecords &) = default;
};
struct PullControl {
    std::vector<Hash> hashes;
    friend bool operator==(const PullControl &, const PullControl &) = default;
};
struct PullDecisions {
    Epoch from; ///< the first epoch whose end is wanted
    friend bool operator==(const PullDecisions &, const PullDecisions &) = default;
};
struct Decisions {
    std::vector<Bytes> decisions; ///< consensus::Decision, one epoch after the other
    friend bool operator==(const Decisions &, const Decisions &) = default;
};

/// Asks for the present workspace key: its sender was admitted and has none.
struct PullKey {
    friend bool operator==(const PullKey &, const PullKey &) = default;
};
struct SealedKey {
    KeyEpoch keyEpoch;
    Bytes offer; ///< keys::KeyOffer with one box: the receiver's
    friend bool operator==(const SealedKey &, const SealedKey &) = default;
};

void write(Writer &out, const ControlSummary &m);
void write(Writer &out, const ControlRecords &m);
void write(Writer &out, const PullControl &m);
void write(Writer &out, const PullDecisions &m);
void write(Writer &out, const Decisions &m);
void write(Writer &out, const PullKey &m);
void write(Writer &out, const SealedKey &m);

// Each fails the reader for what is not the one encoding of a message.
[[nodiscard]] ControlSummary readControlSummary(Reader &in);
[[nodiscard]] ControlRecords readControlRecords(Reader &in);
[[nodiscard]] PullControl readPullControl(Reader &in);
[[nodiscard]] PullDecisions readPullDecisions(Reader &in);
[[nodiscard]] Decisions readDecisions(Reader &in);
[[nodiscard]] PullKey readPullKey(Reader &in);
[[nodiscard]] SealedKey readSealedKey(Reader &in);

} // namespace nlbd::gossip
