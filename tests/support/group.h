#pragma once

#include "core/identity/genesis.h"
#include "core/keys/payload_cipher.h"

namespace nlbd::test {

/// A founded workspace with every member's secrets: what tests begin with.
struct FoundedGroup {
    identity::SignedGenesis genesis;
    std::vector<identity::SecretKey> devices; ///< by device index
    keys::WorkspaceKey key;
    identity::Configuration configuration;

    /// `members` people found a workspace together. Keys are drawn from `random`.
    [[nodiscard]] static FoundedGroup
    found(std::size_t members, const identity::SignatureScheme &scheme, Random &random);
};

} // namespace nlbd::test
