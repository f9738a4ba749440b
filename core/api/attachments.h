#pragma once

#include "core/base/bytes.h"
#include "core/base/ids.h"
#include "core/base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace nlbd::api {

/// A file that is attached to a document. What is in it comes by itself if it is small, else when
/// somebody asks for it.
struct AttachmentInfo {
    DocIndex doc;
    Hash blob;             ///< names what is in it: the same in two documents is held once
    std::string name;      ///< harmless: a line, and fit for a folder (core/base/harmless_name.h)
    std::string mediaType; ///< as its author says
    std::uint64_t size = 0;
    DeviceIndex by; ///< who attached it
    WallTime when{};
    enum class State : std::uint8_t {
        Here,
        Fetching,  ///< wanted: `held` of `size` bytes are here, the rest comes from `from`
        Waiting,   ///< wanted, and nobody who has more of it is connected at the moment
        Elsewhere, ///< not on this computer yet; `holders` have it
        Nowhere    ///< not on this computer, and nobody who is connected has it
    } state = State::Elsewhere;
    std::uint64_t held = 0;           ///< bytes that are here
    std::vector<DeviceIndex> holders; ///< connected and known to have all of it; never this one
    std::vector<DeviceIndex> from;    ///< who is being asked for pieces
    enum class Obstacle : std::uint8_t {
        None,
        TooMuchOfMember, ///< so much that this member attached is here already
        DiskRefuses      ///< it is tried again
    } obstacle = Obstacle::None;
    friend bool operator==(const AttachmentInfo &, const AttachmentInfo &) = default;
};
/// All attachments of the workspace, by document and name. Told after subscribing, if there are
/// any, and when it differs; a few times a second at most.
struct AttachmentsChanged {
    std::vector<AttachmentInfo> attachments;
};

/// Attaches a file of this computer: what is in it is copied, sealed. Answered by FileAttached or
/// AttachmentFailed.
struct AttachFile {
    DocIndex doc;
    std::string file; ///< absolute
};
/// Takes it off the document. What is in it goes from this computer's disk a while after no
/// document names it any more (limits::kBlobRetentionDays).
struct DetachFile {
    DocIndex doc;
    Hash blob;
};
/// Fetches what is not here, also after the next start, until it is here or not wanted any more.
struct FetchAttachment {
    Hash blob;
    bool isWanted = true;
};
/// Writes what is in it to a file, in the clear: a new one, or in the place of another. Answered by
/// AttachmentSaved or AttachmentFailed.
struct SaveAttachment {
    DocIndex doc; ///< whose key and name count
    Hash blob;
    std::string file; ///< absolute
};

/// What is in it, in the clear, for a view that shows it: of at most `bytesMax` bytes. Answered by
/// AttachmentRead.
struct ReadAttachment {
    std::uint64_t request = 0;
    DocIndex doc; ///< whose key counts
    Hash blob;
    std::uint64_t bytesMax = 0;
};

struct FileAttached {
    DocIndex doc;
    Hash blob;
    std::string name;
};
struct AttachmentSaved {
    Hash blob;
    std::string file;
};
/// A file is being attached or saved; twice a second at most. Answered at the end by one of the
/// others.
struct FileProgress {
    enum class What : std::uint8_t { Attach, Save } what = What::Attach;
    std::string file;
    std::uint64_t done = 0;
    std::uint64_t size = 0;
};
struct AttachmentFailed {
    enum class What : std::uint8_t { Attach, Save } what = What::Attach;
    enum class Why : std::uint8_t {
        NoSuchFile,  ///< or it may not be read, or is no file
        TooLarge,    ///< limits::kBlobBytesMax
        Changed,     ///< while it was read
        NotHere,     ///< not all of it is on this computer
        Damaged,     ///< what is on the disk is not what was attached; it is fetched again
        DiskRefuses, ///< full, or not writable
        MayNotWrite, ///< here, at the moment
        Busy         ///< too many at once
    } why = Why::NoSuchFile;
    std::string file;
};
struct AttachmentRead {
    std::uint64_t request = 0;
    Hash blob;
    Bytes content;
    std::optional<AttachmentFailed::Why> failure = {}; ///< then there is no content
};

} // namespace nlbd::api
