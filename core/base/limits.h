#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every promise of size in one place (PROTOCOL C4, C9, C18). A limit may delay a record; only the
/// limits of the format itself (kPayload..., kOps..., kDeps...) judge one.
namespace nlbd::limits {

// The format, level 1: larger is E_BOUNDS or E_STRUCT for everybody, for ever.
inline constexpr std::size_t kPayloadBytesMax =
    64 * 1024; ///< nonce and ciphertext; one frame holds four
inline constexpr std::size_t kDecodedBytesMax = 256 * 1024; ///< no small payload may unfold beyond
inline constexpr std::size_t kOpsMax = 4096;                ///< op records in one change
inline constexpr std::size_t kDepsMax = 16;      ///< fan-in; wider merges take two changes
inline constexpr std::size_t kNestingMax = 32;   ///< decoders do not recurse deeper
inline constexpr std::size_t kMembersMax = 128;  ///< every table below is sized by it
inline constexpr std::size_t kCompanionsMax = 5; ///< devices of a member beside its seat
inline constexpr std::size_t kDevicesMax = kMembersMax * (1 + kCompanionsMax); ///< in use at once
inline constexpr std::size_t kDocumentsMax = 65'535;
inline constexpr std::size_t kNameScalarsMax = 64;       ///< a person's or workspace's name
inline constexpr std::size_t kNameBytesMax = 256;        ///< 64 scalars of four bytes
inline constexpr std::size_t kFieldKeyBytesMax = 64;     ///< a map's key
inline constexpr std::size_t kFieldValueBytesMax = 4096; ///< a map's value, a title in practice
inline constexpr std::size_t kObjectDepthMax =
    16; ///< maps and lists in each other: whoever walks them may recurse

// Buffers: beyond them records are forgotten and pulled again.
inline constexpr std::size_t kOrphansPerDevice = 64;
inline constexpr std::size_t kOrphanBytesPerDevice = 512 * 1024;
inline constexpr std::size_t kOrphanBytesMax = 32 * 1024 * 1024;
inline constexpr std::size_t kBranchesMax =
    512; ///< of one forker's chain: beyond, even what honest work stands on waits
inline constexpr std::size_t kEvidenceMax =
    6144; ///< proofs held, one of a kind per accused: every member hostile in every way
inline constexpr std::size_t kRefusalsMax =
    1000; ///< refusals remembered; older ones are counted only

inline constexpr std::size_t kRefusalsPerSenderMax = 200; ///< one flood must not hide others

// Gossip.
inline constexpr std::size_t kFrameBytesMax = 1024 * 1024; ///< ZMQ_MAXMSGSIZE
inline constexpr std::size_t kRangeChangesMax = 256;       ///< changes in one answer
inline constexpr std::size_t kCoverBytesMax =
    256 * 1024; ///< of headers, from an altered signature to the one that makes up for it
inline constexpr std::size_t kRangeBytesMax = 256 * 1024; ///< bytes in one answer
inline constexpr std::size_t kRequestsInFlight = 8;       ///< per peer
inline constexpr std::size_t kPushBytesMax = 4096; ///< larger records are announced, not pushed
inline constexpr std::size_t kEagerPeers = 4;
inline constexpr std::size_t kPullPeers = 3;
inline constexpr std::size_t kFullMeshMax = 12; ///< up to here own edits go to everybody
inline constexpr std::size_t kPeerBytesPerSecond = 1024 * 1024;
inline constexpr std::size_t kPeerBytesBurst = 4 * 1024 * 1024;
inline constexpr std::size_t kAnswerBytesBurst =
    3 * 1024 * 1024; ///< less than the asker's own budget takes at once
inline constexpr std::size_t kAuthorChangesPerSecond = 5; ///< above: pulled, not pushed
inline constexpr std::size_t kAuthorChangesBurst = 50;
inline constexpr std::size_t kPreviewBytesMax = 512; ///< what nobody types before it is signed
inline constexpr std::size_t kPreviewPartsMax = 8; ///< changes on their way at one moment, and more
inline constexpr std::size_t kPreviewPeersMax = 16;    ///< watchers served beyond a full mesh
inline constexpr std::size_t kPresenceBytesMax = 1024; ///< two carets and the longest preview
inline constexpr std::size_t kPresencePerSecond = 150; ///< carets and previews of one sender
inline constexpr std::size_t kPresenceBurst = 300;     ///< what a link holds back and lets go

// Rhythm.
inline constexpr std::chrono::milliseconds kFlushIdle{120}; ///< a pause in typing ends the change
inline constexpr std::chrono::milliseconds kFlushAge{400};  ///< nobody waits longer for a letter
inline constexpr std::size_t kFlushBytes = 2048;
inline constexpr std::chrono::milliseconds kTickActive{1000};
/// What came here is on its way to others as well: only after that is it given to whoever lacks it.
inline constexpr std::chrono::milliseconds kOnItsWay{300};
inline constexpr std::chrono::milliseconds kTickIdle{5000};
inline constexpr std::chrono::milliseconds kAckIntervalMin{500};
inline constexpr std::chrono::milliseconds kAckIntervalMax{5000};
inline constexpr std::chrono::milliseconds kAckIntervalPerSeat{20};
inline constexpr std::chrono::milliseconds kCaretInterval{100};
inline constexpr std::chrono::milliseconds kCaretLife{10'000};
inline constexpr std::chrono::milliseconds kCaretLifeOfMany{60'000};
inline constexpr std::size_t kCaretsOftenMax = 32;               ///< seats; more of them are many
inline constexpr std::chrono::milliseconds kPreviewInterval{10}; ///< no finger is faster
inline constexpr std::chrono::milliseconds kPreviewTail{
    1000};                                             ///< until gossip has brought a change
inline constexpr std::chrono::minutes kClockSlack{10}; ///< shown wall times are clamped to this

// Agreement.
inline constexpr std::uint32_t kRoundMax =
    1'000'000; ///< 19 years of the longest rounds: larger is E_BOUNDS for everybody
inline constexpr std::size_t kPolkasWaitingMax =
    16; ///< polkas whose own reasons are not here yet: beyond, they are asked for again
inline constexpr std::chrono::milliseconds kRoundFirstMin{2500};   ///< a slow home network's tail
inline constexpr std::chrono::milliseconds kRoundFirstMax{30'000}; ///< one bad hour is no rule
inline constexpr std::chrono::milliseconds kRoundMaxWait{600'000}; ///< who comes back waits no more

} // namespace nlbd::limits
