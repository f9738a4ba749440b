#pragma once

#include "core/base/codes.h"
#include "core/base/digest.h"
#include "core/gossip/ack_message.h"
#include "core/gossip/blob_message.h"
#include "core/gossip/control_message.h"
#include "core/gossip/own_word.h"
#include "core/gossip/snapshot_message.h"

#include <expected>
#include <variant>

namespace nlbd::gossip {

/// Frame kinds of a workspace (net's own are below 0x10, the lobby's from 0x70).
enum class Kind : std::uint8_t {
    Push = 0x10,       ///< fresh changes, short form
    Have = 0x11,       ///< places of fresh changes too large to push
    PullRanges = 0x12, ///< ranges of chains by seq
    PullHashes = 0x13, ///< single changes by hash: branches of a fork
    Changes = 0x14,    ///< the answer to both pulls, full form
    Digest = 0x15,     ///< "are we equal?"
    Summary = 0x16,    ///< every chain head: place and eight bytes of hash
    Ack = 0x17,        ///< one; from its own seat it is for others, too, in a large group
    PullAcks = 0x18,   ///< seats whose full frontier is wanted
    AckNumbers = 0x19, ///< the newest ack per seat that the sender holds
    Evidence = 0x1A,
    EvidenceIds = 0x1B, ///< ids held; the receiver sends what is missing there
    Presence = 0x1C,
    ControlSummary = 0x1D, ///< which records about the next decision are held
    ControlRecords = 0x1E, ///< some of them
    PullControl = 0x1F,    ///< some that are named by others, by hash
    PullDecisions = 0x20,  ///< how epochs ended, from one on
    Decisions = 0x21,      ///< the answer
    PullKey = 0x22,        ///< the present workspace key, sealed to who asks
    SealedKey = 0x23,      ///< the answer
    Acks = 0x26,           ///< several, or one that goes no further
    PullSnapshot = 0x24,   ///< of a decided checkpoint, from a byte on
    SnapshotPiece = 0x25,  ///< the answer
    AskBlobs = 0x2A,       ///< which pieces of attachments are held
    BlobsHeld = 0x2B,      ///< the answer
    PullPieces = 0x2C,     ///< some of them
    BlobPiece = 0x2D,      ///< one of them
    AskOwn = 0x28,         ///< "what was my last word?" after a start
    Own = 0x29,            ///< the answer, in the asker's own signatures
};

struct Push {
    std::vector<Bytes> changes; ///< history::encodeShort each
    friend bool operator==(const Push &, const Push &) = default;
};

/// A chain head in 18 bytes or fewer: exact unless somebody grinds 64 bits against himself.
struct HeadPlace {
    DeviceIndex device;
    Seq seq;
    std::uint64_t head = 0; ///< first 8 bytes of the hash
    friend constexpr auto operator<=>(const HeadPlace &, const HeadPlace &) = default;
};
[[nodiscard]] std::uint64_t headPrefix(const Hash &hash) noexcept;

struct Have {
    std::vector<HeadPlace> places;
    friend bool operator==(const Have &, const Have &) = default;
};

/// Changes of one device, first to last, on the chain that leads to `head` (0: the only one).
struct Range {
    DeviceIndex device;
    Seq first;
    Seq last;
    std::uint64_t head = 0;
    friend bool operator==(const Range &, const Range &) = default;
};
struct PullRanges {
    std::uint32_t request = 0;
    std::vector<Range> ranges;
    friend bool operator==(const PullRanges &, const PullRanges &) = default;
};
struct PullHashes {
    std::uint32_t request = 0;
    std::vector<Hash> hashes;
    friend bool operator==(const PullHashes &, const PullHashes &) = default;
};
/// Of an answer, before another frame begins: 7 ms of a cable of 20 Mbit/s.
inline constexpr std::size_t kAnswerFrameBytes = 16 * 1024;

/// One of the frames of an answer, of about kAnswerFrameBytes each, so that what is live overtakes
/// between them. None but the last may be empty.
struct Changes {
    std::uint32_t request = 0;
    bool isLast = true;         ///< no other frame of this answer follows
    std::vector<Bytes> changes; ///< history::encodeFull each; a device's in chain order
    /// In the first frame, if the whole answer does not reach as far as it could: for each range of
    /// the request where to ask on; beyond its last where no more is to be had. So the next request
    /// is under way while this answer still arrives.
    std::vector<Seq> next = {};
    friend bool operator==(const Changes &, const Changes &) = default;
};

/// Compared with three random members again and again (PROTOCOL C18).
struct Digest {
    Epoch epoch;
    Hash decision;
    Hash frontierRoot; ///< over every chain head held
    Hash ackRoot;      ///< over (seat, ack no)
    Hash controlRoot;  ///< over the ids of evidence held
    bool isReply = false;
    friend bool operator==(const Digest &, const Digest &) = default;
};
struct Summary {
    std::vector<HeadPlace> heads; ///< sorted
    bool isReply = false;
    friend bool operator==(const Summary &, const Summary &) = default;
};

struct EvidenceMessage {
    Bytes evidence; ///< trust::Evidence
    friend bool operator==(const EvidenceMessage &, const EvidenceMessage &) = default;
};
struct EvidenceIds {
    std::vector<Hash> ids; ///< sorted
    bool isReply = false;
    friend bool operator==(const EvidenceIds &, const EvidenceIds &) = default;
};

/// A caret (PROTOCOL C19): never stored, signed, counted so that old ones lose.
struct Presence {
    DeviceIndex device;
    std::uint64_t session = 0; ///< drawn at start; a higher counter wins within one session
    std::uint64_t counter = 0;
    bool isPresent = false; ///< false: left the document
    DocIndex doc;
    struct Anchor {
        bool isRoot = true;
        DeviceIndex device;
        Seq seq;
        std::uint32_t index = 0;
        bool isRight = true; ///< of the character
        friend bool operator==(const Anchor &, const Anchor &) = default;
    };
    Anchor caret;
    Anchor other; ///< the far end of the selection
    /// Text that its owner has typed and that others may not hold yet (live typing): drawn, never
    /// merged. One stretch of the document, cut where another change begins.
    struct Preview {
        Seq seq;          ///< of the change that brings it: whoever holds that draws nothing
        Anchor before;    ///< the gap where it stands
        std::string text; ///< all of it utf8::plainStart()
        friend bool operator==(const Preview &, const Preview &) = default;
    };
    std::vector<Preview> preview; ///< in text order; empty if not present
    Signature signature;
    friend bool operator==(const Presence &, const Presence &) = default;

    [[nodiscard]] Hash hash() const; ///< what is signed, domains::kPresence
};

using Message =
    std::variant<Push, Have, PullRanges, PullHashes, Changes, Digest, Summary, AckMessage, Acks,
                 PullAcks, AckNumbers, EvidenceMessage, EvidenceIds, Presence, ControlSummary,
                 ControlRecords, PullControl, PullDecisions, Decisions, PullKey, SealedKey, AskOwn,
                 Own, PullSnapshot, SnapshotPiece, AskBlobs, BlobsHeld, PullPieces, BlobPiece>;

[[nodiscard]] Kind kindOf(const Message &message) noexcept;

/// The body that follows the kind on the wire; drawn byte by byte in this folder's README.
[[nodiscard]] Bytes encode(const Message &message);

/// Strict and canonical. Errors: E_CANON (also for unknown kinds), E_BOUNDS.
[[nodiscard]] std::expected<Message, Code> decode(std::uint8_t kind, ByteView body);

} // namespace nlbd::gossip
