#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace nlbd::api {

/// Something that a removed member or a stopped device wrote and that is not in the texts: no
/// quorum had closed it in (PROTOCOL C15). It is kept because other work stands on it, or because
/// its words are my own person's.
struct RejectedInfo {
    Hash change; ///< names it
    DeviceIndex device;
    std::uint64_t seq = 0;
    DocIndex doc;
    WallTime when;
    std::string text;          ///< what it would have inserted, up to 200 scalars
    bool isCut = false;        ///< there is more of it: see ReadRejected
    bool deletes = false;      ///< it would have deleted something
    std::uint64_t mine = 0;    ///< changes of this device that stand on it
    std::uint64_t others = 0;  ///< both 0: nothing does, and only its words are kept
    std::optional<Epoch> by{}; ///< the decision that closed this epoch ended its device's pen
    friend bool operator==(const RejectedInfo &, const RejectedInfo &) = default;
};
/// All of them, oldest first. Sent on subscribe if there are some, and whenever it differs.
struct RejectedChanged {
    std::vector<RejectedInfo> rejected;
};

/// All the words of some rejected changes of one text, and what stands around their place now.
/// Answered by RejectedRead.
struct ReadRejected {
    std::uint64_t request = 0;
    std::vector<Hash> changes;
};
struct RejectedRead {
    std::uint64_t request = 0;
    std::string text;   ///< in the order of `changes`; empty: they are not known here (any more)
    std::string before; ///< up to kContextScalars before the place of the first
    std::string after;
    bool hasPlace = false; ///< false: what they stood beside is gone too, and `before` is the end
    static constexpr std::size_t kContextScalars = 40;
};

/// Writes the words of rejected changes of one text once more, where they stood or at its end: an
/// edit of my own, which one undo takes back. Answered by WordsPutBack.
struct PutBack {
    std::uint64_t request = 0;
    std::vector<Hash> changes;
};
struct WordsPutBack {
    std::uint64_t request = 0;
    bool isDone = false; ///< false: nothing may be signed here now, or the text is not here
};

/// How much a device wrote, and when, before somebody takes it back. Answered by DeviceReviewed.
struct ReviewDevice {
    std::uint64_t request = 0;
    DeviceIndex device;
};
/// A time of writing without a long pause, by the writer's own clock.
struct Sitting {
    Seq since{1};              ///< its first change: for TakeBack
    WallTime from;             ///< when that was
    std::uint64_t changes = 0; ///< in it and all that is later
    std::uint64_t documents = 0;
    friend bool operator==(const Sitting &, const Sitting &) = default;
};
struct DeviceReviewed {
    std::uint64_t request = 0;
    DeviceIndex device;
    std::vector<Sitting> sittings; ///< the newest first; the last one holds everything
    static constexpr std::size_t kSittingsMax = 12;
    static constexpr Millis kPause{30 * 60'000};
};

/// Takes back what a device wrote from its change number `since` on, in all documents, for a stolen
/// key or a guest who ran wild: edits of mine, which leave alone what others wrote, and which my
/// undo takes back document by document. Answered by TookBack.
struct TakeBack {
    std::uint64_t request = 0;
    DeviceIndex device;
    Seq since{1};
};
/// What a TakeBack did: none if nothing that the device wrote still shows, or nothing may be
/// signed.
struct TookBack {
    std::uint64_t request = 0;
    std::uint64_t documents = 0;
    std::uint64_t changes = 0; ///< signed for it
};

} // namespace nlbd::api
