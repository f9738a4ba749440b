#pragma once

#include <string>

namespace nlbd::api {

// ---- The words that are somebody's key, see core/identity/recovery_words.h ---------------------

/// Answered by RecoveryWordsShown. Whoever sees them is this person, for ever.
struct ShowRecoveryWords {};
struct RecoveryWordsShown {
    std::string words; ///< 12 or 24
};
/// Makes this folder the person's whose words they are: one without a name gets the name and a
/// device key of its own, and is let into each workspace by an invitation, without a vote; a
/// companion of that person gets the person's key. Answered by ProfileChanged.
struct Restore {
    std::string name; ///< of no use on a companion
    std::string words;
};

} // namespace nlbd::api
