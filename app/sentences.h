#pragma once

#include "app/profile.h"
#include "core/api/lobby.h"
#include "core/store/store.h"
#include "net/mesh_event.h"

namespace nlbd::app {

/// What happened, whether the text is safe, what to do: for terminals.
[[nodiscard]] std::string sentenceOf(const api::LobbyTrouble &trouble);
[[nodiscard]] std::string sentenceOf(const ProfileError &error);
/// Empty if nobody asked the router.
[[nodiscard]] std::string sentenceOf(const net::PortMapped &mapped);

/// What becomes of words that the disk refuses.
enum class Fate : std::uint8_t {
    Kept,   ///< the program goes on, keeps them in memory and tries again
    Gone,   ///< the program was started for one verb and ends now
    Ending, ///< it goes on no longer, and they were typed since
};
[[nodiscard]] std::string sentenceOf(const store::StoreError &error, Fate fate);

} // namespace nlbd::app
