#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// Where in a text something of some changes shows. What stands near to each other is one place.
struct ApartPlaces {
    std::vector<api::ApartPlace> places; ///< up to api::ApartTold::kPlacesMax, in document offsets
    std::size_t count = 0;               ///< of all
};
/// Precondition: no change is open. @complexity linear in letters, ops and changes held.
[[nodiscard]] ApartPlaces apartPlaces(const Engine::State &state, const crdt::Document &document,
                                      const std::set<ChangeHandle> &changes);

} // namespace nlbd::engine
