#pragma once

#include "ui/words.h"

/// The words for what decisions left out of the texts, and for taking back what somebody wrote.
namespace nlbd::ui::words {

/// Rejected changes that were written one after the other into one text.
struct RejectedPart {
    std::vector<Hash> changes;
    DeviceIndex device;
    DocIndex doc;
    WallTime when;
    std::string text; ///< the beginning of it
    bool deletes = false;
    std::uint64_t mine = 0;
    std::uint64_t others = 0;
    std::optional<Epoch> by;
    friend bool operator==(const RejectedPart &, const RejectedPart &) = default;
};
[[nodiscard]] std::vector<RejectedPart> partsOf(const std::vector<api::RejectedInfo> &rejected);

/// Whether a device is one of my person's.
[[nodiscard]] bool isMine(const People &people, DeviceIndex device);

/// "Words of Nikos Petrou were left out"
[[nodiscard]] QString rejectedHead(const RejectedPart &part, const People &people);
/// By which decision; `made` are those that are known here.
[[nodiscard]] QString rejectedBy(const RejectedPart &part, const People &people,
                                 const std::vector<api::DecisionInfo> &made);
/// What stands on it, and that it stays.
[[nodiscard]] QString standsOnIt(const RejectedPart &part);
/// The banner; empty where nothing concerns this person.
[[nodiscard]] QString rejectedBanner(const std::vector<RejectedPart> &parts, const People &people);

/// "88 changes in 2 documents, since 12 Nov 2026, 14:02:10"
[[nodiscard]] QString sitting(const api::Sitting &sitting, bool isAll);
[[nodiscard]] QString changesIn(std::uint64_t changes, std::uint64_t documents);
[[nodiscard]] QString tookBack(const api::TookBack &event);

} // namespace nlbd::ui::words
