#pragma once

#include <cstddef>
#include <cstdint>

/// Promises of size that concern attachments; the others stand in limits.h.
namespace nlbd::limits {

// Attachments. What is larger, or more, is not fetched; nobody is judged by it.
inline constexpr std::size_t kBlobPieceBytes =
    32 * 1024; ///< 13 ms of a 20 Mbit/s link: what is typed overtakes between two
inline constexpr std::uint64_t kBlobBytesMax =
    1024ULL * 1024 * 1024; ///< who has what stays a bitmap of 4 KiB, a branch of hashes 480 bytes
inline constexpr std::uint32_t kBlobPiecesMax = kBlobBytesMax / kBlobPieceBytes;
inline constexpr std::uint64_t kBlobAutoBytes =
    10 * 1024 * 1024; ///< a photograph comes by itself; a film when somebody wants it
inline constexpr std::uint64_t kBlobAutoBytesPerMember =
    256 * 1024 * 1024; ///< on this disk, unasked, of what one member attached
inline constexpr std::uint64_t kBlobBytesPerMember =
    8ULL * 1024 * 1024 * 1024;                 ///< the same with what was asked for
inline constexpr std::size_t kBlobsMax = 4096; ///< attachments of a workspace that are looked after
inline constexpr int kBlobRetentionDays =
    30; ///< that what no document names any more stays on a disk: time to notice, and to object
inline constexpr std::size_t kBlobsLeavingMax = 16 * 1024; ///< that are kept count of: 640 KiB
inline constexpr std::size_t kBlobsFetchedMax = 8;         ///< at once; the others wait their turn
inline constexpr std::size_t kBlobWindow = 16; ///< pieces asked for and not here, per peer: 512 KiB
inline constexpr std::size_t kBlobWantedMax = 64; ///< pieces that one peer may wait for here
inline constexpr std::size_t kBlobReadsMax = 8;   ///< of these being read from the disk at once
inline constexpr std::size_t kBlobAnswerBytesPerSecond =
    8 * 1024 * 1024; ///< to one peer: beyond what home links carry
inline constexpr std::size_t kBlobAnswerBytesBurst = 1024 * 1024;
inline constexpr std::size_t kBlobNoBytes = 64;       ///< what "not to be had here" counts as
inline constexpr std::size_t kBlobAsksPerSecond = 64; ///< "who has": attachments named by one peer
inline constexpr std::size_t kBlobAsksBurst = kBlobsMax; ///< all of them when it comes

} // namespace nlbd::limits
