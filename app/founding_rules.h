#pragma once

#include "core/identity/genesis.h"

/// What a founding's people must be, besides what a genesis record says of itself.
namespace nlbd::app {

/// Device keys in the record's order: whom the key is sealed to.
[[nodiscard]] std::vector<PublicKey> devicesOf(const identity::Genesis &genesis);

/// Nobody stands there twice, by person or by computer.
[[nodiscard]] bool areDistinct(std::vector<identity::Founder> founders);

/// No two names that a reader may take for each other.
[[nodiscard]] bool haveTellingNames(const std::vector<identity::Founder> &founders);

} // namespace nlbd::app
