#pragma once

#include "app/profile.h"
#include "core/api/lobby.h"
#include "core/store/store.h"

namespace nlbd::app {

/// What happened, whether the text is safe, what to do: for terminals.
[[nodiscard]] std::string sentenceOf(const api::LobbyTrouble &trouble);
[[nodiscard]] std::string sentenceOf(const ProfileError &error);
[[nodiscard]] std::string sentenceOf(const store::StoreError &error);

} // namespace nlbd::app
